/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_fingerprint.c - JA3, JA3S, JA4 and HASSH are those that their authors publish.
 *
 * The vectors are the examples of the methods' own pages: the README of JA3 and that of HASSH
 * (Salesforce), JA4's technical details and the results that FoxIO keeps beside its captures. A
 * hello is built from the lists that the page shows, in the order that it shows, with numbers of
 * GREASE (RFC 8701) between them, which all methods pass over.
 */
#include "observe/fingerprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HELLO_MAX = 2048, GREASE = 0x3a3a };

/* What a page shows: numbers in hex, commas between; NULL: the extension is empty or not there. */
struct shown_hello {
	uint16_t version;
	const char *ciphers, *extensions, *groups, *signatures, *versions;
	const char *protocol; /* the first of ALPN */
	size_t protocol_len;
};

struct writer {
	uint8_t bytes[HELLO_MAX];
	uint32_t len;
};

static void put(struct writer *w, uint32_t number, unsigned bytes)
{
	assert_true(w->len + bytes <= HELLO_MAX);
	while (bytes-- > 0)
		w->bytes[w->len++] = (uint8_t)(number >> 8 * bytes & 0xff);
}

/* Numbers of two bytes, after their length; GREASE goes first. */
static void put_list(struct writer *w, const char *list, unsigned length_bytes, bool grease)
{
	const uint32_t at = w->len;

	put(w, 0, length_bytes);
	if (grease)
		put(w, GREASE, 2);
	while (list != NULL && *list != 0) {
		char *end;
		put(w, (uint32_t)strtoul(list, &end, 16), 2);
		list = *end == ',' ? end + 1 : end;
	}
	const uint32_t end = w->len, len = end - at - length_bytes;
	w->len = at;
	put(w, len, length_bytes);
	w->len = end;
}

static void put_protocol(struct writer *w, const struct shown_hello *h)
{
	put(w, (uint32_t)h->protocol_len + 1, 2);
	put(w, (uint32_t)h->protocol_len, 1);
	for (size_t i = 0; i < h->protocol_len; i++)
		put(w, (uint8_t)h->protocol[i], 1);
}

static void put_content(struct writer *w, const struct shown_hello *h, uint32_t type)
{
	switch (type) {
	case TLS_GROUPS:
		put_list(w, h->groups, 2, true);
		break;
	case TLS_POINT_FORMATS:
		put(w, 0x0100, 2);
		break;
	case TLS_SIGNATURES:
		put_list(w, h->signatures, 2, false);
		break;
	case TLS_ALPN:
		put_protocol(w, h);
		break;
	case TLS_VERSIONS:
		put_list(w, h->versions, 1, true);
		break;
	default:
		break;
	}
}

static void put_extension(struct writer *w, const struct shown_hello *h, uint32_t type)
{
	put(w, type, 2);
	const uint32_t at = w->len;
	put(w, 0, 2);
	put_content(w, h, type);
	const uint32_t end = w->len;
	w->len = at;
	put(w, end - at - 2, 2);
	w->len = end;
}

static void put_extensions(struct writer *w, const struct shown_hello *h)
{
	const uint32_t at = w->len;

	put(w, 0, 2);
	put_extension(w, h, GREASE);
	for (const char *list = h->extensions; *list != 0;) {
		char *end;
		put_extension(w, h, (uint32_t)strtoul(list, &end, 16));
		list = *end == ',' ? end + 1 : end;
	}
	const uint32_t end = w->len;
	w->len = at;
	put(w, end - at - 2, 2);
	w->len = end;
}

/* The hello's windows lie in w. */
static struct tls_hello hello_of(struct writer *w, const struct shown_hello *h, uint8_t type)
{
	struct tls_hello hello = {0};
	const bool client = type == TLS_CLIENT_HELLO;

	*w = (struct writer){.len = 4};
	put(w, h->version, 2);
	w->len += 32;
	put(w, 0, 1);
	if (client) {
		put_list(w, h->ciphers, 2, true);
		put(w, 0x0100, 2);
	} else {
		put(w, (uint32_t)strtoul(h->ciphers, NULL, 16), 2);
		put(w, 0, 1);
	}
	if (h->extensions != NULL && client)
		put_extensions(w, h);
	if (h->extensions != NULL && !client) {
		put(w, 11, 2);
		put(w, 0xff01, 2); /* renegotiation, with the one byte that it has */
		put(w, 0x000100, 3);
		put(w, 0x000b0002, 4); /* point formats: uncompressed */
		put(w, 0x0100, 2);
	}
	const uint32_t len = w->len;
	w->len = 0;
	put(w, (uint32_t)type << 24 | (len - 4), 4);
	struct cur in = cur_make(w->bytes, len);
	assert_true(tls_hello_parse(&in, &hello));
	return hello;
}

static void ja3_is(const struct shown_hello *shown, const char *expected)
{
	struct writer w;
	struct text text;
	const struct tls_hello hello = hello_of(&w, shown, TLS_CLIENT_HELLO);

	ja3(&hello, &text);
	assert_int_equal(text.len, 32);
	assert_memory_equal(text.s, expected, 32);
}

