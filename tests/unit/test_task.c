/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_task.c - the walk: who is called, how deep, what is counted; and tasks that hand packets to
 * each other.
 *
 * The tasks here run in one thread: what a worker hands over is given to the observer's own task at
 * once. So a conversation can be told twice, through one task and through three, and must come to
 * the same.
 */
#include "observe/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- observers: "nest" forwards to itself, "lines" notes what it is offered ---- */

static unsigned nested;

static enum verdict nest_packet(struct task *t, struct packet *p, void *state)
{
	(void)state;
	nested++;
	cur_skip(&p->rest, 1);
	if (!cur_ok(&p->rest))
		return MALFORMED;
	forward(t, p, ETHERTYPE, 0x9999);
	return LEARNED;
}

static enum verdict note_packet(struct task *t, struct packet *p, void *state)
{
	(void)t, (void)state;
	return cur_left(&p->rest) > 0 ? NOTHING : NOT_MINE;
}

static char seen[20000];
static size_t seen_len;

/* Notes the bytes of each message and how the stream ended: "abc|" "(end)" "(gap)". */
static void note(const void *bytes, size_t len)
{
	assert_true(seen_len + len < sizeof seen);
	memcpy(seen + seen_len, bytes, len);
	seen_len += len;
	seen[seen_len] = '\0';
}

static enum verdict lines_stream(struct task *t, struct packet *p, struct cur *in,
                                 const struct stream *s, void *state)
{
	struct cur line;

	(void)p, (void)state;
	while (cur_line(in, &line)) {
		note(s->from_client ? "c:" : "s:", 2);
		note(cur_bytes(&line), cur_left(&line));
		note("|", 1);
		stream_message(t, in);
	}
	if (s->end)
		note(s->gap ? "(gap)" : "(end)", 5);
	return s->end ? NOTHING : NEED_MORE;
}

/* Elsewhere, and reads four times as far: the edge of the lines is not handed more for it. */
static enum verdict far_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	(void)t, (void)p, (void)state;
	cur_skip(in, cur_left(in));
	return s->end ? NOTHING : NEED_MORE;
}

