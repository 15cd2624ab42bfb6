/* SPDX-License-Identifier: Apache-2.0 */
/* test_scratch.c - the second buffer takes what fits whole, and base64 as the RFC has it. */
#include "base/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct scratch scratch;

static struct cur over(const char *text)
{
	return cur_make((const uint8_t *)text, strlen(text));
}

static void assert_scratch(const char *expected)
{
	const struct cur c = scratch_cursor(&scratch);

	assert_int_equal(cur_left(&c), strlen(expected));
	assert_memory_equal(cur_bytes(&c), expected, strlen(expected));
}

static int start(void **state)
{
	(void)state;
	scratch_reset(&scratch);
	return 0;
}

static void pieces_become_one_window(void **state)
{
	struct cur a = over("first "), b = over("second");

	(void)state;
	assert_true(scratch_add(&scratch, &a));
	assert_true(scratch_add(&scratch, &b));
	assert_true(scratch_put(&scratch, '.'));
	assert_scratch("first second.");
	assert_int_equal(cur_left(&a), 0);
	assert_true(cur_ok(&a));
	scratch_reset(&scratch);
	assert_scratch("");
}

static void a_window_of_nothing_adds_nothing(void **state)
{
	struct cur none = {0}, bad = over("abc");

	(void)state;
	assert_true(scratch_add(&scratch, &none));
	cur_fail(&bad);
	assert_false(scratch_add(&scratch, &bad));
	assert_scratch("");
}

static void what_does_not_fit_is_refused_whole(void **state)
{
	char *const big = calloc(1, SCRATCH_MAX);

	(void)state;
	assert_non_null(big);
	struct cur c = cur_make((const uint8_t *)big, SCRATCH_MAX - 1), two = over("ab");
	assert_true(scratch_add(&scratch, &c));
	assert_false(scratch_add(&scratch, &two));
	assert_int_equal(cur_left(&two), 2);
	assert_null(scratch_room(&scratch, 2));
	assert_null(scratch_room(&scratch, UINT32_MAX));
	assert_true(scratch_put(&scratch, 'x'));
	assert_false(scratch_put(&scratch, 'y'));
	c = scratch_cursor(&scratch);
	assert_int_equal(cur_left(&c), SCRATCH_MAX);
	free(big);
}

/* RFC 4648, 10; and the same without padding. */
static void base64_is_that_of_the_rfc(void **state)
{
	static const char *const encoded[] = {"",         "Zg==",     "Zm8=",     "Zm9v",
	                                      "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy", "Zm9vYg"};
	static const char *const plain[] = {"",     "f",     "fo",     "foo",
	                                    "foob", "fooba", "foobar", "foob"};

	(void)state;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		struct cur c = over(encoded[i]);
		scratch_reset(&scratch);
		assert_true(scratch_base64(&scratch, &c));
		assert_true(cur_ok(&c));
		assert_scratch(plain[i]);
	}
}

static void base64_knows_all_its_digits(void **state)
{
	struct cur c = over("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

	(void)state;
	assert_true(scratch_base64(&scratch, &c));
	struct cur out = scratch_cursor(&scratch);
	assert_int_equal(cur_left(&out), 48);
	assert_int_equal(cur_be24(&out), 0x001083);
	cur_seek(&out, 45);
	assert_int_equal(cur_be24(&out), 0xf3dfbf);
}

static void base64_of_other_bytes_adds_nothing(void **state)
{
	static const char *const refused[] = {"Zm9v!", "Zm 9v", "Zm9vY", "Z", "-_--"};

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct cur c = over(refused[i]);
		assert_false(scratch_base64(&scratch, &c));
		assert_false(cur_ok(&c));
		assert_scratch("");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(pieces_become_one_window, start),
		cmocka_unit_test_setup(a_window_of_nothing_adds_nothing, start),
		cmocka_unit_test_setup(what_does_not_fit_is_refused_whole, start),
		cmocka_unit_test_setup(base64_is_that_of_the_rfc, start),
		cmocka_unit_test_setup(base64_knows_all_its_digits, start),
		cmocka_unit_test_setup(base64_of_other_bytes_adds_nothing, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
