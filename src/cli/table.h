/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - devices as rows of a table: what stands in each column, how wide the columns are, which
 * stays when there is little room. The static table and the live one are both made of it.
 *
 * A row is a snapshot's. Its texts are the network's: table_cell escapes them, so what a cell holds
 * moves no cursor.
 */
#pragma once

#include "base/attr.h"
#include "report/reporter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum column {
	COL_DEVICE,
	COL_ADDRESS,
	COL_NAME,
	COL_VENDOR,
	COL_ROLES,
	COL_PACKETS,
	COL_SEEN,
	COLUMNS
};

#define CELL_MAX 512 /* bytes of an escaped cell */

/* Widths in columns of the terminal; 0: left out. */
struct table_layout {
	unsigned width[COLUMNS];
};

const char *column_title(enum column c) PURE;
bool column_is_number(enum column c) PURE;

/* What stands there. now_ns: 0 writes times in full, else how long ago. Returns out. */
char *table_cell(const struct snapshot_row *row, enum column c, uint64_t now_ns,
                 char out[CELL_MAX]) NONNULL;
/* Fits the rows into `total` columns (0: as wide as it takes). */
void table_fit(struct table_layout *l, const struct snapshot_row *rows, size_t count,
               uint64_t now_ns, unsigned total) NONNULL;
/*
 * Orders rows by a column, then by device: strcmp's way. Counts: the most first; times: the last
 * first.
 */
int table_compare(const struct snapshot_row *a, const struct snapshot_row *b,
                  enum column by) NONNULL;

/* Bytes that one line takes at most. */
#define TABLE_LINE (COLUMNS * (CELL_MAX + 256))
/*
 * The line of a row (NULL: of the titles), cut or filled to the widths; no '\n'. Returns its
 * length.
 */
size_t table_line(const struct table_layout *l, const struct snapshot_row *row, uint64_t now_ns,
                  char out[TABLE_LINE]) __attribute__((nonnull(1, 4)));

/*
 * Escaped text, cut with an ellipsis or filled with spaces to exactly `width` columns. Returns the
 * length.
 */
size_t text_fit(const char *escaped, unsigned width, bool right, char *out, size_t cap) NONNULL;
/* Bytes of an escaped text that take at most `width` columns; *took: how many they take. */
size_t text_cut(const char *escaped, unsigned width, unsigned *took) NONNULL;
/* "1,234,567" */
char *count_format(uint64_t n, char out[32]) NONNULL;
