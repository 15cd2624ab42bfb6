/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ubiquiti.c - Ubiquiti's devices, as they answer or announce themselves on port 10001.
 *
 * A message is a version (1 or 2), a command, the length of the rest, and values: a type of a byte,
 * a length of two. Version 1 is asked for with 01 00 0000 and answered; version 2 is sent by the
 * device itself. The maker has published no layout; what is read here is what the public
 * dissectors agree on. User names, challenges and salts of its old management are passed over.
 */
#include "observe/shared/device.h"

enum { UBIQUITI_PORT = 10001 };
enum { UBIQUITI_MAC = 1, UBIQUITI_MAC_AND_IP = 2, UBIQUITI_MAC_2 = 5, UBIQUITI_MAC_3 = 19 };

static const struct numbered ubiquiti_rules[] = {
	{3, FACT_DEVICE_FIRMWARE},  {11, FACT_DEVICE_NAME},     {12, FACT_DEVICE_MODEL},
	{13, FACT_WLAN_SSID},       {20, FACT_DEVICE_MODEL},    {21, FACT_DEVICE_MODEL},
	{22, FACT_DEVICE_FIRMWARE}, {27, FACT_DEVICE_FIRMWARE},
};

struct ubiquiti {
	uint8_t version, command;
	uint16_t length;
	uint32_t values;
	bool has_mac;
	struct cur rest;
};

struct ubiquiti_value {
	uint8_t type;
	struct cur value;
};

static struct ubiquiti_value ubiquiti_next(struct cur *in)
{
	struct ubiquiti_value v;

	v.type = cur_u8(in);
	v.value = cur_sub(in, cur_be16(in));
	return v;
}

/* With a MAC address, alone or before an IP address. */
static bool ubiquiti_is_mac(const struct ubiquiti_value *v)
{
	if (v->type == UBIQUITI_MAC_AND_IP)
		return cur_left(&v->value) == 10;
	return (v->type == UBIQUITI_MAC || v->type == UBIQUITI_MAC_2 ||
	        v->type == UBIQUITI_MAC_3) &&
	       cur_left(&v->value) == 6;
}

static bool ubiquiti_parse(struct cur *in, struct ubiquiti *u)
{
	u->version = cur_u8(in);
	u->command = cur_u8(in);
	u->length = cur_be16(in);
	if (u->version < 1 || u->version > 2 || cur_left(in) < u->length)
		return false;
	u->rest = cur_sub(in, u->length);
	struct cur rest = u->rest;
	while (cur_more(&rest)) {
		const struct ubiquiti_value v = ubiquiti_next(&rest);
		u->values += 1;
		u->has_mac = u->has_mac || ubiquiti_is_mac(&v);
	}
	return cur_ok(in) && cur_ok(&rest) && cur_left(in) == 0;
}

static void ubiquiti_tell(struct task *t, const struct packet *p, const struct ubiquiti_value *v)
{
	if (ubiquiti_is_mac(v)) {
		struct cur value = v->value;
		device_tell_mac(t, p, cur_sub(&value, 6));
	}
	device_tell_numbered(t, p, ubiquiti_rules, COUNT_OF(ubiquiti_rules), v->type, v->value);
}

static enum verdict ubiquiti_packet(struct task *t, struct packet *p, void *state)
{
	struct ubiquiti u = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!ubiquiti_parse(&p->rest, &u))
		return NOT_MINE;
	if (u.values == 0)
		return NOTHING;
	if (!u.has_mac)
		return NOT_MINE;
	for (uint32_t i = 0; i < CUR_MAX && cur_more(&u.rest); i++) {
		const struct ubiquiti_value v = ubiquiti_next(&u.rest);
		ubiquiti_tell(t, p, &v);
	}
	return LEARNED;
}

SHOW(ubiquiti, struct ubiquiti, FIELD(struct ubiquiti, version, SHOW_NUMBER),
     FIELD(struct ubiquiti, command, SHOW_NUMBER), FIELD(struct ubiquiti, values, SHOW_NUMBER),
     FIELD(struct ubiquiti, has_mac, SHOW_BOOL))

const struct observer observer_ubiquiti = {
	.name = "ubiquiti",
	.about = "Ubiquiti's devices, as they announce themselves",
	.spec = "Ubiquiti discovery, versions 1 and 2 (no public standard)",
	.claims = CLAIMS({UDP_PORT, UBIQUITI_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_NAME, SAYS, 95}, {FACT_DEVICE_FIRMWARE, SAYS, 95},
                       {FACT_DEVICE_MODEL, SAYS, 95}, {FACT_DEVICE_MAC, SAYS, 95},
                       {FACT_WLAN_SSID, SAYS, 80}),
	.shows = SHOWS(&ubiquiti_show),
	.packet = ubiquiti_packet,
};

PROVE(ubiquiti_parse, struct ubiquiti)
