/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_query.c - the search language: what each word means, and what is refused with which reason.
 */
#include "manager/query.h"

#include "base/attr.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW (UINT64_C(1800000000) * CLOCK_SECOND)
#define MOST (UINT64_MAX >> 1)

static struct query q;
static char why[QUERY_WHY];

static const struct condition *only(const char *text)
{
	why[0] = '\0';
	if (!query_parse(text, NOW, &q, why))
		fail_msg("%s: %s", text, why);
	assert_int_equal(q.count, 1);
	return &q.conditions[0];
}

static void words_mean_what_the_table_says(void **state)
{
	static const struct {
		const char *text, *field, *value;
		bool negated;
		enum match match;
	} cases[] = {
		{"kitchen", NULL, "kitchen", false, MATCH_TEXT},
		{"-kitchen", NULL, "kitchen", true, MATCH_TEXT},
		{"\"front door\"", NULL, "front door", false, MATCH_TEXT},
		{"-\"front door\"", NULL, "front door", true, MATCH_TEXT},
		{"-", NULL, "-", false, MATCH_TEXT},
		{"02:00:00:00:00:aa", NULL, "02:00:00:00:00:aa", false, MATCH_TEXT},
		{"fe80::1", NULL, "fe80::1", false, MATCH_TEXT},
		{"os:linux", "os", "linux", false, MATCH_HOLDS},
		{"os:\"Windows 10\"", "os", "Windows 10", false, MATCH_HOLDS},
		{"os:=Linux", "os", "Linux", false, MATCH_EQUAL},
		{"os:=\"Windows 10*\"", "os", "Windows 10*", false, MATCH_EQUAL},
		{"=x", NULL, "=x", false, MATCH_TEXT},
		{"type:\"media player\"", "type", "media player", false, MATCH_EQUAL},
		{"subnet:10.0.0.0/24", "subnet", "10.0.0.0/24", false, MATCH_EQUAL},
		{"-os:linux", "os", "linux", true, MATCH_HOLDS},
		{"ssh.banner:OpenSSH", "ssh.banner", "OpenSSH", false, MATCH_HOLDS},
		{"address.ipv4:10.0.0.1", "ip", "10.0.0.1", false, MATCH_HOLDS},
		{"role:Printer", "role", "printer", false, MATCH_EQUAL},
		{"mac:02:00:00:00:00:AA", "mac", "02:00:00:00:00:aa", false, MATCH_EQUAL},
		{"sensor:Lab-1", "sensor", "Lab-1", false, MATCH_EQUAL},
		{"service:tcp/22", "service", "tcp/22", false, MATCH_EQUAL},
		{"name:lab-*", "name", "lab-*", false, MATCH_PATTERN},
		{"name:\"a*b\"", "name", "a*b", false, MATCH_HOLDS},
		{"name:\"a,b\"", "name", "a,b", false, MATCH_HOLDS},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct condition *const c = only(cases[i].text);

		assert_int_equal(c->negated, cases[i].negated);
		assert_int_equal(c->count, 1);
		assert_int_equal(c->values[0].match, cases[i].match);
		assert_string_equal(c->values[0].text, cases[i].value);
		if (cases[i].field == NULL)
			assert_null(c->field);
		else
			assert_string_equal(c->field, cases[i].field);
	}
}

static void values_between_commas_may_stand_in_quotes(void **state)
{
	const struct condition *const c = only("vendor:=\"Dell, Inc.\",HP,\"a b\"");

	(void)state;
	assert_int_equal(c->count, 3);
	assert_string_equal(c->values[0].text, "Dell, Inc.");
	assert_string_equal(c->values[1].text, "HP");
	assert_string_equal(c->values[2].text, "a b");
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(c->values[i].match, MATCH_EQUAL);
}

