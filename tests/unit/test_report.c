/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_report.c - every line is JSON of the schema with its keys in order, whatever devices call
 * themselves.
 */
#include "report/schema.h"
#include "report_bed.h"

#include <pthread.h>
#include <regex.h>
#include <stdatomic.h>

#define KITCHEN "02:00:00:00:00:aa"

static void tell(struct bed *b, struct said_fact s)
{
	bed_tell(b, 0, &s);
}

/* ---- the schema ---- */

static json_t *schema(bool all)
{
	static char text[1 << 20];
	json_error_t error;
	struct emit j;

	emit_begin(&j, text, sizeof text);
	write_schema(&j, all);
	assert_false(j.full);
	json_t *const parsed = json_loadb(text, j.len, JSON_REJECT_DUPLICATES, &error);
	if (parsed == NULL)
		fail_msg("%s at %d", error.text, error.position);
	return parsed;
}

static void valid(const json_t *root, const json_t *shape, json_t *value);

static bool same_word(const json_t *words, const char *word)
{
	size_t i;
	json_t *w;

	json_array_foreach(words, i, w) if (strcmp(json_string_value(w), word) == 0) return true;
	return false;
}

static void valid_text(const json_t *shape, const json_t *value)
{
	const char *const pattern = json_string_value(json_object_get(shape, "pattern"));
	const json_t *const words = json_object_get(shape, "enum");
	regex_t regex;

	assert_true(json_is_string(value));
	if (words != NULL && !same_word(words, json_string_value(value)))
		fail_msg("%s is not one of the words", json_string_value(value));
	if (pattern == NULL)
		return;
	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&regex, json_string_value(value), 0, NULL, 0) != 0)
		fail_msg("%s does not match %s", json_string_value(value), pattern);
	regfree(&regex);
}

/* Keys in the order of the properties, none unknown, none of the required missing. */
static void valid_object(const json_t *root, const json_t *shape, json_t *value)
{
	json_t *const properties = json_object_get(shape, "properties");
	json_t *const more = json_object_get(shape, "additionalProperties");
	void *place = properties == NULL ? NULL : json_object_iter(properties);
	const char *key;
	json_t *member;
	size_t i;

	assert_true(json_is_object(value));
	json_object_foreach(value, key, member)
	{
		while (place != NULL && strcmp(json_object_iter_key(place), key) != 0)
			place = json_object_iter_next(properties, place);
		if (place == NULL && !json_is_object(more))
			fail_msg("the key %s is unknown, or not in its place", key);
		valid(root, place != NULL ? json_object_iter_value(place) : more, member);
		if (place != NULL)
			place = json_object_iter_next(properties, place);
	}
	json_array_foreach(json_object_get(shape, "required"), i,
	                   member) if (json_object_get(value, json_string_value(member)) == NULL)
		fail_msg("the key %s is missing", json_string_value(member));
}

static void valid(const json_t *root, const json_t *shape, json_t *value)
{
	const char *const reference = json_string_value(json_object_get(shape, "$ref"));
	const char *const type = json_string_value(json_object_get(shape, "type"));
	json_t *item;
	size_t i;

	if (reference != NULL) {
		valid(root,
		      json_object_get(json_object_get(root, "$defs"),
		                      reference + strlen("#/$defs/")),
		      value);
		return;
	}
	if (type == NULL || strcmp(type, "string") == 0) {
		valid_text(shape, value);
	} else if (strcmp(type, "integer") == 0) {
		assert_true(json_is_integer(value) && json_integer_value(value) >= 0);
	} else if (strcmp(type, "boolean") == 0) {
		assert_true(json_is_boolean(value));
	} else if (strcmp(type, "array") == 0) {
		assert_true(json_is_array(value));
		json_array_foreach(value, i, item)
			valid(root, json_object_get(shape, "items"), item);
	} else {
		valid_object(root, shape, value);
	}
}

