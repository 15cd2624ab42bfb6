/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread.h - the thread of a task: it is started, runs to its natural end, and is joined.
 *
 * The main thread starts all threads and joins them; a task never starts one. A thread has a name
 * (perf, gdb and ps show it), a stack of 1 MiB, all signals blocked but those of its own faults,
 * and is put into its class of the sandbox before it runs. Nothing stops a thread: its inbox is
 * closed, it drains it and returns. Who does not in time is named.
 */
#pragma once

#include "base/attr.h"
#include "base/sandbox.h"
#include "task/channel.h"

struct thread;

/* A thread that had not ended at the deadline. */
struct thread_late {
	const char *name;
	const struct channel *inbox; /* NULL: it named none. See channel_count for its fill */
};

/*
 * What a thread does first: main sets it to sandbox_thread before it starts any. NULL, as in
 * tests: nothing. A thread that cannot be confined ends the program.
 */
extern int (*thread_sandbox)(enum sandbox_class class);

/*
 * Starts run(self). The name is copied (15 characters of it are shown). NULL: no thread was made.
 */
struct thread *thread_start(const char *name, enum sandbox_class class, void (*run)(void *self),
                            void *self) MUST_CHECK;

/* Says, from a task's own thread, what it waits for, so that it can be told if it hangs. */
void thread_inbox(const struct channel *inbox) NONNULL;

/*
 * Waits for all threads, for deadline_ms together (-1: for ever), and frees those that ended.
 * `late` is called for each that has not; returns how many. May be called again for these.
 */
unsigned thread_join_all(int deadline_ms, void (*late)(const struct thread_late *who, void *self),
                         void *self) MUST_CHECK;
