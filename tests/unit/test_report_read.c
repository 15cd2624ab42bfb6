/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_report_read.c - what was written is read back, and concludes the same; what is not of the schema is refused.
 */
#include "asset/infer.h"
#include "base/clock.h"
#include "report/read.h"
#include "report_bed.h"

#define KITCHEN "02:00:00:00:00:aa"

static void a_written_value_is_read_back(void **state)
{
	(void)state;
	for (unsigned k = FACT_NONE + 1; k < FACT_KINDS; k++) {
		for (size_t len = 0; len <= FACT_VALUE_MAX; len += len < 20 ? 1 : 251) {
			static uint8_t value[FACT_VALUE_MAX], back[FACT_VALUE_MAX];
			static char text[FACT_TEXT_MAX];
			size_t back_len = 0;
			if (!fact_fits((enum fact_kind)k, len))
				continue;
			for (size_t i = 0; i < len; i++)
				value[i] = (uint8_t)(i * 37 + len);
			if (fact_info((enum fact_kind)k)->value == VALUE_SERVICE)
				value[0] = 17;
			const size_t n = fact_format((enum fact_kind)k, value, len, text);
			assert_true(fact_parse((enum fact_kind)k, text, n, back, &back_len));
			assert_int_equal(back_len, len);
			assert_memory_equal(back, value, len);
		}
	}
}

static void what_is_never_written_so_is_not_read(void **state)
{
	static const struct {
		enum fact_kind kind;
		const char *text;
	} wrong[] = {
		{FACT_IPV4, "192.0.2"},
		{FACT_IPV4, "::1"},
		{FACT_IPV6, "192.0.2.1"},
		{FACT_IPV6, "fe80::1%eth0"},
		{FACT_VLAN, ""},
		{FACT_VLAN, "-1"},
		{FACT_VLAN, "4294967296"},
		{FACT_VLAN, "07"},
		{FACT_SERVICE, "tcp/"},
		{FACT_SERVICE, "tcp/65536"},
		{FACT_SERVICE, "sctp/1"},
		{FACT_SERVICE, "udp/5x"},
		{FACT_DHCP_PRL, "1,"},
		{FACT_DHCP_PRL, ",1"},
		{FACT_DHCP_PRL, "1,256"},
		{FACT_DHCP_PRL, "1 2"},
		{FACT_DHCP_CLIENT_ID, "0"},
		{FACT_DHCP_CLIENT_ID, "0G"},
		{FACT_DHCP_CLIENT_ID, "AB"},
		{FACT_SEEN, "x"},
	};
	uint8_t out[FACT_VALUE_MAX];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (fact_parse(wrong[i].kind, wrong[i].text, strlen(wrong[i].text), out, &len))
			fail_msg("%s was read as %s", wrong[i].text,
			         fact_info(wrong[i].kind)->wire);
}

static void a_written_time_is_read_back(void **state)
{
	static const uint64_t times[] = {0,
	                                 1000,
	                                 UINT64_C(951782400000000000),
	                                 UINT64_C(1700000000123456000),
	                                 UINT64_C(4102444799999999000),
	                                 UINT64_C(18446744073709551000)};
	static const char *const wrong[] = {"",
	                                    "2023-02-29T00:00:00.000000Z",
	                                    "2023-13-01T00:00:00.000000Z",
	                                    "2023-01-01T24:00:00.000000Z",
	                                    "2023-01-01T00:00:00Z",
	                                    "2023-01-01T00:00:00.000000Zx",
	                                    "2023-01-01 00:00:00.000000Z",
	                                    "1969-12-31T23:59:59.000000Z",
	                                    "2023-00-10T00:00:00.000000Z",
	                                    "2023-01-00T00:00:00.000000Z"};
	char text[TIME_TEXT];
	uint64_t back;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		assert_true(report_time(time_format(times[i], text), &back));
		assert_int_equal(back, times[i]);
	}
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(report_time(wrong[i], &back));
}

static void tell(struct bed *b, struct said_fact s)
{
	bed_tell(b, 0, &s);
}

/* A device with reasons for and against. The line is borrowed from *devices. */
static struct read_record *kitchen(struct bed *b, json_t **devices)
{
	char why[256] = "";

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
	struct read_record *const r = record_read(json_array_get(*devices, 0), why, sizeof why);
	if (r == NULL)
		fail_msg("%s", why);
	return r;
}

static void a_record_that_was_read_concludes_what_the_sensor_did(void **state)
{
	struct words roles[ROLES_MAX], name;
	struct bed b;
	json_t *devices;
	struct read_record *const r = kitchen(&b, &devices);

	(void)state;
	assert_int_equal(r->record.count, 8);
	assert_int_equal(r->record.packets, 3);
	assert_int_equal(r->record.first_ns, BED_START);
	assert_true(infer_name(r->record.facts, r->record.count, &name) >= 0);
	assert_int_equal(name.len, 7);
	assert_memory_equal(name.s, "kitchen", 7);
	assert_int_equal(infer_roles(r->record.facts, r->record.count, roles), 3);
	assert_memory_equal(roles[0].s, "dns-server", 10);
	assert_memory_equal(roles[1].s, "router", 6);
	assert_memory_equal(roles[2].s, "switch", 6);
	for (size_t i = 0; i < r->record.count; i++)
		if (r->record.facts[i].kind == FACT_SSH_BANNER)
			assert_memory_equal(r->record.facts[i].value,
			                    "a\xff"
			                    "b",
			                    3); /* from raw */
	record_read_free(r);
	json_decref(devices);
	bed_fini(&b);
}

