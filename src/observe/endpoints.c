/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoints.c - see endpoints.h.
 */
#include "observe/endpoints.h"

#include <string.h>

bool endpoints_init(struct endpoints *e, struct arena *arena)
{
	e->list = arena_take(arena, ENDPOINTS * sizeof *e->list, 64);
	return e->list != NULL;
}

static struct endpoint_words endpoint_words(const struct packet *p, const struct subject *who)
{
	struct endpoint_words w = {{0}};

	memcpy(&w.word[0], who->mac.b, sizeof who->mac.b);
	w.word[1] = (uint64_t)p->vlan.n << 48 | (uint64_t)p->iface << 32 |
	            (uint64_t)p->realm << 16 | who->ip.family;
	memcpy(&w.word[2], who->ip.b, sizeof who->ip.b);
	return w;
}

/* Any spread will do: a sender who makes endpoints fall together makes us hash, and no more. */
static unsigned endpoint_place(const struct endpoint_words *w)
{
	const uint64_t mixed = (w->word[0] ^ w->word[3]) * 0x9e3779b97f4a7c15 +
	                       (w->word[1] ^ w->word[2]) * 0xc2b2ae3d27d4eb4f;

	return (unsigned)(mixed >> 40) % ENDPOINTS;
}

static bool endpoint_equal(const struct endpoint_words *a, const struct endpoint_words *b)
{
	return a->word[0] == b->word[0] && a->word[1] == b->word[1] && a->word[2] == b->word[2] &&
	       a->word[3] == b->word[3];
}

static uint64_t endpoint_hash(const struct realms *realms, const struct hash_key *key,
                              const struct packet *p, const struct endpoint_words *w)
{
	const uint64_t words[5] = {w->word[0], w->word[1] & ~UINT64_C(0xffff0000), w->word[2],
	                           w->word[3], realms->digest[p->realm]};
	const uint64_t digest = hash_words(key, words, 5);

	return digest != 0 ? digest : 1;
}

uint64_t endpoint_digest(struct endpoints *e, const struct realms *realms,
                         const struct hash_key *key, const struct packet *p,
                         const struct subject *who)
{
	const struct endpoint_words w = endpoint_words(p, who);
	struct known_endpoint *known = &e->list[endpoint_place(&w)];

	if (LIKELY(endpoint_equal(&known->words, &w) && known->digest != 0))
		return known->digest;
	*known = (struct known_endpoint){w, endpoint_hash(realms, key, p, &w)};
	return known->digest;
}
