/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phrase.h - what was written lately of what devices are concluded to be, and of who told a fact.
 *
 * Thousands of devices say the same of themselves, but for their names and addresses, so the same
 * is concluded of them and written in the same words. A phrase keeps these words by the signature of
 * what they follow from (infer_signature). A telling keeps those of all facts that an observer told
 * with the same grade and confidence, a spell those of when and how often something was seen: one
 * packet teaches several facts. Who comes later takes the place of who was there: only the cost
 * depends on what is kept.
 */
#pragma once

#include "asset/fact.h"
#include "base/arena.h"
#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>

#define PHRASE_TEXT 500u

struct phrase {
	uint64_t signature;       /* 0: nothing */
	uint16_t vendor_len, len; /* of what stands before the name, and of all */
	char text[PHRASE_TEXT];
};

struct telling {
	const char *by; /* NULL: nothing; an observer's name is one constant */
	uint8_t view, confidence, len;
	char text[80];
};

struct spell {
	struct support of;
	uint8_t len; /* 0: nothing */
	char text[151];
};

struct phrases {
	struct arena memory;
	struct phrase *at;
	struct telling *tellings;
	struct spell *spells;
};

/* 0, or -errno. */
int phrases_init(struct phrases *p) MUST_CHECK NONNULL;
void phrases_fini(struct phrases *p) NONNULL;

/* Where the phrase of that signature is, or may be put: it is there if it has the signature. */
struct phrase *phrase_place(const struct phrases *p, uint64_t signature) NONNULL;
/* The same of a telling: it is there if it has that name, view and confidence. */
struct telling *telling_place(const struct phrases *p, const char *by, uint8_t view,
                              uint8_t confidence) NONNULL;
struct spell *spell_place(const struct phrases *p, const struct support *s) NONNULL;
