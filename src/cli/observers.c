/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observers.c - `havainto observers`: what each observer declares of itself. All of them as a table,
 * as a page of doc/ or as lines of JSON; one of them in full.
 */
#include "asset/fact.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/page.h"
#include "observe/engine.h"
#include "report/emit.h"

#include <inttypes.h>
#include <string.h>

enum { KEYS_SHOWN = 36, LINE_MAX_JSON = 1 << 16, STREAM_KIB_DEFAULT = 16 };

/* A key as its space writes it: ports in decimal, ethertypes in hex, patterns as declared. */
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

/* ---- all of them, as a table ---- */

static void cut_keys(char cell[CELL])
{
	if (strlen(cell) > KEYS_SHOWN)
		memcpy(cell + KEYS_SHOWN - 3, "...", sizeof "...");
}

static int observers_table(bool markdown)
{
	static const char *const titles[] = {"NAME",          "LAYER", "WHAT IT READS",
	                                     "SPECIFICATION", "KEYS",  "FACTS"};
	static const unsigned widths[] = {15, 11, 46, 30, KEYS_SHOWN};
	const struct page p = {markdown, COUNT_OF(titles), widths};
	static char cells[CELLS][CELL];

	page_begin(&p, "observers", "One protocol is one observer, one file below src/observe.",
	           titles);
	for (unsigned i = 0; i < observer_count; i++) {
		const struct observer *o = observers[i];

		snprintf(cells[0], CELL, "%s", o->name);
		snprintf(cells[1], CELL, "%s", observer_layers[i]);
		snprintf(cells[2], CELL, "%s", o->about ? o->about : "");
		snprintf(cells[3], CELL, "%s", o->spec ? o->spec : "");
		put_keys(o, cells[4]);
		if (!markdown)
			cut_keys(cells[4]);
		put_kinds(o, cells[5]);
		page_row(&p, cells);
	}
	return DONE;
}

/* ---- as JSON ---- */

static void emit_claims(struct emit *j, const struct observer *o)
{
	emit_key(j, "claims");
	emit_open(j, '[');
	for (const struct claim *c = o->claims; c && c->space != NO_SPACE; c++) {
		emit_open(j, '{');
		emit_key(j, "space");
		emit_word(j, space_name(c->space));
		emit_key(j, c->pattern ? "pattern" : "key");
		if (c->pattern)
			emit_string(j, c->pattern);
		else
			emit_number(j, c->key);
		emit_close(j, '}');
	}
	emit_close(j, ']');
}

static void emit_tells(struct emit *j, const struct observer *o)
{
	emit_key(j, "facts");
	emit_open(j, '[');
	for (const struct tells *t = o->tells; t && t->kind != FACT_NONE; t++) {
		emit_open(j, '{');
		emit_key(j, "kind");
		emit_word(j, fact_info(t->kind)->wire);
		emit_key(j, "grade");
		emit_word(j, grade_name(t->grade));
		emit_key(j, "confidence");
		emit_number(j, t->confidence);
		emit_close(j, '}');
	}
	emit_close(j, ']');
}

static bool print_json(unsigned i)
{
	static char line[LINE_MAX_JSON];
	const struct observer *o = observers[i];
	struct emit j;

	emit_begin(&j, line, sizeof line);
	emit_open(&j, '{');
	emit_key(&j, "name");
	emit_word(&j, o->name);
	emit_key(&j, "layer");
	emit_word(&j, observer_layers[i]);
	emit_key(&j, "about");
	emit_string(&j, o->about ? o->about : "");
	emit_key(&j, "specification");
	emit_string(&j, o->spec ? o->spec : "");
	emit_claims(&j, o);
	emit_tells(&j, o);
	emit_close(&j, '}');
	if (!emit_end(&j))
		return false;
	fwrite(j.buf, 1, j.len, stdout);
	return true;
}

static int observers_json(void)
{
	bool ok = true;

	for (unsigned i = 0; i < observer_count; i++)
		ok = print_json(i) && ok;
	return ok ? DONE : FAILED_FOR_GOOD;
}

/* ---- one in full ---- */

static void print_reads(const struct observer *o)
{
	const uint32_t kib = o->stream_bytes ? o->stream_bytes / 1024 : STREAM_KIB_DEFAULT;

	printf("  reads          ");
	if (o->packet)
		printf("each packet%s", o->stream ? "; " : "\n");
	if (o->stream)
		printf("streams: the first %" PRIu32 " KiB of each direction\n", kib);
}

static void print_claims(const struct observer *o)
{
	const char *head = "keys";
	char key[128];

	for (const struct claim *c = o->claims; c && c->space != NO_SPACE; c++, head = "") {
		put_key(key, sizeof key, c);
		printf("  %-13s  %s\n", head, key);
	}
}

static void print_tells(const struct observer *o)
{
	const char *head = "facts";

	for (const struct tells *t = o->tells; t && t->kind != FACT_NONE; t++, head = "") {
		const struct fact_info *f = fact_info(t->kind);

		printf("  %-13s  %-22s  %-5s %3u  %s\n", head, f->wire, grade_name(t->grade),
		       t->confidence, f->about);
	}
}

static int print_one(unsigned i)
{
	const struct observer *o = observers[i];

	printf("%s - %s\n\n", o->name, o->about ? o->about : "");
	printf("  layer          %s\n", observer_layers[i]);
	printf("  specification  %s\n", o->spec ? o->spec : "");
	print_reads(o);
	print_claims(o);
	print_tells(o);
	return DONE;
}

static int refuse_name(const char *name)
{
	unsigned best = (unsigned)strlen(name) / 3 + 2; /* further away it is another word */
	const char *nearest = NULL;

	for (unsigned i = 0; i < observer_count; i++) {
		const unsigned distance = words_distance(name, observers[i]->name);
		if (distance >= best)
			continue;
		best = distance;
		nearest = observers[i]->name;
	}
	if (nearest)
		log_line("there is no observer %s; is it %s? (see havainto observers)", name,
		         nearest);
	else
		log_line("there is no observer %s (see havainto observers)", name);
	return USAGE;
}

int command_observers(const struct settings *s)
{
	const bool json = s->of[OPT_JSON].number, markdown = s->of[OPT_MARKDOWN].number;

	if (json && markdown)
		return command_refuse("observers", "one of --json and --markdown");
	if (s->argument_count == 0)
		return json ? observers_json() : observers_table(markdown);
	const int i = observer_index(s->arguments[0]);
	if (i < 0)
		return refuse_name(s->arguments[0]);
	if (markdown)
		return command_refuse("observers", "--markdown is of all of them");
	if (!json)
		return print_one((unsigned)i);
	return print_json((unsigned)i) ? DONE : FAILED_FOR_GOOD;
}
