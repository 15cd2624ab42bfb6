/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protobuf.h - walks the fields of a Protocol Buffers message, as some programs announce
 * themselves with: a field's number and wire type in a varint, then its value.
 */
#pragma once

#include "observe/observer.h"

struct protobuf_field {
	uint32_t field;    /* its number */
	uint64_t number;   /* of a varint; of the others 0 */
	struct cur window; /* of a length-delimited value; of fixed ones their bytes */
	bool is_window;    /* length-delimited: a text, bytes or a message */
};

/* Seven bits a byte, the lowest first, ten bytes at most. */
static inline uint64_t protobuf_varint(struct cur *in)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < 10; i++) {
		const uint8_t b = cur_u8(in);
		if (i < 9)
			number |= (uint64_t)(b % 128u) << (7 * i);
		if (b < 128)
			return cur_ok(in) ? number : 0;
	}
	cur_fail(in);
	return 0;
}

/* The next field; wire types 3, 4, 6 and 7, and the field number 0, make the cursor bad. */
static inline struct protobuf_field protobuf_next(struct cur *in)
{
	struct protobuf_field f = {0};
	const uint64_t tag = protobuf_varint(in);

	f.field = (uint32_t)(tag / 8 % 536870912u);
	f.window = cur_sub(in, 0);
	if (tag % 8 == 0) {
		f.number = protobuf_varint(in);
	} else if (tag % 8 == 1) {
		f.window = cur_sub(in, 8);
	} else if (tag % 8 == 2) {
		const uint64_t len = protobuf_varint(in);
		f.window = cur_sub(in, len < CUR_MAX ? (uint32_t)len : CUR_MAX);
		f.is_window = true;
	} else if (tag % 8 == 5) {
		f.window = cur_sub(in, 4);
	} else {
		cur_fail(in);
	}
	if (f.field == 0)
		cur_fail(in);
	return f;
}
