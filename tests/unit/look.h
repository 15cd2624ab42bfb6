/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look.h - frames by what they look like: Ethernet, tagged or not, IPv4 or IPv6, TCP or UDP.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, VLAN = 0x8100 };

struct look {
	uint16_t tag;      /* 0: none; else the id */
	uint16_t tag_type; /* 0: 8100 */
	bool six, options, fragment;
	uint8_t protocol, ttl, flags; /* TCP's */
	uint8_t host, peer;           /* last bytes of the addresses; peer 0: 1 */
	uint8_t destination;          /* last byte of the receiver's MAC */
	uint16_t from_port, to_port;  /* 0: 40000, 4433 */
	uint32_t seq;
	unsigned payload;
	uint8_t first;    /* of the payload, */
	const char *text; /* or more of it */
};

static const struct look tcp = {.protocol = 6, .ttl = 64, .flags = ACK, .host = 7, .payload = 400};
static const struct look udp = {.protocol = 17, .ttl = 64, .host = 7, .payload = 400};

struct bytes {
	uint8_t b[2000];
	uint32_t len;
};

static void put(struct bytes *out, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0)
		out->b[out->len++] = (uint8_t)(value >> 8 * bytes & 0xff);
}

static void put_transport(struct bytes *out, const struct look *l)
{
	put(out, l->from_port ? l->from_port : 40000, 2);
	put(out, l->to_port ? l->to_port : 4433, 2);
	if (l->protocol == 6) {
		put(out, l->seq, 4);
		put(out, 2, 4);
		put(out, 0x50, 1);
		put(out, l->flags, 1);
		put(out, 0, 6);
	} else {
		put(out, 8 + l->payload, 2);
		put(out, 0, 2);
	}
	const uint32_t start = out->len;
	for (unsigned i = 0; i < l->payload; i++)
		put(out, i == 0 ? l->first : i, 1);
	if (l->text)
		memcpy(out->b + start, l->text, strlen(l->text));
}

static void put_ip(struct bytes *out, const struct look *l)
{
	const unsigned inner = (l->protocol == 6 ? 20 : 8) + l->payload;

	if (l->six) {
		put(out, 0x60000000, 4);
		put(out, inner, 2);
		put(out, l->protocol, 1);
		put(out, l->ttl, 1);
		put(out, 0x20010db800000000, 8);
		put(out, l->host, 8);
		put(out, 0x20010db800000000, 8);
		put(out, l->peer ? l->peer : 1, 8);
		return;
	}
	put(out, l->options ? 0x46 : 0x45, 1);
	put(out, 0, 1);
	put(out, inner + (l->options ? 24 : 20), 2);
	put(out, 1, 2);
	put(out, l->fragment ? 0x2000 : 0x4000, 2);
	put(out, l->ttl, 1);
	put(out, l->protocol, 1);
	put(out, 0, 2);
	put(out, 0xc0000200u | l->host, 4);
	put(out, 0xc0000200u | (l->peer ? l->peer : 1u), 4);
	if (l->options)
		put(out, 0x01010101, 4);
}

static struct bytes frame_of(const struct look *l)
{
	struct bytes out = {.len = 0};

	put(&out, 0x020000000100 | l->destination, 6);
	put(&out, 0x020000000200 | l->host, 6);
	if (l->tag) {
		put(&out, l->tag_type ? l->tag_type : VLAN, 2);
		put(&out, l->tag, 2);
	}
	put(&out, l->six ? 0x86dd : 0x0800, 2);
	put_ip(&out, l);
	put_transport(&out, l);
	return out;
}
