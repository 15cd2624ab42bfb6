/* SPDX-License-Identifier: Apache-2.0 */
/*
 * icmpv6.c - ICMPv6, and in it neighbour discovery: who owns an IPv6 address, who routes.
 *
 * Solicitations and router advertisements bind the sender's address to the MAC in their source
 * option, neighbour advertisements bind their target to that in the target option (RFC 4861,
 * 7.2). The option counts, not the frame's source: a proxy or a bridge may carry it. Duplicate
 * address detection asks from :: and binds nothing (RFC 4862, 5.4). A redirect speaks of others.
 *
 * Believed only with hop limit 255, which no packet from beyond a router has. Lifetime 0 in a
 * router advertisement says that it is nobody's default router (RFC 4861, 4.2). With a prefix or
 * a route to give it still is a router; without, it says goodbye. What is given for no time is
 * taken back.
 *
 * Errors quote another host's packet: nothing in them is a fact about the sender.
 */
#include "observe/shared/prefix.h"

enum { ROUTER_SOLICIT = 133, ROUTER_ADVERT, NEIGHBOUR_SOLICIT, NEIGHBOUR_ADVERT, REDIRECT };
enum {
	OPTION_SOURCE = 1,
	OPTION_TARGET = 2,
	OPTION_PREFIX = 3,
	OPTION_MTU = 5,
	OPTION_ROUTE = 24,
	OPTION_DNS_SERVERS = 25,
	OPTION_DNS_SEARCH = 31,
	OPTION_CAPTIVE_PORTAL = 37,
	OPTION_PREF64 = 38
};
enum { MAC_OPTION = 6, SERVERS = 8, NAMES = 8 };

struct ndp_option {
	uint8_t type;
	struct cur value; /* without type and length */
};

/* The next option; false at the end, or where one has no length (RFC 4861, 4.6). */
static bool ndp_option_next(struct cur *in, struct ndp_option *o)
{
	o->type = cur_u8(in);
	const uint32_t len = cur_u8(in);
	if (len == 0)
		cur_fail(in);
	o->value = cur_sub(in, len == 0 ? 0 : len * 8 - 2);
	return cur_ok(in);
}

/* An IPv6 prefix in an option: RFC 4861, 4.6.2; RFC 4191, 2.3; RFC 8781, 4. */
struct ndp_prefix {
	uint8_t bits;
	bool valid; /* not taken back */
	struct ip6 prefix;
};

static bool ndp_prefix_parse(struct cur *in, struct ndp_prefix *x)
{
	x->bits = cur_u8(in);
	cur_skip(in, 1); /* flags */
	x->valid = cur_be32(in) > 0;
	cur_skip(in, 8); /* preferred lifetime */
	cur_ip6(in, &x->prefix);
	return cur_ok(in) && x->bits <= 128;
}

/* Only as many bytes of the prefix as it needs are there. */
static bool ndp_route_parse(struct cur *in, struct ndp_prefix *x)
{
	x->bits = cur_u8(in);
	cur_skip(in, 1); /* preference */
	x->valid = cur_be32(in) > 0;
	const uint32_t len = cur_left(in);
	if (len > 16 || x->bits > 8 * len)
		return false;
	return cur_copy(in, x->prefix.b, sizeof x->prefix.b, len);
}

struct icmpv6 {
	uint8_t type, code;
	uint8_t hop_limit;   /* router advertisement: for hosts to use */
	bool managed, other; /* ... DHCPv6 has addresses, has other settings */
	bool router;         /* neighbour advertisement: the sender routes */
	bool solicited, override;
	uint16_t lifetime_s; /* ... as everybody's way out */
	bool offers;         /* ... it gives a prefix or a route */
	struct ip6 target;
	uint8_t options;     /* how many */
	uint32_t options_at; /* offset of the first */
	bool has_source, has_target;
	struct mac source_mac, target_mac;
};

static void icmpv6_router_parse(struct cur *in, struct icmpv6 *m)
{
	m->hop_limit = cur_u8(in);
	const uint8_t flags = cur_u8(in);
	m->managed = (flags & 0x80) != 0;
	m->other = (flags & 0x40) != 0;
	m->lifetime_s = cur_be16(in);
	cur_skip(in, 8); /* reachable time, retransmission timer */
}

