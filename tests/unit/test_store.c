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

static char folder[64], path[80];
static struct store *store;
static char text[65536]; /* what callbacks saw */

static int set_up(void **state)
{
	char why[STORE_WHY] = "";

	(void)state;
	strcpy(folder, "/tmp/test_store.XXXXXX");
	if (mkdtemp(folder) == NULL)
		fail_msg("no folder in /tmp");
	snprintf(path, sizeof path, "%s/db", folder);
	store = store_open(path, true, why, sizeof why);
	if (store == NULL)
		fail_msg("%s", why);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char file[96];

	(void)state;
	store_close(store);
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		snprintf(file, sizeof file, "%s%s", path, ends[i]);
		unlink(file);
	}
	rmdir(folder);
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
		sensor, boot, seq, full ? "true" : "false", mac, name, mac % 60, seq % 60, packets,
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

static void note_facet(unsigned field, const char *value, uint64_t count, void *self)
{
	char line[64];

	snprintf(line, sizeof line, "%u/%s", field, value);
	note_value(line, count, self);
}

static const char *counted(const char *words)
{
	struct store_facets f = {.fields = {"vendor", "sensor", "name", "subnet"},
	                         .field_count = 4,
	                         .limit = 2,
	                         .each = note_facet};
	struct query q;
	char why[QUERY_WHY];

	text[0] = '\0';
	assert_true(query_parse(words, 1, &q, why));
	if (!store_facets(store, &q, 1, &f))
		fail_msg("%s", store_error(store));
	note_value("all", f.count, NULL);
	note_value("young", f.ages[0], NULL);
	return text;
}

/* Counts that are kept, and those of a walk, are those of the terms. */
static void counts_follow_what_comes_and_goes(void **state)
{
	(void)state;
	assert_string_equal(counted(""), "all:0 young:0 ");
	begin();
	(void)take(device("s", 1, 1, true, 1, "a", 1));
	(void)take(device("t", 1, 1, true, 1, "a", 1));
	(void)take(device("s", 1, 2, true, 2, "b", 2));
	commit();
	assert_string_equal(counted("packets:>0"), "0/Acme 100%:2 3/10.0.0.0/24:2 1/s:2 1/t:1 "
	                                           "2/a:1 2/b:1 all:2 young:2 ");
	text[0] = '\0';
	(void)counted("");
	assert_non_null(strstr(text, "0/Acme 100%:2 "));
	assert_non_null(strstr(text, "1/s:2 1/t:1 "));
	assert_non_null(strstr(text, "all:2 "));
	begin(); /* what is rolled back was never counted */
	(void)take(device("s", 1, 3, true, 9, "c", 2));
	store_rollback(store);
	assert_non_null(strstr(counted(""), "all:2 "));
	begin(); /* s knows 2 alone from here on */
	(void)take(device("s", 2, 1, true, 2, "b", 2));
	(void)take(other("end", 2, 2, ""));
	commit();
	assert_non_null(strstr(counted(""), "1/s:1 1/t:1 "));
	assert_non_null(strstr(counted(""), "all:2 "));
	begin();
	(void)take(other("end", 3, 1, ""));
	commit();
	assert_non_null(strstr(counted(""), "1/t:1 "));
	assert_null(strstr(counted(""), "1/s"));
	assert_non_null(strstr(counted(""), "all:1 "));
}

static void note_activity(const struct store_activity *a, void *self)
{
	const size_t len = strlen(text);

	(void)self;
	snprintf(text + len, sizeof text - len, "%s%llu:%llu ", a->is_day ? "day " : "",
	         (unsigned long long)(a->start_ns / 3600000000000 % 24),
	         (unsigned long long)a->packets);
}

static const char *busy(void)
{
	text[0] = '\0';
	assert_true(store_activity(store, 1, note_activity, NULL));
	return text;
}

/* A device that was last seen so many hours later than the line of device() says. */
static void take_at(const char *line, unsigned day, unsigned hour)
{
	char copy[2048], at[24];

	snprintf(copy, sizeof copy, "%s", line);
	snprintf(at, sizeof at, "2026-11-%02uT%02u", day, hour);
	memcpy(strstr(copy, "last_seen\":\"") + strlen("last_seen\":\""), at, strlen(at));
	assert_int_equal(take(copy), TAKE_DONE);
}

