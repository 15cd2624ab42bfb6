/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sieve.h - the rules of one kind of facts, and which of them a text may match at all.
 *
 * Of a hundred rules a text meets one or two. A sieve has the rules of its kind in their order and
 * numbers them anew from 0, so that a set of them is a few words. It finds the literals of a text in
 * one pass, by their first three letters; the rules that these belong to remain, and those without a
 * literal (literal.h). It is made when the first text of its kind comes.
 */
#pragma once

#include "asset/infer/rules.h"
#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>

#define SIEVE_WORDS (RULES_MAX / 64)
#define SIEVE_FIRST 64u

struct sieve_literal;

struct sieve {
	unsigned count; /* of rules */
	unsigned words; /* of a set of them */
	uint16_t *rule; /* their numbers among all */
	uint64_t *bare; /* the set of those without a literal, but for the first of them: */
	uint16_t first[SIEVE_FIRST]; /* these, in their order: a text's beginning decides on them */
	unsigned first_count;
	uint32_t *heads; /* literals by the hash of their first three letters */
	unsigned head_mask;
};

/* Takes the memory that all sieves need. 0, or -errno. */
int sieves_init(struct rules *r) MUST_CHECK NONNULL;
/* That of a kind which rules read. */
const struct sieve *sieve_of(struct rules *r, enum fact_kind kind) NONNULL;
/* The set of rules that remain of a text of fewer than FACT_TEXT_MAX bytes, without s->first. */
void sieve_text(const struct rules *r, const struct sieve *s, const char *text, size_t len,
                uint64_t found[SIEVE_WORDS]) NONNULL;
