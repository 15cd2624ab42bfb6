/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit.c - writes JSON into a buffer of fixed size, front to back.
 */
#include "report/emit.h"

#include "base/digits.h"

void emit_begin(struct emit *j, char *buf, size_t cap)
{
	*j = (struct emit){.buf = buf, .cap = cap};
}

/* Room for so many bytes; NULL: there is none. */
static char *emit_take(struct emit *j, size_t len)
{
	char *const at = j->buf + j->len;

	if (len > j->cap - j->len) {
		j->full = true;
		return NULL;
	}
	j->len += len;
	return at;
}

static void emit_put(struct emit *j, const void *bytes, size_t len)
{
	char *const at = emit_take(j, len);

	if (at != NULL)
		memcpy(at, bytes, len);
}

static void emit_char(struct emit *j, char c)
{
	emit_put(j, &c, 1);
}

/* Before each value. */
static void emit_next(struct emit *j)
{
	if (j->comma)
		emit_char(j, ',');
	j->comma = true;
}

void emit_open(struct emit *j, char bracket)
{
	emit_next(j);
	emit_char(j, bracket);
	j->comma = false;
}

void emit_close(struct emit *j, char bracket)
{
	emit_char(j, bracket);
	j->comma = true;
}

/* A string, with what stands behind it: of a key the colon. */
static void emit_between(struct emit *j, const char *text, size_t len, const char *tail,
                         size_t tail_len)
{
	char *at = emit_take(j, j->comma + 1 + len + tail_len);

	if (at == NULL)
		return;
	if (j->comma)
		*at++ = ',';
	*at++ = '"';
	memcpy(at, text, len);
	memcpy(at + len, tail, tail_len);
}

void emit_name(struct emit *j, const char *key, size_t len)
{
	emit_between(j, key, len, "\":", 2);
	j->comma = false;
}

void emit_quoted(struct emit *j, const char *text, size_t len)
{
	emit_between(j, text, len, "\"", 1);
	j->comma = true;
}

void emit_raw(struct emit *j, const char *text, size_t len)
{
	emit_next(j);
	emit_put(j, text, len);
}

void emit_again(struct emit *j, const char *text, size_t len)
{
	emit_put(j, text, len);
	j->comma = true;
}

void emit_number(struct emit *j, uint64_t n)
{
	char digits[DIGITS_MOST];

	emit_raw(j, digits, (size_t)(digits_put(digits, n) - digits));
}

void emit_bool(struct emit *j, bool b)
{
	emit_raw(j, b ? "true" : "false", b ? 4 : 5);
}

/*
 * Bytes of the valid UTF-8 character at `s` (RFC 3629: no surrogates, no overlong forms), 0: none.
 */
