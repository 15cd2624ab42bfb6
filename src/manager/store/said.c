/* SPDX-License-Identifier: Apache-2.0 */
/*
 * said.c - what people say of devices: notes, tags, owners. They are few, and lie in one small table,
 * so they are counted when somebody asks.
 *
 * They stand under the key of an interface, the oldest of the device. A device shows what was said of
 * any of its interfaces; who writes it anew has seen all of that, so it replaces all. Where a device
 * parts, each keeps what was said of its own.
 */
#include "manager/store/sqlite.h"

#include <string.h>

bool store_annotate(struct store *s, uint64_t device, const char *note, const char *tags,
                    const char *owner)
{
	const char *const texts[] = {note, tags, owner};
	int64_t id;

	if (!sql_number(s, STATEMENT_INTERFACE_DEVICE, (int64_t)device, &id) ||
	    !sql_do(s, STATEMENT_SAID, "i", id))
		return false;
	for (unsigned i = 0; i < COUNT_OF(texts); i++)
		if (texts[i] != NULL && (!sql_do(s, STATEMENT_SAID_NOTE + i, "ti", texts[i], id) ||
		                         sqlite3_changes(s->db) == 0))
			return false;
	return true;
}

/* ---- counts ---- */

/* A list of tags is cut at its commas, a tag a step. */
static const char tags_begin[] =
	"WITH RECURSIVE split(word, rest) AS (SELECT '', tags || ',' FROM (SELECT join_words(x.tags) AS "
	"tags FROM said x JOIN interface i ON i.key = x.key JOIN device d ON d.id = i.device";
static const char tags_end[] =
	" GROUP BY d.id) UNION ALL SELECT substr(rest, 1, instr(rest, ',') - 1), substr(rest, instr(rest, ',') + "
	"1) FROM split WHERE rest <> '') SELECT word, COUNT(*) AS n FROM split WHERE word <> '' AND "
	"word LIKE pattern(? || '*') ESCAPE '\\' GROUP BY word ORDER BY n DESC, word LIMIT ?";

static const char owner_begin[] = "SELECT owner, COUNT(DISTINCT id) AS n FROM (SELECT x.owner AS "
				  "owner, d.id AS id FROM said x JOIN interface i ON i.key = "
				  "x.key JOIN device d ON d.id = i.device";
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
