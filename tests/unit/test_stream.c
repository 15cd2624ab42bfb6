/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_stream.c - flows and streams through the whole engine: frames in, what a stream observer
 * sees out.
 *
 * Two test observers note every call. "lines" claims port 7000 and reads whole lines; "magic"
 * claims streams that begin with MAGIC and reads all. The layers below are the real ones.
 */
#include "observe/engine.h"
#include "observe/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "task_bed.h"

/* ---- what the observers saw ---- */

enum { SEEN_MAX = 200000 };
static char seen[2][SEEN_MAX]; /* by direction: lines joined by '|' */
static size_t seen_len[2];
static unsigned calls, ends, gaps, firsts, midstreams, magic_bytes, state_calls;
static uint64_t work; /* bytes given to lines in all its calls */
static unsigned
	told_of[2]; /* the last byte of the sender's address in the last call, by direction */

static void note(unsigned side, const uint8_t *bytes, uint32_t len)
{
	assert_true(seen_len[side] + len + 1 < SEEN_MAX);
	memcpy(seen[side] + seen_len[side], bytes, len);
	seen_len[side] += len;
	seen[side][seen_len[side]++] = '|';
	seen[side][seen_len[side]] = '\0';
}

static void note_flags(const struct stream *s)
{
	calls++;
	ends += s->end;
	gaps += s->gap;
	firsts += s->first;
	midstreams += s->midstream;
}

static enum verdict lines_stream(struct task *t, struct packet *p, struct cur *in,
                                 const struct stream *s, void *state)
{
	enum verdict v = NOTHING;
	struct cur line;

	note_flags(s);
	work += cur_left(in);
	told_of[!s->from_client] = p->from.b[3];
	(*(uint32_t *)state)++;
	state_calls = *(uint32_t *)state;
	while (cur_line(in, &line)) {
		note(!s->from_client, cur_bytes(&line), cur_left(&line));
		stream_message(t, in);
		v = LEARNED;
	}
	return s->end ? v : NEED_MORE;
}

static enum verdict magic_stream(struct task *t, struct packet *p, struct cur *in,
                                 const struct stream *s, void *state)
{
	(void)t, (void)p, (void)s, (void)state;
	magic_bytes += cur_left(in);
	cur_skip(in, cur_left(in));
	return LEARNED;
}

static const struct observer observer_lines = {
	.name = "lines",
	.about = "test",
	.spec = "-",
	.claims = CLAIMS({TCP_PORT, 7000, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 1}),
	.flow_state_size = 4,
	.stream = lines_stream,
};
static const struct observer observer_magic = {
	.name = "magic",
	.about = "test",
	.spec = "-",
	.claims = CLAIMS({TCP_SNIFF, 0, "'MAGIC' ?? 21"}),
	.tells = TELLS({FACT_ROLE, SAYS, 1}),
	.stream = magic_stream,
};
extern const struct observer observer_ethernet, observer_ipv4, observer_tcp;
static const struct observer *const registry[] = {&observer_ethernet, &observer_ipv4,
                                                  &observer_lines, &observer_magic, &observer_tcp};
enum { TCP_INDEX = 4 };

/* ---- a task whose facts go nowhere ---- */

static _Alignas(8) uint8_t room[1 << 16];

static enum sent nowhere_reserve(void *to, uint32_t len, struct fact_item **out)
{
	(void)to;
	*out = len <= sizeof room ? (struct fact_item *)(void *)room : NULL;
	return *out ? SENT : FULL;
}

static unsigned services; /* told */

static void nowhere_commit(void *to)
{
	const struct fact_item *fact = (const struct fact_item *)(const void *)room;

	(void)to;
	services += fact->message == NEW_FACT && fact->kind == FACT_SERVICE;
}

static void start_with(size_t flow_bytes, size_t stream_bytes)
{
	const struct task_options options = {.key = hash_key_fixed(),
	                                     .facts = {NULL, nowhere_reserve, nowhere_commit},
	                                     .edge = -1,
	                                     .flow_bytes = flow_bytes,
	                                     .stream_bytes = stream_bytes};

	bed_start(registry, COUNT_OF(registry), &options);
	memset(seen_len, 0, sizeof seen_len);
	seen[0][0] = seen[1][0] = '\0';
	calls = ends = gaps = firsts = midstreams = magic_bytes = state_calls = services = 0;
	work = told_of[0] = told_of[1] = 0;
}

