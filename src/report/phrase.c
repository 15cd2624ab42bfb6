/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phrase.c - see phrase.h.
 */
#include "report/phrase.h"

#include "base/hash.h"

#include <assert.h>

#define PHRASES 4096u /* a power of two */
#define TELLINGS 256u /* the same */
#define SPELLS 16u

static_assert(sizeof(struct phrase) == 512, "eight cache lines");

int phrases_init(struct phrases *p)
{
	const int err =
		arena_init(&p->memory, PHRASES * sizeof *p->at + TELLINGS * sizeof *p->tellings +
	                                       SPELLS * sizeof *p->spells + 128);

	if (err < 0)
		return err;
	p->at = arena_take(&p->memory, PHRASES * sizeof *p->at, 64);
	p->tellings = arena_take(&p->memory, TELLINGS * sizeof *p->tellings, 64);
	p->spells = arena_take(&p->memory, SPELLS * sizeof *p->spells, 64);
	assert(p->at != NULL && p->tellings != NULL && p->spells != NULL);
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

struct telling *telling_place(const struct phrases *p, const char *by, uint8_t view,
                              uint8_t confidence)
{
	const uint64_t slot = hash_spread((uintptr_t)by, (uint64_t)view << 8 | confidence);

	return &p->tellings[slot % TELLINGS];
}

struct spell *spell_place(const struct phrases *p, const struct support *s)
{
	return &p->spells[(s->frame ^ s->last_ns ^ s->count) % SPELLS];
}
