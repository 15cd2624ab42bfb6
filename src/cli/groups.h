/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.h - which records of a report are one device, as identity.h concludes.
 */
#pragma once

#include "asset/identity.h"
#include "base/attr.h"
#include "cli/report_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct groups {
	struct identity identity;
	uint32_t *member; /* by device of the report; IDENTITY_NONE: in no group */
	size_t *device;   /* by member */
	size_t *order; /* the report's devices: each group behind its oldest, the others in their order */
	size_t count; /* devices, a group counted once */
};

/* False: no memory. */
bool groups_find(struct groups *g, const struct report *report) NONNULL MUST_CHECK;
void groups_free(struct groups *g) NONNULL;

/* The device's group: the oldest of it, as an index of the report; itself when it is alone. */
size_t groups_oldest(const struct groups *g, size_t device) NONNULL;
/* The keys that tie a device to its group; returns how many. */
size_t groups_ties(const struct groups *g, size_t device,
                   struct identity_key out[IDENTITY_KEYS]) NONNULL;
