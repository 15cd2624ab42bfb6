/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity.c - from records and their keys to groups. See identity.h for what ties and what parts.
 *
 * All keys are sorted, so that the holders of each stand in a run. A run whose holders contradict
 * each other, or are more than one device has, ties nobody. The others are taken one after the
 * other, the strongest first, and each joins its holders' groups (union-find; the members of a group
 * are also a ring), unless a member of the one contradicts a member of the other. The order of runs,
 * and of holders in a run, follows from what the records say and when they were seen, never from the
 * order in which they came: any order of records gives the same groups.
 *
 * Work is bounded: a run is joined holder by holder, each with the first of TRIES before it that
 * takes it; a group has at most IDENTITY_GROUP members.
 */
#include "asset/identity.h"

#include "asset/identity_rule.h"
#include "asset/sort.h"

#include <assert.h>
#include <string.h>

enum { TRIES = 16 };

struct identity_member {
	struct identity_id id;
	uint64_t first_ns, last_ns;
	uint32_t root; /* towards the root of its group; the root's own number: it is one */
	uint32_t next; /* in the ring of its group; of a free one the next free one */
	uint32_t size; /* of the group, at its root */
	uint32_t group;
	uint8_t key_count;
	uint8_t ones; /* bit per enum key_one: it has a key of it */
	bool used;
	struct identity_key keys[IDENTITY_KEYS];
};

/* The holders of one key: refs[from, to). */
struct identity_run {
	uint32_t from, to;
	uint64_t last_ns; /* when the second but last of them was seen: so long it ties */
	bool shared;      /* it ties nobody */
};

int identity_id_compare(const struct identity_id *a, const struct identity_id *b)
{
	int order = realm_compare(&a->realm, &b->realm);

	if (order == 0)
		order = mac_compare(a->mac, b->mac);
	return order != 0 ? order : ip_compare(&a->ip, &b->ip);
}

/* ---- life ---- */

int identity_init(struct identity *i, uint32_t members)
{
	*i = (struct identity){.limit = members == 0 ? IDENTITY_MEMBERS : members};
	const size_t count = (size_t)i->limit + 1, keys = count * IDENTITY_KEYS;
	const size_t budget =
		count * sizeof *i->members + keys * (2 * sizeof(uint32_t) + sizeof *i->runs) + 4096;
	const int err = arena_init(&i->memory, budget);

	if (err < 0)
		return err;
	i->members = arena_take(&i->memory, count * sizeof *i->members, 64);
	i->refs = arena_take(&i->memory, keys * sizeof *i->refs, 64);
	i->order = arena_take(&i->memory, keys * sizeof *i->order, 64);
	i->runs = arena_take(&i->memory, keys * sizeof *i->runs, 64);
	assert(i->members != NULL && i->refs != NULL && i->order != NULL && i->runs != NULL);
	return 0;
}

void identity_fini(struct identity *i)
{
	arena_free(&i->memory);
}

/* ---- records ---- */

uint32_t identity_add(struct identity *i, const struct identity_id *id)
{
	uint32_t number = i->free;

	if (number != 0) {
		i->free = i->members[number].next;
	} else if (i->used < i->limit) {
		number = ++i->used;
	} else {
		i->refused++;
		return IDENTITY_NONE;
	}
	i->members[number] = (struct identity_member){.id = *id,
	                                              .first_ns = UINT64_MAX,
	                                              .root = number,
	                                              .next = number,
	                                              .size = 1,
	                                              .group = number,
	                                              .used = true};
	return number;
}

bool identity_put_keys(struct identity *i, uint32_t member, uint64_t first_ns, uint64_t last_ns,
                       const struct identity_key *keys, size_t count)
{
	struct identity_member *const m = &i->members[member];
	bool same = m->key_count == count;

	m->ones = 0;
	for (size_t k = 0; k < count; k++) {
		m->ones |= (uint8_t)(1u << identity_rule_of(&keys[k])->one & ~1u);
		same = same && keys[k].rule == m->keys[k].rule &&
		       identity_key_equal(&keys[k], &m->keys[k]);
		m->keys[k] = keys[k];
	}
	m->key_count = (uint8_t)count;
	m->first_ns = first_ns;
	m->last_ns = last_ns;
	i->changed |= !same;
	return !same;
}

