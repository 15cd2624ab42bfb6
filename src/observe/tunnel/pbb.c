/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pbb.c - provider backbone bridging: a customer's frame in the backbone's, each service with a
 * number.
 *
 * The tag holds priority and flags, then 24 bits of service; the customer's frame follows it,
 * addresses first (IEEE 802.1Q, 9.7). The outer addresses are those of the backbone's bridges.
 */
#include "observe/observer.h"

enum { LINKTYPE_ETHERNET = 1 };

struct pbb {
	uint8_t flags;
	uint32_t service;
};

static bool pbb_parse(struct cur *in, struct pbb *b)
{
	b->flags = cur_u8(in);
	b->service = cur_be24(in);
	return cur_ok(in);
}

static enum verdict pbb_packet(struct task *t, struct packet *p, void *state)
{
	struct pbb b = {0};
	struct packet inner = {0};

	(void)state;
	if (!pbb_parse(&p->rest, &b))
		return MALFORMED;
	if (packet_enter(t, p, "pbb", true, b.service, &inner))
		forward(t, &inner, LINKTYPE, LINKTYPE_ETHERNET);
	return LEARNED;
}

SHOW(pbb, struct pbb, FIELD(struct pbb, flags, SHOW_HEX), FIELD(struct pbb, service, SHOW_NUMBER))

const struct observer observer_pbb = {
	.name = "pbb",
	.about = "provider backbone bridging (MAC in MAC)",
	.spec = "IEEE 802.1Q (802.1ah)",
	.claims = CLAIMS({ETHERTYPE, 0x88e7, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&pbb_show),
	.packet = pbb_packet,
};

PROVE(pbb_parse, struct pbb)
