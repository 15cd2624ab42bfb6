/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_lend.c - blocks that are lent: every reader has each, in order and unharmed, and frames stand
 * in them as long as anybody reads. tests/models/lend.pml tries every order of steps.
 */
#include "capture_bytes.h"

#include "capture/block.h"
#include "task/lend.h"

#include <pthread.h>

enum { BLOCKS = 2, READERS = 3, PIECES = 20000, WORDS = 64 };

/* What the readers share: a file of pieces, and the blocks it is read into. */
static struct file_of_pieces {
	struct lending *lending;
	uint64_t position; /* of whoever has the turn */
	uint64_t block[BLOCKS][WORDS];
} pieces;

struct reader_of_pieces {
	unsigned number;
	uint64_t read;
	bool in_order;
};

static bool block_says(const uint64_t *block, uint64_t piece)
{
	for (unsigned i = 0; i < WORDS; i++)
		if (block[i] != piece)
			return false;
	return true;
}

static void fill(unsigned block)
{
	const uint64_t piece = ++pieces.position;

	for (unsigned i = 0; i < WORDS; i++)
		pieces.block[block][i] = piece;
	lending_publish(pieces.lending, piece == PIECES);
}

static void *read_pieces(void *self)
{
	struct reader_of_pieces *const r = self;
	enum lent next = LENT_NOTHING;

	while (next != LENT_ENDED) {
		unsigned block = 0;

		next = lending_next(pieces.lending, r->number, true, &block);
		if (next == LENT_FILL)
			fill(block);
		if (next != LENT_READ)
			continue;
		r->in_order = block_says(pieces.block[block], ++r->read) && r->in_order;
		lending_give_back(pieces.lending, r->number);
	}
	return NULL;
}

static void every_reader_has_every_block_in_order(void **state)
{
	struct reader_of_pieces readers[READERS];
	pthread_t threads[READERS];

	(void)state;
	memset(&pieces, 0, sizeof pieces);
	pieces.lending = lending_new(BLOCKS, READERS);
	for (unsigned i = 0; i < READERS; i++) {
		readers[i] = (struct reader_of_pieces){.number = i, .in_order = true};
		assert_int_equal(pthread_create(&threads[i], NULL, read_pieces, &readers[i]), 0);
	}
	for (unsigned i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(readers[i].read, PIECES);
		assert_true(readers[i].in_order);
	}
	assert_int_equal(lending_count(pieces.lending).filled, PIECES);
	lending_free(pieces.lending);
}

static enum lent next_of(struct lending *l, unsigned reader, unsigned expected)
{
	unsigned block = 0;
	const enum lent next = lending_next(l, reader, false, &block);

	if (next == LENT_READ || next == LENT_FILL)
		assert_int_equal(block, expected);
	return next;
}

static void a_block_is_filled_again_after_its_last_reader(void **state)
{
	struct lending *const l = lending_new(BLOCKS, 2);

	(void)state;
	for (unsigned i = 0; i < BLOCKS; i++) {
		assert_int_equal(next_of(l, 0, i), LENT_FILL);
		assert_int_equal(next_of(l, 1, 0),
		                 i > 0 ? LENT_READ : LENT_NOTHING); /* one fills */
		lending_publish(l, false);
	}
	for (unsigned i = 0; i < BLOCKS; i++) {
		assert_int_equal(next_of(l, 0, i), LENT_READ);
		lending_give_back(l, 0);
	}
	assert_int_equal(next_of(l, 0, 0), LENT_NOTHING); /* the other has them still */
	assert_int_equal(next_of(l, 1, 0), LENT_READ);
	lending_give_back(l, 1);
	assert_int_equal(next_of(l, 1, 1), LENT_READ); /* it is behind: the other one fills */
	assert_int_equal(next_of(l, 0, 0), LENT_FILL);
	lending_free(l);
}

static void the_end_comes_after_the_last_block(void **state)
{
	struct lending *const l = lending_new(BLOCKS, 2);

	(void)state;
	assert_int_equal(next_of(l, 0, 0), LENT_FILL);
	lending_publish(l, true);
	for (unsigned reader = 0; reader < 2; reader++) {
		assert_int_equal(next_of(l, reader, 0), LENT_READ);
		lending_give_back(l, reader);
		assert_int_equal(next_of(l, reader, 0), LENT_ENDED);
	}
	lending_free(l);
}

/* ---- frames in lent buffers ---- */

enum { PACKETS = 3000, PACKET = 700, BUFFERS = 16 };

/* A capture of which each packet's bytes tell its number. */
static struct source *long_capture(uint32_t first_second, const char *name)
{
	struct bytes b = {0};

	pcap_header(&b, 0xa1b2c3d4, 1);
	for (unsigned i = 0; i < PACKETS; i++)
		pcap_packet(&b, first_second + i, 0, PACKET, PACKET, i % 251);
	struct source *const s = bytes_open(&b, name);
	bytes_free(&b);
	return s;
}

