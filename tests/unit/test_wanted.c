/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_wanted.c - what is still wanted of a conversation, by all observers of the program; and that
 * frames which were kept back count as those that were read do.
 */
#include "observe/engine.h"
#include "observe/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "task_bed.h"

#include "look.h"

enum { MANY = 50 };

static uint64_t number;

/* ---- what is told, summed by kind ---- */

static struct {
	uint64_t digest;
	uint16_t kind;
} facts[256];
static unsigned fact_count;
static uint64_t counts[FACT_KINDS], bytes_of[FACT_KINDS];
static _Alignas(16) uint8_t item[256 << 10];

static enum sent reserve(void *to, uint32_t len, struct fact_item **room)
{
	(void)to;
	assert_true(len <= sizeof item);
	*room = (struct fact_item *)item;
	return SENT;
}

static void commit(void *to)
{
	const struct fact_item *told = (const struct fact_item *)item;
	unsigned at = 0;

	(void)to;
	if (told->message != NEW_FACT && told->message != MORE)
		return;
	while (at < fact_count && facts[at].digest != told->digest)
		at++;
	assert_true(at < COUNT_OF(facts));
	if (at == fact_count) {
		facts[fact_count].digest = told->digest;
		facts[fact_count++].kind = told->kind;
	}
	counts[facts[at].kind] += told->support.count;
	bytes_of[facts[at].kind] += told->support.bytes;
}

static int start(void **state)
{
	const struct task_options options = {
		.key = hash_key_fixed(), .edge = -1, .facts = {NULL, reserve, commit}};

	(void)state;
	bed_start(NULL, 0, &options);
	number = 0;
	fact_count = 0;
	memset(counts, 0, sizeof counts);
	memset(bytes_of, 0, sizeof bytes_of);
	return 0;
}

static enum want read_bytes(const struct bytes *b)
{
	number++;
	const struct frame f = {
		.bytes = b->b,
		.captured = b->len,
		.wire = b->len,
		.time_ns = 1700000000000000000 + number * 1000000,
		.number = number,
		.linktype = 1,
	};

	task_frame(task, &f);
	return task_wanted(task);
}

static enum want read_look(const struct look *l)
{
	const struct bytes b = frame_of(l);

	return read_bytes(&b);
}

/* The next segment of the direction. */
static enum want read_next(struct look *l)
{
	const enum want wanted = read_look(l);

	l->seq += l->payload;
	return wanted;
}

/* `wanted` is said at once, and again after a round. */
static void is_said(struct look *l, enum want wanted)
{
	for (unsigned i = 0; i < 3 * QUIET_AGAIN; i++)
		assert_int_equal(read_next(l), i % QUIET_AGAIN == 0 ? wanted : WANT_ALL);
}

/* `wanted` comes after a few packets that teach nothing, not before. */
static void becomes(struct look *l, enum want wanted)
{
	for (unsigned i = 0; i < QUIET_ENOUGH; i++)
		assert_int_equal(read_next(l), WANT_ALL);
	is_said(l, wanted);
}

static struct look opened(const struct look *l, uint32_t seq)
{
	struct look syn = *l;

	syn.flags = SYN;
	syn.payload = 0;
	syn.text = NULL;
	syn.seq = seq;
	assert_int_equal(read_look(&syn), WANT_BEGIN);
	syn = *l;
	syn.seq = seq + 1;
	return syn;
}

/* ---- TCP ---- */

static void of_a_stream_nobody_claims_only_its_end_is_wanted(void **state)
{
	struct look l = opened(&tcp, 1000);

	(void)state;
	becomes(&l, WANT_ENDS);
	l.flags = ACK | FIN;
	assert_int_equal(read_next(&l), WANT_END);
	l = opened(&tcp, 900000);
	assert_int_equal(read_next(&l), WANT_ALL); /* another connection: it begins anew */
}

static void of_a_direction_without_payload_all_payload_is_wanted(void **state)
{
	struct look l = tcp;

	(void)state;
	l.to_port = 22;
	l = opened(&l, 1000);
	l.payload = 0;
	becomes(&l, WANT_PAYLOAD);
	l.text = "SSH-2.0-x"; /* goes on */
	l.payload = (unsigned)strlen(l.text);
	assert_int_equal(read_next(&l), WANT_ALL);
}

