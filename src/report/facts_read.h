/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts_read.h - the facts of a device line, read back: as those who conclude take them.
 */
#pragma once

#include "asset/identity.h"
#include "asset/infer/infer.h"
#include "base/attr.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The facts of a device as infer.h takes them: kinds that this program does not know are left out.
 */
struct facts_read {
	struct known *known;
	const json_t **lines; /* the fact of each */
	uint8_t *bytes;       /* their values */
	size_t count;
};
/* False: no memory. */
bool facts_read(const json_t *device, struct facts_read *out) NONNULL MUST_CHECK;
void facts_free(struct facts_read *f) NONNULL;
/* The name under which its MAC's prefix is registered; "": none. */
const char *facts_maker(const json_t *device) NONNULL;

/*
 * What its record is known by. False: by something that several devices share, so that nothing can
 * tie it to others: a redundancy group's MAC, or the public address of a far host.
 */
bool facts_identity(const json_t *device, struct identity_id *out) NONNULL MUST_CHECK;
