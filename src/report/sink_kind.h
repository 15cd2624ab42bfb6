/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink_kind.h - what a kind of sink is, to sink.c alone and to the kinds: a few functions behind
 * which a new one (a message bus) fits.
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"
#include "report/format.h"
#include "report/sink.h"
#include "report/spool.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define SINK_SPEC 512
#define SINK_MEMORY \
	(10u << 20) /* of a remote one: lines that its peer has not taken, and their numbers */
#define SINK_ANSWER 1024
#define SINK_TROUBLE 256
#define SINK_ADDRESSES 8u

/* A peer's address, as connect() takes it. */
struct sink_address {
	struct sockaddr_storage at;
	socklen_t len;
};

struct sink_kind {
	const char *prefix; /* of the spec: "file:" */
	bool remote;
	bool asks; /* who answers may be a manager: it is given time to greet */
	/* rest: the spec behind the prefix. 0, or a negative number and why. */
	int (*open)(struct sink *s, const char *rest, char *why, size_t why_len);
	/* Reads the keys that it connects with from the folder, before the sandbox. NULL: it has none. */
	int (*keys)(struct sink *s, const char *folder, char *why, size_t why_len);
	/*
	 * Bytes that were taken; 0: none just now; -errno. Remote: begins to connect when it is not
	 * connected.
	 */
	ssize_t (*submit)(struct sink *s, const char *bytes, size_t len);
	/*
	 * Waits up to timeout_ms for an answer, or for room where that is wanted; what
	 * is answered goes to sink_answer. 0, or -errno: the connection is gone.
	 */
	int (*poll)(struct sink *s, bool room, int timeout_ms);
	void (*close)(struct sink *s);
	void (*free)(struct sink *s); /* what open and keys took; NULL: nothing */
};

struct sink {
	const struct sink_kind *kind;
	char spec[SINK_SPEC];
	char folder[SINK_SPEC];
	struct arena memory; /* remote: of the lines that the peer has not taken */
	struct spool *spool; /* NULL: none */
	uint64_t boot;       /* of the lines */
	int fd;              /* -1: none */
	bool connecting;
	struct sink_tls *tls; /* of tls: alone */
	enum format format;   /* of what leaves */
	char trouble
		[SINK_TROUBLE]; /* what is wrong with the connection, where it is not an errno */
	struct sink_address addresses[SINK_ADDRESSES];
	unsigned address_count, next_address;
	uint16_t port;
	atomic_bool reopen;
	_Atomic(uint64_t) lines, bytes, expired, refused, connects, errors, acked, spooled,
		coalesced;
	/* what the peer says, by this connection */
	bool greeted;                   /* it is a manager */
	uint64_t acked_boot, acked_seq; /* the last line that is safe with it */
	char answer[SINK_ANSWER];       /* the line that is coming */
	size_t answer_len;
	atomic_bool connected;
};

/* Bytes that the peer answered: whole lines are read, the rest is kept for the next time. */
void sink_answer(struct sink *s, const char *bytes, size_t len) NONNULL;
/* The words for the error that comes next; the first that are found for it stay. */
void sink_trouble(struct sink *s, const char *words) NONNULL;

/* A line in the sink's format, which the caller frees; NULL: it has no words for it. */
char *sink_translate(struct sink *s, const char *line, size_t len) MUST_CHECK NONNULL;

/* ---- a stream, for the kinds that are one (sink_stream.c) ---- */

/* "HOST:PORT": the addresses. */
int sink_resolve(struct sink *s, const char *rest, char *why, size_t why_len) MUST_CHECK NONNULL;
/* Begins to connect to the next of the addresses. 1: connected; 0: on the way; -errno. */
int stream_begin(struct sink *s) MUST_CHECK NONNULL;
/* The same of one that was begun. */
int stream_check(struct sink *s) MUST_CHECK NONNULL;
/* The peer is there and takes lines. */
void stream_connected(struct sink *s) NONNULL;
void stream_close(struct sink *s) NONNULL;

extern const struct sink_kind sink_stdout, sink_file, sink_unix, sink_tcp, sink_tls;
