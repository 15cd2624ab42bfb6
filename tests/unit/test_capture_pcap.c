/* SPDX-License-Identifier: Apache-2.0 */
/* The old capture format: its dialects, its damage, and files that are none. */
#include "capture_bytes.h"

#define MICRO 0xa1b2c3d4u
#define NANO 0xa1b23c4du
#define MODIFIED 0xa1b2cd34u

static struct seen seen;

static void expect_frame(unsigned i, uint64_t time_ns, uint32_t captured, uint32_t wire,
                         unsigned seed)
{
	assert_in_range(i, 0, seen.count - 1);
	assert_int_equal(seen.frames[i].time_ns, time_ns);
	assert_int_equal(seen.frames[i].captured, captured);
	assert_int_equal(seen.frames[i].wire, wire);
	assert_true(is_pattern(seen.frames[i].bytes, captured < 256 ? captured : 256, seed));
}

static void expect_end(const char *error, bool cut)
{
	assert_string_equal(seen.error, error);
	assert_int_equal(seen.end, error[0] ? FAILED : FINISHED);
	assert_int_equal(seen.cut, cut);
}

static void both_orders_and_both_resolutions_are_read(void **state)
{
	(void)state;
	for (unsigned form = 0; form < 4; form++) {
		struct bytes b = {.big = form & 1};
		pcap_header(&b, form & 2 ? NANO : MICRO, 113);
		pcap_packet(&b, 1700000000, 123456, 60, 60, 1);
		pcap_packet(&b, 1700000001, 999999, 10, 1514, 2);
		see_bytes(&b, "x.pcap", &seen);
		expect_end("", false);
		assert_int_equal(seen.total, 2);
		expect_frame(0, 1700000000000000000u + 123456u * (form & 2 ? 1 : 1000), 60, 60, 1);
		expect_frame(1, 1700000001000000000u + 999999u * (form & 2 ? 1 : 1000), 10, 1514,
		             2);
		assert_int_equal(seen.frames[0].linktype, 113);
		assert_int_equal(seen.iface_count, 1);
		assert_string_equal(seen.ifaces[0].name, "");
		assert_int_equal(seen.counts.bytes, 70);
		assert_int_equal(seen.counts.file_read, b.len);
		assert_int_equal(seen.counts.file_size, b.len);
		bytes_free(&b);
	}
}

static void the_modified_form_has_longer_packet_headers(void **state)
{
	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		struct bytes b = {.big = big};
		pcap_header(&b, MODIFIED, 1);
		for (unsigned i = 0; i < 3; i++) {
			pcap_packet(&b, 1, i, 0, 0, 0);
			b.len -= 8;
			bytes_u32(&b, 20);
			bytes_u32(&b, 40);
			bytes_u64(&b, 0x0102030405060708); /* interface, protocol, type */
			bytes_pattern(&b, 20, i);
		}
		see_bytes(&b, "x.pcap", &seen);
		expect_end("", false);
		assert_int_equal(seen.total, 3);
		expect_frame(2, 1000002000, 20, 40, 2);
		bytes_free(&b);
	}
}

static void ixias_forms_have_a_longer_header(void **state)
{
	(void)state;
	for (unsigned form = 0; form < 4; form++) {
		struct bytes b = {.big = form & 1};
		pcap_header(&b, form & 2 ? 0x1c0001ac : 0x1c0001ab, 1);
		bytes_u32(&b, 76);
		pcap_packet(&b, 1, 5, 60, 60, 1);
		see_bytes(&b, "x.cap", &seen);
		expect_end("", false);
		expect_frame(0, 1000005000, 60, 60, 1);
		b.len = 26;
		see_bytes(&b, "x.cap", &seen);
		expect_end("x.cap: cut off at offset 26 inside the file's header; "
		           "0 frames before it are kept",
		           true);
		bytes_free(&b);
	}
}

static void old_versions_have_the_lengths_swapped(void **state)
{
	static const struct {
		uint16_t major, minor;
		bool swapped;
	} versions[] = {{2, 2, true}, {2, 3, true}, {2, 3, false}, {543, 0, true}, {2, 4, false}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		struct bytes b = {0};
		pcap_header(&b, MICRO, 1);
		b.len = 4;
		bytes_u16(&b, versions[i].major);
		bytes_u16(&b, versions[i].minor);
		b.len = 24;
		bytes_u64(&b, 0);
		bytes_u32(&b, versions[i].swapped ? 90 : 30);
		bytes_u32(&b, versions[i].swapped ? 30 : 90);
		bytes_pattern(&b, 30, 5);
		see_bytes(&b, "x.pcap", &seen);
		expect_end("", false);
		expect_frame(0, 0, 30, 90, 5);
		bytes_free(&b);
	}
}

