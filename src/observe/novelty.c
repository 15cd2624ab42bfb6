/* SPDX-License-Identifier: Apache-2.0 */
/*
 * novelty.c - see novelty.h.
 */
#include "observe/novelty.h"

#include "base/bits.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct slot) == 64, "a slot is a cache line");

static uint32_t novelty_groups(const struct novelty *n)
{
	return (uint32_t)((novelty_slots(n) + NOVELTY_GROUP - 1) / NOVELTY_GROUP);
}

bool novelty_init(struct novelty *n, struct arena *arena, size_t bytes)
{
	uint64_t buckets = 1;

	while (buckets * 2 * NOVELTY_WAYS * sizeof(struct slot) <= bytes)
		buckets *= 2;
	n->mask = buckets - 1;
	n->slots = arena_take(arena, buckets * NOVELTY_WAYS * sizeof(struct slot), 64);
	n->used = arena_take(arena, bits_size(novelty_groups(n)), sizeof *n->used);
	return n->slots != NULL && n->used != NULL;
}

struct slot *novelty_victim(struct slot *bucket)
{
	struct slot *victim = bucket;

	for (unsigned i = 0; i < NOVELTY_WAYS; i++) {
		if (bucket[i].digest == 0)
			return &bucket[i];
		if (bucket[i].last_ns < victim->last_ns)
			victim = &bucket[i];
	}
	return victim;
}

void novelty_merge(struct slot *slot, uint64_t time_ns, uint64_t frame, uint64_t bytes)
{
	const struct support one = {time_ns, time_ns, frame, 1, bytes};

	support_merge(&slot->more, &one);
}

void novelty_take(struct novelty *n, struct slot *slot, uint64_t digest, uint32_t endpoint_hash)
{
	bits_add(n->used, (uint32_t)((slot - n->slots) / NOVELTY_GROUP));
	memset(slot, 0, sizeof *slot);
	slot->digest = digest;
	slot->endpoint_hash = endpoint_hash;
}

uint64_t novelty_slots(const struct novelty *n)
{
	return (n->mask + 1) * NOVELTY_WAYS;
}

void novelty_each(const struct novelty *n, novelty_visit *visit, void *to)
{
	const uint32_t groups = novelty_groups(n);

	for (uint32_t g = bits_next(n->used, 0, groups); g < groups;
	     g = bits_next(n->used, g + 1, groups)) {
		struct slot *const slots = &n->slots[(size_t)g * NOVELTY_GROUP];
		for (unsigned i = 0; i < NOVELTY_GROUP && slots + i < n->slots + novelty_slots(n);
		     i++)
			if (slots[i].more.count > 0)
				visit(to, &slots[i]);
	}
}
