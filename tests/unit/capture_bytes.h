/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture_bytes.h - for the tests of src/capture: captures written byte by byte, in either byte
 * order, read back through a memfd or a pipe, and what came out of them.
 */
#pragma once

#include "capture/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct bytes {
	uint8_t *data;
	size_t len, room;
	bool big;
};

static inline void bytes_raw(struct bytes *b, const void *data, size_t len)
{
	if (b->len + len > b->room) {
		b->room = (b->len + len) * 2;
		b->data = realloc(b->data, b->room);
		assert_non_null(b->data);
	}
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
}

static inline void bytes_number(struct bytes *b, uint64_t v, unsigned size)
{
	for (unsigned i = 0; i < size; i++) {
		const uint8_t byte = (uint8_t)(v >> 8 * (b->big ? size - 1 - i : i));
		bytes_raw(b, &byte, 1);
	}
}

static inline void bytes_u16(struct bytes *b, uint16_t v)
{
	bytes_number(b, v, 2);
}

static inline void bytes_u32(struct bytes *b, uint32_t v)
{
	bytes_number(b, v, 4);
}

static inline void bytes_u64(struct bytes *b, uint64_t v)
{
	bytes_number(b, v, 8);
}

/* n bytes that differ by their place and by `seed`. */
static inline void bytes_pattern(struct bytes *b, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++) {
		const uint8_t byte = (uint8_t)(i * 7 + seed);
		bytes_raw(b, &byte, 1);
	}
}

static inline bool is_pattern(const uint8_t *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != (uint8_t)(i * 7 + seed))
			return false;
	return true;
}

static inline void bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){0};
}

static inline void pcap_header(struct bytes *b, uint32_t magic, uint32_t network)
{
	bytes_u32(b, magic);
	bytes_u16(b, 2);
	bytes_u16(b, 4);
	bytes_u64(b, 0);
	bytes_u32(b, 0); /* a snap length of 0, which is common and means nothing */
	bytes_u32(b, network);
}

static inline void pcap_packet(struct bytes *b, uint32_t s, uint32_t fraction, uint32_t captured,
                               uint32_t wire, unsigned seed)
{
	bytes_u32(b, s);
	bytes_u32(b, fraction);
	bytes_u32(b, captured);
	bytes_u32(b, wire);
	bytes_pattern(b, captured, seed);
}

/* Returns where the block began; ng_end writes its length there and behind it. */
static inline size_t ng_block(struct bytes *b, uint32_t type)
{
	const size_t at = b->len;

	bytes_u32(b, type);
	bytes_u32(b, 0);
	return at;
}

static inline void ng_pad(struct bytes *b)
{
	while (b->len % 4 != 0)
		bytes_number(b, 0, 1);
}

static inline void ng_end(struct bytes *b, size_t at)
{
	ng_pad(b);
	const uint32_t length = (uint32_t)(b->len - at + 4);
	struct bytes n = {.big = b->big};
	bytes_u32(&n, length);
	memcpy(b->data + at + 4, n.data, 4);
	bytes_free(&n);
	bytes_u32(b, length);
}

static inline void ng_section(struct bytes *b)
{
	const size_t at = ng_block(b, 0x0a0d0d0a);

	bytes_u32(b, 0x1a2b3c4d);
	bytes_u16(b, 1);
	bytes_u16(b, 0);
	bytes_u64(b, UINT64_MAX);
	ng_end(b, at);
}

static inline void ng_option(struct bytes *b, uint16_t code, const void *value, uint16_t len)
{
	bytes_u16(b, code);
	bytes_u16(b, len);
	bytes_raw(b, value, len);
	ng_pad(b);
}

/* name may be NULL, resolution 0 for none. */
static inline void ng_interface(struct bytes *b, uint16_t linktype, const char *name,
                                uint8_t resolution, int64_t offset_s)
{
	const size_t at = ng_block(b, 1);

	bytes_u16(b, linktype);
	bytes_u16(b, 0);
	bytes_u32(b, 0);
	if (name)
		ng_option(b, 2, name, (uint16_t)strlen(name));
	if (resolution)
		ng_option(b, 9, &resolution, 1);
	if (offset_s) {
		bytes_u16(b, 14);
		bytes_u16(b, 8);
		bytes_u64(b, (uint64_t)offset_s);
	}
	ng_option(b, 0, "", 0);
	ng_end(b, at);
}

