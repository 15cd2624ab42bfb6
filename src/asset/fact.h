/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fact.h - one thing learned from one packet, and the messages that carry it to the reporter.
 *
 * The fact key is (endpoint, kind, value, by): what is equal in these is one line with one count.
 * Its 64-bit keyed digest is the fact's identity on the way: a task tells a new fact whole once
 * (NEW_FACT), and later only how much more of it was seen (MORE), by its digest and the hash of its
 * endpoint. All merges are min, max and sum, so that their order does not matter.
 */
#pragma once

#include "base/attr.h"
#include "net/ip.h"
#include "net/mac.h"
#include "net/port.h"
#include "net/realm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fact_kind {
	FACT_NONE,
#define FACT(symbol, wire, value, keep, privacy, about) FACT_##symbol,
#include "asset/facts.def"
#undef FACT
	FACT_KINDS
};

/* How a value's bytes are encoded, and so how it is written. */
enum value {
	VALUE_NOTHING,
	VALUE_TEXT,    /* the device's bytes; exits escape */
	VALUE_HEX,     /* bytes, written as lower-case hex */
	VALUE_CODES,   /* bytes, written as decimal codes joined by "," */
	VALUE_NUMBER,  /* 4 bytes big-endian, written in decimal */
	VALUE_IPV4,    /* 4 bytes */
	VALUE_IPV6,    /* 16 bytes */
	VALUE_MAC,     /* 6 bytes */
	VALUE_SERVICE, /* protocol (6 or 17), port big-endian: "tcp/443" */
};

enum privacy { PUBLIC, PERSONAL };

/* What a fact about an address proves (of others it says nothing). */
enum grade {
	SAYS,  /* the device says it, or it was seen of it */
	OWNER, /* the MAC claimed the address: ARP, NDP, a DHCP lease */
	USES, /* a packet with this source address came from the MAC: local or via is decided at report time */
};

struct fact_info {
	const char *wire;
	enum value value;
	uint32_t keep;
	enum privacy privacy;
	const char *about;
};

#define FACT_VALUE_MAX 1024

/* kind < FACT_KINDS */
const struct fact_info *fact_info(enum fact_kind kind) PURE;
/* FACT_NONE when there is no such kind. */
enum fact_kind fact_kind_by_name(const char *wire) PURE NONNULL;
const char *grade_name(enum grade grade) PURE;

/* Where a fact belongs. */
struct endpoint {
	struct mac mac;      /* zero: a link without MACs */
	struct vlan_id vlan; /* outermost tag; 0: none */
	uint16_t iface;      /* of the source */
	struct ip ip;        /* family 0: none */
	struct realm realm;
};

/* Has it an address of its own? A group, "any" and so on are none; a loopback's is without a MAC. */
bool endpoint_has_ip(struct mac mac, const struct ip *ip) PURE NONNULL;

enum fact_message { NEW_FACT, MORE, COUNTERS };

/* How much was seen of a fact: merged by min, max, sum. */
struct support {
	uint64_t first_ns, last_ns;
	uint64_t frame; /* number of the frame at first_ns (the lowest at that time) */
	uint64_t count; /* packets */
	uint64_t bytes; /* wire bytes of them (SEEN only) */
};

/* The head of every item on the fact channel. */
struct fact_item {
	uint16_t message;   /* enum fact_message */
	uint16_t value_len; /* bytes behind this head: NEW_FACT the value, COUNTERS the counters */
	uint32_t endpoint_hash; /* finds the endpoint, of which the digest then tells the fact */
	uint64_t digest;
	struct support support;
	/* NEW_FACT only: */
	struct endpoint endpoint;
	uint16_t kind;      /* enum fact_kind */
	uint16_t by;        /* observer's index in the registry */
	uint8_t grade;      /* enum grade */
	uint8_t confidence; /* 0..100 */
	bool cut;           /* the text was longer than FACT_VALUE_MAX */
};

/* MORE items are sent without what NEW_FACT alone needs. */
#define FACT_MORE_LEN offsetof(struct fact_item, endpoint)

void support_merge(struct support *into, const struct support *more) NONNULL;
static inline bool support_equal(const struct support *x, const struct support *y)
{
	return x->first_ns == y->first_ns && x->last_ns == y->last_ns && x->frame == y->frame &&
	       x->count == y->count && x->bytes == y->bytes;
}

/* Is it a kind, and len a length that its encoding can have? */
bool fact_fits(enum fact_kind kind, size_t len) PURE;

/*
 * Room for the longest written value: text cut at FACT_VALUE_MAX stays itself, hex doubles, codes
 * take four.
 */
#define FACT_TEXT_MAX (4 * FACT_VALUE_MAX + 1)
/*
 * Writes the value as text (not escaped), returns its length. TEXT values are copied as they are.
 */
size_t fact_format(enum fact_kind kind, const uint8_t *value, size_t len,
                   char out[FACT_TEXT_MAX]) NONNULL;

/*
 * The other way round: the encoded value (at most FACT_VALUE_MAX bytes) of a written one. False:
 * this kind is never written so.
 */
bool fact_parse(enum fact_kind kind, const char *text, size_t len, uint8_t out[FACT_VALUE_MAX],
                size_t *out_len) NONNULL MUST_CHECK;
/* The same from "raw": the bytes in hex, of whatever kind. What it takes, fact_format writes. */
bool fact_parse_raw(enum fact_kind kind, const char *hex, size_t len, uint8_t out[FACT_VALUE_MAX],
                    size_t *out_len) NONNULL MUST_CHECK;
