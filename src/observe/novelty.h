/* SPDX-License-Identifier: Apache-2.0 */
/*
 * novelty.h - the facts a task told lately, so that a repeat costs one look-up and no message.
 *
 * A fixed-size, 4-way table of slots of one cache line, by the fact's digest. A repeat adds to its slot; what is added is
 * told as an increment at every mark and when the slot is evicted, so that counts stay exact. A
 * fact that a full channel refused stays in its slot untold, and the next packet that shows it
 * tries again: drops heal themselves.
 */
#pragma once

#include "asset/fact.h"
#include "base/arena.h"

struct slot {
	uint64_t digest;     /* 0: free */
	struct support more; /* not told yet; count 0: nothing */
	uint64_t last_ns;
	bool told; /* the fact itself went out whole */
};

struct novelty {
	struct slot *slots;
	uint64_t mask; /* of the bucket number */
};

bool novelty_init(struct novelty *n, struct arena *arena, size_t bytes) NONNULL MUST_CHECK;

/*
 * The slot of the fact. When it is new (*known false) the slot that it takes is returned as it was: what it still holds
 * (digest != 0, more.count > 0) is the caller's to tell before it takes the slot by novelty_take.
 */
struct slot *novelty_find(const struct novelty *n, uint64_t digest, bool *known) NONNULL;
void novelty_take(struct slot *slot, uint64_t digest) NONNULL;
uint64_t novelty_slots(const struct novelty *n) NONNULL;
