/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_file.h - reports read back: what a reader of all lines knows at their end.
 *
 * A device line replaces what was known of that device; after a full report, what it did not list
 * is no longer known. Reports may be of several sensors and come in several files. A line that is
 * none of havainto/1 (incoming.h) is refused with its number.
 */
#pragma once

#include "base/attr.h"
#include "report/incoming.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define REPORT_WHY 512

struct report_device {
	const char *sensor; /* of the line that it holds */
	json_t *line;       /* owned */
	json_t *device;     /* of line */
	uint64_t boot, seq;
	unsigned file;
	bool listed; /* by the full report that is being read */
	bool gone;   /* not listed by it */
};

struct report {
	struct report_device *devices; /* sorted by (sensor, realm, mac, ip) once it is read */
	size_t count, room;
	json_t *index;  /* "sensor realm mac ip" to its number */
	json_t *health; /* the last health line, or NULL */
	bool ended;     /* the last run said bye */
	unsigned files;
};

/* Adds a file, "-": standard input. False: "NAME:LINE: reason". */
bool report_read(struct report *r, const char *path, char why[REPORT_WHY]) MUST_CHECK NONNULL;
bool report_read_stream(struct report *r, FILE *in, const char *name,
                        char why[REPORT_WHY]) MUST_CHECK NONNULL;
/* Once all is read: forgets who is gone, sorts. */
void report_finish(struct report *r) NONNULL;
/* All of them, finished. Says what is wrong; false. No name: standard input. */
bool report_read_all(struct report *r, const char *const *paths, unsigned count) MUST_CHECK NONNULL;
void report_free(struct report *r) NONNULL;
