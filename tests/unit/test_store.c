/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_store.c - the inventory is the same in whatever order lines come and however often; a full
 * report ends what it does not list; searches, pages and counts say what is there.
 */
#include "manager/store.h"

#include "base/attr.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];
static struct store *store;
static char text[65536]; /* what callbacks saw */

static int set_up(void **state)
{
	char why[STORE_WHY] = "";

	(void)state;
	snprintf(path, sizeof path, "/tmp/test_store.%d.db", getpid());
	store = store_open(path, true, why, sizeof why);
	if (store == NULL)
		fail_msg("%s", why);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char file[80];

	(void)state;
	store_close(store);
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		snprintf(file, sizeof file, "%s%s", path, ends[i]);
		unlink(file);
	}
	return 0;
}

/* ---- lines ---- */

static enum taken take(const char *line)
{
	struct incoming in;
	char why[STORE_WHY] = "";

	if (!incoming_parse(line, strlen(line), &in, why))
		fail_msg("%s: %s", line, why);
	const enum taken taken = store_take(store, &in, line, strlen(line), 1000, why);
	incoming_free(&in);
	if (taken == TAKE_FAILED)
		fail_msg("%s: %s", line, store_error(store));
	return taken;
}

static const char *device(const char *sensor, unsigned boot, unsigned seq, bool full, unsigned mac,
                          const char *name, unsigned packets)
{
	static char line[2048];

	snprintf(
		line, sizeof line,
		"{\"schema\":\"havainto/1\",\"type\":\"device\",\"sensor\":\"%s\",\"boot\":%u,"
		"\"seq\":%u,\"time\":\"2026-11-23T05:00:00.000000Z\",\"full\":%s,\"device\":{"
		"\"mac\":\"02:00:00:00:00:%02x\",\"realm\":\"\",\"vendor\":\"Acme 100%%\","
		"\"mac_kind\":\"random\",\"name\":\"%s\",\"os\":\"Linux\",\"model\":\"\","
		"\"roles\":[\"printer\"],\"first_seen\":\"2026-11-23T04:00:%02u.000000Z\","
		"\"last_seen\":\"2026-11-23T05:00:%02u.000000Z\",\"packets\":%u,\"bytes\":%u,"
		"\"facts\":[{\"kind\":\"address.ipv4\",\"value\":\"10.0.0.%u\",\"grade\":\"owner\"},"
		"{\"kind\":\"service\",\"value\":\"tcp/22\"}]}}",
		sensor, boot, seq, full ? "true" : "false", mac, name, mac, seq % 60, packets,
		10 * packets, mac);
	return line;
}

static const char *other(const char *type, unsigned boot, unsigned seq, const char *more)
{
	static char line[512];

	snprintf(line, sizeof line,
	         "{\"schema\":\"havainto/1\",\"type\":\"%s\",\"sensor\":\"s\",\"boot\":%u,"
	         "\"seq\":%u,\"time\":\"2026-11-23T05:00:%02u.000000Z\"%s}",
	         type, boot, seq, seq % 60, more);
	return line;
}

static void begin(void)
{
	assert_true(store_begin(store));
}

static void commit(void)
{
	assert_true(store_commit(store));
}

/* ---- what is there ---- */

static void note_device(const struct store_device *d, void *self)
{
	(void)self;
	const size_t len = strlen(text);

	snprintf(text + len, sizeof text - len, "%s%s %s %llu", len > 0 ? "; " : "", d->mac + 15,
	         d->name, (unsigned long long)d->packets);
}

static const char *found(const char *words, const struct store_page *page, char next[STORE_CURSOR])
{
	struct query q;
	char why[QUERY_WHY];

	text[0] = '\0';
	if (!query_parse(words, 2000, &q, why))
		fail_msg("%s", why);
	if (!store_devices(store, &q, page, note_device, NULL, next))
		fail_msg("%s", store_error(store));
	return text;
}

static const char *all(const char *words)
{
	const struct store_page page = {.sort = SORT_MAC, .limit = 1000};
	char next[STORE_CURSOR];

	return found(words, &page, next);
}

/* ---- the tests ---- */

