/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block.c - see block.h. One mapping a block: of the lists only as much is touched as they ever hold.
 */
#include "capture/block.h"

#include <string.h>
#include <sys/mman.h>

static size_t block_size(unsigned lists)
{
	return SOURCE_LEND + (size_t)lists * BLOCK_FRAMES * sizeof(struct frame);
}

bool block_init(struct block *b, unsigned lists)
{
	*b = (struct block){.lists = lists};
	uint8_t *const memory = mmap(NULL, block_size(lists), PROT_READ | PROT_WRITE,
	                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return false;
	b->bytes = memory;
	for (unsigned i = 0; i < lists; i++)
		b->list[i] = (struct frame *)(void *)(memory + SOURCE_LEND) + i * BLOCK_FRAMES;
	return true;
}

void block_fini(struct block *b)
{
	if (b->bytes)
		munmap(b->bytes, block_size(b->lists));
	b->bytes = NULL;
}

void block_empty(struct block *b)
{
	memset(b->count, 0, sizeof b->count);
	b->entries = 0;
}

void block_mark(struct block *b, const struct mark *mark)
{
	const struct frame entry = {.time_ns = mark->time_ns, .number = mark->interval};

	for (unsigned i = 0; i < b->lists; i++)
		b->list[i][b->count[i]++] = entry;
	b->entries++;
}
