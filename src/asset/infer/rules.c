/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.c - reads rules from text, and keeps them where a text finds them.
 *
 * The format is that of data/rules/README: a line a word and what it is about. Texts are not
 * copied: a rule's words point into what was read. A mistake is told with its line; nobody guesses
 * what was meant.
 */
#include "asset/infer/rules.h"

#include "asset/infer/match.h"
#include "asset/infer/rules_text.h"
#include "asset/infer/sieve.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MEMORY ((size_t)32 << 20) /* address space: a page costs when it is first used */

const char *about_name(enum about about)
{
	static const char *const names[] = {
		[VENDOR] = "vendor", [MODEL] = "model", [OS] = "os",
		[TYPE] = "type",     [ROLE] = "role",   [SOFTWARE] = "software"};

	static_assert(COUNT_OF(names) == ABOUTS, "a name each");
	assert(about < ABOUTS);
	return names[about];
}

/* ---- words ---- */

static struct words trimmed(struct words w)
{
	while (w.len > 0 && w.s[0] == ' ') {
		w.s++;
		w.len--;
	}
	while (w.len > 0 && w.s[w.len - 1] == ' ')
		w.len--;
	return w;
}

/* What stands before the sign; *rest becomes what stands behind it. */
static struct words until(struct words *rest, char sign)
{
	const char *const at = rest->len == 0 ? NULL : memchr(rest->s, sign, rest->len);
	const size_t len = at == NULL ? rest->len : (size_t)(at - rest->s);
	const struct words before = {rest->s, len};

	rest->s += at == NULL ? len : len + 1;
	rest->len -= at == NULL ? len : len + 1;
	return trimmed(before);
}

static bool words_equal(struct words w, const char *text)
{
	return w.len == strlen(text) && memcmp(w.s, text, w.len) == 0;
}

/* ---- a file ---- */

struct rule_file {
	struct rules *rules;
	const char *name;
	unsigned line;
	struct rule *rule; /* that which the lines are about; NULL: none yet */
	struct rule *own;  /* the place of the one rule in the text; NULL: it gets the next */
	bool has_example, silent;
	struct words last_name; /* of a kind, and which it was: the next rule is about it as well */
	unsigned last_kind;
	uint8_t list; /* in which rules stand from here on */
	rule_example_fn *each;
	void *to;
	char *why;
};

static bool wrong(struct rule_file *f, const char *what)
{
	snprintf(f->why, RULES_WHY, "%s:%u: %s", f->name, f->line, what);
	return false;
}

/* The kind of that name; FACT_KINDS: there is none. */
static unsigned kind_named(struct words name)
{
	char text[64];

	if (words_equal(name, "oui"))
		return FACT_OUI;
	if (name.len >= sizeof text)
		return FACT_KINDS;
	memcpy(text, name.s, name.len);
	text[name.len] = 0;
	const enum fact_kind kind = fact_kind_by_name(text);
	return kind == FACT_NONE ? FACT_KINDS : (unsigned)kind;
}

static unsigned read_kind(struct rule_file *f, struct words name)
{
	const struct words last = f->last_name;

	if (last.len != name.len || memcmp(last.s, name.s, name.len) != 0) {
		f->last_kind = kind_named(name);
		f->last_name = name;
	}
	return f->last_kind;
}

static bool read_kinds(struct rule_file *f, struct words rest)
{
	while (rest.len > 0) {
		const struct words name = until(&rest, ' ');
		if (name.len == 0)
			continue;
		const unsigned kind = read_kind(f, name);
		if (kind == FACT_KINDS)
			return wrong(f, "no such kind of fact");
		if (f->rule->kind_count == RULE_KINDS)
			return wrong(f, "too many kinds for one rule");
		f->rule->kinds[f->rule->kind_count++] = (uint16_t)kind;
	}
	return true;
}

static unsigned about_named(struct words name)
{
	unsigned i = 0;

	while (i < ABOUTS && !words_equal(name, about_name((enum about)i)))
		i++;
	return i;
}

/* The weight before the words, if one stands there. */
static bool read_weight(struct words *item, unsigned *weight)
{
	size_t i = 0;
	unsigned n = 0;

	for (; i < item->len && i < 3 && item->s[i] >= '0' && item->s[i] <= '9'; i++)
		n = n * 10 + (unsigned)(item->s[i] - '0');
	if (i == 0 || i == item->len || item->s[i] != ' ')
		return *weight > 0;
	*item = trimmed((struct words){item->s + i, item->len - i});
	*weight = n;
	return n >= 1 && n <= 99;
}

