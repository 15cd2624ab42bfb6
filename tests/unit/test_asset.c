/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_asset.c - the tables say the same whatever the order in which facts came, stay within their
 * limits, and keep those who were there before under a flood.
 */
#include "asset/asset.h"
#include "asset/sort.h"
#include "asset/vendor.h"
#include "report_bed.h"

#define FACTS 400u

/* A small generator, so that a failure comes again. */
static uint32_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static uint32_t below(uint64_t *seed, uint32_t n)
{
	return next_random(seed) % n;
}

/* A network of a few devices that say all kinds of things. */
static void make_facts(struct said_fact facts[FACTS], uint64_t seed)
{
	static const char *const macs[] = {"02:00:00:00:00:01", "02:00:00:00:00:02",
	                                   "00:00:5e:00:01:07", "b8:27:eb:00:00:01", NULL};
	static const char *const ips[] = {"192.0.2.1", "192.0.2.2",   "10.0.0.9",   "198.51.100.7",
	                                  "fe80::1",   "2001:db8::5", "2001:db8::6"};
	static const char *const texts[] = {"router",   "dns-server",
	                                    "kitchen",  "kitchen.local",
	                                    "\xff\x01", "a much longer text than fits inline"};
	static const enum fact_kind kinds[] = {FACT_NAME_HOST, FACT_ROLE, FACT_SSH_BANNER,
	                                       FACT_TLS_SNI};

	for (unsigned i = 0; i < FACTS; i++) {
		const char *const mac = macs[below(&seed, COUNT_OF(macs))],
				  *const ip = ips[below(&seed, COUNT_OF(ips))];
		switch (below(&seed, 4)) {
		case 0:
			facts[i] = address(mac, ip, below(&seed, 2) == 0 ? OWNER : USES, 0, 0);
			break;
		case 1:
			facts[i] = hops(mac, ip, (uint8_t)(56 + below(&seed, 9)));
			break;
		case 2:
			facts[i] =
				mac != NULL ? seen(mac, 0, 1 + below(&seed, 5)) : hops(mac, ip, 64);
			break;
		default:
			facts[i] = text_fact(mac, ip, kinds[below(&seed, COUNT_OF(kinds))],
			                     texts[below(&seed, COUNT_OF(texts))],
			                     below(&seed, 2) == 0 ? "dhcp" : "mdns");
		}
		facts[i].first = below(&seed, 50);
		facts[i].last = facts[i].first + below(&seed, 50);
		facts[i].frame = facts[i].first * 3 + below(&seed, 3) + 1;
		facts[i].count = 1 + below(&seed, 4);
		facts[i].vlan = (uint16_t)(below(&seed, 3) == 0 ? 7 : 0);
	}
}

static void shuffle(struct said_fact facts[FACTS], uint64_t seed)
{
	for (unsigned i = FACTS - 1; i > 0; i--) {
		const unsigned k = below(&seed, i + 1);
		const struct said_fact f = facts[i];
		facts[i] = facts[k];
		facts[k] = f;
	}
}

/* The lines of a run without health, of which only the sums are promised. */
static char *lines_that_count(const char *text)
{
	char *const out = malloc(strlen(text) + 1), *at = out;

	for (const char *line = text; *line != 0;) {
		const size_t len = (size_t)(strchr(line, '\n') - line) + 1;
		const char *const health = strstr(line, "\"type\":\"health\"");
		if (health == NULL || health > line + len) {
			memcpy(at, line, len);
			at += len;
		}
		line += len;
	}
	*at = 0;
	return out;
}

/* Every fact told by a sender of the mix; split: in two parts, the second as MORE. */
static char *report_of(struct said_fact facts[FACTS], unsigned senders, bool split)
{
	struct bed b;

	bed_init(&b, senders, RUN_FILE);
	for (unsigned i = 0; i < FACTS; i++) {
		struct said_fact part = facts[i];
		if (split && part.count > 1) {
			part.count = 1;
			bed_tell(&b, i % senders, &part);
			part.count = facts[i].count - 1;
			bed_more(&b, i % senders, &part);
		} else {
			bed_tell(&b, i % senders, &part);
		}
	}
	char *const lines = lines_that_count(bed_run(&b));
	bed_fini(&b);
	return lines;
}

/* SEEN sums bytes: a part of it must carry its share, so that these cannot be split blindly. */
static void drop_bytes(struct said_fact facts[FACTS])
{
	for (unsigned i = 0; i < FACTS; i++)
		facts[i].wire = 0;
}

