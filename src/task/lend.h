/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lend.h - blocks that are filled one after the other and read by every reader, none copied.
 *
 * The third kind of edge, beside the call (a packet is borrowed) and the channel (it is copied):
 * several tasks read the same bytes, each its own part of them. What a block is, its owner knows;
 * here it is a number. There are a few; block 0 is filled first, and after the last comes block 0
 * again, once all readers have given it back.
 *
 * No task of its own fills them. The reader that has the fewest blocks left to read takes the turn,
 * if nobody has it, fills the next block and publishes it, while the others read what they are
 * behind with: so nobody waits while there is work, and no task stands between the source and those
 * who read. One fills at a time, and what it leaves behind (where the file stands) the next one
 * finds. A reader ends when the last block is read.
 *
 * Readers only read what is lent: whoever fills writes, and nobody else.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

struct lending;

enum lent {
	LENT_READ,    /* a block to read, then lending_give_back */
	LENT_FILL,    /* a block to fill, then lending_publish */
	LENT_NOTHING, /* neither now: others fill, or have not given back */
	LENT_ENDED
};

/* What went over the edge so far. */
struct lending_counts {
	uint64_t filled; /* blocks */
	uint64_t waits;  /* times that a reader slept */
	unsigned blocks; /* how many there are */
};

/* NULL when memory is out. */
struct lending *lending_new(unsigned blocks, unsigned readers) MUST_CHECK;
void lending_free(struct lending *l);

/* What reader 0..readers-1 does next. It waits for that, or says LENT_NOTHING. */
enum lent lending_next(struct lending *l, unsigned reader, bool wait,
                       unsigned *block) MUST_CHECK NONNULL;
/* The block that was read: its bytes are not looked at any more. */
void lending_give_back(struct lending *l, unsigned reader) NONNULL;
/* The block that was filled is lent to all. `last`: none comes after it. */
void lending_publish(struct lending *l, bool last) NONNULL;

/* A snapshot, from any thread. */
struct lending_counts lending_count(const struct lending *l) NONNULL;
