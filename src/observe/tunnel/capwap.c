/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capwap.c - wireless access points that look for their controller, and the controllers: CAPWAP's
 * control messages.
 *
 * Before there is a DTLS session the two find each other in the clear (RFC 5415, 5): what is asked
 * and answered then is read here, and joining where it is not encrypted. A header in words of four
 * bytes (4.3), with the radio's MAC where its flag M says so; a message's type, number and length
 * (4.5.1); elements of type and length (4.6). Board data and versions are lists of their own, each
 * item with its vendor's number.
 *
 * Cisco speaks an older draft, seen on the wire: behind the number of radios stand two bytes of what
 * it can encrypt, where the RFC has a count and that many entries; versions are four bytes and no text;
 * a controller numbers its versions 0 and 1; and the access point's name is an element of the
 * vendor's. What is encrypted, or a fragment, tells nothing.
 */
#include "observe/observer.h"

enum { CAPWAP_PORT = 5246, CAPWAP_PLAIN = 0, CAPWAP_DTLS = 1, CAPWAP_WORD = 4, CAPWAP_HEAD = 8 };
enum { CAPWAP_FRAGMENT = 0x80, CAPWAP_RADIO_MAC = 0x10, CAPWAP_CISCO = 0x00409600 };
enum capwap_message {
	CAPWAP_DISCOVERY = 1,
	CAPWAP_DISCOVERED = 2,
	CAPWAP_JOIN = 3,
	CAPWAP_JOINED = 4,
	CAPWAP_CONFIGURATION = 5,
	CAPWAP_PRIMARY = 19,
	CAPWAP_PRIMARY_ANSWER = 20
};
enum capwap_element {
	CAPWAP_AC_DESCRIPTOR = 1,
	CAPWAP_AC_NAME = 4,
	CAPWAP_LOCATION = 28,
	CAPWAP_VENDOR = 37,
	CAPWAP_BOARD = 38,
	CAPWAP_DESCRIPTOR = 39,
	CAPWAP_NAME = 45
};
enum { CAPWAP_MODEL = 0, CAPWAP_SERIAL = 1, CAPWAP_BASE_MAC = 4, CAPWAP_CISCO_NAME = 5 };

struct capwap {
	uint8_t preamble;
	bool fragment, has_radio;
	struct mac radio;
	uint32_t type; /* of the message */
	struct cur elements;
};

/* ---- parse */

struct capwap_element_head {
	uint16_t type;
	struct cur value;
};

static bool capwap_element_parse(struct cur *in, struct capwap_element_head *e)
{
	e->type = cur_be16(in);
	e->value = cur_sub(in, cur_be16(in));
	return cur_ok(in);
}

static bool capwap_judge(struct cur elements)
{
	struct capwap_element_head e = {0};

	while (cur_more(&elements))
		if (!capwap_element_parse(&elements, &e))
			return false;
	return true;
}

/* The radio's MAC, its length before it; the rest of the header's options are read over (4.3). */
static void capwap_radio_parse(struct cur *in, struct capwap *c)
{
	if (cur_u8(in) != sizeof c->radio.b)
		return;
	cur_mac(in, &c->radio);
	c->has_radio = cur_ok(in) && mac_is_device(c->radio);
}

static bool capwap_header_parse(struct cur *in, struct capwap *c)
{
	const uint32_t words = cur_be16(in) >> 11;
	const uint8_t flags = cur_u8(in);

	c->fragment = (flags & CAPWAP_FRAGMENT) != 0;
	cur_skip(in, 4); /* of fragments */
	if (words * CAPWAP_WORD < CAPWAP_HEAD)
		return false;
	struct cur options = cur_sub(in, words * CAPWAP_WORD - (uint32_t)CAPWAP_HEAD);
	if ((flags & CAPWAP_RADIO_MAC) != 0)
		capwap_radio_parse(&options, c);
	return cur_ok(in);
}

/* The length counts what follows the number: itself and the flags too. */
static bool capwap_parse(struct cur *in, struct capwap *c)
{
	c->elements = cur_sub(in, 0);
	c->preamble = cur_u8(in);
	if (!cur_ok(in) || c->preamble != CAPWAP_PLAIN || !capwap_header_parse(in, c))
		return false;
	if (c->fragment)
		return true;
	c->type = cur_be32(in);
	cur_skip(in, 1); /* number */
	const uint16_t len = cur_be16(in);
	cur_skip(in, 1); /* flags */
	if (!cur_ok(in) || len < 3 || len - 3u != cur_left(in))
		return false;
	c->elements = cur_rest(in);
	return capwap_judge(c->elements);
}