static void a_newer_line_replaces_and_an_older_does_not(void **state)
{
	(void)state;
	begin();
	assert_int_equal(take(device("s", 1, 5, false, 1, "a", 10)), TAKE_DONE);
	assert_int_equal(take(device("s", 1, 5, false, 1, "x", 99)), TAKE_KNOWN);
	assert_int_equal(take(device("s", 1, 4, false, 1, "x", 99)), TAKE_KNOWN);
	assert_int_equal(take(device("s", 1, 6, false, 1, "b", 20)), TAKE_DONE);
	assert_int_equal(take(device("s", 2, 1, false, 1, "c", 5)), TAKE_DONE);
	assert_int_equal(take(device("s", 1, 9, false, 1, "x", 99)), TAKE_KNOWN);
	commit();
	assert_string_equal(all(""), "01 c 5");
	assert_string_equal(all("name:b"), ""); /* no term of the old name is left */
}

static void any_order_and_any_repeats_give_the_same(void **state)
{
	unsigned random = 7;
	char expected[512] = "";

	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		char lines[12][2048];
		unsigned order[36];

		for (unsigned i = 0; i < 12; i++)
			memcpy(lines[i],
			       device("s", 1 + i / 6, 1 + i % 6, false, i % 3,
			              i % 2 ? "odd" : "even", i),
			       2048);
		for (unsigned i = 0; i < 36; i++)
			order[i] = i % 12;
		for (unsigned i = 35; i > 0; i--) {
			random = random * 1664525 + 1013904223;
			const unsigned k = (random >> 8) % (i + 1), was = order[i];
			order[i] = order[k];
			order[k] = was;
		}
		begin();
		for (unsigned i = 0; i < 36; i++)
			(void)take(lines[order[i]]);
		commit();
		if (round == 0)
			snprintf(expected, sizeof expected, "%s", all(""));
		assert_string_equal(all(""), expected);
		tear_down(state);
		set_up(state);
	}
	assert_string_equal(expected, "00 odd 9; 01 even 10; 02 odd 11");
}

static void a_full_report_ends_what_it_does_not_list(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 1; i <= 4; i++)
		(void)take(device("s", 1, i, true, i, "d", i));
	(void)take(other("end", 1, 5, ""));
	(void)take(device("other", 1, 1, false, 4, "d", 1));
	commit();
	assert_string_equal(all(""), "01 d 1; 02 d 2; 03 d 3; 04 d 4");
	begin();
	(void)take(device("s", 1, 6, false, 2, "delta", 9));
	(void)take(device("s", 1, 7, true, 2, "d", 9));
	commit(); /* the report goes on in the next transaction */
	begin();
	(void)take(device("s", 1, 8, true, 3, "d", 9));
	assert_int_equal(take(other("end", 1, 9, "")), TAKE_DONE);
	assert_int_equal(take(other("end", 1, 9, "")), TAKE_KNOWN);
	commit();
	/* 4 is still known to the other sensor */
	assert_string_equal(all(""), "02 d 9; 03 d 9; 04 d 1");
}

static void a_rolled_back_line_was_never_there(void **state)
{
	(void)state;
	begin();
	(void)take(device("new", 1, 1, true, 1, "a", 1));
	store_rollback(store);
	assert_string_equal(all(""), "");
	begin();
	assert_int_equal(take(device("new", 1, 1, true, 1, "a", 1)), TAKE_DONE);
	commit();
	assert_string_equal(all(""), "01 a 1");
}

static void two_sensors_of_one_wire_see_one_device(void **state)
{
	(void)state;
	begin();
	(void)take(device("a", 1, 30, false, 1, "late", 10));
	(void)take(device("b", 1, 20, false, 1, "early", 50));
	commit();
	assert_string_equal(all(""), "01 late 50");
	assert_string_equal(all("sensor:a sensors:2"), "01 late 50");
	assert_string_equal(all("sensor:c"), "");
}

