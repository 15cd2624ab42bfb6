/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.h - where frames come from: a capture file, several merged, an interface.
 *
 * A source gives frames in batches; their bytes are borrowed until the next call. It knows the
 * interfaces (one of a pcap file or a live socket, many of a pcapng file), their link types and
 * clocks. It allocates when it is opened and never between frames. Opening touches no foreign byte:
 * a file's header is read by the first source_next, inside the sandbox.
 *
 * Errors: opening says what was tried, on what, why and what to do, in `why`. A source that fails
 * later says FAILED once, with source_error(); the frames before it were given. A file that is cut
 * off or damaged is such an end, except that source_cut() is true: what came before is kept, the
 * exit is 0.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source;

/* One captured frame, borrowed until the next source_next. */
struct frame {
	const uint8_t *bytes;
	uint32_t captured; /* bytes here; at most CUR_MAX, the rest is cut */
	uint32_t wire;     /* bytes it had on the wire */
	uint64_t time_ns;  /* since 1970 */
	uint64_t number; /* from 1, in the order given by this source (merged: by the merged one) */
	uint16_t iface;  /* index into the source's interfaces */
	uint16_t linktype; /* LINKTYPE_ value */
};

#define SOURCE_BATCH 64

/*
 * Of a frame that was given: what is still wanted of those to come that are like it, which are
 * those in the same direction of the same conversation. What is not wanted the kernel may count and
 * keep back (shed.h).
 */
enum want {
	WANT_ALL,
	WANT_BEGIN,    /* TCP: all, for with this frame a connection begins */
	WANT_END,      /* TCP: all, for with this frame it ends */
	WANT_PAYLOAD,  /* TCP: all but bare acknowledgements */
	WANT_ENDS,     /* TCP: how it ends, or begins anew */
	WANT_PATTERNS, /* UDP: what begins with other bits, or as a pattern does */
	WANT_OTHERS,   /* UDP: what begins with other bits */
};

/* What the kernel kept back is told as frames: their head, of which there were so many. */
struct fold {
	uint64_t now_ns;
	uint64_t number; /* for the frames: that of the last one given, */
	uint16_t iface;  /* and its interface; set by the source */
	void *to;
	void (*tell)(void *to, const struct frame *head, uint64_t packets, uint64_t bytes);
};

enum pull { FRAMES, IDLE, FINISHED, FAILED, USED_UP };

struct source_iface {
	char name[64]; /* the interface's own name, or "" */
	uint16_t linktype;
	bool live;
};

/* Counts of the accounting identity; all since the source was opened. */
struct source_counts {
	uint64_t received; /* frames given */
	uint64_t bytes;    /* captured bytes of them */
	uint64_t
		kernel_seen; /* live: passed the kernel's filter; once FINISHED = received + dropped */
	uint64_t kernel_dropped;       /* live: ring was full */
	uint64_t filtered;             /* files: refused by the BPF filter */
	uint64_t cut;                  /* frames longer than CUR_MAX, cut by the reader */
	uint64_t file_read, file_size; /* for the progress bar; size 0 when unknown (stdin) */
	uint64_t restarts;             /* live: interface came back */
	/* live, where the kernel keeps frames back: */
	uint64_t shedding;  /* sockets with the program that does */
	uint64_t looked_at; /* frames it looked at; once FINISHED and folded = shed + kernel_seen */
	uint64_t shed;      /* kept back, as folded so far */
	uint64_t shed_bytes;
	/* live, XDP: sockets whose frames the kernel copies, and to which the card writes itself */
	uint64_t xdp_copy, xdp_zero_copy;
};

/*
 * The next frames, at most SOURCE_BATCH. FRAMES: *count >= 1. IDLE: (live, or a pipe) none within
 * timeout_ms; -1 waits until there is something or source_stop. FINISHED: the end. FAILED: see
 * source_error; after it comes FINISHED. USED_UP: see source_lend.
 */
enum pull source_next(struct source *s, struct frame frames[SOURCE_BATCH], unsigned *count,
                      int timeout_ms) MUST_CHECK NONNULL;

/*
 * Over files: frames stand in `bytes` from now on, SOURCE_LEND of them, and stay as they are there until
 * source_next says USED_UP: then another buffer is to be lent. It never waits while frames of this
 * buffer were given: they are not kept back for those to come.
 */
#define SOURCE_LEND (640u << 10)
void source_lend(struct source *s, uint8_t *bytes) NONNULL;

/*
 * What went wrong, "" while nothing did: "x.pcapng: offset 1234: block length 3 is below 12; 41
 * frames kept".
 */
const char *source_error(const struct source *s) NONNULL;
/* The end was a cut or damaged file of which some frames, or at least a good header, were read. */
bool source_cut(const struct source *s) NONNULL;
/* Interfaces known by now; the list only grows. */
unsigned source_ifaces(const struct source *s, const struct source_iface **ifaces) NONNULL;
void source_count(const struct source *s, struct source_counts *out) NONNULL;
bool source_is_live(const struct source *s) NONNULL;
/*
 * The descriptors of packet sockets, for the sandbox's filter: writes at most cap, returns how many
 * there are.
 */
unsigned source_sockets(const struct source *s, int *fds, unsigned cap) NONNULL;
/*
 * For each frame of the batch given last, while it is observed: asks the cache for one of the next
 * batch.
 */
void source_ahead(struct source *s) NONNULL;
/* Of a frame of the batch given last; nothing where the kernel keeps nothing back. */
void source_want(struct source *s, const struct frame *frame, enum want wanted) NONNULL;
/* Tells what was kept back since the last time: every few seconds, and after FINISHED. */
void source_fold(struct source *s, const struct fold *fold) NONNULL;
/*
 * From a signal handler or any thread: the next source_next says FINISHED (live: after what the
 * ring still holds).
 */
void source_stop(struct source *s) NONNULL;
void source_free(struct source *s);

struct filter; /* a compiled BPF filter (filter.h): NULL lets all pass */

/* path "-" is stdin. pcap and pcapng, plain, .gz, .zst, by content, not by name. */
struct source *source_open_file(const char *path, const struct filter *filter, char *why,
                                size_t why_len) MUST_CHECK;
/* Takes over the sources; frames in order of time (ties: by the order of the sources). */
struct source *source_merge(struct source **sources, unsigned count) MUST_CHECK;

struct live_options {
	size_t ring_bytes; /* 64 MiB by default */
	bool promiscuous;
	bool fallback_pcap; /* use libpcap instead of TPACKET_V3 */
	unsigned fanout; /* so many sockets of the interface share its frames, when > 1: each ... */
	unsigned share;  /* ... is opened with its own share, 0..fanout-1; by address pair */
	unsigned block_ms;    /* block time-out */
	bool shed;            /* without a filter: the kernel may keep back what is not wanted */
	uint16_t begins[256]; /* of each first byte: may a pattern of UDP begin so? See below */
};
/*
 * What makes a datagram that begins with a byte one that a pattern may fit: 0, nothing; BEGINS_ANY,
 * the byte alone; else the place of another byte (1 to 255) in the upper half, its value in the lower.
 */
#define BEGINS_ANY UINT16_MAX
/* "xdp:" before the name takes the frames by AF_XDP (xdp.c). */
struct source *source_open_live(const char *iface, const struct live_options *options,
                                const struct filter *filter, char *why, size_t why_len) MUST_CHECK;
/* Several interfaces read by one task: polls them all; takes them over. */
struct source *source_join_live(struct source **sources, unsigned count) MUST_CHECK;
