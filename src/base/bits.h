/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bits.h - a set of small numbers, a bit each: which parts of a great table were used or changed, so
 * that going over the table touches no others.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes of a set of numbers below `count`. */
static inline size_t bits_size(uint32_t count)
{
	return ((size_t)count / 64 + 1) * sizeof(uint64_t);
}

static inline void bits_add(uint64_t *set, uint32_t n)
{
	set[n / 64] |= UINT64_C(1) << n % 64;
}

static inline bool bits_has(const uint64_t *set, uint32_t n)
{
	return (set[n / 64] >> n % 64 & 1) != 0;
}

/* The set of numbers below `count` becomes empty. */
static inline void bits_clear(uint64_t *set, uint32_t count)
{
	memset(set, 0, bits_size(count));
}

/* The least number of the set from `from` on; `count` or more: there are no others. */
static inline uint32_t bits_next(const uint64_t *set, uint32_t from, uint32_t count)
{
	uint32_t word = from / 64;
	uint64_t left = set[word] >> from % 64;

	if (left != 0)
		return from + (uint32_t)__builtin_ctzll(left);
	while (++word <= count / 64) {
		left = set[word];
		if (left != 0)
			return word * 64 + (uint32_t)__builtin_ctzll(left);
	}
	return count;
}