bool identity_put(struct identity *i, uint32_t member, uint64_t first_ns, uint64_t last_ns,
                  const struct known *facts, size_t count)
{
	struct identity_key keys[IDENTITY_KEYS];
	const size_t n = identity_keys(&i->members[member].id, facts, count, keys);

	return identity_put_keys(i, member, first_ns, last_ns, keys, n);
}

void identity_drop(struct identity *i, uint32_t member)
{
	struct identity_member *const m = &i->members[member];
	uint32_t before = member;

	while (i->members[before].next != member) /* the others stay a ring until they are found */
		before = i->members[before].next;
	i->members[before].next = m->next;
	*m = (struct identity_member){.next = i->free};
	i->free = member;
	i->changed = true;
}

/* ---- contradiction ---- */

static bool alive_at_once(const struct identity_member *a, const struct identity_member *b)
{
	return a->first_ns < b->last_ns && b->first_ns < a->last_ns;
}

/* The first key in this sense, of a member that has one. */
static const struct identity_key *key_of_one(const struct identity_member *m, enum key_one one)
{
	unsigned k = 0;

	while (k + 1 < m->key_count && identity_rule_of(&m->keys[k])->one != one)
		k++;
	return &m->keys[k];
}

static bool share_one(const struct identity_member *a, const struct identity_member *b,
                      enum key_one one)
{
	for (unsigned x = 0; x < a->key_count; x++)
		for (unsigned y = 0; y < b->key_count; y++)
			if (identity_rule_of(&a->keys[x])->one == one &&
			    identity_rule_of(&b->keys[y])->one == one &&
			    identity_key_equal(&a->keys[x], &b->keys[y]))
				return true;
	return false;
}

/* In which sense their keys are two devices': each has one of it, none the other's. */
static enum key_one keys_against(const struct identity_member *a, const struct identity_member *b)
{
	const unsigned both = a->ones & b->ones;

	if (both == 0)
		return ONE_NONE;
	for (unsigned one = ONE_NONE + 1; one < ONES; one++)
		if ((both >> one & 1) != 0 && !share_one(a, b, (enum key_one)one))
			return (enum key_one)one;
	return ONE_NONE;
}

/* In which sense they are two; ONE_NONE: in none. */
static enum key_one members_against(const struct identity_member *a,
                                    const struct identity_member *b)
{
	return alive_at_once(a, b) ? keys_against(a, b) : ONE_NONE;
}

bool identity_against(const struct identity *i, uint32_t a, uint32_t b, struct identity_key *of_a,
                      struct identity_key *of_b)
{
	const struct identity_member *const x = &i->members[a], *const y = &i->members[b];
	const enum key_one one = members_against(x, y);

	if (one == ONE_NONE)
		return false;
	*of_a = *key_of_one(x, one);
	*of_b = *key_of_one(y, one);
	return true;
}

/* ---- runs ---- */

static const struct identity_member *ref_member(const struct identity *i, uint32_t ref)
{
	return &i->members[ref / IDENTITY_KEYS];
}

static const struct identity_key *ref_key(const struct identity *i, uint32_t ref)
{
	return &ref_member(i, ref)->keys[ref % IDENTITY_KEYS];
}

static int digest_compare(const struct identity_key *x, const struct identity_key *y)
{
	if (x->digest[0] != y->digest[0])
		return x->digest[0] < y->digest[0] ? -1 : 1;
	return x->digest[1] < y->digest[1] ? -1 : x->digest[1] > y->digest[1];
}

/* Of those that hold one key the last seen is first. */
static bool ref_less(const void *identity, uint32_t x, uint32_t y)
{
	const struct identity *const i = identity;
	const struct identity_member *const a = ref_member(i, x), *const b = ref_member(i, y);
	const int order = digest_compare(ref_key(i, x), ref_key(i, y));

	if (order != 0)
		return order < 0;
	if (a->last_ns != b->last_ns)
		return a->last_ns > b->last_ns;
	return identity_id_compare(&a->id, &b->id) < 0;
}

