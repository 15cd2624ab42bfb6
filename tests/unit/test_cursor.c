/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_cursor.c - what the proof of the cursor does not say: that the values are the right ones.
 *
 * Every input stands in a block of its exact size, so that the address sanitizer sees a read
 * of one byte too many.
 */
#include "base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t *block;

/* A cursor over a copy of these bytes; the copy before it is gone. */
static struct cur cursor_over(const char *bytes, size_t len)
{
	free(block);
	block = malloc(len > 0 ? len : 1);
	assert_non_null(block);
	memcpy(block, bytes, len);
	return cur_make(block, len);
}

#define OVER(literal) cursor_over("" literal, sizeof(literal) - 1)

static int block_free(void **state)
{
	(void)state;
	free(block);
	block = NULL;
	return 0;
}

static void assert_window(const struct cur *c, const char *expected)
{
	assert_true(cur_ok(c));
	assert_int_equal(cur_left(c), strlen(expected));
	assert_memory_equal(cur_bytes(c), expected, strlen(expected));
}

static void assert_text(const struct text *t, const char *expected)
{
	assert_string_equal(t->s, expected);
	assert_int_equal(t->len, strlen(expected));
}

static void big_endian_numbers_have_their_values(void **state)
{
	struct cur c =
		OVER("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\xf1\x0c\x0d\x0e\x0f\x10\x11\xff");

	(void)state;
	assert_int_equal(cur_u8(&c), 0x01);
	assert_int_equal(cur_be16(&c), 0x0203);
	assert_int_equal(cur_be24(&c), 0x040506);
	assert_int_equal(cur_be32(&c), 0x0708090a);
	assert_true(cur_be64(&c) == 0xf10c0d0e0f1011ffu);
	assert_int_equal(cur_left(&c), 0);
	assert_true(cur_ok(&c));
}

static void little_endian_numbers_have_their_values(void **state)
{
	struct cur c = OVER("\x02\x01\x05\x04\x03\x09\x08\x07\xf6\x08\x07\x06\x05\x04\x03\x02\xf1");

	(void)state;
	assert_int_equal(cur_le16(&c), 0x0102);
	assert_int_equal(cur_le24(&c), 0x030405);
	assert_true(cur_le32(&c) == 0xf6070809u);
	assert_true(cur_le64(&c) == 0xf102030405060708u);
	assert_true(cur_ok(&c));
}

static void a_read_past_the_end_gives_0_and_empties_the_window(void **state)
{
	struct cur c = OVER("\x01\x02\x03");

	(void)state;
	assert_int_equal(cur_be32(&c), 0);
	assert_false(cur_ok(&c));
	assert_int_equal(cur_left(&c), 0);
	assert_int_equal(cur_u8(&c), 0);
	cur_seek(&c, 0);
	assert_int_equal(cur_u8(&c), 0);
	assert_false(cur_ok(&c));
}

static void a_skip_of_any_number_stays_inside(void **state)
{
	static const uint32_t far[] = {4, CUR_MAX, CUR_MAX + 1, UINT32_MAX - 1, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
		struct cur c = OVER("\x01\x02\x03");
		cur_u8(&c);
		cur_skip(&c, far[i]);
		assert_false(cur_ok(&c));
		assert_int_equal(cur_left(&c), 0);
	}
}

static void a_buffer_is_cut_at_the_maximum(void **state)
{
	uint8_t *const big = calloc(1, CUR_MAX + 10);

	(void)state;
	assert_non_null(big);
	struct cur c = cur_make(big, CUR_MAX + 10);
	assert_int_equal(cur_left(&c), CUR_MAX);
	cur_skip(&c, CUR_MAX);
	assert_true(cur_ok(&c));
	cur_u8(&c);
	assert_false(cur_ok(&c));
	free(big);
}

static void a_round_that_reads_nothing_is_the_last(void **state)
{
	struct cur c = OVER("abc");
	int rounds = 0;

	(void)state;
	while (cur_more(&c))
		rounds++;
	assert_int_equal(rounds, 1);
	assert_false(cur_ok(&c));
}

static void a_peek_reads_nothing(void **state)
{
	struct cur c = OVER("a");

	(void)state;
	assert_int_equal(cur_peek8(&c), 'a');
	assert_int_equal(cur_u8(&c), 'a');
	assert_int_equal(cur_peek8(&c), 0);
	assert_true(cur_ok(&c));
}

