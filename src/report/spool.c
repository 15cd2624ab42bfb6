/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.c - see spool.h.
 *
 *	device(key, boot, seq, line, sum)   the last record of each device
 *	event(boot, seq, line, sum)         all other lines
 *
 * Both are looked through by (boot, seq); the next line is the lesser of the two first ones.
 *
 * What a batch would count is added up beside it, and counts once it is committed: of a batch that
 * was given up nothing was kept, replaced or made room for.
 */
#include "report/spool.h"

#include "base/hash.h"
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
	DROP_DEVICE,
	DROP_EVENT,
	PAGES,
	FREE_PAGES,
	STATEMENTS
};

/* clang-format off */
static const char *const texts[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[PUT_DEVICE] = "INSERT INTO device(key, boot, seq, line, sum) VALUES(?, ?, ?, ?, ?) ON CONFLICT(key) DO UPDATE SET boot = excluded.boot, seq = excluded.seq, line = excluded.line, sum = excluded.sum WHERE (excluded.boot, excluded.seq) > (boot, seq)",
	[PUT_EVENT] = "INSERT OR IGNORE INTO event(boot, seq, line, sum) VALUES(?, ?, ?, ?)",
	[NEXT_DEVICE] = "SELECT boot, seq, line, sum, rowid FROM device WHERE (boot, seq) > (?, ?) ORDER BY boot, seq LIMIT 1",
	[NEXT_EVENT] = "SELECT boot, seq, line, sum, rowid FROM event WHERE (boot, seq) > (?, ?) ORDER BY boot, seq LIMIT 1",
	[FORGET_DEVICES] = "DELETE FROM device WHERE (boot, seq) <= (?, ?)",
	[FORGET_EVENTS] = "DELETE FROM event WHERE (boot, seq) <= (?, ?)",
	[EXPIRE_EVENTS] = "DELETE FROM event WHERE rowid IN (SELECT rowid FROM event ORDER BY boot, seq LIMIT ?)",
	[EXPIRE_DEVICES] = "DELETE FROM device WHERE rowid IN (SELECT rowid FROM device ORDER BY boot, seq LIMIT ?)",
	[DROP_DEVICE] = "DELETE FROM device WHERE rowid = ?",
	[DROP_EVENT] = "DELETE FROM event WHERE rowid = ?",
	[PAGES] = "PRAGMA page_count",
	[FREE_PAGES] = "PRAGMA freelist_count",
};
/* clang-format on */

static const char schema[] =
	"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096;"
	"CREATE TABLE IF NOT EXISTS device(key TEXT PRIMARY KEY, boot INTEGER NOT NULL,"
	" seq INTEGER NOT NULL, line TEXT NOT NULL, sum INTEGER NOT NULL);"
	"CREATE INDEX IF NOT EXISTS device_at ON device(boot, seq);"
	"CREATE TABLE IF NOT EXISTS event(boot INTEGER NOT NULL, seq INTEGER NOT NULL,"
	" line TEXT NOT NULL, sum INTEGER NOT NULL, UNIQUE(boot, seq));";

struct spool {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	uint64_t pages; /* that it may have */
	bool open;      /* a batch is */
	bool broken;    /* nothing more of this batch can be written */
	uint64_t in_batch;
	struct {
		uint64_t put, safe, coalesced, expired;
	} batch; /* what it changes in the counts */
	_Atomic(uint64_t) kept, safe, coalesced, expired, failures;
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

static void batch_fold(struct spool *s)
{
	atomic_fetch_add(&s->kept, s->batch.put - s->batch.safe - s->batch.expired);
	add(&s->safe, s->batch.safe);
	add(&s->coalesced, s->batch.coalesced);
	add(&s->expired, s->batch.expired);
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
	memset(&s->batch, 0, sizeof s->batch);
	s->broken = !done(ready(s, BEGIN));
	return !s->broken;
}

bool spool_commit(struct spool *s)
{
	if (!s->open)
		return true;
	if (!s->broken && done(ready(s, COMMIT))) {
		s->open = false;
		batch_fold(s);
		return true;
	}
	give_up_batch(s);
	return false;
}

/* ---- room ---- */

/* False: there was none. */
static bool expire_rows(struct spool *s, int which)
{
	sqlite3_stmt *const q = ready(s, which);

	if (q == NULL)
		return false;
	sqlite3_bind_int64(q, 1, EXPIRE_ROWS);
	if (!done(q))
		return false;
	const uint64_t gone = (uint64_t)sqlite3_changes(s->db);
	s->batch.expired += gone;
	return gone > 0;
}

/* The oldest lines go while nine tenths are used: events first, for a record is worth more. */
static void make_room(struct spool *s)
{
	for (unsigned i = 0; i < 64; i++) {
		if (number(s, PAGES) - number(s, FREE_PAGES) < s->pages / 10 * 9)
			return;
		if (!expire_rows(s, EXPIRE_EVENTS) && !expire_rows(s, EXPIRE_DEVICES))
			return;
	}
}

/* ---- lines ---- */

/* Of a line at its place: what the disk changed is not what the sensor said. */
static sqlite3_int64 line_sum(struct spool_place at, const char *line, size_t len)
{
	const struct hash_key key = {at.boot, at.seq};

	return (sqlite3_int64)hash64(&key, line, len);
}

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
	sqlite3_bind_int64(q, 5, line_sum(at, line, len));
	sqlite3_set_last_insert_rowid(s->db, 0);
	if (!done(q))
		return false;
	/* an update leaves the number of the last new row alone */
	if (sqlite3_last_insert_rowid(s->db) == 0)
		s->batch.coalesced++;
	else
		s->batch.put++;
	return true;
}