static int start(void **state)
{
	(void)state;
	start_with(0, 0);
	return 0;
}

/* ---- frames ---- */

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, CLIENT = 0, SERVER = 1 };
static uint16_t client_port = 40000, server_port = 7000;
static uint64_t number;

static void put16(uint8_t *at, unsigned n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

static void put32(uint8_t *at, uint32_t n)
{
	put16(at, n >> 16);
	put16(at + 2, n & 0xffff);
}

/* A segment with len bytes of which `missing` more were on the wire. */
static uint32_t acking;

static void segment_cut(unsigned side, uint32_t seq, unsigned flags, const void *payload,
                        size_t len, size_t missing)
{
	uint8_t *bytes = calloc(1, 54 + len); /* exact size: an over-read faults under ASan */
	static const uint8_t head[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45};

	memcpy(bytes, head, sizeof head);
	if (side == SERVER) {
		bytes[5] = 1;
		bytes[11] = 2;
	}
	put16(bytes + 16, (unsigned)(40 + len + missing));
	bytes[22] = 64;
	bytes[23] = 6;
	put32(bytes + 26, side == CLIENT ? 0xc0000201 : 0xc0000202);
	put32(bytes + 30, side == CLIENT ? 0xc0000202 : 0xc0000201);
	put16(bytes + 34, side == CLIENT ? client_port : server_port);
	put16(bytes + 36, side == CLIENT ? server_port : client_port);
	put32(bytes + 38, seq);
	put32(bytes + 42, acking);
	bytes[46] = 0x50;
	bytes[47] = (uint8_t)flags;
	if (len > 0)
		memcpy(bytes + 54, payload, len);
	number++;
	const struct frame f = {.bytes = bytes,
	                        .captured = (uint32_t)(54 + len),
	                        .wire = (uint32_t)(54 + len + missing),
	                        .time_ns = 1000000000 + number,
	                        .number = number,
	                        .linktype = 1};
	task_frame(task, &f);
	free(bytes);
}

static void segment(unsigned side, uint32_t seq, unsigned flags, const void *payload, size_t len)
{
	segment_cut(side, seq, flags, payload, len, 0);
}

static void segment_acking(unsigned side, uint32_t seq, unsigned flags, uint32_t ack,
                           const void *payload, size_t len)
{
	acking = ack;
	segment(side, seq, flags, payload, len);
	acking = 0;
}

static void say(unsigned side, uint32_t seq, const char *text)
{
	segment(side, seq, ACK, text, strlen(text));
}

static void open_connection(uint32_t client, uint32_t server)
{
	segment(CLIENT, client, SYN, NULL, 0);
	segment_acking(SERVER, server, SYN | ACK, client + 1, NULL, 0);
	segment(CLIENT, client + 1, ACK, NULL, 0);
}

/* ---- claims ---- */

static void whole_lines_are_told_once_by_direction(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "hello\nwor");
	say(SERVER, 901, "hi\n");
	say(CLIENT, 110, "ld\n");
	assert_string_equal(seen[0], "hello|world|");
	assert_string_equal(seen[1], "hi|");
	assert_int_equal(gaps, 0);
	assert_int_equal(midstreams, 0);
	assert_int_equal(state_calls, 3); /* one state for both directions */
}

static void segments_out_of_order_are_put_in_order(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 107, "two\n");
	say(CLIENT, 111, "three\n");
	assert_string_equal(seen[0], "");
	say(CLIENT, 101, "one..\n");
	assert_string_equal(seen[0], "one..|two|three|");
}

static void sequence_numbers_may_wrap(void **state)
{
	(void)state;
	open_connection(0xfffffffd, 900);
	say(CLIENT, 0xfffffffe, "abc\nd");
	say(CLIENT, 3, "ef\n");
	assert_string_equal(seen[0], "abc|def|");
}

static void of_overlapping_segments_the_first_copy_wins(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 105, "EFGH");
	say(CLIENT, 103, "cdXX");
	say(CLIENT, 101, "ab");
	say(CLIENT, 109, "\n");
	assert_string_equal(seen[0], "abcdEFGH|");
	assert_int_equal(task_counter(task, COUNTER_OVERLAPS), 1);
}

