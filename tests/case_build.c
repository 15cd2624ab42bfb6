/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_build.c - the frames of a case: as written, built from conversations, read from captures;
 * and their disguises.
 */
#include "capture/source.h"
#include "case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ETHERNET = 1, ETHERNET_HEADER = 14, IPV4_HEADER = 20, IPV6_HEADER = 40, TCP = 6, UDP = 17 };
enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };

/* ---- bytes ---- */

void bytes_add(struct bytes *b, const void *from, size_t len)
{
	if (b->len + len > b->room) {
		b->room = (b->len + len) * 2 + 64;
		b->at = realloc(b->at, b->room);
	}
	if (len > 0)
		memcpy(b->at + b->len, from, len);
	b->len += len;
}

void bytes_u8(struct bytes *b, unsigned n)
{
	const uint8_t byte = (uint8_t)(n & 0xff);

	bytes_add(b, &byte, 1);
}

void bytes_be16(struct bytes *b, unsigned n)
{
	bytes_u8(b, n >> 8);
	bytes_u8(b, n);
}

void bytes_be32(struct bytes *b, uint32_t n)
{
	bytes_be16(b, n >> 16);
	bytes_be16(b, n & 0xffff);
}

void bytes_free(struct bytes *b)
{
	free(b->at);
	*b = (struct bytes){0};
}

struct case_frame *frames_add(struct frames *f, uint16_t linktype)
{
	if (f->count == f->room) {
		f->room = f->room * 2 + 16;
		f->list = realloc(f->list, f->room * sizeof *f->list);
	}
	struct case_frame *frame = &f->list[f->count++];
	*frame = (struct case_frame){.linktype = linktype};
	return frame;
}

void frames_free(struct frames *f)
{
	for (unsigned i = 0; i < f->count; i++)
		bytes_free(&f->list[i].bytes);
	free(f->list);
	*f = (struct frames){0};
}

/* ---- conversations ---- */

struct host {
	struct ip ip;
	uint16_t port;
	uint32_t seq; /* next byte it sends */
};

struct talk {
	unsigned protocol; /* 0: none yet */
	struct host a, b;
};

/* "192.0.2.7:40000", "[2001:db8::7]:40000" */
static bool host_parse(const char *s, struct host *h)
{
	char address[IP_TEXT + 2] = "";
	const char *colon = strrchr(s, ':');

	if (!colon || (size_t)(colon - s) >= sizeof address)
		return false;
	memcpy(address, s, (size_t)(colon - s));
	const size_t len = strlen(address);
	if (address[0] == '[' && address[len - 1] == ']') {
		address[len - 1] = 0;
		memmove(address, address + 1, len - 1);
	}
	h->port = (uint16_t)strtoul(colon + 1, NULL, 10);
	h->seq = h->port * 1000u;
	return ip_parse(address, &h->ip);
}

static void add_mac(struct bytes *out, const struct ip *ip)
{
	bytes_be16(out, 0x0200);
	bytes_add(out, ip->b + (ip->family == 4 ? 0 : 12), 4);
}

static uint32_t sum_words(uint32_t sum, const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
	return sum;
}

