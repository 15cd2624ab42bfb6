/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reports.c - a sensor of any number of devices, to measure managers by: deterministic lines of some
 * 1 KiB each, sent to a manager's socket as fast as it takes them.
 *
 *	reports send SOCKET DEVICES ROUND    prints the seconds until all were acknowledged
 *	reports write DEVICES ROUND          the lines, to standard output
 *
 * Round 0 is a first report: every device is new. In a round that is odd each has sent more than
 * before and nothing else is new, as nearly all lines are; in an even one each has another name too.
 * A device's vendor, system, type, VLAN and subnet follow from its number by shares as an office has
 * them: a few that are everywhere, many that are rare.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINE 4096
#define SENSOR "bench"

/* Spreads a device's number: what of it is chosen does not follow its neighbours'. */
static uint32_t mix(uint32_t n, uint32_t salt)
{
	uint32_t x = n * 2654435761u ^ salt * 40503u;

	x ^= x >> 15;
	x *= 2246822519u;
	return x ^ x >> 13;
}

/* The first half of all devices has the first value, half of the rest the second, and so on. */
static const char *choose(uint32_t n, uint32_t salt, const char *const *list, unsigned count)
{
	const uint32_t r = mix(n, salt);
	unsigned i = 0;

	while (i + 1 < count && (r >> i & 1) != 0)
		i++;
	return list[i];
}

static const char *const vendors[] = {"Dell", "HP",    "Apple",     "Intel", "Cisco",   "Lenovo",
                                      "Axis", "Sonos", "Espressif", "Zebra", "Siemens", "Aruba"};
static const char *const systems[] = {"Windows 10 or later", "Linux",  "macOS 14",  "Android 14",
                                      "Debian 12",           "iOS 17", "IOS XE 17", "FortiOS 7.2"};
static const char *const types[] = {"computer", "laptop", "phone",        "printer",
                                    "camera",   "iot",    "access-point", "switch"};
static const char *const roles[] = {"web-server", "print-server", "dns-server", "router"};
#define CHOOSE(n, salt, list) choose(n, salt, list, sizeof(list) / sizeof *(list))

static size_t fact(char *out, size_t cap, const char *kind, const char *value, const char *by,
                   uint32_t round)
{
	return (size_t)snprintf(
		out, cap,
		"%s{\"kind\":\"%s\",\"value\":\"%s\",\"by\":\"%s\",\"confidence\":90,"
		"\"first_seen\":\"2026-11-23T05:00:00.000000Z\",\"frame\":%u,"
		"\"last_seen\":\"2026-11-23T%02u:30:00.000000Z\",\"count\":%u}",
		*by == 'a' ? "" : ",", kind, value, by, 17u, 5 + round % 19, 3 + round);
}

static size_t write_facts(char *out, size_t cap, uint32_t n, uint32_t round)
{
	char ip[32], name[48], vlan[16], banner[64];
	size_t len;

	snprintf(ip, sizeof ip, "10.%u.%u.%u", n / 50800 % 256, n / 200 % 254, 1 + n % 200);
	snprintf(name, sizeof name, "host-%u%s", n, round / 2 % 2 ? "-b" : "");
	snprintf(vlan, sizeof vlan, "%u", 10 * (1 + mix(n, 5) % 40));
	snprintf(banner, sizeof banner, "SSH-2.0-OpenSSH_%u.%up1", 7 + mix(n, 6) % 3,
	         mix(n, 7) % 10);
	len = fact(out, cap, "address.ipv4", ip, "arp", round);
	len += fact(out + len, cap - len, "name.host", name, "dhcp", round);
	len += fact(out + len, cap - len, "service", n % 3 ? "tcp/22" : "tcp/443", "tcp", round);
	len += fact(out + len, cap - len, "ssh.banner", banner, "ssh", round);
	return len + fact(out + len, cap - len, "vlan", vlan, "vlan", round);
}

