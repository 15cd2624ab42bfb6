/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.h - where sensors connect: one task that reads their lines, takes them into the store and
 * acknowledges what was committed.
 *
 * The protocol is lines both ways, over a stream. The manager greets:
 *
 *	{"manager":"havainto/1"}
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
 *
 * Sensors of this machine come over a unix socket: who may open it may speak as any sensor. Those of
 * others come over TLS 1.3 and show a certificate. One that the roster does not know is told so,
 * with the fingerprint that was seen, and sent away before it said a line:
 *
 *	{"unknown":"9f86d081884c7d65..."}
 *
 * One that it knows speaks as the sensor that it was accepted as, and no other: a line in another
 * name is refused as above. Connections are bounded: in all, by sensor, and of those that have not yet shown
 * who they are also by address; these have INTAKE_PROVE_S for it. A sensor that is taken out of the
 * roster is cut off within a second.
 */
#pragma once

#include "base/attr.h"
#include "manager/roster.h"
#include "manager/store.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTAKE_PEERS 4096u
#define INTAKE_STRANGERS 128u  /* connections that have not shown who they are */
#define INTAKE_PER_ADDRESS 32u /* of these */
#define INTAKE_PER_SENSOR 4u   /* the oldest goes: its other end has long gone */
#define INTAKE_PROVE_S 10
#define INTAKE_LINES 5000u
#define INTAKE_MS 100u

struct intake;

struct intake_counts {
	uint64_t peers;       /* connected now */
	uint64_t connected;   /* in all */
	uint64_t turned_away; /* by a bound, or unknown */
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
 * Listens at "ADDRESS:PORT" for sensors of other machines, by a context of TLS_INTAKE. Both outlive
 * it; the roster is this task's alone while it runs. False: why.
 */
bool intake_listen_tls(struct intake *in, const char *address, SSL_CTX *context,
                       struct roster *roster, uint16_t *port, char *why,
                       size_t why_len) MUST_CHECK NONNULL;
/* Forgets what was not seen for so long: at the start, and every hour. Before it runs. */
void intake_forget_after(struct intake *in, uint64_t age_ns) NONNULL;
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
