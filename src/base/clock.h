/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - the time now, and times as text. All times are ns since 1970, UTC.
 *
 * The time now is the wall clock's as it was when it was first asked, and runs on with the
 * monotonic clock: setting the wall clock neither repeats an interval nor skips one. Only
 * wirings and the cli ask for it; observers know nothing but the time of their packet.
 */
#pragma once

#include "base/attr.h"

#include <stdint.h>

#define CLOCK_SECOND UINT64_C(1000000000)
#define TIME_TEXT 28     /* "2026-11-23T05:00:00.000000Z" and its 0 */
#define TIME_FRACTION 20 /* where its microseconds begin */

/* A day of the Gregorian calendar. */
struct civil {
	int32_t year;
	uint8_t month, day; /* from 1 */
};

/* From any thread. */
uint64_t clock_now_ns(void);
/* For tests: `now` is asked instead from here on; NULL puts the real clock back. */
void clock_inject(uint64_t (*now)(void));

/* The day that began `days` days after 1970-01-01, without a time zone. */
struct civil civil_from_days(uint32_t days) PURE;

/* RFC 3339 with microseconds (the ns are cut), 27 characters for any time; returns out. */
char *time_format(uint64_t time_ns, char out[TIME_TEXT]) NONNULL;
/* What stands behind the seconds: the microseconds of so many ns and a "Z"; returns the place behind. */
char *time_put_fraction(char *at, uint32_t ns) NONNULL;
