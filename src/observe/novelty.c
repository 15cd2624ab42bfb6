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
	const uint64_t most = bytes / (NOVELTY_WAYS * sizeof(struct slot) + sizeof *n->tags);

	*n = (struct novelty){.most = most == 0 ? 1 : most, .buckets = 1};
	while (n->buckets < NOVELTY_BEGIN && n->buckets * 2 <= n->most)
		n->buckets *= 2;
	n->mask = n->buckets - 1;
	n->slots = arena_take(arena, n->most * NOVELTY_WAYS * sizeof(struct slot), 64);
	n->tags = arena_take(arena, n->most * sizeof *n->tags, 8);
	return n->slots != NULL && n->tags != NULL;
}

/* ---- slots ---- */

static struct slot *bucket_slots(const struct novelty *n, uint64_t bucket)
{
	assert(n->slots != NULL);
	return &n->slots[bucket * NOVELTY_WAYS];
}

static void novelty_tag_slot(struct novelty *n, const struct slot *slot, uint64_t tag)
{
	const uint64_t at = (uint64_t)(slot - n->slots);
	const unsigned shift = 16 * (at % NOVELTY_WAYS);
	uint64_t *const tags = &n->tags[at / NOVELTY_WAYS];

	static_assert(NOVELTY_WAYS == 4, "sixteen bits of a word each");
	*tags = (*tags & ~(UINT64_C(0xffff) << shift)) | tag << shift;
}

static struct slot *novelty_free(const struct novelty *n, uint64_t bucket)
{
	const uint64_t free = novelty_tagged(n->tags[bucket], 0);

	return free == 0 ? NULL : &bucket_slots(n, bucket)[(unsigned)__builtin_ctzll(free) / 16];
}

/* To a free slot; the one that it leaves is free then. */
static void novelty_move(struct novelty *n, struct slot *from, struct slot *to)
{
	*to = *from;
	*from = (struct slot){0};
	novelty_tag_slot(n, to, novelty_tag(to->digest));
	novelty_tag_slot(n, from, 0);
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
	struct slot *const from = bucket_slots(n, n->buckets & old);
	struct slot *const to = bucket_slots(n, n->buckets);

	for (unsigned i = 0; i < NOVELTY_WAYS; i++) {
		const uint64_t digest = from[i].digest;
		const bool first = (digest & old) == (n->buckets & old);
		const uint64_t bits = first ? digest : novelty_turn(digest);

		if ((bits & n->mask) == n->buckets && digest != 0)
			novelty_move(n, &from[i], &to[i]);
	}
	n->buckets++;
}

static struct slot *novelty_oldest(const struct novelty *n, uint64_t bucket)
{
	struct slot *const slots = bucket_slots(n, bucket), *oldest = slots;

	for (unsigned i = 1; i < NOVELTY_WAYS; i++)
		if (slots[i].last_ns < oldest->last_ns)
			oldest = &slots[i];
	return oldest;
}

/* Makes room in a full bucket: one of its facts goes to its other place, if that has room. */
static struct slot *novelty_push(struct novelty *n, uint64_t bucket)
{
	for (unsigned i = 0; i < NOVELTY_WAYS; i++) {
		struct slot *const slot = &bucket_slots(n, bucket)[i];
		const uint64_t first = novelty_bucket(n, slot->digest);
		struct slot *const to = novelty_free(
			n, first != bucket ? first : novelty_bucket(n, novelty_turn(slot->digest)));

		if (to == NULL)
			continue;
		novelty_move(n, slot, to);
		return slot;
	}
	return NULL;
}

/* Of a table that can grow no more an eighth at most is worth no search. */
static bool novelty_is_full(const struct novelty *n)
{
	return n->buckets == n->most && n->taken > novelty_slots(n) / 8 * 7;
}

struct slot *novelty_room(struct novelty *n, uint64_t digest)
{
	if (n->buckets < n->most && n->taken * NOVELTY_OF > novelty_slots(n) * NOVELTY_FULL)
		novelty_split(n);
	const uint64_t first = novelty_bucket(n, digest);
	const uint64_t other = novelty_bucket(n, novelty_turn(digest));
	struct slot *room = novelty_free(n, first);
	room = room != NULL ? room : novelty_free(n, other);
	if (room == NULL && !novelty_is_full(n)) {
		room = novelty_push(n, first);
		room = room != NULL ? room : novelty_push(n, other);
	}
	if (LIKELY(room != NULL))
		return room;
	struct slot *const a = novelty_oldest(n, first), *const b = novelty_oldest(n, other);
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
	novelty_tag_slot(n, slot, novelty_tag(digest));
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
