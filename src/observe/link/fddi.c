/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fddi.c - frames of FDDI rings.
 *
 * A byte of control, two addresses, and LLC where the control says so (ANSI X3.139): the token
 * and the ring's own management carry none. Addresses are taken in the order of Ethernet's bits,
 * as nearly all captures have them.
 */
#include "observe/observer.h"

enum { FDDI_KIND = 0x30, FDDI_LLC = 0x10 };

struct fddi {
	uint8_t control;
	struct mac destination, source;
};

static bool fddi_parse(struct cur *in, struct fddi *f)
{
	f->control = cur_u8(in);
	cur_mac(in, &f->destination);
	cur_mac(in, &f->source);
	return cur_ok(in);
}

static enum verdict fddi_packet(struct task *t, struct packet *p, void *state)
{
	struct fddi f = {0};

	(void)state;
	if (!fddi_parse(&p->rest, &f))
		return MALFORMED;
	if ((f.control & FDDI_KIND) != FDDI_LLC)
		return NOTHING;
	p->has_mac = true;
	p->source = f.source;
	p->destination = f.destination;
	tell_seen(t, p, sender_link(p));
	forward(t, p, ETHERTYPE, ETHERTYPE_LLC);
	return LEARNED;
}

SHOW(fddi, struct fddi, FIELD(struct fddi, control, SHOW_HEX), FIELD(struct fddi, source, SHOW_MAC))

const struct observer observer_fddi = {
	.name = "fddi",
	.about = "FDDI rings",
	.spec = "ANSI X3.139, RFC 1188",
	.claims = CLAIMS({LINKTYPE, 10, NULL}),
	.tells = TELLS({FACT_SEEN, SAYS, 100}),
	.shows = SHOWS(&fddi_show),
	.packet = fddi_packet,
};

PROVE(fddi_parse, struct fddi)
