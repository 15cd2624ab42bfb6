/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed captures, pipes that trickle, and data that was damaged on the way. */
#include "capture_bytes.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <zlib.h>
#include <zstd.h>

static struct seen seen;

static void gzip_add(struct bytes *to, const void *data, size_t len)
{
	static uint8_t out[4 << 20];
	z_stream z = {0};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = sizeof(out);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	bytes_raw(to, out, sizeof(out) - z.avail_out);
	deflateEnd(&z);
}

static void zstd_add(struct bytes *to, const void *data, size_t len)
{
	const size_t room = ZSTD_compressBound(len);
	uint8_t *const out = malloc(room);
	ZSTD_CCtx *const c = ZSTD_createCCtx();

	assert_non_null(out);
	ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, 0);
	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	ZSTD_inBuffer in = {data, len, 0};
	ZSTD_outBuffer done = {out, room, 0};
	assert_int_equal(ZSTD_compressStream2(c, &done, &in, ZSTD_e_end), 0);
	bytes_raw(to, out, done.pos);
	ZSTD_freeCCtx(c);
	free(out);
}

/* A zstd frame of one raw block that asks for a window of 2^window_log bytes (RFC 8878, 3.1.1). */
static void zstd_add_window(struct bytes *to, const struct bytes *from, unsigned window_log)
{
	bytes_u32(to, 0xfd2fb528);
	bytes_number(to, 0, 1);
	bytes_number(to, (window_log - 10) << 3, 1);
	bytes_number(to, from->len << 3 | 1, 3);
	bytes_raw(to, from->data, from->len);
}

typedef void adder(struct bytes *to, const void *data, size_t len);

static const struct {
	adder *add;
	const char *name;
} codings[] = {{gzip_add, "gzip data"}, {zstd_add, "zstd data"}};

#define PACKETS 3000

static void make_pcap(struct bytes *b)
{
	pcap_header(b, 0xa1b2c3d4, 1);
	for (unsigned i = 0; i < PACKETS; i++)
		pcap_packet(b, i, i, 60 + i % 1400, 1600, i);
}

static void make_pcapng(struct bytes *b)
{
	ng_section(b);
	ng_interface(b, 1, "eth0", 9, 0);
	for (unsigned i = 0; i < PACKETS; i++)
		ng_packet(b, 0, i, 60 + i % 1400, 1600, i);
}

static void expect_all(void)
{
	assert_string_equal(seen.error, "");
	assert_int_equal(seen.end, FINISHED);
	assert_int_equal(seen.total, PACKETS);
	for (unsigned i = 0; i < seen.count; i++)
		assert_true(is_pattern(seen.frames[i].bytes, 60, i));
}

static void both_formats_are_read_from_both_compressions(void **state)
{
	(void)state;
	for (unsigned form = 0; form < 4; form++) {
		struct bytes plain = {0}, packed = {0};
		(form & 1 ? make_pcapng : make_pcap)(&plain);
		codings[form / 2].add(&packed, plain.data, plain.len);
		see_bytes(&packed, "x", &seen);
		expect_all();
		assert_int_equal(seen.counts.file_read, packed.len);
		assert_int_equal(seen.counts.file_size, packed.len);
		bytes_free(&plain);
		bytes_free(&packed);
	}
}

static void parts_that_were_joined_are_one_stream(void **state)
{
	(void)state;
	for (unsigned k = 0; k < COUNT_OF(codings); k++) {
		struct bytes plain = {0}, packed = {0};
		make_pcap(&plain);
		const size_t third = plain.len / 3;
		codings[k].add(&packed, plain.data, third);
		codings[k].add(&packed, plain.data, 0);
		codings[k].add(&packed, plain.data + third, plain.len - third);
		see_bytes(&packed, "x", &seen);
		expect_all();
		bytes_free(&plain);
		bytes_free(&packed);
	}
}

