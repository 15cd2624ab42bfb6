/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units.h - memory for many small things that come, grow and go: runs of units of 16 bytes.
 *
 * A bit for each unit says whether it is taken, so neighbours that are given back are one run
 * again, and what was a million small blocks has room for larger ones. New units are taken from
 * the top for as long as little below it is free; otherwise runs are looked for from where the last
 * was found, and no further than a bounded way, so that taking never costs more than that.
 *
 * A run that grows stays where it is if what is behind it is free: mostly it is the last one, for
 * what is told of a thing is told together.
 *
 * Blocks grow in step: what one device's facts outgrew fits the next one's. So the last small runs
 * that were given back are remembered by their size, and taken first.
 *
 * A run is named by the number of its first unit; 0 is none.
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNIT 16u /* bytes */
#define UNITS_SMALL 8u
#define UNITS_GIVEN 16u /* of each size */

struct units {
	uint8_t *base;
	uint64_t *taken; /* a bit each */
	uint32_t size;   /* unit 0 is not used */
	uint32_t top;    /* all from here on are free */
	uint32_t free;   /* of those below */
	uint32_t cursor; /* where to look next */
	uint32_t vain;   /* grows with the looks that found nothing, 0 after one that did */
	uint32_t waits;  /* takes without a look that are left */
	/* Small runs that were given back last; what is free of them now their bits say. */
	uint32_t given[UNITS_SMALL][UNITS_GIVEN], given_count[UNITS_SMALL];
};

/* Bytes of the arena for that many units. */
size_t units_room(uint32_t size) PURE;
void units_init(struct units *u, struct arena *memory, uint32_t size) NONNULL;

/* 0: no such run was found. n > 0. */
uint32_t units_take(struct units *u, uint32_t n) NONNULL MUST_CHECK;
void units_give(struct units *u, uint32_t run, uint32_t n) NONNULL;
/* Makes a run of `from` units one of `to`, more or fewer, where it is; false: what is behind it is taken. */
bool units_resize(struct units *u, uint32_t run, uint32_t from, uint32_t to) NONNULL MUST_CHECK;

static inline uint8_t *units_at(const struct units *u, uint32_t run)
{
	return u->base + (size_t)run * UNIT;
}

/* Units for so many bytes. */
static inline uint32_t units_of(size_t bytes)
{
	return (uint32_t)((bytes + UNIT - 1) / UNIT);
}
