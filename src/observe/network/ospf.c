/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ospf.c - routers that speak OSPF, versions 2 and 3.
 *
 * Each message begins with version, type, length, the sender's router id and its area (RFC 2328,
 * A.3.1; RFC 5340, A.3.1). Whoever speaks it is a router. Only what stays on the link is its own:
 * hop limit 1, or 255 where that is asked for. Over virtual links messages cross routers, and are
 * passed over. Version 2 may carry a password in the clear (D.2): that it does is told. An update
 * has room for as many announcements as it counts, each of at least 20 bytes (A.3.5, A.4.1).
 */
#include "observe/observer.h"

enum { OSPF_HELLO = 1, OSPF_UPDATE = 4, OSPF_TYPES = 5, OSPF_PASSWORD = 1 };
enum { OSPF_HEADER_2 = 24, OSPF_HEADER_3 = 16, OSPF_LSA_HEADER = 20 };

struct ospf {
	uint8_t version, type;
	bool password;
	struct ip4 router, area;
};

static bool ospf_parse(struct cur *in, struct ospf *o)
{
	const uint32_t left = cur_left(in);

	o->version = cur_u8(in);
	o->type = cur_u8(in);
	const uint16_t len = cur_be16(in);
	cur_ip4(in, &o->router);
	cur_ip4(in, &o->area);
	cur_skip(in, 2); /* checksum */
	const uint16_t authentication = cur_be16(in);
	o->password = o->version == 2 && authentication == OSPF_PASSWORD;
	if (o->version == 2)
		cur_skip(in, 8);
	if (o->type == OSPF_UPDATE && cur_be32(in) > cur_left(in) / OSPF_LSA_HEADER)
		return false;
	return cur_ok(in) && (o->version == 2 || o->version == 3) && o->type >= OSPF_HELLO &&
	       o->type <= OSPF_TYPES && len <= left &&
	       len >= (o->version == 2 ? OSPF_HEADER_2 : OSPF_HEADER_3);
}

static void ospf_tell_id(struct task *t, const struct packet *p, enum fact_kind kind, struct ip4 id)
{
	const struct ip ip = ip_from4(id);
	char text[IP_TEXT];

	tell_word(t, p, sender(p), kind, ip_format(&ip, text));
}

static enum verdict ospf_packet(struct task *t, struct packet *p, void *state)
{
	struct ospf o = {0};

	(void)state;
	if (!ospf_parse(&p->rest, &o))
		return MALFORMED;
	tell_word(t, p, sender(p), FACT_ROLE, "router");
	if (p->ttl != 1 && p->ttl != 255)
		return LEARNED;
	ospf_tell_id(t, p, FACT_OSPF_ROUTER_ID, o.router);
	ospf_tell_id(t, p, FACT_OSPF_AREA, o.area);
	if (o.password)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "ospf");
	return LEARNED;
}

SHOW(ospf, struct ospf, FIELD(struct ospf, version, SHOW_NUMBER),
     FIELD(struct ospf, type, SHOW_NUMBER), FIELD(struct ospf, router, SHOW_IP4),
     FIELD(struct ospf, area, SHOW_IP4), FIELD(struct ospf, password, SHOW_BOOL))

const struct observer observer_ospf = {
	.name = "ospf",
	.about = "routers that speak OSPF",
	.spec = "RFC 2328, RFC 5340",
	.claims = CLAIMS({IP_PROTOCOL, 89, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 95}, {FACT_OSPF_ROUTER_ID, SAYS, 95},
                       {FACT_OSPF_AREA, SAYS, 95}, {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&ospf_show),
	.packet = ospf_packet,
};

PROVE(ospf_parse, struct ospf)
