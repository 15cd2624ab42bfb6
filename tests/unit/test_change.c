/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_change.c - changes are what is different at a mark from the last one: the same whatever the
 * order between.
 */
#include "base/clock.h"
#include "report_bed.h"

#define ONE "02:00:00:00:00:01"
#define TWO "02:00:00:00:00:02"
#define THREE "02:00:00:00:00:03"

static uint64_t start_of_the_bed(void)
{
	return BED_START;
}

static void tell(struct bed *b, struct said_fact s)
{
	bed_tell(b, 0, &s);
}

static void more(struct bed *b, struct said_fact s)
{
	bed_more(b, 0, &s);
}

/* Changes of a run as words: "new 02:00:00:00:00:01; ..." */
static char *changes_of(const char *text)
{
	json_t *const changes = lines_of(text, "change");
	char *const out = calloc(1, 1 << 16);
	json_t *c;
	size_t i;

	json_array_foreach(changes, i, c)
	{
		const bool has_mac = json_object_get(c, "mac") != NULL;
		strcat(out, text_in(c, "what"));
		strcat(strcat(out, " "), text_in(c, has_mac ? "mac" : "ip"));
		if (json_object_get(c, "address") != NULL)
			strcat(strcat(out, " "), text_in(c, "address"));
		if (text_in(c, "after")[0] != 0)
			strcat(strcat(strcat(strcat(out, " "), text_in(c, "before")), ">"),
			       text_in(c, "after"));
		if (json_is_true(json_object_get(c, "flip_flop")))
			strcat(out, " flip-flop");
		strcat(out, "; ");
	}
	json_decref(changes);
	return out;
}

static void changed(struct bed *b, const char *expected)
{
	char *const words = changes_of(bed_run(b));

	assert_string_equal(words, expected);
	free(words);
	bed_fini(b);
}

/* A run over files with an interval of 10 s, its first report over. */
static void begin(struct bed *b, enum run run)
{
	bed_init(b, 1, run);
	b->options.interval_ns = 10 * BED_SECOND;
	b->options.gone_ns = 60 * BED_SECOND;
	tell(b, seen(ONE, 1, 1));
	tell(b, address(ONE, "192.0.2.1", OWNER, 1, 2));
	tell(b, text_fact(ONE, NULL, FACT_NAME_HOST, "one", "dhcp"));
	bed_mark(b, 10);
}

static void the_first_report_of_a_file_makes_nothing_new(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	changed(&b, "");
}

static void a_device_that_appears_is_new_and_live_so_is_the_first(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, seen(TWO, 12, 1));
	bed_mark(&b, 20);
	changed(&b, "new " TWO "; ");
	begin(&b, RUN_LIVE);
	changed(&b, "new " ONE "; ");
}

static void an_address_more_is_added_and_told_once(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, address(ONE, "192.0.2.9", OWNER, 12, 12));
	tell(&b, address(ONE, "192.0.2.5", OWNER, 13, 13));
	bed_mark(&b, 20);
	tell(&b, address(ONE, "192.0.2.9", USES, 22, 22));
	bed_mark(&b, 30);
	changed(&b, "address-added " ONE " 192.0.2.5; address-added " ONE " 192.0.2.9; ");
}

static void a_name_that_changes_is_told_with_both(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	struct said_fact s = text_fact(ONE, NULL, FACT_NAME_HOST, "uno", "dhcp");
	s.first = s.last = 15;
	tell(&b, s);
	bed_mark(&b, 20);
	changed(&b, "name-changed " ONE " one>uno; ");
}

static void claims_one_after_the_other_are_a_move(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, address(TWO, "192.0.2.1", OWNER, 12, 15));
	bed_mark(&b, 20);
	changed(&b, "new " TWO "; address-moved " TWO " 192.0.2.1 " ONE ">" TWO "; ");
}

static void claims_that_overlap_are_a_duplicate_told_once(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, address(TWO, "192.0.2.1", OWNER, 12, 15));
	more(&b, address(ONE, "192.0.2.1", OWNER, 13, 14));
	bed_mark(&b, 20);
	more(&b, address(ONE, "192.0.2.1", OWNER, 22, 24));
	bed_mark(&b, 30);
	changed(&b, "new " TWO "; address-duplicate " TWO " 192.0.2.1 " ONE ">" TWO "; ");
}