static bool put_event(struct spool *s, struct spool_place at, const char *line, size_t len)
{
	sqlite3_stmt *const q = ready(s, PUT_EVENT);

	if (q == NULL)
		return false;
	bind_place(q, 1, at);
	sqlite3_bind_text64(q, 3, line, len, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_int64(q, 4, line_sum(at, line, len));
	if (!done(q))
		return false;
	s->batch.put += (uint64_t)sqlite3_changes(s->db);
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

/* The statement that stands at the first line behind `*at`; NULL: there is none. */
static sqlite3_stmt *look_further(struct spool *s, struct spool_place *at)
{
	struct spool_place device, event;
	const bool has_device = look(s, NEXT_DEVICE, *at, &device);
	const bool has_event = look(s, NEXT_EVENT, *at, &event);

	if (!has_device && !has_event)
		return NULL;
	const bool first = has_device && (!has_event || device.boot < event.boot ||
	                                  (device.boot == event.boot && device.seq < event.seq));
	*at = first ? device : event;
	return s->statements[first ? NEXT_DEVICE : NEXT_EVENT];
}

/* The line is not what was put: it goes. */
static void drop_line(struct spool *s, sqlite3_stmt *at)
{
	const int which = at == s->statements[NEXT_DEVICE] ? DROP_DEVICE : DROP_EVENT;
	const sqlite3_int64 row = sqlite3_column_int64(at, 4);
	sqlite3_stmt *const q = begin(s) ? ready(s, which) : NULL;

	log_once_a_minute(&s->said, "a line in the spool is broken: it is given up");
	if (q == NULL)
		return;
	sqlite3_reset(at);
	sqlite3_bind_int64(q, 1, row);
	if (!done(q))
		return;
	s->batch.expired++;
}

const char *spool_next(struct spool *s, struct spool_place *at, size_t *len)
{
	sqlite3_stmt *q;

	while ((q = look_further(s, at)) != NULL) {
		const char *const line = (const char *)sqlite3_column_text(q, 2);

		*len = (size_t)sqlite3_column_bytes(q, 2);
		if (line != NULL && sqlite3_column_int64(q, 3) == line_sum(*at, line, *len))
			return line;
		drop_line(s, q);
	}
	return NULL;
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
			s->batch.safe += (uint64_t)sqlite3_changes(s->db);
		else
			s->broken = true;
	}
}

struct spool_counts spool_count(const struct spool *s)
{
	return (struct spool_counts){
		.kept = atomic_load(&s->kept),
		.safe = atomic_load(&s->safe),
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

/*
 * What a torn page or a bad disk left is found now, not when a line is missed; and so is a file
 * whose tables are others than ours.
 */
static bool is_sound(struct spool *s)
{
	bool sound = false;

	return sqlite3_exec(s->db, "PRAGMA integrity_check(1)", take_verdict, &sound, NULL) ==
	               SQLITE_OK &&
	       sound && ready(s, NEXT_DEVICE) != NULL && ready(s, NEXT_EVENT) != NULL;
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
	return true;
}

/* The lines of a table that was put aside, as far as it can be read this way. */
static void save_lines(struct spool *s, sqlite3 *bad, enum line type, const char *sql)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(bad, sql, -1, &q, NULL) != SQLITE_OK)
		return;
	while (sqlite3_step(q) == SQLITE_ROW) {
		const struct spool_place at = {(uint64_t)sqlite3_column_int64(q, 0),
		                               (uint64_t)sqlite3_column_int64(q, 1)};
		const char *const line = (const char *)sqlite3_column_text(q, 2);
		const size_t len = (size_t)sqlite3_column_bytes(q, 2);

		if (line != NULL && sqlite3_column_int64(q, 3) == line_sum(at, line, len))
			spool_put(s, type, at, line, len);
	}
	sqlite3_finalize(q);
}

/*
 * From both ends up to the first page that cannot be read; what is read twice is kept once. The
 * tables are read without their indices, which may be what is broken.
 */
static void save_all(struct spool *s, const char *path)
{
	static const struct {
		enum line type;
		const char *sql;
	} ways[] = {
		{LINE_DEVICE, "SELECT boot, seq, line, sum FROM device NOT INDEXED ORDER BY rowid"},
		{LINE_DEVICE,
	         "SELECT boot, seq, line, sum FROM device NOT INDEXED ORDER BY rowid DESC"},
		{LINE_CHANGE, "SELECT boot, seq, line, sum FROM event NOT INDEXED ORDER BY rowid"},
		{LINE_CHANGE,
	         "SELECT boot, seq, line, sum FROM event NOT INDEXED ORDER BY rowid DESC"},
	};
	char from[4096];
	sqlite3 *bad = NULL;

	snprintf(from, sizeof from, "%s.bad", path);
	if (sqlite3_open_v2(from, &bad, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
		for (size_t i = 0; i < COUNT_OF(ways); i++)
			save_lines(s, bad, ways[i].type, ways[i].sql);
	sqlite3_close(bad);
	(void)spool_commit(s);
	atomic_store(&s->coalesced, 0); /* by itself, where it was read twice */
	log_line("the spool %s is broken: put aside as %s.bad, and begun anew with the %llu lines "
	         "that could be read",
	         path, path, (unsigned long long)count_rows(s));
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
		if (opened)
			save_all(s, path);
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
