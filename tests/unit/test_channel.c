/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_channel.c - what was sent is received, in order, whole, and counted to the item.
 *
 * The first half looks at one thing at a time, from one thread. The second half lets senders and a
 * receiver loose on small lanes, where everything is always full, empty or at its end.
 */
#include "task/channel.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static struct channel *open_channel(size_t bytes, enum policy policy, unsigned senders)
{
	struct channel *const c = channel_new("test", bytes, policy, senders);

	assert_non_null(c);
	return c;
}

/* Sends the number as an item of len >= 8 bytes, all others derived from it. */
static enum sent send_number(struct sender *s, uint64_t number, uint32_t len)
{
	void *room;
	const enum sent sent = channel_reserve(s, len, &room);

	if (sent != SENT)
		return sent;
	uint8_t *const bytes = room;
	memcpy(bytes, &number, sizeof number);
	for (uint32_t i = sizeof number; i < len; i++)
		bytes[i] = (uint8_t)((number + i) & 0xff);
	channel_commit(s);
	return SENT;
}

/* The number of an item; fails unless all its bytes are those that were sent. */
static uint64_t number_of(const struct item *item)
{
	const uint8_t *const bytes = item->bytes;
	uint64_t number;

	if ((uintptr_t)bytes % 8 != 0 || item->len < sizeof number)
		fail_msg("item of %u bytes at %p", item->len, item->bytes);
	memcpy(&number, bytes, sizeof number);
	for (uint32_t i = sizeof number; i < item->len; i++)
		if (bytes[i] != (uint8_t)((number + i) & 0xff))
			fail_msg("item %llu is damaged at %u", (unsigned long long)number, i);
	return number;
}

static void expect_item(struct channel *c, uint64_t number)
{
	struct item item;

	assert_int_equal(channel_receive(c, &item, 0), ITEM);
	assert_int_equal(number_of(&item), number);
}

static void expect_mark(struct channel *c, uint64_t interval)
{
	struct item item;

	assert_int_equal(channel_receive(c, &item, 0), MARK);
	assert_int_equal(item.mark.interval, interval);
	assert_int_equal(item.mark.time_ns, interval * 1000);
}

static void expect_nothing(struct channel *c, enum received what)
{
	struct item item;

	assert_int_equal(channel_receive(c, &item, 0), what);
}

static void send_mark(struct sender *s, uint64_t interval)
{
	channel_mark(s, &(struct mark){.time_ns = interval * 1000, .interval = interval});
}

static void what_is_committed_is_seen_after_a_flush(void **state)
{
	struct channel *const c = open_channel(4096, DROP, 1);
	struct sender *const s = channel_sender(c, 0);

	(void)state;
	assert_int_equal(send_number(s, 1, 8), SENT);
	assert_int_equal(send_number(s, 2, 13), SENT);
	expect_nothing(c, NO_ITEM);
	channel_flush(s);
	expect_item(c, 1);
	expect_item(c, 2);
	expect_nothing(c, NO_ITEM);
	channel_free(c);
}

static void a_full_batch_flushes_itself(void **state)
{
	struct channel *const c = open_channel(1 << 20, DROP, 1);
	struct sender *const s = channel_sender(c, 0);
	void *room;

	(void)state;
	for (uint64_t i = 0; i < 1023; i++)
		assert_int_equal(send_number(s, i, 8), SENT);
	assert_int_equal(channel_count(c).sent, 0);
	assert_int_equal(send_number(s, 1023, 8), SENT);
	assert_int_equal(channel_count(c).sent, 1024);
	assert_int_equal(channel_reserve(s, 65536 - 16, &room), SENT);
	channel_commit(s);
	assert_int_equal(channel_count(c).sent, 1024);
	assert_int_equal(send_number(s, 1025, 8), SENT);
	assert_int_equal(channel_count(c).sent, 1026);
	channel_free(c);
}

