/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fingerprint.c - JA3, JA3S and JA4, computed from a hello's windows.
 *
 * The strings that are hashed may be long; they are written a piece at a time into a
 * text, and each full piece goes into the digest. JA4 sorts, so it takes at most
 * CODES_MAX ciphers or extensions; a hello with more gets none.
 */
#include "observe/fingerprint.h"

#include "base/crypto.h"

enum { CODES_MAX = 256, PIECE_MAX = TEXT_MAX - 16, JA4_HEX = 6, JA4_COUNT_MAX = 99 };

/* A string on its way into a digest. */
struct hashed {
	struct digest digest;
	struct text piece;
	bool any; /* something was written at all */
};

static void hashed_begin(struct hashed *h, enum digest_kind kind)
{
	digest_begin(&h->digest, kind);
	text_clear(&h->piece);
	h->any = false;
}

static void hashed_flush(struct hashed *h)
{
	digest_add(&h->digest, h->piece.s, h->piece.len);
	text_clear(&h->piece);
}

static void hashed_char(struct hashed *h, char c)
{
	if (h->piece.len > PIECE_MAX)
		hashed_flush(h);
	text_put(&h->piece, (uint8_t)c);
	h->any = true;
}

static void hashed_decimal(struct hashed *h, uint32_t number)
{
	if (h->piece.len > PIECE_MAX)
		hashed_flush(h);
	text_decimal(&h->piece, number);
	h->any = true;
}

static void hashed_hex16(struct hashed *h, uint16_t number)
{
	if (h->piece.len > PIECE_MAX)
		hashed_flush(h);
	text_hex(&h->piece, (uint8_t)(number >> 8));
	text_hex(&h->piece, (uint8_t)(number & 0xff));
	h->any = true;
}

/* Adds the digest's first bytes in hex. */
static void hashed_end(struct hashed *h, uint32_t bytes, struct text *out)
{
	uint8_t digest[DIGEST_MAX];

	hashed_flush(h);
	const size_t len = digest_end(&h->digest, digest);
	for (uint32_t i = 0; i < bytes && i < len; i++)
		text_hex(out, digest[i]);
}

/* The next number of a list, by the list's element: two bytes, or an extension. */
static uint16_t next_code(struct cur *list, bool extensions)
{
	return extensions ? tls_extension_next(list).type : cur_be16(list);
}

/* ---- what they are made of */

/* A list's numbers, and how many there are. What clients make up is left out, but for a server. */
static void hash_codes(struct hash_chain *hash, struct cur list, bool extensions, bool with_grease)
{
	uint64_t four = 0;
	uint32_t count = 0;

	while (cur_more(&list)) {
		const uint16_t code = next_code(&list, extensions);

		if (!cur_ok(&list) || (tls_is_grease(code) && !with_grease))
			continue;
		four = four << 16 | code;
		if (++count % 4 == 0)
			chain_word(hash, four);
	}
	chain_word(hash, four);
	chain_word(hash, count);
}

static void hash_window(struct hash_chain *hash, const struct cur *window)
{
	chain_word(hash, cur_left(window));
	chain_bytes(hash, cur_bytes(window), cur_left(window));
}

void hello_hash(struct hash_chain *hash, const struct tls_hello *h)
{
	const bool server = h->type == TLS_SERVER_HELLO;

	chain_word(hash, (uint64_t)h->version << 1 | h->has_name);
	hash_codes(hash, h->ciphers, false, server);
	hash_codes(hash, h->extensions, true, server);
	if (server)
		return;
	hash_codes(hash, h->groups, false, false);
	hash_codes(hash, h->signatures, false, false);
	hash_codes(hash, h->versions, false, false);
	hash_window(hash, &h->formats);
	hash_window(hash, &h->protocols);
}

/* ---- JA3 */

