/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tuya_crypto.h - opens what Tuya's appliances broadcast of themselves.
 *
 * The key is the same in all of them, and has been public for long: the MD5 of a constant. It keeps
 * nothing secret, but what opens with it, its padding or its tag right, was meant as one.
 */
#pragma once

#include "base/attr.h"
#include "base/cursor.h"
#include "base/scratch.h"

/* AES-128 block by block, padded by bytes that say how many they are (protocols 3.2 to 3.4). */
bool tuya_open_blocks(struct cur sealed, struct scratch *out) NONNULL MUST_CHECK;

/* AES-128-GCM: 12 bytes of nonce, the text, 16 bytes of tag; `header` is sealed too (3.5). */
bool tuya_open_sealed(struct cur header, struct cur sealed, struct scratch *out) NONNULL MUST_CHECK;
