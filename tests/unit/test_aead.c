/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_aead.c - keys and seals are those of RFC 9001, A.1 and of the GCM specification's test case
 * 4.
 */
#include "base/aead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

static size_t hex(const char *text, uint8_t *out)
{
	size_t n = 0;

	for (; text[2 * n]; n++) {
		const char digits[] = {text[2 * n], text[2 * n + 1], 0};
		out[n] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return n;
}

static void bytes_are(const uint8_t *bytes, const char *text)
{
	uint8_t want[128];

	assert_memory_equal(bytes, want, hex(text, want));
}

static void keys_are_those_of_quic(void **state)
{
	uint8_t salt[20], id[8], initial[SECRET_LEN], client[SECRET_LEN], out[SECRET_LEN];
	struct hkdf secret;

	(void)state;
	hkdf_extract(salt, hex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a", salt), id,
	             hex("8394c8f03e515708", id), initial);
	bytes_are(initial, "7db5df06e7a69e432496adedb00851923595221596ae2ae9fb8115c1e9ed0a44");
	hkdf_begin(&secret, initial, sizeof initial);
	hkdf_expand_label(&secret, "client in", client, sizeof client);
	bytes_are(client, "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea");
	hkdf_begin(&secret, client, sizeof client);
	hkdf_expand_label(&secret, "quic key", out, 16);
	bytes_are(out, "1f369613dd76d5467730efcbe3b1a22d");
	hkdf_expand_label(&secret, "quic iv", out, 12);
	bytes_are(out, "fa044b2f42a3fd3b46fb255c");
	hkdf_expand_label(&secret, "quic hp", out, 16);
	bytes_are(out, "9f50449e04a0e810283a1e9933adedd2");
}

/* FIPS 197, C.1 */
static void block_is_aes(void **state)
{
	uint8_t key[16], in[16], out[16];

	(void)state;
	(void)hex("000102030405060708090a0b0c0d0e0f", key);
	(void)hex("00112233445566778899aabbccddeeff", in);
	aes128_block(key, in, out);
	bytes_are(out, "69c4e0d86a7b0430d8cdb78070b4c55a");
	aes128_unblock(key, out, out);
	assert_memory_equal(out, in, sizeof in);
}

static void opens_what_was_sealed_and_nothing_else(void **state)
{
	uint8_t key[16], nonce[12], ad[20], in[76], out[60] = {0}, untouched[60] = {0};

	(void)state;
	(void)hex("feffe9928665731c6d6a8f9467308308", key);
	(void)hex("cafebabefacedbaddecaf888", nonce);
	(void)hex("feedfacedeadbeeffeedfacedeadbeefabaddad2", ad);
	const size_t len = hex("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	                       "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
	                       "5bc94fbc3221a5db94fae95ae7121a47",
	                       in);
	for (size_t i = 0; i < len; i++) {
		in[i] ^= 0x40;
		assert_false(aes128_gcm_open(key, nonce, ad, sizeof ad, in, len, out));
		in[i] ^= 0x40;
	}
	assert_false(aes128_gcm_open(key, nonce, ad, sizeof ad - 1, in, len, out));
	assert_false(aes128_gcm_open(key, nonce, ad, sizeof ad, in, 15, out));
	assert_memory_equal(out, untouched, sizeof out);
	assert_true(aes128_gcm_open(key, nonce, ad, sizeof ad, in, len, out));
	bytes_are(out, "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	               "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

/* Sealed by OpenSSL: key, nonce and all bytes follow from the length. */
static void seal(size_t len, uint8_t key[16], uint8_t nonce[12], uint8_t *ad, size_t ad_len,
                 uint8_t *plain, uint8_t *sealed)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;

	for (size_t i = 0; i < 16; i++)
		key[i] = nonce[i % 12] = (uint8_t)(len * 7 + i * 31);
	for (size_t i = 0; i < ad_len; i++)
		ad[i] = (uint8_t)(len * 3 + i);
	for (size_t i = 0; i < len; i++)
		plain[i] = (uint8_t)(len + i * i * 13);
	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, nonce), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &n, ad, (int)ad_len), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, sealed, &n, plain, (int)len), 1);
	assert_int_equal(EVP_EncryptFinal_ex(ctx, sealed + len, &n), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, 16, sealed + len), 1);
	EVP_CIPHER_CTX_free(ctx);
}

static void both_ways_open_what_another_sealed(void **state)
{
	uint8_t key[16], nonce[12], ad[64], plain[1300], sealed[1316], out[1300];

	(void)state;
	for (size_t len = 0; len < sizeof plain; len += len < 70 ? 1 : 111) {
		const size_t ad_len = len * 5 % sizeof ad;
		seal(len, key, nonce, ad, ad_len, plain, sealed);
		assert_true(
			aes128_gcm_open_by_tables(key, nonce, ad, ad_len, sealed, len + 16, out));
		assert_memory_equal(out, plain, len);
		memset(out, 0, sizeof out);
		assert_true(aes128_gcm_open(key, nonce, ad, ad_len, sealed, len + 16, out));
		assert_memory_equal(out, plain, len);
		sealed[len * 11 % (len + 16)] ^= 1;
		assert_false(aes128_gcm_open(key, nonce, ad, ad_len, sealed, len + 16, out));
		assert_false(
			aes128_gcm_open_by_tables(key, nonce, ad, ad_len, sealed, len + 16, out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_those_of_quic),
		cmocka_unit_test(block_is_aes),
		cmocka_unit_test(opens_what_was_sealed_and_nothing_else),
		cmocka_unit_test(both_ways_open_what_another_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
