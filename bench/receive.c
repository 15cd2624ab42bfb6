/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receive.c - the least that listening can cost: a ring of TPACKET_V3, of each frame the header
 * looked at and its source looked up in a table. What the live benchmark measures against.
 *
 *   receive IFACE RING_MIB     until SIGTERM; prints frames, frames dropped
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, FRAME = 2048, BLOCK_MS = 20, MACS_BITS = 20 };

struct ring {
	uint8_t *bytes;
	unsigned blocks;
};

static volatile sig_atomic_t stopped;
static uint64_t macs[1 << MACS_BITS];

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static bool ring_open(struct ring *ring, int fd)
{
	const int version = TPACKET_V3;
	const struct tpacket_req3 wanted = {
		.tp_block_size = BLOCK,
		.tp_block_nr = ring->blocks,
		.tp_frame_size = FRAME,
		.tp_frame_nr = ring->blocks * (BLOCK / FRAME),
		.tp_retire_blk_tov = BLOCK_MS,
	};

	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &wanted, sizeof wanted))
		return false;
	ring->bytes =
		mmap(NULL, (size_t)ring->blocks * BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return ring->bytes != MAP_FAILED;
}

static bool socket_bind(int fd, const char *iface)
{
	const struct sockaddr_ll at = {.sll_family = AF_PACKET,
	                               .sll_protocol = htons(ETH_P_ALL),
	                               .sll_ifindex = (int)if_nametoindex(iface)};

	return at.sll_ifindex > 0 && bind(fd, (const void *)&at, sizeof at) == 0;
}

static uint64_t block_read(const struct tpacket_block_desc *block)
{
	const uint8_t *at = (const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;

	for (uint32_t i = 0; i < block->hdr.bh1.num_pkts; i++) {
		const struct tpacket3_hdr *head = (const void *)at;
		const uint8_t *frame = at + head->tp_mac;
		uint64_t source = 0;

		memcpy(&source, frame + ETHER_ADDR_LEN, ETHER_ADDR_LEN);
		macs[source * 0x9e3779b97f4a7c15u >> (64 - MACS_BITS)] += frame[12] + 1u;
		at += head->tp_next_offset;
	}
	return block->hdr.bh1.num_pkts;
}

static uint64_t ring_read(const struct ring *ring, int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN | POLLERR};
	uint64_t frames = 0;

	for (unsigned i = 0; !stopped;) {
		struct tpacket_block_desc *block = (void *)(ring->bytes + (size_t)i * BLOCK);
		uint32_t *status = &block->hdr.bh1.block_status;

		if (!(__atomic_load_n(status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) {
			(void)poll(&wait, 1, 100);
			continue;
		}
		frames += block_read(block);
		__atomic_store_n(status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		i = (i + 1) % ring->blocks;
	}
	return frames;
}

int main(int argc, char **argv)
{
	struct ring ring = {.blocks = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0};
	struct tpacket_stats_v3 stats = {0};
	socklen_t len = sizeof stats;
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (ring.blocks == 0 || fd < 0 || !ring_open(&ring, fd) || !socket_bind(fd, argv[1])) {
		(void)fputs("usage: receive IFACE RING_MIB, as root\n", stderr);
		return 2;
	}
	(void)signal(SIGTERM, stop);
	(void)puts("ready");
	(void)fflush(stdout);
	memset(macs, 0, sizeof macs); /* touched before it is measured */
	const uint64_t frames = ring_read(&ring, fd);

	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		return 1;
	(void)printf("%" PRIu64 " %u\n", frames, stats.tp_drops);
	return 0;
}
