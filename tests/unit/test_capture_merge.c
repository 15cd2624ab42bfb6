/* SPDX-License-Identifier: Apache-2.0 */
/* Several captures read as one, and filters over them. */
#include "capture_bytes.h"

#include "capture/filter.h"
#include "capture/linktype.h"
#include "observe/engine.h"

static struct seen seen;

/* A capture of one packet at each of these seconds; `mark` is its packets' first byte. */
static struct source *capture_at(const uint32_t *seconds, unsigned count, unsigned mark,
                                 const char *name)
{
	struct bytes b = {0};

	pcap_header(&b, 0xa1b2c3d4, 1);
	for (unsigned i = 0; i < count; i++)
		pcap_packet(&b, seconds[i], 0, 60, 60, mark);
	struct source *const s = bytes_open(&b, name);
	bytes_free(&b);
	return s;
}

static void expect_order(const char *marks)
{
	for (unsigned i = 0; marks[i]; i++) {
		assert_in_range(i, 0, seen.count - 1);
		assert_int_equal(seen.frames[i].bytes[0], (unsigned char)marks[i]);
	}
	assert_int_equal(seen.total, strlen(marks));
}

static void frames_come_by_time_and_ties_by_the_order_of_sources(void **state)
{
	static const uint32_t a[] = {1, 4, 4, 9}, b[] = {1, 2, 4, 5, 10}, c[] = {4, 11};
	struct source *sources[] = {capture_at(a, 4, 'a', "a"), capture_at(b, 5, 'b', "b"),
	                            capture_at(c, 2, 'c', "c")};

	(void)state;
	see(source_merge(sources, 3), &seen);
	assert_int_equal(seen.end, FINISHED);
	assert_string_equal(seen.error, "");
	expect_order("abbaabcbabc");
	assert_int_equal(seen.iface_count, 3);
	assert_int_equal(seen.frames[1].iface, 1);
	assert_int_equal(seen.frames[10].iface, 2);
}

static void a_source_out_of_order_does_not_hold_the_others_up(void **state)
{
	static const uint32_t a[] = {5, 1, 7}, b[] = {2, 6};
	struct source *sources[] = {capture_at(a, 3, 'a', "a"), capture_at(b, 2, 'b', "b")};

	(void)state;
	see(source_merge(sources, 2), &seen);
	expect_order("baaba");
}

/* Every frame of every source, by time, over many batches of uneven sources. */
static void long_sources_keep_their_order(void **state)
{
	enum { SOURCES = 5, FRAMES_EACH = 1000 };
	struct source *sources[SOURCES];
	struct frame frames[SOURCE_BATCH];
	unsigned count, per[SOURCES] = {0};
	uint64_t total = 0, last = 0;

	(void)state;
	for (unsigned i = 0; i < SOURCES; i++) {
		struct bytes b = {0};
		pcap_header(&b, 0xa1b2c3d4, 1);
		for (unsigned k = 0; k < FRAMES_EACH; k++)
			pcap_packet(&b, k * (i + 1) / 2, 0, 20 + i, 20 + i, i);
		sources[i] = bytes_open(&b, "x");
		bytes_free(&b);
	}
	struct source *const s = source_merge(sources, SOURCES);
	while (source_next(s, frames, &count, 0) == FRAMES) {
		for (unsigned i = 0; i < count; i++) {
			assert_true(frames[i].time_ns >= last);
			last = frames[i].time_ns;
			assert_int_equal(frames[i].number, ++total);
			assert_true(frames[i].iface < SOURCES);
			assert_int_equal(frames[i].captured, 20 + frames[i].iface);
			assert_true(is_pattern(frames[i].bytes, 20, frames[i].iface));
			per[frames[i].iface]++;
		}
	}
	for (unsigned i = 0; i < SOURCES; i++)
		assert_int_equal(per[i], FRAMES_EACH);
	source_free(s);
}

static void one_that_fails_does_not_stop_the_others(void **state)
{
	static const uint32_t a[] = {1, 2, 3}, b[] = {2, 4};
	struct bytes text = {0}, cut = {0};

	(void)state;
	bytes_raw(&text, "this is not a capture at all", 28);
	pcap_header(&cut, 0xa1b2c3d4, 1);
	pcap_packet(&cut, 3, 0, 60, 60, 'c');
	pcap_packet(&cut, 3, 0, 60, 60, 'c');
	cut.len -= 1;
	for (unsigned with_text = 0; with_text < 2; with_text++) {
		struct source *sources[4] = {capture_at(a, 3, 'a', "a"), bytes_open(&cut, "c"),
		                             capture_at(b, 2, 'b', "b")};
		if (with_text)
			sources[3] = bytes_open(&text, "t");
		see(source_merge(sources, 3 + with_text), &seen);
		expect_order("aabacb");
		assert_int_equal(seen.end, FAILED);
		assert_int_equal(seen.cut, !with_text);
		assert_string_equal(
			seen.error,
			with_text
				? "t: not a capture file: it begins with \"this is n\" (text)\n"
				  "c: cut off at offset 175 inside a packet; 1 frame before it is kept"
				: "c: cut off at offset 175 inside a packet; 1 frame before it is kept");
	}
	bytes_free(&text);
	bytes_free(&cut);
}

