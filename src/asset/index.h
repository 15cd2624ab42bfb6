/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.h - finds the entries of an array by their hash: linear hashing with buckets of a cache
 * line.
 *
 * Entries are numbered from 1; 0 is none. A bucket holds ten of them, each with sixteen bits of its
 * hash, and leads to a further line when it is full. Whoever looks something up reads one line, and
 * of the entries in it only those that are most likely the one that is meant: an index knows no
 * keys, so the caller compares. A bucket is split off an old one whenever there are seven entries
 * more, by the bits in the lines alone: no insertion ever moves more than one bucket, and none
 * reads an entry. The lines lie in address space for the most there can be, and touch only as many
 * pages as they need.
 *
 * Bits of a hash: the lowest choose the bucket, the kept sixteen begin at INDEX_FIRST. So there are
 * at least 2^INDEX_FIRST buckets and at most 2^(INDEX_FIRST + 16).
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INDEX_FIRST 12u
#define INDEX_SLOTS 10u /* of a line */
#define INDEX_LOAD 7u   /* entries a bucket, in the mean */

struct index_line {
	uint32_t entries
		[INDEX_SLOTS]; /* 0: free; all free ones are behind the others, in the last line */
	uint16_t bits[INDEX_SLOTS];
	uint32_t more; /* the next line of the bucket, in `spills`; 0: none */
};
static_assert(sizeof(struct index_line) == 64, "a cache line");

struct index {
	struct index_line *lines, *spills; /* spills[0] is not used */
	uint32_t used;                     /* buckets; 0: none yet */
	uint32_t level;                    /* the greatest power of two <= used */
	uint32_t entries;
	uint32_t spills_used, spills_free;
};

static inline uint32_t index_most(uint32_t limit)
{
	return limit / INDEX_LOAD + (1u << INDEX_FIRST) + 1;
}

/* Each bucket has one line that is not full, and the others have ten entries each. */
static inline uint32_t index_most_spills(uint32_t limit)
{
	return limit / INDEX_SLOTS + 2;
}

/* Bytes of an index for that many entries. */
static inline size_t index_room(uint32_t limit)
{
	return ((size_t)index_most(limit) + index_most_spills(limit) + 2) *
	       sizeof(struct index_line);
}

static inline void index_init(struct index *ix, struct arena *memory, uint32_t limit)
{
	*ix = (struct index){
		.lines = arena_take(memory, index_most(limit) * sizeof(struct index_line), 64),
		.spills = arena_take(memory, index_most_spills(limit) * sizeof(struct index_line),
	                             64),
		.used = 1u << INDEX_FIRST,
		.level = 1u << INDEX_FIRST,
	};
	assert(ix->lines != NULL && ix->spills != NULL);
	arena_fills(ix->lines, index_most(limit) * sizeof(struct index_line));
}

/* The bucket of a hash. */
static inline uint32_t index_bucket(const struct index *ix, uint32_t hash)
{
	const uint32_t wide = hash & (2 * ix->level - 1);

	return wide < ix->used ? wide : hash & (ix->level - 1);
}

static inline uint16_t index_bits(uint32_t hash)
{
	return (uint16_t)(hash >> INDEX_FIRST);
}

/* A look-up on its way. */
struct index_walk {
	const struct index *ix;
	const struct index_line *line;
	uint32_t slot;
	uint16_t bits;
};

static inline struct index_walk index_look(const struct index *ix, uint32_t hash)
{
	return (struct index_walk){
		.ix = ix, .line = &ix->lines[index_bucket(ix, hash)], .bits = index_bits(hash)};
}

/*
 * Of four slots from `slot` on the first that has the bits; 4: none. Of 16 bits that are equal the
 * difference is 0.
 */
static inline uint32_t index_first_of(const struct index_line *line, uint32_t slot, uint16_t bits)
{
	const uint64_t ones = UINT64_C(0x0001000100010001);
	uint64_t four;

	memcpy(&four, line->bits + slot, sizeof four);
	four ^= bits * ones;
	four = (four - ones) & ~four & ones << 15;
	return four == 0 ? 4 : (uint32_t)__builtin_ctzll(four) / 16;
}

/* The same of a whole line; the last four overlap those before. */
static inline uint32_t index_first(const struct index_line *line, uint16_t bits)
{
	for (uint32_t slot = 0; slot < INDEX_SLOTS - 4; slot += 4) {
		const uint32_t first = index_first_of(line, slot, bits);
		if (first < 4)
			return slot + first;
	}
	const uint32_t first = index_first_of(line, INDEX_SLOTS - 4, bits);
	return INDEX_SLOTS - 4 + first;
}

