/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units.c - see units.h.
 */
#include "asset/units.h"

#include <assert.h>

#define WASTE 8u         /* one unit in so many may be free before runs are looked for */
#define LOOKS 64u        /* words and runs that are looked at for one */
#define LOOKS_FULL 4096u /* when there are no more at the top */
#define PATIENCE 32u

size_t units_room(uint32_t size)
{
	return (size_t)size * UNIT + ((size_t)size / 64 + 1) * sizeof(uint64_t) + 128;
}

void units_init(struct units *u, struct arena *memory, uint32_t size)
{
	*u = (struct units){.size = size, .top = 1, .cursor = 1};
	u->base = arena_take(memory, (size_t)size * UNIT, 64);
	u->taken = arena_take(memory, ((size_t)size / 64 + 1) * sizeof *u->taken, 64);
	assert(u->base != NULL && u->taken != NULL);
	arena_fills(u->base, (size_t)size * UNIT);
}

/* Marks units [from, from + n) as taken or not, word by word. */
static void units_mark(struct units *u, uint32_t from, uint32_t n, bool taken)
{
	for (uint32_t at = from, end = from + n; at < end;) {
		const uint32_t bit = at % 64, left = end - at, most = 64 - bit;
		const uint32_t count = left < most ? left : most;
		const uint64_t bits = (count == 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1)
		                      << bit;
		if (taken)
			u->taken[at / 64] |= bits;
		else
			u->taken[at / 64] &= ~bits;
		at += count;
	}
}

/* Free units at `at`, counted as far as `n`, below the top. */
static uint32_t run_length(const struct units *u, uint32_t at, uint32_t n)
{
	uint32_t len = 0;

	while (len < n && at + len < u->top) {
		const uint64_t taken = u->taken[(at + len) / 64] >> (at + len) % 64;
		if (taken != 0)
			return len + (uint32_t)__builtin_ctzll(taken);
		len += 64 - (at + len) % 64;
	}
	return at + len > u->top ? u->top - at : len;
}

/* The first of n free units, looked for from the cursor on; 0: not found. */
static uint32_t units_look(struct units *u, uint32_t n, uint32_t looks)
{
	uint32_t at = u->cursor;

	for (; looks > 0; looks--) {
		if (at >= u->top)
			at = 1;
		const uint64_t free = ~u->taken[at / 64] >> at % 64;
		if (free == 0) {
			at = (at / 64 + 1) * 64;
			continue;
		}
		at += (uint32_t)__builtin_ctzll(free);
		const uint32_t len = run_length(u, at, n);
		if (len >= n) {
			u->cursor = at + n;
			return at;
		}
		at += len + 1;
	}
	u->cursor = at;
	return 0;
}

/* Is it worth a look? After looks in vain fewer are made, one in up to PATIENCE. */
static bool units_may(struct units *u, uint32_t n, bool grows)
{
	if (u->free < n || !grows)
		return u->free >= n;
	if (u->free <= u->top / WASTE)
		return false;
	if (u->waits == 0)
		return true;
	u->waits--;
	return false;
}

static uint32_t units_find(struct units *u, uint32_t n, bool grows)
{
	const uint32_t at = units_look(u, n, grows ? LOOKS : LOOKS_FULL);

	u->vain = at != 0 ? 0 : u->vain < PATIENCE ? 2 * u->vain + 1 : u->vain;
	u->waits = u->vain;
	return at;
}

/* The last run of so many units that was given back and is free still; 0: none is remembered. */
static uint32_t units_given(struct units *u, uint32_t n)
{
	if (n > UNITS_SMALL)
		return 0;
	uint32_t *const count = &u->given_count[n - 1];
	while (*count > 0) {
		const uint32_t at = u->given[n - 1][--*count];
		if (run_length(u, at, n) >= n)
			return at;
	}
	return 0;
}

uint32_t units_take(struct units *u, uint32_t n)
{
	const bool grows = n <= u->size - u->top;
	uint32_t at = units_given(u, n);

	if (at == 0 && units_may(u, n, grows))
		at = units_find(u, n, grows);
	if (at != 0) {
		u->free -= n;
	} else if (grows) {
		at = u->top;
		u->top += n;
	} else {
		return 0;
	}
	units_mark(u, at, n, true);
	return at;
}

void units_give(struct units *u, uint32_t run, uint32_t n)
{
	units_mark(u, run, n, false);
	u->free += n;
	if (n <= UNITS_SMALL && u->given_count[n - 1] < UNITS_GIVEN)
		u->given[n - 1][u->given_count[n - 1]++] = run;
}

static bool units_grow(struct units *u, uint32_t end, uint32_t n)
{
	const uint32_t run = run_length(u, end, n), free = run < n ? run : n;

	if (free < n && (end + free != u->top || n - free > u->size - u->top))
		return false;
	if (end + n > u->top)
		u->top = end + n;
	u->free -= free;
	units_mark(u, end, n, true);
	return true;
}

bool units_resize(struct units *u, uint32_t run, uint32_t from, uint32_t to)
{
	if (to > from)
		return units_grow(u, run + from, to - from);
	if (to < from)
		units_give(u, run + to, from - to);
	return true;
}
