/* SPDX-License-Identifier: Apache-2.0 */
/*
 * icmp.c - ICMP: of all its messages one says what its sender is.
 *
 * An error quotes the start of another host's packet: nothing of it is a fact about the sender,
 * and anyone can write anything there. Redirects and exceeded TTLs hint at a router; they prove
 * none, as hosts send both when misconfigured or asked to. A router advertisement (RFC 1256) is
 * a router's own word: its lifetime must not be 0, and code 16 takes the word back for all but
 * mobile nodes (RFC 5944, 2.1). It is sent to the link alone, with TTL 1.
 */
#include "observe/observer.h"

enum { ICMP_ROUTER = 9, ICMP_ROUTES = 0 };

struct icmp {
	uint8_t type, code;
	uint8_t routers;      /* of a router advertisement: addresses ... */
	uint8_t router_words; /* ... 32-bit words of each ... */
	uint16_t lifetime_s;  /* ... and how long they are good for */
};

static bool icmp_parse(struct cur *in, struct icmp *m)
{
	m->type = cur_u8(in);
	m->code = cur_u8(in);
	cur_skip(in, 2); /* checksum */
	if (m->type != ICMP_ROUTER) {
		cur_skip(in, 4);
		return cur_ok(in);
	}
	m->routers = cur_u8(in);
	m->router_words = cur_u8(in);
	m->lifetime_s = cur_be16(in);
	cur_skip(in, (uint32_t)m->routers * m->router_words * 4);
	return cur_ok(in) && m->routers > 0 && m->router_words >= 2;
}

static bool icmp_is_router(const struct icmp *m, const struct packet *p)
{
	return m->type == ICMP_ROUTER && m->code == ICMP_ROUTES && m->lifetime_s > 0 && p->ttl == 1;
}

static enum verdict icmp_packet(struct task *t, struct packet *p, void *state)
{
	struct icmp m = {0};

	(void)state;
	if (!icmp_parse(&p->rest, &m))
		return MALFORMED;
	if (!icmp_is_router(&m, p))
		return NOTHING;
	tell_word(t, p, sender(p), FACT_ROLE, "router");
	return LEARNED;
}

SHOW(icmp, struct icmp, FIELD(struct icmp, type, SHOW_NUMBER),
     FIELD(struct icmp, code, SHOW_NUMBER), FIELD(struct icmp, routers, SHOW_NUMBER),
     FIELD(struct icmp, lifetime_s, SHOW_NUMBER))

const struct observer observer_icmp = {
	.name = "icmp",
	.about = "router advertisements of IPv4",
	.spec = "RFC 792, RFC 1256",
	.claims = CLAIMS({IP_PROTOCOL, 1, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 90}),
	.shows = SHOWS(&icmp_show),
	.packet = icmp_packet,
};

PROVE(icmp_parse, struct icmp)
