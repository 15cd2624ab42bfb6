/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read.h - a device line of a report, read back into the shape it was written from.
 *
 * So that `show`, `why` and a manager conclude from a report what the sensor concluded from its tables: infer.h takes the
 * facts of both. A report may come from anywhere: what is not of the schema is refused with a reason, and
 * kinds of facts that this program does not know are counted and left out.
 */
#pragma once

#include "asset/record.h"
#include "base/attr.h"

#include <stddef.h>

struct json_t; /* of jansson */

struct read_record {
	struct record record; /* its facts have what the line had */
	struct realm realm;
	size_t unknown; /* facts of kinds that are not known here */
	struct known *facts;
	uint8_t *bytes;      /* the values */
	struct json_t *line; /* held: texts point into it */
};

/* line: a whole line of type "device". NULL: `why` says what is wrong with it. */
struct read_record *record_read(struct json_t *line, char *why, size_t why_len) MUST_CHECK NONNULL;
void record_read_free(struct read_record *r);

/* "2026-11-23T05:00:00.000000Z"; false: it is not such a time. */
bool report_time(const char *text, uint64_t *time_ns) NONNULL MUST_CHECK;
