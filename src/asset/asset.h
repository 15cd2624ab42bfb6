/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asset.h - what is known: facts with their support, by endpoint, by device, by address.
 *
 * Three arrays, each with an index by keyed hash; an entry's number is its place in the array, from
 * 1, and 0 is none. Entries are small, for there are millions: what can be found by another entry's
 * number is not kept twice.
 *   place    an endpoint in the table: (interface, VLAN, realm, MAC, IP), with a block of its facts
 *   device   (realm, MAC), with a list of its places
 *   address  (realm, IP), with a list of the places that carried it, and one of those without a MAC (notes)
 * Values and realms are kept once. What a device *is* (its addresses, its name, which facts are a
 * far host's) is not kept: it is a view, computed when it is asked for (attribute.h, record.h).
 *
 * Merges are min, max, sum and union: the same facts told in any order, by any number of senders,
 * in any number of pieces, give the same table. That holds while no limit was hit; what a limit
 * refused or threw out is counted. Of more values of a kind than a place may keep, those with the
 * lowest rank stay, a hash of them, which is the same in any order and in every run.
 *
 * All memory is address space taken at the start; a page costs when it is first written.
 */
#pragma once

#include "asset/fact.h"
#include "asset/index.h"
#include "asset/pack.h"
#include "asset/sort.h"
#include "asset/values.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct asset_limits {
	uint32_t devices;   /* MACs; 0: 1,048,576 */
	uint32_t addresses; /* (realm, IP) pairs; 0: 2,097,152 */
	uint32_t places;    /* 0: 4,194,304 */
	uint32_t facts;     /* 0: 16,777,216 */
	uint32_t far;       /* places of one MAC, so addresses behind one router; 0: 65,536 */
	size_t values;      /* bytes of distinct values; 0: 1 GiB */
};

#define ASSET_REALMS 4096u
#define ASSETS_LATELY 32u /* places that are found without the index */
#define ASSET_CARRIERS \
	1024u /* places of one address; more would be a flood that makes walks long */

/* To whom what a place carries belongs: computed by attribute.c. */
enum view { VIEW_NONE, VIEW_OWNER, VIEW_LOCAL, VIEW_VIA };

/* Who holds an address of a segment, as the last mark left it: see change.c. */
enum claim_state { CLAIM_NONE, CLAIM_SOLE, CLAIM_LATEST, CLAIM_FORMER, CLAIM_DUPLICATE };

/*
 * Its MAC and realm are its device's, its IP is its address's: see place_mac, place_realm,
 * place_ip. What attribution asks of its facts is noted as they join, so that they need not be read.
 */
struct place {
	uint8_t view : 2,    /* enum view, as of the last mark */
		claim : 3,   /* enum claim_state */
		told : 1,    /* the address was told as the device's */
		present : 1, /* packets came from it: it has a fact of traffic, a TTL or an address */
		speaks : 1;   /* it told more than that it exists */
	uint8_t reason : 4,   /* enum reason of attribute.h: why it has this view */
		recorded : 1, /* it makes its address a record */
		claimed : 1,  /* some fact of it: the MAC claims the address */
		router : 1,   /* some fact of it: it is a router */
		serves : 1;   /* some fact of it: a role, or prefixes or routes that it hands out */
	uint8_t hops;         /* the greatest TTL or hop limit of its facts; 0: none */
	uint16_t iface, vlan;
	uint32_t hash;                   /* of its endpoint */
	uint32_t facts;                  /* their block: see pack.h */
	uint32_t device, next_of_device; /* of a free entry the next free one */
	uint32_t address, next_of_address, prev_of_address;
};

/* What happened to an entry: its counts changed, or also its facts. */
enum changed { CHANGED_COUNTS, CHANGED_FACTS };

/* Both devices and addresses: what a record of the report can be made of. */
struct asset {
	struct mac mac; /* zero: an address */
	struct ip ip;   /* of an address */
	bool used;      /* not a free entry */
	uint16_t realm;
	uint16_t records; /* places that make the address a record: ASSET_CARRIERS at most */
	uint32_t places, place_count; /* of a free entry the next free one, 0 */
	uint32_t notes;               /* an address's places without a MAC: one a segment */
};

/*
 * What the last mark left of an entry, for the next to compare with. It lies apart: over a capture
 * that is reported once nobody asks, and its memory is never touched.
 */
struct asset_past {
	uint64_t last_ns;
	uint32_t name; /* the value that was told as its name */
	uint8_t state; /* enum record_state of change.h */
};

/* The place of an endpoint, as it was told: found without the index. */
struct asset_lately {
	uint32_t place; /* 0: none */
	uint32_t hash;
	struct endpoint endpoint;
};

/* What became of a thing told. */
enum told {
	TOLD_NEW,     /* a fact more */
	TOLD_MORE,    /* support of a fact that is known */
	TOLD_UNKNOWN, /* MORE of a fact that is not known: refused or thrown out before */
	TOLD_IGNORED, /* of a MAC that is no device's, or of none and no address */
	TOLD_REFUSED, /* a limit: the value is not among those that stay, or there is no room */
	TOLD_OUTCOMES
};

