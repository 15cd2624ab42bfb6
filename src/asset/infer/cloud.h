/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloud.h - the makers' services, by the domains under which their devices ask for them.
 *
 * What a device asks a name server for says much about its user, and is told nowhere; that it
 * asks for its maker's own service says who made it. The domains are those of data/rules.
 */
#pragma once

#include "base/attr.h"

#include <stddef.h>

/*
 * The known domain that the name is, or ends with: "fitbit.com" of "www.fitbit.com"; NULL: none.
 * Case does not count.
 */
const char *cloud_of(const char *name, size_t len) NONNULL PURE;
