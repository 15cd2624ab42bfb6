/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gvcp.c - industrial cameras that answer a search (GigE Vision Control Protocol).
 *
 * A DISCOVERY_ACK has a head of eight bytes (status, command 3, length 248, request) and the first
 * registers of the camera's bootstrap area, at the offsets that these have: MAC address at 0x08,
 * maker at 0x48, model at 0x68, version at 0x88, serial number at 0xd8, the name that a user gave
 * it at 0xe8. All other messages of the control channel say nothing of who sends them.
 */
#include "observe/shared/device.h"

enum { GVCP_PORT = 3956, GVCP_DISCOVERY_ACK = 3, GVCP_ACK_LEN = 248, GVCP_KEY = 0x42 };

struct gvcp {
	uint16_t status, command, length;
	bool is_command;
	struct cur mac, maker, model, version, serial, name;
};

static bool gvcp_parse(struct cur *in, struct gvcp *g)
{
	g->status = cur_be16(in);
	g->command = cur_be16(in);
	g->length = cur_be16(in);
	cur_skip(in, 2);
	g->is_command = g->status >> 8 == GVCP_KEY;
	if (g->is_command || g->command != GVCP_DISCOVERY_ACK)
		return cur_ok(in) && cur_left(in) == g->length;
	cur_skip(in, 10);
	g->mac = cur_sub(in, 6);
	cur_skip(in, 56);
	g->maker = cur_sub(in, 32);
	g->model = cur_sub(in, 32);
	g->version = cur_sub(in, 32);
	cur_skip(in, 48);
	g->serial = cur_sub(in, 16);
	g->name = cur_sub(in, 16);
	return cur_ok(in) && g->length == GVCP_ACK_LEN && cur_left(in) == 0;
}

static enum verdict gvcp_packet(struct task *t, struct packet *p, void *state)
{
	struct gvcp g = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!gvcp_parse(&p->rest, &g))
		return NOT_MINE;
	if (g.is_command || g.command != GVCP_DISCOVERY_ACK || g.status != 0)
		return NOTHING;
	device_tell_mac(t, p, g.mac);
	device_tell_field(t, p, FACT_DEVICE_VENDOR, g.maker);
	device_tell_field(t, p, FACT_DEVICE_MODEL, g.model);
	device_tell_field(t, p, FACT_DEVICE_FIRMWARE, g.version);
	device_tell_field(t, p, FACT_DEVICE_SERIAL, g.serial);
	device_tell_field(t, p, FACT_DEVICE_NAME, g.name);
	return LEARNED;
}

SHOW(gvcp, struct gvcp, FIELD(struct gvcp, status, SHOW_HEX),
     FIELD(struct gvcp, command, SHOW_NUMBER), FIELD(struct gvcp, length, SHOW_NUMBER),
     FIELD(struct gvcp, is_command, SHOW_BOOL))

const struct observer observer_gvcp = {
	.name = "gvcp",
	.about = "industrial cameras, by GigE Vision",
	.spec = "GigE Vision 2.0, 16",
	.claims = CLAIMS({UDP_PORT, GVCP_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_MAC, SAYS, 95}, {FACT_DEVICE_VENDOR, SAYS, 95},
                       {FACT_DEVICE_MODEL, SAYS, 95}, {FACT_DEVICE_FIRMWARE, SAYS, 95},
                       {FACT_DEVICE_SERIAL, SAYS, 95}, {FACT_DEVICE_NAME, SAYS, 90}),
	.shows = SHOWS(&gvcp_show),
	.packet = gvcp_packet,
};

PROVE(gvcp_parse, struct gvcp)
