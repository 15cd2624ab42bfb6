/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity.h - which records are one device: identity above the MAC.
 *
 * A device has several MACs: two interfaces, a dock, a random address a network, the ports of a
 * switch. What shows that they are one is a key that both gave away: a DUID, a machine's UUID, an
 * SSH host key, a chassis id. This is a view like all else: from a set of records, in any order, to
 * groups of them; no packet, no clock, no store. Who reads a report concludes what the sensor
 * concluded.
 *
 * Evidence ties, and evidence parts. A key says nothing
 *   - when it is a placeholder (all zero) or the address of a redundancy group;
 *   - when more show it than one device has interfaces: a default of the maker's;
 *   - when two records that were alive at once show it and contradict each other in a key of which
 *     a device has one (its UUID, its DUID, its chassis, the name it asks a lease with): then it is
 *     a copied key, and ties nobody;
 *   - when it is of a certificate for many hosts ("*.example.org"), or was shown by an address that
 *     may be a far host's.
 * The strongest keys tie first, of equal ones those that were shown last, and none ties what
 * contradicts: so a dock that two laptops use goes with the one that used it last.
 *
 * A group is known by the id of its oldest member. Each member's id stands for its group, so an id
 * that a group once had still finds it after it joined an older one: the members are the table of
 * aliases (identity_group_of).
 *
 * Memory is taken at the start. Records and keys beyond it are refused and counted.
 */
#pragma once

#include "asset/infer/infer.h"
#include "base/arena.h"
#include "base/attr.h"
#include "net/ip.h"
#include "net/mac.h"
#include "net/realm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	IDENTITY_KEYS = 16,       /* of one record: the strongest */
	IDENTITY_GROUP = 128,     /* records of one device: the ports of a great switch */
	IDENTITY_MEMBERS = 16384, /* records with a key, if the owner does not say */
	IDENTITY_NONE = 0         /* no member has this number */
};

/* What a record is known by. */
struct identity_id {
	struct realm realm;
	struct mac mac; /* zero: known by its address */
	struct ip ip;   /* family 0: known by its MAC */
};
int identity_id_compare(const struct identity_id *a, const struct identity_id *b) PURE NONNULL;

/* A key of a record, as it compares with others'. */
struct identity_key {
	uint64_t digest[2]; /* of what it names, however it was written */
	uint32_t fact; /* which of the record's facts showed it; IDENTITY_OWN: its MAC itself */
	uint8_t rule;
	bool shared; /* more show it than stand here, and than one device has: it ties nobody */
};
#define IDENTITY_OWN UINT32_MAX

/* The keys among a record's facts, the strongest first; returns how many. Pure. */
size_t identity_keys(const struct identity_id *id, const struct known *facts, size_t count,
                     struct identity_key out[IDENTITY_KEYS]) NONNULL;
/* Of one record, as two saw it: more joins the count keys that are there; returns how many they are. */
size_t identity_keys_join(struct identity_key keys[IDENTITY_KEYS], size_t count,
                          const struct identity_key *more, size_t more_count) NONNULL;
/* The rule by this number, which is kept on disk, is there. */
bool identity_is_rule(unsigned rule) PURE;
/* Are these the same key, by whichever fact it was shown? */
bool identity_key_equal(const struct identity_key *a, const struct identity_key *b) PURE NONNULL;
/* The kind of fact that shows it; FACT_NONE: the MAC itself. */
enum fact_kind identity_key_kind(const struct identity_key *key) PURE NONNULL;
/* How sure it ties, 0..100; 0: it only parts. */
uint8_t identity_key_weight(const struct identity_key *key) PURE NONNULL;
/* "the machine's UUID" */
const char *identity_key_text(const struct identity_key *key) PURE NONNULL;

struct identity_member;

struct identity {
	struct arena memory;
	struct identity_member *members; /* [0] is not used */
	uint32_t limit, used, free;
	uint32_t *refs;            /* all keys, sorted: member * IDENTITY_KEYS + its number */
	struct identity_run *runs; /* refs with the same key */
	uint32_t *order;           /* of the runs */
	uint32_t run_count;
	bool changed; /* since identity_find */
	uint64_t refused;
};

/* 0, or -errno. members 0: IDENTITY_MEMBERS. */
int identity_init(struct identity *i, uint32_t members) MUST_CHECK NONNULL;
void identity_fini(struct identity *i) NONNULL;

/* A record, by its number; IDENTITY_NONE: there is no room. */
uint32_t identity_add(struct identity *i, const struct identity_id *id) NONNULL MUST_CHECK;
/*
 * What is known of it now. True: it has other keys than before, and the groups are to be found
 * anew.
 */
bool identity_put(struct identity *i, uint32_t member, uint64_t first_ns, uint64_t last_ns,
                  const struct known *facts, size_t count) NONNULL;
/* The same, of keys that identity_keys gave. */
bool identity_put_keys(struct identity *i, uint32_t member, uint64_t first_ns, uint64_t last_ns,
                       const struct identity_key *keys, size_t count) NONNULL;
void identity_drop(struct identity *i, uint32_t member) NONNULL;

/* Has it no key but its own MAC? */
bool identity_is_bare(const struct identity *i, uint32_t member) PURE NONNULL;
bool identity_is_member(const struct identity *i, uint32_t member) PURE NONNULL;

/* Finds the groups; what follows answers from the last time. */
void identity_find(struct identity *i) NONNULL;
/*
 * Would the members be grouped the same whenever each of them had been seen? Then only new keys, or
 * an older first time, can change the groups.
 */
bool identity_is_settled(const struct identity *i) PURE NONNULL;
/* The oldest member of its group: it itself, when it is alone. */
uint32_t identity_group_of(const struct identity *i, uint32_t member) PURE NONNULL;
uint32_t identity_group_size(const struct identity *i, uint32_t member) PURE NONNULL;
/* The next of its group, in a ring. */
uint32_t identity_next(const struct identity *i, uint32_t member) PURE NONNULL;
const struct identity_id *identity_id_of(const struct identity *i, uint32_t member) PURE NONNULL;
/* The keys that a member shares with others of its group: how many; keys of out are its own. */
size_t identity_ties(const struct identity *i, uint32_t member,
                     struct identity_key out[IDENTITY_KEYS]) NONNULL;
/*
 * In what two members contradict each other: a key of each; false: in nothing.
 */
bool identity_against(const struct identity *i, uint32_t a, uint32_t b, struct identity_key *of_a,
                      struct identity_key *of_b) NONNULL;
