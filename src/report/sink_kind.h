/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink_kind.h - what a kind of sink is, to sink.c alone and to the kinds: four functions behind
 * which a new one (TLS, a message bus) fits.
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"
#include "report/sink.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define SINK_SPEC 512
#define SINK_ADDRESSES 8u

/* A peer's address, as connect() takes it. */
struct sink_address {
	struct sockaddr_storage at;
	socklen_t len;
};

struct sink_kind {
	const char *prefix; /* of the spec: "file:" */
	bool remote;
	/* rest: the spec behind the prefix. 0, or a negative number and why. */
	int (*open)(struct sink *s, const char *rest, char *why, size_t why_len);
	/*
	 * Bytes that were taken; 0: none just now; -errno. Remote: begins to connect when it is not
	 * connected.
	 */
	ssize_t (*submit)(struct sink *s, const char *bytes, size_t len);
	/* Waits up to timeout_ms for room or an answer. 0, or -errno: the connection is gone. */
	int (*poll)(struct sink *s, int timeout_ms);
	void (*close)(struct sink *s);
};

struct sink {
	const struct sink_kind *kind;
	char spec[SINK_SPEC];
	char folder[SINK_SPEC];
	struct arena memory; /* remote: of the lines that the peer has not taken */
	int fd;              /* -1: none */
	bool connecting;
	struct sink_address addresses[SINK_ADDRESSES];
	unsigned address_count, next_address;
	uint16_t port;
	atomic_bool reopen;
	_Atomic(uint64_t) lines, bytes, expired, connects, errors, acked;
	atomic_bool connected;
};

extern const struct sink_kind sink_stdout, sink_file, sink_unix, sink_tcp;
