/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sieve.c - see sieve.h.
 *
 * Memory is for as many rules, kinds and literals as there may be. A rule whose literals find no
 * more room counts as one without: then it is tried on every text.
 */
#include "asset/infer/sieve.h"

#include <assert.h>
#include <string.h>

#define LITERALS_MAX 16384u            /* of all sieves */
#define PAIRS (RULES_MAX * RULE_KINDS) /* of a rule and a kind that it reads */
#define HEADS_EACH 8u                  /* at most so many heads for a rule */
#define HEADS_LEAST 64u
#define SIEVE_LEAST 1024u /* bytes of a sieve beside what grows with its rules */

/* A literal, and the rule of the sieve that needs it. */
struct sieve_literal {
	char text[LITERAL_MAX];
	uint8_t len;
	uint16_t rule;
	uint32_t next; /* of the same head; 0: none */
};

static_assert(RULES_MAX % 64 == 0, "a bit each");
static_assert(RULES_MAX <= UINT16_MAX, "a rule's number has 16 bits");

int sieves_init(struct rules *r)
{
	const size_t each = sizeof(uint16_t) + HEADS_EACH * sizeof(uint32_t) + 1;
	const int err = arena_init(&r->tables, LITERALS_MAX * sizeof(struct sieve_literal) +
	                                               PAIRS * each + FACT_KINDS * SIEVE_LEAST);

	if (err < 0)
		return err;
	r->literals = arena_take(&r->tables, LITERALS_MAX * sizeof *r->literals, 64);
	assert(r->literals != NULL);
	r->literal_count = 1; /* 0 is none */
	return 0;
}

static void *take(struct rules *r, size_t bytes)
{
	void *const taken = arena_take(&r->tables, bytes, 8);

	assert(taken != NULL); /* there is room for all */
	return taken;
}

/* ---- making one ---- */

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* The last three letters, the newest lowest. */
static uint32_t with_letter(uint32_t three, uint8_t letter)
{
	return (three << 8 | letter) & 0xffffff;
}

static uint32_t *head_of(const struct sieve *s, uint32_t three)
{
	return &s->heads[three * UINT32_C(2654435761) >> 12 & s->head_mask];
}

static bool add_literal(struct rules *r, struct sieve *s, unsigned rule, const char *text,
                        unsigned len)
{
	if (r->literal_count == LITERALS_MAX)
		return false;
	uint32_t three = 0;
	for (unsigned i = 0; i < LITERAL_MIN; i++)
		three = with_letter(three, (uint8_t)text[i]);
	uint32_t *const head = head_of(s, three);
	struct sieve_literal *const l = &r->literals[r->literal_count];

	*l = (struct sieve_literal){.len = (uint8_t)len, .rule = (uint16_t)rule, .next = *head};
	memcpy(l->text, text, len);
	*head = r->literal_count++;
	return true;
}

static void add_rule(struct rules *r, struct sieve *s, unsigned rule)
{
	const struct words pattern = r->rule[s->rule[rule]].pattern;
	struct literals literals;

	literals_find(pattern.s, pattern.len, &literals);
	bool found = literals.count > 0;
	for (unsigned i = 0; i < literals.count; i++)
		found = found && add_literal(r, s, rule, literals.text[i], literals.len[i]);
	if (found)
		return;
	if (s->first_count < SIEVE_FIRST)
		s->first[s->first_count++] = (uint16_t)rule;
	else
		s->bare[rule / 64] |= UINT64_C(1) << rule % 64;
}

static unsigned heads_for(unsigned rules)
{
	unsigned heads = HEADS_LEAST;

	while (heads < HEADS_EACH / 2 * rules)
		heads *= 2;
	return heads;
}

static struct sieve *sieve_make(struct rules *r, enum fact_kind kind)
{
	uint16_t rules[RULES_MAX] = {0};
	struct sieve *const s = take(r, sizeof *s);

	for (unsigned i = 0; i < r->count; i++)
		if (rule_reads(r, i, kind))
			rules[s->count++] = (uint16_t)i;
	s->words = (s->count + 63) / 64;
	s->rule = take(r, s->count * sizeof *s->rule);
	s->bare = take(r, s->words * sizeof *s->bare);
	s->head_mask = heads_for(s->count) - 1;
	s->heads = take(r, (s->head_mask + 1) * sizeof *s->heads);
	memcpy(s->rule, rules, s->count * sizeof *s->rule);
	for (unsigned i = 0; i < s->count; i++)
		add_rule(r, s, i);
	return s;
}

const struct sieve *sieve_of(struct rules *r, enum fact_kind kind)
{
	assert(r->is_read[kind]);
	if (r->sieve[kind] == NULL) {
		rules_read_waiting(r, kind);
		r->sieve[kind] = sieve_make(r, kind);
	}
	return r->sieve[kind];
}

/* ---- a text ---- */

/* The rules whose literals begin at this place of the (lower-case) text. */
static void find_here(const struct rules *r, uint32_t literal, const uint8_t *at, size_t left,
                      uint64_t *found)
{
	for (; literal != 0; literal = r->literals[literal].next) {
		const struct sieve_literal *const l = &r->literals[literal];
		if (at[0] == (uint8_t)l->text[0] && l->len <= left &&
		    memcmp(at, l->text, l->len) == 0)
			found[l->rule / 64] |= UINT64_C(1) << l->rule % 64;
	}
}

void sieve_text(const struct rules *r, const struct sieve *s, const char *text, size_t len,
                uint64_t found[SIEVE_WORDS])
{
	uint8_t low[FACT_TEXT_MAX] UNINITIALIZED;
	uint32_t three = 0;

	memcpy(found, s->bare, s->words * sizeof *found);
	for (size_t i = 0; i < len; i++)
		low[i] = lower((uint8_t)text[i]);
	for (size_t i = 0; i < len; i++) {
		three = with_letter(three, low[i]);
		if (i + 1 < LITERAL_MIN)
			continue;
		const size_t at = i + 1 - LITERAL_MIN;
		find_here(r, *head_of(s, three), low + at, len - at, found);
	}
}
