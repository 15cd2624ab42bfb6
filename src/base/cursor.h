/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cursor.h - the only way to read foreign bytes.
 *
 * A cursor is a window [pos,end) of one buffer. All positions are offsets from the buffer's
 * start, also in the windows cut out of it, so that "pos < end <= size" is the whole safety
 * argument of every read.
 *
 * The error is sticky. A read past the end gives 0 (or an empty window), sets `bad` and
 * empties the window: every later read fails as well. A parser therefore reads straight on,
 * like the field list of the standard it implements, and asks cur_ok() once, at its end.
 * A window is bad for itself: whoever cuts one out and cares asks it too.
 *
 * Every loop over bytes is headed by cur_more(), which refuses a round that read nothing:
 * no packet can make a parser spin.
 *
 *	while (cur_more(&options)) {
 *		const uint8_t code = cur_u8(&options);
 *		struct cur value = cur_sub(&options, cur_u8(&options));
 *		...
 *	}
 *
 * What the pieces are for:
 *	numbers      cur_u8 cur_be16 .. cur_be64 cur_le16 .. cur_le64 cur_peek8
 *	             cur_varint_quic cur_varint_mqtt cur_decimal cur_hex
 *	windows      cur_sub cur_rest cur_cut cur_ber cur_line cur_until cur_token
 *	constants    cur_is cur_is_caseless cur_past_caseless
 *	text         cur_text cur_utf16le cur_dns_name cur_dns_pass cur_netbios_name
 *	moving       cur_skip cur_skip_zeros cur_seek cur_pos cur_left cur_copy
 *
 * Each function is proved against the contract above it, for all inputs, and each parser is
 * proved on top of them without a contract of its own (./dev prove). The two proofs join
 * because nobody but this file names a cursor's fields, and because cursors are made only
 * here, in scratch.c and by the capture (tools/lint-parsers).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define CUR_MAX 65536u /* longer buffers are cut there */
#define CUR_BLOCK 16u  /* bytes looked at together */

#define DNS_WIRE_MAX 255u /* a name's bytes on the wire, RFC 1035 2.3.4 */
#define DNS_STEPS 256u    /* at most 127 labels and 128 pointers between them */

struct cur {
	const uint8_t *base; /* the whole buffer; never moves */
	uint32_t pos;        /* next byte to read; pos <= end */
	uint32_t end;        /* first byte that may not be read */
	uint32_t mark;       /* cur_more() says yes only at or after it */
	bool bad;            /* sticky: some read went past the end */
};

/*@ predicate cur_valid(struct cur *c) =
      \valid(c) && c->pos <= c->end <= CUR_MAX && c->mark <= CUR_MAX &&
      (c->bad ==> c->pos == c->end) &&
      \valid_read(c->base + (0 .. c->end - 1)) && \separated(c, c->base + (0 .. c->end - 1));
*/

/* A read of n bytes moves over them, or, where fewer are left, fails. */
/*@ predicate cur_moved{L1, L2}(struct cur *c, integer n) =
      \at(c->pos, L1) + n <= \at(c->end, L1)
         ? \at(c->pos, L2) == \at(c->pos, L1) + n && \at(c->bad, L2) == \at(c->bad, L1)
         : \at(c->pos, L2) == \at(c->end, L1) && \at(c->bad, L2) == 1;
*/

/* What the bytes of a number are worth together. */
/*@ logic integer be16(uint8_t *p) = (uint16_t)(p[0] << 8) | p[1];
    logic integer be24(uint8_t *p) =
        (uint32_t)(p[0] << 16) | (uint32_t)(p[1] << 8) | p[2];
    logic integer be32(uint8_t *p) =
        (uint32_t)(p[0] << 24) | (uint32_t)(p[1] << 16) | (uint32_t)(p[2] << 8) | p[3];
    logic integer be64(uint8_t *p) = (uint64_t)(be32(p) << 32) | be32(p + 4);
    logic integer le16(uint8_t *p) = (uint16_t)((uint32_t)(p[1] << 8) | p[0]);
    logic integer le24(uint8_t *p) =
        (uint32_t)(p[2] << 16) | (uint32_t)(p[1] << 8) | p[0];
    logic integer le32(uint8_t *p) =
        (uint32_t)(p[3] << 24) | (uint32_t)(p[2] << 16) | (uint32_t)(p[1] << 8) | p[0];
    logic integer le64(uint8_t *p) = (uint64_t)(le32(p + 4) << 32) | le32(p);
*/

/*@ requires len > 0 ==> \valid_read(base + (0 .. len - 1));
    assigns \nothing;
    ensures \result.base == base && \result.pos == 0;
    ensures \result.end == (len <= CUR_MAX ? len : CUR_MAX);
    ensures \result.bad == 0 && \result.mark == 0;
*/
static inline struct cur cur_make(const uint8_t *base, size_t len)
{
	const struct cur c = {base, 0, len <= CUR_MAX ? (uint32_t)len : CUR_MAX, 0, false};

	return c;
}

/* Refuses: the cursor is bad and empty from here on. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && c->pos == c->end && c->bad == 1;
*/
static inline void cur_fail(struct cur *c)
{
	c->pos = c->end;
	c->bad = true;
}

/*@ requires cur_valid(c);
    assigns \nothing;
    ensures \result <==> c->bad == 0;
*/
static inline bool cur_ok(const struct cur *c)
{
	return !c->bad;
}

/* The head of every loop over a window: is there more, and has the last round read something?
 * Each yes raises `mark`, which never passes `end`: the loop ends whatever its body does. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad, c->mark;
    ensures cur_valid(c);
    ensures \result <==> \old(c->pos) < c->end && \old(c->pos) >= \old(c->mark);
    ensures \result ==> \old(c->mark) < c->mark <= c->end;
    ensures \result ==> c->pos == \old(c->pos) && c->bad == \old(c->bad);
    ensures !\result ==> c->pos == c->end && c->mark == \old(c->mark);
    ensures !\result && \old(c->pos) == c->end ==> c->bad == \old(c->bad);
*/
static inline bool cur_more(struct cur *c)
{
	if (c->pos >= c->end)
		return false;
	if (c->pos < c->mark) {
		cur_fail(c);
		return false;
	}
	c->mark = c->pos + 1;
	return true;
}

