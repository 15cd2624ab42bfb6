/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h - a table of what the program declares: plain for people, markdown for doc/.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>

enum { CELLS = 7, CELL = 512 };

/* Rows are given one by one. */
struct page {
	bool markdown;
	unsigned count;
	const unsigned *widths; /* of the plain form; the last column's is not needed */
};

/* The head: a page's title and what it is about where it is markdown, the columns' titles. */
void page_begin(const struct page *p, const char *title, const char *about,
                const char *const *titles) NONNULL;
void page_row(const struct page *p, char cells[CELLS][CELL]) NONNULL;
