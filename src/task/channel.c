/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.c - lanes of bytes between one writer and one reader each.
 *
 * A lane is a ring of a power of two bytes and two positions that only rise: `tail`, up to which
 * the sender has published whole entries, and `head`, up to which the receiver has given them
 * back. An entry is a header of 8 bytes and its body. One that would cross the ring's end goes to
 * its start, after an entry that is skipped. Each side works on its own copies of both positions
 * and touches the shared ones once a batch: that is why a send costs a few ns.
 *
 * What makes it right, each of them tried by a model (tests/models) or by a seeded bug
 * (tools/seeded-threads):
 *
 *  1. A position is stored with release after the bytes before it, and loaded with acquire. A
 *     reader that sees the position sees the bytes; a writer that sees room may write there.
 *
 *  2. Sleeping is decided on one word (futex.h): the receiver's is `sleep`, one for the channel; a
 *     blocked sender's is `room`, one for its lane. Who goes to sleep says so in the word and looks
 *     once more; who made a change wakes after the change.
 *
 *  3. The receiver asks a lane whether it is closed before it asks whether it is empty. The other
 *     way round an item sent, and the lane closed, between the two questions would be lost.
 *
 *  4. A receiver gives back what it took in steps of a sixteenth of the lane, and all of it
 *     before it turns from a drained lane. So nothing that a blocked sender waits for is held by
 *     a receiver that sleeps.
 */
#include "task/channel.h"

#include "base/log.h"
#include "base/probe.h"
#include "task/futex.h"

#include <assert.h>
#include <inttypes.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* SEED_RELAXED and SEED_EMPTY_FIRST break rules 1 and 3: the tests must notice. */
#if defined(SEED_RELAXED)
#define PUBLISH memory_order_relaxed
#else
#define PUBLISH memory_order_release
#endif

#define CACHE_LINE 64
#define LANE_MIN 256u
#define BATCH_PART 16u          /* published by itself when this part of the lane waits, */
#define BATCH_LEAST (64u << 10) /* but so much at least, */
#define BATCH_ITEMS 1024u       /* or so many */
#define AHEAD_LINES 6           /* of an item are asked for before it is received */
#define CHANNEL_NAME 32

enum kind { ENTRY_ITEM, ENTRY_MARK, ENTRY_SKIP };

struct entry {
	uint32_t len; /* bytes of the body, which is filled up to a multiple of 8 */
	uint32_t kind;
};

/* The writer's side. The receiver reads `mark` and `mark_waits` once the lane is closed. */
struct sender {
	struct lane *lane;
	uint64_t tail;      /* where the next entry goes */
	uint64_t published; /* what lane->tail is */
	uint64_t head_seen; /* what lane->head was, or less than it is */
	uint64_t sent, dropped;
	uint32_t waiting;  /* items committed and not published */
	uint32_t reserved; /* the bytes of the entry being built; 0: none */
	bool closed;
	bool mark_waits;
	struct mark mark;
};

/* The reader's side. */
struct reader {
	uint64_t head;      /* the next entry */
	uint64_t given;     /* what lane->head is */
	uint64_t tail_seen; /* what lane->tail was, or less than it is */
	uint64_t held;      /* bytes of the entry that the receiver looks at */
	bool at_mark; /* aligned: gives nothing before all others have come to the same mark */
	bool ended;
};

/* Each side's words on cache lines of their own. */
struct lane {
	struct channel *channel;
	uint8_t *ring;
	uint64_t size;
	uint64_t batch; /* bytes after which the sender publishes by itself */

	alignas(CACHE_LINE) struct sender sender;

	alignas(CACHE_LINE) _Atomic(uint64_t) tail; /* written by the sender */
	_Atomic(uint64_t) sent, dropped;
	_Atomic(bool) closed;

	alignas(CACHE_LINE) struct reader reader;

	alignas(CACHE_LINE) _Atomic(uint64_t) head; /* written by the receiver */
	_Atomic(uint32_t) room;
};

struct channel {
	char name[CHANNEL_NAME];
	enum policy policy;
	unsigned senders;
	struct lane *lanes;
	_Atomic(bool) left;
	struct log_limit full;

