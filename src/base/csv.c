/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv.c - see csv.h.
 */
#include "base/csv.h"

#include "base/escape.h"

#include <string.h>

#define PIECE 64u /* bytes that are escaped at once */

static bool is_formula(const char *text)
{
	return *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
}

/* How much of the text is escaped next: no character is cut in two. */
static size_t piece_of(const char *text)
{
	size_t len = strnlen(text, PIECE);

	while (len > PIECE - 4 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

void csv_cell(FILE *out, const char *text, bool last)
{
	char escaped[PIECE * 16 + 1];

	fputc('"', out);
	if (is_formula(text))
		fputc('\'', out);
	for (size_t len; (len = piece_of(text)) > 0; text += len) {
		escape_text(text, len, escaped, sizeof escaped);
		for (const char *c = escaped; *c != '\0'; c++) {
			if (*c == '"')
				fputc('"', out);
			fputc(*c, out);
		}
	}
	fputs(last ? "\"\r\n" : "\",", out);
}
