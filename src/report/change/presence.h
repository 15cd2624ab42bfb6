/* SPDX-License-Identifier: Apache-2.0 */
/*
 * presence.h - who is there: new, gone by its own rhythm, back.
 */
#pragma once

#include "base/attr.h"
#include "report/change.h"

/* A record at this mark, against the last one. rhythm NULL: it has none, an address. */
void presence_compare(struct changes *c, struct asset_past *x, struct rhythm *rhythm,
                      const struct record *r) __attribute__((nonnull(1, 2, 4)));
/* Takes it as it is, and tells nothing. */
void presence_note(struct changes *c, struct asset_past *x, struct rhythm *rhythm,
                   const struct record *r) __attribute__((nonnull(1, 2, 4)));
/* Tells who is gone. */
void presence_find_gone(struct changes *c, uint64_t now_ns) NONNULL;
