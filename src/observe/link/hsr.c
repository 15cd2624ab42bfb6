/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hsr.c - HSR: rings in which every frame goes both ways.
 *
 * A frame in a ring has a tag of four bytes before its own type (IEC 62439-3, 5.7), which says
 * in which direction it goes: it is passed over. Supervision is another protocol (prp.c).
 */
#include "observe/link/type_or_length.h"

enum { HSR_TAG_LEN = 4 };

struct hsr {
	uint16_t type; /* or length */
};

static bool hsr_parse(struct cur *in, struct hsr *h)
{
	cur_skip(in, HSR_TAG_LEN);
	h->type = cur_be16(in);
	return cur_ok(in);
}

static enum verdict hsr_packet(struct task *t, struct packet *p, void *state)
{
	struct hsr h = {0};

	(void)state;
	if (!hsr_parse(&p->rest, &h))
		return MALFORMED;
	return forward_type_or_length(t, p, h.type);
}

SHOW(hsr, struct hsr, FIELD(struct hsr, type, SHOW_HEX))

const struct observer observer_hsr = {
	.name = "hsr",
	.about = "frames in HSR rings",
	.spec = "IEC 62439-3",
	.claims = CLAIMS({ETHERTYPE, 0x892f, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&hsr_show),
	.packet = hsr_packet,
};

PROVE(hsr_parse, struct hsr)