static void a_reserve_not_committed_is_forgotten(void **state)
{
	struct channel *const c = open_channel(4096, DROP, 1);
	struct sender *const s = channel_sender(c, 0);
	void *room;

	(void)state;
	assert_int_equal(channel_reserve(s, 100, &room), SENT);
	assert_int_equal(send_number(s, 7, 8), SENT);
	assert_int_equal(channel_reserve(s, 100, &room), SENT);
	send_mark(s, 1);
	expect_item(c, 7);
	expect_mark(c, 1);
	expect_nothing(c, NO_ITEM);
	assert_int_equal(channel_count(c).sent, 1);
	channel_free(c);
}

static void an_empty_item_is_an_item(void **state)
{
	struct channel *const c = open_channel(256, DROP, 1);
	struct sender *const s = channel_sender(c, 0);
	struct item item;
	void *room;

	(void)state;
	assert_int_equal(channel_reserve(s, 0, &room), SENT);
	channel_commit(s);
	channel_flush(s);
	assert_int_equal(channel_receive(c, &item, 0), ITEM);
	assert_int_equal(item.len, 0);
	expect_nothing(c, NO_ITEM);
	channel_free(c);
}

/* The lane's every position is met, and the item that is looked at stays as it is meanwhile. */
static void a_quarter_of_the_lane_always_fits_when_drained(void **state)
{
	struct channel *const c = open_channel(1024, DROP, 1);
	struct sender *const s = channel_sender(c, 0);

	(void)state;
	for (uint64_t i = 0; i < 10000; i++) {
		assert_int_equal(send_number(s, i, i % 2 == 0 ? 256 : 8 + (uint32_t)(i % 37)),
		                 SENT);
		channel_flush(s);
		expect_item(c, i);
	}
	assert_int_equal(channel_count(c).dropped, 0);
	channel_free(c);
}

static void a_full_lane_drops_and_counts(void **state)
{
	struct channel *const c = open_channel(1024, DROP, 1);
	struct sender *const s = channel_sender(c, 0);
	uint64_t sent = 0;

	(void)state;
	while (send_number(s, sent, 56) == SENT)
		sent++;
	assert_int_equal(sent, 1024 / 64);
	assert_int_equal(send_number(s, 99, 8), FULL);
	const struct channel_counts full = channel_count(c);
	assert_int_equal(full.sent, sent);
	assert_int_equal(full.dropped, 2);
	assert_int_equal(full.fill, 1024);
	assert_int_equal(full.size, 1024);
	for (uint64_t i = 0; i < sent; i++)
		expect_item(c, i);
	expect_nothing(c, NO_ITEM);
	const struct channel_counts drained = channel_count(c);
	assert_int_equal(drained.received, sent);
	assert_int_equal(drained.fill, 0);
	assert_int_equal(send_number(s, 100, 56), SENT);
	channel_free(c);
}

static void what_is_received_stays_until_the_next(void **state)
{
	struct channel *const c = open_channel(1024, DROP, 1);
	struct sender *const s = channel_sender(c, 0);
	struct item item;

	(void)state;
	for (uint64_t i = 0; i < 16; i++)
		assert_int_equal(send_number(s, i, 56), SENT);
	channel_flush(s);
	assert_int_equal(channel_receive(c, &item, 0), ITEM);
	for (uint64_t i = 0; i < 16; i++)
		assert_int_equal(send_number(s, 100 + i, 56), FULL);
	assert_int_equal(number_of(&item), 0);
	channel_free(c);
}

/* Is the number seen ahead? If not, nothing is. */
static bool sees_ahead(const struct channel *c, uint64_t number)
{
	const void *const bytes = channel_ahead(c);
	uint64_t ahead;

	if (bytes == NULL)
		return false;
	memcpy(&ahead, bytes, sizeof ahead);
	assert_int_equal(ahead, number);
	return true;
}

