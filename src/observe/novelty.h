/* SPDX-License-Identifier: Apache-2.0 */
/*
 * novelty.h - the facts a task told lately, so that a repeat costs one look-up and no message.
 *
 * A fixed-size, 4-way table of slots of one cache line, by the fact's digest. A repeat adds to its
 * slot; what is added is told as an increment at every mark and when the slot is evicted, so that
 * counts stay exact. A fact that a full channel refused stays in its slot untold, and the next
 * packet that shows it tries again: drops heal themselves.
 */
#pragma once

#include "asset/fact.h"
#include "base/arena.h"

enum { NOVELTY_WAYS = 4, NOVELTY_GROUP = 64 };

struct slot {
	uint64_t digest;     /* 0: free */
	struct support more; /* not told yet; count 0: nothing */
	uint64_t last_ns;
	uint32_t endpoint_hash;
	bool told; /* the fact itself went out whole */
};

struct novelty {
	struct slot *slots;
	uint64_t mask;  /* of the bucket number */
	uint64_t *used; /* groups of slots, a page each, of which one was ever taken */
};

bool novelty_init(struct novelty *n, struct arena *arena, size_t bytes) NONNULL MUST_CHECK;

/* The slot to give up for another fact: a free one, else the one seen longest ago. */
struct slot *novelty_victim(struct slot *bucket) NONNULL;

/*
 * The slot of the fact. When it is new (*known false) the slot that it takes is returned as it was:
 * what it still holds (digest != 0, more.count > 0) is the caller's to tell before it takes the
 * slot by novelty_take.
 */
static inline struct slot *novelty_find(const struct novelty *n, uint64_t digest, bool *known)
{
	struct slot *bucket = &n->slots[(digest & n->mask) * NOVELTY_WAYS];

	for (unsigned i = 0; i < NOVELTY_WAYS; i++) {
		if (bucket[i].digest == digest) {
			*known = true;
			return &bucket[i];
		}
	}
	*known = false;
	return novelty_victim(bucket);
}

/* One packet more that shows the fact, for packets out of order as well. */
void novelty_merge(struct slot *slot, uint64_t time_ns, uint64_t frame, uint64_t bytes) NONNULL;

/* One packet more that shows the fact. */
static inline void novelty_add(struct slot *slot, uint64_t time_ns, uint64_t frame, uint64_t bytes)
{
	slot->last_ns = time_ns;
	if (LIKELY(slot->more.count > 0 && time_ns > slot->more.first_ns &&
	           time_ns >= slot->more.last_ns)) {
		slot->more.last_ns = time_ns; /* the common case of support_merge */
		slot->more.count++;
		slot->more.bytes += bytes;
		return;
	}
	novelty_merge(slot, time_ns, frame, bytes);
}

void novelty_take(struct novelty *n, struct slot *slot, uint64_t digest,
                  uint32_t endpoint_hash) NONNULL;
uint64_t novelty_slots(const struct novelty *n) NONNULL;
/* What to do with a slot that keeps something back. */
typedef void novelty_visit(void *to, struct slot *slot);
/* Each such slot once, by its place; of a table that is little used little memory is touched. */
void novelty_each(const struct novelty *n, novelty_visit *visit, void *to) NONNULL;
