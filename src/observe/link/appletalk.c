/* SPDX-License-Identifier: Apache-2.0 */
/*
 * appletalk.c - the services of hosts that speak AppleTalk, by their names (Inside AppleTalk, 2nd
 * edition, 4 and 7).
 *
 * A datagram on Ethernet has a long header with networks, nodes and sockets of both ends. Who is
 * asked for a name and has it answers with object, type and zone of each. A tuple whose address
 * is the sender's is its own; what came over a router is told of nobody.
 */
#include "observe/shared/message.h"

enum { APPLETALK_NBP = 2, APPLETALK_REPLY = 3, APPLETALK_TUPLES = 15, APPLETALK_NAME_MAX = 32 };

struct appletalk {
	uint8_t hops, type;
	uint16_t network; /* of the sender */
	uint8_t node;
	struct cur body;
};

static bool appletalk_parse(struct cur *in, struct appletalk *m)
{
	struct cur start = *in;
	const uint16_t head = cur_be16(in);
	const uint32_t len = head & 0x03ffu;

	m->hops = (uint8_t)(head >> 10 & 15);
	m->body = cur_sub(&start, len);
	cur_skip(&m->body, 4);
	cur_skip(&m->body, 2);
	m->network = cur_be16(&m->body);
	cur_skip(&m->body, 1);
	m->node = cur_u8(&m->body);
	cur_skip(&m->body, 2);
	m->type = cur_u8(&m->body);
	return cur_ok(&m->body) && head >> 14 == 0;
}

struct appletalk_name {
	uint16_t network;
	uint8_t node;
	struct cur object, type;
};

static bool appletalk_name_parse(struct cur *in, struct appletalk_name *n)
{
	n->network = cur_be16(in);
	n->node = cur_u8(in);
	cur_skip(in, 2); /* socket, enumerator */
	const uint8_t object = cur_u8(in);
	n->object = cur_sub(in, object);
	const uint8_t type = cur_u8(in);
	n->type = cur_sub(in, type);
	const uint8_t zone = cur_u8(in);
	cur_skip(in, zone);
	return cur_ok(in) && object > 0 && object <= APPLETALK_NAME_MAX && type > 0 &&
	       type <= APPLETALK_NAME_MAX && zone <= APPLETALK_NAME_MAX;
}

struct appletalk_names {
	uint8_t function, count;
};

static bool appletalk_names_parse(struct cur *in, struct appletalk_names *all)
{
	const uint8_t head = cur_u8(in);

	all->function = head >> 4;
	all->count = head & 15;
	cur_skip(in, 1);
	for (unsigned i = 0; i < APPLETALK_TUPLES && i < all->count; i++) {
		struct appletalk_name n = {0};
		if (!appletalk_name_parse(in, &n))
			return false;
	}
	return cur_ok(in) && cur_left(in) == 0;
}

static enum verdict appletalk_tell(struct task *t, const struct packet *p,
                                   const struct appletalk *m)
{
	struct appletalk_names all = {0};
	struct cur judged = m->body, names = m->body;
	enum verdict v = NOTHING;

	if (!appletalk_names_parse(&judged, &all))
		return MALFORMED;
	cur_skip(&names, 2);
	for (unsigned i = 0; i < APPLETALK_TUPLES && i < all.count; i++) {
		struct appletalk_name n = {0};
		if (all.function != APPLETALK_REPLY || !appletalk_name_parse(&names, &n))
			break;
		if (n.network != m->network || n.node != m->node || !is_readable(n.object) ||
		    !is_readable(n.type))
			continue;
		tell_text(t, p, sender_link(p), FACT_APPLETALK_NAME, n.object);
		tell_text(t, p, sender_link(p), FACT_APPLETALK_TYPE, n.type);
		v = LEARNED;
	}
	return v;
}

static enum verdict appletalk_packet(struct task *t, struct packet *p, void *state)
{
	struct appletalk m = {0};

	(void)state;
	if (!appletalk_parse(&p->rest, &m))
		return MALFORMED;
	return m.type == APPLETALK_NBP && m.hops == 0 ? appletalk_tell(t, p, &m) : NOTHING;
}

SHOW(appletalk, struct appletalk, FIELD(struct appletalk, hops, SHOW_NUMBER),
     FIELD(struct appletalk, type, SHOW_NUMBER), FIELD(struct appletalk, network, SHOW_NUMBER),
     FIELD(struct appletalk, node, SHOW_NUMBER))
SHOW(appletalk_names, struct appletalk_names, FIELD(struct appletalk_names, function, SHOW_NUMBER),
     FIELD(struct appletalk_names, count, SHOW_NUMBER))

const struct observer observer_appletalk = {
	.name = "appletalk",
	.about = "services of hosts that speak AppleTalk",
	.spec = "Inside AppleTalk, 2nd edition",
	.claims = CLAIMS({SNAP, 0x080007809b, NULL}, {ETHERTYPE, 0x809b, NULL}),
	.tells = TELLS({FACT_APPLETALK_NAME, SAYS, 90}, {FACT_APPLETALK_TYPE, SAYS, 90}),
	.shows = SHOWS(&appletalk_show, &appletalk_names_show),
	.packet = appletalk_packet,
};

PROVE(appletalk_parse, struct appletalk)
PROVE(appletalk_names_parse, struct appletalk_names)
