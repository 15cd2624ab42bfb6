/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_observer.c - any bytes to any observer, in a frame in which it would get them.
 *
 * The registry is the table: the first two bytes of the input name the observer (the nearest hash
 * of its name, so that inputs keep their meaning when observers are added), the third one of its
 * claims, the fourth how it comes (side, IPv6, cut short, split), the rest is its payload. So a new
 * observer is fuzzed without a new file. Its parsers are also called directly, on a block of exact
 * size.
 */
#include "sensor.h"

#include <stdlib.h>
#include <string.h>

enum { FROM_SERVER = 1, IP6 = 2, CUT = 4, SPLIT = 8, SECOND_FROM_SERVER = 16, TWICE = 32 };
#define HEADERS_MAX 128u
#define PAYLOAD_MAX 4096u

struct builder {
	uint8_t bytes[HEADERS_MAX + PAYLOAD_MAX];
	uint32_t len;
};

static void put(struct builder *b, const void *bytes, size_t len)
{
	HOLDS(len <= sizeof(b->bytes) - b->len);
	memcpy(b->bytes + b->len, bytes, len);
	b->len += (uint32_t)len;
}

static void put16(struct builder *b, uint64_t v)
{
	const uint8_t bytes[2] = {(uint8_t)(v >> 8), (uint8_t)v};

	put(b, bytes, sizeof(bytes));
}

static void put32(struct builder *b, uint64_t v)
{
	put16(b, v >> 16);
	put16(b, v);
}

static void put_ethernet(struct builder *b, unsigned how, uint64_t type)
{
	static const uint8_t client[6] = {2, 0, 0, 0, 0, 0xaa};
	static const uint8_t server[6] = {2, 0, 0, 0, 0, 0xbb};

	put(b, how & FROM_SERVER ? client : server, 6);
	put(b, how & FROM_SERVER ? server : client, 6);
	put16(b, type);
}

static void put_address(struct builder *b, unsigned how, bool server)
{
	if (how & IP6) {
		put32(b, 0xfe800000);
		put32(b, 0);
		put32(b, 0x000000ff);
		put32(b, 0xfe000000 | (server ? 0xbb : 0xaa));
		return;
	}
	put32(b, server ? 0xc00002bb : 0xc00002aa);
}

/* An IP header for len bytes of the protocol. */
static void put_ip(struct builder *b, unsigned how, uint64_t protocol, uint32_t len)
{
	put_ethernet(b, how, how & IP6 ? 0x86dd : 0x0800);
	if (how & IP6) {
		put32(b, 0x60000000);
		put16(b, len);
		put16(b, protocol << 8 | 255);
	} else {
		put32(b, 0x45000000 | (20 + len));
		put32(b, 0x00014000);
		put32(b, 64u << 24 | protocol << 16);
	}
	put_address(b, how, (how & FROM_SERVER) != 0);
	put_address(b, how, (how & FROM_SERVER) == 0);
}

static void put_ports(struct builder *b, unsigned how, uint64_t port)
{
	put16(b, how & FROM_SERVER ? port : 40000);
	put16(b, how & FROM_SERVER ? 40000 : port);
}

static void send(struct sensor *s, const struct builder *b, unsigned how, uint16_t linktype)
{
	sensor_frame(s, linktype, b->bytes, b->len, b->len + (how & CUT ? 100 : 0));
}

static void send_udp(struct sensor *s, unsigned how, uint64_t port, const uint8_t *payload,
                     uint32_t len)
{
	struct builder b = {.len = 0};

	put_ip(&b, how, 17, 8 + len);
	put_ports(&b, how, port);
	put16(&b, 8 + len);
	put16(&b, 0);
	put(&b, payload, len);
	send(s, &b, how, 1);
}

static void send_segment(struct sensor *s, unsigned how, uint64_t port, uint32_t seq,
                         unsigned flags, const uint8_t *payload, uint32_t len)
{
	struct builder b = {.len = 0};

	put_ip(&b, how, 6, 20 + len);
	put_ports(&b, how, port);
	put32(&b, seq);
	put32(&b, 1);
	put32(&b, 0x50000000u | flags << 16 | 0xffff);
	put32(&b, 0);
	put(&b, payload, len);
	send(s, &b, how, 1);
}

