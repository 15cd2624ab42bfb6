/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wordings.h - texts that a task composed lately, by a digest of what they were composed of.
 *
 * A fingerprint is the same for each connection that a program opens, and composing it costs
 * thousands of instructions: numbers in words, an MD5, two SHA-256. Whoever composes one asks first
 * whether it is known (observer.h). The digest is keyed and has 64 bits, like that of a fact, and is
 * believed like that of a fact. Of two that want one place the later has it: nothing depends on it
 * but time. What is longer than a place is composed each time.
 */
#pragma once

#include "base/arena.h"
#include "base/text.h"

enum { WORDINGS = 256, WORDING_MAX = 119 };

struct wording {
	uint64_t of; /* 0: free */
	uint8_t len;
	char text[WORDING_MAX];
};

struct wordings {
	struct wording *list;
};

bool wordings_init(struct wordings *w, struct arena *arena) NONNULL MUST_CHECK;
/* False: not known, and *out as it was. */
bool wordings_find(const struct wordings *w, uint64_t of, struct text *out) NONNULL MUST_CHECK;
void wordings_keep(struct wordings *w, uint64_t of, const struct text *text) NONNULL;