static inline void ng_packet(struct bytes *b, uint32_t iface, uint64_t ticks, uint32_t captured,
                             uint32_t wire, unsigned seed)
{
	const size_t at = ng_block(b, 6);

	bytes_u32(b, iface);
	bytes_u32(b, (uint32_t)(ticks >> 32));
	bytes_u32(b, (uint32_t)ticks);
	bytes_u32(b, captured);
	bytes_u32(b, wire);
	bytes_pattern(b, captured, seed);
	ng_end(b, at);
}

/* A descriptor from which these bytes are read. */
static inline int bytes_fd(const struct bytes *b)
{
	const int fd = memfd_create("capture", MFD_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t at = 0; at < b->len;) {
		const ssize_t n = write(fd, b->data + at, b->len - at);
		assert_true(n > 0);
		at += (size_t)n;
	}
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static inline struct source *bytes_open_filtered(const struct bytes *b, const char *name,
                                                 const struct filter *filter)
{
	char why[200] = "";
	struct source *const s = file_open_fd(bytes_fd(b), name, filter, why, sizeof(why));

	assert_string_equal(why, "");
	assert_non_null(s);
	return s;
}

static inline struct source *bytes_open(const struct bytes *b, const char *name)
{
	return bytes_open_filtered(b, name, NULL);
}

#define SEEN_MAX 64

struct seen {
	struct frame frames[SEEN_MAX]; /* their bytes point into `kept`, the first 256 of each */
	uint8_t kept[SEEN_MAX][256];
	unsigned count;
	uint64_t total;
	enum pull end;
	char error[1200];
	bool cut;
	struct source_counts counts;
	struct source_iface ifaces[8];
	unsigned iface_count;
};

static inline void seen_frame(struct seen *v, const struct frame *f)
{
	volatile uint8_t sum = 0; /* every byte must be there to be read */

	for (uint32_t i = 0; i < f->captured; i++)
		sum = (uint8_t)(sum + f->bytes[i]);
	v->total++;
	if (v->count == SEEN_MAX)
		return;
	struct frame *const kept = &v->frames[v->count];
	*kept = *f;
	memcpy(v->kept[v->count], f->bytes, f->captured < 256 ? f->captured : 256);
	kept->bytes = v->kept[v->count++];
}

/* Reads all there is, frees the source, and checks what holds of every source. */
static inline void see(struct source *s, struct seen *v)
{
	struct frame frames[SOURCE_BATCH];
	unsigned count;
	const struct source_iface *ifaces;

	memset(v, 0, sizeof(*v));
	while ((v->end = source_next(s, frames, &count, 2000)) == FRAMES) {
		assert_in_range(count, 1, SOURCE_BATCH);
		for (unsigned i = 0; i < count; i++) {
			assert_int_equal(frames[i].number, v->total + 1);
			assert_true(frames[i].captured <= CUR_MAX);
			assert_true(frames[i].captured <= frames[i].wire);
			assert_in_range(frames[i].iface, 0, source_ifaces(s, &ifaces) - 1);
			assert_int_equal(frames[i].linktype, ifaces[frames[i].iface].linktype);
			seen_frame(v, &frames[i]);
		}
	}
	snprintf(v->error, sizeof(v->error), "%s", source_error(s));
	v->cut = source_cut(s);
	source_count(s, &v->counts);
	assert_int_equal(v->counts.received, v->total);
	assert_int_equal(source_next(s, frames, &count, 0), v->end == IDLE ? IDLE : FINISHED);
	v->iface_count = source_ifaces(s, &ifaces);
	for (unsigned i = 0; i < v->iface_count && i < COUNT_OF(v->ifaces); i++)
		v->ifaces[i] = ifaces[i];
	source_free(s);
}

static inline void see_bytes(const struct bytes *b, const char *name, struct seen *v)
{
	see(bytes_open(b, name), v);
}
