/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_identity.c - which records are one device: what ties, what parts, and that the order in
 * which records come decides nothing.
 */
#include "asset/identity.h"

#include "asset/asset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RECORDS = 40, SHOWN = 8 };

/* A record as a test says it: facts whose values are texts or bytes. */
struct shown {
	enum fact_kind kind;
	const char *value;
	size_t len; /* 0: a text */
	const char *ip, *by;
	bool owner;
};
struct one_record {
	const char *mac;
	uint64_t first, last;
	struct shown shown[SHOWN];
};

static struct identity_id id_of(const char *mac)
{
	struct identity_id id = {0};

	assert_true(mac_parse(mac, &id.mac));
	return id;
}

static size_t facts_of(const struct one_record *r, struct known out[SHOWN])
{
	size_t n = 0;

	for (; n < SHOWN && r->shown[n].kind != FACT_NONE; n++) {
		const struct shown *const s = &r->shown[n];
		out[n] = (struct known){.kind = s->kind,
		                        .by = s->by != NULL ? s->by : "x",
		                        .view = s->owner ? VIEW_OWNER : VIEW_LOCAL,
		                        .value = (const uint8_t *)s->value,
		                        .len = s->len != 0 ? s->len : strlen(s->value)};
		if (s->ip != NULL)
			assert_true(ip_parse(s->ip, &out[n].ip));
	}
	return n;
}

static void put(struct identity *i, uint32_t member, const struct one_record *r)
{
	struct known facts[SHOWN];
	const size_t count = facts_of(r, facts);

	identity_put(i, member, r->first, r->last, facts, count);
}

static void world(struct identity *i, const struct one_record *records, size_t count,
                  uint32_t *members)
{
	assert_int_equal(identity_init(i, 64), 0);
	for (size_t r = 0; r < count; r++) {
		const struct identity_id id = id_of(records[r].mac);
		members[r] = identity_add(i, &id);
		assert_int_not_equal(members[r], IDENTITY_NONE);
		put(i, members[r], &records[r]);
	}
	identity_find(i);
}

/* One digit a record: which record is its group's oldest. Forth and back give the same. */
static void groups_are(const struct one_record *records, size_t count, const char *expected)
{
	struct one_record back[RECORDS];
	uint32_t members[RECORDS];
	struct identity i;

	for (size_t r = 0; r < count; r++)
		back[r] = records[count - 1 - r];
	for (unsigned turn = 0; turn < 2; turn++) {
		world(&i, turn == 0 ? records : back, count, members);
		for (size_t r = 0; r < count; r++) {
			const size_t at = turn == 0 ? r : count - 1 - r;
			const struct identity_id oldest = id_of(records[expected[r] - '0'].mac);
			const uint32_t group = identity_group_of(&i, members[at]);
			assert_int_equal(identity_id_compare(identity_id_of(&i, group), &oldest),
			                 0);
		}
		identity_fini(&i);
	}
}

#define A "02:00:00:00:00:0a"
#define B "02:00:00:00:00:0b"
#define C "02:00:00:00:00:0c"
#define D "02:00:00:00:00:0d"
#define BYTES(s) (s), sizeof(s) - 1
#define UUID1 "409cae6a-1e32-45ee-bd44-67c569ff202f"
#define UUID2 "c1af29d4-a3c6-36b7-55c2-e57e267cafb2"
#define KEY1 BYTES("\x82\x17\x14\xae\xef\xc5\x0a\x11\x48\x3e\xcf\x20\xd2\x85\x8a\x32")
#define DUID1 "\x00\x01\x00\x01\x32\x96\xb5\xf9\x02\x00\x00\x00\x00\xbb"
#define DUID2 "\x00\x01\x00\x01\x77\x12\x45\xa0\x02\x00\x00\x00\x00\xcc"

