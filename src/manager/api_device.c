/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_device.c - one device, with all that is known of it.
 *
 *	GET /api/v1/devices/3
 *	{ what a list has of it,
 *	  "records":[{... the last line of each sensor, whole: "sensor", "time", "device":{"facts":[...]}}],
 *	  "why":[{"sensor":"lab","about":"os","value":"Debian","version":"12","confidence":92,
 *	          "reasons":[{"for":true,"weight":95,"rule":"ssh-debian","text":"...","fact":{...}}]}],
 *	  "group":{"id":1,"members":[{"id":1,"mac":"...","ip":"...","name":"...","vendor":"...",
 *	           "first_seen":"...","last_seen":"...",
 *	           "ties":[{"key":"the machine's UUID","weight":95,"fact":{...}}]}]}}
 *
 * `why` is what asset/infer says of the facts of each record: what its sensor itself concluded by.
 * A name has no confidence of its own (0): its reasons have. A reason's fact is that of the record,
 * whole; null: the prefix of the MAC. `group` has the
 * interfaces of the device, which the store keeps as one (asset/identity), the oldest first, and what
 * ties each to the others; members is empty when there is but one. A tie without a fact is the
 * MAC itself, which another announces. The device is found by the id of any of its interfaces, and
 * answers with its own.
 *
 *	GET /api/v1/devices/3/timeline
 *	{"changes":[as /api/v1/changes has them, TIMELINE at most],
 *	 "spans":[{"kind":"address.ipv4","value":"10.0.0.3","sensor":"lab","first_seen":"...",
 *	           "last_seen":"...","count":12}]}          addresses and names, from when to when
 *	GET /api/v1/devices/3/activity
 *	{"hours":[{"time":"...","packets":7,"bytes":512}],"days":[...]}
 */
#include "manager/api_parts.h"
#include "manager/export.h"

#include "asset/identity.h"
#include "report/facts_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMELINE 500u
enum { REASONS_MAX = 128, WHAT_MAX = 512 };

/* ---- a device and its records ---- */

struct whole {
	json_t *device, *records;
	json_t *interfaces; /* the id of the interface of each record */
};

static void take_device(const struct store_device *d, void *self)
{
	struct whole *const w = self;

	w->device = export_device(d);
}

static void take_record(uint64_t interface, const char *line, size_t len, void *self)
{
	const struct whole *const w = self;
	json_t *const record = json_loadb(line, len, JSON_ALLOW_NUL, NULL);

	if (record == NULL)
		return;
	json_array_append_new(w->records, record);
	json_array_append_new(w->interfaces, json_integer((json_int_t)interface));
}

static void whole_free(struct whole *w)
{
	json_decref(w->device);
	json_decref(w->records);
	json_decref(w->interfaces);
	*w = (struct whole){0};
}

/* False: there is none of that id. */
static bool whole_read(struct api *a, uint64_t id, struct whole *w)
{
	*w = (struct whole){.records = json_array(), .interfaces = json_array()};
	if (store_device(a->store, id, take_device, take_record, w) && w->device != NULL)
		return true;
	whole_free(w);
	return false;
}

/* ---- why ---- */

static json_t *fact_json(const struct facts_read *facts, size_t fact)
{
	if (fact >= facts->count)
		return json_null();
	return json_incref((json_t *)(uintptr_t)facts->lines[fact]);
}

static json_t *reason_json(const struct because *b, const struct facts_read *facts)
{
	return json_pack("{s:b,s:i,s:s%,s:s%,s:o}", "for", !b->against, "weight", (int)b->weight,
	                 "rule", b->id.len > 0 ? b->id.s : "", b->id.len, "text", b->rule,
	                 b->rule_len, "fact",
	                 b->fact < 0 ? json_null() : fact_json(facts, (size_t)b->fact));
}

/* A record's facts, and what is asked of them. */
struct asking_why {
	struct infer *infer;
	const json_t *record, *device;
	struct facts_read facts;
	json_t *why;
};

/* concluded: about, value, version, confidence. */
static void add_why(struct asking_why *w, const char *what, const json_t *concluded)
{
	struct because because[REASONS_MAX];
	json_t *const reasons = json_array();
	const size_t count = infer_why(w->infer, w->facts.known, w->facts.count,
	                               facts_maker(w->device), what, because, REASONS_MAX);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(reasons, reason_json(&because[i], &w->facts));
	json_array_append_new(w->why, json_pack("{s:s,s:s,s:s,s:s,s:I,s:o}", "sensor",
	                                        json_text(w->record, "sensor"), "about",
	                                        json_text(concluded, "about"), "value",
	                                        json_text(concluded, "value"), "version",
	                                        json_text(concluded, "version"), "confidence",
	                                        (json_int_t)json_count(concluded, "confidence"),
	                                        "reasons", reasons));
}