static void an_item_is_seen_ahead_if_it_is_there(void **state)
{
	struct channel *const c = open_channel(256, BLOCK, 1);
	struct sender *const s = channel_sender(c, 0);
	unsigned times = 0;

	(void)state;
	for (uint64_t number = 1; number < 100;
	     number += 2) { /* round the lane, and past its end */
		assert_int_equal(send_number(s, number, 16), SENT);
		assert_int_equal(send_number(s, number + 1, 64), SENT);
		channel_flush(s);
		expect_item(c, number);
		times += sees_ahead(c, number + 1);
		expect_item(c, number + 1);
		assert_null(channel_ahead(c)); /* nothing behind it yet */
	}
	assert_in_range(times, 25, 49); /* not behind bytes that are skipped */
	assert_int_equal(send_number(s, 100, 8), SENT);
	send_mark(s, 1);
	expect_item(c, 100);
	assert_null(channel_ahead(c)); /* a mark is no item */
	channel_free(c);
}

static void marks_keep_their_place_between_items(void **state)
{
	struct channel *const c = open_channel(4096, DROP, 1);
	struct sender *const s = channel_sender(c, 0);

	(void)state;
	assert_int_equal(send_number(s, 1, 8), SENT);
	send_mark(s, 1);
	assert_int_equal(send_number(s, 2, 8), SENT);
	send_mark(s, 2);
	expect_item(c, 1);
	expect_mark(c, 1);
	expect_item(c, 2);
	expect_mark(c, 2);
	assert_int_equal(channel_count(c).sent, 2);
	assert_int_equal(channel_count(c).received, 2);
	channel_free(c);
}

/* Fills the lane with 16 items of 64 bytes. */
static void fill(struct sender *s)
{
	for (uint64_t i = 0; i < 16; i++)
		assert_int_equal(send_number(s, i, 56), SENT);
	channel_flush(s);
}

static void a_mark_without_room_waits_and_goes_before_the_next_item(void **state)
{
	struct channel *const c = open_channel(1024, DROP, 1);
	struct sender *const s = channel_sender(c, 0);

	(void)state;
	fill(s);
	send_mark(s, 1);
	send_mark(s, 2);
	assert_int_equal(send_number(s, 16, 8), FULL);
	for (uint64_t i = 0; i < 16; i++)
		expect_item(c, i);
	expect_nothing(c, NO_ITEM);
	assert_int_equal(send_number(s, 17, 8), SENT);
	channel_flush(s);
	expect_mark(c, 2);
	expect_item(c, 17);
	channel_free(c);
}

static void a_waiting_mark_goes_with_a_flush(void **state)
{
	struct channel *const c = open_channel(1024, DROP, 1);
	struct sender *const s = channel_sender(c, 0);

	(void)state;
	fill(s);
	send_mark(s, 3);
	for (uint64_t i = 0; i < 16; i++)
		expect_item(c, i);
	expect_nothing(c, NO_ITEM);
	channel_flush(s);
	expect_mark(c, 3);
	channel_free(c);
}

static void a_mark_that_waits_at_closing_comes_last(void **state)
{
	struct channel *const c = open_channel(1024, DROP, 2);
	struct sender *const s = channel_sender(c, 0);

	(void)state;
	fill(s);
	send_mark(s, 4);
	channel_close(s);
	for (uint64_t i = 0; i < 16; i++)
		expect_item(c, i);
	expect_mark(c, 4);
	expect_nothing(c, NO_ITEM);
	channel_close(channel_sender(c, 1));
	expect_nothing(c, ENDED);
	expect_nothing(c, ENDED);
	channel_free(c);
}

static void a_closed_channel_drains_and_then_ends(void **state)
{
	struct channel *const c = open_channel(4096, DROP, 2);

	(void)state;
	assert_int_equal(send_number(channel_sender(c, 0), 1, 8), SENT);
	channel_close(channel_sender(c, 0));
	assert_int_equal(send_number(channel_sender(c, 1), 2, 8), SENT);
	expect_item(c, 1);
	expect_nothing(c, NO_ITEM);
	channel_close(channel_sender(c, 1));
	expect_item(c, 2);
	expect_nothing(c, ENDED);
	channel_free(c);
}