/* A connection whose one side (or both, in two parts) says the payload. */
static void send_stream(struct sensor *s, unsigned how, uint64_t port, const uint8_t *payload,
                        uint32_t len)
{
	const unsigned client = how & ~(unsigned)FROM_SERVER;
	const uint32_t first = how & SPLIT ? len / 2 : len;
	const unsigned second = how & SECOND_FROM_SERVER ? how ^ FROM_SERVER : how;

	send_segment(s, client, port, 0, 0x02, NULL, 0);
	send_segment(s, client | FROM_SERVER, port, 0, 0x12, NULL, 0);
	send_segment(s, how, port, 1, 0x18, payload, first);
	send_segment(s, second, port, second == how ? 1 + first : 1, 0x18, payload + first,
	             len - first);
	send_segment(s, how, port, 1 + len, 0x11, NULL, 0);
}

static void send_link(struct sensor *s, unsigned how, const struct claim *claim,
                      const uint8_t *payload, uint32_t len)
{
	struct builder b = {.len = 0};

	if (claim->space == ETHERTYPE) {
		put_ethernet(&b, how, claim->key);
	} else if (claim->space == LLC) {
		put_ethernet(&b, how, 3 + len);
		put16(&b, claim->key << 8 | claim->key);
		put(&b, "\x03", 1);
	} else if (claim->space == SNAP) {
		put_ethernet(&b, how, 8 + len);
		put32(&b, 0xaaaa0300 | claim->key >> 32);
		put32(&b, claim->key);
	}
	put(&b, payload, len);
	send(s, &b, how, claim->space == LINKTYPE ? (uint16_t)claim->key : 1);
}

static void send_claim(struct sensor *s, unsigned how, const struct claim *claim,
                       const uint8_t *payload, uint32_t len)
{
	struct builder b = {.len = 0};

	switch (claim->space) {
	case UDP_PORT:
	case UDP_SNIFF:
		send_udp(s, how, claim->space == UDP_PORT ? claim->key : 50000, payload, len);
		return;
	case TCP_PORT:
	case TCP_SNIFF:
		send_stream(s, how, claim->space == TCP_PORT ? claim->key : 50000, payload, len);
		return;
	case IP_PROTOCOL:
		put_ip(&b, how, claim->key, len);
		put(&b, payload, len);
		send(s, &b, how, 1);
		return;
	case LINKTYPE:
	case ETHERTYPE:
	case LLC:
	case SNAP:
		send_link(s, how, claim, payload, len);
		return;
	case NO_SPACE:
	case SPACES:
		return;
	}
}

static void parse_alone(const struct observer *o, unsigned which, const uint8_t *payload,
                        uint32_t len)
{
	unsigned count = 0;

	while (o->shows != NULL && o->shows[count] != NULL)
		count++;
	if (count == 0)
		return;
	const struct shown *shown = o->shows[which % count];
	void *const out = calloc(1, shown->size);
	uint8_t *const block = malloc(len > 0 ? len : 1);
	HOLDS(out != NULL && block != NULL);
	if (len > 0)
		memcpy(block, payload, len);
	struct cur in = cur_make(block, len);
	(void)shown->parse(&in, out);
	free(block);
	free(out);
}

/* FNV-1a, 16 bits of it: tools/fuzz-seeds knows it too. */
static unsigned name_hash(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return (h ^ h >> 16) & 0xffff;
}

static const struct observer *nearest(unsigned wanted)
{
	unsigned best = 0;

	for (unsigned i = 1; i < observer_count; i++)
		if ((name_hash(observers[i]->name) ^ wanted) <
		    (name_hash(observers[best]->name) ^ wanted))
			best = i;
	return observers[best];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sensor s;

	if (size < 4)
		return 0;
	const struct observer *o = nearest((unsigned)data[0] << 8 | data[1]);
	const uint8_t *payload = data + 4;
	const uint32_t len = size - 4 < PAYLOAD_MAX ? (uint32_t)(size - 4) : PAYLOAD_MAX;
	unsigned claims = 0;

	parse_alone(o, data[2], payload, len);
	while (o->claims != NULL && o->claims[claims].space != NO_SPACE)
		claims++;
	if (claims == 0)
		return 0;
	sensor_begin(&s);
	send_claim(&s, data[3], &o->claims[data[2] % claims], payload, len);
	if (data[3] & TWICE)
		send_claim(&s, data[3], &o->claims[data[2] % claims], payload, len);
	sensor_end(&s);
	return 0;
}