static void a_window_sees_nothing_past_its_end(void **state)
{
	struct cur c = OVER("abcdef");
	struct cur sub = cur_sub(&c, 2);

	(void)state;
	assert_window(&sub, "ab");
	assert_int_equal(cur_be32(&sub), 0);
	assert_false(cur_ok(&sub));
	assert_true(cur_ok(&c));
	struct cur rest = cur_rest(&c);
	assert_window(&rest, "cdef");
	assert_int_equal(cur_pos(&rest), 2);
	assert_int_equal(cur_left(&c), 0);
	assert_true(cur_ok(&c));
}

static void a_window_longer_than_what_is_left_is_bad_and_so_is_its_parent(void **state)
{
	struct cur c = OVER("abc");
	struct cur sub = cur_sub(&c, 4);

	(void)state;
	assert_false(cur_ok(&sub));
	assert_false(cur_ok(&c));
	assert_int_equal(cur_left(&sub), 0);
}

static void a_cut_keeps_the_next_bytes_only(void **state)
{
	struct cur c = OVER("abcdef");

	(void)state;
	cur_u8(&c);
	cur_cut(&c, 9);
	assert_window(&c, "bcdef");
	cur_cut(&c, 2);
	assert_window(&c, "bc");
	cur_cut(&c, UINT32_MAX);
	assert_window(&c, "bc");
}

static void a_copy_is_whole_or_an_error(void **state)
{
	struct cur c = OVER("abcd");
	uint8_t to[3] = {0};

	(void)state;
	assert_true(cur_copy(&c, to, sizeof to, 3));
	assert_memory_equal(to, "abc", 3);
	assert_false(cur_copy(&c, to, sizeof to, 2));
	assert_memory_equal(to, "abc", 3);
	c = OVER("abcd");
	assert_false(cur_copy(&c, to, sizeof to, 4));
	assert_false(cur_ok(&c));
}

static void a_line_ends_at_lf_or_crlf(void **state)
{
	struct cur c = OVER("one\r\ntwo\n\r\n\rx\r\nlast"), line;

	(void)state;
	assert_true(cur_line(&c, &line));
	assert_window(&line, "one");
	assert_true(cur_line(&c, &line));
	assert_window(&line, "two");
	assert_true(cur_line(&c, &line));
	assert_window(&line, "");
	assert_true(cur_line(&c, &line));
	assert_window(&line, "\rx");
	assert_false(cur_line(&c, &line));
	assert_window(&line, "last");
	assert_window(&c, "last");
	line = cur_rest(&c);
	assert_window(&line, "last");
}

static void a_line_of_nothing_but_lf_is_empty(void **state)
{
	struct cur c = OVER("\n"), line;

	(void)state;
	assert_true(cur_line(&c, &line));
	assert_window(&line, "");
	assert_false(cur_line(&c, &line));
	assert_true(cur_ok(&c));
}

static void until_reads_the_byte_and_needs_it(void **state)
{
	struct cur c = OVER("key=value");
	struct cur key = cur_until(&c, '=');

	(void)state;
	assert_window(&key, "key");
	assert_window(&c, "value");
	key = cur_until(&c, '=');
	assert_false(cur_ok(&key));
	assert_false(cur_ok(&c));
}

static void a_token_ends_before_its_delimiter(void **state)
{
	struct cur c = OVER("SSH-2.0;\xff rest");
	struct cur token = cur_token(&c, " ;");

	(void)state;
	assert_window(&token, "SSH-2.0");
	assert_int_equal(cur_u8(&c), ';');
	token = cur_token(&c, "\xff");
	assert_window(&token, "");
	token = cur_token(&c, "?");
	assert_window(&token, "\xff rest");
	assert_true(cur_ok(&c));
}

static void a_constant_is_read_only_where_it_stands(void **state)
{
	struct cur c = OVER("Host: x\xe4");

	(void)state;
	assert_false(cur_is(&c, "host:"));
	assert_false(cur_is(&c, "Host: x\xe4 and more"));
	assert_int_equal(cur_pos(&c), 0);
	assert_true(cur_is_caseless(&c, "hOST"));
	assert_true(cur_is(&c, ": "));
	assert_true(cur_is_caseless(&c, "X\xe4"));
	assert_true(cur_is(&c, ""));
	assert_int_equal(cur_left(&c), 0);
	assert_true(cur_ok(&c));
}

