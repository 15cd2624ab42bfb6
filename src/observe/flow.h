/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.h - the flow table: both directions of a conversation, and how much of it the observers were
 * offered.
 *
 * A flow is keyed by realm, tunnel, protocol and the unordered pair of (address, port), as one keyed digest of 64 bits; VLAN tags are not part of it, since
 * one conversation may be seen on both sides of a router. The table is of fixed size; when it is full the flow seen longest ago is
 * ended and forgotten. A flow whose directions have ended stays as a tombstone: its later packets cost one look-up.
 *
 * A direction of a TCP flow is offered to its candidates: the observers that claim one of its ports, or whose pattern
 * fits its first bytes. Each direction decides for itself, so that the order in which two directions arrive does not matter. It is
 * reassembled by offsets from its first byte, and since only its first 16 KiB are offered (64 KiB at most), its buffer is
 * just those bytes at those offsets. In-order data that is consumed at once is never copied.
 */
#pragma once

#include "base/arena.h"
#include "observe/observer.h"
#include "observe/plan.h"

enum { CANDIDATES_MAX = 4, RANGES_MAX = 8, STREAM_ROOM = 64 * 1024, STREAM_UNDECIDED = 16 * 1024 };

struct direction {
	uint32_t base;   /* sequence number of offset 0 */
	uint32_t have;   /* bytes without a hole from offset 0 */
	uint32_t limit;  /* bytes to offer: the largest of the candidates' */
	uint32_t fin_at; /* offset of the end, when fin */
	uint32_t consumed[CANDIDATES_MAX];
	uint8_t candidate[CANDIDATES_MAX]; /* observers */
	uint16_t buffer;                   /* its number, from 1; 0: none */
	uint8_t candidate_count;
	uint8_t done; /* bit per candidate: wants no more */
	bool started, midstream, decided, fin, gap, ended;
	uint16_t handing; /* bit per edge: segments are still handed over */
};

struct flow {
	uint64_t digest; /* 0: free */
	uint32_t next;   /* in its bucket, number + 1 */
	uint32_t newer, older;
	bool initiator_high; /* the initiator is the endpoint that sorts second */
	bool answered, syn, syn_ack, claimed, counted_unclaimed;
	uint16_t state; /* number of its flow states, from 1; 0: none */
	uint32_t syn_seq;
	struct direction side[2]; /* [0] of the endpoint that sorts first */
};

/* Out-of-order bytes that wait for the hole before them. */
struct range {
	uint32_t from, to;
};

struct stream_buffer {
	struct packet
		last; /* the latest packet that added bytes: whom facts at the end are told of */
	uint32_t next_free;
	uint32_t kept_from; /* bytes before it were read where they lay */
	unsigned range_count;
	struct range ranges[RANGES_MAX];
	uint8_t bytes[STREAM_ROOM];
};

struct flow_states {
	uint8_t owner[CANDIDATES_MAX]; /* observer + 1; 0: free */
	uint8_t bytes[CANDIDATES_MAX][FLOW_STATE_MAX];
};

struct flows {
	struct flow *list;
	uint32_t *buckets; /* number + 1; 0: empty */
	uint32_t room, used, bucket_mask;
	uint32_t newest, oldest; /* number + 1 */
	struct stream_buffer *buffers;
	uint32_t buffer_room, buffer_used, buffer_free; /* free list: number, 0: none */
	struct flow_states *states;
	uint16_t state_room, state_used,
		state_free; /* free list through their first bytes; 0: none */
};

/* Bytes of arena that flows_init takes; 0 stands for the default. */
size_t flows_budget(size_t flow_bytes, size_t stream_bytes);
bool flows_init(struct flows *f, struct arena *arena, size_t flow_bytes,
                size_t stream_bytes) NONNULL MUST_CHECK;

/* The packet's flow, a new one if need be; *side is the sender's direction. */
struct flow *flow_find(struct task *t, const struct packet *p, unsigned *side, bool *fresh) NONNULL;

/* stream.c */
/* Starts a flow's directions anew: a connection's first packet. */
void stream_reset(struct task *t, struct flow *f) NONNULL;
/* Takes a segment into its direction and offers what there is. from_client: the sender opened the connection. */
void stream_segment(struct task *t, struct packet *p, struct flow *f, unsigned side) NONNULL;
/* Ends one direction; p: the packet at hand, NULL: none. */
void stream_finish_side(struct task *t, struct packet *p, struct flow *f, unsigned side, bool gap);
/* Ends both directions: what is buffered is offered a last time. */
void stream_end(struct task *t, struct flow *f) NONNULL;
