/* SPDX-License-Identifier: Apache-2.0 */
/* The block format: sections, interfaces, clocks, and lengths that lie. */
#include "capture_bytes.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

static struct seen seen;

static void expect_frame(unsigned i, uint64_t time_ns, uint32_t captured, unsigned iface,
                         unsigned linktype, unsigned seed)
{
	assert_in_range(i, 0, seen.count - 1);
	assert_int_equal(seen.frames[i].time_ns, time_ns);
	assert_int_equal(seen.frames[i].captured, captured);
	assert_int_equal(seen.frames[i].iface, iface);
	assert_int_equal(seen.frames[i].linktype, linktype);
	assert_true(is_pattern(seen.frames[i].bytes, captured < 256 ? captured : 256, seed));
}

static void expect_end(const char *error, bool cut)
{
	assert_string_equal(seen.error, error);
	assert_int_equal(seen.end, error[0] ? FAILED : FINISHED);
	assert_int_equal(seen.cut, cut);
}

/* Two sections of opposite byte orders, each with interfaces of its own. */
static void sections_interfaces_and_link_types_are_told_apart(void **state)
{
	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		struct bytes b = {.big = big};
		ng_section(&b);
		ng_interface(&b, 1, "eth0", 0, 0);
		ng_interface(&b, 113, "any", 9, 0);
		ng_packet(&b, 1, 1700000000123456789, 61, 61, 1);
		ng_packet(&b, 0, 1700000000123456, 62, 1514, 2);
		b.big = !b.big;
		ng_section(&b);
		ng_interface(&b, 101, "tun0", 3, 0);
		ng_packet(&b, 0, 1700000000123, 63, 63, 3);
		see_bytes(&b, "x.pcapng", &seen);
		expect_end("", false);
		assert_int_equal(seen.total, 3);
		expect_frame(0, 1700000000123456789, 61, 1, 113, 1);
		expect_frame(1, 1700000000123456000, 62, 0, 1, 2);
		expect_frame(2, 1700000000123000000, 63, 2, 101, 3);
		assert_int_equal(seen.frames[1].wire, 1514);
		assert_int_equal(seen.iface_count, 3);
		assert_string_equal(seen.ifaces[0].name, "eth0");
		assert_string_equal(seen.ifaces[1].name, "any");
		assert_string_equal(seen.ifaces[2].name, "tun0");
		bytes_free(&b);
	}
}

static void an_interface_of_a_later_section_is_the_same_if_it_is_alike(void **state)
{
	struct bytes b = {0};

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		ng_section(&b);
		if (i % 2)
			ng_interface(&b, 1, "lan", 0, 0);
		ng_interface(&b, 1, NULL, 0, 0); /* two without a name are two */
		ng_interface(&b, 1, NULL, 0, 0);
		ng_interface(&b, 113, "lan", 0, 0);
		ng_packet(&b, 0, i, 60, 60, i);
		ng_packet(&b, 1, i, 60, 60, i);
	}
	see_bytes(&b, "x.pcapng", &seen);
	expect_end("", false);
	assert_int_equal(seen.total, 80);
	assert_int_equal(seen.iface_count, 4);
	assert_int_not_equal(seen.frames[0].iface, seen.frames[1].iface);
	assert_string_equal(seen.ifaces[seen.frames[2].iface].name, "lan");
	bytes_free(&b);
}

