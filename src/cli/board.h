/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board.h - what the sources' readers write up for others to see: interfaces, counts, clock.
 *
 * One entry a reader. It writes when something has changed that is worth it (an interface more, a
 * mark, the end), never for a packet, and so a mutex is cheap enough.
 */
#pragma once

#include "capture/source.h"
#include "report/reporter.h"

#include <pthread.h>

enum { BOARD_IFACES = 64, BOARD_READERS = 32, BOARD_ERROR = 32 * 1024 };

struct board {
	pthread_mutex_t lock;
	unsigned reader_count;
	struct source_counts counts[BOARD_READERS];
	uint64_t odd[BOARD_READERS]; /* frames with odd stamps */
	struct report_iface ifaces[BOARD_IFACES];
	unsigned iface_count;
	char error[BOARD_ERROR]; /* the sources' last words: a line each */
	bool cut;                /* an input was cut off or damaged */
	bool failed;             /* an input could not be read at all */
};

void board_init(struct board *b, unsigned readers) NONNULL;
/* The reader writes up its source. */
void board_write(struct board *b, unsigned reader, const struct source *s, uint64_t odd) NONNULL;
/* Its last words. */
void board_end(struct board *b, const struct source *s, enum pull how) NONNULL;
struct source_counts board_sum(struct board *b, uint64_t *odd) NONNULL;
unsigned board_ifaces(struct board *b, struct report_iface *out, unsigned cap) NONNULL;
