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
	static const char *const names[] = {[VIEW_NONE] = "",
	                                    [VIEW_OWNER] = "owner",
	                                    [VIEW_LOCAL] = "local",
	                                    [VIEW_VIA] = "via"};

	assert(view < COUNT_OF(names));
	return names[view];
}

void line_begin(struct emit *j, struct line_context *c, enum line type)
{
	emit_open(j, '{');
	emit_key(j, "schema");
	emit_word(j, "havainto/1");
	emit_key(j, "type");
	emit_word(j, line_name(type));
	emit_key(j, "sensor");
	emit_string(j, c->sensor);
	emit_key(j, "boot");
	emit_number(j, c->boot);
	emit_key(j, "seq");
	emit_number(j, ++c->seq);
	emit_key(j, "time");
	emit_time(j, c->time_ns);
}

/* ---- values ---- */

static void write_hash(struct emit *j, const struct line_context *c, const uint8_t *value,
                       size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint64_t hash = hash64(&c->privacy_key, value, len);
	char text[] = "h:0123456789abcdef";

	for (unsigned i = 0; i < 16; i++)
		text[2 + i] = digits[hash >> (60 - 4 * i) & 15];
	emit_word(j, text);
}

bool write_value(struct emit *j, const struct line_context *c, enum fact_kind kind,
                 const uint8_t *value, size_t len)
{
	char text[FACT_TEXT_MAX] UNINITIALIZED;

	if (c->hashed && fact_info(kind)->privacy == PERSONAL) {
		write_hash(j, c, value, len);
		return true;
	}
	if (fact_info(kind)->value == VALUE_TEXT)
		return emit_text(j, value, len);
	emit_quoted(j, text, fact_format(kind, value, len, text));
	return true;
}

void write_support(struct emit *j, const struct support *s)
{
	emit_key(j, "first_seen");
	emit_time(j, s->first_ns);
	emit_key(j, "frame");
	emit_number(j, s->frame);
	emit_key(j, "last_seen");
	emit_time(j, s->last_ns);
	emit_key(j, "count");
	emit_number(j, s->count);
}

static void write_fact(struct emit *j, const struct line_context *c, const struct known *k)
{
	emit_open(j, '{');
	emit_key(j, "kind");
	emit_word(j, fact_info(k->kind)->wire);
	emit_key(j, "value");
	const bool whole = write_value(j, c, k->kind, k->value, k->len);
	if (k->ip.family != 0) {
		emit_key(j, "ip");
		emit_ip(j, &k->ip);
	}
	emit_key(j, "by");
	emit_word(j, k->by);
	if (k->view != VIEW_NONE) {
		emit_key(j, "grade");
		emit_word(j, view_name((enum view)k->view));
	}
	emit_key(j, "confidence");
	emit_number(j, k->confidence);
	write_support(j, &k->support);
	if (!whole) {
		emit_key(j, "raw");
		emit_hex(j, k->value, k->len);
	}
	if (k->cut) {
		emit_key(j, "cut");
		emit_bool(j, true);
	}
	emit_close(j, '}');
}

/* As many as there is room for; returns how many are left out. */
static size_t write_facts(struct emit *j, const struct line_context *c, const struct record *r,
                          size_t most)
{
	const size_t cap = j->cap;
	size_t written = 0;

	if (most < cap)
		j->cap = most;
	emit_key(j, "facts");
	emit_open(j, '[');
	for (; written < r->count; written++) {
		const struct emit_place before = emit_here(j);
		write_fact(j, c, &r->facts[written]);
		if (j->full) {
			emit_back(j, before);
			break;
		}
	}
	j->cap = cap;
	emit_close(j, ']');
	return r->count - written + r->left_out;
}

/* ---- records ---- */

void write_key(struct emit *j, const struct record *r)
{
	if (r->has_mac) {
		emit_key(j, "mac");
		emit_mac(j, r->mac);
		return;
	}
	emit_key(j, "ip");
	emit_ip(j, &r->ip);
	if (r->has_via) {
		emit_key(j, "via");
		emit_mac(j, r->via);
	}
}

static void write_name(struct emit *j, const struct line_context *c, const struct record *r)
{
	struct words name;
	const int fact = infer_name(r->facts, r->count, &name);

	emit_key(j, "name");
	if (fact >= 0 && c->hashed && fact_info(r->facts[fact].kind)->privacy == PERSONAL)
		write_hash(j, c, r->facts[fact].value, r->facts[fact].len);
	else
		emit_text(j, (const uint8_t *)name.s, name.len);
}

