/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.c - see table.h.
 */
#include "cli/table.h"

#include "base/clock.h"
#include "base/escape.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { GAP = 2 };

/*
 * least: below it the column is left out rather than cut; rank: who gives way first, the greatest;
 * 0: never left out.
 */
static const struct {
	const char *title;
	bool number;
	unsigned least, most, rank;
} columns[COLUMNS] = {
	[COL_DEVICE] = {"DEVICE", false, 17, 21, 0}, [COL_ADDRESS] = {"ADDRESS", false, 15, 44, 1},
	[COL_NAME] = {"NAME", false, 8, 40, 2},      [COL_VENDOR] = {"VENDOR", false, 8, 40, 4},
	[COL_ROLES] = {"ROLES", false, 6, 40, 5},    [COL_PACKETS] = {"PACKETS", true, 8, 14, 3},
	[COL_SEEN] = {"SEEN", false, 6, 20, 6},
};

const char *column_title(enum column c)
{
	return columns[c].title;
}

bool column_is_number(enum column c)
{
	return columns[c].number;
}

/* ---- cells ---- */

char *count_format(uint64_t n, char out[32])
{
	char digits[24];
	const int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
	size_t at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

static void cell_device(const struct snapshot_row *row, char *out)
{
	char mac[MAC_TEXT];

	if (!mac_is_zero(row->mac))
		snprintf(out, CELL_MAX, "%s%s", row->joined ? "+ " : "", mac_format(row->mac, mac));
	else if (!mac_is_zero(row->via))
		snprintf(out, CELL_MAX, "via %s", mac_format(row->via, mac));
	else
		snprintf(out, CELL_MAX, "-");
}

static void cell_address(const struct snapshot_row *row, char *out)
{
	char ip[IP_TEXT];

	if (row->ip.family == 0)
		*out = '\0';
	else if (row->addresses > 1)
		snprintf(out, CELL_MAX, "%s +%u", ip_format(&row->ip, ip), row->addresses - 1u);
	else
		snprintf(out, CELL_MAX, "%s", ip_format(&row->ip, ip));
}

static void cell_vendor(const struct snapshot_row *row, char *out)
{
	if (row->vendor[0] == '\0' && row->mac_kind == MAC_RANDOM && !mac_is_zero(row->mac))
		snprintf(out, CELL_MAX, "(random address)");
	else
		escape_text(row->vendor, strlen(row->vendor), out, CELL_MAX);
}

/* How long ago: "now", "12 s", "3 min", "2 h", "5 d". */
static void put_ago(uint64_t then_ns, uint64_t now_ns, char *out)
{
	const uint64_t s = now_ns > then_ns ? (now_ns - then_ns) / CLOCK_SECOND : 0;

	if (s < 2)
		snprintf(out, CELL_MAX, "now");
	else if (s < 120)
		snprintf(out, CELL_MAX, "%" PRIu64 " s", s);
	else if (s < 7200)
		snprintf(out, CELL_MAX, "%" PRIu64 " min", s / 60);
	else if (s < 172800)
		snprintf(out, CELL_MAX, "%" PRIu64 " h", s / 3600);
	else
		snprintf(out, CELL_MAX, "%" PRIu64 " d", s / 86400);
}

static void cell_seen(const struct snapshot_row *row, uint64_t now_ns, char *out)
{
	char time[TIME_TEXT];

	if (row->last_ns == 0)
		*out = '\0'; /* others named it */
	else if (now_ns != 0)
		put_ago(row->last_ns, now_ns, out);
	else {
		time_format(row->last_ns, time);
		time[10] = ' ';
		snprintf(out, CELL_MAX, "%.19s", time);
	}
}

char *table_cell(const struct snapshot_row *row, enum column c, uint64_t now_ns, char out[CELL_MAX])
{
	char number[32];

	switch (c) {
	case COL_DEVICE:
		cell_device(row, out);
		break;
	case COL_ADDRESS:
		cell_address(row, out);
		break;
	case COL_NAME:
		escape_text(row->name, strlen(row->name), out, CELL_MAX);
		break;
	case COL_VENDOR:
		cell_vendor(row, out);
		break;
	case COL_ROLES:
		escape_text(row->roles, strlen(row->roles), out, CELL_MAX);
		break;
	case COL_PACKETS:
		snprintf(out, CELL_MAX, "%s", count_format(row->packets, number));
		break;
	case COL_SEEN:
		cell_seen(row, now_ns, out);
		break;
	case COLUMNS:
		*out = '\0';
		break;
	}
	return out;
}

/* ---- widths ---- */

static unsigned layout_sum(const struct table_layout *l)
{
	unsigned sum = 0, shown = 0;

	for (unsigned c = 0; c < COLUMNS; c++) {
		sum += l->width[c];
		shown += l->width[c] > 0;
	}
	return sum + (shown > 0 ? (shown - 1) * GAP : 0);
}

/* The widest column that may still be narrower; COLUMNS: none. */
static unsigned widest(const struct table_layout *l)
{
	unsigned best = COLUMNS;

	for (unsigned c = 0; c < COLUMNS; c++)
		if (l->width[c] > columns[c].least &&
		    (best == COLUMNS || l->width[c] > l->width[best]))
			best = c;
	return best;
}

/* Who is left out next; COLUMNS: nobody. */
static unsigned least_wanted(const struct table_layout *l)
{
	unsigned best = COLUMNS;

	for (unsigned c = 0; c < COLUMNS; c++)
		if (l->width[c] > 0 && columns[c].rank > 0 &&
		    (best == COLUMNS || columns[c].rank > columns[best].rank))
			best = c;
	return best;
}

void table_fit(struct table_layout *l, const struct snapshot_row *rows, size_t count,
               uint64_t now_ns, unsigned total)
{
	struct table_layout natural;
	char cell[CELL_MAX];

	for (unsigned c = 0; c < COLUMNS; c++) {
		size_t width =
			strlen(columns[c].title) + (now_ns != 0); /* live: the sign of the order */

		for (size_t i = 0; i < count && width < columns[c].most; i++) {
			const size_t w =
				escape_width(table_cell(&rows[i], (enum column)c, now_ns, cell));
			width = w > width ? w : width;
		}
		natural.width[c] = width < columns[c].most ? (unsigned)width : columns[c].most;
	}
	*l = natural;
	while (total > 0 && layout_sum(l) > total) {
		const unsigned narrower = widest(l);

		if (narrower < COLUMNS) {
			l->width[narrower]--;
			continue;
		}
		const unsigned out = least_wanted(l);
		if (out == COLUMNS)
			break;
		const struct table_layout was = *l;
		*l = natural; /* the others may be as wide as they like again */
		for (unsigned c = 0; c < COLUMNS; c++)
			if (was.width[c] == 0 || c == out)
				l->width[c] = 0;
	}
	if (total > 0 && layout_sum(l) > total)
		l->width[COL_DEVICE] = total;
}

/* ---- lines ---- */

static size_t character_len(const char *s)
{
	size_t n = 1;

	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

size_t text_cut(const char *text, unsigned width, unsigned *took)
{
	size_t at = 0;

	*took = 0;
	while (text[at]) {
		char one[8] = "";
		const size_t n = character_len(text + at);

		memcpy(one, text + at, n < sizeof one - 1 ? n : sizeof one - 1);
		const unsigned w = (unsigned)escape_width(one);
		if (*took + w > width)
			break;
		*took += w;
		at += n;
	}
	return at;
}

static size_t put_spaces(char *out, unsigned count)
{
	memset(out, ' ', count);
	return count;
}

size_t text_fit(const char *escaped, unsigned width, bool right, char *out, size_t cap)
{
	unsigned took = 0;
	size_t len = text_cut(escaped, width, &took), at = 0;
	const bool cut = escaped[len] != '\0';

	if (cut && width > 0)
		len = text_cut(escaped, width - 1, &took);
	if (len + width + 4 > cap) {
		out[0] = '\0';
		return 0;
	}
	const unsigned fill = width - took - (cut && width > 0 ? 1 : 0);
	if (right)
		at += put_spaces(out, fill);
	memcpy(out + at, escaped, len);
	at += len;
	if (cut && width > 0) {
		memcpy(out + at, "\u2026", 3);
		at += 3;
	}
	if (!right)
		at += put_spaces(out + at, fill);
	out[at] = '\0';
	return at;
}

/* "2026-11-23 05:00:17", or with less room "11-23 05:00", or "05:00". */
static const char *seen_short(char *cell, unsigned width)
{
	if (strlen(cell) <= width || strlen(cell) < 19)
		return cell;
	cell[16] = '\0';
	return width >= 11 ? cell + 5 : cell + 11;
}

size_t table_line(const struct table_layout *l, const struct snapshot_row *row, uint64_t now_ns,
                  char out[TABLE_LINE])
{
	char cell[CELL_MAX];
	size_t at = 0;

	for (unsigned c = 0; c < COLUMNS; c++) {
		if (l->width[c] == 0)
			continue;
		if (at > 0)
			at += put_spaces(out + at, GAP);
		const char *text =
			row ? table_cell(row, (enum column)c, now_ns, cell) : columns[c].title;
		if (row && c == COL_SEEN)
			text = seen_short(cell, l->width[c]);
		at += text_fit(text, l->width[c], columns[c].number, out + at, TABLE_LINE - at);
	}
	while (at > 0 && out[at - 1] == ' ')
		at--;
	out[at] = '\0';
	return at;
}

/* ---- order ---- */

static int numbers_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Empty ones come last. */
static int texts_compare(const char *a, const char *b)
{
	if (!*a != !*b)
		return *a ? -1 : 1;
	return strcasecmp(a, b);
}

static int rows_compare(const struct snapshot_row *a, const struct snapshot_row *b)
{
	int order = strcmp(a->realm, b->realm);

	order = order ? order : memcmp(&a->mac, &b->mac, sizeof a->mac);
	return order ? order : ip_compare(&a->ip, &b->ip);
}

int table_compare(const struct snapshot_row *a, const struct snapshot_row *b, enum column by)
{
	int order = 0;

	switch (by) {
	case COL_ADDRESS:
		order = a->ip.family == 0 || b->ip.family == 0 ? b->ip.family - a->ip.family
		                                               : ip_compare(&a->ip, &b->ip);
		break;
	case COL_NAME:
		order = texts_compare(a->name, b->name);
		break;
	case COL_VENDOR:
		order = texts_compare(a->vendor, b->vendor);
		break;
	case COL_ROLES:
		order = texts_compare(a->roles, b->roles);
		break;
	case COL_PACKETS:
		order = numbers_compare(b->packets, a->packets);
		break;
	case COL_SEEN:
		order = numbers_compare(b->last_ns, a->last_ns);
		break;
	case COL_DEVICE:
	case COLUMNS:
		break;
	}
	return order ? order : rows_compare(a, b);
}
