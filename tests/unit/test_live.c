/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_live.c - listening to interfaces, each test in a network namespace of its own with two ends
 * of a veth cable (hv0 is listened to, hv1 sends). Root is needed; skipped without.
 */
#include "own_time.h"

#include "capture/filter.h"
#include "capture/live.h"

#include "base/clock.h"
#include "base/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cable.h"

static int cable(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	if (cable_lay() < 0)
		return -1;
	run("ip link set lo up");
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

/* The next frame, copied; fails after a minute. */
static void hear(struct source *s, struct heard *h)
{
	static struct frame frames[SOURCE_BATCH];
	unsigned count;
	const enum pull pull = source_next(s, frames, &count, 60000);

	assert_int_equal(pull, FRAMES);
	assert_int_equal(count, 1);
	h->frame = frames[0];
	assert_true(h->frame.captured <= sizeof h->bytes);
	memcpy(h->bytes, h->frame.bytes, h->frame.captured);
}

/* Waits for the first frames; how many came. */
static unsigned hear_some(struct source *s)
{
	struct frame frames[SOURCE_BATCH];
	unsigned count = 0;

	assert_int_equal(source_next(s, frames, &count, 60000), FRAMES);
	return count;
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
	const uint64_t before = clock_now_ns();

	send_frame("hv1", sent, len);
	hear(s, &h);
	assert_int_equal(h.frame.captured, len);
	assert_int_equal(h.frame.wire, len);
	assert_int_equal(h.frame.linktype, 1);
	assert_memory_equal(h.bytes, sent, len);
	assert_in_range(h.frame.time_ns, before - CLOCK_SECOND, clock_now_ns() + CLOCK_SECOND);
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

/* ---- what is dropped, and the end ---- */

static void send_many(unsigned count)
{
	const int fd = sender_of("hv1");
	uint8_t bytes[1000];
	const uint8_t head[] = {0x88, 0xb5};
	const size_t len = frame_of(bytes, sizeof bytes, head, sizeof head);

	for (unsigned i = 0; i < count; i++)
		assert_int_equal(send(fd, bytes, len, 0), len);
	close(fd);
}

/*
 * More than the ring holds, unread: what is read afterwards and what was dropped is all there was.
 */
static void nothing_is_lost_uncounted(bool pcap)
{
	struct live_options options = small;
	struct source_counts c;

	options.ring_bytes = 1 << 20;
	options.fallback_pcap = pcap;
	struct source *s = listening("hv0", &options, NULL);

	send_many(5000);
	const uint64_t read = drain(s);

	source_count(s, &c);
	assert_int_equal(c.received, read);
	assert_int_equal(c.kernel_seen, 5000);
	assert_int_equal(c.received + c.kernel_dropped, 5000);
	assert_true(c.kernel_dropped > 0 && c.received > 0);
	source_free(s);
}

static void what_a_full_ring_drops_is_counted(void **state)
{
	(void)state;
	need_root();
	nothing_is_lost_uncounted(false);
	nothing_is_lost_uncounted(true);
}

/* Frames keep coming while it stops: those before the stop are given, the counts agree. */
static void a_stop_under_load_keeps_the_counts_exact(void **state)
{
	(void)state;
	need_root();
	for (int round = 0; round < 10; round++) {
		struct source *s = listening("hv0", &small, NULL);
		const pid_t child = fork();

		if (child == 0) {
			send_many(20000);
			_exit(0);
		}
		assert_true(hear_some(s) + drain(s) > 0);
		check_identity(s);
		source_free(s);
		waitpid(child, NULL, 0);
	}
}

static void a_stopped_source_stays_finished(void **state)
{
	struct frame frames[SOURCE_BATCH];
	unsigned count;

	(void)state;
	need_root();
	struct source *s = listening("hv0", &small, NULL);

	assert_int_equal(source_next(s, frames, &count, 10), IDLE);
	drain(s);
	assert_int_equal(source_next(s, frames, &count, 0), FINISHED);
	source_free(s);
}

/* ---- interfaces come and go ---- */

/* Waits for the source to see the interface again; returns after how many ms of its own time. */
static unsigned wait_for_restart(struct source *s, uint64_t restarts)
{
	const uint64_t start = own_time_ns();
	struct source_counts c;

	do {
		struct frame frames[SOURCE_BATCH];
		unsigned count;

		assert_int_equal(source_next(s, frames, &count, 20), IDLE);
		source_count(s, &c);
	} while (c.restarts < restarts && own_time_ns() - start < 60 * CLOCK_SECOND);
	assert_int_equal(c.restarts, restarts);
	return (unsigned)((own_time_ns() - start) / 1000000);
}

static void idle_for(struct source *s, int ms)
{
	struct frame frames[SOURCE_BATCH];
	unsigned count;

	assert_int_equal(source_next(s, frames, &count, ms), IDLE);
}

static void is_heard_again(struct source *s)
{
	const uint8_t head[] = {0x81, 0x00, 0x00, 0x09, 0x08, 0x06};
	uint8_t bytes[64];

	is_heard_as_sent(s, bytes, frame_of(bytes, sizeof bytes, head, sizeof head));
}

static void an_interface_that_was_down_is_heard_again(void **state)
{
	(void)state;
	need_root();
	struct source *s = listening("hv0", &small, NULL);

	run("ip link set hv0 down");
	idle_for(s, 300);
	run("ip link set hv0 up");
	assert_true(wait_for_restart(s, 1) < 1000);
	is_heard_again(s);
	run("ip link set hv0 down && ip link set hv0 up");
	wait_for_restart(s, 2);
	is_heard_again(s);
	drain(s);
	check_identity(s);
	source_free(s);
}

static void a_deleted_interface_is_heard_again_when_it_is_made_anew(void **state)
{
	(void)state;
	need_root();
	struct source *s = listening("hv0", &small, NULL);

	for (uint64_t round = 1; round <= 3; round++) {
		run("ip link del hv0");
		idle_for(s, 250);
		run("ip link add hv0 mtu 1600 type veth peer name hv1 mtu 1600");
		idle_for(s, 250);
		run("ip link set hv0 up && ip link set hv1 up");
		assert_true(wait_for_restart(s, round) < 1000);
		is_heard_again(s);
	}
	drain(s);
	check_identity(s);
	source_free(s);
}

static bool is_promiscuous(const char *iface)
{
	char command[128];

	snprintf(command, sizeof command, "ip -d link show %s | grep -q 'promiscuity [1-9]'",
	         iface);
	return system(command) == 0;
}

static void a_new_interface_is_promiscuous_like_the_old(void **state)
{
	(void)state;
	need_root();
	struct source *s = listening("hv0", &small, NULL);

	assert_true(is_promiscuous("hv0"));
	run("ip link del hv0 && ip link add hv0 type veth peer name hv1");
	assert_false(is_promiscuous("hv0"));
	run("ip link set hv0 up && ip link set hv1 up");
	wait_for_restart(s, 1);
	assert_true(is_promiscuous("hv0"));
	source_free(s);
}

static void a_renamed_interface_is_still_heard(void **state)
{
	(void)state;
	need_root();
	struct source *s = listening("hv0", &small, NULL);

	run("ip link set hv0 down && ip link set hv0 name other && ip link set other up");
	wait_for_restart(s, 1);
	is_heard_again(s);
	source_free(s);
}

static void an_interface_that_is_down_at_first_is_heard_later(void **state)
{
	(void)state;
	need_root();
	run("ip link set hv0 down");
	struct source *s = listening("hv0", &small, NULL);

	idle_for(s, 250);
	run("ip link set hv0 up");
	wait_for_restart(s, 1);
	is_heard_again(s);
	source_free(s);
}

static void another_kind_of_interface_of_the_name_is_refused(void **state)
{
	struct frame frames[SOURCE_BATCH];
	unsigned count;
	enum pull pull;

	(void)state;
	need_root();
	struct source *s = listening("hv0", &small, NULL);

	run("ip link del hv0 && ip tuntap add mode tun name hv0 && ip link set hv0 up");
	for (int i = 0; i < 3000 && (pull = source_next(s, frames, &count, 20)) == IDLE; i++)
		;
	assert_int_equal(pull, FAILED);
	assert_string_equal(source_error(s), "hv0: came back as another kind of interface");
	assert_int_equal(source_next(s, frames, &count, 0), FINISHED);
	source_free(s);
}

static void libpcap_says_that_the_interface_is_gone(void **state)
{
	struct live_options options = small;
	struct frame frames[SOURCE_BATCH];
	unsigned count;
	enum pull pull;

	(void)state;
	need_root();
	options.fallback_pcap = true;
	struct source *s = listening("hv0", &options, NULL);

	run("ip link del hv0");
	for (int i = 0; i < 3000 && (pull = source_next(s, frames, &count, 20)) == IDLE; i++)
		;
	assert_int_equal(pull, FAILED);
	assert_true(strncmp(source_error(s), "hv0: ", 5) == 0);
	source_free(s);
}

/* ---- kinds of links ---- */

static void loopback_gives_a_frame_once(void **state)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof to;
	struct heard h;

	(void)state;
	need_root();
	struct source *s = listening("lo", &small, NULL);
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const void *)&to, sizeof to), 0);
	assert_int_equal(getsockname(fd, (void *)&to, &len), 0);
	assert_int_equal(sendto(fd, "once", 4, 0, (const void *)&to, sizeof to), 4);
	hear(s, &h);
	assert_int_equal(h.frame.linktype, LINKTYPE_ETHERNET);
	assert_int_equal(h.frame.captured, 14 + 20 + 8 + 4);
	assert_int_equal(drain(s), 0);
	check_identity(s);
	close(fd);
	source_free(s);
}

