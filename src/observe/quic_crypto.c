/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic_crypto.c - Initial keys by version, header and packet protection (RFC 9001, 5; RFC 9369,
 * 3.3).
 *
 * The drafts differ in their salts alone (draft-ietf-quic-tls-27 and -29, 5.2). A packet number
 * is taken as it stands: an Initial's is small.
 */
#include "observe/quic_crypto.h"

#include "base/aead.h"

#include <string.h>

enum { NUMBER_MAX = 4, SAMPLE_AT = 4, HEADER_MAX = 1400 };

#define LABELS_1 "quic key", "quic iv", "quic hp"
#define LABELS_2 "quicv2 key", "quicv2 iv", "quicv2 hp"
#define SALT_1                                                                                \
	{                                                                                     \
		0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, \
			0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a                              \
	}
#define SALT_2                                                                                \
	{                                                                                     \
		0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, \
			0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9                              \
	}
#define SALT_29                                                                               \
	{                                                                                     \
		0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, \
			0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99                              \
	}
#define SALT_23                                                                               \
	{                                                                                     \
		0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, \
			0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02                              \
	}
#define SALT_Q050                                                                             \
	{                                                                                     \
		0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94, 0x5c, 0xfc, 0xdb, \
			0xd3, 0xa7, 0xf0, 0xd3, 0xb5, 0x6b, 0x45                              \
	}
#define SALT_T050                                                                             \
	{                                                                                     \
		0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, \
			0xa2, 0x36, 0x7c, 0x60, 0x48, 0x83, 0x10                              \
	}
#define SALT_T051                                                                             \
	{                                                                                     \
		0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, \
			0x4f, 0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d                              \
	}

/* clang-format off */
static const struct quic_version versions[] = {
	{0x00000001, "1",        0, false, SALT_1,    LABELS_1},
	{0x6b3343cf, "2",        1, false, SALT_2,    LABELS_2},
	{0xff00001b, "draft-27", 0, false, SALT_23,   LABELS_1},
	{0xff00001c, "draft-28", 0, false, SALT_23,   LABELS_1},
	{0xff00001d, "draft-29", 0, false, SALT_29,   LABELS_1},
	{0xff00001e, "draft-30", 0, false, SALT_29,   LABELS_1},
	{0xff00001f, "draft-31", 0, false, SALT_29,   LABELS_1},
	{0xff000020, "draft-32", 0, false, SALT_29,   LABELS_1},
	{0xff000017, "draft-23", 0, false, SALT_23,   LABELS_1},
	{0xff000018, "draft-24", 0, false, SALT_23,   LABELS_1},
	{0xff000019, "draft-25", 0, false, SALT_23,   LABELS_1},
	{0xff00001a, "draft-26", 0, false, SALT_23,   LABELS_1},
	{0xfaceb002, "mvfst-2",  0, false, SALT_23,   LABELS_1},
	{0xfaceb00e, "mvfst-e",  0, false, SALT_23,   LABELS_1},
	{0x51303530, "Q050",     0, true,  SALT_Q050, LABELS_1},
	{0x54303530, "T050",     0, false, SALT_T050, LABELS_1},
	{0x54303531, "T051",     0, false, SALT_T051, LABELS_1},
};
/* clang-format on */

const struct quic_version *quic_version(uint32_t number)
{
	for (uint32_t i = 0; i < COUNT_OF(versions); i++)
		if (versions[i].number == number)
			return &versions[i];
	return NULL;
}

static void quic_keys_of(const struct quic_version *v, const uint8_t *id, uint32_t id_len,
                         const char *side, struct quic_keys *k)
{
	uint8_t initial[SECRET_LEN], secret[SECRET_LEN];
	struct hkdf h;

	hkdf_extract(v->salt, sizeof v->salt, id, id_len, initial);
	hkdf_begin(&h, initial, sizeof initial);
	hkdf_expand_label(&h, side, secret, sizeof secret);
	hkdf_begin(&h, secret, sizeof secret);
	hkdf_expand_label(&h, v->key, k->key, sizeof k->key);
	hkdf_expand_label(&h, v->iv, k->iv, sizeof k->iv);
	hkdf_expand_label(&h, v->hp, k->hp, sizeof k->hp);
}

void quic_client_keys(const struct quic_version *v, struct cur dcid, struct quic_keys *k)
{
	quic_keys_of(v, cur_bytes(&dcid), cur_left(&dcid), "client in", k);
}

void quic_server_keys(const struct quic_version *v, const uint8_t *id, uint32_t id_len,
                      struct quic_keys *k)
{
	quic_keys_of(v, id, id_len, "server in", k);
}

/* Takes the mask off the header's copy, which gets its packet number; how long that is. */
static uint32_t quic_unmask(const struct quic_keys *k, const uint8_t *sealed, uint8_t *header,
                            uint32_t header_len)
{
	uint8_t mask[AES_BLOCK];

	aes128_block(k->hp, sealed + SAMPLE_AT, mask);
	header[0] ^= mask[0] & 0x0f;
	const uint32_t number_len = (header[0] & 3u) + 1;
	for (uint32_t i = 0; i < number_len; i++)
		header[header_len + i] = sealed[i] ^ mask[1 + i];
	return number_len;
}

bool quic_open(const struct quic_keys *keys, struct cur header, struct cur sealed,
               struct scratch *out)
{
	const uint32_t header_len = cur_left(&header), len = cur_left(&sealed);
	uint8_t ad[HEADER_MAX + NUMBER_MAX];
	struct quic_keys k = *keys;

	if (header_len < 1 || header_len > HEADER_MAX || len < SAMPLE_AT + AES_BLOCK)
		return false;
	memcpy(ad, cur_bytes(&header), header_len);
	const uint32_t number_len = quic_unmask(&k, cur_bytes(&sealed), ad, header_len);
	for (uint32_t i = 0; i < number_len; i++)
		k.iv[AES_NONCE - number_len + i] ^= ad[header_len + i];
	if (len < number_len + AES_BLOCK)
		return false;
	const uint32_t plain = len - number_len - AES_BLOCK, before = out->len;
	uint8_t *room = scratch_room(out, plain);
	if (!room)
		return false;
	if (aes128_gcm_open(k.key, k.iv, ad, header_len + number_len,
	                    cur_bytes(&sealed) + number_len, len - number_len, room))
		return true;
	out->len = before;
	return false;
}

/* ---- pieces */

static bool quic_has(const struct quic_pieces *p, uint32_t at)
{
	return (p->have[at / 8] >> at % 8 & 1) != 0;
}

void quic_pieces_add(struct quic_pieces *p, uint64_t offset, struct cur data)
{
	const uint8_t *bytes = cur_bytes(&data);

	for (uint32_t i = 0; i < cur_left(&data) && offset + i < QUIC_HELLO_MAX; i++) {
		const uint32_t at = (uint32_t)offset + i;
		if (quic_has(p, at))
			continue;
		p->bytes[at] = bytes[i];
		p->have[at / 8] |= (uint8_t)(1u << at % 8);
	}
	while (p->whole < QUIC_HELLO_MAX && quic_has(p, p->whole))
		p->whole++;
}

bool quic_pieces_take(const struct quic_pieces *p, struct scratch *out)
{
	if (p->whole < 4)
		return false;
	const uint32_t len =
		4 + ((uint32_t)p->bytes[1] << 16 | (uint32_t)p->bytes[2] << 8 | p->bytes[3]);
	if (len > p->whole)
		return false;
	uint8_t *room = scratch_room(out, len);
	if (room)
		memcpy(room, p->bytes, len);
	return room != NULL;
}
