/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcap.c - the old capture format in all its dialects.
 *
 * A header of 24 bytes, then packets, each behind 16 bytes: seconds, fraction, bytes here, bytes on
 * the wire; everything in the byte order of the machine that wrote it, which the magic number
 * tells. Other magic numbers mean nanoseconds, the 24-byte packet headers of a patched libpcap of
 * the 1990s (Alexey Kuznetsov's), or a longer header of the file (Ixia's). Versions before 2.3 have
 * the two lengths swapped, 2.3 has them in either order. The snap length is not believed: it is 0,
 * too small or absurd in too many files, and nothing here depends on it.
 *
 * The link type's upper half may say how many bytes of FCS each frame ends with
 * (draft-ietf-opsawg-pcap, 4); these are no part of the frames given.
 */
#include "capture/file.h"

enum { PCAP_HEADER = 24, PACKET_HEADER = 16 };

struct dialect {
	uint32_t magic;
	uint32_t fraction_ns;
	uint32_t header; /* bytes before a packet */
	uint32_t more;   /* bytes of the file's header beyond the usual */
};

static const struct dialect dialects[] = {
	{0xa1b2c3d4, 1000, 16, 0}, /* microseconds: nearly all files */
	{0xa1b23c4d, 1, 16, 0},    /* nanoseconds */
	{0xa1b2cd34, 1000, 24, 0}, /* Kuznetsov's, with interface index, protocol, packet type */
	{0x1c0001ac, 1000, 16, 4}, /* Ixia's hardware, with the length of all packets ... */
	{0x1c0001ab, 1000, 16, 4}, /* ... and its software */
};

static const struct dialect *dialect_find(uint32_t magic)
{
	for (size_t i = 0; i < COUNT_OF(dialects); i++)
		if (dialects[i].magic == magic)
			return &dialects[i];
	return NULL;
}

/* The dialect of the file that begins at `at`, and its byte order; or NULL. */
static const struct dialect *pcap_dialect(const struct file *f, bool *big)
{
	struct cur c = file_cursor(f);
	const struct dialect *const little = dialect_find(cur_le32(&c));

	*big = !little;
	if (little)
		return little;
	c = file_cursor(f);
	return dialect_find(cur_be32(&c));
}

bool pcap_knows(const struct file *f)
{
	bool big;

	return pcap_dialect(f, &big) != NULL;
}

/* DG/UX wrote version 543.0, with the lengths of the oldest versions. */
static bool pcap_version(struct file *f, uint16_t major, uint16_t minor)
{
	if (major != 2 && !(major == 543 && minor == 0))
		return false;
	f->pcap.swapped_lengths = major == 543 || minor < 3;
	f->pcap.maybe_swapped = major == 2 && minor == 3;
	return true;
}

static uint64_t pcap_time(uint64_t time, uint64_t fraction_ns)
{
	return (time & 0xffffffff) * 1000000000u + (time >> 32) * fraction_ns;
}

/* The packet at `at`. Its header alone is looked at through a cursor: no read of it can fail. */
static ALWAYS_INLINE enum record pcap_packet(struct file *f, struct frame *frame)
{
	const uint32_t header = f->pcap.header;

	if (!file_has(f, header, "a packet's header"))
		return RECORD_MORE;
	struct cur c = cur_make(f->buffer + f->at, PACKET_HEADER);
	const uint64_t time = file_two_u32(f, &c), lengths = file_two_u32(f, &c);
	uint32_t captured = (uint32_t)(lengths & 0xffffffff), wire = (uint32_t)(lengths >> 32);
	if (UNLIKELY(f->pcap.swapped_lengths || (f->pcap.maybe_swapped && captured > wire))) {
		const uint32_t other = captured;
		captured = wire;
		wire = other;
	}
	if (UNLIKELY(captured > FILE_PACKET_MAX))
		return file_bad(f, "a packet of %u bytes, above the limit of %u", captured,
		                FILE_PACKET_MAX);
	if (!file_has(f, header + captured, "a packet"))
		return RECORD_MORE;
	file_frame(f, frame, f->buffer + f->at + header, captured, wire, f->pcap.fcs);
	frame->time_ns = pcap_time(time, f->pcap.fraction_ns);
	frame->iface = 0;
	frame->linktype = f->pcap.linktype;
	f->at += header + captured;
	return RECORD_FRAME;
}

