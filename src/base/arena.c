/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - memory with a budget, taken once.
 */
#include "base/arena.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#define ARENA_PAGE 4096u
#define ARENA_LARGE ((size_t)2 << 20)

int arena_init(struct arena *a, size_t budget)
{
	assert(budget > 0);
	/*
	 * Shared with nobody. A table is read before it is written: in private memory the first look
	 * maps a page of zeros, and the first write replaces it in a second fault, which interrupts
	 * every processor that a thread of ours is on. Two workers lost a tenth of their time so.
	 */
	void *const base = mmap(NULL, budget, PROT_READ | PROT_WRITE,
	                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return -errno;
	*a = (struct arena){.base = base, .size = budget};
	return 0;
}

void *arena_take(struct arena *a, size_t bytes, size_t align)
{
	assert(align > 0 && (align & (align - 1)) == 0 && align <= ARENA_PAGE);
	const size_t gap = -a->used & (align - 1);
	const size_t left = a->size - a->used;

	if (gap > left || bytes > left - gap)
		return NULL;
	void *const taken = a->base + a->used + gap;
	a->used += gap + bytes;
	return taken;
}

void arena_fills(void *array, size_t bytes)
{
	uint8_t *const from = (uint8_t *)array + ARENA_SMALL +
	                      (-((uintptr_t)array + ARENA_SMALL) & (ARENA_LARGE - 1));
	uint8_t *const end =
		(uint8_t *)array + bytes - (((uintptr_t)array + bytes) & (ARENA_LARGE - 1));

	if (from >= end)
		return;
	void *const tail = mmap(from, (size_t)(end - from), PROT_READ | PROT_WRITE,
	                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	assert(tail == from);
	/* A kernel that has none refuses, and nothing is lost. */
	(void)madvise(tail, (size_t)(end - from), MADV_HUGEPAGE);
}

void arena_free(struct arena *a)
{
	if (a->base != NULL)
		munmap(a->base, a->size);
	*a = (struct arena){0};
}
