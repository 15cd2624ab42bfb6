/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml.h - walks the tags of a small XML text that came in a datagram, one at a time.
 *
 * A tag's name is told without its prefix, which is the sender's own; attributes are passed over.
 * The text behind a tag goes up to the next one. Entities stay as they are, there are no
 * declarations or sections with marks: devices that announce themselves use none. Whether the text
 * is whole is the caller's to judge, by the tag that must close it.
 *
 *	struct xml_tag tag = {0};
 *	while (cur_more(&in) && xml_next(&in, &tag))
 *		...
 */
#pragma once

#include "observe/shared/window.h"

struct xml_tag {
	bool closes;     /* </name> */
	bool ended;      /* its '>' is there */
	struct cur name; /* without its prefix */
	struct cur text; /* behind it */
};

static inline bool xml_is_blank(uint8_t b)
{
	return cur_among(b, " \t\r\n", 4);
}

/* The name of a tag without its prefix. */
static inline void xml_name(struct cur tag, struct cur *name)
{
	struct cur whole = cur_token(&tag, " \t\r\n/>");
	struct cur local = whole;

	(void)cur_token(&local, ":");
	(void)cur_is(&local, ":");
	*name = cur_rest(cur_left(&local) > 0 ? &local : &whole);
}

/* The next tag. False: there is no more '<'. */
static inline bool xml_next(struct cur *in, struct xml_tag *tag)
{
	(void)cur_token(in, "<");
	if (!cur_is(in, "<"))
		return false;
	struct cur piece = cur_token(in, "<");
	tag->closes = cur_is(&piece, "/");
	xml_name(piece, &tag->name);
	(void)cur_until(&piece, '>');
	tag->ended = cur_ok(&piece);
	tag->text = cur_rest(&piece);
	return true;
}

/* What is between the blanks at either end; a text that is too long is none. */
static inline bool xml_text(struct cur window, struct text *t)
{
	for (uint32_t i = 0; i < CUR_MAX && xml_is_blank(cur_peek8(&window)); i++)
		cur_skip(&window, 1);
	cur_text(&window, cur_left(&window), t);
	if (t->len == TEXT_MAX)
		text_clear(t);
	for (uint32_t i = 0; i < TEXT_MAX && t->len > 0; i++) {
		if (!xml_is_blank(text_byte(t->s[t->len - 1])))
			break;
		t->len = (uint8_t)(t->len - 1);
	}
	t->s[t->len] = 0;
	return t->len > 0;
}
