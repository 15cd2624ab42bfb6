/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_fact.c - kinds are found by name, values are written as declared, support merges in any
 * order.
 */
#include "asset/fact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void kinds_are_declared_in_the_order_of_their_names(void **state)
{
	(void)state;
	for (unsigned k = FACT_NONE + 2; k < FACT_KINDS; k++)
		assert_true(strcmp(fact_info((enum fact_kind)(k - 1))->wire,
		                   fact_info((enum fact_kind)k)->wire) < 0);
}

static void each_kind_is_found_by_its_name_and_no_other(void **state)
{
	(void)state;
	for (unsigned k = FACT_NONE + 1; k < FACT_KINDS; k++)
		assert_int_equal(fact_kind_by_name(fact_info((enum fact_kind)k)->wire), k);
	assert_int_equal(fact_kind_by_name(""), FACT_NONE);
	assert_int_equal(fact_kind_by_name("address.ipv"), FACT_NONE);
	assert_int_equal(fact_kind_by_name("zzz"), FACT_NONE);
}

static void each_kind_says_what_it_is_and_keeps_some(void **state)
{
	(void)state;
	for (unsigned k = FACT_NONE + 1; k < FACT_KINDS; k++) {
		assert_true(strlen(fact_info((enum fact_kind)k)->about) >= 5);
		assert_true(fact_info((enum fact_kind)k)->keep > 0);
	}
}

static void written(enum fact_kind kind, const void *value, size_t len, const char *expected)
{
	char out[FACT_TEXT_MAX];
	const size_t n = fact_format(kind, value, len, out);

	assert_int_equal(n, strlen(expected));
	assert_memory_equal(out, expected, n);
}

static void values_are_written_as_their_kind_declares(void **state)
{
	(void)state;
	written(FACT_IPV4, "\xc0\x00\x02\x07", 4, "192.0.2.7");
	written(FACT_IPV6, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16, "2001:db8::1");
	written(FACT_SERVICE, "\x06\x01\xbb", 3, "tcp/443");
	written(FACT_SERVICE, "\x11\x00\x35", 3, "udp/53");
	written(FACT_SERVICE, "\x84\x0b\x59", 3, "sctp/2905");
	written(FACT_VLAN, "\0\0\x0f\xfe", 4, "4094");
	written(FACT_VLAN, "\xff\xff\xff\xff", 4, "4294967295");
	written(FACT_DHCP_PRL, "\x01\x79\xff", 3, "1,121,255");
	written(FACT_DHCP_PRL, "", 0, "");
	written(FACT_DHCP_CLIENT_ID, "\x01\xab\x00", 3, "01ab00");
	written(FACT_NAME_HOST, "a b", 3, "a b");
	written(FACT_SEEN, "", 0, "");
}

static void the_longest_values_fit(void **state)
{
	static uint8_t value[FACT_VALUE_MAX];
	char out[FACT_TEXT_MAX];

	(void)state;
	memset(value, 0xff, sizeof value);
	assert_int_equal(fact_format(FACT_DHCP_PRL, value, sizeof value, out),
	                 4 * sizeof value - 1);
	assert_int_equal(fact_format(FACT_DHCP_CLIENT_ID, value, sizeof value, out),
	                 2 * sizeof value);
}

static void a_length_that_the_encoding_cannot_have_does_not_fit(void **state)
{
	(void)state;
	assert_true(fact_fits(FACT_IPV4, 4));
	assert_false(fact_fits(FACT_IPV4, 16));
	assert_false(fact_fits(FACT_SERVICE, 2));
	assert_false(fact_fits(FACT_SEEN, 1));
	assert_true(fact_fits(FACT_NAME_HOST, FACT_VALUE_MAX));
	assert_false(fact_fits(FACT_NAME_HOST, FACT_VALUE_MAX + 1));
	assert_false(fact_fits(FACT_NONE, 0));
	assert_false(fact_fits(FACT_KINDS, 0));
}

static void a_written_value_is_read_back(void **state)
{
	(void)state;
	for (unsigned k = FACT_NONE + 1; k < FACT_KINDS; k++) {
		for (size_t len = 0; len <= FACT_VALUE_MAX; len += len < 20 ? 1 : 251) {
			static uint8_t value[FACT_VALUE_MAX], back[FACT_VALUE_MAX];
			static char text[FACT_TEXT_MAX];
			size_t back_len = 0;
			if (!fact_fits((enum fact_kind)k, len))
				continue;
			for (size_t i = 0; i < len; i++)
				value[i] = (uint8_t)(i * 37 + len);
			if (fact_info((enum fact_kind)k)->value == VALUE_SERVICE)
				value[0] = 17;
			const size_t n = fact_format((enum fact_kind)k, value, len, text);
			assert_true(fact_parse((enum fact_kind)k, text, n, back, &back_len));
			assert_int_equal(back_len, len);
			assert_memory_equal(back, value, len);
		}
	}
}

