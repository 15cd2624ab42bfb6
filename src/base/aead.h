/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aead.h - what opens a packet whose key anybody can derive: HKDF with SHA-256 (RFC 5869, RFC 8446,
 * 7.1) and AES-128-GCM (NIST SP 800-38D).
 *
 * Nothing is kept secret by it here: a QUIC Initial's key follows from a field in the clear, and
 * the tag says whether it was meant as one. So it may take the time that it takes, and AES is
 * OpenSSL's function that works on the caller's memory: nothing allocates, and there is no context
 * to be made, kept for each thread and given back. GHASH has no such function, and is written here,
 * four bits at a time. Where the processor has instructions for both, these are used.
 */
#pragma once

#include "base/attr.h"
#include "base/crypto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AES_BLOCK = 16, AES_NONCE = 12, SECRET_LEN = 32 };

void hkdf_extract(const uint8_t *salt, size_t salt_len, const uint8_t *key, size_t key_len,
                  uint8_t out[SECRET_LEN]) NONNULL;

/* A secret from which labels are expanded: what HMAC makes of it is made once, for all of them. */
struct hkdf {
	struct digest inner, outer;
};

void hkdf_begin(struct hkdf *h, const uint8_t *secret, size_t len) NONNULL;

/* HKDF-Expand-Label with an empty context; len at most SECRET_LEN. */
void hkdf_expand_label(const struct hkdf *h, const char *label, uint8_t *out, size_t len) NONNULL;

void aes128_block(const uint8_t key[AES_BLOCK], const uint8_t in[AES_BLOCK],
                  uint8_t out[AES_BLOCK]) NONNULL;
/* The other way round. */
void aes128_unblock(const uint8_t key[AES_BLOCK], const uint8_t in[AES_BLOCK],
                    uint8_t out[AES_BLOCK]) NONNULL;

/* Opens `in`, the last 16 of its len bytes being the tag, into `out`, which has room for the rest.
 * False: the tag is another; nothing is written then. */
bool aes128_gcm_open(const uint8_t key[AES_BLOCK], const uint8_t nonce[AES_NONCE],
                     const uint8_t *ad, size_t ad_len, const uint8_t *in, size_t len,
                     uint8_t *out) NONNULL MUST_CHECK;
/* The same on any processor: what the other way is held against. */
bool aes128_gcm_open_by_tables(const uint8_t key[AES_BLOCK], const uint8_t nonce[AES_NONCE],
                               const uint8_t *ad, size_t ad_len, const uint8_t *in, size_t len,
                               uint8_t *out) NONNULL MUST_CHECK;
