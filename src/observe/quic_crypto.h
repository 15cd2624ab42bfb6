/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic_crypto.h - opens QUIC's Initial packets and puts the pieces of a hello together.
 *
 * An Initial's key follows from its version and the client's first connection id (RFC 9001, 5.2),
 * so that anybody on the path may open it. What opens was sealed by somebody who speaks this
 * version: no other protocol passes for it. The hello inside comes in pieces, in any order, often
 * in more than one packet (RFC 9000, 19.6).
 */
#pragma once

#include "base/aead.h"
#include "base/attr.h"
#include "base/cursor.h"
#include "base/scratch.h"

/* How a version's Initial packets are sealed. */
struct quic_version {
	uint32_t number;
	char name[12];
	uint8_t initial; /* type of an Initial in the header's first byte (RFC 9369, 3.2) */
	bool google;     /* the hello is Google's, not that of TLS */
	uint8_t salt[20];
	const char *key, *iv, *hp; /* labels */
};

/* NULL: not one that is known. */
const struct quic_version *quic_version(uint32_t number) PURE;

struct quic_keys {
	uint8_t key[AES_BLOCK], iv[AES_NONCE], hp[AES_BLOCK];
};

/* The client's keys, from the first connection id that it chose; and the server's, from the same,
 * which has been kept. They cost more than all else about an Initial: 16 rounds of SHA-256 each. */
void quic_client_keys(const struct quic_version *v, struct cur dcid, struct quic_keys *k) NONNULL;
void quic_server_keys(const struct quic_version *v, const uint8_t *id, uint32_t id_len,
                      struct quic_keys *k) NONNULL;

/*
 * Opens a packet; header: from the first byte up to the packet number; sealed: the rest of the
 * packet. The frames are added to `out`. False: not sealed so.
 */
bool quic_open(const struct quic_keys *keys, struct cur header, struct cur sealed,
               struct scratch *out) NONNULL MUST_CHECK;

#define QUIC_HELLO_MAX 4096u

/* Pieces of one hello. */
struct quic_pieces {
	uint32_t whole; /* so many bytes from its start are here */
	uint8_t have[QUIC_HELLO_MAX / 8];
	uint8_t bytes[QUIC_HELLO_MAX];
};

/* What lies beyond QUIC_HELLO_MAX is left out; of bytes that come twice the first count. */
void quic_pieces_add(struct quic_pieces *p, uint64_t offset, struct cur data) NONNULL;
/* The hello alone into `out`, when all of it is here. */
bool quic_pieces_take(const struct quic_pieces *p, struct scratch *out) NONNULL MUST_CHECK;
