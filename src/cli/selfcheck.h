/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selfcheck.h - is havainto really silent, and really confined? It tries, and prints what happened.
 */
#pragma once

#include "base/attr.h"

#include <stdio.h>

/*
 * Opens a packet socket on loopback, enters the sandbox as the sensor does (as `user`, or its
 * default when NULL), and tries every way to send or to get out, a child process each, first with
 * what the whole process has given up, then as each class of thread. Prints a line a way. 0: all
 * denied; 1: some way is open, or it could not be tried (not root, a sanitizer build), which is
 * said. The process stays confined: end it afterwards.
 */
int selfcheck_run(const char *user, FILE *out) MUST_CHECK __attribute__((nonnull(2)));

/*
 * Says plainly of each sink ("tcp:HOST:PORT"; others do not use the network) whether its reports
 * leave by one of the watched interfaces: silence is for packet sockets, reports are sent. Both
 * lists end with NULL. Sends nothing. Returns how many do. Call it before the sandbox: it may look
 * up names.
 */
unsigned selfcheck_sinks(const char *const *sinks, const char *const *ifaces, FILE *out) NONNULL;
