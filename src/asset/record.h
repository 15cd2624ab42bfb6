/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what a report says of one device, or of one host known by its address alone: a
 * projection of the tables by the views that attribution gave their places.
 *
 * A device's record has the facts told of its MAC, and those carried by addresses that are its own.
 * A host behind a router, or on a link without MACs, has a record of its address when it told more
 * than that it exists, or when the address is private; the others are counted in the router's
 * record (remote.hosts). What others say of an address alone (a DHCP server of the router) joins
 * the device that has the address, as role.told; of an address that nobody has it makes no record.
 */
#pragma once

#include "asset/asset.h"
#include "asset/infer/infer.h"
#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record {
	bool has_mac, has_via;
	struct mac mac; /* has_mac */
	struct ip ip;   /* no MAC */
	struct mac via; /* has_via: who carried most of its packets; of equals the smaller */
	const struct realm *realm;
	uint64_t packets, bytes, first_ns, last_ns;
	const struct known
		*facts; /* sorted by (kind, value, by, ip): kinds by wire name, the rest by bytes */
	size_t count;
	size_t left_out; /* facts for which there was no room */
};

#define RECORD_FACTS (1u << 17)

/* Room to build one record at a time, and names of observers. */
struct record_room {
	const char *const *by; /* names of the observers, by their index */
	unsigned by_count;
	struct arena memory;
	struct known *lines, *sorted;
	struct sort_key *keys; /* of lines */
	uint32_t *order;       /* of places */
	size_t count, left_out;
	uint8_t number[4];
};
int record_room_init(struct record_room *room, const char *const *by,
                     unsigned by_count) MUST_CHECK NONNULL;
void record_room_fini(struct record_room *room) NONNULL;

/* Valid until the next record is built in this room, or the tables change. */
void record_device(const struct assets *a, struct record_room *room, uint32_t device,
                   struct record *out) NONNULL;
/* False: the address is no record. */
bool record_address(const struct assets *a, struct record_room *room, uint32_t address,
                    struct record *out) NONNULL MUST_CHECK;
bool address_is_record(const struct assets *a, uint32_t address) NONNULL;
