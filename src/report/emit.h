/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit.h - writes JSON into a buffer of fixed size, front to back.
 *
 * What does not fit sets `full`; the writer goes on harmlessly, and its owner goes back to a place
 * it noted (emit_back). Keys are constants of ours; texts are the network's: valid UTF-8 is kept as
 * it is, an invalid byte or a control becomes \u00XX.
 */
#pragma once

#include "base/attr.h"
#include "base/clock.h"
#include "net/ip.h"
#include "net/mac.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct emit {
	char *buf;
	size_t len, cap;
	bool comma; /* the next value needs one before it */
	bool full;
	char time[TIME_TEXT]; /* as it was written last: most times of a line are of one second */
	uint64_t second;      /* of `time` */
};

void emit_begin(struct emit *j, char *buf, size_t cap) NONNULL;
void emit_open(struct emit *j, char bracket) NONNULL; /* '{' or '[' */
void emit_close(struct emit *j, char bracket) NONNULL;
void emit_name(struct emit *j, const char *key, size_t len) NONNULL;
/* A key; of a constant the compiler knows the length. */
static inline void emit_key(struct emit *j, const char *key)
{
	emit_name(j, key, strlen(key));
}
void emit_number(struct emit *j, uint64_t n) NONNULL;
void emit_bool(struct emit *j, bool b) NONNULL;
void emit_string(struct emit *j, const char *text) NONNULL; /* may be the network's: escaped too */
/* A string of ours, in which nothing needs an escape. */
void emit_quoted(struct emit *j, const char *text, size_t len) NONNULL;
static inline void emit_word(struct emit *j, const char *text)
{
	emit_quoted(j, text, strlen(text));
}
/* False: some byte stands as \u00XX. */
bool emit_text(struct emit *j, const uint8_t *text, size_t len) NONNULL;
void emit_hex(struct emit *j, const uint8_t *bytes,
              size_t len) NONNULL; /* a string of hex digits */
void emit_time(struct emit *j, uint64_t time_ns) NONNULL;
void emit_mac(struct emit *j, struct mac mac) NONNULL;
void emit_ip(struct emit *j, const struct ip *ip) NONNULL;
/* A value that is JSON already. */
void emit_raw(struct emit *j, const char *text, size_t len) NONNULL;
/* The line's end; false: it did not fit. */
bool emit_end(struct emit *j) NONNULL MUST_CHECK;

/* A place to come back to. */
struct emit_place {
	size_t len;
	bool comma;
};
static inline struct emit_place emit_here(const struct emit *j)
{
	return (struct emit_place){j->len, j->comma};
}
static inline void emit_back(struct emit *j, struct emit_place to)
{
	j->len = to.len;
	j->comma = to.comma;
	j->full = false;
}
