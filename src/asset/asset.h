/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asset.h - what is known: facts with their support, by endpoint, by device, by address.
 *
 * Three things are kept, each in one array with an index by keyed hash:
 *   fact      what was told of an endpoint (kind, value, by), its identity the digest; 64 bytes
 *   endpoint  (interface, VLAN, realm, MAC, IP), with a list of its facts
 *   device    (realm, MAC), with a list of its endpoints;  and
 *   address   (realm, IP), with a list of the endpoints that carried it
 * Values and realms are interned. What a device *is* (its addresses, its name, which facts are a far host's) is not kept:
 * it is a view, computed when asked (attribute.h).
 *
 * Merges are min, max, sum and union: the same facts told in any order, by any number of senders, in any number of
 * pieces, give the same table. That holds while no limit was hit; what a limit refused or threw out is counted.
 *
 * All memory is address space taken at the start; a page costs when it is first written.
 */
#pragma once

#include "asset/fact.h"
#include "base/attr.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct asset_limits {
	uint32_t devices;   /* MACs; 0: 1,048,576 */
	uint32_t addresses; /* (realm, IP) pairs; 0: 2,097,152 */
	uint32_t endpoints; /* 0: 4,194,304 */
	uint32_t facts;     /* 0: 16,777,216 */
	uint32_t far;       /* endpoints of one MAC, so addresses behind one router; 0: 65,536 */
	size_t values;      /* bytes of distinct values; 0: 1 GiB */
};