static void clocks_of_every_resolution_become_nanoseconds(void **state)
{
	static const struct {
		uint8_t resolution;
		int64_t offset_s;
		uint64_t ticks, ns;
	} clocks[] = {
		{6, 0, 1700000000000001, 1700000000000001000},
		{9, 0, 1700000000000000001, 1700000000000000001},
		{1, 0, 17, 1700000000},
		{12, 0, 1700000000000000001, 1700000000000000},
		{19, 0, UINT64_MAX, 1844674407},
		{28, 0, UINT64_MAX, 1},
		{127, 0, UINT64_MAX, 1},                    /* all but nothing */
		{0x80, 0, 1700000000, 1700000000000000000}, /* 2^0: seconds */
		{0x8a, 0, 1024 + 512, 1500000000},
		{0xa0, 0, UINT64_C(3) << 31, 1500000000},
		{0xa2, 0, (UINT64_C(1) << 34) - 1, 999999999},
		{0xbf, 0, UINT64_C(3) << 62, 1500000000},
		{0xc0, 0, UINT64_C(1) << 63, 500000000},
		{0xff, 0, UINT64_MAX, 0},
		{9, 1700000000, 5, 1700000000000000005},
		{9, -10, 10000000001, 1},
		{9, -10, 9999999999, 0}, /* before 1970 is 1970 */
		{9, INT64_MIN, UINT64_MAX, 0},
		{9, INT64_MAX, 1, UINT64_MAX}, /* and there is an end */
		{6, 0, UINT64_MAX, UINT64_MAX},
		{0x80, 0, UINT64_MAX, UINT64_MAX},
		{9, 1, UINT64_MAX, UINT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(clocks); i++) {
		for (unsigned big = 0; big < 2; big++) {
			struct bytes b = {.big = big};
			ng_section(&b);
			ng_interface(&b, 1, NULL, clocks[i].resolution, clocks[i].offset_s);
			ng_packet(&b, 0, clocks[i].ticks, 4, 4, 0);
			see_bytes(&b, "x.pcapng", &seen);
			expect_end("", false);
			expect_frame(0, clocks[i].ns, 4, 0, 1, 0);
			bytes_free(&b);
		}
	}
}

static void simple_and_obsolete_packets_are_read(void **state)
{
	struct bytes b = {0};
	size_t at;

	(void)state;
	ng_section(&b);
	at = ng_block(&b, 1);
	bytes_u32(&b, 1);
	bytes_u32(&b, 40); /* snap length: what a simple packet is cut to */
	ng_end(&b, at);
	ng_interface(&b, 101, NULL, 0, 0);
	at = ng_block(&b, 2);
	bytes_u16(&b, 1);
	bytes_u16(&b, 7); /* drops */
	bytes_u32(&b, 0);
	bytes_u32(&b, 5000);
	bytes_u32(&b, 21);
	bytes_u32(&b, 90);
	bytes_pattern(&b, 21, 1);
	ng_end(&b, at);
	at = ng_block(&b, 3);
	bytes_u32(&b, 33);
	bytes_pattern(&b, 33, 2);
	ng_end(&b, at);
	at = ng_block(&b, 3);
	bytes_u32(&b, 1514);
	bytes_pattern(&b, 40, 3);
	ng_end(&b, at);
	see_bytes(&b, "x.pcapng", &seen);
	expect_end("", false);
	assert_int_equal(seen.total, 3);
	expect_frame(0, 5000000, 21, 1, 101, 1);
	expect_frame(1, 5000000, 33, 0, 1, 2);
	expect_frame(2, 5000000, 40, 0, 1, 3);
	assert_int_equal(seen.frames[0].wire, 90);
	assert_int_equal(seen.frames[1].wire, 33);
	assert_int_equal(seen.frames[2].wire, 1514);
	bytes_free(&b);
}

static void other_blocks_are_passed_over_however_long(void **state)
{
	static const uint32_t types[] = {4, 5, 10, 0xbad, 0x80000001, 0};
	static const size_t sizes[] = {0, 4, FILE_READ - 12, FILE_READ + FILE_TOGETHER, 5000000};
	struct bytes b = {0};

	(void)state;
	ng_section(&b);
	ng_interface(&b, 1, NULL, 0, 0);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		for (size_t k = 0; k < COUNT_OF(sizes); k++) {
			const size_t at = ng_block(&b, types[i]);
			bytes_pattern(&b, sizes[k], 3);
			ng_end(&b, at);
			ng_packet(&b, 0, i, 60, 60, (unsigned)k);
		}
	}
	see_bytes(&b, "x.pcapng", &seen);
	expect_end("", false);
	assert_int_equal(seen.total, COUNT_OF(types) * COUNT_OF(sizes));
	expect_frame(29, 5000, 60, 0, 1, 4);
	bytes_free(&b);
}

static void a_name_is_kept_as_far_as_it_fits(void **state)
{
	char name[200];
	struct bytes b = {0};

	(void)state;
	memset(name, 'n', sizeof(name));
	name[199] = 0;
	ng_section(&b);
	ng_interface(&b, 1, name, 0, 0);
	see_bytes(&b, "x.pcapng", &seen);
	expect_end("", false);
	assert_int_equal(strlen(seen.ifaces[0].name), 63);
	bytes_free(&b);
}

static void an_fcs_is_no_part_of_the_frame(void **state)
{
	struct bytes b = {0};

	(void)state;
	ng_section(&b);
	const size_t at = ng_block(&b, 1);
	bytes_u32(&b, 1);
	bytes_u32(&b, 0);
	ng_option(&b, 13, "\4", 1);
	ng_end(&b, at);
	ng_packet(&b, 0, 0, 64, 64, 1);
	see_bytes(&b, "x.pcapng", &seen);
	expect_end("", false);
	expect_frame(0, 0, 60, 0, 1, 1);
	assert_int_equal(seen.frames[0].wire, 60);
	bytes_free(&b);
}

