/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ip.c - compares, classifies, writes and reads IP addresses.
 *
 * Classes of IPv4 are asked of the address as a number, those of IPv6 of its first bytes. An
 * IPv4-mapped IPv6 address (::ffff:192.0.2.1) is an IPv6 address and nothing else: on a wire it
 * has no business, and what it maps to has not been seen.
 */
#include "net/ip.h"

#include "base/digits.h"

#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

bool ip6_equal(const struct ip6 *a, const struct ip6 *b)
{
	return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && memcmp(a->b, b->b, sizeof a->b) == 0;
}

/* Eight bytes, as the number that they are. */
static int half_compare(const uint8_t *a, const uint8_t *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x == y ? 0 : be64toh(x) < be64toh(y) ? -1 : 1;
}

int ip_compare(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	const int order = half_compare(a->b, b->b);
	return order != 0 ? order : half_compare(a->b + 8, b->b + 8);
}

/* Is it IPv6, all zero but for its last byte, which is `last`? */
static bool ip_is_low6(const struct ip *ip, uint8_t last)
{
	static const uint8_t zero[15];

	return ip->family == 6 && memcmp(ip->b, zero, sizeof zero) == 0 && ip->b[15] == last;
}

bool ip_is_unspecified(const struct ip *ip)
{
	return ip_in4(ip, 0, 32) || ip_is_low6(ip, 0);
}

bool ip_is_loopback(const struct ip *ip)
{
	return ip_in4(ip, 0x7f000000, 8) || ip_is_low6(ip, 1);
}

bool ip_is_private(const struct ip *ip)
{
	return ip_in4(ip, 0x0a000000, 8) || ip_in4(ip, 0xac100000, 12) ||
	       ip_in4(ip, 0xc0a80000, 16) || ip_in4(ip, 0x64400000, 10) || ip_is_link_local(ip) ||
	       (ip->family == 6 && (ip->b[0] & 0xfe) == 0xfc);
}

bool ip_is_host6(const struct ip *ip)
{
	return ip->family == 6 && !ip_is_unspecified(ip) && !ip_is_multicast(ip) &&
	       !ip_is_loopback(ip);
}

char *ip4_put(char *at, const uint8_t b[4])
{
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0)
			*at++ = '.';
		at = digits_put_octet(at, b[i]);
	}
	return at;
}

/* A byte in hexadecimal without a leading zero. */
static char *ip_put_byte(char *at, unsigned b)
{
	if (b > 15)
		return digits_put_hex(at, (uint8_t)b);
	*at = hex_digits[b];
	return at + 1;
}

/* Writes 16 bits in hexadecimal without leading zeros. */
static char *ip_put_group(char *at, unsigned n)
{
	if (n > 255)
		return digits_put_hex(ip_put_byte(at, n >> 8), n & 255);
	return ip_put_byte(at, n);
}

/* The first of the longest runs of zero groups, of two at least (RFC 5952, 4.2): [from, from+n). */
static unsigned ip_zero_run(const unsigned groups[8], unsigned *from)
{
	unsigned best = 1, run = 0;

	*from = 8;
	for (unsigned i = 0; i < 8; i++) {
		run = groups[i] == 0 ? run + 1 : 0;
		if (run > best) {
			best = run;
			*from = i + 1 - run;
		}
	}
	return best;
}

char *ip6_put(char *at, const uint8_t b[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	const bool quads = memcmp(b, mapped, sizeof mapped) == 0; /* RFC 5952, 5 */
	const unsigned last = quads ? 6 : 8;
	unsigned groups[8], from;

	for (unsigned i = 0; i < 8; i++)
		groups[i] = (unsigned)b[2 * i] << 8 | b[2 * i + 1];
	const unsigned run = ip_zero_run(groups, &from);
	for (unsigned i = 0; i < last; i++) {
		if (i == from) {
			*at++ = ':';
			i += run - 1;
			if (i == 7)
				*at++ = ':';
			continue;
		}
		if (i > 0)
			*at++ = ':';
		at = ip_put_group(at, groups[i]);
	}
	if (!quads)
		return at;
	*at++ = ':';
	return ip4_put(at, b + 12);
}

char *ip_put(char *at, const struct ip *ip)
{
	if (ip->family == 4)
		return ip4_put(at, ip->b);
	return ip->family == 6 ? ip6_put(at, ip->b) : at;
}

char *ip_format(const struct ip *ip, char out[IP_TEXT])
{
	*ip_put(out, ip) = 0;
	return out;
}

/* inet_pton is strict: no leading zeros, no missing parts, no zone, nothing behind. */
bool ip_parse(const char *text, struct ip *out)
{
	const bool is6 = strchr(text, ':') != NULL;
	struct ip ip = {.family = is6 ? 6 : 4};

	if (inet_pton(is6 ? AF_INET6 : AF_INET, text, ip.b) != 1)
		return false;
	*out = ip;
	return true;
}