/*
 * As many packets as are whole and as nearly all are, up to a batch, of a file about which nothing is
 * odd. What is known of the file is kept out of its memory meanwhile, which stores to frames could change.
 */
NOINLINE FLATTEN static void pcap_plain(struct file *f, struct frame *frames, unsigned *count)
{
	const uint8_t *const buffer = f->buffer;
	const uint64_t fraction_ns = f->pcap.fraction_ns;
	const uint16_t linktype = f->pcap.linktype;
	const uint64_t before = f->counts.received;
	size_t at = f->at;
	unsigned n = 0, room = SOURCE_BATCH - *count;

	for (frames += *count; n < room && f->end - at >= PACKET_HEADER; n++, frames++) {
		struct cur c = cur_make(buffer + at, PACKET_HEADER);
		const uint64_t time = cur_le64(&c), lengths = cur_le64(&c);
		const uint32_t captured = (uint32_t)(lengths & 0xffffffff);
		const uint32_t wire = (uint32_t)(lengths >> 32);

		if (UNLIKELY(captured > CUR_MAX || wire < captured ||
		             f->end - at < PACKET_HEADER + captured))
			break;
		at += PACKET_HEADER;
		*frames = (struct frame){
			buffer + at,    captured, wire,    pcap_time(time, fraction_ns),
			before + n + 1, 0,        linktype};
		at += captured;
	}
	f->counts.received += n;
	f->counts.bytes += at - f->at - (size_t)n * PACKET_HEADER;
	f->at = at;
	*count += n;
}

/* All packets that are there, up to a batch. */
FLATTEN static enum record pcap_packets(struct file *f, struct frame *frames, unsigned *count)
{
	enum record said = RECORD_FRAME;

	if (LIKELY(f->pcap.plain))
		pcap_plain(f, frames, count);
	while (*count < SOURCE_BATCH && said == RECORD_FRAME) {
		said = pcap_packet(f, &frames[*count]);
		if (said == RECORD_FRAME)
			*count += file_gives(f, &frames[*count]);
	}
	return said;
}

enum record pcap_begin(struct file *f)
{
	const struct dialect *const d = pcap_dialect(f, &f->big);
	struct cur c = file_cursor(f);

	if (!d)
		return file_bad(f, "no pcap header");
	cur_skip(&c, 4);
	const uint16_t major = file_u16(f, &c);
	const uint16_t minor = file_u16(f, &c);
	cur_skip(&c, 12); /* time zone, accuracy, snap length: never of use */
	const uint32_t link = file_u32(f, &c);
	if (!pcap_version(f, major, minor))
		return file_bad(f, "pcap version %u.%u is not one that is known", major, minor);
	f->pcap.fraction_ns = d->fraction_ns;
	f->pcap.header = d->header;
	f->pcap.fcs = (link >> 26 & 1) != 0 ? (link >> 28) * 2 : 0;
	f->pcap.linktype = (uint16_t)(link & 0xffff);
	f->pcap.plain = !f->big && d->header == PACKET_HEADER && f->pcap.fcs == 0 &&
	                f->filter == NULL && !f->pcap.swapped_lengths && !f->pcap.maybe_swapped;
	f->ifaces[0] = (struct source_iface){.linktype = f->pcap.linktype};
	f->iface_count = 1;
	f->record = pcap_packets;
	f->opened = true;
	file_skip(f, PCAP_HEADER + d->more, "the file's header");
	return RECORD_OTHER;
}
