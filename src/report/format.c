/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.c - see format.h.
 *
 * Each format is a table: a row says where in the event a value goes ("device.os.name"), and what it
 * is: a constant, a key of the device, or what a function makes of the device. Rows stand in the
 * order of the keys that come out. What a schema has no place for stands where it says that such
 * things go: `unmapped` in OCSF, an object with our name in ECS.
 *
 * OCSF asks for numbers where we have words: of a type of device, of a system. `types` and `systems`
 * have them; what they do not know is 99, "other", beside our word; nothing known is 0, "unknown".
 */
#include "report/format.h"

#include "base/clock.h"
#include "report/incoming.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_PART 32u

struct view_of {
	const struct format_source *source;
	const json_t *device;
};

struct row {
	const char *to;                          /* path in the event */
	json_t *(*make)(const struct view_of *); /* NULL: nothing to say; else of the others one */
	const char *key;                         /* of the device */
	const char *text;
	int number;
};

static const char *const names[FORMATS] = {"native", "ocsf", "ecs"};

const char *format_name(enum format format)
{
	return names[format];
}

enum format format_by_prefix(const char *text)
{
	enum format format = 0;

	for (; format < FORMATS; format++) {
		const size_t len = strlen(names[format]);

		if (strncmp(text, names[format], len) == 0 && text[len] == ':')
			break;
	}
	return format;
}

const char *format_behind(const char *text)
{
	const enum format format = format_by_prefix(text);

	return format == FORMATS ? text : text + strlen(names[format]) + 1;
}

/* ---- what things are called ---- */

/* What a device is: our word, OCSF's number and caption. */
static const struct {
	const char *type;
	int number;
	const char *caption;
} types[] = {
	{"server", 1, "Server"},     {"workstation", 2, "Desktop"},
	{"laptop", 3, "Laptop"},     {"tablet", 4, "Tablet"},
	{"smartphone", 5, "Mobile"}, {"mobile", 5, "Mobile"},
	{"vm", 6, "Virtual"},        {"camera", 7, "IOT"},
	{"doorbell", 7, "IOT"},      {"hub", 7, "IOT"},
	{"iot", 7, "IOT"},           {"light", 7, "IOT"},
	{"media player", 7, "IOT"},  {"plug", 7, "IOT"},
	{"sensor", 7, "IOT"},        {"speaker", 7, "IOT"},
	{"thermostat", 7, "IOT"},    {"tv", 7, "IOT"},
	{"watch", 7, "IOT"},         {"firewall", 9, "Firewall"},
	{"switch", 10, "Switch"},    {"router", 12, "Router"},
	{"gateway", 12, "Router"},
};

/* How the name of a system begins: OCSF's number and caption, ECS's family; "": it has none. */
static const struct {
	const char *begins;
	int number;
	const char *caption, *family;
} systems[] = {
	{"Windows Phone", 101, "Windows Mobile", "windows"},
	{"Windows Mobile", 101, "Windows Mobile", "windows"},
	{"Windows", 100, "Windows", "windows"},
	{"Android", 201, "Android", "android"},
	{"Fire OS", 201, "Android", "android"},
	{"macOS", 300, "macOS", "macos"},
	{"iOS", 301, "iOS", "ios"},
	{"iPadOS", 302, "iPadOS", "ios"},
	{"Solaris", 400, "Solaris", "unix"},
	{"AIX", 401, "AIX", "unix"},
	{"HP-UX", 402, "HP-UX", "unix"},
	{"FreeBSD", 99, "Other", "unix"},
	{"OpenBSD", 99, "Other", "unix"},
	{"NetBSD", 99, "Other", "unix"},
	{"Unix", 99, "Other", "unix"},
	{"Linux", 200, "Linux", "linux"},
	{"Alpine", 200, "Linux", "linux"},
	{"AlmaLinux", 200, "Linux", "linux"},
	{"Amazon Linux", 200, "Linux", "linux"},
	{"Arch Linux", 200, "Linux", "linux"},
	{"CentOS", 200, "Linux", "linux"},
	{"Cumulus Linux", 200, "Linux", "linux"},
	{"Debian", 200, "Linux", "linux"},
	{"Fedora", 200, "Linux", "linux"},
	{"OpenWrt", 200, "Linux", "linux"},
	{"Oracle Linux", 200, "Linux", "linux"},
	{"Proxmox VE", 200, "Linux", "linux"},
	{"Raspbian", 200, "Linux", "linux"},
	{"Red Hat", 200, "Linux", "linux"},
	{"Rocky Linux", 200, "Linux", "linux"},
	{"SUSE", 200, "Linux", "linux"},
	{"Ubuntu", 200, "Linux", "linux"},
	{"openSUSE", 200, "Linux", "linux"},
	{"", 99, "Other", ""},
};

