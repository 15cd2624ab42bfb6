/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find.c - what the inventory says when it is asked.
 *
 * Pages go by a cursor: the value and the id of the last row of the page before. The next page
 * begins behind it, however many devices came or went meanwhile, and costs what the first did.
 */
#include "manager/store/sqlite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What people said of any of its interfaces. */
#define SAID_OF(what, where)                                                                   \
	"COALESCE((SELECT " what                                                               \
	" FROM (SELECT x.note, x.tags, x.owner FROM interface i JOIN said x ON x.key = i.key " \
	"WHERE i.device = d.id" where " ORDER BY i.first_ns, i.id)), ''), "

#define DEVICE_COLUMNS                                                                            \
	"SELECT d.id, d.realm, d.mac, d.ip, d.via, d.mac_kind, d.vendor, d.name, d.os, d.model, " \
	"d.roles, d.first_ns, d.last_ns, d.packets, d.bytes, d.sensors, " SAID_OF(                \
		"group_concat(note, char(10))", " AND x.note <> ''")                              \
		SAID_OF("join_words(tags)", "")                                                   \
			SAID_OF("owner", " AND x.owner <> ''") "d.type, d.facets, d.interfaces, "

static const struct {
	const char *name, *sql;
} sorts[SORTS] = {
	[SORT_LAST_SEEN] = {"last_seen", "d.last_ns"},
	[SORT_FIRST_SEEN] = {"first_seen", "d.first_ns"},
	[SORT_NAME] = {"name", "lower(d.name)"},
	[SORT_IP] = {"ip", "d.ip_order"},
	[SORT_MAC] = {"mac", "d.mac"},
	[SORT_VENDOR] = {"vendor", "lower(d.vendor)"},
	[SORT_OS] = {"os", "lower(d.os)"},
	[SORT_MODEL] = {"model", "lower(d.model)"},
	[SORT_PACKETS] = {"packets", "d.packets"},
	[SORT_BYTES] = {"bytes", "d.bytes"},
};

enum store_sort store_sort_by_name(const char *name)
{
	enum store_sort sort = 0;

	while (sort < SORTS && strcmp(sorts[sort].name, name) != 0)
		sort++;
	return sort;
}

static struct store_device read_device(struct store *s, sqlite3_stmt *q)
{
	const uint8_t *const facets = sqlite3_column_blob(q, 20);
	const size_t len = (size_t)sqlite3_column_bytes(q, 20);

	return (struct store_device){
		.id = (uint64_t)sqlite3_column_int64(q, 0),
		.realm = sql_text(q, 1),
		.mac = sql_text(q, 2),
		.ip = sql_text(q, 3),
		.via = sql_text(q, 4),
		.mac_kind = sql_text(q, 5),
		.vendor = sql_text(q, 6),
		.name = sql_text(q, 7),
		.os = sql_text(q, 8),
		.model = sql_text(q, 9),
		.roles = sql_text(q, 10),
		.first_ns = (uint64_t)sqlite3_column_int64(q, 11),
		.last_ns = (uint64_t)sqlite3_column_int64(q, 12),
		.packets = (uint64_t)sqlite3_column_int64(q, 13),
		.bytes = (uint64_t)sqlite3_column_int64(q, 14),
		.sensors = (uint64_t)sqlite3_column_int64(q, 15),
		.note = sql_text(q, 16),
		.tags = sql_text(q, 17),
		.owner = sql_text(q, 18),
		.type = sql_text(q, 19),
		.interfaces = (uint64_t)sqlite3_column_int64(q, 21),
		.vlans = facets_words(s, facets, len, "vlan", s->vlans, sizeof s->vlans),
		.subnet = facets_words(s, facets, len, "subnet", s->subnet, sizeof s->subnet),
		.seen_by = facets_words(s, facets, len, "sensor", s->seen_by, sizeof s->seen_by),
	};
}

/* ---- pages ---- */

bool store_is_cursor(const char *text)
{
	const size_t digits = strspn(text, "0123456789");

	return digits > 0 && text[digits] == ' ' && strlen(text) < STORE_CURSOR;
}

/* "ID VALUE": the value as the column has it. */
static bool read_cursor(struct store *s, const char *text, int64_t *id, const char **value)
{
	char *end;

	if (!store_is_cursor(text)) {
		snprintf(s->error, sizeof s->error, "the cursor is none of ours");
		return false;
	}
	*id = strtoll(text, &end, 10);
	*value = end + 1;
	return true;
}

static bool is_number(enum store_sort sort)
{
	return sort == SORT_LAST_SEEN || sort == SORT_FIRST_SEEN || sort == SORT_PACKETS ||
	       sort == SORT_BYTES;
}

/* Only what stands behind the cursor. */
static bool search_after(struct store *s, struct search *f, const struct query *q,
                         const struct store_page *p)
{
	const char *value;
	int64_t id;

	if (p->after[0] == '\0')
		return true;
	if (!read_cursor(s, p->after, &id, &value))
		return false;
	search_sql(f, q->count > 0 ? " AND (" : " WHERE (");
	search_sql(f, sorts[p->sort].sql);
	search_sql(f, p->descending ? ", d.id) < (?, ?)" : ", d.id) > (?, ?)");
	if (is_number(p->sort))
		search_number(f, strtoull(value, NULL, 10));
	else
		search_text(f, value);
	search_number(f, (uint64_t)id);
	return true;
}

