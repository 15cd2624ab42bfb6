/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_door.c - a flood of strangers is kept out, and who comes again, or speaks to all, is not.
 */
#include "base/hash.h"
#include "observe/door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena arena;
static struct door door;

static int start(void **state)
{
	(void)state;
	if (arena_init(&arena, door_budget()) != 0)
		return -1;
	return door_init(&door, &arena) ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static uint64_t who(uint64_t number)
{
	const struct hash_key key = hash_key_fixed();

	return hash_words(&key, &number, 1);
}

/* How many of `count` strangers, the first of them number `from`, are let in at their first knock. */
static uint32_t let_in(uint64_t from, uint32_t count)
{
	uint32_t in = 0;

	for (uint32_t i = 0; i < count; i++)
		in += door_admits(&door, who(from + i), false);
	return in;
}

static void there_is_room_for_so_many_strangers_and_no_more(void **state)
{
	(void)state;
	assert_int_equal(let_in(0, DOOR_ROOM), DOOR_ROOM);
	assert_true(let_in(DOOR_ROOM, 100000) < 100); /* by chance */
}

static void the_second_knock_opens(void **state)
{
	(void)state;
	assert_true(let_in(0, DOOR_ROOM + 1000) < DOOR_ROOM + 10);
	assert_int_equal(let_in(0, DOOR_ROOM + 1000), DOOR_ROOM + 1000);
}

static void who_speaks_to_all_is_let_in_and_known(void **state)
{
	(void)state;
	(void)let_in(0, DOOR_ROOM);
	for (uint32_t i = 0; i < 1000; i++)
		assert_true(door_admits(&door, who((UINT64_C(1) << 40) + i), true));
	assert_int_equal(let_in(UINT64_C(1) << 40, 1000), 1000);
}

static void a_mark_lets_some_more_in(void **state)
{
	(void)state;
	(void)let_in(0, DOOR_ROOM);
	door_rest(&door);
	const uint32_t in = let_in(UINT64_C(1) << 40, 10000);
	assert_true(in >= DOOR_MORE && in < DOOR_MORE + 20);
	for (unsigned i = 0; i < 1000; i++)
		door_rest(&door);
	assert_int_equal(door.room, DOOR_ROOM);
}

static void a_flood_makes_nobody_forgotten_at_once(void **state)
{
	(void)state;
	(void)let_in(0, DOOR_ROOM + 1000);
	(void)let_in(UINT64_C(1) << 40, DOOR_MET);
	assert_int_equal(let_in(0, DOOR_ROOM + 1000), DOOR_ROOM + 1000);
	assert_true(let_in(UINT64_C(1) << 41, 3 * DOOR_MET) < 3 * DOOR_MET / 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(there_is_room_for_so_many_strangers_and_no_more,
	                                        start, stop),
		cmocka_unit_test_setup_teardown(the_second_knock_opens, start, stop),
		cmocka_unit_test_setup_teardown(who_speaks_to_all_is_let_in_and_known, start, stop),
		cmocka_unit_test_setup_teardown(a_mark_lets_some_more_in, start, stop),
		cmocka_unit_test_setup_teardown(a_flood_makes_nobody_forgotten_at_once, start,
	                                        stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
