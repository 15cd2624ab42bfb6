/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export.c - see export.h.
 */
#include "manager/export.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

json_t *export_time(uint64_t time_ns)
{
	char text[TIME_TEXT];

	return time_ns == 0 ? json_null() : json_string(time_format(time_ns, text));
}

/* "a,b" as an array. */
static json_t *words_of(const char *text)
{
	json_t *const words = json_array();

	for (size_t len; *text != '\0'; text += len + (text[len] != '\0')) {
		len = strcspn(text, ",");
		json_array_append_new(words, json_stringn(text, len));
	}
	return words;
}

json_t *export_device(const struct store_device *d)
{
	return json_pack(
		"{s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:s,s:o,s:o,s:I,s:I,s:I,s:s,s:o,s:s}",
		"id", (json_int_t)d->id, "realm", d->realm, "mac", d->mac, "ip", d->ip, "via",
		d->via, "mac_kind", d->mac_kind, "vendor", d->vendor, "name", d->name, "os", d->os,
		"model", d->model, "type", d->type, "roles", words_of(d->roles), "vlans",
		words_of(d->vlans), "subnet", d->subnet, "first_seen", export_time(d->first_ns),
		"last_seen", export_time(d->last_ns), "packets", (json_int_t)d->packets, "bytes",
		(json_int_t)d->bytes, "sensors", (json_int_t)d->sensors, "note", d->note, "tags",
		words_of(d->tags), "owner", d->owner);
}

static void csv_cell(FILE *out, const char *text)
{
	fputc('"', out);
	if (*text != '\0' && strchr("=+-@\t\r", *text) != NULL)
		fputc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text, out);
	}
	fputs("\",", out);
}

void export_csv(FILE *out, const struct store_device *d)
{
	const char *const texts[] = {d->mac, d->ip,    d->via,   d->realm, d->vendor, d->name,
	                             d->os,  d->model, d->roles, d->tags,  d->owner,  d->note};
	char time[TIME_TEXT];

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		csv_cell(out, texts[i]);
	csv_cell(out, time_format(d->first_ns, time));
	csv_cell(out, time_format(d->last_ns, time));
	fprintf(out, "%llu,%llu,%llu\r\n", (unsigned long long)d->packets,
	        (unsigned long long)d->bytes, (unsigned long long)d->sensors);
}

void export_ndjson(FILE *out, const struct store_device *d)
{
	json_t *const device = export_device(d);
	char *const text = json_dumps(device, JSON_COMPACT);

	if (text != NULL)
		fprintf(out, "%s\n", text);
	free(text);
	json_decref(device);
}
