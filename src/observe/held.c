/* SPDX-License-Identifier: Apache-2.0 */
/*
 * held.c - see held.h. Each frame stands whole in the ring, behind a head that says where the one
 * before it of each of its groups is. Places are counted from the ring's first byte ever, so that
 * one below the tail is gone.
 */
#include "observe/held.h"

#include <string.h>

enum { WAYS = 8, ALIGN = 8, BYTES_A_GROUP = 64 };

struct held_frame {
	uint32_t len; /* of head and bytes, aligned */
	uint16_t group_count;
	bool filler; /* no frame: the ring's end was too near */
	bool taken;
	struct frame frame;                    /* bytes: without meaning */
	struct held_group groups[HELD_GROUPS]; /* last: the one before */
};

static uint64_t power_of_two(size_t bytes)
{
	uint64_t size = 1 << 18; /* holds a frame of any length */

	while (size * 2 <= bytes)
		size *= 2;
	return size;
}

static uint64_t held_places(const struct held *h)
{
	return h->size / BYTES_A_GROUP / WAYS * WAYS;
}

size_t held_budget(size_t bytes)
{
	const uint64_t size = power_of_two(bytes);

	return size + size / BYTES_A_GROUP * sizeof(struct held_group) + 256;
}

bool held_init(struct held *h, struct arena *arena, size_t bytes)
{
	h->size = power_of_two(bytes);
	h->head = h->tail = ALIGN; /* 0 is no place */
	h->ring = arena_take(arena, h->size, 64);
	h->groups = arena_take(arena, held_places(h) * sizeof *h->groups, 64);
	return h->ring && h->groups;
}

static struct held_frame *held_at(const struct held *h, uint64_t place)
{
	return (struct held_frame *)(void *)(h->ring + (place & (h->size - 1)));
}

/* The group's entry; of others the one whose latest frame is oldest makes room. */
static struct held_group *group_entry(struct held *h, uint64_t group, bool make)
{
	struct held_group *set = &h->groups[group % (held_places(h) / WAYS) * WAYS];
	struct held_group *oldest = set;

	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].group == group)
			return &set[i];
		if (set[i].last < oldest->last)
			oldest = &set[i];
	}
	if (!make)
		return NULL;
	if (oldest->last >= h->tail)
		h->lost++;
	*oldest = (struct held_group){.group = group};
	return oldest;
}

/* The oldest frame makes room; what is too short for a head ends the ring. */
static void held_drop(struct held *h)
{
	const uint64_t left = h->size - (h->tail & (h->size - 1));

	h->tail += left < sizeof(struct held_frame) ? left : held_at(h, h->tail)->len;
}

/* Room for len bytes at the head, in one piece. */
static void held_make_room(struct held *h, uint32_t len)
{
	const uint64_t left = h->size - (h->head & (h->size - 1));

	while (h->head + len + (left < len ? left : 0) - h->tail > h->size)
		held_drop(h);
	if (left >= len)
		return;
	if (left >= sizeof(struct held_frame))
		*held_at(h, h->head) =
			(struct held_frame){.len = (uint32_t)left, .filler = true, .taken = true};
	h->head += left;
}

void held_add(struct held *h, const struct frame *f, const uint64_t *groups, unsigned count)
{
	const uint32_t len =
		(uint32_t)((sizeof(struct held_frame) + f->captured + ALIGN - 1) / ALIGN * ALIGN);

	if (len > h->size / 2) {
		h->lost++;
		return;
	}
	held_make_room(h, len);
	struct held_frame *one = held_at(h, h->head);
	*one = (struct held_frame){.len = len, .frame = *f};
	for (unsigned i = 0; i < count && i < HELD_GROUPS; i++) {
		struct held_group *group = group_entry(h, groups[i], true);

		one->groups[one->group_count++] = *group;
		group->last = h->head;
	}
	memcpy(one + 1, f->bytes, f->captured);
	h->head += len;
}

/* ---- taking ---- */

/* Groups still to be gone through; each is forgotten as it is added. */
struct todo {
	uint64_t last[64], group[64];
	unsigned count, done;
};

static void todo_add(struct held *h, struct todo *todo, uint64_t group)
{
	struct held_group *entry = group_entry(h, group, false);

	if (!entry || entry->last == 0)
		return;
	if (todo->count == 64) {
		h->lost++;
		return;
	}
	todo->group[todo->count] = group;
	todo->last[todo->count++] = entry->last;
	entry->last = 0;
}

static uint64_t held_before(const struct held_frame *one, uint64_t group)
{
	for (unsigned i = 0; i < one->group_count; i++)
		if (one->groups[i].group == group)
			return one->groups[i].last;
	return 0;
}

/* Down the group's chain: notes the places, and the other groups met there. */
static void held_walk(struct held *h, struct todo *todo, uint64_t group, uint64_t place)
{
	while (place >= h->tail) {
		struct held_frame *one = held_at(h, place);

		if (!one->taken && h->taken_count == HELD_TAKEN) {
			h->lost++;
			return;
		}
		if (!one->taken)
			h->taken[h->taken_count++] = place;
		one->taken = true;
		for (unsigned i = 0; i < one->group_count; i++)
			if (one->groups[i].group != group)
				todo_add(h, todo, one->groups[i].group);
		place = held_before(one, group);
	}
	h->lost += place != 0;
}

/* The places came in falling order, or nearly so. */
static void held_sort(struct held *h)
{
	for (unsigned i = 0; i < h->taken_count / 2; i++) {
		const uint64_t one = h->taken[i];

		h->taken[i] = h->taken[h->taken_count - 1 - i];
		h->taken[h->taken_count - 1 - i] = one;
	}
	for (unsigned i = 1; i < h->taken_count; i++) {
		const uint64_t one = h->taken[i];
		unsigned k = i;

		for (; k > 0 && h->taken[k - 1] > one; k--)
			h->taken[k] = h->taken[k - 1];
		h->taken[k] = one;
	}
}

void held_take(struct held *h, uint64_t group, held_visit *visit, void *to)
{
	struct todo todo = {0};

	h->taken_count = 0;
	todo_add(h, &todo, group);
	for (; todo.done < todo.count; todo.done++)
		held_walk(h, &todo, todo.group[todo.done], todo.last[todo.done]);
	held_sort(h);
	for (unsigned i = 0; i < h->taken_count; i++) {
		const struct held_frame *one = held_at(h, h->taken[i]);
		struct frame frame = one->frame;

		frame.bytes = (const uint8_t *)(one + 1);
		visit(to, &frame);
	}
}
