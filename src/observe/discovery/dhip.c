/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dhip.c - Dahua's cameras and recorders, and those they make for others (DHIP, DHDiscover).
 *
 * A datagram to or from port 37810 has a head of 32 bytes: 20 00 00 00 "DHIP", eight bytes of
 * session and request, the length of the text twice (little endian, each in eight bytes), then a
 * JSON text. A device answers "client.notifyDevInfo": its MAC address stands outside, the rest in
 * params.deviceInfo. There is no public standard; layout and names are those of answers that
 * public tools and reports quote.
 */
#include "observe/shared/device.h"

enum { DHIP_PORT = 37810, DHIP_INFO_DEPTH = 3 };

static const struct keyed dhip_outside[] = {KEYED("mac", DEVICE_MAC)};

static const struct keyed dhip_inside[] = {
	KEYED("DeviceType", DEVICE_MODEL), KEYED("SerialNo", DEVICE_SERIAL),
	KEYED("Version", DEVICE_FIRMWARE), KEYED("Vendor", DEVICE_VENDOR),
	KEYED("MachineName", DEVICE_NAME),
};

struct dhip {
	bool is_head, is_info;
	uint32_t length;
	struct cur text;
};

static bool dhip_head(struct cur *in, struct dhip *d)
{
	d->is_head = cur_be32(in) == 0x20000000 && cur_is(in, "DHIP");
	cur_skip(in, 8);
	d->length = cur_le32(in);
	cur_skip(in, 4);
	const uint32_t again = cur_le32(in);
	cur_skip(in, 4);
	d->text = cur_sub(in, d->length);
	return d->is_head && cur_ok(in) && again == d->length;
}

static bool dhip_parse(struct cur *in, struct dhip *d)
{
	struct json j = {0};
	struct json_item item = {0};

	if (!dhip_head(in, d))
		return false;
	struct cur text = d->text;
	while (cur_more(&text) && json_next(&text, &j, &item))
		d->is_info = d->is_info || (item.depth == 1 && WINDOW_IS(item.key, "method") &&
		                            WINDOW_IS(item.value, "client.notifyDevInfo"));
	return json_ended(&text, &j);
}

static enum verdict dhip_packet(struct task *t, struct packet *p, void *state)
{
	struct dhip d = {0};

	(void)state;
	if (!dhip_parse(&p->rest, &d))
		return d.is_head ? MALFORMED : NOT_MINE;
	if (!d.is_info)
		return NOTHING;
	device_tell_level(t, p, dhip_outside, COUNT_OF(dhip_outside), d.text, 1);
	device_tell_level(t, p, dhip_inside, COUNT_OF(dhip_inside), d.text, DHIP_INFO_DEPTH);
	return LEARNED;
}

SHOW(dhip, struct dhip, FIELD(struct dhip, length, SHOW_NUMBER),
     FIELD(struct dhip, is_info, SHOW_BOOL))

const struct observer observer_dhip = {
	.name = "dhip",
	.about = "Dahua's cameras and recorders",
	.spec = "DHIP (no public standard)",
	.claims = CLAIMS({UDP_PORT, DHIP_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_MODEL, SAYS, 95}, {FACT_DEVICE_SERIAL, SAYS, 95},
                       {FACT_DEVICE_FIRMWARE, SAYS, 95}, {FACT_DEVICE_VENDOR, SAYS, 80},
                       {FACT_DEVICE_NAME, SAYS, 80}, {FACT_DEVICE_MAC, SAYS, 95}),
	.shows = SHOWS(&dhip_show),
	.packet = dhip_packet,
};

PROVE(dhip_parse, struct dhip)