/* An interface without Ethernet, of a kind to choose; frames are written to its descriptor. */
static int tun_open(const char *name, int hardware)
{
	struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	const int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	char command[64];

	if (fd < 0)
		skip();
	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	snprintf(command, sizeof command, "ip link set %s up", name);
	assert_int_equal(ioctl(fd, TUNSETIFF, &r), 0);
	assert_int_equal(ioctl(fd, TUNSETLINK, hardware), 0);
	run(command);
	return fd;
}

static void a_tun_interface_gives_raw_ip(void **state)
{
	uint8_t bytes[60];
	struct heard h;

	(void)state;
	need_root();
	const int tun = tun_open("tun9", ARPHRD_NONE);
	struct source *s = listening("tun9", &small, NULL);

	udp_frame(bytes, 1, 2, false);
	assert_int_equal(write(tun, bytes + 14, 46), 46);
	hear(s, &h);
	assert_int_equal(h.frame.linktype, LINKTYPE_RAW);
	assert_int_equal(h.frame.captured, 46);
	assert_memory_equal(h.bytes, bytes + 14, 46);
	source_free(s);
	close(tun);
}

/*
 * The header of a PPP interface says nothing sure: what the kernel knows becomes a Linux SLL
 * header.
 */
static void other_links_get_a_linux_sll_header(void **state)
{
	static const uint8_t sll[16] = {
		0, 0, ARPHRD_PPP >> 8, ARPHRD_PPP & 0xff, [14] = 0x08, 0x00};
	uint8_t bytes[60];
	struct heard h;
	char why[256];

	(void)state;
	need_root();
	const int tun = tun_open("ppp9", ARPHRD_PPP);
	struct filter *f =
		filter_compile("ip and udp dst port 53 and src 10.0.0.1", why, sizeof why);
	struct source *s = listening("ppp9", &small, f);

	udp_frame(bytes, 2, 1, false);
	assert_int_equal(write(tun, bytes + 14, 46), 46);
	udp_frame(bytes, 1, 2, false);
	assert_int_equal(write(tun, bytes + 14, 46), 46);
	hear(s, &h);
	assert_int_equal(h.frame.linktype, LINKTYPE_LINUX_SLL);
	assert_int_equal(h.frame.captured, 16 + 46);
	assert_int_equal(h.frame.wire, 16 + 46);
	assert_memory_equal(h.bytes, sll, sizeof sll);
	assert_memory_equal(h.bytes + 16, bytes + 14, 46);
	assert_int_equal(drain(s), 0);
	check_identity(s);
	source_free(s);
	filter_free(f);
	close(tun);
}

