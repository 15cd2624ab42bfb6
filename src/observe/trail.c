/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.c - see trail.h.
 */
#include "observe/trail.h"

#include <assert.h>

static_assert(offsetof(struct trail, last_ns) == 64 && sizeof(struct trail) == 128,
              "a trail's key is a cache line, what it knows and counts another");
static_assert(TRAILS < UINT16_MAX, "a number has 16 bits");

size_t trails_budget(void)
{
	return TRAILS * sizeof(struct trail) + TRAILS / TRAIL_WAYS * sizeof(struct trail_bucket) +
	       2 * 64;
}

bool trails_init(struct trails *t, struct arena *arena)
{
	t->list = arena_take(arena, TRAILS * sizeof *t->list, 64);
	t->buckets = arena_take(arena, TRAILS / TRAIL_WAYS * sizeof *t->buckets, 64);
	return t->list != NULL && t->buckets != NULL;
}

struct trail *trail_place(const struct trails *t, const struct plain_key *key)
{
	const struct plain_fold fold = plain_fold(key);
	const uint64_t hash = trail_hash(&fold);
	const uint32_t bucket = trail_bucket_of(hash);
	const struct trail_bucket *const b = &t->buckets[bucket];
	struct trail *const trails = &t->list[bucket * TRAIL_WAYS];
	const unsigned like = trail_way(b, hash);
	unsigned oldest = 0;

	if (b->tag[like] == (uint32_t)(hash >> 32))
		return &trails[like];
	for (unsigned i = 1; i < TRAIL_WAYS; i++)
		if (trails[i].last_ns < trails[oldest].last_ns)
			oldest = i;
	return &trails[oldest];
}

void trail_put(struct trails *t, const struct trail *trail, uint32_t flow)
{
	const struct plain_fold fold = plain_fold(&trail->key);
	const size_t number = (size_t)(trail - t->list);
	struct trail_bucket *const b = &t->buckets[number / TRAIL_WAYS];

	b->tag[number % TRAIL_WAYS] = (uint32_t)(trail_hash(&fold) >> 32);
	b->flow[number % TRAIL_WAYS] = flow;
	t->taken++;
}

void trail_free(struct trails *t, struct trail *trail)
{
	const size_t number = (size_t)(trail - t->list);
	struct trail_bucket *const b = &t->buckets[number / TRAIL_WAYS];

	b->tag[number % TRAIL_WAYS] = b->flow[number % TRAIL_WAYS] = 0;
	*trail = (struct trail){0};
}
