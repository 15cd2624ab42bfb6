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
 *	constants    cur_is cur_is_caseless
 *	text         cur_text cur_utf16le cur_dns_name cur_netbios_name
 *	moving       cur_skip cur_seek cur_pos cur_left cur_copy
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

#define CUR_MAX 65536u                /* longer buffers are cut there */

#define DNS_WIRE_MAX 255u             /* a name's bytes on the wire, RFC 1035 2.3.4 */
#define DNS_STEPS 256u                /* at most 127 labels and 128 pointers between them */

struct cur {
	const uint8_t *base;          /* the whole buffer; never NULL, never moves */
	uint32_t pos;                 /* next byte to read; pos <= end */
	uint32_t end;                 /* first byte that may not be read */
	uint32_t mark;                /* cur_more() says yes only at or after it */
	bool bad;                     /* sticky: some read went past the end */
};

static inline struct cur cur_make(const uint8_t *base, size_t len)
{
	const struct cur c = { base, 0, len <= CUR_MAX ? (uint32_t)len : CUR_MAX, 0, false };

	return c;
}

/* Refuses: the cursor is bad and empty from here on. */
static inline void cur_fail(struct cur *c)
{
	c->pos = c->end;
	c->bad = true;
}

static inline bool cur_ok(const struct cur *c)
{
	return !c->bad;
}

/* The head of every loop over a window: is there more, and has the last round read something?
 * Each yes raises `mark`, which never passes `end`: the loop ends whatever its body does. */
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
static inline uint32_t cur_pos(const struct cur *c)
{
	return c->pos;
}

/* Bytes left in the window; 0 when bad. */
static inline uint32_t cur_left(const struct cur *c)
{
	return c->pos < c->end ? c->end - c->pos : 0;
}

/* The next cur_left() bytes as they lie there, for those who hash, copy or decrypt them.
 * Not for parsers. */
static inline const uint8_t *cur_bytes(const struct cur *c)
{
	return c->base + c->pos;
}

/* The next byte without reading it; 0 when there is none, which is no error. */
static inline uint8_t cur_peek8(const struct cur *c)
{
	return c->pos < c->end ? c->base[c->pos] : 0;
}

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

