/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_options.c - the table of options, how a command line is read by it, and which filters are
 * silent.
 */
#include "cli/command.h"
#include "cli/filter_words.h"
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct settings settings;
static char why[OPTIONS_WHY];

/* Words parted by spaces, behind the command's name. */
static bool parse(uint32_t command, const char *line)
{
	static char text[1024];
	char *argv[64] = {text}, *save = NULL;
	int argc = 1;

	settings = (struct settings){0};
	why[0] = '\0';
	snprintf(text, sizeof text, "listen %s", line);
	argv[0] = strtok_r(text, " ", &save);
	while ((argv[argc] = strtok_r(NULL, " ", &save)))
		argc++;
	return options_parse(&settings, command, argc, argv, why);
}

static void every_row_is_whole(void **state)
{
	(void)state;
	for (int i = 0; i < OPTIONS; i++) {
		const struct option_info *o = &option_infos[i];

		assert_non_null(o->name);
		assert_true(o->commands != 0);
		assert_true(o->help && o->help[strlen(o->help) - 1] == '.');
		assert_true((o->kind == KIND_FLAG) == (o->argument == NULL));
		assert_true((o->kind == KIND_WORD) == (o->words != NULL));
		if (o->kind == KIND_NUMBER || o->kind == KIND_BYTES || o->kind == KIND_SECONDS)
			assert_true(o->least < o->most);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(o->name, option_infos[k].name);
		for (int k = 0; k < i; k++)
			if (o->letter && (o->commands & option_infos[k].commands))
				assert_int_not_equal(o->letter, option_infos[k].letter);
	}
}

static void every_command_says_what_it_is(void **state)
{
	(void)state;
	for (unsigned i = 0; i < command_count; i++) {
		assert_non_null(commands[i].run);
		assert_true(*commands[i].about);
		assert_non_null(strchr(commands[i].examples, '\t'));
		assert_non_null(strstr(commands[i].examples, "havainto"));
		assert_true(commands[i].least <= commands[i].most);
		assert_ptr_equal(command_find(commands[i].name), &commands[i]);
	}
}

static void options_and_arguments_are_told_apart(void **state)
{
	(void)state;
	assert_true(parse(IN_LISTEN, "-r a.pcap -r b.pcap --interval 1.5 more --fixed-key -w4"));
	assert_int_equal(settings.of[OPT_READ].count, 2);
	assert_string_equal(settings.of[OPT_READ].list[1], "b.pcap");
	assert_true(settings.of[OPT_INTERVAL].seconds > 1.4 &&
	            settings.of[OPT_INTERVAL].seconds < 1.6);
	assert_int_equal(settings.of[OPT_WORKERS].number, 4);
	assert_true(settings.of[OPT_FIXED_KEY].number);
	assert_int_equal(settings.argument_count, 1);
	assert_string_equal(settings.arguments[0], "more");
	assert_true(parse(IN_LISTEN, "-o - -- -x"));
	assert_string_equal(settings.arguments[0], "-x");
}