static void the_report_is_the_same_in_every_order(void **state)
{
	struct said_fact facts[FACTS];

	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		make_facts(facts, seed);
		drop_bytes(facts);
		char *const first = report_of(facts, 1, false);
		assert_true(strlen(first) > 1000);
		for (uint64_t order = 1; order <= 4; order++) {
			shuffle(facts, seed * 100 + order);
			char *const other = report_of(facts, 1 + (unsigned)order, order % 2 == 0);
			assert_string_equal(other, first);
			free(other);
		}
		free(first);
	}
}

/* ---- limits ---- */

static int tables(struct assets *a, struct asset_limits limits)
{
	const struct hash_key key = hash_key_fixed();

	return assets_init(a, &limits, &key);
}

static enum told tell_to(struct assets *a, struct said_fact s)
{
	const struct fact_item item = said_item(&s);

	return assets_tell(a, &item, said_value(&s), 0);
}

static void of_too_many_values_the_same_ones_stay_in_every_order(void **state)
{
	char first[64][24] = {{0}};
	unsigned kept_first = 0;

	(void)state;
	for (unsigned turn = 0; turn < 2; turn++) {
		struct assets a;
		unsigned kept = 0;
		assert_int_equal(tables(&a, (struct asset_limits){.values = 1 << 20}), 0);
		for (unsigned i = 0; i < 100; i++) {
			char name[24];
			snprintf(name, sizeof name, "name-%u-of-a-hundred", turn == 0 ? i : 99 - i);
			tell_to(&a,
			        text_fact("02:00:00:00:00:01", NULL, FACT_NAME_HOST, name, "dhcp"));
		}
		struct pack_walk walk = place_facts(&a, &a.places[1]);
		for (struct fact f; pack_next(&walk, &f); kept++) {
			bool found = turn == 0;
			if (turn == 0)
				memcpy(first[kept], f.value, f.len);
			for (unsigned i = 0; i < kept_first; i++)
				found |= strlen(first[i]) == f.len &&
				         memcmp(first[i], f.value, f.len) == 0;
			assert_true(found);
		}
		assert_int_equal(kept, fact_info(FACT_NAME_HOST)->keep);
		assert_int_equal(a.outcomes[TOLD_REFUSED], 100 - kept);
		kept_first = kept;
		assets_fini(&a);
	}
}

/*
 * One list of an address's places: each is the address's, knows who is before it, and is counted as
 * a record where it is one.
 */
static uint32_t list_is_whole(const struct assets *a, uint32_t address, uint32_t first,
                              uint32_t *records)
{
	uint32_t count = 0, before = 0;

	for (uint32_t i = first; i != 0; before = i, i = a->places[i].next_of_address, count++) {
		assert_int_equal(a->places[i].address, address);
		assert_int_equal(a->places[i].prev_of_address, before);
		assert_true(ip_equal(place_ip(a, &a->places[i]), &a->addresses.at[address].ip));
		*records += a->places[i].recorded;
	}
	return count;
}

static uint32_t notes_are_whole(const struct assets *a, uint32_t address)
{
	uint32_t records = 0;

	for (uint32_t i = a->addresses.at[address].notes; i != 0; i = a->places[i].next_of_address)
		assert_int_equal(a->places[i].device, 0);
	return list_is_whole(a, address, a->addresses.at[address].notes, &records);
}

static uint32_t carriers_are_whole(const struct assets *a, uint32_t address)
{
	const struct asset *const x = &a->addresses.at[address];
	uint32_t records = 0;
	const uint32_t notes = list_is_whole(a, address, x->notes, &records);
	const uint32_t carriers = list_is_whole(a, address, x->places, &records);

	for (uint32_t i = x->places; i != 0; i = a->places[i].next_of_address)
		assert_int_not_equal(a->places[i].device, 0);
	assert_int_equal(notes + carriers, x->place_count);
	assert_int_equal(records, x->records);
	return carriers;
}

static uint32_t facts_of(const struct assets *a, uint32_t place)
{
	struct pack_walk walk = place_facts(a, &a->places[place]);
	uint32_t count = 0;
	struct fact f;

	while (pack_next(&walk, &f)) {
		assert_true(f.support.first_ns <= f.support.last_ns && f.support.count > 0);
		assert_true(fact_fits(f.kind, f.len));
		count++;
	}
	return count;
}

