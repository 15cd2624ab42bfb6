/* SPDX-License-Identifier: Apache-2.0 */
/*
 * take.c - lines into the inventory, between begin and commit.
 *
 * The way of a device line: whose sensor is it, is it newer than what is kept, the record, its
 * terms if they are others than before, and the row of its interface, and at the commit of its
 * device, made again. Lines kept here are whole, so that whoever asks later sees what the sensor said, byte for byte.
 *
 * A full report begins with the first line that says "full" and ends with `end`; what its sensor
 * said before the first and not since is no longer known then. Where that first line stood is kept
 * with the sensor, so that a report may be taken in several transactions.
 */
#include "manager/sighting.h"
#include "manager/store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SENSORS 65536u
enum { AGAIN = 64 }; /* records of a batch */

/* The line that is being taken. */
struct taking {
	struct store *store;
	const struct incoming *in;
	const char *line;
	size_t len;
	uint64_t now_ns;
	struct sensor_state *sensor;
	char *why;
};

/* ---- sensors ---- */

static bool sensors_grow(struct store *s)
{
	if (s->sensor_count < s->sensor_room)
		return true;
	const size_t room = s->sensor_room == 0 ? 64 : 2 * s->sensor_room;
	struct sensor_state *const sensors = realloc(s->sensors, room * sizeof *sensors);
	if (sensors == NULL)
		return false;
	s->sensors = sensors;
	s->sensor_room = room;
	return true;
}

/* The name is one that is_sensor_name() let in. */
static struct sensor_state *sensor_add(struct store *s, const char *name, int64_t id)
{
	if (!sensors_grow(s)) {
		snprintf(s->error, sizeof s->error, "out of memory");
		return NULL;
	}
	struct sensor_state *const x = &s->sensors[s->sensor_count++];
	*x = (struct sensor_state){.id = id};
	snprintf(x->name, sizeof x->name, "%s", name);
	return x;
}

/* Changes when another connection wrote the file. */
static int64_t data_version(struct store *s)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_DATA_VERSION);
	bool broke;

	if (q == NULL)
		return -1;
	const int64_t version = sql_step(s, q, &broke) ? sqlite3_column_int64(q, 0) : -1;
	sqlite3_reset(q);
	return version;
}

/*
 * As the file has them. They are read again only where it may know better: when somebody else wrote
 * it, when records were forgotten, and after a rollback, since what that undid must not be
 * remembered.
 */
static bool sensors_load(struct store *s)
{
	const int64_t version = data_version(s);

	if (version >= 0 && version == s->sensors_version)
		return true;
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_SENSORS);
	bool broke = q == NULL;

	s->sensor_count = 0;
	s->sensors_version = version;
	while (!broke && sql_step(s, q, &broke)) {
		struct sensor_state *const x =
			sensor_add(s, sql_text(q, 1), sqlite3_column_int64(q, 0));

		if (x == NULL)
			return false;
		x->boot = (uint64_t)sqlite3_column_int64(q, 2);
		x->seq = (uint64_t)sqlite3_column_int64(q, 3);
		x->full = (uint64_t)sqlite3_column_int64(q, 4);
		x->time_ns = (uint64_t)sqlite3_column_int64(q, 5);
		x->heard_ns = (uint64_t)sqlite3_column_int64(q, 6);
		x->records = (uint64_t)sqlite3_column_int64(q, 7);
	}
	return !broke;
}

/* NULL: the store failed. */
static struct sensor_state *sensor_of(struct store *s, const char *name)
{
	if (s->sensor_last < s->sensor_count && strcmp(s->sensors[s->sensor_last].name, name) == 0)
		return &s->sensors[s->sensor_last]; /* lines come many of one sensor */
	for (size_t i = 0; i < s->sensor_count; i++) {
		if (strcmp(s->sensors[i].name, name) != 0)
			continue;
		s->sensor_last = i;
		return &s->sensors[i];
	}
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_SENSOR_NEW);
	if (q == NULL)
		return NULL;
	sql_bind(q, "t", name);
	return sql_run(s, q) ? sensor_add(s, name, sqlite3_last_insert_rowid(s->db)) : NULL;
}

