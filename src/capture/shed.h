/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shed.h - lets the kernel count and drop the packets of conversations that have no more to teach.
 *
 * Most packets of a network are the middle of something: a download, a call, a film. What can be
 * learned of it was learned from its first packets, and yet each further one is copied into the
 * ring and read. A program attached to the packet socket (shed.bpf.c) keeps such packets back and
 * counts them, in a table in memory that both see (shed_table.h). What it counted is told at the
 * fold, every FOLD_NS, as the same packets would have counted.
 *
 * The kernel decides nothing. The flow table knows when a direction of a conversation is done, and
 * says so with a frame of it (shed_want); that frame's slot is marked. A full table marks no more:
 * those conversations keep coming whole, and a flood of packets that are each a new conversation
 * puts nothing in. Nothing is thrown out to make room, so no count is ever lost.
 *
 * A slot's way: free, learning, done or sniffed; back to learning when the connection begins or
 * ends, and after RELEARN_NS; resting when nothing was counted for IDLE_NS or it was not marked
 * again; and free when it rested for two folds, for a processor that had found it just before may
 * still have been adding to it. (That nobody stays in a filter for ten seconds is no proof, but the
 * proof, membarrier, would make the reader wait for all processors.)
 *
 * When a connection begins (SYN) the kernel itself takes the mark away, so that its first data comes
 * even if the SYN is still unread in the ring. It is then marked again only after the sensor has read
 * that SYN as well: packets of the connection before it, which lie in the ring, are no reason to.
 *
 * bpf() is called by shed_open alone, before privileges are dropped; from then on marks and counts
 * are plain loads and stores. Not where it is refused (a container, an old kernel), nor on machines
 * other than x86-64, whose order of loads the program relies on, nor on links without Ethernet
 * headers: there everything is delivered, and the report is the same.
 */
#pragma once

#include "capture/source.h"

struct shed;

#define SHED_FOLD_NS UINT64_C(5000000000)
#define SHED_IDLE_NS UINT64_C(60000000000)
#define SHED_RELEARN_NS UINT64_C(300000000000)

/*
 * Attaches the program to a packet socket that hears Ethernet frames. NULL: refused, with a negative
 * errno in *error.
 */
struct shed *shed_open(int fd, const struct live_options *options, int *error) MUST_CHECK NONNULL;
void shed_free(struct shed *s);

/* What is still wanted of frames like this one, the newest of its conversation. */
void shed_want(struct shed *s, const struct frame *f, enum want wanted) NONNULL;
/* Tells what was kept back since, and frees what is idle. */
void shed_fold(struct shed *s, const struct fold *fold) NONNULL;
void shed_count(const struct shed *s, struct source_counts *counts) NONNULL;

/* ---- for tests: a table without a kernel ---- */

struct shed_table;
struct shed *shed_new(struct shed_table *table) MUST_CHECK NONNULL;
