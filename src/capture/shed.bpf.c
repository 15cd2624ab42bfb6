/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shed.bpf.c - the filter of a packet socket: counts and drops the packets of conversations that
 * the sensor has marked as done, and lets everything else through. It runs in the kernel; what is
 * built of it is src/capture/shed_program.h, made by tools/shed-program.
 *
 * It decides nothing by itself: a packet is kept back only where a slot names all of its addresses
 * and says so. Whatever is not plainly TCP or UDP in IPv4 without options, or in IPv6 without
 * extension headers, whole and well-formed, has no slot: fragments, tunnels, ARP, and all that the
 * kernel cannot read at a glance.
 *
 * Where several sockets share an interface, this is also the filter that takes a socket's share,
 * by the same arithmetic as share.c, so that sockets with and without this program get along.
 *
 * A socket filter may read packets by bpf_skb_load_bytes alone; the frame is laid down two bytes
 * behind a multiple of eight, which aligns everything behind the Ethernet header.
 */
#include "shed_table.h"

#include <linux/bpf.h>

#define ALL 0xffffffffu

enum { ROUGHLY = 48, OF_IPV6 = 68 }; /* bytes that are looked at: TCP's flags are the last */
enum { IPV4 = 0x0008, IPV6 = 0xdd86, TAG = 0x0081, PROVIDERS_TAG = 0xa888 }; /* as they lie there */

static void *(*const map_lookup)(void *, const void *) = (void *)BPF_FUNC_map_lookup_elem;
static long (*const load)(const void *, __u32, void *, __u32) = (void *)BPF_FUNC_skb_load_bytes;

static __u32 (*const processor)(void) = (void *)BPF_FUNC_get_smp_processor_id;

char shed_table[8] __attribute__((section("maps"))); /* a name for the table: the loader has it */

struct ipv4 {
	uint8_t version, service;
	uint16_t total;
	uint16_t id, fragment;
	uint8_t ttl, protocol;
	uint16_t sum;
	uint32_t from, to;
	uint32_t ports;
	uint8_t rest[10];
};

struct ipv6 {
	uint8_t version, label[3];
	uint16_t length;
	uint8_t protocol, ttl;
	uint64_t address[4];
	uint32_t ports;
	uint8_t rest[10];
};

struct head {
	union {
		struct {
			uint16_t tag;
			uint8_t ethernet[12];
			uint16_t type;
		};
		uint64_t link[2];
	};
	union {
		struct ipv4 v4;
		struct ipv6 v6;
	};
};

struct seen {
	struct shed_key key;
	uint8_t mark;    /* is passed on where it meets the slot's `pass` */
	uint8_t first;   /* of a UDP datagram's payload, */
	uint8_t payload; /* which is here */
};

/* ---- whose frame ---- */

static inline uint32_t pair_of(struct __sk_buff *skb)
{
	uint32_t word[8] = {0}, at = 14;
	uint16_t type = 0;

	if (skb->len < 18)
		return 0;
	load(skb, 12, &type, 2);
	if (type == TAG || type == PROVIDERS_TAG) {
		load(skb, 16, &type, 2);
		at = 18;
	}
	if (type == IPV4 && skb->len >= at + 20)
		load(skb, at + 12, word, 8);
	else if (type == IPV6 && skb->len >= at + 40)
		load(skb, at + 8, word, 32);
	else
		load(skb, 8, word, 4);
	return __builtin_bswap32(word[0] ^ word[1] ^ word[2] ^ word[3] ^ word[4] ^ word[5] ^
	                         word[6] ^ word[7]);
}

static inline int is_mine(struct __sk_buff *skb, const struct shed_settings *settings)
{
	if (settings->shares < 2)
		return 1;
	return (pair_of(skb) * 0x9e3779b1u >> 16) % settings->shares == settings->share;
}

/* ---- what a frame is ---- */

static inline void see_transport(struct seen *s, const uint8_t *rest, uint32_t left)
{
	const uint32_t header = (uint32_t)(rest[8] >> 4) * 4;

	s->first = rest[4];
	if (s->key.protocol == SHED_UDP)
		s->mark = (uint8_t)(1u << (rest[4] >> 5));
	else
		s->mark = (uint8_t)((rest[9] & SHED_PASS_ENDS) |
		                    (left == header ? 0 : SHED_PASS_PAYLOAD));
}

static inline int see_ipv4(struct seen *s, const struct ipv4 *ip)
{
	const uint16_t total = __builtin_bswap16(ip->total);

	if (ip->version != 0x45 || (ip->fragment & 0xff3f) != 0 || total < 20)
		return 0;
	s->key.address[0] = (uint64_t)ip->to << 32 | ip->from;
	s->key.ports = ip->ports;
	s->key.protocol = ip->protocol;
	s->key.ttl = ip->ttl;
	s->payload = 42;
	see_transport(s, ip->rest, total - 20u);
	return 1;
}