static void what_is_wrong_is_said_with_what_would_be_right(void **state)
{
	static const struct {
		const char *line, *says;
	} table[] = {
		{"--intervall 3", "there is no option --intervall; is it --interval?"},
		{"--wrokers 3", "is it --workers?"},
		{"--zebra", "there is no option --zebra"},
		{"-Z", "there is no option -Z"},
		{"--interval", "--interval wants a value"},
		{"-r", "-r wants a value"},
		{"--fixed-key=3", "--fixed-key takes no value"},
		{"--workers 0", "a number from 1 to 32"},
		{"--workers 33", "a number from 1 to 32"},
		{"--workers 1.5", "a number from 1 to 32"},
		{"--workers 0x10", "a number from 1 to 32"},
		{"--workers -1", "a number from 1 to 32"},
		{"--workers nan", "a number from 1 to 32"},
		{"--interval 0", "seconds from 0.01"},
		{"--interval 1e9", "seconds from 0.01"},
		{"--interval inf", "seconds from 0.01"},
		{"--ring 1X", "a size in MiB"},
		{"--ring 8KB", "a size in MiB"},
		{"--privacy some", "one of: plain hashed"},
		{"--privacy plai", "one of: plain hashed"},
		{"--json", "there is no option --json"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		assert_false(parse(IN_LISTEN, table[i].line));
		if (!strstr(why, table[i].says))
			fail_msg("%s: %s", table[i].line, why);
	}
}

static void sizes_have_units(void **state)
{
	(void)state;
	assert_true(parse(IN_LISTEN,
	                  "--ring 8 --flow-memory 64K --value-memory 1G --stream-memory 1.5M"));
	assert_int_equal(settings.of[OPT_RING].number, 8u << 20);
	assert_int_equal(settings.of[OPT_FLOW_MEMORY].number, 64u << 10);
	assert_int_equal(settings.of[OPT_VALUE_MEMORY].number, 1u << 30);
	assert_int_equal(settings.of[OPT_STREAM_MEMORY].number, 3u << 19);
}

static void lists_have_an_end(void **state)
{
	char line[1024] = "";

	(void)state;
	for (int i = 0; i < 17; i++)
		strcat(line, "-o - ");
	assert_false(parse(IN_LISTEN, line));
	assert_non_null(strstr(why, "at most"));
}

static void near_words_are_found(void **state)
{
	(void)state;
	assert_int_equal(words_distance("listen", "listen"), 0);
	assert_int_equal(words_distance("lisetn", "listen"), 1);
	assert_int_equal(words_distance("", "abc"), 3);
	assert_string_equal(command_nearest("lisen"), "listen");
	assert_string_equal(command_nearest("stauts"), "status");
	assert_null(command_nearest("zzzzzz"));
	assert_null(command_nearest("mann")); /* is hidden */
}

static void filters_that_ask_nobody_pass(void **state)
{
	static const char *const table[] = {
		"",
		"arp",
		"tcp port 80",
		"tcp port http or https",
		"host 192.0.2.1 and not port 22",
		"net 10.0.0.0/8",
		"ether host 02:00:00:00:00:01",
		"ip6 host 2001:db8::1",
		"vlan 5 and udp",
		"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
		"ip proto \\icmp",
		"ether proto \\arp",
		"src net 192.168.1 and dst port 53",
		"portrange 1000-2000",
		"greater 100",
		"icmp[icmptype] == icmp-echo",
		"len <= 1500",
		"ether[0] & 1 = 0",
		"ip proto ospf",
		"llc",
		"not (broadcast or multicast)",
	};
	char word[128];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++)
		if (!filter_is_silent(table[i], word, sizeof word))
			fail_msg("%s: %s", table[i], word);
}

static void filters_with_names_of_hosts_do_not(void **state)
{
	static const struct {
		const char *text, *word;
	} table[] = {
		{"host www.example.com", "www.example.com"},
		{"src server and tcp", "server"},
		{"net home", "home"},
		{"tcp port 80 and host a", "a"},
		{"host 192.0.2.1 or printer", "printer"},
		{"gateway gw", "gw"},
		{"port no-such-port-name", "no-such-port-name"},
		{"ether host kitchen", "kitchen"},
		{"host \\tcp.example", "\\tcp.example"},
		{"host 1password.com", "1password.com"},
		{"dst host dead.beef.example", "dead.beef.example"},
	};
	char word[128];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (filter_is_silent(table[i].text, word, sizeof word))
			fail_msg("%s passed", table[i].text);
		assert_string_equal(word, table[i].word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(every_command_says_what_it_is),
		cmocka_unit_test(options_and_arguments_are_told_apart),
		cmocka_unit_test(what_is_wrong_is_said_with_what_would_be_right),
		cmocka_unit_test(sizes_have_units),
		cmocka_unit_test(lists_have_an_end),
		cmocka_unit_test(near_words_are_found),
		cmocka_unit_test(filters_that_ask_nobody_pass),
		cmocka_unit_test(filters_with_names_of_hosts_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
