/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digits.h - numbers in decimal, two digits at a time: a report is mostly numbers.
 *
 * Each writer returns the place behind what it wrote; the caller has the room.
 */
#pragma once

#include "base/attr.h"

#include <stdint.h>
#include <string.h>

#define DIGITS_MOST 20u /* of any number of 64 bits */

/* "00" to "99", one behind the other. */
extern const char digit_pairs[201];

/* A number below 100 with both its digits. */
static inline char *digits_put_pair(char *at, uint32_t n)
{
	memcpy(at, &digit_pairs[2 * n], 2);
	return at + 2;
}

/* How many digits a number has. */
unsigned digits_count(uint64_t n) PURE;

static inline char *digits_put(char *at, uint64_t n)
{
	if (n < 10) {
		*at = (char)('0' + n);
		return at + 1;
	}
	char *const end = at + digits_count(n);
	char *to = end;
	for (; n >= 100; n /= 100)
		digits_put_pair(to -= 2, (uint32_t)(n % 100));
	if (n >= 10)
		digits_put_pair(at, (uint32_t)n);
	else
		*at = (char)('0' + n);
	return end;
}
