/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vxlan.c - VXLAN: Ethernet frames in datagrams, each network with a number.
 *
 * The flag I must be set (RFC 7348, 5). What other flags mean differs between extensions: of these
 * only GPE's next protocol is read, on its own port. The frame inside is of a network of its own.
 */
#include "observe/observer.h"

enum { VXLAN_HAS_ID = 0x08, VXLAN_GPE_PORT = 4790, LINKTYPE_ETHERNET = 1 };

struct vxlan {
	uint8_t flags;
	uint8_t next; /* GPE: 1 IPv4, 2 IPv6, 3 Ethernet, 4 NSH, 5 MPLS */
	uint32_t network;
};

static bool vxlan_parse(struct cur *in, struct vxlan *v)
{
	v->flags = cur_u8(in);
	cur_skip(in, 2);
	v->next = cur_u8(in);
	v->network = cur_be24(in);
	cur_skip(in, 1);
	return cur_ok(in) && (v->flags & VXLAN_HAS_ID) != 0;
}

static bool vxlan_is_gpe(const struct packet *p)
{
	return p->to_port.n == VXLAN_GPE_PORT || p->from_port.n == VXLAN_GPE_PORT;
}

static void vxlan_forward(struct task *t, struct packet *inner, uint8_t next)
{
	static const uint16_t ethertypes[] = {0, 0x0800, 0x86dd, 0, 0x894f, 0x8847};

	if (next < COUNT_OF(ethertypes) && ethertypes[next] != 0)
		forward(t, inner, ETHERTYPE, ethertypes[next]);
	else if (next == 3)
		forward(t, inner, LINKTYPE, LINKTYPE_ETHERNET);
}

static enum verdict vxlan_packet(struct task *t, struct packet *p, void *state)
{
	struct vxlan v = {0};
	struct packet inner = {0};

	(void)state;
	if (!vxlan_parse(&p->rest, &v))
		return NOT_MINE;
	if (packet_enter(t, p, "vxlan", true, v.network, &inner))
		vxlan_forward(t, &inner, vxlan_is_gpe(p) ? v.next : 3);
	return LEARNED;
}

SHOW(vxlan, struct vxlan, FIELD(struct vxlan, flags, SHOW_HEX),
     FIELD(struct vxlan, next, SHOW_NUMBER), FIELD(struct vxlan, network, SHOW_NUMBER))

const struct observer observer_vxlan = {
	.name = "vxlan",
	.about = "VXLAN tunnels",
	.spec = "RFC 7348, draft-ietf-nvo3-vxlan-gpe",
	.claims = CLAIMS({UDP_PORT, 4789, NULL}, {UDP_PORT, 8472, NULL},
                         {UDP_PORT, VXLAN_GPE_PORT, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&vxlan_show),
	.packet = vxlan_packet,
};

PROVE(vxlan_parse, struct vxlan)
