/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grouping.c - which interfaces are one device, kept as records come and go.
 *
 * Every interface belongs to a device, and the device goes by the number of its oldest interface: a
 * number of another that was the device's own once finds it still, for it is an interface's
 * (interface.device). What identity.c concludes of interfaces depends on nothing but those that are
 * tied to them, however far: on their component. So when an interface has other keys than before,
 * comes or goes, it is marked; and at the commit its component is found, judged by identity.c, and
 * whoever now belongs elsewhere moves there with all its terms.
 *
 * A component that is settled (identity_is_settled) is judged again only when a key in it is
 * another; one in which keys contradict each other with every report, since there it matters who
 * was alive when. A component is cut at STORE_RELATED interfaces, each key at IDENTITY_GROUP holders:
 * with one more it ties nobody, and all who held it are judged again.
 */
#include "asset/identity.h"
#include "manager/store/sqlite.h"

#include <stdlib.h>

struct component {
	uint64_t ids[STORE_RELATED];
	struct member {
		int64_t device;
		bool settled;
		uint32_t number; /* of identity; IDENTITY_NONE: it has no keys */
	} members[STORE_RELATED];
	size_t count;
	int64_t shared[STORE_RELATED * IDENTITY_KEYS]; /* keys that more hold than IDENTITY_GROUP */
	size_t shared_count;
};

struct grouping {
	struct identity identity;
	struct component component;
	uint64_t of_number[STORE_RELATED + 2]; /* the interface of a member of identity */
};

/* NULL: no memory. */
static struct grouping *grouping_of(struct store *s)
{
	if (s->grouping != NULL)
		return s->grouping;
	s->grouping = calloc(1, sizeof *s->grouping);
	if (s->grouping == NULL || identity_init(&s->grouping->identity, STORE_RELATED + 1) == 0)
		return s->grouping;
	free(s->grouping);
	s->grouping = NULL;
	return NULL;
}

void grouping_free(struct store *s)
{
	if (s->grouping == NULL)
		return;
	identity_fini(&s->grouping->identity);
	free(s->grouping);
}

/* ---- who is to be judged ---- */

bool grouping_mark(struct store *s, int64_t interface)
{
	return counting_add(&s->marked, (uint32_t)interface, 0, 1);
}

static bool mark_all(struct store *s, sqlite3_stmt *q)
{
	bool broke = false, done = true;

	while (done && sql_step(s, q, &broke))
		done = grouping_mark(s, sqlite3_column_int64(q, 0));
	sqlite3_reset(q);
	return done && !broke;
}

bool grouping_mark_device(struct store *s, int64_t device)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_INTERFACES_OF);

	if (q == NULL)
		return false;
	sql_bind(q, "i", device);
	return mark_all(s, q);
}

bool grouping_mark_holders(struct store *s, int64_t key, int64_t only_when, int64_t *holders)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_TIE_HOLDERS);
	int64_t count = 0;
	bool broke = q == NULL;

	*holders = 0;
	if (q == NULL)
		return false;
	sql_bind(q, "ii", key, (int64_t)IDENTITY_GROUP + 2);
	while (sql_step(s, q, &broke))
		count++;
	sqlite3_reset(q);
	*holders = count;
	if (broke || count > IDENTITY_GROUP + 1 || (only_when != 0 && count != only_when))
		return !broke;
	return mark_all(s, q);
}

/* ---- who is tied to whom ---- */

static bool is_in(const struct component *c, uint64_t id)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->ids[i] == id)
			return true;
	return false;
}

static bool is_shared(const struct component *c, int64_t key)
{
	for (size_t i = 0; i < c->shared_count; i++)
		if (c->shared[i] == key)
			return true;
	return false;
}

/* Adds whom the statement gives; nobody, when they are more than `most`: *more. */
static bool add_all(struct store *s, sqlite3_stmt *q, size_t most, struct component *c, bool *more)
{
	uint64_t ids[STORE_RELATED + 1];
	size_t count = 0;
	bool broke = false;

	while (count < COUNT_OF(ids) && sql_step(s, q, &broke))
		ids[count++] = (uint64_t)sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	*more = count > most;
	for (size_t i = 0; count <= most && i < count && c->count < STORE_RELATED; i++)
		if (!is_in(c, ids[i]))
			c->ids[c->count++] = ids[i];
	return !broke;
}

/* Its keys are read first: the statement is another's then. */
static bool add_holders(struct store *s, uint64_t interface, struct component *c)
{
	sqlite3_stmt *q = sql_statement(s, STATEMENT_TIES);
	int64_t keys[4 * IDENTITY_KEYS];
	size_t found = 0;
	bool broke = q == NULL, more;

	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)interface);
	while (found < COUNT_OF(keys) && sql_step(s, q, &broke))
		keys[found++] = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	for (size_t i = 0; !broke && i < found; i++) {
		q = sql_statement(s, STATEMENT_TIE_HOLDERS);
		if (q == NULL)
			return false;
		sql_bind(q, "ii", keys[i], (int64_t)IDENTITY_GROUP + 1);
		if (!add_all(s, q, IDENTITY_GROUP, c, &more))
			return false;
		if (more && c->shared_count < COUNT_OF(c->shared) && !is_shared(c, keys[i]))
			c->shared[c->shared_count++] = keys[i];
	}
	return !broke;
}

/* Those that are one device with it as yet: they may have to part. */
static bool add_fellows(struct store *s, uint64_t interface, struct component *c)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_INTERFACE_FELLOWS);
	bool more;

	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)interface);
	return add_all(s, q, STORE_RELATED, c, &more);
}

