/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite.h - the store over SQLite, to its own files alone.
 *
 * Every statement of ours is a line of statements.def, prepared when it is first used and kept.
 * Those that a search is made of are put together (search.c) and live for one call.
 */
#pragma once

#include "base/attr.h"
#include "manager/store.h"

#include <sqlite3.h>

enum statement {
#define STATEMENT(symbol, sql) STATEMENT_##symbol,
#include "manager/store/statements.def"
#undef STATEMENT
	STATEMENTS
};

/* What the writer remembers of a sensor between lines; all of it is in the file too. */
struct sensor_state {
	char *name;
	int64_t id;
	uint64_t boot, seq;
	uint64_t full; /* seq of the first line of the full report under way; 0: none */
	bool changed;  /* seq, full or heard_ns are newer than in the file */
	uint64_t time_ns, heard_ns;
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	struct sensor_state *sensors;
	size_t sensor_count, sensor_room;
	struct sighting *sighting; /* of the line that is being taken */
	bool writing;              /* between begin and commit */
	char error[STORE_WHY];
};

/* Ready to be bound: reset, nothing bound. NULL: it could not be prepared. */
sqlite3_stmt *sql_statement(struct store *s, enum statement which) MUST_CHECK NONNULL;
/* Binds in order: 'i' an int64_t, 't' a text that stays until the step, 'b' bytes and a size_t. */
void sql_bind(sqlite3_stmt *q, const char *types, ...) NONNULL;
/* Steps once, for statements that give no row. False: s->error says why. */
bool sql_run(struct store *s, sqlite3_stmt *q) MUST_CHECK __attribute__((nonnull(1)));
/* Steps to a row. False: there is none, or it failed: *failed. */
bool sql_step(struct store *s, sqlite3_stmt *q, bool *failed) MUST_CHECK
	__attribute__((nonnull(1, 3)));
bool sql_failed(struct store *s) NONNULL;
/* "" for NULL. */
const char *sql_text(sqlite3_stmt *q, int i) NONNULL;
bool sql_execute(struct store *s, const char *sql) MUST_CHECK NONNULL;

/* schema.c: makes or migrates the tables. */
bool schema_prepare(struct store *s) MUST_CHECK NONNULL;

/* search.c: " WHERE ..." of a query, of the table device; the values to bind are kept beside. */
#define SEARCH_SQL 16384
#define SEARCH_TEXTS 1024u
struct search {
	char sql[SEARCH_SQL];
	size_t len;
	bool full;
	unsigned count;
	struct {
		const char *text; /* NULL: number */
		int64_t number;
	} values[SEARCH_TEXTS];
};
void search_begin(struct search *f, const char *sql) NONNULL;
void search_sql(struct search *f, const char *sql) NONNULL;
void search_text(struct search *f, const char *text) NONNULL;
void search_number(struct search *f, uint64_t n) NONNULL;
void search_conditions(struct search *f, const struct query *q) NONNULL;
/* Prepared and bound; NULL: s->error. The caller ends it with sqlite3_finalize. */
sqlite3_stmt *search_prepare(struct store *s, const struct search *f) MUST_CHECK NONNULL;
/* The functions that searches call. */
bool search_functions(struct store *s) MUST_CHECK NONNULL;
