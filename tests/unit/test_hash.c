/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_hash.c - the keyed hash is SipHash-1-3, whole or in pieces.
 */
#include "base/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LONGEST 300

static uint8_t message[LONGEST]; /* 00 01 02 .. as in the paper's vectors */

static int fill_message(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LONGEST; i++)
		message[i] = (uint8_t)(i & 0xff);
	return 0;
}

/* SipHash by the crypto library: another's code, the same algorithm. */
static uint64_t theirs(const struct hash_key *key, size_t len)
{
	size_t size = 8, out_len = 0;
	unsigned c = 1, d = 3;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint("c-rounds", &c),
		OSSL_PARAM_construct_uint("d-rounds", &d),
		OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *const mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *const ctx = EVP_MAC_CTX_new(mac);
	uint64_t out = 0; /* little-endian, as this test's machine */

	assert_non_null(ctx);
	assert_true(EVP_MAC_init(ctx, (const unsigned char *)key, sizeof *key, params) == 1);
	assert_true(EVP_MAC_update(ctx, message, len) == 1);
	assert_true(EVP_MAC_final(ctx, (unsigned char *)&out, &out_len, sizeof out) == 1);
	assert_int_equal(out_len, sizeof out);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return out;
}

/* Key 00..0f, message 00..(len-1). */
static void the_vectors_of_siphash_1_3_hold(void **state)
{
	static const uint64_t vectors[] = {
		0xabac0158050fc4dc, 0xc9f49bf37d57ca93, 0x82cb9b024dc7d44d, 0x8bf80ab8e7ddf7fb,
		0xcf75576088d38328, 0xdef9d52f49533b67, 0xc50d2b50c59f22a7, 0xd3927d989bb11140,
		0x369095118d299a8e, 0x25a48eb36c063de4, 0x79de85ee92ff097f, 0x70c118c1f94dc352,
		0x78a384b157b4d9a2, 0x306f760c1229ffa7, 0x605aa111c0f95d34, 0xd320d86d2a519956,
		0xcc4fdd1a7d908b66, 0x9cf2689063dbd80c, 0x8ffc389cb473e63e, 0xf21f9de58d297d1c,
		0xc0dc2f46a6cce040, 0xb992abfe2b45f844, 0x7ffe7b9ba320872e, 0x525a0e7fdae6c123,
		0xf464aeb267349c8c, 0x45cd5928705b0979, 0x3a3e35e3ca9913a5, 0xa91dc74e4ade3b35,
		0xfb0bed02ef6cd00d, 0x88d93cb44ab1e1f4, 0x540f11d643c5e663, 0x2370dd1f8c21d1bc,
		0x81157b6c16a7b60d, 0x4d54b9e57a8ff9bf, 0x759f12781f2a753e, 0xcea1a3bebf186b91,
		0x2cf508d3ada26206, 0xb6101c2da3c33057, 0xb3f47496ae3a36a1, 0x626b57547b108392,
		0xc1d2363299e41531, 0x667cc1923f1ad944, 0x65704ffec8138825, 0x24f280d1c28949a6,
		0xc2ca1cedfaf8876b, 0xc2164bfc9f042196, 0xa16e9c9368b1d623, 0x49fb169c8b5114fd,
		0x9f3143f8df074c46, 0xc6fdaf2412cc86b3, 0x7eaf49d10a52098f, 0x1cf313559d292f9a,
		0xc44a30dda2f41f12, 0x36fae98943a71ed0, 0x318fb34c73f0bce6, 0xa27abf3670a7e980,
		0xb4bcc0db243c6d75, 0x23f8d852fdb71513, 0x8f035f4da67d8a08, 0xd89cd0e5b7e8f148,
		0xf6f4e6bcf7a644ee, 0xaec59ad80f1837f2, 0xc3b2f6154b6694e0, 0x9d199062b7bbb3a8,
	};
	const struct hash_key key = hash_key_fixed();

	(void)state;
	for (size_t len = 0; len < COUNT_OF(vectors); len++)
		assert_int_equal(hash64(&key, message, len), vectors[len]);
}

