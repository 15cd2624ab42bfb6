/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite.c - opening the file, and the few ways in which statements are run.
 *
 * The file is in WAL mode with synchronous FULL: a commit is one fsync, and survives the machine.
 * SQLite checks a torn end of the log by its checksums, so that what is found after a crash is
 * what was committed before it.
 */
#include "manager/store/sqlite.h"

#include "manager/sighting.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_KIB = 65536, BUSY_MS = 10000 };

static const char *const texts[STATEMENTS] = {
#define STATEMENT(symbol, sql) sql,
#include "manager/store/statements.def"
#undef STATEMENT
};

/* ---- statements ---- */

bool sql_failed(struct store *s)
{
	snprintf(s->error, sizeof s->error, "%s", sqlite3_errmsg(s->db));
	return false;
}

const char *store_error(const struct store *s)
{
	return s->error;
}

bool sql_execute(struct store *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || sql_failed(s);
}

sqlite3_stmt *sql_statement(struct store *s, enum statement which)
{
	sqlite3_stmt **const q = &s->statements[which];

	if (*q == NULL && sqlite3_prepare_v3(s->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, q,
	                                     NULL) != SQLITE_OK) {
		sql_failed(s);
		return NULL;
	}
	sqlite3_reset(*q);
	sqlite3_clear_bindings(*q);
	return *q;
}

static void bind(sqlite3_stmt *q, const char *types, va_list values)
{
	for (int i = 1; *types != '\0'; types++, i++) {
		if (*types == 'i') {
			sqlite3_bind_int64(q, i, va_arg(values, int64_t));
		} else if (*types == 't') {
			sqlite3_bind_text(q, i, va_arg(values, const char *), -1, SQLITE_STATIC);
		} else if (*types == 'x') {
			const void *const bytes = va_arg(values, const void *);

			sqlite3_bind_blob64(q, i, bytes, va_arg(values, size_t), SQLITE_STATIC);
		} else {
			const char *const bytes = va_arg(values, const char *);

			sqlite3_bind_text64(q, i, bytes, va_arg(values, size_t), SQLITE_STATIC,
			                    SQLITE_UTF8);
		}
	}
}

void sql_bind(sqlite3_stmt *q, const char *types, ...)
{
	va_list values;

	va_start(values, types);
	bind(q, types, values);
	va_end(values);
}

bool sql_step(struct store *s, sqlite3_stmt *q, bool *broke)
{
	const int result = sqlite3_step(q);

	*broke = result != SQLITE_ROW && result != SQLITE_DONE;
	if (*broke)
		sql_failed(s);
	return result == SQLITE_ROW;
}

bool sql_run(struct store *s, sqlite3_stmt *q)
{
	if (q == NULL)
		return false;
	const bool done = sqlite3_step(q) == SQLITE_DONE || sql_failed(s);
	sqlite3_reset(q); /* lets its locks go */
	return done;
}

bool sql_do(struct store *s, enum statement which, const char *types, ...)
{
	sqlite3_stmt *const q = sql_statement(s, which);
	va_list values;

	if (q == NULL)
		return false;
	va_start(values, types);
	bind(q, types, values);
	va_end(values);
	return sql_run(s, q);
}

bool sql_number(struct store *s, enum statement which, int64_t of, int64_t *out)
{
	sqlite3_stmt *const q = sql_statement(s, which);
	bool broke = q == NULL;

	*out = 0;
	if (q == NULL)
		return false;
	sql_bind(q, "i", of);
	if (sql_step(s, q, &broke))
		*out = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return !broke;
}

const char *sql_text(sqlite3_stmt *q, int i)
{
	const char *const text = (const char *)sqlite3_column_text(q, i);

	return text ? text : "";
}

/* ---- opening ---- */

static bool set_up(struct store *s, bool writes)
{
	char cache[64];

	sqlite3_busy_timeout(s->db, BUSY_MS);
	snprintf(cache, sizeof cache, "PRAGMA cache_size = -%d", CACHE_KIB);
	if (!sql_execute(s, cache) || !sql_execute(s, "PRAGMA temp_store = MEMORY") ||
	    !search_functions(s))
		return false;
	return (!writes || (sql_execute(s, "PRAGMA journal_mode = WAL") &&
	                    sql_execute(s, "PRAGMA synchronous = FULL"))) &&
	       schema_prepare(s, writes);
}

struct store *store_open(const char *path, bool writes, char *why, size_t why_len)
{
	const int flags =
		writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	struct store *const s = calloc(1, sizeof *s);

	if (s == NULL || (s->sighting = calloc(1, sizeof *s->sighting)) == NULL ||
	    (s->mutes = calloc(1, sizeof *s->mutes)) == NULL || !terms_init(s)) {
		snprintf(why, why_len, "cannot open the inventory %s: out of memory", path);
		store_close(s);
		return NULL;
	}
	s->most_devices = STORE_DEVICES;
	if (sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK
	            ? set_up(s, writes)
	            : sql_failed(s))
		return s;
	snprintf(why, why_len, "cannot open the inventory %s: %s", path, s->error);
	store_close(s);
	return NULL;
}

void store_limit(struct store *s, uint64_t devices)
{
	s->most_devices = devices;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	free(s->sensors);
	counting_free(&s->counting);
	counting_free(&s->marked);
	counting_free(&s->stale);
	grouping_free(s);
	free(s->mutes);
	free(s->known_terms);
	free(s->sighting);
	free(s);
}