/*
 * Devices and addresses in one shape: an array, an index, a free list, and those that changed: sets
 * of their numbers, a bit each, so that noting a change does not even touch the entry.
 */
struct asset_list {
	struct asset *at; /* [0] is not used */
	struct asset_past *past;
	struct index index;
	uint32_t used, limit, free;
	uint64_t *changed;    /* since the last mark, in whatever way */
	uint64_t *learned;    /* those of them whose facts changed */
	uint64_t *unreported; /* changed since the last report */
	uint64_t *fresh;      /* those of them whose facts changed, and were not told ahead of it */
	uint32_t *order;      /* room to put entries in order: assets_gather, assets_sort */
};

struct assets {
	struct hash_key key;
	struct asset_limits limits;
	struct arena memory;
	struct values values;
	struct asset_list devices, addresses;
	struct packs packs;
	struct place *places; /* [0] is not used */
	struct index place_index;
	uint32_t places_used, places_free;
	struct asset_lately lately[ASSETS_LATELY]; /* that were told of last, by their hash */
	struct realm *realms;                      /* [0] is outside */
	uint32_t realm_count;
	uint16_t *realm_ranks; /* in the order of their names */
	struct sort_key *keys; /* room to sort a list */
	uint64_t samples;      /* devices that were looked at for one to throw out */
	uint64_t outcomes[TOLD_OUTCOMES];
	uint64_t evicted; /* devices */
	uint64_t last_ns; /* the latest time of any support */
};

/* 0, or -errno. A limit of 0 is its default. */
int assets_init(struct assets *a, const struct asset_limits *limits,
                const struct hash_key *key) MUST_CHECK NONNULL;
void assets_fini(struct assets *a) NONNULL;

/*
 * A NEW_FACT: value has item->value_len bytes. `coming` is about how many bytes other facts of the endpoint
 * will want that are told next (pack_wants): their place makes room for all of them at once.
 */
enum told assets_tell(struct assets *a, const struct fact_item *item, const uint8_t *value,
                      uint32_t coming) NONNULL;
/* A MORE. */
enum told assets_more(struct assets *a, uint32_t endpoint_hash, uint64_t digest,
                      const struct support *more) NONNULL;

/*
 * Asks memory for what telling a fact of that endpoint will read: the line of the index, then its place (most
 * likely; 0: it has none), then what the place leads to. Each step reads what the one before it asked for.
 */
void assets_foresee_index(const struct assets *a, uint32_t endpoint_hash) NONNULL;
uint32_t assets_foresee_place(const struct assets *a, uint32_t endpoint_hash) NONNULL;
void assets_foresee_facts(const struct assets *a, uint32_t place) NONNULL;
/* The same for the record of an entry: the entry, its first place, what that leads to. */
enum foresight { FORESEE_ENTRY, FORESEE_PLACE, FORESEE_FACTS };
void assets_foresee_record(const struct assets *a, const struct asset *x,
                           enum foresight what) NONNULL;

/* The facts of a place: for pack_next, and valid until the next thing is told. */
struct pack_walk place_facts(const struct assets *a, const struct place *p) NONNULL;

/* Family 0: none. */
const struct ip *place_ip(const struct assets *a, const struct place *p) PURE NONNULL;
/* Zero: none. */
struct mac place_mac(const struct assets *a, const struct place *p) PURE NONNULL;
uint16_t place_realm(const struct assets *a, const struct place *p) PURE NONNULL;

/* 0: none. */
uint32_t assets_device(const struct assets *a, const struct realm *realm,
                       struct mac mac) PURE NONNULL;

/* Did anything come from this address in the segment, outside of tunnels? */
bool assets_has_host(const struct assets *a, uint16_t iface, uint16_t vlan,
                     const struct ip *ip) PURE NONNULL;

/* The order of records: realm by name, then MAC (an address has none: it comes first), then IP. */
int asset_compare(const struct assets *a, const struct asset *x,
                  const struct asset *y) PURE NONNULL;

/* The entries of a set that are used (NULL: all that are) become list->order; returns how many. */
uint32_t assets_gather(const struct asset_list *list, const uint64_t *set);
/* The same without addresses that make no record: mostly all of them are some device's own. */
uint32_t assets_gather_records(const struct asset_list *list, const uint64_t *set);
/* Puts list->order[0..count) into the order of records. */
void assets_sort(struct assets *a, const struct asset_list *list, uint32_t count) NONNULL;

/* Gives a place its view; true: it had another. */
bool place_view(struct assets *a, uint32_t place, enum view view, uint8_t reason) NONNULL;

/* Notes that the entry changed. */
void asset_mark(struct asset_list *list, uint32_t entry, enum changed how) NONNULL;
