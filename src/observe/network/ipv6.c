/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipv6.c - IPv6: who sends from which address, how far away, and what is inside.
 *
 * Between the header and what is inside there may be extension headers, each naming the next.
 * Hop-by-hop, routing, destination, mobility, HIP and shim6 headers share a layout (RFC 6564),
 * authentication counts its length otherwise (RFC 4302), and a fragment header says that what
 * follows is a piece. More than EXTENSIONS of them in a row serve nothing but to hide: the
 * packet is refused.
 *
 * A payload length of 0 stands for a jumbogram (RFC 2675) or for a segment that the network card
 * will cut up: the packet is all that is left. A fragment header with offset 0 and no more to
 * come is a whole packet by itself (RFC 6946).
 */
#include "observe/network/source.h"

enum { EXTENSIONS = 8 };
enum {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	NO_NEXT = 59,
	DESTINATION = 60,
	MOBILITY = 135,
	HIP = 139,
	SHIM6 = 140
};

struct ipv6 {
	uint64_t head; /* its first eight bytes, a number */
	uint8_t version;
	uint16_t length; /* of all that follows the header */
	uint8_t next, hop_limit;
	struct ip6 from, to;
};

static bool ipv6_parse(struct cur *in, struct ipv6 *h)
{
	const uint64_t head = cur_be64(in);

	h->head = head;
	h->version = (uint8_t)(head >> 60);
	h->length = (uint16_t)(head >> 16 & 0xffff);
	h->next = (uint8_t)(head >> 8 & 0xff);
	h->hop_limit = (uint8_t)(head & 0xff);
	cur_ip6(in, &h->from);
	cur_ip6(in, &h->to);
	return cur_ok(in) && h->version == 6;
}

/* A chain of extension headers, up to what they enclose or to a fragment. */
struct ipv6_chain {
	uint8_t next; /* the caller's: the kind of the first; then what comes after all of them */
	uint8_t count;
	bool fragment, more;
	uint16_t offset; /* bytes */
	uint32_t id;
};

static bool ipv6_is_extension(uint8_t next)
{
	return next == HOP_BY_HOP || next == ROUTING || next == DESTINATION || next == MOBILITY ||
	       next == HIP || next == SHIM6 || next == AUTHENTICATION;
}

static void ipv6_extension_parse(struct cur *in, struct ipv6_chain *c)
{
	const uint8_t kind = c->next;

	c->next = cur_u8(in);
	const uint32_t len = cur_u8(in);
	cur_skip(in, kind == AUTHENTICATION ? len * 4 + 6 : len * 8 + 6);
	c->count++;
}

static void ipv6_fragment_parse(struct cur *in, struct ipv6_chain *c)
{
	c->next = cur_u8(in);
	cur_skip(in, 1);
	const uint16_t where = cur_be16(in);
	c->offset = where & 0xfff8;
	c->more = (where & 1) != 0;
	c->id = cur_be32(in);
	c->fragment = true;
}

static bool ipv6_chain_parse(struct cur *in, struct ipv6_chain *c)
{
	for (unsigned i = 0; i < EXTENSIONS && ipv6_is_extension(c->next); i++)
		ipv6_extension_parse(in, c);
	if (c->next == FRAGMENT)
		ipv6_fragment_parse(in, c);
	return cur_ok(in) && (c->fragment || !ipv6_is_extension(c->next));
}

static void ipv6_trim(struct packet *p, const struct ipv6 *h)
{
	if (h->length == 0)
		return;
	p->cut = cur_left(&p->rest) < h->length;
	cur_cut(&p->rest, h->length);
}

/* True when p->rest is a whole packet's, and begins with p->protocol. */
static bool ipv6_whole(struct task *t, struct packet *p, const struct ipv6_chain *c)
{
	const struct fragment f = {
		.id = c->id, .offset = c->offset, .more = c->more, .protocol = c->next};

	p->protocol = c->next;
	if (!c->fragment || (c->offset == 0 && !c->more))
		return true;
	p->head = 0;
	return !p->cut && fragment_whole(t, p, &f);
}

/* What follows the header: kind is that of its first part. */
static enum verdict ipv6_payload(struct task *t, struct packet *p, uint8_t kind)
{
	struct ipv6_chain outer = {.next = kind}, inner = {0};

	if (!ipv6_chain_parse(&p->rest, &outer))
		return MALFORMED;
	if (!ipv6_whole(t, p, &outer))
		return LEARNED;
	inner.next = p->protocol;
	if (!ipv6_chain_parse(&p->rest, &inner) || inner.fragment)
		return MALFORMED;
	p->protocol = inner.next;
	if (p->protocol != NO_NEXT)
		forward(t, p, IP_PROTOCOL, p->protocol);
	return LEARNED;
}

static enum verdict ipv6_packet(struct task *t, struct packet *p, void *state)
{
	struct ipv6 h = {0};

	(void)state;
	if (!ipv6_parse(&p->rest, &h))
		return MALFORMED;
	p->from = ip_from6(h.from);
	p->to = ip_from6(h.to);
	p->head = h.head;
	p->ttl = h.hop_limit;
	ipv6_trim(p, &h);
	tell_source(t, p);
	return ipv6_payload(t, p, h.next);
}

SHOW(ipv6, struct ipv6, FIELD(struct ipv6, length, SHOW_NUMBER),
     FIELD(struct ipv6, next, SHOW_NUMBER), FIELD(struct ipv6, hop_limit, SHOW_NUMBER),
     FIELD(struct ipv6, from, SHOW_IP6), FIELD(struct ipv6, to, SHOW_IP6))
SHOW(ipv6_chain, struct ipv6_chain, FIELD(struct ipv6_chain, next, SHOW_NUMBER),
     FIELD(struct ipv6_chain, count, SHOW_NUMBER), FIELD(struct ipv6_chain, fragment, SHOW_BOOL),
     FIELD(struct ipv6_chain, more, SHOW_BOOL), FIELD(struct ipv6_chain, offset, SHOW_NUMBER),
     FIELD(struct ipv6_chain, id, SHOW_HEX))

const struct observer observer_ipv6 = {
	.name = "ipv6",
	.about = "IPv6 addresses in use, extension headers, fragments",
	.spec = "RFC 8200, RFC 6564, RFC 4302",
	.claims = CLAIMS({ETHERTYPE, 0x86dd, NULL}),
	.tells = TELLS({FACT_IPV6, USES, 50}, {FACT_TTL, SAYS, 100}, {FACT_SEEN, SAYS, 100}),
	.shows = SHOWS(&ipv6_show, &ipv6_chain_show),
	.packet = ipv6_packet,
};

PROVE(ipv6_parse, struct ipv6)
PROVE(ipv6_chain_parse, struct ipv6_chain)
