/* SPDX-License-Identifier: Apache-2.0 */
/*
 * per.h - reads the aligned packed encoding rules of ASN.1 (ITU-T X.691), as far as the telephony
 * of H.323 needs them.
 *
 * Nothing in this encoding says what it is: a reader knows the types, or is lost. Small things are
 * bits that follow each other, larger ones begin at the next whole byte, wherever the bits before
 * end. What a later version added stands behind, each with its length, and can be passed over.
 * Fragmented lengths (10.9.3.8) are errors: 16384 bytes are no name.
 *
 * As with the cursor the error is sticky: read on, and ask cur_ok(&per.in) at the end.
 */
#pragma once

#include "base/cursor.h"

enum { PER_ADDED_MAX = 64, PER_ADDED = 256 };

struct per {
	struct cur in;  /* behind the byte whose bits are read */
	uint8_t byte;   /* that byte */
	uint8_t unread; /* so many of its bits are unread: the lowest */
};

static inline struct per per_make(struct cur in)
{
	const struct per p = {in, 0, 0};

	return p;
}

/* The next n bits as a number, 8 at most. */
static inline uint32_t per_bits(struct per *p, uint32_t n)
{
	uint32_t bits = p->byte;

	if (p->unread < n) {
		p->byte = cur_u8(&p->in);
		bits = bits * 256 + p->byte;
		p->unread = (uint8_t)(p->unread % 8 + 8);
	}
	p->unread = (uint8_t)((p->unread - n) % 16);
	return (bits >> p->unread) % (1u << n % 9);
}

static inline bool per_bit(struct per *p)
{
	return per_bits(p, 1) != 0;
}

/* The rest of the byte fills it up: what follows is a whole byte (10.7.1). */
static inline uint8_t per_u8(struct per *p)
{
	p->unread = 0;
	return cur_u8(&p->in);
}

static inline uint16_t per_be16(struct per *p)
{
	p->unread = 0;
	return cur_be16(&p->in);
}

/* The next n whole bytes. */
static inline struct cur per_bytes(struct per *p, uint32_t n)
{
	p->unread = 0;
	return cur_sub(&p->in, n);
}

/* A length without a bound (10.9.3.5 to 10.9.3.7). */
static inline uint32_t per_length(struct per *p)
{
	const uint8_t first = per_u8(p);

	if (first < 0x80)
		return first;
	if (first >= 0xc0)
		cur_fail(&p->in);
	return (first - 0x80u) * 256 + cur_u8(&p->in);
}

/* A value whose own encoding says its length: an open type, an octet string, an identifier. */
static inline struct cur per_open(struct per *p)
{
	return per_bytes(p, per_length(p));
}

/* A small number without a bound; larger ones are errors (10.6). */
static inline uint32_t per_small(struct per *p)
{
	if (per_bit(p))
		cur_fail(&p->in);
	return per_bits(p, 6);
}

/* Which of a choice follows, its number in so many bits; PER_ADDED and more: one that a later
 * version added, with its length before it (22.8). */
static inline uint32_t per_choice(struct per *p, uint32_t bits)
{
	return per_bit(p) ? PER_ADDED + per_small(p) : per_bits(p, bits);
}

/* Passes over what was added to a sequence whose first bit promised it (18.7 to 18.9). */
static inline void per_added(struct per *p, bool promised)
{
	const uint32_t count = promised ? per_small(p) + 1 : 0;
	uint32_t present = 0;

	for (unsigned i = 0; i < PER_ADDED_MAX && i < count; i++)
		present += per_bit(p) ? 1u : 0u;
	for (unsigned i = 0; i < PER_ADDED_MAX && i < present; i++)
		(void)per_open(p);
}

/* So many characters of sixteen bits (BMPString), up to the first zero, as UTF-8. */
static inline void per_wide(struct per *p, uint32_t count, struct text *t)
{
	struct cur units = per_bytes(p, count * 2);
	uint32_t high = 0;

	text_clear(t);
	while (cur_more(&units) && t->len <= TEXT_MAX - 4) {
		const uint16_t unit = cur_be16(&units);
		if (unit == 0)
			break;
		high = text_utf16(t, high, unit);
	}
}
