/* SPDX-License-Identifier: Apache-2.0 */
/*
 * teredo.c - Teredo: IPv6 through NATs, in datagrams.
 *
 * Before the packet may stand an authentication and an origin indication (RFC 4380, 5.1.1), in
 * this order. A packet of no next header is a bubble, that opens a NAT: it is IPv6 as well.
 */
#include "observe/observer.h"

enum { TEREDO_AUTHENTICATION = 0x0001, TEREDO_ORIGIN = 0x0000 };

struct teredo {
	bool authenticated, has_origin;
	uint8_t version;
};

static bool teredo_is_next(struct cur *in, uint16_t indication)
{
	const uint32_t at = cur_pos(in);
	const bool is = cur_left(in) >= 2 && cur_be16(in) == indication;

	if (!is)
		cur_seek(in, at);
	return is;
}

static bool teredo_parse(struct cur *in, struct teredo *r)
{
	r->authenticated = teredo_is_next(in, TEREDO_AUTHENTICATION);
	if (r->authenticated) {
		const uint32_t client = cur_u8(in);
		const uint32_t value = cur_u8(in);
		cur_skip(in, client + value + 9); /* a nonce and a confirmation too */
	}
	r->has_origin = teredo_is_next(in, TEREDO_ORIGIN);
	if (r->has_origin)
		cur_skip(in, 6);
	r->version = cur_peek8(in) >> 4;
	return cur_ok(in) && r->version == 6 && cur_left(in) >= 40;
}

static enum verdict teredo_packet(struct task *t, struct packet *p, void *state)
{
	struct teredo r = {0};
	struct packet inner = {0};

	(void)state;
	if (!teredo_parse(&p->rest, &r))
		return NOT_MINE;
	if (packet_enter(t, p, "teredo", false, 0, &inner))
		forward(t, &inner, ETHERTYPE, 0x86dd);
	return LEARNED;
}

SHOW(teredo, struct teredo, FIELD(struct teredo, authenticated, SHOW_BOOL),
     FIELD(struct teredo, has_origin, SHOW_BOOL), FIELD(struct teredo, version, SHOW_NUMBER))

const struct observer observer_teredo = {
	.name = "teredo",
	.about = "Teredo tunnels",
	.spec = "RFC 4380",
	.claims = CLAIMS({UDP_PORT, 3544, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&teredo_show),
	.packet = teredo_packet,
};

PROVE(teredo_parse, struct teredo)