static void a_key_that_two_show_makes_them_one(void **state)
{
	const struct one_record records[] = {
		{A, 1, 9, {{.kind = FACT_SSH_HOST_KEY, KEY1, .ip = "192.168.1.2"}}},
		{B, 2, 8, {{.kind = FACT_SSH_HOST_KEY, KEY1, .ip = "192.168.1.3"}}},
		{C, 1, 9, {{.kind = FACT_SSH_BANNER, "SSH-2.0-x"}}},
	};

	(void)state;
	groups_are(records, 3, "002");
}

static void one_key_in_two_spellings_is_one(void **state)
{
	const struct one_record duids[] = {
		{A, 1, 4, {{.kind = FACT_DHCP6_DUID, BYTES(DUID1)}}},
		{B, 5, 9, {{.kind = FACT_DHCP_CLIENT_ID, BYTES("\xff\x01\x02\x03\x04" DUID1)}}},
		{C, 5, 9, {{.kind = FACT_DHCP_CLIENT_ID, BYTES("\x01\x02\x00\x00\x00\x00\x0a")}}},
	};
	const struct one_record uuids[] = {
		{A, 1, 9, {{.kind = FACT_SSDP_USN, "uuid:" UUID1 "::upnp:rootdevice"}}},
		{B, 2, 9, {{.kind = FACT_WSD_ID, "urn:uuid:" UUID1}}},
		{C, 3, 9, {{.kind = FACT_SMB_SERVER_GUID, "409CAE6A-1E32-45EE-BD44-67C569FF202F"}}},
		{D, 3, 9, {{.kind = FACT_PRINTER_ID, "urn:uuid:" UUID2}}},
	};

	(void)state;
	groups_are(duids, 3, "000"); /* C names A's own MAC */
	groups_are(uuids, 4, "0003");
}

static void what_a_device_has_one_of_parts_those_alive_at_once(void **state)
{
	const struct shown key = {.kind = FACT_SSH_HOST_KEY, KEY1};
	const struct shown one = {.kind = FACT_DHCP6_DUID, BYTES(DUID1)};
	const struct shown two = {.kind = FACT_DHCP6_DUID, BYTES(DUID2)};
	const struct one_record cloned[] = {{A, 1, 9, {key, one}}, {B, 2, 8, {key, two}}};
	const struct one_record again[] = {{A, 1, 4, {key, one}}, {B, 5, 8, {key, two}}};
	const struct one_record copied[] = {
		{A, 1, 9, {key, one}}, {B, 2, 8, {key, two}}, {C, 3, 9, {key}}};
	struct identity_key of_a, of_b;
	uint32_t members[2];
	struct identity i;

	(void)state;
	groups_are(cloned, 2, "01");
	groups_are(again, 2, "00");   /* installed anew, on another interface */
	groups_are(copied, 3, "012"); /* a key that was copied proves nothing of a third */
	world(&i, cloned, 2, members);
	assert_true(identity_against(&i, members[0], members[1], &of_a, &of_b));
	assert_int_equal(identity_key_kind(&of_a), FACT_DHCP6_DUID);
	assert_false(identity_key_equal(&of_a, &of_b));
	identity_fini(&i);
}

static void a_dock_goes_with_the_last_who_used_it(void **state)
{
	const struct shown one = {.kind = FACT_DHCP6_DUID, BYTES(DUID1)};
	const struct shown two = {.kind = FACT_DHCP6_DUID, BYTES(DUID2)};
	const struct one_record day[] = {
		{A, 1, 20, {one}}, {B, 2, 30, {two}}, {C, 3, 40, {one, two}}};

	(void)state;
	groups_are(day, 3, "011");
}

