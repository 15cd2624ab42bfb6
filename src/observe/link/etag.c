/* SPDX-License-Identifier: Apache-2.0 */
/*
 * etag.c - the standard's tag of a virtual port (IEEE 802.1BR, 7).
 *
 * It names ports of a controlling bridge, not devices: six bytes, then a type or a length, as
 * after a VLAN tag.
 */
#include "observe/link/type_or_length.h"

enum { ETAG_LEN = 6 };

struct etag {
	uint16_t type; /* or length */
};

static bool etag_parse(struct cur *in, struct etag *e)
{
	cur_skip(in, ETAG_LEN);
	e->type = cur_be16(in);
	return cur_ok(in);
}

static enum verdict etag_packet(struct task *t, struct packet *p, void *state)
{
	struct etag e = {0};

	(void)state;
	if (!etag_parse(&p->rest, &e))
		return MALFORMED;
	return forward_type_or_length(t, p, e.type);
}

SHOW(etag, struct etag, FIELD(struct etag, type, SHOW_HEX))

const struct observer observer_etag = {
	.name = "etag",
	.about = "tags of virtual ports (802.1BR)",
	.spec = "IEEE 802.1BR",
	.claims = CLAIMS({ETHERTYPE, 0x893f, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&etag_show),
	.packet = etag_packet,
};

PROVE(etag_parse, struct etag)
