/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rules.c - each example of data/rules gives what stands behind it, and what the rules' reader
 * refuses.
 */
#include "asset/infer/rules.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EXAMPLES_MAX 4096u

struct sample {
	const char *file;
	struct rule_example example;
};

static struct sample samples[EXAMPLES_MAX];
static unsigned sample_count;
static struct rules rules;

static void keep(void *to, const struct rule_example *e)
{
	assert_true(sample_count < EXAMPLES_MAX);
	samples[sample_count++] = (struct sample){to, *e};
}

static char *file_read(const char *path, size_t *len)
{
	FILE *const file = fopen(path, "rb");
	char *const text = malloc(1 << 20);

	assert_non_null(file);
	assert_non_null(text);
	*len = fread(text, 1, 1 << 20, file);
	assert_true(*len < 1 << 20);
	fclose(file);
	return text;
}

static int by_name(const struct dirent *entry)
{
	return strstr(entry->d_name, ".rules") != NULL;
}

static int read_all(void **state)
{
	static struct dirent **names; /* the samples have their words */
	const int count = scandir("data/rules", &names, by_name, alphasort);
	char path[512], why[RULES_WHY];

	(void)state;
	assert_true(count > 0);
	assert_int_equal(rules_init(&rules), 0);
	for (int i = 0; i < count; i++) {
		size_t len;
		snprintf(path, sizeof path, "data/rules/%s", names[i]->d_name);
		const char *const text = file_read(path, &len);
		if (!rules_read(&rules, names[i]->d_name, text, len, keep, names[i]->d_name, why))
			fail_msg("%s", why);
	}
	return 0;
}

/* ---- examples ---- */

/* The text with its escapes read. */
static size_t unescape(struct words text, char *out)
{
	static const char signs[] = "nrt\\", means[] = "\n\r\t\\";
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char *const sign =
			text.s[i] == '\\' && i + 1 < text.len ? strchr(signs, text.s[i + 1]) : NULL;
		out[len++] = sign == NULL ? text.s[i] : means[sign - signs];
		i += sign != NULL;
	}
	return len;
}

static const struct hit *hit_of(const struct hit *hits, unsigned count, const struct rule *rule)
{
	for (unsigned i = 0; i < count; i++)
		if (&rules.rule[hits[i].rule] == rule)
			return &hits[i];
	return NULL;
}

/* "model=DCS-930L": what the rule says, its version behind a bar. */
static void say(const struct says *s, const struct hit *hit, const char *text, char *out)
{
	size_t len = (size_t)sprintf(out, "%s=", about_name((enum about)s->about));

	len += rules_expand(s->value, hit, text, out + len, 400);
	if (s->version.len > 0) {
		out[len++] = '|';
		len += rules_expand(s->version, hit, text, out + len, 400);
	}
	out[len] = 0;
}

/* Is it one of the items that stand parted by "; "? */
static bool is_expected(struct words expect, const char *said)
{
	const size_t len = strlen(said);

	for (size_t at = 0; at + len <= expect.len; at++) {
		const bool begins = at == 0 || (at > 1 && memcmp(expect.s + at - 2, "; ", 2) == 0);
		const bool ends = at + len == expect.len || expect.s[at + len] == ';';
		if (begins && ends && memcmp(expect.s + at, said, len) == 0)
			return true;
	}
	return false;
}

static unsigned check_said(const struct sample *s, const struct hit *hit, const char *text)
{
	unsigned failures = 0;
	char said[1024];

	for (unsigned i = 0; i < s->example.rule->says_count; i++) {
		const struct says *const says = &s->example.rule->says[i];
		const bool fixed = memchr(says->value.s, '$', says->value.len) == NULL &&
		                   (says->version.len == 0 ||
		                    memchr(says->version.s, '$', says->version.len) == NULL);
		say(says, hit, text, said);
		if (fixed || is_expected(s->example.expect, said))
			continue;
		print_error("%s:%u: says %s\n", s->file, s->example.line, said);
		failures++;
	}
	return failures;
}

static unsigned check(const struct sample *s)
{
	char text[4096];
	const size_t len = unescape(s->example.text, text);
	const bool nothing =
		s->example.expect.len == 7 && memcmp(s->example.expect.s, "nothing", 7) == 0;
	struct hit hits[HITS_MAX];
	unsigned failures = 0;

	for (unsigned i = 0; i < s->example.rule->kind_count; i++) {
		const enum fact_kind kind = (enum fact_kind)s->example.rule->kinds[i];
		const unsigned count = rules_match(&rules, kind, text, len, hits);
		const struct hit *const hit = hit_of(hits, count, s->example.rule);
		if ((hit != NULL) == nothing) {
			print_error("%s:%u: %s\n", s->file, s->example.line,
			            nothing ? "matches, and must not" : "does not match");
			failures++;
		} else if (hit != NULL) {
			failures += check_said(s, hit, text);
		}
	}
	return failures;
}