	alignas(CACHE_LINE) _Atomic(uint32_t) sleep;
	_Atomic(uint64_t) wakes;

	alignas(CACHE_LINE) _Atomic(uint64_t) received; /* from here on the receiver's */
	unsigned at;                                    /* the lane it is in */
	unsigned open;                                  /* lanes not ended */
	bool aligned;
	unsigned at_mark; /* lanes that wait at a mark, */
	struct mark mark; /* this one */
};

static uint32_t entry_bytes(uint32_t len)
{
	return (uint32_t)sizeof(struct entry) + ((len + 7) & ~UINT32_C(7));
}

static struct entry *lane_entry(const struct lane *l, uint64_t at)
{
	return (struct entry *)(void *)(l->ring + (at & (l->size - 1)));
}

static bool lane_init(struct lane *l, struct channel *c, size_t size)
{
	void *const ring = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (ring == MAP_FAILED)
		return false;
	l->channel = c;
	l->ring = ring;
	l->size = size;
	l->batch = size / BATCH_PART > BATCH_LEAST ? size / BATCH_PART : BATCH_LEAST;
	l->sender.lane = l;
	return true;
}

static void *zeroed_lines(size_t bytes)
{
	void *const p = aligned_alloc(CACHE_LINE, bytes);

	if (p != NULL)
		memset(p, 0, bytes);
	return p;
}

struct channel *channel_new(const char *name, size_t bytes, enum policy policy, unsigned senders)
{
	size_t size = LANE_MIN;

	assert(bytes <= (size_t)1 << 31 && senders > 0);
	while (size < bytes)
		size *= 2;
	struct channel *const c = zeroed_lines(sizeof *c);
	if (c == NULL)
		return NULL;
	c->lanes = zeroed_lines(senders * sizeof *c->lanes);
	strncpy(c->name, name, sizeof c->name - 1);
	c->policy = policy;
	c->open = senders;
	for (; c->lanes != NULL && c->senders < senders; c->senders++)
		if (!lane_init(&c->lanes[c->senders], c, size))
			break;
	if (c->senders == senders)
		return c;
	channel_free(c);
	return NULL;
}

void channel_free(struct channel *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; c->lanes != NULL && i < c->senders; i++)
		munmap(c->lanes[i].ring, c->lanes[i].size);
	free(c->lanes);
	free(c);
}

const char *channel_name(const struct channel *c)
{
	return c->name;
}

struct sender *channel_sender(struct channel *c, unsigned i)
{
	assert(i < c->senders);
	return &c->lanes[i].sender;
}

/* ---- the sender ---- */

static bool channel_is_left(const struct channel *c)
{
	return atomic_load_explicit(&c->left, memory_order_acquire);
}

static void channel_wake(struct channel *c)
{
	if (futex_wake(&c->sleep))
		atomic_fetch_add_explicit(&c->wakes, 1, memory_order_relaxed);
}

static void sender_publish(struct sender *s)
{
	struct lane *const l = s->lane;

	if (s->tail == s->published)
		return;
	atomic_store_explicit(&l->sent, s->sent, memory_order_relaxed);
	atomic_store_explicit(&l->tail, s->tail, PUBLISH);
	s->published = s->tail;
	s->waiting = 0;
	channel_wake(l->channel);
}

/* Is there room for an entry, and for what is skipped where it does not fit before the end? */
static ALWAYS_INLINE bool sender_has_room(struct sender *s, uint32_t bytes)
{
	struct lane *const l = s->lane;
	const uint64_t before_end = l->size - (s->tail & (l->size - 1));
	const uint64_t need = bytes <= before_end ? bytes : before_end + bytes;

	if (LIKELY(s->tail + need - s->head_seen <= l->size))
		return true;
	s->head_seen = atomic_load_explicit(&l->head, memory_order_acquire);
	return s->tail + need - s->head_seen <= l->size;
}

/* Sleeps until there is room, or nobody to make it. */
static COLD void sender_wait(struct sender *s, uint32_t bytes)
{
	struct lane *const l = s->lane;

	while (!channel_is_left(l->channel) && !sender_has_room(s, bytes)) {
		futex_lie_down(&l->room);
		if (channel_is_left(l->channel) || sender_has_room(s, bytes))
			return;
		futex_sleep(&l->room, NULL);
	}
}

