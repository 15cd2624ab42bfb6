/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash.c - SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
 *
 * Four words of state. Each word of input is put in at v3, mixed, and taken out at v0; the last
 * word holds the bytes left over and the length, modulo 256, in its highest byte.
 */
#include "base/hash.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static ALWAYS_INLINE uint64_t hash_rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static ALWAYS_INLINE void hash_round(struct hash *h)
{
	h->v0 += h->v1;
	h->v1 = hash_rotate(h->v1, 13) ^ h->v0;
	h->v0 = hash_rotate(h->v0, 32);
	h->v2 += h->v3;
	h->v3 = hash_rotate(h->v3, 16) ^ h->v2;
	h->v0 += h->v3;
	h->v3 = hash_rotate(h->v3, 21) ^ h->v0;
	h->v2 += h->v1;
	h->v1 = hash_rotate(h->v1, 17) ^ h->v2;
	h->v2 = hash_rotate(h->v2, 32);
}

static ALWAYS_INLINE void hash_word(struct hash *h, uint64_t word)
{
	h->v3 ^= word;
	hash_round(h);
	h->v0 ^= word;
}

/* Eight bytes, the lowest first: one load where the machine counts so too. */
static ALWAYS_INLINE uint64_t hash_load(const uint8_t *b)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t word;

	memcpy(&word, b, sizeof word);
	return word;
#else
	uint64_t word = 0;

	for (unsigned i = 0; i < 8; i++)
		word |= (uint64_t)b[i] << 8 * i;
	return word;
#endif
}

int hash_key_random(struct hash_key *key)
{
	const ssize_t n = getrandom(key, sizeof *key, 0);

	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof *key ? 0 : -EIO;
}

struct hash_key hash_key_fixed(void)
{
	return (struct hash_key){0x0706050403020100, 0x0f0e0d0c0b0a0908};
}

/* The state's constants spell "somepseudorandomlygeneratedbytes". */
static ALWAYS_INLINE struct hash hash_begin(const struct hash_key *key)
{
	return (struct hash){
		.v0 = key->k0 ^ 0x736f6d6570736575,
		.v1 = key->k1 ^ 0x646f72616e646f6d,
		.v2 = key->k0 ^ 0x6c7967656e657261,
		.v3 = key->k1 ^ 0x7465646279746573,
	};
}

/* The bytes at b, fewer than 8, the first lowest. */
static ALWAYS_INLINE uint64_t hash_rest(const uint8_t *b, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)b[i] << 8 * i;
	return word;
}

/* The same of n bytes that have eight before their end: one load, and what is before them goes. */
static ALWAYS_INLINE uint64_t hash_last(const uint8_t *b, size_t n)
{
	return n == 0 ? 0 : hash_load(b + n - 8) >> (64 - 8 * n);
}

static ALWAYS_INLINE uint64_t hash_finish(struct hash *h)
{
	hash_word(h, h->tail | h->len << 56);
	h->v2 ^= 0xff;
	hash_round(h);
	hash_round(h);
	hash_round(h);
	return h->v0 ^ h->v1 ^ h->v2 ^ h->v3;
}

struct hash hash_init(const struct hash_key *key)
{
	return hash_begin(key);
}

void hash_u64(struct hash *h, uint64_t n)
{
	const unsigned held = h->len % 8;

	h->len += 8;
	if (held == 0) {
		hash_word(h, n);
		return;
	}
	hash_word(h, h->tail | n << 8 * held);
	h->tail = n >> (64 - 8 * held);
}

void hash_bytes(struct hash *h, const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	for (; len >= 8; b += 8, len -= 8)
		hash_u64(h, hash_load(b));
	const unsigned held = h->len % 8;
	const uint64_t rest = hash_rest(b, len);
	h->tail |= rest << 8 * held;
	h->len += len;
	if (held + len < 8)
		return;
	hash_word(h, h->tail);
	h->tail = held > 0 ? rest >> (64 - 8 * held) : 0;
}

uint64_t hash_end(struct hash *h)
{
	return hash_finish(h);
}

uint64_t hash64(const struct hash_key *key, const void *bytes, size_t len)
{
	const uint8_t *b = bytes;
	struct hash h = hash_begin(key);
	const uint8_t *const end = b + len / 8 * 8;

	for (; b < end; b += 8)
		hash_word(&h, hash_load(b));
	h.tail = len < 8 ? hash_rest(b, len) : hash_last(b, len % 8);
	h.len = len;
	return hash_finish(&h);
}

uint64_t hash_words(const struct hash_key *key, const uint64_t *words, unsigned count)
{
	struct hash h = hash_begin(key);

	for (unsigned i = 0; i < count; i++)
		hash_word(&h, words[i]);
	h.len = 8 * (uint64_t)count;
	return hash_finish(&h);
}