static void every_example_gives_what_stands_behind_it(void **state)
{
	unsigned failures = 0;

	(void)state;
	for (unsigned i = 0; i < sample_count; i++)
		failures += check(&samples[i]);
	print_message("# %u rules, %u examples\n", rules.count, sample_count);
	assert_int_equal(rules.broken, 0);
	assert_int_equal(rules.given_up, 0);
	assert_int_equal(failures, 0);
}

static void assert_words(struct words x, struct words y)
{
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.s, y.s, x.len);
}

/* The program's own come from the files as well, behind those about user agents. */
static void a_rule_is_read_when_a_text_of_its_kind_comes(void **state)
{
	struct rules r;
	struct hit hits[HITS_MAX];
	unsigned waiting = 0;

	(void)state;
	assert_int_equal(rules_init(&r), 0);
	rules_add_own(&r);
	rules_match(&r, FACT_SSH_BANNER, "SSH-2.0-x", 9, hits);
	assert_true(r.own == r.count && r.own > rules.count);
	const struct rule *const own = r.rule + r.own - rules.count;
	for (unsigned i = 0; i < rules.count; i++)
		waiting += own[i].kind_count == 0;
	assert_true(waiting > rules.count / 2 && waiting < rules.count);
	for (unsigned kind = 0; kind < FACT_KINDS; kind++)
		rules_read_waiting(&r, (enum fact_kind)kind);
	for (unsigned i = 0; i < rules.count; i++) {
		assert_words(own[i].id, rules.rule[i].id);
		assert_words(own[i].pattern, rules.rule[i].pattern);
		assert_int_equal(own[i].list, rules.rule[i].list);
		assert_int_equal(own[i].kind_count, rules.rule[i].kind_count);
		assert_memory_equal(own[i].kinds, rules.rule[i].kinds, sizeof own[i].kinds);
		assert_int_equal(own[i].says_count, rules.rule[i].says_count);
	}
	rules_fini(&r);
}

