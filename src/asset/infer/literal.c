/* SPDX-License-Identifier: Apache-2.0 */
/*
 * literal.c - reads a pattern for the letters that every match has.
 *
 * A pattern is alternatives of pieces one behind the other; a piece is a letter, a class, an
 * assertion or a group, and may be repeated. Of a row of pieces the best set is kept: that whose
 * shortest literal is longest. Letters that follow each other make one literal, and a group whose
 * alternatives are nothing but letters is joined to the letters before it. Of alternatives all
 * need to have a set, and the sets are put together. A piece that may be absent gives nothing.
 */
#include "asset/infer/literal.h"

#include <string.h>

#define NESTED_MAX 12

struct reading {
	const char *s, *end;
	bool lost; /* something that is not understood */
};

/* What a row of pieces is known to need, and the letters just read. */
struct row {
	struct literals best, run;
	bool whole; /* `run` is all that was read so far: nothing else stands in the row */
};

/* A group that is open, or the pattern itself: its alternatives so far, and the one being read. */
struct level {
	struct row row;
	struct literals all;
	bool none;  /* one of them needs nothing */
	bool whole; /* all of them are nothing but letters */
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned shortest(const struct literals *l)
{
	unsigned least = l->count == 0 ? 0 : LITERAL_MAX;

	for (unsigned i = 0; i < l->count; i++)
		if (l->len[i] < least)
			least = l->len[i];
	return least;
}

/* The letters end here: they are kept if they are the best so far, and new ones begin. */
static void row_break(struct row *row)
{
	if (shortest(&row->run) > shortest(&row->best))
		row->best = row->run;
	row->run = (struct literals){.count = 1};
	row->whole = false;
}

static void row_letter(struct row *row, char c)
{
	if (row->run.len[0] >= LITERAL_MAX)
		row_break(row);
	for (unsigned i = 0; i < row->run.count; i++)
		if (row->run.len[i] < LITERAL_MAX)
			row->run.text[i][row->run.len[i]++] = lower(c);
}

/* Each literal of the run, with each of the group behind it; false: they are too many or too long. */
static bool row_join(struct row *row, const struct literals *group)
{
	const struct literals run = row->run;
	struct literals joined = {0};

	if (group->count == 0 || run.count * group->count > LITERALS)
		return false;
	for (unsigned i = 0; i < run.count; i++) {
		for (unsigned k = 0; k < group->count; k++) {
			const unsigned len = (unsigned)run.len[i] + group->len[k];
			if (len > LITERAL_MAX)
				return false;
			memcpy(joined.text[joined.count], run.text[i], run.len[i]);
			memcpy(joined.text[joined.count] + run.len[i], group->text[k],
			       group->len[k]);
			joined.len[joined.count++] = (unsigned char)len;
		}
	}
	row->run = joined;
	return true;
}

/* ---- pieces ---- */

static bool reads(struct reading *r, const char *word)
{
	const size_t len = strlen(word);

	if ((size_t)(r->end - r->s) < len || memcmp(r->s, word, len) != 0)
		return false;
	r->s += len;
	return true;
}

static unsigned read_number(struct reading *r)
{
	unsigned n = 0;

	for (; r->s < r->end && *r->s >= '0' && *r->s <= '9'; r->s++)
		if (n < 1000)
			n = n * 10 + (unsigned)(*r->s - '0');
	return n;
}

enum times { ONCE, OFTEN, PERHAPS };

/* The sign of repetition behind a piece. */
static enum times read_times(struct reading *r)
{
	enum times times = ONCE;

	if (r->s == r->end)
		return ONCE;
	if (*r->s == '*' || *r->s == '?') {
		times = PERHAPS;
		r->s++;
	} else if (*r->s == '+') {
		times = OFTEN;
		r->s++;
	} else if (*r->s == '{' && r->s + 1 < r->end && r->s[1] >= '0' && r->s[1] <= '9') {
		r->s++;
		times = read_number(r) == 0 ? PERHAPS : OFTEN;
		while (r->s < r->end && *r->s++ != '}')
			;
	} else {
		return ONCE;
	}
	if (r->s < r->end && (*r->s == '?' || *r->s == '+'))
		r->s++; /* lazy or possessive */
	return times;
}

static void skip_class(struct reading *r)
{
	if (r->s < r->end && *r->s == '^')
		r->s++;
	if (r->s < r->end && *r->s == ']')
		r->s++;
	while (r->s < r->end && *r->s != ']') {
		if (*r->s == '[' && r->s + 1 < r->end && r->s[1] == ':') {
			while (r->s + 1 < r->end && !(r->s[0] == ':' && r->s[1] == ']'))
				r->s++;
		} else if (*r->s == '\\' && r->s + 1 < r->end) {
			r->s++;
		}
		r->s++;
	}
	if (r->s < r->end)
		r->s++;
	else
		r->lost = true;
}

/* The letter that stands for itself behind a backslash; 0: it stands for more, or for less. */
static char escaped(struct reading *r)
{
	static const char plain[] = "dDwWsSbBAzZhHvVRN";

	if (r->s == r->end) {
		r->lost = true;
		return 0;
	}
	const char c = *r->s++;
	if (strchr(plain, c) != NULL)
		return 0;
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
		r->lost = r->lost || strchr("nrtfe", c) == NULL;
		return 0;
	}
	return c;
}

