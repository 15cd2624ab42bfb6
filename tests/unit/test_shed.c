/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_shed.c - what the kernel keeps back: the table by itself, with the test in the kernel's place,
 * and then the program in the kernel, in a network namespace with two ends of a veth cable (hv0
 * listens, hv1 sends). The latter needs root, and a kernel that takes the program; skipped without.
 */
#include "capture/shed.h"

#include "base/clock.h"
#include "capture/shed_table.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "cable.h"

#include "look.h"

enum { QUIC_LONG = 0xc3, QUIC_SHORT = 0x43 };

/* ---- the table by itself ---- */

static struct shed_table table;
static struct shed *shed;
static uint64_t now;

/* What a fold told. */
static struct {
	unsigned count;
	uint64_t packets, bytes;
	struct bytes head;
} told;

static void told_by_fold(void *to, const struct frame *head, uint64_t packets, uint64_t bytes)
{
	(void)to;
	told.count++;
	told.packets += packets;
	told.bytes += bytes;
	told.head.len = head->captured;
	memcpy(told.head.b, head->bytes, head->captured);
}

static void fold_after(uint64_t seconds)
{
	now += seconds * CLOCK_SECOND;
	const struct fold fold = {.now_ns = now, .tell = told_by_fold};

	memset(&told, 0, sizeof told);
	shed_fold(shed, &fold);
}

static int start(void **state)
{
	(void)state;
	memset(&table, 0, sizeof table);
	shed = shed_new(&table);
	assert_non_null(shed);
	now = clock_now_ns();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	shed_free(shed);
	return 0;
}

static void want(const struct look *l, enum want wanted)
{
	const struct bytes bytes = frame_of(l);
	const struct frame f = {.bytes = bytes.b, .captured = bytes.len, .wire = bytes.len};

	shed_want(shed, &f, wanted);
}

/* The slots that are not free; *one is the last of them. */
static unsigned slots_in_use(struct shed_slot **one)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SHED_SLOTS; i++) {
		if (table.slots[i].state == SHED_FREE)
			continue;
		*one = &table.slots[i];
		count++;
	}
	return count;
}

static struct shed_slot *only_slot(void)
{
	struct shed_slot *slot = NULL;

	assert_int_equal(slots_in_use(&slot), 1);
	return slot;
}

static void slots_are(unsigned wanted)
{
	struct shed_slot *slot;

	assert_int_equal(slots_in_use(&slot), wanted);
}

static uint64_t kernel_counts(uint64_t packets, uint64_t bytes)
{
	return packets << SHED_PACKET_SHIFT | bytes;
}

static void what_is_wanted_becomes_what_passes(void **state)
{
	struct look datagram = udp;

	(void)state;
	want(&tcp, WANT_PAYLOAD);
	assert_int_equal(only_slot()->state, SHED_DONE);
	assert_int_equal(only_slot()->pass, SHED_PASS_ENDS | SHED_PASS_PAYLOAD);
	want(&tcp, WANT_ENDS);
	assert_int_equal(only_slot()->pass, SHED_PASS_ENDS);
	stop(NULL);
	start(NULL);
	datagram.first = QUIC_SHORT;
	want(&datagram, WANT_OTHERS);
	assert_int_equal(only_slot()->pass, 0xff & ~(1 << (QUIC_SHORT >> 5)));
	datagram.first = 0x80;
	want(&datagram, WANT_PATTERNS);
	assert_int_equal(only_slot()->state, SHED_SNIFFED);
	assert_int_equal(only_slot()->pass, 0xff & ~(1 << (QUIC_SHORT >> 5)) & ~(1 << (0x80 >> 5)));
}