static uint32_t collect_refs(struct identity *i)
{
	uint32_t count = 0;

	for (uint32_t m = 1; m <= i->used; m++)
		for (uint32_t k = 0; k < i->members[m].key_count; k++)
			if (!i->members[m].keys[k].shared &&
			    identity_rule_of(&i->members[m].keys[k])->weight > 0)
				i->refs[count++] = m * IDENTITY_KEYS + k;
	sort_numbers(i->refs, count, i, ref_less);
	return count;
}

/* The strongest rule by which it was shown decides, and the greatest number of holders allowed. */
static uint8_t run_weight(const struct identity *i, const struct identity_run *r)
{
	uint8_t weight = 0;

	for (uint32_t at = r->from; at < r->to; at++) {
		const uint8_t one = identity_rule_of(ref_key(i, i->refs[at]))->weight;
		weight = one > weight ? one : weight;
	}
	return weight;
}

/* So many may hold it; 0: it ties nobody. One made-up MAC in two realms is two devices. */
static uint32_t run_holders(const struct identity *i, const struct identity_run *r)
{
	uint32_t holders = 0;

	for (uint32_t at = r->from; at < r->to; at++) {
		const struct identity_key *const key = ref_key(i, i->refs[at]);
		const uint32_t allowed = identity_rule_of(key)->holders;
		if (key->fact != IDENTITY_OWN)
			holders = allowed > holders ? allowed : holders;
	}
	if (holders == 0 && !mac_is_local(ref_member(i, i->refs[r->from])->id.mac))
		holders = identity_rule_of(ref_key(i, i->refs[r->from]))->holders;
	return holders;
}

/* Do two holders contradict each other? Of very many each is held against the first ones. */
static bool run_contradicts(const struct identity *i, const struct identity_run *r)
{
	for (uint32_t x = r->from; x < r->to; x++)
		for (uint32_t y = r->from; y < x && y < r->from + TRIES; y++)
			if (members_against(ref_member(i, i->refs[x]), ref_member(i, i->refs[y])) !=
			    ONE_NONE)
				return true;
	return false;
}

static bool run_less(const void *identity, uint32_t x, uint32_t y)
{
	const struct identity *const i = identity;
	const struct identity_run *const a = &i->runs[x], *const b = &i->runs[y];
	const uint8_t a_weight = run_weight(i, a), b_weight = run_weight(i, b);

	if (a_weight != b_weight)
		return a_weight > b_weight;
	if (a->last_ns != b->last_ns)
		return a->last_ns > b->last_ns;
	return digest_compare(ref_key(i, i->refs[a->from]), ref_key(i, i->refs[b->from])) < 0;
}

/* Keys that one record alone shows make no run. */
static void find_runs(struct identity *i)
{
	const uint32_t count = collect_refs(i);

	i->run_count = 0;
	for (uint32_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && identity_key_equal(ref_key(i, i->refs[from]),
		                                                     ref_key(i, i->refs[to]));)
			to++;
		if (to - from < 2)
			continue;
		struct identity_run *const r = &i->runs[i->run_count];
		*r = (struct identity_run){.from = from, .to = to};
		r->last_ns = ref_member(i, i->refs[from + 1])->last_ns;
		r->shared = to - from > run_holders(i, r) || run_contradicts(i, r);
		i->order[i->run_count] = i->run_count;
		i->run_count++;
	}
	sort_numbers(i->order, i->run_count, i, run_less);
}

/* ---- groups ---- */

static uint32_t group_root(struct identity *i, uint32_t member)
{
	while (i->members[member].root != member) {
		i->members[member].root = i->members[i->members[member].root].root;
		member = i->members[member].root;
	}
	return member;
}

static bool groups_contradict(const struct identity *i, uint32_t a, uint32_t b)
{
	uint32_t x = a, y = b;

	do {
		do {
			if (members_against(&i->members[x], &i->members[y]) != ONE_NONE)
				return true;
			y = i->members[y].next;
		} while (y != b);
		x = i->members[x].next;
	} while (x != a);
	return false;
}

/* True: they are one group now, or were. */
static bool groups_join(struct identity *i, uint32_t a, uint32_t b)
{
	uint32_t x = group_root(i, a), y = group_root(i, b);

	if (x == y)
		return true;
	if (i->members[x].size + i->members[y].size > IDENTITY_GROUP || groups_contradict(i, x, y))
		return false;
	if (i->members[x].size < i->members[y].size) {
		const uint32_t less = x;
		x = y;
		y = less;
	}
	i->members[y].root = x;
	i->members[x].size += i->members[y].size;
	const uint32_t after = i->members[x].next; /* two rings become one */
	i->members[x].next = i->members[y].next;
	i->members[y].next = after;
	return true;
}

