/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claims.c - from facts to what rules say of them.
 *
 * A text is matched once and then remembered, by a keyed digest of its kind and bytes, in a table
 * in which each digest has one of four places: who comes later takes the next of them. Most texts
 * match nothing, so what others matched lies in a ring of its own. Only the cost depends on what is
 * remembered, never the answer.
 */
#include "asset/infer/claims.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define REMEMBERED (1u << 14) /* texts; a power of two */
#define WAYS 4u
#define MATCHED (1u << 13) /* of those texts that match something; [0] is not used */
#define VALUE_MAX 160u     /* of a value, a version or a CPE name that a rule gives */

struct remembered {
	uint64_t digest;  /* 0: nothing */
	uint32_t matched; /* where its matches are, or were; 0: it has none */
};

struct matched {
	uint64_t digest; /* of the text */
	unsigned count;
	struct hit hits[HITS_MAX];
};

int infer_remember(struct infer *in)
{
	in->remembered = arena_take(&in->memory, REMEMBERED * sizeof *in->remembered, 64);
	in->matched = arena_take(&in->memory, MATCHED * sizeof *in->matched, 64);
	in->last_matched = MATCHED - 1;
	return in->remembered == NULL || in->matched == NULL ? -ENOMEM : 0;
}

size_t infer_remember_room(void)
{
	return REMEMBERED * sizeof(struct remembered) + MATCHED * sizeof(struct matched);
}

static uint64_t digest_of(const struct infer *in, const struct known *k)
{
	const uint64_t digest = hash_join(&in->key, hash64(&in->key, k->value, k->len), k->kind);

	return digest == 0 ? 1 : digest;
}

/* A fact's value as rules read it: as it is, or as it is written. */
static struct words text_of(const struct known *k, char written[FACT_TEXT_MAX])
{
	if (k->kind == FACT_OUI || fact_info(k->kind)->value == VALUE_TEXT)
		return (struct words){(const char *)k->value, k->len};
	return (struct words){written, fact_format(k->kind, k->value, k->len, written)};
}

/* Matches the text; what it matches takes the place of what was matched longest ago. */
static const struct matched *match(struct infer *in, const struct known *k, struct remembered *r)
{
	const uint32_t next = in->last_matched % (MATCHED - 1) + 1;
	struct matched *const m = &in->matched[next];
	char written[FACT_TEXT_MAX] UNINITIALIZED;
	const struct words text = text_of(k, written);

	m->digest = r->digest;
	m->count = rules_match(&in->rules, k->kind, text.s, text.len, m->hits);
	if (m->count > 0)
		in->last_matched = next;
	r->matched = m->count > 0 ? next : 0;
	return m;
}

static const struct matched *look_up(struct infer *in, const struct known *k)
{
	static const struct matched none = {.count = 0};
	const uint64_t digest = digest_of(in, k);
	struct remembered *const four = &in->remembered[digest & (REMEMBERED - WAYS)];
	struct remembered *r = NULL;

	in->texts++;
	for (unsigned i = 0; i < WAYS && r == NULL; i++)
		r = four[i].digest == digest ? &four[i] : NULL;
	if (r != NULL && r->matched == 0)
		return &none;
	if (r != NULL && in->matched[r->matched].digest == digest)
		return &in->matched[r->matched];
	if (r == NULL)
		r = &four[in->misses++ % WAYS];
	r->digest = digest;
	return match(in, k, r);
}

/* ---- what a hit says ---- */

static struct words expanded(struct words words, const struct hit *hit, const char *text,
                             char out[VALUE_MAX])
{
	if (memchr(words.s, '$', words.len) == NULL)
		return words;
	return (struct words){out, rules_expand(words, hit, text, out, VALUE_MAX)};
}

static bool has_group(struct words words)
{
	return words.len > 0 && memchr(words.s, '$', words.len) != NULL;
}