static void an_fcs_is_no_part_of_the_frame(void **state)
{
	struct bytes b = {0};

	(void)state;
	pcap_header(&b, MICRO, 1u | 1u << 26 | 2u << 28); /* two times 16 bits */
	pcap_packet(&b, 0, 0, 64, 64, 1);
	pcap_packet(&b, 0, 0, 62, 64, 2); /* half of the FCS was captured */
	pcap_packet(&b, 0, 0, 20, 64, 3);
	pcap_packet(&b, 0, 0, 2, 2, 4);
	see_bytes(&b, "x.pcap", &seen);
	expect_end("", false);
	assert_int_equal(seen.frames[0].linktype, 1);
	expect_frame(0, 0, 60, 60, 1);
	expect_frame(1, 0, 60, 60, 2);
	expect_frame(2, 0, 20, 60, 3);
	expect_frame(3, 0, 0, 0, 4);
	bytes_free(&b);
}

static void times_far_away_do_not_wrap(void **state)
{
	struct bytes b = {0};

	(void)state;
	pcap_header(&b, MICRO, 1);
	pcap_packet(&b, UINT32_MAX, UINT32_MAX, 4, 4, 0);
	see_bytes(&b, "x.pcap", &seen);
	expect_frame(0, UINT64_C(4294967295) * 1000000000 + UINT64_C(4294967295) * 1000, 4, 4, 0);
	bytes_free(&b);
}

static void more_captured_than_on_the_wire_is_believed_of_the_bytes(void **state)
{
	struct bytes b = {0};

	(void)state;
	pcap_header(&b, MICRO, 1);
	pcap_packet(&b, 0, 0, 60, 20, 1);
	pcap_packet(&b, 0, 0, 0, 0, 1);
	see_bytes(&b, "x.pcap", &seen);
	expect_end("", false);
	expect_frame(0, 0, 60, 60, 1);
	expect_frame(1, 0, 0, 0, 1);
	bytes_free(&b);
}

static void a_packet_longer_than_a_cursor_is_cut_and_counted(void **state)
{
	struct bytes b = {0};

	(void)state;
	pcap_header(&b, MICRO, 1);
	for (unsigned i = 0; i < 5; i++) {
		pcap_packet(&b, i, 0, FILE_PACKET_MAX, FILE_PACKET_MAX, i);
		pcap_packet(&b, i, 1, 65537 - i, 65537 - i, i);
	}
	see_bytes(&b, "x.pcap", &seen);
	expect_end("", false);
	assert_int_equal(seen.total, 10);
	assert_int_equal(seen.counts.cut, 6);
	expect_frame(8, 4000000000, CUR_MAX, FILE_PACKET_MAX, 4);
	expect_frame(9, 4000001000, 65533, 65533, 4);
	bytes_free(&b);
}

static void an_absurd_length_ends_the_file_and_keeps_what_came_before(void **state)
{
	static const uint32_t lengths[] = {FILE_PACKET_MAX + 1, 0x7fffffff, 0x80000000, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lengths); i++) {
		struct bytes b = {0};
		char error[200];
		pcap_header(&b, MICRO, 1);
		pcap_packet(&b, 0, 0, 60, 60, 1);
		bytes_u64(&b, 0);
		bytes_u32(&b, lengths[i]);
		bytes_u32(&b, 60);
		bytes_pattern(&b, 1000, 0);
		see_bytes(&b, "x.pcap", &seen);
		snprintf(error, sizeof(error),
		         "x.pcap: offset 100: a packet of %u bytes, above the limit of 262144; "
		         "1 frame before it is kept",
		         lengths[i]);
		expect_end(error, true);
		assert_int_equal(seen.total, 1);
		bytes_free(&b);
	}
}

/* What a file of `len` bytes says that should have had packets that end at these offsets. */
static void expected_cut(size_t len, const size_t *ends, unsigned count, char *out, size_t out_len)
{
	unsigned kept = 0;

	while (kept < count && ends[kept] <= len)
		kept++;
	const size_t begin = kept ? ends[kept - 1] : 24;
	const char *inside = len < 24           ? "the file's header"
	                     : len - begin < 16 ? "a packet's header"
	                                        : "a packet";
	out[0] = 0;
	if (len != begin)
		snprintf(out, out_len,
		         "x.pcap: cut off at offset %zu inside %s; %u frame%s before it %s kept",
		         len, inside, kept, kept == 1 ? "" : "s", kept == 1 ? "is" : "are");
	assert_int_equal(seen.total, kept);
}