static unsigned sum_end(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static void add_ipv4(struct bytes *out, const struct ip *from, const struct ip *to,
                     unsigned protocol, size_t len)
{
	const size_t at = out->len;

	bytes_be32(out, 0x45000000u + (uint32_t)(IPV4_HEADER + len));
	bytes_be32(out, 0x00004000u);
	bytes_be32(out, 64u << 24 | protocol << 16);
	bytes_add(out, from->b, 4);
	bytes_add(out, to->b, 4);
	const unsigned sum = sum_end(sum_words(0, out->at + at, IPV4_HEADER));
	out->at[at + 10] = (uint8_t)(sum >> 8);
	out->at[at + 11] = (uint8_t)(sum & 0xff);
}

static void add_ipv6(struct bytes *out, const struct ip *from, const struct ip *to,
                     unsigned protocol, size_t len)
{
	bytes_be32(out, 0x60000000u);
	bytes_be16(out, (unsigned)len);
	bytes_be16(out, protocol << 8 | 64);
	bytes_add(out, from->b, 16);
	bytes_add(out, to->b, 16);
}

/* A packet of the payload, in an Ethernet frame. */
static void add_packet(struct frames *out, const struct host *from, const struct host *to,
                       unsigned protocol, const struct bytes *payload)
{
	struct case_frame *f = frames_add(out, ETHERNET);

	add_mac(&f->bytes, &to->ip);
	add_mac(&f->bytes, &from->ip);
	bytes_be16(&f->bytes, from->ip.family == 4 ? 0x0800 : 0x86dd);
	if (from->ip.family == 4)
		add_ipv4(&f->bytes, &from->ip, &to->ip, protocol, payload->len);
	else
		add_ipv6(&f->bytes, &from->ip, &to->ip, protocol, payload->len);
	bytes_add(&f->bytes, payload->at, payload->len);
	f->wire = (uint32_t)f->bytes.len;
}

static void add_segment(struct frames *out, const struct host *from, const struct host *to,
                        uint32_t seq, unsigned flags, const uint8_t *data, size_t len)
{
	struct bytes b = {0};

	bytes_be16(&b, from->port);
	bytes_be16(&b, to->port);
	bytes_be32(&b, seq);
	bytes_be32(&b, (flags & ACK) != 0 ? to->seq : 0);
	bytes_be16(&b, 0x5000u | flags);
	bytes_be16(&b, 64240);
	bytes_be32(&b, 0);
	bytes_add(&b, data, len);
	add_packet(out, from, to, TCP, &b);
	bytes_free(&b);
}

static void add_handshake(struct frames *out, struct talk *t)
{
	add_segment(out, &t->a, &t->b, t->a.seq++, SYN, NULL, 0);
	add_segment(out, &t->b, &t->a, t->b.seq++, SYN | ACK, NULL, 0);
	add_segment(out, &t->a, &t->b, t->a.seq, ACK, NULL, 0);
}

static void add_stream(struct frames *out, struct host *from, const struct host *to,
                       const struct bytes *b, const struct layout *layout)
{
	const size_t count = (b->len + layout->segment - 1) / layout->segment;

	for (size_t i = 0; i < count; i++) {
		const size_t other = i ^ 1, n = layout->swapped && other < count ? other : i;
		const size_t at = n * layout->segment;
		const size_t len = b->len - at < layout->segment ? b->len - at : layout->segment;
		for (unsigned k = 0; k <= (layout->twice ? 1u : 0u); k++)
			add_segment(out, from, to, from->seq + (uint32_t)at, PSH | ACK, b->at + at,
			            len);
	}
	from->seq += (uint32_t)b->len;
}

static void add_datagram(struct frames *out, const struct host *from, const struct host *to,
                         const struct bytes *data)
{
	struct bytes b = {0};

	bytes_be16(&b, from->port);
	bytes_be16(&b, to->port);
	bytes_be16(&b, (unsigned)data->len + 8);
	bytes_be16(&b, 0);
	bytes_add(&b, data->at, data->len);
	add_packet(out, from, to, UDP, &b);
	bytes_free(&b);
}

static void add_finish(struct frames *out, struct talk *t)
{
	add_segment(out, &t->a, &t->b, t->a.seq++, FIN | ACK, NULL, 0);
	add_segment(out, &t->b, &t->a, t->b.seq++, FIN | ACK, NULL, 0);
	add_segment(out, &t->a, &t->b, t->a.seq, ACK, NULL, 0);
}

/* ---- statements ---- */

static bool build_talk(const struct case_file *c, const struct statement *s, struct frames *out,
                       struct talk *t)
{
	const bool midstream = s->count == 5 && strcmp(s->tokens[4].s, "midstream") == 0;

	*t = (struct talk){.protocol = statement_is(s, "tcp") ? TCP : UDP};
	if (s->count < 4 || strcmp(s->tokens[2].s, ">") != 0 || (s->count > 4 && !midstream) ||
	    !host_parse(s->tokens[1].s, &t->a) || !host_parse(s->tokens[3].s, &t->b)) {
		case_fails(c, s->line, "wanted: A:PORT > B:PORT [midstream]");
		return false;
	}
	if (t->protocol == TCP && !midstream)
		add_handshake(out, t);
	return true;
}

static bool build_message(const struct case_file *c, const struct statement *s, struct frames *out,
                          struct talk *t, const struct layout *layout)
{
	struct host *from = statement_is(s, "send") ? &t->a : &t->b;
	const struct host *to = from == &t->a ? &t->b : &t->a;
	struct bytes b = {0};
	const bool good = t->protocol != 0 && statement_bytes(c, s, 1, &b);

	if (good && t->protocol == TCP)
		add_stream(out, from, to, &b, layout);
	else if (good)
		add_datagram(out, from, to, &b);
	else
		case_fails(c, s->line, "a message, but in which conversation?");
	bytes_free(&b);
	return good;
}

/* `frame BYTES`, or `cut BYTES of N`. */
static bool build_frame(const struct case_file *c, const struct statement *s, struct frames *out,
                        uint16_t linktype)
{
	struct statement head = *s;
	const bool cut = statement_is(s, "cut");

	if (cut && (s->count < 4 || strcmp(s->tokens[s->count - 2].s, "of") != 0)) {
		case_fails(c, s->line, "wanted: cut BYTES of N");
		return false;
	}
	head.count -= cut ? 2 : 0;
	struct case_frame *f = frames_add(out, linktype);
	if (!statement_bytes(c, &head, 1, &f->bytes))
		return false;
	f->wire = cut ? (uint32_t)strtoul(s->tokens[s->count - 1].s, NULL, 10)
	              : (uint32_t)f->bytes.len;
	return true;
}

static void add_captured(struct frames *out, const struct frame *frames, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct case_frame *f = frames_add(out, frames[i].linktype);
		bytes_add(&f->bytes, frames[i].bytes, frames[i].captured);
		f->wire = frames[i].wire;
	}
}

