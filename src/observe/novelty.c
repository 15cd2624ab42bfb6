/* SPDX-License-Identifier: Apache-2.0 */
/*
 * novelty.c - see novelty.h.
 */
#include "observe/novelty.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct slot) == 64, "a slot is a cache line");

bool novelty_init(struct novelty *n, struct arena *arena, size_t bytes)
{
	n->most = 1;
	while (n->most * 2 * NOVELTY_WAYS * sizeof(struct slot) <= bytes)
		n->most *= 2;
	n->buckets = n->most < NOVELTY_BEGIN ? n->most : NOVELTY_BEGIN;
	n->mask = n->buckets - 1;
	n->slots = arena_take(arena, n->most * NOVELTY_WAYS * sizeof(struct slot), 64);
	return n->slots != NULL;
}

/* ---- growth ---- */

/* Of 8 slots 5 are taken when a bucket is split: at 6 a fact in a hundred would find no room. */
enum { NOVELTY_FULL = 5, NOVELTY_OF = 8 };

/* One bucket more: it gets those of the one before it by a power of two that belong there now. */
static void novelty_split(struct novelty *n)
{
	if (n->buckets > n->mask)
		n->mask = n->mask * 2 + 1;
	const uint64_t old = n->mask >> 1;
	struct slot *const from = &n->slots[(n->buckets & old) * NOVELTY_WAYS];
	struct slot *const to = &n->slots[n->buckets * NOVELTY_WAYS];

	for (unsigned i = 0; i < NOVELTY_WAYS; i++) {
		const uint64_t digest = from[i].digest;
		const bool first = (digest & old) == (n->buckets & old);
		const uint64_t bits = first ? digest : novelty_turn(digest);

		if ((bits & n->mask) != n->buckets || digest == 0)
			continue;
		to[i] = from[i];
		from[i] = (struct slot){0};
	}
	n->buckets++;
}

static struct slot *novelty_free(struct slot *bucket)
{
	return novelty_in(bucket, 0);
}

static struct slot *novelty_oldest(struct slot *bucket)
{
	struct slot *oldest = bucket;

	for (unsigned i = 1; i < NOVELTY_WAYS; i++)
		if (bucket[i].last_ns < oldest->last_ns)
			oldest = &bucket[i];
	return oldest;
}

/* Makes room in a full bucket: one of its facts goes to its other place, if that has room. */
static struct slot *novelty_push(struct novelty *n, struct slot *bucket)
{
	for (unsigned i = 0; i < NOVELTY_WAYS; i++) {
		struct slot *const first = novelty_bucket(n, bucket[i].digest);
		struct slot *const to = novelty_free(
			first != bucket ? first
					: novelty_bucket(n, novelty_turn(bucket[i].digest)));

		if (to == NULL)
			continue;
		*to = bucket[i];
		bucket[i] = (struct slot){0};
		return &bucket[i];
	}
	return NULL;
}

struct slot *novelty_room(struct novelty *n, uint64_t digest)
{
	if (n->buckets < n->most && n->taken * NOVELTY_OF > novelty_slots(n) * NOVELTY_FULL)
		novelty_split(n);
	struct slot *const first = novelty_bucket(n, digest);
	struct slot *const other = novelty_bucket(n, novelty_turn(digest));
	struct slot *room = novelty_free(first);
	room = room != NULL ? room : novelty_free(other);
	room = room != NULL ? room : novelty_push(n, first);
	room = room != NULL ? room : novelty_push(n, other);
	if (LIKELY(room != NULL))
		return room;
	struct slot *const a = novelty_oldest(first), *const b = novelty_oldest(other);
	return b->last_ns < a->last_ns ? b : a;
}

void novelty_merge(struct slot *slot, uint64_t time_ns, uint64_t frame, uint64_t bytes)
{
	const struct support one = {time_ns, time_ns, frame, 1, bytes};

	support_merge(&slot->more, &one);
}

void novelty_take(struct novelty *n, struct slot *slot, uint64_t digest, uint32_t endpoint_hash)
{
	n->taken += slot->digest == 0;
	memset(slot, 0, sizeof *slot);
	slot->digest = digest;
	slot->endpoint_hash = endpoint_hash;
}

uint64_t novelty_slots(const struct novelty *n)
{
	return n->buckets * NOVELTY_WAYS;
}

void novelty_each(const struct novelty *n, novelty_visit *visit, void *to)
{
	for (struct slot *slot = n->slots; slot < n->slots + novelty_slots(n); slot++)
		if (slot->more.count > 0)
			visit(to, slot);
}
