/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_tell.c - facts on their way out: told whole once, then by increments; counts exact whatever
 * is refused.
 *
 * The outlet is an array that can be closed. A small "reporter" adds up what arrived, and must come
 * to what was told.
 */
#include "observe/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "task_bed.h"

static const struct observer observer_a = {
	.name = "a",
	.about = "test",
	.spec = "-",
	.claims = CLAIMS({ETHERTYPE, 0x9999, NULL}),
	.tells = TELLS({FACT_SEEN, SAYS, 100}, {FACT_TTL, SAYS, 90}, {FACT_NAME_HOST, SAYS, 80},
                       {FACT_IPV4, OWNER, 70}),
};
static const struct observer observer_b = {
	.name = "b",
	.about = "test",
	.spec = "-",
	.claims = CLAIMS({ETHERTYPE, 0x9998, NULL}),
	.tells = TELLS({FACT_SEEN, SAYS, 100}, {FACT_TTL, SAYS, 90}, {FACT_NAME_HOST, SAYS, 80}),
};
static const struct observer *const registry[] = {&observer_a, &observer_b};

/* ---- the outlet ---- */

enum { FACTS_MAX = 20000 };
struct known {
	uint64_t digest;
	struct support sum;
	unsigned times_whole;
	uint32_t len;
	bool cut;
};
static struct known known[FACTS_MAX];
static unsigned known_count, more_count;
static bool closed;
static _Alignas(8) uint8_t room[sizeof(struct fact_item) + (1 << 14)];

static enum sent outlet_reserve(void *to, uint32_t len, struct fact_item **out)
{
	(void)to;
	assert_true(len <= sizeof room);
	*out = (struct fact_item *)(void *)room;
	return closed ? FULL : SENT;
}

static struct known *known_find(uint64_t digest)
{
	for (unsigned i = 0; i < known_count; i++)
		if (known[i].digest == digest)
			return &known[i];
	assert_true(known_count < FACTS_MAX);
	known[known_count].digest = digest;
	return &known[known_count++];
}

static void outlet_commit(void *to)
{
	const struct fact_item *fact = (const struct fact_item *)(const void *)room;

	(void)to;
	if (fact->message == COUNTERS)
		return;
	struct known *k = known_find(fact->digest);
	if (fact->message == NEW_FACT) {
		k->times_whole++;
		k->len = fact->value_len;
		k->cut = fact->cut;
	} else {
		assert_true(k->times_whole > 0); /* the whole fact comes before its increments */
		more_count++;
	}
	support_merge(&k->sum, &fact->support);
}

/* ---- a task ---- */

static struct packet packet;

static struct task_options options_with(size_t novelty_bytes)
{
	return (struct task_options){.key = hash_key_fixed(),
	                             .facts = {NULL, outlet_reserve, outlet_commit},
	                             .edge = -1,
	                             .novelty_bytes = novelty_bytes};
}

static void start_with(size_t novelty_bytes)
{
	const struct task_options options = options_with(novelty_bytes);

	bed_start(registry, COUNT_OF(registry), &options);
	task->current = 0;
	memset(known, 0, sizeof known);
	known_count = more_count = 0;
	closed = false;
	packet = (struct packet){
		.time_ns = 1000,
		.frame = 1,
		.wire = 60,
		.source = {{2, 0, 0, 0, 0, 1}},
		.from = ip_from4((struct ip4){{192, 0, 2, 1}}),
	};
}

static int start(void **state)
{
	(void)state;
	start_with(0);
	return 0;
}

/* Facts wait for others (tell.h): who looks at the outlet lets them go first. */
static unsigned facts_known(void)
{
	tell_settle_all(task);
	return known_count;
}

static void again(void)
{
	packet.time_ns += 10;
	packet.frame++;
}

/* ---- claims ---- */

static void a_fact_is_told_whole_once_and_then_by_increments(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++, again())
		tell_seen(task, &packet, sender(&packet));
	assert_int_equal(facts_known(), 1);
	assert_int_equal(known[0].sum.count, 1);
	task_tell_all(task);
	task_tell_all(task);
	assert_int_equal(more_count, 1);
	assert_int_equal(known[0].times_whole, 1);
	assert_int_equal(known[0].sum.count, 5);
	assert_int_equal(known[0].sum.bytes, 300);
	assert_int_equal(known[0].sum.first_ns, 1000);
	assert_int_equal(known[0].sum.last_ns, 1040);
	assert_int_equal(known[0].sum.frame, 1);
	assert_int_equal(task_counter(task, COUNTER_FACTS), 5);
}

