/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shard.c - see shard.h.
 *
 * One pure walk finds the addresses: link header, LLC, VLAN tags, PPPoE and PPP, MPLS, IP. It
 * follows whatever the observers of these layers follow, for else the two directions of a
 * conversation would part; it reads as little as it can and judges nothing. A frame that holds no
 * IP goes by its sender's MAC. On the air it goes by the pair of who transmits and who receives, and
 * so does what is encrypted there; an aggregate goes with the first of its packets. Frames of link
 * types that are not known here stay together.
 */
#include "observe/shard.h"

#include "observe/prove.h"

enum { LINKS = 20, TAGS_MAX = 12, LENGTH_MAX = 1500 /* above: an ethertype (IEEE 802.3, 3.2.6) */ };

/* What decides: a pair of addresses, or else a MAC. */
struct shard {
	uint64_t a[2], b[2]; /* of IPv4: in the upper half of the first word */
	struct mac mac;
};

enum begins { TYPE, IP, PPP, PPPOE, AIR, RADIOTAP, PPI };

/*
 * Link types: where the source MAC stands, where the ethertype does, and what follows the header.
 */
struct shard_link {
	uint16_t linktype;
	uint8_t mac_at;  /* NO_FIELD: no MAC */
	uint8_t type_at; /* TYPE only */
	uint8_t header;  /* bytes to what follows */
	uint8_t begins;  /* enum begins */
};
enum { NO_FIELD = 255 };

static const struct shard_link shard_links[LINKS] = {
	{1, 6, 12, 14, TYPE},        /* Ethernet */
	{113, 6, 14, 16, TYPE},      /* Linux SLL */
	{276, 12, 0, 20, TYPE},      /* Linux SLL2 */
	{101, NO_FIELD, 0, 0, IP},   /* raw IP */
	{12, NO_FIELD, 0, 0, IP},    /* raw IP, BSD */
	{14, NO_FIELD, 0, 0, IP},    /* raw IP, OpenBSD */
	{228, NO_FIELD, 0, 0, IP},   /* IPv4 */
	{229, NO_FIELD, 0, 0, IP},   /* IPv6 */
	{0, NO_FIELD, 0, 4, IP},     /* BSD loopback */
	{108, NO_FIELD, 0, 4, IP},   /* OpenBSD loopback */
	{9, NO_FIELD, 0, 0, PPP},    /* PPP */
	{50, NO_FIELD, 0, 0, PPP},   /* PPP in HDLC framing */
	{104, NO_FIELD, 0, 0, PPP},  /* Cisco HDLC */
	{51, NO_FIELD, 0, 0, PPPOE}, /* PPPoE */
	{281, 6, 16, 18, TYPE},      /* Broadcom's switch tag */
	{284, 6, 16, 18, TYPE},      /* Marvell's */
	{285, 6, 20, 22, TYPE},      /* Marvell's, with an ethertype */
	{105, NO_FIELD, 0, 0, AIR},  /* 802.11 */
	{127, NO_FIELD, 0, 0, RADIOTAP},
	{192, NO_FIELD, 0, 0, PPI},
};

static bool shard_ip_parse(struct cur *in, struct shard *s)
{
	const uint8_t version = cur_peek8(in) >> 4;

	if (version == 4) {
		cur_skip(in, 12);
		s->a[0] = (uint64_t)cur_be32(in) << 32;
		s->b[0] = (uint64_t)cur_be32(in) << 32;
		return cur_ok(in);
	}
	if (version == 6) {
		cur_skip(in, 8);
		s->a[0] = cur_be64(in);
		s->a[1] = cur_be64(in);
		s->b[0] = cur_be64(in);
		s->b[1] = cur_be64(in);
		return cur_ok(in);
	}
	return false;
}

/* SNAP's ethertype (observe/link/llc.c); 0: another LLC frame. */
static uint16_t shard_llc_parse(struct cur *in)
{
	const uint16_t access = cur_be16(in);
	const uint8_t control = cur_u8(in);
	const uint32_t organisation = cur_be24(in);
	const uint16_t type = cur_be16(in);
	const bool snap = access == 0xaaaa && control == 3;

	return snap && (organisation == 0 || organisation == 0x0000f8) ? type : 0;
}

static const struct {
	uint16_t protocol, ethertype;
} shard_ppp[] = {{0x0021, 0x0800}, {0x0057, 0x86dd}, {0x0281, 0x8847}};

/*
 * What PPP or Cisco HDLC carries, as an ethertype (observe/link/ppp.c); 0: nothing that is
 * followed.
 */
static uint16_t shard_ppp_parse(struct cur *in)
{
	if (cur_peek8(in) == 0xff)
		cur_skip(in, 2);
	if (cur_peek8(in) == 0x0f || cur_peek8(in) == 0x8f) {
		cur_skip(in, 2);
		return cur_be16(in);
	}
	const uint16_t protocol = (cur_peek8(in) & 1) != 0 ? cur_u8(in) : cur_be16(in);
	for (unsigned i = 0; i < COUNT_OF(shard_ppp); i++)
		if (shard_ppp[i].protocol == protocol)
			return shard_ppp[i].ethertype;
	return 0;
}

static uint16_t shard_pppoe_parse(struct cur *in)
{
	cur_skip(in, 6); /* version and type, code, session, length */
	return shard_ppp_parse(in);
}

/* Past a label; true at the bottom of the stack. */
static bool shard_mpls_parse(struct cur *in)
{
	return (cur_be32(in) & 0x100) != 0;
}