static void a_retransmission_is_not_told_again(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "one\n");
	say(CLIENT, 101, "one\n");
	say(CLIENT, 101, "one\ntwo\n");
	assert_string_equal(seen[0], "one|two|");
}

static void a_hole_that_stays_ends_the_direction_with_a_gap(void **state)
{
	static char big[20000];

	(void)state;
	memset(big, 'x', sizeof big);
	open_connection(100, 900);
	say(CLIENT, 101, "one\n");
	say(CLIENT, 110, "lost before\n");
	segment(CLIENT, 105 + 20000, ACK, big, 100);
	assert_string_equal(seen[0], "one|");
	assert_int_equal(gaps, 1);
	assert_int_equal(ends, 1);
	say(CLIENT, 105, "late\n");
	assert_string_equal(seen[0], "one|");
}

static void fin_offers_the_rest_with_end(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "one\nunfinished");
	assert_int_equal(ends, 0);
	segment(CLIENT, 115, ACK | FIN, NULL, 0);
	assert_int_equal(ends, 1);
	assert_string_equal(seen[0], "one|");
}

static void a_fin_that_overtakes_data_waits_for_it(void **state)
{
	(void)state;
	open_connection(100, 900);
	segment(CLIENT, 105, ACK | FIN, "two\n", 4);
	assert_int_equal(ends, 0);
	say(CLIENT, 101, "one\n");
	assert_string_equal(seen[0], "one|two|");
	assert_int_equal(ends, 1);
}

static void a_capture_that_starts_in_mid_dialogue_is_marked(void **state)
{
	(void)state;
	say(CLIENT, 5000, "tail of one\ntwo\n");
	say(SERVER, 7000, "answer\n");
	assert_string_equal(seen[0], "tail of one|two|");
	assert_string_equal(seen[1], "answer|");
	assert_int_equal(midstreams, calls);
}

static void a_new_syn_starts_a_new_flow(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "one\n");
	segment(CLIENT, 105, FIN | ACK, NULL, 0);
	segment(SERVER, 901, FIN | ACK, NULL, 0);
	say(CLIENT, 106, "after the end\n");
	assert_string_equal(seen[0], "one|");
	open_connection(77777, 88888);
	say(CLIENT, 77778, "two\n");
	assert_string_equal(seen[0], "one|two|");
	assert_int_equal(task_counter(task, COUNTER_FLOWS), 2);
}

static void a_repeated_syn_changes_nothing(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "on");
	segment(CLIENT, 100, SYN, NULL, 0);
	say(CLIENT, 103, "e\n");
	assert_string_equal(seen[0], "one|");
}

static void data_in_the_syn_counts(void **state)
{
	(void)state;
	segment(CLIENT, 100, SYN, "fast\n", 5);
	assert_string_equal(seen[0], "fast|");
}

static void no_more_than_16_kib_are_offered(void **state)
{
	char line[101];

	(void)state;
	memset(line, 'l', 99);
	line[99] = '\n';
	line[100] = '\0';
	open_connection(100, 900);
	for (uint32_t i = 0; i < 400; i++)
		say(CLIENT, 101 + i * 100, line);
	assert_int_equal(seen_len[0], 163 * 100); /* 16,384 / 100 whole lines */
	assert_int_equal(ends, 1);
	assert_int_equal(flow_reading(&task->flows, &task->flows.list[0], 0)->buffer, 0);
}

static void a_pattern_finds_its_stream_on_any_port(void **state)
{
	(void)state;
	client_port = 1234;
	server_port = 4321;
	open_connection(100, 900);
	say(CLIENT, 101, "MAG");
	say(CLIENT, 104, "I");
	assert_int_equal(magic_bytes, 0);
	say(CLIENT, 105, "C-! and more");
	assert_int_equal(magic_bytes, 16);
	say(SERVER, 901, "MAGIC-? no");
	assert_int_equal(magic_bytes, 16);
	say(CLIENT, 117, "..");
	assert_int_equal(magic_bytes, 18);
	client_port = 40000;
	server_port = 7000;
	assert_int_equal(task_counter(task, COUNTER_UNCLAIMED), 0);
}