static void an_overlap_with_three_claims_of_each_is_a_flip_flop(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	struct said_fact one = address(ONE, "192.0.2.1", OWNER, 1, 9),
			 two = address(TWO, "192.0.2.1", OWNER, 2, 8);
	one.count = two.count = 3;
	tell(&b, two);
	tell(&b, one);
	changed(&b, "address-duplicate " TWO " 192.0.2.1 " ONE ">" TWO " flip-flop; ");
}

static void the_same_address_in_two_segments_is_no_duplicate(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	struct said_fact s = address(TWO, "192.0.2.1", OWNER, 1, 5);
	s.vlan = 7;
	tell(&b, s);
	bed_mark(&b, 20);
	changed(&b, "new " TWO "; ");
}

static void a_virtual_mac_shares_its_address_by_design(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, address("00:00:5e:00:01:07", "192.0.2.1", OWNER, 1, 5));
	bed_mark(&b, 20);
	changed(&b, "new 00:00:5e:00:01:07; ");
}

static void a_live_device_that_is_silent_is_gone_and_comes_back(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_LIVE);
	bed_mark(&b, 100);
	more(&b, seen(ONE, 200, 1));
	bed_mark(&b, 201);
	changed(&b, "new " ONE "; gone " ONE "; back " ONE "; ");
}

static void in_a_file_nobody_is_gone(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, seen(TWO, 5000, 1));
	bed_mark(&b, 5001);
	changed(&b, "new " TWO "; ");
}

static void changes_of_many_devices_do_not_undo_each_others_hold(void **state)
{
	enum { DEVICES = 400, NAMES = 3 };
	static char macs[DEVICES][18];
	static const char *const names[NAMES] = {"one", "two", "three"};
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	for (unsigned n = 0; n < NAMES; n++) {
		for (unsigned i = 0; i < DEVICES; i++) {
			snprintf(macs[i], sizeof macs[i], "02:00:00:00:%02x:%02x", 1 + i / 256,
			         i % 256);
			struct said_fact s =
				text_fact(macs[i], NULL, FACT_NAME_HOST, names[n], "dhcp");
			s.first = s.last = 15 + 10 * n;
			tell(&b, s);
		}
		bed_mark(&b, 20 + 10 * n);
	}
	char *const words = changes_of(bed_run(&b));
	unsigned told = 0;
	for (const char *at = words; (at = strstr(at, "one>two")) != NULL; at++)
		told++;
	assert_int_equal(told, DEVICES);
	assert_null(strstr(words, "two>three"));
	free(words);
	bed_fini(&b);
}

static void the_same_change_is_held_for_a_minute(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	for (unsigned i = 0; i < 8; i++) { /* two names take turns every 10 s */
		struct said_fact s =
			text_fact(ONE, NULL, FACT_NAME_HOST, i % 2 == 0 ? "uno" : "one", "dhcp");
		s.first = s.last = 15 + 10 * i;
		if (i == 0)
			tell(&b, s);
		else
			more(&b, s);
		tell(&b, seen(i == 0 ? TWO : ONE, 15 + 10 * i, 1));
		s = text_fact(ONE, NULL, FACT_ROLE, i % 2 == 0 ? "a" : "b", "dhcp");
		s.vlan = (uint16_t)(i + 1);
		tell(&b, s);
		bed_mark(&b, 20 + 10 * i);
	}
	char *const words = changes_of(bed_run(&b));
	unsigned told = 0;
	for (const char *at = words; (at = strstr(at, "name-changed")) != NULL; at++)
		told++;
	assert_int_equal(told, 2); /* at 20 s, and again once the minute is over */
	free(words);
	bed_fini(&b);
}