static size_t utf8_len(const uint8_t *s, size_t left)
{
	static const uint8_t low[] = {0x80, 0xa0, 0x80, 0x90,
	                              0x80}; /* least second byte after: others, e0, ed, f0, f4 */
	static const uint8_t high[] = {0xbf, 0xbf, 0x9f, 0xbf, 0x8f}; /* greatest */
	const uint8_t b = s[0];
	const size_t len = b >= 0xc2 && b <= 0xdf   ? 2
	                   : (b & 0xf0) == 0xe0     ? 3
	                   : b >= 0xf0 && b <= 0xf4 ? 4
	                                            : 0;
	const unsigned row = b == 0xe0 ? 1 : b == 0xed ? 2 : b == 0xf0 ? 3 : b == 0xf4 ? 4 : 0;

	if (len == 0 || len > left || s[1] < low[row] || s[1] > high[row])
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static bool is_plain(uint8_t b)
{
	return b >= 0x20 && b < 0x7f && b != '"' && b != '\\';
}

char *piece_hex(char *at, const uint8_t *bytes, size_t len)
{
	*at++ = '"';
	at = digits_put_bytes(at, bytes, len);
	*at++ = '"';
	return at;
}

#define EACH(byte) ((byte)*UINT64_C(0x0101010101010101))

/* The top bit of each byte that is 0 or more than 127, and of some above a byte that is 0. */
static uint64_t zeros(uint64_t bytes)
{
	return (bytes - EACH(1)) | bytes;
}

/* Are eight bytes plain? Of some that are it says no as well: then they are asked one by one. */
static bool word_is_plain(uint64_t w)
{
	const uint64_t odd =
		(w - EACH(0x20)) | w | (w + EACH(1)) | zeros(w ^ EACH('"')) | zeros(w ^ EACH('\\'));

	return (odd & EACH(0x80)) == 0;
}

/* Four bytes at the beginning and four at the end, which may be the same: all of up to eight. */
static uint64_t ends_of(const uint8_t *text, size_t len)
{
	uint32_t first, last;

	memcpy(&first, text, sizeof first);
	memcpy(&last, text + len - sizeof last, sizeof last);
	return (uint64_t)last << 32 | first;
}

/* How many bytes at the beginning are plain: eight at a time as long as all of them are. */
static size_t plain_span(const uint8_t *text, size_t len)
{
	size_t n = 0;

	for (uint64_t w; n + sizeof w <= len; n += sizeof w) {
		memcpy(&w, text + n, sizeof w);
		if (!word_is_plain(w))
			break;
	}
	if (len - n >= 4 && len - n < 8 && word_is_plain(ends_of(text + n, len - n)))
		return len;
	while (n < len && is_plain(text[n]))
		n++;
	return n;
}

/* The bytes at the beginning that stand as they are: plain ones, or a character of UTF-8. */
static size_t text_span(const uint8_t *text, size_t len)
{
	const size_t n = plain_span(text, len);

	return n == 0 && (text[0] & 0x80) != 0 ? utf8_len(text, len) : n;
}

/* One byte that must not stand as it is; *whole: an escape says the same. */
static char *put_odd(char *at, uint8_t b, bool *whole)
{
	if (b == '"' || b == '\\') {
		*at++ = '\\';
		*at++ = (char)b;
		return at;
	}
	*whole = false;
	at = piece_literal(at, "\\u00");
	return digits_put_hex(at, b);
}

char *piece_text(char *at, const uint8_t *text, size_t len, bool *whole)
{
	*whole = true;
	*at++ = '"';
	for (size_t i = 0, n; i < len; i += n) {
		n = text_span(text + i, len - i);
		at = piece_bytes(at, text + i, n);
		if (n == 0) {
			at = put_odd(at, text[i], whole);
			n = 1;
		}
	}
	*at++ = '"';
	return at;
}

/* What is plain needs no more room than it has bytes. */
bool emit_text(struct emit *j, const uint8_t *text, size_t len)
{
	bool whole = true;

	if (plain_span(text, len) == len) {
		emit_quoted(j, (const char *)text, len);
		return true;
	}
	char *const at = emit_room(j, TEXT_ROOM(len));
	if (at != NULL)
		emit_wrote(j, piece_text(at, text, len, &whole));
	return whole;
}

void emit_string(struct emit *j, const char *text)
{
	emit_text(j, (const uint8_t *)text, strlen(text));
}

/* A time in full, which takes a calendar; where there is a place for its second, it is kept. */
static COLD char *put_time(char *at, uint64_t time_ns, struct emit_times *times)
{
	const uint64_t second = time_ns / CLOCK_SECOND;
	const unsigned slot = second % EMIT_SECONDS;
	char text[TIME_TEXT];

	(void)time_format(time_ns, text);
	if (times != NULL) {
		memcpy(times->seconds[slot].text, text, TIME_FRACTION);
		times->seconds[slot].number = second + 1;
	}
	return piece_bytes(at, text, TIME_TEXT - 1);
}

/* The same, of a second that may be known. */
static char *put_fraction(char *at, uint64_t time_ns, struct emit_times *times)
{
	const uint64_t second = time_ns / CLOCK_SECOND;
	const unsigned slot = second % EMIT_SECONDS;

	if (times->seconds[slot].number != second + 1)
		return put_time(at, time_ns, times);
	at = piece_bytes(at, times->seconds[slot].text, TIME_FRACTION);
	return time_put_fraction(at, (uint32_t)(time_ns - second * CLOCK_SECOND));
}

char *piece_time(char *at, uint64_t time_ns, struct emit_times *times)
{
	if (times == NULL)
		return put_time(at, time_ns, NULL);
	const unsigned slot = time_ns / 1024 % EMIT_TIMES;
	char *const text = times->whole[slot].text;
	if (times->whole[slot].ns != time_ns || time_ns == 0) {
		(void)put_fraction(text, time_ns, times);
		times->whole[slot].ns = time_ns;
	}
	return piece_bytes(at, text, TIME_TEXT - 1);
}

void emit_time(struct emit *j, uint64_t time_ns)
{
	char text[TIME_TEXT];

	emit_quoted(j, text, (size_t)(piece_time(text, time_ns, j->times) - text));
}

void emit_mac(struct emit *j, struct mac mac)
{
	char text[MAC_TEXT];

	emit_quoted(j, text, (size_t)(mac_put(text, mac) - text));
}

void emit_ip(struct emit *j, const struct ip *ip)
{
	char text[IP_TEXT];

	emit_quoted(j, text, (size_t)(ip_put(text, ip) - text));
}

bool emit_end(struct emit *j)
{
	emit_char(j, '\n');
	return !j->full;
}