static void what_nobody_claims_is_counted_once_a_flow(void **state)
{
	(void)state;
	server_port = 4321;
	open_connection(100, 900);
	say(CLIENT, 101, "nothing known");
	say(SERVER, 901, "nothing known");
	say(CLIENT, 114, "more");
	server_port = 7000;
	assert_int_equal(task_counter(task, COUNTER_UNCLAIMED), 1);
	assert_int_equal(task->unclaimed_count, 1);
	assert_int_equal(task->unclaimed[0].key, 4321);
}

static void a_port_and_a_pattern_may_both_claim(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "MAGIC");
	say(CLIENT, 106, "-!x\n");
	assert_string_equal(seen[0], "MAGIC-!x|");
	assert_int_equal(magic_bytes, 9);
}

static void the_end_of_the_capture_offers_what_is_left(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "one\nrest");
	task_finish(task);
	assert_int_equal(ends, 1);
	assert_string_equal(seen[0], "one|");
}

static void a_reset_ends_both_directions(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "one\nrest");
	say(SERVER, 901, "rest");
	segment(SERVER, 905, RST, NULL, 0);
	assert_int_equal(ends, 2);
	say(CLIENT, 109, "\n");
	assert_string_equal(seen[0], "one|");
}

static void a_full_table_forgets_the_oldest_flow(void **state)
{
	(void)state;
	stop(NULL);
	start_with(3000, 70000);
	for (unsigned i = 0; i < 100; i++) {
		client_port = (uint16_t)(1000 + i);
		open_connection(100, 900);
		say(CLIENT, 101, "one\nrest"); /* each holds a buffer, until it is evicted */
	}
	client_port = 40000;
	assert_true(task_counter(task, COUNTER_FLOWS_EVICTED) > 70);
	assert_int_equal(task_counter(task, COUNTER_FLOWS), 100);
	assert_true(task_counter(task, COUNTER_STREAM_REFUSED) < 100);
	open_connection(100, 900);
	say(CLIENT, 101, "two\n");
	assert_non_null(strstr(seen[0], "two|"));
}

static void a_reset_s_payload_is_no_part_of_the_stream(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "one\n");
	segment(CLIENT, 105, RST, "go away\n", 8);
	assert_string_equal(seen[0], "one|");
	assert_int_equal(ends, 1);
}

static void a_reset_tells_its_own_side_of_the_end_even_if_all_was_read(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "one\n");
	say(SERVER, 901, "two\n");
	segment(SERVER, 905, RST, NULL, 0);
	assert_int_equal(ends, 1); /* no packet of the client is at hand, and nothing of it waits */
	assert_int_equal(gaps, 0);
	assert_int_equal(told_of[1], 2);
}

static void what_waits_is_told_of_who_sent_it(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "waits");
	segment(SERVER, 901, RST, NULL, 0);
	assert_int_equal(ends, 1);
	assert_int_equal(told_of[0], 1);
}

static void a_segment_cut_by_the_capture_leaves_a_hole(void **state)
{
	(void)state;
	open_connection(100, 900);
	segment_cut(CLIENT, 101, ACK, "one\ntw", 6, 10);
	assert_string_equal(seen[0], "one|");
	assert_int_equal(gaps, 1);
	assert_int_equal(ends, 1);
	say(CLIENT, 117, "xx\n");
	assert_string_equal(seen[0], "one|");
}

static void a_cut_segment_with_fin_ends_with_a_gap(void **state)
{
	(void)state;
	open_connection(100, 900);
	segment_cut(CLIENT, 101, ACK | FIN, "one\ntw", 6, 10);
	assert_int_equal(gaps, 1);
	assert_int_equal(ends, 1);
}

static void a_keep_alive_changes_nothing(void **state)
{
	(void)state;
	segment(CLIENT, 100, SYN, NULL, 0);
	segment(SERVER, 900, SYN | ACK, NULL, 0);
	segment(CLIENT, 100, ACK, "\0", 1); /* before the first byte */
	say(CLIENT, 101, "one\ntw");
	segment(CLIENT, 106, ACK, "\0", 1); /* over the last one */
	segment(CLIENT, 106, ACK, NULL, 0);
	say(CLIENT, 107, "o\n");
	assert_string_equal(seen[0], "one|two|");
	assert_int_equal(task_counter(task, COUNTER_OVERLAPS), 0);
}