static void each_part_of_its_look_is_another_slot(void **state)
{
	struct look looks[] = {tcp, tcp, tcp, tcp, tcp, tcp, tcp, tcp};

	(void)state;
	looks[1].tag = 5;
	looks[2].tag = 6;
	looks[3].six = true;
	looks[4].ttl = 63;
	looks[5].host = 8;
	looks[6].destination = 9;
	looks[7].from_port = 40001;
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < COUNT_OF(looks); i++)
			want(&looks[i], WANT_ENDS);
	slots_are(COUNT_OF(looks));
}

static void what_the_kernel_does_not_read_has_no_slot(void **state)
{
	struct look looks[] = {tcp, tcp, tcp, udp, udp};

	(void)state;
	looks[0].options = true;
	looks[1].fragment = true;
	looks[2].protocol = 47;
	looks[3].payload = 5; /* 47 bytes: the kernel looks at 48 */
	looks[4].six = true;
	looks[4].payload = 5; /* 67 of 68 */
	for (unsigned i = 0; i < COUNT_OF(looks); i++)
		want(&looks[i], WANT_ENDS);
	slots_are(0);
	looks[3].payload = looks[4].payload = 6;
	want(&looks[3], WANT_ENDS);
	want(&looks[4], WANT_ENDS);
	slots_are(2);
}

static void a_beginning_or_an_end_takes_no_slot(void **state)
{
	(void)state;
	want(&tcp, WANT_ALL);
	want(&tcp, WANT_BEGIN);
	want(&tcp, WANT_END);
	slots_are(0);
}

static void a_fold_tells_the_head_and_the_counts_once(void **state)
{
	struct look looks[] = {tcp, tcp, tcp};

	(void)state;
	looks[1].tag = 0xabc;
	looks[2].six = true;
	for (unsigned i = 0; i < COUNT_OF(looks); i++) {
		const struct bytes sent = frame_of(&looks[i]);
		const unsigned link = looks[i].tag ? 18 : 14, ip = looks[i].six ? 40 : 20;

		want(&looks[i], WANT_ENDS);
		only_slot()->count = kernel_counts(7, 7000);
		fold_after(5);
		assert_int_equal(told.count, 1);
		assert_int_equal(told.packets, 7);
		assert_int_equal(told.bytes, 7000 + (looks[i].tag ? 4 * 7 : 0));
		assert_int_equal(told.head.len, link + ip + 4);
		assert_memory_equal(told.head.b, sent.b, link);
		assert_int_equal(told.head.b[link] >> 4, looks[i].six ? 6 : 4);
		assert_int_equal(told.head.b[link + (looks[i].six ? 7 : 8)], 64);
		assert_memory_equal(told.head.b + link + (looks[i].six ? 8 : 12),
		                    sent.b + link + (looks[i].six ? 8 : 12),
		                    looks[i].six ? 36 : 12);
		fold_after(5);
		assert_int_equal(told.count, 0);
		stop(NULL);
		start(NULL);
	}
}

static void an_idle_slot_is_freed_after_a_minute_and_two_folds(void **state)
{
	(void)state;
	want(&tcp, WANT_ENDS);
	fold_after(55);
	only_slot()->count = kernel_counts(1, 60);
	fold_after(1);
	fold_after(58);
	assert_int_equal(only_slot()->state, SHED_DONE);
	fold_after(5);
	assert_int_equal(only_slot()->state, SHED_RESTING);
	fold_after(5);
	only_slot()->count = kernel_counts(1, 60); /* a processor that had found it before */
	fold_after(5);
	assert_int_equal(told.packets, 1);
	assert_int_equal(only_slot()->state, SHED_RESTING);
	fold_after(5);
	slots_are(0);
}

static void a_busy_one_is_learned_again_after_five_minutes(void **state)
{
	(void)state;
	want(&tcp, WANT_ENDS);
	for (unsigned i = 0; i < 60; i++) {
		assert_int_equal(only_slot()->state, SHED_DONE);
		only_slot()->count = kernel_counts(1, 60);
		fold_after(5);
	}
	assert_int_equal(only_slot()->state, SHED_LEARNING);
	want(&tcp, WANT_ENDS);
	assert_int_equal(only_slot()->state, SHED_DONE);
	fold_after(5);
	assert_int_equal(only_slot()->state, SHED_DONE);
}

