/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_shard.c - the sharing-out: whatever a conversation is wrapped in, both its directions go to
 * one task.
 */
#include "observe/shard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bytes {
	uint8_t b[200];
	uint32_t len;
};

static void put(struct bytes *f, const char *hex)
{
	unsigned n = 0, digits = 0;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		n = n << 4 | (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
		if (++digits % 2 == 0)
			f->b[f->len++] = (uint8_t)n;
	}
}

/* An IPv4 or IPv6 packet of two hosts, in either direction. */
static void put_ip(struct bytes *f, bool six, bool back)
{
	static const char *const four[2] = {"c0000201 c0000202", "c0000202 c0000201"};
	static const char *const hosts[2] = {"fe800000000000000000000000000001",
	                                     "fe800000000000000000000000000002"};

	if (six) {
		put(f, "60000000 0008 11 40");
		put(f, hosts[back]);
		put(f, hosts[!back]);
	} else {
		put(f, "4500001c 00010000 4011 0000");
		put(f, four[back]);
	}
	put(f, back ? "0035 9c40 0008 0000" : "9c40 0035 0008 0000");
}

static uint64_t shard_of(uint16_t linktype, const struct bytes *f)
{
	const struct hash_key key = hash_key_fixed();
	uint8_t *exact = malloc(f->len); /* an over-read faults under ASan */

	memcpy(exact, f->b, f->len);
	const uint64_t shard = shard_frame(&key, linktype, cur_make(exact, f->len));
	free(exact);
	return shard;
}

struct wrap {
	uint16_t linktype;
	bool six;
	const char *there, *back; /* the headers before IP */
};

#define A "0200000000aa "
#define B "0200000000bb "
#define AP "0200000000cc "
static const struct wrap wraps[] = {
	{1, false, B A "0800", A B "0800"},
	{1, true, B A "86dd", A B "86dd"},
	{1, false, B A "8100 0005 0800", A B "8100 0006 0800"}, /* another VLAN back */
	{1, false, B A "8100 4005 0800",
         A B "8100 6005 0800"}, /* priorities that look like a version */
	{1, true, B A "88a8 0001 8100 0002 86dd", A B "88a8 0001 8100 0002 86dd"},
	{1, false, B A "9100 0001 9200 0002 0800", A B "0800"},
	{1, false, B A "0024 aaaa 03 000000 0800", A B "0024 aaaa 03 000000 0800"},
	{1, false, B A "0024 aaaa 03 0000f8 0800", A B "0800"},
	{1, false, B A "8100 0005 0024 aaaa 03 000000 0800", A B "0800"},
	{1, false, B A "8864 1100 0001 001e 0021", A B "8864 1100 0001 001e 0021"},
	{1, false, B A "8864 1100 0001 001d 21", A B "8864 1100 0001 001e 0021"},
	{1, true, B A "8864 1100 0001 0032 0057", A B "86dd"},
	{1, false, B A "8847 00001040 00002140", A B "0800"},
	{1, false, B A "8847 00001140", A B "8847 00009140"},
	{113, false, "0000 0001 0006 0200000000aa 0000 0800",
         "0004 0001 0006 0200000000bb 0000 0800"},
	{113, false, "0000 0001 0006 0200000000aa 0000 8100 0005 0800",
         "0004 0001 0006 0200000000bb 0000 0800"},
	{113, false, "0000 0001 0006 0200000000aa 0000 0004 aaaa 03 000000 0800",
         "0004 0001 0006 0200000000bb 0000 0800"},
	{276, false, "0800 0000 00000002 0001 00 06 0200000000aa 0000",
         "0800 0000 00000002 0001 04 06 0200000000bb 0000"},
	{101, false, "", ""},
	{12, true, "", ""},
	{14, false, "", ""},
	{228, false, "", ""},
	{229, true, "", ""},
	{0, false, "02000000", "00000002"},
	{108, true, "0000001c", "0000001e"},
	{9, false, "ff03 0021", "21"},
	{9, true, "0057", "ff03 57"},
	{50, false, "ff03 0021", "0021"},
	{104, false, "0f00 0800", "8f00 0800"},
	{51, false, "1100 0001 001e 0021", "1100 0001 001e 0021"},
	{281, false, B A "00000001 0800", A B "20000003 0800"},
	{284, true, B A "c0000005 86dd", A B "80080006 86dd"},
	{285, false, B A "dada0000 c0000005 0800", A B "dada0000 80080006 0800"},
	{105, false, "0801 0000" AP A B "0000 aaaa 03 000000 0800",
         "0802 0000" A AP B "1000 aaaa 03 000000 0800"},
	{105, true, "8801 0000" AP A B "0000 0000 aaaa 03 000000 86dd",
         "8803 0000" A AP A "1000" B "0600 aaaa 03 000000 86dd"},
	{105, false, "8881 0000" AP A B "0000 0000 00000000 aaaa 03 000000 0800",
         "8802 0000" A AP B "1000 8000" A B "0024 aaaa 03 000000 0800"},
	{127, false, "0000 0800 00000000 0801 0000" AP A B "0000 aaaa 03 000000 0800",
         "0000 0a00 00000000 ffff 0802 0000" A AP B "1000 aaaa 03 000000 0800"},
	{192, false, "0000 0800 69000000 0801 0000" AP A B "0000 aaaa 03 000000 0800",
         "0000 0800 69000000 0802 0000" A AP B "1000 aaaa 03 000000 0800"},
};

