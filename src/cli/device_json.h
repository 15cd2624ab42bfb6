/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device_json.h - a device as a report has it, and as the rest of the program does: a row of the
 * table, lines of facts.
 */
#pragma once

#include "base/attr.h"
#include "report/reporter.h"

#include <jansson.h>
#include <stdio.h>

/* Texts that are too long for a row are cut. */
void device_row(const json_t *device, struct snapshot_row *row) NONNULL;

/* Prints the facts, a line each, indented: kind, value, who told it, grade, when, count. */
void facts_print(const json_t *device, FILE *out) NONNULL;
