/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pktap.c - Apple's packets of any interface, behind a header that says of which (LINKTYPE_PKTAP).
 *
 * Little-endian: the header's length, what follows, the link type of what follows, the interface's
 * name, then much about the process that sent it, which is no device's.
 */
#include "observe/observer.h"

enum { PKTAP_PACKET = 1, PKTAP_MIN = 36 };

struct pktap {
	uint32_t length, kind, linktype;
};

static bool pktap_parse(struct cur *in, struct pktap *k)
{
	k->length = cur_le32(in);
	k->kind = cur_le32(in);
	k->linktype = cur_le32(in);
	if (k->length < PKTAP_MIN)
		return false;
	cur_skip(in, k->length - 12);
	return cur_ok(in);
}

static enum verdict pktap_packet(struct task *t, struct packet *p, void *state)
{
	struct pktap k = {0};

	(void)state;
	if (!pktap_parse(&p->rest, &k))
		return MALFORMED;
	if (k.kind != PKTAP_PACKET)
		return NOTHING;
	forward(t, p, LINKTYPE, k.linktype);
	return LEARNED;
}

SHOW(pktap, struct pktap, FIELD(struct pktap, length, SHOW_NUMBER),
     FIELD(struct pktap, kind, SHOW_NUMBER), FIELD(struct pktap, linktype, SHOW_NUMBER))

const struct observer observer_pktap = {
	.name = "pktap",
	.about = "frames of any interface of macOS",
	.spec = "LINKTYPE_PKTAP",
	.claims = CLAIMS({LINKTYPE, 258, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&pktap_show),
	.packet = pktap_packet,
};

PROVE(pktap_parse, struct pktap)
