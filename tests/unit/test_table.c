/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_table.c - tables fit where they are shown, whatever the network calls its devices; keys of
 * the live one.
 */
#include "base/clock.h"
#include "base/escape.h"
#include "cli/report_file.h"
#include "cli/tui_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct snapshot snapshot;
static struct screen screen;

static const char *const names[] = {
	"kitchen",
	"",
	"a\x1b[2J\x1b[31mred",
	"厨房のプリンター厨房のプリンター",
	"\u202eexe.cod",
	"a very long name that goes on and on and on and on",
	"e\u0301e\u0301",
	"\xff\xfe\xfd",
	"zeta",
	"back\\slash",
	"tab\there",
	"two\nlines",
};
enum { DEVICES = COUNT_OF(names) };

static void fill(void)
{
	snapshot = (struct snapshot){.number = 1,
	                             .time_ns = 1000 * CLOCK_SECOND,
	                             .devices = DEVICES,
	                             .row_count = DEVICES};
	for (unsigned i = 0; i < DEVICES; i++) {
		struct snapshot_row *row = &snapshot.rows[i];

		row->mac = (struct mac){{2, 0, 0, 0, 0, (uint8_t)(i + 1)}};
		row->mac_kind = MAC_RANDOM;
		row->ip = (struct ip){4, {10, 0, 0, (uint8_t)(100 - i)}};
		row->addresses = (uint16_t)(i % 3 + 1);
		row->packets = i * 1000003u;
		row->last_ns = (990 + i) * CLOCK_SECOND;
		snprintf(row->name, sizeof row->name, "%s", names[i]);
		snprintf(row->vendor, sizeof row->vendor, "%s", names[DEVICES - 1 - i]);
		snprintf(row->roles, sizeof row->roles, "dhcp-server,router");
	}
	screen = (struct screen){.what = "eth0", .width = 80, .height = 24, .colours = true};
	view_update(&screen, &snapshot);
}

static void lines_fit_any_width(void **state)
{
	static char line[TABLE_LINE];
	struct table_layout layout;

	(void)state;
	fill();
	for (unsigned width = 1; width < 220; width++) {
		table_fit(&layout, snapshot.rows, DEVICES, 0, width);
		for (unsigned i = 0; i <= DEVICES; i++) {
			table_line(&layout, i < DEVICES ? &snapshot.rows[i] : NULL, 0, line);
			assert_true(escape_width(line) <= width);
			for (const char *c = line; *c; c++)
				assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
		}
	}
}

static void columns_stand_below_one_another(void **state)
{
	static char line[TABLE_LINE];
	struct table_layout layout;

	(void)state;
	fill();
	table_fit(&layout, snapshot.rows, DEVICES, 0, 100);
	for (unsigned i = 0; i < DEVICES; i++) {
		char mac[MAC_TEXT], cut[64];
		unsigned took;

		table_line(&layout, &snapshot.rows[i], 0, line);
		assert_int_equal(strncmp(line, mac_format(snapshot.rows[i].mac, mac), MAC_TEXT - 1),
		                 0);
		const size_t at = text_cut(line, layout.width[COL_DEVICE] + 2, &took);
		snprintf(cut, sizeof cut, "10.0.0.%u", 100 - i);
		assert_int_equal(strncmp(line + at, cut, strlen(cut)), 0);
	}
}

static void texts_are_cut_at_characters_and_filled(void **state)
{
	char out[256];

	(void)state;
	text_fit("abc", 6, false, out, sizeof out);
	assert_string_equal(out, "abc   ");
	text_fit("abc", 6, true, out, sizeof out);
	assert_string_equal(out, "   abc");
	text_fit("abcdef", 4, false, out, sizeof out);
	assert_string_equal(out, "abc\u2026");
	text_fit("厨房厨房", 4, false, out, sizeof out); /* no half of a wide one */
	assert_string_equal(out, "厨\u2026 ");
	text_fit("abc", 0, false, out, sizeof out);
	assert_string_equal(out, "");
	assert_int_equal(text_fit("abcdef", 6, false, out, 4), 0);
}

