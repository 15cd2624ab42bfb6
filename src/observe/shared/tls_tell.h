/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_tell.h - what a client's hello tells of it, over TCP, QUIC or in datagrams: the names it asks for, the
 * protocols it offers, and its fingerprints.
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
	struct text text;

	tell_text(t, p, sender(p), FACT_TLS_SNI, h->name);
	tls_tell_protocols(t, p, h);
	ja3(h, &text);
	tell_string(t, p, sender(p), FACT_TLS_JA3, &text);
	if (ja4(h, transport, &text))
		tell_string(t, p, sender(p), FACT_TLS_JA4, &text);
}
