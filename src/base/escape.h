/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape.h - strings from the network on their way to whoever reads them as text: a terminal, a log, a
 * spreadsheet.
 *
 * The one place where these exits escape: controls (C0, C1, DEL), bidirectional and other invisible
 * marks, and bytes that are no UTF-8 become \xNN or \u{...}; a backslash is doubled. What comes out
 * moves no cursor and hides nothing.
 */
#pragma once

#include "base/attr.h"

#include <stddef.h>
#include <stdio.h>

#define ESCAPE_ONE 16
/* The escaped form of what stands at s (len > 0); returns how many bytes of s it is for. */
size_t escape_one(const char *s, size_t len, char out[ESCAPE_ONE]) NONNULL;
/* Returns the length written, at most cap - 1; always ends in 0; never cuts a character in two. */
size_t escape_text(const char *s, size_t len, char *out, size_t cap) NONNULL;
void escape_print(FILE *out, const char *s, size_t len) NONNULL;
/* Columns that the escaped text takes on a terminal (wide East Asian characters take two). */
size_t escape_width(const char *escaped) NONNULL;
