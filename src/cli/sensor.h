/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor.h - from what was said on the command line to what a wiring is made of.
 */
#pragma once

#include "base/attr.h"
#include "cli/options.h"
#include "cli/wiring.h"

#include <stdbool.h>

/*
 * Fills *out for `listen` and `graph`; its texts stay. False: why says what makes no sense
 * together, or is none of the filter language's or the observers' words. Opens nothing.
 */
bool sensor_options(const struct settings *settings, struct wiring_options *out,
                    char why[OPTIONS_WHY]) MUST_CHECK NONNULL;
