/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shard.c - see shard.h.
 *
 * One pure walk finds the addresses: link header, VLAN tags, PPPoE or MPLS, IP. It reads as little as it can and
 * understands nothing: a header it cannot follow sends the frame by its MAC, and that is always right,
 * only less well shared out.
 */
#include "observe/shard.h"

#include "observe/prove.h"

enum { LINKS = 12, TAGS_MAX = 8 };

/* What decides: a pair of addresses, or else a MAC. */
struct shard {
	struct ip a, b;
	struct mac mac;
};

/* Link types: where the source MAC stands, where the ethertype or the IP packet does. */
struct shard_link {
	uint16_t linktype;
	uint8_t mac_at;  /* NO_FIELD: no MAC */
	uint8_t type_at; /* NO_FIELD: IP follows at once */
	uint8_t header;  /* bytes to what follows */
};
enum { NO_FIELD = 255 };

static const struct shard_link shard_links[LINKS] = {
	{1, 6, 12, 14},
	{113, 6, 14, 16},
	{276, 12, 0, 20},
	{101, NO_FIELD, NO_FIELD, 0},
	{12, NO_FIELD, NO_FIELD, 0},
	{14, NO_FIELD, NO_FIELD, 0},
	{228, NO_FIELD, NO_FIELD, 0},
	{229, NO_FIELD, NO_FIELD, 0},
	{0, NO_FIELD, NO_FIELD, 4},
	{108, NO_FIELD, NO_FIELD, 4},
	{9, NO_FIELD, NO_FIELD, 4},
	{50, NO_FIELD, NO_FIELD, 4},
};

static bool shard_ip_parse(struct cur *in, struct shard *s)
{
	const uint8_t version = cur_peek8(in) >> 4;

	if (version == 4) {
		struct ip4 from = {0}, to = {0};

		cur_skip(in, 12);
		cur_ip4(in, &from);
		cur_ip4(in, &to);
		s->a = ip_from4(from);
		s->b = ip_from4(to);
		return cur_ok(in);
	}
	if (version == 6) {
		struct ip6 from = {0}, to = {0};

		cur_skip(in, 8);
		cur_ip6(in, &from);
		cur_ip6(in, &to);
		s->a = ip_from6(from);
		s->b = ip_from6(to);
		return cur_ok(in);
	}
	return false;
}

/* Past tags, sessions and labels to an IP packet; false when there is none. */
static bool shard_type_parse(struct cur *in, uint16_t type, struct shard *s)
{
	for (unsigned i = 0; i < TAGS_MAX && cur_ok(in); i++) {
		switch (type) {
		case 0x8100:
		case 0x88a8:
		case 0x9100:
		case 0x9200:
			cur_skip(in, 2);
			type = cur_be16(in);
			break;
		case 0x8864: /* PPPoE session: version, code, session, length, then the PPP protocol */
			cur_skip(in, 6);
			type = cur_be16(in);
			break;
		case 0x8847:
		case 0x8848: { /* MPLS: to the bottom of the stack */
			const uint32_t label = cur_be32(in);

			if ((label & 0x100) != 0)
				return shard_ip_parse(in, s);
			break;
		}
		case 0x0800:
		case 0x86dd:
		case 0x0021: /* PPP protocol numbers of IPv4 and IPv6 */
		case 0x0057:
			return shard_ip_parse(in, s);
		default:
			return false;
		}
	}
	return false;
}

static bool shard_link_parse(struct cur *in, const struct shard_link *link, struct shard *s)
{
	const uint32_t start = cur_pos(in);
	uint16_t type = 0;

	if (link->mac_at != NO_FIELD) {
		cur_skip(in, link->mac_at);
		cur_mac(in, &s->mac);
		cur_seek(in, start);
	}
	if (link->type_at != NO_FIELD) {
		cur_skip(in, link->type_at);
		type = cur_be16(in);
		cur_seek(in, start);
	}
	cur_skip(in, link->header);
	return link->type_at == NO_FIELD ? shard_ip_parse(in, s) : shard_type_parse(in, type, s);
}

static bool shard_parse(struct cur *in, uint16_t linktype, struct shard *s)
{
	for (unsigned i = 0; i < LINKS; i++)
		if (shard_links[i].linktype == linktype)
			return shard_link_parse(in, &shard_links[i], s);
	return false;
}

uint64_t shard_pair(const struct hash_key *key, const struct ip *a, const struct ip *b)
{
	const bool in_order = ip_compare(a, b) <= 0;
	const struct ip *low = in_order ? a : b;
	const struct ip *high = in_order ? b : a;
	struct hash h = hash_init(key);

	hash_bytes(&h, low->b, sizeof low->b);
	hash_bytes(&h, high->b, sizeof high->b);
	return hash_end(&h);
}

uint64_t shard_frame(const struct hash_key *key, uint16_t linktype, struct cur frame)
{
	struct shard s = {0};

	if (shard_parse(&frame, linktype, &s))
		return shard_pair(key, &s.a, &s.b);
	return hash64(key, s.mac.b, sizeof s.mac.b);
}

uint64_t shard_ip(const struct hash_key *key, struct cur packet)
{
	struct shard s = {0};

	return shard_ip_parse(&packet, &s) ? shard_pair(key, &s.a, &s.b) : 0;
}

PROVE_WITH(shard_parse, struct shard, uint16_t)
