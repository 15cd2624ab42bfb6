/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counts.c - how many devices have what.
 *
 * Of all devices the counts stand with the terms (facets.c), and an index has them in order. Those of
 * a search are made by one walk over the devices that match, for all fields at once: each brings the
 * list of what it is counted by. Fields that no list has are counted by their terms, which is slow
 * where many devices have one.
 */
#include "manager/store/sqlite.h"

#include "asset/sort.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* The numbers of an age: younger than an hour, a day, a week; older. */
static const uint64_t ages[STORE_AGES - 1] = {3600 * CLOCK_SECOND, 86400 * CLOCK_SECOND,
                                              7 * 86400 * CLOCK_SECOND};

static unsigned age_of(uint64_t last_ns, uint64_t now_ns)
{
	unsigned age = 0;

	while (age < COUNT_OF(ages) && last_ns + ages[age] < now_ns)
		age++;
	return age;
}

static bool count_since(struct store *s, uint64_t since_ns, uint64_t *count)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_DEVICES_SINCE);
	bool broke;

	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)since_ns);
	*count = sql_step(s, q, &broke) ? (uint64_t)sqlite3_column_int64(q, 0) : 0;
	sqlite3_reset(q);
	return !broke;
}

/* Of all devices: each age is what is younger than it, less what is younger than the one before. */
static bool ages_of_all(struct store *s, uint64_t now_ns, struct store_facets *out)
{
	uint64_t younger = 0, count;

	for (unsigned i = 0; i < STORE_AGES; i++) {
		const uint64_t since =
			i == STORE_AGES - 1 || ages[i] > now_ns ? 0 : now_ns - ages[i];

		if (!(since == 0 ? store_count(s, &(struct query){0}, &count)
		                 : count_since(s, since, &count)))
			return false;
		out->ages[i] = count > younger ? count - younger : 0;
		younger = count > younger ? count : younger;
	}
	out->count = younger;
	return true;
}

static bool values_of_all(struct store *s, const struct store_facets *f, unsigned field)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_FACET);
	bool broke = q == NULL;

	if (q == NULL)
		return false;
	sql_bind(q, "ti", f->fields[field], (int64_t)f->limit);
	while (sql_step(s, q, &broke))
		f->each(field, sql_text(q, 0), (uint64_t)sqlite3_column_int64(q, 1), f->self);
	sqlite3_reset(q);
	return !broke;
}

/* The walk: which terms the matching devices have. */
static bool walk(struct store *s, const struct query *q, uint64_t now_ns, struct store_facets *out,
                 struct counting *counting)
{
	bool wanted[FACET_FIELDS] = {false};
	struct search f;
	bool broke = false, room = true;

	for (unsigned i = 0; i < out->field_count; i++)
		wanted[facets_field(out->fields[i])] = true;
	wanted[0] = false;
	search_begin(s, &f, "SELECT d.last_ns, d.facets FROM device d");
	search_conditions(&f, q);
	sqlite3_stmt *const rows = search_prepare(s, &f);
	if (rows == NULL)
		return false;
	while (room && sql_step(s, rows, &broke)) {
		const uint8_t *const list = sqlite3_column_blob(rows, 1);
		const size_t len = (size_t)sqlite3_column_bytes(rows, 1);

		out->count++;
		out->ages[age_of((uint64_t)sqlite3_column_int64(rows, 0), now_ns)]++;
		for (size_t at = 0; room && at + FACET <= len; at += FACET)
			if (wanted[list[at] % FACET_FIELDS])
				room = counting_add(counting, facets_entry(list + at), list[at], 1);
	}
	sqlite3_finalize(rows);
	return room && !broke;
}

static bool more_before(const void *list, uint32_t a, uint32_t b)
{
	const struct counted *const x = (const struct counted *)list + a;
	const struct counted *const y = (const struct counted *)list + b;

	return x->n != y->n ? x->n > y->n : x->term < y->term;
}

/* The value of a term to whoever asked for its field. False: the store failed. */
static bool tell_term(struct store *s, const struct store_facets *f, const struct counted *x)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_TERM_BY_ID);
	unsigned field = 0;
	bool broke;

	while (field < f->field_count && facets_field(f->fields[field]) != x->field)
		field++;
	if (q == NULL || field == f->field_count)
		return q != NULL;
	sql_bind(q, "i", (int64_t)x->term);
	if (sql_step(s, q, &broke))
		f->each(field, sql_text(q, 0), (uint64_t)x->n, f->self);
	sqlite3_reset(q);
	return !broke;
}