static void what_a_device_sent_lies_in_its_hours(void **state)
{
	(void)state;
	begin();
	take_at(device("s", 1, 1, false, 1, "a", 10), 1, 5);
	take_at(device("s", 1, 2, false, 1, "a", 17), 1, 5);
	take_at(device("s", 1, 3, false, 1, "b", 20), 1, 7);
	commit();
	assert_string_equal(busy(), "5:17 7:3 ");
	begin();
	assert_int_equal(take(device("s", 1, 3, false, 1, "b", 99)), TAKE_KNOWN);
	take_at(device("s", 2, 1, false, 1, "b", 4), 1, 7); /* it counts anew */
	take_at(device("t", 1, 1, false, 1, "b", 6), 1, 7); /* the most that one saw */
	commit();
	assert_string_equal(busy(), "5:17 7:7 ");
	begin(); /* two days later the hours are a day */
	take_at(device("s", 2, 2, false, 1, "b", 5), 3, 6);
	commit();
	assert_string_equal(busy(), "7:7 6:1 day 0:17 ");
	begin(); /* what t said is aged when t says more */
	take_at(device("s", 2, 3, false, 1, "b", 6), 4, 9);
	commit();
	assert_string_equal(busy(), "7:6 6:1 9:1 day 0:24 ");
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
	text[0] = '\0';
	assert_true(store_facet(store, &(struct query){0}, "tag", 10, note_value, NULL));
	assert_true(store_facet(store, &(struct query){0}, "owner", 10, note_value, NULL));
	assert_true(store_values(store, "tag", "O", 10, note_value, NULL));
	assert_string_equal(text, "lab:1 old:1 Ann:1 old:1 ");
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
	const struct store_filter every = STORE_ALL_CHANGES;
	struct store_filter of_one = STORE_ALL_CHANGES;
	static const char mac[] = ",\"what\":\"new\",\"mac\":\"02:00:00:00:00:01\",\"realm\":\"\"";

	(void)state;
	of_one.device = 1;
	begin();
	(void)take(device("s", 1, 1, false, 1, "a", 1));
	assert_int_equal(take(other("change", 1, 2, mac)), TAKE_DONE);
	assert_int_equal(take(other("change", 1, 2, mac)), TAKE_KNOWN);
	assert_int_equal(take(other("change", 1, 3, ",\"what\":\"gone\",\"ip\":\"10.9.9.9\"")),
	                 TAKE_DONE);
	commit();
	text[0] = '\0';
	assert_true(store_changes(store, &every, note_change, NULL));
	assert_string_equal(text, "gone@0 new@1 ");
	text[0] = '\0';
	assert_true(store_changes(store, &of_one, note_change, NULL));
	assert_string_equal(text, "new@1 ");
	begin();
	assert_true(store_forget(store, UINT64_MAX >> 1));
	commit();
	text[0] = '\0';
	assert_true(store_changes(store, &every, note_change, NULL));
	assert_string_equal(text, "");
	assert_string_equal(all(""), "");
}

static const char *timeline(const struct store_filter *filter)
{
	text[0] = '\0';
	assert_true(store_changes(store, filter, note_change, NULL));
	return text;
}

static uint64_t unseen(void)
{
	uint64_t count;

	assert_true(store_unseen(store, 1000, &count));
	return count;
}