/* Offset of the next byte from the start of the buffer. */
/*@ requires cur_valid(c);
    assigns \nothing;
    ensures \result == c->pos;
*/
static inline uint32_t cur_pos(const struct cur *c)
{
	return c->pos;
}

/* Bytes left in the window; 0 when bad. */
/*@ requires cur_valid(c);
    assigns \nothing;
    ensures \result == c->end - c->pos && \result <= CUR_MAX;
*/
static inline uint32_t cur_left(const struct cur *c)
{
	return c->pos < c->end ? c->end - c->pos : 0;
}

/* The next cur_left() bytes as they lie there, for those who hash, copy or decrypt them.
 * Not for parsers. An empty window of no buffer ({0}) gives NULL. */
/*@ requires cur_valid(c);
    assigns \nothing;
    ensures c->pos < c->end ==> \result == c->base + c->pos;
    ensures \valid_read(\result + (0 .. c->end - c->pos - 1));
*/
static inline const uint8_t *cur_bytes(const struct cur *c)
{
	return c->pos < c->end ? c->base + c->pos : c->base;
}

/* The next byte without reading it; 0 when there is none, which is no error. */
/*@ requires cur_valid(c);
    assigns \nothing;
    ensures \result == (c->pos < c->end ? c->base[c->pos] : 0);
*/
static inline uint8_t cur_peek8(const struct cur *c)
{
	return c->pos < c->end ? c->base[c->pos] : 0;
}

