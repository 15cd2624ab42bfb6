/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incoming.h - one line of a report, read back: the other side of line.h.
 *
 * A line is foreign, be it from a file or from another machine: it is bounded, parsed strictly
 * (UTF-8, no key twice, whole numbers), and must say what every line of havainto/1 says before
 * anybody looks at the rest of it. What a reader does with lines is its own business: `show` keeps
 * them in memory, the manager in its inventory.
 */
#pragma once

#include "base/attr.h"
#include "report/line.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INCOMING_MAX (1024u * 1024) /* bytes of a line, its end not counted */
#define INCOMING_WHY 256

/* The texts are of `whole`, and live as long. */
struct incoming {
	json_t *whole;        /* owned */
	enum line type;       /* LINES: one of a later version */
	const char *sensor;   /* not "" */
	uint64_t boot, seq;   /* what orders the lines of a sensor */
	uint64_t time_ns;     /* 0: it says none */
	const json_t *device; /* of LINE_DEVICE: an object */
};

/* False: why says what is wrong with the line, and *out has nothing to free. */
bool incoming_parse(const char *bytes, size_t len, struct incoming *out,
                    char why[INCOMING_WHY]) MUST_CHECK NONNULL;
void incoming_free(struct incoming *in) NONNULL;

/* "" when it is absent or no text; of no object too. */
const char *json_text(const json_t *object, const char *key) __attribute__((nonnull(2)));
/* 0 when it is absent, negative or no number. */
uint64_t json_count(const json_t *object, const char *key) __attribute__((nonnull(2)));
/* "2026-11-23T05:00:00.000000Z" in ns; 0: it is none. */
uint64_t time_parse(const char *text) PURE NONNULL;