static bool build_file(const struct case_file *c, const struct statement *s, struct frames *out)
{
	char path[4096], why[256] = "no name";
	const char *slash = strrchr(c->path, '/');
	struct frame frames[SOURCE_BATCH];
	unsigned count = 0;

	snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash - c->path + 1) : 0, c->path,
	         s->count == 2 ? s->tokens[1].s : "");
	struct source *source =
		s->count == 2 ? source_open_file(path, NULL, why, sizeof why) : NULL;
	if (!source) {
		case_fails(c, s->line, "%s: %s", path, why);
		return false;
	}
	while (source_next(source, frames, &count, 0) == FRAMES)
		add_captured(out, frames, count);
	const bool good = source_error(source)[0] == 0;
	if (!good)
		case_fails(c, s->line, "%s", source_error(source));
	source_free(source);
	return good;
}

static bool build_statement(const struct case_file *c, const struct statement *s,
                            struct frames *out, struct talk *t, uint16_t *linktype,
                            const struct layout *layout)
{
	if (statement_is(s, "linktype") && s->count == 2)
		*linktype = (uint16_t)strtoul(s->tokens[1].s, NULL, 10);
	if (statement_is(s, "frame") || statement_is(s, "cut"))
		return build_frame(c, s, out, *linktype);
	if (statement_is(s, "tcp") || statement_is(s, "udp"))
		return build_talk(c, s, out, t);
	if (statement_is(s, "send") || statement_is(s, "answer"))
		return build_message(c, s, out, t, layout);
	if (statement_is(s, "file"))
		return build_file(c, s, out);
	if (statement_is(s, "finish"))
		add_finish(out, t);
	return true;
}

bool case_build(const struct case_file *c, const struct layout *layout, struct frames *out)
{
	struct talk talk = {0};
	uint16_t linktype = ETHERNET;

	for (unsigned i = 0; i < c->count; i++)
		if (!build_statement(c, &c->statements[i], out, &talk, &linktype, layout))
			return false;
	return true;
}

/* ---- disguises ---- */

const struct mac wrap_mac = {{0x02, 0x00, 0x0a, 0xff, 0x00, 0x01}};

static bool all_ethernet(const struct frames *in)
{
	for (unsigned i = 0; i < in->count; i++)
		if (in->list[i].linktype != ETHERNET || in->list[i].bytes.len < ETHERNET_HEADER ||
		    in->list[i].wire > 60000)
			return false;
	return in->count > 0;
}

bool frames_vlan(const struct frames *in, struct frames *out, uint16_t type, uint16_t id)
{
	if (!all_ethernet(in))
		return false;
	for (unsigned i = 0; i < in->count; i++) {
		const struct bytes *b = &in->list[i].bytes;
		struct case_frame *f = frames_add(out, ETHERNET);
		bytes_add(&f->bytes, b->at, 12);
		bytes_be16(&f->bytes, type);
		bytes_be16(&f->bytes, id);
		bytes_add(&f->bytes, b->at + 12, b->len - 12);
		f->wire = in->list[i].wire + 4;
	}
	return true;
}

bool frames_gre(const struct frames *in, struct frames *out, uint32_t key)
{
	const struct ip a = {4, {10, 255, 0, 1}}, b = {4, {10, 255, 0, 2}};

	if (!all_ethernet(in))
		return false;
	for (unsigned i = 0; i < in->count; i++) {
		struct case_frame *f = frames_add(out, ETHERNET);
		add_mac(&f->bytes, &b);
		add_mac(&f->bytes, &a);
		bytes_be16(&f->bytes, 0x0800);
		add_ipv4(&f->bytes, &a, &b, 47, in->list[i].wire + 8);
		bytes_be32(&f->bytes, 0x20006558);
		bytes_be32(&f->bytes, key);
		f->wire = (uint32_t)f->bytes.len + in->list[i].wire;
		bytes_add(&f->bytes, in->list[i].bytes.at, in->list[i].bytes.len);
	}
	return true;
}