void record_conclude(const struct line_context *c, const struct record *r, struct conclusions *out)
{
	infer_device(c->infer, r->facts, r->count, r->has_mac ? vendor_of(r->mac) : "", out);
}

/* A part of what is PERSONAL leaves as that does. */
static void write_words(struct emit *j, const struct line_context *c, bool personal, struct words w)
{
	if (c->hashed && personal && w.len > 0)
		write_hash(j, c, (const uint8_t *)w.s, w.len);
	else
		emit_text(j, (const uint8_t *)w.s, w.len);
}

static void write_best(struct emit *j, const struct line_context *c, const struct conclusions *all,
                       enum about about)
{
	static const struct conclusion nothing = {.value = {"", 0}};
	const struct conclusion *const best = conclusion_of(all, about);

	emit_key(j, about_name(about));
	write_words(j, c, best != NULL && best->personal, (best == NULL ? &nothing : best)->value);
}

/* The name of a system with its version: "Debian 12". */
static void write_os(struct emit *j, const struct conclusions *all)
{
	const struct conclusion *const os = conclusion_of(all, OS);
	char text[512];
	size_t len = 0;

	if (os != NULL) {
		memcpy(text, os->value.s, len = os->value.len);
		if (os->version.len > 0) {
			text[len++] = ' ';
			memcpy(text + len, os->version.s, os->version.len);
			len += os->version.len;
		}
	}
	emit_key(j, "os");
	emit_text(j, (const uint8_t *)text, len);
}

static void write_roles(struct emit *j, const struct conclusions *all)
{
	emit_key(j, "roles");
	emit_open(j, '[');
	for (unsigned i = 0; i < all->count; i++)
		if (all->list[i].about == ROLE)
			emit_text(j, (const uint8_t *)all->list[i].value.s, all->list[i].value.len);
	emit_close(j, ']');
}

static void write_conclusion(struct emit *j, const struct line_context *c,
                             const struct conclusion *x)
{
	emit_open(j, '{');
	emit_key(j, "about");
	emit_word(j, about_name(x->about));
	emit_key(j, "value");
	write_words(j, c, x->personal, x->value);
	if (x->version.len > 0) {
		emit_key(j, "version");
		write_words(j, c, x->personal, x->version);
	}
	emit_key(j, "confidence");
	emit_number(j, x->confidence);
	emit_key(j, "rule");
	emit_text(j, (const uint8_t *)(x->rule == NULL ? "oui" : x->rule->id.s),
	          x->rule == NULL ? 3 : x->rule->id.len);
	if (x->cpe.len > 0 && !(c->hashed && x->personal)) {
		emit_key(j, "cpe");
		emit_text(j, (const uint8_t *)x->cpe.s, x->cpe.len);
	}
	emit_close(j, '}');
}

/* What is concluded; of a host that is known by its address alone there is no MAC to speak of. */
static void write_conclusions(struct emit *j, const struct line_context *c, const struct record *r)
{
	struct conclusions all UNINITIALIZED;

	record_conclude(c, r, &all);
	write_best(j, c, &all, VENDOR);
	emit_key(j, "mac_kind");
	emit_word(j, r->has_mac ? mac_kind_name(mac_kind(r->mac)) : "");
	write_name(j, c, r);
	write_os(j, &all);
	write_best(j, c, &all, MODEL);
	write_best(j, c, &all, TYPE);
	write_roles(j, &all);
	emit_key(j, "concluded");
	emit_open(j, '[');
	for (unsigned i = 0; i < all.count; i++)
		write_conclusion(j, c, &all.list[i]);
	emit_close(j, ']');
}

void write_record(struct emit *j, const struct line_context *c, const struct record *r)
{
	const size_t begin = j->len;

	emit_open(j, '{');
	write_key(j, r);
	emit_key(j, "realm");
	emit_text(j, (const uint8_t *)r->realm->s, r->realm->len);
	write_conclusions(j, c, r);
	emit_key(j, "first_seen");
	emit_time(j, r->first_ns);
	emit_key(j, "last_seen");
	emit_time(j, r->last_ns);
	emit_key(j, "packets");
	emit_number(j, r->packets);
	emit_key(j, "bytes");
	emit_number(j, r->bytes);
	const size_t omitted = write_facts(j, c, r, begin + RECORD_MAX - TAIL);
	if (omitted > 0) {
		emit_key(j, "facts_omitted");
		emit_number(j, omitted);
	}
	emit_close(j, '}');
}

void line_device(struct emit *j, const struct line_context *c, const struct record *r, bool full)
{
	emit_key(j, "full");
	emit_bool(j, full);
	emit_key(j, "device");
	write_record(j, c, r);
}
