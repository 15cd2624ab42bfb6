/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facets.c - what each device is counted by, kept as it changes; counts.c answers by it.
 *
 * A few fields are what people narrow a list by: vendor, role, VLAN, and so on. Of these each
 * device keeps the numbers of its terms beside it (device.facets), and each term the number of its
 * devices (term.devices), both written in the transaction that changes them.
 *
 * Facets are kept as a sorted list of five bytes each: the field's number, and the term's from its
 * lowest byte. Field 0 is all devices: a term of no name that every device has, so that their number
 * is a count like the others.
 */
#include "manager/store/sqlite.h"

#include "base/digits.h"
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fields[FACET_FIELDS] = {"",       "vendor", "type",   "role",
                                                 "os",     "model",  "vlan",   "subnet",
                                                 "sensor", "realm",  "service"};

/* 0: none, or that of all devices. */
unsigned facets_field(const char *field)
{
	for (unsigned i = 1; i < COUNT_OF(fields); i++)
		if (strcmp(fields[i], field) == 0)
			return i;
	return 0;
}

bool store_is_facet(const char *field)
{
	return facets_field(field) != 0;
}

/* ---- a device's list ---- */

static void entry_write(uint8_t *at, unsigned field, int64_t term)
{
	at[0] = (uint8_t)field;
	for (unsigned i = 0; i < 4; i++)
		at[1 + i] = (uint8_t)(term >> (8 * i));
}

uint32_t facets_entry(const uint8_t *at)
{
	return (uint32_t)at[1] | (uint32_t)at[2] << 8 | (uint32_t)at[3] << 16 |
	       (uint32_t)at[4] << 24;
}

/* Where it stands, or would. */
static size_t facets_place(const struct facets *f, const uint8_t entry[FACET])
{
	size_t low = 0, high = f->count;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (memcmp(f->b + middle * FACET, entry, FACET) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool facets_has(const struct facets *f, const uint8_t entry[FACET])
{
	const size_t at = facets_place(f, entry);

	return at < f->count && memcmp(f->b + at * FACET, entry, FACET) == 0;
}

static void facets_put(struct facets *f, const uint8_t entry[FACET])
{
	const size_t at = facets_place(f, entry);

	if (f->count == FACETS || (at < f->count && memcmp(f->b + at * FACET, entry, FACET) == 0))
		return;
	memmove(f->b + (at + 1) * FACET, f->b + at * FACET, (f->count - at) * FACET);
	memcpy(f->b + at * FACET, entry, FACET);
	f->count++;
}

void facets_add(struct facets *f, const char *field, int64_t term)
{
	const unsigned number = facets_field(field);
	uint8_t entry[FACET];

	if ((number == 0 && *field != '\0') || term > UINT32_MAX)
		return;
	entry_write(entry, number, term);
	facets_put(f, entry);
}

static void facets_join(struct facets *f, const uint8_t *list, size_t len)
{
	for (size_t at = 0; at + FACET <= len; at += FACET)
		facets_put(f, list + at);
}

/* ---- counts of the transaction, until it ends ---- */

static struct counted *counted_at(const struct counting *c, uint32_t term)
{
	size_t i = (size_t)hash_spread(term, 1) & (c->room - 1);

	while (c->list[i].term != 0 && c->list[i].term != term)
		i = (i + 1) & (c->room - 1);
	return &c->list[i];
}

static bool counting_grow(struct counting *c)
{
	struct counting more = {.room = c->room == 0 ? 1024 : 2 * c->room};

	more.list = calloc(more.room, sizeof *more.list);
	if (more.list == NULL)
		return false;
	for (size_t i = 0; i < c->room; i++)
		if (c->list[i].term != 0)
			*counted_at(&more, c->list[i].term) = c->list[i];
	more.count = c->count;
	free(c->list);
	*c = more;
	return true;
}

bool counting_add(struct counting *c, uint32_t term, unsigned field, int64_t n)
{
	if (4 * c->count >= 3 * c->room && !counting_grow(c))
		return false;
	struct counted *const x = counted_at(c, term);
	c->count += x->term == 0;
	x->term = term;
	x->field = (uint8_t)field;
	x->n += n;
	return true;
}

const struct counted *counting_find(const struct counting *c, uint32_t term)
{
	const struct counted *const x = c->room == 0 ? NULL : counted_at(c, term);

	return x == NULL || x->term == 0 ? NULL : x;
}

void counting_clear(struct counting *c)
{
	if (c->count > 0)
		memset(c->list, 0, c->room * sizeof *c->list);
	c->count = 0;
}

void counting_free(struct counting *c)
{
	free(c->list);
	*c = (struct counting){0};
}

bool facets_commit(struct store *s)
{
	for (size_t i = 0; i < s->counting.room; i++) {
		const struct counted *const x = &s->counting.list[i];
		sqlite3_stmt *const q =
			x->term == 0 || x->n == 0 ? NULL : sql_statement(s, STATEMENT_TERM_COUNT);

		if (x->term == 0 || x->n == 0)
			continue;
		if (q == NULL)
			return false;
		sql_bind(q, "ii", x->n, (int64_t)x->term);
		if (!sql_run(s, q))
			return false;
	}
	counting_clear(&s->counting);
	return true;
}

/* ---- a device's list, made of its records' ---- */

/* What only one of them has counts by n. */
static bool count_others(struct store *s, const struct facets *of, const struct facets *other,
                         int64_t n)
{
	for (size_t i = 0; i < of->count; i++) {
		const uint8_t *const entry = of->b + i * FACET;

		if (!facets_has(other, entry) &&
		    !counting_add(&s->counting, facets_entry(entry), entry[0], n))
			return false;
	}
	return true;
}

static bool read_lists(struct store *s, enum statement which, int64_t device, struct facets *out)
{
	sqlite3_stmt *const q = sql_statement(s, which);
	bool broke = q == NULL;

	out->count = 0;
	if (q == NULL)
		return false;
	sql_bind(q, "i", device);
	while (sql_step(s, q, &broke))
		facets_join(out, sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0));
	sqlite3_reset(q);
	return !broke;
}

bool facets_renew(struct store *s, int64_t device)
{
	struct facets *const was = &s->facets[0], *const is = &s->facets[1];

	if (!read_lists(s, STATEMENT_DEVICE_FACETS, device, was) ||
	    !read_lists(s, STATEMENT_RECORD_FACETS, device, is) || !count_others(s, is, was, 1) ||
	    !count_others(s, was, is, -1))
		return false;
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_DEVICE_FACETS_SET);
	if (q == NULL)
		return false;
	sql_bind(q, "xi", is->b, is->count * FACET, device);
	return sql_run(s, q);
}

