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
 * whole; null: the prefix of the MAC. `group` is what
 * asset/identity concludes of all devices that are tied to this one: the interfaces of one machine,
 * known by the id of its oldest; members is empty when it stands alone. A tie without a fact is the
 * MAC itself, which another announces.
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
	uint64_t first_ns, last_ns;
};

static void take_device(const struct store_device *d, void *self)
{
	struct whole *const w = self;

	w->device = export_device(d);
	w->first_ns = d->first_ns;
	w->last_ns = d->last_ns;
}

static void take_record(const char *line, size_t len, void *self)
{
	const struct whole *const w = self;
	json_t *const record = json_loadb(line, len, JSON_ALLOW_NUL, NULL);

	if (record != NULL)
		json_array_append_new(w->records, record);
}

static void whole_free(struct whole *w)
{
	json_decref(w->device);
	json_decref(w->records);
	*w = (struct whole){0};
}

/* False: there is none of that id. */
static bool whole_read(struct api *a, uint64_t id, struct whole *w)
{
	*w = (struct whole){.records = json_array()};
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
	uint64_t id;
	struct whole whole;
	json_t *said; /* its records' facts as one list */
	struct facts_read facts;
	uint32_t number;
};

struct relatives {
	struct identity identity;
	struct member *members;
	size_t count;
};

/* What identity asks of a device, from the records of all sensors. */
static json_t *join_records(const json_t *records)
{
	json_t *said = NULL, *facts = json_array();
	const json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		json_t *const device = json_object_get(record, "device");

		json_array_extend(facts, json_object_get(device, "facts"));
		if (said == NULL)
			said = json_copy(device);
	}
	if (said != NULL)
		json_object_set(said, "facts", facts);
	json_decref(facts);
	return said;
}

static bool member_read(struct api *a, struct relatives *f, uint64_t id)
{
	struct member *const m = &f->members[f->count];
	struct identity_id known_by;

	*m = (struct member){.id = id, .number = IDENTITY_NONE};
	if (!whole_read(a, id, &m->whole))
		return true; /* gone meanwhile */
	f->count++;
	m->said = join_records(m->whole.records);
	if (m->said == NULL || !facts_identity(m->said, &known_by))
		return true;
	if (!facts_read(m->said, &m->facts))
		return false;
	m->number = identity_add(&f->identity, &known_by);
	if (m->number != IDENTITY_NONE)
		identity_put(&f->identity, m->number, m->whole.first_ns, m->whole.last_ns,
		             m->facts.known, m->facts.count);
	return true;
}

static void family_free(struct relatives *f)
{
	for (size_t i = 0; i < f->count; i++) {
		whole_free(&f->members[i].whole);
		json_decref(f->members[i].said);
		facts_free(&f->members[i].facts);
	}
	free(f->members);
	identity_fini(&f->identity);
}

static json_t *ties_json(const struct relatives *f, const struct member *m)
{
	struct identity_key keys[IDENTITY_KEYS];
	const size_t count = identity_ties(&f->identity, m->number, keys);
	json_t *const ties = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(ties,
		                      json_pack("{s:s,s:i,s:o}", "key", identity_key_text(&keys[i]),
		                                "weight", (int)identity_key_weight(&keys[i]),
		                                "fact", fact_json(&m->facts, keys[i].fact)));
	return ties;
}

static json_t *member_json(const struct relatives *f, const struct member *m)
{
	static const char *const keys[] = {"id",   "mac",    "ip",         "realm",
	                                   "name", "vendor", "first_seen", "last_seen"};
	json_t *const out = json_object();

	for (size_t i = 0; i < COUNT_OF(keys); i++)
		json_object_set(out, keys[i], json_object_get(m->whole.device, keys[i]));
	json_object_set_new(out, "ties", ties_json(f, m));
	return out;
}

/* The first member is the device that was asked for. */
static json_t *group_of_first(struct relatives *f)
{
	const uint32_t group = identity_group_of(&f->identity, f->members[0].number);
	json_t *const members = json_array();
	uint64_t id = f->members[0].id;

	for (size_t i = 0; i < f->count; i++) {
		const struct member *const m = &f->members[i];

		if (m->number == IDENTITY_NONE ||
		    identity_group_of(&f->identity, m->number) != group)
			continue;
		if (m->number == group)
			id = m->id;
		json_array_append_new(members, member_json(f, m));
	}
	if (json_array_size(members) == 1)
		json_array_clear(members);
	return json_pack("{s:I,s:o}", "id", (json_int_t)id, "members", members);
}

/* NULL: the store, or memory, failed. */
static json_t *group_json(struct api *a, uint64_t device)
{
	uint64_t ids[STORE_RELATED];
	struct relatives f = {0};
	size_t count;
	bool done = true;

	if (!store_related(a->store, device, ids, &count))
		return NULL;
	if (count == 1)
		return json_pack("{s:I,s:[]}", "id", (json_int_t)device, "members");
	f.members = calloc(count, sizeof *f.members);
	if (f.members == NULL || identity_init(&f.identity, (uint32_t)count + 1) < 0) {
		free(f.members);
		return NULL;
	}
	for (size_t i = 0; done && i < count; i++)
		done = member_read(a, &f, ids[i]);
	done = done && f.count > 0 && f.members[0].id == device;
	identity_find(&f.identity);
	json_t *const group = !done ? NULL
	                      : f.members[0].number == IDENTITY_NONE
	                              ? json_pack("{s:I,s:[]}", "id", (json_int_t)device, "members")
	                              : group_of_first(&f);
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
	json_t *const group = group_json(a, id);
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
