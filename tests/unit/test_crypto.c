/* SPDX-License-Identifier: Apache-2.0 */
/* test_crypto.c - the digests are those of RFC 1321 and FIPS 180-4, whole or in pieces. */
#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void digest_is(enum digest_kind kind, const char *text, size_t piece, const char *hex)
{
	uint8_t out[DIGEST_MAX];
	char got[2 * DIGEST_MAX + 1] = "";
	struct digest d;

	digest_begin(&d, kind);
	for (size_t at = 0, left = strlen(text); left > 0;) {
		const size_t n = left < piece ? left : piece;
		digest_add(&d, text + at, n);
		at += n;
		left -= n;
	}
	const size_t len = digest_end(&d, out);
	for (size_t i = 0; i < len; i++)
		snprintf(got + 2 * i, 3, "%02x", out[i]);
	assert_string_equal(got, hex);
}

/* RFC 1321, A.5 */
static void md5_is_that_of_the_rfc(void **state)
{
	(void)state;
	digest_is(DIGEST_MD5, "", 1, "d41d8cd98f00b204e9800998ecf8427e");
	digest_is(DIGEST_MD5, "message digest", 99, "f96b697d7cb7938d525a2f31aaf161d0");
	digest_is(
		DIGEST_MD5,
		"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
		7, "57edf4a22be3c955ac49da2e2107b67a");
}

/* FIPS 180-4's examples, which NIST publishes beside it */
static void sha256_is_that_of_the_standard(void **state)
{
	(void)state;
	digest_is(DIGEST_SHA256, "abc", 99,
	          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_is(DIGEST_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 5,
	          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void one_struct_serves_both_in_turn(void **state)
{
	uint8_t out[DIGEST_MAX];
	struct digest d;

	(void)state;
	digest_begin(&d, DIGEST_SHA256);
	digest_add(&d, "left over", 9);
	digest_begin(&d, DIGEST_MD5);
	assert_int_equal(digest_end(&d, out), 16);
	assert_int_equal(out[0], 0xd4);
	digest_begin(&d, DIGEST_SHA256);
	assert_int_equal(digest_end(&d, out), 32);
	assert_int_equal(out[0], 0xe3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(md5_is_that_of_the_rfc),
		cmocka_unit_test(sha256_is_that_of_the_standard),
		cmocka_unit_test(one_struct_serves_both_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
