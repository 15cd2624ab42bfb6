/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conclude.c - weighs what rules say against each other.
 *
 * Equal values become one candidate. What one observer told, however often and by however many
 * rules, is one source, as strong as its strongest word; sources are independent, so what is wrong
 * must be wrong in all of them: of weights 60 and 70 together remain 0.4 x 0.3 = 12 of a hundred,
 * and 88 speak for it. Values that exclude each other share one truth: with odds o = p / (1 - p)
 * for the value and r for its strongest rival the confidence is o / (1 + o + r). So two that are
 * equally strong leave less than a half for each, and nothing is concluded.
 *
 * A value that is a kind of another (Debian of Linux) speaks for both; of those that are believed
 * the most particular is told. All this is in whole numbers and in no order: the same for every
 * order of facts.
 */
#include "asset/infer/claims.h"
#include "asset/infer/recog.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CANDIDATES_MAX 96u
#define SOURCES_MAX 12u
#define BELIEVED 50u /* of a hundred: below it nothing is told */

struct source {
	const char *by;
	uint8_t weight;
};

struct candidate {
	enum about about;
	uint8_t weight, version_weight;
	bool personal;
	struct words value, version, cpe;
	const struct rule *rule;
	int fact;
	struct source sources[SOURCES_MAX];
	unsigned source_count;
	unsigned support;    /* of ten thousand, before rivals */
	unsigned confidence; /* of ten thousand */
};

struct claims {
	const struct rules *rules;
	struct candidate list[CANDIDATES_MAX];
	unsigned count;
	char text[32768];
	size_t used;
};

static int infer_take_memory(struct infer *in)
{
	int err = rules_init(&in->rules);

	if (err == 0)
		err = arena_init(&in->memory, infer_remember_room() + sizeof *in->claims + 4096);
	if (err == 0)
		err = infer_remember(in);
	if (err < 0)
		return err;
	in->claims = arena_take(&in->memory, sizeof *in->claims, 64);
	assert(in->claims != NULL);
	return 0;
}

int infer_init(struct infer *in, const char *data, char why[RULES_WHY])
{
	unsigned files, added;

	*in = (struct infer){.key = hash_key_fixed()};
	const int err = infer_take_memory(in);
	if (err < 0) {
		snprintf(why, RULES_WHY, "cannot take memory for rules: %s", strerror(-err));
		return err;
	}
	rules_add_own(&in->rules);
	return data == NULL ? 0 : recog_read_folder(&in->rules, data, &files, &added, why);
}

void infer_fini(struct infer *in)
{
	rules_fini(&in->rules);
	arena_free(&in->memory);
}

/* ---- gathering ---- */

static struct words keep(struct claims *c, struct words w)
{
	if (w.len == 0 || w.len > sizeof c->text - c->used)
		return (struct words){"", 0};
	char *const at = c->text + c->used;
	memcpy(at, w.s, w.len);
	c->used += w.len;
	return (struct words){at, w.len};
}

static struct candidate *candidate_of(struct claims *c, const struct claim *claim)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->list[i].about == claim->about &&
		    words_compare(c->list[i].value, claim->value) == 0)
			return &c->list[i];
	if (c->count == CANDIDATES_MAX || claim->value.len > sizeof c->text - c->used)
		return NULL;
	struct candidate *const new = &c->list[c->count++];
	*new = (struct candidate){.about = claim->about, .value = keep(c, claim->value)};
	return new;
}

static void add_source(struct source *sources, unsigned *count, const char *by, uint8_t weight)
{
	unsigned i = 0;

	while (i < *count && strcmp(sources[i].by, by) != 0)
		i++;
	if (i == SOURCES_MAX)
		return;
	if (i == *count)
		sources[(*count)++] = (struct source){by, 0};
	if (weight > sources[i].weight)
		sources[i].weight = weight;
}

