/* SPDX-License-Identifier: Apache-2.0 */
/*
 * literal.h - what a text must hold for a pattern to match it at all.
 *
 * Of a thousand patterns a text meets one or two. Each pattern is read once for letters that every
 * match of it has, in whatever case: `^(?:DCS|DNS)-\d+` needs "dcs-" or "dns-". The texts are then
 * looked through for all these literals at once, and only the patterns whose literals are there are
 * tried. What is not surely needed counts as not needed: of a pattern that is not understood
 * nothing is found, and it is tried on every text.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

#define LITERAL_MIN 3u  /* shorter ones tell too little apart */
#define LITERAL_MAX 24u /* letters of one; the rest of a longer one is not looked at */
#define LITERALS 24u    /* of which a pattern needs one */

struct literals {
	unsigned count; /* 0: none is surely needed */
	unsigned char len[LITERALS];
	char text[LITERALS][LITERAL_MAX]; /* lower case */
};

/* One of *out is in every text that the pattern (a Perl expression) matches. */
void literals_find(const char *pattern, size_t len, struct literals *out) NONNULL;