static enum sent sender_make_room(struct sender *s, uint32_t bytes)
{
	if (LIKELY(sender_has_room(s, bytes)))
		return SENT;
	sender_publish(s);
	if (s->lane->channel->policy == DROP)
		return FULL;
	sender_wait(s, bytes);
	return channel_is_left(s->lane->channel) ? CLOSED : SENT;
}

/* Writes an entry's header where there is room for it; returns its body. */
static ALWAYS_INLINE void *sender_place(struct sender *s, enum kind kind, uint32_t len)
{
	const struct lane *const l = s->lane;
	const uint64_t before_end = l->size - (s->tail & (l->size - 1));

	if (entry_bytes(len) > before_end) {
		const uint32_t skipped = (uint32_t)(before_end - sizeof(struct entry));
		*lane_entry(l, s->tail) = (struct entry){skipped, ENTRY_SKIP};
		s->tail += before_end;
	}
	struct entry *const e = lane_entry(l, s->tail);
	*e = (struct entry){len, kind};
	return e + 1;
}

/* Puts the mark that waits into the lane. Where it cannot it goes on waiting. */
static enum sent sender_put_mark(struct sender *s)
{
	const uint32_t len = sizeof s->mark;
	const enum sent sent = sender_make_room(s, entry_bytes(len));

	if (sent != SENT)
		return sent;
	memcpy(sender_place(s, ENTRY_MARK, len), &s->mark, len);
	s->tail += entry_bytes(len);
	s->mark_waits = false;
	return SENT;
}

static COLD enum sent sender_drop(struct sender *s)
{
	struct channel *const c = s->lane->channel;

	s->dropped += 1;
	PROBE2(dropped, PROBE_POINTER(c->name), s->dropped);
	atomic_store_explicit(&s->lane->dropped, s->dropped, memory_order_relaxed);
	log_once_a_minute(&c->full,
	                  "channel %s is full: %" PRIu64 " items of sender %u dropped so far",
	                  c->name, s->dropped, (unsigned)(s->lane - c->lanes));
	return FULL;
}

enum sent channel_reserve(struct sender *s, uint32_t len, void **room)
{
	assert(!s->closed && len <= s->lane->size / 4);
	s->reserved = 0;
	if (UNLIKELY(channel_is_left(s->lane->channel)))
		return CLOSED;
	enum sent sent = UNLIKELY(s->mark_waits) ? sender_put_mark(s) : SENT;
	if (sent == SENT)
		sent = sender_make_room(s, entry_bytes(len));
	if (UNLIKELY(sent != SENT))
		return sent == FULL ? sender_drop(s) : sent;
	*room = sender_place(s, ENTRY_ITEM, len);
	s->reserved = entry_bytes(len);
	return SENT;
}

void channel_commit(struct sender *s)
{
	assert(s->reserved > 0);
	s->tail += s->reserved;
	s->reserved = 0;
	s->sent += 1;
	s->waiting += 1;
	if (s->waiting >= BATCH_ITEMS || s->tail - s->published >= s->lane->batch)
		sender_publish(s);
}

void channel_flush(struct sender *s)
{
	if (s->mark_waits && !channel_is_left(s->lane->channel))
		(void)sender_put_mark(s);
	sender_publish(s);
}

void channel_mark(struct sender *s, const struct mark *mark)
{
	assert(!s->closed);
	s->reserved = 0;
	s->mark = *mark;
	s->mark_waits = true;
	channel_flush(s);
}

/* A mark that still waits stays in the sender: closing lets the receiver read it there. */
void channel_close(struct sender *s)
{
	struct lane *const l = s->lane;

	assert(!s->closed);
	s->reserved = 0;
	channel_flush(s);
	s->closed = true;
	atomic_store_explicit(&l->closed, true, memory_order_release);
	channel_wake(l->channel);
}

/* ---- the receiver ---- */

