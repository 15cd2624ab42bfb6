/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - where the inventory is kept: written by one task, read by others, each with a store of
 * its own over the same place.
 *
 * Taking a line is idempotent. A device line counts if its (boot, seq) is above the one kept of
 * that sensor and device; an event line if its (sensor, boot, seq, time) is not there yet. So
 * lines may come in any order, twice, and over several managers: the inventory is the same. What a
 * full report, closed by `end`, does not list, its sensor no longer knows.
 *
 * A record is what one sensor knows of one MAC (or far address). An interface is the records of all
 * sensors under one key: its counts are the greatest of theirs, its texts those of who saw it last.
 * A device is the interfaces that asset/identity concludes to be one, mostly a single one: its counts
 * are their sum, its texts those of the oldest that has any. It goes by the id of its oldest
 * interface, and is found by that of any of them, so that an id outlives joining and parting.
 *
 * Behind this header stands SQLite (store/): a file in WAL mode, so that readers see the last
 * commit and wait for nobody. Another store is another folder behind the same functions.
 */
#pragma once

#include "base/attr.h"
#include "manager/query.h"
#include "report/incoming.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_WHY 256
#define STORE_REFUSED 1000                /* lines kept aside with their reason */
#define STORE_DEVICES (UINT64_C(2) << 20) /* of one sensor: twice what it keeps itself */

struct store;

/* NULL: why says what is wrong with the place and what to do. Made where it is missing. */
struct store *store_open(const char *path, bool writes, char *why,
                         size_t why_len) MUST_CHECK NONNULL;
void store_close(struct store *s);
/* What went wrong last, for a log. */
const char *store_error(const struct store *s) NONNULL;

/* ---- writing: begin, take many, commit ---- */

/* So many of one sensor, and no more are taken (STORE_DEVICES). */
void store_limit(struct store *s, uint64_t devices) NONNULL;

enum taken {
	TAKE_DONE,    /* it changed the inventory */
	TAKE_KNOWN,   /* it was there, or something newer is */
	TAKE_REFUSED, /* why says what is wrong with the line; it is kept aside */
	TAKE_FAILED,  /* the store: nothing since begin is kept; roll back and try again later */
};

struct store_tally {
	uint64_t taken, known, refused;
	uint64_t devices, changes; /* of the taken */
};

bool store_begin(struct store *s) MUST_CHECK NONNULL;
enum taken store_take(struct store *s, const struct incoming *in, const char *line, size_t len,
                      uint64_t now_ns, char why[STORE_WHY]) MUST_CHECK NONNULL;
/* Keeps a line aside that is none, with its reason. */
bool store_refuse(struct store *s, const char *line, size_t len, const char *why,
                  uint64_t now_ns) MUST_CHECK NONNULL;
/* Once it says true, all that was taken survives whatever happens to this process or machine. */
bool store_commit(struct store *s) MUST_CHECK NONNULL;
void store_rollback(struct store *s) NONNULL;
/*
 * The devices that the last transaction changed, until the next one begins; the number of them, or
 * STORE_TOUCHED + 1: more than these.
 */
#define STORE_TOUCHED 500u
size_t store_touched(const struct store *s, const uint64_t **ids) NONNULL;
/* Forgets changes and devices not seen since then. */
bool store_forget(struct store *s, uint64_t before_ns) MUST_CHECK NONNULL;

/* What people say of a device; NULL leaves it as it is. False: no such device, or the store. */
bool store_annotate(struct store *s, uint64_t device, const char *note, const char *tags,
                    const char *owner) MUST_CHECK __attribute__((nonnull(1)));

/* ---- reading ---- */

/* Texts are valid until the function that got it returns. */
struct store_device {
	uint64_t id;
	const char *realm, *mac, *ip, *via, *mac_kind, *vendor, *name, *os, *model, *type, *roles;
	const char *vlans, *subnet; /* vlans: joined by "," */
	const char *seen_by;        /* the sensors, joined by "," */
	uint64_t first_ns, last_ns, packets, bytes, sensors, interfaces;
	const char *note, *tags, *owner;
};

