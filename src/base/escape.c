/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape.c - see escape.h.
 */
#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One UTF-8 character at s (RFC 3629): its length, or 0: these bytes are none. */
static size_t utf8_next(const char *s, size_t len, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const uint8_t b = (uint8_t)s[0];
	const size_t n = b < 0x80                ? 1
	                 : b >= 0xc2 && b < 0xe0 ? 2
	                 : b >= 0xe0 && b < 0xf0 ? 3
	                 : b >= 0xf0 && b < 0xf5 ? 4
	                                         : 0;

	if (n == 0 || n > len)
		return 0;
	*point = n == 1 ? b : b & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if (((uint8_t)s[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | ((uint8_t)s[i] & 0x3fu);
	}
	const bool surrogate = *point >= 0xd800 && *point < 0xe000;
	return *point < least[n] || *point > 0x10ffff || surrogate ? 0 : n;
}

/* Shown as it is? Not controls, nor marks that turn, join or hide text. */
static bool is_plain(uint32_t point)
{
	static const struct {
		uint32_t from, to;
	} hidden[] = {
		{0x00, 0x1f},     {0x7f, 0x9f},        {0xad, 0xad},     {0x34f, 0x34f},
		{0x61c, 0x61c},   {0x115f, 0x1160},    {0x17b4, 0x17b5}, {0x180b, 0x180f},
		{0x200b, 0x200f}, {0x2028, 0x202e},    {0x2060, 0x206f}, {0x3164, 0x3164},
		{0xfe00, 0xfe0f}, {0xfeff, 0xfeff},    {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
		{0xe000, 0xf8ff}, {0xe0000, 0x10ffff}, {'\\', '\\'},
	};

	for (size_t i = 0; i < COUNT_OF(hidden); i++)
		if (point >= hidden[i].from && point <= hidden[i].to)
			return false;
	return true;
}

size_t escape_one(const char *s, size_t len, char out[ESCAPE_ONE])
{
	uint32_t point = 0;
	const size_t n = utf8_next(s, len, &point);

	if (n == 0) {
		snprintf(out, ESCAPE_ONE, "\\x%02x", (uint8_t)s[0]);
		return 1;
	}
	if (is_plain(point)) {
		memcpy(out, s, n);
		out[n] = '\0';
	} else if (point == '\\') {
		snprintf(out, ESCAPE_ONE, "\\\\");
	} else if (point < 0x100) {
		snprintf(out, ESCAPE_ONE, "\\x%02x", point);
	} else {
		snprintf(out, ESCAPE_ONE, "\\u{%x}", point);
	}
	return n;
}

size_t escape_text(const char *s, size_t len, char *out, size_t cap)
{
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		char one[ESCAPE_ONE];
		i += escape_one(s + i, len - i, one);
		const size_t n = strlen(one);

		if (used + n >= cap)
			break;
		memcpy(out + used, one, n);
		used += n;
	}
	if (cap > 0)
		out[used] = '\0';
	return used;
}

void escape_print(FILE *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		char one[ESCAPE_ONE];

		i += escape_one(s + i, len - i, one);
		fputs(one, out);
	}
}

/*
 * Wide by default: CJK, Hangul, kana, full-width forms, emoji (Unicode East Asian Width W and F, in
 * blocks).
 */
static bool is_wide(uint32_t point)
{
	return (point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0xa4cf) ||
	       (point >= 0xac00 && point <= 0xd7a3) || (point >= 0xf900 && point <= 0xfaff) ||
	       (point >= 0xfe30 && point <= 0xfe6f) || (point >= 0xff00 && point <= 0xff60) ||
	       (point >= 0xffe0 && point <= 0xffe6) || (point >= 0x1f300 && point <= 0x1faff) ||
	       (point >= 0x20000 && point <= 0x3fffd);
}

/* Combining marks take no column of their own. */
static bool is_combining(uint32_t point)
{
	return (point >= 0x300 && point <= 0x36f) || (point >= 0x1ab0 && point <= 0x1aff) ||
	       (point >= 0x20d0 && point <= 0x20ff) || (point >= 0xfe20 && point <= 0xfe2f);
}

size_t escape_width(const char *escaped)
{
	const size_t len = strlen(escaped);
	size_t width = 0;

	for (size_t i = 0; i < len;) {
		uint32_t point = 0;
		const size_t n = utf8_next(escaped + i, len - i, &point);

		width += is_wide(point) ? 2 : is_combining(point) ? 0 : 1;
		i += n ? n : 1;
	}
	return width;
}
