/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_flow.c - the flow table: who began, who answered, who is forgotten. What is in the streams
 * is test_stream's.
 */
#include "observe/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "task_bed.h"

static const struct observer observer_none = {.name = "none",
                                              .claims = CLAIMS({TCP_PORT, 7000, NULL}),
                                              .tells = TELLS({FACT_NONE, SAYS, 0})};
static const struct observer *const registry[] = {&observer_none};

static struct packet packet;

static void start_with(size_t flow_bytes)
{
	const struct task_options options = {
		.key = hash_key_fixed(), .edge = -1, .flow_bytes = flow_bytes};

	bed_start(registry, 1, &options);
	packet = (struct packet){
		.from = ip_from4((struct ip4){{192, 0, 2, 1}}),
		.to = ip_from4((struct ip4){{192, 0, 2, 2}}),
		.from_port = {40000},
		.to_port = {53},
		.protocol = 17,
	};
}

static int start(void **state)
{
	(void)state;
	start_with(0);
	return 0;
}

static struct packet turned(struct packet p)
{
	const struct ip from = p.from;
	const struct port port = p.from_port;

	p.from = p.to;
	p.from_port = p.to_port;
	p.to = from;
	p.to_port = port;
	return p;
}

static struct flow_view datagram(struct packet p)
{
	return flow_datagram(task, &p);
}

static void the_first_packet_begins_and_the_other_side_answers_once(void **state)
{
	struct flow_view v = datagram(packet);

	(void)state;
	assert_true(v.first && v.from_initiator && !v.answered);
	v = datagram(packet);
	assert_true(!v.first && v.from_initiator && !v.answered);
	v = datagram(turned(packet));
	assert_true(!v.first && !v.from_initiator && v.answered);
	v = datagram(turned(packet));
	assert_true(!v.first && !v.from_initiator && !v.answered);
	assert_int_equal(task_counter(task, COUNTER_FLOWS), 1);
}

static void each_part_of_the_key_makes_another_flow(void **state)
{
	struct packet p = packet;

	(void)state;
	(void)datagram(p);
	p.from_port.n++;
	assert_true(datagram(p).first);
	p.to_port.n++;
	assert_true(datagram(p).first);
	p.from.b[3] = 9;
	assert_true(datagram(p).first);
	p.to.b[0] = 10;
	assert_true(datagram(p).first);
	p.tunnel = 1;
	assert_true(datagram(p).first);
	p.tunnel = 2;
	assert_true(datagram(p).first);
	p.protocol = 6;
	assert_true(flow_segment(task, &p).first);
	assert_int_equal(task_counter(task, COUNTER_FLOWS), 8);
}

static void what_is_no_part_of_the_key_makes_none(void **state)
{
	struct packet p = packet;

	(void)state;
	(void)datagram(p);
	p.vlan.n = 5; /* seen on both sides of a router */
	p.source.b[5] = 7;
	p.iface = 3;
	p.ttl = 9;
	assert_false(datagram(p).first);
}

static void ports_belong_to_their_addresses(void **state)
{
	struct packet crossed = packet;

	(void)state;
	(void)datagram(packet);
	crossed.from_port = packet.to_port;
	crossed.to_port = packet.from_port;
	assert_true(datagram(crossed).first);
}

static void a_host_may_talk_to_itself(void **state)
{
	packet.to = packet.from;
	(void)state;
	assert_true(datagram(packet).first);
	const struct flow_view v = datagram(turned(packet));
	assert_true(!v.first && v.answered);
}

static void addresses_of_two_families_are_a_pair_too(void **state)
{
	packet.to = ip_from6((struct ip6){{0xfe, 0x80}});
	(void)state;
	assert_true(datagram(packet).first);
	assert_false(datagram(turned(packet)).first);
}

/* Which side speaks first in the capture says nothing of who opened the connection before. */
static void in_mid_dialogue_the_claimed_or_lower_port_serves(void **state)
{
	static const uint16_t ports[][2] = {{40000, 7000}, {80, 7000}, {40000, 81}};

	(void)state;
	packet.protocol = 6;
	for (unsigned i = 0; i < COUNT_OF(ports); i++) {
		packet.from_port.n = ports[i][0];
		packet.to_port.n = ports[i][1];
		packet.from.b[2] = (uint8_t)i;
		struct packet there = packet;
		assert_true(flow_segment(task, &there).from_initiator);
		packet.from.b[2] = (uint8_t)(100 + i);
		struct packet back = turned(packet);
		assert_false(flow_segment(task, &back).from_initiator);
	}
}

static void of_equal_ports_the_answer_does_not_depend_on_who_is_seen_first(void **state)
{
	(void)state;
	packet.protocol = 6;
	packet.from_port.n = packet.to_port.n = 500;
	struct packet there = packet, back = turned(packet);
	const bool from = flow_segment(task, &there).from_initiator;
	stop(NULL);
	start_with(0);
	assert_int_equal(flow_segment(task, &back).from_initiator, !from);
}

static void the_flow_seen_longest_ago_gives_way(void **state)
{
	(void)state;
	stop(NULL);
	start_with(3000);
	const unsigned room = task->flows.room;
	for (unsigned i = 0; i < room; i++) {
		packet.from_port.n = (uint16_t)(1000 + i);
		assert_true(datagram(packet).first);
	}
	packet.from_port.n = 1000;
	assert_false(datagram(packet).first); /* now the newest */
	packet.from_port.n = 5000;
	assert_true(datagram(packet).first); /* 1001 gives way */
	packet.from_port.n = 1000;
	assert_false(datagram(packet).first);
	packet.from_port.n = 1001;
	assert_true(datagram(packet).first);
	assert_int_equal(task_counter(task, COUNTER_FLOWS_EVICTED), 2);
}

/* A flood of flows through the smallest table: lists stay whole, counts add up. */
static void a_flood_leaves_the_table_whole(void **state)
{
	(void)state;
	stop(NULL);
	start_with(1);
	for (unsigned i = 0; i < 50000; i++) {
		packet.from_port.n = (uint16_t)(i * 7919);
		packet.protocol = i % 3 ? 17 : 6;
		if (packet.protocol == 6)
			(void)flow_segment(task,
			                   &(struct packet){.from = packet.from,
			                                    .to = packet.to,
			                                    .from_port = packet.from_port,
			                                    .to_port = packet.to_port,
			                                    .protocol = 6,
			                                    .segment = {.syn = true, .seq = i}});
		else
			(void)datagram(packet);
	}
	assert_int_equal(task->flows.used, task->flows.room);
	assert_int_equal(task_counter(task, COUNTER_FLOWS) -
	                         task_counter(task, COUNTER_FLOWS_EVICTED),
	                 task->flows.used);
	unsigned linked = 0;
	for (uint32_t i = 0; i <= task->flows.bucket_mask; i++)
		for (uint32_t n = task->flows.buckets[i]; n != 0; n = task->flows.list[n - 1].next)
			linked++;
	assert_int_equal(linked, task->flows.used);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(the_first_packet_begins_and_the_other_side_answers_once),
		CLAIM(each_part_of_the_key_makes_another_flow),
		CLAIM(what_is_no_part_of_the_key_makes_none),
		CLAIM(ports_belong_to_their_addresses),
		CLAIM(a_host_may_talk_to_itself),
		CLAIM(addresses_of_two_families_are_a_pair_too),
		CLAIM(in_mid_dialogue_the_claimed_or_lower_port_serves),
		CLAIM(of_equal_ports_the_answer_does_not_depend_on_who_is_seen_first),
		CLAIM(the_flow_seen_longest_ago_gives_way),
		CLAIM(a_flood_leaves_the_table_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
