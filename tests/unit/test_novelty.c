/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_novelty.c - the table of facts told lately: who is found, who gives way.
 */
#include "observe/novelty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena arena;
static struct novelty table;

static int start(void **state)
{
	(void)state;
	if (arena_init(&arena, 2 << 20) != 0)
		return -1;
	return novelty_init(&table, &arena, 4096) ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct slot *take(struct novelty *n, uint64_t digest)
{
	struct slot *slot = novelty_find(n, digest);

	if (slot != NULL)
		return slot;
	slot = novelty_room(n, digest);
	if (slot->kept != 0)
		novelty_give(n, slot);
	novelty_take(n, slot, digest, 0);
	return slot;
}

static bool is_known(uint64_t digest)
{
	return novelty_find(&table, digest) != NULL;
}

static void it_takes_no_more_than_its_bytes(void **state)
{
	(void)state;
	assert_true(novelty_slots(&table) * sizeof(struct slot) +
	                    table.kept_room * sizeof(struct support) <=
	            4096);
	assert_true(arena.used <= 4096);
}

static void what_was_taken_is_found(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 16; i++)
		(void)take(&table, i);
	for (uint64_t i = 1; i <= 16; i++)
		assert_true(is_known(i));
	assert_false(is_known(17));
}

/* Digests of facts that share both of their places: the first two buckets. */
static uint64_t together(uint64_t i)
{
	return i * (novelty_slots(&table) / NOVELTY_WAYS) | UINT64_C(1) << 32;
}

static void one_that_was_not_repeated_gives_way(void **state)
{
	const unsigned room = 2 * NOVELTY_WAYS;
	unsigned left = 0;

	(void)state;
	for (uint64_t i = 1; i <= room; i++)
		take(&table, together(i))->again = i != 3;
	(void)take(&table, together(room + 1));
	for (uint64_t i = 1; i <= room + 1; i++)
		assert_true(is_known(together(i)) == (i != 3));
	for (uint64_t i = 1; i <= room + 1; i++)
		if (i != 3)
			take(&table, together(i))->again = true;
	(void)take(&table, together(room + 2)); /* all were: whichever goes, one does */
	for (uint64_t i = 1; i <= room + 2; i++)
		left += is_known(together(i));
	assert_int_equal(left, room);
}

static void a_slot_is_given_as_it_is(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 2 * NOVELTY_WAYS; i++) {
		struct slot *const slot = take(&table, together(i));

		assert_true(novelty_keep(&table, slot));
		novelty_kept(&table, slot)->count = i;
	}
	const struct slot *const slot = novelty_room(&table, together(9));
	assert_int_equal(together(novelty_kept(&table, slot)->count), slot->digest);
}

static uint64_t spread(uint64_t i)
{
	i *= 0x9e3779b97f4a7c15;
	i = (i ^ i >> 29) * 0xbf58476d1ce4e5b9;
	return i ^ i >> 32;
}

/* A bucket is split at a time, and all is found afterwards but what had to give way. */
static void it_grows_with_what_it_holds(void **state)
{
	const uint64_t facts = 9000;
	static struct novelty large;
	uint64_t gave_way = 0;

	(void)state;
	assert_true(novelty_init(&large, &arena, 1 << 20));
	for (uint64_t i = 1; i <= facts; i++) {
		const uint64_t slots = novelty_slots(&large);

		assert_null(novelty_find(&large, spread(i)));
		struct slot *const slot = novelty_room(&large, spread(i));
		assert_true(novelty_slots(&large) - slots <= NOVELTY_WAYS);
		gave_way += slot->digest != 0;
		novelty_take(&large, slot, spread(i), (uint32_t)i);
		if (i % 64 != 0)
			continue;
		uint64_t found = 0;
		for (uint64_t k = 1; k <= i; k++) {
			const struct slot *const known = novelty_find(&large, spread(k));
			assert_true(known == NULL || known->endpoint_hash == k);
			found += known != NULL;
		}
		assert_int_equal(found, i - gave_way);
	}
	assert_true(gave_way < facts / 1000);
	assert_true(novelty_slots(&large) < facts * 17 / 10);
}

struct visits {
	const struct novelty *table;
	uint64_t sum;
};

static void count_visit(void *to, struct slot *slot)
{
	struct visits *const v = to;

	v->sum += novelty_kept(v->table, slot)->count;
}

/* Also when slots moved: 1000 of them, of which every third keeps its number. */
static void each_that_keeps_something_is_visited(void **state)
{
	static struct novelty large;
	struct visits visits = {&large, 0};
	uint64_t sum = 0;

	(void)state;
	assert_true(novelty_init(&large, &arena, 256 << 10));
	for (uint64_t i = 1; i <= 1000; i++) {
		struct slot *const slot = take(&large, spread(i));

		if (i % 3 != 0)
			continue;
		assert_true(novelty_keep(&large, slot));
		novelty_kept(&large, slot)->count = i;
		sum += i;
	}
	novelty_each(&large, count_visit, &visits);
	assert_int_equal(visits.sum, sum);
}

/* What is given back is had again, and only that. */
static void few_keep_something_at_once(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= table.kept_room; i++)
		assert_true(novelty_keep(&table, take(&table, spread(i))));
	struct slot *const one_more = take(&table, spread(table.kept_room + 1));
	assert_false(novelty_keep(&table, one_more));
	struct slot *const keeper = novelty_keeper(&table), *const next = novelty_keeper(&table);
	assert_true(keeper != next && keeper->kept != 0 && next->kept != 0);
	novelty_kept(&table, next)->count = 5;
	novelty_give(&table, keeper);
	assert_int_equal(keeper->kept, 0);
	assert_true(novelty_keep(&table, one_more));
	assert_int_equal(novelty_kept(&table, one_more)->count, 0);
	assert_int_equal(novelty_kept(&table, next)->count, 5);
	assert_false(novelty_keep(&table, keeper));
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(it_takes_no_more_than_its_bytes),
		CLAIM(what_was_taken_is_found),
		CLAIM(one_that_was_not_repeated_gives_way),
		CLAIM(a_slot_is_given_as_it_is),
		CLAIM(it_grows_with_what_it_holds),
		CLAIM(each_that_keeps_something_is_visited),
		CLAIM(few_keep_something_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
