/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipoib.c - IP over InfiniBand (LINKTYPE_IPOIB).
 *
 * Forty bytes of routing header and addresses of 20 bytes, none of which is a MAC, then an
 * ethertype and two bytes reserved (RFC 4391, 6).
 */
#include "observe/observer.h"

enum { IPOIB_ADDRESSES = 40 };

struct ipoib {
	uint16_t type;
};

static bool ipoib_parse(struct cur *in, struct ipoib *i)
{
	cur_skip(in, IPOIB_ADDRESSES);
	i->type = cur_be16(in);
	cur_skip(in, 2);
	return cur_ok(in) && i->type >= 0x0600;
}

static enum verdict ipoib_packet(struct task *t, struct packet *p, void *state)
{
	struct ipoib i = {0};

	(void)state;
	if (!ipoib_parse(&p->rest, &i))
		return MALFORMED;
	forward(t, p, ETHERTYPE, i.type);
	return LEARNED;
}

SHOW(ipoib, struct ipoib, FIELD(struct ipoib, type, SHOW_HEX))

const struct observer observer_ipoib = {
	.name = "ipoib",
	.about = "IP over InfiniBand",
	.spec = "RFC 4391, LINKTYPE_IPOIB",
	.claims = CLAIMS({LINKTYPE, 242, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&ipoib_show),
	.packet = ipoib_packet,
};

PROVE(ipoib_parse, struct ipoib)
