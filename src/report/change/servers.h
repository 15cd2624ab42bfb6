/* SPDX-License-Identifier: Apache-2.0 */
/*
 * servers.h - a second DHCP server, or router that advertises itself, where one is established.
 */
#pragma once

#include "base/attr.h"
#include "report/change.h"

/* Of a device whose facts changed: does it serve? */
void servers_note(struct changes *c, uint32_t device, const struct record *r) NONNULL;
/* Is it one of those that could be rogue? */
bool servers_has(const struct changes *c, uint32_t device) NONNULL;
/* Tells those that came to a segment which had one. */
void servers_compare(struct changes *c) NONNULL;
