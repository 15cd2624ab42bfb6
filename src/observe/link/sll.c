/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sll.c - Linux "cooked" captures: what a capture on all interfaces ("any") holds.
 *
 * Instead of a link header there is a note by the kernel: which way the packet went, what
 * kind of link it was, the sender's address there, and the protocol. Both versions say the
 * same in another order. The sender's address names a device where the link is Ethernet and
 * the address has its six bytes; other links have none, or call a tunnel's endpoint one. An
 * outgoing packet (4) was sent by this very host, and its address is as good as any.
 * The receiver's address is not noted.
 */
#include "observe/link/type_or_length.h"

enum { ARPHRD_ETHERNET = 1, ARPHRD_NETLINK = 824, MAC_LEN = 6 };
enum { PROTOCOL_RAW_802_3 = 1, ETHERTYPE_IPX = 0x8137 };

struct sll {
	uint8_t direction; /* 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 outgoing */
	uint16_t arphrd;   /* ARPHRD_ value of the link */
	uint16_t mac_len;
	struct mac source; /* the first six bytes of the address field */
	uint16_t protocol; /* an ethertype, or Linux's ETH_P_ value below them */
	uint32_t iface;    /* version 2: the kernel's interface index */
};

static bool sll_parse(struct cur *in, struct sll *s)
{
	s->direction = (uint8_t)(cur_be16(in) & 0xff);
	s->arphrd = cur_be16(in);
	s->mac_len = cur_be16(in);
	cur_mac(in, &s->source);
	cur_skip(in, 2);
	s->protocol = cur_be16(in);
	return cur_ok(in);
}

static bool sll2_parse(struct cur *in, struct sll *s)
{
	s->protocol = cur_be16(in);
	cur_skip(in, 2);
	s->iface = cur_be32(in);
	s->arphrd = cur_be16(in);
	s->direction = cur_u8(in);
	s->mac_len = cur_u8(in);
	cur_mac(in, &s->source);
	cur_skip(in, 2);
	return cur_ok(in);
}

static bool sll_has_mac(const struct sll *s)
{
	return s->arphrd == ARPHRD_ETHERNET && s->mac_len == MAC_LEN;
}

static enum verdict sll_forward(struct task *t, struct packet *p, const struct sll *s)
{
	if (sll_has_mac(s)) {
		p->has_mac = true;
		p->source = s->source;
		tell_seen(t, p, sender_link(p));
	}
	if (s->arphrd == ARPHRD_NETLINK) /* messages of the kernel, not of a network */
		return NOTHING;
	if (s->protocol >= FIRST_ETHERTYPE || s->protocol == ETHERTYPE_LLC)
		forward(t, p, ETHERTYPE, s->protocol);
	else if (s->protocol == PROTOCOL_RAW_802_3)
		forward(t, p, ETHERTYPE, ETHERTYPE_IPX);
	else
		return NOTHING;
	return LEARNED;
}

static enum verdict sll_packet(struct task *t, struct packet *p, void *state)
{
	struct sll s = {0};

	(void)state;
	if (!sll_parse(&p->rest, &s))
		return MALFORMED;
	return sll_forward(t, p, &s);
}

static enum verdict sll2_packet(struct task *t, struct packet *p, void *state)
{
	struct sll s = {0};

	(void)state;
	if (!sll2_parse(&p->rest, &s))
		return MALFORMED;
	return sll_forward(t, p, &s);
}

#define SLL_FIELDS                                                                         \
	FIELD(struct sll, direction, SHOW_NUMBER), FIELD(struct sll, arphrd, SHOW_NUMBER), \
		FIELD(struct sll, source, SHOW_MAC), FIELD(struct sll, protocol, SHOW_HEX)

SHOW(sll, struct sll, SLL_FIELDS)
SHOW(sll2, struct sll, SLL_FIELDS, FIELD(struct sll, iface, SHOW_NUMBER))

const struct observer observer_sll = {
	.name = "sll",
	.about = "Linux cooked captures",
	.spec = "LINKTYPE_LINUX_SLL",
	.claims = CLAIMS({LINKTYPE, 113, NULL}),
	.tells = TELLS({FACT_SEEN, SAYS, 100}),
	.shows = SHOWS(&sll_show),
	.packet = sll_packet,
};

const struct observer observer_sll2 = {
	.name = "sll2",
	.about = "Linux cooked captures, version 2",
	.spec = "LINKTYPE_LINUX_SLL2",
	.claims = CLAIMS({LINKTYPE, 276, NULL}),
	.tells = TELLS({FACT_SEEN, SAYS, 100}),
	.shows = SHOWS(&sll2_show),
	.packet = sll2_packet,
};

PROVE(sll_parse, struct sll)
PROVE(sll2_parse, struct sll)
