/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.h - where sensors connect: one task that reads their lines, takes them into the store and
 * acknowledges what was committed.
 *
 * The protocol is lines both ways, over a stream. The manager greets:
 *
 *	{"manager":"havainto/1","version":"0.1.0"}
 *
 * The sensor sends the lines of its reports, of one boot in rising seq. The manager answers
 *
 *	{"ack":{"boot":17,"seq":42}}
 *
 * after a commit: all that came over this connection up to that line survives. A line that cannot
 * be taken is answered, counted, kept aside, and counts as acknowledged, for it would be no better
 * the next time:
 *
 *	{"refused":{"boot":17,"seq":43,"why":"..."}}
 *
 * When the store fails nothing is acknowledged: the connections are closed, so that the sensors
 * send again what they have kept, and new ones are let in after a pause.
 *
 * Parsing, storing and answering are one thread: while it commits, the sockets fill and the sensors
 * wait. A transaction ends when nobody has more to say, or after INTAKE_LINES lines or INTAKE_MS.
 */
#pragma once

#include "base/attr.h"
#include "manager/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTAKE_PEERS 4096u
#define INTAKE_LINES 5000u
#define INTAKE_MS 100u

struct intake;

struct intake_counts {
	uint64_t peers;     /* connected now */
	uint64_t connected; /* in all */
	uint64_t taken, known, refused;
	uint64_t devices, changes; /* of the taken */
	uint64_t commits, failures;
	uint64_t bytes;
};

/* The store is the caller's, and this task's alone while it runs. NULL: memory is out. */
struct intake *intake_new(struct store *store) MUST_CHECK NONNULL;
void intake_free(struct intake *in);
/* Listens at a unix socket that only this user and its group may connect to. False: why. */
bool intake_listen(struct intake *in, const char *path, char *why,
                   size_t why_len) MUST_CHECK NONNULL;
/*
 * Called from the task after each commit that changed something, with the devices that it changed
 * (store_touched). Before it runs.
 */
typedef void intake_changed(void *self, const uint64_t *devices, size_t count);
void intake_on_commit(struct intake *in, intake_changed *call, void *self)
	__attribute__((nonnull(1, 2)));

/* The life of the task: returns after intake_stop, once all that was sent by then is committed. */
void intake_run(struct intake *in) NONNULL;
/* From any thread. */
void intake_stop(struct intake *in) NONNULL;
struct intake_counts intake_count(const struct intake *in) NONNULL;
