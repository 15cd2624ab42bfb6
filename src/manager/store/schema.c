/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.c - the tables of the inventory, and how an older file becomes today's.
 *
 *	sensor   who reports: the order of its lines, its last health
 *	record   what one sensor last said of one device: the line itself, whole
 *	interface the records under one key as one row; which device it is of (grouping.c)
 *	device   the interfaces of one device as one row that people sort and filter; its id is that of
 *	         its oldest interface
 *	term     every (field, value) once; has: which record of which device holds it
 *	find     the values of terms by their groups of three letters, for searches within a word
 *	change   the timeline: change lines, whole
 *	aside    refused lines with their reasons, the last STORE_REFUSED
 *	said     what people wrote of a device: under its key, so that it outlives the record
 *	tie      which record shows which key of identity (ties.c)
 *	activity packets and bytes of a record by hours and days (activity.c)
 *	mute     rules for changes that nobody wants to see (changes.c)
 *
 * `user_version` is the number of the last step below that was taken; a step is never changed once
 * it was shipped. A step that wants what only the
 * lines themselves say makes all of it from them again. A file of a later version than this program knows is refused.
 */
#include "manager/store/sqlite.h"

#include <stdio.h>

static const char tables[] =
	"CREATE TABLE sensor(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, boot INTEGER NOT NULL, seq INTEGER NOT NULL,"
	" full INTEGER NOT NULL DEFAULT 0, time_ns INTEGER NOT NULL DEFAULT 0, heard_ns INTEGER NOT NULL DEFAULT 0,"
	" version TEXT NOT NULL DEFAULT '', health TEXT NOT NULL DEFAULT '', refused INTEGER NOT NULL DEFAULT 0);"
	"CREATE TABLE device(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, realm TEXT NOT NULL, mac TEXT NOT NULL,"
	" ip TEXT NOT NULL, via TEXT NOT NULL, mac_kind TEXT NOT NULL, vendor TEXT NOT NULL, name TEXT NOT NULL,"
	" os TEXT NOT NULL, model TEXT NOT NULL, roles TEXT NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
	" packets INTEGER NOT NULL, bytes INTEGER NOT NULL, sensors INTEGER NOT NULL);"
	"CREATE INDEX device_last ON device(last_ns, id);"
	"CREATE TABLE record(id INTEGER PRIMARY KEY, sensor INTEGER NOT NULL REFERENCES sensor, key TEXT NOT NULL,"
	" device INTEGER NOT NULL REFERENCES device, boot INTEGER NOT NULL, seq INTEGER NOT NULL, digest INTEGER NOT NULL,"
	" line TEXT NOT NULL, UNIQUE(sensor, key));"
	"CREATE INDEX record_device ON record(device);"
	"CREATE TABLE term(id INTEGER PRIMARY KEY, field TEXT NOT NULL, value TEXT NOT NULL, UNIQUE(field, value));"
	"CREATE TABLE has(term INTEGER NOT NULL, device INTEGER NOT NULL, record INTEGER NOT NULL,"
	" PRIMARY KEY(term, device, record)) WITHOUT ROWID;"
	"CREATE INDEX has_record ON has(record);"
	"CREATE VIRTUAL TABLE find USING fts5(value, content='term', content_rowid='id', tokenize='trigram');"
	"CREATE TABLE change(id INTEGER PRIMARY KEY, sensor INTEGER NOT NULL, boot INTEGER NOT NULL, seq INTEGER NOT NULL,"
	" time_ns INTEGER NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL, line TEXT NOT NULL,"
	" UNIQUE(sensor, boot, seq, time_ns));"
	"CREATE INDEX change_key ON change(key);"
	"CREATE TABLE aside(id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, why TEXT NOT NULL, line BLOB NOT NULL);"
	"CREATE TABLE said(key TEXT PRIMARY KEY, note TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '',"
	" owner TEXT NOT NULL DEFAULT '');";

static const char counts_and_ties[] =
	"ALTER TABLE device ADD COLUMN type TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE device ADD COLUMN facets BLOB NOT NULL DEFAULT x'';"
	"ALTER TABLE record ADD COLUMN facets BLOB NOT NULL DEFAULT x'';"
	"ALTER TABLE record ADD COLUMN packets INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE record ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE term ADD COLUMN devices INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX term_devices ON term(field, devices) WHERE devices > 0;"
	"CREATE TABLE tie(key INTEGER NOT NULL, device INTEGER NOT NULL, record INTEGER NOT NULL,"
	" PRIMARY KEY(key, device, record)) WITHOUT ROWID;"
	"CREATE INDEX tie_record ON tie(record);"
	"CREATE TABLE activity(record INTEGER NOT NULL, span INTEGER NOT NULL, start INTEGER NOT NULL,"
	" packets INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY(record, span, start)) WITHOUT ROWID;"
	"ALTER TABLE change ADD COLUMN seen_ns INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX change_unseen ON change(id) WHERE seen_ns = 0;"
	"CREATE TABLE mute(id INTEGER PRIMARY KEY, what TEXT NOT NULL, query TEXT NOT NULL, note TEXT NOT NULL,"
	" made_ns INTEGER NOT NULL);";

