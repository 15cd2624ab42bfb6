/* SPDX-License-Identifier: Apache-2.0 */
/* test_text.c - a bounded text says what was put into it, and no more. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(const struct text *t, const char *expected)
{
	assert_string_equal(t->s, expected);
	assert_int_equal(t->len, strlen(expected));
}

static void a_text_keeps_every_byte(void **state)
{
	struct text t;

	(void)state;
	text_clear(&t);
	for (unsigned b = 1; b < 256; b++)
		text_put(&t, (uint8_t)b);
	assert_int_equal(t.len, 255);
	for (unsigned b = 1; b < 256; b++)
		assert_int_equal(text_byte(t.s[b - 1]), b);
	assert_int_equal(t.s[255], 0);
}

static void a_full_text_stays_as_it_is(void **state)
{
	struct text t, before;

	(void)state;
	text_clear(&t);
	for (unsigned i = 0; i < 255; i++)
		text_put(&t, 'x');
	before = t;
	text_put(&t, 'y');
	text_add(&t, "more");
	text_decimal(&t, 7);
	text_hex(&t, 7);
	assert_false(text_utf8(&t, 'y'));
	assert_memory_equal(&t, &before, sizeof t);
}

static void constants_and_numbers_follow_one_another(void **state)
{
	struct text t;

	(void)state;
	text_clear(&t);
	text_add(&t, "v");
	text_decimal(&t, 0);
	text_add(&t, ".");
	text_decimal(&t, 10);
	text_add(&t, ".");
	text_decimal(&t, 4294967295u);
	text_add(&t, "-");
	text_hex(&t, 0x0a);
	text_hex(&t, 0xf9);
	assert_text(&t, "v0.10.4294967295-0af9");
}

static void decimal_numbers_have_no_leading_zero(void **state)
{
	static const uint32_t numbers[] = {0,   1,         9,          10,         99,
	                                   100, 999999999, 1000000000, 3999999999u};
	static const char *const written[] = {"0",   "1",         "9",          "10",        "99",
	                                      "100", "999999999", "1000000000", "3999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct text t;
		text_clear(&t);
		text_decimal(&t, numbers[i]);
		assert_text(&t, written[i]);
	}
}

static void code_points_are_utf8_or_nothing(void **state)
{
	struct text t;

	(void)state;
	text_clear(&t);
	assert_true(text_utf8(&t, 0x7f));
	assert_true(text_utf8(&t, 0x80));
	assert_true(text_utf8(&t, 0x7ff));
	assert_true(text_utf8(&t, 0x800));
	assert_true(text_utf8(&t, 0xffff));
	assert_true(text_utf8(&t, 0x10000));
	assert_true(text_utf8(&t, 0x10ffff));
	assert_false(text_utf8(&t, 0x110000));
	assert_text(&t,
	            "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

static void a_code_point_is_not_cut(void **state)
{
	(void)state;
	for (unsigned room = 0; room < 4; room++) {
		struct text t;
		text_clear(&t);
		for (unsigned i = 0; i < 255 - room; i++)
			text_put(&t, 'x');
		assert_false(text_utf8(&t, 0x1f600));
		assert_int_equal(t.len, 255 - room);
	}
}

static void a_text_is_what_it_says_and_nothing_shorter_or_longer(void **state)
{
	struct text t;

	(void)state;
	text_clear(&t);
	assert_true(text_is(&t, ""));
	text_add(&t, "router\xff");
	assert_true(text_is(&t, "router\xff"));
	assert_false(text_is(&t, "router"));
	assert_false(text_is(&t, "router\xff."));
	assert_false(text_is(&t, "Router\xff"));
}

static void lower_case_is_for_ascii_letters(void **state)
{
	struct text t;

	(void)state;
	text_clear(&t);
	text_add(&t, "AZaz@[`{09\xc4\xd6");
	text_lower(&t);
	assert_text(&t, "azaz@[`{09\xc4\xd6");
}

static void trim_takes_spaces_and_zeros_at_the_end_only(void **state)
{
	struct text t;

	(void)state;
	text_clear(&t);
	text_add(&t, "  a b \0 \0");
	text_trim(&t);
	assert_text(&t, "  a b");
	text_clear(&t);
	text_add(&t, "   ");
	text_trim(&t);
	assert_text(&t, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_keeps_every_byte),
		cmocka_unit_test(a_full_text_stays_as_it_is),
		cmocka_unit_test(constants_and_numbers_follow_one_another),
		cmocka_unit_test(decimal_numbers_have_no_leading_zero),
		cmocka_unit_test(code_points_are_utf8_or_nothing),
		cmocka_unit_test(a_code_point_is_not_cut),
		cmocka_unit_test(a_text_is_what_it_says_and_nothing_shorter_or_longer),
		cmocka_unit_test(lower_case_is_for_ascii_letters),
		cmocka_unit_test(trim_takes_spaces_and_zeros_at_the_end_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
