/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ptp.c - PTP: clocks, and which of them leads.
 *
 * Version 2's header names the sender's clock and port (IEEE 1588, 13.3); an announcement names
 * the grandmaster and how good it is (13.5). An announcement makes its sender a time server. It
 * comes in frames of its own, and to ports 319 and 320. Version 1 is another layout, and not
 * read.
 */
#include "observe/observer.h"

enum { PTP_ANNOUNCE = 11, PTP_VERSION = 2, PTP_CLOCK_LEN = 8, PTP_HEADER_REST = 34 };

struct ptp {
	uint8_t type, version, domain;
	uint16_t length;
	uint8_t clock[PTP_CLOCK_LEN];
	uint8_t grandmaster[PTP_CLOCK_LEN]; /* announcements */
	uint8_t quality;                    /* class of the grandmaster's clock */
};

static bool ptp_parse(struct cur *in, struct ptp *c)
{
	c->type = cur_u8(in) & 0x0f;
	c->version = cur_u8(in) & 0x0f;
	c->length = cur_be16(in);
	c->domain = cur_u8(in);
	cur_skip(in, 15); /* flags, correction */
	cur_copy(in, c->clock, sizeof c->clock, sizeof c->clock);
	cur_skip(in, 6); /* port, sequence, control, interval */
	if (!cur_ok(in) || c->version != PTP_VERSION || c->length < PTP_HEADER_REST)
		return false;
	if (c->type != PTP_ANNOUNCE)
		return true;
	cur_skip(in, 14); /* time, offset, reserved, priority */
	c->quality = cur_u8(in);
	cur_skip(in, 4);
	cur_copy(in, c->grandmaster, sizeof c->grandmaster, sizeof c->grandmaster);
	cur_skip(in, 3);
	return cur_ok(in);
}

static enum verdict ptp_packet(struct task *t, struct packet *p, void *state)
{
	struct ptp c = {0};

	(void)state;
	if (!ptp_parse(&p->rest, &c))
		return NOT_MINE;
	tell_bytes(t, p, sender(p), FACT_PTP_CLOCK, c.clock, sizeof c.clock);
	if (c.type != PTP_ANNOUNCE)
		return LEARNED;
	tell_word(t, p, sender(p), FACT_ROLE, "ptp-master");
	tell_bytes(t, p, sender(p), FACT_PTP_GRANDMASTER, c.grandmaster, sizeof c.grandmaster);
	return LEARNED;
}

SHOW(ptp, struct ptp, FIELD(struct ptp, type, SHOW_NUMBER), FIELD(struct ptp, version, SHOW_NUMBER),
     FIELD(struct ptp, domain, SHOW_NUMBER), FIELD(struct ptp, length, SHOW_NUMBER),
     FIELD(struct ptp, quality, SHOW_NUMBER))

const struct observer observer_ptp = {
	.name = "ptp",
	.about = "clocks and which of them leads",
	.spec = "IEEE 1588",
	.claims = CLAIMS({ETHERTYPE, 0x88f7, NULL}, {UDP_PORT, 319, NULL}, {UDP_PORT, 320, NULL}),
	.tells = TELLS({FACT_PTP_CLOCK, SAYS, 90}, {FACT_PTP_GRANDMASTER, SAYS, 80},
                       {FACT_ROLE, SAYS, 90}),
	.shows = SHOWS(&ptp_show),
	.packet = ptp_packet,
};

PROVE(ptp_parse, struct ptp)