static void hostile_lines_are_refused_with_a_reason(void **state)
{
	struct incoming in;
	char why[STORE_WHY] = "", line[2048];

	(void)state;
	begin();
	snprintf(line, sizeof line, "%s", device("s", 1, 1, false, 1, "a", 1));
	memcpy(strstr(line, "02:00"), "zz:zz", 5);
	assert_true(incoming_parse(line, strlen(line), &in, why));
	assert_int_equal(store_take(store, &in, line, strlen(line), 1, why), TAKE_REFUSED);
	assert_non_null(strstr(why, "neither a MAC nor an IP"));
	incoming_free(&in);
	snprintf(line, sizeof line, "%s", device("bad\\nname", 1, 1, false, 1, "a", 1));
	assert_true(incoming_parse(line, strlen(line), &in, why));
	assert_int_equal(store_take(store, &in, line, strlen(line), 1, why), TAKE_REFUSED);
	incoming_free(&in);
	assert_true(store_refuse(store, line, strlen(line), why, 1));
	commit();
	assert_string_equal(all(""), "");
}

static void searches_find_what_holds(void **state)
{
	static const struct {
		const char *words, *found;
	} cases[] = {
		{"kitch", "01 Kitchen_1 1; 02 Kitchen-1 2"},
		{"KITCH", "01 Kitchen_1 1; 02 Kitchen-1 2"},
		{"n_1", "01 Kitchen_1 1"},
		{"n-1", "02 Kitchen-1 2"}, /* '_' stands for itself */
		{"hen", "01 Kitchen_1 1; 02 Kitchen-1 2"},
		{"c%", ""},
		{"0%", "01 Kitchen_1 1; 02 Kitchen-1 2; 03 hall 3"},
		{"name:Kitchen*", "01 Kitchen_1 1; 02 Kitchen-1 2"},
		{"name:*_1", "01 Kitchen_1 1"},
		{"-name:kitchen", "03 hall 3"},
		{"ip:10.0.0.2", "02 Kitchen-1 2"},
		{"ip:10.0.0.0/31", "01 Kitchen_1 1"},
		{"ip:10.0.0.1,10.0.0.3", "01 Kitchen_1 1; 03 hall 3"},
		{"service:tcp/2", ""},
		{"service:tcp/22 role:printer os:lin", "01 Kitchen_1 1; 02 Kitchen-1 2; 03 hall 3"},
		{"packets:2..3", "02 Kitchen-1 2; 03 hall 3"},
		{"-packets:2..3", "01 Kitchen_1 1"},
		{"'; DROP TABLE device; --", ""},
		{"tag:x", ""},
	};

	(void)state;
	begin();
	(void)take(device("s", 1, 1, false, 1, "Kitchen_1", 1));
	(void)take(device("s", 1, 2, false, 2, "Kitchen-1", 2));
	(void)take(device("s", 1, 3, false, 3, "hall", 3));
	commit();
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (strcmp(all(cases[i].words), cases[i].found) != 0)
			fail_msg("%s: found \"%s\", not \"%s\"", cases[i].words, text,
			         cases[i].found);
}

static void pages_go_on_where_the_last_ended(void **state)
{
	char next[STORE_CURSOR] = "";

	(void)state;
	begin();
	for (unsigned i = 0; i < 25; i++)
		(void)take(device("s", 1, 1 + i, false, i, i % 2 ? "same" : "", i));
	commit();
	for (enum store_sort sort = 0; sort < SORTS; sort++) {
		for (unsigned down = 0; down < 2; down++) {
			struct store_page page = {.sort = sort, .descending = down, .limit = 7};
			char whole[4096], pages[4096] = "";
			struct store_page one = page;

			one.limit = 100;
			snprintf(whole, sizeof whole, "%s", found("", &one, next));
			assert_string_equal(next, "");
			do {
				const size_t len = strlen(pages);

				snprintf(pages + len, sizeof pages - len, "%s%s", len ? "; " : "",
				         found("", &page, next));
				memcpy(page.after, next, sizeof next);
			} while (*next);
			assert_string_equal(pages, whole);
		}
	}
	struct store_page wrong = {.sort = SORT_NAME, .limit = 7, .after = "x"};
	struct query q = {0};
	assert_false(store_devices(store, &q, &wrong, note_device, NULL, next));
	assert_non_null(strstr(store_error(store), "cursor"));
}

static void note_value(const char *value, uint64_t count, void *self)
{
	(void)self;
	const size_t len = strlen(text);

	snprintf(text + len, sizeof text - len, "%s:%llu ", value, (unsigned long long)count);
}

