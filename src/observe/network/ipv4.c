/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipv4.c - IPv4: who sends from which address, how far away, and what is inside.
 *
 * The total length says where the packet ends: what lies behind it in the frame is padding,
 * and what is missing of it was cut by the capture. A total length of 0 is what a
 * capture on the sending host sees of a segment that the network card will cut up (TSO): the
 * packet is all that is left.
 *
 * Checksums are not looked at: on the sending host they are not yet computed, and a packet
 * damaged on the way was dropped by its receiver's card before we could learn wrong things of it.
 * Options are stepped over. Fragments are put together by the task.
 */
#include "observe/network/source.h"

enum { IPV4_HEADER = 20, IPV4_MORE = 0x2000, IPV4_OFFSET = 0x1fff };

struct ipv4 {
	uint64_t head;           /* its first eight bytes, a number */
	uint8_t version, header; /* bytes */
	uint16_t total;
	uint16_t id;
	bool dont_fragment, more;
	uint16_t offset; /* bytes */
	uint8_t ttl, protocol;
	struct ip4 from, to;
};

static bool ipv4_parse(struct cur *in, struct ipv4 *h)
{
	const uint64_t head = cur_be64(in);

	h->head = head;
	h->version = (uint8_t)(head >> 60);
	h->header = (uint8_t)((head >> 56 & 0x0f) * 4);
	h->total = (uint16_t)(head >> 32 & 0xffff);
	h->id = (uint16_t)(head >> 16 & 0xffff);
	const uint16_t fragment = (uint16_t)(head & 0xffff);
	h->dont_fragment = (fragment & 0x4000) != 0;
	h->more = (fragment & IPV4_MORE) != 0;
	h->offset = (uint16_t)((fragment & IPV4_OFFSET) * 8);
	h->ttl = cur_u8(in);
	h->protocol = cur_u8(in);
	cur_skip(in, 2); /* checksum */
	cur_ip4(in, &h->from);
	cur_ip4(in, &h->to);
	if (h->version != 4 || h->header < IPV4_HEADER || (h->total != 0 && h->total < h->header))
		return false;
	cur_skip(in, h->header - (uint32_t)IPV4_HEADER); /* options */
	return cur_ok(in);
}

/* Keeps what belongs to the packet. */
static void ipv4_trim(struct packet *p, const struct ipv4 *h)
{
	if (h->total == 0)
		return;
	const uint32_t len = (uint32_t)h->total - h->header;
	p->cut = cur_left(&p->rest) < len;
	cur_cut(&p->rest, len);
}

/* True when p->rest is a whole datagram's. What was cut cannot be put together. */
static bool ipv4_whole(struct task *t, struct packet *p, const struct ipv4 *h)
{
	const struct fragment f = {
		.id = h->id, .offset = h->offset, .more = h->more, .protocol = h->protocol};

	if (h->offset == 0 && !h->more)
		return true;
	p->head = 0;
	return !p->cut && fragment_whole(t, p, &f);
}

static enum verdict ipv4_packet(struct task *t, struct packet *p, void *state)
{
	struct ipv4 h = {0};

	(void)state;
	if (!ipv4_parse(&p->rest, &h))
		return MALFORMED;
	p->from = ip_from4(h.from);
	p->to = ip_from4(h.to);
	p->head = h.head;
	p->ttl = h.ttl;
	p->protocol = h.protocol;
	ipv4_trim(p, &h);
	tell_source(t, p);
	if (ipv4_whole(t, p, &h))
		forward(t, p, IP_PROTOCOL, p->protocol);
	return LEARNED;
}

SHOW(ipv4, struct ipv4, FIELD(struct ipv4, header, SHOW_NUMBER),
     FIELD(struct ipv4, total, SHOW_NUMBER), FIELD(struct ipv4, id, SHOW_HEX),
     FIELD(struct ipv4, dont_fragment, SHOW_BOOL), FIELD(struct ipv4, more, SHOW_BOOL),
     FIELD(struct ipv4, offset, SHOW_NUMBER), FIELD(struct ipv4, ttl, SHOW_NUMBER),
     FIELD(struct ipv4, protocol, SHOW_NUMBER), FIELD(struct ipv4, from, SHOW_IP4),
     FIELD(struct ipv4, to, SHOW_IP4))

const struct observer observer_ipv4 = {
	.name = "ipv4",
	.about = "IPv4 addresses in use, fragments",
	.spec = "RFC 791",
	.claims = CLAIMS({ETHERTYPE, 0x0800, NULL}),
	.tells = TELLS({FACT_IPV4, USES, 50}, {FACT_TTL, SAYS, 100}, {FACT_SEEN, SAYS, 100}),
	.shows = SHOWS(&ipv4_show),
	.packet = ipv4_packet,
};

PROVE(ipv4_parse, struct ipv4)
