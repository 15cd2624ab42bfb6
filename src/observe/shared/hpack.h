/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hpack.h - the fields of HTTP/2's heads, as far as they stand in one block (RFC 7541).
 *
 * A field is a number of the static table, or a name, by number or letters, and a value; letters
 * may be in Huffman's code. Fields that lie in the dynamic table of a connection are not known
 * here: of a connection's first block, all that matters comes as letters.
 *
 * The code is canonical: symbols of equal length follow each other in the order of their numbers.
 * So a list of the symbols by length, and how many there are of each, is all that decoding takes.
 */
#pragma once

#include "observe/observer.h"

enum { HPACK_EOS = 256, HPACK_BITS_MAX = 30 };

/* Symbols by the length of their code, then by number (RFC 7541, appendix B). */
static const uint16_t hpack_symbols[257] = {
	48,  49,  50,  97,  99,  101, 105, 111, 115, 116, 32,  37,  45,  46,  47,  51,  52,  53,
	54,  55,  56,  57,  61,  65,  95,  98,  100, 102, 103, 104, 108, 109, 110, 112, 114, 117,
	58,  66,  67,  68,  69,  70,  71,  72,  73,  74,  75,  76,  77,  78,  79,  80,  81,  82,
	83,  84,  85,  86,  87,  89,  106, 107, 113, 118, 119, 120, 121, 122, 38,  42,  44,  59,
	88,  90,  33,  34,  40,  41,  63,  39,  43,  124, 35,  62,  0,   36,  64,  91,  93,  126,
	94,  125, 60,  96,  123, 92,  195, 208, 128, 130, 131, 162, 184, 194, 224, 226, 153, 161,
	167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230, 129, 132, 133, 134, 136, 146, 154,
	156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190, 196, 198, 228, 232,
	233, 1,   135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165,
	166, 168, 174, 175, 180, 182, 183, 188, 191, 197, 231, 239, 9,   142, 144, 145, 148, 159,
	171, 206, 215, 225, 236, 237, 199, 207, 234, 235, 192, 193, 200, 201, 202, 205, 210, 213,
	218, 219, 238, 240, 242, 243, 255, 203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245,
	246, 247, 248, 250, 251, 252, 253, 254, 2,   3,   4,   5,   6,   7,   8,   11,  12,  14,
	15,  16,  17,  18,  19,  20,  21,  23,  24,  25,  26,  27,  28,  29,  30,  31,  127, 220,
	249, 10,  13,  22,  256,
};

/* How many codes have so many bits. */
static const uint8_t hpack_counts[HPACK_BITS_MAX + 1] = {
	0, 0, 0, 0, 0, 10, 26, 32, 6,  0, 5,  3,  2,  6, 2, 3,
	0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4,
};

/* Where the walk down the code is. */
struct hpack_code {
	uint32_t code, first,
		index; /* bits read, the first code of this length, its symbol's place */
	uint32_t bits;
};

/* One more bit; true: a symbol is whole. */
static inline bool hpack_bit(struct hpack_code *c, uint32_t bit, uint16_t *symbol)
{
	c->code = (c->code * 2 + bit) % (1u << HPACK_BITS_MAX);
	c->bits += 1;
	if (c->bits > HPACK_BITS_MAX)
		return false;
	c->first = c->first * 2 % (1u << HPACK_BITS_MAX);
	const uint32_t count = hpack_counts[c->bits];
	if (c->code >= c->first && c->code - c->first < count) {
		const uint32_t at = c->index + (c->code - c->first);
		*symbol = hpack_symbols[at < 257 ? at : 256];
		return true;
	}
	c->index += count;
	c->first += count;
	return false;
}

/* False: no such code, or padding that is too long (5.2). */
static inline bool hpack_huffman_parse(struct cur *in, struct text *t)
{
	struct hpack_code c = {0};
	uint16_t symbol = 0;

	while (cur_more(in)) {
		const uint8_t byte = cur_u8(in);
		for (unsigned i = 0; i < 8; i++) {
			if (!hpack_bit(&c, byte >> (7 - i) & 1u, &symbol))
				continue;
			if (symbol >= HPACK_EOS)
				return false;
			text_put(t, (uint8_t)symbol);
			c = (struct hpack_code){0};
		}
		if (c.bits > HPACK_BITS_MAX)
			return false;
	}
	return c.bits < 8 && c.code == (1u << c.bits % 8) - 1;
}

/* A number in what the prefix leaves of a byte and up to four more (5.1). */
static inline uint32_t hpack_number(struct cur *in, uint8_t first, uint32_t prefix_max)
{
	const uint32_t low = first & prefix_max;

	if (low < prefix_max)
		return low;
	const uint32_t more = cur_varint_mqtt(in);
	return more + prefix_max;
}

/* A string (5.2): whether it is coded, a length, so many bytes. One that is too long is empty. */
static inline bool hpack_string_parse(struct cur *in, struct text *t)
{
	const uint8_t first = cur_u8(in);
	const uint32_t len = hpack_number(in, first, 127);
	struct cur bytes = cur_sub(in, len);

	text_clear(t);
	if (!cur_ok(in))
		return false;
	if (first >= 128 && !hpack_huffman_parse(&bytes, t))
		return false;
	if (first < 128)
		cur_text(&bytes, cur_left(&bytes), t);
	if (t->len == TEXT_MAX)
		text_clear(t);
	return true;
}

/* A field: its name's number in the static table, or 0 and the name in letters. */
struct hpack_field {
	uint32_t number;
	bool is_update; /* of the table's size: no field */
	bool has_value; /* else the table has it */
	struct text name, value;
};

/* The next field (6.1 to 6.3). False: it is broken, and the cursor bad. */
static inline bool hpack_next(struct cur *in, struct hpack_field *f)
{
	const uint8_t first = cur_u8(in);
	f->is_update = first >= 32 && first < 64;
	f->has_value = !f->is_update && first < 128;
	if (first >= 128)
		f->number = hpack_number(in, first, 127);
	else if (first >= 64)
		f->number = hpack_number(in, first, 63);
	else if (f->is_update)
		f->number = hpack_number(in, first, 31);
	else
		f->number = hpack_number(in, first, 15);
	if (!f->has_value)
		return cur_ok(in);
	text_clear(&f->name);
	if ((f->number == 0 && !hpack_string_parse(in, &f->name)) ||
	    !hpack_string_parse(in, &f->value))
		cur_fail(in);
	return cur_ok(in);
}