static void zeros_behind_gzip_are_padding_and_other_bytes_are_damage(void **state)
{
	struct bytes plain = {0}, packed = {0};
	char error[200];

	(void)state;
	make_pcap(&plain);
	gzip_add(&packed, plain.data, plain.len);
	for (unsigned i = 0; i < 300; i++)
		bytes_number(&packed, 0, 1);
	see_bytes(&packed, "x", &seen);
	expect_all();
	bytes_raw(&packed, "x", 1);
	see_bytes(&packed, "x", &seen);
	assert_int_equal(seen.total, PACKETS);
	assert_true(seen.cut);
	snprintf(error, sizeof(error),
	         "x: at offset %zu: damaged gzip data (something else follows its end); "
	         "3000 frames before it are kept",
	         packed.len);
	assert_string_equal(seen.error, error);
	bytes_free(&plain);
	bytes_free(&packed);
}

static void a_skippable_frame_may_come_first(void **state)
{
	struct bytes plain = {0}, packed = {0};

	(void)state;
	make_pcap(&plain);
	bytes_u32(&packed, 0x184d2a50);
	bytes_u32(&packed, 5);
	bytes_raw(&packed, "hello", 5);
	zstd_add(&packed, plain.data, plain.len);
	see_bytes(&packed, "x", &seen);
	expect_all();
	bytes_free(&plain);
	bytes_free(&packed);
}

static void a_cut_compressed_file_keeps_what_came_before(void **state)
{
	(void)state;
	for (unsigned k = 0; k < COUNT_OF(codings); k++) {
		struct bytes plain = {0}, packed = {0};
		make_pcap(&plain);
		codings[k].add(&packed, plain.data, plain.len);
		uint64_t last = 0;
		for (size_t len = 5; len < packed.len; len += 1 + packed.len / 50) {
			struct bytes part = packed;
			char error[200];
			part.len = len;
			see_bytes(&part, "x", &seen);
			assert_true(seen.total >= last);
			last = seen.total;
			snprintf(
				error, sizeof(error),
				"x: cut off at offset %zu inside %s; %lu frame%s before it %s kept",
				len, codings[k].name, (unsigned long)seen.total,
				seen.total == 1 ? "" : "s", seen.total == 1 ? "is" : "are");
			assert_string_equal(seen.error, error);
			assert_int_equal(seen.end, FAILED);
			if (seen.total > 0)
				assert_true(seen.cut);
		}
		assert_true(last > PACKETS / 2);
		bytes_free(&plain);
		bytes_free(&packed);
	}
}

static void a_capture_cut_before_it_was_compressed_is_said_by_its_own_offset(void **state)
{
	(void)state;
	for (unsigned k = 0; k < COUNT_OF(codings); k++) {
		struct bytes plain = {0}, packed = {0};
		char error[200];
		make_pcap(&plain);
		codings[k].add(&packed, plain.data, plain.len - 1);
		see_bytes(&packed, "x", &seen);
		snprintf(error, sizeof(error),
		         "x: cut off at offset %zu of the uncompressed data inside a packet; "
		         "2999 frames before it are kept",
		         plain.len - 1);
		assert_string_equal(seen.error, error);
		assert_true(seen.cut);
		bytes_free(&plain);
		bytes_free(&packed);
	}
}

static void damage_is_said_and_never_crashes(void **state)
{
	(void)state;
	for (unsigned k = 0; k < COUNT_OF(codings); k++) {
		struct bytes plain = {0}, packed = {0};
		unsigned said = 0;
		make_pcap(&plain);
		codings[k].add(&packed, plain.data, plain.len);
		for (size_t i = 4; i < packed.len; i += 1 + packed.len / 100) {
			packed.data[i] ^= 0x55;
			see_bytes(&packed, "x", &seen);
			said += seen.end == FAILED;
			packed.data[i] ^= 0x55;
		}
		assert_true(said > 50);
		bytes_free(&plain);
		bytes_free(&packed);
	}
}

