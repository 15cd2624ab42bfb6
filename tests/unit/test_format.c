/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_format.c - a device in the words of others says what it says in ours, and no more.
 */
#include "report/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINE(type, device)                                                                      \
	"{\"schema\":\"havainto/1\",\"type\":\"" type "\",\"sensor\":\"lab-1\",\"boot\":17,"    \
	"\"seq\":42,\"time\":\"2026-11-23T05:00:00.000000Z\",\"full\":false,\"device\":" device \
	"}"

static const char camera[] =
	LINE("device",
             "{\"mac\":\"02:00:00:00:00:aa\",\"realm\":\"vxlan:7\",\"vendor\":\"Axis\","
             "\"mac_kind\":\"universal\",\"name\":\"door\",\"os\":\"Debian 12\",\"model\":\"\","
             "\"type\":\"camera\",\"roles\":[\"web-server\"],"
             "\"first_seen\":\"1970-01-01T00:00:01.500000Z\","
             "\"last_seen\":\"1970-01-01T00:00:02.000000Z\",\"packets\":7,\"bytes\":700,"
             "\"facts\":[{\"kind\":\"address.ipv4\",\"value\":\"192.0.2.7\",\"grade\":\"owner\"},"
             "{\"kind\":\"address.ipv4\",\"value\":\"192.0.2.7\",\"grade\":\"local\"},"
             "{\"kind\":\"address.ipv4\",\"value\":\"198.51.100.1\",\"grade\":\"via\"},"
             "{\"kind\":\"service\",\"value\":\"tcp/80\"}]}");

static char *made(enum format format, const char *line)
{
	char *out;

	assert_true(format_line(format, "0.1.0", line, strlen(line), &out));
	return out;
}

static void expect(enum format format, const char *line, const char *want)
{
	char *const got = made(format, line);

	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void ocsf_has_class_5001(void **state)
{
	(void)state;
	expect(FORMAT_OCSF, camera,
	       "{\"activity_id\":2,\"activity_name\":\"Collect\",\"category_uid\":5,"
	       "\"category_name\":\"Discovery\",\"class_uid\":5001,"
	       "\"class_name\":\"Device Inventory Info\",\"type_uid\":500102,"
	       "\"type_name\":\"Device Inventory Info: Collect\",\"severity_id\":1,"
	       "\"severity\":\"Informational\",\"time\":1795410000000,"
	       "\"metadata\":{\"version\":\"1.4.0\",\"product\":{\"name\":\"havainto\","
	       "\"vendor_name\":\"havainto\",\"version\":\"0.1.0\"}},"
	       "\"device\":{\"uid\":\"vxlan:7/02:00:00:00:00:aa\",\"type_id\":7,\"type\":\"IOT\","
	       "\"name\":\"door\",\"hostname\":\"door\",\"mac\":\"02:00:00:00:00:aa\","
	       "\"ip\":\"192.0.2.7\",\"vendor_name\":\"Axis\","
	       "\"os\":{\"name\":\"Debian 12\",\"type_id\":200,\"type\":\"Linux\"},"
	       "\"first_seen_time\":1500,\"last_seen_time\":2000,"
	       "\"network_interfaces\":[{\"ip\":\"192.0.2.7\",\"type_id\":0,"
	       "\"mac\":\"02:00:00:00:00:aa\"}]},"
	       "\"unmapped\":{\"sensor\":\"lab-1\",\"realm\":\"vxlan:7\","
	       "\"mac_kind\":\"universal\",\"roles\":[\"web-server\"],"
	       "\"services\":[\"tcp/80\"],\"packets\":7,\"bytes\":700}}\n");
}

static void ecs_is_an_asset(void **state)
{
	(void)state;
	expect(FORMAT_ECS, camera,
	       "{\"@timestamp\":\"2026-11-23T05:00:00.000000Z\",\"ecs\":{\"version\":\"8.11.0\"},"
	       "\"event\":{\"kind\":\"asset\",\"category\":[\"host\"],\"type\":[\"info\"],"
	       "\"module\":\"havainto\",\"dataset\":\"havainto.device\","
	       "\"start\":\"1970-01-01T00:00:01.500000Z\","
	       "\"end\":\"1970-01-01T00:00:02.000000Z\"},"
	       "\"observer\":{\"name\":\"lab-1\",\"type\":\"sensor\",\"vendor\":\"havainto\","
	       "\"product\":\"havainto\",\"version\":\"0.1.0\"},"
	       "\"host\":{\"id\":\"vxlan:7/02:00:00:00:00:aa\",\"name\":\"door\","
	       "\"hostname\":\"door\",\"type\":\"camera\",\"mac\":[\"02-00-00-00-00-AA\"],"
	       "\"ip\":[\"192.0.2.7\"],\"os\":{\"full\":\"Debian 12\",\"type\":\"linux\"}},"
	       "\"device\":{\"id\":\"vxlan:7/02:00:00:00:00:aa\",\"manufacturer\":\"Axis\"},"
	       "\"havainto\":{\"realm\":\"vxlan:7\",\"mac_kind\":\"universal\","
	       "\"roles\":[\"web-server\"],\"services\":[\"tcp/80\"],\"packets\":7,"
	       "\"bytes\":700}}\n");
}

/* What a schema wants as a name of a host or as one of its numbers is not made up. */
static void what_is_not_known_is_not_said(void **state)
{
	char *const got =
		made(FORMAT_OCSF, LINE("device", "{\"ip\":\"198.51.100.1\",\"name\":\"<b> x\","
	                                         "\"type\":\"plc\",\"os\":\"RouterOS\"}"));

	(void)state;
	assert_non_null(strstr(got, "\"device\":{\"uid\":\"198.51.100.1\",\"type_id\":99,"
	                            "\"type\":\"plc\",\"name\":\"<b> x\",\"ip\":\"198.51.100.1\","
	                            "\"os\":{\"name\":\"RouterOS\",\"type_id\":99,"
	                            "\"type\":\"Other\"},"));
	assert_null(strstr(got, "hostname"));
	assert_null(strstr(got, "mac"));
	free(got);
}

static void lines_of_other_types_have_no_words(void **state)
{
	static const char end[] = LINE("end", "null");
	char *out;

	(void)state;
	assert_null(made(FORMAT_OCSF, end));
	assert_null(made(FORMAT_ECS, end));
	assert_false(format_line(FORMAT_ECS, "", "{}", 2, &out));
	assert_null(out);
}

static void a_format_is_named_before_the_colon(void **state)
{
	(void)state;
	assert_int_equal(format_by_prefix("ocsf:file:x"), FORMAT_OCSF);
	assert_int_equal(format_by_prefix("ecs:-"), FORMAT_ECS);
	assert_int_equal(format_by_prefix("ecs"), FORMATS);
	assert_int_equal(format_by_prefix("file:x"), FORMATS);
	assert_string_equal(format_name(FORMAT_OCSF), "ocsf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ocsf_has_class_5001),
		cmocka_unit_test(ecs_is_an_asset),
		cmocka_unit_test(what_is_not_known_is_not_said),
		cmocka_unit_test(lines_of_other_types_have_no_words),
		cmocka_unit_test(a_format_is_named_before_the_colon),
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
