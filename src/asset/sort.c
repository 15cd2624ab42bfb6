/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort.c - heapsort, insertion for the short lists that most are, and buckets for the long ones.
 */
#include "asset/sort.h"

#include <string.h>

#define SHORT 16u

static void insert_all(uint32_t *numbers, size_t count, const void *of, sort_less *less)
{
	for (size_t i = 1; i < count; i++) {
		const uint32_t number = numbers[i];
		size_t at = i;
		for (; at > 0 && less(of, number, numbers[at - 1]); at--)
			numbers[at] = numbers[at - 1];
		numbers[at] = number;
	}
}

/* Lets the number at `at` sink to where both below it are not after it. */
static void sink_down(uint32_t *heap, size_t at, size_t count, const void *of, sort_less *less)
{
	const uint32_t number = heap[at];

	for (size_t below; (below = 2 * at + 1) < count; at = below) {
		if (below + 1 < count && less(of, heap[below], heap[below + 1]))
			below++;
		if (!less(of, number, heap[below]))
			break;
		heap[at] = heap[below];
	}
	heap[at] = number;
}

void sort_numbers(uint32_t *numbers, size_t count, const void *of, sort_less *less)
{
	if (count <= SHORT) {
		insert_all(numbers, count, of, less);
		return;
	}
	for (size_t i = count / 2; i-- > 0;)
		sink_down(numbers, i, count, of, less);
	for (size_t end = count - 1; end > 0; end--) {
		const uint32_t last = numbers[end];
		numbers[end] = numbers[0];
		numbers[0] = last;
		sink_down(numbers, 0, end, of, less);
	}
}

/* ---- by keys ---- */

/* What is sorted by besides keys. */
struct order {
	const void *of;
	sort_less *less;
};

static uint64_t key_of(const struct sort_key *k)
{
	return (uint64_t)k->high << 32 | k->low;
}

/* By keys alone: none has far to go, for those that differ early stand apart already. */
static void insert_keys(struct sort_key *keys, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct sort_key key = keys[i];
		size_t at = i;
		for (; at > 0 && key_of(&key) < key_of(&keys[at - 1]); at--)
			keys[at] = keys[at - 1];
		keys[at] = key;
	}
}

/* All have one key. Their numbers are put together at the front, in order, and out again. */
static void sort_equals(struct sort_key *keys, size_t count, const struct order *o)
{
	uint32_t *const numbers = (uint32_t *)(void *)keys;
	const struct sort_key one = keys[0];

	for (size_t i = 0; i < count; i++)
		numbers[i] = keys[i].number;
	sort_numbers(numbers, count, o->of, o->less);
	for (size_t i = count; i-- > 0;)
		keys[i] = (struct sort_key){one.high, one.low, numbers[i]};
}

static unsigned key_byte(const struct sort_key *k, unsigned shift)
{
	return key_of(k) >> shift & 255u;
}

/* Brings keys with the same byte together, in the order of that byte. */
static void part_by_byte(struct sort_key *keys, size_t count, unsigned shift)
{
	uint32_t next[256], ends[256] = {0}, sum = 0;

	for (size_t i = 0; i < count; i++)
		ends[key_byte(&keys[i], shift)]++;
	if (ends[key_byte(&keys[0], shift)] == count)
		return;
	for (unsigned b = 0; b < 256; b++) {
		next[b] = sum;
		sum = ends[b] += sum;
	}
	for (unsigned b = 0; b < 256; b++) {
		while (next[b] < ends[b]) {
			struct sort_key *const here = &keys[next[b]];
			const struct sort_key key = *here;
			const unsigned home = key_byte(&key, shift);
			if (home != b) {
				*here = keys[next[home]];
				keys[next[home]] = key;
			}
			next[home]++;
		}
	}
}

/* Keys that are the same above the byte at `shift`, from this one on: how many. */
static size_t run_of(const struct sort_key *keys, size_t count, unsigned shift)
{
	size_t n = 1;

	if (shift == 56)
		return count;
	while (n < count && key_of(&keys[n]) >> (shift + 8) == key_of(&keys[0]) >> (shift + 8))
		n++;
	return n;
}

/*
 * A byte after another, from the highest: each within the keys that are the same so far. True: some
 * run was long, so that the next byte may matter.
 */
static bool part_long_runs(struct sort_key *keys, size_t count, unsigned shift)
{
	bool any = false;

	for (size_t from = 0, n; from < count; from += n) {
		n = run_of(keys + from, count - from, shift);
		if (n > SHORT) {
			part_by_byte(keys + from, n, shift);
			any = true;
		}
	}
	return any;
}

void sort_keys(struct sort_key *keys, size_t count, const void *of, sort_less *less)
{
	const struct order order = {of, less};

	for (unsigned shift = 64; shift > 0 && part_long_runs(keys, count, shift - 8);)
		shift -= 8;
	insert_keys(keys, count);
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && key_of(&keys[to]) == key_of(&keys[from]);)
			to++;
		if (to - from > 1)
			sort_equals(keys + from, to - from, &order);
	}
}