/* Holds every line of a run to the schema; returns how many there were. */
static size_t all_valid(const char *text)
{
	json_t *const full = schema(true), *const common = schema(false);
	size_t lines = 0;

	for (const char *at = text; *at != 0; at = strchr(at, '\n') + 1, lines++) {
		json_error_t error;
		json_t *const line = json_loadb(at, (size_t)(strchr(at, '\n') - at),
		                                JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
		if (line == NULL)
			fail_msg("%s", error.text);
		const char *const type = text_in(line, "type");
		valid(full, json_object_get(json_object_get(full, "$defs"), type), line);
		valid(common, json_object_get(json_object_get(common, "$defs"), type), line);
		assert_int_equal(json_integer_value(json_object_get(line, "seq")), lines + 1);
		json_decref(line);
	}
	json_decref(full);
	json_decref(common);
	return lines;
}

/* HAVAINTO_UPDATE=1 writes the document anew. */
static void the_schema_in_the_documents_is_the_programs(void **state)
{
	static const char path[] = "doc/schema/havainto-1.json";
	json_t *const made = schema(false);
	json_error_t error;

	(void)state;
	if (getenv("HAVAINTO_UPDATE") != NULL)
		assert_int_equal(json_dump_file(made, path, JSON_INDENT(1)), 0);
	json_t *const kept = json_load_file(path, 0, &error);
	if (kept == NULL || !json_equal(made, kept))
		fail_msg("%s is not what the program writes: run this test with HAVAINTO_UPDATE=1",
		         path);
	json_decref(kept);
	json_decref(made);
}

/* ---- lines ---- */

/* What a counting task says: so many frames, one unclaimed key. */
static void tell_counters(struct bed *b, unsigned sender, uint64_t frames, uint64_t key)
{
	const unsigned observers_here = plan_observers(b->plan);
	const struct unclaimed unclaimed = {.key = key, .packets = frames, .space = ETHERTYPE};
	const size_t verdicts = observers_here * sizeof(struct verdict_counts);
	const size_t len = sizeof(struct counters_item) + verdicts + sizeof unclaimed;
	struct fact_item *room;

	assert_int_equal(fact_reserve(&b->senders[sender], (uint32_t)(sizeof *room + len), &room),
	                 SENT);
	memset(room, 0, sizeof *room + len);
	room->message = COUNTERS;
	room->value_len = (uint16_t)len;
	struct counters_item *const head = (struct counters_item *)(room + 1);
	head->counters[COUNTER_FRAMES] = head->counters[COUNTER_UNCLAIMED] = frames;
	head->observers = observers_here;
	head->unclaimed = 1;
	struct verdict_counts *const counts = (struct verdict_counts *)(head + 1);
	counts[observer_index("arp")].verdict[MALFORMED] = 2;
	memcpy((uint8_t *)counts + verdicts, &unclaimed, sizeof unclaimed);
	fact_commit(&b->senders[sender]);
}

static unsigned two_interfaces(void *to, struct report_iface *out, unsigned cap)
{
	(void)to;
	assert_true(cap >= 2);
	out[0] = (struct report_iface){"eth\x1b[0", "EN10MB"};
	out[1] = (struct report_iface){"", "RAW"};
	return 2;
}

static unsigned two_gauges(void *to, struct gauge *out, unsigned cap)
{
	(void)to;
	assert_true(cap >= 2);
	out[0] = (struct gauge){"source.received", 12};
	out[1] = (struct gauge){"channel.fact.dropped", 0};
	return 2;
}

static const char *const hostile[] = {"kitchen",
                                      "",
                                      "<script>alert(1)</script>",
                                      "\x1b[31mred",
                                      "=HYPERLINK(\"x\")",
                                      "\xe2\x80\xae gnp.exe",
                                      "caf\xc3\xa9",
                                      "\xff\xfe",
                                      "\xc0\xaf",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xe2\x82",
                                      "a\\b\"c\n\r\t\x7f",
                                      "\xf0\x9f\x98\x80"};

static void every_line_is_of_the_schema_whatever_devices_say(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 2, RUN_FILE);
	b.options.asks = (struct reporter_asks){NULL, two_interfaces, two_gauges};
	b.options.interval_ns = BED_SECOND;
	tell(&b, seen(KITCHEN, 0, 3));
	for (size_t i = 0; i < COUNT_OF(hostile); i++)
		tell(&b, text_fact(KITCHEN, i % 2 == 0 ? "192.0.2.7" : NULL, FACT_NAME_HOST,
		                   hostile[i], "dhcp"));
	tell(&b, address(KITCHEN, "192.0.2.7", OWNER, 0, 2));
	tell(&b, address("02:00:00:00:00:bb", "192.0.2.7", OWNER, 1, 3));
	tell(&b, address(NULL, "2001:db8::5", USES, 1, 3));
	tell(&b, hops("02:00:00:00:00:bb", "10.0.0.5", 60));
	bed_mark(&b, 10);
	tell(&b, address(KITCHEN, "192.0.2.8", OWNER, 11, 12));
	tell(&b, text_fact(KITCHEN, NULL, FACT_NAME_HOST, "renamed", "dhcp"));
	for (unsigned k = FACT_NONE + 1; k < FACT_KINDS; k++) {
		struct said_fact s = {.mac = "02:00:00:00:00:cc",
		                      .kind = (enum fact_kind)k,
		                      .by = "arp",
		                      .text = "x"};
		for (s.len = 16; s.len > 0 && !fact_fits((enum fact_kind)k, s.len);)
			s.len--;
		if (s.len == 0)
			s.text = NULL;
		if (fact_info((enum fact_kind)k)->value == VALUE_SERVICE)
			s.bytes[0] = 132; /* of the transports that have services */
		tell(&b, s);
	}
	tell_counters(&b, 0, 40, 0x88cc);
	tell_counters(&b, 1, 2, 0x9000);
	assert_true(all_valid(bed_run(&b)) > 10);
	bed_fini(&b);
}

