/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aead.c - HKDF, and AES-128-GCM by OpenSSL's AES and a GHASH of our own, or by the processor's
 * instructions (aead_x86.h).
 */
#define OPENSSL_API_COMPAT 0x10100000L /* AES_encrypt is out of favour since 3.0, not gone */

#include "base/aead.h"

#include "base/aead_x86.h"
#include "base/crypto.h"

#include <assert.h>
#include <openssl/aes.h>
#include <string.h>

enum { HMAC_BLOCK = 64, LABEL_MAX = 64 };

/* ---- HMAC and HKDF */

static void hmac_pad(struct digest *d, const uint8_t *key, size_t len, uint8_t with)
{
	uint8_t pad[HMAC_BLOCK];

	assert(len <= HMAC_BLOCK);
	memset(pad, with, sizeof pad);
	for (size_t i = 0; i < len; i++)
		pad[i] ^= key[i];
	digest_begin(d, DIGEST_SHA256);
	digest_add(d, pad, sizeof pad);
}

/* RFC 2104, with a key of at most a block: what depends on the key alone. */
void hkdf_begin(struct hkdf *h, const uint8_t *secret, size_t len)
{
	hmac_pad(&h->inner, secret, len, 0x36);
	hmac_pad(&h->outer, secret, len, 0x5c);
}

/* And the rest. */
static void hmac_sha256(const struct hkdf *key, const uint8_t *bytes, size_t len,
                        uint8_t out[SECRET_LEN])
{
	struct hkdf h = *key;
	uint8_t inner[DIGEST_MAX];

	digest_add(&h.inner, bytes, len);
	const size_t inner_len = digest_end(&h.inner, inner);
	digest_add(&h.outer, inner, inner_len);
	(void)digest_end(&h.outer, out);
}

void hkdf_extract(const uint8_t *salt, size_t salt_len, const uint8_t *key, size_t key_len,
                  uint8_t out[SECRET_LEN])
{
	struct hkdf h;

	hkdf_begin(&h, salt, salt_len);
	hmac_sha256(&h, key, key_len, out);
}

/* One round of HKDF-Expand is enough for 32 bytes. */
void hkdf_expand_label(const struct hkdf *h, const char *label, uint8_t *out, size_t len)
{
	static const char prefix[] = "tls13 ";
	const size_t prefix_len = sizeof prefix - 1, label_len = strlen(label);
	uint8_t info[LABEL_MAX], round[SECRET_LEN];

	assert(len <= SECRET_LEN && prefix_len + label_len + 5 <= sizeof info);
	info[0] = 0;
	info[1] = (uint8_t)len;
	info[2] = (uint8_t)(prefix_len + label_len);
	memcpy(info + 3, prefix, prefix_len);
	memcpy(info + 3 + prefix_len, label, label_len);
	info[3 + prefix_len + label_len] = 0; /* no context */
	info[4 + prefix_len + label_len] = 1; /* the first round */
	hmac_sha256(h, info, 5 + prefix_len + label_len, round);
	memcpy(out, round, len);
}

/* ---- AES */

static void aes_begin(AES_KEY *aes, const uint8_t key[AES_BLOCK])
{
	const int begun = AES_set_encrypt_key(key, 128, aes);

	assert(begun == 0);
}

void aes128_block(const uint8_t key[AES_BLOCK], const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK])
{
	AES_KEY aes;

	if (aead_x86_usable()) {
		aead_x86_block(key, in, out);
		return;
	}
	aes_begin(&aes, key);
	AES_encrypt(in, out, &aes);
}

void aes128_unblock(const uint8_t key[AES_BLOCK], const uint8_t in[AES_BLOCK],
                    uint8_t out[AES_BLOCK])
{
	AES_KEY aes;
	const int begun = AES_set_decrypt_key(key, 128, &aes);

	assert(begun == 0);
	AES_decrypt(in, out, &aes);
}

/* ---- GHASH (SP 800-38D, 6.3 and 6.4): bit 0 of a block is the highest of its first byte */

struct element {
	uint64_t high, low;
};

/* By 16 values of four bits: their product with H, and what four bits shifted out come back as. */
struct ghash {
	struct element product[16];
	uint64_t reduced[16];
	struct element sum;
};

static uint64_t load64(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static void store64(uint8_t *p, uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i) & 0xff);
}

/* Times x. */
static struct element element_shift(struct element e)
{
	const struct element out = {e.high >> 1 ^ (e.low & 1 ? 0xe1ull << 56 : 0),
	                            e.low >> 1 | e.high << 63};

	return out;
}

