/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_align.c - marks of an aligned channel: once, when they came from all, and everything in its
 * interval.
 *
 * tests/models/align.pml tries every order of steps of the chain that the last test runs with
 * threads.
 */
#include "task/channel.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SENDERS = 3 };
static struct channel *channel;
static struct sender *lane[SENDERS];

static int start(void **state)
{
	(void)state;
	channel = channel_new("aligned", 1024, BLOCK, SENDERS);
	assert_non_null(channel);
	channel_align(channel);
	for (unsigned i = 0; i < SENDERS; i++)
		lane[i] = channel_sender(channel, i);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	channel_free(channel);
	return 0;
}

static bool send(struct sender *s, uint32_t n)
{
	void *room = NULL;

	if (channel_reserve(s, sizeof n, &room) != SENT)
		return false;
	memcpy(room, &n, sizeof n);
	channel_commit(s);
	channel_flush(s);
	return true;
}

static void mark(struct sender *s, uint64_t number)
{
	channel_mark(s, &(struct mark){.time_ns = number * 1000, .interval = number});
}

/*
 * "7 " for an item 7, "|7 " for a mark, "-" for nothing, "." for the end; all that comes until
 * nothing does.
 */
static const char *received(void)
{
	static char text[400];
	size_t len = 0;
	enum received got;

	do {
		struct item item = {0};
		uint32_t n = 0;

		got = channel_receive(channel, &item, 0);
		if (got == ITEM)
			memcpy(&n, item.bytes, sizeof n);
		if (got == ITEM)
			len += (size_t)snprintf(text + len, sizeof text - len, "%u ", n);
		if (got == MARK)
			len += (size_t)snprintf(text + len, sizeof text - len, "|%u ",
			                        (unsigned)item.mark.interval);
	} while (got == ITEM || got == MARK);
	(void)snprintf(text + len, sizeof text - len, "%s", got == ENDED ? "." : "-");
	return text;
}

static void a_mark_comes_once_when_it_came_from_all(void **state)
{
	(void)state;
	mark(lane[0], 1);
	mark(lane[1], 1);
	assert_string_equal(received(), "-");
	mark(lane[2], 1);
	assert_string_equal(received(), "|1 -");
}

static void what_is_behind_a_mark_waits_for_the_others(void **state)
{
	(void)state;
	mark(lane[0], 1);
	assert_true(send(lane[0], 10));
	assert_true(send(lane[1], 20));
	assert_string_equal(received(), "20 -");
	mark(lane[1], 1);
	assert_true(send(lane[2], 30));
	assert_string_equal(received(), "30 -");
	mark(lane[2], 1);
	assert_string_equal(received(), "|1 10 -");
}

static void several_marks_behind_each_other_come_one_by_one(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 3; n++) {
		mark(lane[0], n);
		mark(lane[2], n);
	}
	assert_string_equal(received(), "-");
	mark(lane[1], 1);
	assert_string_equal(received(), "|1 -");
	mark(lane[1], 2);
	mark(lane[1], 3);
	assert_string_equal(received(), "|2 |3 -");
}

static void who_has_left_is_not_waited_for(void **state)
{
	(void)state;
	mark(lane[0], 1);
	mark(lane[1], 1);
	assert_string_equal(received(), "-");
	assert_true(send(lane[2], 30));
	channel_close(lane[2]);
	assert_string_equal(received(), "30 |1 -");
	mark(lane[0], 2);
	channel_close(lane[0]);
	channel_close(lane[1]);
	assert_string_equal(received(), "|2 .");
}

static void the_end_comes_after_the_last_mark(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SENDERS; i++) {
		mark(lane[i], 1);
		channel_close(lane[i]);
	}
	assert_string_equal(received(), "|1 .");
}

static void what_waits_behind_a_mark_is_counted_when_it_is_received(void **state)
{
	(void)state;
	mark(lane[0], 1);
	assert_true(send(lane[0], 10));
	assert_string_equal(received(), "-");
	struct channel_counts n = channel_count(channel);
	assert_int_equal(n.sent, 1);
	assert_int_equal(n.received, 0);
	mark(lane[1], 1);
	mark(lane[2], 1);
	assert_string_equal(received(), "|1 10 -");
	n = channel_count(channel);
	assert_int_equal(n.received, 1);
}

/* ---- reader -> 2 workers -> edge task -> reporter, with lanes that are nearly always full ---- */

enum { WORKERS = 2, INTERVALS = 200, PER_INTERVAL = 40, LANE_BYTES = 256 };

static struct channel *to_worker[WORKERS], *to_edge, *to_reporter;