static void why_gives_the_rules_for_and_against_and_their_evidence(void **state)
{
	struct because out[16];
	struct bed b;
	json_t *devices;
	struct read_record *const r = kitchen(&b, &devices);
	const struct known *const facts = r->record.facts;

	(void)state;
	size_t n = infer_why(facts, r->record.count, "name", out, COUNT_OF(out));
	assert_int_equal(n, 3);
	assert_false(out[0].against);
	assert_string_equal(facts[out[0].fact].by, "dhcp");
	assert_false(out[1].against); /* kitchen.local says the same */
	assert_true(out[2].against);
	assert_int_equal(facts[out[2].fact].len, strlen("other.local"));
	assert_int_equal(infer_why(facts, r->record.count, "role:switch", out, COUNT_OF(out)), 1);
	assert_int_equal(facts[out[0].fact].kind, FACT_LLDP_CAPABILITIES);
	assert_int_equal(infer_why(facts, r->record.count, "roles", out, COUNT_OF(out)), 3);
	n = infer_why(facts, r->record.count, "192.0.2.7", out, COUNT_OF(out));
	assert_int_equal(n, 2);
	assert_int_equal(facts[out[0].fact].kind, FACT_IPV4);
	assert_int_equal(facts[out[1].fact].kind, FACT_TTL);
	assert_false(out[1].against);
	assert_int_equal(infer_why(facts, r->record.count, "192.0.2.9", out, COUNT_OF(out)), 0);
	assert_int_equal(infer_why(facts, r->record.count, "weather", out, COUNT_OF(out)), 0);
	assert_int_equal(infer_why(facts, r->record.count, "name", out, 1),
	                 1); /* no more than there is room for */
	record_read_free(r);
	json_decref(devices);
	bed_fini(&b);
}

static void what_is_not_of_the_schema_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *line, *why;
	} wrong[] = {
		{"{}", "no device"},
		{"{\"device\":{}}", "no device"},
		{"{\"device\":7}", "no device"},
		{"{\"device\":{\"mac\":\"02:00:00:00:00:aa\",\"realm\":\"\",\"first_seen\":\"2023-11-14T22:13:20.000000Z\","
	         "\"last_seen\":\"x\",\"packets\":1,\"bytes\":1,\"facts\":[]}}",
	         "no device"},
		{"{\"device\":{\"mac\":\"02:00:00:00:00:aa\",\"realm\":\"\",\"first_seen\":\"2023-11-14T22:13:20.000000Z\","
	         "\"last_seen\":\"2023-11-14T22:13:20.000000Z\",\"packets\":1,\"bytes\":1,\"facts\":["
	         "{\"kind\":\"from.the.future\"},{\"kind\":\"vlan\",\"value\":\"x\",\"by\":\"vlan\",\"confidence\":1,"
	         "\"first_seen\":\"2023-11-14T22:13:20.000000Z\",\"frame\":1,"
	         "\"last_seen\":\"2023-11-14T22:13:20.000000Z\",\"count\":1}]}}",
	         "fact 2 (vlan)"},
		{"{\"device\":{\"realm\":\"\",\"first_seen\":\"2023-11-14T22:13:20.000000Z\","
	         "\"last_seen\":\"2023-11-14T22:13:20.000000Z\",\"packets\":1,\"bytes\":1,\"facts\":[]}}",
	         "no device"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		char why[256] = "";
		json_t *const line = json_loads(wrong[i].line, 0, NULL);
		assert_non_null(line);
		assert_null(record_read(line, why, sizeof why));
		if (strstr(why, wrong[i].why) == NULL)
			fail_msg("%zu: said \"%s\", not \"%s\"", i, why, wrong[i].why);
		json_decref(line);
	}
}

static void kinds_of_the_future_are_left_out_and_counted(void **state)
{
	char why[256] = "";
	json_t *const line = json_loads(
		"{\"device\":{\"ip\":\"192.0.2.9\",\"via\":\"02:00:00:00:00:aa\",\"realm\":\"gre\","
		"\"first_seen\":\"2023-11-14T22:13:20.000000Z\",\"last_seen\":\"2023-11-14T22:13:20.000000Z\","
		"\"packets\":1,\"bytes\":1,\"facts\":[{\"kind\":\"from.the.future\",\"value\":\"x\"}],\"facts_omitted\":3}}",
		0, NULL);
	struct read_record *const r = record_read(line, why, sizeof why);

	(void)state;
	assert_non_null(r);
	assert_int_equal(r->unknown, 1);
	assert_int_equal(r->record.count, 0);
	assert_int_equal(r->record.left_out, 3);
	assert_true(r->record.has_via && !r->record.has_mac);
	assert_int_equal(r->record.realm->len, 3);
	record_read_free(r);
	json_decref(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_written_value_is_read_back),
		cmocka_unit_test(what_is_never_written_so_is_not_read),
		cmocka_unit_test(a_written_time_is_read_back),
		cmocka_unit_test(a_record_that_was_read_concludes_what_the_sensor_did),
		cmocka_unit_test(why_gives_the_rules_for_and_against_and_their_evidence),
		cmocka_unit_test(what_is_not_of_the_schema_is_refused_with_its_place),
		cmocka_unit_test(kinds_of_the_future_are_left_out_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