static void ghash_begin(struct ghash *g, const uint8_t h[AES_BLOCK])
{
	struct element power = {load64(h), load64(h + 8)};

	memset(g, 0, sizeof *g);
	for (unsigned bit = 8; bit > 0; bit /= 2) {
		for (unsigned i = 0; i < 16; i++) {
			if ((i & bit) == 0)
				continue;
			g->product[i].high ^= power.high;
			g->product[i].low ^= power.low;
		}
		power = element_shift(power);
	}
	for (unsigned i = 0; i < 16; i++) {
		struct element e = {0, i};
		for (unsigned k = 0; k < 4; k++)
			e = element_shift(e);
		g->reduced[i] = e.high;
	}
}

/* sum = sum * x^4 + four bits * H */
static void ghash_nibble(const struct ghash *g, struct element *sum, unsigned nibble)
{
	const uint64_t back = g->reduced[sum->low & 15];

	sum->low = (sum->low >> 4 | sum->high << 60) ^ g->product[nibble].low;
	sum->high = sum->high >> 4 ^ back ^ g->product[nibble].high;
}

/* The last block is filled up with zeros. */
static void ghash_add(struct ghash *g, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		const size_t n = len < AES_BLOCK ? len : AES_BLOCK;
		struct element product = {0, 0};
		uint8_t block[AES_BLOCK] = {0};

		memcpy(block, bytes, n);
		store64(block, load64(block) ^ g->sum.high);
		store64(block + 8, load64(block + 8) ^ g->sum.low);
		for (unsigned i = AES_BLOCK; i > 0; i--) {
			ghash_nibble(g, &product, block[i - 1] & 15u);
			ghash_nibble(g, &product, block[i - 1] >> 4);
		}
		g->sum = product;
		bytes += n;
		len -= n;
	}
}

/* ---- GCM */

/* What the counter block of this number is encrypted to. */
static void gcm_stream(const AES_KEY *aes, const uint8_t nonce[AES_NONCE], uint32_t number,
                       uint8_t out[AES_BLOCK])
{
	uint8_t counter[AES_BLOCK];

	memcpy(counter, nonce, AES_NONCE);
	for (unsigned i = 0; i < 4; i++)
		counter[AES_NONCE + i] = (uint8_t)(number >> (24 - 8 * i) & 0xff);
	AES_encrypt(counter, out, aes);
}

static void gcm_tag(const AES_KEY *aes, const uint8_t nonce[AES_NONCE], const uint8_t *ad,
                    size_t ad_len, const uint8_t *in, size_t len, uint8_t tag[AES_BLOCK])
{
	static const uint8_t zero[AES_BLOCK];
	struct ghash g;
	uint8_t h[AES_BLOCK], lengths[AES_BLOCK];

	AES_encrypt(zero, h, aes);
	ghash_begin(&g, h);
	ghash_add(&g, ad, ad_len);
	ghash_add(&g, in, len);
	store64(lengths, (uint64_t)ad_len * 8);
	store64(lengths + 8, (uint64_t)len * 8);
	ghash_add(&g, lengths, sizeof lengths);
	gcm_stream(aes, nonce, 1, tag);
	store64(tag, load64(tag) ^ g.sum.high);
	store64(tag + 8, load64(tag + 8) ^ g.sum.low);
}

bool aes128_gcm_open_by_tables(const uint8_t key[AES_BLOCK], const uint8_t nonce[AES_NONCE],
                               const uint8_t *ad, size_t ad_len, const uint8_t *in, size_t len,
                               uint8_t *out)
{
	uint8_t block[AES_BLOCK];
	AES_KEY aes;

	if (len < AES_BLOCK)
		return false;
	const size_t plain = len - AES_BLOCK;
	aes_begin(&aes, key);
	gcm_tag(&aes, nonce, ad, ad_len, in, plain, block);
	if (memcmp(block, in + plain, AES_BLOCK) != 0)
		return false;
	for (size_t i = 0; i < plain; i++) {
		if (i % AES_BLOCK == 0)
			gcm_stream(&aes, nonce, (uint32_t)(i / AES_BLOCK) + 2, block);
		out[i] = in[i] ^ block[i % AES_BLOCK];
	}
	return true;
}

bool aes128_gcm_open(const uint8_t key[AES_BLOCK], const uint8_t nonce[AES_NONCE],
                     const uint8_t *ad, size_t ad_len, const uint8_t *in, size_t len, uint8_t *out)
{
	if (aead_x86_usable())
		return aead_x86_open(key, nonce, ad, ad_len, in, len, out);
	return aes128_gcm_open_by_tables(key, nonce, ad, ad_len, in, len, out);
}
