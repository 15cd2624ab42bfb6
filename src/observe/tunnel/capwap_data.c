/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capwap_data.c - CAPWAP's data: frames between a wireless access point and its controller.
 *
 * The header's length counts four bytes (RFC 5415, 4.3). What is encrypted by DTLS, a fragment,
 * or a keep-alive carries nothing to read. The frame is either of 802.3, or native: 802.11,
 * whose first two bytes some controllers swap: such a frame has a version that does not exist,
 * and is refused.
 */
#include "observe/observer.h"

enum { CAPWAP_PLAIN = 0, CAPWAP_FRAGMENT = 0x80, CAPWAP_KEEP_ALIVE = 0x08 };
enum { CAPWAP_WLAN = 1, LINKTYPE_ETHERNET = 1, LINKTYPE_WLAN = 105 };

struct capwap_data {
	uint8_t preamble;
	uint8_t binding; /* 1: 802.11 */
	bool native, fragment, keep_alive;
};

static bool capwap_data_parse(struct cur *in, struct capwap_data *d)
{
	d->preamble = cur_u8(in);
	if (!cur_ok(in) || d->preamble != CAPWAP_PLAIN)
		return false;
	const uint16_t head = cur_be16(in);
	const uint8_t flags = cur_u8(in);
	const uint32_t len = (head >> 11) * 4u;
	d->binding = head >> 1 & 0x1f;
	d->native = (head & 1) != 0;
	d->fragment = (flags & CAPWAP_FRAGMENT) != 0;
	d->keep_alive = (flags & CAPWAP_KEEP_ALIVE) != 0;
	if (len < 8)
		return false;
	cur_skip(in, len - 4);
	return cur_ok(in);
}

static enum verdict capwap_data_packet(struct task *t, struct packet *p, void *state)
{
	struct capwap_data d = {0};
	struct packet inner = {0};

	(void)state;
	if (!capwap_data_parse(&p->rest, &d))
		return NOT_MINE;
	if (d.fragment || d.keep_alive || (d.native && d.binding != CAPWAP_WLAN))
		return NOTHING;
	if (packet_enter(t, p, "capwap", false, 0, &inner))
		forward(t, &inner, LINKTYPE, d.native ? LINKTYPE_WLAN : LINKTYPE_ETHERNET);
	return LEARNED;
}

SHOW(capwap_data, struct capwap_data, FIELD(struct capwap_data, preamble, SHOW_HEX),
     FIELD(struct capwap_data, binding, SHOW_NUMBER), FIELD(struct capwap_data, native, SHOW_BOOL),
     FIELD(struct capwap_data, fragment, SHOW_BOOL),
     FIELD(struct capwap_data, keep_alive, SHOW_BOOL))

const struct observer observer_capwap_data = {
	.name = "capwap_data",
	.about = "frames between an access point and its controller",
	.spec = "RFC 5415, RFC 5416",
	.claims = CLAIMS({UDP_PORT, 5247, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&capwap_data_show),
	.packet = capwap_data_packet,
};

PROVE(capwap_data_parse, struct capwap_data)
