/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mac.h - a 48-bit MAC address (IEEE 802): a value, compared by its bytes.
 */
#pragma once

#include "base/attr.h"
#include "base/cursor.h"

#include <stdbool.h>
#include <stdint.h>

struct mac {
	uint8_t b[6];
};

#define MAC_TEXT 18 /* "02:00:00:00:00:aa" and its 0 */

/* What the address itself says of its origin (IEEE 802c; RFC 9542, 2.1). */
enum mac_kind { MAC_UNIVERSAL, MAC_RANDOM, MAC_VIRTUAL };

/* The address whose number it is: see mac_number. */
static inline struct mac mac_from_number(uint64_t n)
{
	return (struct mac){{(uint8_t)(n >> 40 & 0xff), (uint8_t)(n >> 32 & 0xff),
	                     (uint8_t)(n >> 24 & 0xff), (uint8_t)(n >> 16 & 0xff),
	                     (uint8_t)(n >> 8 & 0xff), (uint8_t)(n & 0xff)}};
}

/* The next six bytes as an address. */
static inline void cur_mac(struct cur *c, struct mac *mac)
{
	const uint64_t high = cur_be16(c);

	*mac = mac_from_number(high << 32 | cur_be32(c));
}

/* The address as a number below 2^48, most significant byte first. */
static inline uint64_t mac_number(struct mac mac)
{
	return (uint64_t)mac.b[0] << 40 | (uint64_t)mac.b[1] << 32 | (uint64_t)mac.b[2] << 24 |
	       (uint64_t)mac.b[3] << 16 | (uint64_t)mac.b[4] << 8 | (uint64_t)mac.b[5];
}

static inline bool mac_equal(struct mac a, struct mac b)
{
	return mac_number(a) == mac_number(b);
}

static inline bool mac_is_zero(struct mac mac)
{
	return (mac.b[0] | mac.b[1] | mac.b[2] | mac.b[3] | mac.b[4] | mac.b[5]) == 0;
}

/* Group addresses name no device: they are never a sender (the I/G bit). */
static inline bool mac_is_group(struct mac mac)
{
	return (mac.b[0] & 1) != 0;
}

/* The U/L bit: made up locally, so by a virtual machine or for privacy. */
static inline bool mac_is_local(struct mac mac)
{
	return (mac.b[0] & 2) != 0;
}

/* May a device send from it: neither zero nor a group address. */
static inline bool mac_is_device(struct mac mac)
{
	return !mac_is_zero(mac) && !mac_is_group(mac);
}

/* <0, 0, >0 as memcmp. */
int mac_compare(struct mac a, struct mac b) PURE;

/* A router redundancy group's address: VRRP, HSRP v1/v2, GLBP, CARP (RFC 9568, 7.3; RFC 2281). */
bool mac_is_redundancy(struct mac mac) PURE;

enum mac_kind mac_kind(struct mac mac) PURE;
const char *mac_kind_name(enum mac_kind kind) PURE;

/* Writes lower case with colons, returns out. */
char *mac_format(struct mac mac, char out[MAC_TEXT]) NONNULL;
/* The same without the 0; returns the place behind it. */
char *mac_put(char *at, struct mac mac) NONNULL;

/* Reads xx:xx:xx:xx:xx:xx, xx-xx-..., xxxx.xxxx.xxxx or twelve digits. */
bool mac_parse(const char *text, struct mac *out) NONNULL MUST_CHECK;
