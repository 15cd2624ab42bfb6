/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_config.c - havainto.conf is taken whole or refused whole, with the line; the count of starts
 * survives.
 */
#include "cli/config.h"
#include "cli/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct config file;
static struct settings settings;
static char why[OPTIONS_WHY], folder[64], path[128];

static bool reads(const char *text, size_t len)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	fclose(out);
	why[0] = '\0';
	return config_read(path, &file, why);
}

static void assert_refused(const char *text, unsigned line, const char *says)
{
	char where[16];

	snprintf(where, sizeof where, ".conf:%u: ", line);
	if (reads(text, strlen(text)))
		fail_msg("taken: %s", text);
	if (!strstr(why, where) || !strstr(why, says))
		fail_msg("\"%s\" is not \"%s%s\"", why, where, says);
}

static void every_long_option_of_listen_is_a_key(void **state)
{
	char text[256];

	(void)state;
	for (int i = 0; i < OPTIONS; i++) {
		const struct option_info *o = &option_infos[i];

		if (!(o->commands & IN_LISTEN) || i == OPT_CONFIG || i == OPT_HELP)
			continue;
		snprintf(text, sizeof text, "%s = %s\n", o->name,
		         o->kind == KIND_FLAG                           ? "yes"
		         : o->kind == KIND_WORD                         ? "plain"
		         : o->kind == KIND_TEXT || o->kind == KIND_LIST ? "word"
		         : o->least <= 1 && o->most >= 1                ? "1"
		                                                        : "1000");
		if (!reads(text, strlen(text)))
			fail_msg("%s", why);
		assert_true(file.settings.of[i].given);
	}
}

static void values_comments_and_lists_are_read(void **state)
{
	static const char text[] =
		"# a comment\n; another\n\ninterface = eth0\ninterface=eth1\n"
		"filter = not port 22 ; ours\ninterval: 5\nlive = no\nring = 8\n";

	(void)state;
	assert_true(reads(text, strlen(text)));
	assert_int_equal(file.settings.of[OPT_INTERFACE].count, 2);
	assert_string_equal(file.settings.of[OPT_INTERFACE].list[1], "eth1");
	assert_string_equal(file.settings.of[OPT_FILTER].text, "not port 22");
	assert_true(file.settings.of[OPT_INTERVAL].seconds > 4.9);
	assert_false(file.settings.of[OPT_LIVE].number);
	assert_int_equal(file.settings.of[OPT_RING].number, 8u << 20);
}

static void what_is_wrong_refuses_the_file_with_its_line(void **state)
{
	char longest[400];

	(void)state;
	assert_refused("interval = 5\nintervall = 6\n", 2,
	               "there is no option \"intervall\"; is it \"interval\"?");
	assert_refused("interval = x\n", 1, "not a number of seconds");
	assert_refused("\n\ninterval = 5\ninterval = 6\n", 4, "interval was given before");
	assert_refused("[sensor]\ninterval = 5\n", 2, "there are no sections");
	assert_refused("interval = 5\njust words\n", 2, "not a line \"name = value\"");
	assert_refused("config = a\n", 1, "for the command line");
	assert_refused("help = yes\n", 1, "for the command line");
	assert_refused("sensor =\n", 1, "not a value");
	assert_refused("json = yes\n", 1, "there is no option \"json\"");
	assert_refused("sensor = a\n  b\n", 2, "begins with a space");
	memset(longest, 'x', sizeof longest);
	memcpy(longest, "sensor = ", 9);
	longest[sizeof longest - 1] = '\0';
	assert_refused(longest, 1, "longer than");
	assert_false(reads("sensor = a\0b\n", 13));
	assert_non_null(strstr(why, "a byte 0"));
}

static void a_file_that_is_not_there_is_said(void **state)
{
	(void)state;
	assert_false(config_read("/nonexistent/havainto.conf", &file, why));
	assert_non_null(strstr(why, "cannot read /nonexistent/havainto.conf: No such file"));
}

static void the_command_line_wins(void **state)
{
	static const char text[] =
		"interface = eth0\nsensor = file\nworkers = 3\noutput = file:/x\n";

	(void)state;
	assert_true(reads(text, strlen(text)));
	settings = (struct settings){0};
	assert_true(option_set(&settings, OPT_SENSOR, "line", why));
	assert_true(option_set(&settings, OPT_READ, "a.pcap", why));
	config_merge(&settings, &file.settings);
	assert_string_equal(settings.of[OPT_SENSOR].text, "line");
	assert_int_equal(settings.of[OPT_WORKERS].number, 3);
	assert_int_equal(settings.of[OPT_OUTPUT].count, 1);
	assert_false(settings.of[OPT_INTERFACE].given); /* a capture was named */
	assert_true(config_same(&settings, &file.settings, OPT_WORKERS));
	assert_false(config_same(&settings, &file.settings, OPT_SENSOR));
}

static void each_start_has_the_next_number(void **state)
{
	char where[96];
	uint64_t boot = 0;

	(void)state;
	snprintf(where, sizeof where, "%s/state", folder);
	assert_int_equal(state_boot(where, &boot, why, sizeof why), 0);
	assert_int_equal(boot, 1);
	assert_int_equal(state_boot(where, &boot, why, sizeof why), 0);
	assert_int_equal(boot, 2);
	snprintf(path, sizeof path, "%s/state/boot", folder);
	FILE *out = fopen(path, "w");
	fputs("what?\n", out);
	fclose(out);
	assert_true(state_boot(where, &boot, why, sizeof why) < 0); /* never 1 again by mistake */
	assert_non_null(strstr(why, "cannot count the start"));
}

static void the_privacy_key_stays(void **state)
{
	struct hash_key first = {0}, second = {0};
	char where[96];
	struct stat st;

	(void)state;
	snprintf(where, sizeof where, "%s/state", folder);
	assert_int_equal(state_privacy_key(where, &first, why, sizeof why), 0);
	assert_int_equal(state_privacy_key(where, &second, why, sizeof why), 0);
	assert_true(first.k0 == second.k0 && first.k1 == second.k1 && first.k0 != 0);
	snprintf(path, sizeof path, "%s/state/privacy.key", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static int begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/havainto-config.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/havainto.conf", folder);
	return 0;
}

static int end(void **state)
{
	static const char *const names[] = {"havainto.conf", "state/boot", "state/privacy.key",
	                                    "state", ""};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		remove(path);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_long_option_of_listen_is_a_key),
		cmocka_unit_test(values_comments_and_lists_are_read),
		cmocka_unit_test(what_is_wrong_refuses_the_file_with_its_line),
		cmocka_unit_test(a_file_that_is_not_there_is_said),
		cmocka_unit_test(the_command_line_wins),
		cmocka_unit_test(each_start_has_the_next_number),
		cmocka_unit_test(the_privacy_key_stays),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
