/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export.c - see export.h.
 */
#include "manager/export.h"

#include "base/clock.h"
#include "base/csv.h"
#include "base/version.h"

#include <stdio.h>
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
		"{s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:s,s:o,s:o,s:I,s:I,s:I,s:o,s:I,s:s,s:o,s:s}",
		"id", (json_int_t)d->id, "realm", d->realm, "mac", d->mac, "ip", d->ip, "via",
		d->via, "mac_kind", d->mac_kind, "vendor", d->vendor, "name", d->name, "os", d->os,
		"model", d->model, "type", d->type, "roles", words_of(d->roles), "vlans",
		words_of(d->vlans), "subnet", d->subnet, "first_seen", export_time(d->first_ns),
		"last_seen", export_time(d->last_ns), "packets", (json_int_t)d->packets, "bytes",
		(json_int_t)d->bytes, "sensors", (json_int_t)d->sensors, "seen_by",
		words_of(d->seen_by), "interfaces", (json_int_t)d->interfaces, "note", d->note,
		"tags", words_of(d->tags), "owner", d->owner);
}

void export_csv(FILE *out, const struct store_device *d, const struct export_to *to)
{
	const char *const texts[] = {d->mac, d->ip,    d->via,   d->realm, d->vendor, d->name,
	                             d->os,  d->model, d->roles, d->tags,  d->owner,  d->note};
	char time[TIME_TEXT];

	(void)to;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		csv_cell(out, texts[i], false);
	csv_cell(out, time_format(d->first_ns, time), false);
	csv_cell(out, time_format(d->last_ns, time), false);
	fprintf(out, "%llu,%llu,%llu,%llu\r\n", (unsigned long long)d->packets,
	        (unsigned long long)d->bytes, (unsigned long long)d->sensors,
	        (unsigned long long)d->interfaces);
}

void export_ndjson(FILE *out, const struct store_device *d, const struct export_to *to)
{
	json_t *const device = export_device(d);
	char *const text = json_dumps(device, JSON_COMPACT);

	(void)to;
	if (text != NULL)
		fprintf(out, "%s\n", text);
	free(text);
	json_decref(device);
}

void export_format(FILE *out, const struct store_device *d, const struct export_to *to)
{
	const struct format_source source = {
		.sensor = "", .version = HAVAINTO_VERSION, .time_ns = to->now_ns};
	json_t *const device = export_device(d);
	char *const line = format_device(to->format, &source, device);

	if (line != NULL)
		fputs(line, out);
	free(line);
	json_decref(device);
}

/* ---- NetBox ---- */

static void csv_row(FILE *out, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		csv_cell(out, texts[i], i + 1 == count);
}

/* The first of a name has it, others with their MAC behind it; who has none goes by that alone. */
static const char *netbox_name(const struct store_device *d, const struct export_to *to,
                               char out[512])
{
	const char *const id = *d->mac == '\0' ? d->ip : d->mac;
	const char *const taken = json_string_value(json_object_get(to->names, d->name));

	if (*d->name == '\0')
		return id;
	if (taken == NULL)
		json_object_set_new(to->names, d->name, json_string(id));
	if (taken == NULL || strcmp(taken, id) == 0)
		return d->name;
	snprintf(out, 512, "%.400s (%s)", d->name, id);
	return out;
}

static const char *known_or(const char *text, const char *otherwise)
{
	return *text == '\0' ? otherwise : text;
}

static void netbox_device(FILE *out, const struct store_device *d, const struct export_to *to)
{
	char name[512];
	const char *const vendor = known_or(d->vendor, "Unknown");
	const char *const texts[] = {netbox_name(d, to, name),
	                             known_or(d->type, "unknown"),
	                             vendor,
	                             known_or(d->model, vendor),
	                             d->os,
	                             "active",
	                             to->site,
	                             d->note};

	csv_row(out, texts, COUNT_OF(texts));
}

/* The device whose interfaces are being written. */
struct netbox_row {
	FILE *out;
	const char *device, *primary; /* its name, and the address that it goes by */
};

static void netbox_interface_row(const struct store_interface *i, void *self)
{
	const struct netbox_row *const row = self;
	const char *const texts[] = {row->device, i->mac, "other", i->mac};

	if (*i->mac != '\0')
		csv_row(row->out, texts, COUNT_OF(texts));
}

/* NetBox knows one primary address of a device: that which it goes by. */
static void netbox_address_row(const struct store_interface *i, void *self)
{
	const struct netbox_row *const row = self;
	char address[64];
	const char *const texts[] = {address, "active", row->device, i->mac,
	                             *i->mac == '\0' || strcmp(i->ip, row->primary) != 0 ? ""
	                                                                                 : "true"};

	snprintf(address, sizeof address, "%.50s/%d", i->ip, strchr(i->ip, ':') != NULL ? 128 : 32);
	if (*i->ip != '\0')
		csv_row(row->out, texts, COUNT_OF(texts));
}

static void netbox_interface(FILE *out, const struct store_device *d, const struct export_to *to)
{
	char name[512];
	struct netbox_row row = {.out = out, .device = netbox_name(d, to, name), .primary = d->ip};

	(void)!store_interfaces(to->store, d->id, netbox_interface_row, &row);
}

static void netbox_address(FILE *out, const struct store_device *d, const struct export_to *to)
{
	char name[512];
	struct netbox_row row = {.out = out, .device = netbox_name(d, to, name), .primary = d->ip};

	(void)!store_interfaces(to->store, d->id, netbox_address_row, &row);
}

bool export_netbox(const char *kind, struct export_to *to)
{
	static const struct {
		const char *kind, *head;
		void (*write)(FILE *out, const struct store_device *d, const struct export_to *to);
	} kinds[] = {
		{"devices", "name,role,manufacturer,device_type,platform,status,site,comments\r\n",
	         netbox_device},
		{"interfaces", "device,name,type,mac_address\r\n", netbox_interface},
		{"ip-addresses", "address,status,device,interface,is_primary\r\n", netbox_address},
	};

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (strcmp(kinds[i].kind, kind) != 0)
			continue;
		to->head = kinds[i].head;
		to->write = kinds[i].write;
		return true;
	}
	return false;
}
