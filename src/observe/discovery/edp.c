/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edp.c - Extreme Networks' discovery: a switch's name, port and version.
 *
 * A header names the sending switch by its MAC; then values, each behind the marker 99, of a
 * byte of type and two of length, which counts these four. The null value ends the list, and what
 * lies behind it is padding. Slots and ports are counted from 0, and told as the switch's own
 * command line counts them, from 1.
 */
#include "observe/observer.h"

enum { EDP_NULL = 0, EDP_DISPLAY = 1, EDP_INFO = 2, EDP_MARKER = 0x99 };

struct edp {
	uint8_t version;
	uint16_t length, sequence;
	struct mac mac;
	struct cur rest;
	uint32_t count; /* of values before the null one */
};

struct edp_value {
	uint8_t type;
	struct cur value;
};

struct edp_info {
	uint16_t slot, port;
	uint8_t version[4];
};

static struct edp_value edp_value_next(struct cur *in)
{
	struct edp_value v;

	if (cur_u8(in) != EDP_MARKER)
		cur_fail(in);
	v.type = cur_u8(in);
	const uint16_t len = cur_be16(in);
	if (len < 4)
		cur_fail(in);
	v.value = cur_sub(in, len < 4 ? 0 : len - 4u);
	return v;
}

static bool edp_judge(struct edp *e)
{
	struct cur rest = e->rest;

	while (cur_more(&rest)) {
		const struct edp_value v = edp_value_next(&rest);
		if (v.type == EDP_NULL)
			break;
		e->count += 1;
	}
	return cur_ok(&rest);
}

static bool edp_parse(struct cur *in, struct edp *e)
{
	e->version = cur_u8(in);
	cur_skip(in, 1);
	e->length = cur_be16(in);
	cur_skip(in, 2); /* checksum */
	e->sequence = cur_be16(in);
	cur_skip(in, 2); /* kind of id: 0, a MAC */
	cur_mac(in, &e->mac);
	e->rest = cur_rest(in);
	return cur_ok(in) && e->version == 1 && edp_judge(e);
}

static bool edp_info_parse(struct cur *in, struct edp_info *i)
{
	i->slot = cur_be16(in);
	i->port = cur_be16(in);
	cur_skip(in, 8); /* virtual chassis, reserved */
	return cur_copy(in, i->version, sizeof i->version, sizeof i->version);
}

static void edp_tell_name(struct task *t, const struct packet *p, struct cur value)
{
	tell_text(t, p, sender_link(p), FACT_EDP_NAME, cur_token(&value, "\0"));
}

static void edp_tell_info(struct task *t, const struct packet *p, struct cur value)
{
	struct edp_info info = {0};
	struct text text;

	if (!edp_info_parse(&value, &info))
		return;
	text_clear(&text);
	text_decimal(&text, info.slot + 1u);
	text_put(&text, '/');
	text_decimal(&text, info.port + 1u);
	tell_string(t, p, sender_link(p), FACT_EDP_PORT, &text);
	text_clear(&text);
	for (unsigned i = 0; i < COUNT_OF(info.version); i++) {
		if (i > 0)
			text_put(&text, '.');
		text_decimal(&text, info.version[i]);
	}
	tell_string(t, p, sender_link(p), FACT_EDP_VERSION, &text);
}

static enum verdict edp_packet(struct task *t, struct packet *p, void *state)
{
	struct edp e = {0};

	(void)state;
	if (p->cut || !edp_parse(&p->rest, &e))
		return MALFORMED;
	for (uint32_t i = 0; i < CUR_MAX && i < e.count && cur_more(&e.rest); i++) {
		const struct edp_value v = edp_value_next(&e.rest);
		if (v.type == EDP_DISPLAY)
			edp_tell_name(t, p, v.value);
		if (v.type == EDP_INFO)
			edp_tell_info(t, p, v.value);
	}
	return LEARNED;
}

SHOW(edp, struct edp, FIELD(struct edp, sequence, SHOW_NUMBER), FIELD(struct edp, mac, SHOW_MAC),
     FIELD(struct edp, count, SHOW_NUMBER))

const struct observer observer_edp = {
	.name = "edp",
	.about = "what Extreme Networks' switches say to their neighbour",
	.spec = "Extreme Discovery Protocol (no public standard)",
	.claims = CLAIMS({SNAP, 0x00e02b00bb, NULL}),
	.tells = TELLS({FACT_EDP_NAME, SAYS, 95}, {FACT_EDP_PORT, SAYS, 90},
                       {FACT_EDP_VERSION, SAYS, 90}),
	.shows = SHOWS(&edp_show),
	.packet = edp_packet,
};

PROVE(edp_parse, struct edp)
PROVE(edp_info_parse, struct edp_info)
