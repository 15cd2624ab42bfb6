/* SPDX-License-Identifier: Apache-2.0 */
/*
 * block.h - a piece of a capture that several read at once: its bytes, and for each of them a list of
 * the frames that are his.
 *
 * Whoever fills it lends the bytes to a source (source_lend) and puts each frame, which stands in
 * them, into one list. Marks go into all lists: a mark is an entry without bytes. Then the block is only
 * read, until all have given it back (task/lend.h).
 */
#pragma once

#include "capture/source.h"
#include "task/channel.h"

enum { BLOCK_FRAMES = 4096, BLOCK_READERS = 32 };

struct block {
	uint8_t *bytes; /* SOURCE_LEND of them */
	struct frame *list[BLOCK_READERS];
	uint32_t count[BLOCK_READERS]; /* entries of each list */
	uint32_t entries;              /* no list has more */
	unsigned lists;
};

/* All memory it will ever need. False when memory is out; block_fini is fine then, too. */
bool block_init(struct block *b, unsigned lists) MUST_CHECK NONNULL;
void block_fini(struct block *b) NONNULL;
void block_empty(struct block *b) NONNULL;

/* Is there room for a batch of a source, with a mark before each of its frames? */
static inline bool block_has_room(const struct block *b)
{
	return b->entries + 2 * SOURCE_BATCH <= BLOCK_FRAMES;
}

static inline void block_add(struct block *b, unsigned list, const struct frame *f)
{
	b->list[list][b->count[list]++] = *f;
	b->entries++;
}

void block_mark(struct block *b, const struct mark *mark) NONNULL;

static inline bool block_is_mark(const struct frame *entry)
{
	return !entry->bytes;
}

static inline struct mark block_mark_of(const struct frame *entry)
{
	return (struct mark){.time_ns = entry->time_ns, .interval = entry->number};
}
