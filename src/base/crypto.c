/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.c - digests by OpenSSL's functions that work on the caller's memory. */
#define OPENSSL_API_COMPAT 0x10100000L /* they are out of favour since 3.0, not gone */

#include "base/crypto.h"

#include <assert.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

static_assert(sizeof(MD5_CTX) <= sizeof((struct digest *)0)->state, "MD5 has no room");
static_assert(sizeof(SHA256_CTX) <= sizeof((struct digest *)0)->state, "SHA-256 has no room");

static MD5_CTX *digest_md5(struct digest *d)
{
	return (MD5_CTX *)(void *)d->state;
}

static SHA256_CTX *digest_sha256(struct digest *d)
{
	return (SHA256_CTX *)(void *)d->state;
}

void digest_begin(struct digest *d, enum digest_kind kind)
{
	d->kind = kind;
	const int begun =
		kind == DIGEST_MD5 ? MD5_Init(digest_md5(d)) : SHA256_Init(digest_sha256(d));

	assert(begun == 1);
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
	const int added = d->kind == DIGEST_MD5 ? MD5_Update(digest_md5(d), bytes, len)
	                                        : SHA256_Update(digest_sha256(d), bytes, len);

	assert(added == 1);
}

size_t digest_end(struct digest *d, uint8_t out[DIGEST_MAX])
{
	const int ended = d->kind == DIGEST_MD5 ? MD5_Final(out, digest_md5(d))
	                                        : SHA256_Final(out, digest_sha256(d));

	assert(ended == 1);
	return d->kind == DIGEST_MD5 ? MD5_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;
}
