/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values.h - byte strings, each kept once, with a count of who holds it.
 *
 * A reference is a number; 0 is the empty string and costs nothing. A flood of names costs the
 * budget and no more.
 */
#pragma once

#include "asset/index.h"
#include "asset/units.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct values {
	struct hash_key key;
	struct arena memory;
	struct index index;
	struct units units;
};

/* 0, or -errno. bytes: the budget; at most 64 GiB. */
int values_init(struct values *v, size_t bytes, const struct hash_key *key) MUST_CHECK NONNULL;
void values_fini(struct values *v) NONNULL;

/* Holds the string (len <= FACT_VALUE_MAX). False: no room. */
bool values_hold(struct values *v, const uint8_t *bytes, size_t len,
                 uint32_t *ref) MUST_CHECK NONNULL;
void values_drop(struct values *v, uint32_t ref) NONNULL;
/* The bytes: valid while it is held. */
const uint8_t *values_get(const struct values *v, uint32_t ref, size_t *len) NONNULL;
