/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vendor.h - whose the prefix of a MAC address is, by the IEEE's registers (data/oui.tsv).
 */
#pragma once

#include "base/attr.h"
#include "net/mac.h"

/*
 * By the longest prefix of 36, 28 and 24 bits; "" for unknown ones and for locally administered
 * addresses.
 */
const char *vendor_of(struct mac mac) PURE;
