/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digits.c - see digits.h.
 */
#include "base/digits.h"

#define TEN(n) #n "0" #n "1" #n "2" #n "3" #n "4" #n "5" #n "6" #n "7" #n "8" #n "9"

const char digit_pairs[201] = TEN(0) TEN(1) TEN(2) TEN(3) TEN(4) TEN(5) TEN(6) TEN(7) TEN(8) TEN(9);

const char hex_digits[17] = "0123456789abcdef";

#define SIXTEEN(n) TEN(n) #n "a" #n "b" #n "c" #n "d" #n "e" #n "f"

const char hex_pairs[513] = SIXTEEN(0) SIXTEEN(1) SIXTEEN(2) SIXTEEN(3) SIXTEEN(4) SIXTEEN(5)
	SIXTEEN(6) SIXTEEN(7) SIXTEEN(8) SIXTEEN(9) SIXTEEN(a) SIXTEEN(b) SIXTEEN(c) SIXTEEN(d)
		SIXTEEN(e) SIXTEEN(f);

/* clang-format off */
#define OCTET(n) {#n, sizeof #n - 1}
/* clang-format on */
#define OCTETS(tens)                                                                    \
	OCTET(tens##0), OCTET(tens##1), OCTET(tens##2), OCTET(tens##3), OCTET(tens##4), \
		OCTET(tens##5), OCTET(tens##6), OCTET(tens##7), OCTET(tens##8), OCTET(tens##9)

const struct digit_octet digit_octets[256] = {
	OCTET(0),   OCTET(1),   OCTET(2),   OCTET(3),   OCTET(4),   OCTET(5),   OCTET(6),
	OCTET(7),   OCTET(8),   OCTET(9),   OCTETS(1),  OCTETS(2),  OCTETS(3),  OCTETS(4),
	OCTETS(5),  OCTETS(6),  OCTETS(7),  OCTETS(8),  OCTETS(9),  OCTETS(10), OCTETS(11),
	OCTETS(12), OCTETS(13), OCTETS(14), OCTETS(15), OCTETS(16), OCTETS(17), OCTETS(18),
	OCTETS(19), OCTETS(20), OCTETS(21), OCTETS(22), OCTETS(23), OCTETS(24), OCTET(250),
	OCTET(251), OCTET(252), OCTET(253), OCTET(254), OCTET(255)};

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