static void ja3_list(struct hashed *h, struct cur list, bool extensions, bool with_grease)
{
	bool first = true;

	hashed_char(h, ',');
	while (cur_more(&list)) {
		const uint16_t code = next_code(&list, extensions);
		if (!cur_ok(&list) || (tls_is_grease(code) && !with_grease))
			continue;
		if (!first)
			hashed_char(h, '-');
		first = false;
		hashed_decimal(h, code);
	}
}

static void ja3_formats(struct hashed *h, struct cur list)
{
	bool first = true;

	hashed_char(h, ',');
	while (cur_more(&list)) {
		if (!first)
			hashed_char(h, '-');
		first = false;
		hashed_decimal(h, cur_u8(&list));
	}
}

void ja3(const struct tls_hello *h, struct text *out)
{
	struct hashed s;

	text_clear(out);
	hashed_begin(&s, DIGEST_MD5);
	hashed_decimal(&s, h->version);
	ja3_list(&s, h->ciphers, false, false);
	ja3_list(&s, h->extensions, true, false);
	ja3_list(&s, h->groups, false, false);
	ja3_formats(&s, h->formats);
	hashed_end(&s, DIGEST_MAX, out);
}

void ja3s(const struct tls_hello *h, struct text *out)
{
	struct hashed s;

	text_clear(out);
	hashed_begin(&s, DIGEST_MD5);
	hashed_decimal(&s, h->version);
	ja3_list(&s, h->ciphers, false, true);
	ja3_list(&s, h->extensions, true, true);
	hashed_end(&s, DIGEST_MAX, out);
}

void hash_windows(const struct cur *windows, uint32_t count, struct text *out)
{
	struct hashed s;

	text_clear(out);
	hashed_begin(&s, DIGEST_MD5);
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			digest_add(&s.digest, ";", 1);
		digest_add(&s.digest, cur_bytes(&windows[i]), cur_left(&windows[i]));
	}
	hashed_end(&s, DIGEST_MAX, out);
}

void key_sha256(struct cur key, uint8_t out[32])
{
	struct digest d;

	digest_begin(&d, DIGEST_SHA256);
	digest_add(&d, cur_bytes(&key), cur_left(&key));
	(void)digest_end(&d, out);
}

/* ---- JA4 */

struct codes {
	uint16_t code[CODES_MAX];
	uint32_t count; /* may be above CODES_MAX: those are not kept */
};

/* Keeps them sorted. */
static void codes_add(struct codes *c, uint16_t code)
{
	if (c->count++ >= CODES_MAX)
		return;
	uint32_t at = c->count - 1;
	for (; at > 0 && c->code[at - 1] > code; at--)
		c->code[at] = c->code[at - 1];
	c->code[at] = code;
}

static void codes_take(struct codes *c, struct cur list, bool extensions)
{
	c->count = 0;
	while (cur_more(&list)) {
		const uint16_t code = next_code(&list, extensions);
		if (cur_ok(&list) && !tls_is_grease(code))
			codes_add(c, code);
	}
}

static void ja4_comma(struct hashed *h)
{
	if (h->any)
		hashed_char(h, ',');
}

/* Twelve hex digits of a digest; of an empty list, zeros. */
static void ja4_end(struct hashed *h, struct text *out)
{
	if (h->any)
		hashed_end(h, JA4_HEX, out);
	else
		text_add(out, "000000000000");
}

/* Those of datagrams count down: 1.0 is fe ff, 1.2 is fe fd. */
static bool ja4_is_later(uint16_t offered, uint16_t version)
{
	return offered >> 8 == 0xfe ? version >> 8 != 0xfe || offered < version : offered > version;
}

