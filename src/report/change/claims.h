/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claims.h - changes of who holds an address: moved, duplicate, spoofed, another gateway.
 */
#pragma once

#include "base/attr.h"
#include "report/change.h"

/* An address of which a claim changed. */
void claims_compare(struct changes *c, uint32_t address) NONNULL;
/* Those that waited, and are old enough to be judged now. */
void claims_compare_due(struct changes *c) NONNULL;
