/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tui_view.h - what the live table shows: its state, what a key does to it, and how it is drawn. No
 * terminal here: a picture is text with a few escape sequences of ours, so tests look at it as a
 * person would.
 */
#pragma once

#include "base/attr.h"
#include "cli/table.h"
#include "report/reporter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum page { PAGE_TABLE, PAGE_DEVICE, PAGE_HELP };

enum key {
	KEY_NONE,
	/* ASCII and other bytes are themselves */
	KEY_ESCAPE = 27,
	KEY_BACKSPACE = 127,
	KEY_UP = 256,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
};

struct screen {
	const char *what; /* the interface or capture */
	unsigned width, height;
	bool colours, ended, paused, filtering;
	bool quit;          /* out: q was pressed */
	bool wants_changed; /* out: another device's details are wanted (`wanted`), or none */
	bool wants;
	struct snapshot_row wanted;
	enum page page;
	enum column sort;
	char filter[64];
	unsigned top, cursor;       /* of the table: index into shown */
	bool moved;                 /* the cursor was moved: it stays with its device */
	struct snapshot_row marked; /* the device at the cursor */
	unsigned detail_top;
	uint32_t shown[SNAPSHOT_ROWS]; /* rows that pass the filter, in order */
	unsigned shown_count;
};

/* Orders and filters anew: after a new snapshot or a key. */
void view_update(struct screen *v, const struct snapshot *s) NONNULL;
void view_key(struct screen *v, const struct snapshot *s, int key) NONNULL;
/*
 * The whole picture, `height` lines, into memory of malloc's; NULL: none. now_ns: to say how long
 * ago.
 */
char *view_draw(struct screen *v, const struct snapshot *s, uint64_t now_ns, size_t *len) NONNULL;
/* The next key in `bytes`; sets how many it took. */
int key_read(const char *bytes, size_t len, size_t *took) NONNULL;
