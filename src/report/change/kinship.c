/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kinship.c - changes of identity above the MAC.
 *
 * Which records are one device is concluded by asset/identity.c; here it is asked at marks, and what
 * is different from the last answer is told: a group that is now part of another one joined it, a
 * member whose group is another one without the former's name was split from it. Each is told of the
 * record that is affected, with the keys that tie or part.
 *
 * Finding all groups anew costs as many steps as there are keys. So it is done only when a key came
 * or went, and the less often the more records there are.
 */
#include "report/change/kinship.h"

#include "asset/identity.h"
#include "asset/sort.h"
#include "base/clock.h"
#include "report/change/tell.h"

#include <assert.h>
#include <string.h>

#define MEMBERS_A_SECOND 4096u /* so many records are gone over at once in a second */

struct kinship {
	struct identity identity;
	struct arena memory;
	uint32_t *member_of;      /* by device; 0: none */
	uint32_t *device_of;      /* by member */
	struct identity_id *told; /* by member: its group's id, as it was told */
	bool *has_told;
	uint32_t *order;
	uint64_t next_ns;
};

int kinship_init(struct changes *c)
{
	const size_t devices = (size_t)c->assets->limits.devices + 1;
	const size_t members = IDENTITY_MEMBERS + 1;
	struct arena memory;
	int err = arena_init(
		&memory, sizeof(struct kinship) + devices * sizeof(uint32_t) +
				 members * (2 * sizeof(uint32_t) + sizeof(struct identity_id) + 1) +
				 8192);

	if (err < 0)
		return err;
	struct kinship *const k = arena_take(&memory, sizeof *k, 64);
	assert(k != NULL);
	k->member_of = arena_take(&memory, devices * sizeof *k->member_of, 64);
	k->device_of = arena_take(&memory, members * sizeof *k->device_of, 64);
	k->told = arena_take(&memory, members * sizeof *k->told, 64);
	k->has_told = arena_take(&memory, members, 64);
	k->order = arena_take(&memory, members * sizeof *k->order, 64);
	assert(k->member_of && k->device_of && k->told && k->has_told && k->order);
	k->memory = memory;
	c->kinship = k;
	return identity_init(&k->identity, 0);
}

void kinship_fini(struct changes *c)
{
	if (c->kinship == NULL)
		return;
	struct arena memory = c->kinship->memory;
	identity_fini(&c->kinship->identity);
	arena_free(&memory);
	c->kinship = NULL;
}

/* ---- members ---- */

static struct identity_id id_of(const struct record *r)
{
	return (struct identity_id){.realm = *r->realm, .mac = r->mac, .ip = r->ip};
}

/* The device's member; of an entry that another device has now, a new one. */
static uint32_t member_for(struct kinship *k, uint32_t device, const struct record *r)
{
	const struct identity_id id = id_of(r);
	uint32_t member = k->member_of[device];

	if (member != 0 && identity_id_compare(identity_id_of(&k->identity, member), &id) == 0)
		return member;
	if (member != 0)
		identity_drop(&k->identity, member);
	member = identity_add(&k->identity, &id);
	k->member_of[device] = member;
	if (member != IDENTITY_NONE) {
		k->device_of[member] = device;
		k->has_told[member] = false;
	}
	return member;
}

/* Records with a key come first: those whose MAC alone may be named have half of the room. */
void kinship_note(struct changes *c, uint32_t device, const struct record *r)
{
	struct kinship *const k = c->kinship;

	if (mac_is_redundancy(r->mac))
		return;
	const uint32_t member = member_for(k, device, r);
	if (member == IDENTITY_NONE)
		return;
	identity_put(&k->identity, member, r->first_ns, r->last_ns, r->facts, r->count);
	if (!identity_is_bare(&k->identity, member) || member <= k->identity.limit / 2)
		return;
	identity_drop(&k->identity, member);
	k->member_of[device] = IDENTITY_NONE;
}

uint64_t kinship_refused(const struct changes *c)
{
	return c->kinship->identity.refused;
}

bool kinship_same(const struct changes *c, uint32_t x, uint32_t y)
{
	const struct kinship *const k = c->kinship;
	const uint32_t a = k->member_of[x], b = k->member_of[y];

	return a != 0 && b != 0 &&
	       identity_group_of(&k->identity, a) == identity_group_of(&k->identity, b);
}

/* ---- telling ---- */

#define ID_TEXT (MAC_TEXT + IP_TEXT)

static struct words id_words(const struct identity_id *id, char text[ID_TEXT])
{
	if (!mac_is_zero(id->mac))
		mac_format(id->mac, text);
	else
		ip_format(&id->ip, text);
	return (struct words){text, strlen(text)};
}

/* A key as its record's fact has it; of the MAC itself its text. */
static struct change_key key_shown(const struct record *r, const struct identity_key *key,
                                   char text[MAC_TEXT])
{
	struct change_key out = {.text = identity_key_text(key), .kind = identity_key_kind(key)};

	if (key->fact < r->count && r->facts[key->fact].kind == out.kind) {
		out.value = r->facts[key->fact].value;
		out.len = r->facts[key->fact].len;
		return out;
	}
	out.kind = FACT_NONE;
	out.value = (const uint8_t *)mac_format(r->mac, text);
	out.len = MAC_TEXT - 1;
	return out;
}

