/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.h - the lines of a report, schema havainto/1: every line is one JSON object with its keys in
 * a fixed order.
 *
 * A writer of lines knows the sensor and numbers its lines. It writes each into one buffer
 * (LINE_MOST); what is done with it is the outlet's business (outlet.h).
 */
#pragma once

#include "asset/record.h"
#include "base/attr.h"
#include "base/hash.h"
#include "report/emit.h"
#include "report/phrase.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line { LINE_HELLO, LINE_DEVICE, LINE_CHANGE, LINE_END, LINE_HEALTH, LINE_BYE, LINES };

#define RECORD_MAX (256u * 1024) /* of one device's object */
#define LINE_MOST (RECORD_MAX + 64u * 1024)

/* How lines of a type begin, as it was written last: the same but for a line's number. */
struct opening {
	bool is_made;
	enum line type; /* LINES: it was too long */
	uint32_t len;
	char text[244];
};

/* What every line says, and how values may leave. */
struct line_context {
	const char *sensor;
	uint64_t boot;
	uint64_t seq;     /* of the last line */
	uint64_t time_ns; /* of the report */
	bool hashed;      /* PERSONAL values leave as keyed hashes */
	struct hash_key privacy_key;
	struct infer *infer; /* concludes from a record's facts */
	struct opening opening;
	struct phrases phrases;
};

/* The keys that all lines begin with; the object stays open. Takes the next number. */
void line_begin(struct emit *j, struct line_context *c, enum line type) NONNULL;

/* "full" and "device". */
void line_device(struct emit *j, const struct line_context *c, const struct record *r,
                 bool full) NONNULL;
/* The object of a record alone. */
void write_record(struct emit *j, const struct line_context *c, const struct record *r) NONNULL;
/* What is concluded of a record. */
void record_conclude(const struct line_context *c, const struct record *r,
                     struct conclusions *out) NONNULL;
/* A value of that kind as it may leave: a string. */
void write_value(struct emit *j, const struct line_context *c, enum fact_kind kind,
                 const uint8_t *value, size_t len) NONNULL;
/* "mac", or "ip" and "via": what a record is known by. */
void write_key(struct emit *j, const struct record *r) NONNULL;
/* "first_seen", "frame", "last_seen", "count". */
void write_support(struct emit *j, const struct support *s) NONNULL;
const char *view_name(enum view view) PURE;
const char *line_name(enum line type) PURE;
