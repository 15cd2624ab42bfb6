/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_parse.c - `parse`, `field` and `refused`: a parser alone, by its SHOW table.
 *
 * The bytes lie in a heap block of their size. The parser is also given every truncation of
 * them: it may say what it likes, but must not read past the end.
 */
#include "case.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parsed {
	const struct shown *shown;
	void *out;
	bool accepted;
};

static const struct shown *shown_by_name(const char *name)
{
	for (unsigned i = 0; i < observer_count; i++)
		for (const struct shown *const *s = observers[i]->shows; s && *s; s++)
			if (strcmp((*s)->name, name) == 0)
				return *s;
	return NULL;
}

static bool parse_exactly(const struct shown *shown, const uint8_t *bytes, size_t len, void *out)
{
	uint8_t *block = malloc(len > 0 ? len : 1);

	if (len > 0)
		memcpy(block, bytes, len);
	struct cur in = cur_make(block, len);
	memset(out, 0, shown->size);
	const bool accepted = shown->parse(&in, out);
	free(block);
	return accepted;
}

static bool parse_all(const struct case_file *c, const struct statement *s, struct parsed *p)
{
	struct bytes b = {0};

	p->shown = s->count > 1 ? shown_by_name(s->tokens[1].s) : NULL;
	if (!p->shown || !statement_bytes(c, s, 2, &b)) {
		case_fails(c, s->line, "wanted: parse NAME BYTES, of a parser with a SHOW table");
		bytes_free(&b);
		return false;
	}
	free(p->out);
	p->out = malloc(p->shown->size);
	for (size_t len = 0; len < b.len; len++)
		(void)parse_exactly(p->shown, b.at, len, p->out);
	p->accepted = parse_exactly(p->shown, b.at, b.len, p->out);
	bytes_free(&b);
	return true;
}

/* ---- fields ---- */

static uint64_t field_number(const uint8_t *at, size_t size)
{
	uint64_t n8 = 0;
	uint32_t n4 = 0;
	uint16_t n2 = 0;

	if (size == 8)
		return memcpy(&n8, at, 8), n8;
	if (size == 4)
		return memcpy(&n4, at, 4), n4;
	if (size == 2)
		return memcpy(&n2, at, 2), n2;
	return *at;
}

static bool number_matches(const struct field *f, const uint8_t *at, const char *wanted)
{
	char *end = NULL;
	const uint64_t n = strtoull(wanted, &end, f->show == SHOW_HEX ? 16 : 0);

	return *wanted && !*end && n == field_number(at, f->size);
}

static bool address_matches(const struct field *f, const uint8_t *at, const char *wanted)
{
	struct mac mac, want_mac;
	struct ip ip = {.family = f->show == SHOW_IP4 ? 4 : 6}, want_ip;

	if (f->show == SHOW_MAC) {
		memcpy(mac.b, at, sizeof mac.b);
		return mac_parse(wanted, &want_mac) && mac_equal(mac, want_mac);
	}
	memcpy(ip.b, at, f->size);
	return ip_parse(wanted, &want_ip) && ip_equal(&ip, &want_ip);
}

/* Hex digits, then nothing but zeros to the end of the field. */
static bool bytes_match(const struct field *f, const uint8_t *at, const char *wanted)
{
	char byte[3] = "00";
	size_t i = 0;

	for (; wanted[2 * i] && wanted[2 * i + 1] && i < f->size; i++) {
		memcpy(byte, wanted + 2 * i, 2);
		if (strtoul(byte, NULL, 16) != at[i])
			return false;
	}
	if (wanted[2 * i])
		return false;
	while (i < f->size && at[i] == 0)
		i++;
	return i == f->size;
}

static bool field_matches(const struct field *f, const uint8_t *at, const struct token *wanted)
{
	const struct text *text = (const struct text *)(const void *)at;

	switch (f->show) {
	case SHOW_NUMBER:
	case SHOW_HEX:
		return number_matches(f, at, wanted->s);
	case SHOW_BOOL:
		return strcmp(wanted->s, *at ? "true" : "false") == 0;
	case SHOW_MAC:
	case SHOW_IP4:
	case SHOW_IP6:
		return address_matches(f, at, wanted->s);
	case SHOW_TEXT:
		return f->size == sizeof *text && text->len == wanted->len &&
		       memcmp(text->s, wanted->s, wanted->len) == 0;
	case SHOW_BYTES:
		return bytes_match(f, at, wanted->s);
	}
	return false;
}

static void check_field(const struct case_file *c, const struct statement *s,
                        const struct parsed *p)
{
	if (s->count != 3 || !p->out || !p->accepted) {
		case_fails(c, s->line,
		           p->out && !p->accepted ? "refused"
		                                  : "wanted, after parse: field NAME VALUE");
		return;
	}
	for (unsigned i = 0; i < p->shown->field_count; i++) {
		const struct field *f = &p->shown->fields[i];
		if (strcmp(f->name, s->tokens[1].s) != 0)
			continue;
		if (!field_matches(f, (const uint8_t *)p->out + f->offset, &s->tokens[2]))
			case_fails(c, s->line, "%s is not %s", f->name, s->tokens[2].s);
		return;
	}
	case_fails(c, s->line, "%s has no field %s", p->shown->name, s->tokens[1].s);
}

static void check_refused(const struct case_file *c, const struct statement *s,
                          const struct parsed *p)
{
	if (s->count != 2 || !s->tokens[1].quoted || !p->out)
		case_fails(c, s->line, "wanted, after parse: refused \"why\"");
	else if (p->accepted)
		case_fails(c, s->line, "accepted, though %s", s->tokens[1].s);
}

void check_parses(const struct case_file *c)
{
	struct parsed p = {0};

	for (unsigned i = 0; i < c->count; i++) {
		const struct statement *s = &c->statements[i];
		if (statement_is(s, "parse") && !parse_all(c, s, &p))
			break;
		if (statement_is(s, "field"))
			check_field(c, s, &p);
		if (statement_is(s, "refused"))
			check_refused(c, s, &p);
	}
	free(p.out);
}
