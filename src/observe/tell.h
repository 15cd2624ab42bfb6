/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell.h - facts that observers told, on their way to the novelty table.
 *
 * Whether a fact is new the novelty table says, and it is larger than the cache: who asks it at once
 * waits for memory, with each fact anew. So a fact is written down, what the look-up will read
 * is asked for, and it is settled when some others have come behind it, or the batch of frames is
 * over. They are settled in the order in which they were told; nothing that is told depends on when.
 *
 * Who wants to know whether a fact went out (glance.h) is told when it did, or did not.
 */
#pragma once

#include "observe/observer.h"

struct sender;
struct slot;

/*
 * The kept support of a fact is asked for when it has come so far that its slot is there. A longer
 * value is not written down, and settled at once.
 */
enum { TELL_WAITING = 16, TELL_HALFWAY = 8, TELL_VALUE_MAX = 64 };

struct waiting_fact {
	uint64_t digest;
	uint64_t time_ns, frame;
	uint64_t count, traffic; /* packets that show it, and their wire bytes: SEEN only */
	struct slot *slot; /* it was there, if it still has the digest; NULL: none, or not looked */
	struct sender *sender; /* whose facts are noted: told what became of it; NULL: none */
	uint32_t endpoint_hash;
	uint16_t kind, by, iface, realm;
	struct vlan_id vlan;
	uint16_t len;
	bool cut;
	struct subject who;
	uint8_t value[TELL_VALUE_MAX];
};

struct telling {
	unsigned first, count; /* of those that wait */
	struct waiting_fact waiting[TELL_WAITING];
};
