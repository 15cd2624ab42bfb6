/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_bed.h - a reporter with a channel before it and a file behind it, in one thread: facts are
 * put into the lanes, the lanes closed, the reporter run, and its lines read back.
 */
#pragma once

#include "asset/asset.h"
#include "observe/engine.h"
#include "report/reporter.h"
#include "report/sink.h"
#include "task/channels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#define BED_START UINT64_C(1700000000000000000)
#define BED_SECOND UINT64_C(1000000000)

/* A fact as a test says it; times are seconds after BED_START. */
struct said_fact {
	const char *mac, *ip; /* NULL: none */
	enum fact_kind kind;
	const char *text; /* the value, when it is one of text */
	uint8_t bytes[16];
	uint32_t len; /* of bytes; 0: text */
	const char *by;
	enum grade grade;
	unsigned first, last, count;
	uint64_t frame;
	uint16_t iface, vlan;
	uint32_t wire; /* bytes, SEEN */
};

static inline const uint8_t *said_value(const struct said_fact *s)
{
	return s->len > 0 || s->text == NULL ? s->bytes : (const uint8_t *)s->text;
}

static inline uint32_t said_len(const struct said_fact *s)
{
	return s->len > 0 || s->text == NULL ? s->len : (uint32_t)strlen(s->text);
}

static inline struct fact_item said_item(const struct said_fact *s)
{
	const struct hash_key key = hash_key_fixed();
	struct hash h = hash_init(&key);
	struct fact_item item = {.message = NEW_FACT, .value_len = (uint16_t)said_len(s)};

	if (s->mac != NULL)
		assert_true(mac_parse(s->mac, &item.endpoint.mac));
	if (s->ip != NULL)
		assert_true(ip_parse(s->ip, &item.endpoint.ip));
	item.endpoint.iface = s->iface;
	item.endpoint.vlan.n = s->vlan;
	item.kind = (uint16_t)s->kind;
	const int by = observer_index(s->by != NULL ? s->by : "ipv4");
	assert_true(by >= 0);
	item.by = (uint16_t)by;
	item.grade = (uint8_t)s->grade;
	item.confidence = 90;
	item.support = (struct support){
		BED_START + s->first * BED_SECOND, BED_START + s->last * BED_SECOND,
		s->frame != 0 ? s->frame : s->first + 1, s->count != 0 ? s->count : 1, s->wire};
	if (item.support.last_ns < item.support.first_ns)
		item.support.last_ns = item.support.first_ns;
	hash_u64(&h, mac_number(item.endpoint.mac));
	if (endpoint_has_ip(item.endpoint.mac, &item.endpoint.ip))
		hash_bytes(&h, item.endpoint.ip.b, 16);
	hash_u64(&h, (uint64_t)s->iface << 16 | s->vlan);
	struct hash fact = h;
	item.endpoint_hash = (uint32_t)hash_end(&h);
	hash_u64(&fact, (uint64_t)item.kind << 16 | item.by);
	hash_bytes(&fact, said_value(s), item.value_len);
	item.digest = hash_end(&fact);
	return item;
}

struct bed {
	struct plan *plan;
	struct fact_channel channel;
	struct fact_sender senders[8];
	unsigned sender_count;
	struct sink *sink;
	char path[64], spec[80];
	struct reporter_options options;
	char *text; /* what was written */
};

static inline void bed_init(struct bed *b, unsigned senders, enum run run)
{
	char why[256] = "";

	*b = (struct bed){.sender_count = senders};
	b->plan = plan_new(NULL, 0, NULL, 0, why, sizeof why);
	assert_non_null(b->plan);
	b->channel = fact_channel_new(run, senders);
	assert_non_null(b->channel.untyped);
	for (unsigned i = 0; i < senders; i++)
		b->senders[i] = fact_channel_sender(&b->channel, i);
	strcpy(b->path, "/tmp/test_report.XXXXXX");
	const int fd = mkstemp(b->path);
	assert_true(fd >= 0);
	close(fd);
	snprintf(b->spec, sizeof b->spec, "file:%s", b->path);
	b->sink = sink_open(b->spec, why, sizeof why);
	assert_non_null(b->sink);
	b->options = (struct reporter_options){.facts = b->channel.untyped,
	                                       .senders = senders,
	                                       .plan = b->plan,
	                                       .sinks = &b->sink,
	                                       .sink_count = 1,
	                                       .sensor = "bed",
	                                       .version = "1",
	                                       .key = hash_key_fixed(),
	                                       .privacy_key = hash_key_fixed(),
	                                       .live = run == RUN_LIVE,
	                                       .limits = {.devices = 4096,
	                                                  .addresses = 8192,
	                                                  .places = 16384,
	                                                  .facts = 65536,
	                                                  .values = 1 << 24}};
}

static inline void bed_tell(struct bed *b, unsigned sender, const struct said_fact *s)
{
	const struct fact_item item = said_item(s);
	struct fact_item *room;

	assert_int_equal(
		fact_reserve(&b->senders[sender], (uint32_t)(sizeof item + item.value_len), &room),
		SENT);
	*room = item;
	memcpy(room + 1, said_value(s), item.value_len);
	fact_commit(&b->senders[sender]);
}

