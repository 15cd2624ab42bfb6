/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipip.c - IP in IP: IPv4 and IPv6 as the content of either.
 *
 * Protocol 4 is IPv4 (RFC 2003), 41 IPv6 (RFC 4213, 6to4 and 6rd too). The version inside must be
 * the one that the protocol's number promises. What is inside has a realm of its own.
 */
#include "observe/observer.h"

enum { IPIP_IPV4 = 4, IPIP_IPV6 = 41 };

struct ipip {
	uint8_t version;
};

/* Reads nothing off: the version is part of the header that follows. */
static bool ipip_parse(struct cur *in, struct ipip *i)
{
	i->version = cur_peek8(in) >> 4;
	return i->version == 4 || i->version == 6;
}

static enum verdict ipip_packet(struct task *t, struct packet *p, void *state)
{
	struct ipip i = {0};
	struct packet inner = {0};

	(void)state;
	if (!ipip_parse(&p->rest, &i) || (p->protocol == IPIP_IPV6) != (i.version == 6))
		return MALFORMED;
	if (packet_enter(t, p, i.version == 4 ? "ipip" : "6in4", false, 0, &inner))
		forward(t, &inner, ETHERTYPE, i.version == 4 ? 0x0800 : 0x86dd);
	return LEARNED;
}

SHOW(ipip, struct ipip, FIELD(struct ipip, version, SHOW_NUMBER))

const struct observer observer_ipip = {
	.name = "ipip",
	.about = "IP in IP, 6in4 and 6to4",
	.spec = "RFC 2003, RFC 4213, RFC 3056, RFC 2473",
	.claims = CLAIMS({IP_PROTOCOL, IPIP_IPV4, NULL}, {IP_PROTOCOL, IPIP_IPV6, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&ipip_show),
	.packet = ipip_packet,
};

PROVE(ipip_parse, struct ipip)
