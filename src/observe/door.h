/* SPDX-License-Identifier: Apache-2.0 */
/*
 * door.h - which frame of a sender whom nobody knows is let in while too many such senders come.
 *
 * A network has few new senders a minute, and each comes again. A flood of frames, each from another
 * random MAC, has only such as never come again; a record of every one of them would cost all that
 * there is, in time and in the report, and say nothing. So there is room for DOOR_ROOM strangers,
 * and at each mark for some more; while there is none, the first frame of a stranger is not walked
 * but counted, and its MAC noted, so that the second is let in like all that follow.
 *
 * What goes to a group's MAC is let in always, and its sender with it: who asks for a lease or says its
 * name speaks to all. ARP and whatever else is no plain packet (plain.h) never comes to this door;
 * nor does who has a place among the senders (glance.h).
 *
 * A MAC that was met is a bit in each word of a cache line, in a table of 2 MiB, of which the first
 * 64 KiB are used until 4,096 were met: a network of so many leaves the rest untouched. When the table
 * has been told of DOOR_MET MACs, another takes its place, and it is asked as well until that one is
 * full: who was met is known for at least as many strangers more. Now and then a stranger has the bits
 * of others, and is let in: one to three of a thousand once a table is full.
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

#define DOOR_ROOM 65536u
#define DOOR_MORE (DOOR_ROOM / 64) /* at each mark */
#define DOOR_MET (1u << 20)

struct door {
	uint64_t *met, *before; /* two tables of those met */
	uint32_t lines;         /* of `met`, in which MACs are noted */
	uint32_t count;         /* MACs that `met` was told of */
	bool turned;            /* there is something in `before` */
	uint32_t room;          /* strangers that may still come in */
};

size_t door_budget(void);
bool door_init(struct door *d, struct arena *arena) NONNULL MUST_CHECK;
/* `who`: a digest that only this run knows. False: he is to be counted, and no more. */
bool door_admits(struct door *d, uint64_t who, bool to_group) NONNULL MUST_CHECK;
/* At each mark. */
void door_rest(struct door *d) NONNULL;
