/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attribute.h - whose an address is: the MAC's that carried it, or a far host's behind that MAC.
 *
 * Attribution is a view, computed from all evidence when a report is made, never when a packet
 * comes: so a fact moves from a router to the host behind it when the proof comes, whatever the
 * order was. All is judged within one segment (interface, VLAN, realm).
 */
#pragma once

#include "asset/asset.h"
#include "base/attr.h"
#include "net/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a place got its view. */
enum reason {
	REASON_NONE,
	CLAIMED,      /* owner: the MAC claimed it (ARP, NDP, a lease) */
	LINK_LOCAL,   /* local: such an address passes no router */
	NAMED_ROUTER, /* local: it is itself the address of a router, and routers are neighbours */
	SHARED_MAC,   /* local: a redundancy group's MAC: its members speak by it with their own */
	HOPS_WHOLE,   /* local: IPv6 with a hop limit as hosts begin with: no router was passed */
	NOTHING_AGAINST, /* local: one address, no sign against it */
	HOPS_LOWERED,    /* via: the TTL is below all that hosts begin with */
	CLAIMS_OTHER,  /* via: the MAC claimed another address of this family, but never this one */
	SEVERAL,       /* via: more addresses that were never claimed than one host has */
	BEHIND_ROUTER, /* via: the MAC is a router's */
	REASONS
};
/* "the TTL is below ..." */
const char *reason_text(enum reason reason) PURE;

/* An address that a MAC carried in a segment, and what speaks for whom. */
struct candidate {
	struct ip ip;
	bool claimed;
	bool named_router; /* some fact says that this very address is a router's */
	uint8_t hops;      /* the greatest TTL or hop limit; 0: not known */
	uint8_t view;      /* out: enum view */
	uint8_t reason;    /* out: enum reason */
};

/* What is known of the MAC itself in the segment. */
enum carrier {
	CARRIER_PLAIN,
	CARRIER_ROUTER, /* some fact says that it routes */
	CARRIER_SHARED, /* a router redundancy group's address (VRRP, HSRP) */
};

/* All candidates of one MAC in one segment. Pure: any order gives the same. */
void attribute(struct candidate *candidates, size_t count, enum carrier carrier) NONNULL;

/* Room for the greatest device: taken once. */
struct attribution {
	uint32_t *order; /* limits.far of each */
	struct candidate *candidates;
	struct arena memory;
};
int attribution_init(struct attribution *t, const struct assets *a) MUST_CHECK NONNULL;
void attribution_fini(struct attribution *t) NONNULL;

/* Sets view and reason of all places of a device; addresses whose view changed are marked. */
void assets_attribute(struct assets *a, struct attribution *t, uint32_t device) NONNULL;