/* A good section, interface and packet; then a block of this type and these two lengths. */
static void see_lengths(uint32_t type, uint32_t front, uint32_t back, size_t body)
{
	struct bytes b = {0};

	ng_section(&b);
	ng_interface(&b, 1, NULL, 0, 0);
	ng_packet(&b, 0, 0, 60, 60, 1);
	assert_int_equal(b.len, 144);
	bytes_u32(&b, type);
	bytes_u32(&b, front);
	for (size_t i = 0; i < body; i += 4)
		bytes_u32(&b, 0);
	bytes_u32(&b, back);
	ng_packet(&b, 0, 0, 60, 60, 2);
	see_bytes(&b, "x.pcapng", &seen);
	assert_int_equal(seen.total, 1);
	bytes_free(&b);
}

static void lengths_that_lie_are_refused_with_their_offset(void **state)
{
	static const struct {
		uint32_t type, front, back;
		size_t body;
		const char *reason;
	} lies[] = {
		{6, 0, 0, 0, "block length 0 is below 12"},
		{6, 3, 3, 0, "block length 3 is below 12"},
		{5, 11, 11, 0, "block length 11 is below 12"},
		{6, UINT32_MAX, UINT32_MAX, 20, "block length 4294967295 is no multiple of 4"},
		{6, 33, 33, 20, "block length 33 is no multiple of 4"},
		{6, 0xfffffffc, 0xfffffffc, 20,
	         "a packet's block of 4294967292 bytes, above the limit of 393216"},
		{5, 0xfffffffc, 0xfffffffc, 20,
	         "block length 4294967292 is above the limit of 16777216"},
		{6, 32, 36, 20, "a block of 32 bytes ends with another length, 36"},
		{6, 12, 12, 0, "a packet's block of 12 bytes"},
		{6, 28, 28, 16, "a packet's block of 28 bytes"},
		{2, 12, 12, 0, "a packet's block of 12 bytes"},
		{3, 12, 12, 0, "a simple packet's block of 12 bytes"},
		{1, 16, 16, 4, "an interface's block of 16 bytes"},
		{1, 65540, 65540, 65528, "an interface's block of 65540 bytes"},
		{1, 20, 24, 8, "a block of 20 bytes ends with another length, 24"},
		{0x0a0d0d0a, 28, 28, 16, "a section's byte order is 0x00000000, which is none"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		char error[200];
		see_lengths(lies[i].type, lies[i].front, lies[i].back, lies[i].body);
		snprintf(error, sizeof(error),
		         "x.pcapng: offset 144: %s; 1 frame before it is kept", lies[i].reason);
		expect_end(error, true);
	}
}

static void a_passed_block_with_two_lengths_is_refused_at_its_end(void **state)
{
	(void)state;
	see_lengths(5, 32, 36, 20);
	expect_end("x.pcapng: offset 172: a block of 32 bytes ends with another length, 36; "
	           "1 frame before it is kept",
	           true);
}

static void see_packet(uint32_t iface, uint32_t captured, uint32_t room)
{
	struct bytes b = {0};

	ng_section(&b);
	ng_interface(&b, 1, NULL, 0, 0);
	const size_t at = ng_block(&b, 6);
	bytes_u32(&b, iface);
	bytes_u64(&b, 0);
	bytes_u32(&b, captured);
	bytes_u32(&b, captured);
	bytes_pattern(&b, room, 0);
	ng_end(&b, at);
	see_bytes(&b, "x.pcapng", &seen);
	bytes_free(&b);
}

static void packets_that_cannot_be_are_refused(void **state)
{
	(void)state;
	see_packet(0, 61, 60);
	expect_end("x.pcapng: offset 52: a packet of 61 bytes in a block of 92; "
	           "0 frames before it are kept",
	           true);
	see_packet(0, UINT32_MAX, 60);
	expect_end("x.pcapng: offset 52: a packet of 4294967295 bytes in a block of 92; "
	           "0 frames before it are kept",
	           true);
	see_packet(1, 60, 60);
	expect_end("x.pcapng: offset 52: a packet of interface 1, but the section has 1; "
	           "0 frames before it are kept",
	           true);
	see_packet(0x80000000, 60, 60);
	expect_end("x.pcapng: offset 52: a packet of interface 2147483648, but the section has 1; "
	           "0 frames before it are kept",
	           true);
	see_packet(0, 60, 60);
	expect_end("", false);
}

static void an_interface_of_an_earlier_section_is_gone(void **state)
{
	struct bytes b = {0};

	(void)state;
	ng_section(&b);
	ng_interface(&b, 1, NULL, 0, 0);
	ng_packet(&b, 0, 0, 60, 60, 1);
	ng_section(&b);
	ng_packet(&b, 0, 0, 60, 60, 1);
	see_bytes(&b, "x.pcapng", &seen);
	expect_end("x.pcapng: offset 172: a packet of interface 0, but the section has 0; "
	           "1 frame before it is kept",
	           true);
	bytes_free(&b);
}

static void see_option(uint16_t code, uint16_t len, uint32_t room)
{
	struct bytes b = {0};

	ng_section(&b);
	const size_t at = ng_block(&b, 1);
	bytes_u32(&b, 1);
	bytes_u32(&b, 0);
	bytes_u16(&b, code);
	bytes_u16(&b, len);
	bytes_pattern(&b, room, 9);
	ng_end(&b, at);
	ng_packet(&b, 0, 0, 60, 60, 1);
	see_bytes(&b, "x.pcapng", &seen);
	bytes_free(&b);
}

static void options_are_held_to_their_block(void **state)
{
	(void)state;
	see_option(1, 5, 4);
	expect_end("x.pcapng: offset 28: option 1 of 5 bytes runs past its interface's block; "
	           "0 frames before it are kept",
	           true);
	see_option(2, 65535, 64);
	expect_end("x.pcapng: offset 28: option 2 of 65535 bytes runs past its interface's block; "
	           "0 frames before it are kept",
	           true);
	see_option(9, 2, 4);
	expect_end("x.pcapng: offset 28: an interface's option 9 has 2 bytes; "
	           "0 frames before it are kept",
	           true);
	see_option(14, 4, 4);
	expect_end("x.pcapng: offset 28: an interface's option 14 has 4 bytes; "
	           "0 frames before it are kept",
	           true);
	see_option(4, 8, 8);
	expect_end("", false);
	see_option(1, 0, 0);
	expect_end("", false);
	assert_int_equal(seen.total, 1);
}

static void an_unknown_version_is_named(void **state)
{
	struct bytes b = {0};

	(void)state;
	ng_section(&b);
	b.data[12] = 2;
	see_bytes(&b, "x.pcapng", &seen);
	expect_end("x.pcapng: offset 0: pcapng version 2.0 is not one that is known; "
	           "0 frames before it are kept",
	           false);
	bytes_free(&b);
}

/* The offset is where the file ends; what counts as whole is a packet's whole block. */
static void every_truncation_keeps_the_frames_before_it(void **state)
{
	size_t ends[32];
	bool frame[32];
	unsigned blocks = 0;
	struct bytes b = {0};

	(void)state;
	for (unsigned section = 0; section < 2; section++) {
		ng_section(&b);
		ends[blocks] = b.len, frame[blocks++] = false;
		ng_interface(&b, 1, "eth0", 9, 0);
		ends[blocks] = b.len, frame[blocks++] = false;
		for (unsigned i = 0; i < 3; i++) {
			ng_packet(&b, 0, i, 14 + i, 60, i);
			ends[blocks] = b.len, frame[blocks++] = true;
			const size_t at = ng_block(&b, 5);
			bytes_u64(&b, 0);
			ng_end(&b, at);
			ends[blocks] = b.len, frame[blocks++] = false;
		}
		b.big = true;
	}
	for (size_t len = 4; len <= b.len; len++) {
		struct bytes part = b;
		char error[200] = "";
		unsigned kept = 0, whole = 0;
		for (; whole < blocks && ends[whole] <= len; whole++)
			kept += frame[whole];
		part.len = len;
		see_bytes(&part, "x.pcapng", &seen);
		assert_int_equal(seen.total, kept);
		if (whole > 0 && ends[whole - 1] == len) {
			expect_end("", false);
			continue;
		}
		snprintf(error, sizeof(error), "x.pcapng: cut off at offset %zu inside ", len);
		assert_memory_equal(seen.error, error, strlen(error));
		snprintf(error, sizeof(error), "; %u frame%s before it %s kept", kept,
		         kept == 1 ? "" : "s", kept == 1 ? "is" : "are");
		assert_string_equal(strchr(seen.error, ';'), error);
		assert_int_equal(seen.cut, len >= 28);
	}
	bytes_free(&b);
}

/* Endless files come through a pipe: `unit` again and again, after `begin`. */
struct endless {
	int fd;
	struct bytes begin, unit;
	size_t times;
};

static void *endless_write(void *arg)
{
	struct endless *const e = arg;
	bool open = write(e->fd, e->begin.data, e->begin.len) == (ssize_t)e->begin.len;

	for (size_t i = 0; open && i < e->times; i++)
		open = write(e->fd, e->unit.data, e->unit.len) == (ssize_t)e->unit.len;
	close(e->fd);
	return NULL;
}

static long peak_kib(void)
{
	struct rusage use;

	assert_int_equal(getrusage(RUSAGE_SELF, &use), 0);
	return use.ru_maxrss;
}

static void see_endless(struct endless *e)
{
	int ends[2];
	pthread_t writer;
	char why[200] = "";

	assert_int_equal(pipe(ends), 0);
	e->fd = ends[1];
	struct source *const s = file_open_fd(ends[0], "x.pcapng", NULL, why, sizeof(why));
	assert_non_null(s);
	assert_int_equal(pthread_create(&writer, NULL, endless_write, e), 0);
	const long before = peak_kib();
	see(s, &seen); /* closes the pipe where it gives up: the writer ends, too */
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_true(peak_kib() - before < 8 * 1024);
	bytes_free(&e->begin);
	bytes_free(&e->unit);
}

static void endless_sections_cost_time_only(void **state)
{
	struct endless e = {.times = 2000};

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		ng_section(&e.unit);
		ng_interface(&e.unit, 1, i % 2 ? "a" : "b", 9, 0);
	}
	ng_packet(&e.unit, 0, 1, 60, 60, 1);
	see_endless(&e);
	expect_end("", false);
	assert_int_equal(seen.total, 2000);
	assert_int_equal(seen.iface_count, 2);
}

