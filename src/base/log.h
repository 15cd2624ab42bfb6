/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - one line to stderr for a person to read.
 *
 * For what the person must know or do, told once: "cannot listen on eth7: no such interface (see
 * \"ip link\")". Foreign bytes are counted, not logged; a condition that comes back is logged
 * at most once a minute. A line is one write(), prefixed "havainto: ", at most LOG_LINE bytes;
 * what is no plain text in it is escaped here (\n, \x1b, \u{202e}: escape.h), so no name from the
 * network can forge a line, turn one around or reach the terminal.
 */
#pragma once

#include "base/attr.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE 1024 /* the longest line, its prefix and end included; the rest is cut: "..." */

/* Zeroed by its owner. Any thread may log by it. */
struct log_limit {
	_Atomic(uint64_t) next_ns; /* not before this time of clock_now_ns() */
	_Atomic(uint64_t) silent;  /* lines not written since the last */
};

void log_line(const char *format, ...) PRINTF(1, 2) NONNULL;
/* At most one line a minute; the next says how many like it were not written. */
void log_once_a_minute(struct log_limit *limit, const char *format, ...) PRINTF(2, 3) NONNULL;

/* Writes the line (prefix, escapes, end) that log_line() would; returns its length. */
size_t log_format(char out[LOG_LINE], const char *format, va_list args) PRINTF(2, 0) NONNULL;
