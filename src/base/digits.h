/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digits.h - numbers in decimal, two digits at a time: a report is mostly numbers. And bytes in
 * hexadecimal.
 *
 * Each writer returns the place behind what it wrote; the caller has the room.
 */
#pragma once

#include "base/attr.h"

#include <stddef.h>
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

extern const char hex_digits[17]; /* lower case */

/* A byte as its two digits. */
static inline char *digits_put_hex(char *at, uint8_t b)
{
	*at++ = hex_digits[b >> 4];
	*at++ = hex_digits[b & 15];
	return at;
}

static inline char *digits_put_bytes(char *at, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at = digits_put_hex(at, bytes[i]);
	return at;
}

/* What a hexadecimal digit of either case stands for; -1: it is none. */
static inline int digits_take_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
