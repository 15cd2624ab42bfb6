/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.h - the directions of conversations met lately, by what their packets' headers have in common.
 *
 * A trail is one direction as it looks on the wire: MACs, tags, TTL, addresses, ports, and that the
 * packets are plain. So one look at some 40 bytes, compared as words (plain.h), says of what sender
 * and of what flow a packet is. The flow is asked who it is before it is believed; a sender takes
 * his trails with him when he goes, so his place is right as long as the trail is there.
 *
 * Nearly all packets end on their trail: they are counted in its second cache line, and neither the
 * sender nor what observers say is touched. Once a trail has counted, it counts on by itself
 * until it is folded: what is told of its packets follows from how many there were, of how many
 * bytes, and when the last one came, for the first was counted with the sender.
 *
 * Where a key may be is found in a table of its own, half a cache line a bucket, with the flow's number
 * beside it: so trail and flow are both asked for before anything of either is read. Keys are compared whole;
 * their place is chosen by plain multiplication. Who makes trails fall together makes their packets go
 * the longer way, and no more.
 */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "observe/counters.h"
#include "observe/plain.h"

#include <assert.h>
#include <string.h>

enum { TRAILS = 16384, TRAIL_WAYS = 4 };

struct flow;

/* What tells senders apart, and with it all that link and network tell of a plain packet. */
struct sender_key {
	uint64_t mac;     /* and below it the interface */
	uint64_t how;     /* tags, TTL, family, to a group? */
	uint64_t from[2]; /* the address, as in struct flow_key */
};

/* What datagrams begin with of which the only observer that claims them had enough. */
struct enough {
	bool said;
	uint8_t bits; /* the first three of the first byte */
	uint8_t observer;
};

struct trail {
	_Alignas(64) struct plain_key key;

	uint64_t last_ns, bytes; /* of those counted here; the time is its age as well */
	uint64_t passed
		[2]; /* packets counted here; [1]: datagrams of which an observer had enough */
	struct flow *flow;     /* NULL: the trail is free */
	uint64_t digest;       /* of the flow; it is another's if it has another */
	uint16_t sender;       /* the sender's place, */
	uint16_t next, before; /* and the other trails of his: numbers, from 1 */
	uint16_t port;         /* the lower one */
	uint8_t side;          /* of the flow */
	uint8_t protocol;
	bool claimed; /* UDP: an observer wants one of the ports */
	bool counts;  /* since the last fold the sender has counted one of its packets */
	struct enough enough;
};

/* Trails that share a bucket: what their keys are found by, and whose flow they lead to. */
struct trail_bucket {
	uint32_t tag[TRAIL_WAYS];
	uint32_t flow[TRAIL_WAYS]; /* its number, from 0 */
};

struct trails {
	struct trail *list;
	struct trail_bucket *buckets;
	uint64_t taken; /* how often a trail took a place */
};

size_t trails_budget(void);
bool trails_init(struct trails *t, struct arena *arena) NONNULL MUST_CHECK;
/*
 * A place for the key, which has no trail: a free one, or that of the trail that was quiet for longest;
 * or of one whose key looks like this one, for only one of them can be found.
 */
struct trail *trail_place(const struct trails *t, const struct plain_key *key) NONNULL;
/* What it is found by from now on: its key, and the number of its flow, from 0. */
void trail_put(struct trails *t, const struct trail *trail, uint32_t flow) NONNULL;
void trail_free(struct trails *t, struct trail *trail) NONNULL;

/* The lower half chooses the bucket, the upper one is the tag. */
static inline uint64_t trail_hash(const struct plain_fold *fold)
{
	return hash_spread(fold->even, fold->odd);
}

static inline uint32_t trail_bucket_of(uint64_t hash)
{
	return (uint32_t)hash % (TRAILS / TRAIL_WAYS);
}

static_assert(TRAIL_WAYS == 4, "each way is looked at");

/* The only one of a bucket that may have the tag. No branch: which it is cannot be foretold. */
static inline unsigned trail_way(const struct trail_bucket *b, uint64_t hash)
{
	const uint32_t tag = (uint32_t)(hash >> 32);

	return (unsigned)(b->tag[1] == tag) | (unsigned)(b->tag[2] == tag) << 1 |
	       (unsigned)(b->tag[3] == tag) * 3;
}

static_assert(PLAIN_WORDS == 8, "all words are compared");

/* Where these two words differ, and the next two. */
static inline WORD_PAIR trail_differ(const struct plain_key *a, const struct plain_key *b,
                                     unsigned word)
{
	WORD_PAIR x, y;

	memcpy(&x, &a->word[word], sizeof x);
	memcpy(&y, &b->word[word], sizeof y);
	return x ^ y;
}

/* Two words at a time: of each 45 instructions that took one by one it takes 16. */
static inline bool trail_is(const struct trail *t, const struct plain_key *key)
{
	const WORD_PAIR differs = trail_differ(&t->key, key, 0) | trail_differ(&t->key, key, 2) |
	                          trail_differ(&t->key, key, 4) | trail_differ(&t->key, key, 6);

	return (differs[0] | differs[1]) == 0;
}

/* NULL: there is none. */
static inline struct trail *trail_find(const struct trails *t, const struct plain_key *key)
{
	const struct plain_fold fold = plain_fold(key);
	const uint64_t hash = trail_hash(&fold);
	const uint32_t bucket = trail_bucket_of(hash);
	struct trail *const trail =
		&t->list[bucket * TRAIL_WAYS + trail_way(&t->buckets[bucket], hash)];

	return trail_is(trail, key) ? trail : NULL;
}

static inline bool sender_key_equal(const struct sender_key *a, const struct sender_key *b)
{
	return ((a->mac ^ b->mac) | (a->how ^ b->how) | (a->from[0] ^ b->from[0]) |
	        (a->from[1] ^ b->from[1])) == 0;
}
