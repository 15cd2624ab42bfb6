/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h - which rules a text matches.
 *
 * One pass over the text finds the literals in it (literal.h), by their first three letters in a
 * hash table; the patterns that these belong to, and those without a literal, are then tried with
 * PCRE2: interpreted, since a page that is both written and run has no place in this program, with
 * limits to its steps and memory, so that no text makes a pattern run for long.
 */
#pragma once

#include "asset/infer/rules.h"

/* Compiles all patterns; how many do not, with `why` of the first. */
unsigned match_compile_all(struct rules *r, char why[RULES_WHY]) NONNULL;

/* Takes the machine's memory. 0, or -errno. */
int match_init(struct rules *r) MUST_CHECK NONNULL;
