/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buffer.c - see buffer.h.
 */
#include "observe/buffer.h"

#include <assert.h>
#include <string.h>

enum { BYTES_DEFAULT = 64 << 20, LOOKED_AT = 8 };

static uint32_t buffers_room(size_t bytes)
{
	const size_t room = (bytes ? bytes : BYTES_DEFAULT) / sizeof(struct buffer) + 1;

	return room < UINT16_MAX ? (uint32_t)room
	                         : UINT16_MAX; /* a direction names it by 16 bits */
}

size_t buffers_budget(size_t bytes)
{
	return buffers_room(bytes) * sizeof(struct buffer);
}

bool buffers_init(struct buffers *b, struct arena *arena, size_t bytes)
{
	b->room = buffers_room(bytes);
	b->list = arena_take(arena, b->room * sizeof *b->list, 64);
	return b->list != NULL;
}

/* ---- who has one ---- */

struct buffer *buffer_take(struct buffers *b, uint32_t have)
{
	struct buffer *taken = NULL;

	if (b->free) {
		taken = &b->list[b->free - 1];
		b->free = taken->next_free;
	} else if (b->used < b->room) {
		taken = &b->list[b->used++];
	} else {
		return NULL;
	}
	taken->range_count = 0;
	taken->kept_from = have;
	return taken;
}

void buffer_give(struct buffers *b, struct buffer *buffer)
{
	buffer->flow = 0;
	buffer->next_free = b->free;
	b->free = (uint32_t)(buffer - b->list) + 1;
}

struct buffer *buffer_stale(struct buffers *b)
{
	struct buffer *oldest = &b->list[b->hand % b->used];

	for (unsigned i = 0; i < LOOKED_AT; i++) {
		struct buffer *one = &b->list[b->hand++ % b->used];

		if (one->last.time_ns < oldest->last.time_ns)
			oldest = one;
	}
	return oldest;
}

/* ---- what lies in it ---- */

/* Adds [from, to) to the ranges that wait; false when there are too many. */
static bool ranges_add(struct buffer *b, uint32_t from, uint32_t to)
{
	unsigned at = 0;

	while (at < b->range_count && b->ranges[at].to < from)
		at++;
	unsigned last = at;
	while (last < b->range_count && b->ranges[last].from <= to) {
		from = b->ranges[last].from < from ? b->ranges[last].from : from;
		to = b->ranges[last].to > to ? b->ranges[last].to : to;
		last++;
	}
	if (last == at && b->range_count == RANGES_MAX)
		return false;
	memmove(&b->ranges[at + 1], &b->ranges[last],
	        (b->range_count - last) * sizeof b->ranges[0]);
	b->range_count = b->range_count - (last - at) + 1;
	b->ranges[at] = (struct range){from, to};
	return true;
}

/* Lets `have` grow over the ranges that now join it. */
static uint32_t ranges_join(struct buffer *b, uint32_t have)
{
	unsigned joined = 0;

	for (; joined < b->range_count && b->ranges[joined].from <= have; joined++)
		if (b->ranges[joined].to > have)
			have = b->ranges[joined].to;
	b->range_count -= joined;
	memmove(&b->ranges[0], &b->ranges[joined], b->range_count * sizeof b->ranges[0]);
	return have;
}

/*
 * Goes along what is held: copies where nothing is, compares where something is. True: it differs.
 */
static bool buffer_write(struct buffer *b, uint32_t have, uint32_t from, uint32_t to,
                         const uint8_t *bytes)
{
	uint32_t at = from;
	bool differs = false;

	for (unsigned i = 0; i <= b->range_count && at < to; i++) {
		const struct range held =
			i == 0 ? (struct range){b->kept_from, have} : b->ranges[i - 1];
		const uint32_t start = held.from < to ? held.from : to;
		const uint32_t end = held.to < to ? held.to : to;

		if (end <= at)
			continue;
		if (start > at) {
			memcpy(b->bytes + at, bytes + (at - from), start - at);
			at = start;
		}
		differs = differs || memcmp(b->bytes + at, bytes + (at - from), end - at) != 0;
		at = end;
	}
	if (at < to)
		memcpy(b->bytes + at, bytes + (at - from), to - at);
	return differs;
}

enum stored buffer_store(struct buffer *b, uint32_t *have, uint32_t offset, const uint8_t *bytes,
                         uint32_t len)
{
	const uint32_t to = offset + len;

	assert(to <= BUFFER_ROOM && to >= offset);
	const bool differs = buffer_write(b, *have, offset, to, bytes);
	if (to > *have) {
		if (!ranges_add(b, offset, to))
			return TOO_TORN;
		*have = ranges_join(b, *have);
	}
	return differs ? STORED_BUT_DIFFERS : STORED;
}
