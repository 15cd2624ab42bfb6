/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lend.c - see lend.h. Two counts and a turn: how many blocks were filled, of each block how many
 * readers still have it, and who fills.
 *
 * What makes it right (tests/models/lend.pml tries every order of steps, and seeded bugs):
 *
 *  1. `filled` is raised with release after the block was written, and read with acquire: who sees
 *     the count sees the block. `left` is lowered with release after the block was read, and read with
 *     acquire before it is filled again: nobody's last look comes after the next one's first byte.
 *
 *  2. `ended` is set after the last block was counted, and asked before the count. The other way
 *     round a reader would end with that block unread.
 *
 *  3. Who has the turn looks again which block is the next, whether all have given it back, and
 *     whether the end came. Where he may not fill he leaves the turn, so that nobody ever has it and
 *     waits.
 *
 *  4. Each reader sleeps on a word of its own (futex.h), and all are woken by a block that was
 *     published and by one that came back from its last reader. Leaving the turn wakes nobody: who
 *     left it looks once more himself before he sleeps.
 */
#include "task/lend.h"

#include "task/futex.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_LINE = 64 };

struct block_state {
	alignas(CACHE_LINE) _Atomic(uint32_t) left; /* readers that have it */
};

struct reader_state {
	alignas(CACHE_LINE) _Atomic(uint64_t) at; /* blocks it has read */
	_Atomic(uint64_t) waits;
	alignas(CACHE_LINE) _Atomic(uint32_t) sleep;
};

struct lending {
	unsigned blocks, readers;
	struct block_state *block;
	struct reader_state *reader;

	alignas(CACHE_LINE) _Atomic(uint64_t) filled;
	_Atomic(bool) ended;

	alignas(CACHE_LINE) _Atomic(bool) turn; /* somebody fills */
};

static void *lines_new(size_t bytes)
{
	void *const p = aligned_alloc(CACHE_LINE, bytes);

	if (p)
		memset(p, 0, bytes);
	return p;
}

struct lending *lending_new(unsigned blocks, unsigned readers)
{
	struct lending *const l = lines_new(sizeof *l);

	assert(blocks > 0 && readers > 0);
	if (!l)
		return NULL;
	l->blocks = blocks;
	l->readers = readers;
	l->block = lines_new(blocks * sizeof *l->block);
	l->reader = lines_new(readers * sizeof *l->reader);
	if (l->block && l->reader)
		return l;
	lending_free(l);
	return NULL;
}

void lending_free(struct lending *l)
{
	if (!l)
		return;
	free(l->block);
	free(l->reader);
	free(l);
}

static bool lending_ended(const struct lending *l)
{
	return atomic_load_explicit(&l->ended, memory_order_acquire);
}

static void lending_wake(struct lending *l)
{
	for (unsigned i = 0; i < l->readers; i++)
		(void)futex_wake(&l->reader[i].sleep);
}

/* Takes the turn to fill the next block; false: not now. */
static bool lending_take_turn(struct lending *l, unsigned *block)
{
	if (atomic_exchange_explicit(&l->turn, true, memory_order_acq_rel))
		return false;
	*block = (unsigned)(atomic_load_explicit(&l->filled, memory_order_relaxed) % l->blocks);
	if (atomic_load_explicit(&l->block[*block].left, memory_order_acquire) == 0 &&
	    !lending_ended(l))
		return true;
	atomic_store_explicit(&l->turn, false, memory_order_release);
	return false;
}

static uint64_t reader_at(const struct reader_state *r)
{
	return atomic_load_explicit(&r->at, memory_order_relaxed);
}

/* Has nobody fewer blocks left to read? A guess: the others go on meanwhile. */
static bool lending_is_first(const struct lending *l, uint64_t at)
{
	for (unsigned i = 0; i < l->readers; i++)
		if (reader_at(&l->reader[i]) > at)
			return false;
	return true;
}

static enum lent lending_look(struct lending *l, uint64_t at, unsigned *block)
{
	const bool ended = lending_ended(l);
	const bool behind = atomic_load_explicit(&l->filled, memory_order_acquire) != at;

	if (!ended && lending_is_first(l, at) && lending_take_turn(l, block))
		return LENT_FILL;
	*block = (unsigned)(at % l->blocks);
	if (behind)
		return LENT_READ;
	return ended ? LENT_ENDED : LENT_NOTHING;
}

enum lent lending_next(struct lending *l, unsigned reader, bool wait, unsigned *block)
{
	struct reader_state *const r = &l->reader[reader];
	const uint64_t at = reader_at(r);
	enum lent got = lending_look(l, at, block);

	while (got == LENT_NOTHING && wait) {
		futex_lie_down(&r->sleep);
		got = lending_look(l, at, block);
		if (got != LENT_NOTHING)
			break;
		atomic_fetch_add_explicit(&r->waits, 1, memory_order_relaxed);
		futex_sleep(&r->sleep, NULL);
		got = lending_look(l, at, block);
	}
	return got;
}

void lending_give_back(struct lending *l, unsigned reader)
{
	const uint64_t at = reader_at(&l->reader[reader]);

	atomic_store_explicit(&l->reader[reader].at, at + 1, memory_order_relaxed);
	if (atomic_fetch_sub_explicit(&l->block[at % l->blocks].left, 1, memory_order_acq_rel) == 1)
		lending_wake(l);
}

void lending_publish(struct lending *l, bool last)
{
	const uint64_t at = atomic_load_explicit(&l->filled, memory_order_relaxed);

	atomic_store_explicit(&l->block[at % l->blocks].left, l->readers, memory_order_relaxed);
	atomic_store_explicit(&l->filled, at + 1, memory_order_release);
	if (last)
		atomic_store_explicit(&l->ended, true, memory_order_release);
	atomic_store_explicit(&l->turn, false, memory_order_release);
	lending_wake(l);
}

struct lending_counts lending_count(const struct lending *l)
{
	struct lending_counts n = {.blocks = l->blocks};

	n.filled = atomic_load_explicit(&l->filled, memory_order_relaxed);
	for (unsigned i = 0; i < l->readers; i++)
		n.waits += atomic_load_explicit(&l->reader[i].waits, memory_order_relaxed);
	return n;
}