static void bytes_that_are_no_text_stay_readable_and_whole(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	tell(&b, text_fact(KITCHEN, NULL, FACT_NAME_HOST, "a\xff\xc3\xa9\n", "dhcp"));
	const char *const text = bed_run(&b);
	assert_non_null(strstr(text, "\"value\":\"a\\u00ff\xc3\xa9\\u000a\""));
	assert_non_null(strstr(text, "\"raw\":\"61ffc3a90a\""));
	bed_fini(&b);
}

static void a_cut_text_says_so(void **state)
{
	struct bed b;
	struct said_fact s = text_fact(KITCHEN, NULL, FACT_NAME_HOST, "long", "dhcp");
	struct fact_item item = said_item(&s), *room;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	item.cut = true;
	assert_int_equal(fact_reserve(&b.senders[0], (uint32_t)(sizeof item + 4), &room), SENT);
	*room = item;
	memcpy(room + 1, "long", 4);
	fact_commit(&b.senders[0]);
	json_t *const devices = lines_of(bed_run(&b), "device");
	assert_true(json_is_true(json_object_get(
		fact_in(device_in(devices, KITCHEN, NULL), "name.host", "long"), "cut")));
	json_decref(devices);
	bed_fini(&b);
}

static void records_and_facts_are_sorted(void **state)
{
	static const char *const order[] = {"10.0.0.9", "198.51.100.9", "02:00:00:00:00:01",
	                                    "02:00:00:00:00:02"};
	struct bed b;
	json_t *line;
	size_t i;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	tell(&b, seen("02:00:00:00:00:02", 0, 1));
	tell(&b, address(NULL, "198.51.100.9", USES, 0, 0));
	tell(&b, address(NULL, "10.0.0.9", USES, 0, 0));
	tell(&b, text_fact("02:00:00:00:00:01", NULL, FACT_ROLE, "dns-server", "dhcp"));
	tell(&b, text_fact("02:00:00:00:00:01", NULL, FACT_NAME_HOST, "b", "dhcp"));
	tell(&b, text_fact("02:00:00:00:00:01", NULL, FACT_NAME_HOST, "a", "mdns"));
	tell(&b, text_fact("02:00:00:00:00:01", "192.0.2.1", FACT_NAME_HOST, "a", "dhcp"));
	tell(&b, text_fact("02:00:00:00:00:01", NULL, FACT_NAME_HOST, "a", "dhcp"));
	json_t *const devices = lines_of(bed_run(&b), "device");
	json_array_foreach(devices, i, line)
	{
		const json_t *const d = json_object_get(line, "device");
		const char *const key =
			json_object_get(d, "mac") != NULL ? text_in(d, "mac") : text_in(d, "ip");
		assert_string_equal(key, order[i]);
	}
	static const char *const facts[][3] = {{"a", "dhcp", ""},
	                                       {"a", "dhcp", "192.0.2.1"},
	                                       {"a", "mdns", ""},
	                                       {"b", "dhcp", ""},
	                                       {"dns-server", "dhcp", ""}};
	const json_t *const list =
		json_object_get(device_in(devices, "02:00:00:00:00:01", NULL), "facts");
	assert_int_equal(json_array_size(list), COUNT_OF(facts));
	for (i = 0; i < COUNT_OF(facts); i++) {
		const json_t *const f = json_array_get(list, i);
		assert_string_equal(text_in(f, "value"), facts[i][0]);
		assert_string_equal(text_in(f, "by"), facts[i][1]);
		assert_string_equal(text_in(f, "ip"), facts[i][2]);
	}
	json_decref(devices);
	bed_fini(&b);
}

