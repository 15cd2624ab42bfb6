/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite.h - the store over SQLite, to its own files alone.
 *
 * Every statement of ours is a line of statements.def, prepared when it is first used and kept.
 * Those that a search is made of are put together (search.c) and live for one call.
 */
#pragma once

#include "asset/identity.h"
#include "base/attr.h"
#include "manager/sighting.h"
#include "manager/store.h"

#include <jansson.h>

#include <sqlite3.h>

enum statement {
#define STATEMENT(symbol, sql) STATEMENT_##symbol,
#include "manager/store/statements.def"
#undef STATEMENT
	STATEMENTS
};

enum { SENSOR_NAME = 128 }; /* bytes; who has a longer one is refused */

/* What the writer remembers of a sensor between lines; all of it is in the file too. */
struct sensor_state {
	char name[SENSOR_NAME + 1];
	int64_t id;
	uint64_t boot, seq;
	uint64_t full; /* seq of the first line of the full report under way; 0: none */
	bool changed;  /* seq, full or heard_ns are newer than in the file */
	uint64_t time_ns, heard_ns;
	uint64_t records; /* that it knows: as of the last transaction, and new ones of this one */
	int64_t added;    /* of them, since they were written */
};

/* What a device is counted by (facets.c): sorted entries of a field's number and a term's. */
#define FACET 5u
#define FACET_FIELDS 11u
#define FACETS 2048u
struct facets {
	size_t count;
	uint8_t b[FACETS * FACET];
};

/*
 * A bag of numbers. How many devices more have a term, by the term; interfaces to be judged
 * (grouping.c); devices whose row is to be made again (field: enum stale).
 */
struct counting {
	struct counted {
		uint32_t term; /* 0: none */
		uint8_t field;
		int64_t n;
	} * list;
	size_t count, room; /* room: a power of two */
};

/* Numbers of a record's terms, sorted (terms.c). */
#define TERM_LIST 1100u
struct term_list {
	size_t count;
	int64_t ids[TERM_LIST];
};
#define KNOWN_TERMS 8192u
struct known_term;

#define MUTE_WHAT 64
struct mutes {
	uint64_t now_ns;
	unsigned count;
	struct mute {
		char what[MUTE_WHAT];
		struct query query;
	} list[STORE_MUTES];
	char words[2][QUERY_TEXT]; /* lists of the filter at hand */
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	uint64_t most_devices; /* of one sensor */
	struct sensor_state *sensors;
	size_t sensor_count, sensor_room, sensor_last;
	int64_t sensors_version;   /* of the file, when they were read */
	struct sighting *sighting; /* of the line that is being taken */
	struct facets facets[2];   /* of the device at hand: as it was, as it is */
	struct term_list terms[2]; /* of its record */
	struct known_term *known_terms;
	struct counting counting;        /* of the transaction */
	struct counting marked, stale;   /* interfaces to be judged, devices to be made again */
	struct grouping *grouping;       /* NULL: none was judged as yet */
	struct mutes *mutes;             /* as they were when somebody asked last */
	uint64_t touched[STORE_TOUCHED]; /* devices of the transaction */
	size_t touched_count;            /* STORE_TOUCHED + 1: more than these */
	/* of the row that is being read */
	char vlans[256], subnet[64], seen_by[256];
	bool writing; /* between begin and commit */
	char error[STORE_WHY];
};

/* Ready to be bound: reset, nothing bound. NULL: it could not be prepared. */
sqlite3_stmt *sql_statement(struct store *s, enum statement which) MUST_CHECK NONNULL;
/* Binds in order: 'i' an int64_t, 't' a text that stays until the step, 'b' bytes of a text and a
 * size_t, 'x' bytes of a blob and a size_t. */
void sql_bind(sqlite3_stmt *q, const char *types, ...) NONNULL;
/* Steps once, for statements that give no row. False: s->error says why. */
bool sql_run(struct store *s, sqlite3_stmt *q) MUST_CHECK __attribute__((nonnull(1)));
/* Steps to a row. False: there is none, or it failed: *failed. */
bool sql_step(struct store *s, sqlite3_stmt *q, bool *failed) MUST_CHECK
	__attribute__((nonnull(1, 3)));