static bool in_buffer(const struct frame *f, const uint8_t *buffer)
{
	return f->bytes >= buffer && f->bytes + f->captured <= buffer + SOURCE_LEND;
}

/* Reads all into buffers, and looks at the frames once no more come. */
static void frames_stay(struct source *s, unsigned expected)
{
	static uint8_t buffer[BUFFERS][SOURCE_LEND];
	static struct frame frames[2 * PACKETS + SOURCE_BATCH];
	unsigned total = 0, used = 0;
	enum pull got = USED_UP;

	while (got != FINISHED) {
		unsigned count = 0;

		if (got == USED_UP) {
			assert_in_range(used, 0, BUFFERS - 1);
			source_lend(s, buffer[used++]);
		}
		got = source_next(s, frames + total, &count, -1);
		assert_true(got == FRAMES || got == USED_UP || got == FINISHED);
		for (unsigned i = 0; i < count; i++)
			assert_true(in_buffer(&frames[total + i], buffer[used - 1]));
		total += count;
		assert_in_range(total, 0, 2 * PACKETS);
	}
	assert_int_equal(total, expected);
	assert_true(used > 2);
	for (unsigned i = 0; i < total; i++) {
		const uint8_t mark = (uint8_t)(frames[i].time_ns / 1000000000 % 100000 % 251);

		assert_int_equal(frames[i].captured, PACKET);
		assert_int_equal(frames[i].bytes[0], mark);
	}
	source_free(s);
}

static void frames_stay_in_the_buffer_that_was_lent(void **state)
{
	(void)state;
	frames_stay(long_capture(100000, "one"), PACKETS);
}

static void merged_frames_stay_in_the_buffer_that_was_lent(void **state)
{
	struct source *sources[] = {long_capture(100000, "a"), long_capture(100000, "b")};

	(void)state;
	frames_stay(source_merge(sources, 2), 2 * PACKETS);
}

/* More frames than a block has entries for: the file goes on in the next one. */
static void a_block_may_be_full_before_its_bytes_are(void **state)
{
	struct bytes b = {0};
	struct block blocks[2];
	struct frame frames[SOURCE_BATCH];
	unsigned total = 0;

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	for (unsigned i = 0; i < 2 * BLOCK_FRAMES - 1000; i++)
		pcap_packet(&b, i, 0, 1, 1, i % 251);
	struct source *const s = bytes_open(&b, "tiny");
	bytes_free(&b);
	for (unsigned n = 0; n < 2; n++) {
		assert_true(block_init(&blocks[n], 2));
		block_empty(&blocks[n]);
		source_lend(s, blocks[n].bytes);
		while (block_has_room(&blocks[n])) {
			unsigned count = 0;

			if (source_next(s, frames, &count, -1) != FRAMES)
				break;
			for (unsigned i = 0; i < count; i++)
				block_add(&blocks[n], total++ % 2, &frames[i]);
		}
	}
	assert_int_equal(blocks[0].count[0] + blocks[0].count[1], blocks[0].entries);
	assert_in_range(blocks[0].entries, BLOCK_FRAMES - 2 * SOURCE_BATCH, BLOCK_FRAMES);
	assert_true(blocks[1].entries > 0);
	for (unsigned i = 0; i < blocks[1].count[0]; i++) {
		const struct frame *const f = &blocks[1].list[0][i];

		assert_int_equal(f->bytes[0], f->time_ns / 1000000000 % 251);
	}
	source_free(s);
	for (unsigned n = 0; n < 2; n++)
		block_fini(&blocks[n]);
}

static void a_mark_is_in_every_list(void **state)
{
	const struct mark mark = {.time_ns = 7, .interval = 3};
	const struct frame frame = {.bytes = (const uint8_t *)"", .captured = 0};
	struct block b;

	(void)state;
	assert_true(block_init(&b, 2));
	block_empty(&b);
	block_add(&b, 1, &frame);
	block_mark(&b, &mark);
	for (unsigned i = 0; i < 2; i++) {
		const struct frame *const last = &b.list[i][b.count[i] - 1];

		assert_true(block_is_mark(last));
		assert_int_equal(block_mark_of(last).time_ns, 7);
		assert_int_equal(block_mark_of(last).interval, 3);
	}
	assert_false(block_is_mark(&b.list[1][0]));
	block_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reader_has_every_block_in_order),
		cmocka_unit_test(a_block_is_filled_again_after_its_last_reader),
		cmocka_unit_test(the_end_comes_after_the_last_block),
		cmocka_unit_test(frames_stay_in_the_buffer_that_was_lent),
		cmocka_unit_test(merged_frames_stay_in_the_buffer_that_was_lent),
		cmocka_unit_test(a_block_may_be_full_before_its_bytes_are),
		cmocka_unit_test(a_mark_is_in_every_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
