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

static struct slot *take(uint64_t digest, uint64_t now)
{
	bool known = false;
	struct slot *slot = novelty_find(&table, digest, &known);

	if (!known)
		novelty_take(&table, slot, digest, 0);
	slot->last_ns = now;
	return slot;
}

static bool is_known(uint64_t digest)
{
	bool known = false;

	(void)novelty_find(&table, digest, &known);
	return known;
}

static void it_takes_no_more_than_its_bytes(void **state)
{
	(void)state;
	assert_true(novelty_slots(&table) * sizeof(struct slot) <= 4096);
	assert_true(arena.used <= 4096);
}

static void what_was_taken_is_found(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 16; i++)
		(void)take(i, i);
	for (uint64_t i = 1; i <= 16; i++)
		assert_true(is_known(i));
	assert_false(is_known(17));
}

static void the_one_seen_longest_ago_gives_way(void **state)
{
	const uint64_t bucket = novelty_slots(&table) / NOVELTY_WAYS;

	(void)state;
	for (uint64_t i = 1; i <= NOVELTY_WAYS; i++)
		(void)take(i * bucket, 100 - i);
	(void)take(NOVELTY_WAYS * bucket, 200); /* seen again: now the newest */
	(void)take(9 * bucket, 300);
	assert_false(is_known(3 * bucket));
	assert_true(is_known(1 * bucket));
	assert_true(is_known(4 * bucket));
	assert_true(is_known(9 * bucket));
}

static void a_new_slot_is_returned_with_what_it_still_holds(void **state)
{
	const uint64_t bucket = novelty_slots(&table) / NOVELTY_WAYS;
	bool known = true;

	(void)state;
	for (uint64_t i = 1; i <= NOVELTY_WAYS; i++)
		novelty_add(take(i * bucket, i), 100 + i, i, 60);
	const struct slot *slot = novelty_find(&table, 7 * bucket, &known);
	assert_false(known);
	assert_int_equal(slot->digest, bucket);
	assert_int_equal(slot->more.count, 1);
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
		bool known = false;
		struct slot *slot = novelty_find(&large, spread(i), &known);

		assert_false(known);
		assert_true(novelty_slots(&large) - slots <= NOVELTY_WAYS);
		gave_way += slot->digest != 0;
		novelty_take(&large, slot, spread(i), 0);
		novelty_add(slot, i, i, 1);
		if (i % 64 != 0)
			continue;
		uint64_t found = 0;
		for (uint64_t k = 1; k <= i; k++) {
			slot = novelty_find(&large, spread(k), &known);
			assert_true(!known || slot->more.frame == k);
			found += known;
		}
		assert_int_equal(found, i - gave_way);
	}
	assert_true(gave_way < facts / 1000);
	assert_true(novelty_slots(&large) < facts * 17 / 10);
}

static void count_visit(void *to, struct slot *slot)
{
	*(uint64_t *)to += slot->more.count;
}

static void each_that_keeps_something_is_visited(void **state)
{
	static struct novelty large;
	uint64_t sum = 0, gave_way = 0;
	bool known = false;

	(void)state;
	assert_true(novelty_init(&large, &arena, 256 << 10));
	for (uint64_t i = 1; i <= 1000; i++) {
		struct slot *slot = novelty_find(&large, spread(i), &known);

		gave_way += slot->more.count;
		novelty_take(&large, slot, spread(i), 0);
		novelty_add(slot, i, i, 1);
	}
	novelty_each(&large, count_visit, &sum);
	assert_int_equal(sum + gave_way, 1000);
	assert_true(gave_way < 5);
}

/* The short way of novelty_add is the merge of the evidence, in any order of time. */
static void adding_a_packet_is_merging_it(void **state)
{
	static const uint64_t times[] = {50, 60, 60, 55, 40, 40, 70, 40, 71};
	struct slot slot = {0};
	struct support sum = {0};

	(void)state;
	for (uint64_t i = 0; i < sizeof times / sizeof *times; i++) {
		const struct support one = {times[i], times[i], 20 - i, 1, 10 * i};

		novelty_add(&slot, times[i], 20 - i, 10 * i);
		support_merge(&sum, &one);
		assert_int_equal(slot.more.first_ns, sum.first_ns);
		assert_int_equal(slot.more.last_ns, sum.last_ns);
		assert_int_equal(slot.more.frame, sum.frame);
		assert_int_equal(slot.more.count, sum.count);
		assert_int_equal(slot.more.bytes, sum.bytes);
		assert_int_equal(slot.last_ns, times[i]);
	}
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(it_takes_no_more_than_its_bytes),
		CLAIM(what_was_taken_is_found),
		CLAIM(the_one_seen_longest_ago_gives_way),
		CLAIM(a_new_slot_is_returned_with_what_it_still_holds),
		CLAIM(it_grows_with_what_it_holds),
		CLAIM(each_that_keeps_something_is_visited),
		CLAIM(adding_a_packet_is_merging_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