static void who_sends_to_a_receiver_that_left_is_told(void **state)
{
	struct channel *const c = open_channel(4096, BLOCK, 1);
	struct sender *const s = channel_sender(c, 0);

	(void)state;
	assert_int_equal(send_number(s, 1, 8), SENT);
	channel_leave(c);
	assert_int_equal(send_number(s, 2, 8), CLOSED);
	send_mark(s, 1);
	channel_close(s);
	assert_int_equal(channel_count(c).sent, 1);
	assert_int_equal(channel_count(c).dropped, 0);
	channel_free(c);
}

static void a_receiver_waits_as_long_as_it_says(void **state)
{
	struct channel *const c = open_channel(4096, DROP, 1);
	struct item item;
	const uint64_t start = now_ms();

	(void)state;
	assert_int_equal(channel_receive(c, &item, 50), NO_ITEM);
	assert_in_range(now_ms() - start, 49, 5000);
	channel_free(c);
}

static void no_lane_keeps_the_others_waiting(void **state)
{
	struct channel *const c = open_channel(4096, DROP, 3);
	struct item item;
	unsigned since[3] = {0};

	(void)state;
	for (uint64_t round = 0; round < 1000; round++) {
		for (unsigned i = 0; i < 3; i++) {
			(void)send_number(channel_sender(c, i), round, 56);
			channel_flush(channel_sender(c, i));
		}
		assert_int_equal(channel_receive(c, &item, 0), ITEM);
		for (unsigned i = 0; i < 3; i++)
			since[i] = i == item.sender ? 0 : since[i] + 1;
		for (unsigned i = 0; i < 3; i++)
			assert_true(since[i] <= 2 * 4096 / 64 + 2);
	}
	channel_free(c);
}

/* ---- threads ---- */

struct crew {
	struct channel *channel;
	unsigned id, senders;
	uint64_t items;       /* each sender tries to send so many */
	uint64_t marks_every; /* 0: none */
	uint32_t longest;
	uint64_t sent, full, closed; /* what it was told */
	pthread_t thread;
};

static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static void *sender_run(void *arg)
{
	struct crew *const me = arg;
	struct sender *const s = channel_sender(me->channel, me->id);
	uint32_t seed = 1000 + me->id;

	for (uint64_t i = 0; i < me->items; i++) {
		const uint32_t len = 8 + next_random(&seed) % (me->longest - 7);
		const enum sent sent = send_number(s, i, len);
		me->sent += sent == SENT;
		me->full += sent == FULL;
		me->closed += sent == CLOSED;
		if (sent == CLOSED)
			break;
		if (next_random(&seed) % 20 == 0)
			channel_flush(s);
		if (next_random(&seed) % 5000 == 0)
			nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
		if (me->marks_every != 0 && (i + 1) % me->marks_every == 0)
			send_mark(s, (i + 1) / me->marks_every);
	}
	channel_close(s);
	return NULL;
}

static void crew_start(struct crew *crew, struct crew each)
{
	for (unsigned i = 0; i < each.senders; i++) {
		crew[i] = each;
		crew[i].id = i;
		assert_int_equal(pthread_create(&crew[i].thread, NULL, sender_run, &crew[i]), 0);
	}
}

static struct crew crew_join(struct crew *crew)
{
	struct crew sum = {0};

	for (unsigned i = 0; i < crew[0].senders; i++) {
		assert_int_equal(pthread_join(crew[i].thread, NULL), 0);
		sum.sent += crew[i].sent;
		sum.full += crew[i].full;
		sum.closed += crew[i].closed;
	}
	return sum;
}

/* What the receiver has seen of one sender. */
struct seen {
	uint64_t next; /* numbers below it are past */
	uint64_t items;
	uint64_t interval; /* the last mark */
};

