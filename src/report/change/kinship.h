/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kinship.h - which records are one device, as the sensor's changes see it: joined, split.
 */
#pragma once

#include "base/attr.h"
#include "report/change.h"

int kinship_init(struct changes *c) MUST_CHECK NONNULL;
void kinship_fini(struct changes *c) NONNULL;
/* A device whose facts changed. */
void kinship_note(struct changes *c, uint32_t device, const struct record *r) NONNULL;
/* Tells what joined and what split since the last mark. */
void kinship_compare(struct changes *c) NONNULL;
/* Records for which there was no room. */
uint64_t kinship_refused(const struct changes *c) PURE NONNULL;
/* Are the two devices one? */
bool kinship_same(const struct changes *c, uint32_t x, uint32_t y) PURE NONNULL;
