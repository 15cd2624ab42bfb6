/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcapng.c - the block format of draft-ietf-opsawg-pcapng.
 *
 * A file is sections; a section begins with its byte order, describes interfaces, and holds
 * packets, each of one interface. Every block says its length in front and again behind, and a
 * block whose two lengths differ is refused: nothing after it can be trusted. Blocks of other
 * kinds (names, statistics, secrets, a vendor's own) are passed over.
 *
 * Packets and interfaces are held together in the buffer. The options of packets are not looked
 * at; those of an interface are: its name, the resolution and offset of its clock, its FCS.
 *
 * Sections number their interfaces from 0. One of the same name and link type as an interface
 * of an earlier section is the same, so that a file made by joining many others has as many
 * interfaces as they have, not as many as it has sections. Within a section all are different.
 * A simple packet has no time: it gets that of the packet before it.
 */
#include "capture/file.h"

#include <string.h>

#define SECTION_MAGIC 0x1a2b3c4du
#define BLOCK_OVERHEAD 12u /* type, length, and the length again */

enum block {
	BLOCK_SECTION = 0x0a0d0d0a, /* reads the same in both byte orders */
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete, but found */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
};

enum option {
	OPTION_END = 0,
	OPTION_NAME = 2,
	OPTION_RESOLUTION = 9,
	OPTION_FCS = 13,
	OPTION_OFFSET = 14,
};

static uint64_t power_of_ten(unsigned n)
{
	uint64_t v = 1;

	while (n-- > 0)
		v *= 10;
	return v;
}

/* if_tsresol: 10^-n s, or with the highest bit set 2^-n s. */
static void ticks_resolution(struct ticks *t, uint8_t resolution)
{
	const unsigned n = resolution & 0x7f;

	t->binary = (resolution & 0x80) != 0;
	t->shift = (uint8_t)n;
	t->multiply = n < 9 ? power_of_ten(9 - n) : 1;
	t->divide = n <= 9 ? 1 : n <= 28 ? power_of_ten(n - 9) : UINT64_MAX;
}

static uint64_t multiply_capped(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* 2^-shift s each. Beyond 2^-34 the last bits are below a nanosecond and are dropped first. */
static uint64_t ticks_binary(uint64_t ticks, unsigned shift)
{
	if (shift > 34) {
		ticks = shift - 34 < 64 ? ticks >> (shift - 34) : 0;
		shift = 34;
	}
	const uint64_t seconds = ticks >> shift;
	const uint64_t fraction = ticks - (seconds << shift);
	const uint64_t ns = fraction * 1000000000u >> shift;
	const uint64_t whole = multiply_capped(seconds, 1000000000u);
	return whole > UINT64_MAX - ns ? UINT64_MAX : whole + ns;
}

/* Seconds added or taken away; a time before 1970 is 1970, one past 2554 stays there. */
static uint64_t ticks_shifted(uint64_t ns, int64_t offset_s)
{
	const bool back = offset_s < 0;
	const uint64_t seconds = back ? 0 - (uint64_t)offset_s : (uint64_t)offset_s;
	const uint64_t by = multiply_capped(seconds, 1000000000u);

	if (back)
		return ns > by ? ns - by : 0;
	return ns > UINT64_MAX - by ? UINT64_MAX : ns + by;
}

static inline uint64_t ticks_ns(const struct ticks *t, uint64_t ticks)
{
	uint64_t ns;

	if (UNLIKELY(t->binary))
		ns = ticks_binary(ticks, t->shift);
	else if (t->divide == 1)
		ns = multiply_capped(ticks, t->multiply);
	else
		ns = ticks / t->divide;
	return LIKELY(t->offset_s == 0) ? ns : ticks_shifted(ns, t->offset_s);
}

/* Both lengths of a block that is whole in the buffer. */
static bool pcapng_closed(const struct file *f, uint32_t length)
{
	struct cur c = cur_make(f->buffer + f->at + length - 4, 4);

	return file_u32(f, &c) == length;
}

static enum record pcapng_unclosed(struct file *f, uint32_t length)
{
	struct cur c = cur_make(f->buffer + f->at + length - 4, 4);

	return file_bad(f, "a block of %u bytes ends with another length, %u", length,
	                file_u32(f, &c));
}

/* The block goes on behind what was read of it: its end is checked when it is reached. */
static enum record pcapng_pass(struct file *f, uint32_t length, const char *inside)
{
	if (length > FILE_BLOCK_MAX)
		return file_bad(f, "block length %u is above the limit of %u", length,
		                FILE_BLOCK_MAX);
	f->pcapng.trailer = length;
	file_skip(f, length - 4, inside);
	return RECORD_OTHER;
}

static enum record pcapng_trailer(struct file *f)
{
	if (!file_has(f, 4, "a block"))
		return RECORD_MORE;
	struct cur c = file_cursor(f);
	const uint32_t again = file_u32(f, &c);
	if (again != f->pcapng.trailer)
		return file_bad(f, "a block of %u bytes ends with another length, %u",
		                f->pcapng.trailer, again);
	f->pcapng.trailer = 0;
	f->at += 4;
	return RECORD_OTHER;
}

static enum record pcapng_section(struct file *f)
{
	if (!file_has(f, 28, "a section's header"))
		return RECORD_MORE;
	struct cur c = file_cursor(f);
	cur_skip(&c, 8);
	const uint32_t magic = cur_be32(&c);
	if (magic != SECTION_MAGIC && magic != 0x4d3c2b1a)
		return file_bad(f, "a section's byte order is 0x%08x, which is none", magic);
	f->big = magic == SECTION_MAGIC;
	const uint16_t major = file_u16(f, &c);
	const uint16_t minor = file_u16(f, &c);
	cur_seek(&c, 4);
	const uint32_t length = file_u32(f, &c);
	if (length < 28 || length % 4 != 0)
		return file_bad(f, "a section's header of %u bytes", length);
	if (major != 1)
		return file_bad(f, "pcapng version %u.%u is not one that is known", major, minor);
	f->pcapng.count = 0;
	f->pcapng.section++;
	f->opened = true;
	return pcapng_pass(f, length, "a section's header");
}

/* Reads one option of an interface; false where its length is not what its kind has. */
static bool pcapng_option(const struct file *f, uint16_t code, struct cur *v,
                          struct pcapng_iface *own, struct source_iface *shown)
{
	const uint32_t len = cur_left(v);

	switch (code) {
	case OPTION_NAME:
		for (size_t i = 0; i < sizeof(shown->name) - 1 && cur_more(v); i++)
			shown->name[i] = (char)cur_u8(v);
		return true;
	case OPTION_RESOLUTION:
		ticks_resolution(&own->ticks, cur_u8(v));
		return len == 1;
	case OPTION_FCS:
		own->fcs = cur_u8(v) == 4 ? 4 : 0; /* Ethernet's; others are not to be trusted */
		return len == 1;
	case OPTION_OFFSET: {
		const uint64_t first = file_u32(f, v), second = file_u32(f, v);
		own->ticks.offset_s =
			(int64_t)(f->big ? first << 32 | second : second << 32 | first);
		return len == 8;
	}
	default:
		return true;
	}
}

static enum record pcapng_options(struct file *f, struct cur *body, struct pcapng_iface *own,
                                  struct source_iface *shown)
{
	while (cur_left(body) >= 4 && cur_more(body)) {
		const uint16_t code = file_u16(f, body);
		const uint16_t len = file_u16(f, body);
		if (code == OPTION_END)
			break;
		const uint32_t padding = (4 - len % 4u) % 4u;
		if (len + padding > cur_left(body))
			return file_bad(f, "option %u of %u bytes runs past its interface's block",
			                code, len);
		struct cur v = cur_sub(body, len);
		cur_skip(body, padding);
		if (!pcapng_option(f, code, &v, own, shown))
			return file_bad(f, "an interface's option %u has %u bytes", code, len);
	}
	return RECORD_OTHER;
}

/* Is this interface of the list like the one shown, and not taken by this section yet? */
static bool pcapng_takes(const struct file *f, unsigned index, const struct source_iface *shown)
{
	const struct source_iface *const listed = &f->ifaces[index];

	return f->pcapng.taken[index] != f->pcapng.section && listed->linktype == shown->linktype &&
	       strcmp(listed->name, shown->name) == 0;
}

/* The place in the source's list. Where sections are alike the first guess is right. */
static bool pcapng_list(struct file *f, uint16_t *index, const struct source_iface *shown)
{
	const unsigned listed = f->iface_count;

	for (unsigned i = 0; i < listed; i++) {
		*index = (uint16_t)((f->pcapng.count + i) % listed);
		if (pcapng_takes(f, *index, shown))
			return true;
	}
	if (listed == SOURCE_IFACES_MAX)
		return false;
	*index = (uint16_t)listed;
	f->ifaces[listed] = *shown;
	f->iface_count++;
	return true;
}

static enum record pcapng_interface(struct file *f, uint32_t length)
{
	struct pcapng_iface own = {.ticks = {.multiply = 1000, .divide = 1}};
	struct source_iface shown = {0};

	if (length < 20 || length > CUR_MAX)
		return file_bad(f, "an interface's block of %u bytes", length);
	if (!file_has(f, length, "an interface's block"))
		return RECORD_MORE;
	if (!pcapng_closed(f, length))
		return pcapng_unclosed(f, length);
	struct cur body = file_cursor(f);
	cur_cut(&body, length - 4);
	cur_skip(&body, 8);
	own.linktype = shown.linktype = file_u16(f, &body);
	cur_skip(&body, 2);
	own.snaplen = file_u32(f, &body);
	if (pcapng_options(f, &body, &own, &shown) == RECORD_BAD)
		return RECORD_BAD;
	if (!pcapng_list(f, &own.index, &shown))
		return file_bad(f, "more than %u interfaces", SOURCE_IFACES_MAX);
	f->pcapng.taken[own.index] = f->pcapng.section;
	f->pcapng.ifaces[f->pcapng.count++] = own;
	f->at += length;
	return RECORD_OTHER;
}

/* Enhanced packets and the obsolete ones differ in the first four bytes alone. */
static enum record pcapng_packet(struct file *f, bool obsolete, uint32_t length,
                                 struct frame *frame)
{
	struct cur c = file_cursor(f);

	cur_skip(&c, 8);
	const uint32_t index = obsolete ? file_u16(f, &c) : file_u32(f, &c);
	if (obsolete)
		cur_skip(&c, 2); /* drops since the last packet */
	const uint64_t high = file_u32(f, &c);
	const uint64_t ticks = high << 32 | file_u32(f, &c);
	const uint32_t captured = file_u32(f, &c);
	const uint32_t wire = file_u32(f, &c);
	if (UNLIKELY(length < 32))
		return file_bad(f, "a packet's block of %u bytes", length);
	if (UNLIKELY(captured > length - 32))
		return file_bad(f, "a packet of %u bytes in a block of %u", captured, length);
	if (UNLIKELY(index >= f->pcapng.count))
		return file_bad(f, "a packet of interface %u, but the section has %u", index,
		                f->pcapng.count);
	const struct pcapng_iface *const own = &f->pcapng.ifaces[index];
	file_frame(f, frame, f->buffer + f->at + 28, captured, wire, own->fcs);
	frame->time_ns = f->pcapng.time_ns = ticks_ns(&own->ticks, ticks);
	frame->iface = own->index;
	frame->linktype = own->linktype;
	f->at += length;
	return RECORD_FRAME;
}

/* Of the section's first interface; its bytes end where the snap length or the block does. */
static enum record pcapng_simple(struct file *f, uint32_t length, struct frame *frame)
{
	struct cur c = file_cursor(f);

	cur_skip(&c, 8);
	const uint32_t wire = file_u32(f, &c);
	if (length < 16)
		return file_bad(f, "a simple packet's block of %u bytes", length);
	if (f->pcapng.count == 0)
		return file_bad(f, "a packet before any interface");
	const struct pcapng_iface *const own = &f->pcapng.ifaces[0];
	uint32_t captured = wire < length - 16 ? wire : length - 16;
	if (own->snaplen > 0 && own->snaplen < captured)
		captured = own->snaplen;
	file_frame(f, frame, f->buffer + f->at + 12, captured, wire, own->fcs);
	frame->time_ns = f->pcapng.time_ns;
	frame->iface = own->index;
	frame->linktype = own->linktype;
	f->at += length;
	return RECORD_FRAME;
}

/* A packet's block, which must be whole before any of it is believed. */
static enum record pcapng_whole(struct file *f, uint32_t type, uint32_t length, struct frame *frame)
{
	if (UNLIKELY(length > FILE_TOGETHER))
		return file_bad(f, "a packet's block of %u bytes, above the limit of %u", length,
		                FILE_TOGETHER);
	if (!file_has(f, length, "a packet"))
		return RECORD_MORE;
	if (UNLIKELY(!pcapng_closed(f, length)))
		return pcapng_unclosed(f, length);
	if (type == BLOCK_SIMPLE)
		return pcapng_simple(f, length, frame);
	return pcapng_packet(f, type == BLOCK_PACKET, length, frame);
}

static enum record pcapng_block(struct file *f, struct frame *frame)
{
	if (f->pcapng.trailer != 0)
		return pcapng_trailer(f);
	if (!file_has(f, BLOCK_OVERHEAD, "a block"))
		return RECORD_MORE;
	struct cur c = file_cursor(f);
	const uint32_t type = file_u32(f, &c);
	const uint32_t length = file_u32(f, &c);
	if (type == BLOCK_SECTION)
		return pcapng_section(f);
	if (UNLIKELY(length < BLOCK_OVERHEAD))
		return file_bad(f, "block length %u is below %u", length, BLOCK_OVERHEAD);
	if (UNLIKELY(length % 4 != 0))
		return file_bad(f, "block length %u is no multiple of 4", length);
	switch (type) {
	case BLOCK_ENHANCED:
	case BLOCK_PACKET:
	case BLOCK_SIMPLE:
		return pcapng_whole(f, type, length, frame);
	case BLOCK_INTERFACE:
		return pcapng_interface(f, length);
	default:
		return pcapng_pass(f, length, "a block");
	}
}

static enum record pcapng_record(struct file *f, struct frame *frames, unsigned *count)
{
	struct frame *const frame = &frames[*count];
	const enum record said = pcapng_block(f, frame);

	if (said == RECORD_FRAME)
		*count += file_gives(f, frame);
	return said;
}

bool pcapng_knows(const struct file *f)
{
	struct cur c = file_cursor(f);

	return cur_be32(&c) == BLOCK_SECTION;
}

enum record pcapng_begin(struct file *f)
{
	f->record = pcapng_record;
	return pcapng_section(f);
}
