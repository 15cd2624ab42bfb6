/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reasons.h - the steps of a reasoning, gathered for `why`.
 */
#pragma once

#include "asset/infer/infer.h"

struct reasons {
	struct because *out;
	size_t count, cap;
};

/* What does not fit is left out. fact: of the evidence, -1: the MAC's prefix. */
void because(struct reasons *r, bool against, uint8_t weight, const char *rule, int fact) NONNULL;

void why_name(const struct known *known, size_t count, struct reasons *r) NONNULL;
void why_address(const struct known *known, size_t count, const struct ip *ip,
                 struct reasons *r) NONNULL;
