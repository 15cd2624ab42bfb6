/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame_relay.c - frame relay: IP and others behind the number of a circuit.
 *
 * The address is two to four bytes, the last of which is odd (Q.922, 3.2). Then, by RFC 2427,
 * comes 03 and a byte that names the protocol, or SNAP, a filling byte before it; by Cisco's
 * custom an ethertype comes at once. OSI's protocols begin with their own name, which is left to
 * them.
 */
#include "observe/observer.h"

enum { RELAY_CONTROL = 0x03, RELAY_SNAP = 0x80, RELAY_OSI_FIRST = 0x81, RELAY_OSI_LAST = 0x83 };
enum { RELAY_IPV4 = 0xcc, RELAY_IPV6 = 0x8e, RELAY_ADDRESS_MAX = 4, LLC_OSI = 0xfe };
enum { RELAY_ETHERNET = 7, LINKTYPE_ETHERNET = 1 };
#define OUI_BRIDGED_802_1 0x0080c2u

struct frame_relay {
	uint8_t protocol; /* 0: Cisco's */
	uint32_t oui;
	uint16_t type;
};

static void frame_relay_address_parse(struct cur *in)
{
	uint8_t last = 0;

	for (unsigned i = 0; i < RELAY_ADDRESS_MAX && (last & 1) == 0; i++)
		last = cur_u8(in);
	if ((last & 1) == 0)
		cur_fail(in);
}

static bool frame_relay_parse(struct cur *in, struct frame_relay *f)
{
	frame_relay_address_parse(in);
	if (cur_peek8(in) != RELAY_CONTROL) {
		f->type = cur_be16(in);
		return cur_ok(in);
	}
	cur_skip(in, 1);
	if (cur_peek8(in) == 0)
		cur_skip(in, 1);
	f->protocol = cur_peek8(in);
	if (f->protocol >= RELAY_OSI_FIRST && f->protocol <= RELAY_OSI_LAST)
		return cur_ok(in);
	cur_skip(in, 1);
	if (f->protocol == RELAY_SNAP) {
		f->oui = cur_be24(in);
		f->type = cur_be16(in);
	}
	return cur_ok(in);
}

/* 0: another. */
static uint16_t frame_relay_ethertype(const struct frame_relay *f)
{
	if (f->protocol == RELAY_IPV4)
		return 0x0800;
	if (f->protocol == RELAY_IPV6)
		return 0x86dd;
	return f->oui == 0 ? f->type : 0;
}

static enum verdict frame_relay_packet(struct task *t, struct packet *p, void *state)
{
	struct frame_relay f = {0};

	(void)state;
	if (!frame_relay_parse(&p->rest, &f))
		return MALFORMED;
	if (f.protocol >= RELAY_OSI_FIRST && f.protocol <= RELAY_OSI_LAST)
		forward(t, p, LLC, LLC_OSI);
	else if (f.oui == OUI_BRIDGED_802_1 && f.type == RELAY_ETHERNET)
		forward(t, p, LINKTYPE, LINKTYPE_ETHERNET);
	else if (frame_relay_ethertype(&f) >= 0x0600)
		forward(t, p, ETHERTYPE, frame_relay_ethertype(&f));
	else
		return NOTHING;
	return LEARNED;
}

SHOW(frame_relay, struct frame_relay, FIELD(struct frame_relay, protocol, SHOW_HEX),
     FIELD(struct frame_relay, oui, SHOW_HEX), FIELD(struct frame_relay, type, SHOW_HEX))

const struct observer observer_frame_relay = {
	.name = "frame_relay",
	.about = "frame relay",
	.spec = "ITU-T Q.922, RFC 2427",
	.claims = CLAIMS({LINKTYPE, 107, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&frame_relay_show),
	.packet = frame_relay_packet,
};

PROVE(frame_relay_parse, struct frame_relay)
