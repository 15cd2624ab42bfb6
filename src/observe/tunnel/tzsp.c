/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tzsp.c - TZSP: frames that a sniffer far away saw, sent here.
 *
 * Tags follow the header: each a byte of type and one of length, but for padding (0) and the end
 * (1), which are alone. Of the types only those that carry a frame are read.
 */
#include "observe/observer.h"

enum { TZSP_TRANSMIT = 1, TZSP_PADDING = 0, TZSP_END = 1 };

struct tzsp {
	uint8_t version, type;
	uint16_t protocol;
	uint16_t linktype; /* 0: one that is not known */
	bool ended;
};

static const struct tzsp_link {
	uint16_t protocol, linktype;
} tzsp_links[] = {
	{1, 1},     /* Ethernet */
	{18, 105},  /* 802.11 */
	{119, 119}, /* behind Prism's header */
	{127, 163}, /* behind AVS's */
};

static uint16_t tzsp_linktype(uint16_t protocol)
{
	uint16_t linktype = 0;

	for (unsigned i = 0; i < COUNT_OF(tzsp_links); i++)
		if (tzsp_links[i].protocol == protocol)
			linktype = tzsp_links[i].linktype;
	return linktype;
}

static bool tzsp_parse(struct cur *in, struct tzsp *z)
{
	z->version = cur_u8(in);
	z->type = cur_u8(in);
	z->protocol = cur_be16(in);
	z->linktype = tzsp_linktype(z->protocol);
	while (!z->ended && cur_more(in)) {
		const uint8_t tag = cur_u8(in);
		z->ended = tag == TZSP_END;
		if (!z->ended && tag != TZSP_PADDING)
			cur_skip(in, cur_u8(in));
	}
	return cur_ok(in) && z->ended && z->version == 1 && z->type <= TZSP_TRANSMIT;
}

static enum verdict tzsp_packet(struct task *t, struct packet *p, void *state)
{
	struct tzsp z = {0};
	struct packet inner = {0};

	(void)state;
	if (!tzsp_parse(&p->rest, &z))
		return NOT_MINE;
	if (z.linktype == 0 || cur_left(&p->rest) == 0)
		return NOTHING;
	if (packet_enter(t, p, "tzsp", false, 0, &inner))
		forward(t, &inner, LINKTYPE, z.linktype);
	return LEARNED;
}

SHOW(tzsp, struct tzsp, FIELD(struct tzsp, type, SHOW_NUMBER),
     FIELD(struct tzsp, protocol, SHOW_NUMBER), FIELD(struct tzsp, linktype, SHOW_NUMBER))

const struct observer observer_tzsp = {
	.name = "tzsp",
	.about = "frames of a sniffer far away",
	.spec = "TaZmen Sniffer Protocol",
	.claims = CLAIMS({UDP_PORT, 37008, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&tzsp_show),
	.packet = tzsp_packet,
};

PROVE(tzsp_parse, struct tzsp)