static void say(const struct known *k, int fact, const char *text, const struct hit *hit,
                const struct rule *rule, const struct says *says, claim_fn *each, void *to)
{
	char value[VALUE_MAX] UNINITIALIZED, version[VALUE_MAX] UNINITIALIZED,
		cpe[VALUE_MAX] UNINITIALIZED;
	const bool personal = k->kind != FACT_OUI && fact_info(k->kind)->privacy == PERSONAL;
	struct claim claim = {
		.about = (enum about)says->about,
		.weight = says->weight,
		.personal = personal && (has_group(says->value) || has_group(says->version)),
		.value = expanded(says->value, hit, text, value),
		.by = k->by,
		.rule = rule,
		.fact = fact,
	};

	if (says->version.len > 0)
		claim.version = expanded(says->version, hit, text, version);
	if (says->cpe.len > 0)
		claim.cpe = expanded(says->cpe, hit, text, cpe);
	if (claim.cpe.len > 0 && claim.cpe.s[claim.cpe.len - 1] == ':')
		claim.cpe.len--; /* the version that should stand there is not known */
	if (claim.value.len > 0)
		each(to, &claim);
}

/* True: a rule said who made it. */
static bool say_fact(struct infer *in, const struct known *k, int fact, claim_fn *each, void *to)
{
	char written[FACT_TEXT_MAX] UNINITIALIZED;
	const struct matched *const m = look_up(in, k);
	bool vendor = false;

	if (m->count == 0)
		return false;
	const char *const text = text_of(k, written).s;

	for (unsigned i = 0; i < m->count; i++) {
		const struct rule *const rule = &in->rules.rule[m->hits[i].rule];
		for (unsigned s = 0; s < rule->says_count; s++) {
			vendor = vendor || rule->says[s].about == VENDOR;
			say(k, fact, text, &m->hits[i], rule, &rule->says[s], each, to);
		}
	}
	return vendor;
}

/* The prefix speaks last and least: whoever has it registered made the interface at any rate. */
static void say_maker(struct infer *in, const char *maker, claim_fn *each, void *to)
{
	const struct known k = {.kind = FACT_OUI,
	                        .by = "oui",
	                        .value = (const uint8_t *)maker,
	                        .len = strlen(maker)};
	const struct claim plain = {
		.about = VENDOR, .weight = 60, .value = {maker, k.len}, .by = k.by, .fact = -1};

	if (k.len > 0 && !say_fact(in, &k, -1, each, to))
		each(to, &plain);
}

void claims_each(struct infer *in, const struct known *known, size_t count, const char *maker,
                 claim_fn *each, void *to)
{
	for (size_t i = 0; i < count; i++)
		if (in->rules.is_read[known[i].kind])
			say_fact(in, &known[i], (int)i, each, to);
	say_maker(in, maker, each, to);
}

uint64_t infer_signature(struct infer *in, const struct known *known, size_t count,
                         const char *maker)
{
	uint64_t signature = hash_spread((uintptr_t)maker, in->key.k0);

	for (size_t i = 0; i < count; i++) {
		if (!in->rules.is_read[known[i].kind])
			continue;
		const struct matched *const m = look_up(in, &known[i]);
		if (m->count > 0)
			signature =
				hash_join(&in->key, signature ^ m->digest, (uintptr_t)known[i].by);
	}
	return signature == 0 ? 1 : signature;
}

/* ---- values that go together ---- */

int words_compare(struct words x, struct words y)
{
	const int order = strncasecmp(x.s, y.s, x.len < y.len ? x.len : y.len);

	return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "D-Link" of "D-Link International", "DCS-930L" of "DCS-930LB": the rest begins a new word, or of
 * a model is anything. */
static bool is_prefix(enum about about, struct words x, struct words y)
{
	if (x.len >= y.len || x.len < 2 || strncasecmp(x.s, y.s, x.len) != 0)
		return false;
	return about == MODEL || !is_letter(y.s[x.len]);
}

bool claims_agree(const struct rules *r, enum about about, struct words x, struct words y)
{
	if (x.len == y.len && words_compare(x, y) == 0)
		return true;
	if (about == OS || about == TYPE)
		return rules_is_a(r, x, y) || rules_is_a(r, y, x);
	if (about == VENDOR || about == MODEL)
		return is_prefix(about, x, y) || is_prefix(about, y, x);
	return false;
}
