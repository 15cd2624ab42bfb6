/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rawip.c - captures that begin with IP itself: tun devices, PPP on some systems, mobiles.
 *
 * The version in the first four bits says which IP it is. The link types that promise one of
 * the two (228, 229) are not believed any more than the bytes.
 */
#include "observe/observer.h"

struct rawip {
	uint8_t version;
};

/* Reads nothing off: the version is part of the header that follows. */
static bool rawip_parse(struct cur *in, struct rawip *r)
{
	r->version = cur_peek8(in) >> 4;
	return r->version == 4 || r->version == 6;
}

static enum verdict rawip_packet(struct task *t, struct packet *p, void *state)
{
	struct rawip r = {0};

	(void)state;
	if (!rawip_parse(&p->rest, &r))
		return MALFORMED;
	forward(t, p, ETHERTYPE, r.version == 4 ? 0x0800 : 0x86dd);
	return LEARNED;
}

SHOW(rawip, struct rawip, FIELD(struct rawip, version, SHOW_NUMBER))

const struct observer observer_rawip = {
	.name = "rawip",
	.about = "IP without a link layer",
	.spec = "LINKTYPE_RAW, LINKTYPE_IPV4, LINKTYPE_IPV6",
	.claims = CLAIMS({LINKTYPE, 12, NULL}, {LINKTYPE, 14, NULL}, {LINKTYPE, 101, NULL},
                         {LINKTYPE, 228, NULL}, {LINKTYPE, 229, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&rawip_show),
	.packet = rawip_packet,
};

PROVE(rawip_parse, struct rawip)
