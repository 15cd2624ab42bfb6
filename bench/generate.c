/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generate.c - captures made from a seed, the same on every machine: what the benchmark and the
 * wiring tests read.
 *
 *   generate mix|small|devices|flood FILE PACKETS [HOSTS] [SEED]
 *
 *   mix      a company's network: bulk TLS and QUIC-like datagrams for the most part, and between
 *            them DNS, DHCP, mDNS, LLDP, ARP, NDP, SSH, ping; some VLANs, some IPv6; ~700 bytes mean
 *   small    60-byte datagrams between few hosts: the cost of a packet and nothing else
 *   devices  each host says who it is (ARP, DHCP) and sends one datagram: many devices
 *   flood    every frame from another random MAC, and to one, as their addresses are
 *
 * Conversations are scripts of packets; many are open at a time and take turns, so that flows
 * interleave as they do on a wire. Checksums are those of IPv4 headers alone: a passive reader
 * sees offloaded, and so wrong, ones of everything else each day.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MAX 2048u
#define OPEN_MAX 512u /* conversations at a time */

struct frame {
	uint32_t len;
	uint8_t bytes[FRAME_MAX];
};

enum talk { TLS, DATAGRAMS, DNS, DHCP, MDNS, LLDP, ARP, NDP, SSH, PING, TALKS };

struct conversation {
	enum talk talk;
	uint32_t client, server; /* host numbers */
	uint16_t port;
	uint32_t step, steps;
	uint32_t seq[2];
};

struct run {
	uint64_t random, time_us;
	uint32_t hosts;
	struct conversation open[OPEN_MAX];
};

/* ---- bytes ---- */

static void put(struct frame *f, const void *bytes, uint32_t len)
{
	if (len > FRAME_MAX - f->len)
		abort();
	memcpy(f->bytes + f->len, bytes, len);
	f->len += len;
}

static void put8(struct frame *f, uint32_t v)
{
	const uint8_t b = (uint8_t)v;

	put(f, &b, 1);
}

static void put16(struct frame *f, uint32_t v)
{
	put8(f, v >> 8);
	put8(f, v);
}

static void put32(struct frame *f, uint32_t v)
{
	put16(f, v >> 16);
	put16(f, v);
}

static void put_text(struct frame *f, const char *text)
{
	put(f, text, (uint32_t)strlen(text));
}

static void put_zeros(struct frame *f, uint32_t count)
{
	while (count-- > 0)
		put8(f, 0);
}

static void set16(struct frame *f, uint32_t at, uint32_t v)
{
	f->bytes[at] = (uint8_t)(v >> 8);
	f->bytes[at + 1] = (uint8_t)v;
}

/* "host.example" as labels, without the root */
static void put_labels(struct frame *f, const char *name)
{
	while (*name != '\0') {
		const uint32_t len = (uint32_t)strcspn(name, ".");

		put8(f, len);
		put(f, name, len);
		name += len + (name[len] == '.');
	}
}

/* ---- chance: xorshift64*, so that a seed is a capture ---- */

static uint32_t chance(struct run *r, uint32_t below)
{
	r->random ^= r->random >> 12;
	r->random ^= r->random << 25;
	r->random ^= r->random >> 27;
	return (uint32_t)(r->random * 0x2545f4914f6cdd1du >> 32) % below;
}

/* ---- hosts: all that belongs to a host follows from its number; 0 is the router ---- */

static void put_mac(struct frame *f, uint32_t host)
{
	static const uint8_t vendors[8][3] = {
		{0x00, 0x1b, 0x21}, {0xb8, 0x27, 0xeb}, {0x3c, 0x07, 0x54}, {0x00, 0x50, 0x56},
		{0xf0, 0x9f, 0xc2}, {0x00, 0x11, 0x32}, {0x28, 0xcf, 0xe9}, {0x00, 0x04, 0xf2}};

	put(f, vendors[host % 8], 3);
	put8(f, host >> 16);
	put16(f, host);
}

static uint32_t host_ip4(uint32_t host)
{
	return 0x0a000001u + host;
}

static bool host_tagged(uint32_t host)
{
	return host % 5 == 1;
}

static void put_ip6(struct frame *f, uint32_t host)
{
	put32(f, 0x20010db8);
	put32(f, 0x00010000);
	put32(f, 0x020000ff);
	put32(f, 0xfe000000 | host);
}

static void put_name(struct frame *f, uint32_t host)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "host-%u", (unsigned)host);
	put8(f, (uint32_t)strlen(name));
	put_text(f, name);
}

