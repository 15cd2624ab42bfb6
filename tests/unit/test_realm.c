/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_realm.c - worlds inside tunnels have names of their own.
 */
#include "net/realm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect(const struct realm *r, const char *text)
{
	assert_int_equal(r->len, strlen(text));
	assert_memory_equal(r->s, text, r->len);
	for (size_t i = r->len; i < REALM_MAX; i++)
		assert_int_equal(r->s[i], 0);
}

static void a_tunnel_in_a_tunnel_is_a_path(void **state)
{
	const struct realm outside = {0};
	struct realm gre, vxlan, top;

	(void)state;
	assert_true(realm_enter(&outside, "gre", false, 99, &gre));
	expect(&gre, "gre");
	assert_true(realm_enter(&gre, "vxlan", true, 7, &vxlan));
	expect(&vxlan, "gre/vxlan:7");
	assert_true(realm_enter(&outside, "vxlan", true, UINT32_MAX, &top));
	expect(&top, "vxlan:4294967295");
	assert_true(realm_enter(&outside, "vxlan", true, 0, &top));
	expect(&top, "vxlan:0");
}

static void a_realm_can_be_entered_in_place(void **state)
{
	struct realm r = {0};

	(void)state;
	assert_true(realm_enter(&r, "gre", true, 1, &r));
	assert_true(realm_enter(&r, "ipip", false, 0, &r));
	expect(&r, "gre:1/ipip");
}

static void a_path_too_long_is_refused_and_changes_nothing(void **state)
{
	struct realm r = {0}, inner = {0};
	unsigned depth = 0;

	(void)state;
	while (realm_enter(&r, "geneve", true, 16777215, &inner)) { /* 15 bytes, 16 with its "/" */
		r = inner;
		depth++;
	}
	assert_int_equal(depth, 4); /* 15 + 3 * 16 = 63 */
	assert_int_equal(r.len, REALM_MAX);
	assert_false(realm_enter(&r, "x", false, 0, &r));
	assert_true(realm_equal(&r, &inner));
}

static void equal_and_order_are_of_the_path(void **state)
{
	const struct realm outside = {0};
	struct realm a, b, c;

	(void)state;
	assert_true(realm_enter(&outside, "gre", false, 0, &a));
	assert_true(realm_enter(&outside, "gre", true, 1, &b));
	assert_true(realm_enter(&outside, "vxlan", true, 1, &c));
	assert_true(realm_compare(&outside, &a) < 0);
	assert_true(realm_compare(&a, &b) < 0);
	assert_true(realm_compare(&c, &b) > 0);
	assert_true(realm_compare(&b, &b) == 0);
	assert_true(realm_equal(&b, &b));
	assert_false(realm_equal(&a, &b));
	assert_false(realm_equal(&outside, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tunnel_in_a_tunnel_is_a_path),
		cmocka_unit_test(a_realm_can_be_entered_in_place),
		cmocka_unit_test(a_path_too_long_is_refused_and_changes_nothing),
		cmocka_unit_test(equal_and_order_are_of_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
