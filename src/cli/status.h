/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h - the health line of a running sensor, asked for at its socket.
 */
#pragma once

#include "base/attr.h"
#include "cli/options.h"

#include <jansson.h>

/* NULL: nobody answers, or there is no health yet; that was said. The caller owns it. */
json_t *status_health(const struct settings *s) NONNULL MUST_CHECK;
