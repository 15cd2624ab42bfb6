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

/* ---- who holds an address ---- */

#define GATEWAY "02:00:00:00:00:0f"
#define KEY "host-key-of-the-one"

/* A world with a gateway that leases name, TWO with an address of its own, and 10 s over. */
static void begin_with_gateway(struct bed *b)
{
	begin(b, RUN_FILE);
	tell(b, seen(GATEWAY, 1, 1));
	tell(b, address(GATEWAY, "192.0.2.254", OWNER, 1, 9));
	tell(b, text_fact(NULL, "192.0.2.254", FACT_ROLE, "router", "dhcp"));
	tell(b, seen(TWO, 1, 1));
	tell(b, address(TWO, "192.0.2.2", OWNER, 1, 9));
	bed_mark(b, 20);
}

static void another_mac_for_the_routers_address_is_another_gateway(void **state)
{
	struct bed b;

	(void)state;
	begin_with_gateway(&b);
	tell(&b, seen(THREE, 22, 1));
	tell(&b, address(THREE, "192.0.2.254", OWNER, 22, 23));
	bed_mark(&b, 30);
	changed(&b, "new " TWO "; new " GATEWAY "; new " THREE "; gateway-changed " THREE
	            " 192.0.2.254 " GATEWAY ">" THREE "; ");
}

static void who_claims_a_living_neighbours_address_beside_its_own_spoofs_once(void **state)
{
	struct bed b;

	(void)state;
	begin_with_gateway(&b);
	struct said_fact s = address(TWO, "192.0.2.254", OWNER, 22, 24);
	s.count = 2;
	tell(&b, s);
	more(&b, seen(GATEWAY, 25, 1));
	bed_mark(&b, 30);
	more(&b, address(GATEWAY, "192.0.2.254", OWNER, 31, 35));
	s.first = s.last = 36;
	more(&b, s);
	bed_mark(&b, 40);
	changed(&b, "new " TWO "; new " GATEWAY "; arp-spoofing " TWO " 192.0.2.254 " GATEWAY
	            ">" TWO "; ");
}

static void who_claims_an_address_made_of_a_living_neighbours_mac_spoofs(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, address(ONE, "fe80::ff:fe00:1", OWNER, 11, 12));
	tell(&b, seen(TWO, 12, 1));
	tell(&b, address(TWO, "fe80::ff:fe00:2", OWNER, 12, 12));
	bed_mark(&b, 20);
	struct said_fact s = address(TWO, "fe80::ff:fe00:1", OWNER, 22, 24);
	s.count = 2;
	tell(&b, s);
	more(&b, seen(ONE, 25, 1));
	bed_mark(&b, 30);
	changed(&b, "address-added " ONE " fe80::ff:fe00:1; new " TWO "; arp-spoofing " TWO
	            " fe80::ff:fe00:1 " ONE ">" TWO "; ");
}

static void an_address_that_is_nobodys_by_its_bits_is_a_duplicate(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, address(ONE, "2001:db8::1", OWNER, 11, 12));
	tell(&b, seen(TWO, 12, 1));
	tell(&b, address(TWO, "2001:db8::2", OWNER, 12, 12));
	bed_mark(&b, 20);
	struct said_fact s = address(TWO, "2001:db8::1", OWNER, 22, 24);
	s.count = 2;
	tell(&b, s);
	more(&b, address(ONE, "2001:db8::1", OWNER, 25, 25));
	bed_mark(&b, 30);
	changed(&b, "address-added " ONE " 2001:db8::1; new " TWO "; address-duplicate " TWO
	            " 2001:db8::1 " ONE ">" TWO "; ");
}

static void a_standby_that_takes_over_is_no_spoofer(void **state)
{
	struct bed b;

	(void)state;
	begin_with_gateway(&b);
	tell(&b, address(GATEWAY, "192.0.2.253", OWNER, 1, 19));
	struct said_fact s = address(TWO, "192.0.2.254", OWNER, 22, 24);
	s.count = 5;
	tell(&b, s);
	more(&b, seen(GATEWAY, 25, 1));
	bed_mark(&b, 30);
	changed(&b, "new " TWO "; new " GATEWAY "; address-added " GATEWAY
	            " 192.0.2.253; gateway-changed " TWO " 192.0.2.254 " GATEWAY ">" TWO "; ");
}

