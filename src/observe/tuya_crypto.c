/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tuya_crypto.c - the key of all appliances, and the two ways it is used.
 */
#include "observe/tuya_crypto.h"

#include "base/aead.h"

enum { TUYA_SEALED_MAX = 2048, TUYA_TAG = 16 };

/* MD5 of "yGAdlopoPVldABfn" */
static const uint8_t tuya_key[AES_BLOCK] = {0x6c, 0x1e, 0xc8, 0xe2, 0xbb, 0x9b, 0xb5, 0x9a,
                                            0xb5, 0x0b, 0x0d, 0xaf, 0x64, 0x9b, 0x41, 0x0a};

/* How many bytes the last block was filled up with; 0: it was not so. */
static uint32_t tuya_padding(const uint8_t *text, uint32_t len)
{
	const uint8_t padding = text[len - 1];

	if (padding == 0 || padding > AES_BLOCK)
		return 0;
	for (uint32_t i = 1; i <= padding; i++)
		if (text[len - i] != padding)
			return 0;
	return padding;
}

bool tuya_open_blocks(struct cur sealed, struct scratch *out)
{
	const uint32_t len = cur_left(&sealed);
	const uint8_t *in = cur_bytes(&sealed);

	if (len == 0 || len % AES_BLOCK != 0 || len > TUYA_SEALED_MAX)
		return false;
	uint8_t *text = scratch_room(out, len);
	if (text == NULL)
		return false;
	for (uint32_t at = 0; at < len; at += AES_BLOCK)
		aes128_unblock(tuya_key, in + at, text + at);
	const uint32_t padding = tuya_padding(text, len);
	out->len -= padding;
	return padding > 0;
}

bool tuya_open_sealed(struct cur header, struct cur sealed, struct scratch *out)
{
	const uint32_t len = cur_left(&sealed);
	const uint8_t *in = cur_bytes(&sealed);

	if (len <= AES_NONCE + TUYA_TAG || len > TUYA_SEALED_MAX)
		return false;
	uint8_t *text = scratch_room(out, len - AES_NONCE - TUYA_TAG);
	return text != NULL && aes128_gcm_open(tuya_key, in, cur_bytes(&header), cur_left(&header),
	                                       in + AES_NONCE, len - AES_NONCE, text);
}
