/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h - what the program gives up before it looks at the first foreign byte.
 *
 * The order is fixed: open captures, sinks and the state directory; sandbox_enter (other user, no
 * capability, no new privileges, Landlock, silence); only then create threads; each thread adds
 * its class by sandbox_thread before anything else; the main thread adds its own last, because a
 * thread inherits the filter of the one that made it.
 *
 * Silence: the packet sockets named in the plan cannot be written to, sent on or copied by any
 * thread, and no other can be made: the kernel kills the process that tries. The filter knows
 * them by number, so they stay open until the program ends (source_free comes last).
 *
 * Nor can any thread look up a name (no UDP, no sendmsg): addresses of sinks are found before.
 *
 * There is no way back and no option to go without. Under a sanitizer (HAVAINTO_SANITIZED) all of
 * it is left out, since the sanitizer's own calls would be refused; sandbox_state says so.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SANDBOX_SOCKETS 64 /* packet sockets at most: interfaces times workers */
#define SANDBOX_WHY 256

/* What a thread is for, and so which system calls it may make: the table in sandbox.c. */
enum sandbox_class {
	SANDBOX_MAIN, /* signals, waiting for threads, the status socket; writes to descriptors it has */
	SANDBOX_WORKER,   /* reads packets: rings, capture files */
	SANDBOX_OBSERVER, /* reads a channel and nothing else */
	SANDBOX_REPORTER, /* writes stdout and files; opens below the write paths */
	SANDBOX_SINK_NET, /* connects to unix sockets and the given TCP ports; spools below the write paths */
	SANDBOX_UI, /* reads keys, draws the table */
	SANDBOX_SERVER, /* the manager: answers those who connect, keeps the inventory below the write paths */
	SANDBOX_CLASSES
};

struct sandbox_plan {
	const char *user;   /* NULL: havainto if it exists, else SUDO_UID, else nobody */
	const int *sockets; /* packet sockets that must stay silent */
	unsigned socket_count;
	const char *const *read_paths; /* files and folders to read later: they exist; NULL ends */
	const char *const
		*write_paths; /* folders (or files) to write later: they exist; NULL ends */
	const uint16_t *connect_ports; /* TCP ports that sinks connect to; 0 ends */
	const uint16_t *bind_ports;    /* TCP ports to listen on later; 0 ends */
};

/*
 * Whom the program becomes: known before entering, so that the state directory can be given to it.
 */
struct sandbox_user {
	uint32_t uid, gid;
	char name[64];
};

/* What is in force: for `status` and its test. Of the calling thread where it is per thread. */
struct sandbox_state {
	uint32_t uid, euid, gid;
	uint64_t capabilities; /* permitted, effective and inheritable together; 0: none */
	bool no_new_privs;
	int landlock_abi; /* 0: the kernel has none, and paths are not restricted */
	int seccomp_mode; /* 2: filter */
	unsigned confined[SANDBOX_CLASSES]; /* threads that entered each class so far */
	bool sanitized;                     /* this build goes without */
};

/*
 * Not root: the user one is. Root: as struct sandbox_plan says. Negative errno and why: no such
 * user, root itself, or another user without being root.
 */
int sandbox_find_user(const char *user, struct sandbox_user *out, char why[SANDBOX_WHY]) MUST_CHECK;

/*
 * The part of the whole process; call it once, in the only thread there is. 0, or negative errno
 * with `why` saying what was tried: then end the program, since part of it may be done.
 */
int sandbox_enter(const struct sandbox_plan *plan, char why[SANDBOX_WHY]) MUST_CHECK NONNULL;

/*
 * The part of one thread, first thing it does; after sandbox_enter. Any other call kills the
 * process.
 */
int sandbox_thread(enum sandbox_class class) MUST_CHECK;

const char *sandbox_class_name(enum sandbox_class class) PURE;
struct sandbox_state sandbox_state(void);
