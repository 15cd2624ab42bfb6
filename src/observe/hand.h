/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hand.h - packets that another task goes on with; only the engine's files include it.
 */
#pragma once

#include "observe/task.h"

/* Where a packet goes on: with the observer, whose task the edge leads to, by this key. */
struct course {
	unsigned observer, edge;
	enum space space;
	uint64_t key;
};

/* A copy of the packet for the task. */
void hand_packet(struct task *t, const struct packet *p, const struct course *course) NONNULL;

/*
 * Copies of a segment for the edges whose observers are, or may become, candidates. A connection's
 * first and last segments concern both directions.
 */
void hand_segment(struct task *t, const struct packet *p, struct flow *f, unsigned side,
                  uint32_t offset) NONNULL;
/* Is a segment with this sequence number handed over to another task? */
bool hand_looks(const struct task *t, struct flow *f, unsigned side,
                uint32_t seq) NONNULL MUST_CHECK;
static inline bool hand_wants(const struct task *t, struct flow *f, unsigned side, uint32_t seq)
{
	return t->hands && !f->side[side].let_go && hand_looks(t, f, side, seq);
}
