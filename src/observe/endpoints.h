/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoints.h - the digests of the endpoints that a task met lately.
 *
 * Each packet tells several facts of one or two endpoints, and nearly all packets are of endpoints
 * seen before: a direct-mapped table remembers their digests, so that a SipHash is paid once and not
 * with every fact. Where two endpoints want one place the later has it: nothing depends on it but time.
 */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "observe/observer.h"
#include "observe/realms.h"

enum { ENDPOINTS = 2048 };

/* What tells endpoints apart, in four words. The realm is its number in this task. */
struct endpoint_words {
	uint64_t word[4];
};

struct known_endpoint {
	struct endpoint_words words;
	uint64_t digest; /* 0: free */
};

struct endpoints {
	struct known_endpoint *list;
};

bool endpoints_init(struct endpoints *e, struct arena *arena) NONNULL MUST_CHECK;
/* The same in every task of the run: of the realm its digest counts. */
uint64_t endpoint_digest(struct endpoints *e, const struct realms *realms,
                         const struct hash_key *key, const struct packet *p,
                         const struct subject *who) NONNULL;