/* The highest version offered, as two characters. */
static void ja4_version(const struct tls_hello *h, struct text *out)
{
	static const struct {
		uint16_t version;
		char text[3];
	} names[] = {{0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"},
	             {0x0300, "s3"}, {0xfefd, "d2"}, {0xfeff, "d1"}, {0xfefc, "d3"}};
	struct cur list = h->versions;
	uint16_t version = cur_left(&list) > 0 ? 0 : h->version;

	while (cur_more(&list)) {
		const uint16_t offered = cur_be16(&list);
		if (!tls_is_grease(offered) && ja4_is_later(offered, version))
			version = offered;
	}
	for (uint32_t i = 0; i < COUNT_OF(names); i++) {
		if (names[i].version != version)
			continue;
		text_put(out, (uint8_t)names[i].text[0]);
		text_put(out, (uint8_t)names[i].text[1]);
		return;
	}
	text_add(out, "00");
}

static void ja4_count(uint32_t count, struct text *out)
{
	const uint32_t shown = count < JA4_COUNT_MAX ? count : JA4_COUNT_MAX;

	text_put(out, (uint8_t)('0' + shown / 10));
	text_put(out, (uint8_t)('0' + shown % 10));
}

static bool is_alphanumeric(uint8_t b)
{
	return (b >= '0' && b <= '9') || (cur_lower(b) >= 'a' && cur_lower(b) <= 'z');
}

/*
 * First and last character of the first protocol offered, or of its hex where one is no letter or
 * digit.
 */
static void ja4_protocol(const struct tls_hello *h, struct text *out)
{
	struct cur list = h->protocols;
	struct cur name = cur_sub(&list, cur_u8(&list));
	struct text hex;

	if (cur_left(&name) == 0) {
		text_add(out, "00");
		return;
	}
	const uint8_t first = cur_peek8(&name);
	cur_skip(&name, cur_left(&name) - 1);
	const uint8_t last = cur_peek8(&name);
	if (is_alphanumeric(first) && is_alphanumeric(last)) {
		text_put(out, first);
		text_put(out, last);
		return;
	}
	text_clear(&hex);
	text_hex(&hex, first);
	text_hex(&hex, last);
	text_put(out, (uint8_t)hex.s[0]);
	text_put(out, (uint8_t)hex.s[3]);
}

static void ja4_ciphers(const struct codes *ciphers, struct text *out)
{
	struct hashed s;

	hashed_begin(&s, DIGEST_SHA256);
	for (uint32_t i = 0; i < ciphers->count; i++) {
		ja4_comma(&s);
		hashed_hex16(&s, ciphers->code[i]);
	}
	ja4_end(&s, out);
}

/* Server name and protocols are no part of it: they change with where the client goes. Signature
 * algorithms follow in the client's own order. */
static void ja4_extensions(const struct tls_hello *h, const struct codes *extensions,
                           struct text *out)
{
	struct cur signatures = h->signatures;
	struct hashed s;

	hashed_begin(&s, DIGEST_SHA256);
	for (uint32_t i = 0; i < extensions->count; i++) {
		if (extensions->code[i] == TLS_SERVER_NAME || extensions->code[i] == TLS_ALPN)
			continue;
		ja4_comma(&s);
		hashed_hex16(&s, extensions->code[i]);
	}
	char before = '_';
	while (cur_more(&signatures)) {
		const uint16_t code = cur_be16(&signatures);
		if (!cur_ok(&signatures) || tls_is_grease(code))
			continue;
		hashed_char(&s, before);
		hashed_hex16(&s, code);
		before = ',';
	}
	ja4_end(&s, out);
}

bool ja4(const struct tls_hello *h, char transport, struct text *out)
{
	struct codes ciphers = {0}, extensions = {0};

	codes_take(&ciphers, h->ciphers, false);
	codes_take(&extensions, h->extensions, true);
	text_clear(out);
	if (ciphers.count > CODES_MAX || extensions.count > CODES_MAX)
		return false;
	text_put(out, (uint8_t)transport);
	ja4_version(h, out);
	text_put(out, h->has_name ? 'd' : 'i');
	ja4_count(ciphers.count, out);
	ja4_count(extensions.count, out);
	ja4_protocol(h, out);
	text_put(out, '_');
	ja4_ciphers(&ciphers, out);
	text_put(out, '_');
	ja4_extensions(h, &extensions, out);
	return true;
}
