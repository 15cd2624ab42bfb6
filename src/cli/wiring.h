/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wiring.h - ties sources, tasks, channels and sinks into one run, and ends it.
 *
 *   live:   each worker reads its own share of every interface
 *   files:  one worker reads them itself; several get frames from a reader, shared out by address pair
 *   --task: an observer's own tasks get packets from the workers (and from tasks below them)
 *   all that observe tell the reporter; the reporter writes local sinks and feeds a task for each remote one
 *
 * The order of a run: wiring_new opens everything and takes all memory; the caller closes the
 * sandbox; wiring_start makes the threads; wiring_stop ends the sources, and from there each task
 * ends when its inbox is closed and drained; wiring_wait collects them. The end of a file takes the
 * very same path.
 */
#pragma once

#include "base/attr.h"
#include "base/hash.h"
#include "base/sandbox.h"
#include "cli/notes.h"
#include "observe/engine.h"
#include "report/reporter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { WORKERS_MAX = 32, INPUTS_MAX = 64, SINKS_MAX = 16 };

struct wiring_options {
	const char *files[INPUTS_MAX]; /* files or interfaces, not both */
	unsigned file_count;
	const char *ifaces[INPUTS_MAX];
	unsigned iface_count;
	const char *filter; /* BPF, NULL: all */
	size_t ring_bytes;  /* of each socket; 0: 64 MiB */
	bool no_promiscuous, use_libpcap;
	bool no_shed; /* the kernel delivers all, though it need not */

	const char *spool_folder; /* NULL: lines that a peer has not taken are kept in memory */
	uint64_t spool_bytes;
	const char *key_folder;       /* of `havainto enroll`; NULL: there is none */
	const char *sinks[SINKS_MAX]; /* "-", "file:..." as sink_open takes them */
	unsigned sink_count;
	bool snapshots;             /* a live table will look */
	struct notes_options notes; /* captures that are written */

	unsigned workers; /* 0: 1 */
	struct edge_choice edges[16];
	unsigned edge_count;
	struct task_options memory; /* budgets of each task; the rest is set by the wiring */

	const char *sensor, *version;
	uint64_t boot;
	double interval_s;   /* of device lines; 0: live 60, files one report at the end */
	unsigned full_every; /* 0: 60 */
	bool hashed;
	struct hash_key privacy_key;
	bool fixed_key;   /* the same hashes in every run */
	const char *data; /* folder of others' fingerprints; NULL: none */
	struct asset_limits limits;
	unsigned end_s; /* how long remote sinks may take at the end; 0: 5 */
};

struct wiring;

struct wiring *wiring_new(const struct wiring_options *options, char *why,
                          size_t why_len) MUST_CHECK NONNULL;
/* What the sandbox must leave open; the paths live as long as the wiring. */
void wiring_sandbox(const struct wiring *w, struct sandbox_plan *plan) NONNULL;
/* 0, or -errno: no thread could be made. */
int wiring_start(struct wiring *w) NONNULL MUST_CHECK;
/* From a signal handler: the sources end, and the rest by itself. */
void wiring_stop(struct wiring *w) NONNULL;
/* From a signal handler: file sinks are opened anew. */
void wiring_reopen(struct wiring *w) NONNULL;
/* Has the last task ended? Waits up to timeout_ms. */
bool wiring_wait(struct wiring *w, int timeout_ms) NONNULL;
/*
 * Readable once the reporter or a remote sink has ended: then it is time to ask wiring_wait. Read 8
 * bytes.
 */
int wiring_ended_fd(const struct wiring *w) NONNULL;
/* Names each task that has not ended, with what its inbox holds; returns how many. */
unsigned wiring_say_late(struct wiring *w) NONNULL;
/*
 * After the end: 0, or 1 when an input could not be read at all or a sink failed for good. Says why
 * on stderr.
 */
int wiring_status(const struct wiring *w) NONNULL;
void wiring_free(struct wiring *w);

/* For the progress bar: bytes read of how many; size 0: unknown. */
void wiring_progress(struct wiring *w, uint64_t *read, uint64_t *size) NONNULL;
/* NULL unless snapshots were asked for. */
struct reporter *wiring_reporter(struct wiring *w) NONNULL;

/* The wiring as text with per-edge counters, or as DOT. */
void wiring_graph(const struct wiring *w, FILE *out, bool dot) NONNULL;
