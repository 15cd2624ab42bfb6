/* SPDX-License-Identifier: Apache-2.0 */
/*
 * homeplug.c - HomePlug: adapters that carry Ethernet over power lines.
 *
 * Of the management messages of AV (88e1) the vendor's own version reply is read (Qualcomm a000
 * and a001): it holds the text of the firmware. Whoever answers one is such an adapter. Numbers
 * are little-endian.
 */
#include "observe/observer.h"

enum { HOMEPLUG_VERSION_REPLY = 0xa001, HOMEPLUG_FIRST_OWN = 0xa000, HOMEPLUG_OUI = 0x00b052 };

struct homeplug {
	uint8_t version;
	uint16_t type;
	uint32_t vendor; /* of the vendor's own types: an OUI */
	uint8_t status, chip;
	struct cur firmware;
};

static bool homeplug_parse(struct cur *in, struct homeplug *h)
{
	h->version = cur_u8(in);
	h->type = cur_le16(in);
	h->firmware = cur_sub(in, 0);
	if (!cur_ok(in) || h->type < HOMEPLUG_FIRST_OWN)
		return cur_ok(in);
	if (h->version != 0)
		cur_skip(in, 2); /* fragments */
	h->vendor = cur_be24(in);
	if (h->type != HOMEPLUG_VERSION_REPLY)
		return cur_ok(in);
	h->status = cur_u8(in);
	h->chip = cur_u8(in);
	h->firmware = cur_sub(in, cur_u8(in));
	return cur_ok(in);
}

static enum verdict homeplug_packet(struct task *t, struct packet *p, void *state)
{
	struct homeplug h = {0};

	(void)state;
	if (!homeplug_parse(&p->rest, &h))
		return MALFORMED;
	if (h.type != HOMEPLUG_VERSION_REPLY || h.status != 0 || h.vendor != HOMEPLUG_OUI)
		return NOTHING;
	tell_text(t, p, sender_link(p), FACT_HOMEPLUG_FIRMWARE, cur_token(&h.firmware, "\0"));
	tell_word(t, p, sender_link(p), FACT_ROLE, "powerline-adapter");
	return LEARNED;
}

SHOW(homeplug, struct homeplug, FIELD(struct homeplug, version, SHOW_NUMBER),
     FIELD(struct homeplug, type, SHOW_HEX), FIELD(struct homeplug, vendor, SHOW_HEX),
     FIELD(struct homeplug, chip, SHOW_NUMBER))

const struct observer observer_homeplug = {
	.name = "homeplug",
	.about = "power-line adapters",
	.spec = "HomePlug AV 1.1, vendor messages of Qualcomm Atheros",
	.claims = CLAIMS({ETHERTYPE, 0x88e1, NULL}),
	.tells = TELLS({FACT_HOMEPLUG_FIRMWARE, SAYS, 90}, {FACT_ROLE, SAYS, 90}),
	.shows = SHOWS(&homeplug_show),
	.packet = homeplug_packet,
};

PROVE(homeplug_parse, struct homeplug)