/* What a thread returns of what went wrong; NULL: nothing. */
static void *wrong(const char *what)
{
	return (void *)(uintptr_t)what;
}

static void *reader_run(void *unused)
{
	uint32_t seed = 1;

	(void)unused;
	for (uint32_t interval = 0; interval < INTERVALS; interval++) {
		for (unsigned i = 0; i < PER_INTERVAL; i++) {
			seed = seed * 1664525u + 1013904223u;
			/* long runs for one worker, so that the other falls behind */
			if (!send(channel_sender(to_worker[seed >> 31], 0), interval))
				return wrong("a worker left");
		}
		for (unsigned k = 0; k < WORKERS; k++)
			mark(channel_sender(to_worker[k], 0), interval + 1);
	}
	for (unsigned k = 0; k < WORKERS; k++)
		channel_close(channel_sender(to_worker[k], 0));
	return NULL;
}

/* Takes what comes and gives it on to `count` channels; marks too. What is wrong, or NULL. */
static void *relay(struct channel *from, struct sender *const *to, unsigned count)
{
	uint32_t interval = 0;

	for (;;) {
		struct item item = {0};
		const enum received got = channel_receive(from, &item, -1);
		uint32_t n = 0;

		if (got == ITEM)
			memcpy(&n, item.bytes, sizeof n);
		if (got == ITEM && n != interval)
			return wrong("an item of another interval");
		if (got == MARK && item.mark.interval != ++interval)
			return wrong("a mark out of order");
		for (unsigned i = 0; i < count; i++) {
			if (got == ITEM && !send(to[i], n))
				return wrong("the receiver left");
			if (got == MARK)
				mark(to[i], item.mark.interval);
			if (got == ENDED)
				channel_close(to[i]);
		}
		if (got == ENDED)
			return interval == INTERVALS ? NULL : wrong("marks are missing");
	}
}

static void *worker_run(void *number)
{
	const unsigned me = *(const unsigned *)number;
	struct sender *const to[2] = {channel_sender(to_edge, me), channel_sender(to_reporter, me)};

	return relay(to_worker[me], to, 2);
}

static void *edge_run(void *unused)
{
	struct sender *const to[1] = {channel_sender(to_reporter, WORKERS)};

	(void)unused;
	return relay(to_edge, to, 1);
}

static void *reporter_run(void *unused)
{
	(void)unused;
	return relay(to_reporter, NULL, 0);
}

static void a_chain_of_full_lanes_ends_and_everything_is_in_its_interval(void **state)
{
	static unsigned numbers[WORKERS] = {0, 1};
	pthread_t thread[3 + WORKERS];
	unsigned count = 0;

	(void)state;
	to_edge = channel_new("edge", LANE_BYTES, BLOCK, WORKERS);
	to_reporter = channel_new("reporter", LANE_BYTES, BLOCK, WORKERS + 1);
	channel_align(to_edge);
	channel_align(to_reporter);
	for (unsigned k = 0; k < WORKERS; k++)
		to_worker[k] = channel_new("worker", LANE_BYTES, BLOCK, 1);
	assert_int_equal(pthread_create(&thread[count++], NULL, reporter_run, NULL), 0);
	assert_int_equal(pthread_create(&thread[count++], NULL, edge_run, NULL), 0);
	for (unsigned k = 0; k < WORKERS; k++)
		assert_int_equal(pthread_create(&thread[count++], NULL, worker_run, &numbers[k]),
		                 0);
	assert_int_equal(pthread_create(&thread[count++], NULL, reader_run, NULL), 0);
	for (unsigned i = 0; i < count; i++) {
		void *what = NULL;

		assert_int_equal(pthread_join(thread[i], &what), 0);
		if (what)
			fail_msg("thread %u: %s", i, (const char *)what);
	}
	assert_int_equal(channel_count(to_reporter).received, 2 * INTERVALS * PER_INTERVAL);
	for (unsigned k = 0; k < WORKERS; k++)
		channel_free(to_worker[k]);
	channel_free(to_edge);
	channel_free(to_reporter);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(a_mark_comes_once_when_it_came_from_all),
		CLAIM(what_is_behind_a_mark_waits_for_the_others),
		CLAIM(several_marks_behind_each_other_come_one_by_one),
		CLAIM(who_has_left_is_not_waited_for),
		CLAIM(the_end_comes_after_the_last_mark),
		CLAIM(what_waits_behind_a_mark_is_counted_when_it_is_received),
		cmocka_unit_test(a_chain_of_full_lanes_ends_and_everything_is_in_its_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
