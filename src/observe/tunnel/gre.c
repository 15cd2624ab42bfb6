/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gre.c - GRE: packets in packets, and so a world inside of ours.
 *
 * What is inside lives in a realm of its own, told apart by the key where there is one (RFC
 * 2890): the same private address may well be in use on both sides. The protocol is an
 * ethertype, and 6558 means a whole Ethernet frame. Checksum, key and sequence number are there
 * by flags. CDP alone is of no inner world: the tunnel's end speaks for itself. A set routing
 * flag (RFC 1701) has been refused by receivers since RFC 2784, 2.3.
 *
 * Version 1 is PPTP's (RFC 2637): the key holds a length and a call number, which differs in
 * the two directions and so names no realm, and what is inside is PPP. Without a sequence
 * number it carries nothing, but acknowledges.
 */
#include "observe/observer.h"

enum { GRE_CHECKSUM = 0x8000, GRE_ROUTING = 0x4000, GRE_KEY = 0x2000, GRE_SEQUENCE = 0x1000 };
enum { GRE_ACK = 0x0080, GRE_VERSION = 0x0007 };
enum { FIRST_PROTOCOL = 0x0600, GRE_ETHERNET = 0x6558, GRE_PPP = 0x880b, GRE_CDP = 0x2000 };
enum { GRE_ERSPAN = 0x88be, GRE_ERSPAN_III = 0x22eb, NVGRE_FIRST = 0x1000 };
enum { LINKTYPE_ETHERNET = 1, LINKTYPE_PPP = 9 };

struct gre {
	uint16_t flags;
	uint8_t version;
	uint16_t protocol;
	bool has_key, has_sequence;
	uint32_t key; /* version 1: the call number */
	uint32_t sequence;
	uint16_t length; /* version 1: bytes inside */
};

static void gre_key_parse(struct cur *in, struct gre *g)
{
	if (g->version == 0) {
		g->key = cur_be32(in);
		return;
	}
	g->length = cur_be16(in);
	g->key = cur_be16(in);
}

static bool gre_parse(struct cur *in, struct gre *g)
{
	g->flags = cur_be16(in);
	g->version = (uint8_t)(g->flags & GRE_VERSION);
	g->protocol = cur_be16(in);
	g->has_key = (g->flags & GRE_KEY) != 0;
	g->has_sequence = (g->flags & GRE_SEQUENCE) != 0;
	if ((g->flags & GRE_ROUTING) != 0 || g->version > 1)
		return false;
	if (g->version == 1 && (g->protocol != GRE_PPP || !g->has_key))
		return false;
	if ((g->flags & GRE_CHECKSUM) != 0)
		cur_skip(in, 4);
	if (g->has_key)
		gre_key_parse(in, g);
	if (g->has_sequence)
		g->sequence = cur_be32(in);
	if (g->version == 1 && (g->flags & GRE_ACK) != 0)
		cur_skip(in, 4);
	return cur_ok(in);
}

static enum verdict gre_pptp(struct task *t, struct packet *p, const struct gre *g)
{
	struct packet inner = {0};

	if (!g->has_sequence || g->length == 0)
		return NOTHING;
	p->cut = cur_left(&p->rest) < g->length;
	cur_cut(&p->rest, g->length);
	if (packet_enter(t, p, "pptp", false, 0, &inner))
		forward(t, &inner, LINKTYPE, LINKTYPE_PPP);
	return LEARNED;
}

/* Of the outer world: a tunnel's end that speaks for itself, and what opens a realm of its own. */
static bool gre_is_outer(const struct gre *g)
{
	return g->protocol == GRE_CDP || g->protocol == GRE_ERSPAN_III ||
	       (g->protocol == GRE_ERSPAN && g->has_sequence);
}

/* NVGRE's key is a network of 24 bits, from 4096 on, and a hash of the flow (RFC 7637, 3.2). */
static bool gre_is_nvgre(const struct gre *g)
{
	return g->protocol == GRE_ETHERNET && g->has_key && g->key >> 8 >= NVGRE_FIRST &&
	       (g->flags & (GRE_CHECKSUM | GRE_SEQUENCE)) == 0;
}

static bool gre_enter(struct task *t, struct packet *p, const struct gre *g, struct packet *inner)
{
	if (g->protocol == GRE_ERSPAN) /* type I: no header, no session */
		return packet_enter(t, p, "erspan", false, 0, inner);
	if (gre_is_nvgre(g))
		return packet_enter(t, p, "nvgre", true, g->key >> 8, inner);
	return packet_enter(t, p, "gre", g->has_key, g->key, inner);
}

static enum verdict gre_packet(struct task *t, struct packet *p, void *state)
{
	struct gre g = {0};
	struct packet inner = {0};

	(void)state;
	if (!gre_parse(&p->rest, &g))
		return MALFORMED;
	if (g.version == 1)
		return gre_pptp(t, p, &g);
	if (g.protocol < FIRST_PROTOCOL) /* 0: a keepalive */
		return NOTHING;
	if (gre_is_outer(&g)) {
		forward(t, p, ETHERTYPE, g.protocol);
		return LEARNED;
	}
	if (!gre_enter(t, p, &g, &inner))
		return LEARNED;
	if (g.protocol == GRE_ETHERNET || g.protocol == GRE_ERSPAN)
		forward(t, &inner, LINKTYPE, LINKTYPE_ETHERNET);
	else
		forward(t, &inner, ETHERTYPE, g.protocol);
	return LEARNED;
}

SHOW(gre, struct gre, FIELD(struct gre, flags, SHOW_HEX), FIELD(struct gre, version, SHOW_NUMBER),
     FIELD(struct gre, protocol, SHOW_HEX), FIELD(struct gre, has_key, SHOW_BOOL),
     FIELD(struct gre, key, SHOW_NUMBER), FIELD(struct gre, sequence, SHOW_NUMBER))

const struct observer observer_gre = {
	.name = "gre",
	.about = "GRE, NVGRE and PPTP tunnels",
	.spec = "RFC 2784, RFC 2890, RFC 7637, RFC 2637",
	.claims = CLAIMS({IP_PROTOCOL, 47, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&gre_show),
	.packet = gre_packet,
};

PROVE(gre_parse, struct gre)
