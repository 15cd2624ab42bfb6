/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort.c - heapsort, and insertion for the short lists that most are.
 */
#include "asset/sort.h"

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
