/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_recog.c - files in recog's format become rules, and what is no such file is refused.
 */
#include "asset/infer/match.h"
#include "asset/infer/recog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD \
	"<?xml version='1.0'?>\n<!-- ours -->\n<fingerprints matches=\"ssh.banner\" protocol=\"ssh\">\n"
#define TAIL "</fingerprints>\n"
#define ACME                                                                                       \
	"<fingerprint pattern=\"^Acme&lt;(\\d+)&gt;$\" certainty=\"0.5\" flags=\"REG_ICASE\">\n"   \
	"<description>Acme</description><example a.b=\"1\">Acme&lt;1&gt;</example>\n"              \
	"<param pos=\"0\" name=\"service.product\" value=\"Acme &amp; Sons\"/>\n"                  \
	"<param pos=\"1\" name=\"service.version\"/>\n"                                            \
	"<param pos=\"0\" name=\"service.cpe23\" value=\"cpe:/a:acme:sshd:{service.version}\"/>\n" \
	"<param pos=\"0\" name=\"os.product\" value=\"Windows 7\"/>\n"                             \
	"<param pos=\"0\" name=\"hw.vendor\" value=\"Acme\"/>\n"                                   \
	"<param pos=\"0\" name=\"hw.device\" value=\"Router\"/>\n"                                 \
	"</fingerprint>\n"
#define ANY \
	"<fingerprint pattern=\"^Acme\"><param pos=\"0\" name=\"hw.vendor\" value=\"Other\"/></fingerprint>\n"

static void is(struct words w, const char *text)
{
	assert_int_equal(w.len, strlen(text));
	assert_memory_equal(w.s, text, w.len);
}

static void a_fingerprint_becomes_a_rule(void **state)
{
	static const char file[] = HEAD ACME ANY TAIL, banner[] = "SSH-2.0-ACME<12>";
	struct rules r;
	struct hit hits[HITS_MAX];
	char why[RULES_WHY] = "", out[64];
	unsigned added;

	(void)state;
	assert_int_equal(rules_init(&r), 0);
	assert_true(recog_read(&r, "acme.xml", file, sizeof file - 1, &added, why));
	assert_int_equal(added, 2);
	assert_int_equal(match_compile_all(&r, why), 0);
	assert_int_equal(rules_match(&r, FACT_SSH_BANNER, banner, sizeof banner - 1, hits),
	                 1); /* the first of the file */
	const struct rule *const rule = &r.rule[hits[0].rule];
	is(rule->id, "recog:acme.xml:1");
	assert_int_equal(rule->says_count, 4);
	is(rule->says[0].value, "Acme & Sons");
	assert_int_equal(rule->says[0].weight, 42);
	const size_t len = rules_expand(rule->says[0].cpe, &hits[0], banner, out, sizeof out);
	is((struct words){out, len}, "cpe:/a:acme:sshd:12");
	is(rule->says[1].value, "Windows");
	is(rule->says[1].version, "7");
	is(rule->says[2].value, "Acme");
	is(rule->says[3].value, "router");
	assert_int_equal(rules_match(&r, FACT_FTP_BANNER, "Acme<12>", 8, hits), 0);
	rules_fini(&r);
}

static void what_no_fact_holds_adds_nothing(void **state)
{
	static const char file[] = "<fingerprints matches=\"tls.jarm\"><anything/></fingerprints>";
	struct rules r;
	char why[RULES_WHY];
	unsigned added;

	(void)state;
	assert_int_equal(rules_init(&r), 0);
	assert_true(recog_read(&r, "x.xml", file, sizeof file - 1, &added, why));
	assert_int_equal(added, 0);
	rules_fini(&r);
}

static void refuse(const char *file, const char *part)
{
	struct rules r;
	char why[RULES_WHY] = "";
	unsigned added;

	assert_int_equal(rules_init(&r), 0);
	assert_false(recog_read(&r, "x.xml", file, strlen(file), &added, why));
	if (strstr(why, part) == NULL)
		fail_msg("\"%s\" has no \"%s\"", why, part);
	rules_fini(&r);
}

static void what_is_no_such_file_is_refused_with_its_line(void **state)
{
	(void)state;
	refuse("", "x.xml:1: the file ends");
	refuse("hello", "text where none belongs");
	refuse("<html></html>", "begins with <fingerprints");
	refuse(HEAD "<table/>" TAIL, "x.xml:4: an element that recog does not have");
	refuse(HEAD "<fingerprint pattern=\"a\">" TAIL, "does not end");
	refuse(HEAD "<fingerprint pattern=\"a\"><fingerprint pattern=\"b\">", "in a fingerprint");
	refuse(HEAD "<fingerprint></fingerprint>" TAIL, "without a pattern");
	refuse(HEAD "<fingerprint pattern=\"&bad;\"/>" TAIL, "an entity");
	refuse(HEAD "<fingerprint pattern=\"a&#0;\"/>" TAIL, "an entity");
	refuse(HEAD "<fingerprint pattern=a>" TAIL, "NAME=\"VALUE\"");
	refuse(HEAD "<fingerprint pattern=\"a", "NAME=\"VALUE\"");
	refuse(HEAD "<fingerprint pattern=\"a\"", "a tag is not closed");
	refuse(HEAD "<param pos=\"0\" name=\"a\"/>" TAIL, "stands in a fingerprint");
	refuse(HEAD "</fingerprint>" TAIL, "that did not begin");
	refuse(HEAD "<!-- never closed", "ends in the middle");
	refuse(HEAD "<description>never closed", "ends in the middle");
}

/* Every beginning of a good file is refused, and reads no byte behind its end. */
static void half_a_file_is_refused(void **state)
{
	static const char file[] = HEAD ACME ANY TAIL;
	char why[RULES_WHY];
	unsigned added;

	(void)state;
	for (size_t len = 0; len + 2 < sizeof file; len += 3) {
		struct rules r;
		char *const part = malloc(len + 1);
		assert_non_null(part);
		memcpy(part, file, len);
		assert_int_equal(rules_init(&r), 0);
		assert_false(recog_read(&r, "x.xml", part, len, &added, why));
		rules_fini(&r);
		free(part);
	}
}

static void a_folder_that_is_not_there_adds_none(void **state)
{
	struct rules r;
	char why[RULES_WHY];
	unsigned files, added;

	(void)state;
	assert_int_equal(rules_init(&r), 0);
	assert_int_equal(recog_read_folder(&r, "/nowhere/at/all", &files, &added, why), 0);
	assert_int_equal(added, 0);
	rules_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fingerprint_becomes_a_rule),
		cmocka_unit_test(what_no_fact_holds_adds_nothing),
		cmocka_unit_test(what_is_no_such_file_is_refused_with_its_line),
		cmocka_unit_test(half_a_file_is_refused),
		cmocka_unit_test(a_folder_that_is_not_there_adds_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
