/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.c - see spool.h.
 *
 *	device(key, boot, seq, line)   the last record of each device
 *	event(boot, seq, line)         all other lines
 *
 * Both are looked through by (boot, seq); the next line is the lesser of the two first ones.
 */
#include "report/spool.h"

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096
#define KEY_MOST 512
#define EXPIRE_ROWS 1000 /* given up at once, when there is no room */

enum {
	BEGIN,
	COMMIT,
	PUT_DEVICE,
	PUT_EVENT,
	NEXT_DEVICE,
	NEXT_EVENT,
	FORGET_DEVICES,
	FORGET_EVENTS,
	EXPIRE_EVENTS,
	EXPIRE_DEVICES,
	PAGES,
	FREE_PAGES,
	STATEMENTS
};

/* clang-format off */
static const char *const texts[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[PUT_DEVICE] = "INSERT INTO device(key, boot, seq, line) VALUES(?, ?, ?, ?) ON CONFLICT(key) DO UPDATE SET boot = excluded.boot, seq = excluded.seq, line = excluded.line",
	[PUT_EVENT] = "INSERT OR IGNORE INTO event(boot, seq, line) VALUES(?, ?, ?)",
	[NEXT_DEVICE] = "SELECT boot, seq, line FROM device WHERE (boot, seq) > (?, ?) ORDER BY boot, seq LIMIT 1",
	[NEXT_EVENT] = "SELECT boot, seq, line FROM event WHERE (boot, seq) > (?, ?) ORDER BY boot, seq LIMIT 1",
	[FORGET_DEVICES] = "DELETE FROM device WHERE (boot, seq) <= (?, ?)",
	[FORGET_EVENTS] = "DELETE FROM event WHERE (boot, seq) <= (?, ?)",
	[EXPIRE_EVENTS] = "DELETE FROM event WHERE rowid IN (SELECT rowid FROM event ORDER BY boot, seq LIMIT ?)",
	[EXPIRE_DEVICES] = "DELETE FROM device WHERE rowid IN (SELECT rowid FROM device ORDER BY boot, seq LIMIT ?)",
	[PAGES] = "PRAGMA page_count",
	[FREE_PAGES] = "PRAGMA freelist_count",
};
/* clang-format on */

static const char schema[] =
	"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096;"
	"CREATE TABLE IF NOT EXISTS device(key TEXT PRIMARY KEY, boot INTEGER NOT NULL,"
	" seq INTEGER NOT NULL, line TEXT NOT NULL);"
	"CREATE INDEX IF NOT EXISTS device_at ON device(boot, seq);"
	"CREATE TABLE IF NOT EXISTS event(boot INTEGER NOT NULL, seq INTEGER NOT NULL,"
	" line TEXT NOT NULL, UNIQUE(boot, seq));";

struct spool {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	uint64_t pages; /* that it may have */
	bool open;      /* a batch is */
	bool broken;    /* nothing more of this batch can be written */
	uint64_t in_batch;
	_Atomic(uint64_t) kept, coalesced, expired, failures;
	struct log_limit said;
};

/* ---- statements ---- */

static sqlite3_stmt *ready(struct spool *s, int which)
{
	sqlite3_stmt **const q = &s->statements[which];

	if (*q == NULL)
		sqlite3_prepare_v3(s->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, q, NULL);
	if (*q != NULL)
		sqlite3_reset(*q);
	return *q;
}

static bool done(sqlite3_stmt *q)
{
	if (q == NULL)
		return false;
	const bool well = sqlite3_step(q) == SQLITE_DONE;
	sqlite3_reset(q);
	return well;
}

static uint64_t number(struct spool *s, int which)
{
	sqlite3_stmt *const q = ready(s, which);
	uint64_t n = 0;

	if (q != NULL && sqlite3_step(q) == SQLITE_ROW)
		n = (uint64_t)sqlite3_column_int64(q, 0);
	if (q != NULL)
		sqlite3_reset(q);
	return n;
}

static void bind_place(sqlite3_stmt *q, int first, struct spool_place at)
{
	sqlite3_bind_int64(q, first, (int64_t)at.boot);
	sqlite3_bind_int64(q, first + 1, (int64_t)at.seq);
}

/* ---- batches ---- */

static void add(_Atomic(uint64_t) *count, uint64_t n)
{
	atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}

