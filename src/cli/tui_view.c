/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tui_view.c - see tui_view.h. From top to bottom: a title, the columns, the devices, the sensor's
 * health, the keys.
 */
#include "cli/tui_view.h"

#include "asset/sort.h"
#include "base/clock.h"
#include "base/escape.h"
#include "cli/device_json.h"
#include "cli/report_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE_LINES = 2, FOOT_LINES = 2 };

/* ---- which rows, in which order ---- */

static bool same_device(const struct snapshot_row *a, const struct snapshot_row *b)
{
	return mac_equal(a->mac, b->mac) && strcmp(a->realm, b->realm) == 0 &&
	       (!mac_is_zero(a->mac) || ip_equal(&a->ip, &b->ip));
}

static bool row_passes(const struct screen *v, const struct snapshot_row *row)
{
	char cell[CELL_MAX];

	if (!v->filter[0])
		return true;
	for (unsigned c = 0; c < COL_PACKETS; c++)
		if (strcasestr(table_cell(row, (enum column)c, 0, cell), v->filter))
			return true;
	return false;
}

struct order {
	const struct snapshot_row *rows;
	enum column by;
};

static bool shown_less(const void *order, uint32_t a, uint32_t b)
{
	const struct order *o = order;

	return table_compare(&o->rows[a], &o->rows[b], o->by) < 0;
}

static unsigned view_rows(const struct screen *v)
{
	return v->height > TITLE_LINES + FOOT_LINES ? v->height - TITLE_LINES - FOOT_LINES : 1;
}

/* The cursor follows its device once it was moved; it stays on the screen. */
static void view_place(struct screen *v, const struct snapshot *s)
{
	for (unsigned i = 0; v->moved && i < v->shown_count; i++)
		if (same_device(&s->rows[v->shown[i]], &v->marked))
			v->cursor = i;
	if (v->cursor >= v->shown_count)
		v->cursor = v->shown_count ? v->shown_count - 1 : 0;
	if (v->shown_count > 0)
		v->marked = s->rows[v->shown[v->cursor]];
	if (v->cursor < v->top)
		v->top = v->cursor;
	if (v->cursor >= v->top + view_rows(v))
		v->top = v->cursor - view_rows(v) + 1;
	if (v->shown_count <= view_rows(v))
		v->top = 0;
}

void view_update(struct screen *v, const struct snapshot *s)
{
	struct order order = {s->rows, v->sort};

	v->shown_count = 0;
	for (uint32_t i = 0; i < s->row_count; i++)
		if (row_passes(v, &s->rows[i]))
			v->shown[v->shown_count++] = i;
	sort_numbers(v->shown, v->shown_count, &order, shown_less);
	view_place(v, s);
}

/* ---- keys ---- */

int key_read(const char *bytes, size_t len, size_t *took)
{
	static const struct {
		const char *bytes;
		int key;
	} sequences[] = {
		{"\x1b[A", KEY_UP},   {"\x1b[B", KEY_DOWN},     {"\x1bOA", KEY_UP},
		{"\x1bOB", KEY_DOWN}, {"\x1b[5~", KEY_PAGE_UP}, {"\x1b[6~", KEY_PAGE_DOWN},
		{"\x1b[H", KEY_HOME}, {"\x1b[F", KEY_END},      {"\x1b[1~", KEY_HOME},
		{"\x1b[4~", KEY_END}, {"\x1bOH", KEY_HOME},     {"\x1bOF", KEY_END},
	};

	for (size_t i = 0; i < COUNT_OF(sequences); i++) {
		*took = strlen(sequences[i].bytes);
		if (len >= *took && memcmp(bytes, sequences[i].bytes, *took) == 0)
			return sequences[i].key;
	}
	*took = 1;
	if (bytes[0] == '\x1b' && len > 2 && (bytes[1] == '[' || bytes[1] == 'O')) {
		*took = 2; /* a key that we do not know: left out whole */
		while (*took < len && !(bytes[*took] >= '@' && bytes[*took] <= '~'))
			++*took;
		*took += *took < len;
		return KEY_NONE;
	}
	return (unsigned char)bytes[0];
}

static void move_to(struct screen *v, const struct snapshot *s, int64_t to)
{
	const int64_t last = (int64_t)v->shown_count - 1;

	to = to > last ? last : to;
	v->cursor = to > 0 ? (unsigned)to : 0;
	v->moved = true;
	if (v->shown_count > 0)
		v->marked = s->rows[v->shown[v->cursor]];
}