static size_t system_of(const json_t *device)
{
	const char *const os = json_text(device, "os");
	size_t i = 0;

	while (strncmp(os, systems[i].begins, strlen(systems[i].begins)) != 0)
		i++;
	return i;
}

static size_t type_of(const json_t *device)
{
	const char *const type = json_text(device, "type");
	size_t i = 0;

	while (i < COUNT_OF(types) && strcmp(type, types[i].type) != 0)
		i++;
	return i;
}

/* ---- what is made of a device ---- */

static json_t *text_or_nothing(const char *text)
{
	return *text == '\0' ? NULL : json_string(text);
}

static json_t *milliseconds(uint64_t time_ns)
{
	return time_ns == 0 ? NULL : json_integer((json_int_t)(time_ns / 1000000));
}

static json_t *make_time(const struct view_of *v)
{
	return milliseconds(v->source->time_ns);
}

static json_t *make_time_text(const struct view_of *v)
{
	char text[TIME_TEXT];

	return json_string(time_format(v->source->time_ns, text));
}

static json_t *make_first_seen(const struct view_of *v)
{
	return milliseconds(time_parse(json_text(v->device, "first_seen")));
}

static json_t *make_last_seen(const struct view_of *v)
{
	return milliseconds(time_parse(json_text(v->device, "last_seen")));
}

static json_t *make_version(const struct view_of *v)
{
	return text_or_nothing(v->source->version);
}

static json_t *make_sensor(const struct view_of *v)
{
	return text_or_nothing(v->source->sensor);
}

static json_t *make_type_id(const struct view_of *v)
{
	const size_t i = type_of(v->device);

	if (i < COUNT_OF(types))
		return json_integer(types[i].number);
	return json_integer(*json_text(v->device, "type") == '\0' ? 0 : 99);
}

static json_t *make_type(const struct view_of *v)
{
	const size_t i = type_of(v->device);

	if (i < COUNT_OF(types))
		return json_string(types[i].caption);
	return text_or_nothing(json_text(v->device, "type"));
}

static json_t *make_os_id(const struct view_of *v)
{
	return *json_text(v->device, "os") == '\0'
	               ? NULL
	               : json_integer(systems[system_of(v->device)].number);
}

static json_t *make_os_type(const struct view_of *v)
{
	return *json_text(v->device, "os") == '\0'
	               ? NULL
	               : json_string(systems[system_of(v->device)].caption);
}

static json_t *make_os_family(const struct view_of *v)
{
	return text_or_nothing(systems[system_of(v->device)].family);
}

/* What it is known by: its MAC or its address, in the world where that is so. */
static json_t *make_id(const struct view_of *v)
{
	const char *const realm = json_text(v->device, "realm"),
			  *const mac = json_text(v->device, "mac"),
			  *const known = *mac != '\0' ? mac : json_text(v->device, "ip");

	if (*known == '\0')
		return NULL;
	return *realm == '\0' ? json_string(known) : json_sprintf("%s/%s", realm, known);
}

/* A name that is one of a host's (RFC 1123, 2.1), since a host's alone is wanted there. */
static json_t *make_hostname(const struct view_of *v)
{
	const char *const name = json_text(v->device, "name");
	const size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    ((name[i] != '-' && name[i] != '.') || i == 0 || i == len - 1))
			return NULL;
	return len == 0 || len > 253 ? NULL : json_string(name);
}

/* The addresses it is the owner of, or that are in use on its link; none that lies behind it. */
static json_t *own_addresses(const json_t *device)
{
	const char *const known = json_text(device, "ip");
	json_t *const list = json_array();
	const char *last = "";
	const json_t *fact;
	size_t i;

	if (*known != '\0')
		json_array_append_new(list, json_string(known));
	json_array_foreach(json_object_get(device, "facts"), i, fact)
	{
		const char *const value = json_text(fact, "value");

		if (strncmp(json_text(fact, "kind"), "address.ipv", 11) != 0 ||
		    strcmp(json_text(fact, "grade"), "via") == 0 || strcmp(value, last) == 0 ||
		    strcmp(value, known) == 0)
			continue;
		last = value;
		json_array_append_new(list, json_string(value));
	}
	return list;
}