static void who_goes_on_using_an_address_that_another_claims_shares_it(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, seen(THREE, 12, 1));
	tell(&b, address(THREE, "192.0.2.1", OWNER, 12, 12));
	tell(&b, address(ONE, "192.0.2.1", USES, 2, 16));
	bed_mark(&b, 20);
	changed(&b, "new " THREE "; address-duplicate " THREE " 192.0.2.1 " ONE ">" THREE "; ");
}

static void a_new_claim_waits_until_it_can_be_judged(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_LIVE);
	tell(&b, seen(THREE, 12, 1));
	tell(&b, address(THREE, "192.0.2.1", OWNER, 12, 12));
	bed_mark(&b, 13); /* as yet it looks like a move */
	more(&b, address(ONE, "192.0.2.1", OWNER, 14, 14));
	bed_mark(&b, 15);
	bed_mark(&b, 16);
	changed(&b, "new " ONE "; new " THREE "; address-duplicate " THREE " 192.0.2.1 " ONE
	            ">" THREE "; ");
}

/* ---- who serves ---- */

static void serves(struct bed *b, const char *mac, const char *ip, const char *router, unsigned at)
{
	struct said_fact s = text_fact(mac, ip, FACT_ROLE, "dhcp-server", "dhcp");

	s.first = s.last = at;
	tell(b, s);
	s = text_fact(mac, ip, FACT_DHCP_ROUTER, router, "dhcp");
	s.first = s.last = at;
	tell(b, s);
}

static void a_second_dhcp_server_that_hands_out_another_network_is_rogue(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	serves(&b, TWO, "192.0.2.2", "192.0.2.254", 12);
	bed_mark(&b, 20);
	serves(&b, THREE, "192.0.2.3", "192.0.2.3", 22);
	bed_mark(&b, 30);
	bed_mark(&b, 40);
	changed(&b,
	        "new " TWO "; new " THREE "; rogue-dhcp " THREE " 192.0.2.3 " TWO ">" THREE "; ");
}

static void partners_that_were_always_two_or_hand_out_the_same_are_not(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	serves(&b, TWO, "192.0.2.2", "192.0.2.254", 12);
	serves(&b, THREE, "192.0.2.3", "192.0.2.3", 15); /* two seconds apart: always two */
	bed_mark(&b, 20);
	serves(&b, GATEWAY, "192.0.2.4", "192.0.2.254", 22);
	bed_mark(&b, 30);
	changed(&b, "new " TWO "; new " THREE "; new " GATEWAY "; ");
}

static void advertises(struct bed *b, const char *mac, const char *ip, const char *prefix,
                       unsigned at)
{
	struct said_fact s = text_fact(mac, ip, FACT_ROLE, "router", "icmpv6");

	s.first = s.last = at;
	tell(b, s);
	s = text_fact(mac, ip, FACT_NDP_PREFIX, prefix, "icmpv6");
	s.first = s.last = at;
	tell(b, s);
}

static void a_second_router_advertisement_is_rogue_in_its_segment(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	advertises(&b, TWO, "fe80::2", "2001:db8:1::/64", 12);
	bed_mark(&b, 20);
	advertises(&b, THREE, "fe80::3", "2001:db8:2::/64", 22);
	bed_mark(&b, 30);
	changed(&b, "new " TWO "; new " THREE "; rogue-ra " THREE " fe80::3 " TWO ">" THREE "; ");
}

static void a_file_in_one_report_is_judged_at_its_end(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	tell(&b, seen(TWO, 2, 1));
	advertises(&b, TWO, "fe80::2", "2001:db8:1::/64", 2);
	tell(&b, seen(THREE, 22, 1));
	advertises(&b, THREE, "fe80::3", "2001:db8:2::/64", 22);
	changed(&b, "rogue-ra " THREE " fe80::3 " TWO ">" THREE "; ");
}