static void icmpv6_neighbour_parse(struct cur *in, struct icmpv6 *m)
{
	const uint8_t flags = cur_u8(in);

	m->router = m->type == NEIGHBOUR_ADVERT && (flags & 0x80) != 0;
	m->solicited = m->type == NEIGHBOUR_ADVERT && (flags & 0x40) != 0;
	m->override = m->type == NEIGHBOUR_ADVERT && (flags & 0x20) != 0;
	cur_skip(in, 3);
	cur_ip6(in, &m->target);
}

static void icmpv6_option_parse(struct ndp_option *o, struct icmpv6 *m)
{
	struct ndp_prefix x = {0};

	if (o->type == OPTION_PREFIX && ndp_prefix_parse(&o->value, &x))
		m->offers = m->offers || x.valid;
	if (o->type == OPTION_ROUTE && ndp_route_parse(&o->value, &x))
		m->offers = m->offers || x.valid;
	if (o->type == OPTION_SOURCE && cur_left(&o->value) == MAC_OPTION) {
		cur_mac(&o->value, &m->source_mac);
		m->has_source = mac_is_device(m->source_mac);
	}
	if (o->type == OPTION_TARGET && cur_left(&o->value) == MAC_OPTION) {
		cur_mac(&o->value, &m->target_mac);
		m->has_target = mac_is_device(m->target_mac);
	}
}

static bool icmpv6_options_parse(struct cur *in, struct icmpv6 *m)
{
	struct ndp_option o = {0};

	m->options_at = cur_pos(in);
	struct cur options = cur_rest(in);
	while (cur_more(&options) && m->options < UINT8_MAX) {
		if (!ndp_option_next(&options, &o))
			return false;
		icmpv6_option_parse(&o, m);
		m->options++;
	}
	return true;
}

static bool icmpv6_is_ndp(const struct icmpv6 *m)
{
	return m->type >= ROUTER_SOLICIT && m->type <= REDIRECT;
}

static bool icmpv6_parse(struct cur *in, struct icmpv6 *m)
{
	m->type = cur_u8(in);
	m->code = cur_u8(in);
	cur_skip(in, 2); /* checksum */
	if (!icmpv6_is_ndp(m))
		return cur_ok(in);
	if (m->type == ROUTER_SOLICIT)
		cur_skip(in, 4);
	else if (m->type == ROUTER_ADVERT)
		icmpv6_router_parse(in, m);
	else
		icmpv6_neighbour_parse(in, m);
	if (m->type == REDIRECT)
		cur_skip(in, 16); /* destination */
	return cur_ok(in) && icmpv6_options_parse(in, m);
}

static bool ndp_pref64_parse(struct cur *in, struct ndp_prefix *x)
{
	static const uint8_t bits[8] = {96, 64, 56, 48, 40, 32, 0, 0};
	const uint16_t lifetime = cur_be16(in);

	x->bits = bits[lifetime & 7];
	x->valid = lifetime >> 3 != 0;
	cur_copy(in, x->prefix.b, sizeof x->prefix.b, 12);
	return cur_ok(in) && x->bits != 0;
}

/* RFC 8106, 5: servers, or a search list; the times alone are read here. */
struct ndp_list {
	bool valid;
};

static bool ndp_list_parse(struct cur *in, struct ndp_list *l)
{
	cur_skip(in, 2);
	l->valid = cur_be32(in) > 0;
	return cur_ok(in);
}

struct ndp_mtu {
	uint32_t mtu;
};

static bool ndp_mtu_parse(struct cur *in, struct ndp_mtu *x)
{
	cur_skip(in, 2);
	x->mtu = cur_be32(in);
	return cur_ok(in) && x->mtu >= 1280;
}

struct ndp_server {
	struct ip6 ip;
};

static bool ndp_server_parse(struct cur *in, struct ndp_server *s)
{
	cur_ip6(in, &s->ip);
	return cur_ok(in);
}

/* A name, or the zeros that fill up the option: then it is empty. */
static bool ndp_name_parse(struct cur *in, struct text *name)
{
	cur_dns_name(in, cur_pos(in), name);
	return cur_ok(in);
}

/* ---- telling ------------------------------------------------------------ */

static void tell_net(struct task *t, const struct packet *p, struct subject who,
                     enum fact_kind kind, const struct ndp_prefix *x)
{
	const struct ip net = ip_from6(x->prefix);

