/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cisco_tlv.h - the values of CDP, DTP, PAgP and UDLD: a type and a length of two bytes each, and
 * the length counts these four too.
 */
#pragma once

#include "observe/observer.h"

enum { CISCO_TLV_HEAD = 4 };

struct cisco_tlv {
	uint16_t type;
	struct cur value;
};

/* The next value; a length below its own head makes `in` bad. */
static inline struct cisco_tlv cisco_tlv_next(struct cur *in)
{
	struct cisco_tlv v;

	v.type = cur_be16(in);
	const uint16_t len = cur_be16(in);
	if (len < CISCO_TLV_HEAD)
		cur_fail(in);
	v.value = cur_sub(in, len < CISCO_TLV_HEAD ? 0u : (uint32_t)len - CISCO_TLV_HEAD);
	return v;
}