/* The better word on the version: the heavier, then the longer, then the greater. */
static bool better_version(const struct candidate *x, const struct claim *claim)
{
	if (claim->version.len == 0 || x->version.len == 0)
		return x->version.len == 0 && claim->version.len > 0;
	if (claim->weight != x->version_weight)
		return claim->weight > x->version_weight;
	if (claim->version.len != x->version.len)
		return claim->version.len > x->version.len;
	return words_compare(claim->version, x->version) > 0;
}

static void gather(void *to, const struct claim *claim)
{
	struct claims *const c = to;
	struct candidate *const x = candidate_of(c, claim);

	if (x == NULL)
		return;
	add_source(x->sources, &x->source_count, claim->by, claim->weight);
	if (claim->weight > x->weight) {
		x->weight = claim->weight;
		x->rule = claim->rule;
		x->fact = claim->fact;
		x->personal = claim->personal;
	}
	if (better_version(x, claim)) {
		x->version = keep(c, claim->version);
		x->version_weight = claim->weight;
		x->cpe = keep(c, claim->cpe);
	} else if (x->cpe.len == 0 && claim->cpe.len > 0) {
		x->cpe = keep(c, claim->cpe);
	}
}

/* ---- weighing ---- */

static unsigned sources_together(struct source *sources, unsigned count)
{
	unsigned rest = 10000;

	for (unsigned i = 1; i < count;
	     i++) { /* the heaviest first: rounding is the same in any order */
		const struct source s = sources[i];
		unsigned at = i;
		for (; at > 0 && sources[at - 1].weight < s.weight; at--)
			sources[at] = sources[at - 1];
		sources[at] = s;
	}
	for (unsigned i = 0; i < count; i++)
		rest = rest * (100u - sources[i].weight) / 100u;
	return rest < 100 ? 9900 : 10000 - rest;
}

/* Does what speaks for y speak for x as well? */
static bool speaks_for(const struct claims *c, const struct candidate *x, const struct candidate *y)
{
	if (x->about != y->about)
		return false;
	if (x->about == OS || x->about == TYPE)
		return rules_is_a(c->rules, y->value, x->value);
	return claims_agree(c->rules, x->about, x->value, y->value);
}

static void weigh_support(struct claims *c, struct candidate *x)
{
	struct source all[SOURCES_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < c->count; i++)
		if (speaks_for(c, x, &c->list[i]))
			for (unsigned s = 0; s < c->list[i].source_count; s++)
				add_source(all, &count, c->list[i].sources[s].by,
				           c->list[i].sources[s].weight);
	x->support = sources_together(all, count);
}

static bool has_rivals(enum about about)
{
	return about != ROLE && about != SOFTWARE;
}

static void weigh_rivals(const struct claims *c, struct candidate *x)
{
	const uint64_t odds = x->support * UINT64_C(1000) / (10000 - x->support);
	unsigned rival = 0;

	for (unsigned i = 0; i < c->count && has_rivals(x->about); i++) {
		const struct candidate *const y = &c->list[i];
		if (y->about == x->about && y->support > rival &&
		    !claims_agree(c->rules, x->about, x->value, y->value))
			rival = y->support;
	}
	const uint64_t rivals = rival * UINT64_C(1000) / (10000 - rival);
	x->confidence = (unsigned)(10000 * odds / (1000 + odds + rivals));
}

/* ---- deciding ---- */

/* Of values that agree: a vendor's shorter name, a model's longer one. */
static bool better(const struct candidate *x, const struct candidate *y)
{
	if (x->confidence != y->confidence)
		return x->confidence > y->confidence;
	if (x->weight != y->weight)
		return x->weight > y->weight;
	if (x->value.len != y->value.len)
		return x->about == MODEL ? x->value.len > y->value.len
		                         : x->value.len < y->value.len;
	return words_compare(x->value, y->value) < 0;
}

