/* SPDX-License-Identifier: Apache-2.0 */
/*
 * task.h - what a task that observes consists of. Only the engine's files include it: to an
 * observer struct task is opaque.
 */
#pragma once

#include "base/arena.h"
#include "base/scratch.h"
#include "observe/counters.h"
#include "observe/coverage.h"
#include "observe/door.h"
#include "observe/endpoints.h"
#include "observe/engine.h"
#include "observe/flow.h"
#include "observe/fragment.h"
#include "observe/glance.h"
#include "observe/novelty.h"
#include "observe/plan.h"
#include "observe/realms.h"
#include "observe/shard.h"
#include "observe/tell.h"
#include "observe/wordings.h"

enum { DEPTH_MAX = 12, NO_OBSERVER = OBSERVERS_MAX, UNCLAIMED_PLACES = 2 * UNCLAIMED_MAX };

struct task {
	const struct plan *plan;
	struct task_options options;
	struct arena arena;
	int8_t hands_over[OBSERVERS_MAX]; /* the edge that has the observer; -1: it runs here */
	bool hands;                       /* any of them has one */
	unsigned sniffing; /* bit per edge: an observer of it has a pattern of TCP_SNIFF */

	void **state;                    /* of each observer */
	struct verdict_counts *verdicts; /* of each observer */
	uint64_t counters[COUNTERS_COUNT];
	struct unclaimed unclaimed[UNCLAIMED_MAX];
	unsigned unclaimed_count;
	uint16_t unclaimed_at
		[UNCLAIMED_PLACES]; /* number + 1, by a hash of the key; half of them free */

	unsigned current; /* the observer that runs now, and so tells; NO_OBSERVER: none */
	unsigned only;    /* streams are offered to this observer alone; NO_OBSERVER: to all */
	uint32_t
		message_end; /* position up to which the running stream callback has read whole messages */

	struct realms realms;
	struct endpoints endpoints;
	struct wordings wordings;
	struct telling telling;
	struct novelty novelty;
	struct glances glances;
	struct door door;
	struct flows flows;
	struct fragments fragments;
	struct coverage *coverage;
	struct scratch *scratch;

	enum want wanted; /* of frames like the last one, */
	bool asked;       /* if somebody asks */
	unsigned enough;  /* observers that had enough of the message */
	/* While the head of frames that the kernel kept back is walked: how many, and their bytes. */
	uint64_t kept, kept_bytes; /* else 0 */

	struct watch watch;
	bool watched;
	bool looks_at_news;        /* segments that bring something are handed over, or watched */
	const struct frame *frame; /* that is walked, where somebody watches; else NULL */
};

static inline void task_add(struct task *t, enum counter counter, uint64_t n)
{
	t->counters[counter] += n;
}

/* A frame's whole walk, from its link type up. */
void task_walk(struct task *t, const struct frame *f) NONNULL;
/*
 * Calls one observer's packet function and counts what it says; NOTHING: it was not called here.
 */
enum verdict task_call(struct task *t, struct packet *p, unsigned observer, enum space space,
                       uint64_t key) NONNULL;
/* The walk of a frame begins or, with NULL, is over: said to who watches frames. */
void task_watch_frame(struct task *t, const struct frame *f);
void task_count_unclaimed(struct task *t, enum space space, uint64_t key) NONNULL;
/* Where the key is counted, from now on if need be; NULL: 256 others were first. */
struct unclaimed *task_unclaimed(struct task *t, enum space space, uint64_t key) NONNULL;
/* Facts that wait go to the novelty table, and from there, where they are new, out. */
void tell_settle_all(struct task *t) NONNULL;
/*
 * Adds to a fact that was told whole before, whether or not the novelty table still has it.
 */
void tell_again(struct task *t, uint64_t digest, uint32_t endpoint_hash,
                const struct support *more) NONNULL;
/*
 * A segment of `len` bytes of a known flow, with an acknowledgement: nearly always the next in order,
 * of a conversation without holes.
 */
static ALWAYS_INLINE void coverage_next(struct task *t, struct flow *f, unsigned side, uint32_t seq,
                                        uint32_t ack, uint32_t len)
{
	struct track *k = &f->track;

	if (UNLIKELY((k->plain >> side & 1) == 0 || seq != k->next[side] ||
	             (int32_t)(ack - k->next[side ^ 1u]) > 0)) {
		coverage_odd(t, f, side, seq, ack, len);
		return;
	}
	k->next[side] += len;
	t->coverage->rows[k->row].bytes += len;
}

/* Counts a MALFORMED: as truncated where the packet is cut. */
void task_count_broken(struct task *t, unsigned observer, const struct packet *p) NONNULL;

static inline void task_count_verdict(struct task *t, unsigned observer, enum verdict v,
                                      const struct packet *p)
{
	if (UNLIKELY(v == MALFORMED))
		task_count_broken(t, observer, p);
	else
		t->verdicts[observer].verdict[v]++;
	if (UNLIKELY(t->watched) && t->watch.leave)
		t->watch.leave(t->watch.to, plan_observer(t->plan, observer), v);
}
