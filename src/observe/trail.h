/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.h - the directions of conversations met lately, by what their packets' headers have in common.
 *
 * A trail is one direction as it looks on the wire: MACs, tags, TTL, addresses, ports, and that the
 * packets are plain. So one look at some 40 bytes, compared as words (plain.h), says of what sender
 * and of what flow a packet is. Both are asked who they are before they are believed: no trail is
 * taken back because they are gone.
 *
 * Keys are compared whole; their place is chosen by plain multiplication. Who makes trails fall
 * together makes their packets go the longer way, and no more.
 */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "observe/counters.h"
#include "observe/plain.h"

#include <assert.h>
#include <string.h>

enum { TRAILS = 16384, TRAIL_WAYS = 2 };

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
	_Alignas(64) struct plain_key key; /* all 0: free */

	struct sender_key from;
	uint64_t digest; /* of the flow, */
	uint32_t flow;   /* its number, from 1 */
	uint16_t sender; /* the sender's place */
	uint8_t side;    /* of the flow */
	uint8_t protocol;
	uint16_t port;      /* the lower one */
	uint16_t unclaimed; /* UDP: the number, from 1, under which such datagrams are counted */
	bool claimed;       /* UDP: an observer wants one of the ports */
	struct enough enough;
};

struct trails {
	struct trail *list;
	uint64_t taken; /* how often a trail took a place */
};

bool trails_init(struct trails *t, struct arena *arena) NONNULL MUST_CHECK;
/* A place for the key, which has none: the older trail there goes. */
struct trail *trail_take(struct trails *t, const struct plain_key *key) NONNULL;

static inline uint64_t trail_turn(uint64_t word, unsigned by)
{
	return word << by | word >> (64 - by);
}

/* Words are turned: a host's number is often in its MAC and in its address. */
static inline struct trail *trail_bucket(const struct trails *t, const struct plain_key *key)
{
	const uint64_t *w = key->word;
	const uint64_t even = w[0] ^ trail_turn(w[2], 17) ^ trail_turn(w[4], 31) ^ w[6];
	const uint64_t odd = w[1] ^ trail_turn(w[3], 23) ^ trail_turn(w[5], 41) ^ w[7];

	return &t->list[hash_spread(even, odd) % (TRAILS / TRAIL_WAYS) * TRAIL_WAYS];
}

static inline bool sender_key_equal(const struct sender_key *a, const struct sender_key *b)
{
	return ((a->mac ^ b->mac) | (a->how ^ b->how) | (a->from[0] ^ b->from[0]) |
	        (a->from[1] ^ b->from[1])) == 0;
}

static_assert(PLAIN_WORDS == 8, "all words are compared");

/* Where these two words do. */
static inline WORD_PAIR trail_differ(const uint64_t *a, const uint64_t *b)
{
	WORD_PAIR x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x ^ y;
}

/* Two words at a time: of each 45 instructions that took one by one it takes 20. */
static inline bool trail_is(const struct trail *t, const struct plain_key *key)
{
	const uint64_t *const a = t->key.word, *const b = key->word;
	const WORD_PAIR differs = trail_differ(a, b) | trail_differ(a + 2, b + 2) |
	                          trail_differ(a + 4, b + 4) | trail_differ(a + 6, b + 6);

	return (differs[0] | differs[1]) == 0;
}

/* NULL: there is none. */
static inline struct trail *trail_find(struct trail *bucket, const struct plain_key *key)
{
	for (unsigned i = 0; i < TRAIL_WAYS; i++)
		if (trail_is(&bucket[i], key))
			return &bucket[i];
	return NULL;
}
