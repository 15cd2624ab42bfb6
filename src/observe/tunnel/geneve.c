/* SPDX-License-Identifier: Apache-2.0 */
/*
 * geneve.c - Geneve: frames and packets in datagrams, each network with a number.
 *
 * Options are between the header and what is inside; their length is counted in four bytes (RFC
 * 8926, 3.4). A control packet (the flag O) carries nothing of the network.
 */
#include "observe/observer.h"

enum {
	GENEVE_CONTROL = 0x80,
	GENEVE_ETHERNET = 0x6558,
	GENEVE_FIRST = 0x0600,
	LINKTYPE_ETHERNET = 1
};

struct geneve {
	uint8_t version, flags;
	uint16_t protocol;
	uint32_t network;
};

static bool geneve_parse(struct cur *in, struct geneve *g)
{
	const uint8_t head = cur_u8(in);

	g->version = head >> 6;
	g->flags = cur_u8(in);
	g->protocol = cur_be16(in);
	g->network = cur_be24(in);
	cur_skip(in, 1);
	cur_skip(in, (head & 0x3fu) * 4u);
	return cur_ok(in) && g->version == 0;
}

static enum verdict geneve_packet(struct task *t, struct packet *p, void *state)
{
	struct geneve g = {0};
	struct packet inner = {0};

	(void)state;
	if (!geneve_parse(&p->rest, &g) || g.protocol < GENEVE_FIRST)
		return NOT_MINE;
	if ((g.flags & GENEVE_CONTROL) != 0)
		return NOTHING;
	if (!packet_enter(t, p, "geneve", true, g.network, &inner))
		return LEARNED;
	if (g.protocol == GENEVE_ETHERNET)
		forward(t, &inner, LINKTYPE, LINKTYPE_ETHERNET);
	else
		forward(t, &inner, ETHERTYPE, g.protocol);
	return LEARNED;
}

SHOW(geneve, struct geneve, FIELD(struct geneve, version, SHOW_NUMBER),
     FIELD(struct geneve, flags, SHOW_HEX), FIELD(struct geneve, protocol, SHOW_HEX),
     FIELD(struct geneve, network, SHOW_NUMBER))

const struct observer observer_geneve = {
	.name = "geneve",
	.about = "Geneve tunnels",
	.spec = "RFC 8926",
	.claims = CLAIMS({UDP_PORT, 6081, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&geneve_show),
	.packet = geneve_packet,
};

PROVE(geneve_parse, struct geneve)
