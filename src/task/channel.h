/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.h - a bounded queue from many senders to one receiver.
 *
 * It is the only thing tasks share. Each sender owns a lane: a byte ring with one writer and one
 * reader, so that nobody waits for a lock and the order of a sender's items is kept. An item is
 * a header and `len` bytes, contiguous, 8-aligned, built in place: reserve, fill, commit. What is
 * committed becomes visible, and the receiver is woken, at a flush: one wake per batch.
 *
 * A channel closes when its last sender leaves; it still drains, then says ENDED, and that is how a
 * task learns to end. When the receiver leaves first, senders are told CLOSED: finish, no error.
 *
 * sent = received + in the lanes, and refused items are counted as dropped: exactly, always.
 *
 * Marks (an interval boundary of time) travel in line with the items of each lane and are never
 * dropped: on a BLOCK channel they wait for room like items; on a DROP channel what finds no room
 * waits in the sender and goes before its next item, at its next flush, or as the lane's last when
 * it closes; of several that wait the latest stays.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel;
struct sender;

enum policy { BLOCK, DROP };
enum sent { SENT, FULL, CLOSED };
enum received { ITEM, MARK, NO_ITEM, ENDED };

/* A sign that travels through all channels at an interval boundary. */
struct mark {
	uint64_t time_ns;  /* the boundary, ns since 1970 */
	uint64_t interval; /* its number, rising from 1 */
};

/* What was received: valid until the next channel_receive of this channel. */
struct item {
	const void *bytes; /* 8-aligned */
	uint32_t len;
	uint32_t sender;  /* which lane it came from: 0..senders-1 */
	struct mark mark; /* when MARK */
};

struct channel_counts {
	uint64_t sent, received, dropped; /* items */
	uint64_t fill, size;              /* bytes now in the lanes, and room in all */
	uint64_t wakes;
};

/* bytes: the room of each lane, rounded up to a power of two. NULL when memory is out. */
struct channel *channel_new(const char *name, size_t bytes, enum policy policy,
                            unsigned senders) MUST_CHECK NONNULL;
/* Once all its tasks were joined. */
void channel_free(struct channel *c);
const char *channel_name(const struct channel *c) NONNULL;

/*
 * Before the tasks start: the receiver gets a mark once, when it has come from every sender still
 * there; what a faster sender put behind it waits in its lane until then. So what is received
 * between two marks does not depend on who was faster. All senders must send the same marks. For
 * BLOCK channels: on a DROP one a mark may be overtaken by the next.
 */
void channel_align(struct channel *c) NONNULL;

/* The lane i: taken by one task at start, closed by it at its end. */
struct sender *channel_sender(struct channel *c, unsigned i) MUST_CHECK NONNULL;

/*
 * Room for an item of len bytes (at most a quarter of the lane). SENT: *room is where to build it,
 * then channel_commit; a reserve that is not committed is forgotten by the next call. FULL: (DROP)
 * no room, counted as dropped, and logged at most once a minute. CLOSED: the receiver left, nothing
 * is counted. A BLOCK channel flushes and waits instead of saying FULL.
 */
enum sent channel_reserve(struct sender *s, uint32_t len, void **room) MUST_CHECK NONNULL;
void channel_commit(struct sender *s) NONNULL;
/*
 * Makes all that was committed visible and wakes the receiver if it sleeps. Happens by itself when
 * a sixteenth of the lane (64 KiB at least) or 1024 items are waiting for it: the sender calls it when it has nothing more at hand.
 */
void channel_flush(struct sender *s) NONNULL;
/* Puts a mark behind what was committed, and flushes. */
void channel_mark(struct sender *s, const struct mark *mark) NONNULL;
/* Flushes (a waiting mark too) and leaves. Never waits for a DROP channel's receiver. */
void channel_close(struct sender *s) NONNULL;

/*
 * The next item or mark of any lane; gives back the one received before. Waits up to timeout_ms
 * (-1: for ever, 0: not at all); NO_ITEM: the time is over. ENDED: closed and drained.
 */
enum received channel_receive(struct channel *c, struct item *item,
                              int timeout_ms) MUST_CHECK NONNULL;
/*
 * The item behind the one received, where it has been seen already: to ask memory for what it will
 * need while the first is worked on. NULL: nothing was seen, or no item.
 */
const void *channel_ahead(const struct channel *c) MUST_CHECK NONNULL;
/* The receiver leaves: senders are woken and told CLOSED from now on. */
void channel_leave(struct channel *c) NONNULL;

/* A snapshot, from any thread. */
struct channel_counts channel_count(const struct channel *c) NONNULL;
