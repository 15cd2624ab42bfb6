/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.h - the facts of one place, in as few bytes as they need.
 *
 * A table of a million devices is mostly facts, and most facts were seen once, in a packet that
 * told others too. So the facts of a place lie one behind the other in one block, a line of some
 * ten bytes each; what follows from the place or from the line before is not written:
 *
 *	head     8  length of the line 6 bits, ONCE 1, SAME 1, digest 35, form of the value 5, shape 16
 *	first       time of the first packet since the table's epoch, zigzag; not of SAME
 *	frame       its number; not of SAME: both are those of the line before
 *	last        time from the first to the last packet; not of ONCE
 *	count       packets; not of ONCE: it was one
 *	bytes       wire bytes; SEEN only
 *	            zeros, if it was given room to grow
 *	value       itself up to 21 bytes, else its reference in `values`; of an address that is
 *	            the place's own nothing
 *
 * Numbers are in groups of seven bits, the lowest first, all but the last with the top bit set. A
 * shape is what facts of one observer have in common (kind, by, grade, confidence, cut), kept once.
 *
 * Of a fact's digest 35 bits are kept: they tell it from others of its place, and nobody compares
 * it with those of another. What was walked, and values that it pointed to, hold until the next
 * change of any block.
 */
#pragma once

#include "asset/fact.h"
#include "asset/index.h"
#include "asset/units.h"
#include "asset/values.h"
#include "base/arena.h"
#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACK_LINE_MAX 63u /* bytes of a line */
#define PACK_HEAD 8u      /* before what was seen, and the value */
#define PACK_INLINE 21u   /* the longest value that stands in its line */
#define PACK_REF 4u       /* what stands there for a longer one */
#define PACK_LATELY 64u
#define PACK_DIGEST ((UINT64_C(1) << 35) - 1)

/* A fact as it stands in a block. */
struct fact {
	enum fact_kind kind;
	uint16_t by;
	uint8_t grade, confidence;
	bool cut;
	uint64_t digest; /* its PACK_DIGEST bits */
	struct support support;
	const uint8_t *value;
	size_t len;
};

/* The first packet of the line before: what SAME refers to. */
struct pack_before {
	uint64_t first_ns, frame;
	bool is_none;
};

/* The line that was added last: the next one will likely follow it. */
struct pack_latest {
	uint32_t piece, alone; /* 0: none */
	struct pack_before before;
};

struct packs {
	struct values *values;
	struct units units;
	uint32_t *shapes; /* [0] is not used */
	uint32_t shape_count;
	struct index shape_index;
	uint16_t shapes_lately[PACK_LATELY]; /* by their hash; 0: none */
	struct pack_latest latest;
	uint32_t facts; /* in all blocks */
	uint64_t epoch_ns;
};

/* Bytes of the arena for that many facts. */
size_t packs_room(uint32_t facts);
void packs_init(struct packs *p, struct arena *memory, struct values *values,
                uint32_t facts) NONNULL;

/* Where a line is, or would be: behind all others. It holds until the block changes. */
struct pack_spot {
	uint32_t piece, prev; /* the piece of the block, and the one that leads to it; 0: none */
	uint32_t at;
	uint32_t alone;  /* the last line before it that stands by itself; 0: none */
	uint32_t count;  /* lines before it of the kind that was asked for */
	uint32_t bytes;  /* of the pieces that were passed over */
	uint32_t coming; /* bytes that other facts will want next, if the caller knows */
	bool found;
};

/*
 * A block is named by a number that the caller keeps, 0 at first: no facts. `own` is the address of
 * its place, always the same.
 */
struct pack_spot pack_find(const struct packs *p, uint32_t block, uint64_t digest,
                           enum fact_kind kind) NONNULL;
/* About how many bytes a fact will want. */
static inline uint32_t pack_wants(size_t value_len)
{
	return PACK_HEAD + (uint32_t)(value_len <= PACK_INLINE ? value_len : PACK_REF);
}

/*
 * A fact that was not found, at its spot; a block that grows makes room for those that are coming.
 * False: there is no room.
 */
bool pack_add(struct packs *p, uint32_t *block, const struct pack_spot *end, const struct fact *f,
              const struct ip *own) NONNULL MUST_CHECK;
/* Support of the line that was found. False: there is no room, and it stays as it is. */
bool pack_more(struct packs *p, uint32_t *block, const struct pack_spot *spot,
               const struct support *more) NONNULL MUST_CHECK;
/* The fact must be in. */
void pack_remove(struct packs *p, uint32_t *block, uint64_t digest) NONNULL;
/*
 * Where there are more of a kind than it may keep, those of the lowest rank stay: in whatever order
 * they came, and in every run alike. So the hash has no secret key. Who would push a value out by
 * others that he chose for it might as well tell very many.
 */
uint64_t pack_rank(uint16_t by, const uint8_t *value, size_t len) PURE NONNULL;
/* The digest of the kind's fact of the highest rank, and that rank. There must be one. */
uint64_t pack_last(const struct packs *p, uint32_t block, enum fact_kind kind, const struct ip *own,
                   uint64_t *rank) NONNULL;
void pack_free(struct packs *p, uint32_t *block) NONNULL;

struct pack_walk {
	const struct packs *packs;
	const struct ip *own;
	const uint8_t *at, *end;
	uint32_t older;           /* the piece behind the one that is walked; 0: none */
	uint64_t first_ns, frame; /* of the line before */
};

struct pack_walk pack_look(const struct packs *p, uint32_t block, const struct ip *own) NONNULL;
/* The next fact; false: there are no more. */
bool pack_next(struct pack_walk *w, struct fact *f) NONNULL;