static void after_the_kernel_saw_a_syn_only_a_syn_begins_again(void **state)
{
	(void)state;
	want(&tcp, WANT_ENDS);
	only_slot()->state = SHED_SYN;
	want(&tcp, WANT_ENDS); /* packets of the connection before, still in the ring */
	want(&tcp, WANT_PAYLOAD);
	want(&tcp, WANT_END);
	assert_int_equal(only_slot()->state, SHED_SYN);
	want(&tcp, WANT_BEGIN);
	assert_int_equal(only_slot()->state, SHED_LEARNING);
	want(&tcp, WANT_ENDS);
	assert_int_equal(only_slot()->state, SHED_DONE);
}

static void an_ended_connections_slot_is_freed(void **state)
{
	(void)state;
	want(&tcp, WANT_ENDS);
	want(&tcp, WANT_END);
	for (unsigned i = 0; i < 4; i++) {
		slots_are(1);
		fold_after(5);
	}
	slots_are(0);
}

static void a_full_place_takes_no_more(void **state)
{
	struct shed_slot *slot;
	struct look l = tcp;
	unsigned used;

	(void)state;
	memset(table.tags, 0xff, sizeof table.tags);
	want(&tcp, WANT_ENDS);
	slots_are(0);
	memset(table.tags, 0, sizeof table.tags);
	for (unsigned i = 0; i < 3 * SHED_SLOTS; i++) { /* more than there is room for */
		l.from_port = (uint16_t)(1 + i % 65000);
		l.host = (uint8_t)(i / 65000);
		want(&l, WANT_ENDS);
	}
	used = slots_in_use(&slot);
	assert_true(used > SHED_SLOTS * 9 / 10 && used <= SHED_SLOTS);
	for (unsigned i = 0; i < 6; i++)
		fold_after(60);
	slots_are(0);
}

/* ---- the program in the kernel ---- */

static struct source *source;
static int wire = -1;

static void listen_with(const struct live_options *options)
{
	char why[256] = "";

	source = source_open_live("hv0", options, NULL, why, sizeof why);
	if (!source)
		fail_msg("%s", why);
}

static bool kernel_takes_it(void)
{
	struct source_counts c;

	if (!source)
		return false;
	source_count(source, &c);
	return c.shedding == 1;
}

static void need_kernel(void)
{
	if (!kernel_takes_it())
		skip();
}

static const struct live_options live = {.ring_bytes = 4 << 20,
                                         .block_ms = 1,
                                         .shed = true,
                                         .begins = {[1] = 4 << 8 | 0x21, [2] = BEGINS_ANY}};

static int cable(void **state)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET};

	(void)state;
	if (geteuid() != 0)
		return 0;
	if (cable_lay() < 0)
		return -1;
	wire = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	to.sll_ifindex = (int)if_nametoindex("hv1");
	listen_with(&live);
	return wire >= 0 && bind(wire, (const void *)&to, sizeof to) == 0 ? 0 : -1;
}

static int cut(void **state)
{
	(void)state;
	source_free(source);
	source = NULL;
	if (wire >= 0)
		close(wire);
	wire = -1;
	return 0;
}

static void send_look(const struct look *l)
{
	const struct bytes bytes = frame_of(l);

	assert_int_equal(send(wire, bytes.b, bytes.len, 0), bytes.len);
}

/* Reads what comes within a moment and says of the last frame what is wanted; how many came. */
static unsigned hear(enum want wanted)
{
	struct frame frames[SOURCE_BATCH];
	unsigned count = 0, all = 0;

	while (source_next(source, frames, &count, 40) == FRAMES) {
		all += count;
		source_want(source, &frames[count - 1], wanted);
	}
	return all;
}

/* Is such a frame delivered? */
static bool comes(const struct look *l)
{
	send_look(l);
	return hear(WANT_ALL) == 1;
}