/* "85 vendor=Acme; model=$1; 60 type=camera": a weight holds until the next. */
static bool read_says(struct rule_file *f, struct words rest)
{
	unsigned weight = 0;

	while (rest.len > 0) {
		struct words item = until(&rest, ';');
		if (!read_weight(&item, &weight))
			return wrong(f, "a weight of 1 to 99 comes first");
		const unsigned about = about_named(until(&item, '='));
		if (about == ABOUTS)
			return wrong(f, "says none of vendor= model= os= type= role= software=");
		if (f->rule->says_count == RULE_SAYS)
			return wrong(f, "too much for one rule to say");
		struct says *const says = &f->rule->says[f->rule->says_count++];
		*says = (struct says){.about = (uint8_t)about, .weight = (uint8_t)weight};
		says->value = until(&item, '|');
		says->version = until(&item, '|');
		says->cpe = trimmed(item);
		if (says->value.len == 0)
			return wrong(f, "an empty value");
	}
	return true;
}

/* Of a family's child, in whatever case. */
static unsigned child_hash(struct words w)
{
	uint32_t hash = UINT32_C(2166136261);

	for (size_t i = 0; i < w.len; i++)
		hash = (hash ^ ((unsigned char)w.s[i] | 0x20u)) * UINT32_C(16777619);
	return (hash ^ hash >> 16) % (4 * FAMILIES_MAX);
}

static bool words_same(struct words x, struct words y)
{
	return x.len == y.len && strncasecmp(x.s, y.s, x.len) == 0;
}

/* Where the child stands, or would. */
static unsigned child_slot(const struct rules *r, struct words child)
{
	unsigned slot = child_hash(child);

	while (r->family_slot[slot] != 0 &&
	       !words_same(r->family[r->family_slot[slot] - 1].child, child))
		slot = (slot + 1) % (4 * FAMILIES_MAX);
	return slot;
}

static bool read_family(struct rule_file *f, struct words rest)
{
	struct rules *const r = f->rules;
	const struct words parent = until(&rest, ':');

	if (rest.len == 0)
		return wrong(f, "family PARENT: CHILD, CHILD ...");
	while (rest.len > 0) {
		if (r->family_count == FAMILIES_MAX)
			return wrong(f, "too many families");
		const struct words child = until(&rest, ',');
		const unsigned slot = child_slot(r, child);
		if (r->family_slot[slot] != 0)
			return wrong(f, "a child of two families");
		r->family[r->family_count++] = (struct family){child, parent};
		r->family_slot[slot] = (uint16_t)r->family_count;
	}
	return true;
}

/* Rules of a list say nothing where one before them matches; of silent ones that is the purpose. */
static bool read_list(struct rule_file *f, struct words name)
{
	static const char *const names[] = {[AGENT_PROGRAMS] = "programs",
	                                    [AGENT_SYSTEMS] = "systems",
	                                    [AGENT_DEVICES] = "devices"};

	for (unsigned i = AGENT_PROGRAMS; i < COUNT_OF(names); i++) {
		if (words_equal(name, names[i])) {
			f->list = (uint8_t)i;
			return true;
		}
	}
	return wrong(f, "list programs, systems or devices");
}

static bool read_example(struct rule_file *f, struct words rest, bool nothing)
{
	static const char arrow[] = " => ";
	const char *const at = memmem(rest.s, rest.len, arrow, sizeof arrow - 1);
	struct rule_example example = {.line = f->line, .rule = f->rule, .text = rest};

	f->has_example = f->has_example || !nothing;
	if (f->each == NULL)
		return true;
	if (nothing)
		example.expect = (struct words){"nothing", 7};
	else if (at != NULL) {
		example.text.len = (size_t)(at - rest.s);
		example.expect = (struct words){at + 4, rest.len - example.text.len - 4};
	}
	f->each(f->to, &example);
	return true;
}

/* The rule is whole: is anything missing? */
static bool end_rule(struct rule_file *f)
{
	struct rule *const rule = f->rule;

	f->rule = NULL;
	if (rule == NULL)
		return true;
	if (rule->kind_count == 0 || rule->pattern.len == 0 ||
	    (rule->says_count == 0 && !f->silent))
		return wrong(f, "the rule above wants \"of\", \"match\" or \"says\"");
	if (f->each != NULL && (!f->has_example || rule->source.len == 0))
		return wrong(f, "the rule above wants \"example\" or \"source\"");
	rules_added(f->rules, rule);
	return true;
}

static bool begin_rule(struct rule_file *f, struct words id)
{
	f->rule = f->own != NULL ? f->own : rules_add(f->rules);
	f->has_example = false;
	if (f->rule == NULL)
		return wrong(f, "too many rules");
	f->rule->id = id;
	f->rule->list = f->list;
	f->silent = false;
	return id.len > 0 || wrong(f, "a rule without a name");
}