static void ranges_have_both_ends(void **state)
{
	static const uint64_t hour = 3600 * CLOCK_SECOND, day = 24 * 3600 * CLOCK_SECOND;
	static const uint64_t there = UINT64_C(1795132800) * CLOCK_SECOND; /* 2026-11-20 */
	const struct {
		const char *text;
		uint64_t low, high;
	} cases[] = {
		{"packets:1000", 1000, 1000},
		{"packets:>1000", 1001, MOST},
		{"packets:>=1000", 1000, MOST},
		{"packets:<1000", 0, 999},
		{"packets:<=1k", 0, 1000},
		{"packets:<0", MOST, MOST},
		{"packets:10..20", 10, 20},
		{"bytes:>2M", 2000001, MOST},
		{"last_seen:<1h", NOW - hour + 1, MOST},
		{"last_seen:<=1h", NOW - hour, MOST},
		{"last_seen:>1h", 0, NOW - hour - 1},
		{"last_seen:1h", NOW - hour, MOST},
		{"last_seen:1h..2h", NOW - 2 * hour, NOW - hour},
		{"first_seen:>=2026-11-20", there, MOST},
		{"first_seen:2026-11-20", there, there + day - 1},
		{"first_seen:<2026-11-20T01:00", 0, there + hour - 1},
		{"last_seen:>4000w", MOST, MOST}, /* before 1970: nothing is older */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct query_value *const v = &only(cases[i].text)->values[0];

		assert_int_equal(v->match, MATCH_RANGE);
		assert_true(v->low == cases[i].low && v->high == cases[i].high);
	}
}

static void networks_hold_their_addresses(void **state)
{
	static const struct {
		const char *net, *in, *out;
	} cases[] = {
		{"ip:10.0.0.0/8", "10.255.1.2", "11.0.0.1"},
		{"ip:192.0.2.64/26", "192.0.2.127", "192.0.2.128"},
		{"ip:0.0.0.0/0", "255.255.255.255", "::1"},
		{"ip:fd00::/8", "fd12::1", "fe80::1"},
		{"ip:2001:db8::1/128", "2001:db8::1", "2001:db8::2"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct query_value *const v = &only(cases[i].net)->values[0];

		assert_int_equal(v->match, MATCH_NET);
		assert_true(query_in_net(cases[i].in, &v->net, v->prefix));
		assert_false(query_in_net(cases[i].out, &v->net, v->prefix));
		assert_false(query_in_net("kitchen", &v->net, v->prefix));
	}
}

static void several_words_must_all_hold(void **state)
{
	(void)state;
	assert_true(
		query_parse("  os:linux   service:tcp/22,tcp/23 -role:router x ", NOW, &q, why));
	assert_int_equal(q.count, 4);
	assert_int_equal(q.conditions[1].count, 2);
	assert_string_equal(q.conditions[1].values[1].text, "tcp/23");
	assert_true(q.conditions[2].negated);
	assert_true(query_parse("", NOW, &q, why));
	assert_int_equal(q.count, 0);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"foo:x", "\"foo\": no such field"},
		{"vendr:x", "the nearest is vendor"},
		{"packets:many", "wants a number"},
		{"packets:>", "wants a number"},
		{"packets:99999999999999999999", "wants a number"},
		{"last_seen:soon", "wants an age or a day"},
		{"last_seen:<1y", "wants an age or a day"},
		{"ip:10.0.0.0/33", "is no network"},
		{"ip:10.0.0/8", "is no network"},
		{"ip:10.0.0.0/", "is no network"},
		{"name:\"x", "a quote that does not end"},
		{"os:", "wants a value"},
		{"\"\"", "a text of no letters"},
		{"role:1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "too many values"},
		{"a a a a a a a a a a a a a a a a a a a a a a a a a", "too many conditions"},
	};
	char longer[QUERY_TEXT + 1];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (query_parse(cases[i].text, NOW, &q, why))
			fail_msg("taken: %s", cases[i].text);
		if (strstr(why, cases[i].why) == NULL)
			fail_msg("%s: \"%s\" is not \"%s\"", cases[i].text, why, cases[i].why);
	}
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_false(query_parse(longer, NOW, &q, why));
	assert_non_null(strstr(why, "more than 1023 bytes"));
}

static void every_field_is_searched_by_its_name(void **state)
{
	const char *field;
	char text[128];
	unsigned count = 0;

	(void)state;
	for (; (field = query_field(count)) != NULL; count++) {
		const bool number = strstr("packets bytes sensors interfaces", field) != NULL;

		snprintf(text, sizeof text, "%s:%s", field,
		         number ? "1"
		         : strstr(field, "_seen") == field + strlen(field) - 5 &&
		                         strchr(field, '.') == NULL
		                 ? "1h"
		                 : "x");
		assert_string_equal(only(text)->field, field);
	}
	assert_true(count > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_mean_what_the_table_says),
		cmocka_unit_test(ranges_have_both_ends),
		cmocka_unit_test(networks_hold_their_addresses),
		cmocka_unit_test(several_words_must_all_hold),
		cmocka_unit_test(values_between_commas_may_stand_in_quotes),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(every_field_is_searched_by_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