/* Of each field the most frequent. */
static bool tell_most(struct store *s, const struct store_facets *f,
                      const struct counting *counting)
{
	unsigned told[FACET_FIELDS] = {0};
	uint32_t *const order = calloc(counting->count + 1, sizeof *order);
	bool done = order != NULL;
	size_t count = 0;

	for (size_t i = 0; done && i < counting->room; i++)
		if (counting->list[i].term != 0)
			order[count++] = (uint32_t)i;
	if (done)
		sort_numbers(order, count, counting->list, more_before);
	for (size_t i = 0; done && i < count; i++) {
		const struct counted *const x = &counting->list[order[i]];

		if (told[x->field]++ < f->limit)
			done = tell_term(s, f, x);
	}
	free(order);
	return done;
}

struct one_field {
	const struct store_facets *facets;
	unsigned field;
};

static void tell_one(const char *value, uint64_t count, void *self)
{
	const struct one_field *const one = self;

	one->facets->each(one->field, value, count, one->facets->self);
}

/* Fields that no device keeps are counted by their terms. */
static bool count_rest(struct store *s, const struct query *q, const struct store_facets *f,
                       bool all)
{
	bool done = true;

	for (unsigned i = 0; done && i < f->field_count; i++) {
		struct one_field one = {.facets = f, .field = i};

		if (!store_is_facet(f->fields[i]))
			done = store_facet(s, q, f->fields[i], f->limit, tell_one, &one);
		else if (all)
			done = values_of_all(s, f, i);
	}
	return done;
}

bool store_facets(struct store *s, const struct query *q, uint64_t now_ns, struct store_facets *f)
{
	struct counting counting = {0};
	bool done;

	f->count = 0;
	memset(f->ages, 0, sizeof f->ages);
	if (q->count == 0)
		done = ages_of_all(s, now_ns, f);
	else
		done = walk(s, q, now_ns, f, &counting) && tell_most(s, f, &counting);
	counting_free(&counting);
	return done && count_rest(s, q, f, q->count == 0);
}

bool store_count(struct store *s, const struct query *q, uint64_t *count)
{
	struct search f;

	search_begin(s, &f,
	             q->count == 0 ? "SELECT devices FROM term WHERE field = '' AND value = ''"
	                           : "SELECT COUNT(*) FROM device d");
	search_conditions(&f, q);
	return search_count(s, &f, count);
}

bool store_facet(struct store *s, const struct query *q, const char *field, unsigned limit,
                 void (*each)(const char *value, uint64_t count, void *self), void *self)
{
	struct search f;

	if (said_is_field(field))
		return said_facet(s, q, field, "", limit, each, self);
	search_begin(
		s, &f,
		"SELECT t.value, COUNT(DISTINCT h.device) AS n FROM term t JOIN has h ON h.term = t.id");
	if (q->count > 0) {
		search_sql(&f, " JOIN device d ON d.id = h.device");
		search_conditions(&f, q);
	}
	search_sql(&f, q->count > 0 ? " AND t.field = ?" : " WHERE t.field = ?");
	search_text(&f, field);
	search_sql(&f, " GROUP BY t.id ORDER BY n DESC, t.value LIMIT ?");
	search_number(&f, limit);
	return search_values(s, &f, each, self);
}

bool store_values(struct store *s, const char *field, const char *prefix, unsigned limit,
                  void (*each)(const char *value, uint64_t count, void *self), void *self)
{
	if (said_is_field(field))
		return said_facet(s, &(struct query){0}, field, prefix, limit, each, self);
	sqlite3_stmt *const q = sql_statement(s, store_is_facet(field) ? STATEMENT_VALUES_COUNTED
	                                                               : STATEMENT_VALUES);
	bool broke = q == NULL;

	if (q == NULL)
		return false;
	sql_bind(q, "tti", field, prefix, (int64_t)limit);
	while (sql_step(s, q, &broke))
		each(sql_text(q, 0), (uint64_t)sqlite3_column_int64(q, 1), self);
	sqlite3_reset(q);
	return !broke;
}