/* Four bytes as a number, most significant first, and last. At -O2 one load, and a bswap. */
/*@ requires \valid_read(p + (0 .. 3));
    assigns \nothing;
    ensures \result == be32(p);
*/
static inline uint32_t cur_word_be(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/*@ requires \valid_read(p + (0 .. 3));
    assigns \nothing;
    ensures \result == le32(p);
*/
static inline uint32_t cur_word_le(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, 1);
    ensures \old(c->pos) + 1 <= c->end ==> \result == c->base[\old(c->pos)];
    ensures \old(c->pos) + 1 > c->end ==> \result == 0;
*/
static inline uint8_t cur_u8(struct cur *c)
{
	if (c->pos >= c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t v = c->base[c->pos];
	c->pos += 1;
	return v;
}

/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, 2);
    ensures \old(c->pos) + 2 <= c->end ==> \result == be16(c->base + \old(c->pos));
    ensures \old(c->pos) + 2 > c->end ==> \result == 0;
*/
static inline uint16_t cur_be16(struct cur *c)
{
	if (c->pos + 2 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 2;
	return (uint16_t)((uint32_t)p[0] << 8 | p[1]);
}

/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, 3);
    ensures \old(c->pos) + 3 <= c->end ==> \result == be24(c->base + \old(c->pos));
    ensures \old(c->pos) + 3 > c->end ==> \result == 0;
*/
static inline uint32_t cur_be24(struct cur *c)
{
	if (c->pos + 3 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 3;
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, 4);
    ensures \old(c->pos) + 4 <= c->end ==> \result == be32(c->base + \old(c->pos));
    ensures \old(c->pos) + 4 > c->end ==> \result == 0;
*/
static inline uint32_t cur_be32(struct cur *c)
{
	if (c->pos + 4 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 4;
	return cur_word_be(p);
}

/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, 8);
    ensures \old(c->pos) + 8 <= c->end ==> \result == be64(c->base + \old(c->pos));
    ensures \old(c->pos) + 8 > c->end ==> \result == 0;
*/
static inline uint64_t cur_be64(struct cur *c)
{
	if (c->pos + 8 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 8;
	return (uint64_t)cur_word_be(p) << 32 | cur_word_be(p + 4);
}

/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, 2);
    ensures \old(c->pos) + 2 <= c->end ==> \result == le16(c->base + \old(c->pos));
    ensures \old(c->pos) + 2 > c->end ==> \result == 0;
*/
static inline uint16_t cur_le16(struct cur *c)
{
	if (c->pos + 2 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 2;
	return (uint16_t)((uint32_t)p[1] << 8 | p[0]);
}

/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, 3);
    ensures \old(c->pos) + 3 <= c->end ==> \result == le24(c->base + \old(c->pos));
    ensures \old(c->pos) + 3 > c->end ==> \result == 0;
*/
static inline uint32_t cur_le24(struct cur *c)
{
	if (c->pos + 3 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 3;
	return (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, 4);
    ensures \old(c->pos) + 4 <= c->end ==> \result == le32(c->base + \old(c->pos));
    ensures \old(c->pos) + 4 > c->end ==> \result == 0;
*/
static inline uint32_t cur_le32(struct cur *c)
{
	if (c->pos + 4 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 4;
	return cur_word_le(p);
}

/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, 8);
    ensures \old(c->pos) + 8 <= c->end ==> \result == le64(c->base + \old(c->pos));
    ensures \old(c->pos) + 8 > c->end ==> \result == 0;
*/
static inline uint64_t cur_le64(struct cur *c)
{
	if (c->pos + 8 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 8;
	return (uint64_t)cur_word_le(p + 4) << 32 | cur_word_le(p);
}

/* Skips n bytes; n may be any number found in a packet. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, n);
*/
static inline void cur_skip(struct cur *c, uint32_t n)
{
	if (n > CUR_MAX || c->pos + n > c->end) {
		cur_fail(c);
		return;
	}
	c->pos += n;
}

/* Moves to the offset `to`, forwards or backwards; a bad cursor stays bad. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c);
    ensures to <= c->end && !\old(c->bad) ==> c->pos == to && !c->bad;
    ensures to > c->end || \old(c->bad) ==> c->pos == c->end && c->bad == 1;
*/
static inline void cur_seek(struct cur *c, uint32_t to)
{
	if (c->bad || to > c->end) {
		cur_fail(c);
		return;
	}
	c->pos = to;
}

/* Keeps only the next n bytes of the window; where fewer are left, all stay. */
/*@ requires cur_valid(c);
    assigns c->end;
    ensures cur_valid(c);
    ensures c->end == (c->pos + n < \old(c->end) ? c->pos + n : \old(c->end));
*/
static inline void cur_cut(struct cur *c, uint32_t n)
{
	if (n < CUR_MAX && c->pos + n < c->end)
		c->end = c->pos + n;
}

/* The window [from,to) of the same buffer. For this file only. */
/*@ requires cur_valid(c) && from <= to <= c->end && (c->bad ==> from == to);
    assigns \nothing;
    ensures \result.base == c->base && \result.pos == from && \result.end == to;
    ensures \result.mark == 0 && \result.bad == c->bad;
*/
static inline struct cur cur_window(const struct cur *c, uint32_t from, uint32_t to)
{
	const struct cur w = {c->base, from, to, 0, c->bad};

	return w;
}

/* Takes the next n bytes as a window of their own. Where fewer are left both are bad. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && cur_moved{Pre, Post}(c, n);
    ensures \result.base == c->base && \result.mark == 0 && \result.bad == c->bad;
    ensures \result.pos <= \result.end <= c->end && (c->bad ==> \result.pos == \result.end);
    ensures !c->bad ==> \result.pos == \old(c->pos) && \result.end == c->pos;
*/
static inline struct cur cur_sub(struct cur *c, uint32_t n)
{
	const uint32_t from = c->pos;

	cur_skip(c, n);
	return cur_window(c, c->bad ? c->pos : from, c->pos);
}

/* Takes all that is left as a window of its own. */
/*@ requires cur_valid(c);
    assigns c->pos;
    ensures cur_valid(c) && c->pos == c->end;
    ensures \result.base == c->base && \result.mark == 0 && \result.bad == c->bad;
    ensures \result.pos <= \result.end <= c->end && (c->bad ==> \result.pos == \result.end);
    ensures \result.pos == \old(c->pos) && \result.end == c->end;
*/
static inline struct cur cur_rest(struct cur *c)
{
	const uint32_t from = c->pos;

	c->pos = c->end;
	return cur_window(c, from, c->end);
}

/* Copies the next n bytes to dst, which has room for cap; n > cap is an error. */
/*@ requires cur_valid(c) && cap <= CUR_MAX && \valid(dst + (0 .. cap - 1));
    requires \separated(c, dst + (0 .. cap - 1));
    requires \separated(c->base + (0 .. c->end - 1), dst + (0 .. cap - 1));
    assigns c->pos, c->bad, dst[0 .. cap - 1];
    ensures cur_valid(c);
    ensures \result ==> n <= cap && cur_moved{Pre, Post}(c, n) && c->bad == \old(c->bad);
    ensures !\result ==> c->bad == 1;
    ensures \result ==> \forall integer i; 0 <= i < n ==>
            dst[i] == c->base[\old(c->pos) + i];
*/
static inline bool cur_copy(struct cur *c, uint8_t *dst, uint32_t cap, uint32_t n)
{
	if (n > cap || n > CUR_MAX || c->pos + n > c->end) {
		cur_fail(c);
		return false;
	}
	/*@ loop invariant 0 <= i <= n && c->pos == \at(c->pos, Pre) + i;
	    loop invariant \forall integer k; 0 <= k < i ==>
	                   dst[k] == c->base[\at(c->pos, Pre) + k];
	    loop assigns i, c->pos, dst[0 .. n - 1];
	    loop variant n - i;
	*/
	for (uint32_t i = 0; i < n && c->pos < c->end; i++) {
		dst[i] = c->base[c->pos];
		c->pos += 1;
	}
	return true;
}

/* Are all CUR_BLOCK bytes at the offset zero? A loop of so many rounds and no way out of it:
 * compilers make vector instructions of it. */
/*@ requires \valid_read(base + (at .. at + CUR_BLOCK - 1)) && at <= CUR_MAX;
    assigns \nothing;
    ensures \result ==> \forall integer i; at <= i < at + CUR_BLOCK ==> base[i] == 0;
*/
static inline bool cur_block_is_zero(const uint8_t *base, uint32_t at)
{
	uint8_t others = 0;

	/*@ loop invariant 0 <= k <= CUR_BLOCK && others <= k;
	    loop invariant others == 0 ==> \forall integer i; at <= i < at + k ==> base[i] == 0;
	    loop assigns k, others;
	    loop variant CUR_BLOCK - k;
	*/
	for (uint32_t k = 0; k < CUR_BLOCK; k++)
		others = (uint8_t)(others + (base[at + k] != 0 ? 1 : 0));
	return others == 0;
}

/* Offset of the first byte b in the window, or the window's end. */
/*@ requires cur_valid(c);
    assigns \nothing;
    ensures c->pos <= \result <= c->end && (\result < c->end ==> c->base[\result] == b);
    ensures \forall integer i; c->pos <= i < \result ==> c->base[i] != b;
*/
static inline uint32_t cur_find(const struct cur *c, uint8_t b)
{
	uint32_t at = c->pos;

	/*@ loop invariant c->pos <= at <= c->end;
	    loop invariant \forall integer i; c->pos <= i < at ==> c->base[i] != b;
	    loop assigns at;
	    loop variant c->end - at;
	*/
	while (at < c->end && c->base[at] != b)
		at++;
	return at;
}

/* Passes over zeros, to the first other byte or to the end. */
/*@ requires cur_valid(c);
    assigns c->pos;
    ensures cur_valid(c) && \old(c->pos) <= c->pos;
    ensures \forall integer i; \old(c->pos) <= i < c->pos ==> c->base[i] == 0;
    ensures c->pos < c->end ==> c->base[c->pos] != 0;
*/
static inline void cur_skip_zeros(struct cur *c)
{
	/*@ loop invariant \at(c->pos, Pre) <= c->pos <= c->end;
	    loop invariant \forall integer i; \at(c->pos, Pre) <= i < c->pos ==> c->base[i] == 0;
	    loop assigns c->pos;
	    loop variant c->end - c->pos;
	*/
	while (c->pos + CUR_BLOCK <= c->end && cur_block_is_zero(c->base, c->pos))
		c->pos += CUR_BLOCK;
	/*@ loop invariant \at(c->pos, Pre) <= c->pos <= c->end;
	    loop invariant \forall integer i; \at(c->pos, Pre) <= i < c->pos ==> c->base[i] == 0;
	    loop assigns c->pos;
	    loop variant c->end - c->pos;
	*/
	while (c->pos < c->end && c->base[c->pos] == 0)
		c->pos += 1;
}

/* Takes a line, ended by LF or CRLF, which is read but is no part of it. False where no LF
 * comes: nothing is read then, nothing is bad, and `line` is what there is of it so far.
 * In a stream that means NEED_MORE; in a datagram, cur_rest() takes the last line. */
/*@ requires cur_valid(c) && \valid(line);
    requires \separated(c, line) && \separated(line, c->base + (0 .. c->end - 1));
    assigns c->pos, *line;
    ensures cur_valid(c) && cur_valid(line);
    ensures line->base == c->base && line->pos == \old(c->pos) && line->mark == 0;
    ensures line->end <= c->end && line->bad == c->bad;
    ensures \result ==> line->end < c->pos && c->base[c->pos - 1] == '\n';
    ensures \result ==> \forall integer i; line->pos <= i < line->end ==> c->base[i] != '\n';
    ensures !\result ==> c->pos == \old(c->pos) && line->end == c->end;
*/
static inline bool cur_line(struct cur *c, struct cur *line)
{
	const uint32_t from = c->pos, lf = cur_find(c, '\n');

	*line = cur_window(c, from, lf);
	if (lf >= c->end)
		return false;
	if (lf > from && c->base[lf - 1] == '\r')
		line->end = lf - 1;
	c->pos = lf + 1;
	return true;
}

/* Takes the window before the first byte b, and reads b too. Without a b both are bad. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c);
    ensures \result.base == c->base && \result.mark == 0 && \result.bad == c->bad;
    ensures \result.pos <= \result.end <= c->end && (c->bad ==> \result.pos == \result.end);
    ensures !c->bad ==> \result.pos == \old(c->pos) && c->pos == \result.end + 1;
    ensures !c->bad ==> c->base[\result.end] == b;
    ensures \old(c->pos) == c->end ==> c->bad;
*/
static inline struct cur cur_until(struct cur *c, uint8_t b)
{
	const uint32_t from = c->pos, at = cur_find(c, b);

	if (at >= c->end) {
		cur_fail(c);
		return cur_window(c, c->pos, c->pos);
	}
	c->pos = at + 1;
	return cur_window(c, from, at);
}

/* Is b one of these n bytes? */
/*@ requires \valid_read(set + (0 .. n - 1));
    assigns \nothing;
    ensures \result <==> \exists integer i; 0 <= i < n && b == text_worth(set[i]);
*/
static inline bool cur_among(uint8_t b, const char *set, uint32_t n)
{
	/*@ loop invariant 0 <= i <= n;
	    loop invariant \forall integer k; 0 <= k < i ==> b != text_worth(set[k]);
	    loop assigns i;
	    loop variant n - i;
	*/
	for (uint32_t i = 0; i < n; i++)
		if (b == text_byte(set[i]))
			return true;
	return false;
}

/*@ requires cur_valid(c) && \valid_read(delims + (0 .. n - 1));
    requires \separated(c, delims + (0 .. n - 1));
    assigns c->pos;
    ensures cur_valid(c);
    ensures \result.base == c->base && \result.mark == 0 && \result.bad == c->bad;
    ensures \result.pos <= \result.end <= c->end && (c->bad ==> \result.pos == \result.end);
    ensures \result.pos == \old(c->pos) && \result.end == c->pos;
    ensures c->pos < c->end ==>
            \exists integer i; 0 <= i < n && c->base[c->pos] == text_worth(delims[i]);
*/
static inline struct cur cur_token_bytes(struct cur *c, const char *delims, uint32_t n)
{
	const uint32_t from = c->pos;

	/*@ loop invariant from <= c->pos <= c->end;
	    loop assigns c->pos;
	    loop variant c->end - c->pos;
	*/
	while (c->pos < c->end && !cur_among(c->base[c->pos], delims, n))
		c->pos += 1;
	return cur_window(c, from, c->pos);
}

/* Takes the window up to the first byte that is in `delims`, a string constant, or up to the
 * end. The delimiter is not read. May be empty: in a loop, read the delimiter as well. */
#define cur_token(c, delims) cur_token_bytes((c), "" delims, (uint32_t)sizeof(delims) - 1)

/*@ requires cur_valid(c) && \valid_read(what + (0 .. n - 1));
    requires \separated(c, what + (0 .. n - 1));
    assigns c->pos;
    ensures cur_valid(c);
    ensures \result ==> c->pos == \old(c->pos) + n;
    ensures \result ==> \forall integer i; 0 <= i < n ==>
            c->base[\old(c->pos) + i] == text_worth(what[i]);
    ensures !\result ==> c->pos == \old(c->pos);
*/
static inline bool cur_is_bytes(struct cur *c, const char *what, uint32_t n)
{
	if (n > CUR_MAX || c->pos + n > c->end)
		return false;
	uint32_t at = c->pos;
	/*@ loop invariant 0 <= i <= n && at == c->pos + i;
	    loop invariant \forall integer k; 0 <= k < i ==>
	                   c->base[c->pos + k] == text_worth(what[k]);
	    loop assigns i, at;
	    loop variant n - i;
	*/
	for (uint32_t i = 0; i < n && at < c->end; i++, at++)
		if (c->base[at] != text_byte(what[i]))
			return false;
	c->pos = at;
	return true;
}

/* Reads a string constant if it is what comes next; false, and nothing read, if not. */
#define cur_is(c, literal) cur_is_bytes((c), "" literal, (uint32_t)sizeof(literal) - 1)

/*@ assigns \nothing;
    ensures \result == ('A' <= b <= 'Z' ? b + 32 : b);
*/
static inline uint8_t cur_lower(uint8_t b)
{
	return b >= 'A' && b <= 'Z' ? (uint8_t)(b + ('a' - 'A')) : b;
}

/*@ requires cur_valid(c) && \valid_read(what + (0 .. n - 1));
    requires \separated(c, what + (0 .. n - 1));
    assigns c->pos;
    ensures cur_valid(c);
    ensures \result ==> c->pos == \old(c->pos) + n;
    ensures !\result ==> c->pos == \old(c->pos);
*/
static inline bool cur_is_caseless_bytes(struct cur *c, const char *what, uint32_t n)
{
	if (n > CUR_MAX || c->pos + n > c->end)
		return false;
	uint32_t at = c->pos;
	/*@ loop invariant 0 <= i <= n && at == c->pos + i;
	    loop assigns i, at;
	    loop variant n - i;
	*/
	for (uint32_t i = 0; i < n && at < c->end; i++, at++)
		if (cur_lower(c->base[at]) != cur_lower(text_byte(what[i])))
			return false;
	c->pos = at;
	return true;
}

/* The same, ASCII letters of either case being equal. */
#define cur_is_caseless(c, literal) \
	cur_is_caseless_bytes((c), "" literal, (uint32_t)sizeof(literal) - 1)

/* Eight bytes as a number; bit 0x20, which tells the cases of a letter apart, is set in each. */
/*@ requires \valid_read(p + (0 .. 7));
    assigns \nothing;
*/
static inline uint64_t cur_eight_caseless(const uint8_t *p)
{
	return ((uint64_t)cur_word_le(p + 4) << 32 | cur_word_le(p)) | 0x2020202020202020u;
}

/* May these two, `second` behind `first`, be among the eight bytes at p and the one after? Where both
 * are, a byte of `off` is zero, and only then taking one of each borrows from a high bit. */
/*@ requires \valid_read(p + (0 .. 8));
    assigns \nothing;
*/
static inline bool cur_eight_have_pair(const uint8_t *p, uint8_t first, uint8_t second)
{
	const uint64_t each = 0x0101010101010101u;
	const uint64_t off = (cur_eight_caseless(p) ^ first * each) |
	                     (cur_eight_caseless(p + 1) ^ second * each);

	return ((off - each) & ~off & 0x8080808080808080u) != 0;
}

/*@ requires cur_valid(c) && n >= 2 && \valid_read(what + (0 .. n - 1));
    requires \separated(c, what + (0 .. n - 1));
    assigns c->pos;
    ensures cur_valid(c);
    ensures \result ==> c->pos >= \old(c->pos) + n;
    ensures !\result ==> c->pos == c->end;
*/
static inline bool cur_past_caseless_bytes(struct cur *c, const char *what, uint32_t n)
{
	const uint8_t first = text_byte(what[0]) | 0x20u, second = text_byte(what[1]) | 0x20u;

	/*@ loop invariant \at(c->pos, Pre) <= c->pos && cur_valid(c);
	    loop assigns c->pos;
	    loop variant c->end - c->pos;
	*/
	while (c->pos < c->end) {
		if (c->pos + 8 < c->end && !cur_eight_have_pair(c->base + c->pos, first, second)) {
			c->pos += 8;
			continue;
		}
		const uint32_t at = c->pos;
		if (cur_is_caseless_bytes(c, what, n))
			return true;
		c->pos = at + 1;
	}
	return false;
}

/* Reads up to a string constant, ASCII letters of either case being equal, and the constant too.
 * False where it does not come: all is read then. */
#define cur_past_caseless(c, literal) \
	cur_past_caseless_bytes((c), "" literal, (uint32_t)sizeof(literal) - 1)

/* A decimal number of at least one digit; one too big is UINT32_MAX. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && c->pos >= \old(c->pos);
    ensures c->bad == \old(c->bad) ? c->pos > \old(c->pos) || c->bad : \result == 0;
    ensures !c->bad ==> \forall integer i; \old(c->pos) <= i < c->pos ==>
            '0' <= c->base[i] <= '9';
*/
static inline uint32_t cur_decimal(struct cur *c)
{
	const uint32_t from = c->pos;
	uint32_t v = 0;

	/*@ loop invariant from <= c->pos <= c->end && (c->pos == from ==> v == 0);
	    loop invariant \forall integer i; from <= i < c->pos ==> '0' <= c->base[i] <= '9';
	    loop assigns v, c->pos;
	    loop variant c->end - c->pos;
	*/
	while (c->pos < c->end) {
		const uint8_t b = c->base[c->pos];
		if (b < '0' || b > '9')
			break;
		const uint32_t digit = b - (uint32_t)'0';
		v = v < 429496729u || (v == 429496729u && digit <= 5) ? v * 10 + digit : UINT32_MAX;
		c->pos += 1;
	}
	if (c->pos == from)
		cur_fail(c);
	return v;
}

/* What a hexadecimal digit stands for; 16 for any other byte. */
/*@ assigns \nothing;
    ensures \result <= 16;
    ensures '0' <= b <= '9' ==> \result == b - '0';
    ensures 'a' <= b <= 'f' ==> \result == b - 'a' + 10;
    ensures 'A' <= b <= 'F' ==> \result == b - 'A' + 10;
*/
static inline uint32_t cur_hex_digit(uint8_t b)
{
	if (b >= '0' && b <= '9')
		return b - (uint32_t)'0';
	if (b >= 'a' && b <= 'f')
		return b - (uint32_t)'a' + 10;
	if (b >= 'A' && b <= 'F')
		return b - (uint32_t)'A' + 10;
	return 16;
}

/* A hexadecimal number of at least one digit, either case; one too big is UINT32_MAX. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && c->pos >= \old(c->pos);
    ensures c->bad == \old(c->bad) ? c->pos > \old(c->pos) || c->bad : \result == 0;
*/
static inline uint32_t cur_hex(struct cur *c)
{
	const uint32_t from = c->pos;
	uint32_t v = 0;

	/*@ loop invariant from <= c->pos <= c->end && (c->pos == from ==> v == 0);
	    loop assigns v, c->pos;
	    loop variant c->end - c->pos;
	*/
	while (c->pos < c->end) {
		const uint32_t digit = cur_hex_digit(c->base[c->pos]);
		if (digit > 15)
			break;
		v = v < 268435456u ? v * 16 + digit : UINT32_MAX;
		c->pos += 1;
	}
	if (c->pos == from)
		cur_fail(c);
	return v;
}

/* RFC 9000, 16: two bits say whether 1, 2, 4 or 8 bytes hold the number. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && \result < 4611686018427387904;
    ensures !c->bad ==> \old(c->pos) + 1 <= c->pos <= \old(c->pos) + 8;
    ensures c->bad ==> \result == 0;
*/
static inline uint64_t cur_varint_quic(struct cur *c)
{
	const uint8_t first = cur_peek8(c);

	if (first < 0x40)
		return cur_u8(c);
	if (first < 0x80)
		return cur_be16(c) % 16384u;
	if (first < 0xc0)
		return cur_be32(c) % 1073741824u;
	return cur_be64(c) % 4611686018427387904u;
}

/* MQTT 5.0, 1.5.5: seven bits a byte, the lowest first, four bytes at most. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && \result < 268435456;
    ensures !c->bad ==> \old(c->pos) + 1 <= c->pos <= \old(c->pos) + 4;
    ensures c->bad ==> \result == 0;
*/
static inline uint32_t cur_varint_mqtt(struct cur *c)
{
	uint32_t v = 0;

	/*@ loop invariant unit \in {1, 128, 16384, 2097152, 268435456} && v < unit;
	    loop invariant cur_valid(c);
	    loop invariant unit == 1 && c->pos == \at(c->pos, Pre) ||
	                   unit == 128 && c->pos == \at(c->pos, Pre) + 1 ||
	                   unit == 16384 && c->pos == \at(c->pos, Pre) + 2 ||
	                   unit == 2097152 && c->pos == \at(c->pos, Pre) + 3 ||
	                   unit == 268435456;
	    loop assigns unit, v, c->pos, c->bad;
	    loop variant 268435456 - unit;
	*/
	for (uint32_t unit = 1; unit < 268435456u; unit *= 128) {
		const uint8_t b = cur_u8(c);
		v += b % 128u * unit;
		if (b < 128)
			return cur_ok(c) ? v : 0;
	}
	cur_fail(c);
	return 0;
}

/* A BER length: definite, one byte, or up to four after a byte that counts them. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && c->pos >= \old(c->pos);
    ensures !c->bad ==> \old(c->pos) + 1 <= c->pos <= \old(c->pos) + 5;
    ensures c->bad ==> \result == 0;
*/
static inline uint32_t cur_ber_length(struct cur *c)
{
	const uint8_t first = cur_u8(c);

	if (first < 0x80)
		return first;
	switch (first) {
	case 0x81:
		return cur_u8(c);
	case 0x82:
		return cur_be16(c);
	case 0x83:
		return cur_be24(c);
	case 0x84:
		return cur_be32(c);
	default:
		cur_fail(c);
		return 0;
	}
}

/* Takes a BER element (X.690, 8.1): its identifier byte goes to `tag`, its content is the
 * window. Indefinite lengths and tag numbers above 30 are errors; `tag` is 0 then. */
/*@ requires cur_valid(c) && \valid(tag);
    requires \separated(c, tag) && \separated(tag, c->base + (0 .. c->end - 1));
    assigns c->pos, c->bad, *tag;
    ensures cur_valid(c);
    ensures \result.base == c->base && \result.mark == 0 && \result.bad == c->bad;
    ensures \result.pos <= \result.end <= c->end && (c->bad ==> \result.pos == \result.end);
    ensures !c->bad ==> \old(c->pos) + 2 <= \result.pos && \result.end == c->pos;
    ensures !c->bad ==> *tag == c->base[\old(c->pos)] && *tag % 32 != 31;
    ensures c->bad ==> *tag == 0;
*/
static inline struct cur cur_ber(struct cur *c, uint8_t *tag)
{
	const uint8_t id = cur_u8(c);

	if (id % 32 == 31)
		cur_fail(c);
	struct cur content = cur_sub(c, cur_ber_length(c));
	*tag = cur_ok(c) ? id : 0;
	return content;
}

/* The next n bytes as text; more than fit are read and dropped. */
/*@ requires cur_valid(c) && \valid(t);
    requires \separated(c, t) && \separated(t, c->base + (0 .. c->end - 1));
    assigns c->pos, c->bad, t->len, t->s[0 .. 255];
    ensures cur_valid(c) && text_valid(t) && cur_moved{Pre, Post}(c, n);
*/
static inline void cur_text(struct cur *c, uint32_t n, struct text *t)
{
	const struct cur v = cur_sub(c, n);
	uint32_t len = 0;

	/*@ loop invariant v.pos <= at <= v.end && len <= TEXT_MAX;
	    loop assigns at, len, t->s[0 .. 254];
	    loop variant v.end - at;
	*/
	for (uint32_t at = v.pos; at < v.end && len < TEXT_MAX; at++)
		t->s[len++] = text_char(v.base[at]);
	t->len = (uint8_t)len;
	t->s[len] = 0;
}

/* One UTF-16 unit into the text, `high` being a high surrogate that waits for its low one,
 * or 0. Gives the surrogate that waits now. */
/*@ requires text_valid(t) && (high == 0 || 0xd800 <= high <= 0xdbff);
    assigns t->len, t->s[0 .. 255];
    ensures text_valid(t) && t->len >= \old(t->len);
    ensures \result == 0 || 0xd800 <= \result <= 0xdbff;
*/
static inline uint32_t text_utf16(struct text *t, uint32_t high, uint16_t unit)
{
	if (high != 0 && unit >= 0xdc00 && unit <= 0xdfff) {
		text_utf8(t, 0x10000 + (high - 0xd800) * 1024 + (unit - 0xdc00u));
		return 0;
	}
	if (high != 0)
		text_utf8(t, 0xfffd);
	if (unit >= 0xd800 && unit <= 0xdbff)
		return unit;
	text_utf8(t, unit >= 0xdc00 && unit <= 0xdfff ? 0xfffd : unit);
	return 0;
}

/* The whole window, UTF-16LE, as text. */
/*@ requires cur_valid(v) && \valid(t);
    requires \separated(v, t) && \separated(t, v->base + (0 .. v->end - 1));
    assigns v->pos, v->bad, v->mark, t->len, t->s[0 .. 255];
    ensures cur_valid(v) && text_valid(t);
*/
static inline void cur_utf16_units(struct cur *v, struct text *t)
{
	uint32_t high = 0;

	text_clear(t);
	/*@ loop invariant cur_valid(v) && text_valid(t);
	    loop invariant high == 0 || 0xd800 <= high <= 0xdbff;
	    loop assigns high, v->pos, v->bad, v->mark, t->len, t->s[0 .. 255];
	    loop variant CUR_MAX - v->mark;
	*/
	while (cur_more(v) && t->len <= TEXT_MAX - 4)
		high = text_utf16(t, high, cur_le16(v));
	if (high != 0)
		text_utf8(t, 0xfffd);
}

/* The next n bytes, UTF-16LE, as text in UTF-8. A surrogate without its other half becomes
 * U+FFFD; an odd byte at the end is dropped. */
/*@ requires cur_valid(c) && \valid(t);
    requires \separated(c, t) && \separated(t, c->base + (0 .. c->end - 1));
    assigns c->pos, c->bad, t->len, t->s[0 .. 255];
    ensures cur_valid(c) && text_valid(t) && cur_moved{Pre, Post}(c, n);
*/
static inline void cur_utf16le(struct cur *c, uint32_t n, struct text *t)
{
	struct cur v = cur_sub(c, n);

	cur_cut(&v, n - n % 2);
	cur_utf16_units(&v, t);
}

/* Copies the CUR_BLOCK bytes at `from`; is there none among them that a name escapes? */
/*@ requires \valid_read(from + (0 .. CUR_BLOCK - 1)) && \valid(to + (0 .. CUR_BLOCK - 1));
    requires \separated(from + (0 .. CUR_BLOCK - 1), to + (0 .. CUR_BLOCK - 1));
    assigns to[0 .. CUR_BLOCK - 1];
*/
static inline bool cur_block_plain(const uint8_t *restrict from, char *restrict to)
{
	uint8_t hits = 0;

	/*@ loop invariant 0 <= i <= CUR_BLOCK && hits <= i;
	    loop assigns i, hits;
	    loop variant CUR_BLOCK - i;
	*/
	for (uint32_t i = 0; i < CUR_BLOCK; i++)
		hits = (uint8_t)(hits + (from[i] == '.' || from[i] == '\\' ? 1 : 0));
	/*@ loop invariant 0 <= i <= CUR_BLOCK;
	    loop assigns i, to[0 .. CUR_BLOCK - 1];
	    loop variant CUR_BLOCK - i;
	*/
	for (uint32_t i = 0; i < CUR_BLOCK; i++)
		to[i] = text_char(from[i]);
	return hits == 0;
}

/* Most labels have nothing to be escaped, and bytes behind them: they are copied in blocks, and what
 * is copied too much is written over by what follows. False: it is not so, and nothing is read. */
/*@ requires cur_valid(c) && text_valid(t) && n < 64;
    requires \separated(c, t) && \separated(t, c->base + (0 .. c->end - 1));
    assigns c->pos, t->len, t->s[0 .. 255];
    ensures cur_valid(c);
    ensures \result ==> text_valid(t) && c->pos == \old(c->pos) + n && t->len == \old(t->len) + n;
    ensures !\result ==> c->pos == \old(c->pos) && t->len == \old(t->len);
*/
static inline bool cur_dns_label_plain(struct cur *c, uint8_t n, struct text *t)
{
	const uint32_t len = t->len;

	/*@ loop invariant 0 <= at < n + CUR_BLOCK;
	    loop invariant at == 0 || (c->pos + at <= c->end && len + at < TEXT_MAX);
	    loop assigns at, t->s[0 .. 255];
	    loop variant n - at;
	*/
	for (uint32_t at = 0; at < n; at += CUR_BLOCK)
		if (c->pos + at + CUR_BLOCK > c->end || len + at + CUR_BLOCK >= TEXT_MAX ||
		    !cur_block_plain(c->base + c->pos + at, &t->s[len + at]))
			return false;
	c->pos += n;
	t->len = (uint8_t)(len + n);
	t->s[len + n] = 0;
	return true;
}

/* A label of n bytes, a dot before all but the first; '.' and '\' inside it are escaped. */
/*@ requires cur_valid(c) && text_valid(t) && n < 64;
    requires \separated(c, t) && \separated(t, c->base + (0 .. c->end - 1));
    assigns c->pos, c->bad, t->len, t->s[0 .. 255];
    ensures cur_valid(c) && text_valid(t) && cur_moved{Pre, Post}(c, n);
*/
static inline void cur_dns_label(struct cur *c, uint8_t n, struct text *t)
{
	if (t->len > 0)
		text_put(t, '.');
	const uint8_t len = t->len;
	if (cur_dns_label_plain(c, n, t))
		return;
	t->s[len] = 0;
	struct cur label = cur_sub(c, n);
	/*@ loop invariant cur_valid(&label) && label.base == c->base && text_valid(t);
	    loop assigns label.pos, label.bad, label.mark, t->len, t->s[0 .. 255];
	    loop variant CUR_MAX - label.mark;
	*/
	while (cur_more(&label)) {
		const uint8_t b = cur_u8(&label);
		if (b == '.' || b == '\\')
			text_put(t, '\\');
		text_put(t, b);
	}
}

/* Walks over the labels of a name, and puts them into the text if they are to be kept: see
 * cur_dns_name(). How many bytes it would take on the wire in one piece; 0: it is bad. */
/*@ requires cur_valid(c) && \valid(t);
    requires \separated(c, t) && \separated(t, c->base + (0 .. c->end - 1));
    assigns c->pos, c->bad, t->len, t->s[0 .. 255];
    ensures cur_valid(c) && text_valid(t) && \result <= DNS_WIRE_MAX;
    ensures c->pos > \old(c->pos) || c->bad;
    ensures c->bad ==> t->len == 0;
    ensures c->bad <==> \result == 0;
*/
static inline uint32_t cur_dns_walk(struct cur *c, uint32_t start, struct text *t, bool keep)
{
	struct cur w = cur_window(c, c->pos, c->end);
	uint32_t limit = c->pos, wire = 1;
	bool jumped = false;

	text_clear(t);
	/*@ loop invariant 0 <= step <= DNS_STEPS && 1 <= wire <= DNS_WIRE_MAX;
	    loop invariant cur_valid(c) && cur_valid(&w) && text_valid(t);
	    loop invariant w.base == c->base && w.end == c->end;
	    loop invariant c->bad == \at(c->bad, Pre) && (c->bad ==> w.bad);
	    loop invariant jumped ? c->pos > \at(c->pos, Pre)
	                          : w.pos >= c->pos && c->pos == \at(c->pos, Pre);
	    loop assigns step, wire, limit, jumped, w.pos, w.bad, w.mark, c->pos, c->bad,
	                 t->len, t->s[0 .. 255];
	    loop variant DNS_STEPS - step;
	*/
	for (uint32_t step = 0; step < DNS_STEPS && cur_ok(&w); step++) {
		const uint8_t len = cur_u8(&w);
		if (len >= 0xc0) {
			const uint32_t to = start + (len - 0xc0u) * 256 + cur_u8(&w);
			if (!jumped)
				cur_seek(c, w.pos);
			jumped = true;
			if (to >= limit)
				break;
			limit = to;
			cur_seek(&w, to);
			continue;
		}
		if (len == 0 && cur_ok(&w)) {
			if (!jumped)
				cur_seek(c, w.pos);
			return wire;
		}
		wire += len + 1u;
		if (len >= 0x40 || wire > DNS_WIRE_MAX)
			break;
		if (!keep)
			cur_skip(&w, len);
		else
			cur_dns_label(&w, len, t);
		if (t->len == TEXT_MAX)
			break;
	}
	cur_fail(c);
	text_clear(t);
	return 0;
}

/*
 * A domain name (RFC 1035, 3.1 and 4.1.4) of the message that began at offset `start`, as
 * "host.example" without a dot at its end; the root is "". The labels' bytes are the
 * device's; only '.' and '\' inside a label are written "\." and "\\".
 *
 * A pointer must lead to before the piece it stands in, so the pieces' offsets fall strictly
 * and the walk ends. Bad: any other pointer, a label type but these two, more than 255 bytes
 * on the wire, and the rare name that its escapes make longer than a text.
 */
/*@ requires cur_valid(c) && \valid(t);
    requires \separated(c, t) && \separated(t, c->base + (0 .. c->end - 1));
    assigns c->pos, c->bad, t->len, t->s[0 .. 255];
    ensures cur_valid(c) && text_valid(t);
    ensures c->pos > \old(c->pos) || c->bad;
    ensures c->bad ==> t->len == 0;
*/
static inline void cur_dns_name(struct cur *c, uint32_t start, struct text *t)
{
	(void)cur_dns_walk(c, start, t, true);
}

/* Passes over such a name, and refuses what cur_dns_name() refuses: of a name of less than half a
 * text's bytes no escapes can make one that is too long. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c);
    ensures c->pos > \old(c->pos) || c->bad;
*/
static inline void cur_dns_pass(struct cur *c, uint32_t start)
{
	const uint32_t from = c->pos;
	struct text name;

	if (cur_dns_walk(c, start, &name, false) <= TEXT_MAX / 2)
		return;
	c->pos = from;
	cur_dns_name(c, start, &name);
}

/* Half a byte of a NetBIOS name: 'A' to 'P'. */
/*@ requires cur_valid(c);
    assigns c->pos, c->bad;
    ensures cur_valid(c) && \result <= 15;
    ensures c->pos >= \old(c->pos) && (\old(c->bad) ==> c->bad);
*/
static inline uint8_t cur_netbios_half(struct cur *c)
{
	const uint8_t b = cur_u8(c);

	if (b < 'A' || b > 'P') {
		cur_fail(c);
		return 0;
	}
	return (uint8_t)(b - 'A');
}

/* A NetBIOS name in first-level encoding (RFC 1001, 14.1), its scope read and dropped: up to
 * 15 characters without the spaces or zeros that fill it up, and the suffix that says what
 * it names. A pointer (0xc00c in answers) is no such name: the caller knows what it repeats. */
/*@ requires cur_valid(c) && \valid(name) && \valid(suffix);
    requires \separated(c, name, suffix, c->base + (0 .. c->end - 1));
    assigns c->pos, c->bad, name->len, name->s[0 .. 255], *suffix;
    ensures cur_valid(c) && text_valid(name) && name->len <= 15;
    ensures c->pos > \old(c->pos) || c->bad;
    ensures c->bad ==> name->len == 0;
*/
static inline void cur_netbios_name(struct cur *c, struct text *name, uint8_t *suffix)
{
	text_clear(name);
	if (cur_u8(c) != 32)
		cur_fail(c);
	/*@ loop invariant 0 <= i <= 15 && cur_valid(c) && text_valid(name) && name->len == i;
	    loop invariant c->pos > \at(c->pos, Pre) || c->bad;
	    loop assigns i, c->pos, c->bad, name->len, name->s[0 .. 255];
	    loop variant 15 - i;
	*/
	for (uint32_t i = 0; i < 15; i++) {
		const uint8_t high = cur_netbios_half(c);
		text_put(name, (uint8_t)(high * 16 + cur_netbios_half(c)));
	}
	const uint8_t high = cur_netbios_half(c);
	*suffix = (uint8_t)(high * 16 + cur_netbios_half(c));
	text_trim(name);
	/*@ loop invariant 0 <= i <= 128 && cur_valid(c);
	    loop invariant c->pos > \at(c->pos, Pre) || c->bad;
	    loop assigns i, c->pos, c->bad;
	    loop variant 128 - i;
	*/
	for (uint32_t i = 0; i < 128 && cur_peek8(c) > 0; i++)
		cur_skip(c, cur_u8(c));
	cur_skip(c, 1);
	if (!cur_ok(c))
		text_clear(name);
}