static void interfaces_found_late_get_the_next_place(void **state)
{
	static const uint32_t a[] = {1, 5};
	struct bytes b = {0};

	(void)state;
	ng_section(&b);
	ng_interface(&b, 1, "eth0", 0, 0);
	for (unsigned i = 0; i < SOURCE_BATCH; i++)
		ng_packet(&b, 0, 2000000, 60, 60, 'b');
	ng_interface(&b, 113, "any", 0, 0);
	ng_packet(&b, 1, 6000000, 60, 60, 'c');
	struct source *sources[] = {bytes_open(&b, "b"), capture_at(a, 2, 'a', "a")};
	see(source_merge(sources, 2), &seen);
	assert_string_equal(seen.error, "");
	assert_int_equal(seen.total, SOURCE_BATCH + 3);
	assert_int_equal(seen.iface_count, 3);
	assert_string_equal(seen.ifaces[0].name, "eth0");
	assert_string_equal(seen.ifaces[1].name, "");
	assert_string_equal(seen.ifaces[2].name, "any");
	bytes_free(&b);
}

static void stopping_the_merged_source_stops_all(void **state)
{
	static const uint32_t a[] = {1, 2, 3};
	struct source *sources[] = {capture_at(a, 3, 'a', "a"), capture_at(a, 3, 'b', "b")};
	struct frame frames[SOURCE_BATCH];
	unsigned count;

	(void)state;
	struct source *const s = source_merge(sources, 2);
	source_stop(s);
	assert_int_equal(source_next(s, frames, &count, 0), FINISHED);
	assert_true(sources[1]->stop);
	source_free(s);
}

/* Ethernet, IPv4, UDP to this port; or raw IP without the Ethernet. */
static void add_udp(struct bytes *b, bool raw, uint16_t port)
{
	struct bytes p = {.big = true};

	if (!raw) {
		bytes_pattern(&p, 12, 2);
		bytes_u16(&p, 0x0800);
	}
	bytes_u64(&p, 0x4500001c00000000);
	bytes_u32(&p, 0x40110000);
	bytes_u32(&p, 0xc0000201);
	bytes_u32(&p, 0xc0000202);
	bytes_u16(&p, 40000);
	bytes_u16(&p, port);
	bytes_u32(&p, 0x00080000);
	bytes_u64(b, 0);
	bytes_u32(b, (uint32_t)p.len);
	bytes_u32(b, (uint32_t)p.len);
	bytes_raw(b, p.data, p.len);
	bytes_free(&p);
}

static void a_filter_judges_each_link_type_in_its_own_way(void **state)
{
	static const uint16_t links[] = {1, 101, 12, 14, 228};
	char why[300] = "";
	struct filter *const f = filter_compile("udp port 53", why, sizeof(why));

	(void)state;
	assert_string_equal(why, "");
	assert_non_null(f);
	for (size_t i = 0; i < COUNT_OF(links); i++) {
		struct bytes b = {0};
		pcap_header(&b, 0xa1b2c3d4, links[i]);
		add_udp(&b, links[i] != 1, 53);
		add_udp(&b, links[i] != 1, 54);
		add_udp(&b, links[i] != 1, 53);
		see(bytes_open_filtered(&b, "x", f), &seen);
		assert_string_equal(seen.error, "");
		assert_int_equal(seen.total, 2);
		assert_int_equal(seen.counts.filtered, 1);
		bytes_free(&b);
	}
	filter_free(f);
}

static void a_cut_counts_the_frames_that_were_filtered_out(void **state)
{
	char why[300];
	struct filter *const f = filter_compile("udp port 53", why, sizeof(why));
	struct bytes b = {0};

	(void)state;
	pcap_header(&b, 0xa1b2c3d4, 1);
	add_udp(&b, false, 54);
	add_udp(&b, false, 53);
	bytes_u32(&b, 0);
	see(bytes_open_filtered(&b, "x", f), &seen);
	assert_string_equal(seen.error, "x: cut off at offset 144 inside a packet's header; "
	                                "2 frames before it are kept");
	assert_int_equal(seen.total, 1);
	bytes_free(&b);
	filter_free(f);
}