static void the_first_frame_is_the_earliest_also_out_of_order(void **state)
{
	(void)state;
	tell_seen(task, &packet, sender(&packet));
	packet.time_ns = 3000;
	packet.frame = 7;
	tell_seen(task, &packet, sender(&packet));
	packet.time_ns = 500;
	packet.frame = 9;
	tell_seen(task, &packet, sender(&packet));
	packet.time_ns = 2000;
	packet.frame = 8;
	tell_seen(task, &packet, sender(&packet));
	task_tell_all(task);
	assert_int_equal(known[0].sum.first_ns, 500);
	assert_int_equal(known[0].sum.frame, 9);
	assert_int_equal(known[0].sum.last_ns, 3000);
	assert_int_equal(known[0].sum.count, 4);
}

/* Each part of the key makes another fact; and nothing else does. */
static void the_fact_key_is_endpoint_kind_value_and_observer(void **state)
{
	(void)state;
	tell_number(task, &packet, sender(&packet), FACT_TTL, 64);
	packet.wire = 1500;
	packet.ttl = 3;
	packet.destination.b[5] = 9;
	packet.to = packet.from;
	packet.from_port.n = 99;
	tell_number(task, &packet, sender(&packet), FACT_TTL, 64);
	assert_int_equal(facts_known(), 1);
	tell_number(task, &packet, sender(&packet), FACT_TTL, 63);
	tell_number(task, &packet, sender_link(&packet), FACT_TTL, 64);
	packet.vlan.n = 5;
	tell_number(task, &packet, sender(&packet), FACT_TTL, 64);
	packet.iface = 1;
	tell_number(task, &packet, sender(&packet), FACT_TTL, 64);
	packet.source.b[5] = 2;
	tell_number(task, &packet, sender(&packet), FACT_TTL, 64);
	packet.from.b[3] = 2;
	tell_number(task, &packet, sender(&packet), FACT_TTL, 64);
	task->current = 1;
	tell_number(task, &packet, sender(&packet), FACT_TTL, 64);
	assert_int_equal(facts_known(), 8);
	tell_text(task, &packet, sender(&packet), FACT_NAME_HOST,
	          cur_make((const uint8_t *)"\0\0\0@", 4));
	assert_int_equal(facts_known(), 9);
}

static void values_that_differ_only_in_length_or_at_their_end_differ(void **state)
{
	static const char *const names[] = {
		"a",        "a\0",       "a\0\0\0\0\0\0", "a\0\0\0\0\0\0\0",
		"abcdefgh", "abcdefghi", "abcdefghj"};
	static const uint32_t lens[] = {1, 2, 7, 8, 8, 9, 9};

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(lens); i++)
		tell_text(task, &packet, sender(&packet), FACT_NAME_HOST,
		          cur_make((const uint8_t *)names[i], lens[i]));
	assert_int_equal(facts_known(), COUNT_OF(lens));
}

static void a_realm_is_part_of_the_key_and_the_same_in_every_task(void **state)
{
	struct packet inner, other;

	(void)state;
	tell_seen(task, &packet, sender(&packet));
	const struct task_options options = options_with(0);
	struct task *second = task_new(plan, &options);
	second->current = 0;
	/* the second task met another tunnel first: its numbers differ */
	assert_true(packet_enter(second, &packet, "gre", true, 7, &other));
	assert_true(packet_enter(task, &packet, "gre", true, 5, &inner));
	assert_true(packet_enter(second, &packet, "gre", true, 5, &other));
	assert_int_not_equal(inner.realm, other.realm);
	inner.source = other.source = packet.source;
	inner.from = other.from = packet.from;
	tell_seen(task, &inner, sender(&inner));
	assert_int_equal(facts_known(), 2);
	tell_seen(second, &other, sender(&other));
	tell_settle_all(second);
	assert_int_equal(facts_known(), 2);
	assert_int_equal(known[1].times_whole, 2);
	assert_true(inner.tunnel == other.tunnel);
	task_free(second);
}

static void groups_and_nobody_are_told_nothing_of(void **state)
{
	(void)state;
	packet.source = (struct mac){{1, 0, 0x5e, 0, 0, 1}};
	tell_seen(task, &packet, sender(&packet));
	packet.source = (struct mac){{0}};
	tell_seen(task, &packet, sender_link(&packet));
	assert_int_equal(facts_known(), 0);
	assert_int_equal(task_counter(task, COUNTER_FACTS), 0);
	tell_seen(task, &packet,
	          sender(&packet)); /* a link without MACs: the address is the device */
	assert_int_equal(facts_known(), 1);
}