static void mark(const struct look *l, enum want wanted)
{
	send_look(l);
	assert_int_equal(hear(wanted), 1);
}

static uint64_t kept_back(void)
{
	const struct fold fold = {.now_ns = clock_now_ns(), .tell = told_by_fold};

	memset(&told, 0, sizeof told);
	source_fold(source, &fold);
	return told.packets;
}

static void a_marked_conversation_is_counted_not_given(void **state)
{
	struct look looks[] = {tcp, tcp, tcp, tcp, udp};

	(void)state;
	need_kernel();
	looks[1].tag = 5;
	looks[2].six = true;
	looks[3].six = true;
	looks[3].tag = 5;
	for (unsigned i = 0; i < COUNT_OF(looks); i++) {
		const uint64_t bytes = frame_of(&looks[i]).len;

		mark(&looks[i], looks[i].protocol == 6 ? WANT_ENDS : WANT_OTHERS);
		for (unsigned k = 0; k < 3; k++)
			assert_false(comes(&looks[i]));
		assert_int_equal(kept_back(), 3);
		assert_int_equal(told.count, 1);
		assert_int_equal(told.bytes, 3 * bytes);
	}
}

static void whoever_differs_in_anything_comes(void **state)
{
	struct look looks[] = {tcp, tcp, tcp, tcp, tcp, tcp, tcp, tcp, tcp};

	(void)state;
	need_kernel();
	mark(&tcp, WANT_ENDS);
	looks[0].tag = 5;
	looks[1].six = true;
	looks[2].ttl = 63;
	looks[3].host = 8;
	looks[4].destination = 9;
	looks[5].from_port = 40001;
	looks[6].protocol = 17;
	looks[7].fragment = true;
	looks[8].options = true;
	for (unsigned i = 0; i < COUNT_OF(looks); i++)
		assert_true(comes(&looks[i]));
	assert_false(comes(&tcp));
}

static void ends_and_payload_come_when_they_are_wanted(void **state)
{
	struct look bare = tcp, end = tcp;

	(void)state;
	need_kernel();
	bare.payload = 0;
	mark(&bare, WANT_PAYLOAD);
	assert_false(comes(&bare));
	assert_true(comes(&tcp));
	mark(&tcp, WANT_ENDS);
	assert_false(comes(&tcp));
	end.flags = FIN | ACK;
	assert_true(comes(&end));
	end.flags = RST;
	assert_true(comes(&end));
}

static void after_a_syn_all_comes_at_once(void **state)
{
	struct look syn = tcp;

	(void)state;
	need_kernel();
	syn.flags = SYN;
	syn.payload = 0;
	mark(&tcp, WANT_ENDS);
	assert_false(comes(&tcp));
	send_look(&syn); /* and before it is read: */
	for (unsigned i = 0; i < 5; i++)
		send_look(&tcp);
	assert_int_equal(hear(WANT_ENDS), 6); /* which is said too early, and ignored */
	assert_true(comes(&tcp));
	mark(&syn, WANT_BEGIN);
	mark(&tcp, WANT_ENDS);
	assert_false(comes(&tcp));
}

static void datagrams_that_begin_otherwise_come(void **state)
{
	struct look l = udp;

	(void)state;
	need_kernel();
	l.first = QUIC_SHORT;
	mark(&l, WANT_OTHERS);
	l.first = QUIC_SHORT + 1;
	assert_false(comes(&l));
	l.first = QUIC_LONG;
	assert_true(comes(&l));
}

static void datagrams_that_begin_as_a_pattern_come(void **state)
{
	struct look l = udp;

	(void)state;
	need_kernel();
	l.first = 5;
	mark(&l, WANT_PATTERNS);
	assert_false(comes(&l));
	l.first = 1; /* in `begins`, but not without its other byte */
	assert_false(comes(&l));
	l.text = "\x01\x01\x01\x01\x21";
	assert_true(comes(&l));
	l.text = NULL;
	l.first = 2;
	assert_true(comes(&l));
	mark(&l, WANT_OTHERS); /* who claims it had enough: but others nobody claimed */
	assert_true(comes(&l));
}

