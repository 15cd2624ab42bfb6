/* SPDX-License-Identifier: Apache-2.0 */
/*
 * novelty.c - see novelty.h.
 */
#include "observe/novelty.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct slot) * NOVELTY_WAYS == 64, "a bucket is a cache line");

/* Half of the bytes are the slots', half what some of them keep back. */
bool novelty_init(struct novelty *n, struct arena *arena, size_t bytes)
{
	const uint64_t most = bytes / 2 / (NOVELTY_WAYS * sizeof(struct slot));
	const uint64_t kept = bytes / 2 / sizeof *n->kept, kept_most = (UINT32_C(1) << 30) - 1;

	*n = (struct novelty){
		.most = most == 0 ? 1 : most,
		.buckets = 1,
		.kept_room = (uint32_t)(kept == 0          ? 1
	                                : kept < kept_most ? kept
	                                                   : kept_most),
	};
	while (n->buckets < NOVELTY_BEGIN && n->buckets * 2 <= n->most)
		n->buckets *= 2;
	n->mask = n->buckets - 1;
	n->slots = arena_take(arena, n->most * NOVELTY_WAYS * sizeof(struct slot), 64);
	n->kept = arena_take(arena, n->kept_room * sizeof *n->kept, 8);
	return n->slots != NULL && n->kept != NULL;
}

/* ---- slots ---- */

static struct slot *novelty_free(struct slot *bucket)
{
	return novelty_in(bucket, 0);
}

/* To a free slot; the one that it leaves is free then. */
static void novelty_move(struct slot *from, struct slot *to)
{
	*to = *from;
	*from = (struct slot){0};
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

		if ((bits & n->mask) == n->buckets && digest != 0)
			novelty_move(&from[i], &to[i]);
	}
	n->buckets++;
}

/* Makes room in a full bucket: one of its facts goes to its other place, if that has room. */
static struct slot *novelty_push(struct novelty *n, struct slot *bucket)
{
	for (unsigned i = 0; i < NOVELTY_WAYS; i++) {
		struct slot *const slot = &bucket[i];
		struct slot *const first = novelty_bucket(n, slot->digest);
		struct slot *const to = novelty_free(
			first != bucket ? first : novelty_bucket(n, novelty_turn(slot->digest)));

		if (to == NULL)
			continue;
		novelty_move(slot, to);
		return slot;
	}
	return NULL;
}

/* Of a table that can grow no more an eighth at most is worth no search. */
static bool novelty_is_full(const struct novelty *n)
{
	return n->buckets == n->most && n->taken > novelty_slots(n) / 8 * 7;
}

/* Of two full buckets one that was not repeated; then all have to be repeated anew. */
static struct slot *novelty_victim(struct slot *first, struct slot *other, uint64_t digest)
{
	struct slot *const two[2] = {first, other};
	const unsigned begin = (unsigned)(digest >> 60);

	for (unsigned i = 0; i < 2 * NOVELTY_WAYS; i++) {
		const unsigned at = (begin + i) % (2 * NOVELTY_WAYS);
		struct slot *const slot = &two[at / NOVELTY_WAYS][at % NOVELTY_WAYS];

		if (!slot->again)
			return slot;
		slot->again = false;
	}
	return first;
}

struct slot *novelty_room(struct novelty *n, uint64_t digest)
{
	if (n->buckets < n->most && n->taken * NOVELTY_OF > novelty_slots(n) * NOVELTY_FULL)
		novelty_split(n);
	struct slot *const first = novelty_bucket(n, digest);
	struct slot *const other = novelty_bucket(n, novelty_turn(digest));
	struct slot *room = novelty_free(first);
	room = room != NULL ? room : novelty_free(other);
	if (room == NULL && !novelty_is_full(n)) {
		room = novelty_push(n, first);
		room = room != NULL ? room : novelty_push(n, other);
	}
	return LIKELY(room != NULL) ? room : novelty_victim(first, other, digest);
}

void novelty_take(struct novelty *n, struct slot *slot, uint64_t digest, uint32_t endpoint_hash)
{
	n->taken += slot->digest == 0;
	*slot = (struct slot){.digest = digest, .endpoint_hash = endpoint_hash};
}

uint64_t novelty_slots(const struct novelty *n)
{
	return n->buckets * NOVELTY_WAYS;
}

/* ---- what they keep ---- */

bool novelty_keep(struct novelty *n, struct slot *slot)
{
	const uint32_t number = n->kept_free;

	if (number == 0 && n->kept_used == n->kept_room)
		return false;
	slot->kept = (number != 0 ? number : ++n->kept_used) & UINT32_C(0x3fffffff);
	struct support *const kept = novelty_kept(n, slot);
	if (number != 0)
		n->kept_free = (uint32_t)kept->frame;
	*kept = (struct support){0};
	return true;
}

void novelty_give(struct novelty *n, struct slot *slot)
{
	*novelty_kept(n, slot) = (struct support){.frame = n->kept_free};
	n->kept_free = slot->kept;
	slot->kept = 0;
}

struct slot *novelty_keeper(struct novelty *n)
{
	struct slot *slot;

	do {
		n->hand = n->hand + 1 < novelty_slots(n) ? n->hand + 1 : 0;
		slot = &n->slots[n->hand];
	} while (slot->kept == 0);
	return slot;
}

void novelty_each(const struct novelty *n, novelty_visit *visit, void *to)
{
	for (struct slot *slot = n->slots; slot < n->slots + novelty_slots(n); slot++)
		if (slot->kept != 0)
			visit(to, slot);
}
