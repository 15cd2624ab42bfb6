/* SPDX-License-Identifier: Apache-2.0 */
/*
 * artnet.c - lighting nodes and controllers that answer a poll (Art-Net 4).
 *
 * All packets begin with "Art-Net", a zero and an operation, little endian. An ArtPollReply
 * (0x2100) has the node's address and port, its version, the maker's number for the product (Oem),
 * two names that people set, a report, the states of its ports and its MAC address. Older nodes leave
 * out what follows that. DMX values and polls say nothing of who sends them.
 */
#include "observe/shared/device.h"

enum { ARTNET_PORT = 6454, ARTNET_POLL_REPLY = 0x2100, ARTNET_OEM_UNKNOWN = 0x00ff };

struct artnet {
	bool is_head;
	uint16_t operation, port, version, oem;
	struct cur short_name, long_name, mac;
};

static bool artnet_parse(struct cur *in, struct artnet *a)
{
	a->is_head = cur_is(in, "Art-Net\0");
	a->operation = cur_le16(in);
	if (!a->is_head || a->operation != ARTNET_POLL_REPLY)
		return a->is_head && cur_ok(in);
	cur_skip(in, 4);
	a->port = cur_le16(in);
	a->version = cur_be16(in);
	cur_skip(in, 2); /* net and sub-net switches */
	a->oem = cur_be16(in);
	cur_skip(in, 4); /* boot version, status, ESTA's number of the maker */
	a->short_name = cur_sub(in, 18);
	a->long_name = cur_sub(in, 64);
	cur_skip(in, 64 + 2 + 5 * 4); /* report, number of ports, their types and states */
	cur_skip(in, 3 + 3 + 1);      /* video, macros, remotes, spare, style */
	a->mac = cur_sub(in, 6);
	return cur_ok(in) && a->port == ARTNET_PORT;
}

static enum verdict artnet_packet(struct task *t, struct packet *p, void *state)
{
	struct artnet a = {0};

	(void)state;
	if (!artnet_parse(&p->rest, &a))
		return a.is_head ? MALFORMED : NOT_MINE;
	if (a.operation != ARTNET_POLL_REPLY)
		return NOTHING;
	device_tell_field(t, p, FACT_DEVICE_NAME, a.short_name);
	device_tell_field(t, p, FACT_DEVICE_NAME, a.long_name);
	device_tell_mac(t, p, a.mac);
	if (a.oem != ARTNET_OEM_UNKNOWN)
		tell_number(t, p, sender(p), FACT_ARTNET_OEM, a.oem);
	return LEARNED;
}

SHOW(artnet, struct artnet, FIELD(struct artnet, operation, SHOW_HEX),
     FIELD(struct artnet, version, SHOW_NUMBER), FIELD(struct artnet, oem, SHOW_NUMBER))

const struct observer observer_artnet = {
	.name = "artnet",
	.about = "lighting nodes and controllers, by Art-Net",
	.spec = "Art-Net 4",
	.claims = CLAIMS({UDP_PORT, ARTNET_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_NAME, SAYS, 90}, {FACT_DEVICE_MAC, SAYS, 95},
                       {FACT_ARTNET_OEM, SAYS, 95}),
	.shows = SHOWS(&artnet_show),
	.packet = artnet_packet,
};

PROVE(artnet_parse, struct artnet)
