/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ethernet.c - frames of Ethernet II and IEEE 802.3, and who sent them.
 *
 * The source address names the device that this frame counts for, unless it is zero or a
 * group's, as no sender's is (3.2.3): then there is none (loopback captures, made or damaged
 * frames), and what is inside is told of its IP address alone, as on a link without MACs. What the address itself says, random or virtual or of which vendor,
 * is the reporter's to tell (mac_kind): it needs no packet.
 */
#include "observe/link/type_or_length.h"

enum { ETHERTYPE_FABRICPATH = 0x8903, ETHERTYPE_VLAN = 0x8100, ETHERTYPE_PROVIDER = 0x88a8 };
enum { TAGS_AROUND_FABRIC = 2 };

struct ethernet {
	struct mac destination, source;
	uint16_t type; /* or length */
};

static bool ethernet_parse(struct cur *in, struct ethernet *e)
{
	cur_mac(in, &e->destination);
	cur_mac(in, &e->source);
	e->type = cur_be16(in);
	return cur_ok(in);
}

static bool ethernet_is_tag(uint16_t type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_PROVIDER;
}

/* Also where a mirroring switch put VLAN tags around the fabric's frame. */
static bool ethernet_is_fabric(struct cur in, uint16_t type)
{
	for (unsigned i = 0; i < TAGS_AROUND_FABRIC && ethernet_is_tag(type); i++) {
		cur_skip(&in, 2);
		type = cur_be16(&in);
	}
	return type == ETHERTYPE_FABRICPATH;
}

static enum verdict ethernet_packet(struct task *t, struct packet *p, void *state)
{
	const struct mac nobody = {{0}};
	struct ethernet e = {0};

	(void)state;
	if (!ethernet_parse(&p->rest, &e))
		return MALFORMED;
	p->has_mac = true;
	p->source = mac_is_group(e.source) ? nobody : e.source;
	p->destination = e.destination;
	if (!ethernet_is_fabric(p->rest, e.type))
		tell_seen(t, p, sender_link(p));
	return forward_type_or_length(t, p, e.type);
}

SHOW(ethernet, struct ethernet, FIELD(struct ethernet, destination, SHOW_MAC),
     FIELD(struct ethernet, source, SHOW_MAC), FIELD(struct ethernet, type, SHOW_HEX))

const struct observer observer_ethernet = {
	.name = "ethernet",
	.about = "frames and who sent them",
	.spec = "IEEE 802.3",
	.claims = CLAIMS({LINKTYPE, 1, NULL}),
	.tells = TELLS({FACT_SEEN, SAYS, 100}),
	.shows = SHOWS(&ethernet_show),
	.packet = ethernet_packet,
};

PROVE(ethernet_parse, struct ethernet)