static void what_is_never_written_so_is_not_read(void **state)
{
	static const struct {
		enum fact_kind kind;
		const char *text;
	} wrong[] = {
		{FACT_IPV4, "192.0.2"},
		{FACT_IPV4, "::1"},
		{FACT_IPV6, "192.0.2.1"},
		{FACT_IPV6, "fe80::1%eth0"},
		{FACT_VLAN, ""},
		{FACT_VLAN, "-1"},
		{FACT_VLAN, "4294967296"},
		{FACT_VLAN, "07"},
		{FACT_SERVICE, "tcp/"},
		{FACT_SERVICE, "tcp/65536"},
		{FACT_SERVICE, "dccp/1"},
		{FACT_SERVICE, "udp/5x"},
		{FACT_DHCP_PRL, "1,"},
		{FACT_DHCP_PRL, ",1"},
		{FACT_DHCP_PRL, "1,256"},
		{FACT_DHCP_PRL, "1 2"},
		{FACT_DHCP_CLIENT_ID, "0"},
		{FACT_DHCP_CLIENT_ID, "0G"},
		{FACT_DHCP_CLIENT_ID, "AB"},
		{FACT_SEEN, "x"},
	};
	uint8_t out[FACT_VALUE_MAX];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (fact_parse(wrong[i].kind, wrong[i].text, strlen(wrong[i].text), out, &len))
			fail_msg("%s was read as %s", wrong[i].text,
			         fact_info(wrong[i].kind)->wire);
}

static void raw_bytes_are_those_of_their_kind_or_none(void **state)
{
	uint8_t out[FACT_VALUE_MAX];
	size_t len;

	(void)state;
	assert_true(fact_parse_raw(FACT_NAME_HOST, "61ff0a", 6, out, &len));
	assert_int_equal(len, 3);
	assert_memory_equal(out, "a\xff\n", 3);
	assert_false(fact_parse_raw(FACT_IPV4, "61ff0a", 6, out, &len));
	assert_false(fact_parse_raw(FACT_NAME_HOST, "6", 1, out, &len));
}

static void raw_bytes_of_a_service_are_of_a_transport_that_has_services(void **state)
{
	char hex[7], text[FACT_TEXT_MAX];
	uint8_t out[FACT_VALUE_MAX];
	size_t len;

	(void)state;
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		const bool has_services = protocol == 6 || protocol == 17 || protocol == 132;
		(void)snprintf(hex, sizeof hex, "%02x0050", protocol);
		assert_int_equal(fact_parse_raw(FACT_SERVICE, hex, 6, out, &len), has_services);
		if (has_services)
			assert_true(fact_format(FACT_SERVICE, out, len, text) > 0);
	}
}

static void support_is_min_max_and_sum(void **state)
{
	struct support s = {0};
	const struct support a = {50, 70, 5, 3, 300}, b = {40, 60, 4, 2, 100},
			     c = {40, 90, 2, 1, 1}, none = {0};

	(void)state;
	support_merge(&s, &a);
	support_merge(&s, &none);
	support_merge(&s, &b);
	support_merge(&s, &c);
	const struct support expected = {40, 90, 2, 6, 401};
	assert_memory_equal(&s, &expected, sizeof s);
}

static void support_merges_alike_in_every_order(void **state)
{
	const struct support parts[4] = {
		{50, 70, 5, 3, 9}, {40, 60, 4, 2, 1}, {40, 90, 2, 1, 2}, {45, 45, 3, 1, 0}};
	static const uint8_t orders[][4] = {
		{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}, {2, 3, 1, 0}};
	struct support first = {0};

	(void)state;
	for (size_t o = 0; o < COUNT_OF(orders); o++) {
		struct support left = {0}, right = {0};
		for (size_t i = 0; i < 4; i++)
			support_merge(i < 2 ? &left : &right, &parts[orders[o][i]]);
		support_merge(&left, &right); /* in two halves: associative */
		if (o == 0)
			first = left;
		assert_memory_equal(&left, &first, sizeof first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_declared_in_the_order_of_their_names),
		cmocka_unit_test(each_kind_is_found_by_its_name_and_no_other),
		cmocka_unit_test(each_kind_says_what_it_is_and_keeps_some),
		cmocka_unit_test(values_are_written_as_their_kind_declares),
		cmocka_unit_test(the_longest_values_fit),
		cmocka_unit_test(a_length_that_the_encoding_cannot_have_does_not_fit),
		cmocka_unit_test(a_written_value_is_read_back),
		cmocka_unit_test(what_is_never_written_so_is_not_read),
		cmocka_unit_test(raw_bytes_are_those_of_their_kind_or_none),
		cmocka_unit_test(raw_bytes_of_a_service_are_of_a_transport_that_has_services),
		cmocka_unit_test(support_is_min_max_and_sum),
		cmocka_unit_test(support_merges_alike_in_every_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
