/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lifx.c - LIFX' lamps, as they answer on port 56700 (LIFX LAN protocol).
 *
 * A message has a head of 36 bytes, little endian: its size, flags with the protocol's number 1024,
 * who asked, the lamp's address in eight bytes, sequence, and the type. Of what a lamp sends (State
 * messages) are told its MAC address, which is the target in the head, its label, the version of
 * its firmware and the number of the product. What is asked for names a lamp too, but is not sent
 * by it: only messages from the port count.
 */
#include "observe/shared/device.h"

enum { LIFX_PORT = 56700, LIFX_PROTOCOL = 1024 };
enum { LIFX_SERVICE = 3, LIFX_FIRMWARE = 15, LIFX_LABEL = 25, LIFX_VERSION = 33, LIFX_LIGHT = 107 };

struct lifx {
	bool is_lifx;
	uint16_t size, type, minor, major;
	uint32_t product;
	struct cur target, label;
};

static bool lifx_is_state(uint16_t type)
{
	return type == LIFX_SERVICE || type == LIFX_FIRMWARE || type == LIFX_LABEL ||
	       type == LIFX_VERSION || type == LIFX_LIGHT;
}

static void lifx_body_parse(struct cur *in, struct lifx *l)
{
	if (l->type == LIFX_SERVICE) {
		cur_skip(in, 5);
	} else if (l->type == LIFX_FIRMWARE) {
		cur_skip(in, 16);
		l->minor = cur_le16(in);
		l->major = cur_le16(in);
	} else if (l->type == LIFX_VERSION) {
		cur_skip(in, 4);
		l->product = cur_le32(in);
	} else if (l->type == LIFX_LIGHT) {
		cur_skip(in, 12);
		l->label = cur_sub(in, 32);
	} else {
		l->label = cur_sub(in, 32);
	}
}

static bool lifx_parse(struct cur *in, struct lifx *l)
{
	const uint32_t whole = cur_left(in);

	l->size = cur_le16(in);
	const uint16_t flags = cur_le16(in);
	cur_skip(in, 4);
	l->target = cur_sub(in, 6);
	const uint16_t padding = cur_be16(in);
	cur_skip(in, 6 + 2 + 8);
	l->type = cur_le16(in);
	cur_skip(in, 2);
	l->label = cur_sub(in, 0);
	l->is_lifx = cur_ok(in) && l->size == whole && (flags & 0xfff) == LIFX_PROTOCOL;
	if (!l->is_lifx || !lifx_is_state(l->type))
		return l->is_lifx;
	lifx_body_parse(in, l);
	return cur_ok(in) && padding == 0;
}

static void lifx_tell_firmware(struct task *t, const struct packet *p, const struct lifx *l)
{
	struct text text;

	text_clear(&text);
	text_decimal(&text, l->major);
	text_put(&text, '.');
	text_decimal(&text, l->minor);
	tell_string(t, p, sender(p), FACT_DEVICE_FIRMWARE, &text);
}

static enum verdict lifx_packet(struct task *t, struct packet *p, void *state)
{
	struct lifx l = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!lifx_parse(&p->rest, &l))
		return l.is_lifx ? MALFORMED : NOT_MINE;
	if (!lifx_is_state(l.type) || p->from_port.n != LIFX_PORT)
		return NOTHING;
	device_tell_mac(t, p, l.target);
	device_tell_field(t, p, FACT_DEVICE_NAME, l.label);
	if (l.type == LIFX_FIRMWARE)
		lifx_tell_firmware(t, p, &l);
	if (l.type == LIFX_VERSION)
		tell_number(t, p, sender(p), FACT_LIFX_PRODUCT, l.product);
	return LEARNED;
}

SHOW(lifx, struct lifx, FIELD(struct lifx, size, SHOW_NUMBER),
     FIELD(struct lifx, type, SHOW_NUMBER), FIELD(struct lifx, product, SHOW_NUMBER))

const struct observer observer_lifx = {
	.name = "lifx",
	.about = "LIFX' lamps",
	.spec = "LIFX LAN protocol",
	.claims = CLAIMS({UDP_PORT, LIFX_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_MAC, SAYS, 95}, {FACT_DEVICE_NAME, SAYS, 95},
                       {FACT_DEVICE_FIRMWARE, SAYS, 95}, {FACT_LIFX_PRODUCT, SAYS, 95}),
	.shows = SHOWS(&lifx_show),
	.packet = lifx_packet,
};

PROVE(lifx_parse, struct lifx)
