/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_glance.c - the short way tells what the long one tells.
 *
 * The same frames go through two tasks of the whole plan: one is watched, and so has no short way.
 * The frames are made up, of few hosts and with all that a plain packet is not: group and zero
 * senders, three tags, options, fragments, lengths that lie, segments of all flags, cut captures,
 * time that goes back. Facts, supports and counters must come to the same, wherever marks are.
 */
#include "observe/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifndef FRAMES_FED
#define FRAMES_FED 60000u
#endif

/* ---- what was told ---- */

enum { PLACES = 1 << 17 };
struct told {
	uint64_t digest;
	struct support sum;
};
struct outlet {
	struct told told[PLACES];
	unsigned count;
	bool closed;
	_Alignas(8) uint8_t room[sizeof(struct fact_item) + (1 << 15)];
};

static enum sent outlet_reserve(void *to, uint32_t len, struct fact_item **out)
{
	struct outlet *o = to;

	assert_true(len <= sizeof o->room);
	*out = (struct fact_item *)(void *)o->room;
	return o->closed ? FULL : SENT;
}

static void outlet_commit(void *to)
{
	struct outlet *o = to;
	const struct fact_item *item = (const struct fact_item *)(const void *)o->room;
	unsigned at = item->digest % PLACES;

	if (item->message == COUNTERS)
		return;
	while (o->told[at].digest != 0 && o->told[at].digest != item->digest)
		at = (at + 1) % PLACES;
	o->count += o->told[at].digest == 0;
	assert_true(o->count < PLACES);
	assert_true(item->message == NEW_FACT || o->told[at].digest != 0);
	o->told[at].digest = item->digest;
	support_merge(&o->told[at].sum, &item->support);
}

static struct outlet *outlets;
static struct task *tasks[2]; /* [0] walks, [1] has the short way */
static struct plan *plan;

static void start_with(const struct edge_choice *edges, unsigned count, size_t bytes)
{
	const struct watch nothing = {0};
	char why[200];

	outlets = calloc(2, sizeof *outlets);
	plan = plan_new(NULL, 0, edges, count, why, sizeof why);
	assert_non_null(plan);
	for (unsigned i = 0; i < 2; i++) {
		const struct task_options options = {
			.key = hash_key_fixed(),
			.facts = {&outlets[i], outlet_reserve, outlet_commit},
			.edge = -1,
			.novelty_bytes = bytes,
		};

		tasks[i] = task_new(plan, &options);
		assert_non_null(tasks[i]);
	}
	task_watch(tasks[0], &nothing);
}

static void stop(void)
{
	task_free(tasks[0]);
	task_free(tasks[1]);
	plan_free(plan);
	free(outlets);
}

/* ---- frames ---- */

static uint64_t random_state;

static uint32_t chance(uint32_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(random_state * 0x2545f4914f6cdd1du >> 32) % below;
}

static uint8_t bytes[400];
static uint32_t len;

static void put8(uint32_t n)
{
	bytes[len++] = (uint8_t)(n & 0xff);
}

static void put16(uint32_t n)
{
	put8(n >> 8);
	put8(n);
}

static void put32(uint32_t n)
{
	put16(n >> 16);
	put16(n);
}

static void set16(uint32_t at, uint32_t n)
{
	bytes[at] = (uint8_t)(n >> 8 & 0xff);
	bytes[at + 1] = (uint8_t)(n & 0xff);
}

static void put_mac(uint32_t first, uint32_t host)
{
	put16(first);
	put32(host);
}

static void put_link(uint32_t from, uint32_t to)
{
	const uint32_t tags = chance(3) == 0 ? chance(4) : 0;

	put_mac(chance(8) == 0 ? 0x0100 : chance(9) == 0 ? 0xffff : 0x0200, to);
	put_mac(chance(30) == 0 ? 0x0300 : 0x0200, chance(40) == 0 ? 0 : from);
	for (unsigned i = 0; i < tags; i++) {
		put16(chance(9) == 0 ? 0x9100 : chance(3) == 0 ? 0x88a8 : 0x8100);
		put16(chance(2) << 13 | (chance(4) == 0 ? 4095 * chance(2) : 5 + chance(2)));
	}
}

static void put_address(bool six, uint32_t host)
{
	static const uint32_t nets[] = {0x0a000000, 0x0a000000, 0x0a000000, 0xa9fe0000, 0xc0000200};
	static const uint32_t odd[] = {0, 0xffffffff, 0xe0000000, 0x7f000000};
	static const uint32_t nets6[] = {0x20010db8, 0x20010db8, 0xfe800000, 0xff020000, 0};
	const bool rare = chance(25) == 0;

	if (six) {
		put32(nets6[rare ? chance(5) : 0]);
		put32(0);
		put32(0);
	}
	put32((six ? 0 : rare ? odd[chance(4)] : nets[host % COUNT_OF(nets)]) | host);
}

