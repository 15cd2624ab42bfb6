/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glance.h - the short way of a packet that is like one before.
 *
 * Nearly all packets are plain (plain.h). What the observers of link and network tell of such a
 * packet follows from a few fields of it, which one glance at the headers finds. So the first packet
 * with these fields walks through the observers, and which facts it told and which observers it met
 * is noted down, as a `sender`. The next ones are counted there: their walk begins above IP. What
 * was counted is folded into the novelty table before each mark, at the end, and when another sender
 * needs the place; since supports are merged by min, max and sum, no report can tell.
 *
 * Where a sender and a flow are kept is remembered for each direction of a conversation, and packets that
 * end there are counted there, until the sender is folded (trail.h).
 *
 * And it may end there. A segment that neither opens nor closes anything, of a direction that no
 * observer wants more of, or without payload, changes nothing; nor does a datagram of a known flow
 * that nobody claims, or whose only observer had enough of such ones, and that fits no pattern. They
 * are counted, and that is all that is done.
 *
 * Nothing of what an observer tells is said here a second time. What is, is what a plain packet is,
 * and what its sender's facts may depend on: interface, VLAN tags, source MAC and address, TTL, and
 * whether it goes to one receiver or to a group. This holds for the observers named in glance.c; a
 * plan in which others claim their keys as well, or that gives one of them a task of its own, has no
 * short way, and neither has a task that is watched. tests/unit/test_glance.c tells the same
 * frames both ways.
 */
#pragma once

#include "base/arena.h"
#include "capture/source.h"
#include "observe/observer.h"
#include "observe/trail.h"

enum { SENDERS = 16384, SENDER_WAYS = 4, SENDER_FACTS = 5, SENDER_LAYERS = 4, SENDER_GROUP = 32 };
enum { GLANCE_AHEAD = 32 }; /* frames that are looked at together */

/* What the count of a packet needs, and where a fold begins, is in the first cache line. */
struct sender {
	_Alignas(64) struct sender_key key; /* how 0: free */
	uint64_t last_ns, count, bytes;     /* not folded yet; last_ns is its age as well */
	uint16_t trails;                    /* the newest of his trails, from 1; 0: he has none */
	uint8_t facts, layers;
	uint8_t traffic; /* bit per fact: it counts bytes */
	uint8_t depth;
	bool reached; /* the walk came to the transport layer */
	bool spoilt;  /* not to be used: something was not as it is in a plain packet */

	uint64_t first_ns, frame;             /* not folded yet: the first one */
	uint64_t fact[SENDER_FACTS];          /* their digests, */
	uint32_t endpoint_hash[SENDER_FACTS]; /* and of whom they were told */
	uint8_t layer[SENDER_LAYERS];
	uint8_t waiting; /* facts that are not settled yet (tell.h) */
	struct vlan_id vlan;
};

/* A look at a frame's headers, and where the trail is that its packet may be on; NULL: on none. */
struct glimpse {
	struct plain_head head;
	struct trail *trail;
};

struct glances {
	struct sender *list;
	struct trails trails;
	struct glimpse ahead[GLANCE_AHEAD];
	uint64_t taken; /* trails, when these were looked for */

	uint64_t *used;        /* groups of senders of which one was ever there */
	struct sender *noting; /* the walk of a sender's first packet is on its way; NULL: none */
	bool on;               /* the plan has a short way: frames are looked at */
	uint8_t tcp, udp;      /* who would be called */
};

size_t glances_budget(void);
bool glances_init(struct task *t) NONNULL MUST_CHECK;
/*
 * Looks at frames that come next, at most GLANCE_AHEAD: so that what is kept of their senders and
 * flows is on its way to the cache while others are counted.
 */
void glance_ahead(struct task *t, const struct frame *frames, unsigned count) NONNULL;
/* Takes frame `i` of these the short way; false: it must walk. */
bool glance_frame(struct task *t, const struct frame *f, unsigned i) NONNULL MUST_CHECK;
/* Folds what was counted into the facts. */
void glance_fold_all(struct task *t) NONNULL;

/* While a walk is noted: a fact was told, an observer returned, the network layer forwards. */
void glance_note_fact(struct sender *s, uint64_t digest, uint32_t endpoint_hash,
                      bool traffic) NONNULL;
void glance_note_layer(struct sender *s, unsigned observer, enum verdict v) NONNULL;
/* Later: what became of each of them. */
void glance_settled(struct sender *s, bool told) NONNULL;
bool glance_forward(struct task *t, struct packet *p, uint64_t protocol) NONNULL;