/* Binds, and runs. */
bool sql_do(struct store *s, enum statement which, const char *types, ...) MUST_CHECK NONNULL;
/* The number that it selects for another; 0: it has no row. */
bool sql_number(struct store *s, enum statement which, int64_t of, int64_t *out) MUST_CHECK NONNULL;
bool sql_failed(struct store *s) NONNULL;
/* "" for NULL. */
const char *sql_text(sqlite3_stmt *q, int i) NONNULL;
bool sql_execute(struct store *s, const char *sql) MUST_CHECK NONNULL;

/* schema.c: makes or migrates the tables; who only reads is told to have it done. */
bool schema_prepare(struct store *s, bool writes) MUST_CHECK NONNULL;

/* take.c: all that is made of records' lines, made again: for a step of the schema. */
bool take_again(struct store *s) MUST_CHECK NONNULL;

/* terms.c: of the line in s->sighting; record and device are its own. */
bool terms_init(struct store *s) MUST_CHECK NONNULL;
void terms_forget_known(struct store *s) NONNULL;
bool terms_set(struct store *s, int64_t record, int64_t device, bool is_new,
               const char *sensor) MUST_CHECK NONNULL;

/* facets.c */
void facets_add(struct facets *f, const char *field, int64_t term) NONNULL;
/* Of the lists that its records have now. */
bool facets_renew(struct store *s, int64_t device) MUST_CHECK NONNULL;
bool facets_commit(struct store *s) MUST_CHECK NONNULL;
/* The values of one field in a list, joined by ",". */
const char *facets_words(struct store *s, const uint8_t *list, size_t len, const char *field,
                         char *out, size_t cap) __attribute__((nonnull(1, 4, 5)));
bool counting_add(struct counting *c, uint32_t term, unsigned field, int64_t n) MUST_CHECK NONNULL;
/* NULL: it is not in it. */
const struct counted *counting_find(const struct counting *c, uint32_t term) PURE NONNULL;
void counting_clear(struct counting *c) NONNULL;
void counting_free(struct counting *c) NONNULL;

/* said.c: tag and owner, of the devices that match; values that begin so. */
bool said_is_field(const char *field) PURE NONNULL;
bool said_facet(struct store *s, const struct query *q, const char *field, const char *prefix,
                unsigned limit, void (*each)(const char *value, uint64_t count, void *self),
                void *self) MUST_CHECK __attribute__((nonnull(1, 2, 3, 4, 6)));

/* activity.c: so many more than its record said before. */
bool activity_add(struct store *s, int64_t record, uint64_t last_ns, uint64_t packets,
                  uint64_t bytes) MUST_CHECK NONNULL;

/* A row of the table (interfaces.c). */
struct interface {
	int64_t id, device; /* id 0: there is none */
	uint64_t first_ns;
	bool is_new;  /* made by this line */
	bool settled; /* when it was seen last does not matter to who is one device */
};

/* ties.c: said is the device of the line. */
struct key_list {
	struct identity_key keys[IDENTITY_KEYS];
	size_t count;
};
/* A key on disk: both halves of its digest, its rule, and whether it is the record's own MAC. */
#define TIES_KEY 18u
#define TIES_BYTES (IDENTITY_KEYS * TIES_KEY)
struct ties {
	struct key_list list;
	uint8_t bytes[TIES_BYTES];
	size_t len;
};
bool ties_said(const json_t *said, struct ties *out) MUST_CHECK NONNULL;
/* Of a record that was written with these; of one that may have had others. */
bool ties_new(struct store *s, int64_t record, const struct interface *i,
              const struct ties *is) MUST_CHECK NONNULL;
bool ties_set(struct store *s, int64_t record, int64_t interface,
              const json_t *said) MUST_CHECK NONNULL;
bool ties_forget(struct store *s, int64_t record, int64_t interface) MUST_CHECK NONNULL;
/* The keys as a record has them in the file. */
size_t ties_read(const uint8_t *b, size_t len, struct identity_key keys[IDENTITY_KEYS])
	__attribute__((nonnull(3)));

/* interfaces.c */
/* Whose key it is, made where it is new. */
bool interface_of(struct store *s, const struct sighting *x,
                  struct interface *out) MUST_CHECK NONNULL;