/* Every entry is in its lists once, and nothing else is. */
static void is_whole(const struct assets *a)
{
	uint32_t devices = 0, places = 0, with_address = 0, facts = 0;

	for (uint32_t d = 1; d <= a->devices.used; d++) {
		const struct asset *const x = &a->devices.at[d];
		uint32_t count = 0;
		if (!x->used)
			continue;
		devices++;
		for (uint32_t i = x->places; i != 0; i = a->places[i].next_of_device, count++)
			assert_int_equal(a->places[i].device, d);
		assert_int_equal(count, x->place_count);
		places += count;
	}
	for (uint32_t d = 1; d <= a->addresses.used; d++) {
		if (!a->addresses.at[d].used)
			continue;
		const uint32_t notes = notes_are_whole(a, d);
		with_address += notes + carriers_are_whole(a, d);
		places += notes;
		assert_true(a->addresses.at[d].place_count > 0);
	}
	assert_int_equal(devices, a->devices.index.entries);
	assert_int_equal(places, a->place_index.entries);
	assert_true(with_address <= places);
	for (uint32_t d = 1; d <= a->devices.used; d++)
		for (uint32_t i = a->devices.at[d].used ? a->devices.at[d].places : 0; i != 0;
		     i = a->places[i].next_of_device)
			facts += facts_of(a, i);
	for (uint32_t d = 1; d <= a->addresses.used; d++)
		for (uint32_t i = a->addresses.at[d].used ? a->addresses.at[d].notes : 0; i != 0;
		     i = a->places[i].next_of_address)
			facts += facts_of(a, i);
	assert_int_equal(facts, a->packs.facts);
}

static struct said_fact random_mac(uint64_t *seed, char text[MAC_TEXT])
{
	struct mac mac = {{0x02}};

	for (unsigned i = 1; i < 6; i++)
		mac.b[i] = (uint8_t)next_random(seed);
	return seen(mac_format(mac, text), 5, 1);
}

static void a_flood_of_macs_does_not_push_out_who_was_there(void **state)
{
	struct assets a;
	uint64_t seed = 7;
	char text[MAC_TEXT];

	(void)state;
	assert_int_equal(tables(&a, (struct asset_limits){.devices = 1000,
	                                                  .addresses = 100,
	                                                  .places = 2000,
	                                                  .facts = 5000,
	                                                  .values = 1 << 20}),
	                 0);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(text, sizeof text, "b8:27:eb:00:00:%02x", i);
		tell_to(&a, seen(text, 1, 50));
	}
	for (unsigned i = 0; i < 100000; i++)
		tell_to(&a, random_mac(&seed, text));
	is_whole(&a);
	assert_int_equal(a.devices.index.entries, 1000);
	assert_int_equal(a.evicted, 100200 - 1000);
	const struct realm outside = {0};
	for (unsigned i = 0; i < 200; i++) {
		struct mac mac;
		snprintf(text, sizeof text, "b8:27:eb:00:00:%02x", i);
		assert_true(mac_parse(text, &mac));
		assert_int_not_equal(assets_device(&a, &outside, mac), 0);
	}
	assets_fini(&a);
}

static void tiny_limits_refuse_and_count_and_nothing_else(void **state)
{
	static const struct asset_limits tiny[] = {
		{.devices = 3, .addresses = 50, .places = 50, .facts = 50, .values = 4096},
		{.devices = 50, .addresses = 3, .places = 50, .facts = 50, .values = 4096},
		{.devices = 50, .addresses = 50, .places = 3, .facts = 50, .values = 4096},
		{.devices = 50, .addresses = 50, .places = 50, .facts = 3, .values = 4096},
		{.devices = 50,
	         .addresses = 50,
	         .places = 50,
	         .facts = 50,
	         .far = 2,
	         .values = 4096},
		{.devices = 50, .addresses = 50, .places = 50, .facts = 500, .values = 64},
	};
	struct said_fact facts[FACTS];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tiny); i++) {
		struct assets a;
		uint64_t sum = 0;
		assert_int_equal(tables(&a, tiny[i]), 0);
		make_facts(facts, 100 + i);
		for (unsigned f = 0; f < FACTS; f++) {
			tell_to(&a, facts[f]);
			is_whole(&a);
		}
		for (unsigned o = 0; o < TOLD_OUTCOMES; o++)
			sum += a.outcomes[o];
		assert_true(sum >= FACTS); /* a value that was displaced counts as refused too */
		assert_true(a.outcomes[TOLD_REFUSED] + a.evicted > 0);
		assert_true(a.packs.facts <= tiny[i].facts &&
		            a.place_index.entries <= tiny[i].places);
		assets_fini(&a);
	}
}

