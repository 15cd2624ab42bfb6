/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - writes JSON into a buffer of fixed size, front to back.
 *
 * What does not fit sets `full`; the writer goes on harmlessly, and its owner goes back to a place it noted
 * (json_back). Keys are constants of ours; texts are the network's: valid UTF-8 is kept as it is, an
 * invalid byte or a control becomes \u00XX.
 */
#pragma once

#include "base/attr.h"
#include "net/ip.h"
#include "net/mac.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	char *buf;
	size_t len, cap;
	bool comma; /* the next value needs one before it */
	bool full;
};

void json_begin(struct json *j, char *buf, size_t cap) NONNULL;
void json_open(struct json *j, char bracket) NONNULL;  /* '{' or '[' */
void json_close(struct json *j, char bracket) NONNULL;
void json_key(struct json *j, const char *key) NONNULL;
void json_number(struct json *j, uint64_t n) NONNULL;
void json_bool(struct json *j, bool b) NONNULL;
void json_string(struct json *j, const char *text) NONNULL; /* may be the network's: escaped too */
/* False: some byte stands as \u00XX. */
bool json_text(struct json *j, const uint8_t *text, size_t len) NONNULL;
void json_hex(struct json *j, const uint8_t *bytes, size_t len) NONNULL; /* a string of hex digits */
void json_time(struct json *j, uint64_t time_ns) NONNULL;
void json_mac(struct json *j, struct mac mac) NONNULL;
void json_ip(struct json *j, const struct ip *ip) NONNULL;
/* A value that is JSON already. */
void json_raw(struct json *j, const char *text, size_t len) NONNULL;
/* The line's end; false: it did not fit. */
bool json_end(struct json *j) NONNULL MUST_CHECK;

/* A place to come back to. */
struct json_place {
	size_t len;
	bool comma;
};
static inline struct json_place json_here(const struct json *j)
{
	return (struct json_place){j->len, j->comma};
}
static inline void json_back(struct json *j, struct json_place to)
{
	j->len = to.len;
	j->comma = to.comma;
	j->full = false;
}
