/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind.h - what a kind of source is made of. For the files that implement one; everybody else
 * sees source.h.
 *
 * A kind's own struct begins with a struct source. Its next() gives borrowed frames, keeps its
 * reason with source_fail(), and looks at `stop` wherever it waits. The counts and the list of
 * interfaces are asked for by the task that reads, between two calls of next().
 */
#pragma once

#include "capture/source.h"

#include <stdatomic.h>

#define SOURCE_IFACES_MAX 1024u /* of one source that is not merged */
#define SOURCE_SLICE_MS 100     /* who waits for ever looks this often whether to stop */

/* What all kinds of sources implement; those behind count may be NULL. */
struct source_ops {
	enum pull (*next)(struct source *s, struct frame *frames, unsigned *count, int timeout_ms);
	unsigned (*ifaces)(const struct source *s, const struct source_iface **ifaces);
	void (*count)(const struct source *s, struct source_counts *out);
	void (*lend)(struct source *s, uint8_t *bytes); /* of files */
	unsigned (*sockets)(const struct source *s, int *fds, unsigned cap);
	void (*ahead)(struct source *s);
	void (*want)(struct source *s, const struct frame *frame, enum want wanted);
	void (*fold)(struct source *s, const struct fold *fold);
	void (*free)(struct source *s);
};

/* The head of every source: a kind's own struct begins with it. For the kinds alone. */
struct source {
	const struct source_ops *ops;
	atomic_bool stop; /* set by source_stop; the kind reads it in next() */
	bool live;
	bool cut;          /* what source_cut() says */
	char error[512];   /* what source_error() says ... */
	char *more_errors; /* ... or, where not NULL, this: several, a line each (a merged source) */
};

void source_init(struct source *s, const struct source_ops *ops, bool live) NONNULL;
/* Keeps the reason and gives FAILED, so that next() can end with it. */
enum pull source_fail(struct source *s, const char *format, ...) PRINTF(2, 3);
