/* SPDX-License-Identifier: Apache-2.0 */
/*
 * door.c - see door.h.
 */
#include "observe/door.h"

#include <string.h>

#define WORDS (1u << 18)
#define WORDS_FEW (1u << 13) /* of which that many are used while few were met */
#define TABLE (WORDS * sizeof(uint64_t))

size_t door_budget(void)
{
	return 2 * (TABLE + 64);
}

bool door_init(struct door *d, struct arena *arena)
{
	*d = (struct door){.room = DOOR_ROOM,
	                   .words = WORDS_FEW,
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

/* Who was noted while few were is where he would be in a small table. */
static bool door_noted(const uint64_t *table, uint32_t words, uint64_t who)
{
	const uint64_t bits = door_bits(who);

	return (table[who % words] & bits) == bits || (table[who % WORDS_FEW] & bits) == bits;
}

static void door_note(struct door *d, uint64_t who)
{
	d->met[who % d->words] |= door_bits(who);
	d->count++;
	if (d->count == WORDS_FEW / 2)
		d->words = WORDS;
	else if (d->count == DOOR_MET)
		door_turn(d);
}

/* Was he met? He is from here on. */
static bool door_meets(struct door *d, uint64_t who)
{
	if (door_noted(d->met, d->words, who))
		return true;
	const bool was_met = d->turned && door_noted(d->before, WORDS, who);
	door_note(d, who);
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
