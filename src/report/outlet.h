/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outlet.h - where the reporter puts its lines: each to every sink.
 *
 * Local sinks get them in batches and are waited for; a remote one is offered each by its dropping
 * channel. A local sink that fails for good is said once and left; the others go on.
 */
#pragma once

#include "base/attr.h"
#include "report/line.h"
#include "report/sink.h"
#include "task/channels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUTLET_SINKS 32u

struct outlet {
	struct sink *const *sinks;
	unsigned sink_count;
	struct report_sender lanes[OUTLET_SINKS];
	unsigned lane_count;
	bool failed[OUTLET_SINKS];
	int error;   /* of the first that failed */
	bool closed; /* every sink that there was has failed */
	uint64_t seq;
	uint64_t lines, flushed; /* in all, and before those of the batch */
	struct emit_times times;
	char *batch; /* 4 * LINE_MOST */
	size_t len;
};

/* The buffer to write the next line into: LINE_MOST bytes. */
struct emit outlet_line(struct outlet *o) NONNULL;
/* The line is whole. One that did not fit is a mistake of ours: records and health are bounded. */
void outlet_commit(struct outlet *o, struct emit *j, enum line type, uint64_t seq) NONNULL;
/* All lines so far are with the local sinks. */
void outlet_flush(struct outlet *o) NONNULL;
/* Flushes, and closes the lanes of the remote ones. */
void outlet_close(struct outlet *o) NONNULL;
