/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_facets.c - what a search can be narrowed by: counts of values, fields, and values to complete.
 *
 *	GET /api/v1/facets?q=&facets=vendor,role,seen
 *	{"count":51,"facets":{"vendor":[{"value":"Polycom","count":4},...],
 *	                      "seen":[{"value":"hour","count":51},...]}}
 *
 * The same object stands in the answer of /api/v1/devices. Without `facets`, /facets tells those that
 * are quick at any size: vendor, type, role, os, model, vlan, subnet, sensor, realm, service, seen. A
 * value is chosen by field:="value", and `seen` by last_seen: hour is <1h, day 1h..1d,
 * week 1d..7d, older >7d.
 *
 *	GET /api/v1/fields                     {"fields":["name",...],"facets":["vendor",...]}
 *	GET /api/v1/values?field=os&prefix=deb {"values":[{"value":"Debian 12","count":7}]}
 *
 * count is absent for fields that are not counted. Any field whose values are texts can be asked for,
 * tag and owner too; others than those above cost a walk over their terms.
 */
#include "manager/api_parts.h"

#include "base/clock.h"
#include "manager/sighting.h"

#include <stdio.h>
#include <string.h>

#define FACET_VALUES 50u
#define VALUES 20u
#define FIELD_NAME 64
#define USUAL "vendor,type,role,os,model,vlan,subnet,sensor,realm,service,seen"

static const char *const age_names[STORE_AGES] = {"hour", "day", "week", "older"};

/* The fields of a request, and the answer in the making. */
struct asked_facets {
	struct store_facets facets;
	char names[STORE_FIELDS][FIELD_NAME];
	json_t *lists[STORE_FIELDS];
	bool seen;
	json_t *answer;
};

static json_t *value_json(const char *value, uint64_t count)
{
	return json_pack("{s:s,s:I}", "value", value, "count", (json_int_t)count);
}

static void add_value(unsigned field, const char *value, uint64_t count, void *self)
{
	const struct asked_facets *const f = self;

	json_array_append_new(f->lists[field], value_json(value, count));
}

/* "vendor,role,seen" */
static void read_names(struct asked_facets *f, const char *names)
{
	for (size_t len; *names != '\0'; names += len + (names[len] != '\0')) {
		const unsigned i = f->facets.field_count;

		len = strcspn(names, ",");
		if (len == 4 && strncmp(names, "seen", 4) == 0) {
			f->seen = true;
			continue;
		}
		if (i == STORE_FIELDS || len == 0 || len >= FIELD_NAME)
			continue;
		memcpy(f->names[i], names, len);
		f->facets.fields[i] = sighting_field(f->names[i]);
		f->lists[i] = json_array();
		json_object_set_new(f->answer, f->names[i], f->lists[i]);
		f->facets.field_count++;
	}
}

static void add_ages(struct asked_facets *f)
{
	json_t *const ages = json_array();

	for (unsigned i = 0; i < STORE_AGES; i++)
		json_array_append_new(ages, value_json(age_names[i], f->facets.ages[i]));
	json_object_set_new(f->answer, "seen", ages);
}

static bool count_facets(struct api *a, struct request *r, const struct query *q, const char *names,
                         json_t **facets, uint64_t *count)
{
	struct asked_facets f = {.facets = {.limit = FACET_VALUES, .each = add_value},
	                         .answer = json_object()};

	f.facets.self = &f;
	read_names(&f, names);
	const bool done = f.facets.field_count == 0 && !f.seen
	                          ? store_count(a->store, q, &f.facets.count)
	                          : store_facets(a->store, q, clock_now_ns(), &f.facets);
	if (!done) {
		json_decref(f.answer);
		api_store_failed(a, r);
		return false;
	}
	if (f.seen)
		add_ages(&f);
	*facets = f.answer;
	*count = f.facets.count;
	return true;
}

bool api_facets_of(struct api *a, struct request *r, const struct query *q, json_t **facets,
                   uint64_t *count)
{
	return count_facets(a, r, q, request_argument(r, "facets"), facets, count);
}

void api_facets(struct api *a, struct request *r, uint64_t id)
{
	const char *const names = request_argument(r, "facets");
	struct query q;
	json_t *facets;
	uint64_t count;

	(void)id;
	if (api_query(r, &q) &&
	    count_facets(a, r, &q, *names == '\0' ? USUAL : names, &facets, &count))
		answer_json(r, 200,
		            json_pack("{s:I,s:o}", "count", (json_int_t)count, "facets", facets));
}

/* ---- completion ---- */

void api_fields(struct api *a, struct request *r, uint64_t id)
{
	json_t *const fields = json_array(), *const facets = json_array();
	const char *field;

	(void)a;
	(void)id;
	for (unsigned i = 0; (field = query_field(i)) != NULL; i++) {
		json_array_append_new(fields, json_string(field));
		if (store_is_facet(field))
			json_array_append_new(facets, json_string(field));
	}
	answer_json(r, 200, json_pack("{s:o,s:o}", "fields", fields, "facets", facets));
}

static void add_completion(const char *value, uint64_t count, void *values)
{
	json_t *const x = json_pack("{s:s}", "value", value);

	if (count > 0)
		json_object_set_new(x, "count", json_integer((json_int_t)count));
	json_array_append_new(values, x);
}

void api_values(struct api *a, struct request *r, uint64_t id)
{
	const char *const field = request_argument(r, "field");
	uint64_t limit;

	(void)id;
	if (*field == '\0') {
		answer_error(r, 400, "field: which one? See /api/v1/fields");
		return;
	}
	if (!api_number(r, "limit", VALUES, API_LIMIT, &limit))
		return;
	json_t *const values = json_array();
	if (store_values(a->store, sighting_field(field), request_argument(r, "prefix"),
	                 (unsigned)limit, add_completion, values)) {
		answer_json(r, 200, json_pack("{s:o}", "values", values));
		return;
	}
	json_decref(values);
	api_store_failed(a, r);
}