static void a_window_that_is_too_big_is_refused(void **state)
{
	struct bytes plain = {0}, packed = {0};

	(void)state;
	pcap_header(&plain, 0xa1b2c3d4, 1);
	pcap_packet(&plain, 0, 0, 60, 60, 1);
	zstd_add_window(&packed, &plain, 25);
	see_bytes(&packed, "x", &seen);
	assert_string_equal(seen.error, "");
	assert_int_equal(seen.total, 1);
	packed.len = 0;
	zstd_add_window(&packed, &plain, 26);
	see_bytes(&packed, "x", &seen);
	assert_int_equal(seen.end, FAILED);
	assert_false(seen.cut);
	assert_non_null(
		strstr(seen.error, ": zstd data with a window above 32 MiB (compress it again"));
	bytes_free(&plain);
	bytes_free(&packed);
}

static void what_is_inside_is_named_if_it_is_no_capture(void **state)
{
	(void)state;
	for (unsigned k = 0; k < COUNT_OF(codings); k++) {
		struct bytes packed = {0};
		codings[k].add(&packed, "Hello world, Hello world, Hello world", 37);
		see_bytes(&packed, "x", &seen);
		assert_string_equal(
			seen.error,
			"x: not a capture file: uncompressed, it begins with \"Hello wor\" (text)");
		packed.len = 0;
		codings[k].add(&packed, "", 0);
		see_bytes(&packed, "x", &seen);
		assert_string_equal(seen.error, "x: it is empty, once uncompressed");
		assert_false(seen.cut);
		bytes_free(&packed);
	}
}

/* 16 MB of zeros behind a pcap header are packets of no bytes: nothing but time. */
static void a_bomb_costs_time_only(void **state)
{
	(void)state;
	for (unsigned k = 0; k < COUNT_OF(codings); k++) {
		struct bytes plain = {0}, packed = {0};
		uint8_t *const zeros = calloc(1, 1 << 20);
		struct rusage before, after;
		pcap_header(&plain, 0xa1b2c3d4, 1);
		codings[k].add(&packed, plain.data, plain.len);
		for (unsigned i = 0; i < 16; i++)
			codings[k].add(&packed, zeros, 1 << 20);
		getrusage(RUSAGE_SELF, &before);
		see_bytes(&packed, "x", &seen);
		getrusage(RUSAGE_SELF, &after);
		assert_string_equal(seen.error, "");
		assert_int_equal(seen.total, 16 * (1 << 16));
		assert_true(after.ru_maxrss - before.ru_maxrss < 8 * 1024);
		free(zeros);
		bytes_free(&plain);
		bytes_free(&packed);
	}
}

/* Writes in pieces of 1, 2, 3, ... bytes. */
struct trickle {
	int fd;
	const struct bytes *bytes;
};

