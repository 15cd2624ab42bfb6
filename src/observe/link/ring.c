/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ring.c - frames of token rings (IEEE 802.5).
 *
 * Two bytes of control, two addresses, LLC. The first bit of the sender's address says that a
 * route through bridges stands before LLC; it is no part of the address. Frames that manage the
 * ring carry no LLC, but who sent them was seen.
 */
#include "observe/observer.h"

enum { RING_LLC = 0x40, RING_KIND = 0xc0, RING_ROUTED = 0x80, RING_ROUTE_LEN = 0x1f };

struct ring {
	uint8_t control;
	struct mac destination, source;
};

static bool ring_parse(struct cur *in, struct ring *r)
{
	cur_skip(in, 1); /* access control */
	r->control = cur_u8(in);
	cur_mac(in, &r->destination);
	cur_mac(in, &r->source);
	if ((r->source.b[0] & RING_ROUTED) == 0)
		return cur_ok(in);
	r->source.b[0] &= RING_ROUTED - 1;
	const uint32_t len = cur_peek8(in) & RING_ROUTE_LEN;
	if (len < 2)
		return false;
	cur_skip(in, len);
	return cur_ok(in);
}

static enum verdict ring_packet(struct task *t, struct packet *p, void *state)
{
	struct ring r = {0};

	(void)state;
	if (!ring_parse(&p->rest, &r))
		return MALFORMED;
	p->has_mac = true;
	p->source = r.source;
	p->destination = r.destination;
	tell_seen(t, p, sender_link(p));
	if ((r.control & RING_KIND) == RING_LLC)
		forward(t, p, ETHERTYPE, ETHERTYPE_LLC);
	return LEARNED;
}

SHOW(ring, struct ring, FIELD(struct ring, control, SHOW_HEX),
     FIELD(struct ring, destination, SHOW_MAC), FIELD(struct ring, source, SHOW_MAC))

const struct observer observer_ring = {
	.name = "ring",
	.about = "token rings",
	.spec = "IEEE 802.5",
	.claims = CLAIMS({LINKTYPE, 6, NULL}),
	.tells = TELLS({FACT_SEEN, SAYS, 100}),
	.shows = SHOWS(&ring_show),
	.packet = ring_packet,
};

PROVE(ring_parse, struct ring)
