/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erspan.c - ERSPAN: frames that a switch mirrors to here, in GRE.
 *
 * Type II has eight bytes before the frame, type III twelve, and eight more where a flag says so
 * (draft-foschiano-erspan-03, 4). Type I has none and is left to gre.c, for nothing but GRE's
 * missing sequence number tells it from type II. The ten bits of the session name the realm. A
 * frame may be cut by the switch.
 */
#include "observe/observer.h"

enum { ERSPAN_II = 1, ERSPAN_III = 2, ERSPAN_FRAME = 0, ERSPAN_IP = 2 };
enum { LINKTYPE_ETHERNET = 1, LINKTYPE_RAW = 101 };

struct erspan {
	uint8_t version;
	uint16_t vlan, session;
	uint8_t frame_type; /* III: 0 Ethernet, 2 IP */
	bool cut;           /* the switch sent only the frame's first bytes */
};

static bool erspan_parse(struct cur *in, struct erspan *e)
{
	const uint16_t first = cur_be16(in);
	const uint16_t second = cur_be16(in);

	e->version = (uint8_t)(first >> 12);
	e->vlan = first & 0x0fff;
	e->session = second & 0x03ff;
	e->cut = (second & 0x0400) != 0;
	cur_skip(in, 4);
	if (e->version == ERSPAN_III) {
		cur_skip(in, 2); /* group tag */
		const uint16_t flags = cur_be16(in);
		e->frame_type = flags >> 10 & 0x1f;
		if ((flags & 1) != 0)
			cur_skip(in, 8);
	}
	return cur_ok(in) && (e->version == ERSPAN_II || e->version == ERSPAN_III);
}

static enum verdict erspan_packet(struct task *t, struct packet *p, void *state)
{
	struct erspan e = {0};
	struct packet inner = {0};

	(void)state;
	if (!erspan_parse(&p->rest, &e))
		return MALFORMED;
	if (!packet_enter(t, p, "erspan", true, e.session, &inner))
		return LEARNED;
	inner.cut = inner.cut || e.cut;
	if (e.frame_type == ERSPAN_FRAME)
		forward(t, &inner, LINKTYPE, LINKTYPE_ETHERNET);
	else if (e.frame_type == ERSPAN_IP)
		forward(t, &inner, LINKTYPE, LINKTYPE_RAW);
	return LEARNED;
}

SHOW(erspan, struct erspan, FIELD(struct erspan, version, SHOW_NUMBER),
     FIELD(struct erspan, vlan, SHOW_NUMBER), FIELD(struct erspan, session, SHOW_NUMBER),
     FIELD(struct erspan, cut, SHOW_BOOL))

const struct observer observer_erspan = {
	.name = "erspan",
	.about = "frames mirrored by a switch",
	.spec = "draft-foschiano-erspan-03",
	.claims = CLAIMS({ETHERTYPE, 0x88be, NULL}, {ETHERTYPE, 0x22eb, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&erspan_show),
	.packet = erspan_packet,
};

PROVE(erspan_parse, struct erspan)
