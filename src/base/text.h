/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - a bounded text: a name, a model, a version, as the device spelled it.
 *
 * A text keeps the device's bytes. Nothing is replaced here, not even a NUL or an escape
 * sequence: what is safe to show differs between a terminal, JSON and HTML, so each exit
 * escapes for itself. Hence `len` says how long a text is; the 0 that always follows it is
 * there for debuggers and printf, and may not be the first one.
 *
 * No write can miss: `len` is a byte, s[] has 256 places, and so a text is in bounds by its
 * type. What does not fit is dropped. Every function is proved against the contract above
 * it (./dev prove); the caller's part is a text that was cleared once, or zeroed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TEXT_MAX 255u

struct text {
	uint8_t len;
	char s[256]; /* s[len] is 0 */
};

/*@ predicate text_valid(struct text *t) = \valid(t) && t->s[t->len] == 0; */

/* What the text said stays, whatever is added. */
/*@ predicate text_kept{L1, L2}(struct text *t) =
      \at(t->len, L1) <= \at(t->len, L2) &&
      \forall integer i; 0 <= i < \at(t->len, L1) ==> \at(t->s[i], L2) == \at(t->s[i], L1);
*/

/* A byte as a char of the same bits, also where char is signed: no conversion loses any. */
/*@ assigns \nothing;
    ensures \result == (b < 128 ? b : b - 256);
*/
static inline char text_char(uint8_t b)
{
	return (char)(b < 128 ? b : b - 256);
}

/*@ logic integer text_worth(char ch) = ch < 0 ? ch + 256 : ch; */

/* And back. */
/*@ assigns \nothing;
    ensures \result == text_worth(ch);
*/
static inline uint8_t text_byte(char ch)
{
	return (uint8_t)(ch < 0 ? ch + 256 : ch);
}

/*@ requires \valid(t);
    assigns t->len, t->s[0];
    ensures text_valid(t) && t->len == 0;
*/
static inline void text_clear(struct text *t)
{
	t->len = 0;
	t->s[0] = 0;
}

/* Adds one byte, whatever it is. A full text stays as it is. */
/*@ requires text_valid(t);
    assigns t->len, t->s[0 .. 255];
    ensures text_valid(t) && text_kept{Pre, Post}(t);
    ensures t->len == (\old(t->len) < TEXT_MAX ? \old(t->len) + 1 : TEXT_MAX);
    ensures \old(t->len) < TEXT_MAX ==> t->s[\old(t->len)] == (b < 128 ? b : b - 256);
*/
static inline void text_put(struct text *t, uint8_t b)
{
	const uint8_t n = t->len;

	if (n == TEXT_MAX)
		return;
	t->s[n] = text_char(b);
	t->len = (uint8_t)(n + 1);
	t->s[n + 1] = 0;
}

/* Adds n bytes, of a constant by text_add(), or of another text. */
/*@ requires text_valid(t) && \valid_read(from + (0 .. n - 1));
    requires \separated(t, from + (0 .. n - 1));
    assigns t->len, t->s[0 .. 255];
    ensures text_valid(t) && text_kept{Pre, Post}(t);
    ensures t->len == (\old(t->len) + n < TEXT_MAX ? \old(t->len) + n : TEXT_MAX);
*/
static inline void text_add_bytes(struct text *t, const char *from, uint32_t n)
{
	const uint32_t at = t->len, room = TEXT_MAX - at, fits = n < room ? n : room;

	/*@ loop invariant 0 <= i <= fits && t->len == \at(t->len, Pre);
	    loop invariant \forall integer k; 0 <= k < at ==> t->s[k] == \at(t->s[k], Pre);
	    loop assigns i, t->s[0 .. 255];
	    loop variant fits - i;
	*/
	for (uint32_t i = 0; i < fits; i++)
		t->s[at + i] = from[i];
	t->len = (uint8_t)(at + fits);
	t->s[at + fits] = 0;
}

/* Adds a string constant: text_add(t, "router"). */
#define text_add(t, literal) text_add_bytes((t), "" literal, (uint32_t)sizeof(literal) - 1)

/* Adds a code point as UTF-8, or, where it does not fit whole, nothing: false then. */
/*@ requires text_valid(t);
    assigns t->len, t->s[0 .. 255];
    ensures text_valid(t) && text_kept{Pre, Post}(t);
    ensures \result ==> t->len == \old(t->len) +
            (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
    ensures !\result ==> t->len == \old(t->len);
*/
static inline bool text_utf8(struct text *t, uint32_t code)
{
	const uint32_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

	if (t->len + more >= TEXT_MAX || code > 0x10ffff)
		return false;
	if (more == 0)
		text_put(t, (uint8_t)code);
	if (more == 1)
		text_put(t, (uint8_t)(0xc0 + code / 64));
	if (more == 2)
		text_put(t, (uint8_t)(0xe0 + code / 4096));
	if (more == 3)
		text_put(t, (uint8_t)(0xf0 + code / 262144));
	if (more >= 3)
		text_put(t, (uint8_t)(0x80 + code / 4096 % 64));
	if (more >= 2)
		text_put(t, (uint8_t)(0x80 + code / 64 % 64));
	if (more >= 1)
		text_put(t, (uint8_t)(0x80 + code % 64));
	return true;
}

