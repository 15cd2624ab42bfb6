/* SPDX-License-Identifier: Apache-2.0 */
/*
 * realm.h - the world inside a tunnel.
 *
 * "" is outside of all tunnels, "vxlan:5001" is inside one, "gre/vxlan:7" two deep. The same
 * address in two realms is two hosts. VLAN tags are not realms: they are part of the segment.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

#define REALM_MAX 63

struct realm {
	uint8_t len;
	char s[REALM_MAX]; /* not ended by 0; bytes past len are 0 */
};

/*
 * The realm inside a tunnel of the kind `name` ("gre"), told apart by `id` where the
 * tunnel has one (has_id). False when the path is too long to name: refuse the packet.
 */
bool realm_enter(const struct realm *outer, const char *name, bool has_id, uint32_t id,
                 struct realm *inner) NONNULL MUST_CHECK;
/* The realm of this name, as a report has it; no sensor writes a longer one than fits. */
struct realm realm_read(const char *name) NONNULL MUST_CHECK;
bool realm_equal(const struct realm *a, const struct realm *b) PURE NONNULL;
int realm_compare(const struct realm *a, const struct realm *b) PURE NONNULL;