/* Gives back what was taken, and wakes a blocked sender when at least half of the lane is free. */
static void lane_give(struct lane *l)
{
	struct reader *const r = &l->reader;

	if (r->given == r->head)
		return;
	r->given = r->head;
	atomic_store_explicit(&l->head, r->head, PUBLISH);
	if (l->channel->policy == BLOCK && r->tail_seen - r->head <= l->size / 2)
		(void)futex_wake(&l->room);
}

/* Was it closed? Asked before `tail_seen` is looked up: what was sent before closing is seen. */
static bool lane_look(struct lane *l)
{
#if defined(SEED_EMPTY_FIRST) /* and time for something to come in between */
	l->reader.tail_seen = atomic_load_explicit(&l->tail, memory_order_acquire);
	sched_yield();
	return atomic_load_explicit(&l->closed, memory_order_acquire);
#else
	const bool closed = atomic_load_explicit(&l->closed, memory_order_acquire);

	l->reader.tail_seen = atomic_load_explicit(&l->tail, memory_order_acquire);
	return closed;
#endif
}

/* The next entry of those seen; NO_ITEM, and all given back, when there is none. */
static ALWAYS_INLINE enum received lane_take(struct lane *l, struct item *item)
{
	struct reader *const r = &l->reader;

	while (r->head != r->tail_seen) {
		const struct entry *const e = lane_entry(l, r->head);
		if (e->kind == ENTRY_SKIP) {
			r->head += entry_bytes(e->len);
			continue;
		}
		r->held = entry_bytes(e->len);
		item->sender = (uint32_t)(l - l->channel->lanes);
		item->bytes = e + 1;
		item->len = e->len;
		if (e->kind == ENTRY_ITEM)
			return ITEM;
		memcpy(&item->mark, e + 1, sizeof item->mark);
		return MARK;
	}
	lane_give(l);
	return NO_ITEM;
}

/* Looks for new entries; ends the lane when there is none and it was closed. */
static enum received lane_visit(struct lane *l, struct item *item)
{
	struct reader *const r = &l->reader;

	if (r->ended)
		return NO_ITEM;
	const bool closed = lane_look(l);
	const enum received got = lane_take(l, item);
	if (got != NO_ITEM || !closed)
		return got;
	r->ended = true;
	l->channel->open -= 1;
	if (!l->sender.mark_waits)
		return NO_ITEM;
	*item = (struct item){.sender = (uint32_t)(l - l->channel->lanes), .mark = l->sender.mark};
	return MARK;
}

/* Gives back the entry received before. */
static void channel_give_back(struct channel *c)
{
	struct lane *const l = &c->lanes[c->at];
	struct reader *const r = &l->reader;

	r->head += r->held;
	r->held = 0;
	if (r->head - r->given >= l->size / 16)
		lane_give(l);
}

/* Goes round: a lane gives all that was seen in it, then the next one has its turn. */
static enum received channel_turn(struct channel *c, struct item *item)
{
	struct lane *l = &c->lanes[c->at];
	enum received got = l->reader.at_mark ? NO_ITEM : lane_take(l, item);

	for (unsigned i = 0; got == NO_ITEM && i < c->senders; i++) {
		c->at = c->at + 1 < c->senders ? c->at + 1 : 0;
		l = &c->lanes[c->at];
		got = l->reader.at_mark ? NO_ITEM : lane_visit(l, item);
	}
	return got;
}

/* A lane has come to a mark: it waits there. True when it was the last one, and all go on. */
static bool channel_meet(struct channel *c, enum received got, const struct item *item)
{
	if (got == MARK) {
		c->mark = item->mark;
		c->lanes[c->at].reader.at_mark = true;
		c->at_mark += 1;
		channel_give_back(c);
		lane_give(&c->lanes[c->at]);
	}
	if (c->at_mark == 0 || c->at_mark < c->open)
		return false;
	for (unsigned i = 0; i < c->senders; i++)
		c->lanes[i].reader.at_mark = false;
	c->at_mark = 0;
	return true;
}

static enum received channel_next(struct channel *c, struct item *item)
{
	enum received got = channel_turn(c, item);

