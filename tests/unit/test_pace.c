/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pace.c - packet time and its marks: odd stamps, time set back, boundaries.
 */
#include "observe/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint64_t SECOND = 1000000000, DAY = 86400ull * 1000000000;
static const uint64_t START = 1700000000ull * 1000000000;

static bool frame(struct pace *p, uint64_t time_ns, struct mark *mark)
{
	*mark = (struct mark){0};
	return pace_frame(p, time_ns, mark);
}

static void a_mark_is_struck_at_each_boundary_and_none_by_the_first_frame(void **state)
{
	struct pace p = {.interval_ns = 10 * SECOND};
	struct mark m;

	(void)state;
	assert_false(frame(&p, START + 9 * SECOND, &m));
	assert_true(frame(&p, START + 10 * SECOND, &m));
	assert_true(m.time_ns == START + 10 * SECOND);
	assert_false(frame(&p, START + 19 * SECOND, &m));
	assert_true(frame(&p, START + 20 * SECOND, &m));
}

static void of_several_boundaries_between_two_frames_only_the_last_is_struck(void **state)
{
	struct pace p = {.interval_ns = 10 * SECOND};
	struct mark m;

	(void)state;
	assert_false(frame(&p, START, &m));
	assert_true(frame(&p, START + 55 * SECOND, &m));
	assert_true(m.time_ns == START + 50 * SECOND);
	assert_int_equal(m.interval, 1);
	assert_false(frame(&p, START + 56 * SECOND, &m));
}

static void without_an_interval_there_are_no_marks(void **state)
{
	struct pace p = {0};
	struct mark m;

	(void)state;
	assert_false(frame(&p, START, &m));
	assert_false(frame(&p, START + DAY, &m));
	assert_true(p.now_ns == START + DAY);
}

static void frames_a_little_out_of_order_do_not_move_time_back(void **state)
{
	struct pace p = {.interval_ns = 10 * SECOND};
	struct mark m;

	(void)state;
	assert_false(frame(&p, START + 9 * SECOND, &m));
	assert_true(frame(&p, START + 10 * SECOND, &m));
	assert_false(frame(&p, START + 9 * SECOND, &m));
	assert_false(frame(&p, START + 11 * SECOND, &m));
	assert_int_equal(p.odd, 0);
}

static void one_odd_stamp_is_counted_and_moves_nothing(void **state)
{
	struct pace p = {.interval_ns = 10 * SECOND};
	struct mark m;

	(void)state;
	assert_false(frame(&p, START, &m));
	assert_false(frame(&p, START + 3 * DAY, &m));
	assert_false(frame(&p, 0, &m));
	assert_false(frame(&p, START + SECOND, &m));
	assert_int_equal(p.odd, 2);
	assert_true(p.now_ns == START + SECOND);
}

static void two_stamps_that_agree_move_time(void **state)
{
	struct pace p = {.interval_ns = 10 * SECOND};
	struct mark m;

	(void)state;
	assert_false(frame(&p, START, &m));
	assert_false(frame(&p, START + 3 * DAY, &m));
	assert_true(frame(&p, START + 3 * DAY + SECOND, &m));
	assert_int_equal(p.odd, 1);
}

static void marks_rise_also_where_time_was_set_back(void **state)
{
	struct pace p = {.interval_ns = 10 * SECOND};
	struct mark m;

	(void)state;
	assert_false(frame(&p, START, &m));
	assert_true(frame(&p, START + 10 * SECOND, &m));
	assert_int_equal(m.interval, 1);
	assert_false(frame(&p, START - 3 * DAY, &m));
	assert_false(frame(&p, START - 3 * DAY + SECOND, &m));
	assert_true(frame(&p, START - 3 * DAY + 10 * SECOND, &m));
	assert_int_equal(m.interval, 2);
}

static void the_end_of_time_is_no_boundary_missed(void **state)
{
	struct pace p = {.interval_ns = 1};
	struct mark m;

	(void)state;
	assert_false(frame(&p, UINT64_MAX - 1, &m));
	assert_true(frame(&p, UINT64_MAX, &m));
	assert_true(m.time_ns == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_is_struck_at_each_boundary_and_none_by_the_first_frame),
		cmocka_unit_test(of_several_boundaries_between_two_frames_only_the_last_is_struck),
		cmocka_unit_test(without_an_interval_there_are_no_marks),
		cmocka_unit_test(frames_a_little_out_of_order_do_not_move_time_back),
		cmocka_unit_test(one_odd_stamp_is_counted_and_moves_nothing),
		cmocka_unit_test(two_stamps_that_agree_move_time),
		cmocka_unit_test(marks_rise_also_where_time_was_set_back),
		cmocka_unit_test(the_end_of_time_is_no_boundary_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
