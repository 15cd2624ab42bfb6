/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search.c - a query as SQL: each condition a term of WHERE over the table device.
 *
 * What devices are searched by are the terms of their records: a condition says which terms count,
 * and a device matches if one of its records has such a term. Numbers and times are columns of the
 * device itself; tags, owner and note are what people said of it. Texts of the query are only ever
 * bound, never written into the SQL.
 */
#include "manager/store/sqlite.h"

#include "base/digits.h"

#include <stdio.h>
#include <string.h>

enum { RARE = 16 }; /* what one device of so many has is looked up */

/* ---- pieces ---- */

void search_begin(struct store *s, struct search *f, const char *sql)
{
	f->store = s;
	f->len = 0;
	f->count = 0;
	f->full = false;
	f->sql[0] = '\0';
	search_sql(f, sql);
}

void search_sql(struct search *f, const char *sql)
{
	const size_t len = strlen(sql);

	if (f->len + len >= sizeof f->sql) {
		f->full = true;
		return;
	}
	memcpy(f->sql + f->len, sql, len + 1);
	f->len += len;
}

static void search_value(struct search *f, const char *text, int64_t number)
{
	if (f->count == SEARCH_TEXTS) {
		f->full = true;
		return;
	}
	f->values[f->count].text = text;
	f->values[f->count++].number = number;
}

void search_text(struct search *f, const char *text)
{
	search_value(f, text, 0);
}

