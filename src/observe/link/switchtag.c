/* SPDX-License-Identifier: Apache-2.0 */
/*
 * switchtag.c - frames as a switch chip hands them to its processor, with a tag behind the
 * addresses.
 *
 * Broadcom's and Marvell's tag is four bytes; Marvell's with an ethertype of its own (dada) is
 * eight. It names ports of the switch. Behind it the frame goes on: a type, or a length.
 */
#include "observe/link/type_or_length.h"

enum { SWITCHTAG_EDSA = 0xdada, SWITCHTAG_LEN = 4, SWITCHTAG_EDSA_LEN = 8 };

struct switchtag {
	struct mac destination, source;
	bool edsa;
	uint16_t type; /* or length */
};

static bool switchtag_parse(struct cur *in, struct switchtag *s)
{
	cur_mac(in, &s->destination);
	cur_mac(in, &s->source);
	s->edsa = cur_be16(in) == SWITCHTAG_EDSA;
	cur_skip(in, s->edsa ? SWITCHTAG_EDSA_LEN - 2 : SWITCHTAG_LEN - 2);
	s->type = cur_be16(in);
	return cur_ok(in);
}

static enum verdict switchtag_packet(struct task *t, struct packet *p, void *state)
{
	struct switchtag s = {0};

	(void)state;
	if (!switchtag_parse(&p->rest, &s))
		return MALFORMED;
	p->has_mac = true;
	p->source = s.source;
	p->destination = s.destination;
	tell_seen(t, p, sender_link(p));
	return forward_type_or_length(t, p, s.type);
}

SHOW(switchtag, struct switchtag, FIELD(struct switchtag, source, SHOW_MAC),
     FIELD(struct switchtag, edsa, SHOW_BOOL), FIELD(struct switchtag, type, SHOW_HEX))

const struct observer observer_switchtag = {
	.name = "switchtag",
	.about = "frames between a switch chip and its processor",
	.spec = "LINKTYPE_ETHERNET with Broadcom and Marvell DSA tags",
	.claims = CLAIMS({LINKTYPE, 281, NULL}, {LINKTYPE, 284, NULL}, {LINKTYPE, 285, NULL}),
	.tells = TELLS({FACT_SEEN, SAYS, 100}),
	.shows = SHOWS(&switchtag_show),
	.packet = switchtag_packet,
};

PROVE(switchtag_parse, struct switchtag)
