/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.h - facts on their way into the tables, a few of them at a time.
 *
 * Among a million devices each step of a look-up is a cache miss: the line of the index, the place,
 * its block of facts. So a fact waits behind some others, and each time it moves on what the next
 * step will read is asked of memory. Facts go in as they came; those that still wait go in before
 * anybody looks at the tables (intake_drain), and before their receiver sleeps. Most facts of a new
 * device come together: what they read is asked for with the first of them, and their place makes room
 * for all of them.
 */
#pragma once

#include "asset/asset.h"
#include "asset/fact.h"
#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

#define INTAKE_WAITING 24u /* a multiple of its steps */
#define INTAKE_ENDPOINTS 64u
#define INTAKE_AHEAD 32u /* more than can wait */

struct intake_fact {
	struct fact_item item;
	uint8_t value[FACT_VALUE_MAX];
};

/* An endpoint of which facts came lately. */
struct intake_endpoint {
	uint32_t hash;
	uint32_t coming; /* bytes that those of them want that still wait: see pack_wants */
};

/* An endpoint whose place is looked for ahead. */
struct intake_ahead {
	uint32_t hash;
	uint32_t since; /* facts that had come before it was asked for */
	uint32_t place; /* once that was looked for */
};

struct intake {
	struct assets *assets;
	unsigned first, count;                              /* of those that wait */
	uint32_t came;                                      /* facts in all */
	struct intake_endpoint endpoints[INTAKE_ENDPOINTS]; /* by their hash */
	struct intake_ahead ahead[INTAKE_AHEAD];
	uint32_t asked, placed, read; /* of `ahead`: how many took which step */
	struct intake_fact waiting[INTAKE_WAITING];
};

/* A NEW_FACT or a MORE, with its value behind it. */
void intake_put(struct intake *in, const struct fact_item *item) NONNULL;
void intake_drain(struct intake *in) NONNULL;