/* An item of a descriptor: the vendor's number, type, length, value. */
struct capwap_item {
	uint32_t vendor;
	uint16_t type;
	struct cur value;
};

static bool capwap_item_parse(struct cur *in, struct capwap_item *i)
{
	i->vendor = cur_be32(in);
	i->type = cur_be16(in);
	i->value = cur_sub(in, cur_be16(in));
	return cur_ok(in);
}

static bool capwap_items_judge(struct cur items)
{
	struct capwap_item i = {0};

	while (cur_more(&items))
		if (!capwap_item_parse(&items, &i))
			return false;
	return true;
}

/* What stands before the items of an access point's descriptor: as the RFC has it, or the draft. */
struct capwap_descriptor {
	struct cur items;
};

static bool capwap_descriptor_parse(struct cur *in, struct capwap_descriptor *d)
{
	struct cur draft = *in;

	cur_skip(in, 2); /* radios */
	cur_skip(in, cur_u8(in) * 3u);
	d->items = cur_rest(in);
	if (cur_ok(in) && capwap_items_judge(d->items))
		return true;
	cur_skip(&draft, 4);
	d->items = cur_rest(&draft);
	return cur_ok(&draft) && capwap_items_judge(d->items);
}

/* Zeros at its end fill up a field. */
static bool capwap_text_parse(struct cur *in, struct text *text)
{
	cur_text(in, cur_left(in), text);
	text_trim(text);
	bool printable = text->len > 0;
	for (unsigned i = 0; i < TEXT_MAX && i < text->len; i++)
		printable = printable && text_byte(text->s[i]) >= 0x20;
	return printable;
}

/* A text, or four numbers. */
static bool capwap_version_parse(struct cur *in, struct text *text)
{
	struct cur numbers = *in;

	if (capwap_text_parse(in, text))
		return true;
	text_clear(text);
	if (cur_left(&numbers) != 4)
		return false;
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0)
			text_put(text, '.');
		text_decimal(text, cur_u8(&numbers));
	}
	return true;
}

/* ---- tell */

static void capwap_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                             struct cur value)
{
	struct text text = {0};

	if (capwap_text_parse(&value, &text))
		tell_string(t, p, sender(p), kind, &text);
}

static void capwap_tell_mac(struct task *t, const struct packet *p, enum fact_kind kind,
                            struct mac mac)
{
	char text[MAC_TEXT];

	if (mac_is_device(mac))
		tell_word(t, p, sender(p), kind, mac_format(mac, text));
}

/* The vendor's number, then items of type, length, value (4.6.40). */
static void capwap_tell_board(struct task *t, const struct packet *p, struct cur board)
{
	struct capwap_element_head item = {0};

	cur_skip(&board, 4);
	if (!capwap_judge(board))
		return;
	while (cur_more(&board) && capwap_element_parse(&board, &item)) {
		struct mac mac = {{0}};
		if (item.type == CAPWAP_MODEL)
			capwap_tell_text(t, p, FACT_CAPWAP_MODEL, item.value);
		if (item.type == CAPWAP_SERIAL)
			capwap_tell_text(t, p, FACT_CAPWAP_SERIAL, item.value);
		if (item.type != CAPWAP_BASE_MAC || cur_left(&item.value) != sizeof mac.b)
			continue;
		cur_mac(&item.value, &mac);
		capwap_tell_mac(t, p, FACT_CAPWAP_BASE_MAC, mac);
	}
}

/* Numbers of an access point's versions begin with 0, of a controller's with 4 (4.6.1, 4.6.41). */
static void capwap_tell_versions(struct task *t, const struct packet *p, struct cur items,
                                 bool controller)
{
	struct capwap_item i = {0};

	while (cur_more(&items) && capwap_item_parse(&items, &i)) {
		const uint16_t first = controller && i.vendor != CAPWAP_CISCO ? 4 : 0;
		struct text text = {0};
		if (i.type < first || i.type > first + 1 || !capwap_version_parse(&i.value, &text))
			continue;
		tell_string(t, p, sender(p),
		            i.type == first ? FACT_CAPWAP_HARDWARE : FACT_CAPWAP_SOFTWARE, &text);
	}
}

static void capwap_tell_vendor(struct task *t, const struct packet *p, struct cur value)
{
	if (cur_be32(&value) == CAPWAP_CISCO && cur_be16(&value) == CAPWAP_CISCO_NAME)
		capwap_tell_text(t, p, FACT_CAPWAP_NAME, value);
}

