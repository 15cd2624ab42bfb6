/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipx.c - the names of servers and hosts that speak Novell's IPX (IPX Router Specification, 2 and 5;
 * NetBIOS over IPX).
 *
 * A server, or a router for it, sends to all the list of services it knows (SAP), each with a kind, a
 * name, its address and how many hops it is away. Only what is one hop away is the sender's own: it
 * counts its internal network. A host whose NetBIOS name another asks for says that it has it. The
 * node in an IPX address is the MAC of who sent it, so that what came over a router (its count of hops is
 * not 0) is told of nobody.
 */
#include "observe/observer.h"

enum { IPX_NO_CHECKSUM = 0xffff, IPX_HEADER = 30, IPX_SAP = 0x0452, IPX_NETBIOS = 0x0455 };
enum { IPX_SAP_RESPONSE = 2, IPX_SAP_NEAREST = 4, IPX_SERVICES = 8, IPX_NAME_LEN = 48 };
enum { IPX_RECOGNIZED = 2, IPX_IN_USE = 0x40, IPX_GROUP = 0x80, IPX_NETBIOS_LEN = 16 };

struct ipx {
	uint16_t length;
	uint8_t hops;
	uint16_t from_socket, to_socket;
	struct cur body;
};

static bool ipx_parse(struct cur *in, struct ipx *m)
{
	const uint16_t checksum = cur_be16(in);

	m->length = cur_be16(in);
	m->hops = cur_u8(in);
	cur_skip(in, 11); /* type; network and node of the receiver */
	m->to_socket = cur_be16(in);
	cur_skip(in, 10);
	m->from_socket = cur_be16(in);
	m->body = cur_sub(in, m->length >= IPX_HEADER ? m->length - (uint32_t)IPX_HEADER : CUR_MAX);
	return cur_ok(in) && checksum == IPX_NO_CHECKSUM && m->hops < 128;
}

/* One of a list of services. */
struct ipx_service {
	uint16_t kind, hops;
	struct text name;
};

static bool ipx_service_parse(struct cur *in, struct ipx_service *s)
{
	s->kind = cur_be16(in);
	struct cur name = cur_sub(in, IPX_NAME_LEN);
	struct cur text = cur_until(&name, 0);
	cur_text(&text, cur_left(&text), &s->name);
	cur_skip(in, 12); /* network, node, socket */
	s->hops = cur_be16(in);
	return cur_ok(in) && cur_ok(&name) && s->name.len > 0;
}

struct ipx_services {
	uint32_t count;
};

static bool ipx_services_parse(struct cur *in, struct ipx_services *all)
{
	const uint16_t operation = cur_be16(in);

	if (operation != IPX_SAP_RESPONSE && operation != IPX_SAP_NEAREST)
		return false;
	for (unsigned i = 0; i < IPX_SERVICES && cur_more(in); i++) {
		struct ipx_service s = {0};
		if (!ipx_service_parse(in, &s))
			return false;
		all->count++;
	}
	return cur_ok(in) && cur_left(in) == 0;
}

/* An answer that a name is in use, the sender's own. */
struct ipx_netbios {
	uint8_t flags, type;
	struct text name; /* without its last byte, which says what it names */
};

static bool ipx_netbios_parse(struct cur *in, struct ipx_netbios *m)
{
	cur_skip(in, 32); /* networks that it went through */
	m->flags = cur_u8(in);
	m->type = cur_u8(in);
	cur_text(in, IPX_NETBIOS_LEN - 1, &m->name);
	cur_skip(in, 1);
	text_trim(&m->name);
	return cur_ok(in) && m->name.len > 0;
}

static bool ipx_is_plain(const struct text *name)
{
	bool plain = true;

	for (unsigned i = 0; i < TEXT_MAX && i < name->len; i++)
		plain = plain && text_byte(name->s[i]) >= ' ' && text_byte(name->s[i]) != 0x7f;
	return plain;
}

static enum verdict ipx_tell_services(struct task *t, const struct packet *p, struct cur body)
{
	struct cur judged = body;
	struct ipx_services all = {0};
	enum verdict v = NOTHING;

	if (!ipx_services_parse(&judged, &all))
		return NOTHING;
	cur_skip(&body, 2);
	for (unsigned i = 0; i < IPX_SERVICES && cur_more(&body); i++) {
		struct ipx_service s = {0};
		if (!ipx_service_parse(&body, &s))
			break;
		if (s.hops > 1 || !ipx_is_plain(&s.name))
			continue;
		tell_string(t, p, sender_link(p), FACT_IPX_NAME, &s.name);
		tell_number(t, p, sender_link(p), FACT_IPX_SERVICE, s.kind);
		v = LEARNED;
	}
	return v;
}

static enum verdict ipx_tell_netbios(struct task *t, const struct packet *p, struct cur body)
{
	struct ipx_netbios m = {0};

	if (!ipx_netbios_parse(&body, &m) || m.type != IPX_RECOGNIZED ||
	    (m.flags & IPX_GROUP) != 0 || (m.flags & IPX_IN_USE) == 0 || !ipx_is_plain(&m.name))
		return NOTHING;
	tell_string(t, p, sender_link(p), FACT_IPX_NAME, &m.name);
	return LEARNED;
}

static enum verdict ipx_packet(struct task *t, struct packet *p, void *state)
{
	struct ipx m = {0};

	(void)state;
	if (!ipx_parse(&p->rest, &m))
		return MALFORMED;
	if (m.hops > 0)
		return NOTHING;
	if (m.from_socket == IPX_SAP)
		return ipx_tell_services(t, p, m.body);
	return m.from_socket == IPX_NETBIOS ? ipx_tell_netbios(t, p, m.body) : NOTHING;
}

SHOW(ipx, struct ipx, FIELD(struct ipx, length, SHOW_NUMBER), FIELD(struct ipx, hops, SHOW_NUMBER),
     FIELD(struct ipx, from_socket, SHOW_HEX), FIELD(struct ipx, to_socket, SHOW_HEX))
SHOW(ipx_netbios, struct ipx_netbios, FIELD(struct ipx_netbios, flags, SHOW_HEX),
     FIELD(struct ipx_netbios, type, SHOW_NUMBER), FIELD(struct ipx_netbios, name, SHOW_TEXT))

const struct observer observer_ipx = {
	.name = "ipx",
	.about = "servers and hosts that speak IPX",
	.spec = "Novell IPX Router Specification",
	.claims = CLAIMS({ETHERTYPE, 0x8137, NULL}, {LLC, 0xe0, NULL}),
	.tells = TELLS({FACT_IPX_NAME, SAYS, 90}, {FACT_IPX_SERVICE, SAYS, 90}),
	.shows = SHOWS(&ipx_show, &ipx_netbios_show),
	.packet = ipx_packet,
};

PROVE(ipx_parse, struct ipx)
PROVE(ipx_services_parse, struct ipx_services)
PROVE(ipx_netbios_parse, struct ipx_netbios)
