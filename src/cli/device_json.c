/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device_json.c - see device_json.h.
 */
#include "cli/device_json.h"

#include "base/escape.h"
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

	json_array_foreach(json_object_get(device, "facts"), i, fact)
	{
		const char *kind = json_text(fact, "kind"), *value = json_text(fact, "value");
		struct ip ip;

		if ((strcmp(kind, "address.ipv4") != 0 && strcmp(kind, "address.ipv6") != 0) ||
		    !ip_parse(value, &ip))
			continue;
		row->addresses = (uint16_t)(row->addresses + (strcmp(value, last) != 0));
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

	json_array_foreach(json_object_get(device, "roles"), i, role)
	{
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

/* ---- facts ---- */

void facts_print(const json_t *device, FILE *out)
{
	const json_t *fact;
	size_t i;

	json_array_foreach(json_object_get(device, "facts"), i, fact)
	{
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
