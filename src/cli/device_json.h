/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device_json.h - a device as a report has it, and as the rest of the program does: a row of the
 * table, a list of known facts.
 */
#pragma once

#include "asset/infer/infer.h"
#include "base/attr.h"
#include "report/reporter.h"

#include <jansson.h>
#include <stddef.h>

/* Texts that are too long for a row are cut. */
void device_row(const json_t *device, struct snapshot_row *row) NONNULL;

/*
 * The facts of a device as infer.h takes them: kinds that this program does not know are left out.
 */
struct facts_read {
	struct known *known;
	const json_t **lines; /* the fact of each */
	uint8_t *bytes;       /* their values */
	size_t count;
};
/* False: no memory. */
bool facts_read(const json_t *device, struct facts_read *out) NONNULL MUST_CHECK;
void facts_free(struct facts_read *f) NONNULL;
/* Prints the facts, a line each, indented: kind, value, who told it, grade, when, count. */
void facts_print(const json_t *device, FILE *out) NONNULL;
