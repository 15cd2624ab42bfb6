/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mndp.c - MikroTik routers and switches that announce themselves to their neighbours.
 *
 * A datagram to port 5678 has a head of four bytes, the last two of which count the announcements,
 * and values: type and length of two bytes each. The maker has published no layout; what is read
 * here is what the public dissectors agree on. Who looks for neighbours sends four zeros.
 */
#include "observe/shared/device.h"

enum { MNDP_PORT = 5678, MNDP_HEAD = 4, MNDP_TYPE_MAX = 255, MNDP_MAC = 1, MNDP_INTERFACE = 16 };

static const struct numbered mndp_rules[] = {
	{5, FACT_DEVICE_NAME},    {7, FACT_DEVICE_FIRMWARE}, {8, FACT_DEVICE_VENDOR},
	{11, FACT_DEVICE_SERIAL}, {12, FACT_DEVICE_MODEL},   {MNDP_INTERFACE, FACT_MNDP_INTERFACE},
};

struct mndp {
	uint16_t sequence;
	uint32_t values;
	bool has_mac; /* of six bytes: every announcement has one */
	struct cur rest;
};

struct mndp_value {
	uint16_t type;
	struct cur value;
};

static struct mndp_value mndp_next(struct cur *in)
{
	struct mndp_value v;

	v.type = cur_be16(in);
	v.value = cur_sub(in, cur_be16(in));
	if (v.type == 0 || v.type > MNDP_TYPE_MAX)
		cur_fail(in);
	return v;
}

static bool mndp_parse(struct cur *in, struct mndp *m)
{
	cur_skip(in, 2);
	m->sequence = cur_be16(in);
	m->rest = cur_rest(in);
	struct cur rest = m->rest;
	while (cur_more(&rest)) {
		const struct mndp_value v = mndp_next(&rest);
		m->values += 1;
		m->has_mac = m->has_mac || (v.type == MNDP_MAC && cur_left(&v.value) == 6);
	}
	return cur_ok(in) && cur_ok(&rest);
}

static void mndp_tell(struct task *t, const struct packet *p, const struct mndp_value *v)
{
	if (v->type == MNDP_MAC)
		device_tell_mac(t, p, v->value);
	device_tell_numbered(t, p, mndp_rules, COUNT_OF(mndp_rules), v->type, v->value);
}

static enum verdict mndp_packet(struct task *t, struct packet *p, void *state)
{
	struct mndp m = {0};

	(void)state;
	if (!mndp_parse(&p->rest, &m))
		return p->cut && m.has_mac ? MALFORMED : NOT_MINE;
	if (p->cut || m.values == 0)
		return p->cut ? MALFORMED : NOTHING;
	if (!m.has_mac)
		return NOT_MINE;
	for (uint32_t i = 0; i < CUR_MAX && cur_more(&m.rest); i++) {
		const struct mndp_value v = mndp_next(&m.rest);
		mndp_tell(t, p, &v);
	}
	return LEARNED;
}

SHOW(mndp, struct mndp, FIELD(struct mndp, sequence, SHOW_NUMBER),
     FIELD(struct mndp, values, SHOW_NUMBER), FIELD(struct mndp, has_mac, SHOW_BOOL))

const struct observer observer_mndp = {
	.name = "mndp",
	.about = "what MikroTik's devices say to their neighbours",
	.spec = "MikroTik Neighbor Discovery Protocol (no public standard)",
	.claims = CLAIMS({UDP_PORT, MNDP_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_NAME, SAYS, 95}, {FACT_DEVICE_FIRMWARE, SAYS, 95},
                       {FACT_DEVICE_VENDOR, SAYS, 95}, {FACT_DEVICE_SERIAL, SAYS, 80},
                       {FACT_DEVICE_MODEL, SAYS, 95}, {FACT_DEVICE_MAC, SAYS, 95},
                       {FACT_MNDP_INTERFACE, SAYS, 90}),
	.shows = SHOWS(&mndp_show),
	.packet = mndp_packet,
};

PROVE(mndp_parse, struct mndp)
