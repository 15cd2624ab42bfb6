/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain.h - the headers of a plain packet, up to the transport layer, read in one go.
 *
 * Plain is what nearly all packets are: Ethernet from one sender, at most two VLAN tags, an IP
 * header without options or extension headers, a whole datagram with a length of its own, TCP or
 * UDP. What is anything else is for the observers. Numbers are as in the packet; nothing is judged.
 */
#pragma once

#include "base/cursor.h"

enum { PLAIN_ETHERNET = 1, PLAIN_TAG = 0x8100, PLAIN_PROVIDER_TAG = 0x88a8 };
enum { PLAIN_IPV4 = 0x0800, PLAIN_IPV6 = 0x86dd, PLAIN_TCP = 6, PLAIN_UDP = 17 };

struct plain {
	uint64_t destination, source; /* MACs, as numbers */
	uint64_t head;                /* the first eight bytes of IP */
	uint64_t from[2], to[2];      /* addresses, as in struct flow_key (flow.h) */
	uint32_t tags;   /* ids of 12 bits, the outermost highest; above them their number */
	uint32_t length; /* of what follows the IP header */
	uint32_t ports;  /* the sender's above the receiver's; 0 where they are cut off */
	uint8_t family, ttl, protocol;
};

/* A frame of Ethernet. False: it is not plain. Else `in` begins with the transport header. */
bool plain_parse(struct cur *in, struct plain *out);

/*
 * The first bytes of a plain packet, as far as the ports, under a mask, which leaves out what differs
 * from packet to packet: lengths, ids, checksums. Where a plain packet has this key, all that have it
 * are plain. And the interface, in the uppermost bytes of the last word, which no header reaches.
 */
enum { PLAIN_WORDS = 8 };
struct plain_key {
	uint64_t word[PLAIN_WORDS]; /* the frame's first byte is the lowest */
};

/* All words of a key folded into two, and these turned: a host's number is often in its MAC and in its
 * address. */
struct plain_fold {
	uint64_t even, odd;
};

static inline uint64_t plain_turn(uint64_t word, unsigned by)
{
	return word << by | word >> (64 - by);
}

static inline struct plain_fold plain_fold(const struct plain_key *key)
{
	const uint64_t *const w = key->word;

	return (struct plain_fold){
		.even = w[0] ^ plain_turn(w[2], 17) ^ plain_turn(w[4], 31) ^ w[6],
		.odd = w[1] ^ plain_turn(w[3], 23) ^ plain_turn(w[5], 41) ^ w[7],
	};
}

/* What a frame has above IP. */
struct plain_above {
	uint32_t at;     /* where in the frame the transport begins, */
	uint32_t left;   /* so many bytes are here from there on, */
	uint32_t length; /* and so many IP says; not 0 */
};

/* A frame's headers: the key, and what is above them. */
struct plain_head {
	struct plain_key key;
	struct plain_fold fold;
	struct plain_above above;
};

/* A frame of Ethernet. False: no plain packet has such a head, or one too rare for a mask. */
bool plain_head_parse(struct cur *in, uint16_t iface, struct plain_head *out);

/* Of a segment and of a datagram what decides whether it may bring anything. */
struct plain_segment {
	uint32_t seq, ack;
	uint32_t header; /* its length; as it says */
	uint8_t flags;
};
struct plain_datagram {
	uint32_t length; /* as it says, with its header */
	uint8_t first;   /* the payload's first byte */
};

/* False: it is cut off. The cursor is behind the header without options. */
bool plain_segment_parse(struct cur *in, struct plain_segment *out);
/* False: it is cut off, or without payload. The cursor is behind the header. */
bool plain_datagram_parse(struct cur *in, struct plain_datagram *out);