static void both_directions_meet_in_whatever_they_are_wrapped(void **state)
{
	const struct hash_key key = hash_key_fixed();
	const struct ip four[2] = {ip_from4((struct ip4){{192, 0, 2, 1}}),
	                           ip_from4((struct ip4){{192, 0, 2, 2}})};

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(wraps); i++) {
		struct bytes there = {.len = 0}, back = {.len = 0};

		put(&there, wraps[i].there);
		put_ip(&there, wraps[i].six, false);
		put(&back, wraps[i].back);
		put_ip(&back, wraps[i].six, true);
		if (shard_of(wraps[i].linktype, &there) != shard_of(wraps[i].linktype, &back))
			fail_msg("wrap %u: %s", i, wraps[i].there);
		if (!wraps[i].six &&
		    shard_of(wraps[i].linktype, &there) != shard_pair(&key, &four[0], &four[1]))
			fail_msg("wrap %u is not found: %s", i, wraps[i].there);
	}
}

static void a_frame_without_ip_goes_by_its_sender(void **state)
{
	struct bytes one = {.len = 0}, two = {.len = 0}, other = {.len = 0};

	(void)state;
	put(&one, "ffffffffffff " A "0806 0001 0800 06 04 0001");
	put(&two, B A "88cc 0207 04");
	put(&other, A B "88cc 0207 04");
	assert_true(shard_of(1, &one) == shard_of(1, &two));
	assert_true(shard_of(1, &one) != shard_of(1, &other));
}

static void what_is_encrypted_on_the_air_goes_by_the_pair_there(void **state)
{
	struct bytes there = {.len = 0}, back = {.len = 0}, beacon = {.len = 0}, other = {.len = 0};

	(void)state;
	put(&there, "0841 0000" AP A B "0000 11223344");
	put(&back, "0000 0800 00000000 0842 0000" A AP B "1000 55667788");
	put(&beacon, "8000 0000 ffffffffffff" AP AP "0000");
	put(&other, "0841 0000" AP B A "0000 11223344");
	assert_true(shard_of(105, &there) == shard_of(127, &back));
	assert_true(shard_of(105, &there) != shard_of(105, &beacon));
	assert_true(shard_of(105, &there) != shard_of(105, &other));
}

static void any_frame_cut_anywhere_has_a_task(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT_OF(wraps); i++) {
		struct bytes whole = {.len = 0};

		put(&whole, wraps[i].there);
		put_ip(&whole, wraps[i].six, false);
		for (const uint32_t len = whole.len; whole.len > 1; whole.len--)
			assert_true(len > 0 && shard_of(wraps[i].linktype, &whole) != 0);
	}
}

/*
 * A thousand pairs of neighbouring addresses over four tasks: none has a third, or less than a
 * sixth.
 */
static void pairs_are_shared_out_evenly(void **state)
{
	const struct hash_key key = hash_key_fixed();
	unsigned tasks[4] = {0};

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		const struct ip a = ip_from4((struct ip4){{10, 0, (uint8_t)(i >> 8), (uint8_t)i}});
		const struct ip b = ip_from4((struct ip4){{10, 0, 9, 1}});

		tasks[shard_pair(&key, &a, &b) % 4]++;
	}
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(tasks[i], 1000 / 6, 1000 / 3);
}

static void a_packet_below_ip_is_found_by_its_ethertype(void **state)
{
	const struct hash_key key = hash_key_fixed();
	struct bytes tagged = {.len = 0}, plain = {.len = 0}, none = {.len = 0};

	(void)state;
	put(&tagged, "4005 0800");
	put_ip(&tagged, false, false);
	put_ip(&plain, false, true);
	put(&none, "0001 0800 06 04 0001");
	assert_true(shard_ethertype(&key, 0x8100, cur_make(tagged.b, tagged.len)) ==
	            shard_ethertype(&key, 0x0800, cur_make(plain.b, plain.len)));
	assert_int_equal(shard_ethertype(&key, 0x0806, cur_make(none.b, none.len)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_meet_in_whatever_they_are_wrapped),
		cmocka_unit_test(a_frame_without_ip_goes_by_its_sender),
		cmocka_unit_test(what_is_encrypted_on_the_air_goes_by_the_pair_there),
		cmocka_unit_test(any_frame_cut_anywhere_has_a_task),
		cmocka_unit_test(pairs_are_shared_out_evenly),
		cmocka_unit_test(a_packet_below_ip_is_found_by_its_ethertype),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
