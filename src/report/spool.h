/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.h - lines that nobody has acknowledged yet, on disk: they outlive the manager's absence, and
 * this process.
 *
 * A device line is a whole record, so of each device only the last is kept: an hour without a
 * manager costs one row a device. All other lines are events, and are kept each. Lines of a sensor
 * are ordered by (boot, seq), rising in the order in which they were put; they are read, sent and
 * acknowledged in that order, so that "all up to (boot, seq) is safe" says which rows may go: a
 * record that was put again meanwhile has a higher seq, and stays.
 *
 * The file is SQLite's in WAL mode: what was committed survives kill -9 and a torn write. It is
 * bounded: when nine tenths of its room are used the oldest lines are given up, events first, and
 * counted. When the disk is full or broken a batch is given up and counted, and the next one is
 * tried again; the sensor goes on. With each line stands a sum over it and its place, so that one
 * that the disk changed is given up and not sent.
 */
#pragma once

#include "base/attr.h"
#include "report/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPOOL_WHY 512

struct spool;

/* The place of a line. */
struct spool_place {
	uint64_t boot, seq;
};

struct spool_counts {
	uint64_t kept;      /* lines that are in it */
	uint64_t safe;      /* lines that went since their reader has them */
	uint64_t coalesced; /* device lines that a newer one replaced before they were sent */
	uint64_t expired;   /* lines given up */
	uint64_t failures;  /* batches that could not be written */
};

/*
 * Opens or makes it. A file that is broken beyond SQLite's repair is put aside (PATH.bad) with a word,
 * and a new one begun with those of its lines that can still be read. NULL: why.
 */
struct spool *spool_open(const char *path, uint64_t bytes, char *why,
                         size_t why_len) MUST_CHECK NONNULL;
void spool_close(struct spool *s);

/* Puts a line into the batch that is open; the bytes are copied. */
void spool_put(struct spool *s, enum line type, struct spool_place at, const char *line,
               size_t len) NONNULL;
/* Ends the batch: from here on its lines survive. False: it was given up, and counted. */
bool spool_commit(struct spool *s) NONNULL;
/*
 * The first line behind `*at`, which moves to it: valid until the next call. NULL: there is none.
 * Of what is committed, and of the open batch.
 */
const char *spool_next(struct spool *s, struct spool_place *at, size_t *len) MUST_CHECK NONNULL;
/* All up to there is safe with the manager. In the open batch. */
void spool_forget(struct spool *s, struct spool_place upto) NONNULL;
struct spool_counts spool_count(const struct spool *s) NONNULL;
