/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash.h - a keyed hash: SipHash-1-3.
 *
 * Every table whose keys come from the network uses it, with a key that nobody outside knows, so
 * that no sender can choose keys that collide. SipHash with 1 round a word and 3 at the end is
 * enough for tables (it is what Rust and Python use), and is no message authentication.
 *
 *	struct hash h = hash_init(&key);
 *	hash_bytes(&h, mac.b, sizeof mac.b);
 *	hash_u64(&h, vlan);
 *	const uint64_t slot = hash_end(&h) & mask;
 *
 * The pieces are joined without a sign between them: "ab" then "c" is "a" then "bc". A key of
 * several parts whose lengths vary adds the lengths as well. Structs with padding are never
 * hashed whole.
 */
#pragma once

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hash_key {
	uint64_t k0, k1;
};

/* A hash on its way. */
struct hash {
	uint64_t v0, v1, v2, v3;
	uint64_t tail; /* the bytes that are no whole word yet, the first lowest; the rest is 0 */
	uint64_t len;  /* of all that came */
};

/* A key from the kernel. 0, or -errno where it gives none: then do not start. */
int hash_key_random(struct hash_key *key) MUST_CHECK NONNULL;
/* The key 00 01 .. 0f: the same hashes in every run, for tests and reproducible reports. */
struct hash_key hash_key_fixed(void);

struct hash hash_init(const struct hash_key *key) NONNULL;
void hash_bytes(struct hash *h, const void *bytes, size_t len) NONNULL;
/* Adds eight bytes, the lowest first, on any machine. */
void hash_u64(struct hash *h, uint64_t n) NONNULL;
/* May be called once; `h` is spent then. */
uint64_t hash_end(struct hash *h) MUST_CHECK NONNULL;

/* All at once. */
uint64_t hash64(const struct hash_key *key, const void *bytes, size_t len) PURE NONNULL;

/* Of whole words: what hash_u64 of each in turn gives. */
uint64_t hash_words(const struct hash_key *key, const uint64_t *words, unsigned count) PURE NONNULL;

#ifndef __FRAMAC__ /* it knows no 128 bits, and no parser hashes */
/* At most 8 bytes as a word: no two of one length have the same. */
static inline uint64_t hash_word_of(const uint8_t *bytes, size_t len)
{
	uint64_t word = 0;
	uint32_t first = 0, last = 0;

	if (len == sizeof word) {
		memcpy(&word, bytes, sizeof word);
		return word;
	}
	if (len >= sizeof first) {
		memcpy(&first, bytes, sizeof first);
		memcpy(&last, bytes + len - sizeof last, sizeof last);
		return (uint64_t)last << 32 | first;
	}
	return len == 0 ? 0
	                : (uint64_t)bytes[0] << 16 | (uint64_t)bytes[len / 2] << 8 | bytes[len - 1];
}

/*
 * Joins a word to the digest of something else: a multiplication instead of a SipHash. Good enough
 * where the digest is one of those above, and so unknown to whoever chose the word.
 */
static inline uint64_t hash_join(const struct hash_key *key, uint64_t digest, uint64_t word)
{
	__extension__ const unsigned __int128 product =
		(unsigned __int128)(digest ^ key->k0) * (word ^ key->k1);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * Words joined one after the other, for a fifth of what a SipHash of them costs, and good enough for the
 * same reason: it begins with a digest that nobody knows, or with half of the key.
 */
struct hash_chain {
	struct hash_key key;
	uint64_t digest;
};

/* It begins with half of the key. */
static inline struct hash_chain chain_begin(const struct hash_key *key)
{
	return (struct hash_chain){*key, key->k1};
}

static inline void chain_word(struct hash_chain *c, uint64_t word)
{
	c->digest = hash_join(&c->key, c->digest, word);
}

/* The bytes, but not how many. */
static inline void chain_bytes(struct hash_chain *c, const uint8_t *bytes, size_t len)
{
	for (; len >= 8; bytes += 8, len -= 8)
		chain_word(c, hash_word_of(bytes, 8));
	if (len > 0)
		chain_word(c, hash_word_of(bytes, len));
}

/*
 * Spreads two words with no key. For tables alone where whoever makes keys fall together wins
 * nothing but that he is served more slowly, at a bounded cost.
 */
static inline uint64_t hash_spread(uint64_t a, uint64_t b)
{
	const struct hash_key constant = {0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f};

	return hash_join(&constant, a, b);
}
#else
struct hash_chain {
	struct hash_key key;
	uint64_t digest;
};
uint64_t hash_join(const struct hash_key *key, uint64_t digest, uint64_t word);
struct hash_chain chain_begin(const struct hash_key *key);
void chain_word(struct hash_chain *c, uint64_t word);
void chain_bytes(struct hash_chain *c, const uint8_t *bytes, size_t len);
#endif