static void a_long_text_is_cut_and_marked(void **state)
{
	static uint8_t text[FACT_VALUE_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof text);
	tell_text(task, &packet, sender(&packet), FACT_NAME_HOST, cur_make(text, FACT_VALUE_MAX));
	assert_false(known[0].cut);
	tell_text(task, &packet, sender_link(&packet), FACT_NAME_HOST, cur_make(text, sizeof text));
	assert_true(known[1].cut);
	assert_int_equal(known[1].len, FACT_VALUE_MAX);
}

static void what_a_full_channel_refused_is_told_later(void **state)
{
	(void)state;
	closed = true;
	for (unsigned i = 0; i < 3; i++, again())
		tell_seen(task, &packet, sender(&packet));
	task_tell_all(task);
	assert_int_equal(facts_known(), 0);
	assert_true(task_counter(task, COUNTER_FACTS_DROPPED) >= 3);
	closed = false;
	task_tell_all(task); /* an increment of what is not known would be no use */
	assert_int_equal(facts_known(), 0);
	tell_seen(task, &packet, sender(&packet));
	tell_settle_all(task);
	assert_int_equal(known[0].sum.count, 4);
	assert_int_equal(known[0].sum.first_ns, 1000);
	closed = true;
	again();
	tell_seen(task, &packet, sender(&packet));
	task_tell_all(task);
	closed = false;
	task_tell_all(task);
	assert_int_equal(known[0].sum.count, 5);
	assert_int_equal(task_counter(task, COUNTER_FACTS_LOST), 0);
}

/*
 * Ten thousand frames through sixteen slots, of which six can keep something: everything is evicted all the time, and nothing is
 * lost.
 */
static void counts_stay_exact_with_a_tiny_table(void **state)
{
	uint64_t sum = 0;

	(void)state;
	stop(NULL);
	start_with(512);
	for (unsigned i = 0; i < 10000; i++, again()) {
		packet.source.b[5] = (uint8_t)(i % 50);
		packet.source.b[4] = (uint8_t)(i % 7);
		tell_seen(task, &packet, sender_link(&packet));
	}
	task_tell_all(task);
	for (unsigned i = 0; i < known_count; i++)
		sum += known[i].sum.count;
	assert_int_equal(facts_known(), 350);
	assert_int_equal(sum, 10000);
	assert_int_equal(task_counter(task, COUNTER_FACTS_LOST), 0);
}

static void add_kept(void *sum, struct slot *slot)
{
	*(uint64_t *)sum += novelty_kept(&task->novelty, slot)->count;
}

static void what_is_lost_is_counted(void **state)
{
	uint64_t sum = 0;

	(void)state;
	stop(NULL);
	start_with(512);
	for (unsigned i = 0; i < 5000; i++, again()) {
		if (i % 50 == 0)
			tell_settle_all(task);
		closed = i % 100 < 50;
		packet.source.b[5] = (uint8_t)(i % 50);
		tell_seen(task, &packet, sender_link(&packet));
	}
	tell_settle_all(task);
	closed = false;
	task_tell_all(task);
	for (unsigned i = 0; i < known_count; i++)
		sum += known[i].sum.count;
	novelty_each(&task->novelty, add_kept, &sum); /* untold: they wait for a packet */
	assert_true(task_counter(task, COUNTER_FACTS_LOST) > 0);
	assert_int_equal(sum + task_counter(task, COUNTER_FACTS_LOST), 5000);
}

static void endpoints_that_share_a_place_stay_apart(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 2 * ENDPOINTS; i++, again()) {
			packet.source.b[4] = (uint8_t)(i >> 8);
			packet.source.b[5] = (uint8_t)i;
			tell_seen(task, &packet, sender_link(&packet));
		}
	}
	task_tell_all(task);
	assert_int_equal(facts_known(), 2 * ENDPOINTS);
	for (unsigned i = 0; i < known_count; i++)
		assert_int_equal(known[i].sum.count, 2);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(a_fact_is_told_whole_once_and_then_by_increments),
		CLAIM(the_first_frame_is_the_earliest_also_out_of_order),
		CLAIM(the_fact_key_is_endpoint_kind_value_and_observer),
		CLAIM(values_that_differ_only_in_length_or_at_their_end_differ),
		CLAIM(a_realm_is_part_of_the_key_and_the_same_in_every_task),
		CLAIM(groups_and_nobody_are_told_nothing_of),
		CLAIM(a_long_text_is_cut_and_marked),
		CLAIM(what_a_full_channel_refused_is_told_later),
		CLAIM(counts_stay_exact_with_a_tiny_table),
		CLAIM(what_is_lost_is_counted),
		CLAIM(endpoints_that_share_a_place_stay_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