/* ---- layers; a length is set when the layer ends ---- */

static void ethernet(struct frame *f, uint32_t from, const uint8_t *group, uint32_t to,
                     uint32_t type)
{
	f->len = 0;
	if (group != NULL)
		put(f, group, 6);
	else
		put_mac(f, to);
	put_mac(f, from);
	if (host_tagged(from)) {
		put16(f, 0x8100);
		put16(f, 100 + from % 7);
	}
	put16(f, type);
}

static uint32_t ip4_begin(struct frame *f, uint32_t protocol, uint32_t from, uint32_t to)
{
	const uint32_t at = f->len;

	put32(f, 0x45000000);
	put32(f, (at * 31 + from) << 16 | 0x4000);
	put32(f, 64u << 24 | protocol << 16);
	put32(f, from);
	put32(f, to);
	return at;
}

static void ip4_end(struct frame *f, uint32_t at)
{
	uint32_t sum = 0;

	set16(f, at + 2, f->len - at);
	for (uint32_t i = 0; i < 20; i += 2)
		sum += (uint32_t)f->bytes[at + i] << 8 | f->bytes[at + i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	set16(f, at + 10, ~(sum + (sum >> 16)) & 0xffff);
}

static uint32_t udp_begin(struct frame *f, uint32_t from, uint32_t to)
{
	const uint32_t at = f->len;

	put16(f, from);
	put16(f, to);
	put32(f, 0);
	return at;
}

static void udp_end(struct frame *f, uint32_t at)
{
	set16(f, at + 4, f->len - at);
}

/* ---- one packet of each conversation ---- */

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t mdns_group[6] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb};
static const uint8_t lldp_group[6] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e};

/* A ClientHello of one extension, server_name; the rest is what old clients send. */
static void put_client_hello(struct frame *f, uint32_t host)
{
	char name[48];
	const uint32_t len =
		(uint32_t)snprintf(name, sizeof(name), "www%u.example", (unsigned)host % 400);

	put8(f, 22);
	put16(f, 0x0301);
	put16(f, 4 + 2 + 32 + 1 + 2 + 8 + 2 + 2 + 9 + len);
	put8(f, 1);
	put8(f, 0);
	put16(f, 2 + 32 + 1 + 2 + 8 + 2 + 2 + 9 + len);
	put16(f, 0x0303);
	put_zeros(f, 33);
	put16(f, 8);
	put32(f, 0x13011302);
	put32(f, 0xc02bc02f);
	put16(f, 0x0100);
	put16(f, 9 + len);
	put16(f, 0);
	put16(f, 5 + len);
	put16(f, 3 + len);
	put8(f, 0);
	put16(f, len);
	put_text(f, name);
}

static void put_server_hello(struct frame *f)
{
	put8(f, 22);
	put16(f, 0x0303);
	put16(f, 42);
	put32(f, 0x02000026);
	put16(f, 0x0303);
	put_zeros(f, 33);
	put16(f, 0x1301);
	put8(f, 0);
}

static void put_bulk(struct frame *f, uint32_t len)
{
	put8(f, 23);
	put16(f, 0x0303);
	put16(f, len);
	for (uint32_t i = 0; i < len; i++)
		put8(f, (i * 2654435761u) >> 24);
}

static void tcp_payload(struct frame *f, const struct conversation *c)
{
	if (c->step == 3 && c->talk == TLS)
		put_client_hello(f, c->client);
	else if (c->step == 4 && c->talk == TLS)
		put_server_hello(f);
	else if (c->step == 3 || c->step == 4)
		put_text(f, c->step == 3 ? "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"
		                         : "SSH-2.0-dropbear_2022.83\r\n");
	else if (c->step > 4 && c->step % 3 != 0)
		put_bulk(f, c->talk == TLS ? 1400 : 48);
}

/*
 * SYN, SYN-ACK, ACK, a greeting of each side, data with acknowledgements between; the last is a
 * FIN.
 */
