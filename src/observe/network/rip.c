/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rip.c - routers that tell each other the ways they know: RIP versions 1 and 2, and RIPng.
 *
 * A message is a command, a version and entries of 20 bytes (RFC 1058, 3.1; RFC 2453, 4; RFC 2080,
 * 2.1). Whoever answers or announces does so from the protocol's port, and routes; who asks may
 * be anybody. A way with metric 16 is none. Version 1 has no masks: of its networks the address
 * alone is told. The first entry of version 2 may be a password in the clear (RFC 2453, 4.1): that it
 * is there is told; or a digest, that tells where the entries end (RFC 4822, 2).
 *
 * RIPng is believed from a link-local address alone, and to a group with hop limit 255 (RFC 2080,
 * 2.4.2).
 */
#include "observe/shared/prefix.h"

enum { RIP_PORT = 520, RIPNG_PORT = 521, RIP_REQUEST = 1, RIP_RESPONSE = 2 };
enum { RIP_HEAD = 4, RIP_ENTRY = 20, RIP_ENTRIES_MAX = 128, RIP_UNREACHABLE = 16 };
enum { RIP_INTERNET = 2, RIP_AUTHENTICATION = 0xffff, RIP_PASSWORD = 2, RIP_DIGEST = 3 };
enum { RIPNG_NEXT_HOP = 0xff, RIPNG_HOPS = 255 };

struct rip {
	uint8_t command, version;
	bool password;
	struct cur entries;
};

struct rip_entry {
	bool way; /* a network that can be reached */
	struct ip net;
	uint8_t bits;
};

/* ---- parse */

/* The mask's length; false where it is none. */
static bool rip_mask_bits(uint32_t mask, uint8_t *bits)
{
	*bits = 0;
	for (unsigned i = 0; i < 32; i++)
		if ((mask << i & 0x80000000u) != 0)
			*bits = (uint8_t)(i + 1);
	return *bits == 0 ? mask == 0 : mask == 0xffffffffu << (32u - *bits);
}

static bool rip_entry_parse(struct cur *in, uint8_t version, struct rip_entry *e)
{
	struct ip4 net = {0};

	const uint16_t family = cur_be16(in);
	const uint16_t tag = cur_be16(in);
	cur_ip4(in, &net);
	const uint32_t mask = cur_be32(in);
	const uint32_t next = cur_be32(in);
	const uint32_t metric = cur_be32(in);
	e->net = ip_from4(net);
	e->way = family == RIP_INTERNET && metric < RIP_UNREACHABLE;
	if (!cur_ok(in) || metric == 0 || metric > RIP_UNREACHABLE)
		return false;
	if (version == 1)
		return family == RIP_INTERNET && tag == 0 && mask == 0 && next == 0;
	return family == RIP_INTERNET && rip_mask_bits(mask, &e->bits);
}

static bool ripng_entry_parse(struct cur *in, struct rip_entry *e)
{
	struct ip6 net = {0};

	cur_ip6(in, &net);
	cur_skip(in, 2); /* tag */
	e->bits = cur_u8(in);
	const uint8_t metric = cur_u8(in);
	e->net = ip_from6(net);
	e->way = metric < RIP_UNREACHABLE;
	return cur_ok(in) && e->bits <= 128 && metric > 0 &&
	       (metric <= RIP_UNREACHABLE || metric == RIPNG_NEXT_HOP);
}

/* A first entry that is none: a password, or where the digest is that follows the entries. */
static bool rip_authentication_parse(struct cur *in, struct rip *r)
{
	struct cur head = *in;

	if (r->version != 2 || cur_be16(&head) != RIP_AUTHENTICATION)
		return true;
	const uint16_t type = cur_be16(&head);
	const uint16_t end = cur_be16(&head);
	r->password = type == RIP_PASSWORD;
	if (type == RIP_DIGEST &&
	    (end < RIP_HEAD + RIP_ENTRY || end - (uint32_t)RIP_HEAD > cur_left(in)))
		return false;
	if (type == RIP_DIGEST)
		cur_cut(in, end - (uint32_t)RIP_HEAD);
	cur_skip(in, RIP_ENTRY);
	return cur_ok(in);
}

