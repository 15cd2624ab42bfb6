/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digits.c - see digits.h.
 */
#include "base/digits.h"

#define TEN(n) #n "0" #n "1" #n "2" #n "3" #n "4" #n "5" #n "6" #n "7" #n "8" #n "9"

const char digit_pairs[201] = TEN(0) TEN(1) TEN(2) TEN(3) TEN(4) TEN(5) TEN(6) TEN(7) TEN(8) TEN(9);

const char hex_digits[17] = "0123456789abcdef";

/* By its bits it has `guess` digits or one more: log10(2) is nearly 1233 / 4096. */
unsigned digits_count(uint64_t n)
{
	static const uint64_t powers[] = {1,
	                                  10,
	                                  100,
	                                  1000,
	                                  10000,
	                                  100000,
	                                  1000000,
	                                  10000000,
	                                  100000000,
	                                  1000000000,
	                                  10000000000,
	                                  100000000000,
	                                  1000000000000,
	                                  10000000000000,
	                                  100000000000000,
	                                  1000000000000000,
	                                  10000000000000000,
	                                  100000000000000000,
	                                  1000000000000000000,
	                                  10000000000000000000u};
	const unsigned bits = 64 - (unsigned)__builtin_clzll(n | 1);
	const unsigned guess = bits * 1233 >> 12;

	return guess + (n >= powers[guess]) + (n == 0);
}
