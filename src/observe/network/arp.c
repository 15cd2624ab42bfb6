/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arp.c - who owns an IPv4 address, said by the owner itself.
 *
 * Requests and replies bind the sender's two addresses (RFC 826); a gratuitous one is nothing
 * else. A probe has the sender address 0.0.0.0 (RFC 5227, 2.1.1): it binds nothing yet. The
 * fields count, not the frame's source: a wireless bridge sends another's ARP from its own MAC.
 * A proxy answers for others with its own MAC in the field; it shows by the many addresses it
 * claims. Two claimants of one address are a conflict: both are told, and whether
 * they overlapped or took turns is seen only over time, by the reporter.
 *
 * RARP (RFC 903) and InARP (RFC 2390) share the layout; what they say of the sender is no
 * claim to an address of this link, and is left alone.
 */
#include "observe/observer.h"

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };
enum { ARP_ETHERNET = 1, ARP_IEEE_802 = 6, ARP_IPV4 = 0x0800 };

struct arp {
	uint16_t hardware, protocol;
	uint8_t mac_len, ip_len;
	uint16_t op;
	struct mac sender_mac, target_mac;
	struct ip4 sender_ip, target_ip;
};

/* MAC addresses and IPv4, and not what else the format allows for? */
static bool arp_is_ours(const struct arp *a)
{
	return (a->hardware == ARP_ETHERNET || a->hardware == ARP_IEEE_802) &&
	       a->protocol == ARP_IPV4 && a->mac_len == 6 && a->ip_len == 4;
}

/* Addresses are read only where they are ours. */
static bool arp_parse(struct cur *in, struct arp *a)
{
	a->hardware = cur_be16(in);
	a->protocol = cur_be16(in);
	a->mac_len = cur_u8(in);
	a->ip_len = cur_u8(in);
	a->op = cur_be16(in);
	if (!arp_is_ours(a))
		return cur_ok(in);
	cur_mac(in, &a->sender_mac);
	cur_ip4(in, &a->sender_ip);
	cur_mac(in, &a->target_mac);
	cur_ip4(in, &a->target_ip);
	return cur_ok(in);
}

static bool arp_is_probe(const struct arp *a)
{
	return ip4_number(a->sender_ip) == 0;
}

static bool arp_binds(const struct arp *a)
{
	return (a->op == ARP_REQUEST || a->op == ARP_REPLY) && !arp_is_probe(a) &&
	       mac_is_device(a->sender_mac);
}

/* An announcement asks for its own address, and wants no answer. */
static bool arp_asks(const struct arp *a)
{
	return a->op == ARP_REQUEST && !ip4_equal(a->sender_ip, a->target_ip);
}

static enum verdict arp_packet(struct task *t, struct packet *p, void *state)
{
	struct arp a = {0};

	(void)state;
	if (!arp_parse(&p->rest, &a))
		return MALFORMED;
	if (!arp_is_ours(&a) || !arp_binds(&a))
		return NOTHING;
	tell_address(t, p, a.sender_mac, ip_from4(a.sender_ip));
	if (arp_asks(&a))
		asks_for(t, p, ip_from4(a.target_ip));
	return LEARNED;
}

SHOW(arp, struct arp, FIELD(struct arp, hardware, SHOW_NUMBER), FIELD(struct arp, op, SHOW_NUMBER),
     FIELD(struct arp, sender_mac, SHOW_MAC), FIELD(struct arp, sender_ip, SHOW_IP4),
     FIELD(struct arp, target_mac, SHOW_MAC), FIELD(struct arp, target_ip, SHOW_IP4))

const struct observer observer_arp = {
	.name = "arp",
	.about = "who owns an IPv4 address",
	.spec = "RFC 826, RFC 5227",
	.claims = CLAIMS({ETHERTYPE, 0x0806, NULL}),
	.tells = TELLS({FACT_IPV4, OWNER, 95}),
	.shows = SHOWS(&arp_show),
	.packet = arp_packet,
};

PROVE(arp_parse, struct arp)
