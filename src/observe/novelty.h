/* SPDX-License-Identifier: Apache-2.0 */
/*
 * novelty.h - the facts a task told lately, so that a repeat costs one look-up and no message.
 *
 * A table of slots of 16 bytes, by the fact's digest: buckets of four, a cache line, of which each fact
 * has two to be in. So both lines can be asked of memory as soon as the digest is known
 * (novelty_foresee), and a look-up that comes a little later waits for nothing (tell.h).
 *
 * Most facts are told once and never come again. What a repeat adds is kept beside the table, in
 * one of fewer, larger places, is told as an increment at every mark and when the slot is needed for
 * another fact, so that counts stay exact, and then gives its place back. A fact that a full channel
 * refused keeps what it is to tell in the same way, untold, and the next packet that shows it tries
 * again: drops heal themselves.
 *
 * The table begins small and grows with what it holds, up to its budget: one bucket is split whenever
 * more than five eighths of the slots are taken (linear hashing), so no packet waits for more than
 * that, and memory and cache hold little but facts. Where both buckets of a new fact are full, one of
 * theirs goes to its other place; so but for three facts in ten thousand it is only when the table is
 * full, or nearly so and can grow no more, that one has to give way: one that was not repeated since
 * the last one of these buckets had to.
 */
#pragma once

#include "asset/fact.h"
#include "base/arena.h"

enum { NOVELTY_WAYS = 4, NOVELTY_BEGIN = 64 /* buckets */ };

struct slot {
	uint64_t digest; /* 0: free */
	uint32_t endpoint_hash;
	uint32_t kept : 30; /* the number, from 1, of what it keeps back; 0: nothing */
	bool told : 1;      /* the fact itself went out whole */
	bool again : 1;     /* it was repeated */
};

struct novelty {
	struct slot *slots;
	uint64_t buckets;     /* there are so many, */
	uint64_t mask;        /* found by so many bits, or by one less */
	uint64_t most;        /* buckets, in the budget */
	uint64_t taken;       /* slots */
	struct support *kept; /* count 0: free, and frame is the number of the next free one */
	uint32_t kept_room, kept_used, kept_free; /* free: number of the first; 0: none */
	uint64_t hand; /* of the slots: where the search for one that keeps something goes on */
};

bool novelty_init(struct novelty *n, struct arena *arena, size_t bytes) NONNULL MUST_CHECK;

/* The bucket in which a fact of these bits of its digest may be. */
static inline struct slot *novelty_bucket(const struct novelty *n, uint64_t bits)
{
	const uint64_t at = bits & n->mask;

	return &n->slots[(at < n->buckets ? at : at & n->mask >> 1) * NOVELTY_WAYS];
}

/* The bits for its other place. */
static inline uint64_t novelty_turn(uint64_t digest)
{
	return digest << 32 | digest >> 32;
}

/* The fact will be looked for soon. */
static inline void novelty_foresee(const struct novelty *n, uint64_t digest)
{
	PREFETCH(novelty_bucket(n, digest));
	PREFETCH(novelty_bucket(n, novelty_turn(digest)));
}

static inline struct slot *novelty_in(struct slot *bucket, uint64_t digest)
{
	for (unsigned i = 0; i < NOVELTY_WAYS; i++)
		if (bucket[i].digest == digest)
			return &bucket[i];
	return NULL;
}

/* The slot of the fact, which stays where it is until the next new one; NULL: it has none. */
static inline struct slot *novelty_find(const struct novelty *n, uint64_t digest)
{
	struct slot *const slot = novelty_in(novelty_bucket(n, digest), digest);

	return slot != NULL ? slot : novelty_in(novelty_bucket(n, novelty_turn(digest)), digest);
}

/* What the slot keeps back, which keeps something. */
static inline struct support *novelty_kept(const struct novelty *n, const struct slot *slot)
{
	return &n->kept[slot->kept - 1];
}

/*
 * A slot for a fact that has none, as it is: what it still keeps is the caller's to tell, and to give
 * back, before he takes it.
 */
struct slot *novelty_room(struct novelty *n, uint64_t digest) NONNULL;
void novelty_take(struct novelty *n, struct slot *slot, uint64_t digest,
                  uint32_t endpoint_hash) NONNULL;

/* A place for what the slot is to keep, which keeps nothing yet. False: there is none. */
bool novelty_keep(struct novelty *n, struct slot *slot) NONNULL MUST_CHECK;
/* The slot keeps nothing any more. */
void novelty_give(struct novelty *n, struct slot *slot) NONNULL;
/* One of those that keep something, of which there is one: the next by their places. */
struct slot *novelty_keeper(struct novelty *n) NONNULL;

/* So many there are by now. */
uint64_t novelty_slots(const struct novelty *n) NONNULL;
/* What to do with a slot that keeps something back. */
typedef void novelty_visit(void *to, struct slot *slot);
/* Each such slot once, by its place. */
void novelty_each(const struct novelty *n, novelty_visit *visit, void *to) NONNULL;