static void what_was_looked_at_is_what_was_kept_and_passed(void **state)
{
	struct frame frames[SOURCE_BATCH];
	struct source_counts c;
	unsigned count;
	enum pull pull;

	(void)state;
	need_kernel();
	mark(&tcp, WANT_ENDS);
	for (unsigned i = 0; i < 2000; i++)
		send_look(i % 4 == 0 ? &udp : &tcp);
	source_stop(source);
	while ((pull = source_next(source, frames, &count, 100)) == FRAMES || pull == IDLE)
		continue;
	assert_int_equal(kept_back(), 1500);
	source_count(source, &c);
	assert_int_equal(c.looked_at, 2001);
	assert_int_equal(c.received, 501);
	assert_int_equal(c.looked_at, c.shed + c.kernel_seen);
	assert_int_equal(c.kernel_seen, c.received + c.kernel_dropped);
}

/* Sockets with the program and without it, as where memory for one more table was not to be had. */
static void shares_are_the_same_with_and_without_it(void **state)
{
	enum { SHARES = 3 };
	struct source *parts[SHARES];
	uint64_t all = 0;

	(void)state;
	need_kernel();
	source_free(source);
	for (unsigned i = 0; i < SHARES; i++) {
		struct live_options options = live;

		options.fanout = SHARES;
		options.share = i;
		options.shed = i != 1;
		listen_with(&options);
		parts[i] = source;
	}
	for (unsigned i = 0; i < 300; i++) {
		struct look l = i % 2 ? tcp : udp;

		l.host = (uint8_t)i;
		l.six = i % 3 == 0;
		l.tag = i % 5 == 0 ? 7 : 0;
		l.tag_type = i % 10 == 0 ? 0x88a8 : 0;
		l.protocol = i % 7 == 0 ? 89 : l.protocol;
		send_look(&l);
	}
	for (unsigned i = 0; i < SHARES; i++) {
		source = parts[i];
		const unsigned heard = hear(WANT_ALL);

		assert_true(heard > 50);
		all += heard;
		source_free(source);
	}
	source = NULL;
	assert_int_equal(all, 300);
}

int main(void)
{
#define ALONE(claim) cmocka_unit_test_setup_teardown(claim, start, stop)
#define IN_KERNEL(claim) cmocka_unit_test_setup_teardown(claim, cable, cut)
	const struct CMUnitTest tests[] = {
		ALONE(what_is_wanted_becomes_what_passes),
		ALONE(each_part_of_its_look_is_another_slot),
		ALONE(what_the_kernel_does_not_read_has_no_slot),
		ALONE(a_beginning_or_an_end_takes_no_slot),
		ALONE(a_fold_tells_the_head_and_the_counts_once),
		ALONE(an_idle_slot_is_freed_after_a_minute_and_two_folds),
		ALONE(a_busy_one_is_learned_again_after_five_minutes),
		ALONE(after_the_kernel_saw_a_syn_only_a_syn_begins_again),
		ALONE(an_ended_connections_slot_is_freed),
		ALONE(a_full_place_takes_no_more),
		IN_KERNEL(a_marked_conversation_is_counted_not_given),
		IN_KERNEL(whoever_differs_in_anything_comes),
		IN_KERNEL(ends_and_payload_come_when_they_are_wanted),
		IN_KERNEL(after_a_syn_all_comes_at_once),
		IN_KERNEL(datagrams_that_begin_otherwise_come),
		IN_KERNEL(datagrams_that_begin_as_a_pattern_come),
		IN_KERNEL(what_was_looked_at_is_what_was_kept_and_passed),
		IN_KERNEL(shares_are_the_same_with_and_without_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
