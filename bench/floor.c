/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor.c - what reading a capture costs at least: the benchmark's floors.
 *
 *   floor walk FILE     every byte through read(), each frame's header and addresses looked at
 *   floor hash FILE     the file is mapped; addresses, protocol and ports of each frame are read, and
 *                       one look-up is made in a table by the source MAC, which counts: what no
 *                       sensor of devices can do without
 *   floor read FILE     the same through read(), in blocks that stay in the processor's cache
 *   floor pcap FILE     libpcap's own loop, which does nothing with the frames
 *
 * FILE is a classic pcap as bench/generate writes it.
 */
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_HEADER 24
#define FRAME_HEADER 16

static uint8_t buffer[256 << 10];

/* What a MAC sent. */
struct sender {
	uint64_t mac; /* 0: free */
	uint64_t frames, bytes;
	uint32_t address, flags;
};

struct senders {
	struct sender *at;
	uint64_t room, used; /* room is a power of two */
};

struct sums {
	uint64_t frames, bytes, addresses;
	struct senders senders;
};

/* ---- the table ---- */

static uint64_t spread(uint64_t mac)
{
	mac *= 0x9e3779b97f4a7c15;
	return mac ^ mac >> 32;
}

static struct sender *sender_at(const struct senders *s, uint64_t mac)
{
	uint64_t i = spread(mac) & (s->room - 1);

	while (s->at[i].mac != 0 && s->at[i].mac != mac)
		i = (i + 1) & (s->room - 1);
	return &s->at[i];
}

static void senders_grow(struct senders *s)
{
	const struct senders old = *s;

	s->room = old.room == 0 ? 4096 : 2 * old.room;
	s->at = calloc(s->room, sizeof *s->at);
	if (s->at == NULL)
		abort();
	for (uint64_t i = 0; i < old.room; i++)
		if (old.at[i].mac != 0)
			*sender_at(s, old.at[i].mac) = old.at[i];
	free(old.at);
}

/* ---- a frame ---- */

static uint32_t be16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

/* The sum of what a port says: a bit, so that it has to be read. */
static uint32_t port_flags(const uint8_t *frame, uint32_t len, uint32_t at)
{
	if (at + 4 > len)
		return 0;
	const uint32_t from = be16(frame + at), to = be16(frame + at + 2);
	return 1U << (8 + ((from < to ? from : to) & 15));
}

static void sender_note(struct sender *s, const uint8_t *frame, uint32_t len)
{
	uint32_t at = 12, protocol = 0, address = 0, ports = 0;

	while ((be16(frame + at) == 0x8100 || be16(frame + at) == 0x88a8) && at + 6 <= len)
		at += 4;
	const uint32_t type = be16(frame + at);
	at += 2;
	if (type == 0x0800 && at + 20 <= len) {
		memcpy(&address, frame + at + 12, sizeof address);
		protocol = frame[at + 9];
		ports = at + (frame[at] & 15U) * 4;
	} else if (type == 0x86dd && at + 40 <= len) {
		memcpy(&address, frame + at + 20, sizeof address);
		protocol = frame[at + 6];
		ports = at + 40;
	}
	if (protocol == 6 || protocol == 17)
		s->flags |= port_flags(frame, len, ports);
	if (address != 0)
		s->address = address;
	s->flags |= type & 255;
	s->frames++;
	s->bytes += len;
}

static void frame_hash(struct senders *s, const uint8_t *frame, uint32_t len)
{
	uint64_t mac;

	if (len < 14)
		return;
	memcpy(&mac, frame + 4, sizeof mac);
	mac = mac >> 16 | UINT64_C(1) << 48;
	if (2 * s->used >= s->room)
		senders_grow(s);
	struct sender *const sender = sender_at(s, mac);
	s->used += sender->mac == 0;
	sender->mac = mac;
	sender_note(sender, frame, len);
}

/* ---- a file ---- */

/* Takes the whole frames of bytes[0..len); returns how many bytes they were. */
static inline size_t walk_block(const uint8_t *bytes, size_t len, struct sums *sums, bool hash)
{
	size_t at = 0;

	while (len - at >= FRAME_HEADER + 12) {
		uint32_t captured;
		uint64_t addresses;

		memcpy(&captured, bytes + at + 8, sizeof captured);
		if (captured > len - at - FRAME_HEADER)
			break;
		memcpy(&addresses, bytes + at + FRAME_HEADER + 4, sizeof addresses);
		sums->frames++;
		sums->bytes += captured;
		sums->addresses += addresses;
		if (hash)
			frame_hash(&sums->senders, bytes + at + FRAME_HEADER, captured);
		at += FRAME_HEADER + captured;
	}
	return at;
}

static int walk(const char *path, struct sums *sums, bool hash)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t kept = 0;
	ssize_t got;

	if (fd < 0 || read(fd, buffer, FILE_HEADER) != FILE_HEADER)
		return -1;
	while ((got = read(fd, buffer + kept, sizeof buffer - kept)) > 0) {
		const size_t len = kept + (size_t)got;
		const size_t done = walk_block(buffer, len, sums, hash);

		kept = len - done;
		memmove(buffer, buffer + done, kept);
	}
	return close(fd);
}

static int walk_mapped(const char *path, struct sums *sums)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat about;

	if (fd < 0 || fstat(fd, &about) < 0 || about.st_size < FILE_HEADER)
		return -1;
	const size_t len = (size_t)about.st_size;
	uint8_t *const bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -1;
	walk_block(bytes + FILE_HEADER, len - FILE_HEADER, sums, true);
	(void)munmap(bytes, len);
	return close(fd);
}

static void take(uint8_t *sums, const struct pcap_pkthdr *head, const uint8_t *frame)
{
	struct sums *const s = (struct sums *)(void *)sums;

	s->frames++;
	s->bytes += head->caplen;
	s->addresses += frame[0];
}

static int loop(const char *path, struct sums *sums)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *const p = pcap_open_offline(path, why);

	if (p == NULL)
		return -1;
	const int status = pcap_loop(p, -1, take, (uint8_t *)sums);
	pcap_close(p);
	return status;
}

int main(int argc, char **argv)
{
	const char *const mode = argc == 3 ? argv[1] : "";
	struct sums sums = {0};
	int status = -1;

	if (strcmp(mode, "walk") == 0)
		status = walk(argv[2], &sums, false);
	else if (strcmp(mode, "hash") == 0)
		status = walk_mapped(argv[2], &sums);
	else if (strcmp(mode, "read") == 0)
		status = walk(argv[2], &sums, true);
	else if (strcmp(mode, "pcap") == 0)
		status = loop(argv[2], &sums);
	free(sums.senders.at);
	if (status < 0) {
		(void)fputs("usage: floor walk|hash|read|pcap FILE, a capture of bench/generate\n",
		            stderr);
		return 2;
	}
	(void)printf("%llu frames, %llu bytes, %llx, %llu senders\n",
	             (unsigned long long)sums.frames, (unsigned long long)sums.bytes,
	             (unsigned long long)sums.addresses, (unsigned long long)sums.senders.used);
	return 0;
}
