/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.h - the flow table: both directions of a conversation, and how much of it the observers were
 * offered.
 *
 * A flow is keyed by realm, tunnel, protocol and the unordered pair of (address, port), as one
 * keyed digest of 64 bits; VLAN tags are not part of it, since one conversation may be seen on both
 * sides of a router. The table is of fixed size; when it is full one that was not seen since the
 * last round is ended and forgotten: a hand goes round the table and passes over flows that were
 * seen, once, so that a packet does not have to move its flow in a list. A flow whose directions
 * have ended stays as a tombstone: its later packets cost one look-up.
 *
 * A direction of a TCP flow is offered to its candidates: the observers that claim one of its
 * ports, or whose pattern fits its first bytes. Each direction decides for itself, so that the
 * order in which two directions arrive does not matter. It is put in order by offsets from its
 * first byte, and no more than its first 16 KiB are wanted (64 KiB at most). In-order data that is
 * consumed at once is never copied; what must wait lies in a buffer (buffer.h).
 *
 * What a direction has still to teach is said now and then, with a packet of it (task_wanted): a
 * stream that was read, or that nobody claims, nothing but its end; one not yet decided, nothing by
 * bare acknowledgements; datagrams that nobody claims, or whose observers had enough of them, nothing.
 *
 * flow.c keeps the table and says when a connection begins, stream.c puts segments in order and
 * says when a direction ends, offer.c finds the candidates and calls them, hand.c gives segments to
 * the candidates that have tasks of their own.
 */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "observe/buffer.h"
#include "observe/coverage.h"
#include "observe/observer.h"
#include "observe/plan.h"
#include "observe/trail.h"

#include <assert.h>
#include <stdatomic.h>

enum { CANDIDATES_MAX = 4, KNOWN_FLOWS = 16384, KNOWN_WAYS = 2 };

/*
 * After so many packets that taught nothing the kernel is asked to keep such packets back: a flood
 * of conversations of a packet each shall ask for nothing. Those that are already on their way come
 * all the same, and it need not be asked with each of them; it may have refused, so it is asked again.
 */
enum { QUIET_ENOUGH = 1, QUIET_AGAIN = 7 };

/* One side of a conversation: what each packet needs of it, and what its end leaves. */
struct direction {
	uint32_t base; /* sequence number of offset 0 */
	uint32_t have; /* bytes without a hole from offset 0 */
	bool started, midstream, ended;
	bool let_go; /* ended, and nothing more of it is handed over */
};

/* How a direction that has not ended is read. */
struct reading {
	uint32_t fin_at; /* offset of the end, when fin */
	uint32_t consumed[CANDIDATES_MAX];
	uint32_t again_at[CANDIDATES_MAX]; /* not called again before `have` is here */
	uint8_t candidate[CANDIDATES_MAX]; /* observers */
	uint8_t in_vain[CANDIDATES_MAX];   /* calls in a row that read no message */
	uint16_t buffer;                   /* its number, from 1; 0: none */
	uint16_t handing;                  /* bit per edge: segments are handed over to it */
	uint8_t candidate_count;
	uint8_t done; /* bit per candidate: wants no more */
	bool begun, decided, fin, gap;
	bool passed; /* the first segment beyond what is wanted was handed over: the last one */
};

/*
 * Both directions' readings. A flow of datagrams has none, and one of TCP gives them back when both
 * sides have ended, but in a task that hands segments over, for which an end is not the end.
 */
struct streams {
	struct reading side[2];
	uint32_t state; /* number of the flow states, from 1; 0: none */
	uint32_t next_free;
	uint32_t run; /* rises with each conversation that has them */
	bool claimed, counted_unclaimed;
};

/* A cache line. */
struct flow {
	uint64_t digest;     /* 0: free */
	uint32_t next;       /* in its bucket, number + 1 */
	uint32_t streams;    /* their number, from 1; 0: none */
	bool seen;           /* since the hand passed by */
	bool initiator_high; /* the initiator is the endpoint that sorts second */
	bool answered, syn, syn_ack;
	uint8_t over;     /* bit per side: began and ended; plain segments of it change nothing */
	uint8_t quiet[2]; /* packets that taught nothing, then where in a round of QUIET_AGAIN */
	struct track track;
	struct direction side[2]; /* [0] of the endpoint that sorts first */
};