/* ---- filters and shares ---- */

static unsigned heard_through(const char *expression)
{
	const uint8_t arp[] = {0x08, 0x06};
	const uint8_t tagged[] = {0x81, 0x00, 0x00, 0x05, 0x08, 0x06};
	char why[256];
	struct filter *f = filter_compile(expression, why, sizeof why);
	struct source *s = listening("hv0", &small, f);
	uint8_t bytes[60];

	send_frame("hv1", bytes, frame_of(bytes, sizeof bytes, arp, sizeof arp));
	send_frame("hv1", bytes, frame_of(bytes, sizeof bytes, tagged, sizeof tagged));
	send_frame("hv1", bytes, udp_frame(bytes, 1, 2, false));
	const unsigned heard = (unsigned)drain(s);

	check_identity(s);
	source_free(s);
	filter_free(f);
	return heard;
}

static void a_filter_sees_what_tcpdump_sees(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(heard_through("udp port 53"), 1);
	assert_int_equal(heard_through("udp port 54"), 0);
	assert_int_equal(heard_through("vlan 5"), 1);
	assert_int_equal(heard_through("vlan 6"), 0);
	assert_int_equal(heard_through("vlan and arp"), 1);
	assert_int_equal(heard_through("arp"), 2);
}

static bool taken(const struct kernel_program *p, const uint8_t *bytes, size_t len)
{
	struct bpf_insn code[PROGRAM_MAX];

	for (unsigned i = 0; i < p->len; i++)
		code[i] = (struct bpf_insn){p->code[i].code, p->code[i].jt, p->code[i].jf,
		                            p->code[i].k};
	assert_true(bpf_validate(code, p->len));
	return bpf_filter(code, bytes, (unsigned)len, (unsigned)len) != 0;
}