static void facets_count_devices(void **state)
{
	struct query q;
	char why[QUERY_WHY];

	(void)state;
	begin();
	(void)take(device("s", 1, 1, false, 1, "a", 1));
	(void)take(device("t", 1, 1, false, 1, "a", 1));
	(void)take(device("s", 1, 2, false, 2, "a", 2));
	(void)take(device("s", 1, 3, false, 3, "b", 3));
	commit();
	assert_true(query_parse("", 1, &q, why));
	text[0] = '\0';
	assert_true(store_facet(store, &q, "name", 10, note_value, NULL));
	assert_string_equal(text, "a:2 b:1 ");
	assert_true(query_parse("packets:<3", 1, &q, why));
	text[0] = '\0';
	assert_true(store_facet(store, &q, "sensor", 10, note_value, NULL));
	assert_string_equal(text, "s:2 t:1 ");
}

static void what_people_say_outlives_the_record(void **state)
{
	(void)state;
	begin();
	(void)take(device("s", 1, 1, true, 1, "a", 1));
	(void)take(other("end", 1, 2, ""));
	commit();
	assert_true(store_annotate(store, 1, "by the window", "lab,old", "Ann"));
	assert_false(store_annotate(store, 77, "x", NULL, NULL));
	assert_string_equal(all("tag:lab"), "01 a 1");
	assert_string_equal(all("tag:la"), "");
	assert_string_equal(all("owner:ann window"), "01 a 1");
	begin();
	(void)take(other("end", 1, 3, ""));
	commit();
	assert_string_equal(all(""), "");
	begin();
	(void)take(device("s", 1, 4, true, 1, "a", 1));
	commit();
	assert_string_equal(all("tag:old"), "01 a 1");
}

static void note_change(const struct store_change *c, void *self)
{
	(void)self;
	const size_t len = strlen(text);

	snprintf(text + len, sizeof text - len, "%s@%llu ", c->what,
	         (unsigned long long)(c->device != 0));
}

static void changes_are_kept_once(void **state)
{
	static const char mac[] = ",\"what\":\"new\",\"mac\":\"02:00:00:00:00:01\",\"realm\":\"\"";

	(void)state;
	begin();
	(void)take(device("s", 1, 1, false, 1, "a", 1));
	assert_int_equal(take(other("change", 1, 2, mac)), TAKE_DONE);
	assert_int_equal(take(other("change", 1, 2, mac)), TAKE_KNOWN);
	assert_int_equal(take(other("change", 1, 3, ",\"what\":\"gone\",\"ip\":\"10.9.9.9\"")),
	                 TAKE_DONE);
	commit();
	text[0] = '\0';
	assert_true(store_changes(store, 0, 0, NULL, 10, note_change, NULL));
	assert_string_equal(text, "gone@0 new@1 ");
	text[0] = '\0';
	assert_true(store_changes(store, 0, 1, NULL, 10, note_change, NULL));
	assert_string_equal(text, "new@1 ");
	begin();
	assert_true(store_forget(store, UINT64_MAX >> 1));
	commit();
	text[0] = '\0';
	assert_true(store_changes(store, 0, 0, NULL, 10, note_change, NULL));
	assert_string_equal(text, "");
	assert_string_equal(all(""), "");
}

static void a_later_version_is_refused(void **state)
{
	char why[STORE_WHY];
	sqlite3 *db = NULL;

	(void)state;
	store_close(store);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 999", NULL, NULL, NULL),
	                 SQLITE_OK);
	sqlite3_close(db);
	store = store_open(path, true, why, sizeof why);
	assert_null(store);
	assert_non_null(strstr(why, "made by a later havainto"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_newer_line_replaces_and_an_older_does_not),
		TEST(any_order_and_any_repeats_give_the_same),
		TEST(a_full_report_ends_what_it_does_not_list),
		TEST(a_rolled_back_line_was_never_there),
		TEST(two_sensors_of_one_wire_see_one_device),
		TEST(hostile_lines_are_refused_with_a_reason),
		TEST(searches_find_what_holds),
		TEST(pages_go_on_where_the_last_ended),
		TEST(facets_count_devices),
		TEST(what_people_say_outlives_the_record),
		TEST(changes_are_kept_once),
		TEST(a_later_version_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
