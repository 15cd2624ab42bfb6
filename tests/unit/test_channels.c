/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_channels.c - the declared channels, their types and policies.
 */
#include "task/channels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_typed_item_comes_back_as_it_was_sent(void **state)
{
	const struct packet_channel c = packet_channel_new(RUN_FILE, 1);
	struct packet_sender s = packet_channel_sender(&c, 0);
	struct packet_received r;
	struct packet_item *room;

	(void)state;
	assert_int_equal(packet_reserve(&s, 5, &room), SENT);
	memcpy((void *)room, "hello", 5);
	packet_commit(&s);
	packet_mark(&s, &(struct mark){.time_ns = 9, .interval = 1});
	packet_close(&s);
	assert_int_equal(packet_receive(&c, &r, -1), ITEM);
	assert_int_equal(r.len, 5);
	assert_memory_equal(r.item, "hello", 5);
	assert_int_equal(packet_receive(&c, &r, -1), MARK);
	assert_int_equal(r.mark.time_ns, 9);
	assert_int_equal(packet_receive(&c, &r, -1), ENDED);
	assert_string_equal(channel_name(c.untyped), "packet");
	channel_free(c.untyped);
}

static void every_lane_has_the_room_that_was_declared(void **state)
{
	(void)state;
	assert_int_equal(channel_kind_count, 4);
	for (unsigned i = 0; i < channel_kind_count; i++) {
		struct channel *const c = channel_new(channel_kinds[i].name, channel_kinds[i].bytes,
		                                      channel_kinds[i].live, 1);
		assert_non_null(c);
		assert_int_equal(channel_count(c).size, channel_kinds[i].bytes);
		channel_free(c);
	}
}

static void a_run_over_files_blocks_where_a_live_one_drops(void **state)
{
	(void)state;
	for (unsigned i = 0; i < channel_kind_count; i++)
		assert_int_equal(channel_kinds[i].live, DROP);
	assert_int_equal(channel_kinds[0].file, BLOCK);
	assert_string_equal(channel_kinds[0].name, "packet");
	assert_string_equal(channel_kinds[0].item, "struct packet_item");

	const struct fact_channel c = fact_channel_new(RUN_LIVE, 1);
	struct fact_sender s = fact_channel_sender(&c, 0);
	struct fact_item *room;
	enum sent sent;
	while ((sent = fact_reserve(&s, 1 << 16, &room)) == SENT)
		fact_commit(&s);
	assert_int_equal(sent, FULL);
	channel_free(c.untyped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_typed_item_comes_back_as_it_was_sent),
		cmocka_unit_test(every_lane_has_the_room_that_was_declared),
		cmocka_unit_test(a_run_over_files_blocks_where_a_live_one_drops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
