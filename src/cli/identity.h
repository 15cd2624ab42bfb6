/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity.h - do the numbers of a health line add up? The accounting identity: nothing is lost
 * without being counted.
 */
#pragma once

#include "base/attr.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Prints each line of it with its numbers and OK or BROKEN; true: all are OK. final: the run has
 * ended. Before that some may still be on the way, which is said, and no fault.
 */
bool identity_print(const json_t *health, bool final, FILE *out) NONNULL;
