/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_wordings.c - a text that was composed is known again, whole, and no other is taken for it.
 */
#include "observe/wordings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct wordings wordings;

static int start(void **state)
{
	(void)state;
	if (arena_init(&arena, WORDINGS * sizeof(struct wording) + 64) != 0)
		return -1;
	return wordings_init(&wordings, &arena) ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct text text_of(const char *s)
{
	struct text text;

	text_clear(&text);
	text_add_bytes(&text, s, (uint32_t)strlen(s));
	return text;
}

static void what_was_kept_is_found_and_nothing_else(void **state)
{
	const struct text ja3 = text_of("0123456789abcdef"), empty = text_of("");
	struct text found = text_of("longer than what is found, as it was");

	(void)state;
	assert_false(wordings_find(&wordings, 7, &found));
	assert_false(wordings_find(&wordings, 0, &found)); /* free places have this digest */
	wordings_keep(&wordings, 7, &ja3);
	wordings_keep(&wordings, 8, &empty);
	assert_false(wordings_find(&wordings, 7 + WORDINGS, &found)); /* of the same place */
	assert_string_equal(found.s, "longer than what is found, as it was");
	assert_true(wordings_find(&wordings, 7, &found));
	assert_int_equal(found.len, 16);
	assert_string_equal(found.s, "0123456789abcdef");
	assert_true(wordings_find(&wordings, 8, &found));
	assert_string_equal(found.s, "");
}

static void the_later_of_two_has_the_place(void **state)
{
	const struct text first = text_of("first"), later = text_of("later");
	struct text found;

	(void)state;
	wordings_keep(&wordings, 7, &first);
	wordings_keep(&wordings, 7 + WORDINGS, &later);
	assert_false(wordings_find(&wordings, 7, &found));
	assert_true(wordings_find(&wordings, 7 + WORDINGS, &found));
	assert_string_equal(found.s, "later");
}

static void what_is_longer_than_a_place_is_composed_each_time(void **state)
{
	char s[WORDING_MAX + 2];
	struct text text, found;

	(void)state;
	memset(s, 'x', sizeof s);
	s[WORDING_MAX + 1] = 0;
	text = text_of(s);
	wordings_keep(&wordings, 7, &text);
	assert_false(wordings_find(&wordings, 7, &found));
	s[WORDING_MAX] = 0;
	text = text_of(s);
	wordings_keep(&wordings, 7, &text);
	assert_true(wordings_find(&wordings, 7, &found));
	assert_string_equal(found.s, s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_kept_is_found_and_nothing_else, start,
	                                        stop),
		cmocka_unit_test_setup_teardown(the_later_of_two_has_the_place, start, stop),
		cmocka_unit_test_setup_teardown(what_is_longer_than_a_place_is_composed_each_time,
	                                        start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