static void endless_interfaces_are_refused_at_a_limit(void **state)
{
	struct endless e = {.times = 100000};

	(void)state;
	ng_section(&e.begin);
	ng_interface(&e.begin, 1, NULL, 0, 0);
	ng_packet(&e.begin, 0, 1, 60, 60, 1);
	for (unsigned i = 0; i < 1000; i++)
		ng_interface(&e.unit, 1, NULL, 0, 0);
	see_endless(&e);
	expect_end("x.pcapng: offset 24696: more than 1024 interfaces; 1 frame before it is kept",
	           true);
	assert_int_equal(seen.iface_count, SOURCE_IFACES_MAX);
}

static void endless_blocks_of_nothing_cost_time_only(void **state)
{
	struct endless e = {.times = 100};

	(void)state;
	ng_section(&e.begin);
	const size_t at = ng_block(&e.unit, 0x80000000);
	bytes_pattern(&e.unit, 1000000, 0);
	ng_end(&e.unit, at);
	see_endless(&e);
	expect_end("", false);
	assert_int_equal(seen.total, 0);
}

static int ignore_broken_pipes(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_interfaces_and_link_types_are_told_apart),
		cmocka_unit_test(an_interface_of_a_later_section_is_the_same_if_it_is_alike),
		cmocka_unit_test(clocks_of_every_resolution_become_nanoseconds),
		cmocka_unit_test(simple_and_obsolete_packets_are_read),
		cmocka_unit_test(other_blocks_are_passed_over_however_long),
		cmocka_unit_test(a_name_is_kept_as_far_as_it_fits),
		cmocka_unit_test(an_fcs_is_no_part_of_the_frame),
		cmocka_unit_test(lengths_that_lie_are_refused_with_their_offset),
		cmocka_unit_test(a_passed_block_with_two_lengths_is_refused_at_its_end),
		cmocka_unit_test(packets_that_cannot_be_are_refused),
		cmocka_unit_test(an_interface_of_an_earlier_section_is_gone),
		cmocka_unit_test(options_are_held_to_their_block),
		cmocka_unit_test(an_unknown_version_is_named),
		cmocka_unit_test(every_truncation_keeps_the_frames_before_it),
		cmocka_unit_test(endless_sections_cost_time_only),
		cmocka_unit_test(endless_interfaces_are_refused_at_a_limit),
		cmocka_unit_test(endless_blocks_of_nothing_cost_time_only),
	};

	return cmocka_run_group_tests(tests, ignore_broken_pipes, NULL);
}