void search_number(struct search *f, uint64_t n)
{
	search_value(f, NULL, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

sqlite3_stmt *search_prepare(struct store *s, const struct search *f)
{
	sqlite3_stmt *q = NULL;

	if (f->full) {
		snprintf(s->error, sizeof s->error, "the query is too long");
		return NULL;
	}
	if (sqlite3_prepare_v2(s->db, f->sql, (int)f->len, &q, NULL) != SQLITE_OK) {
		sql_failed(s);
		return NULL;
	}
	for (unsigned i = 0; i < f->count; i++) {
		if (f->values[i].text != NULL)
			sqlite3_bind_text(q, (int)i + 1, f->values[i].text, -1, SQLITE_STATIC);
		else
			sqlite3_bind_int64(q, (int)i + 1, f->values[i].number);
	}
	return q;
}

bool search_count(struct store *s, const struct search *f, uint64_t *count)
{
	sqlite3_stmt *const rows = search_prepare(s, f);
	bool broke;

	*count = 0;
	if (rows == NULL)
		return false;
	if (sql_step(s, rows, &broke))
		*count = (uint64_t)sqlite3_column_int64(rows, 0);
	sqlite3_finalize(rows);
	return !broke;
}

bool search_values(struct store *s, const struct search *f,
                   void (*each)(const char *value, uint64_t count, void *self), void *self)
{
	sqlite3_stmt *const rows = search_prepare(s, f);
	bool broke;

	if (rows == NULL)
		return false;
	while (sql_step(s, rows, &broke))
		each(sql_text(rows, 0), (uint64_t)sqlite3_column_int64(rows, 1), self);
	sqlite3_finalize(rows);
	return !broke;
}

/* ---- conditions ---- */

/* Fields that are columns: how a value of theirs is named in SQL. */
static const struct {
	const char *field, *sql;
	bool said;
} columns[] = {
	{"packets", "d.packets", false},
	{"bytes", "d.bytes", false},
	{"sensors", "d.sensors", false},
	{"interfaces", "d.interfaces", false},
	{"first_seen", "d.first_ns", false},
	{"last_seen", "d.last_ns", false},
	{"tag", "tags", true},
	{"owner", "owner", true},
	{"note", "note", true},
};

static const char *column_of(const char *field, bool *said)
{
	for (size_t i = 0; i < COUNT_OF(columns); i++) {
		if (strcmp(columns[i].field, field) == 0) {
			*said = columns[i].said;
			return columns[i].sql;
		}
	}
	return NULL;
}

/* `what`, a column or an expression, is compared with a value. */
void search_match(struct search *f, const char *what, const struct query_value *v)
{
	static const char *const before[] = {
		[MATCH_TEXT] = "instr(lower(", [MATCH_HOLDS] = "instr(lower(", [MATCH_EQUAL] = "(",
		[MATCH_PATTERN] = "(",         [MATCH_NET] = "in_net(",        [MATCH_RANGE] = "(",
	};
	static const char *const behind[] = {
		[MATCH_TEXT] = "), lower(?)) > 0",
		[MATCH_HOLDS] = "), lower(?)) > 0",
		[MATCH_EQUAL] = " = ?)",
		[MATCH_PATTERN] = " LIKE pattern(?) ESCAPE '\\')",
		[MATCH_NET] = ", ?)",
		[MATCH_RANGE] = " BETWEEN ? AND ?)",
	};

	search_sql(f, before[v->match]);
	search_sql(f, what);
	search_sql(f, behind[v->match]);
	if (v->match == MATCH_RANGE) {
		search_number(f, v->low);
		search_number(f, v->high);
	} else {
		search_text(f, v->text);
	}
}

/* Devices of which somebody said so. */
static void said_sql(struct search *f, const char *what, const struct query_value *v)
{
	search_sql(
		f,
		"d.id IN (SELECT i.device FROM said JOIN interface i ON i.key = said.key WHERE ");
	if (strcmp(what, "tags") == 0 && v->match == MATCH_EQUAL) {
		search_sql(f, "instr(',' || tags || ',', ',' || ? || ',') > 0");
		search_text(f, v->text);
	} else {
		search_match(f, what, v);
	}
	search_sql(f, ")");
}

/*
 * The terms of an IPv4 network of whole bytes lie together in the order of texts: "10.0.7." up to
 * "10.0.7/", for '/' is the sign behind '.'.
 */
static void net_sql(struct search *f, const struct query_value *v)
{
	const unsigned bytes = v->net.family == 4 ? v->prefix / 8 : 0;
	char range[IP_TEXT];
	int len = 0;

	if (bytes == 0)
		return;
	for (unsigned i = 0; i < bytes; i++)
		len += snprintf(range + len, sizeof range - (size_t)len, "%s%u", i > 0 ? "." : "",
		                v->net.b[i]);
	char sql[2 * sizeof range + 64];
	if (bytes < 4)
		snprintf(sql, sizeof sql, "t.value > '%s.' AND t.value < '%s/' AND ", range, range);
	else
		snprintf(sql, sizeof sql, "t.value = '%s' AND ", range);
	search_sql(f, sql);
}

/* Devices with a term that matches. Groups of three letters find the terms of long texts. */
static void term_sql(struct search *f, const char *field, const struct query_value *v)
{
	const bool letters =
		(v->match == MATCH_TEXT || v->match == MATCH_HOLDS) && strlen(v->text) >= 3;

	search_sql(f, "d.id IN (SELECT h.device FROM has h JOIN term t ON t.id = h.term WHERE ");
	if (field != NULL) {
		search_sql(f, "t.field = ? AND ");
		search_text(f, field);
	}
	if (letters) {
		search_sql(
			f,
			"t.id IN (SELECT rowid FROM find WHERE value LIKE '%' || ? || '%') AND ");
		search_text(f, v->text);
	}
	if (v->match == MATCH_NET)
		net_sql(f, v);
	search_match(f, "t.value", v);
	search_sql(f, ")");
}

/*
 * A field that devices are counted by has few values: those that match are known beforehand, and
 * how many devices have them. Where these are many each device is asked for its own list, and where
 * they are few they are looked up. False: there are too many values for that.
 */
static bool counted_sql(struct search *f, const char *field, const struct query_value *v)
{
	struct facets *const found = &f->store->facets[0];
	uint64_t devices, all;

	if (!facets_matching(f->store, field, v, found, &devices, &all))
		return false;
	const bool many = devices > all / RARE;
	search_sql(f, many ? "has_facet(d.facets, x'"
	                   : "d.id IN (SELECT device FROM has WHERE "
	                     "term IN (-1");
	for (size_t i = 0; i < found->count; i++) {
		char text[24];

		if (many)
			facets_hex(found, i, text);
		else
			snprintf(text, sizeof text, ",%u", facets_term(found, i));
		search_sql(f, text);
	}
	search_sql(f, many ? "')" : "))");
	return true;
}

static void value_sql(struct search *f, const char *field, const struct query_value *v)
{
	bool said = false;
	const char *const what = field == NULL ? NULL : column_of(field, &said);

	if (said) {
		said_sql(f, what, v);
	} else if (what != NULL) {
		search_match(f, what, v);
	} else if (field == NULL || !store_is_facet(field) || !counted_sql(f, field, v)) {
		term_sql(f, field, v);
	}
	if (field != NULL)
		return;
	search_sql(f, " OR ");
	said_sql(f, "note || ' ' || tags || ' ' || owner", v);
}

void search_where(struct search *f, const struct query *q)
{
	for (unsigned i = 0; i < q->count; i++) {
		const struct condition *const c = &q->conditions[i];

		search_sql(f, i == 0 ? "" : " AND ");
		search_sql(f, c->negated ? "NOT (" : "(");
		for (unsigned k = 0; k < c->count; k++) {
			search_sql(f, k == 0 ? "" : " OR ");
			value_sql(f, c->field, &c->values[k]);
		}
		search_sql(f, ")");
	}
}

void search_conditions(struct search *f, const struct query *q)
{
	if (q->count == 0)
		return;
	search_sql(f, " WHERE ");
	search_where(f, q);
}

/* ---- functions ---- */

/* A pattern as LIKE takes it: '*' stands for anything, LIKE's own signs for themselves. */
static void call_pattern(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]);
	char out[2 * QUERY_TEXT];
	size_t len = 0;

	(void)count;
	for (; text != NULL && *text != '\0' && len + 2 < sizeof out; text++) {
		if (*text == '%' || *text == '_' || *text == '\\')
			out[len++] = '\\';
		out[len++] = *text == '*' ? '%' : *text;
	}
	sqlite3_result_text(context, out, (int)len, SQLITE_TRANSIENT);
}

