/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto.h - digests that fingerprints are defined with: MD5 and SHA-256, by OpenSSL.
 *
 * None of them guards anything here. A struct digest is a value, 128 bytes on the caller's
 * stack: begin, add as often as need be, end. Nothing allocates, so it may be used for each
 * packet; OpenSSL's EVP interface allocates at each beginning (3.0: one malloc a digest,
 * measured), and so the older one is used, which is the same code below.
 */
#pragma once

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>

enum digest_kind { DIGEST_MD5, DIGEST_SHA256 };

#define DIGEST_MAX 32 /* bytes of the longest */

struct digest {
	enum digest_kind kind;
	uint64_t state[15];
};

void digest_begin(struct digest *d, enum digest_kind kind) NONNULL;
void digest_add(struct digest *d, const void *bytes, size_t len) NONNULL;
/* Writes the digest, returns its length: 16 or 32. */
size_t digest_end(struct digest *d, uint8_t out[DIGEST_MAX]) NONNULL;
