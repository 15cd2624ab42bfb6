/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phrase.c - see phrase.h.
 */
#include "report/phrase.h"

#include <assert.h>

#define PHRASES 4096u /* a power of two */

static_assert(sizeof(struct phrase) == 512, "eight cache lines");

int phrases_init(struct phrases *p)
{
	const int err = arena_init(&p->memory, PHRASES * sizeof *p->at);

	if (err < 0)
		return err;
	p->at = arena_take(&p->memory, PHRASES * sizeof *p->at, 64);
	assert(p->at != NULL);
	return 0;
}

void phrases_fini(struct phrases *p)
{
	arena_free(&p->memory);
}

struct phrase *phrase_place(const struct phrases *p, uint64_t signature)
{
	return &p->at[signature & (PHRASES - 1)];
}
