/* SPDX-License-Identifier: Apache-2.0 */
/*
 * why.c - the rules for and against a conclusion, each with its fact.
 */
#include "asset/infer/claims.h"
#include "asset/infer/reasons.h"

#include <string.h>

void because(struct reasons *r, bool against, uint8_t weight, const char *rule, int fact)
{
	if (r->count < r->cap)
		r->out[r->count++] = (struct because){.against = against,
		                                      .weight = weight,
		                                      .rule = rule,
		                                      .rule_len = strlen(rule),
		                                      .fact = fact};
}

/* What is asked of the claims. */
struct question {
	const struct rules *rules;
	struct reasons *reasons;
	enum about about;
	struct words value; /* only what is about this; empty: anything */
	struct words
		best; /* the conclusion: what does not agree is against it; empty: there is none */
};

static void answer(void *to, const struct claim *claim)
{
	const struct question *const q = to;
	struct reasons *const r = q->reasons;
	static const char prefix[] = "the first digits of its MAC are assigned to it (IEEE)";

	if (claim->about != q->about || r->count == r->cap ||
	    (q->value.len > 0 && words_compare(claim->value, q->value) != 0))
		return;
	const bool against =
		q->best.len > 0 && !claims_agree(q->rules, q->about, claim->value, q->best);
	if (claim->rule == NULL) {
		because(r, against, claim->weight, prefix, -1);
		return;
	}
	r->out[r->count++] = (struct because){.against = against,
	                                      .weight = claim->weight,
	                                      .rule = claim->rule->source.s,
	                                      .rule_len = claim->rule->source.len,
	                                      .id = claim->rule->id,
	                                      .fact = claim->fact};
}

static bool asks(const char *what, enum about *about, struct words *value)
{
	const char *const colon = strchr(what, ':');
	const size_t len = colon == NULL ? strlen(what) : (size_t)(colon - what);

	*value = colon == NULL ? (struct words){"", 0}
	                       : (struct words){colon + 1, strlen(colon + 1)};
	for (*about = VENDOR; *about < ABOUTS; (*about)++)
		if (strncmp(about_name(*about), what, len) == 0 && about_name(*about)[len] == 0)
			return true;
	*about = ROLE;
	return strcmp(what, "roles") == 0;
}

static void why_claims(struct infer *in, const struct known *known, size_t count, const char *maker,
                       struct question *q)
{
	struct conclusions all UNINITIALIZED;

	infer_device(in, known, count, maker, &all);
	const struct conclusion *const best = conclusion_of(&all, q->about);
	if (best != NULL && q->about != ROLE && q->about != SOFTWARE)
		q->best = best->value;
	claims_each(in, known, count, maker, answer, q);
}

/* Is x told before y? What is for it first, then the heavier. */
static bool is_before(const struct because *x, const struct because *y)
{
	return x->against != y->against ? y->against : x->weight > y->weight;
}

static void sort_reasons(struct because *out, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct because b = out[i];
		size_t at = i;
		for (; at > 0 && is_before(&b, &out[at - 1]); at--)
			out[at] = out[at - 1];
		out[at] = b;
	}
}

size_t infer_why(struct infer *in, const struct known *known, size_t count, const char *maker,
                 const char *what, struct because *out, size_t cap)
{
	struct reasons r = {out, 0, cap};
	struct question q = {.rules = &in->rules, .reasons = &r};
	struct ip ip;

	if (strcmp(what, "name") == 0)
		why_name(known, count, &r);
	else if (asks(what, &q.about, &q.value))
		why_claims(in, known, count, maker, &q);
	else if (ip_parse(what, &ip))
		why_address(known, count, &ip, &r);
	sort_reasons(out, r.count);
	return r.count;
}
