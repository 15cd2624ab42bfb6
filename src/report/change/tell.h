/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell.h - a change on its way to a line: written once, and held back when the same was told lately.
 */
#pragma once

#include "base/attr.h"
#include "report/change.h"

/* A MAC that claims an address of a segment, or does what another does as well: evidence. */
struct claimant {
	uint32_t place;
	struct mac mac;
	struct support support;
	uint64_t used_ns; /* when it was last seen with the address, claimed or not */
	uint8_t state;    /* enum claim_state */
};

/* A key that ties a device to its group, or parts it from another. */
struct change_key {
	const char *text; /* what it is */
	enum fact_kind kind;
	const uint8_t *value; /* as facts.def encodes it */
	size_t len;
};

/* One change. */
struct change {
	const char *what;
	const struct record *record;
	const struct ip *address; /* NULL: not about one */
	uint16_t iface, vlan;     /* the segment, of a change of who holds an address */
	struct words before, after;
	enum fact_kind kind; /* of before and after, for their privacy; FACT_NONE: they are ours */
	const struct claimant *claimants; /* evidence */
	size_t claimant_count;
	const struct change_key *keys; /* evidence of another kind */
	size_t key_count;
	bool flip_flop;
};

/* Tells it, unless it is of a sink's peer, or was told within the hold-down. */
void change_tell(struct changes *c, const struct change *change) NONNULL;
/* Of a record, with nothing more to say; address NULL: not about one. */
void change_tell_plain(struct changes *c, const char *what, const struct record *r,
                       const struct ip *address) __attribute__((nonnull(1, 2, 3)));
/* Is it the address of a sink's peer? */
bool change_is_quiet(const struct changes *c, const struct ip *ip) PURE NONNULL;
/* The MAC as words in `text`. */
struct words mac_words(struct mac mac, char text[MAC_TEXT]) NONNULL;