/* Where a frame's IP packet can be cut: len 0 where it can not. */
struct whole {
	size_t header; /* bytes before the payload, from the frame's start */
	size_t len;    /* of the payload */
	bool v6;
};

static unsigned be16_at(const struct bytes *b, size_t at)
{
	return (unsigned)b->at[at] << 8 | b->at[at + 1];
}

static struct whole find_ipv4(const struct bytes *b)
{
	struct whole w = {0};

	if (b->len < ETHERNET_HEADER + IPV4_HEADER || b->at[14] >> 4 != 4)
		return w;
	const size_t header = (b->at[14] & 15u) * 4u, total = be16_at(b, 16);
	if (header < IPV4_HEADER || total < header || ETHERNET_HEADER + total > b->len ||
	    (be16_at(b, 20) & 0x3fff) != 0)
		return w;
	w.header = ETHERNET_HEADER + header;
	w.len = total - header;
	return w;
}

/* Extension headers stay behind the fragment header: any of them may be in the fragmented part. */
static struct whole find_ipv6(const struct bytes *b)
{
	struct whole w = {.v6 = true};

	if (b->len < ETHERNET_HEADER + IPV6_HEADER || b->at[14] >> 4 != 6 || b->at[20] == 44)
		return w;
	const size_t len = be16_at(b, 18);
	if (len == 0 || ETHERNET_HEADER + IPV6_HEADER + len > b->len)
		return w;
	w.header = ETHERNET_HEADER + IPV6_HEADER;
	w.len = len;
	return w;
}

static struct whole find_whole(const struct case_frame *f)
{
	const struct bytes *b = &f->bytes;

	if (f->linktype != ETHERNET || b->len < ETHERNET_HEADER || f->wire != b->len)
		return (struct whole){0};
	const unsigned type = be16_at(b, 12);
	if (type == 0x0800)
		return find_ipv4(b);
	return type == 0x86dd ? find_ipv6(b) : (struct whole){0};
}

static void set_be16(struct bytes *b, size_t at, unsigned n)
{
	b->at[at] = (uint8_t)(n >> 8 & 0xff);
	b->at[at + 1] = (uint8_t)(n & 0xff);
}

static void add_fragment(struct frames *out, const struct case_frame *f, const struct whole *w,
                         size_t at, size_t len, uint16_t id)
{
	struct case_frame *piece = frames_add(out, ETHERNET);
	struct bytes *b = &piece->bytes;
	const bool more = at + len < w->len;

	bytes_add(b, f->bytes.at, w->header);
	if (w->v6) {
		bytes_u8(b, f->bytes.at[20]);
		bytes_u8(b, 0);
		bytes_be16(b, (unsigned)at | (more ? 1u : 0u));
		bytes_be32(b, id);
		b->at[20] = 44;
		set_be16(b, 18, (unsigned)len + 8);
	} else {
		set_be16(b, 16, (unsigned)(w->header - ETHERNET_HEADER + len));
		set_be16(b, 18, id);
		set_be16(b, 20, (unsigned)(at / 8) | (more ? 0x2000u : 0u));
	}
	bytes_add(b, f->bytes.at + w->header + at, len);
	piece->wire = (uint32_t)b->len;
}

static void add_whole(struct frames *out, const struct case_frame *f)
{
	struct case_frame *copy = frames_add(out, f->linktype);

	bytes_add(&copy->bytes, f->bytes.at, f->bytes.len);
	copy->wire = f->wire;
}

/* In three pieces where the payload has more than 16 bytes: 8, 8, and the rest. */
static void add_pieces(struct frames *out, const struct case_frame *f, const struct whole *w,
                       uint16_t id, bool backwards)
{
	const size_t starts[4] = {0, 8, w->len > 16 ? 16 : w->len, w->len};
	const unsigned count = w->len > 16 ? 3 : 2;

	for (unsigned i = 0; i < count; i++) {
		const unsigned n = backwards ? count - 1 - i : i;
		add_fragment(out, f, w, starts[n], starts[n + 1] - starts[n], id);
	}
}

bool frames_fragmented(const struct frames *in, struct frames *out, bool backwards)
{
	bool any = false;

	for (unsigned i = 0; i < in->count; i++) {
		const struct whole w = find_whole(&in->list[i]);
		if (w.len <= 8) {
			add_whole(out, &in->list[i]);
			continue;
		}
		any = true;
		add_pieces(out, &in->list[i], &w, (uint16_t)(0x4000u + i), backwards);
	}
	return any;
}
