/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live.h - what the two ways of listening to an interface share. For live.c, tpacket.c,
 * live_pcap.c and join.c; everybody else sees source.h.
 *
 * Whoever waits does so in slices of LIVE_SLICE_MS at most: between two it looks whether it shall
 * stop, and whether an interface that went away is back. So nothing has to wake it, and nothing
 * but the packet sockets themselves is open.
 */
#pragma once

#include "capture/kind.h"
#include "capture/linktype.h"

#include <linux/filter.h>

#define LIVE_SLICE_MS 200
/* What the kernel has already taken when the stop comes is given within this time. */
#define LIVE_DRAIN_NS UINT64_C(1000000000)

/* How frames look on an interface of a kind (ARPHRD_*). */
struct link_kind {
	uint16_t linktype;
	bool cooked; /* its own header says nothing: the kernel drops it, a Linux SLL header is made */
};

/* A program of the kernel's packet filter, being written. */
#define PROGRAM_MAX 4096 /* BPF_MAXINSNS */
struct kernel_program {
	struct sock_filter code[PROGRAM_MAX];
	uint16_t len;
};

struct link_kind live_link_kind(unsigned short hardware);

/* The errors of opening, in the words of source.h; gives NULL, so that opening can end with it. */
void *live_refuse(const char *iface, int error, size_t ring_bytes, char *why, size_t why_len);

/*
 * The whole filter of one socket: its share of the address pairs, then what the user wants. Gives 0
 * or an errno: ENETDOWN, EDOM (no meaning on this link), EFBIG (too long).
 */
int live_program(struct kernel_program *p, const struct filter *filter, struct link_kind kind,
                 const char *iface, const struct live_options *options) MUST_CHECK;

/*
 * Puts the test "are these two addresses mine" in front of what follows: a frame of another
 * share is refused, one of this share goes on. Both directions of a pair, and all its fragments,
 * have one share; a frame without IP goes by its source MAC. One VLAN tag is looked behind (another
 * one the kernel has taken out before).
 */
void share_program(struct kernel_program *p, uint16_t linktype, unsigned share,
                   unsigned shares) NONNULL;

/* Adds what the kernel saw and dropped since this was asked last. */
void live_count(int fd, struct source_counts *counts) NONNULL;

/* From now on the socket takes nothing. Negative errno. */
int live_close_ears(int fd) MUST_CHECK;

struct source *tpacket_open(const char *iface, const struct live_options *options,
                            const struct filter *filter, char *why, size_t why_len) MUST_CHECK;
struct source *xdp_open(const char *iface, const struct live_options *options,
                        const struct filter *filter, char *why, size_t why_len) MUST_CHECK;
struct source *live_pcap_open(const char *iface, const struct live_options *options,
                              const struct filter *filter, char *why, size_t why_len) MUST_CHECK;