static void far_public_hosts_make_no_change_and_private_ones_do(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, address(ONE, "198.51.100.9", USES, 12, 12));
	tell(&b, text_fact(ONE, "198.51.100.9", FACT_SSH_BANNER, "SSH-2.0-x", "ssh"));
	tell(&b, address(ONE, "10.0.0.9", USES, 12, 12));
	bed_mark(&b, 20);
	changed(&b, "new 10.0.0.9; ");
}

static void the_sinks_own_peers_make_no_change(void **state)
{
	struct ip quiet;
	struct bed b;

	(void)state;
	assert_true(ip_parse("192.0.2.50", &quiet));
	begin(&b, RUN_FILE);
	b.options.quiet = &quiet;
	b.options.quiet_count = 1;
	tell(&b, address(TWO, "192.0.2.50", OWNER, 12, 12));
	tell(&b, address(ONE, "192.0.2.50", OWNER, 14, 14));
	bed_mark(&b, 20);
	changed(&b, "");
}

static void a_peer_of_a_sink_is_not_gone_the_moment_it_appears(void **state)
{
	struct ip quiet;
	struct bed b;

	(void)state;
	assert_true(ip_parse("192.0.2.50", &quiet));
	begin(&b, RUN_LIVE);
	b.options.quiet = &quiet;
	b.options.quiet_count = 1;
	tell(&b, address(TWO, "192.0.2.50", OWNER, 12, 12));
	tell(&b, seen(THREE, 40, 1));
	bed_mark(&b, 41);
	bed_mark(&b, 61);
	bed_mark(&b, 101);
	changed(&b, "new " ONE "; new " THREE "; gone " ONE "; gone " TWO "; gone " THREE "; ");
}

static void changes_are_told_at_their_mark_in_the_order_of_records(void **state)
{
	struct bed b;
	json_t *c;
	size_t i;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, seen("02:00:00:00:00:09", 11, 1));
	tell(&b, seen("02:00:00:00:00:03", 19, 1));
	bed_mark(&b, 20);
	tell(&b, seen("02:00:00:00:00:04", 25, 1));
	bed_mark(&b, 30);
	json_t *const changes = lines_of(bed_run(&b), "change");
	static const char *const macs[] = {"02:00:00:00:00:03", "02:00:00:00:00:09",
	                                   "02:00:00:00:00:04"};
	static const char *const times[] = {"2023-11-14T22:13:40.000000Z",
	                                    "2023-11-14T22:13:40.000000Z",
	                                    "2023-11-14T22:13:50.000000Z"};
	assert_int_equal(json_array_size(changes), 3);
	json_array_foreach(changes, i, c)
	{
		assert_string_equal(text_in(c, "mac"), macs[i]);
		assert_string_equal(text_in(c, "time"), times[i]);
	}
	json_decref(changes);
	bed_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_report_of_a_file_makes_nothing_new),
		cmocka_unit_test(a_device_that_appears_is_new_and_live_so_is_the_first),
		cmocka_unit_test(an_address_more_is_added_and_told_once),
		cmocka_unit_test(a_name_that_changes_is_told_with_both),
		cmocka_unit_test(claims_one_after_the_other_are_a_move),
		cmocka_unit_test(claims_that_overlap_are_a_duplicate_told_once),
		cmocka_unit_test(an_overlap_with_three_claims_of_each_is_a_flip_flop),
		cmocka_unit_test(the_same_address_in_two_segments_is_no_duplicate),
		cmocka_unit_test(a_virtual_mac_shares_its_address_by_design),
		cmocka_unit_test(a_live_device_that_is_silent_is_gone_and_comes_back),
		cmocka_unit_test(in_a_file_nobody_is_gone),
		cmocka_unit_test(the_same_change_is_held_for_a_minute),
		cmocka_unit_test(changes_of_many_devices_do_not_undo_each_others_hold),
		cmocka_unit_test(far_public_hosts_make_no_change_and_private_ones_do),
		cmocka_unit_test(the_sinks_own_peers_make_no_change),
		cmocka_unit_test(a_peer_of_a_sink_is_not_gone_the_moment_it_appears),
		cmocka_unit_test(changes_are_told_at_their_mark_in_the_order_of_records),
	};

	clock_inject(start_of_the_bed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