static int words_order(const void *x, const void *y)
{
	const struct words *const a = x, *const b = y;
	const int order = memcmp(a->s, b->s, a->len < b->len ? a->len : b->len);

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static void no_two_rules_have_one_name(void **state)
{
	static struct words ids[RULES_MAX];

	(void)state;
	for (unsigned i = 0; i < rules.count; i++)
		ids[i] = rules.rule[i].id;
	qsort(ids, rules.count, sizeof ids[0], words_order);
	for (unsigned i = 1; i < rules.count; i++)
		if (words_order(&ids[i - 1], &ids[i]) == 0)
			fail_msg("two rules are called %.*s", (int)ids[i].len, ids[i].s);
}

/* ---- the reader ---- */

static void refuse(const char *text, const char *part)
{
	struct rules r;
	char why[RULES_WHY] = "";

	assert_int_equal(rules_init(&r), 0);
	assert_false(rules_read(&r, "x", text, strlen(text), keep, NULL, why));
	if (strstr(why, part) == NULL)
		fail_msg("\"%s\" has no \"%s\"", why, part);
	rules_fini(&r);
}

static void a_mistake_is_told_with_its_line(void **state)
{
	(void)state;
	refuse("of http.server\n", "x:1: a line outside");
	refuse("rule a\nof weather\n", "x:2: no such kind");
	refuse("rule a\nof http.server\nsays vendor=A\n", "x:3: a weight");
	refuse("rule a\nof http.server\nsays 100 vendor=A\n", "x:3: a weight");
	refuse("rule a\nof http.server\nsays 50 colour=A\n", "x:3: says none of");
	refuse("rule a\nof http.server\nsays 50 vendor=\n", "x:3: an empty");
	refuse("rule a\nof http.server\nsays 50 vendor=A\n", "wants \"of\"");
	refuse("rule a\nof http.server\nsays 50 vendor=A\nmatch A\n", "wants \"example\"");
	refuse("rule a\nmatch a\nfoo bar\n", "x:3: a line begins with none");
	refuse("family a\n", "x:1: family PARENT");
	refuse("rule \n", "x:1: a rule without");
}

/* ---- literals ---- */

static void needs(const char *pattern, const char *expected)
{
	struct literals l;
	char all[1024] = "";

	literals_find(pattern, strlen(pattern), &l);
	for (unsigned i = 0; i < l.count; i++) {
		strncat(all, i > 0 ? " " : "", 2);
		strncat(all, l.text[i], l.len[i]);
	}
	assert_string_equal(all, expected);
}

static void what_every_match_holds_is_found(void **state)
{
	(void)state;
	needs("^nginx/(\\d+)", "nginx/");
	needs("(?i)^DCS-\\d+", "dcs-");
	needs("^(?:DCS|DNS)-\\d", "dcs- dns-");
	needs("a?bcd", "bcd");
	needs("abcd*e", "abc");
	needs("abc|x", "");
	needs("abc|def", "abc def");
	needs("(abc)?def", "def");
	needs("(abc)+d", "abc");
	needs("x[abc]yzw", "yzw");
	needs("[]abc]yzw", "yzw");
	needs("[^]abc]yzw", "yzw");
	needs("foo\\.bar", "foo.bar");
	needs("foo\\x41bar", "");
	needs("(?=foo)bar", "");
	needs("(?x)f o o", "");
	needs("foo(?:bar|)baz", "foobarbaz foobaz");
	needs("abc{0}def", "def");
	needs("abc{2,3}def", "abc");
	needs("ab\\d", "");
	needs("foo\\", "");
	needs("(foo", "");
	needs("foo)", "");
}

static void a_pattern_that_runs_long_is_given_up(void **state)
{
	static const char text[] = "rule a\nof http.server\nmatch ^(a+)+$\nsays 50 vendor=A\n";
	struct rules r;
	struct hit hits[HITS_MAX];
	char why[RULES_WHY], value[200];

	(void)state;
	assert_int_equal(rules_init(&r), 0);
	assert_true(rules_read(&r, "x", text, strlen(text), NULL, NULL, why));
	memset(value, 'a', sizeof value);
	value[sizeof value - 1] = 'b';
	assert_int_equal(rules_match(&r, FACT_HTTP_SERVER, value, sizeof value, hits), 0);
	assert_int_equal(r.given_up, 1);
	rules_fini(&r);
}

static void the_first_of_a_list_speaks(void **state)
{
	static const char text[] = "rule a\nof http.server\nmatch a(b)c\nsays 50 vendor=A$1$9\n"
				   "rule b\nof http.server\nmatch abc\nsays 50 vendor=B\n";
	struct rules r;
	struct hit hits[HITS_MAX];
	char why[RULES_WHY], out[8];

	(void)state;
	assert_int_equal(rules_init(&r), 0);
	assert_true(rules_read(&r, "x", text, strlen(text), NULL, NULL, why));
	assert_int_equal(rules_match(&r, FACT_HTTP_SERVER, "xabcx", 5, hits), 2);
	assert_int_equal(rules_match(&r, FACT_FTP_BANNER, "xabcx", 5, hits), 0);
	assert_int_equal(rules_expand(r.rule[0].says[0].value, &hits[0], "xabcx", out, 8), 4);
	assert_memory_equal(out, "Ab$9", 4);
	assert_int_equal(rules_expand(r.rule[0].says[0].value, &hits[0], "xabcx", out, 1), 1);
	r.rule[0].list = r.rule[1].list = FIRST_RECOG_LIST;
	assert_int_equal(rules_match(&r, FACT_HTTP_SERVER, "xabcx", 5, hits), 1);
	assert_int_equal(hits[0].rule, 0);
	rules_fini(&r);
}

/* What one text showed of a beginning holds for the next: none of them may lose a match. */
static void a_beginning_rules_out_only_what_cannot_match(void **state)
{
	static const char text[] =
		"rule a\nof name.host\nmatch ^HP[0-9]{6}$\nsays 50 vendor=A\n"
		"rule b\nof name.host\nmatch ^(?:[a-f]+-)?\\d\nsays 50 vendor=B\n"
		"rule c\nof name.host\nmatch ^HP|7$\nsays 50 vendor=C\n"
		"rule d\nof name.host\nmatch ^$\nsays 50 vendor=D\n"
		"rule e\nof name.host\nmatch ^H(?!P)\nsays 50 vendor=E\n";
	static const struct {
		const char *text, *rules;
	} texts[] = {{"HP123456", "ac"},    {"HP12345", "c"}, {"HP1234567", "c"}, {"HP", "c"},
	             {"abcdefab-1", "b"},   {"abcdefab", ""}, {"abcdefg7", "c"},  {"abcdefxx", ""},
	             {"abcdefffffff-", ""}, {"", "d"},        {"H", "e"},         {"HPfoo", "c"},
	             {"HXfoo7", "ce"},      {"1", "b"}};
	struct rules r;
	struct hit hits[HITS_MAX];
	char why[RULES_WHY], found[HITS_MAX + 1];

	(void)state;
	assert_int_equal(rules_init(&r), 0);
	assert_true(rules_read(&r, "x", text, strlen(text), NULL, NULL, why));
	for (unsigned i = 0; i < 3 * COUNT_OF(texts); i++) {
		const unsigned at = i * 5 % COUNT_OF(texts);
		const unsigned count = rules_match(&r, FACT_NAME_HOST, texts[at].text,
		                                   strlen(texts[at].text), hits);
		for (unsigned k = 0; k < count; k++)
			found[k] = r.rule[hits[k].rule].id.s[0];
		found[count] = 0;
		assert_string_equal(found, texts[at].rules);
	}
	rules_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_example_gives_what_stands_behind_it),
		cmocka_unit_test(a_rule_is_read_when_a_text_of_its_kind_comes),
		cmocka_unit_test(no_two_rules_have_one_name),
		cmocka_unit_test(a_mistake_is_told_with_its_line),
		cmocka_unit_test(what_every_match_holds_is_found),
		cmocka_unit_test(a_pattern_that_runs_long_is_given_up),
		cmocka_unit_test(the_first_of_a_list_speaks),
		cmocka_unit_test(a_beginning_rules_out_only_what_cannot_match),
	};

	return cmocka_run_group_tests(tests, read_all, NULL);
}