	if (x->valid)
		tell_prefix(t, p, who, kind, &net, x->bits);
}

static void tell_servers(struct task *t, const struct packet *p, struct cur *in)
{
	struct ndp_list list = {0};
	struct ndp_server s = {0};

	if (!ndp_list_parse(in, &list) || !list.valid)
		return;
	for (unsigned i = 0; i < SERVERS && cur_more(in) && ndp_server_parse(in, &s); i++)
		tell_word(t, p, subject_of((struct mac){{0}}, ip_from6(s.ip)), FACT_ROLE_TOLD,
		          "dns-server");
}

static void tell_search(struct task *t, const struct packet *p, struct subject who, struct cur *in)
{
	struct ndp_list list = {0};
	struct text name = {0};

	if (!ndp_list_parse(in, &list) || !list.valid)
		return;
	for (unsigned i = 0; i < NAMES && cur_more(in) && ndp_name_parse(in, &name); i++)
		if (name.len > 0)
			tell_string(t, p, who, FACT_NAME_DOMAIN, &name);
}

static void tell_option(struct task *t, const struct packet *p, struct subject who,
                        struct ndp_option *o)
{
	struct ndp_prefix x = {0};
	struct ndp_mtu m = {0};

	if (o->type == OPTION_PREFIX && ndp_prefix_parse(&o->value, &x))
		tell_net(t, p, who, FACT_NDP_PREFIX, &x);
	if (o->type == OPTION_ROUTE && ndp_route_parse(&o->value, &x))
		tell_net(t, p, who, FACT_NDP_ROUTE, &x);
	if (o->type == OPTION_PREF64 && ndp_pref64_parse(&o->value, &x))
		tell_net(t, p, who, FACT_NDP_PREF64, &x);
	if (o->type == OPTION_MTU && ndp_mtu_parse(&o->value, &m))
		tell_number(t, p, who, FACT_NDP_MTU, m.mtu);
	if (o->type == OPTION_CAPTIVE_PORTAL)
		tell_text(t, p, who, FACT_NDP_CAPTIVE_PORTAL, cur_until(&o->value, 0));
	if (o->type == OPTION_DNS_SERVERS)
		tell_servers(t, p, &o->value);
	if (o->type == OPTION_DNS_SEARCH)
		tell_search(t, p, who, &o->value);
}

static void tell_options(struct task *t, struct packet *p, struct subject who,
                         const struct icmpv6 *m)
{
	struct ndp_option o = {0};

	cur_seek(&p->rest, m->options_at);
	struct cur options = cur_rest(&p->rest);
	for (unsigned i = 0; i < UINT8_MAX && cur_more(&options) && ndp_option_next(&options, &o);
	     i++)
		tell_option(t, p, who, &o);
}

static enum verdict tell_sender(struct task *t, struct packet *p, const struct icmpv6 *m)
{
	if (!m->has_source || ip_is_unspecified(&p->from))
		return NOTHING;
	tell_address(t, p, m->source_mac, p->from);
	return LEARNED;
}

static enum verdict tell_router(struct task *t, struct packet *p, const struct icmpv6 *m)
{
	const struct subject who = subject_of(m->has_source ? m->source_mac : p->source, p->from);

	if (!ip_is_link_local(&p->from))
		return NOTHING;
	tell_sender(t, p, m);
	if (m->lifetime_s > 0 || m->offers)
		tell_word(t, p, who, FACT_ROLE, "router");
	tell_options(t, p, who, m);
	return LEARNED;
}

/* Without the option the frame's source stands for the target only where it speaks of itself. */
static enum verdict tell_target(struct task *t, struct packet *p, const struct icmpv6 *m)
{
	const struct ip target = ip_from6(m->target);
	const bool of_itself = ip_equal(&target, &p->from);

	if (m->has_target)
		tell_address(t, p, m->target_mac, target);
	if (m->router && (m->has_target || of_itself))
		tell_word(t, p, subject_of(m->has_target ? m->target_mac : p->source, target),
		          FACT_ROLE, "router");
	return m->has_target || (m->router && of_itself) ? LEARNED : NOTHING;
}