static uint64_t count_rows(struct spool *s)
{
	sqlite3_stmt *q = NULL;
	uint64_t n = 0;

	if (sqlite3_prepare_v2(
		    s->db, "SELECT (SELECT COUNT(*) FROM device) + (SELECT COUNT(*) FROM event)",
		    -1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		n = (uint64_t)sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

/* Nothing of the batch is kept; what was put into it is given up. */
static void give_up_batch(struct spool *s)
{
	log_once_a_minute(&s->said, "cannot write the spool: %s; trying again",
	                  sqlite3_errmsg(s->db));
	if (sqlite3_get_autocommit(s->db) == 0)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	add(&s->failures, 1);
	add(&s->expired, s->in_batch);
	atomic_store(&s->kept, count_rows(s));
	s->open = false;
	s->broken = false;
	s->in_batch = 0;
}

static bool begin(struct spool *s)
{
	if (s->open)
		return !s->broken;
	s->open = true;
	s->in_batch = 0;
	s->broken = !done(ready(s, BEGIN));
	return !s->broken;
}

bool spool_commit(struct spool *s)
{
	if (!s->open)
		return true;
	if (!s->broken && done(ready(s, COMMIT))) {
		s->open = false;
		return true;
	}
	give_up_batch(s);
	return false;
}

/* ---- room ---- */

static void expire_rows(struct spool *s, int which)
{
	sqlite3_stmt *const q = ready(s, which);

	if (q == NULL)
		return;
	sqlite3_bind_int64(q, 1, EXPIRE_ROWS);
	if (!done(q))
		return;
	const uint64_t gone = (uint64_t)sqlite3_changes(s->db);
	add(&s->expired, gone);
	atomic_fetch_sub(&s->kept, gone);
}

/* The oldest lines go while nine tenths are used: events first, for a record is worth more. */
static void make_room(struct spool *s)
{
	for (unsigned i = 0; i < 64; i++) {
		if (number(s, PAGES) - number(s, FREE_PAGES) < s->pages / 10 * 9)
			return;
		const uint64_t before = atomic_load(&s->kept);
		expire_rows(s, EXPIRE_EVENTS);
		if (before == atomic_load(&s->kept))
			expire_rows(s, EXPIRE_DEVICES);
	}
}

/* ---- lines ---- */

/*
 * What a device is known by: of a line that this sensor wrote, whose keys stand in the order of
 * line.c, that which stands between the brace of "device" and "vendor".
 */
static bool device_key(const char *line, size_t len, const char **key, size_t *key_len)
{
	static const char before[] = "\"device\":{", behind[] = "\"vendor\":";
	const char *const from = memmem(line, len, before, sizeof before - 1);
	const char *const to =
		from == NULL ? NULL
			     : memmem(from, (size_t)(line + len - from), behind, sizeof behind - 1);

	if (to == NULL || (size_t)(to - from) > KEY_MOST)
		return false;
	*key = from + sizeof before - 1;
	*key_len = (size_t)(to - *key);
	return true;
}

static bool put_device(struct spool *s, struct spool_place at, const char *line, size_t len)
{
	sqlite3_stmt *const q = ready(s, PUT_DEVICE);
	const char *key;
	size_t key_len;

	if (q == NULL || !device_key(line, len, &key, &key_len))
		return false;
	sqlite3_bind_text64(q, 1, key, key_len, SQLITE_STATIC, SQLITE_UTF8);
	bind_place(q, 2, at);
	sqlite3_bind_text64(q, 4, line, len, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_set_last_insert_rowid(s->db, 0);
	if (!done(q))
		return false;
	/* an update leaves the number of the last new row alone */
	if (sqlite3_last_insert_rowid(s->db) == 0)
		add(&s->coalesced, 1);
	else
		add(&s->kept, 1);
	return true;
}

static bool put_event(struct spool *s, struct spool_place at, const char *line, size_t len)
{
	sqlite3_stmt *const q = ready(s, PUT_EVENT);

	if (q == NULL)
		return false;
	bind_place(q, 1, at);
	sqlite3_bind_text64(q, 3, line, len, SQLITE_STATIC, SQLITE_UTF8);
	if (!done(q))
		return false;
	add(&s->kept, 1);
	return true;
}

void spool_put(struct spool *s, enum line type, struct spool_place at, const char *line, size_t len)
{
	if (!begin(s)) {
		s->in_batch++;
		return;
	}
	if (s->in_batch % 64 == 0)
		make_room(s);
	s->in_batch++;
	s->broken =
		!(type == LINE_DEVICE ? put_device(s, at, line, len) : put_event(s, at, line, len));
}

/* The row behind `at`; false: none. */
static bool look(struct spool *s, int which, struct spool_place at, struct spool_place *found)
{
	sqlite3_stmt *const q = ready(s, which);

	if (q == NULL)
		return false;
	bind_place(q, 1, at);
	if (sqlite3_step(q) != SQLITE_ROW)
		return false;
	found->boot = (uint64_t)sqlite3_column_int64(q, 0);
	found->seq = (uint64_t)sqlite3_column_int64(q, 1);
	return true;
}

const char *spool_next(struct spool *s, struct spool_place *at, size_t *len)
{
	struct spool_place device, event;
	const bool has_device = look(s, NEXT_DEVICE, *at, &device);
	const bool has_event = look(s, NEXT_EVENT, *at, &event);

	if (!has_device && !has_event)
		return NULL;
	const bool first = has_device && (!has_event || device.boot < event.boot ||
	                                  (device.boot == event.boot && device.seq < event.seq));
	sqlite3_stmt *const q = s->statements[first ? NEXT_DEVICE : NEXT_EVENT];
	*at = first ? device : event;
	*len = (size_t)sqlite3_column_bytes(q, 2);
	return (const char *)sqlite3_column_text(q, 2);
}

void spool_forget(struct spool *s, struct spool_place upto)
{
	static const int which[] = {FORGET_DEVICES, FORGET_EVENTS};

	for (size_t i = 0; i < COUNT_OF(which); i++) {
		sqlite3_stmt *const q = begin(s) ? ready(s, which[i]) : NULL;

		if (q == NULL)
			return; /* it is sent again, and known then */
		bind_place(q, 1, upto);
		if (done(q))
			atomic_fetch_sub(&s->kept, (uint64_t)sqlite3_changes(s->db));
		else
			s->broken = true;
	}
}

struct spool_counts spool_count(const struct spool *s)
{
	return (struct spool_counts){
		.kept = atomic_load(&s->kept),
		.coalesced = atomic_load(&s->coalesced),
		.expired = atomic_load(&s->expired),
		.failures = atomic_load(&s->failures),
	};
}

/* ---- opening ---- */

static int take_verdict(void *sound, int count, char **values, char **names)
{
	(void)names;
	*(bool *)sound = count == 1 && values[0] != NULL && strcmp(values[0], "ok") == 0;
	return 0;
}

/* What a torn page or a bad disk left is found now, not when a line is missed. */
static bool is_sound(struct spool *s)
{
	bool sound = false;

	return sqlite3_exec(s->db, "PRAGMA quick_check(1)", take_verdict, &sound, NULL) ==
	               SQLITE_OK &&
	       sound;
}

static bool prepare(struct spool *s, const char *path, uint64_t bytes)
{
	char limit[64];

	s->pages = bytes / PAGE;
	snprintf(limit, sizeof limit, "PRAGMA max_page_count = %llu", (unsigned long long)s->pages);
	return sqlite3_open_v2(path, &s->db,
	                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
	                       NULL) == SQLITE_OK &&
	       sqlite3_exec(s->db, schema, NULL, NULL, NULL) == SQLITE_OK &&
	       sqlite3_exec(s->db, limit, NULL, NULL, NULL) == SQLITE_OK;
}

static bool is_broken(const struct spool *s)
{
	const int error = s->db == NULL ? SQLITE_OK : sqlite3_errcode(s->db);

	return error == SQLITE_CORRUPT || error == SQLITE_NOTADB;
}

static void finish(struct spool *s)
{
	for (int i = 0; i < STATEMENTS; i++) {
		sqlite3_finalize(s->statements[i]);
		s->statements[i] = NULL;
	}
	sqlite3_close(s->db);
	s->db = NULL;
}

/* The broken file and its log go out of the way; whoever wants can look into them. */
static bool put_aside(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char from[4096], to[4096];

	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		snprintf(from, sizeof from, "%s%s", path, ends[i]);
		snprintf(to, sizeof to, "%s.bad%s", path, ends[i]);
		if (rename(from, to) < 0 && errno != ENOENT)
			return false;
	}
	log_line("the spool %s is broken: put aside as %s.bad, and begun anew", path, path);
	return true;
}

struct spool *spool_open(const char *path, uint64_t bytes, char *why, size_t why_len)
{
	struct spool *const s = calloc(1, sizeof *s);

	if (s == NULL) {
		snprintf(why, why_len, "cannot open the spool %s: out of memory", path);
		return NULL;
	}
	bool opened = prepare(s, path, bytes);
	if (opened ? !is_sound(s) : is_broken(s)) {
		finish(s);
		opened = put_aside(path) && prepare(s, path, bytes);
	}
	if (opened) {
		atomic_store(&s->kept, count_rows(s));
		return s;
	}
	snprintf(why, why_len, "cannot open the spool %s: %s", path,
	         s->db == NULL ? strerror(errno) : sqlite3_errmsg(s->db));
	spool_close(s);
	return NULL;
}

void spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	(void)spool_commit(s);
	finish(s);
	free(s);
}