static void run_join(struct identity *i, const struct identity_run *r)
{
	for (uint32_t x = r->from + 1; x < r->to; x++)
		for (uint32_t y = r->from; y < x && y < r->from + TRIES; y++)
			if (groups_join(i, i->refs[x] / IDENTITY_KEYS, i->refs[y] / IDENTITY_KEYS))
				break;
}

static bool is_older(const struct identity_member *a, const struct identity_member *b)
{
	if (a->first_ns != b->first_ns)
		return a->first_ns < b->first_ns;
	return identity_id_compare(&a->id, &b->id) < 0;
}

/* Walked once a group: from its root. */
static void group_name(struct identity *i, uint32_t root)
{
	uint32_t oldest = root, at = root;

	do {
		if (is_older(&i->members[at], &i->members[oldest]))
			oldest = at;
		at = i->members[at].next;
	} while (at != root);
	do {
		i->members[at].group = oldest;
		at = i->members[at].next;
	} while (at != root);
}

void identity_find(struct identity *i)
{
	for (uint32_t m = 1; m <= i->used; m++) {
		if (!i->members[m].used)
			continue;
		i->members[m].root = i->members[m].next = i->members[m].group = m;
		i->members[m].size = 1;
	}
	find_runs(i);
	for (uint32_t r = 0; r < i->run_count; r++)
		if (!i->runs[i->order[r]].shared)
			run_join(i, &i->runs[i->order[r]]);
	for (uint32_t m = 1; m <= i->used; m++)
		if (i->members[m].used && i->members[m].root == m && i->members[m].size > 1)
			group_name(i, m);
	i->changed = false;
}

bool identity_is_settled(const struct identity *i)
{
	uint32_t members = 0;

	for (uint32_t a = 1; a <= i->used; a++) {
		members += i->members[a].used;
		for (uint32_t b = 1; b < a; b++)
			if (keys_against(&i->members[a], &i->members[b]) != ONE_NONE)
				return false;
	}
	return members <= IDENTITY_GROUP; /* who fits into a group is a question of time too */
}

/* ---- what was found ---- */

bool identity_is_bare(const struct identity *i, uint32_t member)
{
	const struct identity_member *const m = &i->members[member];

	return m->key_count == 0 || (m->key_count == 1 && m->keys[0].fact == IDENTITY_OWN);
}

bool identity_is_member(const struct identity *i, uint32_t member)
{
	return i->members[member].used;
}

uint32_t identity_group_of(const struct identity *i, uint32_t member)
{
	return i->members[member].group;
}

uint32_t identity_group_size(const struct identity *i, uint32_t member)
{
	while (i->members[member].root != member)
		member = i->members[member].root;
	return i->members[member].size;
}

uint32_t identity_next(const struct identity *i, uint32_t member)
{
	return i->members[member].next;
}

const struct identity_id *identity_id_of(const struct identity *i, uint32_t member)
{
	return &i->members[member].id;
}

static bool holds(const struct identity_member *m, const struct identity_key *key)
{
	for (unsigned k = 0; k < m->key_count; k++)
		if (identity_key_equal(&m->keys[k], key))
			return identity_rule_of(&m->keys[k])->weight > 0;
	return false;
}

static bool ties_others(const struct identity *i, uint32_t member, const struct identity_key *key)
{
	for (uint32_t at = i->members[member].next; at != member; at = i->members[at].next)
		if (holds(&i->members[at], key))
			return true;
	return false;
}

size_t identity_ties(const struct identity *i, uint32_t member,
                     struct identity_key out[IDENTITY_KEYS])
{
	const struct identity_member *const m = &i->members[member];
	size_t n = 0;

	for (unsigned k = 0; k < m->key_count; k++)
		if (identity_rule_of(&m->keys[k])->weight > 0 &&
		    ties_others(i, member, &m->keys[k]))
			out[n++] = m->keys[k];
	return n;
}