static void tcp_packet(struct frame *f, struct conversation *c)
{
	const bool back = c->step == 1 || (c->step >= 4 && c->step % 3 != 0);
	const uint32_t from = back ? c->server : c->client;
	const uint32_t to = back ? c->client : c->server;
	const uint32_t service = c->talk == TLS ? 443 : 22;
	const uint32_t flags = c->step == 0              ? 0x02
	                       : c->step == 1            ? 0x12
	                       : c->step + 1 == c->steps ? 0x11
	                                                 : 0x18;

	ethernet(f, from, NULL, to, 0x0800);
	const uint32_t ip = ip4_begin(f, 6, host_ip4(from), host_ip4(to));
	put16(f, back ? service : c->port);
	put16(f, back ? c->port : service);
	put32(f, c->seq[back]);
	put32(f, flags == 0x02 ? 0 : c->seq[!back]);
	put8(f, 0x50);
	put8(f, flags);
	put16(f, 64240);
	put32(f, 0);
	const uint32_t header = f->len;
	tcp_payload(f, c);
	c->seq[back] += f->len - header + (c->step < 2);
	ip4_end(f, ip);
}

static void datagram_packet(struct frame *f, const struct conversation *c)
{
	const bool back = c->step % 4 != 0;
	const uint32_t from = back ? c->server : c->client;
	const uint32_t to = back ? c->client : c->server;

	ethernet(f, from, NULL, to, 0x0800);
	const uint32_t ip = ip4_begin(f, 17, host_ip4(from), host_ip4(to));
	const uint32_t udp = udp_begin(f, back ? 8801 : c->port, back ? c->port : 8801);
	put_bulk(f, back ? 1150 : 40);
	udp_end(f, udp);
	ip4_end(f, ip);
}

static void dns_packet(struct frame *f, const struct conversation *c)
{
	const bool answer = c->step == 1;
	const uint32_t from = answer ? 0 : c->client;
	const uint32_t to = answer ? c->client : 0;

	ethernet(f, from, NULL, to, 0x0800);
	const uint32_t ip = ip4_begin(f, 17, host_ip4(from), host_ip4(to));
	const uint32_t udp = udp_begin(f, answer ? 53 : c->port, answer ? c->port : 53);
	put16(f, c->port);
	put16(f, answer ? 0x8180 : 0x0100);
	put16(f, 1);
	put16(f, answer);
	put32(f, 0);
	put_labels(f, "www.example");
	put8(f, 0);
	put32(f, 0x00010001);
	if (answer) {
		put32(f, 0xc00c0001);
		put32(f, 0x00010000);
		put32(f, 0x003c0004);
		put32(f, 0xc0000200 | c->server % 256);
	}
	udp_end(f, udp);
	ip4_end(f, ip);
}

static void dhcp_options(struct frame *f, const struct conversation *c)
{
	static const uint8_t wanted[] = {55, 7, 1, 3, 6, 15, 28, 51, 119};

	put32(f, 0x63825363);
	put16(f, 53 << 8 | 1);
	put8(f, c->step == 0 ? 1 : c->step == 1 ? 2 : c->step == 2 ? 3 : 5);
	if (c->step % 2 == 0) {
		put8(f, 12);
		put_name(f, c->client);
		put8(f, 60);
		put8(f, 8);
		put_text(f, "MSFT 5.0");
		put(f, wanted, sizeof(wanted));
	} else {
		put16(f, 54 << 8 | 4);
		put32(f, host_ip4(0));
		put16(f, 3 << 8 | 4);
		put32(f, host_ip4(0));
	}
	put8(f, 255);
}

static void dhcp_packet(struct frame *f, const struct conversation *c)
{
	const bool reply = c->step % 2 == 1;

	ethernet(f, reply ? 0 : c->client, broadcast, 0, 0x0800);
	const uint32_t ip = ip4_begin(f, 17, reply ? host_ip4(0) : 0, 0xffffffff);
	const uint32_t udp = udp_begin(f, reply ? 67 : 68, reply ? 68 : 67);
	put32(f, reply ? 0x02010600 : 0x01010600);
	put32(f, 0x1234 + c->client);
	put32(f, 0);
	put32(f, 0);
	put32(f, reply ? host_ip4(c->client) : 0);
	put_zeros(f, 8);
	put_mac(f, c->client);
	put_zeros(f, 10 + 64 + 128);
	dhcp_options(f, c);
	udp_end(f, udp);
	ip4_end(f, ip);
}

static void mdns_packet(struct frame *f, const struct conversation *c)
{
	ethernet(f, c->client, mdns_group, 0, 0x0800);
	const uint32_t ip = ip4_begin(f, 17, host_ip4(c->client), 0xe00000fb);
	const uint32_t udp = udp_begin(f, 5353, 5353);
	put32(f, 0x00008400);
	put32(f, 1);
	put32(f, 0);
	put_name(f, c->client);
	put_labels(f, "local");
	put8(f, 0);
	put32(f, 0x00018001);
	put32(f, 120);
	put16(f, 4);
	put32(f, host_ip4(c->client));
	udp_end(f, udp);
	ip4_end(f, ip);
}

