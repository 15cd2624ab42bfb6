/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llc.c - what follows a length instead of an ethertype: IEEE 802.2 LLC, and SNAP inside it.
 *
 * SNAP names a protocol by an organisation and a number. Two organisations mean ethertypes:
 * 000000 (RFC 1042), and 0000f8, under which bridges carry those that 802.1H keeps apart.
 *
 * Novell's "raw 802.3" has no LLC at all: IPX follows the length at once, and its checksum,
 * always ffff, stands where the two access points would. It is IPX, not a damaged LLC.
 */
#include "observe/link/type_or_length.h"

enum { LLC_SNAP = 0xaa, LLC_RAW_IPX = 0xff, LLC_UNNUMBERED = 3, ETHERTYPE_IPX = 0x8137 };
enum { OUI_ETHERTYPE = 0x000000, OUI_BRIDGED = 0x0000f8 };

struct llc {
	bool raw_ipx; /* all else is not there then, and nothing is read off */
	uint8_t dsap, ssap;
	uint16_t control; /* one byte in unnumbered frames, two in all others */
	bool snap;
	uint32_t oui;
	uint16_t pid;
};

static bool llc_parse(struct cur *in, struct llc *l)
{
	const uint32_t at = cur_pos(in);

	l->dsap = cur_u8(in);
	l->ssap = cur_u8(in);
	l->raw_ipx = l->dsap == LLC_RAW_IPX && l->ssap == LLC_RAW_IPX;
	if (l->raw_ipx) {
		cur_seek(in, at);
		return cur_ok(in);
	}
	l->control = (cur_peek8(in) & 3) == LLC_UNNUMBERED ? cur_u8(in) : cur_be16(in);
	l->snap = l->dsap == LLC_SNAP && l->ssap == LLC_SNAP && l->control == LLC_UNNUMBERED;
	if (l->snap) {
		l->oui = cur_be24(in);
		l->pid = cur_be16(in);
	}
	return cur_ok(in);
}

static enum verdict llc_snap(struct task *t, struct packet *p, const struct llc *l)
{
	if (l->oui != OUI_ETHERTYPE && l->oui != OUI_BRIDGED)
		forward(t, p, SNAP, (uint64_t)l->oui << 16 | l->pid);
	else if (l->pid >= FIRST_ETHERTYPE)
		forward(t, p, ETHERTYPE, l->pid);
	else
		return MALFORMED;
	return LEARNED;
}

static enum verdict llc_packet(struct task *t, struct packet *p, void *state)
{
	struct llc l = {0};

	(void)state;
	if (!llc_parse(&p->rest, &l))
		return MALFORMED;
	if (l.raw_ipx) {
		forward(t, p, ETHERTYPE, ETHERTYPE_IPX);
		return LEARNED;
	}
	if (l.snap)
		return llc_snap(t, p, &l);
	forward(t, p, LLC, l.dsap);
	return LEARNED;
}

SHOW(llc, struct llc, FIELD(struct llc, raw_ipx, SHOW_BOOL), FIELD(struct llc, dsap, SHOW_HEX),
     FIELD(struct llc, ssap, SHOW_HEX), FIELD(struct llc, control, SHOW_HEX),
     FIELD(struct llc, snap, SHOW_BOOL), FIELD(struct llc, oui, SHOW_HEX),
     FIELD(struct llc, pid, SHOW_HEX))

const struct observer observer_llc = {
	.name = "llc",
	.about = "802.2 LLC and SNAP",
	.spec = "IEEE 802.2, RFC 1042, IEEE 802.1H",
	.claims = CLAIMS({ETHERTYPE, ETHERTYPE_LLC, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&llc_show),
	.packet = llc_packet,
};

PROVE(llc_parse, struct llc)
