/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.h - finds the entries of an array by their hash: linear hashing with chains.
 *
 * An entry holds a hook (its hash, the next entry of its bucket); entries are numbered from 1, and 0 ends a chain. There are as many
 * buckets as there ever were entries at once: a new bucket is split off an old one when an entry comes, so that no
 * insertion ever moves more than one chain. The buckets lie in address space for the most there can be, and touch
 * only as many pages as they need. An index knows no keys: whoever looks something up walks the candidates and compares.
 */
#pragma once

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>

struct hook {
	uint32_t hash, next;
};

struct index {
	uint32_t *buckets;
	uint8_t *hooks; /* of entry 0 */
	size_t stride;  /* bytes from one entry's hook to the next's */
	uint32_t used;  /* buckets, 0: none yet */
	uint32_t level; /* the greatest power of two <= used */
	uint32_t entries;
};

static inline struct hook *index_hook(const struct index *ix, uint32_t entry)
{
	return (struct hook *)(void *)(ix->hooks + entry * ix->stride);
}

/* The bucket of a hash; used > 0. */
static inline uint32_t index_bucket(const struct index *ix, uint32_t hash)
{
	const uint32_t wide = hash & (2 * ix->level - 1);

	return wide < ix->used ? wide : hash & (ix->level - 1);
}

/* The first entry that has this hash; 0: none. */
static inline uint32_t index_first(const struct index *ix, uint32_t hash)
{
	uint32_t entry = ix->used == 0 ? 0 : ix->buckets[index_bucket(ix, hash)];

	while (entry != 0 && index_hook(ix, entry)->hash != hash)
		entry = index_hook(ix, entry)->next;
	return entry;
}

/* The next entry after `entry` that has its hash; 0: none. */
static inline uint32_t index_next(const struct index *ix, uint32_t entry)
{
	const uint32_t hash = index_hook(ix, entry)->hash;

	do
		entry = index_hook(ix, entry)->next;
	while (entry != 0 && index_hook(ix, entry)->hash != hash);
	return entry;
}

/* One bucket more: takes from the bucket that it is split off what now belongs to it. */
static inline void index_split(struct index *ix)
{
	if (ix->used == 0) {
		ix->used = ix->level = 1;
		return;
	}
	const uint32_t fresh = ix->used++;
	uint32_t *from = &ix->buckets[fresh - ix->level], *to = &ix->buckets[fresh];

	if (ix->used == 2 * ix->level)
		ix->level = ix->used;
	while (*from != 0) {
		struct hook *const hook = index_hook(ix, *from);
		if (index_bucket(ix, hook->hash) != fresh) {
			from = &hook->next;
			continue;
		}
		*to = *from;
		to = &hook->next;
		*from = hook->next;
	}
	*to = 0;
}

static inline void index_put(struct index *ix, uint32_t entry, uint32_t hash)
{
	if (++ix->entries > ix->used)
		index_split(ix);
	uint32_t *const bucket = &ix->buckets[index_bucket(ix, hash)];
	*index_hook(ix, entry) = (struct hook){hash, *bucket};
	*bucket = entry;
}

/* The entry must be in. */
static inline void index_remove(struct index *ix, uint32_t entry)
{
	uint32_t *at = &ix->buckets[index_bucket(ix, index_hook(ix, entry)->hash)];

	while (*at != entry)
		at = &index_hook(ix, *at)->next;
	*at = index_hook(ix, entry)->next;
	ix->entries--;
}