static void only_letters_have_two_cases(void **state)
{
	struct cur c = OVER("[{@`");

	(void)state;
	assert_false(cur_is_caseless(&c, "{[`@"));
	assert_true(cur_is_caseless(&c, "[{@`"));
}

static void a_decimal_number_saturates(void **state)
{
	struct cur c = OVER("007,4294967295,4294967296,99999999999,42949672950,x");

	(void)state;
	assert_int_equal(cur_decimal(&c), 7);
	assert_true(cur_is(&c, ","));
	assert_true(cur_decimal(&c) == 4294967295u);
	assert_true(cur_is(&c, ","));
	assert_true(cur_decimal(&c) == UINT32_MAX);
	assert_true(cur_is(&c, ","));
	assert_true(cur_decimal(&c) == UINT32_MAX);
	assert_true(cur_is(&c, ","));
	assert_true(cur_decimal(&c) == UINT32_MAX);
	assert_true(cur_is(&c, ","));
	assert_true(cur_ok(&c));
	assert_int_equal(cur_decimal(&c), 0);
	assert_false(cur_ok(&c));
}

static void a_hexadecimal_number_takes_either_case(void **state)
{
	struct cur c = OVER("0aFf,ffffffff,100000000,g");

	(void)state;
	assert_int_equal(cur_hex(&c), 0x0aff);
	assert_true(cur_is(&c, ","));
	assert_true(cur_hex(&c) == UINT32_MAX);
	assert_true(cur_is(&c, ","));
	assert_true(cur_hex(&c) == UINT32_MAX);
	assert_true(cur_is(&c, ","));
	assert_true(cur_ok(&c));
	assert_int_equal(cur_hex(&c), 0);
	assert_false(cur_ok(&c));
}

/* The four examples of RFC 9000, A.1, and the one that is longer than it need be. */
static void quic_varints_are_those_of_the_rfc(void **state)
{
	struct cur c = OVER("\xc2\x19\x7c\x5e\xff\x14\xe8\x8c\x9d\x7f\x3e\x7d\x7b\xbd\x25\x40\x25");

	(void)state;
	assert_true(cur_varint_quic(&c) == 151288809941952652u);
	assert_true(cur_varint_quic(&c) == 494878333u);
	assert_true(cur_varint_quic(&c) == 15293u);
	assert_true(cur_varint_quic(&c) == 37u);
	assert_true(cur_varint_quic(&c) == 37u);
	assert_true(cur_ok(&c));
	c = OVER("\xc2\x19");
	assert_true(cur_varint_quic(&c) == 0);
	assert_false(cur_ok(&c));
}

/* The edges of MQTT 5.0, table 1-1. */
static void mqtt_varints_are_those_of_the_standard(void **state)
{
	struct cur c = OVER(
		"\x7f\x80\x01\xff\x7f\x80\x80\x01\xff\xff\x7f\x80\x80\x80\x01\xff\xff\xff\x7f");

	(void)state;
	assert_int_equal(cur_varint_mqtt(&c), 127);
	assert_int_equal(cur_varint_mqtt(&c), 128);
	assert_int_equal(cur_varint_mqtt(&c), 16383);
	assert_int_equal(cur_varint_mqtt(&c), 16384);
	assert_int_equal(cur_varint_mqtt(&c), 2097151);
	assert_int_equal(cur_varint_mqtt(&c), 2097152);
	assert_int_equal(cur_varint_mqtt(&c), 268435455);
	assert_true(cur_ok(&c));
}

static void an_mqtt_varint_of_five_bytes_or_cut_off_is_bad(void **state)
{
	struct cur c = OVER("\xff\xff\xff\xff\x01");

	(void)state;
	assert_int_equal(cur_varint_mqtt(&c), 0);
	assert_false(cur_ok(&c));
	c = OVER("\xff\xff");
	assert_int_equal(cur_varint_mqtt(&c), 0);
	assert_false(cur_ok(&c));
}

static void a_ber_element_has_a_tag_and_a_window(void **state)
{
	struct cur c = OVER("\x30\x03"
	                    "abc"
	                    "\x04\x81\x02"
	                    "de"
	                    "\xa0\x84\x00\x00\x00\x01"
	                    "f");
	uint8_t tag = 0;
	struct cur content = cur_ber(&c, &tag);

	(void)state;
	assert_int_equal(tag, 0x30);
	assert_window(&content, "abc");
	content = cur_ber(&c, &tag);
	assert_int_equal(tag, 0x04);
	assert_window(&content, "de");
	content = cur_ber(&c, &tag);
	assert_int_equal(tag, 0xa0);
	assert_window(&content, "f");
	assert_int_equal(cur_left(&c), 0);
}

