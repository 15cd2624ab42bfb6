/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain.c - see plain.h.
 */
#include "observe/plain.h"

#include "base/attr.h"
#include "observe/prove.h"

enum { TAGS_MAX = 2, IPV4_HEADER = 20 };

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
	for (unsigned i = 0; i < TAGS_MAX; i++) {
		if (type != PLAIN_TAG && type != PLAIN_PROVIDER_TAG)
			break;
		h->tags = (h->tags & 0xfff) << 12 | (cur_be16(in) & 0xfffu) | (i + 1) << 24;
		type = cur_be16(in);
	}
	if (type == PLAIN_IPV4 ? !plain_ip4_parse(in, h)
	                       : type != PLAIN_IPV6 || !plain_ip6_parse(in, h))
		return false;
	return cur_ok(in) && (h->protocol == PLAIN_TCP || h->protocol == PLAIN_UDP) &&
	       (h->source >> 40 & 1) == 0; /* a group sends nothing */
}

PROVE(plain_parse, struct plain)