/* Where a key moves to from `at`; -1: it moves nothing. */
static int64_t key_moves(int key, int64_t at, int64_t page, int64_t last)
{
	switch (key) {
	case KEY_UP:
	case 'k':
		return at > 0 ? at - 1 : 0;
	case KEY_DOWN:
	case 'j':
		return at + 1;
	case KEY_PAGE_UP:
	case 'b' - 'a' + 1:
		return at > page ? at - page : 0;
	case KEY_PAGE_DOWN:
	case 'f' - 'a' + 1:
		return at + page;
	case KEY_HOME:
	case 'g':
		return 0;
	case KEY_END:
	case 'G':
		return last;
	default:
		return -1;
	}
}

static void key_filter(struct screen *v, int key)
{
	const size_t len = strlen(v->filter);

	if (key == KEY_ESCAPE)
		v->filter[0] = '\0';
	if (key == KEY_ESCAPE || key == '\r' || key == '\n')
		v->filtering = false;
	else if ((key == KEY_BACKSPACE || key == 8) && len > 0) {
		size_t at = len - 1;
		while (at > 0 && ((unsigned char)v->filter[at] & 0xc0) == 0x80)
			at--;
		v->filter[at] = '\0';
	} else if (key >= ' ' && key < 256 && key != KEY_BACKSPACE && len + 1 < sizeof v->filter) {
		v->filter[len] = (char)key;
		v->filter[len + 1] = '\0';
	}
}

static void want(struct screen *v, bool wants)
{
	v->wants = wants;
	v->wanted = v->marked;
	v->wants_changed = true;
	v->page = wants ? PAGE_DEVICE : PAGE_TABLE;
	v->detail_top = 0;
}

static void key_table(struct screen *v, const struct snapshot *s, int key)
{
	const int64_t to = key_moves(key, v->cursor, view_rows(v), v->shown_count);

	if (to >= 0)
		move_to(v, s, to);
	else if (key >= '1' && key < '1' + COLUMNS)
		v->sort = (enum column)(key - '1');
	else if (key == '/')
		v->filtering = true;
	else if ((key == '\r' || key == '\n') && v->shown_count > 0)
		want(v, true);
	else if (key == KEY_ESCAPE && v->filter[0])
		v->filter[0] = '\0';
	else if (key == KEY_ESCAPE) {
		v->moved = false;
		v->cursor = v->top = 0;
	}
}

static void key_device(struct screen *v, int key)
{
	const int64_t to = key_moves(key, v->detail_top, view_rows(v), UINT32_MAX / 2);

	if (to >= 0)
		v->detail_top = (unsigned)to;
	else if (key == KEY_ESCAPE || key == '\r' || key == '\n' || key == KEY_BACKSPACE)
		want(v, false);
}

void view_key(struct screen *v, const struct snapshot *s, int key)
{
	const bool ends = key == 3 /* Ctrl-C */ || (key == 'q' && !v->filtering);

	if (ends) {
		v->quit = true;
	} else if (v->filtering) {
		key_filter(v, key);
	} else if (key == ' ') {
		v->paused = !v->paused;
	} else if (v->page == PAGE_HELP) {
		v->page = v->wants ? PAGE_DEVICE : PAGE_TABLE;
	} else if (key == '?') {
		v->page = PAGE_HELP;
	} else if (v->page == PAGE_DEVICE) {
		key_device(v, key);
	} else {
		key_table(v, s, key);
	}
	view_update(v, s);
}

/* ---- drawing ---- */

/* A picture: lines are set at their places, so that nothing scrolls. */
struct picture {
	const struct screen *v;
	FILE *out;
	unsigned line;
};

static const char BOLD[] = "\x1b[1m", REVERSE[] = "\x1b[7m", DIM[] = "\x1b[2m";

/* One line of escaped text, cut or filled to the width. */
static void put_line(struct picture *p, const char *style, const char *escaped)
{
	char line[4096];

	if (p->line >= p->v->height)
		return;
	text_fit(escaped, p->v->width, false, line, sizeof line);
	fprintf(p->out, "\x1b[%u;1H%s%s%s\x1b[K", ++p->line, style, line, *style ? "\x1b[0m" : "");
}

