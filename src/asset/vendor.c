/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vendor.c - the longest registered prefix of a MAC address, by binary search.
 */
#include "asset/vendor.h"

#include "asset/oui_table.h"

#include <stddef.h>

/* The name that stands under the key, or NULL. */
static const char *vendor_find(uint64_t key)
{
	uint32_t low = 0, high = oui_count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		if (oui_keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == oui_count || oui_keys[low] != key)
		return NULL;
	return &oui_text[oui_names[low] / OUI_ROW][oui_names[low] % OUI_ROW];
}

const char *vendor_of(struct mac mac)
{
	static const unsigned lengths[] = {36, 28, 24};
	const uint64_t n = mac_number(mac);

	if (mac_is_local(mac))
		return "";
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		const unsigned rest = 48 - lengths[i];
		const char *const name = vendor_find(OUI_KEY(n >> rest << rest, lengths[i]));
		if (name != NULL)
			return name;
	}
	return "";
}