static json_t *list_or_nothing(json_t *list)
{
	if (json_array_size(list) > 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *make_addresses(const struct view_of *v)
{
	return list_or_nothing(own_addresses(v->device));
}

static json_t *make_address(const struct view_of *v)
{
	json_t *const list = own_addresses(v->device);
	json_t *const first = json_incref(json_array_get(list, 0));

	json_decref(list);
	return first;
}

/* One for each address; the MAC is that of all. Wired or not is not known (0). */
static json_t *make_interfaces(const struct view_of *v)
{
	const char *const mac = json_text(v->device, "mac");
	json_t *const addresses = own_addresses(v->device), *const list = json_array();
	const json_t *address;
	size_t i;

	json_array_foreach(addresses, i, address)
	{
		json_t *const one = json_pack("{s:O,s:i}", "ip", address, "type_id", 0);

		if (*mac != '\0')
			json_object_set_new(one, "mac", json_string(mac));
		json_array_append_new(list, one);
	}
	json_decref(addresses);
	return list_or_nothing(list);
}

/* ECS wants them as RFC 7042 writes them, in a list: 02-00-00-00-00-AA. */
static json_t *make_hyphened(const struct view_of *v)
{
	const char *const mac = json_text(v->device, "mac");
	char text[18];
	size_t i = 0;

	for (; i < sizeof text - 1 && mac[i] != '\0'; i++)
		text[i] = mac[i] == ':' ? '-' : (char)toupper((unsigned char)mac[i]);
	text[i] = '\0';
	return i == 0 ? NULL : json_pack("[s]", text);
}

/* Values of all facts of the kind; facts are sorted, so equal ones stand together. */
static json_t *values_of(const json_t *device, const char *kind)
{
	json_t *const list = json_array();
	const char *last = "";
	const json_t *fact;
	size_t i;

	json_array_foreach(json_object_get(device, "facts"), i, fact)
	{
		const char *const value = json_text(fact, "value");

		if (strcmp(json_text(fact, "kind"), kind) != 0 || strcmp(value, last) == 0)
			continue;
		last = value;
		json_array_append_new(list, json_string(value));
	}
	return list_or_nothing(list);
}

static json_t *make_services(const struct view_of *v)
{
	return values_of(v->device, "service");
}

static json_t *make_vlans(const struct view_of *v)
{
	return values_of(v->device, "vlan");
}

static json_t *make_host_list(const struct view_of *v)
{
	(void)v;
	return json_pack("[s]", "host");
}

static json_t *make_info_list(const struct view_of *v)
{
	(void)v;
	return json_pack("[s]", "info");
}

/* ---- the formats ---- */

static const struct row ocsf[] = {
	{"activity_id", .number = 2},
	{"activity_name", .text = "Collect"},
	{"category_uid", .number = 5},
	{"category_name", .text = "Discovery"},
	{"class_uid", .number = 5001},
	{"class_name", .text = "Device Inventory Info"},
	{"type_uid", .number = 500102},
	{"type_name", .text = "Device Inventory Info: Collect"},
	{"severity_id", .number = 1},
	{"severity", .text = "Informational"},
	{"time", .make = make_time},
	{"metadata.version", .text = "1.4.0"},
	{"metadata.product.name", .text = "havainto"},
	{"metadata.product.vendor_name", .text = "havainto"},
	{"metadata.product.version", .make = make_version},
	{"device.uid", .make = make_id},
	{"device.type_id", .make = make_type_id},
	{"device.type", .make = make_type},
	{"device.name", .key = "name"},
	{"device.hostname", .make = make_hostname},
	{"device.mac", .key = "mac"},
	{"device.ip", .make = make_address},
	{"device.vendor_name", .key = "vendor"},
	{"device.model", .key = "model"},
	{"device.os.name", .key = "os"},
	{"device.os.type_id", .make = make_os_id},
	{"device.os.type", .make = make_os_type},
	{"device.owner.name", .key = "owner"},
	{"device.first_seen_time", .make = make_first_seen},
	{"device.last_seen_time", .make = make_last_seen},
	{"device.network_interfaces", .make = make_interfaces},
	{"unmapped.sensor", .make = make_sensor},
	{"unmapped.realm", .key = "realm"},
	{"unmapped.via", .key = "via"},
	{"unmapped.mac_kind", .key = "mac_kind"},
	{"unmapped.roles", .key = "roles"},
	{"unmapped.services", .make = make_services},
	{"unmapped.vlans", .make = make_vlans},
	{"unmapped.packets", .key = "packets"},
	{"unmapped.bytes", .key = "bytes"},
	{"unmapped.sensors", .key = "sensors"},
	{"unmapped.tags", .key = "tags"},
	{"unmapped.note", .key = "note"},
};

static const struct row ecs[] = {
	{"@timestamp", .make = make_time_text},
	{"ecs.version", .text = "8.11.0"},
	{"event.kind", .text = "asset"},
	{"event.category", .make = make_host_list},
	{"event.type", .make = make_info_list},
	{"event.module", .text = "havainto"},
	{"event.dataset", .text = "havainto.device"},
	{"event.start", .key = "first_seen"},
	{"event.end", .key = "last_seen"},
	{"observer.name", .make = make_sensor},
	{"observer.type", .text = "sensor"},
	{"observer.vendor", .text = "havainto"},
	{"observer.product", .text = "havainto"},
	{"observer.version", .make = make_version},
	{"host.id", .make = make_id},
	{"host.name", .key = "name"},
	{"host.hostname", .make = make_hostname},
	{"host.type", .key = "type"},
	{"host.mac", .make = make_hyphened},
	{"host.ip", .make = make_addresses},
	{"host.os.full", .key = "os"},
	{"host.os.type", .make = make_os_family},
	{"device.id", .make = make_id},
	{"device.manufacturer", .key = "vendor"},
	{"device.model.name", .key = "model"},
	{"tags", .key = "tags"},
	{"havainto.realm", .key = "realm"},
	{"havainto.via", .key = "via"},
	{"havainto.mac_kind", .key = "mac_kind"},
	{"havainto.roles", .key = "roles"},
	{"havainto.services", .make = make_services},
	{"havainto.vlans", .make = make_vlans},
	{"havainto.packets", .key = "packets"},
	{"havainto.bytes", .key = "bytes"},
	{"havainto.sensors", .key = "sensors"},
	{"havainto.owner", .key = "owner"},
	{"havainto.note", .key = "note"},
};

/* ---- by the table ---- */

/* Something is said by it. */
static bool is_told(const json_t *value)
{
	if (json_is_string(value))
		return *json_string_value(value) != '\0';
	if (json_is_array(value))
		return json_array_size(value) > 0;
	return json_is_integer(value);
}

static json_t *row_value(const struct row *row, const struct view_of *v)
{
	if (row->make != NULL)
		return row->make(v);
	if (row->text != NULL)
		return json_string(row->text);
	if (row->key == NULL)
		return json_integer(row->number);
	json_t *const value = json_object_get(v->device, row->key);
	return is_told(value) ? json_incref(value) : NULL;
}

/* Puts the value at "a.b.c", making objects on the way. Takes the value. */
static void put(json_t *event, const char *path, json_t *value)
{
	for (const char *dot; (dot = strchr(path, '.')) != NULL; path = dot + 1) {
		const size_t len = (size_t)(dot - path);
		char part[PATH_PART];

		assert(len < sizeof part);
		memcpy(part, path, len);
		part[len] = '\0';
		json_t *inner = json_object_get(event, part);
		if (inner == NULL) {
			inner = json_object();
			json_object_set_new(event, part, inner);
		}
		event = inner;
	}
	json_object_set_new(event, path, value);
}

/* As a line; NULL: no memory. */
static char *line_of(const json_t *event)
{
	const size_t len = json_dumpb(event, NULL, 0, JSON_COMPACT);
	char *const line = len == 0 ? NULL : malloc(len + 2);

	if (line == NULL)
		return NULL;
	json_dumpb(event, line, len, JSON_COMPACT);
	memcpy(line + len, "\n", 2);
	return line;
}

char *format_device(enum format format, const struct format_source *source, const json_t *device)
{
	const struct view_of v = {source, device};
	const struct row *const rows = format == FORMAT_OCSF ? ocsf : ecs;
	const size_t count = format == FORMAT_OCSF ? COUNT_OF(ocsf) : COUNT_OF(ecs);
	json_t *const event = json_object();

	assert(format == FORMAT_OCSF || format == FORMAT_ECS);
	for (size_t i = 0; i < count; i++) {
		json_t *const value = row_value(&rows[i], &v);

		if (value != NULL)
			put(event, rows[i].to, value);
	}
	char *const line = line_of(event);
	json_decref(event);
	return line;
}

bool format_line(enum format format, const char *version, const char *line, size_t len, char **out)
{
	char why[INCOMING_WHY];
	struct incoming in;

	*out = NULL;
	if (!incoming_parse(line, len, &in, why))
		return false;
	const struct format_source source = {in.sensor, version, in.time_ns};
	const bool is_device = in.type == LINE_DEVICE;

	if (is_device)
		*out = format_device(format, &source, in.device);
	incoming_free(&in);
	return !is_device || *out != NULL;
}
