/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.h - facts on their way into the tables, a few of them at a time.
 *
 * Among a million devices each step of a look-up is a cache miss: the line of the index, the place,
 * its block of facts. So a fact waits behind some others, and each time it moves on what the next
 * step will read is asked of memory. Facts go in as they came; those that still wait go in before
 * anybody looks at the tables (intake_drain), and before their receiver sleeps. Most facts of a new
 * device come together; what they read is asked for with the first of them.
 */
#pragma once

#include "asset/asset.h"
#include "asset/fact.h"
#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

#define INTAKE_WAITING 24u /* a multiple of its steps */
#define INTAKE_ASKED 64u

struct intake_fact {
	bool asked; /* what it will read was asked for with a fact shortly before it */
	struct fact_item item;
	uint8_t value[FACT_VALUE_MAX];
};

struct intake {
	struct assets *assets;
	unsigned first, count;        /* of those that wait */
	uint32_t asked[INTAKE_ASKED]; /* hashes of endpoints that were asked for last */
	struct intake_fact waiting[INTAKE_WAITING];
};

/* A NEW_FACT or a MORE, with its value behind it. */
void intake_put(struct intake *in, const struct fact_item *item) NONNULL;
void intake_drain(struct intake *in) NONNULL;