/* MACs that come and go over shared addresses: entries are freed and used again all the time. */
static void a_table_that_is_always_full_stays_whole(void **state)
{
	const struct asset_limits limits = {.devices = 40,
	                                    .addresses = 30,
	                                    .places = 90,
	                                    .facts = 150,
	                                    .far = 8,
	                                    .values = 8192};
	struct assets a;
	uint64_t seed = 11;
	char mac[MAC_TEXT], ip[IP_TEXT], name[48];

	(void)state;
	assert_int_equal(tables(&a, limits), 0);
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(mac, sizeof mac, "02:00:00:00:00:%02x", below(&seed, 200));
		snprintf(ip, sizeof ip, "10.0.0.%u", 1 + below(&seed, 60));
		snprintf(name, sizeof name, "a-name-of-some-length-%u", below(&seed, 500));
		struct said_fact s = below(&seed, 3) == 0 ? seen(mac, i, 1)
		                     : below(&seed, 2) == 0
		                             ? address(mac, ip, USES, i, i)
		                             : text_fact(below(&seed, 8) == 0 ? NULL : mac, ip,
		                                         FACT_NAME_HOST, name, "dhcp");
		s.first = s.last = i;
		tell_to(&a, s);
		if (i % 16 == 0)
			is_whole(&a);
	}
	is_whole(&a);
	assert_true(a.evicted > 100);
	assets_fini(&a);
}

static void more_of_an_unknown_fact_is_counted(void **state)
{
	const struct support s = {1, 2, 3, 4, 5};
	struct assets a;

	(void)state;
	assert_int_equal(tables(&a, (struct asset_limits){.values = 4096}), 0);
	assert_int_equal(assets_more(&a, 1, 12345, &s), TOLD_UNKNOWN);
	assert_int_equal(a.outcomes[TOLD_UNKNOWN], 1);
	assets_fini(&a);
}

/* ---- what a device costs ---- */

