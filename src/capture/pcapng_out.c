/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcapng_out.c - see pcapng_out.h. Blocks and options are padded to four bytes, and a block says its
 * length at both ends.
 */
#include "capture/pcapng_out.h"

#include <assert.h>
#include <string.h>

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_ENHANCED = 6,
	SECTION_MAGIC = 0x1a2b3c4d,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_NAME = 2,
	OPTION_RESOLUTION = 9,
	NANOSECONDS = 9,
	OPTION_HEAD = 4,
	PACKET_HEAD = 28,
	BLOCK_END = 4,
};

/* Where the next field goes. */
struct pen {
	uint8_t *out;
	size_t at;
};

static void put16(struct pen *p, uint16_t n)
{
	memcpy(p->out + p->at, &n, sizeof n);
	p->at += sizeof n;
}

static void store32(uint8_t *at, uint32_t n)
{
	memcpy(at, &n, sizeof n);
}

static void put32(struct pen *p, uint32_t n)
{
	store32(p->out + p->at, n);
	p->at += sizeof n;
}

static size_t padded(size_t len)
{
	return (len + 3) / 4 * 4;
}

static void put_padded(struct pen *p, const void *bytes, size_t len)
{
	memcpy(p->out + p->at, bytes, len);
	memset(p->out + p->at + len, 0, padded(len) - len);
	p->at += padded(len);
}

static void put_option(struct pen *p, uint16_t code, const void *bytes, size_t len)
{
	put16(p, code);
	put16(p, (uint16_t)len);
	put_padded(p, bytes, len);
}

static struct pen block_begin(uint8_t *out, uint32_t type)
{
	struct pen p = {out, 0};

	put32(&p, type);
	put32(&p, 0);
	return p;
}

static size_t block_end(struct pen *p)
{
	const uint32_t len = (uint32_t)p->at + BLOCK_END;

	put32(p, len);
	store32(p->out + 4, len);
	return p->at;
}

size_t pcapng_put_section(uint8_t out[PCAPNG_SECTION_LEN])
{
	struct pen p = block_begin(out, BLOCK_SECTION);

	put32(&p, SECTION_MAGIC);
	put16(&p, 1); /* version 1.0 */
	put16(&p, 0);
	put32(&p, UINT32_MAX); /* the section's length: not said */
	put32(&p, UINT32_MAX);
	return block_end(&p);
}

size_t pcapng_put_interface(uint8_t out[PCAPNG_INTERFACE_MAX], uint16_t linktype, const char *name)
{
	const uint8_t resolution = NANOSECONDS;
	const size_t len = strnlen(name, 64);
	struct pen p = block_begin(out, BLOCK_INTERFACE);

	put16(&p, linktype);
	put16(&p, 0);
	put32(&p, 0); /* frames are not cut */
	if (len > 0)
		put_option(&p, OPTION_NAME, name, len);
	put_option(&p, OPTION_RESOLUTION, &resolution, sizeof resolution);
	put32(&p, OPTION_END);
	return block_end(&p);
}

size_t pcapng_packet_len(uint32_t captured, uint32_t comment_len)
{
	const size_t options = comment_len > 0 ? 2 * OPTION_HEAD + padded(comment_len) : 0;

	return PACKET_HEAD + padded(captured) + options + BLOCK_END;
}

size_t pcapng_put_packet(uint8_t *out, const struct frame *f, const char *comment,
                         uint32_t comment_len)
{
	struct pen p = block_begin(out, BLOCK_ENHANCED);

	assert(comment_len <= PCAPNG_COMMENT_MAX);
	put32(&p, f->iface);
	put32(&p, (uint32_t)(f->time_ns >> 32));
	put32(&p, (uint32_t)(f->time_ns & UINT32_MAX));
	put32(&p, f->captured);
	put32(&p, f->wire);
	put_padded(&p, f->bytes, f->captured);
	if (comment_len > 0) {
		put_option(&p, OPTION_COMMENT, comment, comment_len);
		put32(&p, OPTION_END);
	}
	return block_end(&p);
}
