/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_certificate.h - the message Certificate of TLS, in records or datagrams, and what is told of it.
 *
 * A side shows its own certificate first, and then those that vouch for it, which tell nothing of
 * the device.
 */
#pragma once

#include "observe/fingerprint.h"
#include "observe/shared/certificate.h"

#include "net/ip.h"

/* What an observer of certificates declares. */
#define TLS_CERTIFICATE_TELLS                                                      \
	{FACT_TLS_CERT_SUBJECT, SAYS, 90}, {FACT_TLS_CERT_ISSUER, SAYS, 90},       \
		{FACT_TLS_CERT_NAME, SAYS, 80}, {FACT_TLS_CERT_EXPIRES, SAYS, 90}, \
	{                                                                          \
		FACT_TLS_CERT_KEY, SAYS, 95                                        \
	}

/* A Certificate message: its own certificate is the first of the list (RFC 5246, 7.4.2). */
struct tls_certificates {
	struct certificate own;
	bool any;
};

static inline bool tls_certificates_parse(struct cur *in, struct tls_certificates *c)
{
	const uint8_t type = cur_u8(in);
	struct cur body = cur_sub(in, cur_be24(in));
	struct cur list = cur_sub(&body, cur_be24(&body));

	if (type != TLS_CERTIFICATE || !cur_ok(&body) || cur_left(&body) > 0)
		return false;
	c->any = cur_left(&list) > 0;
	if (!c->any)
		return cur_ok(in);
	struct cur first = cur_sub(&list, cur_be24(&list));
	return certificate_parse(&first, &c->own) && cur_left(&first) == 0;
}

static inline void tls_tell_name(struct task *t, const struct packet *p, uint8_t tag,
                                 struct cur name)
{
	const bool is_ip6 = cur_left(&name) == 16;
	char text[IP_TEXT];
	struct ip ip;

	if (tag == DER_DNS_NAME)
		tell_text(t, p, sender(p), FACT_TLS_CERT_NAME, name);
	if (tag != DER_ADDRESS || (cur_left(&name) != 4 && !is_ip6))
		return;
	cur_ip(&name, is_ip6 ? 6 : 4, &ip);
	tell_word(t, p, sender(p), FACT_TLS_CERT_NAME, ip_format(&ip, text));
}

static inline void tls_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                                 struct cur value)
{
	if (cur_left(&value) > 0)
		tell_text(t, p, sender(p), kind, value);
}

static inline void tls_tell_certificate(struct task *t, const struct packet *p,
                                        const struct certificate *c)
{
	struct cur names = c->names;
	uint8_t key[32];

	tls_tell_text(t, p, FACT_TLS_CERT_SUBJECT, c->subject);
	tls_tell_text(t, p, FACT_TLS_CERT_ISSUER, c->issuer);
	while (cur_more(&names)) {
		uint8_t tag = 0;
		const struct cur name = cur_ber(&names, &tag);
		tls_tell_name(t, p, tag, name);
	}
	if (c->expires.len > 0)
		tell_string(t, p, sender(p), FACT_TLS_CERT_EXPIRES, &c->expires);
	key_sha256(c->key, key);
	tell_bytes(t, p, sender(p), FACT_TLS_CERT_KEY, key, sizeof key);
}