static void every_length_agrees_with_another_implementation(void **state)
{
	struct hash_key key;

	(void)state;
	assert_int_equal(hash_key_random(&key), 0);
	for (size_t len = 0; len <= LONGEST; len++)
		assert_int_equal(hash64(&key, message, len), theirs(&key, len));
}

static void pieces_hash_as_the_whole(void **state)
{
	const struct hash_key key = hash_key_fixed();

	(void)state;
	srandom(1);
	for (unsigned round = 0; round < 5000; round++) {
		const size_t len = (size_t)random() % (LONGEST + 1);
		struct hash h = hash_init(&key);
		for (size_t at = 0; at < len;) {
			const size_t n = 1 + (size_t)random() % (len - at < 20 ? len - at : 20);
			uint64_t word;
			memcpy(&word, message + (n == 8 ? at : 0), sizeof word);
			if (n == 8 && random() % 2 == 0)
				hash_u64(&h, word);
			else
				hash_bytes(&h, message + at, n);
			at += n;
		}
		assert_int_equal(hash_end(&h), hash64(&key, message, len));
	}
}

static void nothing_added_changes_nothing(void **state)
{
	const struct hash_key key = hash_key_fixed();
	struct hash h = hash_init(&key);

	(void)state;
	hash_bytes(&h, "abc", 3);
	hash_bytes(&h, "", 0);
	assert_int_equal(hash_end(&h), hash64(&key, "abc", 3));
}

static void random_keys_differ(void **state)
{
	struct hash_key a, b;

	(void)state;
	assert_int_equal(hash_key_random(&a), 0);
	assert_int_equal(hash_key_random(&b), 0);
	assert_true(a.k0 != b.k0 && a.k1 != b.k1);
	assert_true(hash64(&a, "x", 1) != hash64(&b, "x", 1));
}

static void words_hash_as_their_sequence(void **state)
{
	const struct hash_key key = hash_key_fixed();
	const uint64_t words[6] = {1, 0, UINT64_MAX, 0x0123456789abcdef, 4, 5};

	(void)state;
	for (unsigned count = 0; count <= 6; count++) {
		struct hash h = hash_init(&key);

		for (unsigned i = 0; i < count; i++)
			hash_u64(&h, words[i]);
		assert_true(hash_words(&key, words, count) == hash_end(&h));
	}
}

/* 64 digests by 1,024 words, most of them small and alike, fall into 20 bits as at random. */
static void joined_digests_are_apart(void **state)
{
	enum { DIGESTS = 64, WORDS = 1024, PLACES = 1 << 20 };
	const struct hash_key key = hash_key_fixed();
	uint16_t *const places = calloc(PLACES, sizeof *places);
	unsigned most = 0;

	(void)state;
	assert_non_null(places);
	for (uint64_t d = 0; d < DIGESTS; d++) {
		const uint64_t digest = hash_words(&key, &d, 1);

		for (uint64_t w = 0; w < WORDS; w++) {
			const uint64_t joined = hash_join(&key, digest, w << (w % 5) * 8);
			const unsigned n = ++places[joined % PLACES];

			most = n > most ? n : most;
		}
	}
	free(places);
	assert_in_range(most, 1, 6); /* 65,536 in 1,048,576 places at random: four or five */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_siphash_1_3_hold),
		cmocka_unit_test(every_length_agrees_with_another_implementation),
		cmocka_unit_test(pieces_hash_as_the_whole),
		cmocka_unit_test(nothing_added_changes_nothing),
		cmocka_unit_test(random_keys_differ),
		cmocka_unit_test(words_hash_as_their_sequence),
		cmocka_unit_test(joined_digests_are_apart),
	};

	return cmocka_run_group_tests(tests, fill_message, NULL);
}
