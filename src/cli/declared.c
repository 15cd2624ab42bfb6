/* SPDX-License-Identifier: Apache-2.0 */
/*
 * declared.c - `havainto facts`, `counters`, `channels`: what the program declares, as tables for
 * people and, with --markdown, as the pages of doc/. (Observers have more to say: observers.c.)
 */
#include "asset/fact.h"
#include "cli/command.h"
#include "cli/page.h"
#include "observe/engine.h"
#include "task/channels.h"

#include <inttypes.h>

/* ---- facts ---- */

static const char *const value_names[] = {
	[VALUE_NOTHING] = "nothing", [VALUE_TEXT] = "text",     [VALUE_HEX] = "hex",
	[VALUE_CODES] = "codes",     [VALUE_NUMBER] = "number", [VALUE_IPV4] = "IPv4",
	[VALUE_IPV6] = "IPv6",       [VALUE_MAC] = "MAC",       [VALUE_SERVICE] = "service",
};

int command_facts(const struct settings *s)
{
	static const char *const titles[] = {"KIND", "VALUE", "KEPT", "PRIVACY", "WHAT IT IS"};
	static const unsigned widths[] = {24, 7, 5, 8};
	const struct page p = {s->of[OPT_MARKDOWN].number, 5, widths};
	static char cells[CELLS][CELL];

	page_begin(&p, "facts",
	           "Every kind of fact that is told of a device; personal ones leave as "
	           "keyed hashes under `--privacy hashed`.",
	           titles);
	for (unsigned i = FACT_NONE + 1; i < FACT_KINDS; i++) {
		const struct fact_info *f = fact_info((enum fact_kind)i);

		snprintf(cells[0], CELL, "%s", f->wire);
		snprintf(cells[1], CELL, "%s", value_names[f->value]);
		snprintf(cells[2], CELL, "%" PRIu32, f->keep);
		snprintf(cells[3], CELL, "%s", f->privacy == PERSONAL ? "personal" : "public");
		snprintf(cells[4], CELL, "%s", f->about);
		page_row(&p, cells);
	}
	return DONE;
}

/* ---- counters and channels ---- */

int command_counters(const struct settings *s)
{
	static const char *const titles[] = {"COUNTER", "UNIT", "WHAT IT COUNTS", "WHAT TO DO"};
	static const unsigned widths[] = {20, 9, 72};
	const struct page p = {s->of[OPT_MARKDOWN].number, 4, widths};
	static char cells[CELLS][CELL];

	page_begin(&p, "counters",
	           "What each task counts beside the verdicts of its observers; a `health` "
	           "line has their sums.",
	           titles);
	for (unsigned i = 0; i < COUNTERS_COUNT; i++) {
		const struct counter_info *c = counter_info((enum counter)i);

		snprintf(cells[0], CELL, "%s", c->wire);
		snprintf(cells[1], CELL, "%s", c->unit);
		snprintf(cells[2], CELL, "%s", c->about);
		snprintf(cells[3], CELL, "%s", c->advice);
		page_row(&p, cells);
	}
	return DONE;
}

static const char *policy_name(enum policy p)
{
	return p == DROP ? "drops" : "waits";
}

int command_channels(const struct settings *s)
{
	static const char *const titles[] = {"CHANNEL", "BYTES", "LIVE", "CAPTURE",
	                                     "WHAT GOES OVER IT"};
	static const unsigned widths[] = {8, 6, 5, 7};
	const struct page p = {s->of[OPT_MARKDOWN].number, 5, widths};
	static char cells[CELLS][CELL];

	page_begin(&p, "channels",
	           "The bounded queues between tasks: what a full one does, live and when a "
	           "capture is read.",
	           titles);
	for (unsigned i = 0; i < channel_kind_count; i++) {
		const struct channel_kind *c = &channel_kinds[i];

		snprintf(cells[0], CELL, "%s", c->name);
		snprintf(cells[1], CELL, "%zu M", c->bytes >> 20);
		snprintf(cells[2], CELL, "%s", policy_name(c->live));
		snprintf(cells[3], CELL, "%s", policy_name(c->file));
		snprintf(cells[4], CELL, "%s", c->about);
		page_row(&p, cells);
	}
	return DONE;
}