static inline uint32_t cur_be32(struct cur *c)
{
	if (c->pos + 4 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 4;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t cur_be64(struct cur *c)
{
	if (c->pos + 8 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 8;
	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
	       (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
	       (uint64_t)p[6] << 8 | p[7];
}

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

static inline uint32_t cur_le32(struct cur *c)
{
	if (c->pos + 4 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 4;
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t cur_le64(struct cur *c)
{
	if (c->pos + 8 > c->end) {
		cur_fail(c);
		return 0;
	}
	const uint8_t *p = c->base + c->pos;
	c->pos += 8;
	return (uint64_t)p[7] << 56 | (uint64_t)p[6] << 48 | (uint64_t)p[5] << 40 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[3] << 24 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[1] << 8 | p[0];
}

/* Skips n bytes; n may be any number found in a packet. */
static inline void cur_skip(struct cur *c, uint32_t n)
{
	if (n > CUR_MAX || c->pos + n > c->end) {
		cur_fail(c);
		return;
	}
	c->pos += n;
}

/* Moves to the offset `to`, forwards or backwards; a bad cursor stays bad. */
static inline void cur_seek(struct cur *c, uint32_t to)
{
	if (c->bad || to > c->end) {
		cur_fail(c);
		return;
	}
	c->pos = to;
}

/* Keeps only the next n bytes of the window; where fewer are left, all stay. */
static inline void cur_cut(struct cur *c, uint32_t n)
{
	if (n < CUR_MAX && c->pos + n < c->end)
		c->end = c->pos + n;
}

/* The window [from,to) of the same buffer. For this file only. */
static inline struct cur cur_window(const struct cur *c, uint32_t from, uint32_t to)
{
	const struct cur w = { c->base, from, to, 0, c->bad };

	return w;
}

/* Takes the next n bytes as a window of their own. Where fewer are left both are bad. */
static inline struct cur cur_sub(struct cur *c, uint32_t n)
{
	const uint32_t from = c->pos;

	cur_skip(c, n);
	return cur_window(c, c->bad ? c->pos : from, c->pos);
}

/* Takes all that is left as a window of its own. */
static inline struct cur cur_rest(struct cur *c)
{
	const uint32_t from = c->pos;

	c->pos = c->end;
	return cur_window(c, from, c->end);
}

/* Copies the next n bytes to dst, which has room for cap; n > cap is an error. */
static inline bool cur_copy(struct cur *c, uint8_t *dst, uint32_t cap, uint32_t n)
{
	if (n > cap || n > CUR_MAX || c->pos + n > c->end) {
		cur_fail(c);
		return false;
	}
	for (uint32_t i = 0; i < n && c->pos < c->end; i++) {
		dst[i] = c->base[c->pos];
		c->pos += 1;
	}
	return true;
}

/* Offset of the first byte b in the window, or the window's end. */
static inline uint32_t cur_find(const struct cur *c, uint8_t b)
{
	uint32_t at = c->pos;

	while (at < c->end && c->base[at] != b)
		at++;
	return at;
}

/* Takes a line, ended by LF or CRLF, which is read but is no part of it. False where no LF
 * comes: nothing is read then, nothing is bad, and `line` is what there is of it so far.
 * In a stream that means NEED_MORE; in a datagram, cur_rest() takes the last line. */
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
static inline bool cur_among(uint8_t b, const char *set, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (b == (set[i] & 0xff))
			return true;
	return false;
}

static inline struct cur cur_token_bytes(struct cur *c, const char *delims, uint32_t n)
{
	const uint32_t from = c->pos;

	while (c->pos < c->end && !cur_among(c->base[c->pos], delims, n))
		c->pos += 1;
	return cur_window(c, from, c->pos);
}

/* Takes the window up to the first byte that is in `delims`, a string constant, or up to the
 * end. The delimiter is not read. May be empty: in a loop, read the delimiter as well. */
#define cur_token(c, delims) cur_token_bytes((c), "" delims, (uint32_t)sizeof(delims) - 1)

static inline bool cur_is_bytes(struct cur *c, const char *what, uint32_t n)
{
	if (n > CUR_MAX || c->pos + n > c->end)
		return false;
	uint32_t at = c->pos;
	for (uint32_t i = 0; i < n && at < c->end; i++, at++)
		if (c->base[at] != (what[i] & 0xff))
			return false;
	c->pos = at;
	return true;
}

/* Reads a string constant if it is what comes next; false, and nothing read, if not. */
#define cur_is(c, literal) cur_is_bytes((c), "" literal, (uint32_t)sizeof(literal) - 1)

static inline uint8_t cur_lower(uint8_t b)
{
	return b >= 'A' && b <= 'Z' ? (uint8_t)(b + ('a' - 'A')) : b;
}

static inline bool cur_is_caseless_bytes(struct cur *c, const char *what, uint32_t n)
{
	if (n > CUR_MAX || c->pos + n > c->end)
		return false;
	uint32_t at = c->pos;
	for (uint32_t i = 0; i < n && at < c->end; i++, at++)
		if (cur_lower(c->base[at]) != cur_lower((uint8_t)(what[i] & 0xff)))
			return false;
	c->pos = at;
	return true;
}

/* The same, ASCII letters of either case being equal. */
#define cur_is_caseless(c, literal) \
	cur_is_caseless_bytes((c), "" literal, (uint32_t)sizeof(literal) - 1)

/* A decimal number of at least one digit; one too big is UINT32_MAX. */
static inline uint32_t cur_decimal(struct cur *c)
{
	const uint32_t from = c->pos;
	uint32_t v = 0;

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
static inline uint32_t cur_hex(struct cur *c)
{
	const uint32_t from = c->pos;
	uint32_t v = 0;

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
static inline uint32_t cur_varint_mqtt(struct cur *c)
{
	const uint32_t a = cur_u8(c);
	if (a < 128)
		return a;
	const uint32_t b = cur_u8(c);
	if (b < 128)
		return a - 128 + b * 128;
	const uint32_t d = cur_u8(c);
	if (d < 128)
		return a - 128 + (b - 128) * 128 + d * 16384;
	const uint32_t e = cur_u8(c);
	if (e < 128 && cur_ok(c))
		return a - 128 + (b - 128) * 128 + (d - 128) * 16384 + e * 2097152;
	cur_fail(c);
	return 0;
}

/* A BER length: definite, one byte, or up to four after a byte that counts them. */
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
static inline void cur_text(struct cur *c, uint32_t n, struct text *t)
{
	struct cur v = cur_sub(c, n);

	text_clear(t);
	while (cur_more(&v) && t->len < TEXT_MAX)
		text_put(t, cur_u8(&v));
}

/* One UTF-16 unit into the text, `high` being a high surrogate that waits for its low one,
 * or 0. Gives the surrogate that waits now. */
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

/* The next n bytes, UTF-16LE, as text in UTF-8. A surrogate without its other half becomes
 * U+FFFD; an odd byte at the end is dropped. */
static inline void cur_utf16le(struct cur *c, uint32_t n, struct text *t)
{
	struct cur v = cur_sub(c, n - n % 2);
	uint32_t high = 0;

	cur_skip(c, n % 2);
	text_clear(t);
	while (cur_more(&v) && t->len <= TEXT_MAX - 4)
		high = text_utf16(t, high, cur_le16(&v));
	if (high != 0)
		text_utf8(t, 0xfffd);
}

/* A label of n bytes, a dot before all but the first; '.' and '\' inside it are escaped. */
static inline void cur_dns_label(struct cur *c, uint8_t n, struct text *t)
{
	struct cur label = cur_sub(c, n);

	if (t->len > 0)
		text_put(t, '.');
	while (cur_more(&label)) {
		const uint8_t b = cur_u8(&label);
		if (b == '.' || b == '\\')
			text_put(t, '\\');
		text_put(t, b);
	}
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
static inline void cur_dns_name(struct cur *c, uint32_t start, struct text *t)
{
	struct cur w = cur_window(c, c->pos, c->end);
	uint32_t limit = c->pos, wire = 1;
	bool jumped = false;

	text_clear(t);
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
			return;
		}
		wire += len + 1u;
		if (len >= 0x40 || wire > DNS_WIRE_MAX)
			break;
		cur_dns_label(&w, len, t);
		if (t->len == TEXT_MAX)
			break;
	}
	cur_fail(c);
	text_clear(t);
}

/* Half a byte of a NetBIOS name: 'A' to 'P'. */
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
static inline void cur_netbios_name(struct cur *c, struct text *name, uint8_t *suffix)
{
	text_clear(name);
	if (cur_u8(c) != 32)
		cur_fail(c);
	for (uint32_t i = 0; i < 15; i++) {
		const uint8_t high = cur_netbios_half(c);
		text_put(name, (uint8_t)(high * 16 + cur_netbios_half(c)));
	}
	const uint8_t high = cur_netbios_half(c);
	*suffix = (uint8_t)(high * 16 + cur_netbios_half(c));
	text_trim(name);
	for (uint32_t i = 0; i < 128 && cur_peek8(c) > 0; i++)
		cur_skip(c, cur_u8(c));
	cur_skip(c, 1);
	if (!cur_ok(c))
		text_clear(name);
}