static const char orders[] = "ALTER TABLE device ADD COLUMN ip_order TEXT NOT NULL DEFAULT '';"
			     "UPDATE device SET ip_order = ip_order(ip);"
			     "CREATE INDEX device_name ON device(lower(name), id);"
			     "CREATE INDEX device_ip ON device(ip_order, id);";

static const char interfaces[] =
	"DROP INDEX device_last; DROP INDEX device_name; DROP INDEX device_ip;"
	"ALTER TABLE device RENAME TO interface;"
	"CREATE TABLE device(id INTEGER PRIMARY KEY, realm TEXT NOT NULL, mac TEXT NOT NULL, ip TEXT NOT NULL,"
	" via TEXT NOT NULL, mac_kind TEXT NOT NULL, vendor TEXT NOT NULL, name TEXT NOT NULL, os TEXT NOT NULL,"
	" model TEXT NOT NULL, type TEXT NOT NULL, roles TEXT NOT NULL, first_ns INTEGER NOT NULL,"
	" last_ns INTEGER NOT NULL, packets INTEGER NOT NULL, bytes INTEGER NOT NULL, sensors INTEGER NOT NULL,"
	" interfaces INTEGER NOT NULL, facets BLOB NOT NULL DEFAULT x'', ip_order TEXT NOT NULL DEFAULT '');"
	"INSERT INTO device SELECT id, realm, mac, ip, via, mac_kind, vendor, name, os, model, type, roles, first_ns,"
	" last_ns, packets, bytes, sensors, 1, facets, ip_order FROM interface;"
	"CREATE INDEX device_last ON device(last_ns, id);"
	"CREATE INDEX device_name ON device(lower(name), id);"
	"CREATE INDEX device_ip ON device(ip_order, id);"
	"ALTER TABLE interface DROP COLUMN facets;"
	"ALTER TABLE interface DROP COLUMN ip_order;"
	"ALTER TABLE interface ADD COLUMN device INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE interface ADD COLUMN settled INTEGER NOT NULL DEFAULT 1;"
	"UPDATE interface SET device = id;"
	"CREATE INDEX interface_device ON interface(device);"
	"DROP INDEX record_device;"
	"ALTER TABLE record RENAME COLUMN device TO interface;"
	"CREATE INDEX record_interface ON record(interface);"
	"ALTER TABLE record ADD COLUMN keys BLOB NOT NULL DEFAULT x'';"
	"DELETE FROM tie;"
	"ALTER TABLE tie RENAME COLUMN device TO interface;"
	"ALTER TABLE sensor ADD COLUMN records INTEGER NOT NULL DEFAULT 0;"
	"UPDATE sensor SET records = (SELECT COUNT(*) FROM record WHERE record.sensor = sensor.id);";

static const struct {
	const char *sql;
	bool from_lines; /* what is new is made of the records' lines */
} steps[] = {{tables, false}, {counts_and_ties, true}, {orders, false}, {interfaces, true}};

static int schema_version(struct store *s)
{
	sqlite3_stmt *q = NULL;
	int version = -1;

	if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		version = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	return version;
}

/*
 * All steps, then what is made of lines: by today's statements, which want the last step's tables.
 */
static bool take_steps(struct store *s, unsigned from)
{
	bool from_lines = false;
	char version[64];

	if (!sql_execute(s, "BEGIN IMMEDIATE"))
		return false;
	for (unsigned i = from; i < COUNT_OF(steps); i++) {
		from_lines = from_lines || steps[i].from_lines;
		if (!sql_execute(s, steps[i].sql))
			return false;
	}
	snprintf(version, sizeof version, "PRAGMA user_version = %zu", COUNT_OF(steps));
	return (!from_lines || take_again(s)) && sql_execute(s, version) &&
	       sql_execute(s, "COMMIT");
}

bool schema_prepare(struct store *s, bool writes)
{
	const int version = schema_version(s);

	if (version < 0)
		return sql_failed(s);
	if ((size_t)version > COUNT_OF(steps)) {
		snprintf(s->error, sizeof s->error,
		         "it is of version %d, made by a later havainto; this one knows %zu",
		         version, COUNT_OF(steps));
		return false;
	}
	if (!writes && (size_t)version != COUNT_OF(steps)) {
		snprintf(s->error, sizeof s->error,
		         "it is of version %d, made by an earlier havainto; a manager of this one "
		         "makes it today's (%zu) when it starts",
		         version, COUNT_OF(steps));
		return false;
	}
	return (size_t)version == COUNT_OF(steps) || take_steps(s, (unsigned)version);
}
