/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_infer.c - a report that was read back concludes what the sensor concluded, and tells why.
 */
#include "asset/infer/infer.h"
#include "report/facts_read.h"
#include "report_bed.h"

#define KITCHEN "02:00:00:00:00:aa"

static struct infer infer;

static void concluded(const struct known *facts, size_t count, const char *maker,
                      struct conclusions *out)
{
	infer_device(&infer, facts, count, maker, out);
}

static unsigned count_of(const struct conclusions *c, enum about about)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->count; i++)
		n += c->list[i].about == about;
	return n;
}

static void is_told(const struct conclusions *c, enum about about, const char *value)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->list[i].about == about && c->list[i].value.len == strlen(value) &&
		    memcmp(c->list[i].value.s, value, strlen(value)) == 0)
			return;
	fail_msg("%s is not %s", about_name(about), value);
}

static void tell(struct bed *b, struct said_fact s)
{
	bed_tell(b, 0, &s);
}

/* A device with reasons for and against, reported and read back. The facts point into *devices. */
static struct facts_read kitchen(struct bed *b, json_t **devices)
{
	struct facts_read read;

	bed_init(b, 1, RUN_FILE);
	tell(b, seen(KITCHEN, 0, 3));
	tell(b, address(KITCHEN, "192.0.2.7", OWNER, 1, 2));
	tell(b, hops(KITCHEN, "192.0.2.7", 64));
	tell(b, text_fact(KITCHEN, NULL, FACT_NAME_HOST, "kitchen", "dhcp"));
	tell(b, text_fact(KITCHEN, "192.0.2.7", FACT_NAME_HOST, "other.local", "mdns"));
	tell(b, text_fact(KITCHEN, "192.0.2.7", FACT_NAME_HOST, "kitchen.local", "mdns"));
	tell(b, text_fact(KITCHEN, NULL, FACT_LLDP_CAPABILITIES, "bridge,router", "lldp"));
	tell(b, text_fact(KITCHEN, "192.0.2.7", FACT_ROLE, "dns-server", "dns"));
	tell(b, text_fact(KITCHEN, NULL, FACT_SSH_BANNER,
	                  "a\xff"
	                  "b",
	                  "ssh"));
	*devices = lines_of(bed_run(b), "device");
	assert_int_equal(json_array_size(*devices), 1);
	assert_true(facts_read(json_object_get(json_array_get(*devices, 0), "device"), &read));
	return read;
}

static void a_record_that_was_read_concludes_what_the_sensor_did(void **state)
{
	static struct conclusions all;
	struct words name;
	struct bed b;
	json_t *devices;
	struct facts_read r = kitchen(&b, &devices);

	(void)state;
	assert_int_equal(r.count, 8);
	assert_int_equal(r.known[0].support.first_ns, BED_START + BED_SECOND);
	assert_true(infer_name(r.known, r.count, &name) >= 0);
	assert_int_equal(name.len, 7);
	assert_memory_equal(name.s, "kitchen", 7);
	concluded(r.known, r.count, "", &all);
	assert_int_equal(count_of(&all, ROLE), 3);
	is_told(&all, ROLE, "dns-server");
	is_told(&all, ROLE, "router");
	is_told(&all, ROLE, "switch");
	for (size_t i = 0; i < r.count; i++)
		if (r.known[i].kind == FACT_SSH_BANNER)
			assert_memory_equal(r.known[i].value,
			                    "a\xff"
			                    "b",
			                    3); /* from raw */
	facts_free(&r);
	json_decref(devices);
	bed_fini(&b);
}

