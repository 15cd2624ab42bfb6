/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_attribute.c - whose an address is: the rules by themselves, and over reports.
 */
#include "asset/attribute.h"
#include "report_bed.h"

static struct candidate candidate(const char *ip, bool claimed, uint8_t ttl)
{
	struct candidate c = {.claimed = claimed, .hops = ttl};

	assert_true(ip_parse(ip, &c.ip));
	return c;
}

/* Of up to three candidates: what each gets. */
static void judged(struct candidate a, struct candidate b, struct candidate c, enum carrier carrier,
                   enum reason ra, enum reason rb, enum reason rc)
{
	struct candidate in_order[3] = {a, b, c}, reversed[3] = {c, b, a};
	const enum reason expected[3] = {ra, rb, rc};

	attribute(in_order, 3, carrier);
	attribute(reversed, 3, carrier);
	for (int i = 0; i < 3; i++) {
		assert_string_equal(reason_text((enum reason)in_order[i].reason),
		                    reason_text(expected[i]));
		assert_int_equal(reversed[2 - i].reason, expected[i]);
		assert_int_equal(reversed[2 - i].view, in_order[i].view);
	}
}

static void one_unclaimed_address_is_the_macs_own(void **state)
{
	struct candidate one = candidate("192.0.2.7", false, 64);

	(void)state;
	attribute(&one, 1, CARRIER_PLAIN);
	assert_int_equal(one.view, VIEW_LOCAL);
	assert_int_equal(one.reason, NOTHING_AGAINST);
}

static void a_claim_makes_the_other_addresses_far(void **state)
{
	(void)state;
	judged(candidate("192.0.2.7", true, 64), candidate("198.51.100.9", false, 64),
	       candidate("192.0.2.8", true, 64), CARRIER_PLAIN, CLAIMED, CLAIMS_OTHER, CLAIMED);
}

static void a_claim_of_one_family_says_nothing_of_the_other(void **state)
{
	(void)state;
	judged(candidate("192.0.2.7", true, 64), candidate("2001:db8::1", false, 0),
	       candidate("192.0.2.8", true, 64), CARRIER_PLAIN, CLAIMED, NOTHING_AGAINST, CLAIMED);
}

static void a_link_local_claim_says_nothing_of_global_addresses(void **state)
{
	(void)state;
	judged(candidate("fe80::1", true, 255), candidate("2001:db8::1", false, 0),
	       candidate("fe80::2", false, 255), CARRIER_PLAIN, CLAIMED, NOTHING_AGAINST,
	       LINK_LOCAL);
}

static void a_lowered_ttl_proves_a_router(void **state)
{
	(void)state;
	judged(candidate("198.51.100.9", false, 57), candidate("192.0.2.7", false, 64),
	       candidate("203.0.113.5", false, 127), CARRIER_PLAIN, HOPS_LOWERED, NOTHING_AGAINST,
	       HOPS_LOWERED);
}

static void a_low_ttl_proves_nothing(void **state)
{
	struct candidate c[2] = {candidate("192.0.2.7", false, 1),
	                         candidate("192.0.2.8", true, 32)};

	(void)state;
	attribute(&c[0], 1, CARRIER_PLAIN);
	assert_int_equal(c[0].reason, NOTHING_AGAINST);
	attribute(&c[1], 1, CARRIER_PLAIN);
	assert_int_equal(c[1].reason, CLAIMED);
}

static void several_unclaimed_addresses_are_far(void **state)
{
	(void)state;
	judged(candidate("192.0.2.7", false, 64), candidate("192.0.2.8", false, 64),
	       candidate("fe80::1", false, 255), CARRIER_PLAIN, SEVERAL, SEVERAL, LINK_LOCAL);
}

static void temporary_ipv6_addresses_stay_with_their_host(void **state)
{
	(void)state;
	judged(candidate("2001:db8::1", true, 64), candidate("2001:db8::2", false, 64),
	       candidate("2001:db8::3", false, 57), CARRIER_PLAIN, CLAIMED, HOPS_WHOLE,
	       HOPS_LOWERED);
}

static void what_a_router_carries_is_far_but_not_its_own_address(void **state)
{
	struct candidate own = candidate("192.0.2.1", false, 64);

	(void)state;
	own.named_router = true;
	judged(own, candidate("198.51.100.9", false, 64), candidate("fe80::1", false, 64),
	       CARRIER_ROUTER, NAMED_ROUTER, BEHIND_ROUTER, LINK_LOCAL);
}

