/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fingerprint.h - the names by which TLS libraries and what is built on them are known: JA3, JA3S
 * and JA4.
 *
 * A fingerprint says what a hello offers, in the order or as the set that its method takes,
 * without the numbers made up for GREASE (RFC 8701). JA4 is that of TLS clients alone.
 */
#pragma once

#include "base/attr.h"
#include "base/hash.h"
#include "base/text.h"
#include "observe/shared/tls_hello.h"

/* Adds all that the fingerprints of a hello are composed of. */
void hello_hash(struct hash_chain *hash, const struct tls_hello *h) NONNULL;

/* MD5 in hex of version, ciphers, extensions, groups and point formats of a ClientHello. */
void ja3(const struct tls_hello *h, struct text *out) NONNULL;

/* MD5 in hex of version, cipher and extensions of a ServerHello. */
void ja3s(const struct tls_hello *h, struct text *out) NONNULL;

/* HASSH and the like: MD5 in hex of these windows, a ';' between two. */
void hash_windows(const struct cur *windows, uint32_t count, struct text *out) NONNULL;

/* SHA-256 of a key. */
void key_sha256(struct cur key, uint8_t out[32]) NONNULL;

/*
 * Of a ClientHello over TCP ('t'), QUIC ('q') or in datagrams ('d'). False: it lists more than
 * anybody sorts.
 */
bool ja4(const struct tls_hello *h, char transport, struct text *out) NONNULL MUST_CHECK;
