/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coap.c - small devices: the resources that they list (RFC 7252, RFC 6690), and what Shelly's devices
 * announce of themselves (CoIoT).
 *
 * A message has a token and options, each with the distance of its number from the one before. An
 * answer 2.05 in link format is a server's list of its resources: <path>, with types in rt. Where
 * the list comes in blocks only the first is read, and of it what is whole. Shelly sends to all,
 * every some seconds, with option 3332: the model, the device's id and a revision, by #.
 */
#include "observe/shared/message.h"

enum { COAP_PORT = 5683, COAP_CONTENT = 0x45, COAP_LINK_FORMAT = 40, COAP_OPTIONS = 32 };
enum { COAP_LINKS = 64, COAP_ATTRIBUTES = 16, COAP_BETWEEN = ';' };
enum { COAP_CONTENT_FORMAT = 12, COAP_BLOCK2 = 23, COAP_COIOT = 3332 };

struct coap {
	uint8_t code;
	uint32_t format; /* of the content; UINT32_MAX: not said */
	uint32_t block;  /* its number, whether more follow, its size */
	struct cur device, content;
};

/* Four bits, or 13 and a byte, or 269 and two (3.1). */
static uint32_t coap_extended(struct cur *in, uint32_t nibble)
{
	if (nibble == 13)
		return 13u + cur_u8(in);
	if (nibble == 14)
		return 269u + cur_be16(in);
	if (nibble == 15)
		cur_fail(in);
	return nibble;
}

static uint32_t coap_number(struct cur value)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < 4 && cur_left(&value) > 0; i++)
		n = n << 8 | cur_u8(&value);
	return n;
}

static void coap_option_parse(struct cur value, uint32_t number, struct coap *m)
{
	if (number == COAP_CONTENT_FORMAT)
		m->format = coap_number(value);
	if (number == COAP_BLOCK2)
		m->block = coap_number(value);
	if (number == COAP_COIOT)
		m->device = cur_rest(&value);
}

/* True at the byte before the content. */
static bool coap_options_parse(struct cur *in, struct coap *m)
{
	uint32_t number = 0;

	for (unsigned i = 0; i < COAP_OPTIONS && cur_more(in); i++) {
		const uint8_t head = cur_u8(in);
		if (head == 0xff)
			return cur_left(in) > 0;
		number += coap_extended(in, head >> 4);
		const uint32_t len = coap_extended(in, head & 15);
		coap_option_parse(cur_sub(in, len), number, m);
	}
	return cur_ok(in) && cur_left(in) == 0;
}

static bool coap_parse(struct cur *in, struct coap *m)
{
	const uint8_t first = cur_u8(in);

	m->format = UINT32_MAX;
	m->device = cur_sub(in, 0);
	m->content = cur_sub(in, 0);
	m->code = cur_u8(in);
	cur_skip(in, 2u + (first & 15u));
	if (first >> 6 != 1 || (first & 15) > 8 || !coap_options_parse(in, m))
		return false;
	m->content = cur_rest(in);
	return cur_ok(in);
}

/* A link of a list (RFC 6690, 2). */
struct coap_link {
	struct cur path, type;
	bool last; /* no comma behind it: what is cut off may follow */
};

/* ;name, ;name=token or ;name="text" */
static void coap_attribute_parse(struct cur *in, struct coap_link *link)
{
	cur_skip(in, 1);
	struct cur name = cur_token(in, "=;,");
	const bool is_type = cur_left(&name) == 2 && cur_is(&name, "rt");

	if (!cur_is(in, "="))
		return;
	struct cur value = cur_is(in, "\"") ? cur_until(in, '"') : cur_token(in, ";,");
	if (is_type)
		link->type = cur_rest(&value);
}

static bool coap_link_parse(struct cur *in, struct coap_link *link)
{
	link->type = cur_sub(in, 0);
	if (!cur_is(in, "<"))
		return false;
	link->path = cur_until(in, '>');
	for (unsigned i = 0; i < COAP_ATTRIBUTES && cur_peek8(in) == COAP_BETWEEN; i++)
		coap_attribute_parse(in, link);
	link->last = !cur_is(in, ",");
	return cur_ok(in) && (!link->last || cur_left(in) == 0);
}

struct coap_links {
	uint32_t count;
};

/* The whole list; a block's last link may be cut. */
static bool coap_links_parse(struct cur *in, struct coap_links *all)
{
	for (unsigned i = 0; i < COAP_LINKS && cur_more(in); i++) {
		struct coap_link link = {0};
		if (!coap_link_parse(in, &link))
			return false;
		all->count++;
	}
	return cur_ok(in) && all->count > 0;
}

/* ---- telling */

static enum verdict coap_tell_links(struct task *t, const struct packet *p, const struct coap *m)
{
	const bool more = (m->block & 8) != 0;
	struct cur judged = m->content, links = m->content;
	struct coap_links all = {0};

	if (m->block >> 4 != 0)
		return NOTHING;
	if (!coap_links_parse(&judged, &all) && !more)
		return MALFORMED;
	for (unsigned i = 0; i < COAP_LINKS && cur_more(&links); i++) {
		struct coap_link link = {0};
		if (!coap_link_parse(&links, &link) || (link.last && more))
			break;
		tell_readable(t, p, FACT_COAP_RESOURCE, link.path);
		tell_readable(t, p, FACT_COAP_TYPE, link.type);
	}
	return LEARNED;
}

static enum verdict coap_packet(struct task *t, struct packet *p, void *state)
{
	struct coap m = {0};

	(void)state;
	if (!coap_parse(&p->rest, &m))
		return NOT_MINE;
	if (p->cut)
		return NOTHING;
	if (is_readable(m.device)) {
		tell_text(t, p, sender(p), FACT_COAP_DEVICE, m.device);
		return LEARNED;
	}
	if (m.code != COAP_CONTENT || m.format != COAP_LINK_FORMAT)
		return NOTHING;
	return coap_tell_links(t, p, &m);
}

SHOW(coap, struct coap, FIELD(struct coap, code, SHOW_HEX), FIELD(struct coap, format, SHOW_NUMBER),
     FIELD(struct coap, block, SHOW_NUMBER))
SHOW(coap_links, struct coap_links, FIELD(struct coap_links, count, SHOW_NUMBER))

const struct observer observer_coap = {
	.name = "coap",
	.about = "small devices and their resources",
	.spec = "RFC 7252, RFC 6690, RFC 7959, CoIoT",
	.claims = CLAIMS({UDP_PORT, COAP_PORT, NULL}),
	.tells = TELLS({FACT_COAP_RESOURCE, SAYS, 90}, {FACT_COAP_TYPE, SAYS, 90},
                       {FACT_COAP_DEVICE, SAYS, 95}),
	.shows = SHOWS(&coap_show, &coap_links_show),
	.packet = coap_packet,
};

PROVE(coap_parse, struct coap)
PROVE(coap_links_parse, struct coap_links)
