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
                        const struct subject *who)
{
	const struct subject one = {.mac = who->mac,
	                            .ip = endpoint_has_ip(who->mac, &who->ip) ? who->ip
	                                                                      : (struct ip){0}};
	const struct endpoint_words w = endpoint_words(p, &one);
	const uint64_t hashed[5] = {w.head, w.middle, w.tail, w.where & ~UINT64_C(0xffff),
	                            realms->digest[p->realm]};
	const uint64_t digest = hash_words(key, hashed, 5);

	*place = (struct known_endpoint){endpoint_words(p, who), digest != 0 ? digest : 1};
	return place->digest;
}
