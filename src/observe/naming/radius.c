/* SPDX-License-Identifier: Apache-2.0 */
/*
 * radius.c - switches and access points that ask a RADIUS server, and the servers.
 *
 * Requests (RFC 2865, 3; RFC 2866, 3) come from the device at whose port somebody wants in: it
 * names itself (NAS-Identifier) and its port's address and network (Called-Station-Id; RFC 3580,
 * 3.20). A proxy passes a request on with a Proxy-State of its own (2865, 5.33): of such nothing is
 * told, the sender is another. Whoever answers from one of the protocol's ports is a server.
 *
 * Users and their passwords are read over.
 */
#include "observe/observer.h"

enum {
	RADIUS_PORT = 1812,
	RADIUS_ACCOUNTING_PORT = 1813,
	RADIUS_OLD_PORT = 1645,
	RADIUS_OLD_ACCOUNTING_PORT = 1646
};
enum { RADIUS_HEAD = 20, RADIUS_MAX = 4096 };
enum radius_code {
	RADIUS_REQUEST = 1,
	RADIUS_ACCEPT = 2,
	RADIUS_REJECT = 3,
	RADIUS_ACCOUNTING = 4,
	RADIUS_ACCOUNTED = 5,
	RADIUS_CHALLENGE = 11,
	RADIUS_STATUS = 12
};
enum radius_type { RADIUS_CALLED = 30, RADIUS_NAS_ID = 32, RADIUS_PROXY_STATE = 33 };

struct radius {
	uint8_t code;
	uint16_t length;
	bool proxied;
	struct cur nas, called; /* the last of each */
	uint32_t count;         /* attributes */
};

/* ---- parse */

/* Type, length of all three, value. */
static void radius_attribute_parse(struct cur *in, struct radius *r)
{
	const uint8_t type = cur_u8(in);
	const uint8_t len = cur_u8(in);
	struct cur value = cur_sub(in, len < 2 ? CUR_MAX : len - 2u);

	if (type == RADIUS_NAS_ID)
		r->nas = cur_rest(&value);
	if (type == RADIUS_CALLED)
		r->called = cur_rest(&value);
	if (type == RADIUS_PROXY_STATE)
		r->proxied = true;
	r->count += 1;
}

static bool radius_is_code(uint8_t code)
{
	return (code >= RADIUS_REQUEST && code <= RADIUS_ACCOUNTED) || code == RADIUS_CHALLENGE ||
	       code == RADIUS_STATUS;
}

static bool radius_parse(struct cur *in, struct radius *r)
{
	r->nas = cur_sub(in, 0);
	r->called = cur_sub(in, 0);
	r->code = cur_u8(in);
	cur_skip(in, 1);
	r->length = cur_be16(in);
	cur_skip(in, 16);
	if (!cur_ok(in) || !radius_is_code(r->code) || r->length < RADIUS_HEAD ||
	    r->length > RADIUS_MAX)
		return false;
	struct cur attributes = cur_sub(in, r->length - (uint32_t)RADIUS_HEAD);
	while (cur_more(&attributes))
		radius_attribute_parse(&attributes, r);
	return cur_ok(in) && cur_ok(&attributes);
}

/* ---- tell */

static void radius_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                             struct cur value)
{
	struct text text;

	cur_text(&value, cur_left(&value), &text);
	text_trim(&text);
	if (text.len > 0)
		tell_string(t, p, sender(p), kind, &text);
}

static bool radius_is_port(struct port port)
{
	return port.n == RADIUS_PORT || port.n == RADIUS_ACCOUNTING_PORT ||
	       port.n == RADIUS_OLD_PORT || port.n == RADIUS_OLD_ACCOUNTING_PORT;
}

static enum verdict radius_packet(struct task *t, struct packet *p, void *state)
{
	struct radius r = {0};

	(void)state;
	if (!radius_parse(&p->rest, &r))
		return p->cut || (radius_is_code(r.code) && r.length >= RADIUS_HEAD &&
		                  r.length <= RADIUS_MAX)
		               ? MALFORMED
		               : NOT_MINE;
	if (r.code == RADIUS_STATUS)
		return NOTHING;
	if (r.code != RADIUS_REQUEST && r.code != RADIUS_ACCOUNTING) {
		if (!radius_is_port(p->from_port))
			return NOTHING;
		tell_word(t, p, sender(p), FACT_ROLE, "radius-server");
		return LEARNED;
	}
	if (r.proxied || !radius_is_port(p->to_port))
		return NOTHING;
	radius_tell_text(t, p, FACT_RADIUS_NAS_ID, r.nas);
	radius_tell_text(t, p, FACT_RADIUS_CALLED_STATION, r.called);
	return LEARNED;
}

SHOW(radius, struct radius, FIELD(struct radius, code, SHOW_NUMBER),
     FIELD(struct radius, length, SHOW_NUMBER), FIELD(struct radius, count, SHOW_NUMBER),
     FIELD(struct radius, proxied, SHOW_BOOL))

const struct observer observer_radius = {
	.name = "radius",
	.about = "RADIUS servers, and the switches and access points that ask them",
	.spec = "RFC 2865, RFC 2866, RFC 3580",
	.claims = CLAIMS({UDP_PORT, RADIUS_PORT, NULL}, {UDP_PORT, RADIUS_ACCOUNTING_PORT, NULL},
                         {UDP_PORT, RADIUS_OLD_PORT, NULL},
                         {UDP_PORT, RADIUS_OLD_ACCOUNTING_PORT, NULL}),
	.tells = TELLS({FACT_RADIUS_NAS_ID, SAYS, 90}, {FACT_RADIUS_CALLED_STATION, SAYS, 85},
                       {FACT_ROLE, SAYS, 90}),
	.shows = SHOWS(&radius_show),
	.packet = radius_packet,
};

PROVE(radius_parse, struct radius)
