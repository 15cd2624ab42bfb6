/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate.h - a private key of ours, the certificate that shows it to others, and the
 * fingerprint by which one side knows the other.
 *
 * Sensor and manager know each other as SSH's ends do: by the fingerprint of a certificate that was
 * seen or told once, and is written down. There is no authority that signs: it would be a third key to
 * guard, and revoking a sensor would want lists and clocks, where here it is a line less in a file
 * that the manager reads. So a certificate is signed by itself, and neither its dates nor what it
 * says of its names decide anything; a sensor whose clock is wrong reports all the same.
 *
 * A fingerprint is the SHA-256 of the whole certificate, as `openssl x509 -fingerprint -sha256` and
 * browsers show it; here it is written as 64 hex digits. Keys are ECDSA over P-256, which browsers
 * take as well (the manager shows them the same certificate); they lie in files that their owner
 * alone may read.
 */
#pragma once

#include "base/attr.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FINGERPRINT_TEXT 65 /* 64 digits, and a 0 */
#define CERTIFICATE_NAME 64 /* of a sensor: a word of up to 63 letters, and a 0 */

struct fingerprint {
	uint8_t b[32];
};

struct certificate {
	X509 *shown;
	EVP_PKEY *key;
	struct fingerprint fingerprint;
};

/*
 * FOLDER/WHAT.key and FOLDER/WHAT.crt, both in PEM. `make`: where neither is there they are made,
 * the certificate for that name. Files are for uid and gid if this is root. NULL: why says what is
 * wrong and what to do.
 */
struct certificate_place {
	const char *folder, *what;
	const char *name; /* of a certificate to be made; NULL: none is */
	uint32_t uid, gid;
};
struct certificate *certificate_open(const struct certificate_place *place, char *why,
                                     size_t why_len) MUST_CHECK NONNULL;
void certificate_free(struct certificate *c);

/* Of what a peer shows. False: it cannot be had. */
bool certificate_fingerprint(const X509 *shown, struct fingerprint *out) MUST_CHECK NONNULL;
/* The name that it proposes for itself, where it is one; else "". Anybody can propose any. */
void certificate_name(const X509 *shown, char out[CERTIFICATE_NAME]) NONNULL;
/* A word of letters, digits and -._: that names a sensor. */
bool certificate_name_good(const char *name) PURE NONNULL;

char *fingerprint_format(const struct fingerprint *f, char out[FINGERPRINT_TEXT]) NONNULL;
/* 64 hex digits, with colons between pairs or without. False: it is none. */
bool fingerprint_parse(const char *text, struct fingerprint *out) MUST_CHECK NONNULL;
bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b) PURE NONNULL;