static void why_gives_the_rules_for_and_against_and_their_evidence(void **state)
{
	struct because out[16];
	struct bed b;
	json_t *devices;
	struct facts_read r = kitchen(&b, &devices);
	const struct known *const facts = r.known;

	(void)state;
	size_t n = infer_why(&infer, facts, r.count, "", "name", out, COUNT_OF(out));
	assert_int_equal(n, 3);
	assert_false(out[0].against);
	assert_string_equal(facts[out[0].fact].by, "dhcp");
	assert_false(out[1].against); /* kitchen.local says the same */
	assert_true(out[2].against);
	assert_int_equal(facts[out[2].fact].len, strlen("other.local"));
	assert_int_equal(infer_why(&infer, facts, r.count, "", "role:switch", out, COUNT_OF(out)),
	                 1);
	assert_int_equal(facts[out[0].fact].kind, FACT_LLDP_CAPABILITIES);
	assert_int_equal(infer_why(&infer, facts, r.count, "", "roles", out, COUNT_OF(out)), 3);
	n = infer_why(&infer, facts, r.count, "", "192.0.2.7", out, COUNT_OF(out));
	assert_int_equal(n, 2);
	assert_int_equal(facts[out[0].fact].kind, FACT_IPV4);
	assert_int_equal(facts[out[1].fact].kind, FACT_TTL);
	assert_false(out[1].against);
	assert_int_equal(infer_why(&infer, facts, r.count, "", "192.0.2.9", out, COUNT_OF(out)), 0);
	assert_int_equal(infer_why(&infer, facts, r.count, "", "weather", out, COUNT_OF(out)), 0);
	assert_int_equal(infer_why(&infer, facts, r.count, "", "name", out, 1),
	                 1); /* no more than there is room for */
	facts_free(&r);
	json_decref(devices);
	bed_fini(&b);
}

static struct known named(const char *name, const char *by, uint64_t last_ns)
{
	return (struct known){.kind = FACT_NAME_HOST,
	                      .by = by,
	                      .value = (const uint8_t *)name,
	                      .len = strlen(name),
	                      .support = {.last_ns = last_ns}};
}

static struct known called(enum fact_kind kind, const char *name)
{
	struct known k = named(name, "x", 1);

	k.kind = kind;
	return k;
}

static void chosen(struct known a, struct known b, const char *expected)
{
	const struct known forth[2] = {a, b}, back[2] = {b, a};
	struct words name;

	assert_true(infer_name(forth, 2, &name) >= 0);
	assert_int_equal(name.len, strlen(expected));
	assert_memory_equal(name.s, expected, name.len);
	assert_true(infer_name(back, 2, &name) >= 0);
	assert_memory_equal(name.s, expected, strlen(expected));
}

static void the_best_source_names_then_the_last_then_the_greater(void **state)
{
	(void)state;
	chosen(named("old", "dhcp", 1), named("new.local", "mdns", 9), "old");
	chosen(named("old", "dhcp", 1), named("new", "dhcp", 9), "new");
	chosen(named("a", "dhcp", 1), named("b", "dhcp", 1), "b");
	chosen(named("x.local", "mdns", 1), named("", "dhcp", 9), "x");
	chosen(named("x.local.", "mdns", 1), named("y", "dns", 9), "x");
	chosen(named(".local", "mdns", 1), named("y", "dns", 9), ".local");
}

static void whatever_names_a_device_names_it(void **state)
{
	static const enum fact_kind weaker_first[] = {
		FACT_MDNS_INSTANCE,     FACT_WPS_DEVICE_NAME,  FACT_L2TP_HOST,
		FACT_TDS_HOST,          FACT_NTLM_HOST,        FACT_ZABBIX_HOST,
		FACT_SNMP_SYSNAME,      FACT_LDAP_HOST,        FACT_DEVICE_NAME,
		FACT_NTLM_DNS_COMPUTER, FACT_NTLM_NB_COMPUTER, FACT_NAME_HOST,
		FACT_PAGP_NAME,         FACT_CDP_DEVICE_ID,    FACT_CDP_SYSTEM_NAME,
		FACT_LLDP_SYSTEM_NAME};

	(void)state;
	for (size_t i = 1; i < COUNT_OF(weaker_first); i++)
		chosen(called(weaker_first[i - 1], "zz"), called(weaker_first[i], "a"), "a");
	chosen(called(FACT_WPS_DEVICE_NAME, "phone"), called(FACT_HTTP_SERVER, "x"), "phone");
	chosen(called(FACT_CAPWAP_NAME, "ap7"), called(FACT_NAME_HOST, "zz"), "ap7");
	chosen(called(FACT_CAPWAP_AC_NAME, "wlc"), called(FACT_SNMP_SYSNAME, "zz"), "wlc");
	chosen(called(FACT_BGP_HOSTNAME, "edge"), called(FACT_SNMP_SYSNAME, "zz"), "edge");
}