static void see_item(struct seen *seen, const struct item *item, enum policy policy)
{
	const uint64_t number = number_of(item);

	if (number < seen->next || (policy == BLOCK && number != seen->next))
		fail_msg("sender %u: item %llu where %llu was due", item->sender,
		         (unsigned long long)number, (unsigned long long)seen->next);
	seen->next = number + 1;
	seen->items++;
}

/* A mark comes after the items sent before it, and before those sent after it. */
static void see_mark(struct seen *seen, const struct item *item, const struct crew *each,
                     enum policy policy)
{
	const uint64_t interval = item->mark.interval;

	if (interval <= seen->interval || (policy == BLOCK && interval != seen->interval + 1) ||
	    seen->next > interval * each->marks_every)
		fail_msg("sender %u: mark %llu after item %llu", item->sender,
		         (unsigned long long)interval, (unsigned long long)seen->next);
	seen->interval = interval;
}

/* Receives until the end, or `most` items. */
static uint64_t receive_all(struct crew each, enum policy policy, struct seen *seen, uint64_t most,
                            bool slow)
{
	uint64_t items = 0;
	struct item item;

	while (items < most) {
		const enum received got =
			channel_receive(each.channel, &item, items % 3 == 0 ? 1 : -1);
		if (got == ENDED)
			break;
		if (got == ITEM) {
			see_item(&seen[item.sender], &item, policy);
			items++;
		}
		if (got == MARK)
			see_mark(&seen[item.sender], &item, &each, policy);
		if (slow && items % 2048 == 7)
			nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
	}
	return items;
}

static void hammer(size_t bytes, enum policy policy, unsigned senders, uint64_t items, bool slow)
{
	struct crew crew[4];
	struct seen seen[4] = {0};
	const struct crew each = {
		.channel = open_channel(bytes, policy, senders),
		.senders = senders,
		.items = items,
		.marks_every = 1000,
		.longest = (uint32_t)(bytes / 4 < 400 ? bytes / 4 : 400),
	};

	crew_start(crew, each);
	const uint64_t received = receive_all(each, policy, seen, UINT64_MAX, slow);
	const struct crew told = crew_join(crew);
	const struct channel_counts n = channel_count(each.channel);

	assert_int_equal(told.sent + told.full, items * senders);
	assert_int_equal(n.sent, told.sent);
	assert_int_equal(n.dropped, told.full);
	assert_int_equal(n.received, received);
	assert_int_equal(n.sent, received);
	assert_int_equal(n.fill, 0);
	for (unsigned i = 0; i < senders; i++) {
		assert_int_equal(seen[i].items, crew[i].sent);
		assert_int_equal(seen[i].interval, items / each.marks_every);
		if (policy == BLOCK)
			assert_int_equal(seen[i].items, items);
	}
	channel_free(each.channel);
}

#define ITEMS 60000

static void blocking_senders_lose_nothing(void **state)
{
	(void)state;
	hammer(256, BLOCK, 2, ITEMS, false);
	hammer(4096, BLOCK, 3, ITEMS, false);
	hammer(4096, BLOCK, 1, ITEMS, true);
	hammer(1 << 16, BLOCK, 4, ITEMS, true);
	hammer(1 << 20, BLOCK, 2, ITEMS, false);
}

static void dropping_senders_count_what_they_lose(void **state)
{
	(void)state;
	hammer(256, DROP, 2, ITEMS, false);
	hammer(4096, DROP, 4, ITEMS, true);
	hammer(1 << 16, DROP, 3, ITEMS, false);
}

/* Short-lived: closing races with the receiver's last look, many times. */
static void closing_loses_no_item(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 300; i++)
		hammer(4096, i % 2 == 0 ? BLOCK : DROP, 1 + i % 4, 1 + i % 17, false);
}

