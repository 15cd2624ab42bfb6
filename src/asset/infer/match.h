/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h - which rules a text matches.
 *
 * The rules that remain of a text's literals (sieve.h), less those that its first bytes rule out, are
 * tried with PCRE2: interpreted, since a page that is both written and run has no place in this
 * program, with limits to its steps and memory, so that no text makes a pattern run for long.
 */
#pragma once

#include "asset/infer/rules.h"

/* Compiles all patterns; how many do not, with `why` of the first. */
unsigned match_compile_all(struct rules *r, char why[RULES_WHY]) NONNULL;

/* Takes the machine's memory. 0, or -errno. */
int match_init(struct rules *r) MUST_CHECK NONNULL;