static void a_service_names_its_device_without_its_type(void **state)
{
	const struct known none = called(FACT_HTTP_SERVER, "x");

	(void)state;
	chosen(called(FACT_MDNS_INSTANCE, "Office Printer._ipp._tcp.local"), none,
	       "Office Printer");
	chosen(called(FACT_MDNS_INSTANCE, "Dr. Who's._raop._udp.local."), none, "Dr. Who's");
	chosen(called(FACT_MDNS_INSTANCE, "a._tcp.b._x._tcp.local"), none, "a._tcp.b");
	chosen(called(FACT_MDNS_INSTANCE, "._x._tcp.local"), none, "._x._tcp.local");
	chosen(called(FACT_MDNS_INSTANCE, "_x._tcp.local"), none, "_x._tcp.local");
	chosen(called(FACT_MDNS_INSTANCE, "plain"), none, "plain");
	chosen(called(FACT_MDNS_INSTANCE, "plain.local"), none, "plain.local");
}

static uint64_t signed_by(struct known a, struct known b, const char *maker)
{
	const struct known known[2] = {a, b};

	return infer_signature(&infer, known, 2, maker);
}

static void what_no_rule_matches_leaves_the_signature_as_it_is(void **state)
{
	static const char openssh[] = "SSH-2.0-OpenSSH_9.2p1 Debian-2";
	const struct known banner = called(FACT_SSH_BANNER, openssh),
			   name = called(FACT_NAME_HOST, "qqq-1");
	const uint64_t one = signed_by(banner, name, "Acme");
	struct known other = banner;

	(void)state;
	assert_true(one != 0);
	assert_true(signed_by(banner, called(FACT_NAME_HOST, "qqq-2"), "Acme") == one);
	assert_true(signed_by(name, banner, "Acme") == one);
	assert_true(signed_by(banner, name, "Acne") != one);
	assert_true(signed_by(banner, called(FACT_NAME_HOST, "DESKTOP-7QK2L0A"), "Acme") != one);
	other.by = "y";
	assert_true(signed_by(other, name, "Acme") != one);
	assert_true(signed_by(called(FACT_SSH_BANNER, "SSH-2.0-dropbear_2022.83"), name, "Acme") !=
	            one);
	assert_true(signed_by(banner, other, "Acme") != signed_by(other, banner, "Acme"));
}

static void no_fact_gives_no_name_and_no_conclusion(void **state)
{
	static struct conclusions all;
	const struct known none = {
		.kind = FACT_TTL, .by = "ipv4", .value = (const uint8_t *)"\0\0\0@", .len = 4};
	struct words name;

	(void)state;
	assert_int_equal(infer_name(&none, 1, &name), -1);
	assert_int_equal(name.len, 0);
	concluded(&none, 1, "", &all);
	assert_int_equal(all.count, 0);
}

static void who_tells_ways_or_gives_labels_is_a_router(void **state)
{
	const struct known said[] = {called(FACT_RIP_ROUTE, "192.0.2.0/24"),
	                             called(FACT_LDP_LSR_ID, "198.51.100.1")};
	static struct conclusions all;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		concluded(&said[i], 1, "", &all);
		assert_int_equal(count_of(&all, ROLE), 1);
		is_told(&all, ROLE, "router");
		is_told(&all, TYPE, "router");
	}
}

static struct known told(enum fact_kind kind, const char *value, const char *by)
{
	struct known k = called(kind, value);

	k.by = by;
	return k;
}

static void who_made_the_interface_made_the_device_unless_it_says_otherwise(void **state)
{
	const struct known camera = told(FACT_DEVICE_VENDOR, "Acme", "sadp");
	static struct conclusions all;

	(void)state;
	concluded(&camera, 0, "Example Modules Inc.", &all);
	is_told(&all, VENDOR, "Example Modules Inc.");
	assert_int_equal(all.list[0].confidence, 60);
	assert_null(all.list[0].rule);
	concluded(&camera, 1, "Example Modules Inc.", &all);
	is_told(&all, VENDOR, "Acme");
	const unsigned alone = all.list[0].confidence;
	concluded(&camera, 1, "ACME Corporation", &all); /* the same, by another name */
	is_told(&all, VENDOR, "Acme");
	assert_true(all.list[0].confidence > alone);
}

static void of_two_that_are_equally_strong_none_is_told(void **state)
{
	const struct known two[] = {told(FACT_DEVICE_MODEL, "Alpha", "sadp"),
	                            told(FACT_DEVICE_MODEL, "Beta", "dhip")};
	static struct conclusions all;

	(void)state;
	concluded(two, 1, "", &all);
	is_told(&all, MODEL, "Alpha");
	concluded(two, 2, "", &all);
	assert_int_equal(count_of(&all, MODEL), 0);
}

