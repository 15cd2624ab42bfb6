/* SPDX-License-Identifier: Apache-2.0 */
/*
 * knxip.c - KNX routers and interfaces that answer a search or describe themselves.
 *
 * KNXnet/IP (ISO 22510; KNX 03.08.02, 7.5 and 7.6) begins with 06 10, a service and the length of
 * the whole. A search's answer (0x0202, and 0x020c to an extended one) has the address to talk to,
 * then description blocks of a length and a type each; a description's answer (0x0204) has the
 * blocks alone. The block of the device, type 1, is 54 bytes: medium, status, individual address,
 * project, serial number of six bytes, multicast address, MAC address, name of 30 bytes.
 */
#include "observe/shared/device.h"

enum { KNXIP_PORT = 3671, KNXIP_DEVICE = 1, KNXIP_DEVICE_LEN = 54 };
enum { KNXIP_SEARCHED = 0x0202, KNXIP_DESCRIBED = 0x0204, KNXIP_SEARCHED_WIDELY = 0x020c };

struct knxip {
	bool is_head;
	uint16_t service, length;
	uint16_t address; /* on the bus: area, line, device */
	struct cur serial, mac, name;
};

static bool knxip_is_answer(uint16_t service)
{
	return service == KNXIP_SEARCHED || service == KNXIP_DESCRIBED ||
	       service == KNXIP_SEARCHED_WIDELY;
}

static void knxip_device_parse(struct cur block, struct knxip *k)
{
	cur_skip(&block, 2); /* medium, status */
	k->address = cur_be16(&block);
	cur_skip(&block, 2);
	k->serial = cur_sub(&block, 6);
	cur_skip(&block, 4);
	k->mac = cur_sub(&block, 6);
	k->name = cur_sub(&block, 30);
}

static void knxip_blocks_parse(struct cur *in, struct knxip *k)
{
	while (cur_more(in)) {
		const uint8_t len = cur_u8(in);
		const uint8_t type = cur_u8(in);
		if (len < 2)
			cur_fail(in);
		const struct cur block = cur_sub(in, len < 2 ? 0u : len - 2u);
		if (type == KNXIP_DEVICE && len == KNXIP_DEVICE_LEN)
			knxip_device_parse(block, k);
	}
}

static bool knxip_parse(struct cur *in, struct knxip *k)
{
	const uint32_t whole = cur_left(in);

	k->is_head = cur_be16(in) == 0x0610;
	k->service = cur_be16(in);
	k->length = cur_be16(in);
	k->serial = cur_sub(in, 0);
	k->mac = cur_sub(in, 0);
	k->name = cur_sub(in, 0);
	k->is_head = k->is_head && cur_ok(in) && k->length == whole;
	if (!k->is_head || !knxip_is_answer(k->service))
		return k->is_head;
	if (k->service != KNXIP_DESCRIBED && cur_be16(in) != 0x0801)
		return false;
	if (k->service != KNXIP_DESCRIBED)
		cur_skip(in, 6);
	knxip_blocks_parse(in, k);
	return cur_ok(in) && cur_left(&k->name) > 0;
}

static void knxip_tell_address(struct task *t, const struct packet *p, uint16_t address)
{
	struct text text;

	text_clear(&text);
	text_decimal(&text, address >> 12);
	text_put(&text, '.');
	text_decimal(&text, address >> 8 & 15);
	text_put(&text, '.');
	text_decimal(&text, address & 255);
	tell_string(t, p, sender(p), FACT_KNX_ADDRESS, &text);
}

/* A number that was never set is all zeros. */
static bool knxip_is_set(struct cur number)
{
	uint8_t all = 0;

	while (cur_more(&number))
		all |= cur_u8(&number);
	return all != 0;
}

static enum verdict knxip_packet(struct task *t, struct packet *p, void *state)
{
	struct knxip k = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!knxip_parse(&p->rest, &k))
		return k.is_head ? MALFORMED : NOT_MINE;
	if (!knxip_is_answer(k.service))
		return NOTHING;
	if (knxip_is_set(k.serial))
		device_tell_hex(t, p, FACT_DEVICE_SERIAL, k.serial);
	device_tell_mac(t, p, k.mac);
	device_tell_field(t, p, FACT_DEVICE_NAME, k.name);
	knxip_tell_address(t, p, k.address);
	return LEARNED;
}

SHOW(knxip, struct knxip, FIELD(struct knxip, service, SHOW_HEX),
     FIELD(struct knxip, length, SHOW_NUMBER), FIELD(struct knxip, address, SHOW_HEX))

const struct observer observer_knxip = {
	.name = "knxip",
	.about = "KNX routers and interfaces that describe themselves",
	.spec = "ISO 22510, KNX 03.08.02",
	.claims = CLAIMS({UDP_PORT, KNXIP_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_SERIAL, SAYS, 95}, {FACT_DEVICE_MAC, SAYS, 95},
                       {FACT_DEVICE_NAME, SAYS, 95}, {FACT_KNX_ADDRESS, SAYS, 95}),
	.shows = SHOWS(&knxip_show),
	.packet = knxip_packet,
};

PROVE(knxip_parse, struct knxip)
