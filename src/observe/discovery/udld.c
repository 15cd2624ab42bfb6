/* SPDX-License-Identifier: Apache-2.0 */
/*
 * udld.c - UDLD: a port that makes sure that its link works in both directions.
 *
 * It says its device's id and name and its own (RFC 5171, 5.2); what it heard of its neighbours is
 * theirs to tell. A value's length counts its four bytes of type and length.
 */
#include "observe/shared/cisco_tlv.h"

enum { UDLD_DEVICE = 1, UDLD_PORT = 2, UDLD_NAME = 6 };

struct udld {
	uint8_t version, operation, flags;
	struct cur values;
	uint32_t count;
};

static bool udld_parse(struct cur *in, struct udld *u)
{
	const uint8_t head = cur_u8(in);

	u->version = head >> 5;
	u->operation = head & 0x1f;
	u->flags = cur_u8(in);
	cur_skip(in, 2); /* checksum */
	u->values = cur_rest(in);
	struct cur rest = u->values;
	while (cur_more(&rest)) {
		const struct cisco_tlv v = cisco_tlv_next(&rest);
		(void)v;
		u->count += 1;
	}
	return cur_ok(in) && cur_ok(&rest) && u->version == 1 && u->count > 0;
}

static const struct udld_rule {
	uint16_t type;
	enum fact_kind kind;
} udld_rules[] = {
	{UDLD_DEVICE, FACT_UDLD_DEVICE_ID},
	{UDLD_PORT, FACT_UDLD_PORT_ID},
	{UDLD_NAME, FACT_UDLD_DEVICE_NAME},
};

static enum verdict udld_packet(struct task *t, struct packet *p, void *state)
{
	struct udld u = {0};

	(void)state;
	if (p->cut || !udld_parse(&p->rest, &u))
		return MALFORMED;
	for (uint32_t i = 0; i < CUR_MAX && i < u.count && cur_more(&u.values); i++) {
		struct cisco_tlv v = cisco_tlv_next(&u.values);
		for (unsigned k = 0; k < COUNT_OF(udld_rules); k++)
			if (udld_rules[k].type == v.type)
				tell_text(t, p, sender_link(p), udld_rules[k].kind,
				          cur_token(&v.value, "\0"));
	}
	return LEARNED;
}

SHOW(udld, struct udld, FIELD(struct udld, version, SHOW_NUMBER),
     FIELD(struct udld, operation, SHOW_NUMBER), FIELD(struct udld, count, SHOW_NUMBER))

const struct observer observer_udld = {
	.name = "udld",
	.about = "ports that test their link",
	.spec = "RFC 5171",
	.claims = CLAIMS({SNAP, 0x00000c0111, NULL}),
	.tells = TELLS({FACT_UDLD_DEVICE_ID, SAYS, 95}, {FACT_UDLD_PORT_ID, SAYS, 95},
                       {FACT_UDLD_DEVICE_NAME, SAYS, 95}),
	.shows = SHOWS(&udld_show),
	.packet = udld_packet,
};

PROVE(udld_parse, struct udld)
