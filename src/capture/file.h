/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h - a capture file being read: what file.c shares with the formats, pcap.c and pcapng.c.
 *
 * The file goes through one buffer, read in blocks of 256 KiB. A format is a function that is
 * called again and again: it looks at the bytes from `at` on and either takes a record, or several
 * (frames point into the buffer, nothing is copied), or says that it needs more of them, or that
 * they make no sense. When more is needed the batch of frames ends, what is left of a record moves to
 * the buffer's front, and the buffer is filled up. So memory does not grow with the file, and
 * what a format must hold together (a packet, an interface's description) has a limit.
 */
#pragma once

#include "base/cursor.h"
#include "capture/filter.h"
#include "capture/input.h"
#include "capture/kind.h"

#define FILE_HEADER 24u              /* what both formats begin with at least */
#define FILE_READ (256u << 10)       /* bytes asked of the input at once */
#define FILE_TOGETHER (384u << 10)   /* the most a format may need in one piece */
#define FILE_PACKET_MAX (256u << 10) /* a longer packet is no packet but damage */
#define FILE_BLOCK_MAX (16u << 20)   /* so is a longer block of any kind */

/* A format's answer, of the last record that it took. FRAME: a packet, given by file_gives().
 * OTHER: something else was read. MORE: file_has() said no. BAD: file_bad() was called. */
enum record { RECORD_FRAME, RECORD_OTHER, RECORD_MORE, RECORD_BAD };

/* How the clock of an interface becomes nanoseconds since 1970. */
struct ticks {
	uint64_t multiply, divide; /* of decimal resolutions; one of them is 1 */
	uint8_t shift;             /* of binary ones: 2^-shift s; else 0 and `binary` false */
	bool binary;
	int64_t offset_s; /* seconds to add */
};

struct pcap {
	uint32_t fraction_ns; /* what the second half of a timestamp counts */
	uint32_t header;      /* bytes before a packet */
	uint32_t fcs;         /* bytes of checksum behind each frame */
	uint16_t linktype;
	bool swapped_lengths, maybe_swapped; /* versions before 2.4 */
	bool plain; /* little-endian, headers of 16 bytes, none of these, no checksums, no filter */
};

/* An interface as its section describes it; the user sees a struct source_iface. */
struct pcapng_iface {
	struct ticks ticks;
	uint32_t snaplen;
	uint32_t fcs;
	uint16_t index; /* into the source's list */
	uint16_t linktype;
};

struct pcapng {
	struct pcapng_iface ifaces[SOURCE_IFACES_MAX]; /* of this section */
	unsigned count;
	uint32_t section; /* from 1 */
	uint32_t trailer; /* the length that must come next, or 0 */
	uint64_t time_ns; /* of the packet before: simple packets have none */
	/* Of each in the source's list, the last section that had it. */
	uint32_t taken[SOURCE_IFACES_MAX];
};

struct file {
	struct source head;
	struct input input;
	const struct filter *filter;
	enum record (*record)(struct file *f, struct frame *frames, unsigned *count);
	const char *inside; /* what is cut off if the file ends now: "a packet" */

	uint8_t *own;    /* the buffer that is used while none is lent */
	uint8_t *buffer; /* own, or a lent one */
	bool lent;
	uint64_t lent_at; /* frames given before the buffer was lent */
	size_t at, end;   /* bytes not read yet: [at,end) */
	size_t need;      /* how many there must be */
	uint64_t skip;    /* how many to pass over, beyond the buffer */
	uint64_t base;    /* offset of buffer[0] in the capture */

	bool big;    /* numbers are big-endian */
	bool opened; /* its header was good */
	bool ended;
	struct source_counts counts;
	struct source_iface ifaces[SOURCE_IFACES_MAX];
	unsigned iface_count;
	struct pcap pcap;
	struct pcapng pcapng;
	char name[256]; /* the path, for messages; its end, if it is long */
};

/* The same as source_open_file, on a descriptor that is taken over. */
struct source *file_open_fd(int fd, const char *name, const struct filter *filter, char *why,
                            size_t why_len) MUST_CHECK;

/* The bytes that are there, as far as a cursor reaches. */
static inline struct cur file_cursor(const struct file *f)
{
	return cur_make(f->buffer + f->at, f->end - f->at);
}

static inline uint32_t file_u32(const struct file *f, struct cur *c)
{
	return f->big ? cur_be32(c) : cur_le32(c);
}

/* Two numbers, one after the other: the first is the lower half. */
static inline uint64_t file_two_u32(const struct file *f, struct cur *c)
{
	if (LIKELY(!f->big))
		return cur_le64(c);
	const uint64_t two = cur_be64(c);
	return two << 32 | two >> 32;
}

static inline uint16_t file_u16(const struct file *f, struct cur *c)
{
	return f->big ? cur_be16(c) : cur_le16(c);
}

/* Are n bytes there? If not they are asked for; `inside` says of what they are a part. */
static inline bool file_has(struct file *f, size_t n, const char *inside)
{
	if (LIKELY(f->end - f->at >= n))
		return true;
	f->need = n;
	f->inside = inside;
	return false;
}

/* Passes over n bytes, which need not be in the buffer. */
void file_skip(struct file *f, uint64_t n, const char *inside) NONNULL;
/* Refuses what begins at `at`; the message gets the file's name and offset in front. */
enum record file_bad(struct file *f, const char *format, ...) PRINTF(2, 3) MUST_CHECK;

/* Fills in a frame but for its number and time: captured bytes from p on, of which `fcs` are a
 * checksum that is no part of the frame. */
static inline void file_frame(struct file *f, struct frame *frame, const uint8_t *p,
                              uint32_t captured, uint32_t wire, uint32_t fcs)
{
	wire = wire < captured ? captured : wire; /* some writers count without the FCS */
	wire = wire > fcs ? wire - fcs : 0;
	captured = captured < wire ? captured : wire;
	if (UNLIKELY(captured > CUR_MAX)) {
		captured = CUR_MAX;
		f->counts.cut++;
	}
	frame->bytes = p;
	frame->captured = captured;
	frame->wire = wire;
}

/* A frame that a record brought has its number now; 0: the filter does not let it pass. */
static inline unsigned file_gives(struct file *f, struct frame *frame)
{
	if (UNLIKELY(f->filter != NULL) &&
	    !filter_pass(f->filter, frame->linktype, frame->bytes, frame->captured, frame->wire)) {
		f->counts.filtered++;
		return 0;
	}
	frame->number = ++f->counts.received;
	f->counts.bytes += frame->captured;
	return 1;
}

/* Do the first four bytes say that it is theirs? Fewer bytes say nothing. */
bool pcap_knows(const struct file *f) MUST_CHECK NONNULL;
bool pcapng_knows(const struct file *f) MUST_CHECK NONNULL;
/* Reads the header of which FILE_HEADER bytes are there, and sets `record`. */
enum record pcap_begin(struct file *f) MUST_CHECK NONNULL;
enum record pcapng_begin(struct file *f) MUST_CHECK NONNULL;

/* foreign.c: what such bytes are, for "not a capture file: it ...". */
void foreign_describe(const uint8_t *bytes, size_t len, char *out, size_t out_len) NONNULL;
