/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.c - see tls.h.
 *
 * A sensor and the manager's intake name their protocol (ALPN, RFC 7301): a browser that is led to the
 * intake, or a sensor to the pages, ends at the handshake, before a byte of the one is taken for
 * the other.
 */
#include "base/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stddef.h>

static const unsigned char sensors_protocol[] = "\x0ahavainto/1", pages_protocol[] = "\x08http/1.1";

/* Only whose fingerprint is pinned; where none is, whoever has the key of what it shows. */
static int take_pinned(X509_STORE_CTX *store, void *pinned)
{
	const X509 *const shown = X509_STORE_CTX_get0_cert(store);
	struct fingerprint f;

	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	if (shown == NULL || !certificate_fingerprint(shown, &f) ||
	    (pinned != NULL && !fingerprint_equal(pinned, &f)))
		return 0;
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *offered, unsigned len, void *ours)
{
	const unsigned char *const protocol = ours;
	unsigned char *chosen;

	(void)ssl;
	if (SSL_select_next_proto(&chosen, out_len, protocol, protocol[0] + 1u, offered, len) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static void set_side(SSL_CTX *x, enum tls_side side, const struct fingerprint *pinned)
{
	const unsigned char *const protocol = side == TLS_PAGES ? pages_protocol : sensors_protocol;

	if (side == TLS_SENSOR)
		SSL_CTX_set_alpn_protos(x, protocol, protocol[0] + 1u);
	else
		SSL_CTX_set_alpn_select_cb(x, choose_protocol, (void *)(uintptr_t)protocol);
	if (side == TLS_PAGES)
		return;
	SSL_CTX_set_verify(x, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(x, take_pinned, (void *)(uintptr_t)pinned);
}

SSL_CTX *tls_context(enum tls_side side, const struct certificate *c,
                     const struct fingerprint *pinned)
{
	SSL_CTX *const x =
		SSL_CTX_new(side == TLS_SENSOR ? TLS_client_method() : TLS_server_method());

	if (x == NULL || SSL_CTX_set_min_proto_version(x, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_use_certificate(x, c->shown) != 1 || SSL_CTX_use_PrivateKey(x, c->key) != 1 ||
	    SSL_CTX_set_num_tickets(x, 0) != 1) {
		SSL_CTX_free(x);
		ERR_clear_error();
		return NULL;
	}
	SSL_CTX_set_session_cache_mode(x, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(x, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                            SSL_MODE_RELEASE_BUFFERS);
	/* a peer that is killed says no farewell; our lines say themselves where they end */
	SSL_CTX_set_options(x, SSL_OP_IGNORE_UNEXPECTED_EOF);
	set_side(x, side, pinned);
	return x;
}

bool tls_peer(const SSL *ssl, struct fingerprint *out, char name[CERTIFICATE_NAME])
{
	const X509 *const shown = SSL_get0_peer_certificate(ssl);

	if (shown == NULL || !certificate_fingerprint(shown, out))
		return false;
	certificate_name(shown, name);
	return true;
}

bool tls_is_other(const SSL *ssl)
{
	return SSL_get_verify_result(ssl) == X509_V_ERR_CERT_REJECTED;
}
