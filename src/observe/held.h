/* SPDX-License-Identifier: Apache-2.0 */
/*
 * held.h - frames that may turn out to matter, in a ring of fixed size.
 *
 * A frame is held under the groups it belongs to: its conversation, the datagram of which it brings
 * a fragment. When one of a group is wanted all of the group are, and with each frame the other
 * groups it belongs to: held_take gives them, oldest first, and forgets them. The oldest frames
 * make room for new ones.
 */
#pragma once

#include "base/arena.h"
#include "capture/source.h"

#include <stdbool.h>
#include <stdint.h>

enum { HELD_GROUPS = 6, HELD_TAKEN = 4096 };

/* A group's latest frame: its place in the ring, 0: none. */
struct held_group {
	uint64_t group, last;
};

struct held {
	uint8_t *ring;
	uint64_t size; /* a power of two */
	uint64_t head,
		tail; /* bytes ever written, and those given up; the ring has what is between */
	struct held_group *groups;
	uint64_t lost; /* frames that were wanted, and had made room */
	uint64_t taken[HELD_TAKEN];
	unsigned taken_count;
};

size_t held_budget(size_t bytes);
bool held_init(struct held *h, struct arena *arena, size_t bytes) NONNULL MUST_CHECK;
/* A copy of the frame, under each of the groups. */
void held_add(struct held *h, const struct frame *f, const uint64_t *groups,
              unsigned count) NONNULL;
typedef void held_visit(void *to, const struct frame *f);
/* All of the group, and what belongs to them. */
void held_take(struct held *h, uint64_t group, held_visit *visit, void *to) NONNULL;
