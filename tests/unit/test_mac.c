/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mac.c - what a MAC address says of itself, and how it is written and read.
 */
#include "net/mac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct mac mac(const char *text)
{
	struct mac m;

	assert_true(mac_parse(text, &m));
	return m;
}

static void a_mac_is_written_in_lower_case_with_colons(void **state)
{
	char out[MAC_TEXT];

	(void)state;
	assert_string_equal(mac_format(mac("02:00:AB:cd:00:9f"), out), "02:00:ab:cd:00:9f");
}

static void all_four_spellings_are_read(void **state)
{
	static const char *const same[] = {"00:1b:2C:3d:4e:5f", "00-1B-2C-3D-4E-5F",
	                                   "001b.2c3d.4e5f", "001b2c3d4e5f"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(same); i++)
		assert_int_equal(mac_number(mac(same[i])), 0x001b2c3d4e5f);
}

static void what_is_no_mac_is_refused_and_changes_nothing(void **state)
{
	static const char *const bad[] = {"",
	                                  "0",
	                                  "00:1b:2c:3d:4e",
	                                  "00:1b:2c:3d:4e:5",
	                                  "00:1b:2c:3d:4e:5f:",
	                                  "00:1b:2c:3d:4e:5f:60",
	                                  "00:1b-2c:3d:4e:5f",
	                                  "0:1b:2c:3d:4e:5f",
	                                  "00:1b:2c:3d:4e:5g",
	                                  " 00:1b:2c:3d:4e:5f",
	                                  "001b.2c3d4e5f",
	                                  "001b2c3d4e5",
	                                  "001b2c3d4e5f0",
	                                  "00.1b.2c.3d.4e.5f",
	                                  "::::::"};
	struct mac m = {{1, 2, 3, 4, 5, 6}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(mac_parse(bad[i], &m));
	assert_int_equal(mac_number(m), 0x010203040506);
}

static void the_order_is_of_the_bytes(void **state)
{
	(void)state;
	assert_int_equal(mac_compare(mac("000000000001"), mac("000000000001")), 0);
	assert_true(mac_compare(mac("00000000ffff"), mac("000000010000")) < 0);
	assert_true(mac_compare(mac("ff0000000000"), mac("00ffffffffff")) > 0);
}

static void a_groups_address_is_no_device(void **state)
{
	(void)state;
	assert_false(mac_is_device(mac("ffffffffffff")));
	assert_false(mac_is_device(mac("01005e000001")));
	assert_false(mac_is_device(mac("000000000000")));
	assert_true(mac_is_device(mac("020000000001")));
}

static void a_locally_made_address_is_random(void **state)
{
	(void)state;
	assert_int_equal(mac_kind(mac("da:a1:19:00:00:01")), MAC_RANDOM);
	assert_int_equal(mac_kind(mac("00:1b:2c:3d:4e:5f")), MAC_UNIVERSAL);
	assert_int_equal(mac_kind(mac("00:00:5e:00:01:07")), MAC_VIRTUAL);
	assert_string_equal(mac_kind_name(MAC_RANDOM), "random");
	assert_string_equal(mac_kind_name(MAC_UNIVERSAL), "universal");
	assert_string_equal(mac_kind_name(MAC_VIRTUAL), "virtual");
}

/* The neighbours on both sides of each range are ordinary addresses. */
static void redundancy_groups_are_known_and_no_more(void **state)
{
	static const char *const yes[] = {"00005e000100", "00005e0001ff", "00005e000200",
	                                  "00005e0002ff", "00000c07ac00", "00000c07acff",
	                                  "00000c9ff000", "00000c9fffff", "000573a00000",
	                                  "000573a00fff", "0007b4000101", "0007b403ffff"};
	static const char *const no[] = {"00005e0000ff", "00005e000300", "00000c07abff",
	                                 "00000c07ad00", "00000c9fefff", "00000ca00000",
	                                 "000573a01000", "0005739fffff", "0007b4040000",
	                                 "0007b3ffffff", "01005e000100", "02005e000100"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(yes); i++)
		assert_true(mac_is_redundancy(mac(yes[i])));
	for (size_t i = 0; i < COUNT_OF(no); i++)
		assert_false(mac_is_redundancy(mac(no[i])));
}

static void a_cursor_reads_it(void **state)
{
	static const uint8_t bytes[] = {0x02, 0xff, 0x80, 0x7f, 0x00, 0x01, 0x99};
	struct cur c = cur_make(bytes, sizeof bytes);
	struct mac m;

	(void)state;
	cur_mac(&c, &m);
	assert_int_equal(mac_number(m), 0x02ff807f0001);
	cur_mac(&c, &m);
	assert_false(cur_ok(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mac_is_written_in_lower_case_with_colons),
		cmocka_unit_test(all_four_spellings_are_read),
		cmocka_unit_test(what_is_no_mac_is_refused_and_changes_nothing),
		cmocka_unit_test(the_order_is_of_the_bytes),
		cmocka_unit_test(a_groups_address_is_no_device),
		cmocka_unit_test(a_locally_made_address_is_random),
		cmocka_unit_test(redundancy_groups_are_known_and_no_more),
		cmocka_unit_test(a_cursor_reads_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
