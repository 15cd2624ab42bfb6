/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pins.h - which certificate a sensor takes for its manager's: FOLDER/managers, a line each,
 *
 *	HOST:PORT FINGERPRINT
 *
 * as ssh has its known_hosts. `havainto enroll` writes it, the tls: sink reads it before the sandbox
 * closes. A line is never replaced: whoever stands at that address with another certificate is
 * another, until a person takes the old line out.
 */
#pragma once

#include "base/attr.h"
#include "base/certificate.h"

#include <stdbool.h>
#include <stddef.h>

enum pin { PIN_KNOWN, PIN_NONE, PIN_BROKEN };

/* PIN_BROKEN: why. `at` is "HOST:PORT". */
enum pin pins_find(const char *folder, const char *at, struct fingerprint *out, char *why,
                   size_t why_len) MUST_CHECK NONNULL;
/* False: why. */
bool pins_add(const char *folder, const char *at, const struct fingerprint *f, char *why,
              size_t why_len) MUST_CHECK NONNULL;
