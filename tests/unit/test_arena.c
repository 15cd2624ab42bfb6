/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_arena.c - a budget is kept to the byte.
 */
#include "base/arena.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void what_is_taken_is_zeroed_aligned_and_apart(void **state)
{
	struct arena a;

	(void)state;
	assert_int_equal(arena_init(&a, 1 << 16), 0);
	uint8_t *last = NULL;
	for (size_t align = 1; align <= 4096; align *= 2) {
		uint8_t *const p = arena_take(&a, 33, align);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % align, 0);
		assert_true(last == NULL || p >= last + 33);
		for (size_t i = 0; i < 33; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, 33);
		last = p;
	}
	arena_free(&a);
}

static void the_budget_is_kept_to_the_byte(void **state)
{
	struct arena a;

	(void)state;
	assert_int_equal(arena_init(&a, 1000), 0);
	assert_non_null(arena_take(&a, 900, 1));
	assert_null(arena_take(&a, 101, 1));
	assert_null(arena_take(&a, 98, 8)); /* 904 + 98 is 1002 */
	assert_null(arena_take(&a, SIZE_MAX, 1));
	assert_null(arena_take(&a, SIZE_MAX - 900, 8));
	assert_null(arena_take(&a, 1, 4096));
	assert_int_equal(a.used, 900);
	assert_non_null(arena_take(&a, 100, 1));
	assert_null(arena_take(&a, 1, 1));
	arena_free(&a);
	assert_null(arena_take(&a, 1, 1));
	arena_free(&a);
}

static size_t resident_pages(void)
{
	size_t total = 0, resident = 0;
	FILE *const f = fopen("/proc/self/statm", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%zu %zu", &total, &resident), 2);
	fclose(f);
	return resident;
}

static void a_large_budget_costs_only_what_is_written(void **state)
{
	const size_t before = resident_pages();
	struct arena a;

	(void)state;
	assert_int_equal(arena_init(&a, (size_t)4 << 30), 0);
	uint8_t *const p = arena_take(&a, (size_t)3 << 30, 64);
	assert_non_null(p);
	p[0] = p[(size_t)2 << 30] = 1;
	assert_true(resident_pages() < before + 2048);
	arena_free(&a);
}

static void what_the_kernel_refuses_is_an_error(void **state)
{
	struct arena a;

	(void)state;
	assert_int_equal(arena_init(&a, SIZE_MAX / 2), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken_is_zeroed_aligned_and_apart),
		cmocka_unit_test(the_budget_is_kept_to_the_byte),
		cmocka_unit_test(a_large_budget_costs_only_what_is_written),
		cmocka_unit_test(what_the_kernel_refuses_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