/* Of a believed value the most particular kind that is believed too. */
static const struct candidate *particular(const struct claims *c, const struct candidate *x)
{
	const struct candidate *best = x;

	for (unsigned i = 0; i < c->count; i++) {
		const struct candidate *const y = &c->list[i];
		if (y->about != x->about || y == x || y->confidence < BELIEVED * 100 ||
		    !rules_is_a(c->rules, y->value, best->value) || y == best)
			continue;
		if (best == x || better(y, best) || !rules_is_a(c->rules, best->value, y->value))
			best = y;
	}
	return best;
}

/* The best of them; by_prefix: of those that the MAC's prefix speaks for. */
static const struct candidate *best_of(const struct claims *c, enum about about, bool by_prefix)
{
	const struct candidate *best = NULL;

	for (unsigned i = 0; i < c->count; i++) {
		const struct candidate *const x = &c->list[i];
		if (x->about == about && (!by_prefix || x->fact < 0) &&
		    (best == NULL || better(x, best)))
			best = x;
	}
	return best;
}

/* A vendor is told even where nothing is believed: who made the interface is known at any rate. */
static const struct candidate *decide(const struct claims *c, enum about about)
{
	const struct candidate *const best = best_of(c, about, false);

	if (best == NULL || best->confidence < BELIEVED * 100)
		return about == VENDOR ? best_of(c, about, true) : NULL;
	return about == OS || about == TYPE ? particular(c, best) : best;
}

/* ---- telling ---- */

static struct words told(struct conclusions *out, struct words w)
{
	if (w.len == 0 || w.len > sizeof out->text - out->used)
		return (struct words){"", 0};
	char *const at = out->text + out->used;
	memcpy(at, w.s, w.len);
	out->used += w.len;
	return (struct words){at, w.len};
}

static void conclude(struct conclusions *out, const struct candidate *x)
{
	if (x == NULL || out->count == CONCLUSIONS_MAX)
		return;
	const unsigned percent = (x->confidence + 50) / 100;
	out->list[out->count++] = (struct conclusion){
		.about = x->about,
		.confidence = (uint8_t)(percent < 1    ? 1
	                                : percent > 99 ? 99
	                                               : percent),
		.personal = x->personal,
		.value = told(out, x->value),
		.version = told(out, x->version),
		.cpe = told(out, x->cpe),
		.rule = x->rule,
		.fact = x->fact,
	};
}

/* All that is believed, in the order of its values. */
static void conclude_all(struct conclusions *out, const struct claims *c, enum about about)
{
	const struct candidate *last = NULL;

	for (;;) {
		const struct candidate *next = NULL;
		for (unsigned i = 0; i < c->count; i++) {
			const struct candidate *const x = &c->list[i];
			if (x->about == about && x->confidence >= BELIEVED * 100 &&
			    (last == NULL || words_compare(x->value, last->value) > 0) &&
			    (next == NULL || words_compare(x->value, next->value) < 0))
				next = x;
		}
		if (next == NULL)
			return;
		conclude(out, next);
		last = next;
	}
}

void infer_device(struct infer *in, const struct known *known, size_t count, const char *maker,
                  struct conclusions *out)
{
	struct claims *const c = in->claims;

	c->rules = &in->rules;
	c->count = 0;
	c->used = 0;
	out->count = 0;
	out->used = 0;
	claims_each(in, known, count, maker, gather, c);
	for (unsigned i = 0; i < c->count; i++)
		weigh_support(c, &c->list[i]);
	for (unsigned i = 0; i < c->count; i++)
		weigh_rivals(c, &c->list[i]);
	for (unsigned about = 0; about < ABOUTS; about++) {
		if (has_rivals((enum about)about))
			conclude(out, decide(c, (enum about)about));
		else
			conclude_all(out, c, (enum about)about);
	}
}

const struct conclusion *conclusion_of(const struct conclusions *c, enum about about)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->list[i].about == about)
			return &c->list[i];
	return NULL;
}
