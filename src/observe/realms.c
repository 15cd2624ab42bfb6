/* SPDX-License-Identifier: Apache-2.0 */
/*
 * realms.c - see realms.h.
 */
#include "observe/realms.h"

bool realms_init(struct realms *r, struct arena *arena)
{
	r->list = arena_take(arena, REALMS_MAX * sizeof *r->list, 8);
	r->digest = arena_take(arena, REALMS_MAX * sizeof *r->digest, 8);
	r->buckets = arena_take(arena, REALM_BUCKETS * sizeof *r->buckets, 8);
	r->count = 1; /* "" with digest 0 */
	return r->list && r->digest && r->buckets;
}

int realms_number(struct realms *r, const struct hash_key *key, const struct realm *realm)
{
	if (realm->len == 0)
		return 0;
	const uint64_t digest = hash64(key, realm->s, realm->len);
	uint64_t at = digest % REALM_BUCKETS;

	for (; r->buckets[at] != 0; at = (at + 1) % REALM_BUCKETS)
		if (realm_equal(&r->list[r->buckets[at] - 1], realm))
			return r->buckets[at] - 1;
	if (r->count == REALMS_MAX)
		return -1;
	r->list[r->count] = *realm;
	r->digest[r->count] = digest;
	r->buckets[at] = (uint16_t)(r->count + 1);
	return (int)r->count++;
}
