/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.c - the lines of a report, schema havainto/1.
 */
#include "report/line.h"

#include "asset/vendor.h"
#include "base/digits.h"

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

/* What all lines of a type begin with, up to their number. */
static void write_opening(struct emit *j, const struct line_context *c, enum line type)
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
}

#define OPENING_ROOM 64u /* of a number and a time */

/* A line is mostly of the type of the one before. An opening too long to be kept is of no type. */
static void opening_make(struct opening *o, const struct line_context *c, enum line type)
{
	struct emit j = {.buf = o->text, .cap = sizeof o->text};

	write_opening(&j, c, type);
	o->type = j.full ? LINES : type;
	o->len = (uint32_t)j.len;
	o->is_made = true;
}

void line_begin(struct emit *j, struct line_context *c, enum line type)
{
	struct opening *const o = &c->opening;

	if (!o->is_made || o->type != type)
		opening_make(o, c, type);
	if (o->type != type)
		write_opening(j, c, type);
	char *at = emit_room(j, sizeof o->text + OPENING_ROOM);
	if (at == NULL)
		return;
	if (o->type == type)
		at = piece_block(at, o->text, sizeof o->text, o->len);
	at = piece_literal(digits_put(at, ++c->seq), ",\"time\":\"");
	at = piece_time(at, c->time_ns, j->times);
	*at++ = '"';
	emit_wrote(j, at);
}

/* ---- values ---- */

#define HASH_LEN 20u /* "h:0123456789abcdef" between quotes */

static char *put_hash(char *at, const struct line_context *c, const uint8_t *value, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint64_t hash = hash64(&c->privacy_key, value, len);

	at = piece_literal(at, "\"h:");
	for (unsigned i = 0; i < 16; i++)
		*at++ = digits[hash >> (60 - 4 * i) & 15];
	*at++ = '"';
	return at;
}

static bool is_hidden(const struct line_context *c, enum fact_kind kind)
{
	return c->hashed && fact_info(kind)->privacy == PERSONAL;
}

/* Bytes of a value as it is written, at most: of text all may be escapes; the least is an address. */
static size_t value_room(const struct line_context *c, enum fact_kind kind, size_t len)
{
	return is_hidden(c, kind) ? HASH_LEN : TEXT_ROOM(len) + IP_TEXT;
}

/* *whole: no byte of it stands as \u00XX. */
static char *put_value(char *at, const struct line_context *c, const struct known *k, bool *whole)
{
	*whole = true;
	if (is_hidden(c, k->kind))
		return put_hash(at, c, k->value, k->len);
	if (fact_info(k->kind)->value == VALUE_TEXT)
		return piece_text(at, k->value, k->len, whole);
	*at++ = '"';
	at += fact_format(k->kind, k->value, k->len, at);
	*at++ = '"';
	return at;
}

void write_value(struct emit *j, const struct line_context *c, enum fact_kind kind,
                 const uint8_t *value, size_t len)
{
	const struct known k = {.kind = kind, .value = value, .len = len};
	char *const at = emit_room(j, value_room(c, kind, len));
	bool whole;

	if (at != NULL)
		emit_wrote(j, put_value(at, c, &k, &whole));
}

#define SUPPORT_ROOM 144u /* its keys, two times, two numbers */

static char *put_support(char *at, const struct support *s, struct emit_times *times)
{
	at = piece_literal(at, "\"first_seen\":\"");
	char *const first = at;
	at = piece_time(at, s->first_ns, times);
	at = piece_literal(at, "\",\"frame\":");
	at = digits_put(at, s->frame);
	at = piece_literal(at, ",\"last_seen\":\"");
	at = s->last_ns == s->first_ns ? piece_bytes(at, first, TIME_TEXT - 1)
	                               : piece_time(at, s->last_ns, times);
	at = piece_literal(at, "\",\"count\":");
	return digits_put(at, s->count);
}

void write_support(struct emit *j, const struct support *s)
{
	char *const at = emit_room(j, SUPPORT_ROOM);

	if (at != NULL)
		emit_wrote(j, put_support(at, s, j->times));
}

