/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_roster.c - who is accepted is one under one name; who waits fills no more than its places; files
 * that people write are read strictly, and at once.
 */
#include "manager/roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test_roster.XXXXXX", why[512], given[CERTIFICATE_NAME];

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static void remove_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	unlink(path);
}

static int empty_folder(void **state)
{
	(void)state;
	remove_file("sensors");
	remove_file("waiting");
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void write_sensors(const char *text)
{
	char path[128];

	snprintf(path, sizeof path, "%s/sensors", folder);
	FILE *const out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static struct roster *opened(void)
{
	struct roster *const r = roster_open(folder, why, sizeof why);

	assert_non_null(r);
	return r;
}

/* The n-th of many. */
static struct fingerprint print_of(unsigned n)
{
	return (struct fingerprint){.b = {(uint8_t)(n >> 8), (uint8_t)n}};
}

static struct sensor_entry entry_of(unsigned n, const char *name)
{
	struct sensor_entry e = {.who = print_of(n), .address = "192.0.2.7", .seen_ns = n + 1};

	snprintf(e.name, sizeof e.name, "%s", name);
	return e;
}

static void count_one(const struct sensor_entry *e, void *count)
{
	(void)e;
	++*(unsigned *)count;
}

static unsigned count_of(const struct roster *r, bool waiting)
{
	unsigned count = 0;

	roster_each(r, waiting, count_one, &count);
	return count;
}

static void who_waits_is_accepted_as_it_asks_or_as_is_said(void **state)
{
	struct roster *const r = opened();
	const struct sensor_entry one = entry_of(1, "attic"), two = entry_of(2, "");
	const struct fingerprint never = print_of(3);

	(void)state;
	roster_wait(r, &one);
	roster_wait(r, &two);
	assert_int_equal(count_of(r, true), 2);
	assert_null(roster_name(r, &one.who));
	assert_true(roster_accept(r, &one.who, NULL, given, why, sizeof why));
	assert_string_equal(given, "attic");
	assert_string_equal(roster_name(r, &one.who), "attic");
	assert_int_equal(count_of(r, true), 1);
	assert_false(roster_accept(r, &two.who, NULL, given, why, sizeof why));
	assert_non_null(strstr(why, "no name that could be one"));
	assert_false(roster_accept(r, &never, NULL, given, why, sizeof why));
	assert_non_null(strstr(why, "say --name NAME"));
	assert_true(roster_accept(r, &never, "cellar", given, why, sizeof why));
	assert_int_equal(count_of(r, false), 2);
	roster_free(r);
}

static void a_name_is_for_one_and_a_sensor_has_one_name(void **state)
{
	struct roster *const r = opened();
	const struct fingerprint one = print_of(1), two = print_of(2);

	(void)state;
	assert_true(roster_accept(r, &one, "attic", given, why, sizeof why));
	assert_false(roster_accept(r, &two, "attic", given, why, sizeof why));
	assert_non_null(strstr(why, "is the name of another"));
	assert_false(roster_accept(r, &one, "roof", given, why, sizeof why));
	assert_non_null(strstr(why, "accepted already, as attic"));
	assert_false(roster_accept(r, &two, "two words", given, why, sizeof why));
	assert_false(roster_revoke(r, "roof", why, sizeof why));
	assert_true(roster_revoke(r, "attic", why, sizeof why));
	assert_null(roster_name(r, &one));
	assert_true(roster_accept(r, &two, "attic", given, why, sizeof why));
	roster_free(r);
}

/* The running manager has another roster over the same files than who accepts. */
static void what_another_writes_is_read_at_once(void **state)
{
	struct roster *const running = opened(), *const command = opened();
	const struct fingerprint one = print_of(1);
	char text[FINGERPRINT_TEXT];

	(void)state;
	assert_false(roster_refresh(running));
	assert_true(roster_accept(command, &one, "attic", given, why, sizeof why));
	assert_true(roster_refresh(running));
	assert_string_equal(roster_name(running, &one), "attic");
	assert_false(roster_refresh(running));
	assert_true(roster_revoke(command, fingerprint_format(&one, text), why, sizeof why));
	assert_true(roster_refresh(running));
	assert_null(roster_name(running, &one));
	roster_free(running);
	roster_free(command);
}

static void a_broken_file_is_refused_whole(void **state)
{
	const struct fingerprint one = print_of(1);
	char line[FINGERPRINT_TEXT + 64], text[FINGERPRINT_TEXT];

	(void)state;
	fingerprint_format(&one, text);
	snprintf(line, sizeof line, "# by hand\n\n%s attic\n", text);
	write_sensors(line);
	struct roster *const r = opened();
	assert_string_equal(roster_name(r, &one), "attic");
	write_sensors("# nothing\nnonsense\n");
	assert_false(roster_refresh(r));
	assert_string_equal(roster_name(r, &one), "attic");
	assert_null(roster_open(folder, why, sizeof why));
	assert_non_null(strstr(why, "sensors:2: is no \"FINGERPRINT NAME\""));
	snprintf(line, sizeof line, "%s\n", text);
	write_sensors(line);
	assert_null(roster_open(folder, why, sizeof why));
	snprintf(line, sizeof line, "%s a/../b\n", text);
	write_sensors(line);
	assert_null(roster_open(folder, why, sizeof why));
	roster_free(r);
}

/* What a person wrote beside the lines stays. */
static void comments_outlive_a_revocation(void **state)
{
	char line[FINGERPRINT_TEXT + 64], text[FINGERPRINT_TEXT], path[128], got[512] = "";
	const struct fingerprint one = print_of(1);

	(void)state;
	snprintf(line, sizeof line, "# the roof\n%s attic\n", fingerprint_format(&one, text));
	write_sensors(line);
	struct roster *const r = opened();
	assert_true(roster_revoke(r, "attic", why, sizeof why));
	snprintf(path, sizeof path, "%s/sensors", folder);
	FILE *const in = fopen(path, "r");
	assert_non_null(in);
	assert_true(fread(got, 1, sizeof got - 1, in) > 0);
	fclose(in);
	assert_string_equal(got, "# the roof\n");
	roster_free(r);
}

static void strangers_have_so_many_places(void **state)
{
	struct roster *const r = opened();

	(void)state;
	for (unsigned n = 0; n < 3 * ROSTER_WAITING; n++) {
		const struct sensor_entry e = entry_of(n, "attic");
		roster_wait(r, &e);
	}
	assert_int_equal(count_of(r, true), ROSTER_WAITING);
	roster_free(r);
	struct roster *const again = opened();
	assert_int_equal(count_of(again, true), ROSTER_WAITING);
	roster_free(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(who_waits_is_accepted_as_it_asks_or_as_is_said,
	                               empty_folder),
		cmocka_unit_test_setup(a_name_is_for_one_and_a_sensor_has_one_name, empty_folder),
		cmocka_unit_test_setup(what_another_writes_is_read_at_once, empty_folder),
		cmocka_unit_test_setup(a_broken_file_is_refused_whole, empty_folder),
		cmocka_unit_test_setup(comments_outlive_a_revocation, empty_folder),
		cmocka_unit_test_setup_teardown(strangers_have_so_many_places, empty_folder,
	                                        empty_folder),
	};

	return cmocka_run_group_tests_name("roster", tests, make_folder, remove_folder);
}
