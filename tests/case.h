/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case.h - a case file in memory, the frames it makes, and what the observers say of them.
 *
 * case_file.c reads the language, case_build.c makes frames and their disguises, case_run.c runs
 * them through a task of the program's own plan, case_check.c compares, case_runner.c is main.
 * The language is told in case_file.c.
 */
#pragma once

#include "asset/fact.h"
#include "base/attr.h"
#include "observe/counters.h"
#include "observe/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- memory ends with the process: a test may leak nothing, so lists are freed ---- */

struct bytes {
	uint8_t *at;
	size_t len, room;
};
void bytes_add(struct bytes *b, const void *from, size_t len);
void bytes_u8(struct bytes *b, unsigned n);
void bytes_be16(struct bytes *b, unsigned n);
void bytes_be32(struct bytes *b, uint32_t n);
void bytes_free(struct bytes *b);

struct case_frame {
	struct bytes bytes; /* as captured */
	uint32_t wire;
	uint16_t linktype;
};
struct frames {
	struct case_frame *list;
	unsigned count, room;
};
struct case_frame *frames_add(struct frames *f, uint16_t linktype);
void frames_free(struct frames *f);

/* ---- a case file ---- */

struct token {
	char *s; /* ended by 0; may hold others where it was quoted */
	size_t len;
	bool quoted;
	unsigned line;
};

/* A statement: a word and what follows it, also on the lines below that begin with a blank. */
struct statement {
	unsigned line;
	struct token *tokens;
	unsigned count, room;
};

struct case_file {
	char *path;
	struct statement *statements;
	unsigned count, room;
};

/* False: not a case file; said on stderr. */
bool case_read(const char *path, struct case_file *c);
void case_free(struct case_file *c);
bool statement_is(const struct statement *s, const char *word);
/* The bytes that tokens from `first` on say: hex digits, and quoted text. */
bool statement_bytes(const struct case_file *c, const struct statement *s, unsigned first,
                     struct bytes *out);
/* Says file:line: and the message, and counts a failure. */
void case_fails(const struct case_file *c, unsigned line, const char *format, ...) PRINTF(3, 4);

/* ---- frames ---- */

/* How the builders of tcp and udp conversations lay out their bytes. */
struct layout {
	size_t segment; /* payload bytes of a TCP segment */
	bool swapped;   /* two and two segments of one message in the wrong order */
	bool twice;     /* every segment is sent again */
};
bool case_build(const struct case_file *c, const struct layout *layout, struct frames *out);
bool case_has(const struct case_file *c, const char *word);

/* Disguises; false: they do not apply to these frames. */
bool frames_vlan(const struct frames *in, struct frames *out, uint16_t type, uint16_t id);
bool frames_gre(const struct frames *in, struct frames *out, uint32_t key);
bool frames_fragmented(const struct frames *in, struct frames *out, bool backwards);
extern const struct mac wrap_mac; /* the outer sender of frames_gre */

/* ---- a run ---- */

struct fact {
	struct fact_item item;
	uint8_t *value;
};

/* One step from layer to layer. */
struct step {
	const struct observer *observer; /* NULL: nobody claims the key */
	enum space space;
	uint64_t key;
	uint32_t left;
	struct packet packet;
};

struct run {
	struct task *task;
	struct fact *facts;
	unsigned fact_count, fact_room;
	struct step *steps;
	unsigned step_count, step_room;
	bool keep_steps;
	uint64_t told;          /* by observers */
	uint64_t supported;     /* the sum of the counts that came out */
	uint64_t entered, left; /* observers called, observers returned */
	uint64_t fed, fed_bytes;
	uint64_t now_ns;
	struct fact_item *room;
	size_t room_len;
};

void run_begin(struct run *r, bool keep_steps);
void run_frames(struct run *r, const struct frames *f);
/* A copy of the frame, of only `captured` bytes. */
void run_frame(struct run *r, const struct case_frame *f, uint32_t captured);
/* Ends the task: r->facts is complete. What does not add up is said as a failure of the case. */
void run_finish(struct run *r, const struct case_file *c, const char *variant);
void run_free(struct run *r);

/* ---- checks ---- */

void check_expectations(const struct case_file *c, const struct run *r);
void check_parses(const struct case_file *c);

/* How a disguise changes the facts. */
struct disguise {
	const char *name;
	uint16_t vlan;     /* 0: as they were */
	const char *realm; /* the outer realm, NULL: none */
	struct mac outer;  /* facts of this MAC in no realm are the disguise's own */
	bool pieces;       /* put together from fragments: SYNs have no fingerprint */
};
void check_same(const struct case_file *c, const struct run *base, const struct run *other,
                const struct disguise *d);
void check_subset(const struct case_file *c, const struct run *base, const struct run *part,
                  const char *variant);
/*
 * Ever-present facts need not be listed: seen, ip.ttl, fingerprints of SYNs, and addresses that
 * were only used.
 */
bool fact_is_exempt(const struct fact_item *item);
const char *fact_text(const struct fact *f);
