/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pppoe.c - PPPoE sessions: PPP between a subscriber's MAC and its access concentrator's.
 *
 * The session is a link, not a world of its own: what runs in it belongs to the two MACs that
 * hold it, and its addresses are those of the network around it. So there is no realm, and the
 * MACs of the frame stay the context. Discovery (8863) is another protocol.
 */
#include "observe/observer.h"

enum { PPPOE_VERSION_TYPE = 0x11, PPPOE_SESSION = 0, LINKTYPE_PPP = 9 };

struct pppoe {
	uint8_t version_type, code;
	uint16_t session;
	uint16_t length; /* of the PPP frame */
};

static bool pppoe_parse(struct cur *in, struct pppoe *s)
{
	s->version_type = cur_u8(in);
	s->code = cur_u8(in);
	s->session = cur_be16(in);
	s->length = cur_be16(in);
	return cur_ok(in) && s->version_type == PPPOE_VERSION_TYPE && s->code == PPPOE_SESSION;
}

static enum verdict pppoe_packet(struct task *t, struct packet *p, void *state)
{
	struct pppoe s = {0};

	(void)state;
	if (!pppoe_parse(&p->rest, &s))
		return MALFORMED;
	p->cut = cur_left(&p->rest) < s.length;
	cur_cut(&p->rest, s.length);
	forward(t, p, LINKTYPE, LINKTYPE_PPP);
	return LEARNED;
}

SHOW(pppoe, struct pppoe, FIELD(struct pppoe, session, SHOW_NUMBER),
     FIELD(struct pppoe, length, SHOW_NUMBER))

const struct observer observer_pppoe = {
	.name = "pppoe",
	.about = "PPPoE sessions",
	.spec = "RFC 2516",
	.claims = CLAIMS({ETHERTYPE, 0x8864, NULL}, {LINKTYPE, 51, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&pppoe_show),
	.packet = pppoe_packet,
};

PROVE(pppoe_parse, struct pppoe)