static void lldp_packet(struct frame *f, const struct conversation *c)
{
	ethernet(f, c->client, lldp_group, 0, 0x88cc);
	put16(f, 1 << 9 | 7);
	put8(f, 4);
	put_mac(f, c->client);
	put16(f, 2 << 9 | 5);
	put_text(f, "\005gi/1");
	put16(f, 3 << 9 | 2);
	put16(f, 120);
	put16(f, 5 << 9 | 6);
	put_text(f, "switch");
	put16(f, 7 << 9 | 4);
	put32(f, 0x00140004);
	put16(f, 0);
}

static void arp_packet(struct frame *f, const struct conversation *c)
{
	const bool reply = c->step == 1;
	const uint32_t from = reply ? c->server : c->client;
	const uint32_t to = reply ? c->client : c->server;

	ethernet(f, from, reply ? NULL : broadcast, to, 0x0806);
	put32(f, 0x00010800);
	put32(f, reply ? 0x06040002 : 0x06040001);
	put_mac(f, from);
	put32(f, host_ip4(from));
	if (reply)
		put_mac(f, to);
	else
		put_zeros(f, 6);
	put32(f, host_ip4(to));
	put_zeros(f, 18);
}

static void ip6_begin(struct frame *f, uint32_t len, uint32_t next, uint32_t from, uint32_t to)
{
	put32(f, 0x60000000);
	put16(f, len);
	put8(f, next);
	put8(f, 255);
	put_ip6(f, from);
	put_ip6(f, to);
}

/* A neighbour advertisement with its link-layer option. */
static void ndp_packet(struct frame *f, const struct conversation *c)
{
	ethernet(f, c->client, NULL, c->server, 0x86dd);
	ip6_begin(f, 32, 58, c->client, c->server);
	put32(f, 136u << 24);
	put32(f, 0x60000000);
	put_ip6(f, c->client);
	put16(f, 0x0201);
	put_mac(f, c->client);
}

static void ping_packet(struct frame *f, const struct conversation *c)
{
	const bool reply = c->step % 2 == 1;
	const uint32_t from = reply ? c->server : c->client;
	const uint32_t to = reply ? c->client : c->server;

	ethernet(f, from, NULL, to, 0x0800);
	const uint32_t ip = ip4_begin(f, 1, host_ip4(from), host_ip4(to));
	put32(f, reply ? 0 : 0x08000000);
	put32(f, c->step);
	put_zeros(f, 48);
	ip4_end(f, ip);
}

static void packet_of(struct frame *f, struct conversation *c)
{
	switch (c->talk) {
	case TLS:
	case SSH:
		tcp_packet(f, c);
		break;
	case DATAGRAMS:
		datagram_packet(f, c);
		break;
	case DNS:
		dns_packet(f, c);
		break;
	case DHCP:
		dhcp_packet(f, c);
		break;
	case MDNS:
		mdns_packet(f, c);
		break;
	case LLDP:
		lldp_packet(f, c);
		break;
	case ARP:
		arp_packet(f, c);
		break;
	case NDP:
		ndp_packet(f, c);
		break;
	case PING:
		ping_packet(f, c);
		break;
	case TALKS:
		abort();
	}
}

/* How often each is opened (of 1000), and how long it goes on. */
static const struct {
	uint32_t weight, steps, more;
} shape[TALKS] = {
	[TLS] = {300, 12, 60}, [DATAGRAMS] = {60, 20, 100}, [DNS] = {300, 2, 1},
	[DHCP] = {40, 4, 1},   [MDNS] = {60, 1, 1},         [LLDP] = {20, 1, 1},
	[ARP] = {120, 2, 1},   [NDP] = {40, 1, 1},          [SSH] = {20, 10, 20},
	[PING] = {40, 4, 8},
};

static void conversation_open(struct run *r, struct conversation *c)
{
	uint32_t at = chance(r, 1000);
	uint32_t talk = 0;

	while (at >= shape[talk].weight)
		at -= shape[talk++].weight;
	*c = (struct conversation){
		.talk = (enum talk)talk,
		.client = 1 + chance(r, r->hosts),
		.server = 1 + chance(r, 1 + r->hosts / 16),
		.port = (uint16_t)(32768 + chance(r, 28000)),
		.steps = shape[talk].steps + chance(r, shape[talk].more),
		.seq = {chance(r, UINT32_MAX), chance(r, UINT32_MAX)},
	};
}

