/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wireguard.c - who makes a WireGuard tunnel with whom.
 *
 * The handshake is two datagrams of fixed size (WireGuard: Next Generation Kernel Network Tunnel,
 * 5.4.2 and 5.4.3), each a type, three zeros, numbers, keys, and two codes at the end. The second
 * code is all zeros, unless a server under load asked for it (5.4.7); the first never is. Ports are
 * free to choose: away from 51820 only what has the zeros is believed. Data and keep-alives look
 * like anything and tell nothing.
 *
 * Keys are made anew for each handshake, or are encrypted: none names the device.
 */
#include "observe/observer.h"

enum { WIREGUARD_PORT = 51820, WIREGUARD_INITIATION = 1, WIREGUARD_RESPONSE = 2 };
enum { WIREGUARD_INITIATION_LEN = 148, WIREGUARD_RESPONSE_LEN = 92, WIREGUARD_CODE = 16 };

struct wireguard {
	uint8_t type;
	bool coded;  /* the first code is not zero */
	bool cookie; /* nor is the second */
};

/* Is a byte of the next 16 not zero? */
static bool wireguard_code(struct cur *in)
{
	struct cur code = cur_sub(in, WIREGUARD_CODE);
	bool any = false;

	while (cur_more(&code))
		any = cur_u8(&code) != 0 || any;
	return any;
}

static bool wireguard_parse(struct cur *in, struct wireguard *w)
{
	const uint32_t len = cur_left(in);

	w->type = cur_u8(in);
	const uint32_t reserved = cur_be24(in);
	if (reserved != 0 ||
	    !((w->type == WIREGUARD_INITIATION && len == WIREGUARD_INITIATION_LEN) ||
	      (w->type == WIREGUARD_RESPONSE && len == WIREGUARD_RESPONSE_LEN)))
		return false;
	cur_skip(in, len - 4u - 2u * WIREGUARD_CODE);
	w->coded = wireguard_code(in);
	w->cookie = wireguard_code(in);
	return cur_ok(in) && w->coded;
}

static bool wireguard_is_port(const struct packet *p)
{
	return p->from_port.n == WIREGUARD_PORT || p->to_port.n == WIREGUARD_PORT;
}

static enum verdict wireguard_packet(struct task *t, struct packet *p, void *state)
{
	struct wireguard w = {0};
	char text[IP_TEXT];

	(void)state;
	if (p->cut || !wireguard_parse(&p->rest, &w) || (w.cookie && !wireguard_is_port(p)))
		return NOT_MINE;
	tell_word(t, p, sender(p), FACT_VPN_ROLE,
	          w.type == WIREGUARD_INITIATION ? "initiator" : "responder");
	if (ip_is_host(&p->to))
		tell_word(t, p, sender(p), FACT_VPN_PEER, ip_format(&p->to, text));
	return LEARNED;
}

SHOW(wireguard, struct wireguard, FIELD(struct wireguard, type, SHOW_NUMBER),
     FIELD(struct wireguard, coded, SHOW_BOOL), FIELD(struct wireguard, cookie, SHOW_BOOL))

const struct observer observer_wireguard = {
	.name = "wireguard",
	.about = "who makes a WireGuard tunnel with whom",
	.spec = "WireGuard: Next Generation Kernel Network Tunnel, 5.4",
	.claims = CLAIMS({UDP_PORT, WIREGUARD_PORT, NULL}, {UDP_SNIFF, 0, "01 00 00 00"},
                         {UDP_SNIFF, 0, "02 00 00 00"}),
	.tells = TELLS({FACT_VPN_ROLE, SAYS, 85}, {FACT_VPN_PEER, SAYS, 85}),
	.shows = SHOWS(&wireguard_show),
	.packet = wireguard_packet,
};

PROVE(wireguard_parse, struct wireguard)