static void routers_that_give_no_prefix_of_their_own_are_no_rogues(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	tell(&b, text_fact(GATEWAY, "fe80::4", FACT_ROLE, "router", "icmpv6"));
	bed_mark(&b, 11);
	advertises(&b, TWO, "fe80::2", "2001:db8:1::/64", 20); /* the first that gives any */
	bed_mark(&b, 25);
	struct said_fact s = text_fact(THREE, "fe80::3", FACT_ROLE, "router", "icmpv6");
	s.first = s.last = 30;
	tell(&b, s);
	bed_mark(&b, 40);
	bed_mark(&b, 50);
	changed(&b, "new " GATEWAY "; new " TWO "; new " THREE "; ");
}

static void one_that_routes_is_rogue_once_it_gives_a_prefix(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	advertises(&b, TWO, "fe80::2", "2001:db8:1::/64", 12);
	struct said_fact s = text_fact(THREE, "fe80::3", FACT_ROLE, "router", "icmpv6");
	s.first = s.last = 13;
	tell(&b, s);
	bed_mark(&b, 20);
	advertises(&b, THREE, "fe80::3", "2001:db8:2::/64", 30);
	bed_mark(&b, 40);
	changed(&b, "new " TWO "; new " THREE "; rogue-ra " THREE " fe80::3 " TWO ">" THREE "; ");
}

static void leases_of_ipv6_are_no_rivals_of_those_of_ipv4(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	serves(&b, TWO, "192.0.2.2", "192.0.2.254", 12);
	bed_mark(&b, 20);
	struct said_fact s = text_fact(THREE, "fe80::3", FACT_ROLE, "dhcp-server", "dhcp6");
	s.first = s.last = 22;
	tell(&b, s);
	bed_mark(&b, 30);
	bed_mark(&b, 40);
	changed(&b, "new " TWO "; new " THREE "; ");
}

/* ---- who is gone ---- */

/* ONE speaks every `gap` seconds until `end`. */
static void speaks(struct bed *b, unsigned gap, unsigned end)
{
	for (unsigned at = 10 + gap; at <= end; at += gap) {
		more(b, seen(ONE, at, 1));
		bed_mark(b, at + 1);
	}
}

static void a_device_is_gone_by_its_own_rhythm(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_LIVE);
	b.options.gone_ns = 300 * BED_SECOND;
	speaks(&b, 10, 110); /* three times ten seconds are less than a minute */
	bed_mark(&b, 169);
	bed_mark(&b, 171);
	changed(&b, "new " ONE "; gone " ONE "; ");
	begin(&b, RUN_LIVE);
	b.options.gone_ns = 300 * BED_SECOND;
	speaks(&b, 100, 410);
	bed_mark(&b, 709); /* silent for twice a hundred seconds, as a lamp may be */
	more(&b, seen(ONE, 709, 1));
	bed_mark(&b, 710);
	changed(&b, "new " ONE "; ");
}

static void who_has_a_lease_may_sleep_for_as_long_as_it_lasts(void **state)
{
	struct said_fact lease = {.mac = ONE,
	                          .kind = FACT_DHCP_LEASE,
	                          .by = "dhcp",
	                          .bytes = {0, 0, 14, 16},
	                          .len = 4,
	                          .first = 5,
	                          .last = 5};
	struct bed b;

	(void)state;
	begin(&b, RUN_LIVE);
	tell(&b, lease);
	bed_mark(&b, 11);
	bed_mark(&b, 3600);
	more(&b, seen(ONE, 3600, 1));
	bed_mark(&b, 3601);
	bed_mark(&b, 3900);
	changed(&b, "new " ONE "; gone " ONE "; ");
}

static void who_says_goodbye_and_is_silent_is_gone_at_once(void **state)
{
	struct said_fact leaves = text_fact(ONE, NULL, FACT_LEAVES, "dhcp", "dhcp");
	struct bed b;

	(void)state;
	begin(&b, RUN_LIVE);
	leaves.first = leaves.last = 20;
	tell(&b, leaves);
	bed_mark(&b, 21);
	bed_mark(&b, 26);
	more(&b, seen(ONE, 30, 1));
	bed_mark(&b, 31);
	bed_mark(&b, 60); /* it spoke again: the goodbye is over */
	changed(&b, "new " ONE "; gone " ONE "; back " ONE "; ");
}

/* ---- which records are one device ---- */

static void shows(struct bed *b, const char *mac, enum fact_kind kind, const char *key, unsigned at)
{
	struct said_fact s = text_fact(mac, NULL, kind, key, "ssh");

	s.first = at;
	s.last = at + 5;
	tell(b, s);
}

