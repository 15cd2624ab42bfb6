/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage.h - how much of the network this sensor really sees: by VLAN, conversations with one side
 * only, TCP bytes that were acknowledged but never seen; and addresses that were asked for.
 *
 * A sensor on the wrong port hears broadcasts, or one direction of a link, and all it reports is
 * true and says little. Here is what shows it. A TCP conversation counts from its first segment that
 * acknowledges something: then the other side did speak, and whether it was seen tells of us, not of
 * the network. Of datagrams that cannot be said (a log is never answered); they are counted apart.
 *
 * Bytes: a side's `next` is the end of what was seen of it. What lies between it and a later
 * segment is missing, and so is what the other side acknowledged beyond it; what is missing is lost
 * once an acknowledgement lies behind it. A hole that is filled before was only late. Two generations
 * of holes are kept apart, so that in a long transfer the older ones are settled while new ones come.
 * What the kernel keeps back of a direction (task_sheds) is neither seen nor missing: of such a
 * conversation the beginning is judged.
 *
 * A conversation belongs to the VLAN of its first packet. What tunnels carry counts to the VLAN of
 * the tunnel.
 */
#pragma once

#include "observe/counters.h"
#include "observe/observer.h"

struct flow;

enum { ASKED_PLACES = 2 * ASKED_MAX, VLANS = 4096 };

struct coverage {
	struct coverage_row rows[COVERAGE_ROWS]; /* the last one: of all VLANs without a row */
	uint8_t row_of[VLANS];                   /* number + 1 */
	uint32_t row_count;
	struct asked asked[ASKED_MAX];
	uint32_t asked_count;
	uint16_t asked_at[ASKED_PLACES]; /* number + 1, by a hash */
	bool sheds;                      /* the kernel may keep back what is not wanted */
};

/* Both sides' part of it that each packet needs. */
struct track {
	uint32_t next[2]; /* per side: the end of what was seen of it */
	uint8_t plain;    /* bit per side: its next segment in order changes nothing but next */
	uint8_t known;    /* bit per side: next is known */
	uint8_t spoke;    /* bit per side */
	uint8_t row;
	uint8_t holes;      /* bit per side: there are bytes missing */
	bool counted, both; /* the conversation was counted; as seen of both sides */
};
/* The rest, beside the flow: of a side what is missing. [0] is the older generation. */
struct missing {
	uint32_t bytes[2], end[2];
};

/* A conversation of datagrams: the first packet, and the first from the other side. */
void coverage_datagram(struct task *t, const struct packet *p, struct flow *f,
                       const struct flow_view *view) NONNULL;
/* A segment, once the flow knows what it opens. */
void coverage_segment(struct task *t, const struct packet *p, struct flow *f,
                      unsigned side) NONNULL;
/* One that is not the next in order. */
void coverage_odd(struct task *t, struct flow *f, unsigned side, uint32_t seq, uint32_t ack,
                  uint32_t len) NONNULL;
/* Another connection of the same addresses and ports. */
void coverage_restart(struct flow *f) NONNULL;
