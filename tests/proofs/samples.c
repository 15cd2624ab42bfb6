/* SPDX-License-Identifier: Apache-2.0 */
/*
 * samples.c - parsers of no protocol, to try the proof on.
 *
 * option_parse and table_parse are written as parsers are; the seeded bugs of mutants.txt are put
 * into them and must be found. kit_parse uses every function of the kit once, so that Eva
 * too sees each: it checks conversions, which the contracts leave out. No program has this file.
 */
#include "base/attr.h"
#include "observe/prove.h"

enum { CODES_MAX = 8, ROWS_MAX = 4 };

struct option {
	uint8_t count;
	uint8_t code[CODES_MAX];
	uint8_t level;
	uint16_t total;
	struct cur name;
};

/* Code, length, value, as in DHCP: 0 is padding, 255 the end. */
static bool option_parse(struct cur *in, struct option *o)
{
	while (cur_more(in)) {
		const uint8_t code = cur_u8(in);
		if (code == 0)
			continue;
		if (code == 255)
			break;
		struct cur value = cur_sub(in, cur_u8(in));
		if (o->count < CODES_MAX)
			o->code[o->count++] = code;
		if (code == 12)
			o->name = cur_rest(&value);
		if (code == 13)
			o->level = (uint8_t)(cur_be16(&value) >> 8);
		if (code == 14 && o->total < 60000)
			o->total = (uint16_t)(o->total + cur_u8(&value));
	}
	return cur_ok(in);
}

struct row {
	uint8_t id[4];
	uint32_t value;
};

struct table {
	uint32_t width, share;
	struct row row[ROWS_MAX];
};

/* A count, a width, and that many rows. */
static bool table_parse(struct cur *in, uint16_t kind, struct table *t)
{
	const uint8_t rows = cur_u8(in);

	t->width = cur_u8(in);
	if (rows > ROWS_MAX || t->width == 0)
		return false;
	t->share = 1000 / t->width;
	for (uint32_t i = 0; i < ROWS_MAX && i < rows; i++) {
		struct cur row = cur_sub(in, t->width);
		uint32_t value = 0;
		cur_copy(&row, t->row[i].id, sizeof t->row[i].id, sizeof t->row[i].id);
		if (kind == 1)
			value = cur_be32(&row);
		t->row[i].value = value;
	}
	return cur_ok(in);
}

struct kit {
	uint64_t numbers;
	uint32_t place;
	uint8_t bytes[16], tag, suffix;
	bool whole, told;
	struct text text;
};

static void kit_numbers(struct cur *in, struct kit *k)
{
	k->numbers = cur_be24(in) ^ cur_be64(in) ^ cur_le16(in) ^ cur_le24(in) ^ cur_le32(in) ^
	             cur_le64(in);
	k->numbers ^= cur_varint_quic(in) ^ cur_varint_mqtt(in) ^ cur_decimal(in) ^ cur_hex(in);
	k->place = cur_pos(in) + cur_left(in) + cur_peek8(in);
	cur_seek(in, cur_be16(in));
	cur_copy(in, k->bytes, sizeof k->bytes, cur_u8(in));
}

static void kit_windows(struct cur *in, struct kit *k)
{
	struct cur line = cur_ber(in, &k->tag);
	struct cur word = cur_until(&line, ' ');

	k->whole = cur_line(in, &line);
	k->told = cur_is(&line, "HELLO ") || cur_is_caseless(&line, "\xe4hlo ");
	word = cur_token(&line, " ,;\t\xff");
	cur_cut(&word, cur_u8(in));
	word = cur_rest(&word);
	text_clear(&k->text);
	while (cur_more(&word))
		text_put(&k->text, cur_u8(&word));
	text_lower(&k->text);
	k->told = k->told && text_is(&k->text, "\xe4hlo");
}

static void kit_text(struct cur *in, struct kit *k)
{
	const uint32_t start = cur_pos(in);

	cur_netbios_name(in, &k->text, &k->suffix);
	cur_utf16le(in, cur_u8(in), &k->text);
	cur_text(in, cur_u8(in), &k->text);
	cur_dns_name(in, start, &k->text);
	text_trim(&k->text);
	text_add(&k->text, ", \xe4");
	text_hex(&k->text, cur_u8(in));
	text_decimal(&k->text, cur_be32(in));
	text_utf8(&k->text, cur_be24(in));
}

static bool kit_parse(struct cur *in, uint8_t part, struct kit *k)
{
	if (part == 0)
		kit_numbers(in, k);
	if (part == 1)
		kit_windows(in, k);
	if (part == 2)
		kit_text(in, k);
	return cur_ok(in);
}

PROVE(option_parse, struct option)
PROVE_WITH(table_parse, struct table, uint16_t)
PROVE_WITH(kit_parse, struct kit, uint8_t)
