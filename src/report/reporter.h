/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reporter.h - the task that keeps what is known and reports it.
 *
 * Its inbox is the fact channel; what it owns is the asset table. An interval ends when the mark of
 * its end came from every sender: what a faster sender told behind that mark is held back until
 * then, so that a report says the same whatever the wiring. It writes local sinks itself and waits
 * for them; to remote ones it offers each line by a dropping channel. It ends when its inbox is
 * closed and drained: the last full report, health and bye are written then.
 *
 * All memory is taken by reporter_new, as address space; a page costs when it is first used.
 * Nothing is allocated between the first fact and the last.
 */
#pragma once

#include "asset/asset.h"
#include "base/attr.h"
#include "base/hash.h"
#include "net/ip.h"
#include "observe/engine.h"
#include "report/sink.h"
#include "task/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reporter;

/* An interface as `hello` lists it. */
struct report_iface {
	char name[64];
	char linktype[32]; /* "EN10MB", or its number */
};

/* A number of another task for `health`: "source.received", "channel.fact.dropped". */
struct gauge {
	char name[48];
	uint64_t n;
};

/*
 * What the reporter asks of the program; each may be NULL. Called on the reporter's thread; they
 * return how many they wrote.
 */
struct reporter_asks {
	void *to;
	unsigned (*ifaces)(void *to, struct report_iface *out, unsigned cap);
	unsigned (*gauges)(void *to, struct gauge *out, unsigned cap);
};

struct reporter_options {
	struct channel *facts;   /* the inbox */
	unsigned senders;        /* lanes of it */
	const struct plan *plan; /* names the observers by which facts were told */

	struct sink *const *sinks; /* local ones: written here, waited for */
	unsigned sink_count;
	struct sender *const *lanes; /* lanes of remote sinks' report channels; closed at the end */
	unsigned lane_count;

	const char *sensor, *version;
	uint64_t boot;       /* a counter that rises; 0 in a file run */
	struct hash_key key; /* the run's */
	bool live;   /* marks come every second of the clock; else of packet time, or never */
	bool hashed; /* --privacy hashed: PERSONAL values leave as keyed hashes */
	struct hash_key privacy_key; /* of these hashes: the same at all times of a site */

	uint64_t interval_ns;   /* of device lines; 0: one full report at the end */
	unsigned full_every;    /* every so many intervals a full report; 0: 60 */
	uint64_t gone_ns;       /* live: a device silent for so long is gone; 0: 5 minutes */
	const struct ip *quiet; /* addresses of which no change is told: the sinks' peers */
	unsigned quiet_count;

	const char *data;           /* folder of others' fingerprints; NULL: none */
	struct asset_limits limits; /* 0: defaults */
	bool snapshots;             /* publish snapshots for the live table */
	struct reporter_asks asks;
};

/* NULL: `why` says what. The options' pointers must outlive it. */
struct reporter *reporter_new(const struct reporter_options *options, char *why,
                              size_t why_len) MUST_CHECK NONNULL;
void reporter_free(struct reporter *r);

/*
 * The task's whole life. 0, or -errno of the first local sink that failed for good (said once; the
 * others went on): -EPIPE when the reader of standard output ended, after which the inbox is left,
 * so that the senders end too.
 */
int reporter_run(struct reporter *r) NONNULL;

/* ---- what others may see of it, from another thread ---- */

#define SNAPSHOT_NAME 64
#define SNAPSHOT_ROLES 64
#define SNAPSHOT_ROWS 4096
#define SNAPSHOT_DETAIL (272u * 1024) /* a record, and room to write its last fact in */

/*
 * A device as a row of the live table. Texts are UTF-8 as in reports, not yet escaped for a
 * terminal, and end with 0.
 */
struct snapshot_row {
	struct mac mac; /* zero: known by its address alone */
	struct ip ip;   /* the first of its addresses, or none */
	struct mac via; /* far hosts: the router */
	uint16_t addresses;
	uint8_t mac_kind; /* enum mac_kind */
	bool joined;      /* one device with the row above */
	char realm[64];
	char name[SNAPSHOT_NAME], vendor[SNAPSHOT_NAME], roles[SNAPSHOT_ROLES];
	uint64_t packets, bytes, first_ns, last_ns;
};

/*
 * A consistent view. Those devices that were seen last, when there are more than there is room for.
 */
struct snapshot {
	uint64_t number;  /* rises with each; 0: nothing was published yet */
	uint64_t time_ns; /* of the mark */
	uint64_t devices; /* that the reporter knows, and hosts without a MAC that have rows */
	uint64_t frames, malformed, dropped, unclaimed, refused, evicted; /* health in a line */
	uint32_t row_count;
	struct snapshot_row rows[SNAPSHOT_ROWS];
	char health[64 * 1024]; /* the last health line, as it was written */
	uint32_t
		detail_len; /* the record that was asked for by reporter_want, one JSON object; 0: none */
	char detail[SNAPSHOT_DETAIL];
};

/*
 * The newest snapshot; valid until the next call. One reader thread. Three buffers go round between
 * writer and reader by one atomic exchange, so that neither waits.
 */
const struct snapshot *reporter_snapshot(struct reporter *r) NONNULL;
/*
 * The record whose details the next snapshots shall hold: row's mac, or its ip when it has none;
 * NULL: none.
 */
void reporter_want(struct reporter *r, const struct snapshot_row *row);