static void the_members_of_a_shared_mac_speak_for_themselves(void **state)
{
	(void)state;
	judged(candidate("192.0.2.1", false, 255), candidate("192.0.2.2", false, 0),
	       candidate("198.51.100.9", false, 57), CARRIER_SHARED, SHARED_MAC, SHARED_MAC,
	       HOPS_LOWERED);
}

/* ---- over reports ---- */

#define ROUTER "02:00:00:00:00:01"
#define HOST "02:00:00:00:00:aa"

static void tell(struct bed *b, struct said_fact s)
{
	bed_tell(b, 0, &s);
}

static void a_fact_moves_to_the_far_host_when_the_proof_comes_later(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	tell(&b, seen(ROUTER, 0, 10));
	tell(&b, address(ROUTER, "198.51.100.9", USES, 0, 3));
	tell(&b, text_fact(ROUTER, "198.51.100.9", FACT_SSH_BANNER, "SSH-2.0-far", "ssh"));
	tell(&b, address(ROUTER, "192.0.2.1", OWNER, 9, 9)); /* the proof */
	json_t *const devices = lines_of(bed_run(&b), "device");
	const json_t *const router = device_in(devices, ROUTER, NULL), *const far = device_in(
									       devices, NULL,
									       "198.51.100.9");
	assert_int_equal(json_array_size(devices), 2);
	assert_null(fact_in(router, "ssh.banner", "SSH-2.0-far"));
	assert_non_null(fact_in(far, "ssh.banner", "SSH-2.0-far"));
	assert_string_equal(text_in(far, "via"), ROUTER);
	assert_string_equal(text_in(fact_in(far, "address.ipv4", "198.51.100.9"), "grade"), "via");
	assert_string_equal(text_in(fact_in(router, "address.ipv4", "192.0.2.1"), "grade"),
	                    "owner");
	json_decref(devices);
	bed_fini(&b);
}

static void a_thousand_far_hosts_are_counted_of_one_router(void **state)
{
	struct bed b;
	char ip[IP_TEXT];

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	tell(&b, seen(ROUTER, 0, 5000));
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(ip, sizeof ip, "198.51.%u.%u", 100 + i / 250, 1 + i % 250);
		tell(&b, address(ROUTER, ip, USES, i, i));
		tell(&b, hops(ROUTER, ip, 57));
	}
	tell(&b, address(ROUTER, "10.1.2.3", USES, 3, 3)); /* private: a record of its own */
	tell(&b, hops(ROUTER, "10.1.2.3", 63));
	json_t *const devices = lines_of(bed_run(&b), "device");
	const json_t *const router = device_in(devices, ROUTER, NULL);
	assert_int_equal(json_array_size(devices), 2);
	assert_non_null(fact_in(router, "remote.hosts", "1000"));
	assert_int_equal(json_integer_value(
				 json_object_get(fact_in(router, "role.told", "router"), "count")),
	                 2002);
	assert_string_equal(json_string_value(json_array_get(json_object_get(router, "roles"), 0)),
	                    "router");
	assert_non_null(device_in(devices, NULL, "10.1.2.3"));
	json_decref(devices);
	bed_fini(&b);
}

static void what_is_told_of_an_address_alone_joins_its_owner_in_the_segment(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	tell(&b, text_fact(NULL, "192.0.2.1", FACT_ROLE, "router", "dhcp"));
	tell(&b, text_fact(NULL, "192.0.2.53", FACT_ROLE, "dns-server",
	                   "dhcp")); /* nobody has it: no device is invented */
	tell(&b, address(ROUTER, "192.0.2.1", OWNER, 0, 0));
	tell(&b,
	     address(ROUTER, "192.0.2.99", USES, 0, 0)); /* behind the router, since it is one */
	struct said_fact elsewhere = address(HOST, "192.0.2.1", OWNER, 0, 0);
	elsewhere.vlan = 7;
	tell(&b, elsewhere);
	json_t *const devices = lines_of(bed_run(&b), "device");
	assert_int_equal(json_array_size(devices), 2);
	assert_non_null(fact_in(device_in(devices, ROUTER, NULL), "role.told", "router"));
	assert_null(fact_in(device_in(devices, ROUTER, NULL), "role", "router"));
	assert_null(fact_in(device_in(devices, HOST, NULL), "role.told", "router"));
	json_decref(devices);
	bed_fini(&b);
}

