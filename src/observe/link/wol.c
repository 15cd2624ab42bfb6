/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wol.c - Wake-on-LAN: who wakes whom.
 *
 * Six bytes of ones, then sixteen times the address of the device to wake (AMD, Magic Packet),
 * anywhere in a frame; here at the start of its own ethertype, and of datagrams to the discard
 * and echo ports. The sleeping device says nothing; that somebody wakes it is told of the
 * sender. A password may follow: never told.
 */
#include "observe/observer.h"

enum { WOL_TIMES = 16 };

struct wol {
	struct mac target;
};

static bool wol_parse(struct cur *in, struct wol *w)
{
	const uint32_t ones = cur_be32(in);
	const uint16_t more = cur_be16(in);
	bool same = true;

	cur_mac(in, &w->target);
	for (unsigned i = 1; i < WOL_TIMES; i++) {
		struct mac again;
		cur_mac(in, &again);
		same = same && mac_equal(again, w->target);
	}
	return cur_ok(in) && ones == 0xffffffff && more == 0xffff && same;
}

static enum verdict wol_packet(struct task *t, struct packet *p, void *state)
{
	struct wol w = {0};
	char text[MAC_TEXT];

	(void)state;
	if (!wol_parse(&p->rest, &w))
		return NOT_MINE;
	if (!mac_is_device(w.target))
		return NOTHING;
	tell_word(t, p, sender(p), FACT_WOL_TARGET, mac_format(w.target, text));
	return LEARNED;
}

SHOW(wol, struct wol, FIELD(struct wol, target, SHOW_MAC))

const struct observer observer_wol = {
	.name = "wol",
	.about = "who wakes whom",
	.spec = "Magic Packet (AMD 20213)",
	.claims = CLAIMS({ETHERTYPE, 0x0842, NULL}, {UDP_PORT, 7, NULL}, {UDP_PORT, 9, NULL}),
	.tells = TELLS({FACT_WOL_TARGET, SAYS, 90}),
	.shows = SHOWS(&wol_show),
	.packet = wol_packet,
};

PROVE(wol_parse, struct wol)
