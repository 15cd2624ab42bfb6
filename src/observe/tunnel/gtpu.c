/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gtpu.c - GTP-U: the packets of mobile phones between the stations and the core.
 *
 * Only messages of type 255 carry a packet (3GPP TS 29.281, 6.1). An endpoint's number is given
 * by its receiver, so that the two directions have different ones: it names no realm. Extension
 * headers count their length in four bytes, and end with the next one's type.
 */
#include "observe/observer.h"

enum { GTPU_PACKET = 255, GTPU_EXTENSION = 0x04, GTPU_OPTIONAL = 0x07, GTPU_EXTENSIONS_MAX = 8 };

struct gtpu {
	uint8_t flags, type;
	uint16_t length;
	uint32_t endpoint;
	uint8_t next; /* extension header */
	uint8_t ip;   /* version inside; 0: none */
};

static void gtpu_extensions_parse(struct cur *in, struct gtpu *g)
{
	for (unsigned i = 0; i < GTPU_EXTENSIONS_MAX && g->next != 0; i++) {
		const uint32_t len = cur_u8(in) * 4u;
		if (len == 0)
			cur_fail(in);
		cur_skip(in, len < 2 ? 0 : len - 2);
		g->next = cur_u8(in);
	}
}

static bool gtpu_parse(struct cur *in, struct gtpu *g)
{
	g->flags = cur_u8(in);
	g->type = cur_u8(in);
	g->length = cur_be16(in);
	g->endpoint = cur_be32(in);
	if ((g->flags & GTPU_OPTIONAL) != 0) {
		cur_skip(in, 3); /* sequence number, N-PDU number */
		g->next = cur_u8(in);
		if ((g->flags & GTPU_EXTENSION) == 0)
			g->next = 0;
		gtpu_extensions_parse(in, g);
	}
	g->ip = cur_peek8(in) >> 4;
	return cur_ok(in) && g->flags >> 4 == 3 && g->next == 0;
}

static enum verdict gtpu_packet(struct task *t, struct packet *p, void *state)
{
	struct gtpu g = {0};
	struct packet inner = {0};

	(void)state;
	if (!gtpu_parse(&p->rest, &g))
		return NOT_MINE;
	if (g.type != GTPU_PACKET || (g.ip != 4 && g.ip != 6))
		return NOTHING;
	if (packet_enter(t, p, "gtp", false, 0, &inner))
		forward(t, &inner, ETHERTYPE, g.ip == 4 ? 0x0800 : 0x86dd);
	return LEARNED;
}

SHOW(gtpu, struct gtpu, FIELD(struct gtpu, flags, SHOW_HEX), FIELD(struct gtpu, type, SHOW_NUMBER),
     FIELD(struct gtpu, endpoint, SHOW_HEX), FIELD(struct gtpu, ip, SHOW_NUMBER))

const struct observer observer_gtpu = {
	.name = "gtpu",
	.about = "GTP-U tunnels of mobile networks",
	.spec = "3GPP TS 29.281",
	.claims = CLAIMS({UDP_PORT, 2152, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&gtpu_show),
	.packet = gtpu_packet,
};

PROVE(gtpu_parse, struct gtpu)
