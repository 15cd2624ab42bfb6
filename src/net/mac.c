/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mac.c - compares, names, writes and reads MAC addresses.
 *
 * The addresses of router redundancy groups are a table: they are universal by their bits, but
 * name a role that moves between routers, and so must never be taken for a device.
 */
#include "net/mac.h"

#include "base/digits.h"

#include <assert.h>
#include <stddef.h>

int mac_compare(struct mac a, struct mac b)
{
	const uint64_t x = mac_number(a), y = mac_number(b);

	return (x > y) - (x < y);
}

/* A redundancy protocol's addresses: those whose first `bits` bits are `prefix`. */
static const struct {
	uint64_t prefix;
	unsigned bits;
	const char *protocol;
} redundancy[] = {
	{0x00005e000100, 40, "VRRP for IPv4, and CARP (RFC 9568, 7.3)"},
	{0x00005e000200, 40, "VRRP for IPv6 (RFC 9568, 7.3)"},
	{0x00000c07ac00, 40, "HSRP version 1 (RFC 2281, 5.3)"},
	{0x00000c9ff000, 36, "HSRP version 2, 4096 groups"},
	{0x000573a00000, 36, "HSRP version 2 for IPv6"},
	{0x0007b4000000, 30, "GLBP: 1024 groups, a byte of forwarder"},
};

bool mac_is_redundancy(struct mac mac)
{
	const uint64_t n = mac_number(mac);

	if (mac.b[0] != 0) /* as all of them begin */
		return false;
	for (size_t i = 0; i < COUNT_OF(redundancy); i++)
		if (n >> (48 - redundancy[i].bits) ==
		    redundancy[i].prefix >> (48 - redundancy[i].bits))
			return true;
	return false;
}

enum mac_kind mac_kind(struct mac mac)
{
	if (mac_is_local(mac))
		return MAC_RANDOM;
	return mac_is_redundancy(mac) ? MAC_VIRTUAL : MAC_UNIVERSAL;
}

const char *mac_kind_name(enum mac_kind kind)
{
	static const char *const names[] = {
		[MAC_UNIVERSAL] = "universal", [MAC_RANDOM] = "random", [MAC_VIRTUAL] = "virtual"};

	assert(kind < COUNT_OF(names));
	return names[kind];
}

char *mac_put(char *at, struct mac mac)
{
	for (unsigned i = 0; i < sizeof mac.b; i++) {
		if (i > 0)
			*at++ = ':';
		at = digits_put_hex(at, mac.b[i]);
	}
	return at;
}

char *mac_format(struct mac mac, char out[MAC_TEXT])
{
	*mac_put(out, mac) = 0;
	return out;
}

/* Twelve digits, `sep` after each `group` of them but the last. */
static bool mac_parse_groups(const char *text, unsigned group, char sep, struct mac *out)
{
	uint64_t n = 0;

	for (unsigned digits = 0; digits < 12; digits++) {
		if (digits > 0 && digits % group == 0 && *text++ != sep)
			return false;
		const int digit = digits_take_hex(*text++);
		if (digit < 0)
			return false;
		n = n << 4 | (unsigned)digit;
	}
	if (*text != 0)
		return false;
	for (unsigned i = 0; i < sizeof out->b; i++)
		out->b[i] = (uint8_t)(n >> (40 - 8 * i) & 0xff);
	return true;
}

bool mac_parse(const char *text, struct mac *out)
{
	return mac_parse_groups(text, 2, ':', out) || mac_parse_groups(text, 2, '-', out) ||
	       mac_parse_groups(text, 4, '.', out) || mac_parse_groups(text, 12, 0, out);
}
