/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.c - which rules a text matches: literals first, then patterns.
 */
#include "asset/infer/match.h"

#include "asset/infer/sieve.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* What a text may cost: steps of one pattern, its depth, and KiB of its memory. */
#define STEPS_MAX 20000u
#define DEPTH_MAX 500u
#define HEAP_MAX 256u

/*
 * What can still follow a beginning. Devices of one make have names that begin alike, so of each
 * beginning that was met lately it is noted which of the patterns without a literal can match at all.
 */
#define BEGINNING 6u     /* bytes */
#define BEGINNINGS 4096u /* a power of two */

struct beginning {
	uint64_t key; /* its bytes, how many, and the kind; 0: none */
	uint64_t may; /* a bit for each of the sieve's first patterns without a literal */
};
static_assert(SIEVE_FIRST == 64, "a bit each");

/* ---- memory ---- */

static void *pcre_take(PCRE2_SIZE bytes, void *arena)
{
	return arena_take(arena, bytes, 16);
}

/* What was taken stays taken: codes live as long as the rules, and the rest is small and kept. */
static void pcre_give_back(void *bytes, void *arena)
{
	(void)bytes;
	(void)arena;
}

int match_init(struct rules *r)
{
	pcre2_general_context *const memory =
		pcre2_general_context_create(pcre_take, pcre_give_back, &r->memory);

	r->beginnings = arena_take(&r->memory, BEGINNINGS * sizeof *r->beginnings, 64);
	if (memory == NULL || r->beginnings == NULL)
		return -ENOMEM;
	pcre2_match_context *const limits = pcre2_match_context_create(memory);
	r->matching = pcre2_match_data_create(16, memory);
	r->pcre = pcre2_compile_context_create(memory);
	r->limits = limits;
	if (limits == NULL || r->matching == NULL || r->pcre == NULL)
		return -ENOMEM;
	pcre2_set_match_limit(limits, STEPS_MAX);
	pcre2_set_depth_limit(limits, DEPTH_MAX);
	pcre2_set_heap_limit(limits, HEAP_MAX);
	return 0;
}

/* ---- trying patterns ---- */

/* The letter that any match begins with, in whatever case; 0: it may be one or another. */
static uint8_t first_letter(const struct rule *rule)
{
	uint32_t type = 0, letter = 0;

	if (rule->code == NULL ||
	    pcre2_pattern_info(rule->code, PCRE2_INFO_FIRSTCODETYPE, &type) != 0 || type != 1 ||
	    pcre2_pattern_info(rule->code, PCRE2_INFO_FIRSTCODEUNIT, &letter) != 0)
		return 0;
	return (uint8_t)letter;
}

static bool rule_compile(struct rules *r, struct rule *rule)
{
	const uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DUPNAMES |
	                         (rule->caseless ? PCRE2_CASELESS : 0u);
	int error;
	PCRE2_SIZE at;

	if (rule->code == NULL && !rule->broken) {
		rule->code = pcre2_compile((PCRE2_SPTR)rule->pattern.s, rule->pattern.len, options,
		                           &error, &at, r->pcre);
		rule->broken = rule->code == NULL;
		rule->first_letter = first_letter(rule);
		r->broken += rule->broken;
	}
	return !rule->broken;
}

static void take_groups(struct hit *hit, const size_t *pairs, int count, size_t skipped)
{
	for (int i = 0; i <= (int)RULE_GROUPS; i++) {
		hit->group[i] = (struct group){0, 0};
		if (i < count && pairs[2 * i] != PCRE2_UNSET && pairs[2 * i + 1] >= pairs[2 * i])
			hit->group[i] = (struct group){(uint16_t)(skipped + pairs[2 * i]),
			                               (uint16_t)(pairs[2 * i + 1] - pairs[2 * i])};
	}
}

unsigned match_compile_all(struct rules *r, char why[RULES_WHY])
{
	unsigned bad = 0;

	for (unsigned kind = 0; kind < FACT_KINDS; kind++)
		rules_read_waiting(r, (enum fact_kind)kind);
	for (unsigned i = 0; i < r->count; i++) {
		const struct rule *const rule = &r->rule[i];
		if (rule_compile(r, &r->rule[i]))
			continue;
		if (bad++ == 0)
			snprintf(why, RULES_WHY, "%.*s: not a pattern: %.*s", (int)rule->id.len,
			         rule->id.s,
			         (int)(rule->pattern.len < 150 ? rule->pattern.len : 150),
			         rule->pattern.s);
	}
	return bad;
}

/* How much of the text stands before what the rule reads. */
static size_t skipped_by(const struct rule *rule, const char *text, size_t len)
{
	const char *dash = rule->behind_dash ? memchr(text, '-', len) : NULL;

	if (dash != NULL)
		dash = memchr(dash + 1, '-', len - (size_t)(dash + 1 - text));
	return dash == NULL ? 0 : (size_t)(dash + 1 - text);
}

/* Its bit in a set of letters, in whatever case; others share it, so that a set only rules out. */
static uint64_t letter_bit(uint8_t letter)
{
	return UINT64_C(1) << ((letter | 0x20u) & 63u);
}

static uint64_t letters_of(const char *text, size_t len)
{
	uint64_t letters = 0;

	for (size_t i = 0; i < len; i++)
		letters |= letter_bit((uint8_t)text[i]);
	return letters;
}

/* Can it begin anywhere? The pattern machine takes hundreds of steps to find that it cannot. */
static bool rule_begins(struct rules *r, struct rule *rule, uint64_t letters)
{
	return rule_compile(r, rule) &&
	       (rule->first_letter == 0 || (letters & letter_bit(rule->first_letter)) != 0);
}

