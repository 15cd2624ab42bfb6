/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notes.h - the captures that a run writes: evidence, broken frames, taps (observe/scribe.h).
 *
 * The files are opened before the sandbox closes and written by a task of their own, to which the
 * scribes of all tasks send. Taps and evidence are written as they come; of broken frames the last
 * ones are kept in memory, and the file is made anew at each mark that found new ones, and at the
 * end. Nothing is ever written over a capture that is read.
 */
#pragma once

#include "base/attr.h"
#include "base/hash.h"
#include "cli/board.h"
#include "observe/scribe.h"

#include <stdbool.h>
#include <stddef.h>

enum { KEEP_MAX = 4096 };

struct notes_tap {
	const struct observer *observer;
	const char *path;
};

struct notes_options {
	const char *evidence;  /* a path; NULL: not wanted */
	const char *malformed; /* a path; NULL: not wanted */
	unsigned keep;         /* broken frames */
	struct notes_tap taps[TAPS_MAX];
	unsigned tap_count;
	size_t held_bytes;         /* of each scribe; 0: its default */
	const char *const *inputs; /* captures that are read; NULL ends */
};

struct notes;
struct note_channel; /* task/channels.h */

bool notes_wanted(const struct notes_options *o) NONNULL;
/* NULL, and why: a file cannot be opened, is one that is read, or is given twice. */
struct notes *notes_open(const struct notes_options *o, bool live, unsigned senders,
                         struct board *board, char *why, size_t why_len) NONNULL MUST_CHECK;
const struct note_channel *notes_channel(const struct notes *n) NONNULL;
/* What each task's scribe is made of. */
struct scribe_options notes_scribe(const struct notes_options *o, struct note_out out,
                                   struct hash_key key) NONNULL;
/* The task: writes until all senders have left. 1 when a file could not be written, which was said. */
int notes_run(struct notes *n) NONNULL;
void notes_free(struct notes *n);
