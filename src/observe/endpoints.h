/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoints.h - the digests of the endpoints that a task met lately.
 *
 * Each packet tells several facts of one or two endpoints, and nearly all packets are of endpoints
 * seen before: a direct-mapped table remembers their digests, so that a SipHash is paid once and
 * not with every fact. Where two endpoints want one place the later has it: nothing depends on it
 * but time.
 */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "observe/observer.h"
#include "observe/realms.h"

#include <assert.h>
#include <string.h>

enum { ENDPOINTS = 8192 }; /* a power of two */

/*
 * What tells endpoints apart, in four words: the 23 bytes of a subject in three, of which the last
 * two share a byte, and where it is: VLAN, interface and realm, which is its number in this task.
 */
struct endpoint_words {
	uint64_t head, middle, tail, where;
};

static_assert(sizeof(struct subject) == 23, "a subject has no padding, and fills three words");

struct known_endpoint {
	struct endpoint_words words;
	uint64_t digest; /* 0: free */
};

struct endpoints {
	struct known_endpoint *list;
};

bool endpoints_init(struct endpoints *e, struct arena *arena) NONNULL MUST_CHECK;
/*
 * Of an endpoint that is not at its place: computes its digest and puts it there. What is no address
 * of its own does not count: such endpoints are one.
 */
uint64_t endpoint_learn(struct known_endpoint *place, const struct realms *realms,
                        const struct hash_key *key, const struct packet *p,
                        const struct subject *who) NONNULL;

static inline struct endpoint_words endpoint_words(const struct packet *p,
                                                   const struct subject *who)
{
	const uint8_t *bytes = (const uint8_t *)who;
	struct endpoint_words w = {0};

	memcpy(&w.head, bytes, 8);
	memcpy(&w.middle, bytes + 8, 8);
	memcpy(&w.tail, bytes + sizeof *who - 8, 8);
	w.where = (uint64_t)p->vlan.n << 32 | (uint64_t)p->iface << 16 | p->realm;
	return w;
}

/* Any spread will do: a sender who makes endpoints fall together makes us hash, and no more. */
static inline unsigned endpoint_place(const struct endpoint_words *w)
{
	const uint64_t mixed = (w->head ^ w->tail) * 0x9e3779b97f4a7c15 +
	                       (w->where ^ w->middle) * 0xc2b2ae3d27d4eb4f;

	return (unsigned)(mixed >> 40) % ENDPOINTS;
}

static inline bool endpoint_equal(const struct endpoint_words *a, const struct endpoint_words *b)
{
	return ((a->head ^ b->head) | (a->middle ^ b->middle) | (a->tail ^ b->tail) |
	        (a->where ^ b->where)) == 0;
}

/* The same in every task of the run: of the realm its digest counts. */
static inline uint64_t endpoint_digest(const struct endpoints *e, const struct realms *realms,
                                       const struct hash_key *key, const struct packet *p,
                                       const struct subject *who)
{
	const struct endpoint_words w = endpoint_words(p, who);
	struct known_endpoint *known = &e->list[endpoint_place(&w)];

	if (LIKELY(endpoint_equal(&known->words, &w) && known->digest != 0))
		return known->digest;
	return endpoint_learn(known, realms, key, p, who);
}
