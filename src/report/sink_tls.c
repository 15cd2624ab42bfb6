/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink_tls.c - a manager over a network: TLS 1.3 on a TCP connection, both sides known to each other by
 * the fingerprints of their certificates (base/certificate.h).
 *
 * The key of this sensor and the pinned certificate of the manager come from the folder of
 * `havainto enroll`, and are read before the sandbox closes; afterwards no file is needed.
 *
 * It counts as connected once the manager has greeted (manager/intake.h): TCP's connection, the
 * handshake and the greeting are one attempt with one deadline, delivery.c's, and no step of it waits. A
 * manager that does not know this sensor says so with the fingerprint that it saw, and hangs up.
 *
 * OpenSSL may hold back a record that the socket did not take, and wants the very same bytes the
 * next time. The caller's bytes may be others by then (its oldest lines can expire), so a record is
 * copied here first and counts as taken; what was taken and not acknowledged is sent again over
 * the next connection anyway.
 */
#include "base/certificate.h"
#include "base/tls.h"
#include "report/pins.h"
#include "report/sink_kind.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD 16384u /* bytes of one record of TLS, at most (RFC 8446, 5.1) */
#define READS 64u     /* of SINK_ANSWER bytes, in one turn */

struct sink_tls {
	struct certificate *mine;
	struct fingerprint pinned;
	SSL_CTX *context;
	SSL *ssl;    /* NULL: no handshake yet */
	bool shaken; /* the handshake is over */
	short wants; /* of poll, while connecting */
	size_t at, len;
	char record[RECORD]; /* [at, len): OpenSSL is still to take it */
};

/* ---- opening ---- */

static int tls_open(struct sink *s, const char *rest, char *why, size_t why_len)
{
	s->tls = calloc(1, sizeof *s->tls);
	if (s->tls != NULL)
		return sink_resolve(s, rest, why, why_len);
	snprintf(why, why_len, "cannot report to %s: out of memory", s->spec);
	return -ENOMEM;
}

static int tls_keys(struct sink *s, const char *folder, char *why, size_t why_len)
{
	const struct certificate_place place = {.folder = folder, .what = "sensor"};
	const char *const at = s->spec + strlen(s->kind->prefix);
	struct sink_tls *const t = s->tls;

	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes; that a peer has gone shall be an error */
	switch (pins_find(folder, at, &t->pinned, why, why_len)) {
	case PIN_KNOWN:
		break;
	case PIN_NONE:
		snprintf(why, why_len,
		         "cannot report to %s: this sensor has not met that manager: run "
		         "`havainto enroll %s`",
		         s->spec, at);
		return -ENOKEY;
	case PIN_BROKEN:
		return -EINVAL;
	}
	t->mine = certificate_open(&place, why, why_len);
	if (t->mine == NULL)
		return -ENOKEY;
	t->context = tls_context(TLS_SENSOR, t->mine, &t->pinned);
	if (t->context != NULL)
		return 0;
	snprintf(why, why_len, "cannot report to %s: TLS does not take %s/sensor.key", s->spec,
	         folder);
	return -EINVAL;
}

static void tls_free(struct sink *s)
{
	if (s->tls == NULL)
		return;
	SSL_CTX_free(s->tls->context);
	certificate_free(s->tls->mine);
	free(s->tls);
	s->tls = NULL;
}

/* ---- the connection ---- */

static void tls_close(struct sink *s)
{
	struct sink_tls *const t = s->tls;

	if (t != NULL && t->ssl != NULL) {
		if (t->shaken)
			SSL_shutdown(t->ssl); /* says that it is the end; waits for nothing */
		SSL_free(t->ssl);
		ERR_clear_error();
		t->ssl = NULL;
		t->shaken = false;
		t->at = t->len = 0;
	}
	stream_close(s);
}

