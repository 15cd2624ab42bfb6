/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device_json.c - see device_json.h.
 */
#include "cli/device_json.h"

#include "asset/asset.h"
#include "cli/escape.h"
#include "cli/report_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

/* Cut at a whole character of UTF-8. */
static void copy_text(char *out, size_t cap, const char *text)
{
	size_t len = strlen(text);

	if (len > cap - 1) {
		len = cap - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(out, text, len);
	out[len] = '\0';
}

/* Best first: claimed, local, via; IPv4 before IPv6; the least. */
static unsigned address_rank(const json_t *fact)
{
	const char *grade = json_text(fact, "grade");

	return strcmp(grade, "owner") == 0 ? 0 : strcmp(grade, "local") == 0 ? 1 : 2;
}

/* Facts are sorted: equal addresses stand together, IPv4 first. */
static void row_addresses(const json_t *device, struct snapshot_row *row)
{
	unsigned best = ~0u;
	const char *last = "";
	const json_t *fact;
	size_t i;

	json_array_foreach (json_object_get(device, "facts"), i, fact) {
		const char *kind = json_text(fact, "kind"), *value = json_text(fact, "value");
		struct ip ip;

		if ((strcmp(kind, "address.ipv4") != 0 && strcmp(kind, "address.ipv6") != 0) ||
		    !ip_parse(value, &ip))
			continue;
		row->addresses += (uint16_t)(strcmp(value, last) != 0);
		last = value;
		if (address_rank(fact) < best) {
			best = address_rank(fact);
			row->ip = ip;
		}
	}
}

static void row_roles(const json_t *device, struct snapshot_row *row)
{
	const json_t *role;
	size_t i, at = 0;

	json_array_foreach (json_object_get(device, "roles"), i, role) {
		const char *text = json_string_value(role);
		const int len = snprintf(row->roles + at, sizeof row->roles - at, "%s%s",
		                         i > 0 ? "," : "", text ? text : "");
		at += (size_t)len;
		if (at >= sizeof row->roles)
			break;
	}
}

void device_row(const json_t *device, struct snapshot_row *row)
{
	*row = (struct snapshot_row){
		.packets = json_count(device, "packets"),
		.bytes = json_count(device, "bytes"),
		.first_ns = time_parse(json_text(device, "first_seen")),
		.last_ns = time_parse(json_text(device, "last_seen")),
	};
	if (mac_parse(json_text(device, "mac"), &row->mac)) {
		row->mac_kind = (uint8_t)mac_kind(row->mac);
		row_addresses(device, row);
	} else {
		(void)!ip_parse(json_text(device, "ip"), &row->ip);
		(void)!mac_parse(json_text(device, "via"), &row->via);
	}
	copy_text(row->realm, sizeof row->realm, json_text(device, "realm"));
	copy_text(row->name, sizeof row->name, json_text(device, "name"));
	copy_text(row->vendor, sizeof row->vendor, json_text(device, "vendor"));
	row_roles(device, row);
}

/* ---- values ---- */

static size_t value_hex(const char *text, uint8_t *out)
{
	size_t len = 0;
	unsigned byte;

	for (; len < FACT_VALUE_MAX && sscanf(text, "%2x", &byte) == 1 && text[1]; text += 2)
		out[len++] = (uint8_t)byte;
	return len;
}

static size_t value_codes(const char *text, uint8_t *out)
{
	size_t len = 0;
	char *end = NULL;

	for (; *text && len < FACT_VALUE_MAX; text = *end ? end + 1 : end) {
		out[len++] = (uint8_t)strtoul(text, &end, 10);
		if (end == text)
			return 0;
	}
	return len;
}

static size_t value_number(uint64_t n, size_t size, uint8_t *out)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(n >> 8 * (size - 1 - i));
	return size;
}

static size_t value_service(const char *text, uint8_t *out)
{
	const char *slash = strchr(text, '/');

	if (!slash)
		return 0;
	out[0] = strncmp(text, "udp", 3) == 0 ? 17 : 6;
	return 1 + value_number(strtoul(slash + 1, NULL, 10), 2, out + 1);
}

static size_t value_text(const char *text, size_t len, uint8_t *out)
{
	len = len < FACT_VALUE_MAX ? len : FACT_VALUE_MAX;
	memcpy(out, text, len);
	return len;
}

/* The bytes that a report writes so; 0: none. */
static size_t value_read(enum fact_kind kind, const json_t *fact, uint8_t out[FACT_VALUE_MAX])
{
	const json_t *value = json_object_get(fact, "value");
	const char *text = json_text(fact, "value"), *raw = json_text(fact, "raw");
	struct mac mac;
	struct ip ip;

	if (*raw)
		return value_hex(raw, out);
	switch (fact_info(kind)->value) {
	case VALUE_TEXT:
		return value_text(text, json_string_length(value), out);
	case VALUE_HEX:
		return value_hex(text, out);
	case VALUE_CODES:
		return value_codes(text, out);
	case VALUE_NUMBER:
		return value_number(json_is_integer(value) ? (uint64_t)json_integer_value(value)
		                                           : strtoul(text, NULL, 10), 4, out);
	case VALUE_IPV4:
	case VALUE_IPV6:
		if (!ip_parse(text, &ip))
			return 0;
		memcpy(out, ip.b, ip.family == 4 ? 4 : 16);
		return ip.family == 4 ? 4 : 16;
	case VALUE_MAC:
		if (!mac_parse(text, &mac))
			return 0;
		memcpy(out, mac.b, sizeof mac.b);
		return sizeof mac.b;
	case VALUE_SERVICE:
		return value_service(text, out);
	case VALUE_NOTHING:
		return 0;
	}
	return 0;
}

/* ---- facts ---- */

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
		.len = value_read(kind, fact, bytes),
		.support = {.first_ns = time_parse(json_text(fact, "first_seen")),
	                    .last_ns = time_parse(json_text(fact, "last_seen")),
	                    .frame = json_count(fact, "frame"),
	                    .count = json_count(fact, "count")},
	};
	(void)!ip_parse(json_text(fact, "ip"), &k->ip);
	if (fact_fits(kind, k->len))
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
	json_array_foreach (facts, i, fact)
		fact_read(out, fact);
	return true;
}

void facts_free(struct facts_read *f)
{
	free(f->known);
	free(f->lines);
	free(f->bytes);
	*f = (struct facts_read){0};
}

void facts_print(const json_t *device, FILE *out)
{
	const json_t *fact;
	size_t i;

	json_array_foreach (json_object_get(device, "facts"), i, fact) {
		const json_t *value = json_object_get(fact, "value");

		fprintf(out, "    %-24s ", json_text(fact, "kind"));
		if (json_is_integer(value))
			fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		else if (json_is_string(value))
			escape_print(out, json_string_value(value), json_string_length(value));
		fprintf(out, "  (%s", json_text(fact, "by"));
		if (*json_text(fact, "grade"))
			fprintf(out, ", %s", json_text(fact, "grade"));
		if (*json_text(fact, "ip"))
			fprintf(out, ", from %s", json_text(fact, "ip"));
		fprintf(out, ", %" PRIu64 "\u00d7)\n", json_count(fact, "count"));
	}
}