static void counts_have_commas(void **state)
{
	char out[32];

	(void)state;
	assert_string_equal(count_format(0, out), "0");
	assert_string_equal(count_format(999, out), "999");
	assert_string_equal(count_format(1000, out), "1,000");
	assert_string_equal(count_format(UINT64_MAX, out), "18,446,744,073,709,551,615");
}

static void orders_are_total(void **state)
{
	(void)state;
	fill();
	for (unsigned c = 0; c < COLUMNS; c++) {
		for (unsigned i = 0; i < DEVICES; i++) {
			for (unsigned k = 0; k < DEVICES; k++) {
				const int there = table_compare(&snapshot.rows[i],
				                                &snapshot.rows[k], (enum column)c);
				const int back = table_compare(&snapshot.rows[k], &snapshot.rows[i],
				                               (enum column)c);
				assert_true((there > 0) == (back < 0) && (there == 0) == (i == k));
			}
		}
	}
	assert_true(table_compare(&snapshot.rows[5], &snapshot.rows[4], COL_PACKETS) < 0);
	assert_true(table_compare(&snapshot.rows[5], &snapshot.rows[4], COL_SEEN) < 0);
	assert_true(table_compare(&snapshot.rows[5], &snapshot.rows[4], COL_ADDRESS) < 0);
	assert_true(table_compare(&snapshot.rows[8], &snapshot.rows[1], COL_NAME) <
	            0); /* empty: last */
}

/* ---- the live table ---- */

static void press(const char *keys)
{
	for (; *keys; keys++)
		view_key(&screen, &snapshot, (unsigned char)*keys);
}

/*
 * The picture as a terminal would show it; fails if anything in it but our own sequences moves the
 * cursor.
 */
static char *picture(void)
{
	static char shown[200 * 1024];
	size_t len = 0, at = 0;
	char *text = view_draw(&screen, &snapshot, 1001 * CLOCK_SECOND, &len);

	assert_non_null(text);
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\x1b') {
			assert_true((unsigned char)text[i] >= ' ');
			shown[at++] = text[i];
			continue;
		}
		assert_true(text[++i] == '[');
		i += strspn(text + i + 1, "0123456789;") + 1;
		assert_non_null(strchr("HmK", text[i]));
		if (text[i] == 'H')
			shown[at++] = '\n';
	}
	shown[at] = '\0';
	free(text);
	return shown;
}

static void pictures_fit_any_terminal(void **state)
{
	static const char *const pages[] = {"", "/k", "\x1b?", "\x1b\x1b\r", "\x1b 6"};

	(void)state;
	for (unsigned p = 0; p < COUNT_OF(pages); p++) {
		for (unsigned width = 5; width < 130; width += 5) {
			for (unsigned height = 5; height < 40; height += 5) {
				fill();
				screen.width = width;
				screen.height = height;
				press(pages[p]);
				char *line = picture(), *save = NULL;
				unsigned lines = 0;
				for (line = strtok_r(line, "\n", &save); line;
				     line = strtok_r(NULL, "\n", &save)) {
					assert_true(escape_width(line) <= width);
					lines++;
				}
				assert_true(lines <= height);
			}
		}
	}
}

static void keys_sort_filter_and_pause(void **state)
{
	(void)state;
	fill();
	press("6");
	assert_int_equal(snapshot.rows[screen.shown[0]].packets, (DEVICES - 1) * 1000003u);
	press("/kit");
	assert_int_equal(screen.shown_count, 2); /* by name and by vendor */
	assert_non_null(strstr(picture(), "/kit"));
	press("\x7f\x7f\x7fZETA\r");
	assert_int_equal(screen.shown_count, 2);
	assert_false(screen.filtering);
	press("\x1b");
	assert_int_equal(screen.shown_count, DEVICES);
	press(" ");
	assert_true(screen.paused);
	assert_non_null(strstr(picture(), "PAUSED"));
	press("q");
	assert_true(screen.quit);
}

