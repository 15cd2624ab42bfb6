/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listening.h - a TCP socket at which the manager waits for others: browsers, sensors.
 */
#pragma once

#include "base/attr.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Listens at "127.0.0.1:8710", "[::1]:8710"; port 0: any, *port says which. Who is let in has no
 * delay (TCP_NODELAY), and is given up when it has gone without a word. The descriptor, or -1 and
 * why; `what` waits there: "sensors".
 */
int listening_open(const char *address, const char *what, uint16_t *port, char *why,
                   size_t why_len) MUST_CHECK NONNULL;
/* Only this machine can get there. One that is no address is not. */
bool listening_is_near(const char *address) NONNULL;
/* Who is at the other end: "192.0.2.7"; "?": not known. */
void listening_peer(int fd, char out[INET6_ADDRSTRLEN]) NONNULL;
