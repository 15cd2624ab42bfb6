/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vrrp.c - routers that stand in for each other, and the address that they share.
 *
 * The one that serves the group announces its number and addresses, in version 2 with a word of
 * eight bytes behind them (RFC 3768, 5), in version 3 without (RFC 9568, 5). The hop limit is 255:
 * what came through a router is none (5.1.1.3). The frame comes from the group's virtual address,
 * 00:00:5e:00:01 or 02 and the group, and to that belong the addresses; some implementations send
 * from the router's own. Priority 0 says that the router gives up.
 *
 * CARP borrows protocol and type, with another layout of 36 bytes whose fourth is 7, the length of
 * its digest in words: of that the group alone can be read.
 */
#include "observe/observer.h"

enum { VRRP_ADVERTISEMENT = 1, VRRP_AUTH_LEN = 8, VRRP_HOPS = 255 };
enum { CARP_LEN = 36, CARP_WORDS = 7 };

struct vrrp {
	uint8_t version, group, priority, count;
	bool carp, six;
	struct cur addresses;
};

/* How long it is tells which addresses it holds: nothing in it does. */
static bool vrrp_parse(struct cur *in, struct vrrp *v)
{
	const uint32_t len = cur_left(in);
	const uint8_t first = cur_u8(in);

	v->version = first >> 4;
	v->addresses = cur_sub(in, 0);
	v->group = cur_u8(in);
	v->priority = cur_u8(in);
	v->count = cur_u8(in);
	cur_skip(in, 4); /* intervals, checksum */
	v->carp = v->version == 2 && v->count == CARP_WORDS && len == CARP_LEN;
	if (!cur_ok(in) || (first & 0x0f) != VRRP_ADVERTISEMENT || v->group == 0)
		return false;
	if (v->carp)
		return true;
	const uint32_t tail = v->version == 2 ? VRRP_AUTH_LEN : 0;
	const uint32_t size = cur_left(in);
	v->six = v->version == 3 && size == v->count * 16u;
	v->addresses = cur_sub(in, v->count * (v->six ? 16u : 4u));
	return cur_ok(in) && v->count > 0 && (v->version == 2 || v->version == 3) &&
	       cur_left(in) == tail;
}

static bool vrrp_address_parse(struct cur *in, uint8_t family, struct ip *ip)
{
	cur_ip(in, family, ip);
	return cur_ok(in);
}

static void vrrp_tell(struct task *t, const struct packet *p, struct vrrp *v)
{
	char text[IP_TEXT];

	tell_word(t, p, sender(p), FACT_ROLE, "router");
	tell_number(t, p, sender(p), FACT_VRRP_VRID, v->group);
	while (cur_more(&v->addresses)) {
		struct ip ip;
		if (!vrrp_address_parse(&v->addresses, p->from.family, &ip) || !ip_is_host(&ip))
			continue;
		tell_word(t, p, sender(p), FACT_VRRP_IP, ip_format(&ip, text));
		if (v->priority > 0 && mac_is_device(p->source))
			tell_address(t, p, p->source, ip);
	}
}

static enum verdict vrrp_packet(struct task *t, struct packet *p, void *state)
{
	struct vrrp v = {0};

	(void)state;
	if (p->ttl != VRRP_HOPS)
		return NOT_MINE;
	if (!vrrp_parse(&p->rest, &v) || (!v.carp && v.six != (p->from.family == 6)))
		return MALFORMED;
	if (v.carp)
		tell_number(t, p, sender(p), FACT_CARP_VHID, v.group);
	else
		vrrp_tell(t, p, &v);
	return LEARNED;
}

SHOW(vrrp, struct vrrp, FIELD(struct vrrp, version, SHOW_NUMBER),
     FIELD(struct vrrp, group, SHOW_NUMBER), FIELD(struct vrrp, priority, SHOW_NUMBER),
     FIELD(struct vrrp, count, SHOW_NUMBER), FIELD(struct vrrp, carp, SHOW_BOOL))

const struct observer observer_vrrp = {
	.name = "vrrp",
	.about = "routers that share an address (VRRP, CARP)",
	.spec = "RFC 9568, RFC 3768",
	.claims = CLAIMS({IP_PROTOCOL, 112, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 95}, {FACT_VRRP_VRID, SAYS, 95}, {FACT_VRRP_IP, SAYS, 95},
                       {FACT_CARP_VHID, SAYS, 90}, {FACT_IPV4, OWNER, 90}, {FACT_IPV6, OWNER, 90}),
	.shows = SHOWS(&vrrp_show),
	.packet = vrrp_packet,
};

PROVE(vrrp_parse, struct vrrp)
PROVE_WITH(vrrp_address_parse, struct ip, uint8_t)