/* Which of four takes it; fails unless exactly one does. */
static unsigned share_of(uint16_t linktype, const uint8_t *bytes, size_t len)
{
	unsigned share = 4;

	for (unsigned i = 0; i < 4; i++) {
		static struct kernel_program p;
		const struct link_kind kind = {linktype, false};
		const struct live_options o = {.fanout = 4, .share = i};

		assert_int_equal(live_program(&p, NULL, kind, "-", &o), 0);
		if (taken(&p, bytes, len)) {
			assert_int_equal(share, 4);
			share = i;
		}
	}
	assert_true(share < 4);
	return share;
}

static void each_frame_has_one_share(void **state)
{
	uint8_t bytes[100];

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		const size_t len = (size_t)rand() % sizeof bytes;

		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (uint8_t)rand();
		if (round % 3 == 0)
			memcpy(bytes + 12, "\x08\x00\x45", 3);
		if (round % 3 == 1)
			memcpy(bytes + 12, "\x81\x00\x00\x01\x86\xdd", 6);
		share_of(LINKTYPE_ETHERNET, bytes, len);
		share_of(LINKTYPE_RAW, bytes, len);
	}
}

static void a_dialogue_has_one_share_in_every_form(void **state)
{
	unsigned frames[4] = {0};

	(void)state;
	for (unsigned pair = 0; pair < 200; pair++) {
		const uint8_t a = 7, b = (uint8_t)(pair + 20);
		uint8_t one[60], back[60], part[60], tagged[64];

		udp_frame(one, a, b, false);
		udp_frame(back, b, a, false);
		udp_frame(part, a, b, true);
		memcpy(tagged, one, 12);
		memcpy(tagged + 12, "\x88\xa8\x00\x07", 4);
		memcpy(tagged + 16, one + 12, 48);
		const unsigned share = share_of(LINKTYPE_ETHERNET, one, sizeof one);

		assert_int_equal(share_of(LINKTYPE_ETHERNET, back, sizeof back), share);
		assert_int_equal(share_of(LINKTYPE_ETHERNET, part, sizeof part), share);
		assert_int_equal(share_of(LINKTYPE_ETHERNET, tagged, sizeof tagged), share);
		assert_int_equal(share_of(LINKTYPE_RAW, one + 14, 46), share);
		frames[share]++;
	}
	for (unsigned i = 0; i < 4; i++) /* of 50 */
		assert_true(frames[i] > 25);
}