static bool sensors_save(struct store *s)
{
	for (size_t i = 0; i < s->sensor_count; i++) {
		struct sensor_state *const x = &s->sensors[i];
		sqlite3_stmt *const q = x->changed ? sql_statement(s, STATEMENT_SENSOR_SET) : NULL;

		if (!x->changed)
			continue;
		if (q == NULL)
			return false;
		sql_bind(q, "iiiiiii", (int64_t)x->boot, (int64_t)x->seq, (int64_t)x->full,
		         (int64_t)x->time_ns, (int64_t)x->heard_ns, x->added, x->id);
		if (!sql_run(s, q))
			return false;
		x->changed = false;
		x->added = 0;
	}
	return true;
}

/* Printable, and short enough to be shown: it becomes a word of searches and of metrics. */
static bool is_sensor_name(const char *name)
{
	const size_t len = strlen(name);

	for (const char *c = name; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f || *c == ',' || *c == '"')
			return false;
	return len <= SENSOR_NAME;
}

/* ---- devices ---- */

void store_touch(struct store *s, int64_t device)
{
	if (s->touched_count <= STORE_TOUCHED &&
	    (s->touched_count == 0 || s->touched[s->touched_count - 1] != (uint64_t)device)) {
		if (s->touched_count < STORE_TOUCHED)
			s->touched[s->touched_count] = (uint64_t)device;
		s->touched_count++;
	}
}

size_t store_touched(const struct store *s, const uint64_t **ids)
{
	*ids = s->touched;
	return s->touched_count;
}

/* ---- records ---- */

struct kept {
	int64_t id; /* 0: there is none */
	uint64_t boot, seq, digest, packets, bytes;
	struct interface interface;
};

static bool record_find(const struct taking *t, struct kept *out)
{
	sqlite3_stmt *const q = sql_statement(t->store, STATEMENT_RECORD);
	bool broke = q == NULL;

	*out = (struct kept){0};
	if (q == NULL)
		return false;
	sql_bind(q, "it", t->sensor->id, t->store->sighting->key);
	if (sql_step(t->store, q, &broke)) {
		*out = (struct kept){
			.id = sqlite3_column_int64(q, 0),
			.boot = (uint64_t)sqlite3_column_int64(q, 1),
			.seq = (uint64_t)sqlite3_column_int64(q, 2),
			.digest = (uint64_t)sqlite3_column_int64(q, 3),
			.packets = (uint64_t)sqlite3_column_int64(q, 4),
			.bytes = (uint64_t)sqlite3_column_int64(q, 5),
			.interface = {.id = sqlite3_column_int64(q, 6),
		                      .device = sqlite3_column_int64(q, 7),
		                      .first_ns = (uint64_t)sqlite3_column_int64(q, 8),
		                      .settled = sqlite3_column_int(q, 9) != 0},
		};
	}
	sqlite3_reset(q);
	return !broke;
}

static bool record_new(const struct taking *t, struct kept *r)
{
	struct store *const s = t->store;
	struct ties ties;

	if (!interface_of(s, s->sighting, &r->interface) || !ties_said(t->in->device, &ties) ||
	    !sql_do(s, STATEMENT_RECORD_NEW, "itiiiiiixb", t->sensor->id, s->sighting->key,
	            r->interface.id, (int64_t)t->in->boot, (int64_t)t->in->seq,
	            (int64_t)s->sighting->digest, (int64_t)s->sighting->packets,
	            (int64_t)s->sighting->bytes, ties.bytes, ties.len, t->line, t->len))
		return false;
	r->id = sqlite3_last_insert_rowid(s->db);
	return terms_set(s, r->id, r->interface.device, true, t->sensor->name) &&
	       ties_new(s, r->id, &r->interface, &ties);
}

static bool record_set(const struct taking *t, const struct kept *r)
{
	struct store *const s = t->store;

	if (!sql_do(s, STATEMENT_RECORD_SET, "iiiiibi", (int64_t)t->in->boot, (int64_t)t->in->seq,
	            (int64_t)s->sighting->digest, (int64_t)s->sighting->packets,
	            (int64_t)s->sighting->bytes, t->line, t->len, r->id))
		return false;
	if (r->digest == s->sighting->digest)
		return true;
	return terms_set(s, r->id, r->interface.device, false, t->sensor->name) &&
	       ties_set(s, r->id, r->interface.id, t->in->device);
}

/* A sum that fell began anew. */
static bool record_activity(struct store *s, const struct kept *r)
{
	const struct sighting *const x = s->sighting;
	const bool goes_on = x->packets >= r->packets && x->bytes >= r->bytes;

	return activity_add(s, r->id, x->last_ns, x->packets - (goes_on ? r->packets : 0),
	                    x->bytes - (goes_on ? r->bytes : 0));
}

