/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_hello.h - the two hellos of TLS (RFC 5246, 7.4.1; RFC 8446, 4.1), wherever they come from:
 * records of a stream, frames of QUIC, datagrams.
 *
 * A hello is the handshake message with its header. What a server or its fingerprint is known by
 * stays a window of the message; lists of 16-bit numbers are walked where they are used. Extensions
 * may come in any number and order, known or not, and TLS before 1.2 has none.
 */
#pragma once

#include "observe/observer.h"

enum { TLS_CLIENT_HELLO = 1, TLS_SERVER_HELLO = 2, TLS_CERTIFICATE = 11 };
enum { TLS_RECORD_HANDSHAKE = 22 };

enum tls_extension_type {
	TLS_SERVER_NAME = 0,
	TLS_GROUPS = 10,
	TLS_POINT_FORMATS = 11,
	TLS_SIGNATURES = 13,
	TLS_ALPN = 16,
	TLS_VERSIONS = 43,
};

struct tls_hello {
	uint8_t type; /* TLS_CLIENT_HELLO or TLS_SERVER_HELLO */
	uint16_t version;
	uint16_t chosen;    /* the server's version in an extension; 0: none */
	struct cur ciphers; /* two bytes each; a server's: the one it chose */
	struct cur extensions;
	uint32_t cipher_count, extension_count;
	struct cur name;                         /* the server's, that a client asks for */
	struct cur groups, signatures, versions; /* two bytes each */
	struct cur formats;                      /* one byte each */
	struct cur protocols;                    /* ALPN: each after its length */
	bool has_name;                           /* the extension is there, were it empty */
};

struct tls_extension {
	uint16_t type;
	struct cur data;
};

/* Numbers that clients make up so that servers learn to pass over unknown ones (RFC 8701). */
static inline bool tls_is_grease(uint16_t number)
{
	return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
}

static inline struct tls_extension tls_extension_next(struct cur *in)
{
	struct tls_extension e;

	e.type = cur_be16(in);
	e.data = cur_sub(in, cur_be16(in));
	return e;
}

/* The list of names has one, of type host name (RFC 6066, 3); a server's is empty. */
static inline void tls_name_parse(struct cur *data, struct tls_hello *h)
{
	h->has_name = true;
	if (cur_left(data) == 0)
		return;
	struct cur names = cur_sub(data, cur_be16(data));
	const uint8_t type = cur_u8(&names);
	struct cur name = cur_sub(&names, cur_be16(&names));
	if (!cur_ok(&names))
		cur_fail(data);
	if (type == 0)
		h->name = cur_sub(&name, cur_left(&name));
}

/* A client lists its versions, a server names one (RFC 8446, 4.2.1). */
static inline void tls_versions_parse(struct cur *data, struct tls_hello *h)
{
	if (h->type == TLS_SERVER_HELLO)
		h->chosen = cur_be16(data);
	else
		h->versions = cur_sub(data, cur_u8(data));
}

static inline bool tls_extension_parse(struct tls_extension *e, struct tls_hello *h)
{
	struct cur *data = &e->data;

	switch (e->type) {
	case TLS_SERVER_NAME:
		tls_name_parse(data, h);
		break;
	case TLS_GROUPS:
		h->groups = cur_sub(data, cur_be16(data));
		break;
	case TLS_POINT_FORMATS:
		h->formats = cur_sub(data, cur_u8(data));
		break;
	case TLS_SIGNATURES:
		h->signatures = cur_sub(data, cur_be16(data));
		break;
	case TLS_ALPN:
		h->protocols = cur_sub(data, cur_be16(data));
		break;
	case TLS_VERSIONS:
		tls_versions_parse(data, h);
		break;
	default:
		break;
	}
	return cur_ok(data);
}

static inline bool tls_extensions_judge(struct tls_hello *h)
{
	struct cur rest = h->extensions;

	while (cur_more(&rest)) {
		struct tls_extension e = tls_extension_next(&rest);
		h->extension_count += 1;
		if (!tls_extension_parse(&e, h))
			return false;
	}
	return cur_ok(&rest);
}

/* Every window that an extension may fill is empty first. */
static inline void tls_hello_clear(struct cur *in, struct tls_hello *h)
{
	h->ciphers = cur_sub(in, 0);
	h->extensions = cur_sub(in, 0);
	h->name = cur_sub(in, 0);
	h->groups = cur_sub(in, 0);
	h->signatures = cur_sub(in, 0);
	h->versions = cur_sub(in, 0);
	h->formats = cur_sub(in, 0);
	h->protocols = cur_sub(in, 0);
}

/* What follows the header. Over datagrams a client's has a cookie too (RFC 6347, 4.2.1). */
static inline bool tls_body_parse(struct cur *body, bool datagrams, struct tls_hello *h)
{
	h->version = cur_be16(body);
	cur_skip(body, 32);
	cur_skip(body, cur_u8(body)); /* session id */
	if (h->type == TLS_CLIENT_HELLO && datagrams)
		cur_skip(body, cur_u8(body));
	if (h->type == TLS_CLIENT_HELLO) {
		h->ciphers = cur_sub(body, cur_be16(body));
		cur_skip(body, cur_u8(body));
	} else {
		h->ciphers = cur_sub(body, 2);
		cur_skip(body, 1);
	}
	h->cipher_count = cur_left(&h->ciphers) / 2;
	if (cur_left(body) > 0)
		h->extensions = cur_sub(body, cur_be16(body));
	return cur_ok(body) && h->version >> 8 == (datagrams ? 0xfe : 3) && tls_extensions_judge(h);
}

static inline bool tls_hello_parse(struct cur *in, struct tls_hello *h)
{
	tls_hello_clear(in, h);
	h->type = cur_u8(in);
	struct cur body = cur_sub(in, cur_be24(in));
	if (h->type != TLS_CLIENT_HELLO && h->type != TLS_SERVER_HELLO)
		return false;
	return cur_ok(in) && tls_body_parse(&body, false, h);
}

/* A hello at the beginning of a stream of records: of its record, which may go on elsewhere, the hello is whole. */
static inline bool tls_first_hello_parse(struct cur *in, struct tls_hello *h)
{
	tls_hello_clear(in, h);
	const uint8_t type = cur_u8(in);
	const uint16_t version = cur_be16(in);
	cur_skip(in, 2); /* length */
	return cur_ok(in) && type == TLS_RECORD_HANDSHAKE && version >> 8 == 3 &&
	       tls_hello_parse(in, h);
}