static void every_truncation_keeps_the_frames_before_it(void **state)
{
	size_t ends[5];
	struct bytes b = {0};

	(void)state;
	pcap_header(&b, MICRO, 1);
	for (unsigned i = 0; i < COUNT_OF(ends); i++) {
		pcap_packet(&b, i, 0, 14 + i, 60, i);
		ends[i] = b.len;
	}
	for (size_t len = 4; len <= b.len; len++) {
		struct bytes part = b;
		char error[200];
		part.len = len;
		see_bytes(&part, "x.pcap", &seen);
		expected_cut(len, ends, COUNT_OF(ends), error, sizeof(error));
		expect_end(error, len >= 24 && error[0]);
	}
	bytes_free(&b);
}

static void an_unknown_version_is_named(void **state)
{
	struct bytes b = {0};

	(void)state;
	pcap_header(&b, MICRO, 1);
	b.len = 4;
	bytes_u16(&b, 1);
	bytes_u16(&b, 7);
	b.len = 24;
	see_bytes(&b, "x.pcap", &seen);
	expect_end("x.pcap: offset 0: pcap version 1.7 is not one that is known; "
	           "0 frames before it are kept",
	           false);
	bytes_free(&b);
}

static void what_is_no_capture_is_named(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *said;
	} files[] = {
		{"", 0, "x: it is empty"},
		{"a", 1, "x: not a capture file: it begins with \"a\" (text)"},
		{"Hello world, this is text\n", 26,
	         "x: not a capture file: it begins with \"Hello wor\" (text)"},
		{"a\nb\tc", 5, "x: not a capture file: it begins with \"a b c\" (text)"},
		{"\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27", 24,
	         "x: not a capture file: it begins with 00 01 02 03 04 05 06 07"},
		{"\x1b[2J\x1b[2J\x1b[2J\x1b[2J\x1b[2J\x1b[2J", 24,
	         "x: not a capture file: it begins with 1b 5b 32 4a 1b 5b 32 4a"},
		{"snoop\0\0\0\0\0\0\2\0\0\0\4\0\0\0\0\0\0\0\0", 24,
	         "x: not a capture file: it is a snoop capture: editcap -F pcapng makes it readable"},
		{"\x7f"
	         "ELF\2\1\1\0",
	         8, "x: not a capture file: it is a program (ELF)"},
		{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0", 24,
	         "x: not a capture file: it is a picture (PNG)"},
		{"BZh91AY&SY", 10, "x: not a capture file: it is bzip2 data: unpack it first"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct bytes b = {0};
		bytes_raw(&b, files[i].bytes, files[i].len);
		see_bytes(&b, "x", &seen);
		expect_end(files[i].said, false);
		assert_int_equal(seen.iface_count, 0);
		bytes_free(&b);
	}
}

static void a_path_that_cannot_be_read_is_said(void **state)
{
	char why[200];

	(void)state;
	assert_null(source_open_file("/nonexistent/x.pcap", NULL, why, sizeof(why)));
	assert_string_equal(why, "cannot read /nonexistent/x.pcap: No such file or directory");
	assert_null(source_open_file("/", NULL, why, sizeof(why)));
	assert_string_equal(why, "cannot read /: Is a directory");
}

static void a_stopped_source_is_finished(void **state)
{
	struct bytes b = {0};
	struct frame frames[SOURCE_BATCH];
	unsigned count;
	int socket;

	(void)state;
	pcap_header(&b, MICRO, 1);
	for (unsigned i = 0; i < 200; i++)
		pcap_packet(&b, i, 0, 60, 60, i);
	struct source *const s = bytes_open(&b, "x.pcap");
	assert_int_equal(source_next(s, frames, &count, 0), FRAMES);
	assert_int_equal(count, SOURCE_BATCH);
	source_stop(s);
	assert_int_equal(source_next(s, frames, &count, 0), FINISHED);
	assert_int_equal(count, 0);
	assert_string_equal(source_error(s), "");
	assert_false(source_is_live(s));
	assert_int_equal(source_sockets(s, &socket, 0), 0);
	source_free(s);
	source_free(NULL);
	bytes_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_orders_and_both_resolutions_are_read),
		cmocka_unit_test(the_modified_form_has_longer_packet_headers),
		cmocka_unit_test(ixias_forms_have_a_longer_header),
		cmocka_unit_test(old_versions_have_the_lengths_swapped),
		cmocka_unit_test(an_fcs_is_no_part_of_the_frame),
		cmocka_unit_test(times_far_away_do_not_wrap),
		cmocka_unit_test(more_captured_than_on_the_wire_is_believed_of_the_bytes),
		cmocka_unit_test(a_packet_longer_than_a_cursor_is_cut_and_counted),
		cmocka_unit_test(an_absurd_length_ends_the_file_and_keeps_what_came_before),
		cmocka_unit_test(every_truncation_keeps_the_frames_before_it),
		cmocka_unit_test(an_unknown_version_is_named),
		cmocka_unit_test(what_is_no_capture_is_named),
		cmocka_unit_test(a_path_that_cannot_be_read_is_said),
		cmocka_unit_test(a_stopped_source_is_finished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
