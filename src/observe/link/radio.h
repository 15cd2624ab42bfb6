/* SPDX-License-Identifier: Apache-2.0 */
/*
 * radio.h - what drivers put before an 802.11 frame: radiotap, PPI, Prism and AVS.
 *
 * These headers are about the reception, not about devices. Needed is where they end, whether a
 * frame check sequence stands behind the frame, and whether it was wrong: what such a frame says
 * is not true of anybody.
 */
#pragma once

#include "observe/observer.h"

enum { LINKTYPE_WLAN = 105, RADIO_FCS_LEN = 4 };

struct radio {
	uint32_t length; /* of the header */
	uint32_t linktype;
	bool fcs, damaged;
};

static inline enum verdict radio_forward(struct task *t, struct packet *p, const struct radio *r)
{
	if (r->damaged)
		return NOTHING;
	if (r->fcs && !p->cut && cur_left(&p->rest) >= RADIO_FCS_LEN)
		cur_cut(&p->rest, cur_left(&p->rest) - RADIO_FCS_LEN);
	forward(t, p, LINKTYPE, r->linktype);
	return LEARNED;
}
