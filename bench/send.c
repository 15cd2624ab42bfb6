/* SPDX-License-Identifier: Apache-2.0 */
/*
 * send.c - plays a capture on an interface, as fast as one core can or at a rate: the traffic of the
 * live benchmark and of the live tests.
 *
 *   send IFACE FILE PACKETS [RATE [CORE]]     classic pcap of Ethernet; begins again at its end
 *
 * Frames lie in memory before the first is sent, and leave in batches, past the queue of the
 * interface. RATE is packets a second, 0 as fast as it goes. It prints how many frames were sent, in
 * how many nanoseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILE_HEADER = 24, FRAME_HEADER = 16, BATCH = 64, BATCH_SLOW = 8, SLOW = 100000 };

struct capture {
	const uint8_t *bytes;
	size_t len, at;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool capture_open(struct capture *c, const char *path)
{
	struct stat info;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &info) || info.st_size <= FILE_HEADER)
		return false;
	c->len = (size_t)info.st_size;
	c->at = FILE_HEADER;
	c->bytes = mmap(NULL, c->len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	return close(fd) == 0 && c->bytes != MAP_FAILED;
}

/* The next frame; false: the capture is cut off. */
static bool capture_next(struct capture *c, struct iovec *frame)
{
	uint32_t len = 0;

	if (c->at == c->len)
		c->at = FILE_HEADER;
	if (c->len - c->at < FRAME_HEADER)
		return false;
	memcpy(&len, c->bytes + c->at + 8, sizeof len);
	c->at += FRAME_HEADER;
	if (len > c->len - c->at)
		return false;
	frame->iov_base = (void *)(uintptr_t)(c->bytes + c->at);
	frame->iov_len = len;
	c->at += len;
	return true;
}

static int socket_open(const char *iface)
{
	const struct sockaddr_ll to = {.sll_family = AF_PACKET,
	                               .sll_ifindex = (int)if_nametoindex(iface)};
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), on = 1, room = 8 << 20;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) ||
	    bind(fd, (const void *)&to, sizeof to))
		return -1;
	return fd;
}

/* All of the batch; the kernel may take a part of it at a time, or be out of room for a moment. */
static bool batch_send(int fd, struct mmsghdr *batch, unsigned count)
{
	for (unsigned sent = 0; sent < count;) {
		const int took = sendmmsg(fd, batch + sent, count - sent, 0);

		if (took < 0 && errno != ENOBUFS && errno != EAGAIN)
			return false;
		sent += took > 0 ? (unsigned)took : 0;
	}
	return true;
}

static void wait_until(uint64_t ns)
{
	while (now_ns() < ns)
		continue;
}

/* Gives how many were sent. */
static uint64_t play(int fd, struct capture *c, uint64_t packets, uint64_t rate)
{
	static struct mmsghdr batch[BATCH];
	static struct iovec frames[BATCH];
	const unsigned most = rate != 0 && rate < SLOW ? BATCH_SLOW : BATCH;
	const uint64_t begin = now_ns();
	uint64_t sent = 0;

	for (unsigned i = 0; i < BATCH; i++)
		batch[i].msg_hdr = (struct msghdr){.msg_iov = &frames[i], .msg_iovlen = 1};
	while (sent < packets) {
		unsigned count = 0;

		while (count < most && sent + count < packets && capture_next(c, &frames[count]))
			count++;
		if (count == 0 || !batch_send(fd, batch, count))
			break;
		sent += count;
		if (rate != 0)
			wait_until(begin + (uint64_t)((double)sent / (double)rate * 1e9));
	}
	return sent;
}

int main(int argc, char **argv)
{
	struct capture c = {0};
	const int fd = argc >= 4 ? socket_open(argv[1]) : -1;

	if (fd < 0 || !capture_open(&c, argv[2])) {
		(void)fprintf(stderr, "usage: send IFACE FILE PACKETS [RATE [CORE]] (%s)\n",
		              strerror(errno));
		return 2;
	}
	if (argc > 5) {
		cpu_set_t core;

		CPU_ZERO(&core);
		CPU_SET((size_t)atoi(argv[5]), &core);
		sched_setaffinity(0, sizeof core, &core);
	}
	const uint64_t packets = strtoull(argv[3], NULL, 10);
	const uint64_t begin = now_ns();
	const uint64_t sent = play(fd, &c, packets, argc > 4 ? strtoull(argv[4], NULL, 10) : 0);

	(void)printf("%" PRIu64 " %" PRIu64 "\n", sent, now_ns() - begin);
	return sent == packets ? 0 : 1;
}