static void ja4_is(const struct shown_hello *shown, char transport, const char *expected)
{
	struct writer w;
	struct text text;
	const struct tls_hello hello = hello_of(&w, shown, TLS_CLIENT_HELLO);

	assert_true(ja4(&hello, transport, &text));
	assert_int_equal(text.len, strlen(expected));
	assert_memory_equal(text.s, expected, text.len);
}

/* JA3's README, "How it works": 769,47-53-5-10-49161-...,0-10-11,23-24-25,0 */
static void ja3_with_extensions(void **state)
{
	const struct shown_hello h = {
		.version = 0x0301,
		.ciphers = "002f,0035,0005,000a,c009,c00a,c013,c014,0032,0038,0013,0004",
		.extensions = "0000,000a,000b",
		.groups = "0017,0018,0019",
	};

	(void)state;
	ja3_is(&h, "ada70206e40642a3e4461f35503241d5");
}

/* The same: 769,4-5-10-9-100-98-3-6-19-18-99,,, */
static void ja3_without_extensions(void **state)
{
	const struct shown_hello h = {
		.version = 0x0301,
		.ciphers = "0004,0005,000a,0009,0064,0062,0003,0006,0013,0012,0063",
	};

	(void)state;
	ja3_is(&h, "de350869b8c85de67a350c8d186f11e6");
}

/* JA3's README: Trickbot, 769,47-53-5-10-49171-...,65281-10-11,23-24,0 and its server's answer */
static void ja3_and_ja3s_of_one_conversation(void **state)
{
	const struct shown_hello client = {
		.version = 0x0301,
		.ciphers = "002f,0035,0005,000a,c013,c014,c009,c00a,0032,0038,0013,0004",
		.extensions = "ff01,000a,000b",
		.groups = "0017,0018",
	};
	const struct shown_hello server = {
		.version = 0x0301, .ciphers = "c014", .extensions = "ff01,000b"};
	struct writer w;
	struct text text;

	(void)state;
	ja3_is(&client, "6734f37431670b3ab4292b8f60f29984");
	const struct tls_hello hello = hello_of(&w, &server, TLS_SERVER_HELLO);
	ja3s(&hello, &text);
	assert_int_equal(text.len, 32);
	assert_memory_equal(text.s, "623de93db17d313345d7ea481e7443cf", 32);
}

/* HASSH's README, example 1: CyberDuck 6.7.1 */
static void hassh_of_cyberduck(void **state)
{
	static const char *const lists[] = {
		"curve25519-sha256@libssh.org,diffie-hellman-group-exchange-sha256,"
		"ecdh-sha2-nistp521,ecdh-sha2-nistp384,ecdh-sha2-nistp256,"
		"diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1,"
		"diffie-hellman-group14-sha1,diffie-hellman-group14-sha256,"
		"diffie-hellman-group15-sha512,diffie-hellman-group16-sha512,"
		"diffie-hellman-group17-sha512,diffie-hellman-group18-sha512,"
		"diffie-hellman-group14-sha256@ssh.com,diffie-hellman-group15-sha256,"
		"diffie-hellman-group15-sha256@ssh.com,diffie-hellman-group15-sha384@ssh.com,"
		"diffie-hellman-group16-sha256,diffie-hellman-group16-sha384@ssh.com,"
		"diffie-hellman-group16-sha512@ssh.com,diffie-hellman-group18-sha512@ssh.com",
		"aes128-cbc,aes128-ctr,aes192-cbc,aes192-ctr,aes256-cbc,aes256-ctr,blowfish-cbc,"
		"blowfish-ctr,cast128-cbc,cast128-ctr,idea-cbc,idea-ctr,serpent128-cbc,"
		"serpent128-ctr,serpent192-cbc,serpent192-ctr,serpent256-cbc,serpent256-ctr,"
		"3des-cbc,3des-ctr,twofish128-cbc,twofish128-ctr,twofish192-cbc,twofish192-ctr,"
		"twofish256-cbc,twofish256-ctr,twofish-cbc,arcfour,arcfour128,arcfour256",
		"hmac-sha1,hmac-sha1-96,hmac-md5,hmac-md5-96,hmac-sha2-256,hmac-sha2-512",
		"zlib@openssh.com,zlib,none",
	};
	struct cur windows[COUNT_OF(lists)];
	struct text text;

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(lists); i++)
		windows[i] = cur_make((const uint8_t *)lists[i], (uint32_t)strlen(lists[i]));
	hash_windows(windows, COUNT_OF(lists), &text);
	assert_int_equal(text.len, 32);
	assert_memory_equal(text.s, "8a8ae540028bf433cd68356c1b9e8d5b", 32);
}

#define CHROME_CIPHERS "1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"
#define CHROME_EXTENSIONS \
	"001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015"
#define CHROME_SIGNATURES "0403,0804,0401,0503,0805,0501,0806,0601"

