/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.c - the lines of a report, schema havainto/1.
 */
#include "report/line.h"

#include "asset/vendor.h"

#include <assert.h>
#include <string.h>

#define TAIL 64u /* room kept for what stands behind a record's facts */

const char *line_name(enum line type)
{
	static const char *const names[] = {
		[LINE_HELLO] = "hello", [LINE_DEVICE] = "device", [LINE_CHANGE] = "change",
		[LINE_END] = "end",     [LINE_HEALTH] = "health", [LINE_BYE] = "bye"};

	static_assert(COUNT_OF(names) == LINES, "a name each");
	assert(type < LINES);
	return names[type];
}

const char *view_name(enum view view)
{
	static const char *const names[] = {
		[VIEW_NONE] = "", [VIEW_OWNER] = "owner", [VIEW_LOCAL] = "local", [VIEW_VIA] = "via"};

	assert(view < COUNT_OF(names));
	return names[view];
}

void line_begin(struct json *j, struct line_context *c, enum line type)
{
	json_open(j, '{');
	json_key(j, "schema");
	json_string(j, "havainto/1");
	json_key(j, "type");
	json_string(j, line_name(type));
	json_key(j, "sensor");
	json_string(j, c->sensor);
	json_key(j, "boot");
	json_number(j, c->boot);
	json_key(j, "seq");
	json_number(j, ++c->seq);
	json_key(j, "time");
	json_time(j, c->time_ns);
}

/* ---- values ---- */

static void write_hash(struct json *j, const struct line_context *c, const uint8_t *value, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint64_t hash = hash64(&c->privacy_key, value, len);
	char text[] = "h:0123456789abcdef";

	for (unsigned i = 0; i < 16; i++)
		text[2 + i] = digits[hash >> (60 - 4 * i) & 15];
	json_string(j, text);
}

bool write_value(struct json *j, const struct line_context *c, enum fact_kind kind,
                 const uint8_t *value, size_t len)
{
	char text[FACT_TEXT_MAX];

	if (c->hashed && fact_info(kind)->privacy == PERSONAL) {
		write_hash(j, c, value, len);
		return true;
	}
	if (fact_info(kind)->value == VALUE_TEXT)
		return json_text(j, value, len);
	return json_text(j, (const uint8_t *)text, fact_format(kind, value, len, text));
}

void write_support(struct json *j, const struct support *s)
{
	json_key(j, "first_seen");
	json_time(j, s->first_ns);
	json_key(j, "frame");
	json_number(j, s->frame);
	json_key(j, "last_seen");
	json_time(j, s->last_ns);
	json_key(j, "count");
	json_number(j, s->count);
}

static void write_fact(struct json *j, const struct line_context *c, const struct known *k)
{
	json_open(j, '{');
	json_key(j, "kind");
	json_string(j, fact_info(k->kind)->wire);
	json_key(j, "value");
	const bool whole = write_value(j, c, k->kind, k->value, k->len);
	if (k->ip.family != 0) {
		json_key(j, "ip");
		json_ip(j, &k->ip);
	}
	json_key(j, "by");
	json_string(j, k->by);
	if (k->view != VIEW_NONE) {
		json_key(j, "grade");
		json_string(j, view_name((enum view)k->view));
	}
	json_key(j, "confidence");
	json_number(j, k->confidence);
	write_support(j, &k->support);
	if (!whole) {
		json_key(j, "raw");
		json_hex(j, k->value, k->len);
	}
	if (k->cut) {
		json_key(j, "cut");
		json_bool(j, true);
	}
	json_close(j, '}');
}

/* As many as there is room for; returns how many are left out. */
static size_t write_facts(struct json *j, const struct line_context *c, const struct record *r, size_t most)
{
	const size_t cap = j->cap;
	size_t written = 0;

	if (most < cap)
		j->cap = most;
	json_key(j, "facts");
	json_open(j, '[');
	for (; written < r->count; written++) {
		const struct json_place before = json_here(j);
		write_fact(j, c, &r->facts[written]);
		if (j->full) {
			json_back(j, before);
			break;
		}
	}
	j->cap = cap;
	json_close(j, ']');
	return r->count - written + r->left_out;
}

/* ---- records ---- */

void write_key(struct json *j, const struct record *r)
{
	if (r->has_mac) {
		json_key(j, "mac");
		json_mac(j, r->mac);
		return;
	}
	json_key(j, "ip");
	json_ip(j, &r->ip);
	if (r->has_via) {
		json_key(j, "via");
		json_mac(j, r->via);
	}
}

static void write_name(struct json *j, const struct line_context *c, const struct record *r)
{
	struct words name;
	const int fact = infer_name(r->facts, r->count, &name);

	json_key(j, "name");
	if (fact >= 0 && c->hashed && fact_info(r->facts[fact].kind)->privacy == PERSONAL)
		write_hash(j, c, r->facts[fact].value, r->facts[fact].len);
	else
		json_text(j, (const uint8_t *)name.s, name.len);
}

/* What is concluded; of a host that is known by its address alone there is no MAC to speak of. */
static void write_conclusions(struct json *j, const struct line_context *c, const struct record *r)
{
	struct words roles[ROLES_MAX];
	const size_t count = infer_roles(r->facts, r->count, roles);

	json_key(j, "vendor");
	json_string(j, r->has_mac ? vendor_of(r->mac) : "");
	json_key(j, "mac_kind");
	json_string(j, r->has_mac ? mac_kind_name(mac_kind(r->mac)) : "");
	write_name(j, c, r);
	json_key(j, "os");
	json_string(j, "");
	json_key(j, "model");
	json_string(j, "");
	json_key(j, "roles");
	json_open(j, '[');
	for (size_t i = 0; i < count; i++)
		json_text(j, (const uint8_t *)roles[i].s, roles[i].len);
	json_close(j, ']');
}

void write_record(struct json *j, const struct line_context *c, const struct record *r)
{
	const size_t begin = j->len;

	json_open(j, '{');
	write_key(j, r);
	json_key(j, "realm");
	json_text(j, (const uint8_t *)r->realm->s, r->realm->len);
	write_conclusions(j, c, r);
	json_key(j, "first_seen");
	json_time(j, r->first_ns);
	json_key(j, "last_seen");
	json_time(j, r->last_ns);
	json_key(j, "packets");
	json_number(j, r->packets);
	json_key(j, "bytes");
	json_number(j, r->bytes);
	const size_t omitted = write_facts(j, c, r, begin + RECORD_MAX - TAIL);
	if (omitted > 0) {
		json_key(j, "facts_omitted");
		json_number(j, omitted);
	}
	json_close(j, '}');
}

void line_device(struct json *j, const struct line_context *c, const struct record *r, bool full)
{
	json_key(j, "full");
	json_bool(j, full);
	json_key(j, "device");
	write_record(j, c, r);
}