/* Its sensor has room for another, from the next transaction on. */
static bool record_forget(struct store *s, int64_t record, int64_t of)
{
	static const enum statement forget[] = {STATEMENT_HAS_FORGET, STATEMENT_ACTIVITY_FORGET,
	                                        STATEMENT_SENSOR_FORGET, STATEMENT_RECORD_FORGET};
	struct interface interface;

	s->sensors_version = -1;
	if (!interface_read(s, of, &interface) || !ties_forget(s, record, of))
		return false;
	store_touch(s, interface.device);
	for (size_t i = 0; i < COUNT_OF(forget); i++)
		if (!sql_do(s, forget[i], "i", record))
			return false;
	return device_stale(s, interface.device, STALE_FACETS) &&
	       interface_renew(s, &interface, NULL, false);
}

/* Those that the statement names: it is stepped to its end first, since they change under it. */
static bool records_forget(struct store *s, sqlite3_stmt *q)
{
	struct kept *found = NULL;
	size_t count = 0, room = 0;
	bool broke = false, done = true;

	while (done && sql_step(s, q, &broke)) {
		if (count == room) {
			room = room == 0 ? 256 : 2 * room;
			struct kept *const more = realloc(found, room * sizeof *more);
			done = more != NULL;
			found = done ? more : found;
		}
		if (done && found != NULL)
			found[count++] = (struct kept){.id = sqlite3_column_int64(q, 0),
			                               .interface.id = sqlite3_column_int64(q, 1)};
	}
	sqlite3_reset(q);
	for (size_t i = 0; done && !broke && found != NULL && i < count; i++)
		done = record_forget(s, found[i].id, found[i].interface.id);
	free(found);
	return done && !broke;
}

static bool is_newer(const struct taking *t, uint64_t boot, uint64_t seq)
{
	return t->in->boot != boot ? t->in->boot > boot : t->in->seq > seq;
}

/* ---- lines, by their type ---- */

/* One sensor cannot fill the disk of all. What it forgets makes room with the next transaction. */
static bool has_room(const struct taking *t)
{
	if (t->sensor->records < t->store->most_devices) {
		t->sensor->records++;
		t->sensor->added++;
		return true;
	}
	snprintf(t->why, STORE_WHY,
	         "%llu devices of this sensor are kept: there is no room for more",
	         (unsigned long long)t->store->most_devices);
	return false;
}

static enum taken take_device(const struct taking *t)
{
	struct sensor_state *const sensor = t->sensor;
	struct kept r;

	if (!sighting_read(t->in->device, t->store->sighting, t->why, STORE_WHY))
		return TAKE_REFUSED;
	if (sensor->full == 0 && json_is_true(json_object_get(t->in->whole, "full")))
		sensor->full = t->in->seq;
	if (!record_find(t, &r))
		return TAKE_FAILED;
	if (r.id != 0 && !is_newer(t, r.boot, r.seq))
		return TAKE_KNOWN;
	const bool known = r.id != 0;
	if (!known && !has_room(t))
		return TAKE_REFUSED;
	if (!(known ? record_set(t, &r) : record_new(t, &r)))
		return TAKE_FAILED;
	store_touch(t->store, r.interface.device);
	if (!record_activity(t->store, &r))
		return TAKE_FAILED;
	const bool same = known && r.digest == t->store->sighting->digest;
	return interface_renew(t->store, &r.interface, t->store->sighting, same) ? TAKE_DONE
	                                                                         : TAKE_FAILED;
}

static enum taken take_end(const struct taking *t)
{
	struct sensor_state *const sensor = t->sensor;
	const uint64_t first = sensor->full != 0 ? sensor->full : t->in->seq;
	sqlite3_stmt *const q = sql_statement(t->store, STATEMENT_RECORD_OLDER);

	sensor->full = 0;
	if (q == NULL)
		return TAKE_FAILED;
	sql_bind(q, "iiii", sensor->id, (int64_t)t->in->boot, (int64_t)t->in->boot, (int64_t)first);
	return records_forget(t->store, q) ? TAKE_DONE : TAKE_FAILED;
}

/* A run over a file numbers its lines from 1 again: it is newer than what an earlier run said. */
static enum taken take_hello(const struct taking *t)
{
	sqlite3_stmt *q = sql_statement(t->store, STATEMENT_SENSOR_VERSION);

