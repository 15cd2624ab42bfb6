/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interfaces.c - the rows that are made of records: an interface of the records under one key, a
 * device of its interfaces.
 *
 * Several sensors may see one interface: its counts are the greatest of theirs, its texts those of
 * who saw it last. A device sums up its interfaces, and its texts are those of the oldest that has
 * any, so that they stay while now this and now that interface speaks.
 *
 * An interface's row is made at once, a device's at the commit: a report that brings all ports of a
 * switch makes its row once. Which interfaces are one device is grouping.c's business.
 */
#include "manager/sighting.h"
#include "manager/store/sqlite.h"

#include <stdlib.h>
#include <string.h>

enum { MERGED = 16 }; /* sensors of one wire whose texts are looked at; all count */

/* ---- an interface, of records ---- */

static bool interface_texts(struct store *s, const struct interface *i, const struct sighting *x)
{
	return sql_do(s, STATEMENT_INTERFACE_TEXTS, "tttttttti", x->ip, x->via, x->vendor, x->name,
	              x->os, x->model, x->type, x->roles, i->id);
}

/* Who was first seen at another time may belong elsewhere. */
static bool interface_numbers(struct store *s, const struct interface *i, const struct sighting *x,
                              int64_t sensors)
{
	return sql_do(s, STATEMENT_INTERFACE_NUMBERS, "iiiiii", (int64_t)x->first_ns,
	              (int64_t)x->last_ns, (int64_t)x->packets, (int64_t)x->bytes, sensors,
	              i->id) &&
	       ((i->settled && i->first_ns == x->first_ns) || grouping_mark(s, i->id));
}

static void take_text(const char **kept, const char *text, bool newer)
{
	if (*text != '\0' && (newer || **kept == '\0'))
		*kept = text;
}

static void merge(struct sighting *all, const struct sighting *x)
{
	const bool newer = x->last_ns > all->last_ns;

	take_text(&all->ip, x->ip, newer);
	take_text(&all->via, x->via, newer);
	take_text(&all->vendor, x->vendor, newer);
	take_text(&all->name, x->name, newer);
	take_text(&all->os, x->os, newer);
	take_text(&all->model, x->model, newer);
	take_text(&all->type, x->type, newer);
	if (newer ? *x->roles != '\0' : *all->roles == '\0')
		memcpy(all->roles, x->roles, sizeof all->roles);
	all->first_ns = x->first_ns < all->first_ns ? x->first_ns : all->first_ns;
	all->last_ns = newer ? x->last_ns : all->last_ns;
	all->packets = x->packets > all->packets ? x->packets : all->packets;
	all->bytes = x->bytes > all->bytes ? x->bytes : all->bytes;
}

/* The row again, from the lines of all its records. */
static bool interface_merge(struct store *s, const struct interface *i, int64_t sensors)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_INTERFACE_LINES);
	struct sighting *const read = malloc(2 * sizeof *read), *const all = read + 1;
	struct incoming lines[MERGED];
	char why[INCOMING_WHY];
	bool broke = q == NULL || read == NULL;
	unsigned count = 0;

	if (!broke)
		sql_bind(q, "i", i->id);
	while (!broke && count < MERGED && sql_step(s, q, &broke)) {
		if (!incoming_parse(sql_text(q, 0), (size_t)sqlite3_column_bytes(q, 0),
		                    &lines[count], why))
			continue;
		if (sighting_read(lines[count].device, count == 0 ? all : read, why, sizeof why) &&
		    count > 0)
			merge(all, read);
		count++;
	}
	if (q != NULL)
		sqlite3_reset(q);
	const bool done = !broke && (count == 0 || (interface_texts(s, i, all) &&
	                                            interface_numbers(s, i, all, sensors)));
	while (count > 0)
		incoming_free(&lines[--count]);
	free(read);
	return done;
}

static bool interface_gone(struct store *s, const struct interface *i)
{
	return grouping_mark_device(s, i->device) &&
	       sql_do(s, STATEMENT_INTERFACE_FORGET, "i", i->id) &&
	       device_stale(s, i->device, STALE_MEMBERS);
}

