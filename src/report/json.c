/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c - writes JSON into a buffer of fixed size, front to back.
 */
#include "report/json.h"

#include "base/clock.h"

#include <string.h>

void json_begin(struct json *j, char *buf, size_t cap)
{
	*j = (struct json){.buf = buf, .cap = cap};
}

static void json_put(struct json *j, const void *bytes, size_t len)
{
	if (len > j->cap - j->len) {
		j->full = true;
		return;
	}
	memcpy(j->buf + j->len, bytes, len);
	j->len += len;
}

static void json_char(struct json *j, char c)
{
	json_put(j, &c, 1);
}

/* Before each value. */
static void json_next(struct json *j)
{
	if (j->comma)
		json_char(j, ',');
	j->comma = true;
}

void json_open(struct json *j, char bracket)
{
	json_next(j);
	json_char(j, bracket);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	json_char(j, bracket);
	j->comma = true;
}

void json_key(struct json *j, const char *key)
{
	json_next(j);
	json_char(j, '"');
	json_put(j, key, strlen(key));
	json_put(j, "\":", 2);
	j->comma = false;
}

void json_raw(struct json *j, const char *text, size_t len)
{
	json_next(j);
	json_put(j, text, len);
}

void json_number(struct json *j, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	json_raw(j, digits + at, sizeof digits - at);
}

void json_bool(struct json *j, bool b)
{
	json_raw(j, b ? "true" : "false", b ? 4 : 5);
}

/* Bytes of the valid UTF-8 character at `s` (RFC 3629: no surrogates, no overlong forms), 0: none. */
static size_t utf8_len(const uint8_t *s, size_t left)
{
	static const uint8_t low[] = {0x80, 0xa0, 0x80, 0x90, 0x80};  /* least second byte after: others, e0, ed, f0, f4 */
	static const uint8_t high[] = {0xbf, 0xbf, 0x9f, 0xbf, 0x8f}; /* greatest */
	const uint8_t b = s[0];
	const size_t len = b >= 0xc2 && b <= 0xdf ? 2 : (b & 0xf0) == 0xe0 ? 3 : b >= 0xf0 && b <= 0xf4 ? 4 : 0;
	const unsigned row = b == 0xe0 ? 1 : b == 0xed ? 2 : b == 0xf0 ? 3 : b == 0xf4 ? 4 : 0;

	if (len == 0 || len > left || s[1] < low[row] || s[1] > high[row])
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static void json_byte(struct json *j, uint8_t b)
{
	static const char digits[] = "0123456789abcdef";
	const char escaped[6] = {'\\', 'u', '0', '0', digits[b >> 4], digits[b & 15]};

	json_put(j, escaped, sizeof escaped);
}

static bool is_plain(uint8_t b)
{
	return b >= 0x20 && b < 0x7f && b != '"' && b != '\\';
}

bool json_text(struct json *j, const uint8_t *text, size_t len)
{
	bool whole = true;

	json_next(j);
	json_char(j, '"');
	for (size_t i = 0, n; i < len; i += n) {
		for (n = 0; i + n < len && is_plain(text[i + n]);)
			n++;
		if (n == 0 && (text[i] & 0x80) != 0)
			n = utf8_len(text + i, len - i);
		if (n > 0) {
			json_put(j, text + i, n);
			continue;
		}
		n = 1;
		if (text[i] == '"' || text[i] == '\\') {
			json_char(j, '\\');
			json_put(j, text + i, 1);
			continue;
		}
		whole = false;
		json_byte(j, text[i]);
	}
	json_char(j, '"');
	return whole;
}

void json_string(struct json *j, const char *text)
{
	json_text(j, (const uint8_t *)text, strlen(text));
}

void json_hex(struct json *j, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	json_next(j);
	json_char(j, '"');
	for (size_t i = 0; i < len; i++) {
		const char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
		json_put(j, pair, sizeof pair);
	}
	json_char(j, '"');
}

/* Times, addresses: characters that need no escape. */
static void json_quoted(struct json *j, const char *text)
{
	json_next(j);
	json_char(j, '"');
	json_put(j, text, strlen(text));
	json_char(j, '"');
}

void json_time(struct json *j, uint64_t time_ns)
{
	char text[TIME_TEXT];

	json_quoted(j, time_format(time_ns, text));
}

void json_mac(struct json *j, struct mac mac)
{
	char text[MAC_TEXT];

	json_quoted(j, mac_format(mac, text));
}

void json_ip(struct json *j, const struct ip *ip)
{
	char text[IP_TEXT];

	json_quoted(j, ip_format(ip, text));
}

bool json_end(struct json *j)
{
	json_char(j, '\n');
	return !j->full;
}