static void defaults_and_placeholders_tie_nobody(void **state)
{
	const struct shown zero = {.kind = FACT_DHCP_MACHINE_ID,
	                           BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")};
	const struct shown shared = {.kind = FACT_LLDP_CHASSIS_ID, "00:00:5e:00:01:07"};
	const struct one_record none[] = {{A, 1, 9, {zero, shared}}, {B, 1, 9, {zero, shared}}};
	struct one_record many[9];
	char macs[9][MAC_TEXT];

	(void)state;
	groups_are(none, 2, "01");
	for (unsigned i = 0; i < 9; i++) {
		snprintf(macs[i], sizeof macs[i], "02:00:00:00:01:%02x", i);
		many[i] = (struct one_record){
			macs[i], 1 + i, 20, {{.kind = FACT_SSH_HOST_KEY, KEY1}}};
	}
	groups_are(many, 8, "00000000");
	groups_are(many, 9, "012345678");
}

static void a_certificate_ties_where_it_is_the_devices_own(void **state)
{
	const struct shown key = {.kind = FACT_TLS_CERT_KEY, KEY1, .ip = "192.168.1.2"};
	const struct shown star = {
		.kind = FACT_TLS_CERT_NAME, "*.example.org", .ip = "192.168.1.2"};
	const struct shown far = {.kind = FACT_TLS_CERT_KEY, KEY1, .ip = "198.51.100.7"};
	const struct shown own = {.kind = FACT_IPV4, BYTES("\xc6\x33\x64\x07"), .owner = true};
	const struct one_record plain[] = {{A, 1, 9, {key}}, {B, 1, 9, {key}}};
	const struct one_record wild[] = {{A, 1, 9, {key, star}}, {B, 1, 9, {key, star}}};
	const struct one_record routers[] = {{A, 1, 9, {far}}, {B, 1, 9, {far}}};
	const struct one_record claimed[] = {{A, 1, 9, {far, own}}, {B, 1, 9, {key}}};

	(void)state;
	groups_are(plain, 2, "00");
	groups_are(wild, 2, "01");
	groups_are(routers, 2, "01");
	groups_are(claimed, 2, "00");
}

static void evidence_is_named_and_a_split_keeps_the_oldest(void **state)
{
	const struct shown key = {.kind = FACT_SSH_HOST_KEY, KEY1};
	struct one_record records[] = {{A, 3, 9, {key}}, {B, 2, 8, {key}}, {C, 1, 9, {key}}};
	struct identity_key ties[IDENTITY_KEYS];
	uint32_t m[3];
	struct identity i;

	(void)state;
	world(&i, records, 3, m);
	assert_int_equal(identity_group_of(&i, m[0]), m[2]);
	assert_int_equal(identity_group_size(&i, m[0]), 3);
	assert_int_equal(identity_ties(&i, m[0], ties), 1);
	assert_int_equal(identity_key_kind(&ties[0]), FACT_SSH_HOST_KEY);
	assert_string_equal(identity_key_text(&ties[0]), "the SSH host key");
	put(&i, m[0], &records[0]);
	assert_false(i.changed); /* nothing new: the groups stand */
	identity_drop(&i, m[2]);
	assert_true(i.changed);
	identity_find(&i);
	assert_int_equal(identity_group_of(&i, m[0]), m[1]);
	records[0].shown[1] = (struct shown){.kind = FACT_DHCP6_DUID, BYTES(DUID1)};
	records[1].shown[1] = (struct shown){.kind = FACT_DHCP6_DUID, BYTES(DUID2)};
	put(&i, m[0], &records[0]);
	put(&i, m[1], &records[1]);
	identity_find(&i);
	assert_int_equal(identity_group_of(&i, m[0]), m[0]);
	assert_int_equal(identity_group_of(&i, m[1]), m[1]);
	assert_int_equal(identity_ties(&i, m[0], ties), 0);
	identity_fini(&i);
}

static void what_has_no_room_is_counted(void **state)
{
	const struct identity_id id = id_of(A);
	struct identity i;

	(void)state;
	assert_int_equal(identity_init(&i, 1), 0);
	const uint32_t first = identity_add(&i, &id);
	assert_int_equal(identity_add(&i, &id), IDENTITY_NONE);
	assert_int_equal(i.refused, 1);
	identity_drop(&i, first);
	assert_int_equal(identity_add(&i, &id), first);
	identity_fini(&i);
}

/* ---- any order of records gives the same groups ---- */

static uint32_t seed = 1;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

/* Few values, so that much is shared, and contradicted. */
static void invent(struct one_record *r, unsigned number, char mac[MAC_TEXT])
{
	static const char *const hosts[] = {"one", "two", "three", "four"};
	static const char *const keys[] = {"host-key-1", "host-key-2", "host-key-3", "host-key-4",
	                                   "host-key-5", "host-key-6", "host-key-7"};
	static const char *const systems[] = {"02:00:00:00:02:01", "02:00:00:00:02:02",
	                                      "02:00:00:00:01:03", "02:00:00:00:01:04"};

	snprintf(mac, MAC_TEXT, "02:00:00:00:01:%02x", number);
	*r = (struct one_record){.mac = mac, .first = draw(50)};
	r->last = r->first + draw(60);
	for (unsigned s = 0; s < draw(5); s++) {
		const struct shown all[] = {
			{.kind = FACT_SSH_HOST_KEY, keys[draw(7)]},
			{.kind = FACT_TLS_CERT_KEY, keys[draw(7)]},
			{.kind = FACT_DHCP6_DUID, keys[draw(7)]},
			{.kind = FACT_NAME_HOST, hosts[draw(4)], .by = "dhcp"},
			{.kind = FACT_LLDP_CHASSIS_ID, systems[draw(4)]},
			{.kind = FACT_LACP_SYSTEM, systems[draw(4)]},
			{.kind = FACT_DEVICE_MAC, systems[draw(4)]},
		};
		r->shown[s] = all[draw(7)];
	}
}

static void any_order_gives_the_same_groups(void **state)
{
	struct one_record records[RECORDS];
	char macs[RECORDS][MAC_TEXT];
	uint32_t members[RECORDS], expected[RECORDS], at[RECORDS];
	unsigned joined = 0;
	struct identity i;

	(void)state;
	for (unsigned turn = 0; turn < 300; turn++) {
		for (unsigned r = 0; r < RECORDS; r++) {
			invent(&records[r], r, macs[r]);
			at[r] = r;
		}
		for (unsigned order = 0; order < 6; order++) {
			struct one_record shuffled[RECORDS];

			for (unsigned r = RECORDS - 1; order > 0 && r > 0; r--) {
				const unsigned other = draw(r + 1);
				const uint32_t swap = at[r];
				at[r] = at[other];
				at[other] = swap;
			}
			for (unsigned r = 0; r < RECORDS; r++)
				shuffled[r] = records[at[r]];
			world(&i, shuffled, RECORDS, members);
			for (unsigned r = 0; r < RECORDS; r++) {
				const uint32_t group = identity_group_of(&i, members[r]);
				const uint32_t oldest = identity_id_of(&i, group)->mac.b[5];
				if (order == 0)
					expected[at[r]] = oldest;
				assert_int_equal(oldest, expected[at[r]]);
				joined += oldest != at[r];
			}
			identity_fini(&i);
		}
	}
	assert_true(joined > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_that_two_show_makes_them_one),
		cmocka_unit_test(one_key_in_two_spellings_is_one),
		cmocka_unit_test(what_a_device_has_one_of_parts_those_alive_at_once),
		cmocka_unit_test(a_dock_goes_with_the_last_who_used_it),
		cmocka_unit_test(defaults_and_placeholders_tie_nobody),
		cmocka_unit_test(a_certificate_ties_where_it_is_the_devices_own),
		cmocka_unit_test(evidence_is_named_and_a_split_keeps_the_oldest),
		cmocka_unit_test(what_has_no_room_is_counted),
		cmocka_unit_test(any_order_gives_the_same_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