/* The example of JA4's technical details, whose lists stand there as JA4_ro. */
static struct shown_hello chrome(void)
{
	return (struct shown_hello){.version = 0x0303,
	                            .ciphers = CHROME_CIPHERS,
	                            .extensions = CHROME_EXTENSIONS,
	                            .groups = "001d,0017,0018",
	                            .signatures = CHROME_SIGNATURES,
	                            .versions = "0304,0303",
	                            .protocol = "h2",
	                            .protocol_len = 2};
}

static void ja4_of_the_example(void **state)
{
	const struct shown_hello h = chrome();

	(void)state;
	ja4_is(&h, 't', "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

/* JA4's technical details, "Extension hash": no signature algorithms, and no underscore */
static void ja4_without_signatures(void **state)
{
	struct shown_hello h = chrome();

	(void)state;
	h.signatures = NULL;
	ja4_is(&h, 't', "t13d1516h2_8daaf6152771_6d807ffa2a79");
}

/* JA4's technical details, "ALPN Extension Value": of what is no letter or digit the hex counts */
static void ja4_of_odd_protocols(void **state)
{
	static const struct {
		const char *protocol;
		size_t len;
		const char *expected;
	} rows[] = {
		{"http/1.1", 8, "t13d1516h1_8daaf6152771_e5627efa2ab1"},
		{"\xab", 1, "t13d1516ab_8daaf6152771_e5627efa2ab1"},
		{"\xab\xcd", 2, "t13d1516ad_8daaf6152771_e5627efa2ab1"},
		{"\x30\xab", 2, "t13d15163b_8daaf6152771_e5627efa2ab1"},
		{"\x30\x31\xab\xcd", 4, "t13d15163d_8daaf6152771_e5627efa2ab1"},
		{"\x30\xab\xcd\x31", 4, "t13d151601_8daaf6152771_e5627efa2ab1"},
		{"", 0, "t13d151600_8daaf6152771_e5627efa2ab1"},
	};

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(rows); i++) {
		struct shown_hello h = chrome();
		h.protocol = rows[i].protocol;
		h.protocol_len = rows[i].len;
		ja4_is(&h, 't', rows[i].expected);
	}
}

/* What FoxIO's program says of FoxIO's captures, whose lists stand beside it as JA4_ro: a resumed
 * session, another browser's, a client without ALPN, one of TLS 1.2. */
static void ja4_of_published_captures(void **state)
{
	struct shown_hello h = chrome();

	(void)state;
	h.extensions = "000d,0010,0000,000b,0023,4469,ff01,0033,000a,002d,002b,0005,0017,0012,001b,"
		       "0029";
	ja4_is(&h, 't', "t13d1516h2_8daaf6152771_9b887d9acb53"); /* latest.pcapng */

	h.extensions = "0033,002b,001b,0000,0012,002d,000d,000a,0005,0023,0017,ff01,000b,0015";
	ja4_is(&h, 't', "t13d151400_8daaf6152771_de4a06bb82e3"); /* tls-sni.pcapng */

	h = chrome();
	h.ciphers = CHROME_CIPHERS ",000a";
	h.extensions = "0000,0017,ff01,000a,000b,0023,0010,0005,000d,0012,0033,002d,002b,001b,0015";
	h.signatures = CHROME_SIGNATURES ",0201";
	ja4_is(&h, 't', "t13d1615h2_46e7e9700bed_45f260be83e2"); /* badcurveball.pcap */

	h = (struct shown_hello){
		.version = 0x0303,
		.ciphers = "c02c,c02b,c030,c02f,c024,c023,c028,c027,c00a,c009,c014,c013,009d,009c,"
			   "003d,003c,0035,002f,000a",
		.extensions = "0000,0005,000a,000b,000d,0023,0017,ff01",
		.signatures = "0804,0805,0806,0401,0501,0201,0403,0503,0203,0202,0601,0603",
	};
	ja4_is(&h, 't', "t12d190800_d83cc789557e_7af1ed941c26"); /* latest.pcapng */
}

/* The same over QUIC: quic-tls-handshake.pcapng, Chrome */
static void ja4_over_quic(void **state)
{
	struct shown_hello h = chrome();

	(void)state;
	h.ciphers = "1301,1302,1303";
	h.extensions = "002d,001b,4469,000d,002b,0000,000a,0039,0010,0033";
	h.signatures = CHROME_SIGNATURES ",0201";
	h.versions = "0304";
	h.protocol = "h3";
	ja4_is(&h, 'q', "q13d0310h3_55b375c5d22e_cd85d2d88918");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ja3_with_extensions),
		cmocka_unit_test(ja3_without_extensions),
		cmocka_unit_test(ja3_and_ja3s_of_one_conversation),
		cmocka_unit_test(hassh_of_cyberduck),
		cmocka_unit_test(ja4_of_the_example),
		cmocka_unit_test(ja4_without_signatures),
		cmocka_unit_test(ja4_of_odd_protocols),
		cmocka_unit_test(ja4_of_published_captures),
		cmocka_unit_test(ja4_over_quic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
