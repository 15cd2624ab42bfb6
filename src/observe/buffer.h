/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buffer.h - bytes of one direction of a stream that cannot be read yet: out of order, or of a
 * message that is not whole.
 *
 * Since only the first bytes of a direction are ever offered (16 KiB, 64 KiB at most), a buffer is
 * just those bytes at their offsets. Three kinds of bytes lie in it: what was read elsewhere before
 * the buffer was taken [0, kept_from), what is here without a hole [kept_from, have), and at most
 * eight ranges behind holes. The first copy of a byte wins; a second that differs is noticed.
 *
 * Nothing here knows flows or observers: stream.c owns the buffers and says who holds one.
 */
#pragma once

#include "base/arena.h"
#include "observe/packet.h"

enum { RANGES_MAX = 8, BUFFER_ROOM = 64 * 1024 };

/* Bytes [from, to) that wait for the hole before them. */
struct range {
	uint32_t from, to;
};

struct buffer {
	struct packet last; /* the latest that added bytes, without its own: of it facts are told */
	uint32_t flow;      /* who holds it: flow number + 1, 0: nobody */
	uint32_t next_free;
	uint32_t kept_from;
	uint32_t range_count;
	struct range ranges[RANGES_MAX]; /* sorted, apart from each other, behind have */
	uint8_t side;
	uint8_t bytes[BUFFER_ROOM];
};

struct buffers {
	struct buffer *list;
	uint32_t room, used, free; /* free: number + 1 of the first, 0: none */
	uint32_t hand;             /* where the search for the one to give up goes on */
};

size_t buffers_budget(size_t bytes);
bool buffers_init(struct buffers *b, struct arena *arena, size_t bytes) NONNULL MUST_CHECK;

/* An empty buffer for a direction that has read `have` bytes; NULL: all are held. */
struct buffer *buffer_take(struct buffers *b, uint32_t have) NONNULL MUST_CHECK;
void buffer_give(struct buffers *b, struct buffer *buffer) NONNULL;
/*
 * When all are held: of a few, the one that was added to longest ago. The next call looks at the
 * next few.
 */
struct buffer *buffer_stale(struct buffers *b) NONNULL;

enum stored { STORED, STORED_BUT_DIFFERS, TOO_TORN };

/*
 * Puts [offset, offset + len) down, offset + len <= BUFFER_ROOM, and lets *have grow over all that
 * now joins it. TOO_TORN: a ninth range would be needed; nothing was kept.
 */
enum stored buffer_store(struct buffer *b, uint32_t *have, uint32_t offset, const uint8_t *bytes,
                         uint32_t len) NONNULL MUST_CHECK;
