/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_realms.c - the realms' numbers: one each, kept, and no more than there is room for.
 */
#include "observe/realms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct realms realms;
static const struct realm outside;

static int start(void **state)
{
	(void)state;
	if (arena_init(&arena, 4 << 20) != 0)
		return -1;
	return realms_init(&realms, &arena) ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct realm vxlan(uint32_t id)
{
	struct realm r = {0};

	assert_true(realm_enter(&outside, "vxlan", true, id, &r));
	return r;
}

static int number(const struct realm *r)
{
	const struct hash_key key = hash_key_fixed();

	return realms_number(&realms, &key, r);
}

static void outside_is_number_0_with_digest_0(void **state)
{
	(void)state;
	assert_int_equal(number(&outside), 0);
	assert_int_equal(realms.digest[0], 0);
}

static void a_realm_keeps_its_number(void **state)
{
	const struct realm a = vxlan(1), b = vxlan(2);

	(void)state;
	const int first = number(&a);
	assert_true(first > 0);
	assert_int_not_equal(number(&b), first);
	assert_int_equal(number(&a), first);
	assert_true(realm_equal(&realms.list[first], &a));
}

static void when_there_is_no_room_the_known_ones_stay(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < REALMS_MAX; i++) {
		const struct realm r = vxlan(i);
		assert_int_equal(number(&r), i);
	}
	for (uint32_t i = REALMS_MAX; i < REALMS_MAX + 1000; i++) {
		const struct realm r = vxlan(i);
		assert_int_equal(number(&r), -1);
	}
	for (uint32_t i = 1; i < REALMS_MAX; i++) {
		const struct realm r = vxlan(i);
		assert_int_equal(number(&r), i);
	}
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(outside_is_number_0_with_digest_0),
		CLAIM(a_realm_keeps_its_number),
		CLAIM(when_there_is_no_room_the_known_ones_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