/* What a call of OpenSSL that returned `got` wants: 0: poll for t->wants; -errno: it is over. */
static int tls_outcome(struct sink *s, int got)
{
	struct sink_tls *const t = s->tls;
	const int what = SSL_get_error(t->ssl, got), error = errno;

	switch (what) {
	case SSL_ERROR_WANT_READ:
		t->wants = POLLIN;
		return 0;
	case SSL_ERROR_WANT_WRITE:
		t->wants = POLLOUT;
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		return -ECONNRESET;
	case SSL_ERROR_SYSCALL:
		return error != 0 ? -error : -ECONNRESET;
	default:
		break;
	}
	const char *const reason = ERR_reason_error_string(ERR_peek_error());
	if (tls_is_other(t->ssl))
		sink_trouble(s, "it shows another certificate than that which was pinned; if that "
		                "is right, take its line out of `managers` in --state and run "
		                "`havainto enroll` again");
	else
		sink_trouble(s, reason == NULL ? "TLS failed" : reason);
	return -EPROTO;
}

static int tls_handshake(struct sink *s)
{
	struct sink_tls *const t = s->tls;

	if (t->ssl == NULL) {
		t->ssl = SSL_new(t->context);
		if (t->ssl == NULL || SSL_set_fd(t->ssl, s->fd) != 1)
			return -ENOMEM;
		SSL_set_connect_state(t->ssl);
	}
	ERR_clear_error();
	const int got = SSL_do_handshake(t->ssl);
	t->shaken = got == 1;
	return t->shaken ? 0 : tls_outcome(s, got);
}

/* Takes what the manager answered: as much as there is, but lines are to be sent meanwhile, too. */
static int tls_read(struct sink *s)
{
	char answer[SINK_ANSWER];

	for (unsigned i = 0; i < READS; i++) {
		ERR_clear_error();
		const int n = SSL_read(s->tls->ssl, answer, sizeof answer);

		if (n <= 0)
			return tls_outcome(s, n);
		sink_answer(s, answer, (size_t)n);
	}
	return 0;
}

/* A step on the way to the greeting. 1: it came; 0: on the way; -errno. */
static int tls_advance(struct sink *s)
{
	struct sink_tls *const t = s->tls;
	int err = 0;

	if (t->ssl == NULL) {
		const int up = s->fd < 0 ? stream_begin(s) : stream_check(s);

		t->wants = POLLOUT;
		if (up <= 0)
			return up;
	}
	s->connecting = true;
	if (!t->shaken)
		err = tls_handshake(s);
	if (err == 0 && t->shaken)
		err = tls_read(s);
	if (err < 0 || !s->greeted)
		return err;
	stream_connected(s);
	return 1;
}

static int tls_flush(struct sink *s)
{
	struct sink_tls *const t = s->tls;

	while (t->at < t->len) {
		ERR_clear_error();
		const int n = SSL_write(t->ssl, t->record + t->at, (int)(t->len - t->at));

		if (n <= 0)
			return tls_outcome(s, n);
		t->at += (size_t)n;
	}
	t->at = t->len = 0;
	return 0;
}

static ssize_t tls_submit(struct sink *s, const char *bytes, size_t len)
{
	struct sink_tls *const t = s->tls;

	if (s->fd < 0 || s->connecting) {
		const int up = tls_advance(s);

		if (up <= 0)
			return up;
	}
	int err = tls_flush(s);
	if (err < 0 || t->len > 0)
		return err;
	t->len = len < RECORD ? len : RECORD;
	memcpy(t->record, bytes, t->len);
	const size_t taken = t->len;
	err = tls_flush(s);
	return err < 0 ? err : (ssize_t)taken;
}

static int tls_poll(struct sink *s, bool room, int timeout_ms)
{
	struct sink_tls *const t = s->tls;
	const bool out = room || t->len > 0;
	struct pollfd p = {.fd = s->fd,
	                   .events = s->connecting ? t->wants
	                                           : (short)(POLLIN | (out ? POLLOUT : 0))};

	if (s->fd < 0)
		return 0;
	/* what OpenSSL has read already no poll tells of */
	const bool waits = s->connecting || SSL_pending(t->ssl) == 0;
	if (waits && (poll(&p, 1, timeout_ms) <= 0 || s->connecting))
		return 0;
	const int err = tls_flush(s);
	return err < 0 ? err : tls_read(s);
}

const struct sink_kind sink_tls = {.prefix = "tls:",
                                   .remote = true,
                                   .asks = true,
                                   .open = tls_open,
                                   .keys = tls_keys,
                                   .submit = tls_submit,
                                   .poll = tls_poll,
                                   .close = tls_close,
                                   .free = tls_free};
