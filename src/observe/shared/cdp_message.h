/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cdp_message.h - the form that CDP and Foundry's FDP share.
 *
 * Version, seconds to live, a checksum, then values of two bytes of type and two of length, which
 * counts these four. Nothing public specifies it; the types are what the senders use. Addresses
 * are a count, then for each the kind and bytes of its protocol, and the bytes of the address: IPv4
 * is NLPID cc, IPv6 the LLC header of its ethertype.
 */
#pragma once

#include "observe/shared/cisco_tlv.h"

enum { CDP_NLPID = 1, CDP_NLPID_IPV4 = 0xcc, CDP_802_2 = 2, CDP_ADDRESSES_MAX = 64 };

struct cdp_message {
	uint8_t version, ttl_s;
	struct cur rest;
	uint32_t count; /* of values */
};

static inline bool cdp_message_parse(struct cur *in, struct cdp_message *m)
{
	m->version = cur_u8(in);
	m->ttl_s = cur_u8(in);
	cur_skip(in, 2); /* checksum */
	m->rest = cur_rest(in);
	struct cur rest = m->rest;
	while (cur_more(&rest)) {
		const struct cisco_tlv v = cisco_tlv_next(&rest);
		(void)v;
		m->count += 1;
	}
	return cur_ok(in) && cur_ok(&rest) && m->version >= 1 && m->version <= 2 && m->count > 0;
}

/* The next address; `ip` stays as it is where it is of another protocol. */
static inline bool cdp_address_parse(struct cur *in, struct ip *ip)
{
	const uint8_t kind = cur_u8(in);
	struct cur protocol = cur_sub(in, cur_u8(in));
	struct cur address = cur_sub(in, cur_be16(in));

	if (kind == CDP_NLPID && cur_peek8(&protocol) == CDP_NLPID_IPV4 && cur_left(&address) == 4)
		cur_ip(&address, 4, ip);
	if (kind == CDP_802_2 && cur_left(&protocol) == 8 && cur_left(&address) == 16) {
		struct ip6 v6 = {0};
		cur_skip(&protocol, 6);
		cur_ip6(&address, &v6);
		if (cur_be16(&protocol) == 0x86dd)
			*ip = ip_from6(v6);
	}
	return cur_ok(in);
}

static inline void cdp_tell_addresses(struct task *t, const struct packet *p, struct cur value)
{
	const uint32_t count = cur_be32(&value);
	char text[IP_TEXT];

	for (uint32_t i = 0; i < CDP_ADDRESSES_MAX && i < count && cur_more(&value); i++) {
		struct ip ip = {0};
		if (cdp_address_parse(&value, &ip) && ip_is_host(&ip))
			tell_word(t, p, sender(p), FACT_MANAGEMENT, ip_format(&ip, text));
	}
}

/* A text without the zeros and blanks at its end. */
static inline void cdp_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                                 struct cur value)
{
	struct cur all = value;
	uint32_t len = 0;

	for (uint32_t i = 1; i < CUR_MAX && cur_more(&all); i++) {
		const uint8_t b = cur_u8(&all);
		if (b != 0 && b != ' ')
			len = i;
	}
	cur_cut(&value, len);
	tell_text(t, p, sender(p), kind, value);
}