static void the_same_fact_in_two_segments_is_one_line(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	struct said_fact s = text_fact(KITCHEN, NULL, FACT_NAME_HOST, "kitchen", "dhcp");
	tell(&b, s);
	s.vlan = 7;
	s.first = s.last = 9;
	s.count = 4;
	tell(&b, s);
	json_t *const devices = lines_of(bed_run(&b), "device");
	const json_t *const device = device_in(devices, KITCHEN, NULL);
	assert_int_equal(json_array_size(json_object_get(device, "facts")), 1);
	assert_int_equal(json_integer_value(
				 json_object_get(fact_in(device, "name.host", "kitchen"), "count")),
	                 5);
	assert_string_equal(text_in(device, "name"), "kitchen");
	json_decref(devices);
	bed_fini(&b);
}

static void a_record_is_at_most_256_kib_and_counts_what_it_omits(void **state)
{
	char value[FACT_VALUE_MAX + 1];
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	for (unsigned i = 0; i < 256; i++) {
		memset(value, '\x01',
		       FACT_VALUE_MAX); /* six times as long when it is written, and again as raw */
		value[FACT_VALUE_MAX] = 0;
		memset(value, 'a', 8);
		value[i % 8] = (char)('b' + i / 8 % 20);
		value[8 + i % 100] = (char)('A' + i % 50);
		tell(&b, text_fact(KITCHEN, NULL, FACT_TLS_SNI, value, "tls"));
	}
	const char *const text = bed_run(&b);
	json_t *const devices = lines_of(text, "device");
	const json_t *const device = device_in(devices, KITCHEN, NULL);
	const size_t facts = json_array_size(json_object_get(device, "facts"));
	const json_int_t omitted = json_integer_value(json_object_get(device, "facts_omitted"));
	const char *const key = strstr(b.text, "\"device\":{");
	assert_non_null(key);
	const char *const object = strchr(key, '{');
	assert_true(facts > 20 && omitted > 0);
	assert_true((size_t)(strchr(object, '\n') - object) - 1 <= 256 * 1024);
	assert_true(all_valid(text) > 0);
	json_decref(devices);
	bed_fini(&b);
}

static void hashed_privacy_lets_no_personal_value_out(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	b.options.hashed = true;
	b.options.interval_ns = BED_SECOND;
	for (unsigned k = FACT_NONE + 1; k < FACT_KINDS; k++)
		if (fact_info((enum fact_kind)k)->privacy == PERSONAL &&
		    fact_info((enum fact_kind)k)->value == VALUE_TEXT)
			tell(&b,
			     text_fact(KITCHEN, NULL, (enum fact_kind)k, "Aino-secret", "dhcp"));
	bed_mark(&b, 5);
	tell(&b, text_fact(KITCHEN, NULL, FACT_NAME_HOST, "Aino-secret-two.local", "mdns"));
	struct said_fact later =
		text_fact(KITCHEN, NULL, FACT_NAME_HOST, "Aino-secret-three", "dhcp");
	later.last = 9;
	tell(&b, later);
	const char *const text = bed_run(&b);
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "Aino"));
	assert_non_null(strstr(text, "name-changed"));
	json_t *const devices = lines_of(text, "device");
	assert_int_equal(strncmp(text_in(device_in(devices, KITCHEN, NULL), "name"), "h:", 2), 0);
	assert_int_equal(strlen(text_in(device_in(devices, KITCHEN, NULL), "name")), 18);
	all_valid(text);
	json_decref(devices);
	bed_fini(&b);
}

