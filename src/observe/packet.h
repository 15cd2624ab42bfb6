/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet.h - a frame on its way through the observers: the bytes not yet consumed, and what
 * the layers below have learned.
 *
 * An observer may read all of it and sets only the fields of its own layer, before it forwards. A
 * tunnel's observer forwards a copy (packet_enter), so that the outer context stays as it was.
 */
#pragma once

#include "base/cursor.h"
#include "net/ip.h"
#include "net/mac.h"
#include "net/port.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a key is looked up. Whoever finds an ethertype forwards into the same space. */
enum space {
	NO_SPACE,
	LINKTYPE,
	ETHERTYPE,
	LLC,  /* DSAP */
	SNAP, /* OUI << 16 | protocol id */
	IP_PROTOCOL,
	UDP_PORT,
	TCP_PORT,
	UDP_SNIFF, /* a pattern at the start of a datagram */
	TCP_SNIFF, /* a pattern at the start of a direction's stream */
	SPACES
};

/*
 * Not an ethertype on any wire: what Linux calls a frame that begins with LLC (ETH_P_802_2; SLL
 * uses it).
 */
enum { ETHERTYPE_LLC = 0x0004 };

/* Context of a TCP segment, for the flow table and the streams. */
struct segment {
	uint32_t seq, ack;
	uint16_t window;
	bool syn, ack_set, fin, rst;
};

struct packet {
	struct cur rest; /* bytes not yet consumed */

	/* capture */
	uint64_t time_ns;
	uint64_t frame; /* its number in the source, from 1 */
	uint32_t wire;  /* bytes on the wire, of the whole frame */
	uint16_t iface;
	bool cut; /* bytes are missing at the end: captured < wire */

	/* link */
	bool has_mac;
	struct mac source, destination;
	struct vlan_id vlan; /* outermost tag */
	uint8_t depth;       /* layers so far */

	/* tunnels */
	uint16_t realm;  /* the task's number of the realm; 0: outside */
	uint64_t tunnel; /* digest of realm and outer address pairs; 0: outside */

	/* network */
	struct ip from, to;
	uint64_t
		head; /* the IP header's first eight bytes, a number; 0: put together from fragments */
	uint8_t ttl;
	uint8_t protocol;

	/* transport */
	struct port from_port, to_port;
	struct segment segment;
};

/* The likelier one of a service: what unclaimed conversations are counted by. */
static inline uint16_t packet_lower_port(const struct packet *p)
{
	return p->from_port.n < p->to_port.n ? p->from_port.n : p->to_port.n;
}
