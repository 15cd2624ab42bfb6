/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shard.h - which task a packet goes to.
 *
 * By the unordered pair of its outermost IP addresses, so that both directions of everything, and
 * all fragments, meet in one task; a frame without IP goes by its source MAC. No ports and no VLAN
 * tags. The file reader uses it on frames, `--task` on packets.
 */
#pragma once

#include "base/hash.h"
#include "observe/packet.h"

/*
 * Of a frame of this link type: a number, the same for both directions.
 */
uint64_t shard_frame(const struct hash_key *key, uint16_t linktype, struct cur frame) NONNULL;
/* Which of so many tasks it goes to. */
unsigned shard_choose(const struct hash_key *key, uint16_t linktype, struct cur frame,
                      unsigned tasks) NONNULL;

/* Of two addresses, in any order. */
uint64_t shard_pair(const struct hash_key *key, const struct ip *a, const struct ip *b) NONNULL;

/*
 * Of what follows an ethertype, or a length (observe/link/type_or_length.h); 0 when no IP is found
 * in it.
 */
uint64_t shard_ethertype(const struct hash_key *key, uint16_t type, struct cur packet) NONNULL;