/* The next entry that may have the hash; 0: there are no more. */
static inline uint32_t index_next(struct index_walk *w)
{
	for (;;) {
		if (w->slot == 0)
			w->slot = index_first(w->line, w->bits);
		for (; w->slot < INDEX_SLOTS; w->slot++)
			if (w->line->bits[w->slot] == w->bits && w->line->entries[w->slot] != 0)
				return w->line->entries[w->slot++];
		if (w->line->more == 0)
			return 0;
		w->line = &w->ix->spills[w->line->more];
		w->slot = 0;
	}
}

static inline uint32_t index_take_spill(struct index *ix)
{
	const uint32_t freed = ix->spills_free;

	if (freed == 0)
		return ++ix->spills_used;
	ix->spills_free = ix->spills[freed].more;
	ix->spills[freed] = (struct index_line){.more = 0};
	return freed;
}

/* Puts an entry behind those of the bucket whose last line is `line`; returns its last line. */
static inline struct index_line *index_append(struct index *ix, struct index_line *line,
                                              uint32_t entry, uint16_t bits)
{
	uint32_t slot = 0;

	while (slot < INDEX_SLOTS && line->entries[slot] != 0)
		slot++;
	if (slot == INDEX_SLOTS) {
		line->more = index_take_spill(ix);
		line = &ix->spills[line->more];
		slot = 0;
	}
	line->entries[slot] = entry;
	line->bits[slot] = bits;
	return line;
}

static inline struct index_line *index_last_line(const struct index *ix, uint32_t bucket)
{
	struct index_line *line = &ix->lines[bucket];

	while (line->more != 0)
		line = &ix->spills[line->more];
	return line;
}

/* One bucket more: takes from the bucket that it is split off what now belongs to it. */
static inline void index_split(struct index *ix)
{
	const uint32_t fresh = ix->used++, old = fresh - ix->level;
	const uint16_t bit = (uint16_t)(ix->level >> INDEX_FIRST);
	struct index_line *to[2] = {&ix->lines[old], &ix->lines[fresh]};
	struct index_line from = ix->lines[old];

	if (ix->used == 2 * ix->level)
		ix->level = ix->used;
	ix->lines[old] = (struct index_line){.more = 0};
	for (;;) {
		for (uint32_t i = 0; i < INDEX_SLOTS && from.entries[i] != 0; i++) {
			const unsigned side = (from.bits[i] & bit) != 0;
			to[side] = index_append(ix, to[side], from.entries[i], from.bits[i]);
		}
		const uint32_t spill = from.more;
		if (spill == 0)
			return;
		from = ix->spills[spill];
		ix->spills[spill].more = ix->spills_free;
		ix->spills_free = spill;
	}
}

static inline void index_put(struct index *ix, uint32_t entry, uint32_t hash)
{
	if (++ix->entries > ix->used * INDEX_LOAD)
		index_split(ix);
	index_append(ix, index_last_line(ix, index_bucket(ix, hash)), entry, index_bits(hash));
}

/* The bucket's last entry takes the free slot; a further line that is empty then is given back. */
static inline void index_fill(struct index *ix, struct index_line *bucket, struct index_line *line,
                              uint32_t slot)
{
	struct index_line *before = NULL, *last = bucket;
	uint32_t end = INDEX_SLOTS;

	for (; last->more != 0; last = &ix->spills[last->more])
		before = last;
	while (last->entries[end - 1] == 0)
		end--;
	line->entries[slot] = last->entries[end - 1];
	line->bits[slot] = last->bits[end - 1];
	last->entries[end - 1] = 0;
	if (end == 1 && before != NULL) {
		last->more = ix->spills_free;
		ix->spills_free = before->more;
		before->more = 0;
	}
}

/* The entry must be in. */
static inline void index_remove(struct index *ix, uint32_t entry, uint32_t hash)
{
	struct index_line *const bucket = &ix->lines[index_bucket(ix, hash)];
	struct index_line *line = bucket;
	uint32_t slot = 0;

	while (line->entries[slot] != entry) {
		if (++slot < INDEX_SLOTS)
			continue;
		assert(line->more != 0);
		line = &ix->spills[line->more];
		slot = 0;
	}
	index_fill(ix, bucket, line, slot);
	ix->entries--;
}