bool interface_renew(struct store *s, const struct interface *i, const struct sighting *only,
                     bool same)
{
	int64_t records;

	if (i->is_new)
		return true; /* its row was made of what this record says */
	if (!sql_number(s, STATEMENT_RECORD_COUNT, i->id, &records))
		return false;
	if (records == 0)
		return interface_gone(s, i);
	const bool alone = records == 1 && only != NULL;
	if (!(alone ? (same || interface_texts(s, i, only)) && interface_numbers(s, i, only, 1)
	            : interface_merge(s, i, records)))
		return false;
	return device_stale(s, i->device, alone && same ? STALE_NUMBERS : STALE_TEXTS);
}

/* ---- whose key is it ---- */

static bool interface_find(struct store *s, sqlite3_stmt *q, struct interface *out)
{
	bool broke = false;

	*out = (struct interface){0};
	if (sql_step(s, q, &broke))
		*out = (struct interface){.id = sqlite3_column_int64(q, 0),
		                          .device = sqlite3_column_int64(q, 1),
		                          .first_ns = (uint64_t)sqlite3_column_int64(q, 2),
		                          .settled = sqlite3_column_int(q, 3) != 0};
	sqlite3_reset(q);
	return !broke;
}

bool interface_read(struct store *s, int64_t id, struct interface *out)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_INTERFACE);

	if (q == NULL)
		return false;
	sql_bind(q, "i", id);
	return interface_find(s, q, out);
}

bool interface_of(struct store *s, const struct sighting *x, struct interface *out)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_INTERFACE_BY_KEY);

	if (q == NULL)
		return false;
	sql_bind(q, "t", x->key);
	if (!interface_find(s, q, out) || out->id != 0)
		return out->id != 0;
	if (!sql_do(s, STATEMENT_INTERFACE_NEW, "ttttttttttttiiii", x->key, x->realm, x->mac, x->ip,
	            x->via, x->mac_kind, x->vendor, x->name, x->os, x->model, x->type, x->roles,
	            (int64_t)x->first_ns, (int64_t)x->last_ns, (int64_t)x->packets,
	            (int64_t)x->bytes))
		return false;
	out->id = out->device = sqlite3_last_insert_rowid(s->db);
	out->first_ns = x->first_ns;
	out->settled = out->is_new = true;
	return device_stale(s, out->device, STALE_MEMBERS);
}

/* ---- a device, of interfaces ---- */

bool device_stale(struct store *s, int64_t device, enum stale what)
{
	const struct counted *const was = counting_find(&s->stale, (uint32_t)device);
	const unsigned more = was != NULL && was->field > what ? was->field : what;

	return counting_add(&s->stale, (uint32_t)device, more, 1);
}

/* Its row, after its last interface left it. */
static bool device_forget(struct store *s, int64_t device)
{
	return facets_renew(s, device) && sql_do(s, STATEMENT_DEVICE_FORGET, "i", device);
}

/* The row with what stands in it, but its facets. */
static bool device_row(struct store *s, int64_t device, enum stale what, bool alone)
{
	return (what == STALE_NUMBERS ||
	        sql_do(s, alone ? STATEMENT_DEVICE_TEXTS_OF_ONE : STATEMENT_DEVICE_TEXTS, "i",
	               device)) &&
	       sql_do(s, alone ? STATEMENT_DEVICE_NUMBERS_OF_ONE : STATEMENT_DEVICE_NUMBERS, "i",
	              device);
}

static bool device_renew(struct store *s, int64_t device, enum stale what)
{
	int64_t interfaces;

	if (!sql_number(s, STATEMENT_INTERFACE_COUNT, device, &interfaces))
		return false;
	if (interfaces == 0)
		return device_forget(s, device);
	if (what == STALE_MEMBERS && !sql_do(s, STATEMENT_DEVICE_NEW, "i", device))
		return false;
	const bool made = what == STALE_MEMBERS && sqlite3_changes(s->db) > 0;
	return ((made && interfaces == 1) || device_row(s, device, what, interfaces == 1)) &&
	       (what < STALE_FACETS || facets_renew(s, device));
}

bool devices_renew(struct store *s)
{
	for (size_t i = 0; i < s->stale.room; i++) {
		const struct counted *const x = &s->stale.list[i];

		if (x->term != 0 && !device_renew(s, x->term, (enum stale)x->field))
			return false;
	}
	counting_clear(&s->stale);
	return true;
}
