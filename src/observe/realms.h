/* SPDX-License-Identifier: Apache-2.0 */
/*
 * realms.h - the tunnels' realms a task has met, numbered: a packet carries the number.
 *
 * Number 0 is "", outside of all tunnels. The numbers are the task's own; what leaves the task
 * carries the realm itself, and digests use the realm's digest, which is the same in every task.
 */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "net/realm.h"

enum { REALMS_MAX = 4096, REALM_BUCKETS = 8192 };

struct realms {
	struct realm *list;
	uint64_t *digest;  /* of each */
	uint16_t *buckets; /* number + 1; 0: free */
	unsigned count;
};

bool realms_init(struct realms *r, struct arena *arena) NONNULL MUST_CHECK;
/* The realm's number, a new one if need be; -1: no room. */
int realms_number(struct realms *r, const struct hash_key *key,
                  const struct realm *realm) NONNULL MUST_CHECK;