/* Adds a number in decimal, without leading zeros. */
/*@ requires text_valid(t);
    assigns t->len, t->s[0 .. 255];
    ensures text_valid(t) && text_kept{Pre, Post}(t);
    ensures \old(t->len) < TEXT_MAX ==> t->len > \old(t->len);
*/
static inline void text_decimal(struct text *t, uint32_t number)
{
	uint32_t unit = 1000000000;

	/*@ loop invariant 1 <= unit <= 1000000000;
	    loop assigns unit;
	    loop variant unit;
	*/
	while (unit >= 10 && number < unit)
		unit /= 10;
	/*@ loop invariant 0 <= unit <= 1000000000;
	    loop invariant text_valid(t) && text_kept{Pre, Here}(t);
	    loop invariant \at(t->len, Pre) < TEXT_MAX ==>
	                   t->len > \at(t->len, Pre) || unit == \at(unit, LoopEntry);
	    loop assigns unit, t->len, t->s[0 .. 255];
	    loop variant unit;
	*/
	for (; unit > 0; unit /= 10)
		text_put(t, (uint8_t)('0' + number / unit % 10));
}

/* Adds a byte as two lower-case hexadecimal digits. */
/*@ requires text_valid(t);
    assigns t->len, t->s[0 .. 255];
    ensures text_valid(t) && text_kept{Pre, Post}(t);
    ensures \old(t->len) <= TEXT_MAX - 2 ==> t->len == \old(t->len) + 2;
*/
static inline void text_hex(struct text *t, uint8_t b)
{
	const uint8_t high = b / 16, low = b % 16;

	text_put(t, (uint8_t)(high < 10 ? '0' + high : 'a' + high - 10));
	text_put(t, (uint8_t)(low < 10 ? '0' + low : 'a' + low - 10));
}

/* Is the text these n bytes? Call text_is(). */
/*@ requires \valid_read(t) && \valid_read(what + (0 .. n - 1));
    assigns \nothing;
    ensures \result <==> t->len == n && \forall integer i; 0 <= i < n ==> t->s[i] == what[i];
*/
static inline bool text_is_bytes(const struct text *t, const char *what, uint32_t n)
{
	if (t->len != n)
		return false;
	/*@ loop invariant 0 <= i <= n;
	    loop invariant \forall integer k; 0 <= k < i ==> t->s[k] == what[k];
	    loop assigns i;
	    loop variant n - i;
	*/
	for (uint32_t i = 0; i < n; i++)
		if (t->s[i] != what[i])
			return false;
	return true;
}

/* Is the text this string constant? */
#define text_is(t, literal) text_is_bytes((t), "" literal, (uint32_t)sizeof(literal) - 1)

/* ASCII letters to lower case; all other bytes stay. */
/*@ requires text_valid(t);
    assigns t->s[0 .. 254];
    ensures text_valid(t);
    ensures \forall integer i; 0 <= i < t->len ==> !('A' <= t->s[i] <= 'Z');
*/
static inline void text_lower(struct text *t)
{
	/*@ loop invariant 0 <= i <= t->len && text_valid(t);
	    loop invariant \forall integer k; 0 <= k < i ==> !('A' <= t->s[k] <= 'Z');
	    loop assigns i, t->s[0 .. 254];
	    loop variant t->len - i;
	*/
	for (uint32_t i = 0; i < t->len; i++)
		if (t->s[i] >= 'A' && t->s[i] <= 'Z')
			t->s[i] = (char)(t->s[i] + ('a' - 'A'));
}

/* Takes the spaces and zeros off its end, with which fixed fields are filled up. */
/*@ requires text_valid(t);
    assigns t->len, t->s[0 .. 255];
    ensures text_valid(t) && t->len <= \old(t->len);
    ensures t->len > 0 ==> t->s[t->len - 1] != ' ' && t->s[t->len - 1] != 0;
*/
static inline void text_trim(struct text *t)
{
	/*@ loop invariant t->len <= \at(t->len, Pre);
	    loop assigns t->len;
	    loop variant t->len;
	*/
	while (t->len > 0 && (t->s[t->len - 1] == ' ' || t->s[t->len - 1] == 0))
		t->len -= 1;
	t->s[t->len] = 0;
}
