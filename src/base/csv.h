/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv.h - cells of comma-separated values (RFC 4180), the one way in which any text leaves as such.
 *
 * Every cell is quoted. What begins as a formula gets a ' before it, which makes it a text to a
 * spreadsheet; controls, turned writing and bytes that are no text are escaped as on a terminal, for
 * that is where such a file may be looked at.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stdio.h>

/* With what stands behind it: a comma, or the end of the line. */
void csv_cell(FILE *out, const char *text, bool last) NONNULL;