static void what_an_observer_reads_is_wanted_until_it_had_enough(void **state)
{
	struct look l = tcp;

	(void)state;
	l.to_port = 443;
	l.text = "\x16\x03\x01\x40\x00"; /* a hello of more than will come */
	l.payload = 1000;
	l = opened(&l, 1000);
	for (unsigned i = 0; i < 16; i++) /* to 16 KiB */
		assert_int_equal(read_next(&l), WANT_ALL);
	l.from_port = 40001;
	l.text = "\x17\x03\x03\x20\x00"; /* application data: nothing in the clear comes after it */
	l = opened(&l, 1000);
	becomes(&l, WANT_ENDS);
}

static void what_was_offered_is_used_up_at_last(void **state)
{
	struct look l = tcp;
	enum want wanted = WANT_ALL;
	unsigned segments = 0;

	(void)state;
	l.to_port = 445;
	l.text = "\x00\x01\xff\xff\xfeSMB"; /* a message that never becomes whole */
	l.payload = 1400;
	l = opened(&l, 1000);
	for (; wanted == WANT_ALL && segments < 100; segments++) {
		wanted = read_next(&l);
		l.text = NULL;
	}
	assert_int_equal(wanted, WANT_ENDS);
	assert_true(segments > 16384 / 1400);
}

/* What is 0 in a look stands for these (look.h). */
static struct look back_of(const struct look *l)
{
	struct look back = *l;

	back.from_port = l->to_port ? l->to_port : 4433;
	back.to_port = l->from_port ? l->from_port : 40000;
	back.host = l->peer ? l->peer : 1;
	back.peer = l->host;
	return back;
}

/* Both say SYN: each direction begins at 1001. */
static void open_both(struct look *there, struct look *back)
{
	struct look answer = back_of(there);

	*there = opened(there, 1000);
	answer.flags = SYN | ACK;
	answer.payload = 0;
	answer.text = NULL;
	answer.seq = 1000;
	assert_int_equal(read_look(&answer), WANT_BEGIN);
	*back = back_of(there);
}

static void of_a_connection_seen_to_begin_it_is_said_at_once(void **state)
{
	struct look there = tcp, back;

	(void)state;
	open_both(&there, &back);
	is_said(&back, WANT_ENDS);
	is_said(&there, WANT_ENDS);
}

static void what_is_read_after_acknowledgements_is_said_with_its_last_byte(void **state)
{
	struct look there = tcp, back;

	(void)state;
	there.to_port = 443;
	there.payload = 0;
	open_both(&there, &back);
	assert_int_equal(read_next(&there), WANT_ALL);
	assert_int_equal(read_next(&there), WANT_PAYLOAD);
	assert_int_equal(read_next(&there), WANT_ALL);
	there.text = "\x17\x03\x03\x20\x00"; /* nobody wants application data */
	there.payload = 1000;
	is_said(&there, WANT_ENDS);
}

static void each_direction_is_judged_by_itself(void **state)
{
	struct look there = opened(&tcp, 1000), back = back_of(&tcp);

	(void)state;
	becomes(&there, WANT_ENDS);
	assert_int_equal(read_next(&back), WANT_ALL);
}

/* ---- UDP ---- */

static void of_datagrams_nobody_claims_patterns_are_wanted(void **state)
{
	struct look l = udp;

	(void)state;
	l.first = 0x80;
	becomes(&l, WANT_PATTERNS);
	l.text = "INVITE sip:a@192.0.2.1 SIP/2.0\r\n\r\n";
	assert_int_equal(read_look(&l), WANT_ALL);
	l.text = NULL;
	becomes(&l, WANT_PATTERNS);
}

static void of_quic_under_way_long_headers_are_wanted(void **state)
{
	struct look l = udp;

	(void)state;
	l.to_port = 443;
	l.first = 0x43;
	becomes(&l, WANT_OTHERS);
	l.text = "\xc3\x7f\x7f\x7f\x7f";
	assert_int_equal(read_look(&l), WANT_ALL);
	l.text = NULL;
	becomes(&l, WANT_OTHERS);
}

static void all_of_discovery_and_of_tunnels_is_wanted(void **state)
{
	static const uint16_t ports[] = {53,   67,   68,   69,   123,  137,  138,
	                                 161,  500,  546,  547,  1701, 1900, 2152,
	                                 3544, 3702, 4789, 5353, 5355, 6081, 6635};

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(ports); i++) {
		struct look l = udp;

		l.to_port = ports[i];
		for (unsigned k = 0; k < MANY; k++)
			if (read_look(&l) != WANT_ALL)
				fail_msg("port %u", ports[i]);
	}
}

