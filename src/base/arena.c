/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - memory with a budget, taken once.
 */
#include "base/arena.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#define ARENA_PAGE 4096u

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
	const uintptr_t from =
		((uintptr_t)array + ARENA_SMALL + ARENA_PAGE - 1) & -(uintptr_t)ARENA_PAGE;
	const uintptr_t end = ((uintptr_t)array + bytes) & -(uintptr_t)ARENA_PAGE;

	if (from < end) /* a kernel that has none refuses, and nothing is lost */
		(void)madvise((void *)from, end - from, MADV_HUGEPAGE);
}

void arena_free(struct arena *a)
{
	if (a->base != NULL)
		munmap(a->base, a->size);
	*a = (struct arena){0};
}
