/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pagp.c - PAgP: Cisco's link aggregation, and the names in it.
 *
 * A fixed part about the port and its partner, then values whose length counts their four bytes
 * of type and length: the device's name, its port's name. What is said of the partner is the
 * partner's to tell. Nothing public specifies it.
 */
#include "observe/shared/cisco_tlv.h"

enum { PAGP_INFORMATION = 1, PAGP_FLUSH = 2, PAGP_DEVICE = 1, PAGP_PORT = 2, PAGP_FIXED = 44 };

struct pagp {
	uint8_t version, flags;
	struct mac device;
	uint16_t count; /* of values */
	struct cur values;
};

static bool pagp_judge(struct pagp *g)
{
	struct cur rest = g->values;

	for (uint32_t i = 0; i < CUR_MAX && i < g->count; i++) {
		const struct cisco_tlv v = cisco_tlv_next(&rest);
		(void)v;
	}
	return cur_ok(&rest);
}

static bool pagp_parse(struct cur *in, struct pagp *g)
{
	g->version = cur_u8(in);
	g->values = cur_sub(in, 0);
	if (!cur_ok(in) || (g->version != PAGP_INFORMATION && g->version != PAGP_FLUSH))
		return false;
	if (g->version == PAGP_FLUSH)
		return true;
	g->flags = cur_u8(in);
	cur_mac(in, &g->device);
	cur_skip(in, PAGP_FIXED - 8); /* of the port and the partner */
	g->count = cur_be16(in);
	g->values = cur_rest(in);
	return cur_ok(in) && pagp_judge(g);
}

static enum verdict pagp_packet(struct task *t, struct packet *p, void *state)
{
	struct pagp g = {0};
	char text[MAC_TEXT];

	(void)state;
	if (!pagp_parse(&p->rest, &g))
		return MALFORMED;
	if (mac_is_device(g.device))
		tell_word(t, p, sender_link(p), FACT_PAGP_DEVICE, mac_format(g.device, text));
	for (uint32_t i = 0; i < CUR_MAX && i < g.count; i++) {
		struct cisco_tlv v = cisco_tlv_next(&g.values);
		if (v.type == PAGP_DEVICE)
			tell_text(t, p, sender_link(p), FACT_PAGP_NAME, cur_token(&v.value, "\0"));
		if (v.type == PAGP_PORT)
			tell_text(t, p, sender_link(p), FACT_PAGP_PORT, cur_token(&v.value, "\0"));
	}
	return mac_is_device(g.device) ? LEARNED : NOTHING;
}

SHOW(pagp, struct pagp, FIELD(struct pagp, version, SHOW_NUMBER),
     FIELD(struct pagp, device, SHOW_MAC), FIELD(struct pagp, count, SHOW_NUMBER))

const struct observer observer_pagp = {
	.name = "pagp",
	.about = "link aggregation of Cisco's switches",
	.spec = "Port Aggregation Protocol (Cisco; no public standard)",
	.claims = CLAIMS({SNAP, 0x00000c0104, NULL}),
	.tells = TELLS({FACT_PAGP_DEVICE, SAYS, 95}, {FACT_PAGP_NAME, SAYS, 95},
                       {FACT_PAGP_PORT, SAYS, 95}),
	.shows = SHOWS(&pagp_show),
	.packet = pagp_packet,
};

PROVE(pagp_parse, struct pagp)