static const struct observer observer_far = {
	.name = "far",
	.claims = CLAIMS({TCP_PORT, 7001, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.stream_bytes = 64 * 1024,
	.stream = far_stream,
};
static const struct observer observer_nest = {
	.name = "nest",
	.claims = CLAIMS({ETHERTYPE, 0x9999, NULL}, {ETHERTYPE, 0x9998, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.packet = nest_packet,
};
static const struct observer observer_note = {
	.name = "note",
	.claims = CLAIMS({ETHERTYPE, 0x9998, NULL}, {UDP_PORT, 9, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.packet = note_packet,
};
static const struct observer observer_lines = {
	.name = "lines",
	.claims = CLAIMS({TCP_PORT, 7000, NULL}, {TCP_SNIFF, 0, "'HI'"}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.stream = lines_stream,
};
extern const struct observer observer_ethernet, observer_ipv4, observer_tcp, observer_udp,
	observer_gre, observer_vlan;
static const struct observer *const registry[] = {
	&observer_ethernet, &observer_far,  &observer_gre, &observer_ipv4, &observer_lines,
	&observer_nest,     &observer_note, &observer_tcp, &observer_udp,  &observer_vlan};
enum { NEST = 5, NOTE = 6 };

/* ---- tasks ---- */

enum { EDGES = 2, TARGETS = 3 };
#ifndef RUNS
#define RUNS 300u /* random conversations; more of them by -DRUNS=... */
#endif
static _Alignas(8) uint8_t fact_room[1 << 16], packet_room[1 << 17];
static struct plan *plan;
static struct task *worker, *own[EDGES][TARGETS];
static unsigned handed[EDGES][TARGETS], uncommitted;
static bool far_behind; /* the own tasks: nobody hears in time that they have read enough */

static enum sent fact_reserve_nowhere(void *to, uint32_t len, struct fact_item **room)
{
	(void)to;
	assert_true(len <= sizeof fact_room);
	*room = (struct fact_item *)(void *)fact_room;
	return SENT;
}

static void fact_commit_nowhere(void *to)
{
	(void)to;
}

static enum sent packet_reserve_here(void *to, unsigned edge, unsigned target, uint32_t len,
                                     struct packet_item **room)
{
	(void)to;
	assert_true(edge < EDGES && target < TARGETS && len <= sizeof packet_room);
	uncommitted++;
	*room = (struct packet_item *)(void *)packet_room;
	return SENT;
}

static void packet_commit_here(void *to, unsigned edge, unsigned target)
{
	const struct packet_item *item = (const struct packet_item *)(const void *)packet_room;
	const size_t len = sizeof *item + item->len;
	_Atomic(uint32_t) unheard = 0;
	struct packet_item *copy = malloc(len); /* exact: an over-read faults under ASan */

	(void)to;
	uncommitted--;
	handed[edge][target]++;
	memcpy(copy, item, len);
	if (far_behind && copy->done)
		copy->done = &unheard;
	task_packet(own[edge][target], copy);
	free(copy);
}

static struct task *make_task(int edge)
{
	const struct task_options options = {
		.key = hash_key_fixed(),
		.facts = {NULL, fact_reserve_nowhere, fact_commit_nowhere},
		.packets = {NULL, packet_reserve_here, packet_commit_here},
		.edge = edge,
		.flow_bytes = 1 << 12,
		.stream_bytes = 1 << 20,
		.fragment_bytes = 1 << 12,
		.novelty_bytes = 1 << 12,
	};
	struct task *t = task_new(plan, &options);

	assert_non_null(t);
	return t;
}

static void start_with(const struct edge_choice *edges, unsigned count)
{
	char why[200] = "";

	plan = plan_new(registry, COUNT_OF(registry), edges, count, why, sizeof why);
	assert_non_null(plan);
	worker = make_task(-1);
	for (unsigned e = 0; e < count; e++)
		for (unsigned i = 0; i < edges[e].tasks; i++)
			own[e][i] = make_task((int)e);
	memset(handed, 0, sizeof handed);
	nested = 0;
	seen_len = 0;
	seen[0] = '\0';
}

static int start(void **state)
{
	(void)state;
	start_with(NULL, 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	task_free(worker);
	for (unsigned i = 0; i < EDGES * TARGETS; i++) {
		task_free(own[i / TARGETS][i % TARGETS]);
		own[i / TARGETS][i % TARGETS] = NULL;
	}
	plan_free(plan);
	return 0;
}

static void finish_all(void)
{
	task_finish(worker);
	for (unsigned i = 0; i < EDGES * TARGETS; i++)
		if (own[i / TARGETS][i % TARGETS])
			task_finish(own[i / TARGETS][i % TARGETS]);
}

/* ---- frames ---- */

static uint64_t number;

static void give(const uint8_t *bytes, uint32_t len, uint32_t wire)
{
	uint8_t *exact = malloc(len > 0 ? len : 1);

	memcpy(exact, bytes, len);
	number++;
	const struct frame f = {.bytes = exact,
	                        .captured = len,
	                        .wire = wire,
	                        .time_ns = 1000000000 + number,
	                        .number = number,
	                        .linktype = 1};
	task_frame(worker, &f);
	free(exact);
}

static void give_type(unsigned type, uint32_t len)
{
	uint8_t bytes[100] = {
		2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, (uint8_t)(type >> 8), (uint8_t)type};

	give(bytes, 14 + len, 14 + len);
}

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, TCP = 6, UDP = 17, CLIENT = 0, SERVER = 1 };
static uint16_t server_port = 7000;
static bool in_gre, in_vlan;
static uint32_t missing; /* bytes of the segment that the capture cut off */

static uint32_t put_ip(uint8_t *b, unsigned side, unsigned protocol, uint32_t len, unsigned net)
{
	const uint8_t head[20] = {0x45,
	                          0,
	                          (uint8_t)((20 + len) >> 8),
	                          (uint8_t)(20 + len),
	                          0,
	                          0,
	                          0,
	                          0,
	                          64,
	                          (uint8_t)protocol,
	                          0,
	                          0,
	                          192,
	                          0,
	                          (uint8_t)net,
	                          (uint8_t)(1 + side),
	                          192,
	                          0,
	                          (uint8_t)net,
	                          (uint8_t)(2 - side)};

	memcpy(b, head, sizeof head);
	return sizeof head;
}

static void say(unsigned side, uint32_t seq, unsigned flags, const char *text, uint32_t len)
{
	static const uint8_t macs[2][12] = {{2, 0, 0, 0, 0, 2, 0x42, 0, 0, 0, 0, 1},
	                                    {0x42, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}};
	uint8_t bytes[3000];
	uint32_t at = 12;

	memcpy(bytes, macs[side], 12);
	if (in_vlan) {
		memcpy(bytes + at, (const uint8_t[]){0x81, 0, 0x40, 5}, 4);
		at += 4;
	}
	memcpy(bytes + at, (const uint8_t[]){8, 0}, 2);
	at += 2;
	if (in_gre) {
		at += put_ip(bytes + at, side, 47, 4 + 40 + len + missing, 9);
		memcpy(bytes + at, (const uint8_t[]){0, 0, 8, 0}, 4);
		at += 4;
	}
	at += put_ip(bytes + at, side, TCP, 20 + len + missing, 2);
	const uint16_t ports[2] = {40000, server_port};
	const uint8_t tcp[20] = {(uint8_t)(ports[side] >> 8),
	                         (uint8_t)ports[side],
	                         (uint8_t)(ports[!side] >> 8),
	                         (uint8_t)ports[!side],
	                         (uint8_t)(seq >> 24),
	                         (uint8_t)(seq >> 16),
	                         (uint8_t)(seq >> 8),
	                         (uint8_t)seq,
	                         0,
	                         0,
	                         0,
	                         0,
	                         0x50,
	                         (uint8_t)flags};
	memcpy(bytes + at, tcp, 20);
	at += 20;
	if (len > 0)
		memcpy(bytes + at, text, len);
	give(bytes, at + len, at + len + missing);
}

static void say_text(unsigned side, uint32_t seq, const char *text)
{
	say(side, seq, ACK, text, (uint32_t)strlen(text));
}

/* ---- claims about the walk ---- */

static void nesting_ends_at_twelve_layers(void **state)
{
	(void)state;
	give_type(0x9999, 60);
	assert_int_equal(nested, DEPTH_MAX - 1); /* ethernet is the first */
	assert_int_equal(task_counter(worker, COUNTER_TOO_DEEP), 1);
	assert_int_equal(task_verdicts(worker, NEST)->verdict[LEARNED], DEPTH_MAX - 1);
}

static void each_claimant_of_a_key_is_called_with_the_same_bytes(void **state)
{
	(void)state;
	give_type(0x9998, 1);
	assert_int_equal(nested, 2); /* the second finds nothing left */
	assert_int_equal(task_verdicts(worker, NEST)->verdict[MALFORMED], 1);
	assert_int_equal(task_verdicts(worker, NOTE)->verdict[NOTHING], 1);
}

static void a_malformed_cut_packet_counts_as_truncated(void **state)
{
	uint8_t bytes[14] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x99, 0x99};

	(void)state;
	give(bytes, 14, 60);
	assert_int_equal(task_verdicts(worker, NEST)->verdict[MALFORMED], 0);
	assert_int_equal(task_verdicts(worker, NEST)->truncated, 1);
	assert_int_equal(task_counter(worker, COUNTER_CUT), 1);
}

static void unclaimed_keys_are_counted_each_and_256_are_kept(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < 1000; i++)
			give_type(0x6000 + i, 1);
	assert_int_equal(task_counter(worker, COUNTER_UNCLAIMED), 3000);
	assert_int_equal(worker->unclaimed_count, UNCLAIMED_MAX);
	for (unsigned i = 0; i < UNCLAIMED_MAX; i++) {
		assert_int_equal(worker->unclaimed[i].key, 0x6000 + i);
		assert_int_equal(worker->unclaimed[i].packets, 3);
		assert_int_equal(worker->unclaimed[i].space, ETHERTYPE);
	}
}

static void a_link_type_nobody_reads_is_unsupported(void **state)
{
	const struct frame f = {
		.bytes = (const uint8_t *)"x", .captured = 1, .wire = 1, .linktype = 147};

	(void)state;
	task_frame(worker, &f);
	assert_int_equal(task_counter(worker, COUNTER_UNSUPPORTED), 1);
	assert_int_equal(task_counter(worker, COUNTER_FRAMES), 1);
}

struct balance {
	int depth, deepest;
	unsigned enters;
};

static void balance_enter(void *to, const struct packet *p, const struct observer *o,
                          enum space space, uint64_t key, const struct cur *in)
{
	struct balance *b = to;

	(void)p, (void)o, (void)space, (void)key, (void)in;
	b->enters++;
	b->depth++;
	b->deepest = b->depth > b->deepest ? b->depth : b->deepest;
}

static void balance_leave(void *to, const struct observer *o, enum verdict v)
{
	struct balance *b = to;

	(void)o, (void)v;
	b->depth--;
	assert_true(b->depth >= 0);
}

static void a_watcher_sees_each_call_begin_and_end_also_where_a_flow_ends(void **state)
{
	struct balance b = {0};
	const struct watch watch = {.to = &b, .enter = balance_enter, .leave = balance_leave};

	(void)state;
	task_watch(worker, &watch);
	say(CLIENT, 100, SYN, NULL, 0);
	say_text(CLIENT, 101, "one\nwaits");
	say(SERVER, 900, RST, NULL, 0);
	say(CLIENT, 5000, SYN, NULL, 0);
	say_text(CLIENT, 5001, "waits");
	task_finish(worker);
	assert_int_equal(b.depth, 0);
	assert_int_equal(b.deepest, 4);
	assert_int_equal(b.enters, 5 * 3 + 2 + 2); /* each segment in two calls: data, end */
}

/* ---- claims about edges ---- */

static const struct edge_choice lines_edge[] = {{"lines", 3}};
static const struct edge_choice tcp_lines[] = {{"lines", 2}, {"tcp", 3}};
static const struct edge_choice low_edges[] = {{"ethernet", 3}, {"lines", 2}};
static const struct edge_choice vlan_gre[] = {{"vlan", 3}, {"gre", 2}};
static const struct {
	const struct edge_choice *edges;
	unsigned count;
} wirings[] = {{lines_edge, 1}, {tcp_lines, 2}, {low_edges, 2}, {vlan_gre, 2}};

/* Every awkward thing that a conversation may do. */
static void whole_lines(void)
{
	say(CLIENT, 100, SYN, NULL, 0);
	say(SERVER, 900, SYN | ACK, NULL, 0);
	say_text(CLIENT, 101, "one\ntw");
	say_text(SERVER, 905, "out of order\n");
	say_text(CLIENT, 107, "o\n");
	say_text(SERVER, 901, "yes\n");
	say(CLIENT, 109, FIN | ACK, NULL, 0);
	say(SERVER, 918, FIN | ACK, "bye", 3);
}

static void a_reset_in_mid_message(void)
{
	say(CLIENT, 100, SYN, NULL, 0);
	say_text(CLIENT, 101, "one\ntw");
	say_text(SERVER, 901, "yes\nno");
	say(SERVER, 907, RST, "text\n", 5);
	say_text(CLIENT, 107, "late\n");
}

/* A hole, then far more than is wanted, then what would fill the hole: too late for all alike. */
static void a_hole_that_is_filled_too_late(void)
{
	char big[1000];

	memset(big, 'x', sizeof big);
	say(CLIENT, 100, SYN, NULL, 0);
	say_text(CLIENT, 101, "one\n");
	for (uint32_t i = 0; i < 20; i++)
		say(CLIENT, 110 + i * 1000, ACK, big, 1000);
	say_text(CLIENT, 105, "late\n");
}

static void a_fin_behind_a_hole(void)
{
	say(CLIENT, 100, SYN, NULL, 0);
	say_text(CLIENT, 101, "one\n");
	say(CLIENT, 101 + 16384, FIN | ACK, NULL, 0);
	say_text(CLIENT, 105, "two\n");
}

static void a_new_connection_on_the_same_ports(void)
{
	say(CLIENT, 100, SYN, NULL, 0);
	say_text(CLIENT, 101, "one\nrest");
	say(CLIENT, 70000, SYN, NULL, 0);
	say(SERVER, 80000, SYN | ACK, NULL, 0);
	say_text(CLIENT, 70001, "two\n");
	say_text(SERVER, 80001, "three\n");
}

static void more_than_is_wanted(void)
{
	char line[100];

	memset(line, 'y', sizeof line);
	line[99] = '\n';
	say(CLIENT, 100, SYN, NULL, 0);
	for (uint32_t i = 0; i < 200; i++)
		say(CLIENT, 101 + i * 100, ACK, line, 100);
}

static void a_pattern_on_another_port(void)
{
	server_port = 4444;
	say(CLIENT, 100, SYN, NULL, 0);
	say_text(CLIENT, 101, "H");
	say_text(CLIENT, 102, "I there\n");
	say_text(SERVER, 901, "xx not mine\n");
	say_text(CLIENT, 110, "more\nrest");
	say(SERVER, 913, RST, NULL, 0); /* of a direction that nobody claims, it ends the other */
	say_text(CLIENT, 119, "late\n");
	server_port = 7000;
}

static void mid_dialogue(void)
{
	say(CLIENT, 500, ACK, NULL, 0);
	say(CLIENT, 499, ACK, "", 1);
	say_text(SERVER, 900, "tail\nwhole\n");
	say_text(CLIENT, 500, "tail\n");
}

static void (*const conversations[])(void) = {whole_lines,
                                              a_reset_in_mid_message,
                                              a_hole_that_is_filled_too_late,
                                              a_fin_behind_a_hole,
                                              a_new_connection_on_the_same_ports,
                                              more_than_is_wanted,
                                              a_pattern_on_another_port,
                                              mid_dialogue};

static void every_wiring_offers_the_same(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 4 * COUNT_OF(conversations); c++) {
		char expected[sizeof seen];

		in_gre = c / COUNT_OF(conversations) % 2 == 1;
		in_vlan = c / COUNT_OF(conversations) >= 2;
		stop(NULL);
		start_with(NULL, 0);
		conversations[c % COUNT_OF(conversations)]();
		finish_all();
		memcpy(expected, seen, sizeof seen);
		assert_true(strlen(expected) > 0);
		for (unsigned w = 0; w < COUNT_OF(wirings); w++) {
			stop(NULL);
			start_with(wirings[w].edges, wirings[w].count);
			conversations[c % COUNT_OF(conversations)]();
			finish_all();
			if (strcmp(seen, expected) != 0)
				fail_msg("conversation %u in wiring %u: %.300s, not %.300s", c, w,
				         seen, expected);
			assert_int_equal(uncommitted, 0);
		}
	}
	in_gre = in_vlan = false;
}

static uint32_t seed;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/*
 * Segments anywhere around two streams, some with odd flags or cut, some far off; the bytes fit or
 * do not.
 */
static void random_conversation(uint32_t start_seed)
{
	static const unsigned flags[] = {ACK, ACK,       ACK, ACK,       ACK, ACK,
	                                 ACK, ACK | FIN, SYN, SYN | ACK, RST};
	char text[2000];
	uint32_t next[2] = {100, 900};

	seed = start_seed;
	server_port = random_below(3) == 0 ? 4444 : 7000;
	for (unsigned i = 0; i < 60; i++) {
		const unsigned side = random_below(2);
		const unsigned how =
			random_below(30) == 0 ? flags[random_below(COUNT_OF(flags))] : ACK;
		const uint32_t len = random_below(8) == 0 ? random_below(1400) : random_below(30);
		const uint32_t ahead =
			random_below(6) == 0 ? random_below(5) * 4000 : random_below(40);
		const uint32_t seq = next[side] + ahead - random_below(20);

		for (uint32_t k = 0; k < len; k++)
			text[k] = (seq + k) % 13 == 0 ? '\n' : (char)('a' + (seq + k) % 26);
		if (i == 0 && random_below(2) == 0)
			memcpy(text, "HI\n", len < 3 ? len : 3);
		missing = random_below(40) == 0 ? 100 : 0;
		say(side, seq, how, text, len);
		missing = 0;
		next[side] += random_below(3) * len;
	}
	server_port = 7000;
}

static void random_conversations_are_offered_alike_in_every_wiring(void **state)
{
	unsigned told = 0;

	(void)state;
	for (uint32_t run = 0; run < RUNS; run++) {
		char expected[sizeof seen];
		const unsigned w = run % COUNT_OF(wirings);

		in_gre = run % 5 == 0;
		stop(NULL);
		start_with(NULL, 0);
		random_conversation(run);
		finish_all();
		memcpy(expected, seen, sizeof seen);
		told += seen_len > 0;
		stop(NULL);
		start_with(wirings[w].edges, wirings[w].count);
		random_conversation(run);
		finish_all();
		size_t same = 0;
		while (seen[same] != '\0' && seen[same] == expected[same])
			same++;
		if (strcmp(seen, expected) != 0)
			fail_msg("run %u in wiring %u: after %zu bytes %.80s, not %.80s", run, w,
			         same, seen + same, expected + same);
	}
	in_gre = false;
	assert_true(told > RUNS / 2);
}

static void both_directions_meet_in_one_task(void **state)
{
	(void)state;
	for (unsigned w = 0; w < COUNT_OF(wirings); w++) {
		for (unsigned i = 0; i < 4; i++) {
			in_gre = i % 2 == 1;
			in_vlan = i >= 2;
			stop(NULL);
			start_with(wirings[w].edges, wirings[w].count);
			whole_lines();
			for (unsigned e = 0; e < EDGES; e++) {
				unsigned tasks = 0;

				for (unsigned k = 0; k < TARGETS; k++)
					tasks += handed[e][k] > 0;
				assert_in_range(tasks, 0, 1);
			}
		}
	}
	in_gre = in_vlan = false;
}

static unsigned all_handed(void)
{
	return handed[0][0] + handed[0][1] + handed[0][2];
}

/* Opens a connection and sends 100,000 bytes; all that was ever handed over. */
static unsigned client_says_much(uint32_t seq)
{
	char big[1000];

	memset(big, 'x', sizeof big);
	say(CLIENT, seq, SYN, NULL, 0);
	for (uint32_t i = 0; i < 100; i++)
		say(CLIENT, seq + 1 + i * 1000, ACK, big, 1000);
	return all_handed();
}

static void a_direction_hands_over_what_is_wanted_and_one_segment_more(void **state)
{
	(void)state;
	stop(NULL);
	start_with(lines_edge, 1);
	far_behind = true;
	/* SYN; 16,384 bytes are in 17; the first beyond 64 KiB */
	assert_int_equal(client_says_much(100), 1 + 17 + 1);
	far_behind = false;
	assert_int_equal(task_counter(worker, COUNTER_HANDED_OVER), 1 + 17 + 1);
}

static void a_direction_that_was_read_is_handed_over_no_more(void **state)
{
	(void)state;
	stop(NULL);
	start_with(lines_edge, 1);
	assert_int_equal(client_says_much(100), 1 + 17);
	say_text(SERVER, 500, "yes\n");
	assert_int_equal(all_handed(), 1 + 17 + 1); /* the other direction was not */
	assert_int_equal(client_says_much(200100), 1 + 17 + 1 + 1 + 17); /* another connection */
}

static void hand_overs_go_upwards_only(void **state)
{
	static const struct edge_choice edges[] = {{"gre", 1}, {"tcp", 1}};

	(void)state;
	stop(NULL);
	start_with(edges, 2);
	in_gre = true;
	whole_lines();
	in_gre = false;
	assert_int_equal(handed[0][0], 8);
	assert_int_equal(handed[1][0], 0); /* what is inside a tunnel is read where the tunnel is */
	assert_string_equal(seen, "c:one|c:two|s:yes|s:out of order|(end)(end)");
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(nesting_ends_at_twelve_layers),
		CLAIM(each_claimant_of_a_key_is_called_with_the_same_bytes),
		CLAIM(a_malformed_cut_packet_counts_as_truncated),
		CLAIM(unclaimed_keys_are_counted_each_and_256_are_kept),
		CLAIM(a_link_type_nobody_reads_is_unsupported),
		CLAIM(a_watcher_sees_each_call_begin_and_end_also_where_a_flow_ends),
		CLAIM(every_wiring_offers_the_same),
		CLAIM(random_conversations_are_offered_alike_in_every_wiring),
		CLAIM(both_directions_meet_in_one_task),
		CLAIM(a_direction_hands_over_what_is_wanted_and_one_segment_more),
		CLAIM(a_direction_that_was_read_is_handed_over_no_more),
		CLAIM(hand_overs_go_upwards_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