static bool component_find(struct store *s, uint64_t interface, struct component *c)
{
	c->ids[0] = interface;
	c->count = 1;
	c->shared_count = 0;
	for (size_t i = 0; i < c->count; i++)
		if (!add_holders(s, c->ids[i], c) || !add_fellows(s, c->ids[i], c))
			return false;
	return true;
}

/* ---- judging ---- */

/* The keys that its records show, to all sensors. */
static bool read_keys(struct store *s, const struct component *c, uint64_t interface,
                      struct identity_key keys[IDENTITY_KEYS], size_t *count)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_RECORD_KEYS_OF);
	struct identity_key more[IDENTITY_KEYS];
	bool broke = q == NULL;

	*count = 0;
	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)interface);
	while (sql_step(s, q, &broke))
		*count = identity_keys_join(keys, *count, more,
		                            ties_read(sqlite3_column_blob(q, 0),
		                                      (size_t)sqlite3_column_bytes(q, 0), more));
	sqlite3_reset(q);
	for (size_t i = 0; i < *count; i++)
		keys[i].shared = is_shared(c, (int64_t)keys[i].digest[0]);
	return !broke;
}

/* False: the store failed. Who is gone meanwhile has no device. */
static bool member_read(struct store *s, uint64_t interface, struct member *m,
                        struct identity_id *id, uint64_t times[2])
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_INTERFACE_MEMBER);
	bool broke = q == NULL;

	*m = (struct member){.number = IDENTITY_NONE};
	*id = (struct identity_id){0};
	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)interface);
	if (sql_step(s, q, &broke)) {
		m->device = sqlite3_column_int64(q, 0);
		m->settled = sqlite3_column_int(q, 1) != 0;
		times[0] = (uint64_t)sqlite3_column_int64(q, 2);
		times[1] = (uint64_t)sqlite3_column_int64(q, 3);
		id->realm = realm_read(sql_text(q, 4));
		(void)!mac_parse(sql_text(q, 5), &id->mac);
		if (*sql_text(q, 5) == '\0')
			(void)!ip_parse(sql_text(q, 6), &id->ip);
	}
	sqlite3_reset(q);
	return !broke;
}

static bool members_read(struct store *s, struct grouping *g)
{
	struct component *const c = &g->component;
	struct identity_key keys[IDENTITY_KEYS];

	for (size_t i = 0; i < c->count; i++) {
		struct member *const m = &c->members[i];
		struct identity_id id;
		uint64_t times[2] = {0};
		size_t count;

		if (!member_read(s, c->ids[i], m, &id, times) ||
		    !read_keys(s, c, c->ids[i], keys, &count))
			return false;
		if (m->device == 0)
			continue;
		m->number = identity_add(&g->identity, &id);
		if (m->number == IDENTITY_NONE)
			continue;
		identity_put_keys(&g->identity, m->number, times[0], times[1], keys, count);
		g->of_number[m->number] = c->ids[i];
	}
	return true;
}

static void members_drop(struct grouping *g)
{
	for (size_t i = 0; i < g->component.count; i++)
		if (g->component.members[i].number != IDENTITY_NONE)
			identity_drop(&g->identity, g->component.members[i].number);
}

/* ---- moving ---- */

static bool member_move(struct store *s, int64_t interface, int64_t from, int64_t to)
{
	store_touch(s, from);
	store_touch(s, to);
	return sql_do(s, STATEMENT_INTERFACE_MOVE, "ii", to, interface) &&
	       sql_do(s, STATEMENT_HAS_MOVE, "ii", to, interface) &&
	       device_stale(s, from, STALE_MEMBERS) && device_stale(s, to, STALE_MEMBERS);
}

static bool members_move(struct store *s, const struct grouping *g)
{
	const bool settled = identity_is_settled(&g->identity);

	for (size_t i = 0; i < g->component.count; i++) {
		const struct member *const m = &g->component.members[i];
		const int64_t id = (int64_t)g->component.ids[i];

		if (m->number == IDENTITY_NONE)
			continue;
		const int64_t device =
			(int64_t)g->of_number[identity_group_of(&g->identity, m->number)];
		if ((m->device != device && !member_move(s, id, m->device, device)) ||
		    (m->settled != settled &&
		     !sql_do(s, STATEMENT_INTERFACE_SETTLED, "ii", (int64_t)settled, id)))
			return false;
	}
	return true;
}

static bool component_judge(struct store *s, struct grouping *g)
{
	bool done = members_read(s, g);

	if (done) {
		identity_find(&g->identity);
		done = members_move(s, g);
	}
	members_drop(g);
	return done;
}

/* Who was judged with another need not be once more. */
bool grouping_settle(struct store *s)
{
	struct grouping *const g = s->marked.count == 0 ? NULL : grouping_of(s);
	struct counting judged = {0};
	bool done = true;

	if (g == NULL)
		return s->marked.count == 0;
	for (size_t i = 0; done && i < s->marked.room; i++) {
		const uint32_t interface = s->marked.list[i].term;

		if (interface == 0 || counting_find(&judged, interface) != NULL)
			continue;
		done = component_find(s, interface, &g->component);
		for (size_t k = 0; done && k < g->component.count; k++)
			done = counting_add(&judged, (uint32_t)g->component.ids[k], 0, 1);
		done = done && component_judge(s, g);
	}
	counting_free(&judged);
	counting_clear(&s->marked);
	return done;
}
