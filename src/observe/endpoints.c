/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoints.c - see endpoints.h.
 */
#include "observe/endpoints.h"

bool endpoints_init(struct endpoints *e, struct arena *arena)
{
	e->list = arena_take(arena, ENDPOINTS * sizeof *e->list, 64);
	return e->list != NULL;
}

uint64_t endpoint_learn(struct known_endpoint *place, const struct realms *realms,
                        const struct hash_key *key, const struct packet *p,
                        const struct endpoint_words *words)
{
	const uint64_t hashed[5] = {words->head, words->middle, words->tail,
	                            words->where & ~UINT64_C(0xffff), realms->digest[p->realm]};
	const uint64_t digest = hash_words(key, hashed, 5);

	*place = (struct known_endpoint){*words, digest != 0 ? digest : 1};
	return place->digest;
}
