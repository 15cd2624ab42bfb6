/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_emit.c - every byte at every place of a text is written as it must be, and what does not fit
 * leaves a line that can be gone back from.
 */
#include "report/emit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect(const uint8_t *text, size_t len, const char *written, bool whole)
{
	char buf[512];
	struct emit j;

	emit_begin(&j, buf, sizeof buf);
	assert_int_equal(emit_text(&j, text, len), whole);
	assert_false(j.full);
	assert_int_equal(j.len, strlen(written));
	assert_memory_equal(buf, written, j.len);
}

/* The byte as it stands in a string: by the book, one at a time. */
static void put_escaped(char *out, uint8_t b, bool *whole)
{
	const bool odd = b < 0x20 || b >= 0x7f;

	*whole &= !odd;
	if (odd)
		sprintf(out, "\\u%04x", b);
	else
		sprintf(out, b == '"' || b == '\\' ? "\\%c" : "%c", b);
}

static void a_byte_is_escaped_wherever_it_stands(void **state)
{
	uint8_t text[27];
	char written[256];

	(void)state;
	for (unsigned b = 0; b < 256; b++) {
		for (size_t at = 0; at < sizeof text; at++) {
			bool whole = true;
			memset(text, 'a' + (int)(at % 26), sizeof text);
			text[at] = (uint8_t)b;
			strcpy(written, "\"");
			for (size_t i = 0; i < sizeof text; i++)
				put_escaped(written + strlen(written), text[i], &whole);
			strcat(written, "\"");
			expect(text, sizeof text, written, whole);
		}
	}
}

static void utf8_stays_as_it_is(void **state)
{
	static const uint8_t good[] = "Hämeenlinna \xf0\x9f\x96\xa8 \xe2\x82\xac";
	static const uint8_t overlong[] = "a\xc0\xaf", surrogate[] = "\xed\xa0\x80",
			     cut[] = "x\xe2\x82";

	(void)state;
	expect(good, sizeof good - 1, "\"Hämeenlinna \xf0\x9f\x96\xa8 \xe2\x82\xac\"", true);
	expect(overlong, sizeof overlong - 1, "\"a\\u00c0\\u00af\"", false);
	expect(surrogate, sizeof surrogate - 1, "\"\\u00ed\\u00a0\\u0080\"", false);
	expect(cut, sizeof cut - 1, "\"x\\u00e2\\u0082\"", false);
}

static void times_of_one_second_and_of_others_are_right(void **state)
{
	static const uint64_t second = UINT64_C(1700000000) * CLOCK_SECOND;
	char buf[512];
	struct emit j;

	(void)state;
	emit_begin(&j, buf, sizeof buf);
	emit_open(&j, '[');
	emit_time(&j, second + 999999999);
	emit_time(&j, second + 1000);
	emit_time(&j, second - 1);
	emit_time(&j, 0);
	emit_time(&j, UINT64_MAX);
	emit_close(&j, ']');
	assert_true(emit_end(&j));
	buf[j.len - 1] = 0;
	assert_string_equal(buf, "[\"2023-11-14T22:13:20.999999Z\",\"2023-11-14T22:13:20.000001Z\","
	                         "\"2023-11-14T22:13:19.999999Z\",\"1970-01-01T00:00:00.000000Z\","
	                         "\"2554-07-21T23:34:33.709551Z\"]");
}

static void a_line_that_does_not_fit_can_be_gone_back_from(void **state)
{
	for (size_t cap = 2; cap < 64; cap++) {
		char buf[64];
		struct emit j;
		emit_begin(&j, buf, cap);
		emit_open(&j, '{');
		const struct emit_place before = emit_here(&j);
		emit_key(&j, "name");
		emit_word(&j, "a value of some length");
		emit_key(&j, "time");
		emit_time(&j, 1);
		assert_true(j.len <= cap);
		if (!j.full)
			continue;
		emit_back(&j, before);
		emit_close(&j, '}');
		assert_false(j.full);
		assert_memory_equal(buf, "{}", 2);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_byte_is_escaped_wherever_it_stands),
		cmocka_unit_test(utf8_stays_as_it_is),
		cmocka_unit_test(times_of_one_second_and_of_others_are_right),
		cmocka_unit_test(a_line_that_does_not_fit_can_be_gone_back_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
