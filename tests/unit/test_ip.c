/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_ip.c - IP addresses as values and as text.
 */
#include "net/ip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ip ip(const char *text)
{
	struct ip a;

	assert_true(ip_parse(text, &a));
	return a;
}

/* What is read on the left is written as on the right: RFC 5952, 2 and 4. */
static void text_is_that_of_rfc_5952(void **state)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{"0.0.0.0", "0.0.0.0"},
		{"255.10.9.100", "255.10.9.100"},
		{"::", "::"},
		{"::1", "::1"},
		{"1::", "1::"},
		{"2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
		{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
		{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
		{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
		{"0:0:1:2:3:4:5:6", "::1:2:3:4:5:6"},
		{"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
		{"0:1:2:3:4:5:6:0", "0:1:2:3:4:5:6:0"},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
		{"::ffff:c000:201", "::ffff:192.0.2.1"},
		{"::102:304", "::102:304"},
		{"ABCD:EF01:2345:6789:abcd:ef01:2345:6789",
	         "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
	};
	char out[IP_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		const struct ip a = ip(t[i].in);
		assert_string_equal(ip_format(&a, out), t[i].out);
	}
}

static void no_address_is_an_empty_text(void **state)
{
	const struct ip none = {0};
	char out[IP_TEXT] = "x";

	(void)state;
	assert_string_equal(ip_format(&none, out), "");
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 20000; i++) {
		struct ip a = {.family = i % 5 == 0 ? 4 : 6};
		char out[IP_TEXT];
		for (unsigned j = 0; j < (a.family == 4 ? 4u : 16u); j += 2) {
			const long r = random();
			a.b[j] = (uint8_t)(r % 3 == 0 ? r >> 8 & 0xff : 0);
			a.b[j + 1] = (uint8_t)(r % 2 == 0 ? r >> 16 & 0xff : 0);
		}
		const struct ip b = ip(ip_format(&a, out));
		assert_true(ip_equal(&a, &b));
		assert_true(strlen(out) < IP_TEXT);
	}
}

static void what_is_no_address_is_refused_and_changes_nothing(void **state)
{
	static const char *const bad[] = {"",
	                                  "1",
	                                  "1.2.3",
	                                  "1.2.3.4.5",
	                                  "256.1.1.1",
	                                  "1.2.3.04",
	                                  "1.2.3.4 ",
	                                  " 1.2.3.4",
	                                  "1..2.3",
	                                  ":",
	                                  ":::",
	                                  "1::2::3",
	                                  "12345::",
	                                  "1:2:3:4:5:6:7",
	                                  "1:2:3:4:5:6:7:8:9",
	                                  "fe80::1%eth0",
	                                  "::1/64",
	                                  "g::",
	                                  "0x7f.1.1.1",
	                                  "::1.2.3"};
	struct ip a = ip("192.0.2.1");
	const struct ip before = a;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(ip_parse(bad[i], &a));
	assert_true(ip_equal(&a, &before));
}

static void none_sorts_before_ipv4_before_ipv6(void **state)
{
	const struct ip none = {0}, a = ip("255.255.255.255"), b = ip("::"), c = ip("::1");

	(void)state;
	assert_true(ip_compare(&none, &a) < 0);
	assert_true(ip_compare(&a, &b) < 0);
	assert_true(ip_compare(&b, &c) < 0);
	assert_true(ip_compare(&c, &b) > 0);
	assert_true(ip_compare(&c, &c) == 0);
	assert_false(ip_equal(&none, &b));
}

struct classes {
	const char *text;
	bool unspecified, multicast, loopback, link_local, private, host;
};

static void the_classes_end_where_the_rfcs_say(void **state)
{
	static const struct classes t[] = {
		{"0.0.0.0", .unspecified = true},
		{"0.0.0.1", .host = false},
		{"1.0.0.0", .host = true},
		{"9.255.255.255", .host = true},
		{"10.0.0.0", .private = true, .host = true},
		{"10.255.255.255", .private = true, .host = true},
		{"11.0.0.0", .host = true},
		{"100.63.255.255", .host = true},
		{"100.64.0.0", .private = true, .host = true},
		{"100.127.255.255", .private = true, .host = true},
		{"100.128.0.0", .host = true},
		{"127.0.0.1", .loopback = true},
		{"127.255.255.255", .loopback = true},
		{"128.0.0.0", .host = true},
		{"169.253.255.255", .host = true},
		{"169.254.0.0", .link_local = true, .private = true, .host = true},
		{"169.255.0.0", .host = true},
		{"172.15.255.255", .host = true},
		{"172.16.0.0", .private = true, .host = true},
		{"172.31.255.255", .private = true, .host = true},
		{"172.32.0.0", .host = true},
		{"192.168.0.1", .private = true, .host = true},
		{"192.169.0.0", .host = true},
		{"223.255.255.255", .host = true},
		{"224.0.0.1", .multicast = true},
		{"239.255.255.255", .multicast = true},
		{"240.0.0.1", .host = true},
		{"255.255.255.255", .multicast = true},
		{"::", .unspecified = true},
		{"::1", .loopback = true},
		{"::2", .host = true},
		{"fbff::1", .host = true},
		{"fc00::1", .private = true, .host = true},
		{"fdff::1", .private = true, .host = true},
		{"fe00::1", .host = true},
		{"fe80::1", .link_local = true, .private = true, .host = true},
		{"febf::1", .link_local = true, .private = true, .host = true},
		{"fec0::1", .host = true},
		{"ff02::fb", .multicast = true},
		{"2001:db8::1", .host = true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		const struct ip a = ip(t[i].text);
		assert_int_equal(ip_is_unspecified(&a), t[i].unspecified);
		assert_int_equal(ip_is_multicast(&a), t[i].multicast);
		assert_int_equal(ip_is_loopback(&a), t[i].loopback);
		assert_int_equal(ip_is_link_local(&a), t[i].link_local);
		assert_int_equal(ip_is_private(&a), t[i].private);
		assert_int_equal(ip_is_host(&a), t[i].host);
	}
}

static void no_address_is_of_no_class(void **state)
{
	const struct ip none = {0};

	(void)state;
	assert_false(ip_is_unspecified(&none) || ip_is_multicast(&none) || ip_is_loopback(&none) ||
	             ip_is_link_local(&none) || ip_is_private(&none) || ip_is_host(&none));
}

static void a_cursor_reads_both(void **state)
{
	static const uint8_t bytes[20] = {192, 0, 2, 255, 0x20, 1, 0xd, 0xb8, [19] = 9};
	struct cur c = cur_make(bytes, sizeof bytes);
	struct ip4 four;
	struct ip6 six = {{0}};
	char out[IP_TEXT];

	(void)state;
	cur_ip4(&c, &four);
	cur_ip6(&c, &six);
	assert_true(cur_ok(&c));
	const struct ip a = ip_from4(four), b = ip_from6(six);
	assert_string_equal(ip_format(&a, out), "192.0.2.255");
	assert_string_equal(ip_format(&b, out), "2001:db8::9");
	assert_true(ip6_equal(&six, &six));
	assert_true(ip4_equal(four, (struct ip4){{192, 0, 2, 255}}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_that_of_rfc_5952),
		cmocka_unit_test(no_address_is_an_empty_text),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(what_is_no_address_is_refused_and_changes_nothing),
		cmocka_unit_test(none_sorts_before_ipv4_before_ipv6),
		cmocka_unit_test(the_classes_end_where_the_rfcs_say),
		cmocka_unit_test(no_address_is_of_no_class),
		cmocka_unit_test(a_cursor_reads_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
