/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wordings.c - see wordings.h.
 */
#include "observe/wordings.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct wording) == 128, "a wording is two cache lines");

bool wordings_init(struct wordings *w, struct arena *arena)
{
	w->list = arena_take(arena, WORDINGS * sizeof *w->list, 64);
	return w->list != NULL;
}

bool wordings_find(const struct wordings *w, uint64_t of, struct text *out)
{
	const struct wording *const known = &w->list[of % WORDINGS];

	if (known->of != of || of == 0)
		return false;
	memcpy(out->s, known->text, known->len);
	out->s[known->len] = 0;
	out->len = known->len;
	return true;
}

void wordings_keep(struct wordings *w, uint64_t of, const struct text *text)
{
	struct wording *const place = &w->list[of % WORDINGS];

	if (text->len > WORDING_MAX)
		return;
	place->of = of;
	place->len = text->len;
	memcpy(place->text, text->s, text->len);
}