static void a_delta_leaves_out_what_did_not_change_and_a_full_report_lists_all(void **state)
{
	struct bed b;
	json_t *line;
	size_t i;
	unsigned full = 0, delta = 0;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	b.options.interval_ns = 10 * BED_SECOND;
	b.options.full_every = 100;
	tell(&b, seen("02:00:00:00:00:01", 1, 1));
	tell(&b, seen("02:00:00:00:00:02", 2, 1));
	bed_mark(&b, 10); /* the first is full */
	tell(&b, seen("02:00:00:00:00:02", 12, 1));
	bed_mark(&b, 20);
	bed_mark(&b, 30);
	const char *const text = bed_run(&b); /* and the last */
	json_t *const devices = lines_of(text, "device"), *const ends = lines_of(text, "end");
	json_array_foreach(devices, i, line)
	{
		const bool is_full = json_is_true(json_object_get(line, "full"));
		full += is_full;
		delta += !is_full;
		if (!is_full)
			assert_string_equal(text_in(json_object_get(line, "device"), "mac"),
			                    "02:00:00:00:00:02");
	}
	assert_int_equal(full, 4);
	assert_int_equal(delta, 1);
	assert_int_equal(json_array_size(ends), 2);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(ends, 0), "devices")),
	                 2);
	json_decref(devices);
	json_decref(ends);
	bed_fini(&b);
}

static void health_sums_what_each_task_said_last(void **state)
{
	struct bed b;

	(void)state;
	bed_init(&b, 2, RUN_FILE);
	tell_counters(&b, 0, 10, 0x88cc);
	tell_counters(&b, 0, 40, 0x88cc);
	tell_counters(&b, 1, 2, 0x9000);
	const char *const text = bed_run(&b);
	json_t *const lines = lines_of(text, "health");
	const json_t *const health = json_array_get(lines, 0), *const keys = json_object_get(
								       health, "unclaimed_keys");
	assert_int_equal(json_integer_value(json_object_get(health, "captured")), 42);
	assert_int_equal(json_integer_value(json_object_get(health, "malformed")), 4);
	assert_int_equal(json_array_size(keys), 2);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(keys, 0), "key")),
	                 0x88cc);
	assert_string_equal(text_in(json_array_get(keys, 0), "space"), "ethertype");
	all_valid(text);
	json_decref(lines);
	bed_fini(&b);
}

/* ---- snapshots ---- */

