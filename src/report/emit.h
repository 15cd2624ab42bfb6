/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit.h - writes JSON into a buffer of fixed size, front to back.
 *
 * What does not fit sets `full`; the writer goes on harmlessly, and its owner goes back to a place
 * it noted (emit_back). Keys are constants of ours; texts are the network's: valid UTF-8 is kept as
 * it is, an invalid byte or a control becomes \u00XX.
 *
 * Of what is written a million times the owner asks for room once (emit_room), puts the pieces
 * there one behind the other (piece_...), which check nothing, and says where they end (emit_wrote).
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

#define EMIT_SECONDS 16u
#define EMIT_TIMES 16u

/*
 * Seconds as they were written lately, each at its place: most times of a report are of few. And
 * whole times: a device that was seen once says the same one for each thing that it did.
 */
struct emit_times {
	struct {
		uint64_t number; /* of the second, from 1 */
		char text[TIME_FRACTION];
	} seconds[EMIT_SECONDS];
	struct {
		uint64_t ns; /* 0: none */
		char text[TIME_TEXT];
	} whole[EMIT_TIMES];
};

struct emit {
	char *buf;
	size_t len, cap;
	bool comma; /* the next value needs one before it */
	bool full;
	struct emit_times *times; /* the owner's, for many lines; NULL: there are none */
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
void emit_time(struct emit *j, uint64_t time_ns) NONNULL;
void emit_mac(struct emit *j, struct mac mac) NONNULL;
void emit_ip(struct emit *j, const struct ip *ip) NONNULL;
/* A value that is JSON already. */
void emit_raw(struct emit *j, const char *text, size_t len) NONNULL;
/* Keys and values that were written before, with the comma before each. */
void emit_again(struct emit *j, const char *text, size_t len) NONNULL;
/* The line's end; false: it did not fit. */
bool emit_end(struct emit *j) NONNULL MUST_CHECK;

/* ---- pieces, where there is room ---- */

/* For a value of at most `most` bytes, behind its comma; NULL: there is not as much. */
static inline char *emit_room(struct emit *j, size_t most)
{
	char *at = j->buf + j->len;

	if (most + 1 > j->cap - j->len) {
		j->full = true;
		return NULL;
	}
	if (j->comma)
		*at++ = ',';
	return at;
}

/* Behind the last piece, and that is the end of a value. */
static inline void emit_wrote(struct emit *j, const char *end)
{
	j->len = (size_t)(end - j->buf);
	j->comma = true;
}

/* Each returns the place behind what it put there. */
static inline char *piece_bytes(char *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}
/* Of a constant the compiler knows the length. */
static inline char *piece_literal(char *at, const char *words)
{
	return piece_bytes(at, words, strlen(words));
}
/*
 * A text that was put together before, in an array of `size` bytes, of which it has `len`. All are
 * copied, since that takes neither loop nor call; what comes next is written over the rest.
 */
static ALWAYS_INLINE char *piece_block(char *at, const char *block, size_t size, size_t len)
{
	memcpy(at, block, size);
	return at + len;
}
/* Room for a text in its quotes: of its bytes each may become \u00XX. */
#define TEXT_ROOM(len) (6u * (len) + 2u)
/* Between quotes. *whole: no byte of it stands as \u00XX. */
char *piece_text(char *at, const uint8_t *text, size_t len, bool *whole) NONNULL;
char *piece_hex(char *at, const uint8_t *bytes, size_t len) NONNULL;
char *piece_time(char *at, uint64_t time_ns, struct emit_times *times); /* without quotes */

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
