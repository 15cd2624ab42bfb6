/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hsrp.c - Cisco's routers that stand in for each other, and the address that they share.
 *
 * Version 1 is twenty bytes (RFC 2281, 5); an advertisement of interfaces has the same first two
 * and names no group. Version 2 is a list of types and lengths, the first of them the group:
 * version, operation, state, IP version, number, the router's own MAC, priority, timers, address.
 * Each router of the group sends, and each names the address; only the active one has it, and
 * sends from the group's virtual MAC. The word "cisco" in version 1 keeps nobody out: it is not
 * told.
 */
#include "observe/observer.h"

enum { HSRP_PORT = 1985, HSRP_PORT_6 = 2029, HSRP_RESIGN = 2, HSRP_ADVERTISE = 3 };
enum { HSRP_ACTIVE_1 = 16, HSRP_ACTIVE_2 = 6, HSRP_GROUP_STATE = 1, HSRP_GROUP_LEN = 40 };

struct hsrp {
	uint8_t version, operation, state;
	bool active, six;
	uint16_t group;
	struct mac router; /* version 2 */
	struct ip4 v4;
	struct ip6 v6;
};

static bool hsrp_1_parse(struct cur *in, struct hsrp *h)
{
	h->operation = cur_u8(in);
	if (h->operation == HSRP_ADVERTISE)
		return cur_ok(in);
	h->state = cur_u8(in);
	cur_skip(in, 3); /* timers, priority */
	h->group = cur_u8(in);
	cur_skip(in, 9); /* reserved, authentication */
	cur_ip4(in, &h->v4);
	h->active = h->state == HSRP_ACTIVE_1;
	return cur_ok(in) && h->operation < HSRP_ADVERTISE && h->state <= HSRP_ACTIVE_1;
}

static bool hsrp_2_parse(struct cur *in, struct hsrp *h)
{
	const uint8_t len = cur_u8(in);

	h->version = cur_u8(in);
	h->operation = cur_u8(in);
	h->state = cur_u8(in);
	const uint8_t family = cur_u8(in);
	h->six = family == 6;
	h->group = cur_be16(in);
	cur_mac(in, &h->router);
	cur_skip(in, 12); /* priority, timers */
	if (h->six) {
		cur_ip6(in, &h->v6);
	} else {
		cur_ip4(in, &h->v4);
		cur_skip(in, 12);
	}
	h->active = h->state == HSRP_ACTIVE_2;
	return cur_ok(in) && len == HSRP_GROUP_LEN && h->version == 2 && (h->six || family == 4) &&
	       h->operation <= HSRP_RESIGN && h->state <= HSRP_ACTIVE_2;
}

/* Version 1 begins with its number 0, version 2 with the type of its first field. */
static bool hsrp_parse(struct cur *in, struct hsrp *h)
{
	const uint8_t first = cur_u8(in);

	if (first == 0)
		return hsrp_1_parse(in, h);
	return first == HSRP_GROUP_STATE && hsrp_2_parse(in, h);
}

static void hsrp_tell_router(struct task *t, const struct packet *p, const struct hsrp *h)
{
	char text[MAC_TEXT];

	if (h->version == 2 && mac_is_device(h->router))
		tell_word(t, p, sender_link(p), FACT_HSRP_ROUTER, mac_format(h->router, text));
}

static enum verdict hsrp_packet(struct task *t, struct packet *p, void *state)
{
	struct hsrp h = {0};
	char text[IP_TEXT];

	(void)state;
	if (!hsrp_parse(&p->rest, &h))
		return p->cut ? MALFORMED : NOT_MINE;
	tell_word(t, p, sender(p), FACT_ROLE, "router");
	if (h.version == 0 && h.operation == HSRP_ADVERTISE)
		return LEARNED;
	tell_number(t, p, sender(p), FACT_HSRP_GROUP, h.group);
	hsrp_tell_router(t, p, &h);
	const struct ip ip = h.six ? ip_from6(h.v6) : ip_from4(h.v4);
	if (!ip_is_host(&ip))
		return LEARNED;
	tell_word(t, p, sender(p), FACT_HSRP_IP, ip_format(&ip, text));
	if (h.active && h.operation == 0 && mac_is_device(p->source))
		tell_address(t, p, p->source, ip);
	return LEARNED;
}

SHOW(hsrp, struct hsrp, FIELD(struct hsrp, version, SHOW_NUMBER),
     FIELD(struct hsrp, operation, SHOW_NUMBER), FIELD(struct hsrp, state, SHOW_NUMBER),
     FIELD(struct hsrp, group, SHOW_NUMBER), FIELD(struct hsrp, active, SHOW_BOOL),
     FIELD(struct hsrp, router, SHOW_MAC), FIELD(struct hsrp, v4, SHOW_IP4))

const struct observer observer_hsrp = {
	.name = "hsrp",
	.about = "Cisco routers that share an address (HSRP)",
	.spec = "RFC 2281; version 2: Cisco",
	.claims = CLAIMS({UDP_PORT, HSRP_PORT, NULL}, {UDP_PORT, HSRP_PORT_6, NULL}),
	.tells =
		TELLS({FACT_ROLE, SAYS, 95}, {FACT_HSRP_GROUP, SAYS, 90}, {FACT_HSRP_IP, SAYS, 90},
                      {FACT_HSRP_ROUTER, SAYS, 90}, {FACT_IPV4, OWNER, 90}, {FACT_IPV6, OWNER, 90}),
	.shows = SHOWS(&hsrp_show),
	.packet = hsrp_packet,
};

PROVE(hsrp_parse, struct hsrp)
