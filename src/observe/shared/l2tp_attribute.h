/* SPDX-License-Identifier: Apache-2.0 */
/*
 * l2tp_attribute.h - the attributes of L2TP's control messages, alike in versions 2 and 3.
 *
 * Each has six bytes before its value: two flags and its length, a vendor, a type (RFC 2661, 4.1; RFC
 * 3931, 5.1). Those of the IETF have vendor 0. A hidden one is encrypted.
 */
#pragma once

#include "observe/observer.h"

enum { L2TP_HIDDEN = 0x4000, L2TP_ATTRIBUTE_HEAD = 6, L2TP_HOST = 7, L2TP_VENDOR = 8 };

struct l2tp_attribute {
	bool hidden;
	uint16_t vendor, type;
	struct cur value;
};

static inline struct l2tp_attribute l2tp_attribute_next(struct cur *in)
{
	const uint16_t head = cur_be16(in);
	const uint32_t len = head & 0x03ffu;
	struct l2tp_attribute a;

	a.hidden = (head & L2TP_HIDDEN) != 0;
	a.vendor = cur_be16(in);
	a.type = cur_be16(in);
	if (len < L2TP_ATTRIBUTE_HEAD)
		cur_fail(in);
	a.value = cur_sub(in, len < L2TP_ATTRIBUTE_HEAD ? 0 : len - L2TP_ATTRIBUTE_HEAD);
	return a;
}

/* Are all of them whole? Counts them. */
static inline bool l2tp_attributes_judge(struct cur rest, uint32_t *count)
{
	while (cur_more(&rest)) {
		const struct l2tp_attribute a = l2tp_attribute_next(&rest);
		(void)a;
		*count += 1;
	}
	return cur_ok(&rest);
}

/* Names of the sender's. */
static inline void l2tp_tell_name(struct task *t, const struct packet *p, struct l2tp_attribute *a)
{
	if (a->type == L2TP_HOST)
		tell_text(t, p, sender(p), FACT_L2TP_HOST, cur_token(&a->value, "\0"));
	if (a->type == L2TP_VENDOR)
		tell_text(t, p, sender(p), FACT_L2TP_VENDOR, cur_token(&a->value, "\0"));
}