static void ber_that_is_not_definite_is_refused(void **state)
{
	static const char *const refused[] = {
		"\x30\x80"
		"abc\0", /* indefinite */
		"\x1f\x81\x01\x01"
		"a",                            /* a tag above 30 */
		"\x30\x85\x01\x01\x01\x01\x01", /* five length bytes */
		"\x30\x84\xff\xff\xff\xff",     /* more than there is */
		"\x30\x05"
		"abc",
	};
	static const size_t len[] = {6, 5, 7, 6, 5};

	(void)state;
	for (size_t i = 0; i < sizeof len / sizeof *len; i++) {
		struct cur c = cursor_over(refused[i], len[i]);
		uint8_t tag = 1;
		struct cur content = cur_ber(&c, &tag);
		assert_false(cur_ok(&c));
		assert_int_equal(cur_left(&content), 0);
		assert_int_equal(tag, 0);
	}
}

static void a_text_keeps_every_byte(void **state)
{
	struct cur c = OVER("a\0\x1b\xff"
	                    "b");
	struct text t;

	(void)state;
	cur_text(&c, 5, &t);
	assert_int_equal(t.len, 5);
	assert_memory_equal(t.s,
	                    "a\0\x1b\xff"
	                    "b",
	                    6);
	cur_text(&c, 1, &t);
	assert_text(&t, "");
	assert_false(cur_ok(&c));
}

static void a_long_text_is_cut_and_still_read(void **state)
{
	char bytes[301];
	struct text t;

	(void)state;
	memset(bytes, 'x', 300);
	bytes[300] = 'y';
	struct cur c = cursor_over(bytes, sizeof bytes);
	cur_text(&c, 300, &t);
	assert_int_equal(t.len, TEXT_MAX);
	assert_window(&c, "y");
}

static void utf16_becomes_utf8(void **state)
{
	struct cur c = OVER("A\0\xe4\0\xac\x20\x3d\xd8\x00\xde");
	struct text t;

	(void)state;
	cur_utf16le(&c, 10, &t);
	assert_text(&t, "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
}

static void a_lone_surrogate_is_the_replacement_character(void **state)
{
	struct text t;
	struct cur c = OVER("\x3d\xd8"
	                    "A\0"
	                    "\x00\xde"
	                    "\x3d\xd8\x3d\xd8\x00\xde"
	                    "\x3d\xd8");

	(void)state;
	cur_utf16le(&c, 14, &t);
	assert_text(&t, "\xef\xbf\xbd"
	                "A"
	                "\xef\xbf\xbd"
	                "\xef\xbf\xbd"
	                "\xf0\x9f\x98\x80"
	                "\xef\xbf\xbd");
	c = OVER("A\0B");
	cur_utf16le(&c, 3, &t);
	assert_text(&t, "A");
	assert_true(cur_ok(&c));
	assert_int_equal(cur_left(&c), 0);
}

static void a_long_utf16_text_ends_with_a_whole_character(void **state)
{
	char bytes[600];
	struct text t;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i += 2) {
		bytes[i] = '\xac';
		bytes[i + 1] = '\x20';
	}
	struct cur c = cursor_over(bytes, sizeof bytes);
	cur_utf16le(&c, sizeof bytes, &t);
	assert_int_equal(t.len % 3, 0);
	assert_true(t.len > 245);
	assert_int_equal(cur_left(&c), 0);
}

static void a_dns_name_is_followed_backwards(void **state)
{
	/* at 2: example.org; at 15: www -> 2; at 21: -> 15; at 23: 'x' */
	struct cur c = OVER("##\x07"
	                    "example\x03"
	                    "org\0"
	                    "\x03www\xc0\x00"
	                    "\xc0\x0d"
	                    "x");
	struct text t;

	(void)state;
	cur_skip(&c, 2);
	cur_dns_name(&c, 2, &t);
	assert_text(&t, "example.org");
	assert_int_equal(cur_pos(&c), 15);
	cur_dns_name(&c, 2, &t);
	assert_text(&t, "www.example.org");
	cur_dns_name(&c, 2, &t);
	assert_text(&t, "www.example.org");
	assert_window(&c, "x");
}

