/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lantronix.c - serial device servers with Lantronix' modules, as they answer on port 30718.
 *
 * A question is 00 00 00 f6; the answer, type f7, is 30 bytes, of which the last six are the
 * module's MAC address. The bytes between are the product's own, and differ with whoever built it:
 * they are not read. There is no public standard; the layout is that of public tools.
 */
#include "observe/shared/device.h"

enum { LANTRONIX_PORT = 30718, LANTRONIX_ANSWER = 0xf7, LANTRONIX_ANSWER_LEN = 30 };

struct lantronix {
	uint8_t type;
	struct cur mac;
};

static bool lantronix_parse(struct cur *in, struct lantronix *l)
{
	const uint32_t whole = cur_left(in);

	if (cur_be24(in) != 0)
		return false;
	l->type = cur_u8(in);
	l->mac = cur_sub(in, 0);
	if (l->type != LANTRONIX_ANSWER)
		return cur_ok(in) && l->type >= 0xf0;
	cur_skip(in, 20);
	l->mac = cur_sub(in, 6);
	return cur_ok(in) && whole == LANTRONIX_ANSWER_LEN;
}

static enum verdict lantronix_packet(struct task *t, struct packet *p, void *state)
{
	struct lantronix l = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!lantronix_parse(&p->rest, &l))
		return NOT_MINE;
	if (l.type != LANTRONIX_ANSWER || p->from_port.n != LANTRONIX_PORT)
		return NOTHING;
	device_tell_mac(t, p, l.mac);
	return LEARNED;
}

SHOW(lantronix, struct lantronix, FIELD(struct lantronix, type, SHOW_HEX))

const struct observer observer_lantronix = {
	.name = "lantronix",
	.about = "serial device servers of Lantronix",
	.spec = "Lantronix discovery (no public standard)",
	.claims = CLAIMS({UDP_PORT, LANTRONIX_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_MAC, SAYS, 90}),
	.shows = SHOWS(&lantronix_show),
	.packet = lantronix_packet,
};

PROVE(lantronix_parse, struct lantronix)
