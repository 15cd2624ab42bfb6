/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changes.c - the timeline: what is asked of it, what was seen of it, and what nobody wants to see.
 *
 * A mute is a kind of change, a query of devices, or both. It hides nothing from the inventory:
 * changes are kept whole, and the rules that stand when somebody asks decide what is shown.
 */
#include "manager/store/sqlite.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

/* The words of a list as what it may be: " AND c.what IN (?,?)". */
static void search_words(struct search *f, const char *column, const char *words, char *copy,
                         size_t cap)
{
	char *rest = copy;

	if (*words == '\0')
		return;
	snprintf(copy, cap, "%s", words);
	search_sql(f, column);
	for (const char *word, *comma = ""; (word = strsep(&rest, ",")) != NULL; comma = ",") {
		search_sql(f, comma);
		search_sql(f, "?");
		search_text(f, word);
	}
	search_sql(f, ")");
}

static void search_times(struct search *f, const struct store_filter *filter)
{
	if (filter->since_ns > 0) {
		search_sql(f, " AND c.time_ns >= ?");
		search_number(f, filter->since_ns);
	}
	if (filter->until_ns > 0) {
		search_sql(f, " AND c.time_ns <= ?");
		search_number(f, filter->until_ns);
	}
}

/* What all of a rule says of the row at hand: 1, or 0 where the change is of no known device. */
static void search_mute(struct search *f, const struct mute *m)
{
	search_sql(f, "COALESCE((1");
	if (*m->what != '\0') {
		search_sql(f, " AND c.what = ?");
		search_text(f, m->what);
	}
	if (m->query.count > 0) {
		search_sql(f, " AND d.id IS NOT NULL AND ");
		search_where(f, &m->query);
	}
	search_sql(f, "), 0)");
}

static void search_muted(struct search *f, const struct mutes *mutes)
{
	search_sql(f, "(0");
	for (unsigned i = 0; i < mutes->count; i++) {
		search_sql(f, " OR ");
		search_mute(f, &mutes->list[i]);
	}
	search_sql(f, ")");
}

static void search_filter(struct search *f, const struct store_filter *filter, struct mutes *mutes)
{
	search_number(f, filter->before == 0 ? INT64_MAX : filter->before);
	search_number(f, filter->after);
	if (filter->device != 0) {
		search_sql(f,
		           " AND c.key IN (SELECT key FROM interface WHERE device = (SELECT device "
		           "FROM interface WHERE id = ?))");
		search_number(f, filter->device);
	}
	search_words(f, " AND c.what IN (", filter->what, mutes->words[0], sizeof mutes->words[0]);
	search_words(f, " AND s.name IN (", filter->sensor, mutes->words[1],
	             sizeof mutes->words[1]);
	search_times(f, filter);
	if (*filter->text != '\0') {
		search_sql(f, " AND instr(lower(c.line), lower(?)) > 0");
		search_text(f, filter->text);
	}
	if (filter->unseen)
		search_sql(f, " AND c.seen_ns = 0");
	if (!filter->muted) {
		search_sql(f, " AND NOT ");
		search_muted(f, mutes);
	}
}

#define CHANGES_FROM                                                                \
	" FROM change c JOIN sensor s ON s.id = c.sensor LEFT JOIN interface i ON " \
	"i.key = c.key LEFT JOIN device d ON d.id = i.device WHERE c.id < ? AND c.id > ?"

/* ---- mutes ---- */

bool store_mutes(struct store *s, void (*each)(const struct store_mute *m, void *self), void *self)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_MUTES);
	bool broke = q == NULL;

	if (q == NULL)
		return false;
	while (sql_step(s, q, &broke)) {
		const struct store_mute m = {
			.id = (uint64_t)sqlite3_column_int64(q, 0),
			.what = sql_text(q, 1),
			.query = sql_text(q, 2),
			.note = sql_text(q, 3),
			.made_ns = (uint64_t)sqlite3_column_int64(q, 4),
		};
		each(&m, self);
	}
	sqlite3_reset(q);
	return !broke;
}

static void load_mute(const struct store_mute *m, void *self)
{
	struct mutes *const all = self;
	struct mute *const x = &all->list[all->count];
	char why[QUERY_WHY];

	if (all->count == STORE_MUTES || !query_parse(m->query, all->now_ns, &x->query, why))
		return;
	snprintf(x->what, sizeof x->what, "%s", m->what);
	all->count++;
}

