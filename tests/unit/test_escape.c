/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_escape.c - nothing that a network says moves a cursor, hides text or forges a line of the
 * terminal.
 */
#include "base/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *escaped(const char *text, size_t len)
{
	static char out[4096];
	const size_t n = escape_text(text, len, out, sizeof out);

	assert_int_equal(n, strlen(out));
	return out;
}
#define ESCAPED(literal) escaped("" literal, sizeof(literal) - 1)

static void plain_text_stays(void **state)
{
	(void)state;
	assert_string_equal(ESCAPED("kitchen-2 (spare)"), "kitchen-2 (spare)");
	assert_string_equal(ESCAPED("Küche 厨房 \U0001f600"), "Küche 厨房 \U0001f600");
}

static void controls_become_visible(void **state)
{
	(void)state;
	assert_string_equal(ESCAPED("a\x1b[2Jb"), "a\\x1b[2Jb");
	assert_string_equal(ESCAPED("a\0b\n\t\x7f"), "a\\x00b\\x0a\\x09\\x7f");
	assert_string_equal(ESCAPED("a\xc2\x9b"
	                            "31m"),
	                    "a\\x9b31m"); /* C1: CSI in one */
	assert_string_equal(ESCAPED("a\\x1b"), "a\\\\x1b");
}

static void marks_that_turn_or_hide_become_visible(void **state)
{
	(void)state;
	assert_string_equal(ESCAPED("\u202e"
	                            "exe"),
	                    "\\u{202e}exe");
	assert_string_equal(ESCAPED("a\u200b"
	                            "b\ufeff"),
	                    "a\\u{200b}b\\u{feff}");
	assert_string_equal(ESCAPED("\U000e0041"), "\\u{e0041}");
}

static void bytes_that_are_no_utf8_become_visible(void **state)
{
	(void)state;
	assert_string_equal(ESCAPED("\xff\xc0\x80"), "\\xff\\xc0\\x80");
	assert_string_equal(ESCAPED("\xe4"), "\\xe4");
	assert_string_equal(ESCAPED("\xed\xa0\x80"), "\\xed\\xa0\\x80"); /* a surrogate */
	assert_string_equal(ESCAPED("\xe2\x82"), "\\xe2\\x82");          /* cut */
}

static void no_byte_below_32_ever_comes_out(void **state)
{
	uint64_t seed = 1;
	char text[64], out[4096];

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		for (size_t i = 0; i < sizeof text; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			text[i] = (char)(seed >> 56);
		}
		const size_t n = escape_text(text, sizeof text, out, sizeof out);
		for (size_t i = 0; i < n; i++)
			assert_true((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
	}
}

static void what_does_not_fit_is_cut_at_a_character(void **state)
{
	char out[6];

	(void)state;
	assert_int_equal(escape_text("abc\x1b", 4, out, sizeof out), 3);
	assert_string_equal(out, "abc");
	assert_int_equal(escape_text("abc厨", 6, out, sizeof out), 3);
	assert_int_equal(escape_text("ab", 2, out, 0), 0);
}

static void widths_are_those_of_a_terminal(void **state)
{
	(void)state;
	assert_int_equal(escape_width("abc"), 3);
	assert_int_equal(escape_width("厨房"), 4);
	assert_int_equal(escape_width("e\u0301"), 1);
	assert_int_equal(escape_width(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays),
		cmocka_unit_test(controls_become_visible),
		cmocka_unit_test(marks_that_turn_or_hide_become_visible),
		cmocka_unit_test(bytes_that_are_no_utf8_become_visible),
		cmocka_unit_test(no_byte_below_32_ever_comes_out),
		cmocka_unit_test(what_does_not_fit_is_cut_at_a_character),
		cmocka_unit_test(widths_are_those_of_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
