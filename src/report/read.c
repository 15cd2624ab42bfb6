/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read.c - a device line of a report, read back.
 */
#include "report/read.h"

#include "base/clock.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- times ---- */

static bool digits(const char **at, unsigned count, char after, uint32_t *n)
{
	*n = 0;
	for (; count > 0; count--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*n = *n * 10 + (uint32_t)(**at - '0');
	}
	return *(*at)++ == after;
}

/* The day of a date: the inverse of civil_from_days, which is asked, so that no day can be invented. */
static bool days_of(uint32_t year, uint32_t month, uint32_t day, uint32_t *days)
{
	if (year < 1970 || month < 1 || month > 12)
		return false;
	const uint32_t y = month <= 2 ? year - 1 : year, m = (month + 9) % 12; /* from March */
	*days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
	const struct civil back = civil_from_days(*days);
	return (uint32_t)back.year == year && back.month == month && back.day == day;
}

bool report_time(const char *text, uint64_t *time_ns)
{
	uint32_t year, month, day, hour, minute, second, micro, days;

	if (!digits(&text, 4, '-', &year) || !digits(&text, 2, '-', &month) ||
	    !digits(&text, 2, 'T', &day) || !digits(&text, 2, ':', &hour) ||
	    !digits(&text, 2, ':', &minute) || !digits(&text, 2, '.', &second) ||
	    !digits(&text, 6, 'Z', &micro) || *text != 0)
		return false;
	if (hour > 23 || minute > 59 || second > 59 || !days_of(year, month, day, &days))
		return false;
	*time_ns = (((uint64_t)days * 24 + hour) * 60 + minute) * 60 + second;
	*time_ns = *time_ns * CLOCK_SECOND + (uint64_t)micro * 1000;
	return true;
}

/* ---- members: false when one is missing or of another type ---- */

static bool get_time(const json_t *object, const char *key, uint64_t *out)
{
	const char *const text = json_string_value(json_object_get(object, key));

	return text != NULL && report_time(text, out);
}

static bool get_number(const json_t *object, const char *key, uint64_t *out)
{
	const json_t *const n = json_object_get(object, key);

	*out = (uint64_t)json_integer_value(n);
	return json_is_integer(n) && json_integer_value(n) >= 0;
}

static bool get_mac(const json_t *object, const char *key, bool *has, struct mac *out)
{
	const char *const text = json_string_value(json_object_get(object, key));

	*has = json_object_get(object, key) != NULL;
	return !*has || (text != NULL && mac_parse(text, out));
}

static bool get_ip(const json_t *object, const char *key, struct ip *out)
{
	const char *const text = json_string_value(json_object_get(object, key));

	return json_object_get(object, key) == NULL || (text != NULL && ip_parse(text, out));
}

/* ---- facts ---- */

static uint8_t view_by_name(const char *name)
{
	static const char *const names[] = {
		[VIEW_OWNER] = "owner", [VIEW_LOCAL] = "local", [VIEW_VIA] = "via"};

	for (uint8_t v = VIEW_OWNER; name != NULL && v <= VIEW_VIA; v++)
		if (strcmp(names[v], name) == 0)
			return v;
	return VIEW_NONE;
}

/* The bytes of a value: from "raw" where the text does not hold them. */
static bool read_value(const json_t *fact, struct known *k, uint8_t *bytes)
{
	const json_t *const raw = json_object_get(fact, "raw"), *const value = json_object_get(
									fact, "value");

	k->value = bytes;
	if (!json_is_string(value))
		return false;
	if (raw != NULL)
		return json_is_string(raw) &&
		       fact_parse(FACT_DHCP_CLIENT_ID, json_string_value(raw),
		                  json_string_length(raw), bytes, &k->len) &&
		       fact_fits(k->kind, k->len);
	return fact_parse(k->kind, json_string_value(value), json_string_length(value), bytes,
	                  &k->len);
}

static bool read_support(const json_t *fact, struct support *s)
{
	return get_time(fact, "first_seen", &s->first_ns) &&
	       get_time(fact, "last_seen", &s->last_ns) && get_number(fact, "frame", &s->frame) &&
	       get_number(fact, "count", &s->count);
}

