/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ppp.c - PPP, alone on a serial line and inside PPPoE and PPTP.
 *
 * The address and control bytes ff 03 may be left out, and the protocol may be one byte
 * instead of two: its last byte alone is odd (RFC 1661, 2 and 6.5). On serial links the same
 * link type also carries Cisco's HDLC: address 0f (one receiver) or 8f (all), then an ethertype;
 * before OSI's packets, whose number is no ethertype, a byte of any value is put in.
 * What PPP says to itself (LCP, CHAP, IPCP ...) is left alone here.
 */
#include "observe/observer.h"

enum { HDLC_ADDRESS = 0xff, HDLC_CONTROL = 0x03, CISCO_ONE = 0x0f, CISCO_ALL = 0x8f };
enum { PPP_OSI = 0xfefe };

struct ppp {
	bool cisco;
	uint16_t protocol; /* Cisco: an ethertype */
};

static bool ppp_parse(struct cur *in, struct ppp *p)
{
	if (cur_peek8(in) == HDLC_ADDRESS) {
		cur_skip(in, 1);
		if (cur_u8(in) != HDLC_CONTROL)
			return false;
	}
	p->cisco = cur_peek8(in) == CISCO_ONE || cur_peek8(in) == CISCO_ALL;
	if (p->cisco)
		cur_skip(in, 2);
	p->protocol = !p->cisco && (cur_peek8(in) & 1) != 0 ? cur_u8(in) : cur_be16(in);
	if (p->cisco && p->protocol == PPP_OSI)
		cur_skip(in, 1);
	return cur_ok(in);
}

struct ppp_carries {
	uint16_t protocol, ethertype;
};

static const struct ppp_carries ppp_table[] = {
	{0x0021, 0x0800},  /* IPv4 */
	{0x002b, 0x8137},  /* IPX */
	{0x0057, 0x86dd},  /* IPv6 */
	{0x0023, PPP_OSI}, /* IS-IS */
	{0x0207, 0x2000},  /* CDP */
	{0x0281, 0x8847},  /* MPLS */
};

/* 0: carries none. */
static uint16_t ppp_ethertype(const struct ppp *p)
{
	if (p->cisco)
		return p->protocol;
	for (unsigned i = 0; i < COUNT_OF(ppp_table); i++)
		if (ppp_table[i].protocol == p->protocol)
			return ppp_table[i].ethertype;
	return 0;
}

static enum verdict ppp_packet(struct task *t, struct packet *p, void *state)
{
	struct ppp ppp = {0};

	(void)state;
	if (!ppp_parse(&p->rest, &ppp))
		return MALFORMED;
	if (ppp_ethertype(&ppp) < 0x0600)
		return NOTHING;
	forward(t, p, ETHERTYPE, ppp_ethertype(&ppp));
	return LEARNED;
}

SHOW(ppp, struct ppp, FIELD(struct ppp, cisco, SHOW_BOOL), FIELD(struct ppp, protocol, SHOW_HEX))

const struct observer observer_ppp = {
	.name = "ppp",
	.about = "PPP frames, Cisco HDLC",
	.spec = "RFC 1661, RFC 1662",
	.claims = CLAIMS({LINKTYPE, 9, NULL}, {LINKTYPE, 50, NULL}, {LINKTYPE, 104, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&ppp_show),
	.packet = ppp_packet,
};

PROVE(ppp_parse, struct ppp)
