/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_clock.c - the time now, times as text, and what a log line may hold.
 */
#include "base/clock.h"
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t injected_ns;

static uint64_t injected(void)
{
	return injected_ns;
}

static void the_time_is_the_wall_clocks_and_never_falls(void **state)
{
	const uint64_t before = (uint64_t)time(NULL);
	uint64_t last = clock_now_ns();
	const uint64_t after = (uint64_t)time(NULL);

	(void)state;
	assert_in_range(last / CLOCK_SECOND, before - 1, after + 1);
	for (unsigned i = 0; i < 10000; i++) {
		const uint64_t now = clock_now_ns();
		assert_true(now >= last);
		last = now;
	}
}

static void a_test_can_be_the_clock(void **state)
{
	(void)state;
	clock_inject(injected);
	injected_ns = 42;
	assert_int_equal(clock_now_ns(), 42);
	clock_inject(NULL);
	assert_true(clock_now_ns() > 42);
}

static void a_time_is_written_as_rfc_3339(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} t[] = {
		{0, "1970-01-01T00:00:00.000000Z"},
		{999, "1970-01-01T00:00:00.000000Z"},
		{1000, "1970-01-01T00:00:00.000001Z"},
		{951782400 * CLOCK_SECOND, "2000-02-29T00:00:00.000000Z"},
		{1795410000 * CLOCK_SECOND, "2026-11-23T05:00:00.000000Z"},
		{1795410000 * CLOCK_SECOND - 1, "2026-11-23T04:59:59.999999Z"},
		{4107542399 * CLOCK_SECOND, "2100-02-28T23:59:59.000000Z"},
		{4107542400 * CLOCK_SECOND, "2100-03-01T00:00:00.000000Z"},
		{UINT64_MAX, "2554-07-21T23:34:33.709551Z"},
	};
	char out[TIME_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		assert_string_equal(time_format(t[i].ns, out), t[i].text);
		assert_int_equal(strlen(out), TIME_TEXT - 1);
	}
}

/* Every day from 1970 to 2555, against the C library. */
static void every_day_is_that_of_the_c_library(void **state)
{
	(void)state;
	for (uint32_t days = 0; days < 213600; days++) {
		const time_t t = (time_t)days * 86400;
		const struct civil date = civil_from_days(days);
		struct tm tm;
		assert_non_null(gmtime_r(&t, &tm));
		assert_int_equal(date.year, tm.tm_year + 1900);
		assert_int_equal(date.month, tm.tm_mon + 1);
		assert_int_equal(date.day, tm.tm_mday);
	}
}

static PRINTF(2, 3) const char *line_of(char out[LOG_LINE + 1], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	out[log_format(out, format, args)] = 0;
	va_end(args);
	return out;
}

static void a_log_line_is_one_line(void **state)
{
	char out[LOG_LINE + 1];

	(void)state;
	assert_string_equal(line_of(out, "cannot listen on %s", "eth7"),
	                    "havainto: cannot listen on eth7\n");
	assert_string_equal(line_of(out, "%s", ""), "havainto: \n");
	assert_string_equal(line_of(out, "name %s!", "a\nb\x1b[2J\x7f\\\t\x01\xc3\xa4"),
	                    "havainto: name a\\nb\\x1b[2J\\x7f\\\\\\t\\x01\xc3\xa4!\n");
}

static void a_log_line_too_long_is_cut_and_says_so(void **state)
{
	char out[LOG_LINE + 1], text[2 * LOG_LINE];

	(void)state;
	for (size_t len = LOG_LINE - 40; len < sizeof text; len += len < LOG_LINE + 9 ? 1 : 200) {
		memset(text, 'a', len);
		text[len] = 0;
		const size_t n = strlen(line_of(out, "%s", text));
		assert_true(n <= LOG_LINE);
		if (len + strlen("havainto: \n") <= LOG_LINE - 4)
			assert_int_equal(n, len + strlen("havainto: \n"));
		else
			assert_string_equal(out + n - 5, "a...\n");
		memset(text, 1, len);
		assert_true(strlen(line_of(out, "%s", text)) <= LOG_LINE);
		assert_string_equal(out + strlen(out) - 8, "\\x01...\n");
	}
}

/* What log_once_a_minute writes to stderr at these times, a second each. */
static void log_at(struct log_limit *limit, const unsigned *seconds, size_t count, char *out,
                   size_t cap)
{
	int ends[2];
	const int saved = dup(STDERR_FILENO);

	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	for (size_t i = 0; i < count; i++) {
		injected_ns = (1000 + seconds[i]) * CLOCK_SECOND;
		log_once_a_minute(limit, "full %zu", i);
	}
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(ends[1]);
	const ssize_t n = read(ends[0], out, cap - 1);
	out[n > 0 ? n : 0] = 0;
	close(ends[0]);
	close(saved);
}

static void what_comes_back_is_logged_once_a_minute(void **state)
{
	static const unsigned seconds[] = {0, 1, 59, 60, 119, 121};
	struct log_limit limit = {0};
	char out[1024];

	(void)state;
	clock_inject(injected);
	log_at(&limit, seconds, COUNT_OF(seconds), out, sizeof out);
	clock_inject(NULL);
	assert_string_equal(
		out, "havainto: full 0\n"
		     "havainto: full 3\n"
		     "havainto: 2 lines like the last one came before it and were not written\n"
		     "havainto: full 5\n"
		     "havainto: 1 lines like the last one came before it and were not written\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_is_the_wall_clocks_and_never_falls),
		cmocka_unit_test(a_test_can_be_the_clock),
		cmocka_unit_test(a_time_is_written_as_rfc_3339),
		cmocka_unit_test(every_day_is_that_of_the_c_library),
		cmocka_unit_test(a_log_line_is_one_line),
		cmocka_unit_test(a_log_line_too_long_is_cut_and_says_so),
		cmocka_unit_test(what_comes_back_is_logged_once_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
