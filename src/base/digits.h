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

/* "0" to "255", and how many digits that is. */
struct digit_octet {
	char text[3];
	uint8_t len;
};
extern const struct digit_octet digit_octets[256];

/* A byte in decimal. It takes four bytes of room, however many digits it has. */
static inline char *digits_put_octet(char *at, uint8_t b)
{
	memcpy(at, &digit_octets[b], sizeof digit_octets[b]);
	return at + digit_octets[b].len;
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
/* "00" to "ff", one behind the other. */
extern const char hex_pairs[513];

/* A byte as its two digits. */
static inline char *digits_put_hex(char *at, uint8_t b)
{
	memcpy(at, &hex_pairs[2 * b], 2);
	return at + 2;
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
