/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vntag.c - a tag that says to which virtual port of a switch a frame belongs: Cisco's VN-tag.
 *
 * It stands where a VLAN tag stands and names ports, not devices: four bytes, then a type or a
 * length, as after a VLAN tag.
 */
#include "observe/link/type_or_length.h"

enum { VNTAG_LEN = 4 };

struct vntag {
	uint16_t type; /* or length */
};

static bool vntag_parse(struct cur *in, struct vntag *v)
{
	cur_skip(in, VNTAG_LEN);
	v->type = cur_be16(in);
	return cur_ok(in);
}

static enum verdict vntag_packet(struct task *t, struct packet *p, void *state)
{
	struct vntag v = {0};

	(void)state;
	if (!vntag_parse(&p->rest, &v))
		return MALFORMED;
	return forward_type_or_length(t, p, v.type);
}

SHOW(vntag, struct vntag, FIELD(struct vntag, type, SHOW_HEX))

const struct observer observer_vntag = {
	.name = "vntag",
	.about = "tags of virtual ports (VN-tag)",
	.spec = "VN-tag 1.01 (Cisco)",
	.claims = CLAIMS({ETHERTYPE, 0x8926, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&vntag_show),
	.packet = vntag_packet,
};

PROVE(vntag_parse, struct vntag)