static void draw_title(struct picture *p, const struct snapshot *s)
{
	const struct screen *v = p->v;
	char title[1024], what[512], devices[32], time[TIME_TEXT] = "";

	const char *slash = strrchr(v->what, '/'), *name = slash ? slash + 1 : v->what;

	escape_text(name, strlen(name), what, sizeof what);
	if (s->time_ns)
		time_format(s->time_ns, time);
	snprintf(title, sizeof title, " havainto  %s  %s device%s%s%s  %.10s %.8s", what,
	         count_format(s->devices, devices), s->devices == 1 ? "" : "s",
	         v->paused ? "  PAUSED" : "", v->ended ? "  END OF CAPTURE" : "", time,
	         s->time_ns ? time + 11 : "");
	put_line(p, REVERSE, title);
}

static void draw_columns(struct picture *p, const struct table_layout *l)
{
	char line[TABLE_LINE], title[64];
	size_t at = 0;

	for (unsigned c = 0; c < COLUMNS; c++) {
		if (l->width[c] == 0)
			continue;
		snprintf(title, sizeof title, "%s%s", column_title((enum column)c),
		         p->v->sort == (enum column)c ? "\u25be" : "");
		at += (size_t)snprintf(line + at, sizeof line - at, "%s", at > 0 ? "  " : "");
		at += text_fit(title, l->width[c], column_is_number((enum column)c), line + at,
		               sizeof line - at);
	}
	put_line(p, p->v->colours ? BOLD : "", line);
}

static void draw_rows(struct picture *p, const struct snapshot *s, uint64_t now_ns)
{
	static struct snapshot_row rows[512]; /* those on the screen; more lines no terminal has */
	const struct screen *v = p->v;
	const unsigned room = view_rows(v);
	struct table_layout layout;
	static char line[TABLE_LINE];
	unsigned count = 0;

	for (unsigned i = v->top; i < v->shown_count && count < room && count < COUNT_OF(rows); i++)
		rows[count++] = s->rows[v->shown[i]];
	table_fit(&layout, rows, count, now_ns, v->width);
	draw_columns(p, &layout);
	for (unsigned i = 0; i < count; i++) {
		table_line(&layout, &rows[i], now_ns, line);
		put_line(p, v->top + i == v->cursor && v->moved ? REVERSE : "", line);
	}
	if (v->shown_count == 0)
		put_line(p, v->colours ? DIM : "",
		         v->filter[0] ? "  no device has this in its row"
		         : s->number  ? "  no device yet"
		         : v->ended   ? "  nothing was read"
		                      : "  waiting for the first frames");
}

static void draw_health(struct picture *p, const struct snapshot *s)
{
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {
		{"frames", s->frames},       {"dropped", s->dropped}, {"malformed", s->malformed},
		{"unclaimed", s->unclaimed}, {"refused", s->refused}, {"evicted", s->evicted},
	};
	char line[512], number[32];
	size_t at = 0;

	for (size_t i = 0; i < COUNT_OF(counts); i++)
		at += (size_t)snprintf(line + at, sizeof line - at, "%s%s %s", i > 0 ? "  " : " ",
		                       counts[i].name, count_format(counts[i].n, number));
	p->line = p->v->height - FOOT_LINES;
	put_line(p,
	         p->v->colours ? s->dropped + s->refused + s->evicted > 0 ? "\x1b[1;33m" : DIM : "",
	         line);
}

static void draw_keys(struct picture *p)
{
	const struct screen *v = p->v;
	char line[512], filter[256];

	escape_text(v->filter, strlen(v->filter), filter, sizeof filter);
	if (v->filtering)
		snprintf(line, sizeof line, " /%s\u258f  Enter keep  Esc all", filter);
	else if (v->page == PAGE_DEVICE)
		snprintf(line, sizeof line, " Esc back  j k scroll  Space pause  ? help  q quit");
	else if (v->filter[0])
		snprintf(line, sizeof line, " /%s: %u devices  Esc all  q quit", filter,
		         v->shown_count);
	else
		snprintf(line, sizeof line,
		         " 1-7 sort  / filter  Enter device  Space pause  ? help  q quit");
	p->line = v->height - 1;
	put_line(p, v->filtering ? "" : REVERSE, line);
}

