/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h - which frames are wanted at all: a BPF expression as tcpdump reads it.
 *
 * It is compiled once, at start, for every link type that havainto reads: later the sandbox is
 * closed, and a file tells its link types only while it is read. A filter is never changed
 * again, so that any number of tasks may share it. libpcap looks host names up when it compiles:
 * expressions with addresses in numbers keep a sensor silent from the start.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_program;
struct filter;

/* NULL where no link type can express it: `why` says so in libpcap's words. */
struct filter *filter_compile(const char *expression, char *why, size_t why_len) MUST_CHECK NONNULL;

/*
 * Is this frame wanted? A link type that havainto reads but on which the expression has no
 * meaning ("ether host" without Ethernet) passes nothing. One that it does not read passes all:
 * such frames are counted as of an unsupported link type, filtered or not.
 */
bool filter_pass(const struct filter *f, uint16_t linktype, const uint8_t *bytes, uint32_t captured,
                 uint32_t wire) NONNULL;

/* The program for one link type, to attach to a socket; NULL where there is none. */
const struct bpf_program *filter_program(const struct filter *f, uint16_t linktype) NONNULL;

/* As it was written: live, libpcap compiles it once more for the interface (live.c says why). */
const char *filter_text(const struct filter *f) NONNULL;

void filter_free(struct filter *f);
