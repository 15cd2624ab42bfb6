/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.c - what records are found by: each (field, value) once, and which record has which.
 *
 * Most of a record's terms are everybody's: its vendor, its VLAN, the services of its kind. Their
 * numbers are remembered, a few thousand, so that the file is asked for what is rare. And of a record
 * that is not new most terms are what they were: only the difference is written.
 */
#include "manager/sighting.h"
#include "manager/store/sqlite.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#define KNOWN_VALUE 64u /* bytes of a field and a value that are worth remembering */

/* ---- numbers ---- */

struct known_term {
	int64_t id; /* 0: none */
	char text[KNOWN_VALUE];
};

/* Numbers that a rollback took back must not be remembered. */
void terms_forget_known(struct store *s)
{
	memset(s->known_terms, 0, KNOWN_TERMS * sizeof *s->known_terms);
}

bool terms_init(struct store *s)
{
	s->known_terms = calloc(KNOWN_TERMS, sizeof *s->known_terms);
	return s->known_terms != NULL;
}

/* Its place, with its text beside it: the field, a zero, the value. NULL: it is too long. */
static struct known_term *known_at(struct store *s, const struct term *t, char text[KNOWN_VALUE])
{
	const struct hash_key key = hash_key_fixed();
	const size_t field = strlen(t->field) + 1, len = field + strlen(t->value) + 1;

	if (len > KNOWN_VALUE)
		return NULL;
	memset(text, 0, KNOWN_VALUE);
	memcpy(text, t->field, field);
	memcpy(text + field, t->value, len - field);
	return &s->known_terms[hash64(&key, text, len) % KNOWN_TERMS];
}

static int64_t term_find(struct store *s, const struct term *t, bool *broke)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_TERM);
	int64_t id = 0;

	*broke = q == NULL;
	if (q == NULL)
		return 0;
	sql_bind(q, "tt", t->field, t->value);
	if (sql_step(s, q, broke))
		id = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return id;
}

static int64_t term_new(struct store *s, const struct term *t)
{
	sqlite3_stmt *q = sql_statement(s, STATEMENT_TERM_NEW);

	if (q == NULL)
		return 0;
	sql_bind(q, "tt", t->field, t->value);
	if (!sql_run(s, q))
		return 0;
	const int64_t id = sqlite3_last_insert_rowid(s->db);
	q = sql_statement(s, STATEMENT_TERM_FIND);
	if (q == NULL)
		return 0;
	sql_bind(q, "it", id, t->value);
	return sql_run(s, q) ? id : 0;
}

/* The number of a term, new or not; 0: the store failed. */
static int64_t term_id(struct store *s, const struct term *t)
{
	char text[KNOWN_VALUE];
	struct known_term *const known = known_at(s, t, text);
	bool broke;

	if (known != NULL && known->id != 0 && memcmp(known->text, text, sizeof text) == 0)
		return known->id;
	int64_t id = term_find(s, t, &broke);
	if (id == 0 && !broke)
		id = term_new(s, t);
	if (known != NULL && id != 0) {
		known->id = id;
		memcpy(known->text, text, sizeof text);
	}
	return id;
}

/* ---- a record's ---- */

static void list_put(struct term_list *list, int64_t id)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (list->ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	if (list->count == COUNT_OF(list->ids) || (low < list->count && list->ids[low] == id))
		return;
	memmove(&list->ids[low + 1], &list->ids[low], (list->count - low) * sizeof *list->ids);
	list->ids[low] = id;
	list->count++;
}

/* What its record has in the file. */
static bool list_read(struct store *s, int64_t record, struct term_list *list)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_HAS);
	bool broke = q == NULL;

	if (q == NULL)
		return false;
	sql_bind(q, "i", record);
	while (sql_step(s, q, &broke))
		list_put(list, sqlite3_column_int64(q, 0));
	sqlite3_reset(q);
	return !broke;
}

static bool change(struct store *s, enum statement which, int64_t term, int64_t device,
                   int64_t record)
{
	sqlite3_stmt *const q = sql_statement(s, which);

	if (q == NULL)
		return false;
	sql_bind(q, "iii", term, device, record);
	return sql_run(s, q);
}

/* Both are sorted. */
static bool write_difference(struct store *s, const struct term_list *was,
                             const struct term_list *is, int64_t device, int64_t record)
{
	size_t i = 0, k = 0;

	while (i < was->count || k < is->count) {
		const int64_t old = i < was->count ? was->ids[i] : INT64_MAX;
		const int64_t new = k < is->count ? is->ids[k] : INT64_MAX;

		if (old < new && !change(s, STATEMENT_HAS_GONE, old, device, record))
			return false;
		if (new < old && !change(s, STATEMENT_HAS_NEW, new, device, record))
			return false;
		i += old <= new;
		k += new <= old;
	}
	return true;
}

/* The numbers of the line at hand, and what of them its device is counted by. */
static bool list_line(struct store *s, const char *sensor, struct term_list *list,
                      struct facets *facets)
{
	const struct sighting *const x = s->sighting;
	const struct term who = {"sensor", sensor}, any = {"", ""};
	const int64_t all = term_id(s, &any);

	facets->count = 0;
	facets_add(facets, "", all);
	for (unsigned i = 0; i <= x->term_count; i++) {
		const struct term *const t = i < x->term_count ? &x->terms[i] : &who;
		const int64_t id = term_id(s, t);

		if (id == 0)
			return false;
		facets_add(facets, t->field, id);
		list_put(list, id);
	}
	return all != 0;
}

bool terms_set(struct store *s, int64_t record, int64_t device, bool is_new, const char *sensor)
{
	struct term_list *const was = &s->terms[0], *const is = &s->terms[1];
	struct facets *const facets = &s->facets[0];

	was->count = is->count = 0;
	if ((!is_new && !list_read(s, record, was)) || !list_line(s, sensor, is, facets) ||
	    !write_difference(s, was, is, device, record))
		return false;
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_RECORD_FACETS_SET);
	if (q == NULL)
		return false;
	sql_bind(q, "xi", facets->b, facets->count * FACET, record);
	return sql_run(s, q) && device_stale(s, device, STALE_FACETS);
}