static void a_keep_alive_starts_no_direction_in_mid_dialogue(void **state)
{
	(void)state;
	segment(CLIENT, 4999, ACK, "\0", 1);
	say(CLIENT, 5000, "one\n");
	assert_string_equal(seen[0], "one|");
}

static void a_zero_window_probe_is_the_next_byte(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "on");
	say(CLIENT, 103, "e");
	say(CLIENT, 103, "e\n");
	assert_string_equal(seen[0], "one|");
	assert_int_equal(task_counter(task, COUNTER_OVERLAPS), 0);
}

static void a_repeated_fin_ends_once(void **state)
{
	(void)state;
	open_connection(100, 900);
	segment(CLIENT, 101, ACK | FIN, "one\n", 4);
	segment(CLIENT, 101, ACK | FIN, "one\n", 4);
	segment(CLIENT, 105, ACK | FIN, NULL, 0);
	assert_int_equal(ends, 1);
	assert_string_equal(seen[0], "one|");
}

static void a_fin_from_before_the_start_ends_nothing(void **state)
{
	(void)state;
	open_connection(100, 900);
	segment(CLIENT, 90, ACK | FIN, NULL, 0);
	say(CLIENT, 101, "one\n");
	segment(CLIENT, 105, ACK | FIN, NULL, 0);
	assert_string_equal(seen[0], "one|");
	assert_int_equal(ends, 1);
}

static void a_syn_with_another_number_opens_another_connection(void **state)
{
	(void)state;
	segment(SERVER, 900, SYN | ACK, NULL, 0); /* its SYN was not seen */
	say(SERVER, 901, "one\n");
	segment(CLIENT, 5000, SYN, NULL, 0);
	segment(SERVER, 7000, SYN | ACK, NULL, 0);
	say(SERVER, 7001, "two\n");
	say(CLIENT, 5001, "three\n");
	assert_string_equal(seen[1], "one|two|");
	assert_string_equal(seen[0], "three|");
	assert_int_equal(task_counter(task, COUNTER_FLOWS), 2);
}

static void a_syn_overtaken_by_its_answer_opens_nothing_anew(void **state)
{
	(void)state;
	segment_acking(SERVER, 900, SYN | ACK, 101, NULL, 0);
	segment(CLIENT, 100, SYN, NULL, 0);
	say(CLIENT, 101, "one\n");
	assert_string_equal(seen[0], "one|");
	assert_int_equal(midstreams, 0);
	assert_int_equal(services, 1);
	assert_int_equal(task_counter(task, COUNTER_FLOWS), 1);
}

static void a_server_may_answer_a_repeated_syn_with_another_number(void **state)
{
	(void)state;
	segment(CLIENT, 100, SYN, NULL, 0);
	segment_acking(SERVER, 900, SYN | ACK, 101, NULL, 0);
	segment(CLIENT, 100, SYN, NULL, 0);
	segment_acking(SERVER, 5000, SYN | ACK, 101, NULL, 0);
	say(CLIENT, 101, "one\n");
	say(SERVER, 5001, "two\n");
	assert_string_equal(seen[0], "one|");
	assert_string_equal(seen[1], "two|");
	assert_int_equal(midstreams, 0);
	assert_int_equal(task_counter(task, COUNTER_FLOWS), 1);
}

static void two_syns_that_cross_open_one_connection_and_prove_no_service(void **state)
{
	(void)state;
	segment(CLIENT, 100, SYN, NULL, 0);
	segment(SERVER, 900, SYN, NULL, 0);
	segment_acking(CLIENT, 100, SYN | ACK, 901, NULL, 0);
	segment_acking(SERVER, 900, SYN | ACK, 101, NULL, 0);
	say(CLIENT, 101, "one\n");
	say(SERVER, 901, "two\n");
	assert_string_equal(seen[0], "one|");
	assert_string_equal(seen[1], "two|");
	assert_int_equal(services, 0);
	assert_int_equal(task_counter(task, COUNTER_FLOWS), 1);
}