static size_t resident_bytes(void)
{
	size_t total = 0, resident = 0;
	FILE *const f = fopen("/proc/self/statm", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%zu %zu", &total, &resident), 2);
	fclose(f);
	return resident * 4096;
}

static void a_device_with_an_address_costs_at_most_600_bytes(void **state)
{
	static const unsigned devices = 100000;
	struct assets a;
	char mac[MAC_TEXT], ip[IP_TEXT];

	(void)state;
	assert_int_equal(tables(&a, (struct asset_limits){0}), 0);
	const size_t before = resident_bytes();
	for (unsigned i = 0; i < devices; i++) {
		snprintf(mac, sizeof mac, "02:00:00:%02x:%02x:%02x", i >> 16 & 255, i >> 8 & 255,
		         i & 255);
		snprintf(ip, sizeof ip, "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
		tell_to(&a, seen(mac, 1, 1));
		tell_to(&a, address(mac, ip, USES, 1, 1));
		tell_to(&a, hops(mac, ip, 64));
	}
	const size_t each = (resident_bytes() - before) / devices;
	print_message("%zu bytes a device\n", each);
	assert_true(each <= 600);
	assets_fini(&a);
}

/* ---- parts ---- */

static void vendors_go_by_the_longest_prefix(void **state)
{
	struct mac mac;

	(void)state;
	assert_true(mac_parse("00:00:0c:12:34:56", &mac));
	assert_string_equal(vendor_of(mac), "Cisco Systems, Inc");
	assert_true(mac_parse("02:00:0c:12:34:56", &mac)); /* made up locally */
	assert_string_equal(vendor_of(mac), "");
	assert_true(mac_parse("ff:ff:ff:ff:ff:ff", &mac));
	assert_string_equal(vendor_of(mac), "");
	assert_true(mac_parse("70:b3:d5:00:1f:01", &mac)); /* a block of 36 bits inside one of 24 */
	assert_string_equal(vendor_of(mac), "SOREDI touch systems GmbH");
	assert_true(mac_parse("70:b3:d5:00:0f:01", &mac)); /* the next block is not given out */
	assert_string_equal(vendor_of(mac), "IEEE Registration Authority");
}

static bool number_less(const void *of, uint32_t x, uint32_t y)
{
	(void)of;
	return x < y;
}

static void numbers_are_sorted_whatever_their_count(void **state)
{
	static const size_t counts[] = {0, 1, 2, 15, 16, 17, 1000};
	uint32_t numbers[1000];
	uint64_t seed = 3;

	(void)state;
	for (size_t c = 0; c < COUNT_OF(counts); c++) {
		uint64_t sum = 0;
		for (size_t i = 0; i < counts[c]; i++)
			sum += numbers[i] = below(&seed, 500);
		sort_numbers(numbers, counts[c], NULL, number_less);
		for (size_t i = 0; i < counts[c]; i++) {
			assert_true(i == 0 || numbers[i - 1] <= numbers[i]);
			sum -= numbers[i];
		}
		assert_int_equal(sum, 0);
	}
}

static bool key_then_number_less(const void *keys, uint32_t x, uint32_t y)
{
	(void)keys;
	return x < y;
}

static void keys_are_sorted_in(struct sort_key *keys, uint32_t count, uint64_t mask)
{
	uint64_t seed = 5, numbers = 0;

	for (uint32_t i = 0; i < count; i++) {
		const uint64_t high = next_random(&seed);
		keys[i] = (struct sort_key){(high << 32 | next_random(&seed)) & mask, count - i};
		numbers += count - i;
	}
	sort_keys(keys, count, NULL, key_then_number_less);
	for (uint32_t i = 0; i < count; i++) {
		numbers -= keys[i].number;
		assert_true(
			i == 0 || keys[i - 1].key < keys[i].key ||
			(keys[i - 1].key == keys[i].key && keys[i - 1].number < keys[i].number));
	}
	assert_int_equal(numbers, 0);
}

static void keys_are_sorted_and_equals_by_their_numbers(void **state)
{
	static const uint64_t masks[] = {UINT64_MAX, 0xff, UINT64_C(0xf000000000000000), 0};
	static const uint32_t counts[] = {1, 2, 8, 9, 16, 17, 100, 511, 512, 513, 3000};
	static struct sort_key keys[3000];

	(void)state;
	for (size_t m = 0; m < COUNT_OF(masks); m++)
		for (size_t c = 0; c < COUNT_OF(counts); c++)
			keys_are_sorted_in(keys, counts[c], masks[m]);
}

static void strings_are_kept_once_and_their_room_is_used_again(void **state)
{
	const struct hash_key key = hash_key_fixed();
	struct values v;
	uint32_t one, two, ref;
	size_t len;

	(void)state;
	assert_int_equal(values_init(&v, 1024, &key), 0);
	assert_true(values_hold(&v, (const uint8_t *)"kitchen", 7, &one));
	assert_true(values_hold(&v, (const uint8_t *)"kitchen", 7, &two));
	assert_int_equal(one, two);
	values_drop(&v, one);
	assert_memory_equal(values_get(&v, two, &len), "kitchen", 7);
	values_drop(&v, two);
	for (unsigned i = 0; i < 10000; i++) {
		uint8_t text[8];
		memcpy(text, &i, sizeof i);
		memcpy(text + 4, "abcd", 4);
		assert_true(values_hold(&v, text, sizeof text, &ref));
		values_drop(&v, ref);
	}
	for (unsigned i = 0; values_hold(&v, (const uint8_t *)&i, sizeof i, &ref); i++)
		assert_true(i < 1000); /* ends when the budget is used */
	assert_true(values_hold(&v, (const uint8_t *)"", 0, &ref));
	assert_int_equal(ref, 0);
	values_fini(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_report_is_the_same_in_every_order),
		cmocka_unit_test(of_too_many_values_the_same_ones_stay_in_every_order),
		cmocka_unit_test(a_flood_of_macs_does_not_push_out_who_was_there),
		cmocka_unit_test(tiny_limits_refuse_and_count_and_nothing_else),
		cmocka_unit_test(a_table_that_is_always_full_stays_whole),
		cmocka_unit_test(more_of_an_unknown_fact_is_counted),
		cmocka_unit_test(a_device_with_an_address_costs_at_most_600_bytes),
		cmocka_unit_test(vendors_go_by_the_longest_prefix),
		cmocka_unit_test(numbers_are_sorted_whatever_their_count),
		cmocka_unit_test(keys_are_sorted_and_equals_by_their_numbers),
		cmocka_unit_test(strings_are_kept_once_and_their_room_is_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
