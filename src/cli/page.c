/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c - see page.h.
 */
#include "cli/page.h"

#include <stdio.h>

void page_row(const struct page *p, char cells[CELLS][CELL])
{
	for (unsigned i = 0; i < p->count; i++) {
		if (p->markdown)
			printf("| %s ", cells[i]);
		else if (i + 1 < p->count)
			printf("%-*s  ", (int)p->widths[i], cells[i]);
		else
			printf("%s", cells[i]);
	}
	puts(p->markdown ? "|" : "");
}

void page_begin(const struct page *p, const char *title, const char *about,
                const char *const *titles)
{
	char cells[CELLS][CELL];

	if (p->markdown)
		printf("# %s\n\n%s This page is made by `havainto %s --markdown`.\n\n", title,
		       about, title);
	for (unsigned i = 0; i < p->count; i++)
		snprintf(cells[i], CELL, "%s", titles[i]);
	page_row(p, cells);
	for (unsigned i = 0; p->markdown && i < p->count; i++)
		fputs("|---", stdout);
	if (p->markdown)
		puts("|");
}