static void a_syn_with_reset_or_fin_opens_nothing(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101, "one\n");
	segment(CLIENT, 5000, SYN | FIN, NULL, 0);
	say(CLIENT, 105, "two\n");
	assert_string_equal(seen[0], "one|two|");
}

static void a_service_is_proven_once_by_a_syn_ack(void **state)
{
	(void)state;
	segment(CLIENT, 100, SYN, NULL, 0);
	assert_int_equal(services, 0);
	segment_acking(SERVER, 900, SYN | ACK, 101, NULL, 0);
	segment_acking(SERVER, 900, SYN | ACK, 101, NULL, 0);
	assert_int_equal(services, 1);
	assert_int_equal(task_counter(task, COUNTER_FLOWS), 1);
}

static void segments_absurdly_far_ahead_end_nothing(void **state)
{
	(void)state;
	open_connection(100, 900);
	say(CLIENT, 101 + 0x40000000, "far\n");
	say(CLIENT, 101 + 0xc0000000, "far\n");
	say(CLIENT, 101, "one\n");
	assert_string_equal(seen[0], "one|");
	assert_int_equal(gaps, 0);
}

static void what_observers_keep_of_a_flow_goes_when_both_directions_have_ended(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		client_port = (uint16_t)(1000 + i);
		open_connection(100, 900);
		segment(CLIENT, 101, ACK | FIN, "one\n", 4);
		segment(SERVER, 901, ACK | FIN, "two\n", 4);
	}
	client_port = 40000;
	assert_int_equal(state_calls, 4); /* of the last flow alone: zeroed for each */
	assert_int_equal(task->flows.state_used, 1);
	assert_int_equal(task->flows.state_free, 1);
}

static void a_message_sent_byte_by_byte_is_not_read_again_with_each_byte(void **state)
{
	(void)state;
	open_connection(100, 900);
	for (uint32_t i = 0; i < 16000; i++)
		say(CLIENT, 101 + i, "x");
	assert_true(work < 16000 * 16);
	say(CLIENT, 101 + 16000, "y\nz\n");
	task_finish(task);
	assert_int_equal(seen_len[0], 16000 + 1 + 1 + 2);
}

static void bytes_torn_into_too_many_ranges_end_the_direction(void **state)
{
	(void)state;
	open_connection(100, 900);
	for (uint32_t i = 0; i < 8; i++)
		say(CLIENT, 103 + 2 * i, "x");
	assert_int_equal(gaps, 0);
	say(CLIENT, 103 + 40, "x");
	assert_int_equal(task_counter(task, COUNTER_STREAM_GAPS), 1);
	assert_int_equal(task->flows.buffers.free, 1);
}

static void a_stale_buffer_is_given_up_for_a_new_stream(void **state)
{
	(void)state;
	stop(NULL);
	start_with(1 << 20, 70000); /* room for two */
	for (unsigned i = 0; i < 3; i++) {
		client_port = (uint16_t)(1000 + i);
		open_connection(100, 900);
		say(CLIENT, 101, "waits");
	}
	assert_int_equal(task_counter(task, COUNTER_STREAM_REFUSED), 1);
	assert_int_equal(ends, 1);
	say(CLIENT, 106, " not\n");
	client_port = 1001;
	say(CLIENT, 106, " too\n");
	client_port = 40000;
	assert_string_equal(seen[0], "waits not|waits too|");
}

/*
 * A stream cut anywhere, its pieces repeated and shuffled within a window, gives the same lines.
 */
