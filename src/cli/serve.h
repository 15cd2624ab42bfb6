/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve.h - a manager in this process, step by step: for `manager`, and for `run`, which has a
 * sensor beside it.
 */
#pragma once

#include "base/attr.h"
#include "cli/options.h"
#include "manager/manager.h"

#include <stdbool.h>

/* SIGINT, SIGTERM and SIGCHLD wait from here on until they are read. A descriptor, or -1. */
int serve_signals(void);
/* NULL: was said. */
struct manager *serve_open(const struct settings *s, const char *folder) MUST_CHECK NONNULL;
/* Enters the sandbox and starts the tasks. False: was said; end the program. */
bool serve_start(struct manager *m, const struct settings *s) MUST_CHECK NONNULL;
/* The next signal. */
int serve_wait(int signals);
/* Stops the tasks and waits for them: the exit status. */
int serve_end(struct manager *m) NONNULL;
