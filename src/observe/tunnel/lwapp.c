/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwapp.c - wireless access points and controllers that speak CAPWAP's ancestor.
 *
 * A header of six bytes says version, radio, whether it is control, a fragment and its number, the
 * length of what follows, and signal or networks (RFC 5412, 3.3); a control message its type, number,
 * length and session (4.1). To the controller's port the access point puts a MAC before all of it, by
 * which it is known. Discovering and joining is read: who asks is an access point, who answers a
 * controller. Over the link alone (3.2) there is neither port nor that MAC. What the messages hold is
 * encrypted for the most part, and read over.
 */
#include "observe/observer.h"

enum { LWAPP_PORT = 12223, LWAPP_ETHERTYPE = 0x88bb };
enum { LWAPP_VERSION = 0xc0, LWAPP_CONTROL = 0x04, LWAPP_FRAGMENT = 0x03, LWAPP_HEAD = 8 };
enum lwapp_message { LWAPP_DISCOVERY = 1, LWAPP_DISCOVERED, LWAPP_JOIN, LWAPP_JOINED };

struct lwapp {
	bool identified;
	struct mac identity;
	uint8_t flags, type;
	uint16_t length; /* of the message's elements */
};

/* `identified`: a MAC stands before it. */
static bool lwapp_parse_as(struct cur *in, bool identified, struct lwapp *l)
{
	l->identified = identified;
	if (identified)
		cur_mac(in, &l->identity);
	l->flags = cur_u8(in);
	cur_skip(in, 1); /* of a fragment */
	const uint16_t rest = cur_be16(in);
	cur_skip(in, 2); /* signal, networks */
	const uint32_t left = cur_left(in);
	l->type = cur_u8(in);
	cur_skip(in, 1); /* number */
	l->length = cur_be16(in);
	cur_skip(in, 4); /* session */
	return cur_ok(in) && (l->flags & LWAPP_VERSION) == 0 && (l->flags & LWAPP_CONTROL) != 0 &&
	       (l->flags & LWAPP_FRAGMENT) == 0 && rest == left &&
	       l->length + (uint32_t)LWAPP_HEAD == left && l->type >= LWAPP_DISCOVERY &&
	       l->type <= LWAPP_JOINED;
}

/* Who asks over IP says first who he is: with a MAC in front its length fits, without it does not. */
static bool lwapp_parse(struct cur *in, struct lwapp *l)
{
	struct cur plain = *in;

	if (lwapp_parse_as(&plain, false, l))
		return true;
	return lwapp_parse_as(in, true, l) && mac_is_device(l->identity);
}

static bool lwapp_is_point(const struct lwapp *l)
{
	return l->type == LWAPP_DISCOVERY || l->type == LWAPP_JOIN;
}

/* Over IP the controller's port says who is who. */
static bool lwapp_is_believed(const struct packet *p, const struct lwapp *l)
{
	if (p->from.family == 0)
		return !l->identified;
	return lwapp_is_point(l) ? l->identified && p->to_port.n == LWAPP_PORT
	                         : !l->identified && p->from_port.n == LWAPP_PORT;
}

static enum verdict lwapp_packet(struct task *t, struct packet *p, void *state)
{
	struct lwapp l = {0};
	char text[MAC_TEXT];

	(void)state;
	if (p->cut || !lwapp_parse(&p->rest, &l) || !lwapp_is_believed(p, &l))
		return p->cut ? MALFORMED : NOT_MINE;
	tell_word(t, p, sender(p), FACT_ROLE,
	          lwapp_is_point(&l) ? "access-point" : "wlan-controller");
	if (l.identified)
		tell_word(t, p, sender(p), FACT_LWAPP_IDENTITY, mac_format(l.identity, text));
	return LEARNED;
}

SHOW(lwapp, struct lwapp, FIELD(struct lwapp, identified, SHOW_BOOL),
     FIELD(struct lwapp, identity, SHOW_MAC), FIELD(struct lwapp, flags, SHOW_HEX),
     FIELD(struct lwapp, type, SHOW_NUMBER), FIELD(struct lwapp, length, SHOW_NUMBER))

const struct observer observer_lwapp = {
	.name = "lwapp",
	.about = "wireless access points and controllers that speak LWAPP",
	.spec = "RFC 5412",
	.claims = CLAIMS({UDP_PORT, LWAPP_PORT, NULL}, {ETHERTYPE, LWAPP_ETHERTYPE, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 90}, {FACT_LWAPP_IDENTITY, SAYS, 90}),
	.shows = SHOWS(&lwapp_show),
	.packet = lwapp_packet,
};

PROVE(lwapp_parse, struct lwapp)