static void what_is_seen_or_muted_is_not_counted(void **state)
{
	static const char mac[] = ",\"mac\":\"02:00:00:00:00:01\",\"realm\":\"\"";
	struct store_filter f = STORE_ALL_UNSEEN;
	uint64_t id, count;
	char more[256];

	(void)state;
	begin();
	(void)take(device("s", 1, 1, false, 1, "a", 1));
	for (unsigned i = 2; i < 5; i++) {
		snprintf(more, sizeof more, ",\"what\":\"%s\"%s",
		         i == 2   ? "new"
		         : i == 3 ? "gone"
		                  : "back",
		         i == 4 ? "" : mac);
		(void)take(other("change", 1, i, more));
	}
	commit();
	assert_string_equal(timeline(&f), "back@0 gone@1 new@1 ");
	f.what = "new,back";
	assert_string_equal(timeline(&f), "back@0 new@1 ");
	f.what = "";
	f.text = "00:01";
	assert_string_equal(timeline(&f), "gone@1 new@1 ");
	f.text = "";
	assert_true(store_see(store, 1, 1, 5, &count));
	assert_int_equal(count, 1);
	assert_string_equal(timeline(&f), "back@0 gone@1 ");
	assert_true(store_mute(store, "gone", "name:a", "", 1, &id));
	assert_string_equal(timeline(&f), "back@0 ");
	assert_int_equal(unseen(), 1);
	f.muted = true;
	assert_string_equal(timeline(&f), "back@0 gone@1 ");
	assert_true(store_unmute(store, id));
	assert_false(store_unmute(store, id));
	assert_int_equal(unseen(), 2);
	for (unsigned i = 0; i < STORE_MUTES; i++)
		assert_true(store_mute(store, "", "name:b ip:10.0.0.0/8", "", 1, &id));
	assert_false(store_mute(store, "", "name:b", "", 1, &id));
	assert_non_null(strstr(store_error(store), "rules already"));
	assert_int_equal(unseen(), 2);
}

/* ---- interfaces of one device ---- */

/* As device() has it, and a chassis that it names; first seen that minute. */
static const char *port(const char *sensor, unsigned boot, unsigned seq, unsigned mac,
                        const char *name, unsigned packets, unsigned chassis)
{
	static char line[4096];
	const char *const plain = device(sensor, boot, seq, false, mac, name, packets);
	const size_t at = (size_t)(strstr(plain, "\"facts\":[") - plain) + 9;

	snprintf(line, sizeof line,
	         "%.*s{\"kind\":\"lldp.chassis_id\",\"value\":\"02:00:00:00:00:%02x\","
	         "\"by\":\"lldp\"},%s",
	         (int)at, plain, chassis, plain + at);
	return line;
}

static void take_port(const char *sensor, unsigned seq, unsigned mac, const char *name,
                      unsigned packets, unsigned chassis)
{
	begin();
	assert_int_equal(take(port(sensor, 1, seq, mac, name, packets, chassis)), TAKE_DONE);
	commit();
}

static void note_whole(const struct store_device *d, void *self)
{
	(void)self;
	snprintf(text, sizeof text,
	         "%llu: %s %s %llu packets, %llu interfaces, seen by %s, \"%s\" %s",
	         (unsigned long long)d->id, d->mac + 15, d->name, (unsigned long long)d->packets,
	         (unsigned long long)d->interfaces, d->seen_by, d->note, d->tags);
}

static const char *whole(uint64_t id)
{
	text[0] = '\0';
	(void)!store_device(store, id, note_whole, NULL, NULL);
	return text;
}

static void interfaces_of_one_machine_are_one_device(void **state)
{
	(void)state;
	take_port("s", 1, 1, "one", 4, 9);
	take_port("s", 2, 2, "two", 6, 9);
	take_port("s", 3, 3, "three", 5, 3);
	assert_string_equal(all(""), "01 one 10; 03 three 5");
	assert_string_equal(all("interfaces:2"), "01 one 10");
	assert_string_equal(all("name:two"), "01 one 10"); /* any interface's terms find it */
	assert_string_equal(all("ip:10.0.0.2"), "01 one 10");
	assert_non_null(strstr(counted(""), "all:2 "));
	assert_non_null(strstr(counted("packets:>0"), "all:2 "));
	assert_string_equal(whole(2), whole(1)); /* found by either id */
}

static void two_sensors_of_a_port_count_once(void **state)
{
	(void)state;
	take_port("s", 1, 1, "one", 4, 9);
	take_port("s", 2, 2, "two", 6, 9);
	take_port("t", 1, 2, "two", 8, 9); /* the same wire: 8, not 14 */
	assert_string_equal(whole(1), "1: 01 one 12 packets, 2 interfaces, seen by s,t, \"\" ");
	assert_string_equal(all("sensors:2"), "01 one 12");
}

