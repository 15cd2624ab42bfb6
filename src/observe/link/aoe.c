/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aoe.c - ATA over Ethernet: disks on the link, and who uses them.
 *
 * An answer (a flag) comes from a target, whose shelf and slot the header holds (AoE 11, 2). A
 * question may be to all of them. The configuration of a target has the version of its firmware,
 * and a text that its user set. vblade leaves the version out (0) where it announces a target.
 */
#include "observe/observer.h"

enum { AOE_RESPONSE = 0x08, AOE_ERROR = 0x04, AOE_CONFIGURATION = 1, AOE_VERSION = 1 };

struct aoe {
	uint8_t version, flags, command;
	uint16_t shelf;
	uint8_t slot;
	uint16_t firmware;
	struct cur text; /* configuration */
};

static bool aoe_parse(struct cur *in, struct aoe *a)
{
	const uint8_t head = cur_u8(in);

	a->text = cur_sub(in, 0);
	a->version = head >> 4;
	a->flags = head & 0x0f;
	cur_skip(in, 1); /* error */
	a->shelf = cur_be16(in);
	a->slot = cur_u8(in);
	a->command = cur_u8(in);
	cur_skip(in, 4); /* tag */
	if (!cur_ok(in) || a->version > AOE_VERSION || a->command != AOE_CONFIGURATION)
		return cur_ok(in) && a->version <= AOE_VERSION;
	cur_skip(in, 2); /* buffers */
	a->firmware = cur_be16(in);
	cur_skip(in, 2); /* sectors, command */
	const uint16_t len = cur_be16(in);
	a->text = cur_sub(in, len);
	return cur_ok(in);
}

static enum verdict aoe_packet(struct task *t, struct packet *p, void *state)
{
	struct aoe a = {0};
	struct text text;

	(void)state;
	if (!aoe_parse(&p->rest, &a))
		return MALFORMED;
	if ((a.flags & AOE_RESPONSE) == 0 || (a.flags & AOE_ERROR) != 0)
		return NOTHING;
	text_clear(&text);
	text_decimal(&text, a.shelf);
	text_put(&text, '.');
	text_decimal(&text, a.slot);
	tell_string(t, p, sender_link(p), FACT_AOE_TARGET, &text);
	if (a.command == AOE_CONFIGURATION)
		tell_number(t, p, sender_link(p), FACT_AOE_FIRMWARE, a.firmware);
	tell_text(t, p, sender_link(p), FACT_AOE_TEXT, cur_token(&a.text, "\0"));
	return LEARNED;
}

SHOW(aoe, struct aoe, FIELD(struct aoe, flags, SHOW_HEX), FIELD(struct aoe, shelf, SHOW_NUMBER),
     FIELD(struct aoe, slot, SHOW_NUMBER), FIELD(struct aoe, command, SHOW_NUMBER),
     FIELD(struct aoe, firmware, SHOW_NUMBER))

const struct observer observer_aoe = {
	.name = "aoe",
	.about = "disks on the link",
	.spec = "ATA over Ethernet, revision 11",
	.claims = CLAIMS({ETHERTYPE, 0x88a2, NULL}),
	.tells = TELLS({FACT_AOE_TARGET, SAYS, 90}, {FACT_AOE_FIRMWARE, SAYS, 90},
                       {FACT_AOE_TEXT, SAYS, 80}),
	.shows = SHOWS(&aoe_show),
	.packet = aoe_packet,
};

PROVE(aoe_parse, struct aoe)
