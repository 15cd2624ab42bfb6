/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.c - which rules a text matches: literals first, then patterns.
 */
#include "asset/infer/match.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define USES_MAX 16384u /* literals of all rules */
#define HEADS 4096u     /* of their hash table; a power of two */
#define WORDS (RULES_MAX / 64)

/* What a text may cost: steps of one pattern, its depth, and KiB of its memory. */
#define STEPS_MAX 20000u
#define DEPTH_MAX 500u
#define HEAP_MAX 256u

/* A literal, and the rule that needs it. */
struct literal_use {
	char text[LITERAL_MAX];
	uint8_t len;
	uint16_t rule;
	uint32_t next; /* of the same head; 0: none */
};

static_assert(RULES_MAX % 64 == 0, "a bit each");
static_assert(RULES_MAX <= UINT16_MAX, "a rule's number has 16 bits");

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

	r->uses = arena_take(&r->memory, USES_MAX * sizeof *r->uses, 64);
	r->first_use = arena_take(&r->memory, HEADS * sizeof *r->first_use, 64);
	r->use_count = 1; /* 0 is none */
	if (memory == NULL || r->uses == NULL || r->first_use == NULL)
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

/* ---- finding rules by literals ---- */

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* The last three letters, the newest lowest. */
static uint32_t with_letter(uint32_t three, uint8_t letter)
{
	return (three << 8 | letter) & 0xffffff;
}

static unsigned head_of(uint32_t three)
{
	return three * UINT32_C(2654435761) >> 20 & (HEADS - 1);
}

static bool index_literal(struct rules *r, unsigned rule, const char *text, unsigned len)
{
	if (r->use_count == USES_MAX)
		return false;
	uint32_t three = 0;
	for (unsigned i = 0; i < LITERAL_MIN; i++)
		three = with_letter(three, (uint8_t)text[i]);
	const unsigned head = head_of(three);
	struct literal_use *const use = &r->uses[r->use_count];

	*use = (struct literal_use){.len = (uint8_t)len, .rule = (uint16_t)rule};
	memcpy(use->text, text, len);
	use->next = r->first_use[head];
	r->first_use[head] = r->use_count++;
	return true;
}

static bool index_always(struct rules *r, unsigned rule, enum fact_kind kind)
{
	if (r->always[kind] == NULL)
		r->always[kind] = arena_take(&r->memory, WORDS * sizeof(uint64_t), 64);
	if (r->always[kind] == NULL)
		return false;
	r->always[kind][rule / 64] |= UINT64_C(1) << rule % 64;
	return true;
}

bool rules_index(struct rules *r, struct rule *rule)
{
	const unsigned number = (unsigned)(rule - r->rule);
	struct literals literals;
	bool good = true;

	literals_find(rule->pattern.s, rule->pattern.len, &literals);
	for (unsigned i = 0; i < rule->kind_count; i++) {
		r->is_read[rule->kinds[i]] = true;
		if (literals.count == 0)
			good = good && index_always(r, number, rule->kinds[i]);
	}
	for (unsigned i = 0; i < literals.count; i++)
		good = good && index_literal(r, number, literals.text[i], literals.len[i]);
	return good;
}

static bool reads_kind(const struct rule *rule, enum fact_kind kind)
{
	for (unsigned i = 0; i < rule->kind_count; i++)
		if (rule->kinds[i] == kind)
			return true;
	return false;
}

/* The rules whose literals begin at this place of the (lower-case) text. */
static void find_here(const struct rules *r, enum fact_kind kind, unsigned head, const uint8_t *at,
                      size_t left, uint64_t found[WORDS])
{
	for (uint32_t i = r->first_use[head]; i != 0; i = r->uses[i].next) {
		const struct literal_use *const use = &r->uses[i];
		if (use->len <= left && memcmp(at, use->text, use->len) == 0 &&
		    reads_kind(&r->rule[use->rule], kind))
			found[use->rule / 64] |= UINT64_C(1) << use->rule % 64;
	}
}

static void find_rules(const struct rules *r, enum fact_kind kind, const char *text, size_t len,
                       uint64_t found[WORDS])
{
	uint8_t low[FACT_TEXT_MAX] UNINITIALIZED;
	uint32_t three = 0;

	if (r->always[kind] != NULL)
		memcpy(found, r->always[kind], WORDS * sizeof *found);
	else
		memset(found, 0, WORDS * sizeof *found);
	for (size_t i = 0; i < len; i++)
		low[i] = lower((uint8_t)text[i]);
	for (size_t i = 0; i < len; i++) {
		three = with_letter(three, low[i]);
		if (i + 1 >= LITERAL_MIN)
			find_here(r, kind, head_of(three), low + i + 1 - LITERAL_MIN,
			          len - i - 1 + LITERAL_MIN, found);
	}
}

/* ---- trying patterns ---- */

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

static bool rule_match(struct rules *r, unsigned number, const char *text, size_t len,
                       struct hit *hit)
{
	struct rule *const rule = &r->rule[number];

	if (!rule_compile(r, rule))
		return false;
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

unsigned rules_match(struct rules *r, enum fact_kind kind, const char *text, size_t len,
                     struct hit hits[HITS_MAX])
{
	uint64_t found[WORDS] UNINITIALIZED;
	bool spoke[UINT8_MAX + 1] = {false}; /* has a rule of this list matched? */
	unsigned count = 0;

	if (!r->is_read[kind] || len >= FACT_TEXT_MAX)
		return 0;
	rules_read_waiting(r, kind);
	find_rules(r, kind, text, len, found);
	for (unsigned word = 0; word < WORDS; word++) {
		for (; found[word] != 0 && count < HITS_MAX; found[word] &= found[word] - 1) {
			const unsigned number = word * 64 + (unsigned)__builtin_ctzll(found[word]);
			const uint8_t list = r->rule[number].list;
			if (spoke[list] || !rule_match(r, number, text, len, &hits[count]))
				continue;
			spoke[list] = list != OUR_RULES;
			count++;
		}
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