/* The record's own keys again, so that they stand for its facts as they are now. */
static size_t keys_shown(const struct record *r, const struct identity_key *wanted, size_t count,
                         struct change_key out[IDENTITY_KEYS], char text[MAC_TEXT])
{
	const struct identity_id id = id_of(r);
	struct identity_key now[IDENTITY_KEYS];
	const size_t have = identity_keys(&id, r->facts, r->count, now);
	size_t n = 0;

	for (size_t w = 0; w < count; w++)
		for (size_t h = 0; h < have; h++)
			if (identity_key_equal(&wanted[w], &now[h]))
				out[n++] = key_shown(r, &now[h], text);
	return n;
}

/* before, after: the group's ids. */
static void tell_kinship(struct changes *c, const char *what, uint32_t member,
                         const struct identity_id *before, const struct identity_id *after,
                         const struct identity_key *keys, size_t count)
{
	char before_text[ID_TEXT], after_text[ID_TEXT], text[MAC_TEXT];
	struct change_key shown[IDENTITY_KEYS];
	struct record r;

	record_device(c->assets, c->room, c->kinship->device_of[member], &r);
	const struct change change = {.what = what,
	                              .record = &r,
	                              .before = id_words(before, before_text),
	                              .after = id_words(after, after_text),
	                              .keys = shown,
	                              .key_count = keys_shown(&r, keys, count, shown, text)};
	change_tell(c, &change);
}

static void tell_joined(struct changes *c, uint32_t member, const struct identity_id *before,
                        const struct identity_id *after)
{
	const struct identity *const i = &c->kinship->identity;
	struct identity_key ties[IDENTITY_KEYS];
	const size_t count = identity_ties(i, member, ties);

	tell_kinship(c, "joined", member, before, after, ties, count);
}

/* What parts it from those it was one with: any of them that it contradicts. */
static void tell_split(struct changes *c, uint32_t member, const struct identity_id *before,
                       const struct identity_id *after)
{
	const struct kinship *const k = c->kinship;
	struct identity_key own, other;
	size_t count = 0;

	for (uint32_t m = 1; m <= k->identity.used && count == 0; m++)
		if (m != member && k->has_told[m] &&
		    identity_id_compare(&k->told[m], before) == 0 &&
		    identity_against(&k->identity, member, m, &own, &other))
			count = 1;
	tell_kinship(c, "split", member, before, after, &own, count);
}

/* ---- comparing ---- */

static bool member_less(const void *identity, uint32_t x, uint32_t y)
{
	return identity_id_compare(identity_id_of(identity, x), identity_id_of(identity, y)) < 0;
}

/*
 * Is the group that had this id now a part of the group of `member`? It is, where the member with
 * that id is in it; one that is known no more cannot tell, and its group goes on under another id.
 */
static bool is_joined(const struct kinship *k, uint32_t member, const struct identity_id *before)
{
	uint32_t at = member;

	do {
		if (identity_id_compare(identity_id_of(&k->identity, at), before) == 0)
			return true;
		at = identity_next(&k->identity, at);
	} while (at != member);
	return false;
}

/* A member of which the group has another id than was told. */
static void compare_member(struct changes *c, uint32_t member)
{
	struct kinship *const k = c->kinship;
	const struct identity_id *const own = identity_id_of(&k->identity, member);
	const struct identity_id before = k->has_told[member] ? k->told[member] : *own;
	const struct identity_id *const after =
		identity_id_of(&k->identity, identity_group_of(&k->identity, member));

	if (identity_id_compare(&before, after) == 0 || c->silent_new)
		return;
	if (!is_joined(k, member, &before))
		tell_split(c, member, &before, after);
	else if (identity_id_compare(&before, own) == 0)
		tell_joined(c, member, &before, after); /* once, of the group that had its id */
}

static uint32_t members_in_order(struct kinship *k)
{
	uint32_t count = 0;

	for (uint32_t m = 1; m <= k->identity.used; m++)
		if (identity_is_member(&k->identity, m))
			k->order[count++] = m;
	sort_numbers(k->order, count, &k->identity, member_less);
	return count;
}

void kinship_compare(struct changes *c)
{
	struct kinship *const k = c->kinship;
	const uint64_t now_ns = c->context->time_ns;

	if (!k->identity.changed || (now_ns < k->next_ns && !c->ends))
		return;
	k->next_ns = now_ns + k->identity.used / MEMBERS_A_SECOND * CLOCK_SECOND;
	identity_find(&k->identity);
	const uint32_t count = members_in_order(k);
	for (uint32_t i = 0; i < count; i++)
		compare_member(c, k->order[i]);
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t member = k->order[i];
		k->told[member] =
			*identity_id_of(&k->identity, identity_group_of(&k->identity, member));
		k->has_told[member] = true;
	}
}