/* ---- searching ---- */

enum { MATCHING = 256 };

bool facets_matching(struct store *s, const char *field, const struct query_value *v,
                     struct facets *out, uint64_t *devices, uint64_t *all)
{
	struct search *const f = malloc(sizeof *f);
	bool broke = f == NULL;

	out->count = 0;
	*devices = 0;
	if (f == NULL || !store_count(s, &(struct query){0}, all)) {
		free(f);
		return false;
	}
	search_begin(s, f,
	             "SELECT id, devices FROM term t WHERE t.field = ? AND t.devices > 0 AND ");
	search_text(f, field);
	search_match(f, "t.value", v);
	sqlite3_stmt *const rows = search_prepare(s, f);
	broke = rows == NULL;
	while (!broke && out->count <= MATCHING && sql_step(s, rows, &broke)) {
		facets_add(out, field, sqlite3_column_int64(rows, 0));
		*devices += (uint64_t)sqlite3_column_int64(rows, 1);
	}
	sqlite3_finalize(rows);
	free(f);
	return !broke && out->count <= MATCHING;
}

uint32_t facets_term(const struct facets *f, size_t i)
{
	return facets_entry(f->b + i * FACET);
}

void facets_hex(const struct facets *f, size_t i, char out[24])
{
	*digits_put_bytes(out, f->b + i * FACET, FACET) = '\0';
}

/* Both are sorted. */
static bool lists_meet(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t i = 0, k = 0;

	while (i + FACET <= a_len && k + FACET <= b_len) {
		const int order = memcmp(a + i, b + k, FACET);

		if (order == 0)
			return true;
		i += order < 0 ? FACET : 0;
		k += order > 0 ? FACET : 0;
	}
	return false;
}

void facets_call_has(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int(context, lists_meet(sqlite3_value_blob(values[0]),
	                                       (size_t)sqlite3_value_bytes(values[0]),
	                                       sqlite3_value_blob(values[1]),
	                                       (size_t)sqlite3_value_bytes(values[1])));
}

/* ---- showing ---- */

const char *facets_words(struct store *s, const uint8_t *list, size_t len, const char *field,
                         char *out, size_t cap)
{
	const unsigned number = facets_field(field);
	size_t used = 0;

	*out = '\0';
	for (size_t at = 0; at + FACET <= len; at += FACET) {
		sqlite3_stmt *const q =
			list[at] == number ? sql_statement(s, STATEMENT_TERM_BY_ID) : NULL;
		bool broke = false;

		if (q == NULL)
			continue;
		sql_bind(q, "i", (int64_t)facets_entry(list + at));
		if (sql_step(s, q, &broke)) {
			const char *const value = sql_text(q, 0);

			if (used + strlen(value) + 2 < cap) {
				used += used > 0 ? (size_t)(stpcpy(out + used, ",") - out) - used
				                 : 0;
				used = (size_t)(stpcpy(out + used, value) - out);
			}
		}
		sqlite3_reset(q);
	}
	return out;
}
