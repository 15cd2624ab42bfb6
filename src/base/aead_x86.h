/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aead_x86.h - AES-128-GCM by the instructions that x86 processors have for it.
 *
 * A QUIC Initial of 1,200 bytes costs 7,400 instructions this way and 182,000 by tables. On other
 * processors, and on x86 without AES and PCLMULQDQ, there is the way of aead.c, which also is what
 * the tests hold this one against.
 */
#pragma once

#include "base/aead.h"

#if defined(__x86_64__) && !defined(__FRAMAC__)
/* Does this processor have what it takes? Else call none of the others. */
bool aead_x86_usable(void);
void aead_x86_block(const uint8_t key[AES_BLOCK], const uint8_t in[AES_BLOCK],
                    uint8_t out[AES_BLOCK]) NONNULL;
/* As aes128_gcm_open. */
bool aead_x86_open(const uint8_t key[AES_BLOCK], const uint8_t nonce[AES_NONCE], const uint8_t *ad,
                   size_t ad_len, const uint8_t *in, size_t len, uint8_t *out) NONNULL MUST_CHECK;
#else
static inline bool aead_x86_usable(void)
{
	return false;
}

static inline void aead_x86_block(const uint8_t key[AES_BLOCK], const uint8_t in[AES_BLOCK],
                                  uint8_t out[AES_BLOCK])
{
	(void)key, (void)in, (void)out;
}

static inline bool aead_x86_open(const uint8_t key[AES_BLOCK], const uint8_t nonce[AES_NONCE],
                                 const uint8_t *ad, size_t ad_len, const uint8_t *in, size_t len,
                                 uint8_t *out)
{
	(void)key, (void)nonce, (void)ad, (void)ad_len, (void)in, (void)len, (void)out;
	return false;
}
#endif