struct flow_states {
	uint8_t owner[CANDIDATES_MAX]; /* observer + 1; 0: free */
	_Alignas(16) uint8_t bytes[CANDIDATES_MAX][FLOW_STATE_MAX];
};

/*
 * What tells flows apart: the unordered pair of (address, port), and where it is. Addresses are
 * numbers, the most significant half first; an IPv4 address is the first half.
 */
struct flow_key {
	uint64_t low[2], high[2];
	uint64_t ports; /* low port, high port, protocol, the families of both */
	uint64_t tunnel;
};

/* A flow met lately: a SipHash is paid for by its first packet, not by each. */
struct known_flow {
	struct flow_key key;
	uint64_t digest;
	uint32_t
		number; /* where the flow was then, from 1: it counts if it has that digest; 0: free */
};

/*
 * The flow of a packet outside all tunnels that took the short way so far (glance.h): who knows it
 * says so before the walk goes on, who looks it up says what he found.
 */
struct meeting {
	struct flow *flow; /* known; NULL: not known */
	uint64_t digest;
	uint32_t number; /* what was found, from 1; 0: nothing was looked up */
	unsigned side;
	bool open; /* the packet's flow was not yet asked for */
	bool fresh;
	struct enough enough; /* of such datagrams */
};

struct flows {
	struct flow *list;
	struct meeting meeting;
	struct known_flow *known; /* direct-mapped: where two want one place the later has it */
	uint32_t *buckets;        /* number + 1; 0: empty */
	uint32_t room, used, bucket_mask;
	uint32_t hand; /* where the search for one to forget goes on */
	struct buffers buffers;
	/* as many as flows, of each: a page that is never needed is never touched */
	struct streams *streams;
	struct missing (*missing)[2];
	struct flow_states *states;
	uint32_t streams_used, streams_free; /* free: number of the first; 0: none */
	uint32_t state_used, state_free;
	_Atomic(uint32_t) *done; /* of each edge, streams and side: the run that is read (hand.c) */
};

/* Bytes of arena that flows_init takes; 0 stands for the default. `edges` of the plan. */
size_t flows_budget(size_t flow_bytes, size_t stream_bytes, unsigned edges);
bool flows_init(struct flows *f, struct arena *arena, size_t flow_bytes, size_t stream_bytes,
                unsigned edges) NONNULL MUST_CHECK;

/*
 * The key of (address, port) from and to; true: the sender's endpoint sorts second, its direction
 * is side[1].
 */
static inline bool flow_key_set(struct flow_key *key, const uint64_t from[2], const uint64_t to[2],
                                uint16_t from_port, uint16_t to_port)
{
	const bool from_high = from[0] != to[0]   ? from[0] > to[0]
	                       : from[1] != to[1] ? from[1] > to[1]
	                                          : from_port > to_port;
	const uint64_t *low = from_high ? to : from, *high = from_high ? from : to;

	key->low[0] = low[0];
	key->low[1] = low[1];
	key->high[0] = high[0];
	key->high[1] = high[1];
	key->ports = (uint64_t)(from_high ? to_port : from_port) << 48 |
	             (uint64_t)(from_high ? from_port : to_port) << 32;
	return from_high;
}

/* What belongs into key.ports beside the ports. */
static inline uint64_t flow_kind(uint8_t protocol, uint8_t low_family, uint8_t high_family)
{
	return (uint64_t)protocol << 16 | (uint64_t)low_family << 8 | high_family;
}

static inline bool flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	return ((a->low[0] ^ b->low[0]) | (a->low[1] ^ b->low[1]) | (a->high[0] ^ b->high[0]) |
	        (a->high[1] ^ b->high[1]) | (a->ports ^ b->ports) | (a->tunnel ^ b->tunnel)) == 0;
}

/* Any spread will do: a sender who makes flows fall together makes us hash, and no more. */
static inline struct known_flow *flow_bucket(const struct flows *f, const struct flow_key *key)
{
	const uint64_t spread = hash_spread(key->low[0] ^ key->low[1] ^ key->ports,
	                                    key->high[0] ^ key->high[1] ^ key->tunnel);

	return &f->known[spread % (KNOWN_FLOWS / KNOWN_WAYS) * KNOWN_WAYS];
}