/* Whichever comes first, the oldest gives the device its name; a batch is as good as one by one. */
static void any_order_of_ports_gives_the_same(void **state)
{
	static const unsigned orders[][3] = {{1, 2, 3}, {3, 2, 1}, {2, 3, 1}};

	for (size_t o = 0; o < COUNT_OF(orders); o++) {
		(void)tear_down(state);
		(void)set_up(state);
		begin();
		for (unsigned i = 0; i < 3; i++) {
			const unsigned n = orders[o][i];

			assert_int_equal(take(port("s", 1, n, n, "", n, n == 3 ? 1 : 9)),
			                 TAKE_DONE);
			if (o != 0) {
				commit();
				begin();
			}
		}
		commit();
		assert_string_equal(all(""),
		                    "01  3; 03  3"); /* 1 is the chassis of 3, but names 9 */
	}
}

static void who_names_another_chassis_parts(void **state)
{
	(void)state;
	take_port("s", 1, 1, "one", 4, 9);
	take_port("s", 2, 2, "two", 6, 9);
	begin();
	assert_true(store_annotate(store, 2, "in the cellar", "core", NULL));
	commit();
	assert_string_equal(
		whole(1), "1: 01 one 10 packets, 2 interfaces, seen by s, \"in the cellar\" core");
	take_port("s", 3, 2, "two", 7, 2);
	assert_string_equal(all(""), "01 one 4; 02 two 7");
	assert_string_equal(whole(2), "2: 02 two 7 packets, 1 interfaces, seen by s, \"\" ");
	assert_string_equal(all("tag:core"), "01 one 4");
	assert_non_null(strstr(counted("packets:>0"), "all:2 "));
	take_port("s", 4, 2, "two", 7, 9);
	assert_string_equal(all(""), "01 one 11");
}

/* What was said of two before they were found to be one is said of it; who writes it anew replaces it. */
static void notes_of_both_are_kept(void **state)
{
	(void)state;
	take_port("s", 1, 1, "one", 4, 9);
	take_port("s", 2, 2, "two", 6, 2);
	begin();
	assert_true(store_annotate(store, 1, "left", "b,a", "Ada"));
	assert_true(store_annotate(store, 2, "right", "c,b", NULL));
	commit();
	take_port("s", 3, 2, "two", 6, 9);
	assert_string_equal(whole(1),
	                    "1: 01 one 10 packets, 2 interfaces, seen by s, \"left\nright\" a,b,c");
	assert_string_equal(all("tag:c owner:ada"), "01 one 10");
	begin();
	assert_true(store_annotate(store, 1, "both", NULL, NULL));
	commit();
	assert_non_null(strstr(whole(1), "\"both\" a,b,c"));
}

/* The oldest goes: the device goes by the next, and what tied nobody any more parts. */
static void a_device_outlives_its_oldest_interface(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 1; i <= 3; i++)
		(void)take(port("s", 1, i, i, "", i, 9));
	commit();
	assert_string_equal(all(""), "01  6");
	begin(); /* a full report without the first */
	for (unsigned i = 2; i <= 3; i++) {
		char line[4096];

		snprintf(line, sizeof line, "%s", port("s", 1, 10 + i, i, "", i, 9));
		memcpy(strstr(line, "\"full\":false"), "\"full\": true", 12);
		assert_int_equal(take(line), TAKE_DONE);
	}
	assert_int_equal(take(other("end", 1, 20, "")), TAKE_DONE);
	commit();
	assert_string_equal(all(""), "02  5");
	assert_string_equal(whole(1), "");
	assert_non_null(strstr(counted(""), "all:1 "));
}

