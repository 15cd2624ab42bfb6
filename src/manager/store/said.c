/* SPDX-License-Identifier: Apache-2.0 */
/*
 * said.c - what people say of devices: notes, tags, owners. They are few, and lie in one small table,
 * so they are counted when somebody asks.
 */
#include "manager/store/sqlite.h"

#include <string.h>

bool store_annotate(struct store *s, uint64_t device, const char *note, const char *tags,
                    const char *owner)
{
	const char *const texts[] = {note, tags, owner};
	sqlite3_stmt *q = sql_statement(s, STATEMENT_SAID);

	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)device);
	if (!sql_run(s, q))
		return false;
	for (unsigned i = 0; i < COUNT_OF(texts); i++) {
		if (texts[i] == NULL)
			continue;
		q = sql_statement(s, STATEMENT_SAID_NOTE + i);
		if (q == NULL)
			return false;
		sql_bind(q, "ti", texts[i], (int64_t)device);
		if (!sql_run(s, q) || sqlite3_changes(s->db) == 0)
			return false;
	}
	return true;
}

/* ---- counts ---- */

/* A list of tags is cut at its commas, a tag a step. */
static const char tags_begin[] =
	"WITH RECURSIVE split(word, rest) AS (SELECT '', x.tags || ',' FROM said x JOIN device d "
	"ON d.key = x.key";
static const char tags_end[] =
	" UNION ALL SELECT substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + "
	"1) FROM split WHERE rest <> '') SELECT word, COUNT(*) AS n FROM split WHERE word <> '' AND "
	"word LIKE pattern(? || '*') ESCAPE '\\' GROUP BY word ORDER BY n DESC, word LIMIT ?";

static const char owner_begin[] = "SELECT owner, COUNT(*) AS n FROM (SELECT x.owner AS owner FROM "
				  "said x JOIN device d ON d.key = x.key";
static const char owner_end[] = ") WHERE owner <> '' AND owner LIKE pattern(? || '*') ESCAPE '\\' "
				"GROUP BY owner ORDER BY n DESC, owner LIMIT ?";

bool said_is_field(const char *field)
{
	return strcmp(field, "tag") == 0 || strcmp(field, "owner") == 0;
}

bool said_facet(struct store *s, const struct query *q, const char *field, const char *prefix,
                unsigned limit, void (*each)(const char *value, uint64_t count, void *self),
                void *self)
{
	const bool tags = strcmp(field, "tag") == 0;
	struct search f;

	search_begin(s, &f, tags ? tags_begin : owner_begin);
	search_conditions(&f, q);
	search_sql(&f, tags ? tags_end : owner_end);
	search_text(&f, prefix);
	search_number(&f, limit);
	return search_values(s, &f, each, self);
}
