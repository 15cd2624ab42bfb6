/* SPDX-License-Identifier: Apache-2.0 */
/*
 * door.c - see door.h.
 */
#include "observe/door.h"

#include <string.h>

#define LINE 8u /* words: what one cache miss brings */
#define LINES (1u << 15)
#define LINES_FEW (1u << 10) /* of which that many are used while few were met */
#define FEW (4 * LINES_FEW)
#define TABLE (LINES * LINE * sizeof(uint64_t))

size_t door_budget(void)
{
	return 2 * (TABLE + 64);
}

bool door_init(struct door *d, struct arena *arena)
{
	*d = (struct door){.room = DOOR_ROOM,
	                   .lines = LINES_FEW,
	                   .met = arena_take(arena, TABLE, 64),
	                   .before = arena_take(arena, TABLE, 64)};
	return d->met != NULL && d->before != NULL;
}

/* Which bit of a line's word is his, from bits of the digest that do not choose the line. */
static unsigned door_bit(uint64_t who, unsigned word)
{
	return (unsigned)(who >> (16 + 6 * word) & 63);
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

static bool line_holds(const uint64_t *line, uint64_t who)
{
	for (unsigned i = 0; i < LINE; i++)
		if ((line[i] >> door_bit(who, i) & 1) == 0)
			return false;
	return true;
}

/* Who was noted while few were is where he would be in a small table. */
static bool door_noted(const uint64_t *table, uint32_t lines, uint64_t who)
{
	return line_holds(&table[who % lines * LINE], who) ||
	       line_holds(&table[who % LINES_FEW * LINE], who);
}

static void door_note(struct door *d, uint64_t who)
{
	uint64_t *const line = &d->met[who % d->lines * LINE];

	for (unsigned i = 0; i < LINE; i++)
		line[i] |= UINT64_C(1) << door_bit(who, i);
	d->count++;
	if (d->count == FEW)
		d->lines = LINES;
	else if (d->count == DOOR_MET)
		door_turn(d);
}

/* Was he met? He is from here on. */
static bool door_meets(struct door *d, uint64_t who)
{
	if (door_noted(d->met, d->lines, who))
		return true;
	const bool was_met = d->turned && door_noted(d->before, LINES, who);
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
