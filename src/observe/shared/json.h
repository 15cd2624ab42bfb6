/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - walks a JSON text (RFC 8259) that came in a datagram, an item at a time.
 *
 * An item is a string, number or word with the key that it stands under, or the opening of an
 * object or list. Nothing is stored but how deep the walk is and which levels are lists, a bit
 * each: keys and values are windows of the text, with their escapes as they are (json_text takes
 * them out). The grammar is kept to: a missing comma, a key without a value, an open bracket at the
 * end make the cursor bad, so that other protocols do not pass and a cut text tells nothing.
 *
 *	struct json j = {0};
 *	struct json_item item = {0};
 *	while (cur_more(&in) && json_next(&in, &j, &item))
 *		...
 *	return json_ended(&in, &j);
 *
 * What follows the text's last bracket is left in the cursor: some senders add a zero or a newline.
 */
#pragma once

#include "observe/shared/window.h"

enum { JSON_DEPTH_MAX = 16 };

enum json_kind { JSON_STRING, JSON_PLAIN, JSON_OPENS, JSON_CLOSES };

/* Where the walk is. Zeroed it stands before the text. */
struct json {
	uint32_t lists; /* bit n: the level n is a list, else an object */
	uint8_t depth;  /* open levels */
	bool begun;
	bool more; /* a value went before on this level: a comma must follow */
};

struct json_item {
	uint8_t kind;
	uint8_t depth; /* 1: directly in the outermost object */
	struct cur key;
	struct cur
		value; /* JSON_STRING: between the quotes; JSON_PLAIN: a number, true, false, null */
};

static inline void json_blanks(struct cur *in)
{
	for (uint32_t i = 0; i < CUR_MAX && cur_left(in) > 0; i++) {
		if (!cur_among(cur_peek8(in), " \t\r\n", 4))
			return;
		cur_skip(in, 1);
	}
}

/* A string, from quote to quote. */
static inline void json_string(struct cur *in, struct cur *string)
{
	bool closed = false;

	if (!cur_is(in, "\""))
		cur_fail(in);
	struct cur rest = *in;
	const uint32_t from = cur_pos(in);
	while (!closed && cur_more(in)) {
		const uint8_t b = cur_u8(in);
		if (b == '\\')
			cur_skip(in, 1);
		closed = b == '"';
	}
	if (!closed)
		cur_fail(in);
	*string = cur_sub(&rest, closed ? cur_pos(in) - from - 1 : 0);
}

/* A number or a word: by its first byte, the rest is not judged. */
static inline void json_plain(struct cur *in, struct cur *plain)
{
	const uint8_t first = cur_peek8(in);

	if (!cur_among(first, "-0123456789tfn", 14))
		cur_fail(in);
	*plain = cur_token(in, ",:[]{}\" \t\r\n");
}

static inline bool json_in_list(const struct json *j)
{
	return j->depth > 0 && (j->lists >> (j->depth % 32) & 1) != 0;
}

static inline void json_open(struct cur *in, struct json *j, bool list)
{
	if (j->depth >= JSON_DEPTH_MAX) {
		cur_fail(in);
		return;
	}
	j->depth = (uint8_t)(j->depth + 1);
	const uint32_t bit = 1u << (j->depth % 32);
	j->lists = list ? j->lists | bit : j->lists & ~bit;
	j->more = false;
}

/* The bracket that closes this level, if it is what comes next. */
static inline bool json_closes(struct cur *in, struct json *j)
{
	if (j->depth == 0 || !(json_in_list(j) ? cur_is(in, "]") : cur_is(in, "}")))
		return false;
	j->depth = (uint8_t)(j->depth - 1);
	j->more = true;
	return true;
}

static inline void json_value(struct cur *in, struct json *j, struct json_item *item)
{
	item->kind = JSON_OPENS;
	if (cur_is(in, "{")) {
		json_open(in, j, false);
	} else if (cur_is(in, "[")) {
		json_open(in, j, true);
	} else if (j->depth == 0) {
		cur_fail(in);
	} else {
		item->kind = cur_peek8(in) == '"' ? JSON_STRING : JSON_PLAIN;
		if (item->kind == JSON_STRING)
			json_string(in, &item->value);
		else
			json_plain(in, &item->value);
		j->more = true;
	}
}

/* The next item. False: the text is over, or, with the cursor bad, it is none. */
static inline bool json_next(struct cur *in, struct json *j, struct json_item *item)
{
	if (j->begun && j->depth == 0)
		return false;
	j->begun = true;
	json_blanks(in);
	item->depth = j->depth;
	item->key = cur_sub(in, 0);
	item->value = cur_sub(in, 0);
	item->kind = JSON_CLOSES;
	if (json_closes(in, j))
		return cur_ok(in);
	if (j->more && !cur_is(in, ","))
		cur_fail(in);
	json_blanks(in);
	if (j->depth > 0 && !json_in_list(j)) {
		json_string(in, &item->key);
		json_blanks(in);
		if (!cur_is(in, ":"))
			cur_fail(in);
		json_blanks(in);
	}
	json_value(in, j, item);
	return cur_ok(in);
}

/* Was it a whole text? */
static inline bool json_ended(const struct cur *in, const struct json *j)
{
	return cur_ok(in) && j->begun && j->depth == 0;
}

/* What follows a backslash; `high` is a surrogate that waits for its other half. */
static inline uint32_t json_escape(struct cur *in, uint32_t high, struct text *t)
{
	const uint8_t b = cur_u8(in);

	if (b == 'u') {
		struct cur digits = cur_sub(in, 4);
		return text_utf16(t, high, (uint16_t)(cur_hex(&digits) % 65536));
	}
	if (b == 'n' || b == 'r' || b == 't')
		text_put(t, b == 'n' ? '\n' : b == 'r' ? '\r' : '\t');
	else
		text_put(t, b == 'b' ? '\b' : b == 'f' ? '\f' : b);
	return 0;
}

/* A string as it is meant, in UTF-8. */
static inline void json_text(struct cur string, struct text *t)
{
	uint32_t high = 0;

	text_clear(t);
	while (cur_more(&string)) {
		const uint8_t b = cur_u8(&string);
		if (b == '\\') {
			high = json_escape(&string, high, t);
		} else {
			text_put(t, b);
			high = 0;
		}
	}
}
