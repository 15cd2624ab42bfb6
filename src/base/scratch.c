/* SPDX-License-Identifier: Apache-2.0 */
/* scratch.c - a task's second buffer. Beside the capture, the only maker of cursors. */
#include "base/scratch.h"

#include <string.h>

void scratch_reset(struct scratch *s)
{
	s->len = 0;
}

uint8_t *scratch_room(struct scratch *s, uint32_t n)
{
	if (n > SCRATCH_MAX - s->len)
		return NULL;
	uint8_t *const room = s->bytes + s->len;
	s->len += n;
	return room;
}

bool scratch_put(struct scratch *s, uint8_t b)
{
	uint8_t *const room = scratch_room(s, 1);

	if (!room)
		return false;
	*room = b;
	return true;
}

bool scratch_add(struct scratch *s, struct cur *c)
{
	const uint32_t n = cur_left(c);

	if (n == 0)
		return cur_ok(c);
	uint8_t *const room = scratch_room(s, n);
	if (!room)
		return false;
	memcpy(room, cur_bytes(c), n);
	cur_skip(c, n);
	return true;
}

/* The value of a base64 digit; 64 for any other byte. */
static uint32_t base64_digit(uint8_t b)
{
	if (b >= 'A' && b <= 'Z')
		return b - (uint32_t)'A';
	if (b >= 'a' && b <= 'z')
		return b - (uint32_t)'a' + 26;
	if (b >= '0' && b <= '9')
		return b - (uint32_t)'0' + 52;
	if (b == '+')
		return 62;
	return b == '/' ? 63 : 64;
}

/* Six bits a digit gather in `bits`; each time eight are there, a byte leaves. */
static bool base64_decode(struct scratch *s, struct cur *c)
{
	uint32_t bits = 0, count = 0;

	while (cur_more(c) && cur_peek8(c) != '=') {
		const uint32_t digit = base64_digit(cur_u8(c));
		if (digit == 64)
			return false;
		bits = (bits << 6 | digit) & 0xffff;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		if (!scratch_put(s, (uint8_t)(bits >> count & 0xff)))
			return false;
	}
	return cur_ok(c) && count < 6;
}

bool scratch_base64(struct scratch *s, struct cur *c)
{
	const uint32_t before = s->len;

	if (base64_decode(s, c))
		return true;
	s->len = before;
	cur_fail(c);
	return false;
}

struct cur scratch_cursor(const struct scratch *s)
{
	return cur_make(s->bytes, s->len);
}
