/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loops.h - what each kind of task does all day. wiring.c makes them and ties them together.
 *
 * Every task has one inbox (a source or a channel) and ends when it is closed and drained: it
 * finishes its observers, tells what they kept back and leaves the channels it sends on, so that
 * the next task can end.
 */
#pragma once

#include "base/hash.h"
#include "capture/block.h"
#include "capture/source.h"
#include "cli/board.h"
#include "observe/engine.h"
#include "observe/pace.h"
#include "observe/scribe.h"
#include "task/channels.h"
#include "task/lend.h"

enum { EDGE_TASKS_MAX = 64 };

/* Where a task that observes sends. */
struct outbox {
	struct fact_sender facts;
	struct note_sender notes; /* untyped NULL: nothing is written down */
	unsigned edge_count;
	unsigned targets[16]; /* tasks of each edge; 0: nothing goes there from here */
	struct packet_sender packets[16][EDGE_TASKS_MAX];
};

/* The adapters that a task's options name. */
struct fact_out outbox_facts(struct outbox *o) NONNULL;
struct packet_out outbox_packets(struct outbox *o) NONNULL;
struct note_out outbox_notes(struct outbox *o) NONNULL;

/*
 * A file that several workers read: in blocks that are lent to all of them, in each a list of every
 * worker's own frames. Whoever has the turn to fill a block (task/lend.h) has all of this for so long.
 */
struct reader {
	struct source *source;
	struct lending *lending;
	struct block *blocks;
	struct hash_key key;
	unsigned workers;
	struct pace pace;
	struct board *board;
	uint64_t filled;
};

/* A worker: its inbox is a source, or blocks of a file. */
struct worker {
	struct task *task;
	struct scribe *scribe; /* NULL: nothing is written down */
	struct source *source; /* NULL: blocks */
	struct reader *reader;
	struct outbox out;
	bool sheds;       /* the source's kernel keeps frames back */
	struct pace pace; /* source over files: strikes the marks */
	struct board *board;
	unsigned number;
};
void worker_run(void *worker);

/* A task of one edge. */
struct edge_task {
	struct task *task;
	struct scribe *scribe;
	struct packet_channel inbox;
	struct outbox out;
	unsigned edge, number;
	uint64_t passed; /* the last interval whose mark was passed on */
};
void edge_task_run(void *edge_task);