/* Past tags, sessions and labels to an IP packet; false when there is none. */
static bool shard_type_parse(struct cur *in, uint16_t type, struct shard *s)
{
	for (unsigned i = 0; i < TAGS_MAX && cur_ok(in); i++) {
		if (type > 0 && type <= LENGTH_MAX)
			type = shard_llc_parse(in);
		switch (type) {
		case 0x8100:
		case 0x88a8:
		case 0x9100:
		case 0x9200:
			cur_skip(in, 2);
			type = cur_be16(in);
			break;
		case 0x8864:
			type = shard_pppoe_parse(in);
			break;
		case 0x8847:
		case 0x8848:
			if (shard_mpls_parse(in))
				return shard_ip_parse(in, s);
			break;
		case 0x0800:
		case 0x86dd:
			return shard_ip_parse(in, s);
		default:
			return false;
		}
	}
	return false;
}

enum { AIR_DATA = 0x08, AIR_KIND = 0x0f, AIR_NULL = 0x40, AIR_QOS = 0x80 }; /* of byte 0 */
enum { AIR_BOTH_DS = 0x03, AIR_OPAQUE = 0x44, AIR_ORDER = 0x80 };           /* of byte 1 */
enum { AIR_AGGREGATE = 0x80, AIR_PART_HEAD = 14, AIR_LLC = 1, AIR_LINKTYPE = 105 };

/* As observe/link/wlan.c does: addresses, and LLC behind them where nothing is encrypted. */
static bool shard_air_parse(struct cur *in, struct shard *s)
{
	const uint8_t kind = cur_u8(in), flags = cur_u8(in);
	struct mac to = {0}, from = {0};

	cur_skip(in, 2);
	cur_mac(in, &to);
	cur_mac(in, &from);
	for (unsigned i = 0; i < sizeof s->mac.b; i++)
		s->mac.b[i] = to.b[i] ^ from.b[i];
	if ((kind & AIR_KIND) != AIR_DATA || (kind & AIR_NULL) != 0 || (flags & AIR_OPAQUE) != 0)
		return false;
	cur_skip(in, (flags & AIR_BOTH_DS) == AIR_BOTH_DS ? 14 : 8);
	if ((kind & AIR_QOS) != 0) {
		const bool aggregate = (cur_le16(in) & AIR_AGGREGATE) != 0;
		cur_skip(in, (flags & AIR_ORDER) != 0 ? 4 : 0);
		cur_skip(in, aggregate ? AIR_PART_HEAD : 0);
	}
	return shard_type_parse(in, AIR_LLC, s);
}

/* A header whose length stands in its third byte, which PPI follows with what it carries. */
static bool shard_radio_parse(struct cur *in, bool is_ppi, struct shard *s)
{
	const uint32_t start = cur_pos(in);

	cur_skip(in, 2);
	const uint16_t len = cur_le16(in);
	if (is_ppi && cur_le32(in) != AIR_LINKTYPE)
		return false;
	cur_seek(in, start);
	cur_skip(in, len);
	return shard_air_parse(in, s);
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
	if (link->begins == TYPE) {
		cur_skip(in, link->type_at);
		type = cur_be16(in);
		cur_seek(in, start);
	}
	cur_skip(in, link->header);
	if (link->begins == IP)
		return shard_ip_parse(in, s);
	if (link->begins == AIR)
		return shard_air_parse(in, s);
	if (link->begins == RADIOTAP || link->begins == PPI)
		return shard_radio_parse(in, link->begins == PPI, s);
	if (link->begins == PPP)
		type = shard_ppp_parse(in);
	if (link->begins == PPPOE)
		type = shard_pppoe_parse(in);
	return shard_type_parse(in, type, s);
}

static bool shard_parse(struct cur *in, uint16_t linktype, struct shard *s)
{
	for (unsigned i = 0; i < LINKS; i++)
		if (shard_links[i].linktype == linktype)
			return shard_link_parse(in, &shard_links[i], s);
	return false;
}

/*
 * The same for both directions. A sum and a difference have no order; each is of words that nobody
 * outside can choose.
 */
static ALWAYS_INLINE uint64_t shard_join(const struct hash_key *key, const uint64_t a[2],
                                         const uint64_t b[2])
{
	const uint64_t from = hash_join(key, a[0], a[1]), to = hash_join(key, b[0], b[1]);

	return hash_join(key, from + to, from ^ to);
}

static uint64_t shard_word(const uint8_t b[8])
{
	return (uint64_t)b[0] << 56 | (uint64_t)b[1] << 48 | (uint64_t)b[2] << 40 |
	       (uint64_t)b[3] << 32 | (uint64_t)b[4] << 24 | (uint64_t)b[5] << 16 |
	       (uint64_t)b[6] << 8 | b[7];
}

uint64_t shard_pair(const struct hash_key *key, const struct ip *a, const struct ip *b)
{
	const uint64_t from[2] = {shard_word(a->b), shard_word(a->b + 8)};
	const uint64_t to[2] = {shard_word(b->b), shard_word(b->b + 8)};

	return shard_join(key, from, to);
}

uint64_t shard_frame(const struct hash_key *key, uint16_t linktype, struct cur frame)
{
	struct shard s = {0};

	if (shard_parse(&frame, linktype, &s))
		return shard_join(key, s.a, s.b);
	return hash64(key, s.mac.b, sizeof s.mac.b);
}

unsigned shard_choose(const struct hash_key *key, uint16_t linktype, struct cur frame,
                      unsigned tasks)
{
	return (unsigned)((shard_frame(key, linktype, frame) >> 32) * tasks >> 32);
}

uint64_t shard_ethertype(const struct hash_key *key, uint16_t type, struct cur packet)
{
	struct shard s = {0};

	return shard_type_parse(&packet, type, &s) ? shard_join(key, s.a, s.b) : 0;
}

PROVE_WITH(shard_parse, struct shard, uint16_t)
