/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_fragment.c - the fragment table: datagrams put together, contradictions refused, floods
 * bounded.
 */
#include "observe/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "task_bed.h"

/* ---- a task without observers ---- */

static const struct observer observer_none = {
	.name = "none",
	.about = "test",
	.spec = "-",
	.claims = CLAIMS({ETHERTYPE, 0x9999, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
};
static const struct observer *const registry[] = {&observer_none};

static enum sent refuse(void *to, uint32_t len, struct fact_item **room)
{
	(void)to, (void)len, (void)room;
	return FULL;
}

static void nothing(void *to)
{
	(void)to;
}

static uint64_t frame, now_ns;

static void start_with(size_t fragment_bytes)
{
	const struct task_options options = {.key = hash_key_fixed(),
	                                     .facts = {NULL, refuse, nothing},
	                                     .edge = -1,
	                                     .fragment_bytes = fragment_bytes};

	bed_start(registry, 1, &options);
	frame = 0;
	now_ns = 1000000000;
}

static int start(void **state)
{
	(void)state;
	start_with(0);
	return 0;
}

static uint64_t count(enum counter c)
{
	return task_counter(task, c);
}

/* ---- fragments ---- */

static uint8_t content[70000]; /* what datagrams are made of */
static struct packet last;

static bool give(const uint8_t *bytes, uint32_t len, struct fragment f)
{
	uint8_t *exact = malloc(len > 0 ? len : 1);

	if (len > 0)
		memcpy(exact, bytes, len);
	last = (struct packet){
		.rest = cur_make(exact, len),
		.time_ns = now_ns,
		.frame = ++frame,
		.from = ip_from4((struct ip4){{192, 0, 2, 1}}),
		.to = ip_from4((struct ip4){{192, 0, 2, 2}}),
	};
	const bool whole = fragment_whole(task, &last, &f);
	free(exact);
	return whole;
}

static bool piece(uint32_t id, uint32_t from, uint32_t to, bool more)
{
	return give(content + from, to - from,
	            (struct fragment){
			    .id = id, .offset = (uint16_t)from, .more = more, .protocol = 17});
}

static void is_whole(uint32_t len)
{
	assert_int_equal(cur_left(&last.rest), len);
	assert_memory_equal(cur_bytes(&last.rest), content, len);
	assert_int_equal(last.protocol, 17);
}

static void pieces_in_any_order_make_a_datagram(void **state)
{
	static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
	                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		for (unsigned k = 0; k < 3; k++) {
			const uint32_t from = orders[i][k] * 400u;
			const bool whole =
				piece(i, from, from < 800 ? from + 400 : 1111, from < 800);

			assert_int_equal(whole, k == 2);
		}
		is_whole(1111);
	}
	assert_int_equal(count(COUNTER_DATAGRAMS), 6);
	assert_int_equal(count(COUNTER_FRAGMENTS), 18);
	assert_int_equal(count(COUNTER_FRAGMENTS_REFUSED), 0);
}

static void the_longest_datagram_is_put_together(void **state)
{
	(void)state;
	for (uint32_t from = 0; from + 1480 < 65515; from += 1480)
		assert_false(piece(1, from, from + 1480, true));
	assert_true(piece(1, 65515 / 1480 * 1480, 65515, false));
	is_whole(65515);
}

static void nothing_grows_beyond_the_longest_datagram(void **state)
{
	(void)state;
	assert_false(piece(1, 65528, 65537, false));
	assert_false(piece(1, 0, 65528, true));
	assert_int_equal(count(COUNTER_DATAGRAMS), 0);
	assert_int_equal(count(COUNTER_FRAGMENTS_REFUSED), 2);
}

static void a_repeated_piece_does_no_harm(void **state)
{
	(void)state;
	assert_false(piece(1, 0, 800, true));
	assert_false(piece(1, 0, 800, true));
	assert_true(piece(1, 800, 900, false));
	is_whole(900);
}

static void an_overlap_refuses_the_datagram_for_good(void **state)
{
	(void)state;
	assert_false(piece(1, 0, 800, true));
	assert_false(piece(1, 792, 1600, true));
	assert_false(piece(1, 800, 900, false));
	assert_false(piece(1, 0, 800, true));
	assert_int_equal(count(COUNTER_DATAGRAMS), 0);
	assert_int_equal(count(COUNTER_FRAGMENTS_REFUSED), 4);
}

static void the_same_place_with_other_bytes_refuses_the_datagram(void **state)
{
	const struct fragment f = {.id = 1, .offset = 0, .more = true, .protocol = 17};

	(void)state;
	assert_false(give(content, 80, f));
	assert_false(give(content + 1, 80, f));
	assert_false(piece(1, 80, 90, false));
}

/*
 * As many bytes as it should have, but not those: the rest would be what an earlier datagram left.
 */
static void pieces_beyond_the_end_never_fill_a_hole(void **state)
{
	(void)state;
	assert_false(piece(1, 8, 16, false));
	assert_false(piece(1, 24, 32, true));
	assert_false(piece(1, 0, 8, true));
	assert_false(piece(2, 24, 32, true));
	assert_false(piece(2, 8, 16, false));
	assert_false(piece(2, 0, 8, true));
	assert_int_equal(count(COUNTER_DATAGRAMS), 0);
}

static void two_ends_that_differ_refuse_the_datagram(void **state)
{
	(void)state;
	assert_false(piece(1, 16, 24, false));
	assert_false(piece(1, 8, 16, false));
	assert_false(piece(1, 0, 8, true));
	assert_int_equal(count(COUNTER_DATAGRAMS), 0);
}

static void empty_and_uneven_pieces_are_refused(void **state)
{
	(void)state;
	assert_false(piece(1, 8, 8, true));
	assert_false(piece(2, 0, 7, true));
	assert_int_equal(count(COUNTER_FRAGMENTS_REFUSED), 2);
}

static void what_comes_after_half_a_minute_starts_anew(void **state)
{
	(void)state;
	assert_false(piece(1, 0, 800, true));
	now_ns += 31ull * 1000000000;
	assert_false(piece(1, 800, 900, false));
	assert_int_equal(count(COUNTER_FRAGMENTS_REFUSED), 1);
	assert_true(piece(1, 0, 800, true));
	is_whole(900);
}

static void datagrams_differ_by_identification_and_protocol(void **state)
{
	(void)state;
	assert_false(piece(1, 0, 800, true));
	assert_false(piece(2, 800, 900, false));
	assert_false(
		give(content + 800, 100, (struct fragment){.id = 1, .offset = 800, .protocol = 6}));
	assert_true(piece(1, 800, 900, false));
}

static void a_flood_costs_bounded_room_and_every_fragment_is_accounted_for(void **state)
{
	(void)state;
	stop(NULL);
	start_with(1); /* the least: eight */
	for (uint32_t i = 0; i < 10000; i++)
		assert_false(piece(i, 0, 8, true));
	assert_int_equal(task->fragments.room, 8);
	assert_int_equal(count(COUNTER_FRAGMENTS), 10000);
	assert_int_equal(count(COUNTER_FRAGMENTS_REFUSED), 10000 - 8);
	assert_true(piece(9999, 8, 16, false));
}

static void a_datagram_in_too_many_pieces_is_refused(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PIECES_MAX + 1u; i++)
		assert_false(piece(1, 8 * i, 8 * i + 8, true));
	assert_false(piece(1, 8 * (PIECES_MAX + 1u), 8 * (PIECES_MAX + 2u), false));
	assert_int_equal(count(COUNTER_FRAGMENTS_REFUSED), PIECES_MAX + 2u);
}

