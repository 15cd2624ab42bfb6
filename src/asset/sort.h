/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort.h - puts numbers of entries in order, in place. The C library's qsort may allocate, which
 * the reporter must not.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Is entry x before entry y? Equal entries end in any order: a total order makes the result unique.
 */
typedef bool sort_less(const void *of, uint32_t x, uint32_t y);

/* Heapsort: n log n comparisons at worst, whatever the network sends. */
void sort_numbers(uint32_t *numbers, size_t count, const void *of, sort_less *less);

/* A number with the beginning of what it is sorted by, in 12 bytes: there are millions. */
struct sort_key {
	uint64_t key;
	uint32_t number;
} __attribute__((packed, aligned(4)));

/*
 * Sorts by keys, then those of equal keys by `less`: a long list byte by byte and in place, until
 * its runs are short enough to be merged, for a heap would walk a million at random.
 */
void sort_keys(struct sort_key *keys, size_t count, const void *of, sort_less *less);
