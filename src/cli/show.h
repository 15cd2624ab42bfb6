/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show.h - reports as a table; also what `listen` shows at the end of a capture.
 */
#pragma once

#include "base/attr.h"
#include "cli/report_file.h"
#include "report/reporter.h"

#include <stdio.h>

/* The devices as a table as wide as the terminal (out of none: as wide as it takes). */
void show_table(const struct report *report, FILE *out) NONNULL;
/* The titles and a line a row. */
void show_rows(const struct snapshot_row *rows, size_t count, FILE *out) NONNULL;
