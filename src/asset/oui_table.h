/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oui_table.h - the vendors' prefixes of data/oui.tsv as the program holds them.
 *
 * The table is made at build time by tools/oui-table and is constant: no start-up work, no
 * relocations. A key is the prefix, left-aligned in 48 bits, and its length (24, 28 or 36) in the
 * lowest 8: the longest prefix of an address is found by three searches, 36 first.
 */
#pragma once

#include <stdint.h>

#define OUI_KEY(prefix48, bits) ((uint64_t)(prefix48) << 8 | (bits))
#define OUI_ROW 4096 /* bytes of names in a row; no name lies across two */

extern const uint32_t oui_count;
extern const uint64_t oui_keys[];  /* sorted */
extern const uint32_t oui_names[]; /* where in oui_text its name begins: row * OUI_ROW + column */
extern const char oui_text[][OUI_ROW]; /* names, each ended by a 0 */