static void shares_together_hear_everything_once(void **state)
{
	struct source *s[3];
	uint64_t sum = 0;

	(void)state;
	need_root();
	for (unsigned i = 0; i < 3; i++) {
		struct live_options options = small;

		options.fanout = 3;
		options.share = i;
		s[i] = listening("hv0", &options, NULL);
	}
	const int fd = sender_of("hv1");

	for (unsigned i = 0; i < 300; i++) {
		uint8_t bytes[60];

		udp_frame(bytes, 1, (uint8_t)(i % 250), i % 3 == 0);
		assert_int_equal(send(fd, bytes, sizeof bytes, 0), sizeof bytes);
	}
	close(fd);
	for (unsigned i = 0; i < 3; i++) {
		const uint64_t heard = drain(s[i]);

		assert_true(heard > 30);
		sum += heard;
		check_identity(s[i]);
		source_free(s[i]);
	}
	assert_int_equal(sum, 300);
}

/* The reason for share.c: in the kernel's own fan-out group a socket can never be bound again. */
static void the_kernels_fan_out_would_refuse_to_bind_again(void **state)
{
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	const int group = 77 | PACKET_FANOUT_HASH << 16;
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

	(void)state;
	need_root();
	to.sll_ifindex = (int)if_nametoindex("hv0");
	assert_int_equal(bind(fd, (const void *)&to, sizeof to), 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, sizeof group), 0);
	assert_int_equal(bind(fd, (const void *)&to, sizeof to), -1);
	assert_int_equal(errno, EINVAL);
	close(fd);
}

/* ---- several interfaces ---- */

static void joined_interfaces_are_heard_by_one_task(void **state)
{
	const struct source_iface *ifaces;
	const uint8_t head[] = {0x08, 0x06};
	struct source *parts[2];
	struct source_counts c;
	uint8_t bytes[60];
	struct heard h;
	int fds[4];

	(void)state;
	need_root();
	run("ip link add hv2 type veth peer name hv3 && ip link set hv2 up && ip link set hv3 up");
	parts[0] = listening("hv0", &small, NULL);
	parts[1] = listening("hv2", &small, NULL);
	struct source *s = source_join_live(parts, 2);

	assert_non_null(s);
	assert_true(source_is_live(s));
	assert_int_equal(source_sockets(s, fds, 4), 2);
	assert_int_equal(source_ifaces(s, &ifaces), 2);
	assert_string_equal(ifaces[1].name, "hv2");
	frame_of(bytes, sizeof bytes, head, sizeof head);
	for (unsigned i = 0; i < 6; i++) {
		send_frame(i % 2 ? "hv3" : "hv1", bytes, sizeof bytes);
		hear(s, &h);
		assert_int_equal(h.frame.iface, i % 2);
		assert_int_equal(h.frame.number, i + 1);
	}
	run("ip link del hv2");
	send_frame("hv1", bytes, sizeof bytes);
	hear(s, &h);
	assert_int_equal(h.frame.iface, 0);
	run("ip link add hv2 type veth peer name hv3 && ip link set hv2 up && ip link set hv3 up");
	wait_for_restart(s, 1);
	send_frame("hv3", bytes, sizeof bytes);
	hear(s, &h);
	assert_int_equal(h.frame.iface, 1);
	assert_int_equal(drain(s), 0);
	source_count(s, &c);
	assert_int_equal(c.received, 8);
	check_identity(s);
	source_free(s);
}

/* ---- in the sandbox ---- */

/* What the confined process tells the test: in memory that both have. */
static struct progress {
	_Atomic(uint64_t) frames, restarts;
} * progress;

