/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounting.h - do the numbers of a health line add up? The accounting identity: nothing is lost
 * without being counted.
 */
#pragma once

#include "base/attr.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { ACCOUNT_PARTS = 2 };

struct account_number {
	const char *words; /* "frames received"; NULL: there is no such part */
	uint64_t n;
};

/* What came is the sum of what became of it. */
struct account {
	struct account_number whole, part[ACCOUNT_PARTS];
	uint64_t sum; /* of the parts; while the run lasts a few may be on the way */
};

/* The accounts of a health line, one by one: 0, 1 ... False: there are no more. */
bool account_next(const json_t *health, unsigned *i, struct account *out) MUST_CHECK NONNULL;
