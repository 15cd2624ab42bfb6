/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claims.h - what each matching rule says of a device, one by one.
 */
#pragma once

#include "asset/infer/infer.h"

/* One rule's word on one thing, from one fact. The words hold until the call returns. */
struct claim {
	enum about about;
	uint8_t weight;
	bool personal;
	struct words value, version, cpe;
	const char *by; /* who told the fact: what one observer tells counts as one source */
	const struct rule *rule;
	int fact;
};
typedef void claim_fn(void *to, const struct claim *claim);

/* The table of texts that were looked at: its bytes, and its making. 0, or -errno. */
size_t infer_remember_room(void);
int infer_remember(struct infer *in) MUST_CHECK NONNULL;

/* Calls `each` for all of them, in the order of the facts. */
void claims_each(struct infer *in, const struct known *known, size_t count, const char *maker,
                 claim_fn *each, void *to) NONNULL;

/* Do two values of that kind go together: the same, one a kind of the other, or its longer name? */
bool claims_agree(const struct rules *r, enum about about, struct words x,
                  struct words y) NONNULL PURE;
int words_compare(struct words x, struct words y) PURE;
