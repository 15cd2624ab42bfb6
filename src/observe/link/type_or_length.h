/* SPDX-License-Identifier: Apache-2.0 */
/*
 * type_or_length.h - the two bytes after the addresses, or after a tag (IEEE 802.3, 3.2.6).
 *
 * From 1536 on they are an ethertype. Up to 1500 they are a length: what follows is LLC, and
 * what lies beyond the length is padding. Between the two they are neither.
 */
#pragma once

#include "observe/observer.h"

enum { LENGTH_MAX = 1500, FIRST_ETHERTYPE = 0x0600 };

/* Forwards what follows; p->cut is then true only if bytes of it are missing. */
static inline enum verdict forward_type_or_length(struct task *t, struct packet *p, uint16_t n)
{
	if (n >= FIRST_ETHERTYPE) {
		forward(t, p, ETHERTYPE, n);
		return LEARNED;
	}
	if (n > LENGTH_MAX)
		return MALFORMED;
	p->cut = cur_left(&p->rest) < n;
	cur_cut(&p->rest, n);
	forward(t, p, ETHERTYPE, ETHERTYPE_LLC);
	return LEARNED;
}