static void what_a_link_type_cannot_express_it_does_not_pass(void **state)
{
	char why[300] = "";
	static const uint8_t frame[64];
	struct filter *const f =
		filter_compile("not ether host 00:01:02:03:04:05", why, sizeof(why));

	(void)state;
	assert_non_null(f);
	assert_non_null(filter_program(f, LINKTYPE_ETHERNET));
	assert_true(filter_pass(f, LINKTYPE_ETHERNET, frame, sizeof(frame), sizeof(frame)));
	assert_null(filter_program(f, LINKTYPE_RAW));
	assert_false(filter_pass(f, LINKTYPE_RAW, frame, sizeof(frame), sizeof(frame)));
	assert_null(filter_program(f, 147)); /* nobody reads it: the filter has no say */
	assert_true(filter_pass(f, 147, frame, sizeof(frame), sizeof(frame)));
	filter_free(f);
	filter_free(NULL);
}

static void a_wrong_expression_is_explained(void **state)
{
	char why[300] = "";

	(void)state;
	assert_null(filter_compile("udp prot 53", why, sizeof(why)));
	assert_string_equal(why, "cannot compile the filter \"udp prot 53\": can't parse filter "
	                         "expression: syntax error (see pcap-filter(7))");
}

static void link_types_have_names(void **state)
{
	(void)state;
	assert_string_equal(linktype_name(1), "ETHERNET");
	assert_string_equal(linktype_name(0), "NULL");
	assert_string_equal(linktype_name(276), "LINUX_SLL2");
	assert_string_equal(linktype_name(127), "IEEE802_11_RADIOTAP");
	assert_string_equal(linktype_name(294), "EDK2_MM");
	assert_string_equal(linktype_name(11), "unknown");
	assert_string_equal(linktype_name(65535), "unknown");
	for (unsigned i = 0; i < linktypes_supported_count; i++)
		assert_string_not_equal(linktype_name(linktypes_supported[i]), "unknown");
}

static bool is_supported(uint64_t linktype)
{
	for (unsigned i = 0; i < linktypes_supported_count; i++)
		if (linktypes_supported[i] == linktype)
			return true;
	return false;
}

static void a_filter_knows_each_link_type_that_an_observer_reads(void **state)
{
	unsigned claimed = 0;

	(void)state;
	for (unsigned i = 0; i < observer_count; i++)
		for (const struct claim *c = observers[i]->claims; c->space != NO_SPACE; c++) {
			claimed += c->space == LINKTYPE;
			if (c->space == LINKTYPE && !is_supported(c->key))
				fail_msg("%s reads link type %llu", observers[i]->name,
				         (unsigned long long)c->key);
		}
	assert_int_equal(claimed, linktypes_supported_count);
}

static void a_filter_looks_behind_the_headers_of_the_air_and_of_old_rings(void **state)
{
	static const uint8_t ring[] = {0x10, 0x40, 1, 2, 3, 4, 5, 6, 2, 0, 0, 0, 0, 7,
	                               0xaa, 0xaa, 3, 0, 0, 0, 8, 6, 0, 1, 8, 0, 6, 4};
	char why[300] = "";
	struct filter *const arp = filter_compile("arp", why, sizeof why);
	struct filter *const ip = filter_compile("ip", why, sizeof why);

	(void)state;
	assert_non_null(arp);
	assert_non_null(ip);
	assert_true(filter_pass(arp, LINKTYPE_IEEE802_5, ring, sizeof ring, sizeof ring));
	assert_false(filter_pass(ip, LINKTYPE_IEEE802_5, ring, sizeof ring, sizeof ring));
	assert_null(filter_program(ip, LINKTYPE_DSA_TAG_BRCM)); /* libpcap can not read it */
	assert_false(filter_pass(ip, LINKTYPE_DSA_TAG_BRCM, ring, sizeof ring, sizeof ring));
	filter_free(arp);
	filter_free(ip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_by_time_and_ties_by_the_order_of_sources),
		cmocka_unit_test(a_source_out_of_order_does_not_hold_the_others_up),
		cmocka_unit_test(long_sources_keep_their_order),
		cmocka_unit_test(one_that_fails_does_not_stop_the_others),
		cmocka_unit_test(interfaces_found_late_get_the_next_place),
		cmocka_unit_test(stopping_the_merged_source_stops_all),
		cmocka_unit_test(a_filter_judges_each_link_type_in_its_own_way),
		cmocka_unit_test(a_cut_counts_the_frames_that_were_filtered_out),
		cmocka_unit_test(what_a_link_type_cannot_express_it_does_not_pass),
		cmocka_unit_test(a_wrong_expression_is_explained),
		cmocka_unit_test(link_types_have_names),
		cmocka_unit_test(a_filter_knows_each_link_type_that_an_observer_reads),
		cmocka_unit_test(a_filter_looks_behind_the_headers_of_the_air_and_of_old_rings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