static void a_dns_name_escapes_dots_and_keeps_all_else(void **state)
{
	struct cur c = OVER("\x06"
	                    "a.b\\c "
	                    "\x02\xff\x00\x00"
	                    "\x00");
	struct text t;

	(void)state;
	cur_dns_name(&c, 0, &t);
	assert_int_equal(t.len, 11);
	assert_memory_equal(t.s, "a\\.b\\\\c .\xff\x00", 12);
	cur_dns_name(&c, 0, &t);
	assert_text(&t, "");
	assert_true(cur_ok(&c));
}

static void a_dns_name_that_goes_forward_or_in_circles_is_bad(void **state)
{
	static const char *const refused[] = {
		"\xc0\x00",              /* to itself */
		"\xc0\x03\x00\x01x\x00", /* forwards */
		"\x01"
		"a\xc0\x00", /* round and round */
		"\x40"
		"a", /* a label type of the past */
		"\x80"
		"a",
		"\x05"
		"abc", /* cut off */
		"\x01"
		"a",    /* no end */
		"\xc0", /* half a pointer */
	};
	static const size_t len[] = {2, 6, 4, 2, 2, 4, 2, 1};

	(void)state;
	for (size_t i = 0; i < sizeof len / sizeof *len; i++) {
		struct cur c = cursor_over(refused[i], len[i]);
		struct text t;
		cur_dns_name(&c, 0, &t);
		assert_false(cur_ok(&c));
		assert_text(&t, "");
	}
}

/* 127 labels of one byte are 255 bytes on the wire: the longest name there is. */
static void a_dns_name_has_255_bytes_at_most(void **state)
{
	char bytes[257];
	struct text t;

	(void)state;
	for (size_t i = 0; i < 256; i += 2) {
		bytes[i] = 1;
		bytes[i + 1] = 'a';
	}
	bytes[254] = 0;
	struct cur c = cursor_over(bytes, 255);
	cur_dns_name(&c, 0, &t);
	assert_true(cur_ok(&c));
	assert_int_equal(t.len, 253);
	bytes[254] = 1;
	bytes[256] = 0;
	c = cursor_over(bytes, 257);
	cur_dns_name(&c, 0, &t);
	assert_false(cur_ok(&c));
}

/* A chain of pointers, each to the one before it, down to a root at 0. */
static void a_dns_name_is_walked_in_256_steps_at_most(void **state)
{
	char bytes[2 + 2 * 256] = {0};
	struct text t;

	(void)state;
	for (size_t i = 1; i <= 256; i++) {
		bytes[2 * i] = (char)(((2 * i - 2) >> 8) - 64);
		bytes[2 * i + 1] = (char)((2 * i - 2) & 0xff);
	}
	struct cur c = cursor_over(bytes, sizeof bytes);
	cur_seek(&c, 2 * 255);
	cur_dns_name(&c, 0, &t);
	assert_true(cur_ok(&c));
	assert_text(&t, "");
	assert_int_equal(cur_pos(&c), 2 * 256);
	cur_dns_name(&c, 0, &t);
	assert_false(cur_ok(&c));
}

/* "FRED" of RFC 1001, 14.1, with the suffix 20 of a file server. */
/* Looked for in blocks: it begins in each place of one, and ends with the window. */
static void a_constant_is_found_wherever_it_stands(void **state)
{
	(void)state;
	for (uint32_t at = 0; at < 40; at++) {
		uint8_t bytes[46];
		for (uint32_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (uint8_t) "<tT0x"[i % 5];
		memcpy(bytes + at, "<TiTLe", 6);
		struct cur c = cur_make(bytes, sizeof bytes);
		assert_true(cur_past_caseless(&c, "<title"));
		assert_int_equal(cur_pos(&c), at + 6);
		assert_false(cur_past_caseless(&c, "<title"));
		assert_true(cur_ok(&c) && cur_left(&c) == 0);
		c = cur_make(bytes, at + 5);
		assert_false(cur_past_caseless(&c, "<title"));
	}
}

static void zeros_are_passed_over_to_the_first_other_byte(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 40; n++) {
		uint8_t bytes[41] = {0};
		bytes[n] = 0x80;
		struct cur c = cur_make(bytes, sizeof bytes);
		cur_skip_zeros(&c);
		assert_int_equal(cur_pos(&c), n);
		c = cur_make(bytes, n);
		cur_skip_zeros(&c);
		assert_true(cur_ok(&c) && cur_left(&c) == 0);
	}
}

