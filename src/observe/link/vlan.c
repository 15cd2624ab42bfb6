/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vlan.c - VLAN tags, one at a time: what a tag encloses may begin with another.
 *
 * Four ethertypes mean a tag: 8100 (802.1Q), 88a8 (802.1ad, the provider's) and, from before
 * that standard, 9100 and 9200. The outermost tag is part of the segment, so that the same
 * address in two VLANs is two endpoints; every tag is a fact about the sender. Id 0 marks a
 * priority only and id 4095 is reserved (IEEE 802.1Q, 9.6): they name no VLAN.
 */
#include "observe/link/type_or_length.h"

enum { VLAN_NONE = 0, VLAN_RESERVED = 0x0fff };

struct vlan {
	uint8_t priority;
	bool drop_eligible;
	uint16_t id;
	uint16_t type; /* or length */
};

static bool vlan_parse(struct cur *in, struct vlan *v)
{
	const uint16_t tci = cur_be16(in);

	v->priority = (uint8_t)(tci >> 13);
	v->drop_eligible = (tci & 0x1000) != 0;
	v->id = tci & 0x0fff;
	v->type = cur_be16(in);
	return cur_ok(in);
}

static bool vlan_is_named(const struct vlan *v)
{
	return v->id != VLAN_NONE && v->id != VLAN_RESERVED;
}

static enum verdict vlan_packet(struct task *t, struct packet *p, void *state)
{
	struct vlan v = {0};

	(void)state;
	if (!vlan_parse(&p->rest, &v))
		return MALFORMED;
	if (vlan_is_named(&v)) {
		if (p->vlan.n == 0)
			p->vlan.n = v.id;
		if (p->has_mac)
			tell_number(t, p, sender_link(p), FACT_VLAN, v.id);
	}
	return forward_type_or_length(t, p, v.type);
}

SHOW(vlan, struct vlan, FIELD(struct vlan, priority, SHOW_NUMBER),
     FIELD(struct vlan, drop_eligible, SHOW_BOOL), FIELD(struct vlan, id, SHOW_NUMBER),
     FIELD(struct vlan, type, SHOW_HEX))

const struct observer observer_vlan = {
	.name = "vlan",
	.about = "VLAN tags, single and stacked",
	.spec = "IEEE 802.1Q, IEEE 802.1ad",
	.claims = CLAIMS({ETHERTYPE, 0x8100, NULL}, {ETHERTYPE, 0x88a8, NULL},
                         {ETHERTYPE, 0x9100, NULL}, {ETHERTYPE, 0x9200, NULL}),
	.tells = TELLS({FACT_VLAN, SAYS, 100}),
	.shows = SHOWS(&vlan_show),
	.packet = vlan_packet,
};

PROVE(vlan_parse, struct vlan)