static void leaving_wakes_blocked_senders(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		struct crew crew[4];
		struct seen seen[4] = {0};
		const struct crew each = {
			.channel = open_channel(1024, BLOCK, 3),
			.senders = 3,
			.items = 1 << 20,
			.longest = 256,
		};
		crew_start(crew, each);
		const uint64_t received = receive_all(each, BLOCK, seen, i * 10, false);
		channel_leave(each.channel);
		const struct crew told = crew_join(crew);
		assert_int_equal(told.closed, 3);
		assert_int_equal(channel_count(each.channel).sent, told.sent);
		assert_int_equal(channel_count(each.channel).received, received);
		channel_free(each.channel);
	}
}

static void a_sleeping_receiver_is_woken(void **state)
{
	struct crew crew[4];
	struct item item;
	const struct crew each = {
		.channel = open_channel(4096, DROP, 1), .senders = 1, .items = 1, .longest = 8};
	const uint64_t start = now_ms();

	(void)state;
	crew_start(crew, each);
	assert_int_equal(channel_receive(each.channel, &item, 60000), ITEM);
	assert_int_equal(channel_receive(each.channel, &item, 60000), ENDED);
	assert_in_range(now_ms() - start, 0, 30000);
	(void)crew_join(crew);
	channel_free(each.channel);
}

static _Atomic(bool) counting;

static void *count_run(void *arg)
{
	const struct channel *const c = arg;
	struct channel_counts last = {0};

	while (atomic_load_explicit(&counting, memory_order_acquire)) {
		const struct channel_counts n = channel_count(c);
		if (n.received > n.sent || n.received < last.received || n.sent < last.sent ||
		    n.fill > n.size)
			return arg;
		last = n;
	}
	return NULL;
}

static void counts_add_up_at_any_time_from_any_thread(void **state)
{
	struct crew crew[4];
	struct seen seen[4] = {0};
	const struct crew each = {.channel = open_channel(4096, BLOCK, 2),
	                          .senders = 2,
	                          .items = ITEMS / 2,
	                          .longest = 100};
	pthread_t counter;
	void *wrong;

	(void)state;
	atomic_store_explicit(&counting, true, memory_order_release);
	assert_int_equal(pthread_create(&counter, NULL, count_run, each.channel), 0);
	crew_start(crew, each);
	(void)receive_all(each, BLOCK, seen, UINT64_MAX, false);
	(void)crew_join(crew);
	atomic_store_explicit(&counting, false, memory_order_release);
	assert_int_equal(pthread_join(counter, &wrong), 0);
	assert_null(wrong);
	channel_free(each.channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_committed_is_seen_after_a_flush),
		cmocka_unit_test(a_full_batch_flushes_itself),
		cmocka_unit_test(a_reserve_not_committed_is_forgotten),
		cmocka_unit_test(an_empty_item_is_an_item),
		cmocka_unit_test(a_quarter_of_the_lane_always_fits_when_drained),
		cmocka_unit_test(a_full_lane_drops_and_counts),
		cmocka_unit_test(what_is_received_stays_until_the_next),
		cmocka_unit_test(an_item_is_seen_ahead_if_it_is_there),
		cmocka_unit_test(marks_keep_their_place_between_items),
		cmocka_unit_test(a_mark_without_room_waits_and_goes_before_the_next_item),
		cmocka_unit_test(a_waiting_mark_goes_with_a_flush),
		cmocka_unit_test(a_mark_that_waits_at_closing_comes_last),
		cmocka_unit_test(a_closed_channel_drains_and_then_ends),
		cmocka_unit_test(who_sends_to_a_receiver_that_left_is_told),
		cmocka_unit_test(a_receiver_waits_as_long_as_it_says),
		cmocka_unit_test(no_lane_keeps_the_others_waiting),
		cmocka_unit_test(a_sleeping_receiver_is_woken),
		cmocka_unit_test(blocking_senders_lose_nothing),
		cmocka_unit_test(dropping_senders_count_what_they_lose),
		cmocka_unit_test(closing_loses_no_item),
		cmocka_unit_test(leaving_wakes_blocked_senders),
		cmocka_unit_test(counts_add_up_at_any_time_from_any_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
