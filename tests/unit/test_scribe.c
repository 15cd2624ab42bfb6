/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is held is given back whole, in order, once; what made room is counted as lost; blocks that
 * are written are read again as what they were.
 */
#include "capture/pcapng_out.h"
#include "observe/held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { RING = 1 << 18 };

static struct arena arena;
static struct held held;
static uint64_t seen[8192];
static unsigned seen_count;

static int begin(void **state)
{
	(void)state;
	memset(&held, 0, sizeof held);
	seen_count = 0;
	assert_int_equal(arena_init(&arena, held_budget(RING)), 0);
	return held_init(&held, &arena, RING) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* The frame number N has N % 200 bytes of N % 256. */
static void add(uint64_t number, const uint64_t *groups, unsigned count)
{
	uint8_t bytes[200];
	const struct frame f = {
		.bytes = bytes, .captured = (uint32_t)(number % 200), .number = number};

	memset(bytes, (int)(number % 256), sizeof bytes);
	held_add(&held, &f, groups, count);
}

static void see(void *to, const struct frame *f)
{
	assert_ptr_equal(to, &held);
	assert_int_equal(f->captured, f->number % 200);
	for (uint32_t i = 0; i < f->captured; i++)
		assert_int_equal(f->bytes[i], f->number % 256);
	seen[seen_count++] = f->number;
}

static void a_group_is_given_back_in_order_and_once(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 20; i++)
		add(i, &(uint64_t){i % 2 + 10}, 1);
	held_take(&held, 10, see, &held);
	assert_int_equal(seen_count, 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(seen[i], 2 * i + 2);
	held_take(&held, 10, see, &held);
	assert_int_equal(seen_count, 10);
	add(22, &(uint64_t){10}, 1);
	held_take(&held, 10, see, &held);
	assert_int_equal(seen_count, 11);
	assert_int_equal(held.lost, 0);
}

static void what_a_frame_belongs_to_besides_comes_with_it(void **state)
{
	(void)state;
	add(1, &(uint64_t){7}, 1);
	add(2, &(uint64_t){8}, 1);
	add(3, (uint64_t[]){7, 9}, 2);
	add(4, &(uint64_t){9}, 1);
	held_take(&held, 9, see, &held);
	assert_int_equal(seen_count, 3);
	assert_int_equal(seen[0], 1);
	assert_int_equal(seen[1], 3);
	assert_int_equal(seen[2], 4);
	held_take(&held, 8, see, &held);
	assert_int_equal(seen[3], 2);
}

static void the_oldest_make_room_and_are_missed(void **state)
{
	(void)state;
	add(1, &(uint64_t){5}, 1);
	for (uint64_t i = 2; i < 5000; i++)
		add(i, &(uint64_t){6}, 1);
	add(5000, &(uint64_t){5}, 1);
	held_take(&held, 5, see, &held);
	assert_int_equal(seen_count, 1);
	assert_int_equal(seen[0], 5000);
	assert_int_equal(held.lost, 1);
	held_take(&held, 6, see, &held);
	assert_true(seen_count > 500 && seen_count < 3000);
	for (unsigned i = 2; i < seen_count; i++)
		assert_int_equal(seen[i], seen[i - 1] + 1);
	assert_int_equal(seen[seen_count - 1], 4999);
	assert_int_equal(held.lost, 2);
}

static void what_is_written_is_read_again(void **state)
{
	static const char comment[] = "frame 17\nof whom";
	const uint8_t bytes[5] = {1, 2, 3, 4, 5};
	const struct frame f = {
		.bytes = bytes, .captured = 5, .wire = 90, .time_ns = 1700000000123456789};
	uint8_t file[512];
	char path[] = "/tmp/havainto-test.XXXXXX", why[256];
	const int fd = mkstemp(path);
	size_t len = pcapng_put_section(file);

	(void)state;
	len += pcapng_put_interface(file + len, 113, "eth7");
	const size_t packet = pcapng_put_packet(file + len, &f, comment, sizeof comment - 1);
	assert_int_equal(packet, pcapng_packet_len(5, sizeof comment - 1));
	assert_int_equal(write(fd, file, len + packet), len + packet);
	close(fd);

	struct source *s = source_open_file(path, NULL, why, sizeof why);
	struct frame got[SOURCE_BATCH];
	const struct source_iface *ifaces = NULL;
	unsigned count = 0;
	assert_non_null(s);
	assert_int_equal(source_next(s, got, &count, -1), FRAMES);
	assert_int_equal(count, 1);
	assert_int_equal(got[0].captured, 5);
	assert_int_equal(got[0].wire, 90);
	assert_int_equal(got[0].linktype, 113);
	assert_memory_equal(got[0].bytes, bytes, sizeof bytes);
	assert_true(got[0].time_ns == f.time_ns);
	assert_int_equal(source_ifaces(s, &ifaces), 1);
	assert_string_equal(ifaces[0].name, "eth7");
	source_free(s);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_group_is_given_back_in_order_and_once, begin,
	                                        end),
		cmocka_unit_test_setup_teardown(what_a_frame_belongs_to_besides_comes_with_it,
	                                        begin, end),
		cmocka_unit_test_setup_teardown(the_oldest_make_room_and_are_missed, begin, end),
		cmocka_unit_test(what_is_written_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
