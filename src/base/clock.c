/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.c - the time now, and times as text.
 *
 * The difference between the two clocks is taken once, by whoever asks first. Threads that ask
 * first at once agree on one of their differences, so that no two ever see different clocks.
 */
#include "base/clock.h"

#include "base/digits.h"

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

static _Atomic(uint64_t) clock_start; /* wall clock - monotonic clock; 0: not taken yet */
static _Atomic(uint64_t (*)(void)) clock_injected;

static uint64_t clock_read(clockid_t id)
{
	struct timespec t;
	const int err = clock_gettime(id, &t);

	assert(err == 0 && t.tv_sec >= 0);
	return (uint64_t)t.tv_sec * CLOCK_SECOND + (uint64_t)t.tv_nsec;
}

static COLD uint64_t clock_take_start(void)
{
	const uint64_t mine = clock_read(CLOCK_REALTIME) - clock_read(CLOCK_MONOTONIC);
	uint64_t theirs = 0;

	if (atomic_compare_exchange_strong(&clock_start, &theirs, mine))
		return mine;
	return theirs;
}

uint64_t clock_now_ns(void)
{
	uint64_t (*const injected)(void) =
		atomic_load_explicit(&clock_injected, memory_order_acquire);

	if (UNLIKELY(injected != NULL))
		return injected();
	uint64_t start = atomic_load_explicit(&clock_start, memory_order_relaxed);
	if (UNLIKELY(start == 0))
		start = clock_take_start();
	return start + clock_read(CLOCK_MONOTONIC);
}

void clock_inject(uint64_t (*now)(void))
{
	atomic_store_explicit(&clock_injected, now, memory_order_release);
}

/*
 * Years are counted from March, so that the leap day is the last of its year, and in eras of 400
 * years, which all have 146,097 days. From March, the months have 31 30 31 30 31 days again and
 * again: month m begins on day (153 m + 2) / 5.
 */
struct civil civil_from_days(uint32_t days)
{
	const uint64_t since = (uint64_t)days + 719468; /* 1970-01-01 since 0000-03-01 */
	const uint64_t era = since / 146097;
	const uint32_t day = (uint32_t)(since % 146097);
	const uint32_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	const uint32_t in_year = day - (365 * year + year / 4 - year / 100);
	const uint32_t month = (5 * in_year + 2) / 153; /* 0: March */

	return (struct civil){
		.year = (int32_t)(era * 400 + year + (month >= 10)),
		.month = (uint8_t)(month < 10 ? month + 3 : month - 9),
		.day = (uint8_t)(in_year - (153 * month + 2) / 5 + 1),
	};
}

/* Two digits, and `after` behind them. */
static char *time_put(char *at, uint32_t number, char after)
{
	at = digits_put_pair(at, number);
	*at = after;
	return at + 1;
}

char *time_put_fraction(char *at, uint32_t ns)
{
	const uint32_t us = ns / 1000;

	at = digits_put_pair(at, us / 10000);
	at = digits_put_pair(at, us / 100 % 100);
	return time_put(at, us % 100, 'Z');
}

char *time_format(uint64_t time_ns, char out[TIME_TEXT])
{
	const uint64_t seconds = time_ns / CLOCK_SECOND;
	const uint32_t second = (uint32_t)(seconds % 86400); /* of the day */
	const struct civil date = civil_from_days((uint32_t)(seconds / 86400));
	char *at = out;

	at = digits_put_pair(at, (uint32_t)date.year / 100);
	at = time_put(at, (uint32_t)date.year % 100, '-');
	at = time_put(at, date.month, '-');
	at = time_put(at, date.day, 'T');
	at = time_put(at, second / 3600, ':');
	at = time_put(at, second / 60 % 60, ':');
	at = time_put(at, second % 60, '.');
	*time_put_fraction(at, (uint32_t)(time_ns % CLOCK_SECOND)) = 0;
	return out;
}