enum store_sort {
	SORT_LAST_SEEN,
	SORT_FIRST_SEEN,
	SORT_NAME,
	SORT_IP,
	SORT_MAC,
	SORT_VENDOR,
	SORT_OS,
	SORT_MODEL,
	SORT_PACKETS,
	SORT_BYTES,
	SORTS
};
/* "last_seen"; SORTS: there is none. */
enum store_sort store_sort_by_name(const char *name) PURE NONNULL;

#define STORE_CURSOR 512
/* Could it be one that a page gave? */
bool store_is_cursor(const char *text) PURE NONNULL;

struct store_page {
	enum store_sort sort;
	bool descending;
	unsigned limit;
	char after[STORE_CURSOR]; /* the cursor that the page before gave; "": the first page */
	uint64_t skip; /* so many devices more are passed over: what somebody scrolls to */
};

/*
 * The devices that match, in order. `next` gets the cursor behind the last one, "" when there are
 * no more. False: the store failed, or the cursor is none (store_error says).
 */
bool store_devices(struct store *s, const struct query *q, const struct store_page *page,
                   void (*each)(const struct store_device *d, void *self), void *self,
                   char next[STORE_CURSOR]) MUST_CHECK __attribute__((nonnull(1, 2, 3, 4, 6)));
bool store_count(struct store *s, const struct query *q, uint64_t *count) MUST_CHECK NONNULL;

/* ---- how many have what ---- */

/* Younger than an hour, a day, a week; older: since the device was seen last. */
enum { STORE_AGES = 4, STORE_FIELDS = 16 };

struct store_facets {
	const char *fields[STORE_FIELDS];
	unsigned field_count, limit; /* limit: values of a field */
	/* The most frequent first of each field; field: its place in fields. */
	void (*each)(unsigned field, const char *value, uint64_t count, void *self);
	void *self;
	uint64_t count, ages[STORE_AGES]; /* the answer: of all that match */
};
bool store_facets(struct store *s, const struct query *q, uint64_t now_ns,
                  struct store_facets *f) MUST_CHECK NONNULL;
/* Is it one of the fields that are counted as they change? Others cost a walk over their terms. */
bool store_is_facet(const char *field) PURE NONNULL;
/* How many of the matching devices have each value of the field, the most first. */
bool store_facet(struct store *s, const struct query *q, const char *field, unsigned limit,
                 void (*each)(const char *value, uint64_t count, void *self), void *self) MUST_CHECK
	__attribute__((nonnull(1, 2, 3, 5)));
/* The values of a field that begin so, upper or lower case; count 0 where they are not counted. */
bool store_values(struct store *s, const char *field, const char *prefix, unsigned limit,
                  void (*each)(const char *value, uint64_t count, void *self),
                  void *self) MUST_CHECK __attribute__((nonnull(1, 2, 3, 5)));

/* ---- one device ---- */

/*
 * One device, and what each sensor last said of it: whole lines of reports; record NULL: it is not
 * asked for. False: none.
 */
bool store_device(struct store *s, uint64_t id,
                  void (*each)(const struct store_device *d, void *self),
                  void (*record)(uint64_t interface, const char *line, size_t len, void *self),
                  void *self) MUST_CHECK __attribute__((nonnull(1, 3)));

#define STORE_RELATED 256u /* interfaces that are judged together, whether they are one device */
struct store_interface {
	uint64_t id;
	const char *realm, *mac, *ip, *vendor, *name;
	uint64_t first_ns, last_ns, packets, bytes, sensors;
};
/* Those of the device, the oldest first. */
bool store_interfaces(struct store *s, uint64_t device,
                      void (*each)(const struct store_interface *i, void *self),
                      void *self) MUST_CHECK __attribute__((nonnull(1, 3)));

