/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - what a sensor keeps from one start to the next: the count of starts, the key of
 * --privacy.
 */
#pragma once

#include "base/attr.h"
#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

/*
 * FOLDER/boot: one more than last time, kept before it is given. The folder is made where it is
 * missing. 0, or -errno with why.
 */
int state_boot(const char *folder, uint64_t *boot, char *why, size_t why_len) MUST_CHECK NONNULL;
/* FOLDER/privacy.key: made at the first time, readable by its owner alone. */
int state_privacy_key(const char *folder, struct hash_key *key, char *why,
                      size_t why_len) MUST_CHECK NONNULL;