static bool read_line(struct rule_file *f, struct words line)
{
	const struct words all = line;
	const struct words word = until(&line, ' ');

	line = trimmed(line);
	if (all.len == 0 || all.s[0] == '#')
		return true;
	if (words_equal(word, "rule"))
		return end_rule(f) && begin_rule(f, line);
	if (words_equal(word, "family"))
		return end_rule(f) && read_family(f, line);
	if (words_equal(word, "list"))
		return end_rule(f) && read_list(f, line);
	if (f->rule == NULL)
		return wrong(f, "a line outside of a rule");
	if (words_equal(word, "of"))
		return read_kinds(f, line);
	if (words_equal(word, "says"))
		return read_says(f, line);
	if (words_equal(word, "example") || words_equal(word, "not"))
		return read_example(f, line, words_equal(word, "not"));
	if (words_equal(word, "match"))
		f->rule->pattern = line;
	else if (words_equal(word, "source"))
		f->rule->source = line;
	else if (words_equal(word, "silent"))
		f->silent = true;
	else
		return wrong(
			f,
			"a line begins with none of rule of match says source example not family");
	return true;
}

static bool read_lines(struct rule_file *f, const char *text, size_t len)
{
	struct words rest = {text, len};

	while (rest.len > 0) {
		f->line++;
		if (!read_line(f, until(&rest, '\n')))
			return false;
	}
	return end_rule(f);
}

bool rules_read(struct rules *r, const char *name, const char *text, size_t len,
                rule_example_fn *each, void *to, char why[RULES_WHY])
{
	struct rule_file f = {.rules = r, .name = name, .each = each, .to = to, .why = why};

	return read_lines(&f, text, len);
}

/* ---- those of the program ---- */

/* The kinds that the program's rules read: of each name the number. */
static void find_own_kinds(struct rules *r)
{
	assert(rules_text.kind_count <= UINT8_MAX);
	for (unsigned i = 0; i < rules_text.kind_count; i++) {
		const char *const name = rules_text.kinds[i];
		const unsigned kind = kind_named((struct words){name, strlen(name)});
		assert(kind < FACT_KINDS);
		r->own_kinds[i] = (uint16_t)kind;
		r->is_read[kind] = true;
	}
}

void rules_add_own(struct rules *r)
{
	char why[RULES_WHY] = "";

	assert(r->count == 0 && rules_text.rule_count <= RULES_MAX);
	r->own = r->count = rules_text.rule_count;
	find_own_kinds(r);
	const bool good = rules_read(r, "data/rules", rules_text.families, rules_text.families_len,
	                             NULL, NULL, why);
	assert(good); /* a test reads them too */
	(void)good;
}

bool rule_reads(const struct rules *r, unsigned number, enum fact_kind kind)
{
	if (number < r->own) {
		const struct rule_place *const place = &rules_text.places[number];
		for (unsigned i = 0; i < place->kind_count; i++)
			if (r->own_kinds[place->kinds[i]] == kind)
				return true;
		return false;
	}
	for (unsigned i = 0; i < r->rule[number].kind_count; i++)
		if (r->rule[number].kinds[i] == kind)
			return true;
	return false;
}

static void read_own(struct rules *r, unsigned number)
{
	const struct rule_place *const place = &rules_text.places[number];
	char why[RULES_WHY] = "";
	struct rule_file f = {
		.rules = r, .name = "data/rules", .own = &r->rule[number], .why = why};
	const bool good = read_lines(&f, rules_text.text + place->at, place->len);

	assert(good);
	(void)good;
}

void rules_read_waiting(struct rules *r, enum fact_kind kind)
{
	for (unsigned i = 0; i < r->own; i++)
		if (rule_reads(r, i, kind) && r->rule[i].kind_count == 0)
			read_own(r, i);
}

/* ---- families ---- */

/* "Windows 7" is a Windows. */
static bool words_begin(struct words x, struct words y)
{
	return x.len > y.len && x.s[y.len] == ' ' && strncasecmp(x.s, y.s, y.len) == 0;
}

bool rules_is_a(const struct rules *r, struct words x, struct words y)
{
	for (unsigned steps = 0; steps < 8; steps++) {
		if (words_same(x, y) || words_begin(x, y))
			return true;
		const unsigned family = r->family_slot[child_slot(r, x)];
		if (family == 0)
			return false;
		x = r->family[family - 1].parent;
	}
	return false;
}

/* ---- memory ---- */

int rules_init(struct rules *r)
{
	*r = (struct rules){0};
	const int err = arena_init(&r->memory, MEMORY);

	if (err < 0)
		return err;
	r->rule = arena_take(&r->memory, RULES_MAX * sizeof *r->rule, 64);
	assert(r->rule != NULL);
	r->lists = FIRST_RECOG_LIST;
	const int missing = sieves_init(r);
	return missing < 0 ? missing : match_init(r);
}

void rules_fini(struct rules *r)
{
	arena_free(&r->tables);
	arena_free(&r->memory);
}

struct rule *rules_add(struct rules *r)
{
	if (r->count == RULES_MAX)
		return NULL;
	struct rule *const rule = &r->rule[r->count++];
	*rule = (struct rule){0};
	return rule;
}

void rules_added(struct rules *r, const struct rule *rule)
{
	for (unsigned i = 0; i < rule->kind_count; i++)
		r->is_read[rule->kinds[i]] = true;
}