/* Labels of 61 dots, each written as two bytes: two of them are a text, three are too long for one. */
static void a_dns_name_is_passed_over_as_it_is_read(void **state)
{
	(void)state;
	for (uint32_t labels = 0; labels < 5; labels++) {
		uint8_t bytes[5 * 62 + 1] = {0};
		struct text t;
		memset(bytes, '.', labels * 62);
		for (uint32_t i = 0; i < labels; i++)
			bytes[i * 62] = 61;
		struct cur read = cur_make(bytes, labels * 62 + 1), passed = read;
		cur_dns_name(&read, 0, &t);
		cur_dns_pass(&passed, 0);
		assert_int_equal(cur_ok(&read), cur_ok(&passed));
		assert_int_equal(cur_ok(&read), labels < 3);
		assert_int_equal(cur_pos(&read), cur_pos(&passed));
	}
}

static void a_netbios_name_is_decoded(void **state)
{
	struct cur c = OVER("\x20"
	                    "EGFCEFEECACACACACACACACACACACACA"
	                    "\x07"
	                    "NETBIOS"
	                    "\x03"
	                    "COM"
	                    "\0"
	                    "x");
	struct text name;
	uint8_t suffix = 1;

	(void)state;
	cur_netbios_name(&c, &name, &suffix);
	assert_text(&name, "FRED");
	assert_int_equal(suffix, 0x20);
	assert_window(&c, "x");
}

static void a_netbios_name_of_other_letters_is_bad(void **state)
{
	struct cur c = OVER("\x20"
	                    "EGFCEFEEQACACACACACACACACACACACA"
	                    "\0");
	struct text name;
	uint8_t suffix = 1;

	(void)state;
	cur_netbios_name(&c, &name, &suffix);
	assert_false(cur_ok(&c));
	assert_text(&name, "");
	c = OVER("\xc0\x0c");
	cur_netbios_name(&c, &name, &suffix);
	assert_false(cur_ok(&c));
}

#define T(name) cmocka_unit_test_teardown(name, block_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(big_endian_numbers_have_their_values),
		T(little_endian_numbers_have_their_values),
		T(a_read_past_the_end_gives_0_and_empties_the_window),
		T(a_skip_of_any_number_stays_inside),
		T(a_buffer_is_cut_at_the_maximum),
		T(a_round_that_reads_nothing_is_the_last),
		T(a_peek_reads_nothing),
		T(a_window_sees_nothing_past_its_end),
		T(a_window_longer_than_what_is_left_is_bad_and_so_is_its_parent),
		T(a_cut_keeps_the_next_bytes_only),
		T(a_copy_is_whole_or_an_error),
		T(a_line_ends_at_lf_or_crlf),
		T(a_line_of_nothing_but_lf_is_empty),
		T(until_reads_the_byte_and_needs_it),
		T(a_token_ends_before_its_delimiter),
		T(a_constant_is_read_only_where_it_stands),
		T(only_letters_have_two_cases),
		T(a_decimal_number_saturates),
		T(a_hexadecimal_number_takes_either_case),
		T(quic_varints_are_those_of_the_rfc),
		T(mqtt_varints_are_those_of_the_standard),
		T(an_mqtt_varint_of_five_bytes_or_cut_off_is_bad),
		T(a_ber_element_has_a_tag_and_a_window),
		T(ber_that_is_not_definite_is_refused),
		T(a_text_keeps_every_byte),
		T(a_long_text_is_cut_and_still_read),
		T(utf16_becomes_utf8),
		T(a_lone_surrogate_is_the_replacement_character),
		T(a_long_utf16_text_ends_with_a_whole_character),
		T(a_dns_name_is_followed_backwards),
		T(a_dns_name_escapes_dots_and_keeps_all_else),
		T(a_dns_name_that_goes_forward_or_in_circles_is_bad),
		T(a_dns_name_has_255_bytes_at_most),
		T(a_dns_name_is_walked_in_256_steps_at_most),
		T(a_constant_is_found_wherever_it_stands),
		T(zeros_are_passed_over_to_the_first_other_byte),
		T(a_dns_name_is_passed_over_as_it_is_read),
		T(a_netbios_name_is_decoded),
		T(a_netbios_name_of_other_letters_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
