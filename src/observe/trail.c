/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.c - see trail.h.
 */
#include "observe/trail.h"

#include <assert.h>

static_assert(offsetof(struct trail, from) == 64 && sizeof(struct trail) == 128,
              "a trail's key is a cache line, what it knows another");

bool trails_init(struct trails *t, struct arena *arena)
{
	t->list = arena_take(arena, TRAILS * sizeof *t->list, 64);
	return t->list != NULL;
}

struct trail *trail_take(struct trails *t, const struct plain_key *key)
{
	struct trail *const bucket = trail_bucket(t, key);

	bucket[1] = bucket[0];
	bucket[0] = (struct trail){.key = *key};
	t->taken++;
	return bucket;
}
