/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain.c - see plain.h.
 */
#include "observe/plain.h"

#include "base/attr.h"
#include "observe/prove.h"

enum { TAGS_MAX = 2, IPV4_HEADER = 20, TCP_HEADER = 20, UDP_HEADER = 8 };

static bool plain_ip4_parse(struct cur *in, struct plain *h)
{
	h->head = cur_be64(in);
	const uint32_t next = cur_be32(in);
	const uint32_t total = (uint32_t)(h->head >> 32 & 0xffff);

	h->family = 4;
	h->ttl = (uint8_t)(next >> 24);
	h->protocol = (uint8_t)(next >> 16 & 0xff);
	h->from[0] = cur_be32(in);
	h->to[0] = cur_be32(in);
	if (h->head >> 56 != 0x45 || (h->head & 0x3fff) != 0 || total < IPV4_HEADER)
		return false; /* options, a piece of a datagram, or of no length of its own */
	h->length = total - IPV4_HEADER;
	return true;
}

static bool plain_ip6_parse(struct cur *in, struct plain *h)
{
	h->head = cur_be64(in);
	h->family = 6;
	h->length = (uint32_t)(h->head >> 16 & 0xffff);
	h->protocol = (uint8_t)(h->head >> 8 & 0xff);
	h->ttl = (uint8_t)(h->head & 0xff);
	h->from[0] = cur_be64(in);
	h->from[1] = cur_be64(in);
	h->to[0] = cur_be64(in);
	h->to[1] = cur_be64(in);
	return h->head >> 60 == 6 && h->length != 0;
}

FLATTEN bool plain_parse(struct cur *in, struct plain *h)
{
	const uint64_t high = cur_be64(in);
	const uint32_t low = cur_be32(in);
	uint16_t type = cur_be16(in);

	h->destination = high >> 16;
	h->source = (high & 0xffff) << 32 | low;
	h->tags = 0;
	h->from[1] = h->to[1] = 0;
	for (unsigned i = 0; i < TAGS_MAX; i++) {
		if (type != PLAIN_TAG && type != PLAIN_PROVIDER_TAG)
			break;
		h->tags = (h->tags & 0xfff) << 12 | (cur_be16(in) & 0xfffu) | (i + 1) << 24;
		type = cur_be16(in);
	}
	if (type == PLAIN_IPV4 ? !plain_ip4_parse(in, h)
	                       : type != PLAIN_IPV6 || !plain_ip6_parse(in, h))
		return false;
	struct cur transport = *in;
	h->ports = cur_be32(&transport);
	return cur_ok(in) && (h->protocol == PLAIN_TCP || h->protocol == PLAIN_UDP) &&
	       (h->source >> 40 & 1) == 0; /* a group sends nothing */
}

/* ---- the head ---- */

/*
 * What of the first bytes is the key, as far as the ports. A mask's bytes are those of the frame, the first one
 * lowest: of tags the id, of IPv4 all but class, length, id, the flag DF and the checksum, of IPv6 all but
 * class, flow label and length. The uppermost bytes of the last word are left free for the interface.
 */
struct shape {
	uint8_t words;     /* to be read */
	uint8_t length_at; /* the offset of IP's length, */
	uint8_t less;      /* in which the header counts so much */
	uint8_t transport;
	uint64_t mask[PLAIN_WORDS];
};

#define ALL UINT64_MAX
static const struct shape shape_ip4 = {
	.words = 5,
	.length_at = 16,
	.less = 20,
	.transport = 34,
	.mask = {ALL, 0x00ffffffffffffff, 0xffffff3f00000000, 0xffffffffffff0000,
                 0x0000ffffffffffff},
};
static const struct shape shape_ip6 = {
	.words = 8,
	.length_at = 18,
	.transport = 54,
	.mask = {ALL, 0x00f0ffffffffffff, 0xffffffff00000000, ALL, ALL, ALL, ALL, 0xffff},
};
static const struct shape shape_tag_ip4 = {
	.words = 6,
	.length_at = 20,
	.less = 20,
	.transport = 38,
	.mask = {ALL, 0xff0fffffffffffff, 0x0000000000ffffff, 0xffff0000ffffff3f, ALL, 0xffff},
};
static const struct shape shape_tag_ip6 = {
	.words = 8,
	.length_at = 22,
	.transport = 58,
	.mask = {ALL, 0xff0fffffffffffff, 0x0000000000f0ffff, ALL, ALL, ALL, ALL,
                 0x0000ffffffffffff},
};
static const struct shape shape_tags_ip4 = {
	.words = 6,
	.length_at = 24,
	.less = 20,
	.transport = 42,
	.mask = {ALL, 0xff0fffffffffffff, 0x00ffffffff0fffff, 0xffffff3f00000000,
                 0xffffffffffff0000, 0x0000ffffffffffff},
};

