/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pcapng_out.h - the blocks of a pcapng file that is written (draft-ietf-opsawg-pcapng).
 *
 * Each function puts one block into a buffer of the caller's and returns its length, at most what
 * the function beside it says. Byte order is the machine's, times are nanoseconds, and a packet may
 * have a comment, which Wireshark shows above it.
 */
#pragma once

#include "base/attr.h"
#include "capture/source.h"

#include <stddef.h>
#include <stdint.h>

enum { PCAPNG_SECTION_LEN = 28, PCAPNG_INTERFACE_MAX = 128, PCAPNG_COMMENT_MAX = 4096 };

/* What a file begins with. */
size_t pcapng_put_section(uint8_t out[PCAPNG_SECTION_LEN]) NONNULL;
/* An interface; they are numbered from 0 as they come. A name of "" is left out. */
size_t pcapng_put_interface(uint8_t out[PCAPNG_INTERFACE_MAX], uint16_t linktype,
                            const char *name) NONNULL;

/* The room of a packet block. */
size_t pcapng_packet_len(uint32_t captured, uint32_t comment_len);
/* f->iface is the number of an interface of the file; comment: UTF-8, comment_len 0: none. */
size_t pcapng_put_packet(uint8_t *out, const struct frame *f, const char *comment,
                         uint32_t comment_len) NONNULL;