static bool read_fact(const json_t *fact, struct known *k, uint8_t *bytes)
{
	uint64_t confidence;

	k->by = json_string_value(json_object_get(fact, "by"));
	k->view = view_by_name(json_string_value(json_object_get(fact, "grade")));
	k->cut = json_is_true(json_object_get(fact, "cut"));
	if (k->by == NULL || !get_number(fact, "confidence", &confidence) || confidence > 100)
		return false;
	k->confidence = (uint8_t)confidence;
	return get_ip(fact, "ip", &k->ip) && read_support(fact, &k->support) &&
	       read_value(fact, k, bytes);
}

/* A hashed value of a kind that is no text says nothing here. */
static bool is_opaque(const json_t *fact, enum fact_kind kind)
{
	const char *const value = json_string_value(json_object_get(fact, "value"));

	return fact_info(kind)->privacy == PERSONAL && fact_info(kind)->value != VALUE_TEXT &&
	       value != NULL && strncmp(value, "h:", 2) == 0;
}

static bool read_facts(struct read_record *r, const json_t *facts, char *why, size_t why_len)
{
	json_t *fact;
	size_t i;

	json_array_foreach(facts, i, fact)
	{
		const char *const kind = json_string_value(json_object_get(fact, "kind"));
		struct known *const k = &r->facts[r->record.count];
		*k = (struct known){.kind = kind == NULL ? FACT_NONE : fact_kind_by_name(kind)};
		if (k->kind == FACT_NONE || is_opaque(fact, k->kind)) {
			r->unknown++;
			continue;
		}
		if (!read_fact(fact, k, r->bytes + r->record.count * FACT_VALUE_MAX)) {
			snprintf(why, why_len, "fact %zu (%s) is not of the schema", i + 1, kind);
			return false;
		}
		r->record.count++;
	}
	return true;
}

/* ---- the record ---- */

static bool read_head(struct read_record *r, const json_t *device)
{
	const json_t *const realm = json_object_get(device, "realm");
	struct record *const record = &r->record;

	if (!json_is_string(realm) || json_string_length(realm) > REALM_MAX)
		return false;
	r->realm.len = (uint8_t)json_string_length(realm);
	memcpy(r->realm.s, json_string_value(realm), r->realm.len);
	record->realm = &r->realm;
	return get_mac(device, "mac", &record->has_mac, &record->mac) &&
	       get_ip(device, "ip", &record->ip) &&
	       get_mac(device, "via", &record->has_via, &record->via) &&
	       record->has_mac == (record->ip.family == 0) &&
	       get_time(device, "first_seen", &record->first_ns) &&
	       get_time(device, "last_seen", &record->last_ns) &&
	       get_number(device, "packets", &record->packets) &&
	       get_number(device, "bytes", &record->bytes);
}

static bool read_all(struct read_record *r, char *why, size_t why_len)
{
	const json_t *const device = json_object_get(r->line, "device"), *const facts =
										 json_object_get(
											 device,
											 "facts");
	const size_t count = json_array_size(facts);
	uint64_t omitted;

	if (!json_is_array(facts) || !read_head(r, device)) {
		snprintf(why, why_len, "it is no device of the schema havainto/1");
		return false;
	}
	r->facts = calloc(count + 1, sizeof *r->facts);
	r->bytes = calloc(count + 1, FACT_VALUE_MAX);
	if (r->facts == NULL || r->bytes == NULL) {
		snprintf(why, why_len, "out of memory");
		return false;
	}
	r->record.facts = r->facts;
	if (get_number(device, "facts_omitted", &omitted))
		r->record.left_out = omitted;
	return read_facts(r, facts, why, why_len);
}

struct read_record *record_read(struct json_t *line, char *why, size_t why_len)
{
	struct read_record *const r = calloc(1, sizeof *r);

	if (r == NULL) {
		snprintf(why, why_len, "out of memory");
		return NULL;
	}
	r->line = json_incref(line);
	if (read_all(r, why, why_len))
		return r;
	record_read_free(r);
	return NULL;
}

void record_read_free(struct read_record *r)
{
	if (r == NULL)
		return;
	json_decref(r->line);
	free(r->facts);
	free(r->bytes);
	free(r);
}
