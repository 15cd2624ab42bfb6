/* SPDX-License-Identifier: Apache-2.0 */
/*
 * door.c - see door.h.
 */
#include "observe/door.h"

#include <string.h>

#define WORDS (1u << 18)
#define TABLE (WORDS * sizeof(uint64_t))

size_t door_budget(void)
{
	return 2 * (TABLE + 64);
}

bool door_init(struct door *d, struct arena *arena)
{
	*d = (struct door){.room = DOOR_ROOM,
	                   .met = arena_take(arena, TABLE, 64),
	                   .before = arena_take(arena, TABLE, 64)};
	return d->met != NULL && d->before != NULL;
}

/* Four bits of the word, from bits of the digest that do not choose the word. */
static uint64_t door_bits(uint64_t who)
{
	return UINT64_C(1) << (who >> 58) | UINT64_C(1) << (who >> 52 & 63) |
	       UINT64_C(1) << (who >> 46 & 63) | UINT64_C(1) << (who >> 40 & 63);
}

static void door_turn(struct door *d)
{
	uint64_t *const oldest = d->before;

	d->before = d->met;
	d->met = oldest;
	d->count = 0;
	d->turned = true;
	memset(oldest, 0, TABLE);
}

/* Was he met? He is from here on. */
static bool door_meets(struct door *d, uint64_t who)
{
	const uint64_t bits = door_bits(who);
	uint64_t *const word = &d->met[who % WORDS];

	if ((*word & bits) == bits)
		return true;
	const bool was_met = d->turned && (d->before[who % WORDS] & bits) == bits;
	*word |= bits;
	if (++d->count == DOOR_MET)
		door_turn(d);
	return was_met;
}

bool door_admits(struct door *d, uint64_t who, bool to_group)
{
	if (door_meets(d, who) || to_group)
		return true;
	if (d->room == 0)
		return false;
	d->room--;
	return true;
}

void door_rest(struct door *d)
{
	d->room = d->room + DOOR_MORE < DOOR_ROOM ? d->room + DOOR_MORE : DOOR_ROOM;
}