static void records_that_show_one_key_are_joined_and_parted_when_contradicted(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	shows(&b, ONE, FACT_SSH_HOST_KEY, KEY, 2);
	tell(&b, seen(TWO, 12, 1));
	shows(&b, TWO, FACT_SSH_HOST_KEY, KEY, 12);
	bed_mark(&b, 20);
	shows(&b, ONE, FACT_DHCP6_DUID, "one-of-them", 22);
	shows(&b, TWO, FACT_DHCP6_DUID, "the-other-one", 22);
	bed_mark(&b, 30);
	json_t *const changes = lines_of(bed_run(&b), "change");
	assert_int_equal(json_array_size(changes), 3);
	static const char *const what[] = {"new", "joined", "split"};
	static const char *const key[] = {"", "ssh.host_key", "dhcp6.duid"};
	for (size_t i = 0; i < 3; i++) {
		json_t *const c = json_array_get(changes, i);
		assert_string_equal(text_in(c, "what"), what[i]);
		assert_string_equal(text_in(c, "mac"), TWO);
		json_t *const first = json_array_get(json_object_get(c, "keys"), 0);
		assert_string_equal(first ? text_in(first, "kind") : "", key[i]);
	}
	assert_string_equal(text_in(json_array_get(changes, 1), "after"), ONE);
	assert_string_equal(text_in(json_array_get(changes, 2), "before"), ONE);
	json_decref(changes);
	bed_fini(&b);
}

static void interfaces_of_one_device_may_take_turns_with_an_address(void **state)
{
	struct bed b;

	(void)state;
	begin(&b, RUN_FILE);
	shows(&b, ONE, FACT_SSH_HOST_KEY, KEY, 2);
	bed_mark(&b, 11);
	tell(&b, seen(TWO, 12, 1));
	shows(&b, TWO, FACT_SSH_HOST_KEY, KEY, 12);
	tell(&b, address(TWO, "192.0.2.1", OWNER, 12, 15));
	more(&b, address(ONE, "192.0.2.1", OWNER, 18, 19));
	bed_mark(&b, 30);
	char *const words = changes_of(bed_run(&b));
	assert_non_null(strstr(words, "joined " TWO));
	assert_null(strstr(words, "address-duplicate"));
	free(words);
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
		cmocka_unit_test(another_mac_for_the_routers_address_is_another_gateway),
		cmocka_unit_test(who_claims_a_living_neighbours_address_beside_its_own_spoofs_once),
		cmocka_unit_test(who_claims_an_address_made_of_a_living_neighbours_mac_spoofs),
		cmocka_unit_test(an_address_that_is_nobodys_by_its_bits_is_a_duplicate),
		cmocka_unit_test(a_file_in_one_report_is_judged_at_its_end),
		cmocka_unit_test(a_standby_that_takes_over_is_no_spoofer),
		cmocka_unit_test(who_goes_on_using_an_address_that_another_claims_shares_it),
		cmocka_unit_test(a_new_claim_waits_until_it_can_be_judged),
		cmocka_unit_test(a_second_dhcp_server_that_hands_out_another_network_is_rogue),
		cmocka_unit_test(partners_that_were_always_two_or_hand_out_the_same_are_not),
		cmocka_unit_test(a_second_router_advertisement_is_rogue_in_its_segment),
		cmocka_unit_test(routers_that_give_no_prefix_of_their_own_are_no_rogues),
		cmocka_unit_test(one_that_routes_is_rogue_once_it_gives_a_prefix),
		cmocka_unit_test(leases_of_ipv6_are_no_rivals_of_those_of_ipv4),
		cmocka_unit_test(a_device_is_gone_by_its_own_rhythm),
		cmocka_unit_test(who_has_a_lease_may_sleep_for_as_long_as_it_lasts),
		cmocka_unit_test(who_says_goodbye_and_is_silent_is_gone_at_once),
		cmocka_unit_test(records_that_show_one_key_are_joined_and_parted_when_contradicted),
		cmocka_unit_test(interfaces_of_one_device_may_take_turns_with_an_address),
	};

	clock_inject(start_of_the_bed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
