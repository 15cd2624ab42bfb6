/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_tell.h - what hellos tell of who sent them, over TCP, QUIC or in datagrams: of a client the
 * names it asks for, the protocols it offers, and its fingerprints; of a server its fingerprint,
 * the version it chose, and what is broken in that choice.
 */
#pragma once

#include "observe/fingerprint.h"

/* What an observer of hellos declares. */
#define TLS_CLIENT_TELLS                                                               \
	{FACT_TLS_SNI, SAYS, 90}, {FACT_TLS_ALPN, SAYS, 90}, {FACT_TLS_JA3, SAYS, 95}, \
	{                                                                              \
		FACT_TLS_JA4, SAYS, 95                                                 \
	}

static inline void tls_tell_protocols(struct task *t, const struct packet *p,
                                      const struct tls_hello *h)
{
	struct cur list = h->protocols;

	while (cur_more(&list)) {
		struct cur name = cur_sub(&list, cur_u8(&list));
		struct cur number = name;
		if (cur_left(&name) != 2 || !tls_is_grease(cur_be16(&number)))
			tell_text(t, p, sender(p), FACT_TLS_ALPN, name);
	}
}

/* transport: 't' TCP, 'q' QUIC, 'd' datagrams, as JA4 names them. */
static inline void tls_tell_client(struct task *t, const struct packet *p,
                                   const struct tls_hello *h, char transport)
{
	struct hash_chain hash = wording_of(t, FACT_TLS_JA3);
	struct text text;

	tell_text(t, p, sender(p), FACT_TLS_SNI, h->name);
	tls_tell_protocols(t, p, h);
	hello_hash(&hash, h);
	chain_word(&hash, (uint64_t)transport);
	const uint64_t of = hash.digest;
	if (!wording_known(t, of, &text)) {
		ja3(h, &text);
		wording_keep(t, of, &text);
	}
	tell_string(t, p, sender(p), FACT_TLS_JA3, &text);
	if (!wording_known(t, ~of, &text)) {
		if (!ja4(h, transport, &text))
			return;
		wording_keep(t, ~of, &text);
	}
	tell_string(t, p, sender(p), FACT_TLS_JA4, &text);
}

#define TLS_SERVER_TELLS                                         \
	{FACT_TLS_JA3S, SAYS, 95}, {FACT_TLS_VERSION, SAYS, 95}, \
	{                                                        \
		FACT_TLS_WEAK, SAYS, 90                          \
	}

/* NULL: none that has a name; a draft of 1.3 is not told apart. */
static inline const char *tls_version_name(uint16_t version)
{
	switch (version) {
	case 0x0300:
		return "SSL 3.0";
	case 0x0301:
		return "TLS 1.0";
	case 0x0302:
		return "TLS 1.1";
	case 0x0303:
		return "TLS 1.2";
	case 0x0304:
		return "TLS 1.3";
	case 0xfeff:
		return "DTLS 1.0";
	case 0xfefd:
		return "DTLS 1.2";
	case 0xfefc:
		return "DTLS 1.3";
	default:
		return version >> 8 == 0x7f ? "TLS 1.3" : NULL;
	}
}

/*
 * Ciphers of the IANA registry that keep no secret, or one that is broken today (RFC 7465, RFC
 * 9325).
 */
static inline const char *tls_weak_cipher(uint16_t cipher)
{
	static const struct {
		uint16_t code;
		char name[6];
	} weak[] = {
		{0x0000, "NULL"}, {0x0001, "NULL"}, {0x0002, "NULL"}, {0x0003, "RC4"},
		{0x0004, "RC4"},  {0x0005, "RC4"},  {0x0006, "RC2"},  {0x0008, "DES"},
		{0x0009, "DES"},  {0x000a, "3DES"}, {0x000b, "DES"},  {0x000c, "DES"},
		{0x000d, "3DES"}, {0x000e, "DES"},  {0x000f, "DES"},  {0x0010, "3DES"},
		{0x0011, "DES"},  {0x0012, "DES"},  {0x0013, "3DES"}, {0x0014, "DES"},
		{0x0015, "DES"},  {0x0016, "3DES"}, {0x0017, "RC4"},  {0x0018, "RC4"},
		{0x0019, "DES"},  {0x001a, "DES"},  {0x001b, "3DES"}, {0x002c, "NULL"},
		{0x002d, "NULL"}, {0x002e, "NULL"}, {0x0034, "anon"}, {0x003a, "anon"},
		{0x003b, "NULL"}, {0x006c, "anon"}, {0x006d, "anon"}, {0x008a, "RC4"},
		{0x008b, "3DES"}, {0x008e, "RC4"},  {0x008f, "3DES"}, {0x0092, "RC4"},
		{0x0093, "3DES"}, {0xc001, "NULL"}, {0xc002, "RC4"},  {0xc003, "3DES"},
		{0xc006, "NULL"}, {0xc007, "RC4"},  {0xc008, "3DES"}, {0xc00b, "NULL"},
		{0xc00c, "RC4"},  {0xc00d, "3DES"}, {0xc010, "NULL"}, {0xc011, "RC4"},
		{0xc012, "3DES"}, {0xc015, "NULL"}, {0xc016, "RC4"},  {0xc017, "3DES"},
		{0xc018, "anon"}, {0xc019, "anon"},
	};

	for (unsigned i = 0; i < COUNT_OF(weak); i++)
		if (weak[i].code == cipher)
			return weak[i].name;
	return NULL;
}

/* Older than 1.2 (RFC 8996). */
static inline bool tls_is_outdated(uint16_t version)
{
	return version == 0xfeff || version < 0x0303;
}

static inline void tls_tell_server(struct task *t, const struct packet *p,
                                   const struct tls_hello *h)
{
	const uint16_t version = h->chosen != 0 ? h->chosen : h->version;
	const char *name = tls_version_name(version);
	struct cur ciphers = h->ciphers;
	const char *weak = tls_weak_cipher(cur_be16(&ciphers));
	struct hash_chain hash = wording_of(t, FACT_TLS_JA3S);
	struct text text;

	hello_hash(&hash, h);
	const uint64_t of = hash.digest;
	if (!wording_known(t, of, &text)) {
		ja3s(h, &text);
		wording_keep(t, of, &text);
	}
	tell_string(t, p, sender(p), FACT_TLS_JA3S, &text);
	if (name)
		tell_word(t, p, sender(p), FACT_TLS_VERSION, name);
	if (name && tls_is_outdated(version))
		tell_word(t, p, sender(p), FACT_TLS_WEAK, name);
	if (weak)
		tell_word(t, p, sender(p), FACT_TLS_WEAK, weak);
}
