/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.h - the counts of all tasks, as the last of each said them, and the `health` line made of
 * them.
 *
 * Tasks tell totals, not increments, so that a lost message does no harm: of each sender the last
 * one counts.
 */
#pragma once

#include "asset/asset.h"
#include "base/arena.h"
#include "base/attr.h"
#include "observe/counters.h"
#include "observe/engine.h"
#include "report/emit.h"
#include "report/reporter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one sender said last. */
struct said {
	uint64_t counters[COUNTERS_COUNT];
	struct unclaimed unclaimed[UNCLAIMED_MAX];
	uint32_t unclaimed_count;
	struct verdict_counts *verdicts; /* of each observer */
	struct coverage_row rows[COVERAGE_ROWS];
	uint32_t row_count;
	struct asked asked[ASKED_MAX];
	uint32_t asked_count;
};

/* What was seen of a VLAN by all senders together. */
struct covered {
	struct coverage_row row;
	uint64_t asked, silent; /* addresses that were asked for; of these, never heard of */
};
enum { COVERED_MAX = 1024 };

struct health {
	const struct plan *plan;
	unsigned observers, senders;
	struct said *said;
	struct arena memory;
	struct unclaimed
		all[UNCLAIMED_MAX]; /* of all senders, most packets first: made by health_sum */
	uint32_t all_count;
	struct covered *covered; /* by VLAN */
	uint32_t covered_count;
	struct asked *asked; /* of all senders */
	uint32_t *order;
	uint64_t counters[COUNTERS_COUNT];
	uint64_t malformed;
};

int health_init(struct health *h, const struct plan *plan, unsigned senders) MUST_CHECK NONNULL;
void health_fini(struct health *h) NONNULL;
/* A COUNTERS item's body. */
void health_tell(struct health *h, unsigned sender, const struct counters_item *item,
                 size_t len) NONNULL;
/* Sums what all said: to be done before the sums are read. */
void health_sum(struct health *h, const struct assets *a) NONNULL;

/* Facts that a limit refused, and frames of strangers that were not let in (door.h). */
uint64_t health_refused(const struct health *h, const struct assets *a) PURE NONNULL;

/* What the reporter itself did, and the gauges of others. */
struct health_more {
	const struct assets *assets;
	uint64_t lines, changes, changes_held, identity_refused;
	const struct gauge *gauges;
	unsigned gauge_count;
};
/* The keys of the line behind those of line_begin. */
void line_health(struct emit *j, const struct health *h, const struct health_more *more) NONNULL;
