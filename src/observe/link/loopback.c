/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loopback.c - the configuration test protocol: frames that are sent back, and what keeps links
 * alive.
 *
 * Ethernet's own (version 2.0, 8): a number of bytes to skip, little-endian, then a function:
 * reply (1) or forward to an address (2). Switches send replies to themselves to find loops:
 * whoever sends one for itself was seen, and no more is known.
 */
#include "observe/observer.h"

enum { LOOPBACK_REPLY = 1, LOOPBACK_FORWARD = 2 };

struct loopback {
	uint16_t skip, function;
};

static bool loopback_parse(struct cur *in, struct loopback *l)
{
	l->skip = cur_le16(in);
	cur_skip(in, l->skip);
	l->function = cur_le16(in);
	return cur_ok(in) && (l->function == LOOPBACK_REPLY || l->function == LOOPBACK_FORWARD);
}

static enum verdict loopback_packet(struct task *t, struct packet *p, void *state)
{
	struct loopback l = {0};

	(void)state;
	if (!loopback_parse(&p->rest, &l))
		return MALFORMED;
	if (l.function != LOOPBACK_REPLY || !mac_equal(p->source, p->destination))
		return NOTHING;
	tell_word(t, p, sender_link(p), FACT_KEEPALIVE, "loopback");
	return LEARNED;
}

SHOW(loopback, struct loopback, FIELD(struct loopback, skip, SHOW_NUMBER),
     FIELD(struct loopback, function, SHOW_NUMBER))

const struct observer observer_loopback = {
	.name = "loopback",
	.about = "ports that test their link by a frame to themselves",
	.spec = "DEC-Intel-Xerox Ethernet 2.0",
	.claims = CLAIMS({ETHERTYPE, 0x9000, NULL}),
	.tells = TELLS({FACT_KEEPALIVE, SAYS, 60}),
	.shows = SHOWS(&loopback_show),
	.packet = loopback_packet,
};

PROVE(loopback_parse, struct loopback)
