/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pim.c - routers that forward multicast.
 *
 * Version and type are one byte, a checksum follows (RFC 7761, 4.9). Whoever speaks it is a
 * router. A hello's options are types, lengths and values, and must end where the message does;
 * its hold time is of two bytes (4.9.2).
 */
#include "observe/observer.h"

enum { PIM_VERSION = 2, PIM_HELLO = 0, PIM_HOLD_TIME = 1 };

struct pim {
	uint8_t version, type;
	uint32_t options;
};

static bool pim_parse(struct cur *in, struct pim *m)
{
	const uint8_t first = cur_u8(in);

	m->version = first >> 4;
	m->type = first & 0x0f;
	cur_skip(in, 3);
	if (!cur_ok(in) || m->version != PIM_VERSION)
		return false;
	while (m->type == PIM_HELLO && cur_more(in)) {
		const uint16_t option = cur_be16(in), len = cur_be16(in);
		if (option == PIM_HOLD_TIME && len != 2)
			return false;
		cur_skip(in, len);
		m->options += 1;
	}
	return cur_ok(in);
}

static enum verdict pim_packet(struct task *t, struct packet *p, void *state)
{
	struct pim m = {0};

	(void)state;
	if (!pim_parse(&p->rest, &m) || p->cut)
		return MALFORMED;
	tell_word(t, p, sender(p), FACT_ROLE, "router");
	return LEARNED;
}

SHOW(pim, struct pim, FIELD(struct pim, version, SHOW_NUMBER), FIELD(struct pim, type, SHOW_NUMBER),
     FIELD(struct pim, options, SHOW_NUMBER))

const struct observer observer_pim = {
	.name = "pim",
	.about = "routers that forward multicast (PIM)",
	.spec = "RFC 7761",
	.claims = CLAIMS({IP_PROTOCOL, 103, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 95}),
	.shows = SHOWS(&pim_show),
	.packet = pim_packet,
};

PROVE(pim_parse, struct pim)