static bool rip_entries_judge(struct cur entries, uint16_t port, uint8_t version)
{
	struct rip_entry e = {0};

	for (unsigned i = 0; i < RIP_ENTRIES_MAX && cur_more(&entries); i++)
		if (port == RIPNG_PORT ? !ripng_entry_parse(&entries, &e)
		                       : !rip_entry_parse(&entries, version, &e))
			return false;
	return cur_left(&entries) == 0;
}

/* `port` tells RIPng. */
static bool rip_parse(struct cur *in, uint16_t port, struct rip *r)
{
	r->command = cur_u8(in);
	r->version = cur_u8(in);
	const uint16_t zero = cur_be16(in);
	r->entries = cur_rest(in);
	if (!cur_ok(in) || zero != 0 || r->version == 0 ||
	    r->version > (port == RIPNG_PORT ? 1 : 2) ||
	    (r->command != RIP_REQUEST && r->command != RIP_RESPONSE))
		return false;
	if (port == RIP_PORT && !rip_authentication_parse(&r->entries, r))
		return false;
	return r->command == RIP_REQUEST || rip_entries_judge(r->entries, port, r->version);
}

/* ---- tell */

static bool rip_tell_ways(struct task *t, const struct packet *p, struct rip *r)
{
	const bool six = p->from_port.n == RIPNG_PORT;
	struct rip_entry e = {0};
	char text[IP_TEXT];
	bool told = false;

	for (unsigned i = 0; i < RIP_ENTRIES_MAX && cur_more(&r->entries); i++) {
		const bool is = six ? ripng_entry_parse(&r->entries, &e)
		                    : rip_entry_parse(&r->entries, r->version, &e);
		if (!is || !e.way)
			continue;
		told = true;
		if (six || r->version == 2)
			tell_prefix(t, p, sender(p), FACT_RIP_ROUTE, &e.net, e.bits);
		else
			tell_word(t, p, sender(p), FACT_RIP_ROUTE, ip_format(&e.net, text));
	}
	return told;
}

static bool rip_is_believed(const struct packet *p)
{
	if (p->from_port.n == RIPNG_PORT)
		return ip_is_link_local(&p->from) &&
		       (p->ttl == RIPNG_HOPS || !ip_is_multicast(&p->to));
	return p->from_port.n == RIP_PORT && ip_is_host(&p->from);
}

static enum verdict rip_packet(struct task *t, struct packet *p, void *state)
{
	const bool six = p->from_port.n == RIPNG_PORT || p->to_port.n == RIPNG_PORT;
	struct rip r = {0};

	(void)state;
	if (p->cut || !rip_parse(&p->rest, six ? RIPNG_PORT : RIP_PORT, &r))
		return p->cut ? MALFORMED : NOT_MINE;
	if (r.password)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "rip");
	if (r.command == RIP_REQUEST || !rip_is_believed(p))
		return r.password ? LEARNED : NOTHING;
	if (!six)
		tell_number(t, p, sender(p), FACT_RIP_VERSION, r.version);
	return rip_tell_ways(t, p, &r) || !six || r.password ? LEARNED : NOTHING;
}

const struct observer observer_rip = {
	.name = "rip",
	.about = "routers that speak RIP or RIPng, and the ways they know",
	.spec = "RFC 2453, RFC 1058, RFC 2080, RFC 4822",
	.claims = CLAIMS({UDP_PORT, RIP_PORT, NULL}, {UDP_PORT, RIPNG_PORT, NULL}),
	.tells = TELLS({FACT_RIP_VERSION, SAYS, 90}, {FACT_RIP_ROUTE, SAYS, 85},
                       {FACT_CLEARTEXT, SAYS, 90}),
	.packet = rip_packet,
};

PROVE_WITH(rip_parse, struct rip, uint16_t)
