/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vendor.c - the longest registered prefix of a MAC address, by binary search.
 *
 * Those that share their first 24 bits stand together, the one of 24 bits first. Mostly it is alone.
 */
#include "asset/vendor.h"

#include "asset/oui_table.h"

#include <stdbool.h>
#include <stddef.h>

/* How many keys are below this one. */
static uint32_t vendor_rank(uint64_t key)
{
	uint32_t low = 0, high = oui_count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		if (oui_keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const char *vendor_name(uint32_t i)
{
	return &oui_text[oui_names[i] / OUI_ROW][oui_names[i] % OUI_ROW];
}

/* The name that stands under the key, or NULL. */
static const char *vendor_find(uint64_t key)
{
	const uint32_t i = vendor_rank(key);

	return i == oui_count || oui_keys[i] != key ? NULL : vendor_name(i);
}

/* Does the key at this place have the first 24 bits of the number? */
static bool vendor_shares(uint32_t i, uint64_t n)
{
	return i < oui_count && oui_keys[i] >> 32 == n >> 24;
}

const char *vendor_of(struct mac mac)
{
	static const unsigned lengths[] = {36, 28, 24};
	const uint64_t n = mac_number(mac);

	if (mac_is_local(mac))
		return "";
	const uint32_t first = vendor_rank(OUI_KEY(n >> 24 << 24, 0));
	if (!vendor_shares(first, n))
		return "";
	if (oui_keys[first] == OUI_KEY(n >> 24 << 24, 24) && !vendor_shares(first + 1, n))
		return vendor_name(first);
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		const unsigned rest = 48 - lengths[i];
		const char *const name = vendor_find(OUI_KEY(n >> rest << rest, lengths[i]));
		if (name != NULL)
			return name;
	}
	return "";
}
