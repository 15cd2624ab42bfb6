/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort.c - heapsort, insertion for the short lists that most are, merging for those of a few
 * hundred, and buckets for the long ones.
 */
#include "asset/sort.h"

#include <string.h>

#define SHORT 16u
#define INSERTED 8u /* keys of a run that are not worth merging */
#define MERGED 512u /* at most so many are merged: half of them fit on the stack */

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

/* Two runs in one; y stands where the merged one ends, so that its rest need not move. */
static void merge_keys(struct sort_key *to, const struct sort_key *x, size_t x_count,
                       const struct sort_key *y, size_t y_count)
{
	const struct sort_key *const x_end = x + x_count, *const y_end = y + y_count;

	while (x < x_end && y < y_end)
		*to++ = y->key < x->key ? *y++ : *x++;
	memcpy(to, x, (size_t)(x_end - x) * sizeof *x); /* what is left of y is in its place */
}

static void insert_keys(struct sort_key *keys, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct sort_key key = keys[i];
		size_t at = i;
		for (; at > 0 && key.key < keys[at - 1].key; at--)
			keys[at] = keys[at - 1];
		keys[at] = key;
	}
}

/* At most MERGED keys: few are inserted, and each twice as many are made of two halves. */
static void sort_run(struct sort_key *keys, size_t count)
{
	struct sort_key half[MERGED / 2] UNINITIALIZED;

	for (size_t from = 0; from < count; from += INSERTED)
		insert_keys(keys + from, count - from < INSERTED ? count - from : INSERTED);
	for (size_t size = INSERTED; size < count; size *= 2) {
		for (size_t from = 0; from + size < count; from += 2 * size) {
			struct sort_key *const x = keys + from, *const y = x + size;
			const size_t rest = count - from - size;
			if (y[-1].key <= y->key)
				continue;
			memcpy(half, x, size * sizeof *x);
			merge_keys(x, half, size, y, rest < size ? rest : size);
		}
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
		keys[i] = (struct sort_key){one.key, numbers[i]};
}

static unsigned key_byte(const struct sort_key *k, unsigned shift)
{
	return k->key >> shift & 255u;
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
	while (n < count && keys[n].key >> (shift + 8) == keys[0].key >> (shift + 8))
		n++;
	return n;
}

/*
 * A byte after another, from the highest: each within the keys that are the same so far, and the
 * short runs at once. True: some run was long, so that the next byte may matter.
 */
static bool part_long_runs(struct sort_key *keys, size_t count, unsigned shift)
{
	bool any = false;

	for (size_t from = 0, n; from < count; from += n) {
		n = run_of(keys + from, count - from, shift);
		if (n > MERGED) {
			part_by_byte(keys + from, n, shift);
			any = true;
		} else {
			sort_run(keys + from, n);
		}
	}
	return any;
}

void sort_keys(struct sort_key *keys, size_t count, const void *of, sort_less *less)
{
	const struct order order = {of, less};

	for (unsigned shift = 64; shift > 0 && part_long_runs(keys, count, shift - 8);)
		shift -= 8;
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && keys[to].key == keys[from].key;)
			to++;
		if (to - from > 1)
			sort_equals(keys + from, to - from, &order);
	}
}