static void q_in_a_filter_is_a_letter(void **state)
{
	(void)state;
	fill();
	press("/q");
	assert_false(screen.quit);
	assert_string_equal(screen.filter, "q");
	press("\x03");
	assert_true(screen.quit);
}

static void the_cursor_stays_with_its_device(void **state)
{
	(void)state;
	fill();
	press("jj");
	const struct mac mac = snapshot.rows[screen.shown[2]].mac;
	assert_int_equal(screen.cursor, 2);
	press("6");
	assert_true(mac_equal(snapshot.rows[screen.shown[screen.cursor]].mac, mac));
	press("\r");
	assert_true(screen.wants && screen.wants_changed && mac_equal(screen.wanted.mac, mac));
	press("\x1b");
	assert_false(screen.wants);
	press("G");
	assert_int_equal(screen.cursor, DEVICES - 1);
	press("g");
	assert_int_equal(screen.cursor, 0);
}

static void a_device_page_shows_what_is_known(void **state)
{
	static const char detail[] =
		"{\"mac\":\"02:00:00:00:00:01\",\"realm\":\"\",\"vendor\":\"V\",\"name\":\"k\\u001b[2J\",\"roles\":[\"router\"],"
		"\"packets\":7,\"facts\":[{\"kind\":\"name.host\",\"value\":\"k\\u001b[2J\\u0000\",\"by\":\"dhcp\",\"count\":3}]}";

	(void)state;
	fill();
	press("\r");
	assert_non_null(strstr(picture(), "..."));
	memcpy(snapshot.detail, detail, sizeof detail - 1);
	snapshot.detail_len = sizeof detail - 1;
	const char *shown = picture();
	assert_non_null(strstr(shown, "name.host"));
	assert_non_null(strstr(shown, "k\\x1b[2J\\x00"));
	press("j");
	press("\x1b\x1bj\r"); /* another device: this detail is not its */
	assert_null(strstr(picture(), "name.host"));
}

static void sequences_of_a_terminal_are_keys(void **state)
{
	size_t took;

	(void)state;
	assert_int_equal(key_read("\x1b[A", 3, &took), KEY_UP);
	assert_int_equal(took, 3);
	assert_int_equal(key_read("\x1b[6~x", 5, &took), KEY_PAGE_DOWN);
	assert_int_equal(took, 4);
	assert_int_equal(key_read("\x1b", 1, &took), KEY_ESCAPE);
	assert_int_equal(key_read("\x1b[1;5Cq", 7, &took), KEY_NONE);
	assert_int_equal(took, 6);
	assert_int_equal(key_read("\x1b[1", 3, &took), KEY_NONE);
	assert_int_equal(took, 3);
	assert_int_equal(key_read("q", 1, &took), 'q');
}

static void times_are_read_as_they_are_written(void **state)
{
	static const uint64_t times[] = {0, CLOCK_SECOND, 1700000000123456000u, 951827696000000000u,
	                                 4107542399999999000u};
	char text[TIME_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(times); i++)
		assert_int_equal(time_parse(time_format(times[i], text)), times[i]);
	assert_int_equal(time_parse("yesterday"), 0);
	assert_int_equal(time_parse(""), 0);
	assert_int_equal(time_parse("2026-13-01T00:00:00.000000Z"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_fit_any_width),
		cmocka_unit_test(columns_stand_below_one_another),
		cmocka_unit_test(texts_are_cut_at_characters_and_filled),
		cmocka_unit_test(counts_have_commas),
		cmocka_unit_test(orders_are_total),
		cmocka_unit_test(pictures_fit_any_terminal),
		cmocka_unit_test(keys_sort_filter_and_pause),
		cmocka_unit_test(q_in_a_filter_is_a_letter),
		cmocka_unit_test(the_cursor_stays_with_its_device),
		cmocka_unit_test(a_device_page_shows_what_is_known),
		cmocka_unit_test(sequences_of_a_terminal_are_keys),
		cmocka_unit_test(times_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
