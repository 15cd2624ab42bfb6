/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ip.h - IP addresses of both families: values, compared by their bytes.
 *
 * struct ip holds either family, or none (family 0): the address of an endpoint that
 * has no address. The unused bytes of an IPv4 address are 0, so that equality is of all bytes.
 */
#pragma once

#include "base/attr.h"
#include "base/cursor.h"

#include <stdbool.h>
#include <stdint.h>

struct ip4 {
	uint8_t b[4];
};

struct ip6 {
	uint8_t b[16];
};

struct ip {
	uint8_t family; /* 4, 6, or 0: none */
	uint8_t b[16];
};

#define IP_TEXT 46 /* the longest IPv6 text and its 0 */

static inline void cur_ip4(struct cur *c, struct ip4 *ip)
{
	const uint32_t n = cur_be32(c);

	ip->b[0] = (uint8_t)(n >> 24);
	ip->b[1] = (uint8_t)(n >> 16 & 0xff);
	ip->b[2] = (uint8_t)(n >> 8 & 0xff);
	ip->b[3] = (uint8_t)(n & 0xff);
}

static inline void cur_ip6(struct cur *c, struct ip6 *ip)
{
	cur_copy(c, ip->b, sizeof ip->b, sizeof ip->b);
}

static inline uint32_t ip4_number(struct ip4 ip)
{
	return (uint32_t)ip.b[0] << 24 | (uint32_t)ip.b[1] << 16 | (uint32_t)ip.b[2] << 8 |
	       (uint32_t)ip.b[3];
}

static inline bool ip4_equal(struct ip4 a, struct ip4 b)
{
	return ip4_number(a) == ip4_number(b);
}

bool ip6_equal(const struct ip6 *a, const struct ip6 *b) PURE NONNULL;

static inline struct ip ip_from4(struct ip4 ip)
{
	return (struct ip){4, {ip.b[0], ip.b[1], ip.b[2], ip.b[3]}};
}

static inline struct ip ip_from6(struct ip6 ip)
{
	return (struct ip){6,
	                   {ip.b[0], ip.b[1], ip.b[2], ip.b[3], ip.b[4], ip.b[5], ip.b[6], ip.b[7],
	                    ip.b[8], ip.b[9], ip.b[10], ip.b[11], ip.b[12], ip.b[13], ip.b[14],
	                    ip.b[15]}};
}

/* The next address of a family: 16 bytes of 6, else four. */
static inline void cur_ip(struct cur *c, uint8_t family, struct ip *ip)
{
	struct ip4 v4 = {0};
	struct ip6 v6 = {0};

	if (family == 6)
		cur_ip6(c, &v6);
	else
		cur_ip4(c, &v4);
	*ip = family == 6 ? ip_from6(v6) : ip_from4(v4);
}

bool ip_equal(const struct ip *a, const struct ip *b) PURE NONNULL;
/* <0, 0, >0: none before IPv4 before IPv6, then by bytes. */
int ip_compare(const struct ip *a, const struct ip *b) PURE NONNULL;

/* Is it an IPv4 address of the net `net`/`bits`? */
static inline bool ip_in4(const struct ip *ip, uint32_t net, unsigned bits)
{
	const struct ip4 ip4 = {{ip->b[0], ip->b[1], ip->b[2], ip->b[3]}};

	return ip->family == 4 && (ip4_number(ip4) ^ net) >> (32 - bits) == 0;
}

/* Classes of addresses (RFC 6890, RFC 4291). What is asked of every packet is inline. */
bool ip_is_unspecified(const struct ip *ip) PURE NONNULL; /* 0.0.0.0, :: */
bool ip_is_loopback(const struct ip *ip) PURE NONNULL;
bool ip_is_private(
	const struct ip *ip) PURE NONNULL;          /* RFC 1918, 100.64/10, link-local, fc00::/7 */
bool ip_is_host6(const struct ip *ip) PURE NONNULL; /* ip_is_host, of IPv6 */

/* 224/4, 255.255.255.255, ff00::/8 */
static inline bool ip_is_multicast(const struct ip *ip)
{
	return ip_in4(ip, 0xe0000000, 4) || ip_in4(ip, 0xffffffff, 32) ||
	       (ip->family == 6 && ip->b[0] == 0xff);
}

/* 169.254/16, fe80::/10 */
static inline bool ip_is_link_local(const struct ip *ip)
{
	return ip_in4(ip, 0xa9fe0000, 16) ||
	       (ip->family == 6 && ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80);
}

/* May be the address of one host: none of unspecified, multicast, broadcast, loopback, 0/8. */
static inline bool ip_is_host(const struct ip *ip)
{
	if (ip->family != 4)
		return ip_is_host6(ip);
	return !ip_in4(ip, 0, 8) && !ip_in4(ip, 0x7f000000, 8) && !ip_is_multicast(ip);
}

/* Writes dotted quads, or RFC 5952; "" for none. Returns out. */
char *ip_format(const struct ip *ip, char out[IP_TEXT]) NONNULL;
/* The same without the 0, with room for IP_TEXT bytes; returns the place behind it. */
char *ip_put(char *at, const struct ip *ip) NONNULL;
char *ip4_put(char *at, const uint8_t b[4]) NONNULL;
char *ip6_put(char *at, const uint8_t b[16]) NONNULL;
bool ip_parse(const char *text, struct ip *out) NONNULL MUST_CHECK;
