/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status_socket.h - the unix socket at which a running sensor says how it is.
 *
 * Whoever connects gets two lines, the last health line and one about the sandbox, and the end of
 * the stream. It only shows counts, so anybody on the machine may ask. The socket stays when the
 * program ends (the sandbox lets nothing be removed); the next start replaces one at which nobody
 * answers.
 */
#pragma once

#include "base/attr.h"
#include "report/reporter.h"

#include <stddef.h>

enum { STATUS_PATH = 108 };

/*
 * Where a sensor listens, or is asked, when --status does not say: below /run/havainto for root,
 * else below $XDG_RUNTIME_DIR. "": there is no place.
 */
const char *status_default(char out[STATUS_PATH]) NONNULL;
/* Makes the socket and its folder where that is missing. A descriptor, or -errno with why. */
int status_open(const char *path, char *why, size_t why_len) MUST_CHECK NONNULL;
/* Somebody connected: answers. Never waits for them. */
void status_answer(int socket, struct reporter *reporter) NONNULL;
/* Connects: a descriptor or -errno. */
int status_connect(const char *path) MUST_CHECK NONNULL;
