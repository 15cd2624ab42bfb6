/* SPDX-License-Identifier: Apache-2.0 */
/*
 * addresses.c - why an address counts as the device's own, or does not.
 *
 * It was decided by attribution (asset/attribute.c), whose result stands on each address.
 */
#include "asset/attribute.h"
#include "asset/infer/reasons.h"

#include <string.h>

static bool is_address(const struct known *k, const struct ip *ip)
{
	return (k->kind == FACT_IPV4 && ip->family == 4 && memcmp(k->value, ip->b, 4) == 0) ||
	       (k->kind == FACT_IPV6 && ip->family == 6 && memcmp(k->value, ip->b, 16) == 0);
}

/* Hosts begin with 60, 64, 128 or 255; some with 32. */
static bool is_lowered(uint8_t ttl)
{
	return ttl > 32 && ttl != 60 && ttl != 64 && ttl != 128 && ttl != 255;
}

static void why_fact(const struct known *k, const struct ip *ip, int fact, struct reasons *r)
{
	if (!is_address(k, ip)) {
		if (k->kind == FACT_TTL && ip_equal(&k->ip, ip))
			because(r, is_lowered(k->value[3]), 60,
			        "the TTL tells if a router was passed: hosts begin with 60, 64, 128 or 255",
			        fact);
		return;
	}
	if (k->view == VIEW_OWNER)
		because(r, false, k->confidence,
		        "the MAC claimed the address, or sent from what it claimed", fact);
	else if (k->view == VIEW_LOCAL)
		because(r, false, k->confidence,
		        "the MAC sent from it, and nothing shows a router in between", fact);
	else
		because(r, true, k->confidence, "packets from it came by way of a router", fact);
}

void why_address(const struct known *known, size_t count, const struct ip *ip, struct reasons *r)
{
	for (size_t i = 0; i < count; i++)
		why_fact(&known[i], ip, (int)i, r);
}