/* Of a device's roles and software each is a question of its own. */
static void add_concluded(struct asking_why *w, const json_t *concluded)
{
	const char *const about = json_text(concluded, "about");
	const bool several = strcmp(about, "role") == 0 || strcmp(about, "software") == 0;
	char what[WHAT_MAX];

	snprintf(what, sizeof what, "%s%s%s", about, several ? ":" : "",
	         several ? json_text(concluded, "value") : "");
	add_why(w, what, concluded);
}

/* A name is a fact's own value: no rule concludes it, and its reasons say how sure it is. */
static void add_name(struct asking_why *w)
{
	json_t *const name =
		json_pack("{s:s,s:s}", "about", "name", "value", json_text(w->device, "name"));

	if (*json_text(w->device, "name") != '\0')
		add_why(w, "name", name);
	json_decref(name);
}

static void why_of_record(struct api *a, const json_t *record, json_t *why)
{
	const json_t *const device = json_object_get(record, "device");
	struct asking_why w = {.infer = a->infer, .record = record, .device = device, .why = why};
	const json_t *concluded;
	size_t i;

	if (!json_is_object(device) || !facts_read(device, &w.facts))
		return;
	add_name(&w);
	json_array_foreach(json_object_get(device, "concluded"), i, concluded)
		add_concluded(&w, concluded);
	facts_free(&w.facts);
}

static json_t *why_json(struct api *a, const json_t *records)
{
	json_t *const why = json_array();
	const json_t *record;
	size_t i;

	json_array_foreach(records, i, record) why_of_record(a, record, why);
	return why;
}

/* ---- interfaces of the same machine ---- */

struct member {
	json_t *shown;
	json_t *said; /* its records' facts as one list */
	struct facts_read facts;
	uint32_t number; /* of identity; IDENTITY_NONE: it has no keys */
};

struct relatives {
	const struct whole *whole;
	struct identity identity;
	struct member *members;
	size_t count;
	bool done;
};

/* What identity asks of an interface, from the records of all sensors. */
static json_t *join_records(const struct whole *w, uint64_t interface)
{
	json_t *said = NULL, *facts = json_array();
	const json_t *record;
	size_t i;

	json_array_foreach(w->records, i, record)
	{
		json_t *const device = json_object_get(record, "device");

		if (json_integer_value(json_array_get(w->interfaces, i)) != (json_int_t)interface)
			continue;
		json_array_extend(facts, json_object_get(device, "facts"));
		if (said == NULL)
			said = json_copy(device);
	}
	if (said != NULL)
		json_object_set(said, "facts", facts);
	json_decref(facts);
	return said;
}

static bool member_keys(struct relatives *f, struct member *m, const struct store_interface *i)
{
	struct identity_id known_by;

	m->said = join_records(f->whole, i->id);
	if (m->said == NULL || !facts_identity(m->said, &known_by))
		return true;
	if (!facts_read(m->said, &m->facts))
		return false;
	m->number = identity_add(&f->identity, &known_by);
	if (m->number != IDENTITY_NONE)
		identity_put(&f->identity, m->number, i->first_ns, i->last_ns, m->facts.known,
		             m->facts.count);
	return true;
}

static void member_add(const struct store_interface *i, void *self)
{
	struct relatives *const f = self;

	if (!f->done)
		return;
	struct member *const more =
		realloc(f->members, (f->count + 1) * sizeof *f->members); /* few, mostly */
	f->done = more != NULL;
	if (more == NULL)
		return;
	f->members = more;
	struct member *const m = &f->members[f->count++];
	*m = (struct member){.number = IDENTITY_NONE};
	m->shown =
		json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:I,s:I,s:I}", "id", (json_int_t)i->id,
	                  "mac", i->mac, "ip", i->ip, "realm", i->realm, "name", i->name, "vendor",
	                  i->vendor, "first_seen", export_time(i->first_ns), "last_seen",
	                  export_time(i->last_ns), "packets", (json_int_t)i->packets, "bytes",
	                  (json_int_t)i->bytes, "sensors", (json_int_t)i->sensors);
	f->done = member_keys(f, m, i);
}

static void family_free(struct relatives *f)
{
	for (size_t i = 0; i < f->count; i++) {
		json_decref(f->members[i].shown);
		json_decref(f->members[i].said);
		facts_free(&f->members[i].facts);
	}
	free(f->members);
	identity_fini(&f->identity);
}

