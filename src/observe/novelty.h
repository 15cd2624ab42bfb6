/* SPDX-License-Identifier: Apache-2.0 */
/*
 * novelty.h - the facts a task told lately, so that a repeat costs one look-up and no message.
 *
 * A table of slots of one cache line, by the fact's digest: buckets of four, of which each fact has
 * two to be in. A repeat adds to its slot; what is added is told as an increment at every mark and
 * when the slot is evicted, so that counts stay exact. A fact that a full channel refused stays in its
 * slot untold, and the next packet that shows it tries again: drops heal themselves.
 *
 * Beside the slots lies a word a bucket with sixteen bits of the digest of each: few enough to stay in
 * the cache. So a look-up reads the slot that it finds, and of a new fact only the one that it gets.
 *
 * The table begins small and grows with what it holds, up to its budget: one bucket is split whenever
 * more than five eighths of the slots are taken (linear hashing), so no packet waits for more than
 * that, and memory and cache hold little but facts. Where both buckets of a new fact are full, one of
 * theirs goes to its other place; so but for three facts in ten thousand it is only when the table is
 * full, or nearly so and can grow no more, that one has to give way.
 */
#pragma once

#include "asset/fact.h"
#include "base/arena.h"

enum { NOVELTY_WAYS = 4, NOVELTY_BEGIN = 64 /* buckets */ };

struct slot {
	uint64_t digest;     /* 0: free */
	struct support more; /* not told yet; count 0: nothing */
	uint64_t last_ns;
	uint32_t endpoint_hash;
	bool told; /* the fact itself went out whole */
};

struct novelty {
	struct slot *slots;
	uint64_t *tags;   /* a word a bucket, sixteen bits a slot, the first lowest; 0: free */
	uint64_t buckets; /* there are so many, */
	uint64_t mask;    /* found by so many bits, or by one less */
	uint64_t most;    /* buckets, in the budget */
	uint64_t taken;   /* slots */
};

bool novelty_init(struct novelty *n, struct arena *arena, size_t bytes) NONNULL MUST_CHECK;

/* The bucket in which a fact of these bits of its digest may be. */
static inline uint64_t novelty_bucket(const struct novelty *n, uint64_t bits)
{
	const uint64_t at = bits & n->mask;

	return at < n->buckets ? at : at & n->mask >> 1;
}

/* The bits for its other place. */
static inline uint64_t novelty_turn(uint64_t digest)
{
	return digest << 32 | digest >> 32;
}

/* A slot for a fact that has none: a free one, else the one seen longest ago of its places. */
struct slot *novelty_room(struct novelty *n, uint64_t digest) NONNULL;

#define NOVELTY_EACH UINT64_C(0x0001000100010001)

/* Not 0, and of bits that choose no bucket of a table of any usual size. */
static inline uint64_t novelty_tag(uint64_t digest)
{
	return ((digest >> 20 ^ digest >> 48) & UINT16_MAX) | 1;
}

/* The top bit of each slot of the bucket that has the tag. */
static inline uint64_t novelty_tagged(uint64_t tags, uint64_t tag)
{
	const uint64_t low = NOVELTY_EACH * 0x7fff, differs = tags ^ tag * NOVELTY_EACH;

	return ~(((differs & low) + low) | differs | low);
}

static inline struct slot *novelty_in(const struct novelty *n, uint64_t bucket, uint64_t digest)
{
	uint64_t tagged = novelty_tagged(n->tags[bucket], novelty_tag(digest));

	for (; tagged != 0; tagged &= tagged - 1) {
		struct slot *const slot =
			&n->slots[bucket * NOVELTY_WAYS + (unsigned)__builtin_ctzll(tagged) / 16];
		if (LIKELY(slot->digest == digest))
			return slot;
	}
	return NULL;
}

/*
 * The slot of the fact. When it is new (*known false) the slot that it takes is returned as it was:
 * what it still holds (digest != 0, more.count > 0) is the caller's to tell before it takes the
 * slot by novelty_take. It stays where it is until the next new fact.
 */
static inline struct slot *novelty_find(struct novelty *n, uint64_t digest, bool *known)
{
	struct slot *slot = novelty_in(n, novelty_bucket(n, digest), digest);

	if (slot == NULL)
		slot = novelty_in(n, novelty_bucket(n, novelty_turn(digest)), digest);
	*known = slot != NULL;
	return slot != NULL ? slot : novelty_room(n, digest);
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
/* So many there are by now. */
uint64_t novelty_slots(const struct novelty *n) NONNULL;
/* What to do with a slot that keeps something back. */
typedef void novelty_visit(void *to, struct slot *slot);
/* Each such slot once, by its place. */
void novelty_each(const struct novelty *n, novelty_visit *visit, void *to) NONNULL;
