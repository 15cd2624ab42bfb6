/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aead_x86.c - see aead_x86.h.
 *
 * GHASH counts bits from the highest of the first byte (SP 800-38D, 6.3). A block with its bytes
 * turned round is such a polynomial with the coefficient of x^127 lowest. The carry-less product of
 * two of these has 255 bits and lacks one x, so H is taken times x once, at the start. Then the
 * product's lower half is folded into the upper one, 64 bits at a time: x^128 = x^7 + x^2 + x + 1,
 * which in this order of bits are the shifts by 57, 62 and 63 of FOLD.
 */
#include "base/aead_x86.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("aes,pclmul,ssse3")))
#define FOLD 0xc200000000000000u

enum { ROUNDS = 10 };

struct round_keys {
	__m128i key[ROUNDS + 1];
};

bool aead_x86_usable(void)
{
	return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") &&
	       __builtin_cpu_supports("ssse3");
}

TARGET static inline __m128i load(const uint8_t *p)
{
	return _mm_loadu_si128((const __m128i_u *)(const void *)p);
}

TARGET static inline void store(uint8_t *p, __m128i v)
{
	_mm_storeu_si128((__m128i_u *)(void *)p, v);
}

/* ---- AES (FIPS 197) */

/* Each word of a round key is the sum of all words up to it, and of the last one, turned. */
TARGET static void keys_make(struct round_keys *k, const uint8_t key[AES_BLOCK])
{
	__m128i now = load(key);
	unsigned constant = 1;

	k->key[0] = now;
	for (unsigned i = 1; i <= ROUNDS; i++) {
		const __m128i turned = _mm_shuffle_epi32(_mm_aeskeygenassist_si128(now, 0), 0xff);

		now = _mm_xor_si128(now, _mm_slli_si128(now, 4));
		now = _mm_xor_si128(now, _mm_slli_si128(now, 8));
		now = _mm_xor_si128(now, turned);
		now = _mm_xor_si128(now, _mm_set1_epi32((int)constant));
		k->key[i] = now;
		constant = (constant << 1 ^ (constant >> 7) * 0x11bu) & 0xff;
	}
}

TARGET static inline __m128i encrypt(const struct round_keys *k, __m128i block)
{
	block = _mm_xor_si128(block, k->key[0]);
	for (unsigned i = 1; i < ROUNDS; i++)
		block = _mm_aesenc_si128(block, k->key[i]);
	return _mm_aesenclast_si128(block, k->key[ROUNDS]);
}

TARGET void aead_x86_block(const uint8_t key[AES_BLOCK], const uint8_t in[AES_BLOCK],
                           uint8_t out[AES_BLOCK])
{
	struct round_keys k;

	keys_make(&k, key);
	store(out, encrypt(&k, load(in)));
}

/* What the counter block of this number is encrypted to. */
TARGET static inline __m128i stream(const struct round_keys *k, __m128i nonce, uint32_t number)
{
	return encrypt(k,
	               _mm_or_si128(nonce, _mm_set_epi32((int)__builtin_bswap32(number), 0, 0, 0)));
}

/* ---- GHASH (SP 800-38D, 6.4) */

TARGET static inline __m128i turn(__m128i v)
{
	return _mm_shuffle_epi8(v,
	                        _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

/* Times x: all bits go up by one, and the highest comes back as what x^128 is. */
TARGET static __m128i times_x(__m128i v)
{
	const __m128i words = _mm_srli_epi64(v, 63);
	const __m128i carried = _mm_or_si128(_mm_slli_epi64(v, 1), _mm_slli_si128(words, 8));
	const __m128i out = _mm_shuffle_epi32(_mm_sub_epi32(_mm_setzero_si128(), words), 0xaa);

	return _mm_xor_si128(carried, _mm_and_si128(out, _mm_set_epi64x((long long)FOLD, 1)));
}

/* a * b, one of which was taken times x. */
TARGET static inline __m128i times(__m128i a, __m128i b)
{
	const __m128i fold = _mm_set_epi64x(0, (long long)FOLD);
	const __m128i middle =
		_mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x01), _mm_clmulepi64_si128(a, b, 0x10));
	__m128i low = _mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x00), _mm_slli_si128(middle, 8));
	const __m128i high =
		_mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x11), _mm_srli_si128(middle, 8));

	for (unsigned i = 0; i < 2; i++)
		low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4e),
		                    _mm_clmulepi64_si128(low, fold, 0x00));
	return _mm_xor_si128(low, high);
}

/* The last block is filled up with zeros. */
TARGET static __m128i ghash(__m128i sum, __m128i h, const uint8_t *bytes, size_t len)
{
	for (; len >= AES_BLOCK; bytes += AES_BLOCK, len -= AES_BLOCK)
		sum = times(_mm_xor_si128(sum, turn(load(bytes))), h);
	if (len == 0)
		return sum;
	uint8_t last[AES_BLOCK] = {0};
	memcpy(last, bytes, len);
	return times(_mm_xor_si128(sum, turn(load(last))), h);
}

/* ---- GCM */

TARGET static __m128i tag_of(const struct round_keys *k, __m128i nonce, const uint8_t *ad,
                             size_t ad_len, const uint8_t *in, size_t len)
{
	const __m128i h = times_x(turn(encrypt(k, _mm_setzero_si128())));
	const __m128i lengths = _mm_set_epi64x((long long)ad_len * 8, (long long)len * 8);
	__m128i sum = ghash(_mm_setzero_si128(), h, ad, ad_len);

	sum = ghash(sum, h, in, len);
	sum = times(_mm_xor_si128(sum, lengths), h);
	return _mm_xor_si128(turn(sum), stream(k, nonce, 1));
}

TARGET bool aead_x86_open(const uint8_t key[AES_BLOCK], const uint8_t nonce[AES_NONCE],
                          const uint8_t *ad, size_t ad_len, const uint8_t *in, size_t len,
                          uint8_t *out)
{
	uint8_t block[AES_BLOCK] = {0};
	struct round_keys k;
	uint32_t number = 2;

	if (len < AES_BLOCK)
		return false;
	size_t left = len - AES_BLOCK;
	memcpy(block, nonce, AES_NONCE);
	const __m128i start = load(block);
	keys_make(&k, key);
	store(block, tag_of(&k, start, ad, ad_len, in, left));
	if (memcmp(block, in + left, AES_BLOCK) != 0)
		return false;
	for (; left >= AES_BLOCK; in += AES_BLOCK, out += AES_BLOCK, left -= AES_BLOCK)
		store(out, _mm_xor_si128(load(in), stream(&k, start, number++)));
	store(block, stream(&k, start, number));
	for (size_t i = 0; i < left; i++)
		out[i] = in[i] ^ block[i];
	return true;
}

#endif