/* A step of a number that looks random and is not. */
static unsigned shuffled(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % below;
}

static void the_order_of_facts_does_not_matter(void **state)
{
	struct known facts[] = {
		told(FACT_DEVICE_MODEL, "Alpha", "sadp"),
		told(FACT_DEVICE_MODEL, "Beta", "dhip"),
		told(FACT_DEVICE_VENDOR, "Acme", "sadp"),
		told(FACT_DEVICE_VENDOR, "Acme Ltd", "dhip"),
		told(FACT_DEVICE_VENDOR, "Other", "wiz"),
		told(FACT_HTTP_SERVER, "nginx/1.22.1", "http"),
		told(FACT_ROLE, "dns-server", "dns"),
		told(FACT_LLDP_CAPABILITIES, "bridge", "lldp"),
		told(FACT_SSH_BANNER, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2", "ssh"),
	};
	static struct conclusions first, other;
	unsigned seed = 7;

	(void)state;
	concluded(facts, COUNT_OF(facts), "Maker", &first);
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned i = COUNT_OF(facts) - 1; i > 0; i--) {
			const unsigned at = shuffled(&seed, i + 1);
			const struct known k = facts[i];
			facts[i] = facts[at];
			facts[at] = k;
		}
		concluded(facts, COUNT_OF(facts), "Maker", &other);
		assert_int_equal(other.count, first.count);
		for (unsigned i = 0; i < first.count; i++) {
			assert_int_equal(other.list[i].confidence, first.list[i].confidence);
			assert_int_equal(other.list[i].value.len, first.list[i].value.len);
			assert_memory_equal(other.list[i].value.s, first.list[i].value.s,
			                    first.list[i].value.len);
		}
	}
}

static void a_user_agent_names_program_system_and_device(void **state)
{
	static const char agent[] =
		"Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 (KHTML, "
		"like Gecko) Chrome/112.0.0.0 Mobile Safari/537.36";
	const struct known k = told(FACT_HTTP_USER_AGENT, agent, "http");
	static struct conclusions all;

	(void)state;
	concluded(&k, 1, "", &all);
	is_told(&all, SOFTWARE, "Chrome Mobile");
	is_told(&all, OS, "Android");
	is_told(&all, MODEL, "SM-S901B");
	is_told(&all, VENDOR, "Samsung");
}

static void roles_beyond_the_room_are_left_out(void **state)
{
	static char words[200][8];
	static struct known facts[200];
	static struct conclusions all;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		snprintf(words[i], sizeof words[i], "r%03u", i);
		facts[i] = (struct known){
			.kind = FACT_ROLE, .by = "x", .value = (const uint8_t *)words[i], .len = 4};
	}
	concluded(facts, 200, "", &all);
	assert_int_equal(all.count, CONCLUSIONS_MAX);
	is_told(&all, ROLE, "r000");
}

static int prepare(void **state)
{
	(void)state;
	char why[RULES_WHY];

	return infer_init(&infer, NULL, why);
}

static int clear(void **state)
{
	(void)state;
	infer_fini(&infer);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_that_was_read_concludes_what_the_sensor_did),
		cmocka_unit_test(why_gives_the_rules_for_and_against_and_their_evidence),
		cmocka_unit_test(the_best_source_names_then_the_last_then_the_greater),
		cmocka_unit_test(whatever_names_a_device_names_it),
		cmocka_unit_test(a_service_names_its_device_without_its_type),
		cmocka_unit_test(what_no_rule_matches_leaves_the_signature_as_it_is),
		cmocka_unit_test(no_fact_gives_no_name_and_no_conclusion),
		cmocka_unit_test(who_tells_ways_or_gives_labels_is_a_router),
		cmocka_unit_test(who_made_the_interface_made_the_device_unless_it_says_otherwise),
		cmocka_unit_test(of_two_that_are_equally_strong_none_is_told),
		cmocka_unit_test(the_order_of_facts_does_not_matter),
		cmocka_unit_test(a_user_agent_names_program_system_and_device),
		cmocka_unit_test(roles_beyond_the_room_are_left_out),
	};

	return cmocka_run_group_tests(tests, prepare, clear);
}
