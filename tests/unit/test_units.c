/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_units.c - no two runs ever share a unit, what was given back is had again, also as part of
 * larger runs, and a full memory says so.
 */
#include "asset/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SIZE 5000u
#define RUNS 400u

struct run {
	uint32_t at, n; /* n 0: none */
};

static struct arena memory;
static struct units units;
static struct run runs[RUNS];
static uint64_t seed;

static uint32_t below(uint32_t most)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 33) % most;
}

static int start(void **state)
{
	(void)state;
	seed = 1;
	memset(runs, 0, sizeof runs);
	if (arena_init(&memory, units_room(SIZE)) != 0)
		return -1;
	units_init(&units, &memory, SIZE);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(&memory);
	return 0;
}

/* Every byte of a run says whose it is. */
static void take(unsigned i, uint32_t n)
{
	const uint32_t at = units_take(&units, n);

	if (at == 0)
		return;
	assert_true(at + n <= SIZE);
	memset(units_at(&units, at), (int)(i & 255), (size_t)n * UNIT);
	runs[i] = (struct run){at, n};
}

static void give(unsigned i)
{
	const uint8_t *const bytes = units_at(&units, runs[i].at);

	for (size_t b = 0; b < (size_t)runs[i].n * UNIT; b++)
		assert_int_equal(bytes[b], i & 255);
	units_give(&units, runs[i].at, runs[i].n);
	runs[i].n = 0;
}

/* What it has stays as it is, what it gets is marked as its own. */
static void resize(unsigned i, uint32_t n)
{
	const struct run old = runs[i];

	if (!units_resize(&units, old.at, old.n, n))
		return;
	assert_true(old.at + n <= SIZE);
	if (n > old.n)
		memset(units_at(&units, old.at + old.n), (int)(i & 255),
		       (size_t)(n - old.n) * UNIT);
	runs[i].n = n;
}

static uint32_t units_in_runs(void)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < RUNS; i++)
		sum += runs[i].n;
	return sum;
}

static void runs_never_share_a_unit(void **state)
{
	(void)state;
	for (unsigned turn = 0; turn < 200000; turn++) {
		const unsigned i = below(RUNS);
		if (runs[i].n > 0 && below(3) > 0)
			resize(i, 1 + below(30));
		else if (runs[i].n > 0)
			give(i);
		else
			take(i, 1 + (below(10) == 0 ? below(200) : below(20)));
		assert_int_equal(units.top - 1 - units.free, units_in_runs());
	}
	for (unsigned i = 0; i < RUNS; i++)
		if (runs[i].n > 0)
			give(i);
	assert_int_equal(units.free, units.top - 1);
}

/* As when a million devices grow in step: what is left behind must do for what comes. */
static void small_runs_given_back_make_room_for_larger_ones(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RUNS; i++)
		take(i, 2);
	for (unsigned i = 0; i < RUNS; i++) {
		const struct run old = runs[i];
		take(i, 5);
		units_give(&units, old.at, old.n);
	}
	for (unsigned i = 0; i < RUNS; i++) {
		const struct run old = runs[i];
		take(i, 7);
		assert_int_equal(runs[i].n, 7);
		units_give(&units, old.at, old.n);
	}
	assert_true(units.top < RUNS * 7 * 5 / 4);
}

static void the_last_run_grows_where_it_is(void **state)
{
	(void)state;
	const uint32_t first = units_take(&units, 2), last = units_take(&units, 2);

	assert_false(units_resize(&units, first, 2, 3)); /* the other is behind it */
	assert_true(units_resize(&units, last, 2, 9));
	assert_int_equal(units.top, last + 9);
	assert_true(units_resize(&units, last, 9, 1));
	assert_int_equal(units.free, 8);
	units_give(&units, last, 1);
	assert_true(units_resize(&units, first, 2, 20)); /* over what is free, and on */
	assert_int_equal(units.top, first + 20);
	assert_int_equal(units.free, 0);
	assert_false(units_resize(&units, first, 20, SIZE));
	assert_true(units_resize(&units, first, 20, SIZE - 1));
}

static void a_full_memory_says_so_and_has_room_again(void **state)
{
	uint32_t count = 0, at;

	(void)state;
	while (units_take(&units, 7) != 0)
		count++;
	assert_int_equal(count, (SIZE - 1) / 7);
	assert_int_equal(units_take(&units, 7), 0);
	units_give(&units, 1 + 7 * 100, 7);
	at = units_take(&units, 7);
	assert_int_equal(at, 1 + 7 * 100);
	assert_int_equal(units_take(&units, SIZE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(runs_never_share_a_unit, start, stop),
		cmocka_unit_test_setup_teardown(small_runs_given_back_make_room_for_larger_ones,
	                                        start, stop),
		cmocka_unit_test_setup_teardown(the_last_run_grows_where_it_is, start, stop),
		cmocka_unit_test_setup_teardown(a_full_memory_says_so_and_has_room_again, start,
	                                        stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
