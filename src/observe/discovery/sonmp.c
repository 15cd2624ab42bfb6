/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sonmp.c - SynOptics' discovery, later Bay's, Nortel's and Avaya's: where a switch is managed.
 *
 * A fixed message: the address of its management, the segment it came from (slot and port, in
 * some hubs with a number before them), and codes of the chassis. A switch without an address
 * says 0.0.0.0. The flat form (01a1) and the segment's (01a2) are alike.
 */
#include "observe/observer.h"

struct sonmp {
	struct ip4 ip;
	uint32_t segment;
	uint8_t chassis, backplane, state, links;
};

static bool sonmp_parse(struct cur *in, struct sonmp *s)
{
	cur_ip4(in, &s->ip);
	s->segment = cur_be24(in);
	s->chassis = cur_u8(in);
	s->backplane = cur_u8(in);
	s->state = cur_u8(in);
	s->links = cur_u8(in);
	return cur_ok(in);
}

static enum verdict sonmp_packet(struct task *t, struct packet *p, void *state)
{
	struct sonmp s = {0};
	char text[IP_TEXT];

	(void)state;
	if (!sonmp_parse(&p->rest, &s))
		return MALFORMED;
	const struct ip ip = ip_from4(s.ip);
	if (ip_is_host(&ip))
		tell_word(t, p, sender_link(p), FACT_MANAGEMENT, ip_format(&ip, text));
	tell_number(t, p, sender_link(p), FACT_SONMP_SEGMENT, s.segment);
	tell_number(t, p, sender_link(p), FACT_SONMP_CHASSIS, s.chassis);
	return LEARNED;
}

SHOW(sonmp, struct sonmp, FIELD(struct sonmp, ip, SHOW_IP4), FIELD(struct sonmp, segment, SHOW_HEX),
     FIELD(struct sonmp, chassis, SHOW_NUMBER), FIELD(struct sonmp, backplane, SHOW_NUMBER),
     FIELD(struct sonmp, links, SHOW_NUMBER))

const struct observer observer_sonmp = {
	.name = "sonmp",
	.about = "where SynOptics', Nortel's and Avaya's switches are managed",
	.spec = "SynOptics Network Management Protocol (no public standard)",
	.claims = CLAIMS({SNAP, 0x00008101a1, NULL}, {SNAP, 0x00008101a2, NULL}),
	.tells = TELLS({FACT_MANAGEMENT, SAYS, 90}, {FACT_SONMP_SEGMENT, SAYS, 80},
                       {FACT_SONMP_CHASSIS, SAYS, 80}),
	.shows = SHOWS(&sonmp_show),
	.packet = sonmp_packet,
};

PROVE(sonmp_parse, struct sonmp)