/* What it sent in an hour or a day: of several sensors the most that one saw. */
struct store_activity {
	bool is_day;
	uint64_t start_ns, packets, bytes;
};
/* Days after hours, each the oldest first. */
bool store_activity(struct store *s, uint64_t device,
                    void (*each)(const struct store_activity *a, void *self), void *self) MUST_CHECK
	__attribute__((nonnull(1, 3)));

/* ---- links ---- */

struct store_term {
	uint64_t device;
	const char *sensor, *value;
};
/* What the matching devices say of one field. */
bool store_terms(struct store *s, const struct query *q, const char *field, unsigned limit,
                 void (*each)(const struct store_term *t, void *self), void *self) MUST_CHECK
	__attribute__((nonnull(1, 2, 3, 5)));
/* Whose "ip" or "mac" it is, in the realm of the device `beside`; 0: nobody's, or not surely. */
bool store_owner_of(struct store *s, const char *field, const char *value, uint64_t beside,
                    uint64_t *device) MUST_CHECK NONNULL;

/* ---- changes ---- */

struct store_change {
	uint64_t id, device;       /* device 0: not known */
	uint64_t time_ns, seen_ns; /* seen_ns: when somebody acknowledged it; 0: nobody did */
	bool muted;
	const char *sensor, *what, *line;
	const char *name; /* of the device, as it is called now; "": it has none */
	size_t len;
};

/* All of it must hold; texts may be "", what and sensor list words joined by ",". */
struct store_filter {
	uint64_t before, after; /* ids; 0: any */
	uint64_t device;        /* 0: any */
	uint64_t since_ns, until_ns;
	const char *what, *sensor, *text;
	bool unseen, muted; /* only what nobody acknowledged; what is muted, too */
	bool oldest_first;
	unsigned limit;
};
#define STORE_ALL_CHANGES                                                                \
	{                                                                                \
		.what = "", .sensor = "", .text = "", .muted = true, .limit = UINT32_MAX \
	}
#define STORE_ALL_UNSEEN                                                                  \
	{                                                                                 \
		.what = "", .sensor = "", .text = "", .unseen = true, .limit = UINT32_MAX \
	}
/* The last first, unless the filter says otherwise. */
bool store_changes(struct store *s, const struct store_filter *filter,
                   void (*each)(const struct store_change *c, void *self), void *self) MUST_CHECK
	__attribute__((nonnull(1, 2, 3)));
/* How many nobody acknowledged, `most` at most; muted ones do not count. */
bool store_unseen(struct store *s, unsigned most, uint64_t *count) MUST_CHECK NONNULL;
/* Acknowledges those from one id up to another; count: of those that were not yet. */
bool store_see(struct store *s, uint64_t from, uint64_t upto, uint64_t now_ns,
               uint64_t *count) MUST_CHECK NONNULL;
bool store_known_change(struct store *s, uint64_t id) MUST_CHECK NONNULL;

#define STORE_MUTES 32u
struct store_mute {
	uint64_t id, made_ns;
	const char *what, *query, *note; /* "": any */
};
bool store_mutes(struct store *s, void (*each)(const struct store_mute *m, void *self),
                 void *self) MUST_CHECK __attribute__((nonnull(1, 2)));
/* The query was parsed before. False: store_error says why not. */
bool store_mute(struct store *s, const char *what, const char *query, const char *note,
                uint64_t now_ns, uint64_t *id) MUST_CHECK NONNULL;
/* False: there is none of that id, or the store failed. */
bool store_unmute(struct store *s, uint64_t id) MUST_CHECK NONNULL;

/* ---- sensors ---- */

struct store_sensor {
	const char *name, *version, *health; /* health: its last line, or "" */
	uint64_t boot, seq, time_ns, heard_ns, records, refused;
};
bool store_sensors(struct store *s, void (*each)(const struct store_sensor *x, void *self),
                   void *self) MUST_CHECK __attribute__((nonnull(1, 2)));
