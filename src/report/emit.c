/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit.c - writes JSON into a buffer of fixed size, front to back.
 */
#include "report/emit.h"

#include "base/clock.h"

#include <string.h>

void emit_begin(struct emit *j, char *buf, size_t cap)
{
	*j = (struct emit){.cap = cap};
	j->buf = buf;
}

static void emit_put(struct emit *j, const void *bytes, size_t len)
{
	if (len > j->cap - j->len) {
		j->full = true;
		return;
	}
	memcpy(j->buf + j->len, bytes, len);
	j->len += len;
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

void emit_key(struct emit *j, const char *key)
{
	emit_next(j);
	emit_char(j, '"');
	emit_put(j, key, strlen(key));
	emit_put(j, "\":", 2);
	j->comma = false;
}

void emit_raw(struct emit *j, const char *text, size_t len)
{
	emit_next(j);
	emit_put(j, text, len);
}

void emit_number(struct emit *j, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	emit_raw(j, digits + at, sizeof digits - at);
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

static void emit_byte(struct emit *j, uint8_t b)
{
	static const char digits[] = "0123456789abcdef";
	const char escaped[6] = {'\\', 'u', '0', '0', digits[b >> 4], digits[b & 15]};

	emit_put(j, escaped, sizeof escaped);
}

static bool is_plain(uint8_t b)
{
	return b >= 0x20 && b < 0x7f && b != '"' && b != '\\';
}

bool emit_text(struct emit *j, const uint8_t *text, size_t len)
{
	bool whole = true;

	emit_next(j);
	emit_char(j, '"');
	for (size_t i = 0, n; i < len; i += n) {
		for (n = 0; i + n < len && is_plain(text[i + n]);)
			n++;
		if (n == 0 && (text[i] & 0x80) != 0)
			n = utf8_len(text + i, len - i);
		if (n > 0) {
			emit_put(j, text + i, n);
			continue;
		}
		n = 1;
		if (text[i] == '"' || text[i] == '\\') {
			emit_char(j, '\\');
			emit_put(j, text + i, 1);
			continue;
		}
		whole = false;
		emit_byte(j, text[i]);
	}
	emit_char(j, '"');
	return whole;
}

void emit_string(struct emit *j, const char *text)
{
	emit_text(j, (const uint8_t *)text, strlen(text));
}

void emit_hex(struct emit *j, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	emit_next(j);
	emit_char(j, '"');
	for (size_t i = 0; i < len; i++) {
		const char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
		emit_put(j, pair, sizeof pair);
	}
	emit_char(j, '"');
}

/* Times, addresses: characters that need no escape. */
static void emit_quoted(struct emit *j, const char *text)
{
	emit_next(j);
	emit_char(j, '"');
	emit_put(j, text, strlen(text));
	emit_char(j, '"');
}

void emit_time(struct emit *j, uint64_t time_ns)
{
	char text[TIME_TEXT];

	emit_quoted(j, time_format(time_ns, text));
}

void emit_mac(struct emit *j, struct mac mac)
{
	char text[MAC_TEXT];

	emit_quoted(j, mac_format(mac, text));
}

void emit_ip(struct emit *j, const struct ip *ip)
{
	char text[IP_TEXT];

	emit_quoted(j, ip_format(ip, text));
}

bool emit_end(struct emit *j)
{
	emit_char(j, '\n');
	return !j->full;
}