	while (c->aligned && got != ITEM) {
		if (channel_meet(c, got, item)) {
			*item = (struct item){.mark = c->mark};
			return MARK;
		}
		if (got != MARK)
			break;
		got = channel_turn(c, item);
	}
	if (got == ITEM) {
		const uint64_t n = atomic_load_explicit(&c->received, memory_order_relaxed);
		atomic_store_explicit(&c->received, n + 1, memory_order_release);
	}
	return got == NO_ITEM && c->open == 0 ? ENDED : got;
}

/* Is there an entry or an end that was not seen yet? */
static bool channel_is_ready(const struct channel *c)
{
	for (unsigned i = 0; i < c->senders; i++) {
		const struct lane *const l = &c->lanes[i];
		if (l->reader.ended || l->reader.at_mark)
			continue;
		if (atomic_load_explicit(&l->closed, memory_order_acquire) ||
		    atomic_load_explicit(&l->tail, memory_order_acquire) != l->reader.head)
			return true;
	}
	return false;
}

/* Sleeps until something may be ready; false when the time is over. */
static bool channel_sleep(struct channel *c, const struct timespec *deadline)
{
	bool in_time = true;

	futex_lie_down(&c->sleep);
	if (!channel_is_ready(c))
		in_time = futex_sleep(&c->sleep, deadline);
	atomic_exchange_explicit(&c->sleep, AWAKE, memory_order_acq_rel);
	return in_time;
}

static struct timespec monotonic_in(int timeout_ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += timeout_ms / 1000;
	t.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_sec += 1;
		t.tv_nsec -= 1000000000L;
	}
	return t;
}

enum received channel_receive(struct channel *c, struct item *item, int timeout_ms)
{
	assert(!channel_is_left(c));
	channel_give_back(c);
	enum received got = channel_next(c, item);
	if (got != NO_ITEM || timeout_ms == 0)
		return got;
	const struct timespec deadline = monotonic_in(timeout_ms);
	for (bool in_time = true; in_time && got == NO_ITEM; got = channel_next(c, item))
		in_time = channel_sleep(c, timeout_ms < 0 ? NULL : &deadline);
	return got;
}

/* Of the entry at this position, if it was seen, the first bytes are asked for: another wrote them. */
static void lane_foresee(const struct lane *l, uint64_t at)
{
	const uint8_t *const bytes = (const uint8_t *)lane_entry(l, at);

	for (unsigned line = 0; at != l->reader.tail_seen && line < AHEAD_LINES; line++)
		PREFETCH(bytes + line * CACHE_LINE);
}

const void *channel_ahead(const struct channel *c)
{
	const struct lane *const l = &c->lanes[c->at];
	const uint64_t at = l->reader.head + l->reader.held;

	if (at == l->reader.tail_seen)
		return NULL;
	const struct entry *const e = lane_entry(l, at);
	lane_foresee(l, at + entry_bytes(e->len));
	return e->kind == ENTRY_ITEM ? e + 1 : NULL;
}

void channel_align(struct channel *c)
{
	c->aligned = true;
}

void channel_leave(struct channel *c)
{
	atomic_store_explicit(&c->left, true, memory_order_release);
	for (unsigned i = 0; i < c->senders; i++)
		(void)futex_wake(&c->lanes[i].room);
}

/*
 * What is behind is read first, so that received <= sent and no fill is negative. Between the
 * two positions of a lane a whole lane may have passed: then it is called full.
 */
struct channel_counts channel_count(const struct channel *c)
{
	struct channel_counts n = {
		.received = atomic_load_explicit(&c->received, memory_order_acquire),
		.wakes = atomic_load_explicit(&c->wakes, memory_order_relaxed),
	};

	for (unsigned i = 0; i < c->senders; i++) {
		const struct lane *const l = &c->lanes[i];
		const uint64_t head = atomic_load_explicit(&l->head, memory_order_acquire);
		const uint64_t fill = atomic_load_explicit(&l->tail, memory_order_acquire) - head;
		n.fill += fill < l->size ? fill : l->size;
		n.sent += atomic_load_explicit(&l->sent, memory_order_relaxed);
		n.dropped += atomic_load_explicit(&l->dropped, memory_order_relaxed);
		n.size += l->size;
	}
	return n;
}