static void draw_help(struct picture *p)
{
	static const char *const lines[] = {
		"",
		"  1-7          sort by a column",
		"  j k, arrows  move; PgUp PgDn Home End too",
		"  Enter        all that is known of the device",
		"  Esc          back; all devices; the top",
		"  /            only devices with these letters",
		"  Space        hold still",
		"  q            end",
		"",
		"  Any key goes back.",
	};

	for (size_t i = 0; i < COUNT_OF(lines) && p->line < p->v->height - FOOT_LINES; i++)
		put_line(p, "", lines[i]);
}

/*
 * Text with '\n', each line over as many of the screen as it takes, from `top` on; returns how many
 * there are.
 */
static unsigned draw_text(struct picture *p, const char *text, unsigned top)
{
	const unsigned last = p->v->height - FOOT_LINES, indent = 4;
	unsigned number = 0;

	while (*text) {
		const size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);
		unsigned width = p->v->width, took;

		for (const char *at = line; at && (at == line || *at);) {
			char part[4096];
			const size_t n = text_cut(at, width, &took);
			snprintf(part, sizeof part, "%*s%.*s", at == line ? 0 : (int)indent, "",
			         (int)n, at);
			if (number++ >= top && p->line < last)
				put_line(p, "", part);
			at += n;
			width = p->v->width > 2 * indent ? p->v->width - indent : p->v->width;
			if (n == 0)
				break;
		}
		free(line);
		text += len + (text[len] == '\n');
	}
	return number;
}

static void write_device(const json_t *device, FILE *out)
{
	static const char *const keys[] = {"realm", "vendor",     "os",       "model",
	                                   "type",  "first_seen", "last_seen"};
	struct snapshot_row row;
	char cell[CELL_MAX];

	device_row(device, &row);
	fprintf(out, "%s  %s\n", table_cell(&row, COL_DEVICE, 0, cell),
	        *json_text(device, "mac") ? "" : json_text(device, "ip"));
	if (row.name[0])
		fprintf(out, "  %-10s %s\n", "name", table_cell(&row, COL_NAME, 0, cell));
	if (row.roles[0])
		fprintf(out, "  %-10s %s\n", "roles", table_cell(&row, COL_ROLES, 0, cell));
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		const char *text = json_text(device, keys[i]);
		if (!*text)
			continue;
		escape_text(text, strlen(text), cell, sizeof cell);
		fprintf(out, "  %-10s %s\n", keys[i], cell);
	}
	fprintf(out, "  %-10s %s packets\n\n", "sent", table_cell(&row, COL_PACKETS, 0, cell));
	facts_print(device, out);
}

/* Of the device that was asked for; NULL: the snapshot does not have it yet. */
static char *device_text(const struct screen *v, const struct snapshot *s)
{
	json_t *device =
		s->detail_len ? json_loadb(s->detail, s->detail_len, JSON_ALLOW_NUL, NULL) : NULL;
	struct snapshot_row row;
	char *text = NULL;
	size_t len = 0;

	if (!device)
		return NULL;
	device_row(device, &row);
	FILE *out = same_device(&row, &v->wanted) ? open_memstream(&text, &len) : NULL;
	if (out) {
		write_device(device, out);
		fclose(out);
	}
	json_decref(device);
	return text;
}

static void draw_device(struct picture *p, struct screen *v, const struct snapshot *s)
{
	char *text = device_text(v, s);
	const unsigned room = v->height - FOOT_LINES - p->line;

	if (!text) {
		put_line(p, "", v->paused ? "  held still: Space goes on" : "  ...");
		return;
	}
	struct picture probe = *p;
	probe.line = v->height;
	const unsigned lines = draw_text(&probe, text, 0);
	if (v->detail_top + room > lines)
		v->detail_top = lines > room ? lines - room : 0;
	draw_text(p, text, v->detail_top);
	free(text);
}

char *view_draw(struct screen *v, const struct snapshot *s, uint64_t now_ns, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	struct picture p = {v, out, 0};

	if (!out)
		return NULL;
	draw_title(&p, s);
	if (v->page == PAGE_TABLE)
		draw_rows(&p, s, now_ns);
	else if (v->page == PAGE_DEVICE)
		draw_device(&p, v, s);
	else
		draw_help(&p);
	while (p.line < v->height - FOOT_LINES)
		put_line(&p, "", "");
	draw_health(&p, s);
	draw_keys(&p);
	fclose(out);
	return text;
}
