/* SPDX-License-Identifier: Apache-2.0 */
/*
 * null.c - captures of BSD loopback interfaces: four bytes of address family, then the packet.
 *
 * NULL has the family in the byte order of the machine that captured, LOOP in network order.
 * Both are read here in either order: a family is small, so that one of the two readings is
 * beyond 65535 and is not meant. IPv4 is 2 everywhere; IPv6 got another number in each system.
 * Some drivers of macOS put Cisco's HDLC there instead: address 0f or 8f, 0, and an ethertype.
 */
#include "observe/observer.h"

enum { NULL_IPV4 = 2, NULL_IPV6_NETBSD = 24, NULL_IPV6_FREEBSD = 28, NULL_IPV6_DARWIN = 30 };
enum { HDLC_ONE = 0x0f00, HDLC_ALL = 0x8f00, FIRST_ETHERTYPE = 0x0600 };

struct null {
	uint32_t family;
	uint16_t ethertype; /* HDLC's; 0: a family */
};

static bool null_parse(struct cur *in, struct null *n)
{
	const uint32_t at = cur_pos(in);

	n->family = cur_be32(in);
	if (n->family >> 16 == HDLC_ONE || n->family >> 16 == HDLC_ALL)
		n->ethertype = (uint16_t)(n->family & 0xffff);
	if (n->ethertype >= FIRST_ETHERTYPE)
		return cur_ok(in);
	n->ethertype = 0;
	if (n->family > 0xffff) {
		cur_seek(in, at);
		n->family = cur_le32(in);
	}
	return cur_ok(in) && n->family <= 0xffff;
}

/* 0: no IP. */
static uint16_t null_ethertype(const struct null *n)
{
	switch (n->family) {
	case NULL_IPV4:
		return 0x0800;
	case NULL_IPV6_NETBSD:
	case NULL_IPV6_FREEBSD:
	case NULL_IPV6_DARWIN:
		return 0x86dd;
	default:
		return n->ethertype;
	}
}

static enum verdict null_packet(struct task *t, struct packet *p, void *state)
{
	struct null n = {0};

	(void)state;
	if (!null_parse(&p->rest, &n))
		return MALFORMED;
	if (null_ethertype(&n) == 0)
		return NOTHING;
	forward(t, p, ETHERTYPE, null_ethertype(&n));
	return LEARNED;
}

SHOW(null, struct null, FIELD(struct null, family, SHOW_NUMBER),
     FIELD(struct null, ethertype, SHOW_HEX))

const struct observer observer_null = {
	.name = "null",
	.about = "BSD loopback",
	.spec = "LINKTYPE_NULL, LINKTYPE_LOOP",
	.claims = CLAIMS({LINKTYPE, 0, NULL}, {LINKTYPE, 108, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&null_show),
	.packet = null_packet,
};

PROVE(null_parse, struct null)