static uint32_t port(void)
{
	static const uint16_t ports[] = {22, 80, 443, 40000, 40001, 9999, 53, 5004};

	return ports[chance(COUNT_OF(ports))];
}

static void put_payload(void)
{
	static const char *const texts[] = {"SSH-2.0-test\r\n",
	                                    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	                                    "\x16\x03\x01\x02",
	                                    "0123456789012345678901234567890",
	                                    "@sealed",
	                                    "Msealed as well",
	                                    "@sealed, but otherwise"};
	const char *text = texts[chance(COUNT_OF(texts))];

	if (chance(3) == 0)
		for (uint32_t n = chance(40); n > 0; n--)
			put8(chance(4) == 0 ? chance(256) : 0);
	else if (chance(3) > 0)
		for (; *text != '\0'; text++)
			put8((uint8_t)*text);
}

static void put_tcp(void)
{
	static const uint8_t flags[] = {0x10, 0x10, 0x10, 0x18, 0x18, 0x02, 0x12, 0x11, 0x04, 0x03};

	put16(port());
	put16(port());
	put32(1000 + chance(40));
	put32(1000 + chance(40));
	put8(chance(30) == 0 ? chance(16) << 4 : 0x50);
	put8(flags[chance(COUNT_OF(flags))]);
	put16(0xffff);
	put32(0);
	put_payload();
}

static void put_udp(void)
{
	const uint32_t start = len;

	put16(port());
	put16(port());
	put32(0);
	put_payload();
	set16(start + 4, chance(20) == 0 ? chance(60) : len - start);
}

static void put_transport(uint32_t protocol)
{
	if (protocol == 6)
		put_tcp();
	else if (protocol == 17)
		put_udp();
	else
		put_payload();
}

static void put_ip4(uint32_t from, uint32_t to, uint32_t protocol)
{
	const uint32_t start = len, options = chance(20) == 0 ? 1 : 0;

	put8(0x45 + options);
	put8(0);
	put32(chance(100));
	put16(chance(2) << 14 | (chance(20) == 0 ? chance(4) << 12 | chance(3) : 0));
	put8(63 + chance(2));
	put8(protocol);
	put16(0);
	put_address(false, from);
	put_address(false, to);
	for (; len < start + 20 + 4 * options;)
		put8(1);
	put_transport(protocol);
	set16(start + 2, chance(20) == 0 ? chance(80) : len - start);
}

static void put_ip6(uint32_t from, uint32_t to, uint32_t protocol)
{
	const uint32_t start = len;

	put32(0x60000000);
	put16(0);
	put8(chance(20) == 0 ? chance(61) : protocol);
	put8(63 + chance(2));
	put_address(true, from);
	put_address(true, to);
	put_transport(protocol);
	set16(start + 4, chance(20) == 0 ? chance(60) : len - start - 40);
}

static bool crowded; /* every other frame is of one of many more hosts, and each comes five times */

static void make_frame(void)
{
	static const uint8_t protocols[] = {6, 6, 6, 17, 17, 17, 1, 132};
	const bool stranger = crowded && chance(2) == 0;
	const uint32_t from = stranger ? 13 + chance(60000) : 1 + chance(12), to = 1 + chance(12);
	const uint32_t protocol = protocols[chance(COUNT_OF(protocols))];
	const bool six = chance(3) == 0;

	len = 0;
	put_link(from, to);
	put16(chance(30) == 0 ? chance(2000) : six ? 0x86dd : 0x0800);
	if (six)
		put_ip6(from, to, protocol);
	else
		put_ip4(from, to, protocol);
	for (uint32_t padding = chance(3) == 0 ? chance(20) : 0; padding > 0; padding--)
		put8(0);
}

/*
 * Frames that wait for the short way, in blocks of their own that have just the frame's size: it looks
 * at several at once, the long way takes them one by one.
 */
static struct frame waiting[GLANCE_AHEAD + 7];
static enum want wanted[COUNT_OF(waiting)];
static unsigned waiting_count;

static void feed_waiting(void)
{
	enum want short_way[COUNT_OF(waiting)];

	task_frames(tasks[1], waiting, waiting_count, NULL, short_way);
	for (unsigned i = 0; i < waiting_count; i++) {
		assert_int_equal(wanted[i], short_way[i]);
		free((uint8_t *)(uintptr_t)waiting[i].bytes);
	}
	waiting_count = 0;
}

static void feed(struct frame *f)
{
	f->wire = len;
	f->captured = chance(15) == 0 ? chance(len + 1) : chance(15) == 0 && len > 54 ? 54 : len;
	f->iface = (uint16_t)(chance(20) == 0);
	f->linktype = chance(50) == 0 ? 101 : 1;
	f->number++;
	f->time_ns = chance(30) == 0 ? f->time_ns - chance(5000) : f->time_ns + chance(1000);
	uint8_t *own = malloc(f->captured > 0 ? f->captured : 1);
	memcpy(own, bytes, f->captured);
	f->bytes = own;
	task_frame(tasks[0], f);
	wanted[waiting_count] = task_wanted(tasks[0]);
	waiting[waiting_count++] = *f;
	if (waiting_count == COUNT_OF(waiting) || chance(30) == 0)
		feed_waiting();
}