static void capwap_tell_point(struct task *t, const struct packet *p, struct capwap_element_head *e)
{
	struct capwap_descriptor d = {0};

	if (e->type == CAPWAP_LOCATION)
		capwap_tell_text(t, p, FACT_CAPWAP_LOCATION, e->value);
	if (e->type == CAPWAP_NAME)
		capwap_tell_text(t, p, FACT_CAPWAP_NAME, e->value);
	if (e->type == CAPWAP_VENDOR)
		capwap_tell_vendor(t, p, e->value);
	if (e->type == CAPWAP_BOARD)
		capwap_tell_board(t, p, e->value);
	if (e->type == CAPWAP_DESCRIPTOR && capwap_descriptor_parse(&e->value, &d))
		capwap_tell_versions(t, p, d.items, false);
}

static void capwap_tell_controller(struct task *t, const struct packet *p,
                                   struct capwap_element_head *e)
{
	if (e->type == CAPWAP_AC_NAME)
		capwap_tell_text(t, p, FACT_CAPWAP_AC_NAME, e->value);
	if (e->type != CAPWAP_AC_DESCRIPTOR)
		return;
	cur_skip(&e->value, 12); /* stations, access points, what it demands */
	if (capwap_items_judge(e->value))
		capwap_tell_versions(t, p, e->value, true);
}

/* ---- judge */

static bool capwap_is_controller(const struct packet *p, const struct capwap *c)
{
	return p->from_port.n == CAPWAP_PORT &&
	       (c->type == CAPWAP_DISCOVERED || c->type == CAPWAP_JOINED ||
	        c->type == CAPWAP_PRIMARY_ANSWER);
}

static bool capwap_is_point(const struct packet *p, const struct capwap *c)
{
	return p->to_port.n == CAPWAP_PORT &&
	       (c->type == CAPWAP_DISCOVERY || c->type == CAPWAP_JOIN ||
	        c->type == CAPWAP_CONFIGURATION || c->type == CAPWAP_PRIMARY);
}

static void capwap_tell(struct task *t, const struct packet *p, struct capwap *c, bool controller)
{
	struct capwap_element_head e = {0};

	tell_word(t, p, sender(p), FACT_ROLE, controller ? "wlan-controller" : "access-point");
	if (!controller && c->has_radio)
		capwap_tell_mac(t, p, FACT_CAPWAP_RADIO, c->radio);
	while (cur_more(&c->elements) && capwap_element_parse(&c->elements, &e)) {
		if (controller)
			capwap_tell_controller(t, p, &e);
		else
			capwap_tell_point(t, p, &e);
	}
}

static enum verdict capwap_packet(struct task *t, struct packet *p, void *state)
{
	struct capwap c = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!capwap_parse(&p->rest, &c))
		return c.preamble == CAPWAP_DTLS ? NOTHING : NOT_MINE;
	if (c.fragment || !(capwap_is_controller(p, &c) || capwap_is_point(p, &c)))
		return NOTHING;
	capwap_tell(t, p, &c, capwap_is_controller(p, &c));
	return LEARNED;
}

SHOW(capwap, struct capwap, FIELD(struct capwap, preamble, SHOW_HEX),
     FIELD(struct capwap, fragment, SHOW_BOOL), FIELD(struct capwap, has_radio, SHOW_BOOL),
     FIELD(struct capwap, radio, SHOW_MAC), FIELD(struct capwap, type, SHOW_NUMBER))

const struct observer observer_capwap = {
	.name = "capwap",
	.about = "wireless access points and their controllers",
	.spec = "RFC 5415, draft-ietf-capwap-protocol-specification",
	.claims = CLAIMS({UDP_PORT, CAPWAP_PORT, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 95}, {FACT_CAPWAP_AC_NAME, SAYS, 90},
                       {FACT_CAPWAP_NAME, SAYS, 90}, {FACT_CAPWAP_LOCATION, SAYS, 85},
                       {FACT_CAPWAP_MODEL, SAYS, 90}, {FACT_CAPWAP_SERIAL, SAYS, 90},
                       {FACT_CAPWAP_BASE_MAC, SAYS, 90}, {FACT_CAPWAP_RADIO, SAYS, 90},
                       {FACT_CAPWAP_HARDWARE, SAYS, 85}, {FACT_CAPWAP_SOFTWARE, SAYS, 90}),
	.shows = SHOWS(&capwap_show),
	.packet = capwap_packet,
};

PROVE(capwap_parse, struct capwap)
PROVE(capwap_element_parse, struct capwap_element_head)
PROVE(capwap_item_parse, struct capwap_item)
PROVE(capwap_descriptor_parse, struct capwap_descriptor)
PROVE(capwap_version_parse, struct text)
