/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slow.c - slow protocols: LACP, the marker, Ethernet OAM and the clock's quality (IEEE 802.3,
 * 57B).
 *
 * The first byte is the protocol's. LACP (802.1AX, 6.4.2.3) names the system at either end of
 * the link: the sender's is told, by which the ports of one device are known; the partner's is
 * what it last heard, and is its own to tell. Whoever speaks OAM (802.3, 57.4) says of which
 * vendor it is. The marker and the clock's quality (ITU-T G.8264) say nothing of devices.
 */
#include "observe/observer.h"

enum { SLOW_LACP = 1, SLOW_MARKER = 2, SLOW_OAM = 3, SLOW_CLOCK = 10 };
enum {
	LACP_ACTOR = 1,
	LACP_ACTOR_LEN = 20,
	OAM_INFORMATION = 0,
	OAM_LOCAL = 1,
	OAM_LOCAL_LEN = 16
};

struct slow {
	uint8_t protocol, version;
	struct mac system;
	uint16_t key, port;
	uint32_t vendor; /* OAM: an OUI; 0: not told */
};

static bool slow_lacp_parse(struct cur *in, struct slow *s)
{
	s->version = cur_u8(in);
	const uint8_t type = cur_u8(in);
	const uint8_t len = cur_u8(in);
	if (type != LACP_ACTOR || len != LACP_ACTOR_LEN)
		return false;
	cur_skip(in, 2); /* priority */
	cur_mac(in, &s->system);
	s->key = cur_be16(in);
	cur_skip(in, 2);
	s->port = cur_be16(in);
	cur_skip(in, 4); /* state, reserved */
	return cur_ok(in);
}

static bool slow_oam_parse(struct cur *in, struct slow *s)
{
	cur_skip(in, 2); /* flags */
	if (cur_u8(in) != OAM_INFORMATION || cur_peek8(in) != OAM_LOCAL)
		return cur_ok(in);
	cur_skip(in, 1);
	if (cur_u8(in) != OAM_LOCAL_LEN)
		return false;
	s->version = cur_u8(in);
	cur_skip(in, 6); /* revision, state, configuration, size */
	s->vendor = cur_be24(in);
	cur_skip(in, 4);
	return cur_ok(in);
}

static bool slow_parse(struct cur *in, struct slow *s)
{
	s->protocol = cur_u8(in);
	if (s->protocol == SLOW_LACP)
		return slow_lacp_parse(in, s);
	if (s->protocol == SLOW_OAM)
		return slow_oam_parse(in, s);
	return cur_ok(in) && (s->protocol == SLOW_MARKER || s->protocol == SLOW_CLOCK);
}

static void slow_tell_vendor(struct task *t, const struct packet *p, uint32_t vendor)
{
	const uint8_t oui[3] = {(uint8_t)(vendor >> 16), (uint8_t)(vendor >> 8 & 0xff),
	                        (uint8_t)(vendor & 0xff)};

	tell_bytes(t, p, sender_link(p), FACT_OAM_VENDOR, oui, sizeof oui);
}

static enum verdict slow_packet(struct task *t, struct packet *p, void *state)
{
	struct slow s = {0};
	char text[MAC_TEXT];

	(void)state;
	if (!slow_parse(&p->rest, &s))
		return MALFORMED;
	if (mac_is_device(s.system)) {
		tell_word(t, p, sender_link(p), FACT_LACP_SYSTEM, mac_format(s.system, text));
		return LEARNED;
	}
	if (s.vendor == 0)
		return NOTHING;
	slow_tell_vendor(t, p, s.vendor);
	return LEARNED;
}

SHOW(slow, struct slow, FIELD(struct slow, protocol, SHOW_NUMBER),
     FIELD(struct slow, system, SHOW_MAC), FIELD(struct slow, key, SHOW_NUMBER),
     FIELD(struct slow, port, SHOW_NUMBER), FIELD(struct slow, vendor, SHOW_HEX))

const struct observer observer_slow = {
	.name = "slow",
	.about = "link aggregation and Ethernet OAM",
	.spec = "IEEE 802.1AX, IEEE 802.3 clause 57, ITU-T G.8264",
	.claims = CLAIMS({ETHERTYPE, 0x8809, NULL}),
	.tells = TELLS({FACT_LACP_SYSTEM, SAYS, 95}, {FACT_OAM_VENDOR, SAYS, 90}),
	.shows = SHOWS(&slow_show),
	.packet = slow_packet,
};

PROVE(slow_parse, struct slow)