static inline int see_ipv6(struct seen *s, const struct ipv6 *ip)
{
	if (ip->version >> 4 != 6)
		return 0;
	for (int i = 0; i < 4; i++)
		s->key.address[i] = ip->address[i];
	s->key.ports = ip->ports;
	s->key.protocol = ip->protocol;
	s->key.ttl = ip->ttl;
	s->payload = 62;
	see_transport(s, ip->rest, __builtin_bswap16(ip->length));
	return 1;
}

static inline int see(struct __sk_buff *skb, struct head *h, struct seen *s)
{
	if (load(skb, 0, h->ethernet, ROUGHLY))
		return 0;
	h->tag = skb->vlan_present ? 0x1000 | (skb->vlan_tci & 0xfff) : 0;
	s->key.link[0] = h->link[0];
	s->key.link[1] = h->link[1];
	if (h->type == IPV4)
		return see_ipv4(s, &h->v4);
	if (h->type != IPV6 || load(skb, ROUGHLY, (uint8_t *)h + 2 + ROUGHLY, OF_IPV6 - ROUGHLY))
		return 0;
	return see_ipv6(s, &h->v6);
}

/* ---- the table ---- */

static inline void *entry(uint32_t number)
{
	return map_lookup(shed_table, &number);
}

static inline int is_of(const struct shed_slot *slot, const struct shed_key *k)
{
	return slot->ports == k->ports && slot->protocol == k->protocol && slot->ttl == k->ttl &&
	       slot->address[0] == k->address[0] && slot->address[1] == k->address[1] &&
	       slot->address[2] == k->address[2] && slot->address[3] == k->address[3] &&
	       slot->link[0] == k->link[0] && slot->link[1] == k->link[1];
}

/* The slot that says to count and drop. */
static inline struct shed_slot *slot_of(const struct shed_key *k, uint64_t seed)
{
	const uint64_t hash = shed_hash(k, seed);
	const uint32_t place = shed_place(hash);
	const struct shed_tags *tags = entry(SHED_AT_TAGS + place / SHED_TAGS_EACH);

	if (!tags)
		return 0;
	const uint32_t way = shed_way(tags->of + place % SHED_TAGS_EACH, shed_tag(hash));
	if (way == SHED_WAYS)
		return 0;
	struct shed_slot *slot = entry(place + way);
	return slot && slot->state >= SHED_SNIFFED && is_of(slot, k) ? slot : 0;
}

/* May a pattern fit the datagram? */
static inline int is_begun(struct __sk_buff *skb, const struct seen *s)
{
	const struct shed_begins *begins = entry(SHED_AT_BEGINS + s->first / SHED_BEGINS_EACH);
	uint8_t byte = 0;

	if (!begins)
		return 1;
	const uint16_t wanted = begins->of[s->first % SHED_BEGINS_EACH];
	if (wanted == 0 || wanted == 0xffff)
		return wanted != 0;
	return load(skb, s->payload + (wanted >> 8), &byte, 1) == 0 && byte == (wanted & 0xff);
}

/* Counted and kept back: 1. */
static inline int keep(struct __sk_buff *skb, struct shed_slot *slot, const struct seen *s)
{
	if (s->key.protocol == SHED_TCP && s->mark & SHED_PASS_SYN)
		slot->state = SHED_SYN; /* from this packet on all come again */
	if (s->mark & slot->pass)
		return 0;
	if (slot->state == SHED_SNIFFED && is_begun(skb, s))
		return 0;
	__sync_fetch_and_add(&slot->count, (1ull << SHED_PACKET_SHIFT) | skb->len);
	return 1;
}

__attribute__((section("socket"), used)) int shed(struct __sk_buff *skb)
{
	const struct shed_settings *settings = entry(SHED_AT_SETTINGS);
	struct shed_looked_at *looked_at = entry(SHED_AT_LOOKED_AT + processor() % SHED_LINES);
	struct seen s = {0};
	struct head h;

	if (!settings || !looked_at)
		return ALL;
	if (!is_mine(skb, settings))
		return 0;
	__sync_fetch_and_add(&looked_at->frames, 1);
	if (!see(skb, &h, &s) || (s.key.protocol != SHED_TCP && s.key.protocol != SHED_UDP))
		return ALL;
	struct shed_slot *slot = slot_of(&s.key, settings->seed);

	return slot && keep(skb, slot, &s) ? 0 : ALL;
}
