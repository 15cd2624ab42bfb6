/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h - what both ends of our TLS agree upon: version 1.3 and no other, no resumption, so that every
 * connection proves its keys anew, and certificates that are known by their fingerprint
 * (certificate.h), not by who signed them.
 *
 * Contexts are made before the sandbox closes: OpenSSL reads its configuration with the first. The
 * connections are their users' business: the sink's (report/sink_tls.c) is a socket that never
 * blocks, the manager's are libevent's.
 */
#pragma once

#include "base/attr.h"
#include "base/certificate.h"

#include <openssl/types.h>

enum tls_side {
	TLS_SENSOR, /* shows its certificate; the manager's must be the pinned one */
	TLS_INTAKE, /* shows its certificate; wants one of the sensor, whichever it is */
	TLS_PAGES,  /* shows its certificate to browsers and programs, which show none */
};

/*
 * The certificate and the fingerprint must outlive it. pinned: of TLS_SENSOR, NULL takes any, to
 * learn it. NULL: no memory, or the key does not fit the certificate.
 */
SSL_CTX *tls_context(enum tls_side side, const struct certificate *c,
                     const struct fingerprint *pinned) MUST_CHECK __attribute__((nonnull(2)));
/* What the peer showed, and proved to have the key of. False: nothing. */
bool tls_peer(const SSL *ssl, struct fingerprint *out,
              char name[CERTIFICATE_NAME]) MUST_CHECK NONNULL;
/* It failed because the manager's certificate is not the pinned one. */
bool tls_is_other(const SSL *ssl) NONNULL;