static void until(const _Atomic(uint64_t) *number, uint64_t wanted)
{
	for (unsigned i = 0; i < 60000 && *number < wanted; i++)
		usleep(1000);
	assert_int_equal(*number, wanted);
}

/* The worker's thread: counts frames until it is stopped. */
static void *confined_worker(void *source)
{
	struct source *s = source;
	struct frame frames[SOURCE_BATCH];
	unsigned count;

	if (sandbox_thread(SANDBOX_WORKER))
		_exit(11);
	for (;;) {
		const enum pull pull = source_next(s, frames, &count, 50);
		struct source_counts c;

		if (pull == FINISHED)
			return NULL;
		if (pull == FAILED)
			_exit(12);
		source_count(s, &c);
		progress->frames = c.received;
		progress->restarts = c.restarts;
	}
}

static volatile sig_atomic_t asked_to_end;

static void end_asked(int signal)
{
	(void)signal;
	asked_to_end = 1;
}

/* The listening process; its exit status is the number of frames, or above 100 a failure. */
static int confined_listener(const struct live_options *options, bool join, int ready)
{
	struct source *s = listening("hv0", options, NULL), *parts[] = {s, NULL};
	struct sandbox_plan plan = {.user = "nobody"};
	char why[SANDBOX_WHY];
	int fds[2];
	struct source_counts c;
	pthread_t thread;

	if (join) {
		parts[1] = listening("lo", options, NULL);
		s = source_join_live(parts, 2);
	}
	plan.sockets = fds;
	plan.socket_count = source_sockets(s, fds, 2);
	signal(SIGTERM, end_asked);
	if (sandbox_enter(&plan, why) || pthread_create(&thread, NULL, confined_worker, s))
		return 110;
	if (sandbox_thread(SANDBOX_MAIN) || write(ready, "r", 1) != 1)
		return 111;
	if (!sandbox_state().sanitized && (getuid() == 0 || sandbox_state().capabilities))
		return 112;
	while (!asked_to_end)
		usleep(1000);
	source_stop(s);
	pthread_join(thread, NULL);
	source_count(s, &c);
	source_free(s);
	return c.kernel_seen == c.received + c.kernel_dropped ? (int)c.received : 113;
}

/* Every thread of the process, as the kernel tells it, is confined. */
static void check_threads(pid_t pid)
{
	char command[256];

	snprintf(command, sizeof command,
	         "test $(cat /proc/%d/task/*/status | grep -cE "
	         "'^(Uid:.65534|CapEff:.0+$|CapPrm:.0+$|NoNewPrivs:.1|Seccomp:.2)') = 10",
	         (int)pid);
	run(command);
}

/*
 * Frames are heard by nobody (the user), before and after the interface was deleted and made anew.
 */
static void is_heard_in_the_sandbox(const struct live_options *options, bool join, bool made_anew)
{
	const uint8_t head[] = {0x81, 0x00, 0x00, 0x09, 0x08, 0x06};
	uint8_t bytes[64];
	int ready[2], status;
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                -1, 0);
	assert_ptr_not_equal(progress, MAP_FAILED);
	const pid_t child = fork();

	if (child == 0)
		_exit(confined_listener(options, join, ready[1]));
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	if (!sandbox_state().sanitized)
		check_threads(child);
	frame_of(bytes, sizeof bytes, head, sizeof head);
	for (int i = 0; i < 30; i++)
		send_frame("hv1", bytes, sizeof bytes);
	until(&progress->frames, 30);
	if (made_anew) {
		run("ip link del hv0 && ip link add hv0 type veth peer name hv1");
		run("ip link set hv0 up && ip link set hv1 up");
		until(&progress->restarts, 1);
		for (int i = 0; i < 30; i++)
			send_frame("hv1", bytes, sizeof bytes);
	}
	until(&progress->frames, made_anew ? 60 : 30);
	kill(child, SIGTERM);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), made_anew ? 60 : 30);
	assert_int_equal(munmap(progress, sizeof *progress), 0);
}

