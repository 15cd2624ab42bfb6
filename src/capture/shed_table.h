/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shed_table.h - the table that the sensor and its program in the kernel share, and what both
 * compute of a frame in the same way. See shed.h for what it is for.
 *
 * One slot is one direction of one conversation as it looks on one cable: VLAN, both MACs, both
 * addresses, ports, protocol and TTL, in full, so that no other packet can be taken for it. It is
 * one cache line. The sensor alone puts slots in and takes them out; the kernel adds to `count`
 * and, where a connection begins anew, sets `state` to SHED_SYN. Packets and bytes are one number,
 * so that one atomic addition counts both and one exchange takes both: room for 16 million packets
 * or a TB between two folds.
 *
 * A frame's slot is one of eight neighbours, by a hash with a random seed: no sender can aim at one
 * place. Sixteen bits of the hash of whoever has a slot, its tag, lie apart, the eight tags of a place
 * in one piece: few enough to stay in the cache, so that who has no slot is known without reading any.
 * Of two with one tag in one place the second gets none.
 *
 * Behind the slots and their tags lie the settings, how patterns begin, and the number of frames that the
 * program looked at, spread over lines of their own so that processors do not wait for each other.
 */
#pragma once

#include <stdint.h>

enum {
	SHED_BITS = 17,
	SHED_SLOTS = 1 << SHED_BITS,
	SHED_WAYS = 8,                           /* of a place */
	SHED_TAGS_EACH = 32,                     /* in an entry */
	SHED_TAGS = SHED_SLOTS / SHED_TAGS_EACH, /* entries */
	SHED_BEGINS = 8,                         /* entries */
	SHED_LINES = 16,                         /* of frames looked at */
	/* where they begin in the table */
	SHED_AT_TAGS = SHED_SLOTS,
	SHED_AT_SETTINGS = SHED_AT_TAGS + SHED_TAGS,
	SHED_AT_BEGINS = SHED_AT_SETTINGS + 1,
	SHED_AT_LOOKED_AT = SHED_AT_BEGINS + SHED_BEGINS,
	SHED_ENTRIES = SHED_AT_LOOKED_AT + SHED_LINES,
};
enum { SHED_TCP = 6, SHED_UDP = 17 };
enum { SHED_PACKET_SHIFT = 40 }; /* of `count`: packets above, bytes below */

/* From SHED_SNIFFED on the kernel counts and drops. */
enum shed_state {
	SHED_FREE,
	SHED_RESTING, /* was taken out: a processor may still be adding to it */
	SHED_LEARNING,
	SHED_SYN, /* the kernel saw a connection begin: not done until the sensor has read it too */
	SHED_SNIFFED, /* UDP nobody claims: datagrams that begin as a pattern does still come */
	SHED_DONE,
};

/*
 * Which packets of a done conversation come all the same. TCP: by flags, and by whether there is
 * payload; UDP: by the first three bits of the payload, a bit for each of the eight.
 */
enum {
	SHED_PASS_FIN = 1,
	SHED_PASS_SYN = 2,
	SHED_PASS_RST = 4,
	SHED_PASS_ENDS = SHED_PASS_FIN | SHED_PASS_SYN | SHED_PASS_RST,
	SHED_PASS_PAYLOAD = 8,
};

struct shed_key {
	uint64_t link[2];    /* tag (0: none; 0x1000 | id), then the 14 bytes of the header */
	uint64_t address[4]; /* as in the packet; of IPv4 both in the first */
	uint32_t ports;
	uint8_t protocol, ttl;
};

struct shed_slot {
	uint64_t link[2];
	uint64_t address[4];
	uint32_t ports;
	uint8_t protocol, ttl;
	uint8_t pass;
	uint8_t state; /* enum shed_state */
	uint64_t count;
};

struct shed_tags {
	uint16_t of[SHED_TAGS_EACH]; /* 0: nobody has the slot */
};

struct shed_settings {
	uint64_t seed;
	uint32_t share, shares;
	uint64_t unused[6];
};

/* As live_options say: of so many first bytes in an entry. */
enum { SHED_BEGINS_EACH = 32 };

struct shed_begins {
	uint16_t of[SHED_BEGINS_EACH];
};

struct shed_looked_at {
	uint64_t frames;
	uint64_t unused[7];
};

struct shed_table {
	struct shed_slot slots[SHED_SLOTS];
	struct shed_tags tags[SHED_TAGS];
	struct shed_settings settings;
	struct shed_begins begins[SHED_BEGINS];
	struct shed_looked_at looked_at[SHED_LINES];
};

_Static_assert(sizeof(struct shed_begins) == 64, "an entry of the table");
_Static_assert(sizeof(struct shed_tags) == 64, "an entry of the table");
_Static_assert(sizeof(struct shed_looked_at) == 64, "an entry of the table");
_Static_assert(sizeof(struct shed_slot) == 64, "a slot is a cache line");
_Static_assert(sizeof(struct shed_settings) == sizeof(struct shed_slot), "an entry of the table");

static inline uint64_t shed_hash(const struct shed_key *k, uint64_t seed)
{
	uint64_t x = (k->address[0] ^ seed) * 0x9e3779b97f4a7c15;

	x ^= x >> 29;
	x += k->address[1] * 0xbf58476d1ce4e5b9 + k->address[2] * 0x94d049bb133111eb +
	     k->address[3] * 0xd1342543de82ef95;
	x = (x ^ k->link[0]) * 0xff51afd7ed558ccd;
	x ^= x >> 32;
	x = (x ^ k->link[1] ^ ((uint64_t)k->ports << 16 | (unsigned)k->protocol << 8 | k->ttl)) *
	    0x9fb21c651e98df25;
	x ^= x >> 32;
	return x * 0xc4ceb9fe1a85ec53;
}

/* The first slot of the place. */
static inline uint32_t shed_place(uint64_t hash)
{
	return (uint32_t)(hash >> (64 - SHED_BITS)) & ~(SHED_WAYS - 1u);
}

static inline uint16_t shed_tag(uint64_t hash)
{
	return (uint16_t)(hash >> 20) | 1;
}

/* Which slot of the place has the tag, whose tags these are; SHED_WAYS: none. */
static inline uint32_t shed_way(const uint16_t *tags, uint16_t tag)
{
	uint32_t way = SHED_WAYS;

#pragma GCC unroll 8
	for (uint32_t i = 0; i < SHED_WAYS; i++)
		way = tags[i] == tag ? i : way;
	return way;
}
