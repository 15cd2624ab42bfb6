/* SPDX-License-Identifier: Apache-2.0 */
/*
 * addp.c - Digi's device servers, gateways and modules (Advanced Device Discovery Protocol).
 *
 * A message to or from port 2362 is a mark, "DIGI", "DVKT" or "DGDP", a command, a length and
 * values: a type and a length of a byte each. A device answers a request for its configuration, 1,
 * with a reply, 2. The types are those that public descriptions name; keys of a wireless network,
 * which a reply may have, are not looked at.
 */
#include "observe/shared/device.h"

enum { ADDP_PORT = 2362, ADDP_REPLY = 2, ADDP_COMMAND_MAX = 14, ADDP_MAC = 1 };

static const struct numbered addp_rules[] = {
	{4, FACT_DEVICE_NAME},
	{8, FACT_DEVICE_FIRMWARE},
	{13, FACT_DEVICE_MODEL},
	{28, FACT_WLAN_SSID},
};

struct addp {
	bool is_addp;
	uint16_t command, length;
	uint32_t values;
	struct cur rest;
};

struct addp_value {
	uint8_t type;
	struct cur value;
};

static bool addp_mark(struct cur *in)
{
	return cur_is(in, "DIGI") || cur_is(in, "DVKT") || cur_is(in, "DGDP");
}

static struct addp_value addp_next(struct cur *in)
{
	struct addp_value v;

	v.type = cur_u8(in);
	v.value = cur_sub(in, cur_u8(in));
	return v;
}

static bool addp_parse(struct cur *in, struct addp *a)
{
	a->is_addp = addp_mark(in);
	a->command = cur_be16(in);
	a->length = cur_be16(in);
	a->rest = cur_sub(in, a->length);
	a->is_addp = a->is_addp && a->command > 0 && a->command <= ADDP_COMMAND_MAX;
	if (!a->is_addp || a->command != ADDP_REPLY)
		return a->is_addp && cur_ok(in);
	struct cur rest = a->rest;
	while (cur_more(&rest)) {
		const struct addp_value v = addp_next(&rest);
		a->values += v.type != 0 ? 1 : 0;
	}
	return cur_ok(in) && cur_ok(&rest);
}

static void addp_tell(struct task *t, const struct packet *p, const struct addp_value *v)
{
	if (v->type == ADDP_MAC)
		device_tell_mac(t, p, v->value);
	device_tell_numbered(t, p, addp_rules, COUNT_OF(addp_rules), v->type, v->value);
}

static enum verdict addp_packet(struct task *t, struct packet *p, void *state)
{
	struct addp a = {0};

	(void)state;
	if (!addp_parse(&p->rest, &a))
		return a.is_addp ? MALFORMED : NOT_MINE;
	if (a.command != ADDP_REPLY)
		return NOTHING;
	for (uint32_t i = 0; i < CUR_MAX && cur_more(&a.rest); i++) {
		const struct addp_value v = addp_next(&a.rest);
		addp_tell(t, p, &v);
	}
	return LEARNED;
}

SHOW(addp, struct addp, FIELD(struct addp, command, SHOW_NUMBER),
     FIELD(struct addp, length, SHOW_NUMBER), FIELD(struct addp, values, SHOW_NUMBER))

const struct observer observer_addp = {
	.name = "addp",
	.about = "device servers and gateways of Digi",
	.spec = "Advanced Device Discovery Protocol (no public standard)",
	.claims = CLAIMS({UDP_PORT, ADDP_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_MAC, SAYS, 95}, {FACT_DEVICE_NAME, SAYS, 90},
                       {FACT_DEVICE_FIRMWARE, SAYS, 95}, {FACT_DEVICE_MODEL, SAYS, 95},
                       {FACT_WLAN_SSID, SAYS, 80}),
	.shows = SHOWS(&addp_show),
	.packet = addp_packet,
};

PROVE(addp_parse, struct addp)