/* A key that more show than a device has interfaces is a default of the maker's: it parts all. */
static void a_key_of_too_many_ties_nobody(void **state)
{
	uint64_t count;

	(void)state;
	begin();
	for (unsigned i = 1; i <= 128; i++)
		(void)take(port("s", 1, i, i, "", 1, 200));
	commit();
	assert_true(store_count(store, &(struct query){0}, &count));
	assert_int_equal(count, 1);
	begin();
	for (unsigned i = 129; i <= 140; i++)
		(void)take(port("s", 1, i, i, "", 1, 201 - (i != 129)));
	commit();
	assert_true(store_count(store, &(struct query){0}, &count));
	assert_int_equal(count, 140);
	begin(); /* and with fewer they are one again */
	for (unsigned i = 130; i <= 140; i++)
		(void)take(port("s", 1, 1000 + i, i, "", 1, i));
	commit();
	assert_true(store_count(store, &(struct query){0}, &count));
	assert_int_equal(count, 13);
}

/* A file as the version before made it: tests/unit/data/inventory.3.sql, out of `sqlite3 .dump`. */
static void make_third_version(const char *more)
{
	char *sql = NULL;
	size_t len = 0;
	sqlite3 *db = NULL;
	FILE *const in = fopen(getenv("INVENTORY_SQL"), "r");

	assert_non_null(in);
	assert_true(getdelim(&sql, &len, '\0', in) > 0);
	fclose(in);
	(void)tear_down(NULL);
	(void)set_up(NULL);
	store_close(store); /* the log goes with it */
	store = NULL;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, more, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
	free(sql);
}

/* What it took from the third version to the first. */
static const char first_again[] =
	"DROP INDEX device_name; DROP INDEX device_ip; ALTER TABLE device DROP COLUMN ip_order;"
	"DROP INDEX term_devices; DROP TABLE tie; DROP TABLE activity; DROP TABLE mute;"
	"DROP INDEX change_unseen; ALTER TABLE change DROP COLUMN seen_ns;"
	"ALTER TABLE term DROP COLUMN devices; ALTER TABLE record DROP COLUMN bytes;"
	"ALTER TABLE record DROP COLUMN packets; ALTER TABLE record DROP COLUMN facets;"
	"ALTER TABLE device DROP COLUMN facets; ALTER TABLE device DROP COLUMN type;"
	"DELETE FROM has; DELETE FROM term WHERE field = 'subnet' OR field = '';"
	"PRAGMA user_version = 1";

static void an_older_file_becomes_todays(void **state)
{
	static const char *const from[] = {"", first_again};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(from); i++) {
		char why[STORE_WHY] = "";

		make_third_version(from[i]);
		store = store_open(path, true, why, sizeof why);
		if (store == NULL)
			fail_msg("%s", why);
		assert_string_equal(all(""), "01 port-one 12; 03 alone 9");
		assert_string_equal(all("subnet:10.0.0.0/24 name:alone"), "03 alone 9");
		assert_string_equal(whole(2),
		                    "1: 01 port-one 12 packets, 3 interfaces, seen by s,t, "
		                    "\"behind the rack\" core");
		assert_string_equal(all("owner:Ada"), "03 alone 9");
		assert_non_null(strstr(counted("packets:>0"), "0/Acme:2 "));
		assert_non_null(strstr(counted(""), "all:2 "));
		begin(); /* what was there counts as said */
		assert_int_equal(take(port("s", 1, 20, 2, "port-two", 8, 9)), TAKE_DONE);
		commit();
		assert_non_null(strstr(counted(""), "all:2 "));
		assert_string_equal(all("interfaces:3"),
		                    "02 port-two 13"); /* seen before the others */
	}
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
		TEST(counts_follow_what_comes_and_goes),
		TEST(what_a_device_sent_lies_in_its_hours),
		TEST(what_is_seen_or_muted_is_not_counted),
		TEST(interfaces_of_one_machine_are_one_device),
		TEST(two_sensors_of_a_port_count_once),
		TEST(any_order_of_ports_gives_the_same),
		TEST(who_names_another_chassis_parts),
		TEST(notes_of_both_are_kept),
		TEST(a_device_outlives_its_oldest_interface),
		TEST(a_key_of_too_many_ties_nobody),
		TEST(an_older_file_becomes_todays),
		TEST(a_later_version_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
