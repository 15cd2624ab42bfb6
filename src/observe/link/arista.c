/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arista.c - the time stamp that Arista's switches put into frames they mirror.
 *
 * It stands where a VLAN tag stands: a kind, a version that says how long the stamp is and by which
 * clock, the stamp, and then the frame's own type or length. The stamp tells of no device.
 */
#include "observe/link/type_or_length.h"

enum { ARISTA_TIME = 1, ARISTA_64 = 1, ARISTA_48 = 2, ARISTA_64_LEN = 8, ARISTA_48_LEN = 6 };

struct arista {
	uint16_t kind;
	uint16_t format;
	uint16_t type; /* or length */
};

static bool arista_parse(struct cur *in, struct arista *a)
{
	a->kind = cur_be16(in);
	a->format = cur_be16(in) >> 4 & 0x0fff; /* below: which clock */
	if (a->kind != ARISTA_TIME || (a->format != ARISTA_64 && a->format != ARISTA_48))
		return false;
	cur_skip(in, a->format == ARISTA_64 ? ARISTA_64_LEN : ARISTA_48_LEN);
	a->type = cur_be16(in);
	return cur_ok(in);
}

static enum verdict arista_packet(struct task *t, struct packet *p, void *state)
{
	struct arista a = {0};

	(void)state;
	if (!arista_parse(&p->rest, &a))
		return MALFORMED;
	return forward_type_or_length(t, p, a.type);
}

SHOW(arista, struct arista, FIELD(struct arista, kind, SHOW_NUMBER),
     FIELD(struct arista, format, SHOW_NUMBER), FIELD(struct arista, type, SHOW_HEX))

const struct observer observer_arista = {
	.name = "arista",
	.about = "frames with the time stamp of a mirroring switch",
	.spec = "Arista's Ethernet time stamps (no public standard)",
	.claims = CLAIMS({ETHERTYPE, 0xd28b, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&arista_show),
	.packet = arista_packet,
};

PROVE(arista_parse, struct arista)