/* The network was parsed with the query; its text is short, and parsed once more here. */
static void call_in_net(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *const address = (const char *)sqlite3_value_text(values[0]);
	const char *const text = (const char *)sqlite3_value_text(values[1]);
	struct query_value net;

	(void)count;
	sqlite3_result_int(context, address != NULL && text != NULL && query_read_net(text, &net) &&
	                                    query_in_net(address, &net.net, net.prefix));
}

/* An address as a text that sorts as its number does: IPv4, IPv6, none. */
static void call_ip_order(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *const text = (const char *)sqlite3_value_text(values[0]);
	char out[2 + 2 * sizeof((struct ip){0}.b) + 1];
	struct ip ip;

	(void)count;
	if (text == NULL || !ip_parse(text, &ip)) {
		sqlite3_result_text(context, "z", 1, SQLITE_STATIC);
		return;
	}
	char *const end = digits_put_bytes(digits_put(out, ip.family), ip.b,
	                                   ip.family == 4 ? 4 : sizeof ip.b);
	sqlite3_result_text(context, out, (int)(end - out), SQLITE_TRANSIENT);
}

/* ---- words ---- */

struct word_list {
	char text[1024]; /* in order, a comma behind each */
	size_t len;
};

/* In its place, unless it is there; what is more than there is room for is left out. */
static void words_add(struct word_list *w, const char *word, size_t len)
{
	size_t at = 0;

	for (size_t is; at < w->len; at += is + 1) {
		is = strcspn(w->text + at, ",");
		const int order = memcmp(w->text + at, word, is < len ? is : len);

		if (order == 0 && is == len)
			return;
		if (order > 0 || (order == 0 && is > len))
			break;
	}
	if (len == 0 || w->len + len + 1 > sizeof w->text)
		return;
	memmove(w->text + at + len + 1, w->text + at, w->len - at);
	memcpy(w->text + at, word, len);
	w->text[at + len] = ',';
	w->len += len + 1;
}

/* join_words(list): the words of all lists, "b,a" and "b,c": "a,b,c". */
static void call_words_step(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct word_list *const w = sqlite3_aggregate_context(context, sizeof *w);
	const char *text = (const char *)sqlite3_value_text(values[0]);

	(void)count;
	for (size_t len; w != NULL && text != NULL && *text != '\0';
	     text += len + (text[len] != '\0')) {
		len = strcspn(text, ",");
		words_add(w, text, len);
	}
}

static void call_words_end(sqlite3_context *context)
{
	const struct word_list *const w = sqlite3_aggregate_context(context, 0);

	sqlite3_result_text(context, w == NULL ? "" : w->text,
	                    w == NULL || w->len == 0 ? 0 : (int)w->len - 1, SQLITE_TRANSIENT);
}

bool search_functions(struct store *s)
{
	static const struct {
		const char *name;
		int values;
		void (*call)(sqlite3_context *context, int count, sqlite3_value **values);
	} functions[] = {{"pattern", 1, call_pattern},
	                 {"in_net", 2, call_in_net},
	                 {"ip_order", 1, call_ip_order},
	                 {"has_facet", 2, facets_call_has}};
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;

	for (size_t i = 0; i < COUNT_OF(functions); i++)
		if (sqlite3_create_function(s->db, functions[i].name, functions[i].values, flags,
		                            NULL, functions[i].call, NULL, NULL) != SQLITE_OK)
			return sql_failed(s);
	return sqlite3_create_function(s->db, "join_words", 1, flags, NULL, NULL, call_words_step,
	                               call_words_end) == SQLITE_OK ||
	       sql_failed(s);
}