static void *trickle_write(void *arg)
{
	const struct trickle *const t = arg;

	for (size_t at = 0, piece = 1; at < t->bytes->len; piece = piece % 1500 + 1) {
		const size_t left = t->bytes->len - at;
		const ssize_t n = write(t->fd, t->bytes->data + at, piece < left ? piece : left);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	close(t->fd);
	return NULL;
}

static void see_trickle(const struct bytes *b)
{
	int ends[2];
	pthread_t writer;
	char why[200] = "";

	assert_int_equal(pipe(ends), 0);
	const int old = dup(STDIN_FILENO);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	struct source *const s = source_open_file("-", NULL, why, sizeof(why));
	assert_int_equal(dup2(old, STDIN_FILENO), STDIN_FILENO);
	close(old);
	assert_non_null(s);
	struct trickle t = {ends[1], b};
	assert_int_equal(pthread_create(&writer, NULL, trickle_write, &t), 0);
	see(s, &seen);
	assert_int_equal(pthread_join(writer, NULL), 0);
}

static void stdin_may_trickle(void **state)
{
	(void)state;
	for (unsigned form = 0; form < 6; form++) {
		struct bytes plain = {0}, packed = {0};
		(form & 1 ? make_pcapng : make_pcap)(&plain);
		if (form < 2)
			bytes_raw(&packed, plain.data, plain.len);
		else
			codings[form / 2 - 1].add(&packed, plain.data, plain.len);
		see_trickle(&packed);
		expect_all();
		assert_int_equal(seen.counts.file_size, 0);
		assert_int_equal(seen.counts.file_read, packed.len);
		packed.len -= 1;
		see_trickle(&packed);
		assert_non_null(strstr(seen.error, "stdin: cut off at offset "));
		bytes_free(&plain);
		bytes_free(&packed);
	}
}

static void a_pipe_without_news_is_idle_and_frames_come_at_once(void **state)
{
	struct bytes b = {0};
	struct frame frames[SOURCE_BATCH];
	unsigned count;
	char why[200];
	int ends[2];

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	pcap_packet(&b, 1, 2, 60, 60, 3);
	assert_int_equal(pipe(ends), 0);
	struct source *const s = file_open_fd(ends[0], "x", NULL, why, sizeof(why));
	assert_int_equal(source_next(s, frames, &count, 1), IDLE);
	assert_int_equal(write(ends[1], b.data, 30), 30);
	assert_int_equal(source_next(s, frames, &count, 1), IDLE);
	assert_int_equal(write(ends[1], b.data + 30, b.len - 30), (ssize_t)b.len - 30);
	assert_int_equal(source_next(s, frames, &count, 1), FRAMES);
	assert_int_equal(count, 1);
	assert_int_equal(source_next(s, frames, &count, 1), IDLE);
	source_stop(s);
	assert_int_equal(source_next(s, frames, &count, 1000), FINISHED);
	close(ends[1]);
	source_free(s);
	bytes_free(&b);
}

static void *stop_soon(void *source)
{
	poll(NULL, 0, 150);
	source_stop(source);
	return NULL;
}

/* A pipe whose writer says nothing, alone and merged with another. */
static void who_waits_for_ever_can_be_stopped(void **state)
{
	(void)state;
	for (unsigned merged = 0; merged < 2; merged++) {
		struct frame frames[SOURCE_BATCH];
		struct source *sources[2];
		unsigned count;
		char why[200];
		int ends[2][2];
		pthread_t stopper;
		for (unsigned i = 0; i < 2; i++) {
			assert_int_equal(pipe(ends[i]), 0);
			sources[i] = file_open_fd(ends[i][0], "x", NULL, why, sizeof(why));
		}
		struct source *const s = merged ? source_merge(sources, 2) : sources[0];
		assert_int_equal(pthread_create(&stopper, NULL, stop_soon, s), 0);
		assert_int_equal(source_next(s, frames, &count, -1), FINISHED);
		assert_int_equal(pthread_join(stopper, NULL), 0);
		source_free(s);
		if (!merged)
			source_free(sources[1]);
		close(ends[0][1]);
		close(ends[1][1]);
	}
}

static void a_read_that_fails_is_said(void **state)
{
	char why[200] = "";
	struct frame frames[SOURCE_BATCH];
	unsigned count;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	struct source *const s = file_open_fd(ends[1], "x", NULL, why, sizeof(why));
	assert_non_null(s); /* the writing end: it can be polled and not be read */
	close(ends[0]);
	assert_int_equal(source_next(s, frames, &count, 0), FAILED);
	assert_string_equal(source_error(s),
	                    "x: at offset 0: it cannot be read (Bad file descriptor); "
	                    "0 frames before it are kept");
	assert_false(source_cut(s));
	source_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_formats_are_read_from_both_compressions),
		cmocka_unit_test(parts_that_were_joined_are_one_stream),
		cmocka_unit_test(zeros_behind_gzip_are_padding_and_other_bytes_are_damage),
		cmocka_unit_test(a_skippable_frame_may_come_first),
		cmocka_unit_test(a_cut_compressed_file_keeps_what_came_before),
		cmocka_unit_test(a_capture_cut_before_it_was_compressed_is_said_by_its_own_offset),
		cmocka_unit_test(damage_is_said_and_never_crashes),
		cmocka_unit_test(a_window_that_is_too_big_is_refused),
		cmocka_unit_test(what_is_inside_is_named_if_it_is_no_capture),
		cmocka_unit_test(a_bomb_costs_time_only),
		cmocka_unit_test(stdin_may_trickle),
		cmocka_unit_test(a_pipe_without_news_is_idle_and_frames_come_at_once),
		cmocka_unit_test(who_waits_for_ever_can_be_stopped),
		cmocka_unit_test(a_read_that_fails_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