static bool icmpv6_is_believed(const struct icmpv6 *m, const struct packet *p)
{
	return icmpv6_is_ndp(m) && m->code == 0 && p->ttl == 255;
}

static enum verdict icmpv6_packet(struct task *t, struct packet *p, void *state)
{
	struct icmpv6 m = {0};

	(void)state;
	if (!icmpv6_parse(&p->rest, &m))
		return MALFORMED;
	if (p->cut || !icmpv6_is_believed(&m, p))
		return NOTHING;
	if (m.type == ROUTER_ADVERT)
		return tell_router(t, p, &m);
	if (m.type == NEIGHBOUR_ADVERT)
		return tell_target(t, p, &m);
	if (m.type == NEIGHBOUR_SOLICIT && !ip_is_unspecified(&p->from))
		asks_for(t, p, ip_from6(m.target));
	return m.type == REDIRECT ? NOTHING : tell_sender(t, p, &m);
}

SHOW(icmpv6, struct icmpv6, FIELD(struct icmpv6, type, SHOW_NUMBER),
     FIELD(struct icmpv6, code, SHOW_NUMBER), FIELD(struct icmpv6, lifetime_s, SHOW_NUMBER),
     FIELD(struct icmpv6, offers, SHOW_BOOL), FIELD(struct icmpv6, managed, SHOW_BOOL),
     FIELD(struct icmpv6, other, SHOW_BOOL), FIELD(struct icmpv6, router, SHOW_BOOL),
     FIELD(struct icmpv6, solicited, SHOW_BOOL), FIELD(struct icmpv6, override, SHOW_BOOL),
     FIELD(struct icmpv6, target, SHOW_IP6), FIELD(struct icmpv6, source_mac, SHOW_MAC),
     FIELD(struct icmpv6, target_mac, SHOW_MAC), FIELD(struct icmpv6, options, SHOW_NUMBER))
SHOW(ndp_prefix, struct ndp_prefix, FIELD(struct ndp_prefix, bits, SHOW_NUMBER),
     FIELD(struct ndp_prefix, valid, SHOW_BOOL), FIELD(struct ndp_prefix, prefix, SHOW_IP6))
SHOW(ndp_route, struct ndp_prefix, FIELD(struct ndp_prefix, bits, SHOW_NUMBER),
     FIELD(struct ndp_prefix, valid, SHOW_BOOL), FIELD(struct ndp_prefix, prefix, SHOW_IP6))
SHOW(ndp_pref64, struct ndp_prefix, FIELD(struct ndp_prefix, bits, SHOW_NUMBER),
     FIELD(struct ndp_prefix, valid, SHOW_BOOL), FIELD(struct ndp_prefix, prefix, SHOW_IP6))

const struct observer observer_icmpv6 = {
	.name = "icmpv6",
	.about = "neighbour discovery: who owns an IPv6 address, who routes",
	.spec = "RFC 4443, RFC 4861, RFC 4191, RFC 8106, RFC 8781, RFC 8910",
	.claims = CLAIMS({IP_PROTOCOL, 58, NULL}),
	.tells = TELLS({FACT_IPV6, OWNER, 95}, {FACT_ROLE, SAYS, 95}, {FACT_ROLE_TOLD, SAYS, 80},
                       {FACT_NAME_DOMAIN, SAYS, 80}, {FACT_NDP_PREFIX, SAYS, 95},
                       {FACT_NDP_ROUTE, SAYS, 95}, {FACT_NDP_PREF64, SAYS, 95},
                       {FACT_NDP_MTU, SAYS, 95}, {FACT_NDP_CAPTIVE_PORTAL, SAYS, 95}),
	.shows = SHOWS(&icmpv6_show, &ndp_prefix_show, &ndp_route_show, &ndp_pref64_show),
	.packet = icmpv6_packet,
};

PROVE(icmpv6_parse, struct icmpv6)
PROVE(ndp_option_next, struct ndp_option)
PROVE(ndp_prefix_parse, struct ndp_prefix)
PROVE(ndp_route_parse, struct ndp_prefix)
PROVE(ndp_pref64_parse, struct ndp_prefix)
PROVE(ndp_list_parse, struct ndp_list)
PROVE(ndp_mtu_parse, struct ndp_mtu)
PROVE(ndp_server_parse, struct ndp_server)
PROVE(ndp_name_parse, struct text)
