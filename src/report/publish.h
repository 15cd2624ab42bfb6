/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish.h - snapshots of what is known, handed to another thread without either waiting.
 *
 * Three buffers: the writer fills one, the reader looks at one, and one goes between them. Each
 * side swaps its own for the one between by an atomic exchange; a bit says whether that one is
 * fresh.
 */
#pragma once

#include "asset/record.h"
#include "base/attr.h"
#include "report/health.h"
#include "report/line.h"
#include "report/reporter.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct publisher {
	struct snapshot *buffers; /* three; NULL: nothing is published */
	unsigned writing, reading;
	atomic_uint between; /* the buffer's number; PUBLISH_FRESH: not yet looked at */
	uint64_t number;
	uint32_t *order;
	struct arena memory;
	pthread_mutex_t lock; /* of wanted */
	struct snapshot_row wanted;
	bool wants;
};
#define PUBLISH_FRESH 4u

int publisher_init(struct publisher *p) MUST_CHECK NONNULL;
void publisher_fini(struct publisher *p) NONNULL;

/* Writer: a snapshot of all that is known. health: the line as it was written. */
void publish(struct publisher *p, const struct assets *a, struct record_room *room,
             const struct line_context *c, const struct health *h, const struct health_more *more,
             const char *health, size_t health_len) NONNULL;
/* Reader. */
const struct snapshot *publisher_look(struct publisher *p) NONNULL;
void publisher_want(struct publisher *p, const struct snapshot_row *row);