/* The same out of what was written lately: a packet teaches several things at once. */
static char *put_spell(char *at, const struct line_context *c, const struct support *s,
                       struct emit_times *times)
{
	struct spell *const t = spell_place(&c->phrases, s);

	if (t->len == 0 || !support_equal(&t->of, s)) {
		static_assert(sizeof t->text >= SUPPORT_ROOM, "it holds all that is put");
		t->len = (uint8_t)(put_support(t->text, s, times) - t->text);
		t->of = *s;
	}
	return piece_block(at, t->text, sizeof t->text, t->len);
}

/* ---- facts ---- */

/* What all facts of a kind begin with. */
struct head {
	uint8_t len;
	char text[47];
};

static const struct head heads[FACT_KINDS] = {
#define HEAD(wire) "{\"kind\":\"" wire "\",\"value\":"
#define FACT(symbol, wire, value, keep, privacy, about) \
	[FACT_##symbol] = {sizeof HEAD(wire) - 1, HEAD(wire)},
#include "asset/facts.def"
#undef FACT
};

static void telling_make(struct telling *t, const struct known *k)
{
	struct emit j = {.buf = t->text, .cap = sizeof t->text, .comma = true};

	emit_key(&j, "by");
	emit_word(&j, k->by);
	if (k->view != VIEW_NONE) {
		emit_key(&j, "grade");
		emit_word(&j, view_name((enum view)k->view));
	}
	emit_key(&j, "confidence");
	emit_number(&j, k->confidence);
	assert(!j.full); /* names of observers are short */
	t->by = k->by;
	t->view = k->view;
	t->confidence = k->confidence;
	t->len = (uint8_t)j.len;
}

/* "by", "grade", "confidence": few facts are told in a way of their own. */
static char *put_telling(char *at, const struct line_context *c, const struct known *k)
{
	struct telling *const t = telling_place(&c->phrases, k->by, k->view, k->confidence);

	if (t->by != k->by || t->view != k->view || t->confidence != k->confidence)
		telling_make(t, k);
	return piece_block(at, t->text, sizeof t->text, t->len);
}

#define FACT_ROOM (SUPPORT_ROOM + 320u) /* all but the value, in whatever form */

static void write_fact(struct emit *j, const struct line_context *c, const struct known *k)
{
	char *at = emit_room(j, FACT_ROOM + value_room(c, k->kind, k->len) + 2 * k->len);
	bool whole;

	if (at == NULL)
		return;
	at = piece_block(at, heads[k->kind].text, sizeof heads->text, heads[k->kind].len);
	at = put_value(at, c, k, &whole);
	if (k->ip.family != 0) {
		at = piece_literal(at, ",\"ip\":\"");
		at = ip_put(at, &k->ip);
		*at++ = '"';
	}
	at = put_telling(at, c, k);
	*at++ = ',';
	at = put_spell(at, c, &k->support, j->times);
	if (!whole) {
		at = piece_literal(at, ",\"raw\":");
		at = piece_hex(at, k->value, k->len);
	}
	if (k->cut)
		at = piece_literal(at, ",\"cut\":true");
	*at++ = '}';
	emit_wrote(j, at);
}

/* As many as end before `most`; returns how many are left out. */
static size_t write_facts(struct emit *j, const struct line_context *c, const struct record *r,
                          size_t most)
{
	size_t written = 0;

	emit_key(j, "facts");
	emit_open(j, '[');
	for (; written < r->count; written++) {
		const struct emit_place before = emit_here(j);
		write_fact(j, c, &r->facts[written]);
		if (j->full || j->len > most) {
			emit_back(j, before);
			break;
		}
	}
	emit_close(j, ']');
	return r->count - written + r->left_out;
}

/* ---- records ---- */

#define KEY_ROOM 128u

static char *put_key(char *at, const struct record *r)
{
	if (r->has_mac) {
		at = mac_put(piece_literal(at, "\"mac\":\""), r->mac);
		*at++ = '"';
		return at;
	}
	at = ip_put(piece_literal(at, "\"ip\":\""), &r->ip);
	*at++ = '"';
	if (r->has_via) {
		at = mac_put(piece_literal(at, ",\"via\":\""), r->via);
		*at++ = '"';
	}
	return at;
}

void write_key(struct emit *j, const struct record *r)
{
	char *const at = emit_room(j, KEY_ROOM);

	if (at != NULL)
		emit_wrote(j, put_key(at, r));
}

static const char *maker_of(const struct record *r)
{
	return r->has_mac ? vendor_of(r->mac) : "";
}

void record_conclude(const struct line_context *c, const struct record *r, struct conclusions *out)
{
	infer_device(c->infer, r->facts, r->count, maker_of(r), out);
}

/* A part of what is PERSONAL leaves as that does. */
static char *put_words(char *at, const struct line_context *c, bool personal, struct words w)
{
	bool whole;

	return c->hashed && personal && w.len > 0
	               ? put_hash(at, c, (const uint8_t *)w.s, w.len)
	               : piece_text(at, (const uint8_t *)w.s, w.len, &whole);
}

/* Room for words in whatever form. */
#define WORDS_ROOM(w) (TEXT_ROOM((w).len) + HASH_LEN)

static void write_words(struct emit *j, const struct line_context *c, bool personal, struct words w)
{
	char *const at = emit_room(j, WORDS_ROOM(w));

	if (at != NULL)
		emit_wrote(j, put_words(at, c, personal, w));
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

#define CONCLUSION_ROOM 128u /* its keys, what it is about, and a number */

static void write_conclusion(struct emit *j, const struct line_context *c,
                             const struct conclusion *x)
{
	static const struct words prefix = {"oui", 3};
	const struct words rule = x->rule == NULL ? prefix : x->rule->id;
	char *at = emit_room(j, CONCLUSION_ROOM + WORDS_ROOM(x->value) + WORDS_ROOM(x->version) +
	                                WORDS_ROOM(rule) + WORDS_ROOM(x->cpe));

	if (at == NULL)
		return;
	at = piece_literal(at, "{\"about\":\"");
	at = piece_literal(at, about_name(x->about));
	at = put_words(piece_literal(at, "\",\"value\":"), c, x->personal, x->value);
	if (x->version.len > 0)
		at = put_words(piece_literal(at, ",\"version\":"), c, x->personal, x->version);
	at = digits_put(piece_literal(at, ",\"confidence\":"), x->confidence);
	at = put_words(piece_literal(at, ",\"rule\":"), c, false, rule);
	if (x->cpe.len > 0 && !(c->hashed && x->personal))
		at = put_words(piece_literal(at, ",\"cpe\":"), c, false, x->cpe);
	*at++ = '}';
	emit_wrote(j, at);
}

/* What stands behind the name. */
static void write_others(struct emit *j, const struct line_context *c,
                         const struct conclusions *all)
{
	write_os(j, all);
	write_best(j, c, all, MODEL);
	write_best(j, c, all, TYPE);
	write_roles(j, all);
	emit_key(j, "concluded");
	emit_open(j, '[');
	for (unsigned i = 0; i < all->count; i++)
		write_conclusion(j, c, &all->list[i]);
	emit_close(j, ']');
}

#define WHO_ROOM 64u

/* "mac_kind" and "name". */
static void write_who(struct emit *j, const struct line_context *c, const struct record *r)
{
	struct words name;
	const int fact = infer_name(r->facts, r->count, &name);
	const struct known *const k = fact < 0 ? NULL : &r->facts[fact];
	char *at = emit_room(j, WHO_ROOM + HASH_LEN + TEXT_ROOM(name.len));
	bool whole;

	if (at == NULL)
		return;
	at = piece_literal(at, "\"mac_kind\":\"");
	at = piece_literal(at, r->has_mac ? mac_kind_name(mac_kind(r->mac)) : "");
	at = piece_literal(at, "\",\"name\":");
	at = k != NULL && is_hidden(c, k->kind)
	             ? put_hash(at, c, k->value, k->len)
	             : piece_text(at, (const uint8_t *)name.s, name.len, &whole);
	emit_wrote(j, at);
}

/* Where a record's conclusions stand: before its name, and behind it. */
struct concluded {
	const char *vendor, *who, *others, *end;
};

/* What is too long is not kept. */
static void phrase_keep(struct phrase *p, uint64_t signature, const struct concluded *in)
{
	const size_t vendor_len = (size_t)(in->who - in->vendor),
		     others_len = (size_t)(in->end - in->others);

	if (vendor_len + others_len > sizeof p->text)
		return;
	memcpy(p->text, in->vendor, vendor_len);
	memcpy(p->text + vendor_len, in->others, others_len);
	p->vendor_len = (uint16_t)vendor_len;
	p->len = (uint16_t)(vendor_len + others_len);
	p->signature = signature;
}

static void write_concluded(struct emit *j, const struct line_context *c, const struct record *r,
                            struct concluded *in)
{
	struct conclusions all UNINITIALIZED;

	record_conclude(c, r, &all);
	in->vendor = j->buf + j->len;
	write_best(j, c, &all, VENDOR);
	in->who = j->buf + j->len;
	write_who(j, c, r);
	in->others = j->buf + j->len;
	write_others(j, c, &all);
	in->end = j->buf + j->len;
}

/* What is concluded; of a host that is known by its address alone there is no MAC to speak of. */
static void write_conclusions(struct emit *j, const struct line_context *c, const struct record *r)
{
	const uint64_t signature = infer_signature(c->infer, r->facts, r->count, maker_of(r));
	struct phrase *const p = phrase_place(&c->phrases, signature);
	struct concluded in;

	if (p->signature == signature) {
		emit_again(j, p->text, p->vendor_len);
		write_who(j, c, r);
		emit_again(j, p->text + p->vendor_len, p->len - p->vendor_len);
		return;
	}
	write_concluded(j, c, r, &in);
	if (!j->full)
		phrase_keep(p, signature, &in);
}

/* Whom the record is of: where its object begins. */
static void write_whose(struct emit *j, const struct record *r)
{
	char *at = emit_room(j, KEY_ROOM + TEXT_ROOM(r->realm->len));
	bool whole;

	if (at == NULL)
		return;
	*at++ = '{';
	at = put_key(at, r);
	at = piece_literal(at, ",\"realm\":");
	emit_wrote(j, piece_text(at, (const uint8_t *)r->realm->s, r->realm->len, &whole));
}

/* How much was seen of it, and when. */
static void write_traffic(struct emit *j, const struct record *r)
{
	char *at = emit_room(j, SUPPORT_ROOM);

	if (at == NULL)
		return;
	at = piece_time(piece_literal(at, "\"first_seen\":\""), r->first_ns, j->times);
	at = piece_time(piece_literal(at, "\",\"last_seen\":\""), r->last_ns, j->times);
	at = digits_put(piece_literal(at, "\",\"packets\":"), r->packets);
	emit_wrote(j, digits_put(piece_literal(at, ",\"bytes\":"), r->bytes));
}

void write_record(struct emit *j, const struct line_context *c, const struct record *r)
{
	const size_t begin = j->len;

	write_whose(j, r);
	write_conclusions(j, c, r);
	write_traffic(j, r);
	const size_t omitted = write_facts(j, c, r, begin + RECORD_MAX - TAIL);
	if (omitted > 0) {
		emit_key(j, "facts_omitted");
		emit_number(j, omitted);
	}
	emit_close(j, '}');
}

void line_device(struct emit *j, const struct line_context *c, const struct record *r, bool full)
{
	static const char all[] = "\"full\":true,\"device\":",
			  some[] = "\"full\":false,\"device\":";

	emit_raw(j, full ? all : some, full ? sizeof all - 1 : sizeof some - 1);
	j->comma = false;
	write_record(j, c, r);
}
