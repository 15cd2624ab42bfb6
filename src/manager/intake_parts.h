/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_parts.h - the intake, to its own files alone: intake.c takes lines, intake_door.c lets in who may
 * send them.
 */
#pragma once

#include "base/log.h"
#include "manager/intake.h"

#include <event2/util.h>
#include <netinet/in.h>
#include <stdatomic.h>

struct bufferevent;
struct event;
struct event_base;
struct evconnlistener;

/* A connection of a sensor. */
struct peer {
	struct intake *intake;
	struct peer *next;
	struct bufferevent *stream;
	bool remote;                    /* over TLS */
	bool stranger;                  /* it has not shown who it is */
	char address[INET6_ADDRSTRLEN]; /* of a remote one */
	uint64_t since_ns;
	struct fingerprint who;
	char sensor[CERTIFICATE_NAME]; /* that it may speak for; "": any */
	uint64_t boot, seq;            /* of the last line that was read */
	bool unacked;                  /* and no commit has followed */
	unsigned none;                 /* lines that were none */
};

struct intake {
	struct store *store;
	struct event_base *base;
	struct event *stop, *commit, *pause, *second, *hour;
	struct evconnlistener *listeners[2]; /* of the unix socket, of TLS; NULL: there is none */
	SSL_CTX *context;
	struct roster *roster; /* NULL: without TLS */
	uint64_t forget_ns;    /* what is older is forgotten; 0: nothing */
	struct peer *peers;
	unsigned strangers;
	int stop_fd;
	bool began;     /* a transaction is open */
	unsigned lines; /* of the transaction */
	bool changed;   /* by the transaction */
	intake_changed *on_commit;
	void *on_commit_self;
	struct log_limit said, said_unknown;
	_Atomic(uint64_t) counts[sizeof(struct intake_counts) / sizeof(uint64_t)];
};

/* A count by its place in struct intake_counts. */
#define COUNT(in, member) (&(in)->counts[offsetof(struct intake_counts, member) / sizeof(uint64_t)])

static inline void count_add(_Atomic(uint64_t) *count, uint64_t n)
{
	atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}

/* Reads lines and takes them: of a stream that was greeted. */
void peer_read(struct bufferevent *stream, void *peer) NONNULL;
void peer_say(struct peer *p, const char *line, size_t len) NONNULL;
/* Hangs up. */
void peer_free(struct peer *p) NONNULL;

/* Nobody new is let in, for a moment. */
void intake_rest(struct intake *in) NONNULL;
/* Whether it lets in anybody. */
void intake_let_in(struct intake *in, bool on) NONNULL;
