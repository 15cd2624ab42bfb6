/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bencode.h - the version in a dictionary of BitTorrent (BEP 3, "bencoding").
 *
 * Texts have their length before them, numbers lie between i and e, lists and dictionaries between
 * l or d and e, one inside of another. The walk goes over all tokens and counts how deep it is; of
 * the outermost dictionary it keeps the text under the key v.
 */
#pragma once

#include "observe/observer.h"

enum { BENCODE_TOKENS = 512, BENCODE_DEPTH = 16 };

struct bencode {
	uint8_t type; /* d, l, e, i; or s, a text */
	struct cur text;
};

static inline bool bencode_parse(struct cur *in, struct bencode *b)
{
	b->text = cur_sub(in, 0);
	b->type = cur_peek8(in);
	if (b->type >= '0' && b->type <= '9') {
		const uint32_t len = cur_decimal(in);
		b->type = 's';
		if (!cur_is(in, ":"))
			return false;
		b->text = cur_sub(in, len);
		return cur_ok(in);
	}
	cur_skip(in, 1);
	if (b->type == 'i')
		b->text = cur_until(in, 'e');
	return cur_ok(in) && (b->type == 'd' || b->type == 'l' || b->type == 'e' || b->type == 'i');
}

struct bencode_walk {
	uint32_t depth;
	bool key, wanted; /* a key of the outermost comes next; the last was the one */
};

/* A token between the first d and its e; false: no dictionary. */
static inline bool bencode_step(struct bencode_walk *w, const struct bencode *b)
{
	struct cur key = b->text;
	const bool opens = b->type == 'd' || b->type == 'l';

	if (b->type == 'e') {
		w->depth--;
		w->key = true;
		return true;
	}
	if (w->depth == 1 && w->key) {
		w->wanted = cur_is(&key, "v") && cur_left(&key) == 0;
		w->key = false;
		return b->type == 's';
	}
	if (!opens)
		w->key = true;
	w->depth += opens;
	return w->depth < BENCODE_DEPTH;
}

/* The whole of a dictionary; false: it is none. */
static inline bool bencode_version(struct cur *in, struct cur *version)
{
	struct bencode_walk w = {.depth = 1, .key = true};

	if (cur_u8(in) != 'd')
		return false;
	for (unsigned i = 0; i < BENCODE_TOKENS && cur_more(in); i++) {
		struct bencode b = {0};
		if (!bencode_parse(in, &b))
			return false;
		if (w.depth == 1 && !w.key && w.wanted && b.type == 's')
			*version = cur_rest(&b.text);
		if (!bencode_step(&w, &b))
			return false;
		if (w.depth == 0)
			return true;
	}
	return false;
}