static void feed_many(uint64_t seed, unsigned count, bool full)
{
	struct frame f = {.time_ns = 1000000};

	random_state = seed;
	for (unsigned i = 0; i < count; i++) {
		if (full && i % 500 == 0)
			feed_waiting();
		if (full && i % 500 == 0)
			outlets[0].closed = outlets[1].closed = i % 1500 == 0;
		make_frame();
		for (unsigned times = crowded ? 5 : 1; times > 0; times--)
			feed(&f);
		if (chance(2000) == 0) {
			feed_waiting();
			task_tell_all(tasks[chance(2)]);
		}
	}
	feed_waiting();
	outlets[0].closed = outlets[1].closed = false;
	task_finish(tasks[0]);
	task_finish(tasks[1]);
}

/* ---- claims ---- */

static void same_counters(void)
{
	for (enum counter i = 0; i < COUNTERS_COUNT; i++)
		if (i != COUNTER_FACTS_NEW && i != COUNTER_FACTS_MORE && i != COUNTER_FACTS_DROPPED)
			assert_int_equal(task_counter(tasks[0], i), task_counter(tasks[1], i));
	for (unsigned i = 0; i < plan_observers(plan); i++)
		assert_memory_equal(task_verdicts(tasks[0], i), task_verdicts(tasks[1], i),
		                    sizeof(struct verdict_counts));
	assert_int_equal(tasks[0]->unclaimed_count, tasks[1]->unclaimed_count);
}

static void same_facts(void)
{
	assert_int_equal(outlets[0].count, outlets[1].count);
	for (unsigned i = 0; i < PLACES; i++) {
		const struct told *a = &outlets[0].told[i];
		unsigned at = i;

		while (a->digest != 0 && outlets[1].told[at].digest != a->digest)
			at = (at + 1) % PLACES;
		if (a->digest != 0)
			assert_memory_equal(&a->sum, &outlets[1].told[at].sum, sizeof a->sum);
	}
}

/* How many frames went the short way from their first or above. */
static unsigned senders_known(void)
{
	unsigned known = 0;

	for (unsigned i = 0; i < SENDERS; i++)
		known += tasks[1]->glances.list[i].key.how != 0;
	return known;
}

static void the_short_way_tells_what_the_long_one_tells(void **state)
{
	(void)state;
	start_with(NULL, 0, 0);
	feed_many(88172645463325252u, FRAMES_FED, false);
	same_counters();
	same_facts();
	assert_true(senders_known() > 100);
	stop();
}

static void it_does_so_where_nothing_is_remembered_for_long(void **state)
{
	(void)state;
	start_with(NULL, 0, 2048);
	feed_many(4101842887655102017u, FRAMES_FED, false);
	same_counters();
	same_facts();
	stop();
}

/* Who leaves takes his trails with him, and what they counted is told. */
static void it_does_so_where_senders_push_each_other_out(void **state)
{
	(void)state;
	start_with(NULL, 0, 0);
	crowded = true;
	feed_many(1181783497276652981u, FRAMES_FED / 2, false);
	crowded = false;
	same_counters();
	same_facts();
	assert_true(senders_known() > SENDERS / 4);
	stop();
}

/* What was refused is told with a later packet that shows it, and neither task may lose any. */
static void a_sender_that_could_not_be_told_of_walks_again(void **state)
{
	(void)state;
	start_with(NULL, 0, 0);
	feed_many(2862933555777941757u, FRAMES_FED, true);
	feed_many(2862933555777941757u, FRAMES_FED, false);
	same_counters();
	same_facts();
	stop();
}

static void a_plan_that_takes_a_layer_away_has_no_short_way(void **state)
{
	static const struct edge_choice layers[][1] = {
		{{"ethernet", 1}}, {{"vlan", 2}}, {{"ipv6", 1}}, {{"udp", 1}}};

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(layers); i++) {
		start_with(layers[i], 1, 0);
		assert_false(tasks[1]->glances.on);
		stop();
	}
	start_with((const struct edge_choice[]){{"tls", 1}}, 1, 0);
	assert_true(tasks[1]->glances.on);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_short_way_tells_what_the_long_one_tells),
		cmocka_unit_test(it_does_so_where_nothing_is_remembered_for_long),
		cmocka_unit_test(it_does_so_where_senders_push_each_other_out),
		cmocka_unit_test(a_sender_that_could_not_be_told_of_walks_again),
		cmocka_unit_test(a_plan_that_takes_a_layer_away_has_no_short_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