static size_t write_line(char *out, uint32_t n, uint32_t round, uint64_t seq)
{
	const uint32_t packets = 100 + mix(n, 8) % 1000 + 50 * round;
	size_t len = (size_t)snprintf(
		out, LINE,
		"{\"schema\":\"havainto/1\",\"type\":\"device\",\"sensor\":\"" SENSOR
		"\",\"boot\":1,\"seq\":%" PRIu64
		",\"time\":\"2026-11-23T%02u:30:01.000000Z\",\"full\":false,\"device\":{"
		"\"mac\":\"00:1b:%02x:%02x:%02x:%02x\",\"realm\":\"\",\"vendor\":\"%s\","
		"\"mac_kind\":\"universal\",\"name\":\"host-%u%s\",\"os\":\"%s\",\"model\":\"\","
		"\"type\":\"%s\",\"roles\":[\"%s\"],\"concluded\":[],"
		"\"first_seen\":\"2026-11-23T05:00:00.000000Z\","
		"\"last_seen\":\"2026-11-23T%02u:30:00.%06uZ\",\"packets\":%u,\"bytes\":%u,"
		"\"facts\":[",
		seq, 5 + round % 19, n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255,
		CHOOSE(n, 1, vendors), n, round / 2 % 2 ? "-b" : "", CHOOSE(n, 2, systems),
		CHOOSE(n, 3, types), CHOOSE(n, 4, roles), 5 + round % 19, n % 1000000, packets,
		700 * packets);

	len += write_facts(out + len, LINE - len, n, round);
	return len + (size_t)snprintf(out + len, LINE - len, "]}}\n");
}

/* ---- sending ---- */

static int connect_to(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	fprintf(stderr, "reports: cannot connect to %s: %s\n", path, strerror(errno));
	exit(1);
}

static void send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(stderr, "reports: cannot send: %s\n", strerror(errno));
			exit(1);
		}
		bytes += n;
		len -= (size_t)n;
	}
}

/* The seq that the last whole acknowledgement among these bytes names; 0: there is none. */
static uint64_t last_ack(const char *text)
{
	uint64_t seq = 0;

	for (const char *at = text; (at = strstr(at, "\"seq\":")) != NULL; at++)
		seq = strtoull(at + 6, NULL, 10);
	return seq;
}

static void wait_for(int fd, uint64_t seq)
{
	char text[65536];
	size_t len = 0;

	for (;;) {
		const ssize_t n = recv(fd, text + len, sizeof text - 1 - len, 0);

		if (n <= 0) {
			fprintf(stderr, "reports: the manager hung up\n");
			exit(1);
		}
		len += (size_t)n;
		text[len] = '\0';
		if (strstr(text, "refused") != NULL) {
			fprintf(stderr, "reports: refused: %s\n", text);
			exit(1);
		}
		char *const end = strrchr(text, '\n');
		if (end == NULL)
			continue;
		if (last_ack(text) >= seq)
			return;
		len -= (size_t)(end + 1 - text);
		memmove(text, end + 1, len);
	}
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* In seq, which goes on from round to round. */
static void each_line(uint32_t devices, uint32_t round, int fd)
{
	static char block[1 << 18];
	size_t len = 0;

	for (uint32_t n = 0; n < devices; n++) {
		len += write_line(block + len, n, round, (uint64_t)round * devices + n + 1);
		if (len < sizeof block - LINE && n + 1 < devices)
			continue;
		if (fd >= 0)
			send_all(fd, block, len);
		else
			fwrite(block, 1, len, stdout);
		len = 0;
	}
}

int main(int argc, char **argv)
{
	const bool sends = argc == 5 && strcmp(argv[1], "send") == 0;

	if (!sends && !(argc == 4 && strcmp(argv[1], "write") == 0)) {
		fprintf(stderr, "usage: reports send SOCKET DEVICES ROUND | write DEVICES ROUND\n");
		return 2;
	}
	const uint32_t devices = (uint32_t)strtoul(argv[argc - 2], NULL, 10);
	const uint32_t round = (uint32_t)strtoul(argv[argc - 1], NULL, 10);
	const int fd = sends ? connect_to(argv[2]) : -1;
	const double began = now_s();
	each_line(devices, round, fd);
	if (sends && devices > 0) {
		wait_for(fd, (uint64_t)(round + 1) * devices);
		printf("%.6f\n", now_s() - began);
	}
	return 0;
}
