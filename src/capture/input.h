/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h - the bytes of a file, a pipe or stdin, uncompressed as they come.
 *
 * Whether they are gzip or zstd is seen from their first bytes, never from a name. Everything is
 * streamed through memory taken by input_init: a bomb costs time and nothing else. A zstd window
 * above 32 MiB (made by zstd --long or --ultra -21 and -22 only) is refused.
 */
#pragma once

#include "base/attr.h"

#include <zlib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum coding { CODING_UNKNOWN, CODING_PLAIN, CODING_GZIP, CODING_ZSTD };
enum got { GOT_BYTES, GOT_IDLE, GOT_END, GOT_BROKEN };

struct input {
	int fd;      /* owned */
	bool waits;  /* no regular file: reading may have to wait for its writer */
	bool ended;  /* the descriptor has no more */
	bool within; /* inside a gzip member or a zstd frame */
	bool cut;    /* broken because something is missing, not because something is wrong */
	enum coding coding;
	uint64_t read; /* bytes taken from the descriptor */
	uint64_t size; /* bytes it has in all; 0 when nobody knows */
	char why[128]; /* what broke; "" while nothing did */

	uint8_t *memory; /* one mapping, cut into the following */
	uint8_t *raw;    /* compressed bytes [raw_at,raw_end) */
	size_t raw_at, raw_end;
	uint8_t *arena; /* zlib's, handed out from its front */
	size_t arena_used;
	z_stream gzip;
	void *zstd; /* a ZSTD_DStream, in memory of ours as well */
};

/* Takes the descriptor over, also when it fails: 0 or -errno. Reads nothing. */
int input_init(struct input *in, int fd) MUST_CHECK NONNULL;
/*
 * 1..room bytes to dst. IDLE: none came within timeout_ms (-1 waits for ever). END: that was all.
 * BROKEN: see `why` and `cut`; whatever came before was given.
 */
enum got input_read(struct input *in, uint8_t *dst, size_t room, size_t *count,
                    int timeout_ms) MUST_CHECK NONNULL;
void input_fini(struct input *in) NONNULL;