static json_t *ties_json(const struct relatives *f, const struct member *m)
{
	struct identity_key keys[IDENTITY_KEYS];
	const size_t count =
		m->number == IDENTITY_NONE ? 0 : identity_ties(&f->identity, m->number, keys);
	json_t *const ties = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(ties,
		                      json_pack("{s:s,s:i,s:o}", "key", identity_key_text(&keys[i]),
		                                "weight", (int)identity_key_weight(&keys[i]),
		                                "fact", fact_json(&m->facts, keys[i].fact)));
	return ties;
}

static json_t *members_json(struct relatives *f)
{
	json_t *const members = json_array();

	identity_find(&f->identity);
	for (size_t i = 0; f->count > 1 && i < f->count; i++) {
		json_object_set_new(f->members[i].shown, "ties", ties_json(f, &f->members[i]));
		json_array_append(members, f->members[i].shown);
	}
	return members;
}

/* NULL: the store, or memory, failed. */
static json_t *group_json(struct api *a, const struct whole *w)
{
	const json_int_t device = json_integer_value(json_object_get(w->device, "id"));
	struct relatives f = {.whole = w, .done = true};

	if (json_count(w->device, "interfaces") == 1)
		return json_pack("{s:I,s:[]}", "id", device, "members");
	if (identity_init(&f.identity, STORE_RELATED) < 0)
		return NULL;
	const bool done = store_interfaces(a->store, (uint64_t)device, member_add, &f) && f.done;
	json_t *const group =
		done ? json_pack("{s:I,s:o}", "id", device, "members", members_json(&f)) : NULL;
	family_free(&f);
	return group;
}

/* ---- the answers ---- */

void api_device(struct api *a, struct request *r, uint64_t id)
{
	struct whole w;

	if (!whole_read(a, id, &w)) {
		answer_error(r, 404, "no such device");
		return;
	}
	json_t *const group = group_json(a, &w);
	if (group == NULL) {
		api_store_failed(a, r);
	} else {
		json_object_set(w.device, "records", w.records);
		json_object_set_new(w.device, "why", why_json(a, w.records));
		json_object_set_new(w.device, "group", group);
		answer_json(r, 200, json_incref(w.device));
	}
	whole_free(&w);
}

static void add_spans(const json_t *record, json_t *spans)
{
	static const char *const keys[] = {"kind", "value", "first_seen", "last_seen", "count"};
	const json_t *fact;
	size_t i;

	json_array_foreach(json_object_get(json_object_get(record, "device"), "facts"), i, fact)
	{
		const char *const kind = json_text(fact, "kind");

		if (strncmp(kind, "address.", 8) != 0 && strncmp(kind, "name.", 5) != 0)
			continue;
		json_t *const span = json_pack("{s:s}", "sensor", json_text(record, "sensor"));
		for (size_t k = 0; k < COUNT_OF(keys); k++)
			json_object_set(span, keys[k], json_object_get(fact, keys[k]));
		json_array_append_new(spans, span);
	}
}

static void add_change(const struct store_change *c, void *changes)
{
	json_array_append_new(changes, api_change_json(c));
}

void api_timeline(struct api *a, struct request *r, uint64_t id)
{
	struct store_filter filter = STORE_ALL_CHANGES;
	json_t *const changes = json_array(), *const spans = json_array();
	const json_t *record;
	struct whole w;
	size_t i;

	filter.device = id;
	filter.limit = TIMELINE;
	if (!whole_read(a, id, &w)) {
		answer_error(r, 404, "no such device");
	} else if (!store_changes(a->store, &filter, add_change, changes)) {
		api_store_failed(a, r);
	} else {
		json_array_foreach(w.records, i, record) add_spans(record, spans);
		answer_json(r, 200, json_pack("{s:O,s:O}", "changes", changes, "spans", spans));
	}
	json_decref(changes);
	json_decref(spans);
	whole_free(&w);
}

struct busy {
	json_t *hours, *days;
};

static void add_busy(const struct store_activity *x, void *self)
{
	const struct busy *const b = self;

	json_array_append_new(x->is_day ? b->days : b->hours,
	                      json_pack("{s:o,s:I,s:I}", "time", export_time(x->start_ns),
	                                "packets", (json_int_t)x->packets, "bytes",
	                                (json_int_t)x->bytes));
}

void api_activity(struct api *a, struct request *r, uint64_t id)
{
	struct busy busy = {.hours = json_array(), .days = json_array()};

	if (store_activity(a->store, id, add_busy, &busy)) {
		answer_json(r, 200, json_pack("{s:o,s:o}", "hours", busy.hours, "days", busy.days));
		return;
	}
	json_decref(busy.hours);
	json_decref(busy.days);
	api_store_failed(a, r);
}
