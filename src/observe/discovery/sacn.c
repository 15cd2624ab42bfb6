/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sacn.c - lighting consoles and other sources of DMX over streaming ACN (ANSI E1.31).
 *
 * The root layer is a preamble, "ASC-E1.17", flags with a length, a vector and the source's CID, a
 * UUID that stays with it (5). The framing layer of data (vectors 4, 2) and of universe discovery
 * (8, 2) has the name that its user gave the source, 64 bytes. Synchronisation has none.
 */
#include "observe/shared/device.h"

enum { SACN_PORT = 5568, SACN_DATA = 4, SACN_EXTENDED = 8 };
enum { SACN_NAMED = 2 }; /* data in vector 4, universe discovery in vector 8 */

struct sacn {
	bool is_acn;
	uint32_t vector, frame;
	struct cur cid, name;
};

static bool sacn_parse(struct cur *in, struct sacn *s)
{
	const bool preamble = cur_be32(in) == 0x00100000;

	s->is_acn = cur_is(in, "ASC-E1.17\0\0\0") && preamble;
	s->cid = cur_sub(in, 0);
	s->name = cur_sub(in, 0);
	const uint32_t left = cur_left(in);
	const uint16_t flags = cur_be16(in);
	s->vector = cur_be32(in);
	s->cid = cur_sub(in, 16);
	if (!s->is_acn || flags >> 12 != 7 || (flags & 0xfff) > left)
		return false;
	if (s->vector != SACN_DATA && s->vector != SACN_EXTENDED)
		return cur_ok(in);
	cur_skip(in, 2);
	s->frame = cur_be32(in);
	if (s->frame == SACN_NAMED)
		s->name = cur_sub(in, 64);
	return cur_ok(in);
}

static enum verdict sacn_packet(struct task *t, struct packet *p, void *state)
{
	struct sacn s = {0};

	(void)state;
	if (!sacn_parse(&p->rest, &s))
		return s.is_acn ? MALFORMED : NOT_MINE;
	if (cur_left(&s.name) == 0)
		return NOTHING;
	device_tell_uuid(t, p, FACT_DEVICE_ID, s.cid);
	device_tell_field(t, p, FACT_DEVICE_NAME, s.name);
	return LEARNED;
}

SHOW(sacn, struct sacn, FIELD(struct sacn, is_acn, SHOW_BOOL),
     FIELD(struct sacn, vector, SHOW_NUMBER), FIELD(struct sacn, frame, SHOW_NUMBER))

const struct observer observer_sacn = {
	.name = "sacn",
	.about = "sources of lighting data, by streaming ACN",
	.spec = "ANSI E1.31",
	.claims = CLAIMS({UDP_PORT, SACN_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_ID, SAYS, 95}, {FACT_DEVICE_NAME, SAYS, 90}),
	.shows = SHOWS(&sacn_show),
	.packet = sacn_packet,
};

PROVE(sacn_parse, struct sacn)
