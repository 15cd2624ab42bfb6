/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts_read.c - see facts_read.h.
 */
#include "report/facts_read.h"

#include "asset/asset.h"
#include "asset/vendor.h"
#include "report/incoming.h"

#include <stdlib.h>
#include <string.h>

/*
 * The bytes of a value: from "raw" where the text does not hold them. False: it is none of the
 * kind.
 */
static bool value_read(enum fact_kind kind, const json_t *fact, uint8_t out[FACT_VALUE_MAX],
                       size_t *len)
{
	const json_t *value = json_object_get(fact, "value"), *raw = json_object_get(fact, "raw");

	if (json_is_string(raw))
		return fact_parse_raw(kind, json_string_value(raw), json_string_length(raw), out,
		                      len);
	return json_is_string(value) &&
	       fact_parse(kind, json_string_value(value), json_string_length(value), out, len);
}

static uint8_t view_read(const char *grade)
{
	return strcmp(grade, "owner") == 0   ? VIEW_OWNER
	       : strcmp(grade, "local") == 0 ? VIEW_LOCAL
	       : strcmp(grade, "via") == 0   ? VIEW_VIA
	                                     : VIEW_NONE;
}

static void fact_read(struct facts_read *f, const json_t *fact)
{
	const enum fact_kind kind = fact_kind_by_name(json_text(fact, "kind"));
	uint8_t *bytes = f->bytes + f->count * FACT_VALUE_MAX;

	if (kind == FACT_NONE)
		return;
	struct known *k = &f->known[f->count];
	*k = (struct known){
		.kind = kind,
		.cut = json_is_true(json_object_get(fact, "cut")),
		.view = view_read(json_text(fact, "grade")),
		.confidence = (uint8_t)json_count(fact, "confidence"),
		.by = json_text(fact, "by"),
		.value = bytes,
		.support = {.first_ns = time_parse(json_text(fact, "first_seen")),
	                    .last_ns = time_parse(json_text(fact, "last_seen")),
	                    .frame = json_count(fact, "frame"),
	                    .count = json_count(fact, "count")},
	};
	(void)!ip_parse(json_text(fact, "ip"), &k->ip);
	if (value_read(kind, fact, bytes, &k->len))
		f->lines[f->count++] = fact;
}

bool facts_read(const json_t *device, struct facts_read *out)
{
	const json_t *facts = json_object_get(device, "facts"), *fact;
	const size_t count = json_array_size(facts) + 1;
	size_t i;

	*out = (struct facts_read){
		.known = calloc(count, sizeof *out->known),
		.lines = calloc(count, sizeof(json_t *)),
		.bytes = calloc(count, FACT_VALUE_MAX),
	};
	if (!out->known || !out->lines || !out->bytes) {
		facts_free(out);
		return false;
	}
	json_array_foreach(facts, i, fact) fact_read(out, fact);
	return true;
}

void facts_free(struct facts_read *f)
{
	free(f->known);
	free(f->lines);
	free(f->bytes);
	*f = (struct facts_read){0};
}

/* ---- what it is known by ---- */

const char *facts_maker(const json_t *device)
{
	struct mac mac;

	return mac_parse(json_text(device, "mac"), &mac) ? vendor_of(mac) : "";
}

/* A redundancy group's MAC is shared by routers; a public address by whoever serves from it. */
static bool is_of_one(const struct identity_id *id)
{
	return mac_is_zero(id->mac) ? ip_is_private(&id->ip) : !mac_is_redundancy(id->mac);
}

bool facts_identity(const json_t *device, struct identity_id *out)
{
	*out = (struct identity_id){.realm = realm_read(json_text(device, "realm"))};
	(void)!mac_parse(json_text(device, "mac"), &out->mac);
	(void)!ip_parse(json_text(device, "ip"), &out->ip);
	return is_of_one(out);
}