/* The flow of the key if it was met lately, else NULL. */
static inline struct flow *flow_known(const struct flows *f, const struct flow_key *key)
{
	const struct known_flow *known = flow_bucket(f, key);

	if (!flow_key_equal(&known->key, key) && !flow_key_equal(&(++known)->key, key))
		return NULL;
	if (known->number == 0)
		return NULL;
	struct flow *flow = &f->list[known->number - 1];
	return flow->digest == known->digest ? flow : NULL;
}

/* How a side of the flow is read, which has streams. */
static inline struct reading *flow_reading(const struct flows *f, const struct flow *flow,
                                           unsigned side)
{
	assert(flow->streams != 0);
	return &f->streams[flow->streams - 1].side[side];
}

/* NULL: no longer, or not at all. */
static inline struct reading *flow_reading_if_any(const struct flows *f, const struct flow *flow,
                                                  unsigned side)
{
	return flow->streams != 0 ? flow_reading(f, flow, side) : NULL;
}

/* The packet's flow, a new one if need be; *side is the sender's direction. */
struct flow *flow_find(struct task *t, const struct packet *p, unsigned *side, bool *fresh) NONNULL;

/*
 * The packet taught nothing, and those like it will not. Says, now and then, what is wanted of them.
 * Of a direction that was read, at once if the connection was seen to begin: who makes up segments
 * has to make up three for each that costs room.
 */
static inline enum want flow_quiet(struct flow *f, unsigned side, enum want then)
{
	const bool at_once = then == WANT_ENDS && f->syn && f->syn_ack;
	const unsigned before = f->quiet[side];
	const unsigned quiet = at_once && before < QUIET_ENOUGH ? QUIET_ENOUGH : before;

	f->quiet[side] =
		(uint8_t)(quiet + 1 == QUIET_ENOUGH + QUIET_AGAIN ? QUIET_ENOUGH : quiet + 1);
	return quiet == QUIET_ENOUGH ? then : WANT_ALL;
}

/* Something else is wanted from now on: that is said at the next occasion. */
static inline void flow_unquiet(struct flow *f, unsigned side)
{
	if (f->quiet[side] > QUIET_ENOUGH)
		f->quiet[side] = QUIET_ENOUGH;
}

/* The flow with this digest, if there is one. */
struct flow *flow_of(const struct flows *f, uint64_t digest) NONNULL;

/* Packets of the conversation were seen by others: it is younger than it looks. */
void flow_touch(struct task *t, const struct packet *p) NONNULL;

/* The flow's streams, new ones if need be; and back. */
struct streams *flow_streams(struct flows *f, struct flow *flow) NONNULL;
void flow_give_streams(struct flows *f, struct flow *flow) NONNULL;

/* ---- stream.c ---- */

/* Starts a flow's directions anew: a connection's first packet. */
void stream_reset(struct task *t, struct flow *f) NONNULL;
/* Takes a segment into its direction and offers what there is. */
void stream_segment(struct task *t, struct packet *p, struct flow *f, unsigned side) NONNULL;
/* Beyond all that is wanted: what is missing before it will not come. */
bool stream_is_past(const struct task *t, uint32_t offset) NONNULL;
/*
 * Ends both directions: what is buffered is offered a last time. p: a packet of `side` that ends
 * them; NULL: none.
 */
void stream_end(struct task *t, struct packet *p, struct flow *f, unsigned side);

/* ---- offer.c ---- */

/* Once in a direction: the candidates that follow from the ports. */
void offer_begin(struct task *t, const struct packet *p, struct flow *f, unsigned side) NONNULL;
/* Do the first bytes fit a pattern? Decided once no pattern may still come to fit. */
void offer_decide(struct task *t, const struct packet *p, struct flow *f, unsigned side,
                  const uint8_t *bytes, uint32_t len);
/*
 * Offers the bytes from offset `from` on that lie in the window, to each candidate from where it
 * stopped.
 */
void offer(struct task *t, struct packet *p, struct flow *f, unsigned side,
           const struct cur *window, uint32_t from, bool end) NONNULL;
/* Has every candidate read all, or enough? Then nothing needs to be kept. */
bool offer_is_read(const struct reading *r, uint32_t have) NONNULL;
/* Does no candidate want more? */
bool offer_is_done(const struct reading *r) NONNULL;
/*
 * Bit per edge that the direction's segments go to: chosen, or possible while nothing is decided.
 */
unsigned offer_edges(const struct task *t, const struct reading *r) NONNULL;
/* Both directions have ended: what the observers kept for the flow goes. */
void offer_forget(struct task *t, struct flow *f) NONNULL;