static void the_sandbox_lets_frames_in_and_an_interface_come_back(void **state)
{
	struct live_options options = small;

	(void)state;
	need_root();
	is_heard_in_the_sandbox(&options, false, true);
	is_heard_in_the_sandbox(&options, true, true);
	options.fallback_pcap = true;
	is_heard_in_the_sandbox(&options, false, false);
}

/* ---- errors ---- */

static void a_missing_interface_is_named(void **state)
{
	char why[256];

	(void)state;
	assert_null(source_open_live("eth7", &small, NULL, why, sizeof why));
	assert_string_equal(why, "cannot listen on eth7: no such interface (see \"ip link\")");
	assert_null(source_open_live("a-name-longer-than-any", &small, NULL, why, sizeof why));
	assert_string_equal(why, "cannot listen on a-name-longer-than-any: no such interface "
	                         "(see \"ip link\")");
}

static void a_ring_beyond_the_memory_is_refused(void **state)
{
	const struct live_options options = {.ring_bytes = (size_t)1 << 40};
	char why[256];

	(void)state;
	need_root();
	assert_null(source_open_live("hv0", &options, NULL, why, sizeof why));
	assert_string_equal(why,
	                    "cannot listen on hv0: no memory for a ring of 1048576 MiB (--ring, a "
	                    "quarter of the memory at most)");
}

static void who_may_not_listen_is_told_what_to_do(void **state)
{
	(void)state;
	need_root();
	const pid_t child = fork();

	if (child == 0) {
		char why[256] = "";
		const char *wanted = "cannot listen on lo: not permitted (run as root, or give the "
				     "program cap_net_raw)";
		struct live_options options = small;

		if (setresuid(65534, 65534, 65534))
			_exit(2);
		if (source_open_live("lo", &options, NULL, why, sizeof why) || strcmp(why, wanted))
			_exit(3);
		options.fallback_pcap = true;
		if (source_open_live("lo", &options, NULL, why, sizeof why) || strcmp(why, wanted))
			_exit(4);
		_exit(0);
	}
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_ring_gives_frames_with_their_tags, cable),
		cmocka_unit_test_setup(libpcap_gives_frames_with_their_tags, cable),
		cmocka_unit_test_setup(what_a_full_ring_drops_is_counted, cable),
		cmocka_unit_test_setup(a_stop_under_load_keeps_the_counts_exact, cable),
		cmocka_unit_test_setup(a_stopped_source_stays_finished, cable),
		cmocka_unit_test_setup(an_interface_that_was_down_is_heard_again, cable),
		cmocka_unit_test_setup(a_deleted_interface_is_heard_again_when_it_is_made_anew,
	                               cable),
		cmocka_unit_test_setup(a_new_interface_is_promiscuous_like_the_old, cable),
		cmocka_unit_test_setup(a_renamed_interface_is_still_heard, cable),
		cmocka_unit_test_setup(an_interface_that_is_down_at_first_is_heard_later, cable),
		cmocka_unit_test_setup(another_kind_of_interface_of_the_name_is_refused, cable),
		cmocka_unit_test_setup(libpcap_says_that_the_interface_is_gone, cable),
		cmocka_unit_test_setup(loopback_gives_a_frame_once, cable),
		cmocka_unit_test_setup(a_tun_interface_gives_raw_ip, cable),
		cmocka_unit_test_setup(other_links_get_a_linux_sll_header, cable),
		cmocka_unit_test_setup(a_filter_sees_what_tcpdump_sees, cable),
		cmocka_unit_test(each_frame_has_one_share),
		cmocka_unit_test(a_dialogue_has_one_share_in_every_form),
		cmocka_unit_test_setup(shares_together_hear_everything_once, cable),
		cmocka_unit_test_setup(the_kernels_fan_out_would_refuse_to_bind_again, cable),
		cmocka_unit_test_setup(joined_interfaces_are_heard_by_one_task, cable),
		cmocka_unit_test_setup(the_sandbox_lets_frames_in_and_an_interface_come_back,
	                               cable),
		cmocka_unit_test(a_missing_interface_is_named),
		cmocka_unit_test_setup(a_ring_beyond_the_memory_is_refused, cable),
		cmocka_unit_test(who_may_not_listen_is_told_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