	t->sensor->full = 0;
	if (q == NULL)
		return TAKE_FAILED;
	sql_bind(q, "ti", json_text(t->in->whole, "version"), t->sensor->id);
	if (!sql_run(t->store, q))
		return TAKE_FAILED;
	if (t->in->boot > 0)
		return TAKE_DONE;
	t->sensor->seq = 0;
	q = sql_statement(t->store, STATEMENT_RECORD_AGAIN);
	if (q == NULL)
		return TAKE_FAILED;
	sql_bind(q, "i", t->sensor->id);
	return sql_run(t->store, q) ? TAKE_DONE : TAKE_FAILED;
}

static enum taken take_health(const struct taking *t)
{
	sqlite3_stmt *const q = sql_statement(t->store, STATEMENT_SENSOR_HEALTH);

	if (q == NULL)
		return TAKE_FAILED;
	sql_bind(q, "bi", t->line, t->len, t->sensor->id);
	return sql_run(t->store, q) ? TAKE_DONE : TAKE_FAILED;
}

static enum taken take_change(const struct taking *t)
{
	struct store *const s = t->store;
	const json_t *const line = t->in->whole;
	const char *const mac = json_text(line, "mac");
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_CHANGE_NEW);
	char key[SIGHTING_KEY];

	snprintf(key, sizeof key, "%.400s\n%.32s\n%.64s", json_text(line, "realm"), mac,
	         *mac != '\0' ? "" : json_text(line, "ip"));
	if (q == NULL)
		return TAKE_FAILED;
	sql_bind(q, "iiiittb", t->sensor->id, (int64_t)t->in->boot, (int64_t)t->in->seq,
	         (int64_t)t->in->time_ns, json_text(line, "what"), key, t->line, t->len);
	if (!sql_run(s, q))
		return TAKE_FAILED;
	return sqlite3_changes(s->db) > 0 ? TAKE_DONE : TAKE_KNOWN;
}

/* A bye says nothing of devices; a later version's line nothing that is known here. */
static enum taken take_nothing(const struct taking *t)
{
	(void)t;
	return TAKE_KNOWN;
}

static enum taken (*const takes[LINES + 1])(const struct taking *t) = {
	[LINE_HELLO] = take_hello, [LINE_DEVICE] = take_device, [LINE_CHANGE] = take_change,
	[LINE_END] = take_end,     [LINE_HEALTH] = take_health, [LINE_BYE] = take_nothing,
	[LINES] = take_nothing,
};

/* Hello, end and health are of a time: one that came before is not taken again. */
static bool is_ordered(enum line type)
{
	return type == LINE_HELLO || type == LINE_END || type == LINE_HEALTH;
}

enum taken store_take(struct store *s, const struct incoming *in, const char *line, size_t len,
                      uint64_t now_ns, char why[STORE_WHY])
{
	struct taking t = {
		.store = s, .in = in, .line = line, .len = len, .now_ns = now_ns, .why = why};

	if (!is_sensor_name(in->sensor) || in->boot > INT64_MAX || in->seq > INT64_MAX) {
		snprintf(why, STORE_WHY,
		         "a sensor's name that is too long, or holds more than text");
		return TAKE_REFUSED;
	}
	t.sensor = sensor_of(s, in->sensor);
	if (t.sensor == NULL)
		return TAKE_FAILED;
	t.sensor->heard_ns = now_ns;
	t.sensor->changed = true;
	const bool newer = is_newer(&t, t.sensor->boot, t.sensor->seq) ||
	                   (in->boot == 0 && in->type == LINE_HELLO);
	if (!newer && is_ordered(in->type))
		return TAKE_KNOWN;
	const enum taken taken = takes[in->type](&t);
	if (newer && taken != TAKE_FAILED && taken != TAKE_REFUSED) {
		t.sensor->boot = in->boot;
		t.sensor->seq = in->seq;
		t.sensor->time_ns = in->time_ns;
	}
	return taken;
}

bool store_refuse(struct store *s, const char *line, size_t len, const char *why, uint64_t now_ns)
{
	sqlite3_stmt *q = sql_statement(s, STATEMENT_ASIDE_NEW);

	if (q == NULL)
		return false;
	sql_bind(q, "itb", (int64_t)now_ns, why, line, len);
	if (!sql_run(s, q))
		return false;
	const int64_t last = sqlite3_last_insert_rowid(s->db);
	q = sql_statement(s, STATEMENT_ASIDE_OLD);
	if (q == NULL)
		return false;
	sql_bind(q, "i", last - STORE_REFUSED);
	return sql_run(s, q);
}

