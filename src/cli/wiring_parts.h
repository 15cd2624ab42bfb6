/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wiring_parts.h - what a wiring consists of; for wiring.c and graph.c.
 */
#pragma once

#include "capture/filter.h"
#include "cli/board.h"
#include "cli/loops.h"
#include "cli/wiring.h"
#include "observe/plan.h"

/* Blocks of a file that are lent at a time: each worker one to read, and some to be ahead. */
enum { BLOCKS_AHEAD = 4, BLOCKS_MAX = WORKERS_MAX + BLOCKS_AHEAD };

struct remote {
	struct sink *sink;
	struct report_channel channel;
	struct sender *lane;
	unsigned end_ms;
	bool waits; /* over files: for its peer, rather than to lose a line */
	int status;
	int ended_fd; /* of the wiring */
};

struct wiring {
	struct wiring_options options;
	bool live;
	struct hash_key key;
	struct filter *filter;
	struct plan *plan;
	struct board board;

	unsigned source_count;
	struct source *sources[WORKERS_MAX];
	struct reader reader; /* files and several workers: what they read in turns */
	struct block blocks[BLOCKS_MAX];
	unsigned block_count;

	unsigned worker_count;
	struct worker workers[WORKERS_MAX];

	unsigned edge_task_count;
	struct edge_task *edge_tasks;   /* all edges' tasks in order */
	unsigned edge_first[EDGES_MAX]; /* of each edge: its first one */

	struct fact_channel facts;
	unsigned fact_senders;
	struct sink *sinks[SINKS_MAX];
	unsigned sink_count;
	struct sink *local[SINKS_MAX];
	unsigned local_count;
	struct remote remote[SINKS_MAX];
	unsigned remote_count;
	struct sender *lanes[SINKS_MAX];
	struct ip quiet[SINKS_MAX * 4];
	unsigned quiet_count;
	struct notes *notes; /* NULL: no captures are written */
	int notes_status;
	struct reporter *reporter;
	int reporter_status;
	int ended_fd; /* an eventfd: tasks that end last of all write to it */

	const char *read_paths[INPUTS_MAX + 1];
	const char *write_paths[SINKS_MAX + 1];
	uint16_t ports[SINKS_MAX + 1];
	int sockets[SANDBOX_SOCKETS];
};
