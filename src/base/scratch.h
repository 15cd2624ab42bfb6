/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scratch.h - a task's second buffer: bytes that do not lie in the packet as they are meant.
 *
 * A message out of several pieces, a base64 field, a decrypted payload: the engine's code
 * puts the bytes here and reads them with a cursor, so that the same proved parsers serve
 * them. Each task owns one; it lives as long as the task and is reset for each use. A cursor
 * from scratch_cursor() is good until the next scratch_reset().
 *
 * What does not fit whole is refused whole: nothing is added then, and the function says
 * false. Bytes cut at a place that no sender chose would make a wrong fact.
 */
#pragma once

#include "base/attr.h"
#include "base/cursor.h"

#define SCRATCH_MAX 16384u

struct scratch {
	uint32_t len;
	uint8_t bytes[SCRATCH_MAX];
};

void scratch_reset(struct scratch *s) NONNULL;

/* Adds one byte. */
bool scratch_put(struct scratch *s, uint8_t b) MUST_CHECK NONNULL;

/* Adds all that is left of the window, and reads it. False too when the window is bad. */
bool scratch_add(struct scratch *s, struct cur *c) MUST_CHECK NONNULL;

/* Adds what the window says in base64 (RFC 4648, 4), up to its end or the first '='. False,
 * and the window bad, at a byte outside the alphabet or at a lone digit at the end. */
bool scratch_base64(struct scratch *s, struct cur *c) MUST_CHECK NONNULL;

/* Adds n bytes that the caller writes at once, for ciphers and inflaters; NULL: no room. */
uint8_t *scratch_room(struct scratch *s, uint32_t n) MUST_CHECK NONNULL;

/* All bytes added so far. */
struct cur scratch_cursor(const struct scratch *s) NONNULL;