/* ---- transactions ---- */

bool store_begin(struct store *s)
{
	s->writing = sql_run(s, sql_statement(s, STATEMENT_BEGIN));
	s->touched_count = 0;
	counting_clear(&s->counting);
	counting_clear(&s->marked);
	counting_clear(&s->stale);
	if (s->writing && !sensors_load(s))
		store_rollback(s);
	return s->writing;
}

/* Who is one device first; then the rows of those that changed, and what they are counted by. */
static bool settle(struct store *s)
{
	return grouping_settle(s) && devices_renew(s) && facets_commit(s);
}

bool store_commit(struct store *s)
{
	if (sensors_save(s) && settle(s) && sql_run(s, sql_statement(s, STATEMENT_COMMIT))) {
		s->writing = false;
		return true;
	}
	store_rollback(s);
	return false;
}

void store_rollback(struct store *s)
{
	s->writing = false;
	s->sensors_version = -1;
	terms_forget_known(s);
	/* a full disk makes SQLite roll back by itself */
	if (sqlite3_get_autocommit(s->db) == 0)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

bool store_forget(struct store *s, uint64_t before_ns)
{
	sqlite3_stmt *q = sql_statement(s, STATEMENT_CHANGE_OLD);

	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)before_ns);
	if (!sql_run(s, q) || (q = sql_statement(s, STATEMENT_RECORD_OLD)) == NULL)
		return false;
	sql_bind(q, "i", (int64_t)before_ns);
	return records_forget(s, q);
}

/* ---- all again ---- */

/* What is made of one record's line, from the line alone. */
static bool record_again(struct store *s, const struct kept *r, const char *line, size_t len,
                         const char *sensor)
{
	struct incoming in;
	char why[INCOMING_WHY];
	bool done = true;

	if (!incoming_parse(line, len, &in, why))
		return true; /* it was taken once, by rules of its time */
	if (sighting_read(in.device, s->sighting, why, sizeof why)) {
		struct interface interface;

		done = sql_do(s, STATEMENT_RECORD_SUMS, "iiii", (int64_t)s->sighting->digest,
		              (int64_t)s->sighting->packets, (int64_t)s->sighting->bytes, r->id) &&
		       interface_read(s, r->interface.id, &interface) &&
		       terms_set(s, r->id, interface.device, false, sensor) &&
		       ties_set(s, r->id, interface.id, in.device) &&
		       interface_renew(s, &interface, NULL, false);
	}
	incoming_free(&in);
	return done;
}

/* A batch of records behind *last: copied out, since they change under the statement. */
static bool records_again(struct store *s, int64_t *last, bool *more)
{
	struct {
		struct kept kept;
		char *line, *sensor;
		size_t len;
	} batch[AGAIN];
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_RECORD_ALL);
	bool broke = q == NULL, done = true;
	size_t count = 0;

	if (q == NULL)
		return false;
	sql_bind(q, "ii", *last, (int64_t)AGAIN);
	while (count < AGAIN && sql_step(s, q, &broke)) {
		batch[count].kept = (struct kept){.id = sqlite3_column_int64(q, 0),
		                                  .interface.id = sqlite3_column_int64(q, 2)};
		batch[count].line = strdup(sql_text(q, 1));
		batch[count].len = (size_t)sqlite3_column_bytes(q, 1);
		batch[count].sensor = strdup(sql_text(q, 3));
		*last = batch[count++].kept.id;
	}
	sqlite3_reset(q);
	for (size_t i = 0; i < count; i++) {
		done = done && batch[i].line != NULL && batch[i].sensor != NULL &&
		       record_again(s, &batch[i].kept, batch[i].line, batch[i].len,
		                    batch[i].sensor);
		free(batch[i].line);
		free(batch[i].sensor);
	}
	*more = count == AGAIN;
	return done && !broke;
}

bool take_again(struct store *s)
{
	int64_t last = 0;
	bool more = true;

	counting_clear(&s->counting);
	counting_clear(&s->marked);
	counting_clear(&s->stale);
	while (more)
		if (!records_again(s, &last, &more))
			return false;
	return settle(s);
}
