/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtp.c - DTP: a port of Cisco's switches that would be a trunk.
 *
 * A version, then values whose length counts their four bytes of type and length: of these
 * the domain is told. Nothing public specifies it. Whoever speaks it is a switch.
 */
#include "observe/shared/cisco_tlv.h"

enum { DTP_DOMAIN = 1 };

struct dtp {
	uint8_t version;
	struct cur values;
	uint32_t count;
};

static bool dtp_parse(struct cur *in, struct dtp *d)
{
	d->version = cur_u8(in);
	d->values = cur_rest(in);
	struct cur rest = d->values;
	while (cur_more(&rest)) {
		const struct cisco_tlv v = cisco_tlv_next(&rest);
		(void)v;
		d->count += 1;
	}
	return cur_ok(in) && cur_ok(&rest) && d->version == 1 && d->count > 0;
}

static enum verdict dtp_packet(struct task *t, struct packet *p, void *state)
{
	struct dtp d = {0};

	(void)state;
	if (p->cut || !dtp_parse(&p->rest, &d))
		return MALFORMED;
	tell_word(t, p, sender_link(p), FACT_ROLE, "switch");
	for (uint32_t i = 0; i < CUR_MAX && i < d.count && cur_more(&d.values); i++) {
		struct cisco_tlv v = cisco_tlv_next(&d.values);
		if (v.type == DTP_DOMAIN)
			tell_text(t, p, sender_link(p), FACT_DTP_DOMAIN, cur_token(&v.value, "\0"));
	}
	return LEARNED;
}

SHOW(dtp, struct dtp, FIELD(struct dtp, version, SHOW_NUMBER),
     FIELD(struct dtp, count, SHOW_NUMBER))

const struct observer observer_dtp = {
	.name = "dtp",
	.about = "ports that would be trunks",
	.spec = "Dynamic Trunking Protocol (Cisco; no public standard)",
	.claims = CLAIMS({SNAP, 0x00000c2004, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 80}, {FACT_DTP_DOMAIN, SAYS, 90}),
	.shows = SHOWS(&dtp_show),
	.packet = dtp_packet,
};

PROVE(dtp_parse, struct dtp)
