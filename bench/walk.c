/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk.c - the least that reading a capture can cost: every byte through read(), each frame's
 * header looked at, and the addresses of its Ethernet header added up. The benchmark's floor.
 *
 *   walk FILE     classic pcap as bench/generate writes it
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_HEADER 24
#define FRAME_HEADER 16

static uint8_t buffer[256 << 10];

struct sums {
	uint64_t frames, bytes, addresses;
};

/* Takes the whole frames of buffer[0..len); returns how many bytes they were. */
static size_t walk_block(size_t len, struct sums *sums)
{
	size_t at = 0;

	while (len - at >= FRAME_HEADER + 12) {
		uint32_t captured;
		uint64_t addresses;

		memcpy(&captured, buffer + at + 8, sizeof(captured));
		if (captured > len - at - FRAME_HEADER)
			break;
		memcpy(&addresses, buffer + at + FRAME_HEADER + 4, sizeof(addresses));
		sums->frames++;
		sums->bytes += captured;
		sums->addresses += addresses;
		at += FRAME_HEADER + captured;
	}
	return at;
}

int main(int argc, char **argv)
{
	struct sums sums = {0};
	size_t kept = 0;
	ssize_t got;
	const int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0 || read(fd, buffer, FILE_HEADER) != FILE_HEADER) {
		(void)fputs("usage: walk FILE, a capture of bench/generate\n", stderr);
		return 2;
	}
	while ((got = read(fd, buffer + kept, sizeof(buffer) - kept)) > 0) {
		const size_t len = kept + (size_t)got;
		const size_t done = walk_block(len, &sums);

		kept = len - done;
		memmove(buffer, buffer + done, kept);
	}
	(void)printf("%llu frames, %llu bytes, %llx\n", (unsigned long long)sums.frames,
	             (unsigned long long)sums.bytes, (unsigned long long)sums.addresses);
	return close(fd);
}
