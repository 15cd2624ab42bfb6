/* SPDX-License-Identifier: Apache-2.0 */
/*
 * declared.c - `havainto observers`, `facts`, `counters`, `channels`: what the program declares, as
 * tables for people and, with --markdown, as the pages of doc/.
 */
#include "asset/fact.h"
#include "cli/command.h"
#include "observe/engine.h"
#include "task/channels.h"

#include <inttypes.h>
#include <string.h>

enum { CELLS = 7, CELL = 512 };

/* One table in either form: rows are given one by one. */
struct page {
	bool markdown;
	unsigned count;
	const unsigned *widths; /* of the plain form; the last column's is not needed */
};

static void page_row(const struct page *p, char cells[CELLS][CELL])
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

static void page_begin(const struct page *p, const char *title, const char *about,
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

/* ---- observers ---- */

static void put_key(char *out, size_t cap, const struct claim *c)
{
	const char *space = space_name(c->space);

	if (c->pattern)
		snprintf(out, cap, "%s %s", space, c->pattern);
	else if (strstr(space, "port") || strstr(space, "protocol") || strstr(space, "linktype"))
		snprintf(out, cap, "%s %" PRIu64, space, c->key);
	else
		snprintf(out, cap, "%s 0x%" PRIx64, space, c->key);
}

static void put_keys(const struct observer *o, char out[CELL])
{
	size_t at = 0;

	out[0] = '\0';
	for (const struct claim *c = o->claims; c && c->space != NO_SPACE && at < CELL; c++) {
		char key[64];

		put_key(key, sizeof key, c);
		at += (size_t)snprintf(out + at, CELL - at, "%s%s", at > 0 ? ", " : "", key);
	}
}

static void put_kinds(const struct observer *o, char out[CELL])
{
	size_t at = 0;

	out[0] = '\0';
	for (const struct tells *t = o->tells; t && t->kind != FACT_NONE && at < CELL; t++)
		at += (size_t)snprintf(out + at, CELL - at, "%s%s", at > 0 ? ", " : "",
		                       fact_info(t->kind)->wire);
}

int command_observers(const struct settings *s)
{
	static const char *const titles[] = {"NAME", "WHAT IT READS", "SPECIFICATION", "KEYS",
	                                     "FACTS"};
	static const unsigned widths[] = {12, 46, 30};
	const bool markdown = s->of[OPT_MARKDOWN].number;
	const struct page p = {markdown, markdown ? 5 : 3, widths};
	static char cells[CELLS][CELL];

	page_begin(&p, "observers", "One protocol is one observer, one file below src/observe.",
	           titles);
	for (unsigned i = 0; i < observer_count; i++) {
		const struct observer *o = observers[i];

		snprintf(cells[0], CELL, "%s", o->name);
		snprintf(cells[1], CELL, "%s", o->about ? o->about : "");
		snprintf(cells[2], CELL, "%s", o->spec ? o->spec : "");
		put_keys(o, cells[3]);
		put_kinds(o, cells[4]);
		page_row(&p, cells);
	}
	return DONE;
}

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