static void a_link_without_macs_gives_records_of_addresses(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	struct said_fact s = address(NULL, "198.51.100.9", USES, 0, 0);
	s.count = 7;
	tell(&b, s);
	tell(&b, text_fact(NULL, "198.51.100.9", FACT_SSH_BANNER, "SSH-2.0-x", "ssh"));
	tell(&b, address(NULL, "127.0.0.1", USES, 0, 0));
	json_t *const devices = lines_of(bed_run(&b), "device");
	const json_t *const host = device_in(devices, NULL, "198.51.100.9");
	assert_int_equal(json_array_size(devices), 2);
	assert_null(json_object_get(host, "via"));
	assert_int_equal(json_integer_value(json_object_get(host, "packets")), 7);
	json_decref(devices);
	bed_fini(&b);
}

static void a_virtual_mac_is_a_router_and_owns_its_address(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	tell(&b, seen("00:00:5e:00:01:07", 0, 3));
	tell(&b, address("00:00:5e:00:01:07", "192.0.2.1", OWNER, 0, 0));
	tell(&b, address("00:00:5e:00:01:07", "192.0.2.2", USES, 0, 0));
	json_t *const devices = lines_of(bed_run(&b), "device");
	const json_t *const device = device_in(devices, "00:00:5e:00:01:07", NULL);
	assert_int_equal(json_array_size(devices), 1);
	assert_string_equal(text_in(device, "mac_kind"), "virtual");
	assert_string_equal(json_string_value(json_array_get(json_object_get(device, "roles"), 0)),
	                    "router");
	assert_string_equal(text_in(fact_in(device, "address.ipv4", "192.0.2.1"), "grade"),
	                    "owner");
	assert_string_equal(text_in(fact_in(device, "address.ipv4", "192.0.2.2"), "grade"),
	                    "local");
	json_decref(devices);
	bed_fini(&b);
}

static void group_and_zero_macs_are_no_devices(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	tell(&b, seen("01:00:5e:00:00:01", 0, 1));
	tell(&b, seen("00:00:00:00:00:00", 0, 1));
	tell(&b, seen(HOST, 0, 1));
	json_t *const devices = lines_of(bed_run(&b), "device");
	assert_int_equal(json_array_size(devices), 1);
	json_decref(devices);
	bed_fini(&b);
}

static void via_is_the_mac_that_carried_most_and_of_equals_the_smaller(void **state)
{
	static const unsigned counts[][2] = {{3, 9}, {9, 3}, {4, 4}};
	static const char *const expected[] = {HOST, ROUTER, ROUTER};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct bed b;
		bed_init(&b, 1, RUN_FILE);
		struct said_fact one = address(ROUTER, "10.1.2.3", USES, 0, 0),
				 two = address(HOST, "10.1.2.3", USES, 0, 0);
		one.count = counts[i][0];
		two.count = counts[i][1];
		tell(&b, one);
		tell(&b, two);
		tell(&b, hops(ROUTER, "10.1.2.3", 62));
		tell(&b, hops(HOST, "10.1.2.3", 61));
		json_t *const devices = lines_of(bed_run(&b), "device");
		assert_string_equal(text_in(device_in(devices, NULL, "10.1.2.3"), "via"),
		                    expected[i]);
		json_decref(devices);
		bed_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_unclaimed_address_is_the_macs_own),
		cmocka_unit_test(a_claim_makes_the_other_addresses_far),
		cmocka_unit_test(a_claim_of_one_family_says_nothing_of_the_other),
		cmocka_unit_test(a_link_local_claim_says_nothing_of_global_addresses),
		cmocka_unit_test(a_lowered_ttl_proves_a_router),
		cmocka_unit_test(a_low_ttl_proves_nothing),
		cmocka_unit_test(several_unclaimed_addresses_are_far),
		cmocka_unit_test(temporary_ipv6_addresses_stay_with_their_host),
		cmocka_unit_test(what_a_router_carries_is_far_but_not_its_own_address),
		cmocka_unit_test(a_fact_moves_to_the_far_host_when_the_proof_comes_later),
		cmocka_unit_test(a_thousand_far_hosts_are_counted_of_one_router),
		cmocka_unit_test(what_is_told_of_an_address_alone_joins_its_owner_in_the_segment),
		cmocka_unit_test(a_link_without_macs_gives_records_of_addresses),
		cmocka_unit_test(the_members_of_a_shared_mac_speak_for_themselves),
		cmocka_unit_test(a_virtual_mac_is_a_router_and_owns_its_address),
		cmocka_unit_test(group_and_zero_macs_are_no_devices),
		cmocka_unit_test(via_is_the_mac_that_carried_most_and_of_equals_the_smaller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