/* Behind "(?": groups that only group, and letters for the case, are read; others are not. */
static void open_group(struct reading *r)
{
	if (!reads(r, "?"))
		return;
	if (reads(r, ":") || reads(r, "i:") || reads(r, "s:") || reads(r, "m:"))
		return;
	if (reads(r, "<") && r->s < r->end && *r->s != '=' && *r->s != '!') {
		while (r->s < r->end && *r->s++ != '>')
			;
		return;
	}
	r->lost = true;
}

/* A letter that is not there for sure ends the run before it; one that may come again, after it. */
static void row_character(struct reading *r, struct row *row, char c)
{
	const enum times times = read_times(r);

	if (times != PERHAPS)
		row_letter(row, c);
	if (times != ONCE)
		row_break(row);
}

static void row_any(struct reading *r, struct row *row)
{
	read_times(r);
	row_break(row);
}

static void row_piece(struct reading *r, struct row *row)
{
	const char c = *r->s++;

	if (c == '[') {
		skip_class(r);
		row_any(r, row);
	} else if (c == '.') {
		row_any(r, row);
	} else if (c == '\\') {
		const char letter = escaped(r);
		if (letter != 0)
			row_character(r, row, letter);
		else
			row_any(r, row);
	} else if (c == '^' || c == '$') {
		row->whole = row->whole && c == '^' && row->run.len[0] == 0;
	} else if (c == '*' || c == '+' || c == '?' || (unsigned char)c >= 0x80) {
		r->lost = true;
	} else {
		row_character(r, row, c);
	}
}

/* ---- groups ---- */

static void row_begin(struct row *row)
{
	*row = (struct row){.run = {.count = 1}, .whole = true};
}

static void level_begin(struct level *level)
{
	*level = (struct level){.whole = true};
	row_begin(&level->row);
}

/* What the alternative needs joins what the others do. */
static void end_alternative(struct level *level)
{
	struct row *const row = &level->row;
	const bool whole = row->whole;

	if (!whole)
		row_break(row);
	const struct literals *const one = whole ? &row->run : &row->best;
	level->whole = level->whole && whole;
	level->none = level->none || one->count == 0 || level->all.count + one->count > LITERALS;
	for (unsigned i = 0; i < one->count && !level->none; i++) {
		memcpy(level->all.text[level->all.count], one->text[i], one->len[i]);
		level->all.len[level->all.count++] = one->len[i];
	}
	row_begin(row);
}

/* Its last alternative is over; what it needs as a whole is left in `all`. */
static void level_end(struct level *level)
{
	end_alternative(level);
	if (level->none) {
		level->all = (struct literals){0};
		level->whole = false;
	}
}

/* A group that ended is a piece of the row around it. */
static void row_group(struct reading *r, struct row *row, const struct level *group)
{
	const enum times times = read_times(r);

	if (times == ONCE && group->whole && row_join(row, &group->all))
		return;
	row_break(row);
	if (times != PERHAPS && shortest(&group->all) > shortest(&row->best))
		row->best = group->all;
}

/* Signs for the rest of the pattern, in brackets of their own: (?i) */
static bool reads_signs(struct reading *r)
{
	return reads(r, "(?i)") || reads(r, "(?s)") || reads(r, "(?m)") || reads(r, "(?is)");
}

void literals_find(const char *pattern, size_t len, struct literals *out)
{
	struct reading r = {.s = pattern, .end = pattern + len};
	struct level levels[NESTED_MAX + 1] UNINITIALIZED, *top = levels;

	level_begin(top);
	while (r.s < r.end && !r.lost) {
		if (reads_signs(&r))
			continue;
		if (reads(&r, "|")) {
			end_alternative(top);
		} else if (reads(&r, "(")) {
			open_group(&r);
			r.lost = r.lost || top == levels + NESTED_MAX;
			if (!r.lost)
				level_begin(++top);
		} else if (reads(&r, ")")) {
			r.lost = top == levels;
			if (r.lost)
				break;
			level_end(top--);
			row_group(&r, &top->row, top + 1);
		} else {
			row_piece(&r, &top->row);
		}
	}
	level_end(top);
	*out = top->all;
	if (r.lost || top != levels || shortest(out) < LITERAL_MIN)
		*out = (struct literals){0};
}
