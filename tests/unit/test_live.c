/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_live.c - listening to interfaces, each test in a network namespace of its own with two ends of
 * a veth cable (hv0 is listened to, hv1 sends). Root is needed; skipped without.
 */
#include "capture/filter.h"
#include "capture/live.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void run(const char *command)
{
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

/* A new world with one cable. No IPv6: it would talk by itself. */
static int cable(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	if (unshare(CLONE_NEWNET))
		return -1;
	run("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null || true");
	run("ip link set lo up");
	run("ip link add hv0 mtu 1600 type veth peer name hv1 mtu 1600");
	run("ip link set hv0 up && ip link set hv1 up");
	return 0;
}

static void need_root(void)
{
	if (geteuid() != 0)
		skip();
}

static struct source *listening(const char *iface, const struct live_options *options,
                                const struct filter *filter)
{
	char why[256] = "";
	struct source *s = source_open_live(iface, options, filter, why, sizeof why);

	if (!s)
		fail_msg("%s", why);
	return s;
}

static const struct live_options small = {
	.ring_bytes = 4 << 20, .promiscuous = true, .block_ms = 5};

/* ---- the sending end ---- */

static int sender_of(const char *iface)
{
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	const struct sockaddr_ll to = {.sll_family = AF_PACKET,
	                               .sll_protocol = htons(0),
	                               .sll_ifindex = (int)if_nametoindex(iface)};

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const void *)&to, sizeof to), 0);
	return fd;
}

static void send_frame(const char *iface, const uint8_t *bytes, size_t len)
{
	const int fd = sender_of(iface);

	assert_int_equal(send(fd, bytes, len, 0), len);
	close(fd);
}

/* An Ethernet frame: `head` in hex behind the addresses, filled up to len with its own counting. */
static size_t frame_of(uint8_t *out, size_t len, const uint8_t *head, size_t head_len)
{
	static const uint8_t macs[12] = {2, 0, 0, 0, 0, 0xbb, 2, 0, 0, 0, 0, 0xaa};

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(i * 7);
	memcpy(out, macs, sizeof macs);
	memcpy(out + sizeof macs, head, head_len);
	return len;
}

/* UDP from a to b (last bytes of 10.0.0.x), optionally in fragments' clothing. */
static size_t udp_frame(uint8_t *out, uint8_t a, uint8_t b, bool fragment)
{
	const uint8_t head[] = {
		0x08, 0,  0x45, 0,    0,  46, 0, 1, 0,  (uint8_t)(fragment ? 100 : 0),
		64,   17, 0,    0,    10, 0,  0, a, 10, 0,
		0,    b,  0x30, 0x39, 0,  53};

	return frame_of(out, 60, head, sizeof head);
}

/* ---- the listening end ---- */

struct heard {
	struct frame frame;
	uint8_t bytes[2000];
};

/* The next frame, copied; fails after two seconds. */
static void hear(struct source *s, struct heard *h)
{
	static struct frame frames[SOURCE_BATCH];
	unsigned count;
	const enum pull pull = source_next(s, frames, &count, 2000);

	assert_int_equal(pull, FRAMES);
	assert_int_equal(count, 1);
	h->frame = frames[0];
	assert_true(h->frame.captured <= sizeof h->bytes);
	memcpy(h->bytes, h->frame.bytes, h->frame.captured);
}

/* Reads to the end of a stopped source; how many frames came. */
static uint64_t drain(struct source *s)
{
	struct frame frames[SOURCE_BATCH];
	uint64_t all = 0;
	unsigned count;
	enum pull pull;

	source_stop(s);
	while ((pull = source_next(s, frames, &count, 100)) == FRAMES || pull == IDLE)
		all += count;
	assert_int_equal(pull, FINISHED);
	return all;
}

static void check_identity(const struct source *s)
{
	struct source_counts c;

	source_count(s, &c);
	assert_int_equal(c.kernel_seen, c.received + c.kernel_dropped);
}

static void is_heard_as_sent(struct source *s, const uint8_t *sent, size_t len)
{
	struct heard h;

	send_frame("hv1", sent, len);
	hear(s, &h);
	assert_int_equal(h.frame.captured, len);
	assert_int_equal(h.frame.wire, len);
	assert_int_equal(h.frame.linktype, 1);
	assert_memory_equal(h.bytes, sent, len);
	assert_true(h.frame.time_ns + 5 * CLOCK_SECOND > clock_now_ns());
	assert_true(h.frame.time_ns < clock_now_ns() + 5 * CLOCK_SECOND);
}

static void frames_are_heard_with_their_tags(const struct live_options *options)
{
	static const uint8_t plain[] = {0x08, 0x06};
	static const uint8_t vlan[] = {0x81, 0x00, 0x20, 0x05, 0x08, 0x06};
	static const uint8_t service[] = {0x88, 0xa8, 0x00, 0x64, 0x08, 0x00};
	static const uint8_t stacked[] = {0x88, 0xa8, 0x00, 0x64, 0x81,
	                                  0x00, 0xa0, 0x07, 0x86, 0xdd};
	struct source *s = listening("hv0", options, NULL);
	uint8_t bytes[1614];

	is_heard_as_sent(s, bytes, frame_of(bytes, 60, plain, sizeof plain));
	is_heard_as_sent(s, bytes, frame_of(bytes, 60, vlan, sizeof vlan));
	is_heard_as_sent(s, bytes, frame_of(bytes, 61, service, sizeof service));
	is_heard_as_sent(s, bytes, frame_of(bytes, 90, stacked, sizeof stacked));
	is_heard_as_sent(s, bytes, frame_of(bytes, 1518, stacked, sizeof stacked));
	is_heard_as_sent(s, bytes, frame_of(bytes, 1614, plain, sizeof plain));
	assert_int_equal(drain(s), 0);
	check_identity(s);
	source_free(s);
}

static void a_ring_gives_frames_with_their_tags(void **state)
{
	(void)state;
	need_root();
	frames_are_heard_with_their_tags(&small);
}

static void libpcap_gives_frames_with_their_tags(void **state)
{
	struct live_options options = small;

	(void)state;
	need_root();
	options.fallback_pcap = true;
	frames_are_heard_with_their_tags(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_ring_gives_frames_with_their_tags, cable),
		cmocka_unit_test_setup(libpcap_gives_frames_with_their_tags, cable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