/* VXLAN around a stream that nobody claims: the outer frames look alike, whatever is inside. */
static void what_a_tunnel_encloses_says_nothing_of_it(void **state)
{
	static const char vxlan[] = {0x08, 0, 0, 0, 0, 0, 5, 0};
	struct look outer = udp;

	(void)state;
	outer.to_port = 4789;
	for (unsigned i = 0; i < MANY; i++) {
		struct look inner = tcp;

		inner.seq = 1 + 400 * i;
		const struct bytes enclosed = frame_of(&inner);
		outer.payload = (unsigned)sizeof vxlan + enclosed.len;
		struct bytes b = frame_of(&outer);
		memcpy(b.b + b.len - outer.payload, vxlan, sizeof vxlan);
		memcpy(b.b + b.len - enclosed.len, enclosed.b, enclosed.len);
		assert_int_equal(read_bytes(&b), WANT_ALL);
	}
	assert_true(fact_count > 0);
}

/* ---- what was kept back ---- */

static void told_by(const struct look *l, unsigned read, unsigned kept)
{
	const struct bytes b = frame_of(l);
	const struct frame head = {
		.bytes = b.b,
		.captured = b.len - l->payload - 4, /* of UDP's header the ports */
		.wire = 1,
		.time_ns = 1700000000000000000,
		.number = 1,
		.linktype = 1,
	};

	start(NULL);
	for (unsigned i = 0; i < read; i++)
		read_bytes(&b);
	if (kept > 0)
		task_kept(task, &head, kept, (uint64_t)kept * b.len);
	task_tell_all(task);
}

static void what_was_kept_back_counts_as_what_was_read(void **state)
{
	struct look looks[] = {udp, udp, udp};

	(void)state;
	looks[1].tag = 5;
	looks[2].six = true;
	for (unsigned i = 0; i < COUNT_OF(looks); i++) {
		uint64_t read_counts[FACT_KINDS], read_bytes_of[FACT_KINDS];

		stop(NULL);
		told_by(&looks[i], 10, 0);
		memcpy(read_counts, counts, sizeof counts);
		memcpy(read_bytes_of, bytes_of, sizeof bytes_of);
		const unsigned read_facts = fact_count;
		assert_int_equal(counts[FACT_SEEN], 10);
		assert_int_equal(counts[FACT_TTL], 10);
		assert_int_equal(counts[FACT_VLAN], i == 1 ? 10 : 0);
		stop(NULL);
		told_by(&looks[i], 4, 6);
		assert_int_equal(fact_count, read_facts);
		assert_memory_equal(counts, read_counts, sizeof counts);
		assert_memory_equal(bytes_of, read_bytes_of, sizeof bytes_of);
		assert_int_equal(task_counter(task, COUNTER_FRAMES), 4);
	}
}

static void more_bytes_than_a_frame_can_have_are_counted(void **state)
{
	(void)state;
	stop(NULL);
	told_by(&udp, 1, 16000000);
	assert_int_equal(counts[FACT_SEEN], 16000001);
	assert_int_equal(bytes_of[FACT_SEEN], UINT64_C(16000001) * frame_of(&udp).len);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		CLAIM(of_a_stream_nobody_claims_only_its_end_is_wanted),
		CLAIM(of_a_direction_without_payload_all_payload_is_wanted),
		CLAIM(what_an_observer_reads_is_wanted_until_it_had_enough),
		CLAIM(what_was_offered_is_used_up_at_last),
		CLAIM(of_a_connection_seen_to_begin_it_is_said_at_once),
		CLAIM(what_is_read_after_acknowledgements_is_said_with_its_last_byte),
		CLAIM(each_direction_is_judged_by_itself),
		CLAIM(of_datagrams_nobody_claims_patterns_are_wanted),
		CLAIM(of_quic_under_way_long_headers_are_wanted),
		CLAIM(all_of_discovery_and_of_tunnels_is_wanted),
		CLAIM(what_a_tunnel_encloses_says_nothing_of_it),
		CLAIM(what_was_kept_back_counts_as_what_was_read),
		CLAIM(more_bytes_than_a_frame_can_have_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