/* The rules, ready to be searched by. */
static struct mutes *mutes_load(struct store *s)
{
	struct mutes *const all = s->mutes;

	all->count = 0;
	all->now_ns = clock_now_ns();
	return store_mutes(s, load_mute, all) ? all : NULL;
}

/* One more than there may be is refused; so is one with which they are too long to be looked by. */
bool store_mute(struct store *s, const char *what, const char *query, const char *note,
                uint64_t now_ns, uint64_t *id)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_MUTE_NEW);
	uint64_t count;

	if (q == NULL)
		return false;
	sql_bind(q, "tttii", what, query, note, (int64_t)now_ns, (int64_t)STORE_MUTES);
	if (!sql_run(s, q))
		return false;
	*id = (uint64_t)sqlite3_last_insert_rowid(s->db);
	if (sqlite3_changes(s->db) == 0) {
		snprintf(s->error, sizeof s->error, "there are %u rules already", STORE_MUTES);
		return false;
	}
	if (store_unseen(s, 1, &count))
		return true;
	(void)!store_unmute(s, *id);
	return false;
}

bool store_unmute(struct store *s, uint64_t id)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_MUTE_FORGET);

	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)id);
	return sql_run(s, q) && sqlite3_changes(s->db) > 0;
}

/* ---- the timeline ---- */

bool store_changes(struct store *s, const struct store_filter *filter,
                   void (*each)(const struct store_change *c, void *self), void *self)
{
	struct mutes *const mutes = mutes_load(s);
	struct search f;
	bool broke = false;

	if (mutes == NULL)
		return false;
	search_begin(
		s, &f,
		"SELECT c.id, COALESCE(d.id, 0), c.time_ns, s.name, c.what, c.line, c.seen_ns, "
		"COALESCE(d.name, ''), ");
	search_muted(&f, mutes);
	search_sql(&f, CHANGES_FROM);
	search_filter(&f, filter, mutes);
	search_sql(&f,
	           filter->oldest_first ? " ORDER BY c.id LIMIT ?" : " ORDER BY c.id DESC LIMIT ?");
	search_number(&f, filter->limit);
	sqlite3_stmt *const rows = search_prepare(s, &f);
	if (rows == NULL)
		return false;
	while (sql_step(s, rows, &broke)) {
		const struct store_change c = {
			.id = (uint64_t)sqlite3_column_int64(rows, 0),
			.device = (uint64_t)sqlite3_column_int64(rows, 1),
			.time_ns = (uint64_t)sqlite3_column_int64(rows, 2),
			.sensor = sql_text(rows, 3),
			.what = sql_text(rows, 4),
			.line = sql_text(rows, 5),
			.len = (size_t)sqlite3_column_bytes(rows, 5),
			.seen_ns = (uint64_t)sqlite3_column_int64(rows, 6),
			.name = sql_text(rows, 7),
			.muted = sqlite3_column_int(rows, 8) != 0,
		};
		each(&c, self);
	}
	sqlite3_finalize(rows);
	return !broke;
}

bool store_unseen(struct store *s, unsigned most, uint64_t *count)
{
	const struct store_filter filter = STORE_ALL_UNSEEN;
	struct mutes *const mutes = mutes_load(s);
	struct search f;

	*count = 0;
	if (mutes == NULL)
		return false;
	search_begin(s, &f, "SELECT COUNT(*) FROM (SELECT 1" CHANGES_FROM);
	search_filter(&f, &filter, mutes);
	search_sql(&f, " LIMIT ?)");
	search_number(&f, most);
	return search_count(s, &f, count);
}

bool store_see(struct store *s, uint64_t from, uint64_t upto, uint64_t now_ns, uint64_t *count)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_CHANGE_SEEN);

	if (q == NULL)
		return false;
	sql_bind(q, "iii", (int64_t)now_ns, (int64_t)from, (int64_t)upto);
	if (!sql_run(s, q))
		return false;
	*count = (uint64_t)sqlite3_changes(s->db);
	return true;
}

bool store_known_change(struct store *s, uint64_t id)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_CHANGE_KNOWN);
	bool broke, known;

	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)id);
	known = sql_step(s, q, &broke);
	sqlite3_reset(q);
	return known;
}
