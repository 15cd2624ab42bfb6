/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink.h - where reports go: standard output, a file, a unix socket, a TCP connection, a manager over
 * TLS. They go as they are, or in the words of others (format.h), which know devices alone.
 *
 * Who answers at a socket may be a manager: it greets first, and acknowledges lines once they are
 * safe with it (manager/intake.h has the protocol). Then a line is kept until it is acknowledged,
 * and sent again over the next connection; to any other reader a line is delivered once it is sent. With a
 * spool a unix socket's peer must be a manager: one that is stopped says no word either.
 *
 * A sink takes whole lines and knows nothing of what is in them. Those of the machine itself
 * (standard output, a file) are written by the reporter, which waits for them. A remote one has a
 * task of its own behind a `report` channel (sink_task): what it cannot deliver is counted as
 * expired, and the reporter never waits for a network. Connecting again, back-off and what to do on
 * a failure live here once, above the kinds; a kind is open, submit, poll and close (struct
 * sink_kind in sink.c).
 *
 * Everything that needs privileges or a resolver happens in sink_open, before the sandbox: files
 * are opened, names become addresses. Connections are made later, by the sink's task.
 */
#pragma once

#include "base/attr.h"
#include "net/ip.h"
#include "task/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sink;

/* The head of every item on a report channel; a line and its '\n' stand behind it. */
struct report_item {
	uint64_t seq;
	uint32_t len;
	uint32_t type; /* enum line of report.h */
};

struct sink_counts {
	uint64_t lines,
		bytes; /* delivered: written, or acknowledged where the kind has acknowledgements */
	uint64_t
		expired; /* lines given up: the channel was full, or the deadline at the end came */
	uint64_t refused;  /* by the manager: it cannot take them */
	uint64_t connects; /* connections made, the first included */
	uint64_t errors;   /* failed writes and connections */
	bool connected;
	uint64_t spooled;   /* lines on disk */
	uint64_t coalesced; /* records that a newer one replaced there */
};

#define SINK_KINDS "-, file:PATH, unix:PATH, tcp:HOST:PORT or tls:HOST:PORT"

/*
 * "-", "file:PATH" (appended to), "unix:PATH" (a stream), "tcp:HOST:PORT" (tcp:[::1]:9100),
 * "tls:HOST:PORT" (a manager); before it "ocsf:" or "ecs:". NULL: `why` says what was tried, on what,
 * why not, and what to do.
 */
struct sink *sink_open(const char *spec, char *why, size_t why_len) MUST_CHECK NONNULL;
/* Gives the rest up. NULL is fine. */
void sink_free(struct sink *s);

/* The keys of a sink that needs some, from the folder of `havainto enroll`; NULL: no folder. False: why. */
bool sink_keys(struct sink *s, const char *folder, char *why, size_t why_len) MUST_CHECK
	__attribute__((nonnull(1, 3)));
/*
 * A remote sink keeps lines in a file in this folder until its peer has them, for so many bytes;
 * boot: of the lines to come. False: why.
 */
bool sink_spool(struct sink *s, const char *folder, uint64_t bytes, uint64_t boot, char *why,
                size_t why_len) MUST_CHECK NONNULL;

const char *sink_spec(const struct sink *s) NONNULL;
/* Has to run on a task of its own, by sink_task. */
bool sink_is_remote(const struct sink *s) NONNULL;

/*
 * For the sandbox: the folder in which it must be able to make its file again, or NULL; the TCP
 * port it connects to, or 0.
 */
const char *sink_path(const struct sink *s) NONNULL;
uint16_t sink_port(const struct sink *s) NONNULL;
/* The peer's addresses, of which no change is told; returns how many (at most cap). */
unsigned sink_peers(const struct sink *s, struct ip *out, unsigned cap) NONNULL;

/*
 * Delivers so many whole lines, the last of them numbered seq, and waits until they are out (local
 * sinks). 0, or -errno when it failed for good: -EPIPE when the reader of standard output ended.
 */
int sink_submit(struct sink *s, const char *lines, size_t len, uint64_t count,
                uint64_t seq) MUST_CHECK NONNULL;
/* The highest seq that is known to be delivered. */
uint64_t sink_acked(const struct sink *s) NONNULL;

/*
 * The whole life of a remote sink: receives lines, connects, delivers, connects again (100 ms,
 * doubled to 30 s, with jitter), until the channel has ended and all is out or deadline_ms after
 * that has passed. `waits`: while a peer is there that takes lines, however slowly, none is given
 * up: the sender waits. 0: all was delivered or counted as expired; -errno: it never once could connect.
 */
int sink_task(struct sink *s, struct channel *reports, bool waits, unsigned deadline_ms) NONNULL;

/* From any thread or a signal handler: files are opened anew before the next line (rotation). */
void sink_reopen(struct sink *s) NONNULL;
/* From any thread. */
struct sink_counts sink_count(const struct sink *s) NONNULL;
