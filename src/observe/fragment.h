/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fragment.h - datagrams whose fragments are still arriving: a table of fixed size.
 *
 * A datagram is keyed by tunnel, the addresses in order, identification and (IPv4) protocol. Its
 * bytes are gathered at their offsets in a buffer of its own. A fragment that comes more than 30 s
 * of packet time after the first starts anew (RFC 791 says 15 s, RFC 8200 60 s); an overlap that is
 * no plain repetition refuses the whole datagram (RFC 5722); when there is no room the oldest is
 * given up. All of it is counted.
 *
 * The bytes of a whole datagram are lent until the next frame, also to what is found inside it.
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATAGRAM_MAX = 65536, PIECES_MAX = 64 };

/* Bytes [from, to) of a datagram. */
struct span {
	uint32_t from, to;
};

struct datagram {
	uint64_t digest; /* 0: free */
	uint64_t first_ns;
	uint64_t lent_frame; /* when lent: in which frame */
	uint32_t total;      /* 0: the last fragment is not yet here */
	uint32_t have;
	uint16_t piece_count;
	uint8_t protocol; /* of the first fragment */
	bool refused, lent;
	struct span pieces[PIECES_MAX];
};

struct fragments {
	struct datagram *list;
	uint8_t *bytes; /* DATAGRAM_MAX of each */
	unsigned room;
};

/* Bytes of arena that fragments_init takes; 0 stands for the default. */
size_t fragments_budget(size_t bytes);
bool fragments_init(struct fragments *f, struct arena *arena, size_t bytes) NONNULL MUST_CHECK;
