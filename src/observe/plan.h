/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - who gets a packet with a given key: all claims of all observers, compiled into tables.
 *
 * A chain is the list of observers that claim one key. Equal lists are one chain, so that a key is
 * one byte in a table: the tables of ports and ethertypes stay in the cache. Chain 0 is empty.
 *
 * An edge is a choice to run an observer, with all above it, in tasks of its own. Edges go upwards
 * only: an observer's rank is the lowest space it claims, and a task hands a packet over only to an
 * edge of a higher rank than its own. An IP packet inside a tunnel is therefore read where the
 * tunnel is read, and channels form no cycle.
 */
#pragma once

#include "observe/engine.h"

#include <string.h>

enum {
	OBSERVERS_MAX = 255,
	CHAIN_MAX = 8,
	CHAINS_MAX = 256,
	SNAP_MAX = 64,
	PATTERN_MAX = 16,
	PATTERNS_MAX = 64, /* a bit each */
	PATTERN_PLACES = 5,
	LINKTYPES_MAX = 512,
	EDGES_MAX = 16,
};

struct chain {
	uint8_t count;
	uint8_t observer[CHAIN_MAX];
};

/* A sniff pattern: the first `len` bytes, under the mask. */
struct pattern {
	uint8_t len;
	uint8_t from; /* the bytes before it may be any */
	uint8_t observer;
	uint8_t bytes[PATTERN_MAX], mask[PATTERN_MAX];
};

struct patterns {
	unsigned count;
	uint8_t longest;
	struct pattern list[PATTERNS_MAX];
	/* the patterns, a bit each, that allow this byte in each of a few places */
	uint64_t fits[PATTERN_PLACES][256];
};

/* The places at which patterns differ most from what else there is, and from each other. */
static const uint8_t pattern_place[PATTERN_PLACES] = {0, 1, 4, 9, 11};

struct snap_key {
	uint64_t key;
	uint8_t chain;
};

/* A chain's number for each key. */
struct key_table {
	uint8_t *chain;
	uint64_t size; /* 0: the space has no table */
};

struct plan {
	const struct observer *const *observers;
	unsigned observer_count;

	struct chain chains[CHAINS_MAX];
	unsigned chain_count;
	struct key_table tables[SPACES]; /* of each space whose keys are small numbers */
	uint8_t linktype[LINKTYPES_MAX];
	uint8_t ethertype[65536];
	uint8_t llc[256];
	uint8_t ip_protocol[256];
	uint8_t udp_port[65536];
	uint8_t tcp_port[65536];
	struct snap_key snap[SNAP_MAX];
	unsigned snap_count;
	struct patterns udp_sniff, tcp_sniff;

	struct edge_choice edges[EDGES_MAX];
	unsigned edge_count;
	uint8_t edge_observer[EDGES_MAX];
	int8_t edge_of[OBSERVERS_MAX]; /* the observer's edge, -1: none */
	uint8_t rank[OBSERVERS_MAX];
	uint32_t stream_limit[OBSERVERS_MAX]; /* bytes of each direction offered to it */
	uint32_t stream_wants; /* the largest of them: all that any task keeps, or hands over */
};

enum { MATCH_NO, MATCH_YES, MATCH_MAYBE };

/* The chain of an organisation's protocol: few claim any, so a list will do. */
uint8_t plan_snap(const struct plan *plan, uint64_t key) NONNULL;

/* The observers that claim the key; chain 0 (empty) when none does. */
static inline const struct chain *plan_chain(const struct plan *plan, enum space space,
                                             uint64_t key)
{
	const struct key_table *table = &plan->tables[space];

	if (LIKELY(key < table->size))
		return &plan->chains[table->chain[key]];
	return &plan->chains[space == SNAP ? plan_snap(plan, key) : 0];
}

/* The patterns, a bit each, that may fit by the bytes in these places: nearly always none. */
static inline uint64_t patterns_possible(const struct patterns *patterns, const uint8_t *bytes,
                                         uint32_t len)
{
	if (LIKELY(len > pattern_place[PATTERN_PLACES - 1]))
		return patterns->fits[0][bytes[0]] & patterns->fits[1][bytes[1]] &
		       patterns->fits[2][bytes[pattern_place[2]]] &
		       patterns->fits[3][bytes[pattern_place[3]]] &
		       patterns->fits[4][bytes[pattern_place[4]]];
	uint64_t possible =
		patterns->count < PATTERNS_MAX ? (UINT64_C(1) << patterns->count) - 1 : UINT64_MAX;
	for (unsigned i = 0; i < PATTERN_PLACES && pattern_place[i] < len; i++)
		possible &= patterns->fits[i][bytes[pattern_place[i]]];
	return possible;
}

/*
 * Does a stream that begins with these bytes fit? MAYBE: it does so far, but is shorter than the
 * pattern.
 */
int pattern_match(const struct pattern *pattern, const uint8_t *bytes, uint32_t len) NONNULL;

/* Does a whole one of these fit? Of a datagram there is all that will come. */
bool patterns_match_any(const struct patterns *patterns, uint64_t possible, const uint8_t *bytes,
                        uint32_t len) NONNULL;

static inline bool patterns_match(const struct patterns *patterns, const uint8_t *bytes,
                                  uint32_t len)
{
	const uint64_t possible = patterns_possible(patterns, bytes, len);

	return UNLIKELY(possible != 0) && patterns_match_any(patterns, possible, bytes, len);
}

/* Does a task of edge `at` (-1: a worker) hand packets for this observer over? The edge, or -1. */
int plan_hands_over(const struct plan *plan, int at, unsigned observer) NONNULL;