bool interface_read(struct store *s, int64_t id, struct interface *out) MUST_CHECK NONNULL;
/*
 * The row after one of its records changed; only: what that record says, NULL where it is no more.
 * same: it says what it said before, but for numbers.
 */
bool interface_renew(struct store *s, const struct interface *i, const struct sighting *only,
                     bool same) MUST_CHECK __attribute__((nonnull(1, 2)));
/* What of a device's row is made again at the commit; each contains those before it. */
enum stale { STALE_NUMBERS, STALE_TEXTS, STALE_FACETS, STALE_MEMBERS };
bool device_stale(struct store *s, int64_t device, enum stale what) MUST_CHECK NONNULL;
bool devices_renew(struct store *s) MUST_CHECK NONNULL;
/* take.c: the device is another after this transaction. */
void store_touch(struct store *s, int64_t device) NONNULL;

/* grouping.c: an interface, or all of a device, may be another's after this transaction. */
bool grouping_mark(struct store *s, int64_t interface) MUST_CHECK NONNULL;
bool grouping_mark_device(struct store *s, int64_t device) MUST_CHECK NONNULL;
/*
 * All who hold a key; only_when they are so many, 0: whenever it ties somebody. *holders: how many
 * they are, IDENTITY_GROUP + 2 at most.
 */
bool grouping_mark_holders(struct store *s, int64_t key, int64_t only_when,
                           int64_t *holders) MUST_CHECK NONNULL;
/* Judges who was marked. */
bool grouping_settle(struct store *s) MUST_CHECK NONNULL;
void grouping_free(struct store *s) NONNULL;

/*
 * The values of a counted field that match, how many devices have them (who has two counts twice),
 * and all devices. False: there are more values than a list has room for, or the store failed.
 */
bool facets_matching(struct store *s, const char *field, const struct query_value *v,
                     struct facets *out, uint64_t *devices, uint64_t *all) MUST_CHECK NONNULL;
/* The number of a field; 0: none, or that of all devices. */
unsigned facets_field(const char *field) PURE NONNULL;
/* The term of an entry. */
uint32_t facets_entry(const uint8_t *at) PURE NONNULL;
uint32_t facets_term(const struct facets *f, size_t i) PURE NONNULL;
void facets_hex(const struct facets *f, size_t i, char out[24]) NONNULL;
/* has_facet(list, wanted): has the one list an entry of the other? */
void facets_call_has(sqlite3_context *context, int count, sqlite3_value **values) NONNULL;

/* search.c: " WHERE ..." of a query, of the table device; the values to bind are kept beside. */
#define SEARCH_SQL 32768
#define SEARCH_TEXTS 1024u
struct search {
	struct store *store;
	char sql[SEARCH_SQL];
	size_t len;
	bool full;
	unsigned count;
	struct {
		const char *text; /* NULL: number */
		int64_t number;
	} values[SEARCH_TEXTS];
};
void search_begin(struct store *s, struct search *f, const char *sql) NONNULL;
void search_sql(struct search *f, const char *sql) NONNULL;
void search_text(struct search *f, const char *text) NONNULL;
void search_number(struct search *f, uint64_t n) NONNULL;
/* " WHERE ..."; nothing, where the query has no condition. */
void search_conditions(struct search *f, const struct query *q) NONNULL;
/* One comparison, of a column or an expression with a value. */
void search_match(struct search *f, const char *what, const struct query_value *v) NONNULL;
/* The conditions alone, of which there is one at least. */
void search_where(struct search *f, const struct query *q) NONNULL;
/* Prepared and bound; NULL: s->error. The caller ends it with sqlite3_finalize. */
sqlite3_stmt *search_prepare(struct store *s, const struct search *f) MUST_CHECK NONNULL;
/* The number that it selects; 0 where it has no row. */
bool search_count(struct store *s, const struct search *f, uint64_t *count) MUST_CHECK NONNULL;
/* The values that it selects, each with its number. */
bool search_values(struct store *s, const struct search *f,
                   void (*each)(const char *value, uint64_t count, void *self),
                   void *self) MUST_CHECK __attribute__((nonnull(1, 2, 3)));
/* The functions that searches call. */
bool search_functions(struct store *s) MUST_CHECK NONNULL;