/* More of a fact that was told. */
static inline void bed_more(struct bed *b, unsigned sender, const struct said_fact *s)
{
	struct fact_item item = said_item(s), *room;

	item.message = MORE;
	item.value_len = 0;
	assert_int_equal(fact_reserve(&b->senders[sender], FACT_MORE_LEN, &room), SENT);
	memcpy(room, &item, FACT_MORE_LEN);
	fact_commit(&b->senders[sender]);
}

static inline void bed_mark(struct bed *b, unsigned second)
{
	const struct mark mark = {BED_START + second * BED_SECOND, second};

	for (unsigned i = 0; i < b->sender_count; i++)
		fact_mark(&b->senders[i], &mark);
}

static inline char *file_text(const char *path)
{
	FILE *const f = fopen(path, "r");
	char *text = NULL;
	size_t len = 0;

	assert_non_null(f);
	assert_true(getdelim(&text, &len, 0, f) >= 0 || feof(f));
	fclose(f);
	return text;
}

/* Closes the lanes and runs the reporter to its end. */
static inline const char *bed_run(struct bed *b)
{
	char why[256] = "";
	struct reporter *const r = reporter_new(&b->options, why, sizeof why);

	assert_non_null(r);
	for (unsigned i = 0; i < b->sender_count; i++)
		fact_close(&b->senders[i]);
	assert_int_equal(reporter_run(r), 0);
	reporter_free(r);
	b->text = file_text(b->path);
	return b->text;
}

static inline void bed_fini(struct bed *b)
{
	free(b->text);
	sink_free(b->sink);
	unlink(b->path);
	channel_free(b->channel.untyped);
	plan_free(b->plan);
}

/* The lines of a type, as jansson reads them: an array. Each line must be JSON. */
static inline json_t *lines_of(const char *text, const char *type)
{
	json_t *const all = json_array();

	for (const char *at = text; *at != 0;) {
		const char *const end = strchr(at, '\n');
		assert_non_null(end);
		json_error_t error;
		json_t *const line = json_loadb(at, (size_t)(end - at),
		                                JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
		if (line == NULL)
			fail_msg("%s: %.*s", error.text, (int)(end - at), at);
		if (strcmp(json_string_value(json_object_get(line, "type")), type) == 0)
			json_array_append_new(all, line);
		else
			json_decref(line);
		at = end + 1;
	}
	return all;
}

/* The device of a MAC, or with ip of an address without one; NULL: there is none. Borrowed. */
static inline json_t *device_in(json_t *devices, const char *mac, const char *ip)
{
	size_t i;
	json_t *line;

	json_array_foreach(devices, i, line)
	{
		json_t *const device = json_object_get(line, "device");
		const char *const its_mac = json_string_value(json_object_get(device, "mac"));
		const char *const its_ip = json_string_value(json_object_get(device, "ip"));
		if (mac != NULL ? its_mac != NULL && strcmp(its_mac, mac) == 0
		                : its_mac == NULL && its_ip != NULL && strcmp(its_ip, ip) == 0)
			return device;
	}
	return NULL;
}

/* The fact of a device; NULL: none. Borrowed. */
static inline json_t *fact_in(const json_t *device, const char *kind, const char *value)
{
	size_t i;
	json_t *fact;

	json_array_foreach(json_object_get(device, "facts"), i, fact)
	{
		if (strcmp(json_string_value(json_object_get(fact, "kind")), kind) == 0 &&
		    strcmp(json_string_value(json_object_get(fact, "value")), value) == 0)
			return fact;
	}
	return NULL;
}

static inline const char *text_in(const json_t *object, const char *key)
{
	const char *const text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* Facts that tests use over and over. */
static inline struct said_fact seen(const char *mac, unsigned first, unsigned count)
{
	return (struct said_fact){.mac = mac,
	                          .kind = FACT_SEEN,
	                          .by = "ethernet",
	                          .first = first,
	                          .last = first,
	                          .count = count,
	                          .wire = 60 * count};
}

static inline struct said_fact address(const char *mac, const char *ip, enum grade grade,
                                       unsigned first, unsigned last)
{
	struct said_fact s = {.mac = mac,
	                      .ip = ip,
	                      .grade = grade,
	                      .first = first,
	                      .last = last,
	                      .by = grade == OWNER ? "arp" : "ipv4"};
	struct ip parsed;

	assert_true(ip_parse(ip, &parsed));
	s.kind = parsed.family == 4 ? FACT_IPV4 : FACT_IPV6;
	s.len = parsed.family == 4 ? 4 : 16;
	memcpy(s.bytes, parsed.b, s.len);
	if (parsed.family == 6)
		s.by = grade == OWNER ? "icmpv6" : "ipv6";
	return s;
}

static inline struct said_fact hops(const char *mac, const char *ip, uint8_t ttl)
{
	return (struct said_fact){.mac = mac,
	                          .ip = ip,
	                          .kind = FACT_TTL,
	                          .by = "ipv4",
	                          .bytes = {0, 0, 0, ttl},
	                          .len = 4};
}

static inline struct said_fact text_fact(const char *mac, const char *ip, enum fact_kind kind,
                                         const char *text, const char *by)
{
	return (struct said_fact){.mac = mac, .ip = ip, .kind = kind, .text = text, .by = by};
}
