/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory with a budget, taken once.
 *
 * A task's tables are cut out of one arena while it is set up; nothing is given back but all of
 * it, and nothing is asked for on the packet path. The whole budget is address space from the
 * start, but the kernel gives a page only when it is first written: a table costs what it holds.
 */
#pragma once

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>

struct arena {
	uint8_t *base;
	size_t size; /* the budget, bytes */
	size_t used; /* bytes taken, alignment included */
};

/* 0, or -errno where the kernel refuses. budget > 0. */
int arena_init(struct arena *a, size_t budget) MUST_CHECK NONNULL;
/* Zeroed bytes, aligned to `align`, a power of two up to a page; NULL when over the budget. */
void *arena_take(struct arena *a, size_t bytes, size_t align) MUST_CHECK NONNULL;
/*
 * Of an array that is filled from its front, before anything is in it: what is behind its first
 * ARENA_SMALL bytes comes in pages of 2 MiB, where the kernel has such. A random look-up in gigabytes of small pages misses
 * twice, the second time in the page tables; an array that stays small takes nothing more.
 */
#define ARENA_SMALL ((size_t)4 << 20)
void arena_fills(void *array, size_t bytes) NONNULL;
/* Gives all of it back. A zeroed or freed arena is fine, and has no room. */
void arena_free(struct arena *a) NONNULL;