static void mix_next(struct run *r, struct frame *f)
{
	struct conversation *c = &r->open[chance(r, OPEN_MAX)];

	if (c->step == c->steps)
		conversation_open(r, c);
	packet_of(f, c);
	c->step++;
}

static void small_next(struct run *r, struct frame *f)
{
	const uint32_t from = 1 + chance(r, 64);
	const uint32_t to = 1 + chance(r, 64);

	ethernet(f, from, NULL, to, 0x0800);
	const uint32_t ip = ip4_begin(f, 17, host_ip4(from), host_ip4(to));
	const uint32_t udp = udp_begin(f, 40000, 50001);
	put_zeros(f, 18);
	udp_end(f, udp);
	ip4_end(f, ip);
}

/*
 * Three frames of each host, a host after another: an ARP announcement, a DHCP request, a datagram.
 */
static void devices_next(struct run *r, struct frame *f, uint32_t number)
{
	const uint32_t host = 1 + number / 3 % r->hosts;
	const struct conversation c = {
		.client = host, .server = host, .port = 40000, .step = number % 3 == 1 ? 2 : 0};

	if (number % 3 == 0)
		arp_packet(f, &c);
	else if (number % 3 == 1)
		dhcp_packet(f, &c);
	else
		datagram_packet(f, &(const struct conversation){
					   .client = host, .server = 0, .port = 40000});
}

/* As macof does it: both MACs and both addresses are random, the packet opens a connection. */
static void flood_next(struct run *r, struct frame *f)
{
	f->len = 0;
	for (uint32_t i = 0; i < 12; i++)
		put8(f, chance(r, 256) & (i % 6 == 0 ? 0xfc : 0xff));
	put16(f, 0x0800);
	const uint32_t ip = ip4_begin(f, 6, chance(r, UINT32_MAX), chance(r, UINT32_MAX));
	put16(f, chance(r, 65536));
	put16(f, chance(r, 65536));
	put32(f, chance(r, UINT32_MAX));
	put32(f, 0);
	put32(f, 0x60020200); /* 24 bytes, SYN, a window of 512 */
	put32(f, 0);
	put32(f, 0x020405b4); /* a segment of 1,460 bytes at most */
	ip4_end(f, ip);
}

/* ---- the file: classic pcap, microseconds, little-endian ---- */

static void write32(FILE *out, uint32_t v)
{
	const uint8_t b[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
	                      (uint8_t)(v >> 24)};

	(void)fwrite(b, 1, sizeof(b), out);
}

static void write_header(FILE *out)
{
	static const uint32_t header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};

	for (uint32_t i = 0; i < 6; i++)
		write32(out, header[i]);
}

static void write_frame(FILE *out, struct run *r, struct frame *f)
{
	while (f->len < 60)
		put8(f, 0);
	r->time_us += 1 + chance(r, 20);
	write32(out, (uint32_t)(1700000000 + r->time_us / 1000000));
	write32(out, (uint32_t)(r->time_us % 1000000));
	write32(out, f->len);
	write32(out, f->len);
	(void)fwrite(f->bytes, 1, f->len, out);
}

static int usage(void)
{
	(void)fputs("usage: generate mix|small|devices|flood FILE PACKETS [HOSTS] [SEED]\n",
	            stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static struct run r;
	static struct frame f;

	if (argc < 4 || strchr("msdf", argv[1][0]) == NULL)
		return usage();
	const uint32_t packets = (uint32_t)strtoul(argv[3], NULL, 10);
	r.hosts = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 1000;
	r.random = 0x9e3779b97f4a7c15u * (1 + (argc > 5 ? strtoul(argv[5], NULL, 10) : 1));
	FILE *const out = fopen(argv[2], "wb");
	if (out == NULL || r.hosts == 0) {
		perror(argv[2]);
		return 1;
	}
	write_header(out);
	for (uint32_t i = 0; i < packets; i++) {
		switch (argv[1][0]) {
		case 'm':
			mix_next(&r, &f);
			break;
		case 's':
			small_next(&r, &f);
			break;
		case 'd':
			devices_next(&r, &f, i);
			break;
		default:
			flood_next(&r, &f);
			break;
		}
		write_frame(out, &r, &f);
	}
	if (fclose(out) != 0) {
		perror(argv[2]);
		return 1;
	}
	return 0;
}
