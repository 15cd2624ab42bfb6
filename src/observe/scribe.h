/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scribe.h - has frames written down, for those who write observers and those who want proof.
 *
 * A scribe watches one task (struct watch) and sends notes, each a frame and a comment, to whoever
 * writes files. There are three kinds:
 *
 *   evidence   The frames that taught something: in which the task told a fact for the first time.
 *              The comment names the facts. What a fact rests on comes with it: the segments of its
 *              conversation so far, the other fragments of its datagram.
 *   malformed  Frames in which an observer found a message of its own that is broken.
 *   tap        What one observer was given. Mostly that is no frame: it lies above other layers, or
 *              was put together. So it is written as LINKTYPE_WIRESHARK_UPPER_PDU, whose head says
 *              addresses, ports and by what to read it, and Wireshark goes on from there with the
 *              very bytes that the observer saw. An observer of a link type is given frames, which
 *              are written as they are.
 *
 * Whether a segment will matter is known only later, so the scribe holds frames back: of each
 * conversation those that brought something of what is offered to observers, in a ring of fixed
 * size. A fact that rests on frames which the ring no longer has is counted (scribe_lost).
 *
 * Evidence needs all of a frame's walk in one task: a plan with edges gives none.
 *
 * A task without a scribe pays nothing: it is not watched.
 */
#pragma once

#include "observe/engine.h"

enum { TAPS_MAX = 16 };

/* Which file a note is for. */
enum note_kind { NOTE_EVIDENCE, NOTE_MALFORMED, NOTE_TAP, NOTE_KINDS = NOTE_TAP + TAPS_MAX };

/* A frame to write down; its bytes stand behind it, and behind them the comment. */
struct note_item {
	uint64_t time_ns, number;
	uint32_t captured, wire;
	uint16_t iface, linktype;
	uint16_t comment_len;
	uint16_t kind; /* NOTE_TAP + i: the i-th tap */
};

struct note_out {
	void *to;
	enum sent (*reserve)(void *to, uint32_t len, struct note_item **room);
	void (*commit)(void *to);
};

struct scribe_options {
	struct note_out out;
	struct hash_key key; /* the task's */
	bool evidence, malformed;
	const struct observer *taps[TAPS_MAX];
	unsigned tap_count;
	size_t held_bytes; /* 0: 128 MiB */
};

struct scribe;

/* NULL: no memory. */
struct scribe *scribe_new(const struct scribe_options *options) NONNULL MUST_CHECK;
/* Before the task's first frame; a task has one watcher. */
void scribe_watch(struct scribe *s, struct task *t) NONNULL;
/* How often a fact rests on frames that were not to be had any more, or a note was refused. */
uint64_t scribe_lost(const struct scribe *s) NONNULL;
void scribe_free(struct scribe *s);