static void a_snapshot_shows_the_devices_and_the_one_that_was_asked_for(void **state)
{
	char why[256] = "";
	struct bed b;
	const struct snapshot_row want = {.mac = {{2, 0, 0, 0, 0, 0xaa}}};

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	b.options.snapshots = true;
	tell(&b, seen(KITCHEN, 1, 5));
	tell(&b, address(KITCHEN, "192.0.2.7", OWNER, 1, 2));
	tell(&b, text_fact(KITCHEN, NULL, FACT_NAME_HOST, "kitchen", "dhcp"));
	tell(&b, text_fact(KITCHEN, NULL, FACT_ROLE, "dns-server", "dns"));
	tell(&b, text_fact(KITCHEN, NULL, FACT_ROLE, "router", "dhcp"));
	tell(&b, seen("b8:27:eb:00:00:01", 3, 1));
	tell(&b, address("b8:27:eb:00:00:01", "10.0.0.9", USES, 1, 2));
	tell(&b, hops("b8:27:eb:00:00:01", "10.0.0.9", 63));
	struct reporter *const r = reporter_new(&b.options, why, sizeof why);
	assert_int_equal(reporter_snapshot(r)->number, 0);
	reporter_want(r, &want);
	fact_close(&b.senders[0]);
	assert_int_equal(reporter_run(r), 0);
	const struct snapshot *const s = reporter_snapshot(r);
	assert_int_equal(s->number, 1);
	assert_ptr_equal(reporter_snapshot(r), s);
	assert_int_equal(s->row_count, 3);
	assert_int_equal(s->devices, 3);
	assert_true(mac_is_zero(s->rows[2].mac) && s->rows[2].ip.family == 4 &&
	            !mac_is_zero(s->rows[2].via));
	const struct snapshot_row *const row = &s->rows[s->rows[0].mac.b[0] == 2 ? 0 : 1];
	assert_string_equal(row->name, "kitchen");
	assert_string_equal(row->roles, "dns-server,router");
	assert_int_equal(row->packets, 5);
	assert_int_equal(row->addresses, 1);
	assert_int_equal(row->ip.family, 4);
	assert_string_equal(s->rows[row == &s->rows[0] ? 1 : 0].vendor, "Raspberry Pi");
	json_error_t error;
	json_t *const detail = json_loadb(s->detail, s->detail_len, 0, &error);
	assert_non_null(detail);
	assert_string_equal(text_in(detail, "mac"), KITCHEN);
	assert_non_null(strstr(s->health, "\"captured\":0"));
	json_decref(detail);
	reporter_free(r);
	bed_fini(&b);
}

/* The reader looks while the writer publishes. */
struct looking {
	struct reporter *reporter;
	atomic_bool over;
	uint64_t looks, last;
	bool torn;
};

static void *look_all_the_time(void *looking)
{
	struct looking *const l = looking;

	while (!atomic_load(&l->over)) {
		const struct snapshot *const s = reporter_snapshot(l->reporter);
		l->torn |= s->number < l->last || (s->number > 0 && s->row_count != s->devices) ||
		           (s->row_count > 0 && s->rows[s->row_count - 1].packets == 0);
		l->last = s->number;
		l->looks++;
	}
	return NULL;
}

static void snapshots_are_whole_while_the_next_is_written(void **state)
{
	struct looking l = {0};
	char why[256] = "", mac[MAC_TEXT];
	pthread_t thread;
	struct bed b;

	(void)state;
	bed_init(&b, 1, RUN_FILE);
	b.options.snapshots = true;
	for (unsigned i = 1; i <= 300; i++) {
		snprintf(mac, sizeof mac, "02:00:00:00:%02x:%02x", i >> 8, i & 255);
		tell(&b, seen(mac, i, 1));
		bed_mark(&b, i);
	}
	l.reporter = reporter_new(&b.options, why, sizeof why);
	assert_non_null(l.reporter);
	fact_close(&b.senders[0]);
	assert_int_equal(pthread_create(&thread, NULL, look_all_the_time, &l), 0);
	assert_int_equal(reporter_run(l.reporter), 0);
	atomic_store(&l.over, true);
	pthread_join(thread, NULL);
	assert_false(l.torn);
	assert_int_equal(reporter_snapshot(l.reporter)->number, 301);
	reporter_free(l.reporter);
	bed_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_schema_in_the_documents_is_the_programs),
		cmocka_unit_test(every_line_is_of_the_schema_whatever_devices_say),
		cmocka_unit_test(bytes_that_are_no_text_stay_readable_and_whole),
		cmocka_unit_test(a_cut_text_says_so),
		cmocka_unit_test(records_and_facts_are_sorted),
		cmocka_unit_test(the_same_fact_in_two_segments_is_one_line),
		cmocka_unit_test(a_record_is_at_most_256_kib_and_counts_what_it_omits),
		cmocka_unit_test(hashed_privacy_lets_no_personal_value_out),
		cmocka_unit_test(
			a_delta_leaves_out_what_did_not_change_and_a_full_report_lists_all),
		cmocka_unit_test(health_sums_what_each_task_said_last),
		cmocka_unit_test(a_snapshot_shows_the_devices_and_the_one_that_was_asked_for),
		cmocka_unit_test(snapshots_are_whole_while_the_next_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