/* A tunnel's inner fragments come while the outer datagram is still being read. */
static void bytes_lent_in_a_frame_stay_until_the_next(void **state)
{
	(void)state;
	stop(NULL);
	start_with(1);
	assert_false(piece(1, 0, 8, true));
	assert_true(piece(1, 8, 16, false));
	const struct packet outer = last;
	for (uint32_t i = 0; i < 20; i++) {
		frame = outer.frame - 1; /* the same frame */
		(void)piece(100 + i, 800, 808, true);
	}
	assert_memory_equal(cur_bytes(&outer.rest), content, 16);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(pieces_in_any_order_make_a_datagram),
		CLAIM(the_longest_datagram_is_put_together),
		CLAIM(nothing_grows_beyond_the_longest_datagram),
		CLAIM(a_repeated_piece_does_no_harm),
		CLAIM(an_overlap_refuses_the_datagram_for_good),
		CLAIM(the_same_place_with_other_bytes_refuses_the_datagram),
		CLAIM(pieces_beyond_the_end_never_fill_a_hole),
		CLAIM(two_ends_that_differ_refuse_the_datagram),
		CLAIM(empty_and_uneven_pieces_are_refused),
		CLAIM(what_comes_after_half_a_minute_starts_anew),
		CLAIM(datagrams_differ_by_identification_and_protocol),
		CLAIM(a_flood_costs_bounded_room_and_every_fragment_is_accounted_for),
		CLAIM(a_datagram_in_too_many_pieces_is_refused),
		CLAIM(bytes_lent_in_a_frame_stay_until_the_next),
	};

	for (unsigned i = 0; i < sizeof content; i++)
		content[i] = (uint8_t)(i * 31 + i / 251);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
