/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prp.c - supervision of PRP and HSR networks: which nodes are on both ways.
 *
 * Values follow a version and a number (IEC 62439-3, 4.3.2): types 20 and 21 (PRP) and 23 (HSR)
 * hold the address of the node that sends, which may be another than the port's. Type 30 holds
 * that of a box that speaks for others. HSR's own tag may stand before it, under its own
 * ethertype.
 */
#include "observe/observer.h"

enum { PRP_NODE = 20, PRP_NODE_ACCEPT = 21, PRP_HSR_NODE = 23 };

struct prp {
	uint16_t path_version;
	uint8_t type, length;
	struct mac node;
};

static bool prp_parse(struct cur *in, struct prp *r)
{
	r->path_version = cur_be16(in);
	cur_skip(in, 2); /* sequence */
	r->type = cur_u8(in);
	r->length = cur_u8(in);
	cur_mac(in, &r->node);
	return cur_ok(in) && r->length >= 6 &&
	       (r->type == PRP_NODE || r->type == PRP_NODE_ACCEPT || r->type == PRP_HSR_NODE);
}

static enum verdict prp_packet(struct task *t, struct packet *p, void *state)
{
	struct prp r = {0};
	char text[MAC_TEXT];

	(void)state;
	if (!prp_parse(&p->rest, &r))
		return MALFORMED;
	if (!mac_is_device(r.node))
		return NOTHING;
	tell_word(t, p, sender_link(p), FACT_PRP_NODE, mac_format(r.node, text));
	return LEARNED;
}

SHOW(prp, struct prp, FIELD(struct prp, path_version, SHOW_HEX),
     FIELD(struct prp, type, SHOW_NUMBER), FIELD(struct prp, node, SHOW_MAC))

const struct observer observer_prp = {
	.name = "prp",
	.about = "nodes of PRP and HSR networks",
	.spec = "IEC 62439-3",
	.claims = CLAIMS({ETHERTYPE, 0x88fb, NULL}),
	.tells = TELLS({FACT_PRP_NODE, SAYS, 90}),
	.shows = SHOWS(&prp_show),
	.packet = prp_packet,
};

PROVE(prp_parse, struct prp)