static void search_order(struct search *f, const char *value, const char *id,
                         const struct store_page *p)
{
	const char *const way = p->descending ? " DESC" : "";

	search_sql(f, " ORDER BY ");
	search_sql(f, value);
	search_sql(f, way);
	search_sql(f, ", ");
	search_sql(f, id);
	search_sql(f, way);
}

/* The page's ids are found first, so that what is shown is read for these alone. */
bool store_devices(struct store *s, const struct query *q, const struct store_page *page,
                   void (*each)(const struct store_device *d, void *self), void *self,
                   char next[STORE_CURSOR])
{
	struct search f;
	bool broke = false;
	unsigned count = 0;

	next[0] = '\0';
	search_begin(s, &f, DEVICE_COLUMNS "p.v FROM (SELECT d.id AS id, ");
	search_sql(&f, sorts[page->sort].sql);
	search_sql(&f, " AS v FROM device d");
	search_conditions(&f, q);
	if (!search_after(s, &f, q, page))
		return false;
	search_order(&f, sorts[page->sort].sql, "d.id", page);
	search_number(&f, (uint64_t)page->limit + 1);
	search_number(&f, page->skip);
	search_sql(&f, " LIMIT ? OFFSET ?) p CROSS JOIN device d ON d.id = p.id");
	search_order(&f, "p.v", "p.id", page);
	sqlite3_stmt *const rows = search_prepare(s, &f);
	if (rows == NULL)
		return false;
	char last[STORE_CURSOR] = "";
	while (sql_step(s, rows, &broke)) {
		const struct store_device d = read_device(s, rows);

		if (count++ == page->limit) {
			memcpy(next, last, sizeof last);
			break;
		}
		snprintf(last, sizeof last, "%" PRIu64 " %.480s", d.id, sql_text(rows, 22));
		each(&d, self);
	}
	sqlite3_finalize(rows);
	return !broke;
}

/* ---- one device ---- */

bool store_device(struct store *s, uint64_t id,
                  void (*each)(const struct store_device *d, void *self),
                  void (*record)(uint64_t interface, const char *line, size_t len, void *self),
                  void *self)
{
	sqlite3_stmt *const lines = sql_statement(s, STATEMENT_RECORD_LINES);
	struct search f;
	bool broke = false, found = false;
	int64_t device;

	if (!sql_number(s, STATEMENT_INTERFACE_DEVICE, (int64_t)id, &device))
		return false;
	search_begin(s, &f, DEVICE_COLUMNS "0 FROM device d WHERE d.id = ?");
	search_number(&f, (uint64_t)device);
	sqlite3_stmt *const row = lines == NULL ? NULL : search_prepare(s, &f);
	if (row == NULL)
		return false;
	if (sql_step(s, row, &broke)) {
		const struct store_device d = read_device(s, row);

		found = true;
		each(&d, self);
	}
	sqlite3_finalize(row);
	sql_bind(lines, "i", device);
	while (record != NULL && found && !broke && sql_step(s, lines, &broke))
		record((uint64_t)sqlite3_column_int64(lines, 0), sql_text(lines, 1),
		       (size_t)sqlite3_column_bytes(lines, 1), self);
	sqlite3_reset(lines);
	return found && !broke;
}

bool store_interfaces(struct store *s, uint64_t device,
                      void (*each)(const struct store_interface *i, void *self), void *self)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_INTERFACES);
	bool broke = q == NULL;

	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)device);
	while (sql_step(s, q, &broke)) {
		const struct store_interface i = {
			.id = (uint64_t)sqlite3_column_int64(q, 0),
			.realm = sql_text(q, 1),
			.mac = sql_text(q, 2),
			.ip = sql_text(q, 3),
			.vendor = sql_text(q, 4),
			.name = sql_text(q, 5),
			.first_ns = (uint64_t)sqlite3_column_int64(q, 6),
			.last_ns = (uint64_t)sqlite3_column_int64(q, 7),
			.packets = (uint64_t)sqlite3_column_int64(q, 8),
			.bytes = (uint64_t)sqlite3_column_int64(q, 9),
			.sensors = (uint64_t)sqlite3_column_int64(q, 10),
		};
		each(&i, self);
	}
	sqlite3_reset(q);
	return !broke;
}

/* ---- the rest ---- */

bool store_sensors(struct store *s, void (*each)(const struct store_sensor *x, void *self),
                   void *self)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_SENSOR_LIST);
	bool broke = q == NULL;

	while (!broke && sql_step(s, q, &broke)) {
		const struct store_sensor x = {
			.name = sql_text(q, 0),
			.version = sql_text(q, 1),
			.health = sql_text(q, 2),
			.boot = (uint64_t)sqlite3_column_int64(q, 3),
			.seq = (uint64_t)sqlite3_column_int64(q, 4),
			.time_ns = (uint64_t)sqlite3_column_int64(q, 5),
			.heard_ns = (uint64_t)sqlite3_column_int64(q, 6),
			.records = (uint64_t)sqlite3_column_int64(q, 7),
			.refused = (uint64_t)sqlite3_column_int64(q, 8),
		};
		each(&x, self);
	}
	if (q != NULL)
		sqlite3_reset(q);
	return !broke;
}