enum { SHAPE_LEAST = 5 }; /* words of the shortest */

/* A number of two bytes, as it lies in a word of the frame. */
#define IN_WORD(n) (((n) >> 8) | ((n)&0xff) << 8)

/* The frame, of this shape, of which SHAPE_LEAST words are there. */
static ALWAYS_INLINE bool head_parse(struct cur *in, uint16_t iface, struct plain_head *h,
                                     const struct shape *s)
{
	struct cur lengths = *in, above = *in;
	uint64_t *const w = h->key.word;

	w[0] = cur_le64(in);
	w[1] = cur_le64(in) & s->mask[1];
	w[2] = cur_le64(in) & s->mask[2];
	w[3] = cur_le64(in) & s->mask[3];
	w[4] = cur_le64(in) & s->mask[4];
	w[5] = s->words > 5 ? cur_le64(in) & s->mask[5] : 0;
	w[6] = s->words > 6 ? cur_le64(in) & s->mask[6] : 0;
	w[7] = (s->words > 6 ? cur_le64(in) & s->mask[7] : 0) | (uint64_t)iface << 48;
	h->fold = plain_fold(&h->key);
	cur_skip(&lengths, s->length_at);
	const uint32_t length = cur_be16(&lengths);
	h->above.length = length - s->less;
	cur_skip(&above, s->transport);
	h->above.at = cur_pos(&above);
	h->above.left = cur_left(&above);
	return cur_ok(in) && length > s->less;
}

/*
 * Each shape by itself, so that all of it is known to the compiler. The second word of the frame says
 * which it is, and behind tags the third.
 */
FLATTEN bool plain_head_parse(struct cur *in, uint16_t iface, struct plain_head *h)
{
	struct cur begin = *in;

	if (cur_left(in) < SHAPE_LEAST * sizeof h->key.word[0])
		return false; /* which also says of all but the rarer words that they are there */
	cur_skip(&begin, 8);
	const uint64_t second = cur_le64(&begin), third = cur_le64(&begin);
	const uint32_t type = second >> 32 & 0xffff, inner = third & 0xffff,
		       inmost = third >> 32 & 0xffff;
	if (LIKELY(type == IN_WORD(PLAIN_IPV4)))
		return head_parse(in, iface, h, &shape_ip4);
	if (type == IN_WORD(PLAIN_IPV6))
		return head_parse(in, iface, h, &shape_ip6);
	if (type != IN_WORD(PLAIN_TAG) && type != IN_WORD(PLAIN_PROVIDER_TAG))
		return false;
	if (inner == IN_WORD(PLAIN_IPV4))
		return head_parse(in, iface, h, &shape_tag_ip4);
	if (inner == IN_WORD(PLAIN_IPV6))
		return head_parse(in, iface, h, &shape_tag_ip6);
	return (inner == IN_WORD(PLAIN_TAG) || inner == IN_WORD(PLAIN_PROVIDER_TAG)) &&
	       inmost == IN_WORD(PLAIN_IPV4) && head_parse(in, iface, h, &shape_tags_ip4);
}

/* ---- above ---- */

/* The first look at how much there is says of all that follows that it is there. */
FLATTEN bool plain_segment_parse(struct cur *in, struct plain_segment *s)
{
	if (cur_left(in) < TCP_HEADER)
		return false;
	cur_skip(in, 4);
	s->seq = cur_be32(in);
	s->ack = cur_be32(in);
	s->header = (cur_u8(in) >> 4) * 4u;
	s->flags = cur_u8(in);
	cur_skip(in, 6);
	return true;
}

FLATTEN bool plain_datagram_parse(struct cur *in, struct plain_datagram *d)
{
	if (cur_left(in) <= UDP_HEADER)
		return false;
	cur_skip(in, 4);
	d->length = cur_be16(in);
	cur_skip(in, 2);
	d->first = cur_peek8(in);
	return true;
}

PROVE(plain_parse, struct plain)
PROVE_WITH(plain_head_parse, struct plain_head, uint16_t)
PROVE(plain_segment_parse, struct plain_segment)
PROVE(plain_datagram_parse, struct plain_datagram)