static void any_segmentation_gives_the_same_lines(void **state)
{
	char text[8000], expected[8000];
	struct {
		uint32_t from, to;
	} pieces[4000];
	uint32_t seed = 12345;

	(void)state;
#define RANDOM(n) ((seed = seed * 1664525u + 1013904223u) >> 8) % (n)
	for (unsigned run = 0; run < 200; run++) {
		uint32_t len = 0, count = 0;

		while (len < 6000) {
			text[len] = (char)('a' + RANDOM(26));
			if (RANDOM(12) == 0)
				text[len] = '\n';
			len++;
		}
		text[len++] = '\n';
		for (uint32_t i = 0; i < len; i++)
			expected[i] = text[i] == '\n' ? '|' : text[i];
		expected[len] = '\0';
		for (uint32_t at = 0; at < len; count++) {
			const uint32_t end = at + 1 + RANDOM(run % 7 == 0 ? 12 : 400);

			pieces[count].from =
				at > 20 ? at - RANDOM(20) : at; /* overlaps, with the same bytes */
			pieces[count].to = end < len ? end : len;
			at = pieces[count].to;
		}
		for (uint32_t i = 0; i + 1 < count; i++) {
			const uint32_t k = i + RANDOM(count - i < 4 ? count - i : 4);
			const uint32_t from = pieces[i].from, to = pieces[i].to;

			pieces[i].from = pieces[k].from, pieces[i].to = pieces[k].to;
			pieces[k].from = from, pieces[k].to = to;
		}
		stop(NULL);
		start_with(0, 0);
		const uint32_t isn = RANDOM(0x1000000) * 256u;
		open_connection(isn, 900);
		for (uint32_t i = 0; i < count; i++)
			segment(CLIENT, isn + 1 + pieces[i].from, ACK, text + pieces[i].from,
			        pieces[i].to - pieces[i].from);
		assert_string_equal(seen[0], expected);
		assert_int_equal(task_counter(task, COUNTER_OVERLAPS), 0);
		assert_int_equal(gaps, 0);
	}
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(whole_lines_are_told_once_by_direction),
		CLAIM(segments_out_of_order_are_put_in_order),
		CLAIM(sequence_numbers_may_wrap),
		CLAIM(of_overlapping_segments_the_first_copy_wins),
		CLAIM(a_retransmission_is_not_told_again),
		CLAIM(a_hole_that_stays_ends_the_direction_with_a_gap),
		CLAIM(fin_offers_the_rest_with_end),
		CLAIM(a_fin_that_overtakes_data_waits_for_it),
		CLAIM(a_capture_that_starts_in_mid_dialogue_is_marked),
		CLAIM(a_new_syn_starts_a_new_flow),
		CLAIM(a_repeated_syn_changes_nothing),
		CLAIM(data_in_the_syn_counts),
		CLAIM(no_more_than_16_kib_are_offered),
		CLAIM(a_pattern_finds_its_stream_on_any_port),
		CLAIM(what_nobody_claims_is_counted_once_a_flow),
		CLAIM(a_port_and_a_pattern_may_both_claim),
		CLAIM(the_end_of_the_capture_offers_what_is_left),
		CLAIM(a_reset_ends_both_directions),
		CLAIM(a_full_table_forgets_the_oldest_flow),
		CLAIM(a_reset_s_payload_is_no_part_of_the_stream),
		CLAIM(a_reset_tells_its_own_side_of_the_end_even_if_all_was_read),
		CLAIM(what_waits_is_told_of_who_sent_it),
		CLAIM(a_segment_cut_by_the_capture_leaves_a_hole),
		CLAIM(a_cut_segment_with_fin_ends_with_a_gap),
		CLAIM(a_keep_alive_changes_nothing),
		CLAIM(a_keep_alive_starts_no_direction_in_mid_dialogue),
		CLAIM(a_zero_window_probe_is_the_next_byte),
		CLAIM(a_repeated_fin_ends_once),
		CLAIM(a_fin_from_before_the_start_ends_nothing),
		CLAIM(a_syn_with_another_number_opens_another_connection),
		CLAIM(a_syn_overtaken_by_its_answer_opens_nothing_anew),
		CLAIM(a_server_may_answer_a_repeated_syn_with_another_number),
		CLAIM(two_syns_that_cross_open_one_connection_and_prove_no_service),
		CLAIM(a_syn_with_reset_or_fin_opens_nothing),
		CLAIM(a_service_is_proven_once_by_a_syn_ack),
		CLAIM(segments_absurdly_far_ahead_end_nothing),
		CLAIM(what_observers_keep_of_a_flow_goes_when_both_directions_have_ended),
		CLAIM(a_message_sent_byte_by_byte_is_not_read_again_with_each_byte),
		CLAIM(bytes_torn_into_too_many_ranges_end_the_direction),
		CLAIM(a_stale_buffer_is_given_up_for_a_new_stream),
		CLAIM(any_segmentation_gives_the_same_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