static bool rule_match(struct rules *r, unsigned number, const char *text, size_t len,
                       struct hit *hit)
{
	struct rule *const rule = &r->rule[number];

	r->tried++;
	const size_t skipped = skipped_by(rule, text, len);
	const int count = pcre2_match(rule->code, (PCRE2_SPTR)text + skipped, len - skipped, 0, 0,
	                              r->matching, r->limits);
	if (count < 0) {
		r->given_up += count != PCRE2_ERROR_NOMATCH;
		return false;
	}
	hit->rule = (uint16_t)number;
	take_groups(hit, pcre2_get_ovector_pointer(r->matching),
	            count == 0 ? (int)RULE_GROUPS + 1 : count, skipped);
	return true;
}

/* ---- beginnings ---- */

static uint64_t beginning_key(enum fact_kind kind, const char *text, size_t len)
{
	const size_t known = len < BEGINNING ? len : BEGINNING;
	uint64_t bytes = 0;

	static_assert(FACT_KINDS <= 1u << 13, "48 bits of text, 3 of its length, 13 of the kind");
	memcpy(&bytes, text, known);
	return bytes | (uint64_t)known << 48 | (uint64_t)kind << 51;
}

/*
 * May the pattern match a text that begins so? One that only matches at the start says so by failing
 * on the beginning without asking what follows (PCRE2's partial matching); of others nothing is known.
 */
static bool rule_may(struct rules *r, struct rule *rule, const char *text, size_t len)
{
	uint32_t options = 0;

	if (rule->behind_dash || !rule_compile(r, rule) ||
	    pcre2_pattern_info(rule->code, PCRE2_INFO_ALLOPTIONS, &options) != 0 ||
	    (options & PCRE2_ANCHORED) == 0)
		return true;
	return pcre2_match(rule->code, (PCRE2_SPTR)text, len < BEGINNING ? len : BEGINNING, 0,
	                   PCRE2_PARTIAL_HARD, r->matching, r->limits) != PCRE2_ERROR_NOMATCH;
}

/* The next rule of a set, which is taken out of it; sieve->count: there is none. */
static unsigned set_take(const struct sieve *s, uint64_t *set)
{
	for (unsigned word = 0; word < s->words; word++) {
		if (set[word] == 0)
			continue;
		const unsigned place = word * 64 + (unsigned)__builtin_ctzll(set[word]);
		set[word] &= set[word] - 1;
		return place;
	}
	return s->count;
}

static uint64_t beginning_learn(struct rules *r, const struct sieve *s, const char *text,
                                size_t len)
{
	uint64_t may = 0;

	for (unsigned i = 0; i < s->first_count; i++)
		if (rule_may(r, &r->rule[s->rule[s->first[i]]], text, len))
			may |= UINT64_C(1) << i;
	return may;
}

/* Adds to the set those of the first without a literal that the text's beginning lets match. */
static void add_by_beginning(struct rules *r, const struct sieve *s, enum fact_kind kind,
                             const char *text, size_t len, uint64_t *found)
{
	const uint64_t key = beginning_key(kind, text, len);
	struct beginning *const b =
		&r->beginnings[key * UINT64_C(0x9e3779b97f4a7c15) >> 52 & (BEGINNINGS - 1)];

	if (b->key != key)
		*b = (struct beginning){key, beginning_learn(r, s, text, len)};
	for (uint64_t may = b->may; may != 0; may &= may - 1) {
		const unsigned place = s->first[__builtin_ctzll(may)];
		found[place / 64] |= UINT64_C(1) << place % 64;
	}
}

/* ---- a text ---- */

unsigned rules_match(struct rules *r, enum fact_kind kind, const char *text, size_t len,
                     struct hit hits[HITS_MAX])
{
	uint64_t found[SIEVE_WORDS] UNINITIALIZED;
	bool spoke[UINT8_MAX + 1] = {false}; /* has a rule of this list matched? */
	unsigned count = 0, place;

	if (!r->is_read[kind] || len >= FACT_TEXT_MAX)
		return 0;
	const uint64_t letters = letters_of(text, len);
	const struct sieve *const s = sieve_of(r, kind);
	sieve_text(r, s, text, len, found);
	add_by_beginning(r, s, kind, text, len, found);
	while (count < HITS_MAX && (place = set_take(s, found)) != s->count) {
		const unsigned number = s->rule[place];
		const uint8_t list = r->rule[number].list;
		if (spoke[list] || !rule_begins(r, &r->rule[number], letters) ||
		    !rule_match(r, number, text, len, &hits[count]))
			continue;
		spoke[list] = list != OUR_RULES;
		count++;
	}
	return count;
}

/* ---- what a match says ---- */

static size_t expand_one(const struct group *g, const char *text, char *out, size_t cap)
{
	const size_t len = g->len < cap ? g->len : cap;

	memcpy(out, text + g->at, len);
	return len;
}

size_t rules_expand(struct words words, const struct hit *hit, const char *text, char *out,
                    size_t cap)
{
	size_t len = 0, from = 0;

	for (size_t i = 0; i < words.len && len < cap; i++) {
		const char next = i + 1 < words.len ? words.s[i + 1] : 0;
		if (words.s[i] == '$' && next >= '1' && next <= '0' + (char)RULE_GROUPS) {
			len += expand_one(&hit->group[next - '0'], text, out + len, cap - len);
			i++;
		} else {
			out[len++] = words.s[i];
		}
	}
	while (len > 0 && strchr(" \t.", out[len - 1]) != NULL) /* "$1." without its $2 as well */
		len--;
	while (from < len && (out[from] == ' ' || out[from] == '\t'))
		from++;
	memmove(out, out + from, len - from);
	return len - from;
}
