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

/*
 * One pass by the byte at `shift`, which keeps the order of equals; false: all have the same byte
 * there.
 */
static bool sort_by_byte(const struct sort_key *from, struct sort_key *to, size_t count,
                         unsigned shift)
{
	size_t starts[257] = {0};

	for (size_t i = 0; i < count; i++)
		starts[(from[i].key >> shift & 255) + 1]++;
	for (unsigned b = 0; b < 256; b++) {
		if (starts[b + 1] == count)
			return false;
		starts[b + 1] += starts[b];
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i].key >> shift & 255]++] = from[i];
	return true;
}

/* keys[0..count) have one key: their numbers are put in order. */
static void sort_equals(struct sort_key *keys, size_t count, uint32_t *numbers, const void *of,
                        sort_less *less)
{
	for (size_t i = 0; i < count; i++)
		numbers[i] = keys[i].number;
	sort_numbers(numbers, count, of, less);
	for (size_t i = 0; i < count; i++)
		keys[i].number = numbers[i];
}

void sort_keys(struct sort_key *keys, struct sort_key *spare, size_t count, const void *of,
               sort_less *less)
{
	struct sort_key *from = keys, *to = spare;

	for (unsigned shift = 0; shift < 64; shift += 8) {
		if (!sort_by_byte(from, to, count, shift))
			continue;
		struct sort_key *const sorted = to;
		to = from;
		from = sorted;
	}
	if (from != keys)
		memcpy(keys, from, count * sizeof *keys);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && keys[end].key == keys[i].key;)
			end++;
		if (end - i > 1)
			sort_equals(keys + i, end - i, (uint32_t *)(void *)spare, of, less);
	}
}
