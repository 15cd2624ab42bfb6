/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bjnp.c - Canon's printers and scanners, as they are found and asked who they are (BJNP, MFNP).
 *
 * A message begins with "BJNP" or "MFNP", a device (1 printer, 2 scanner, the answers with the
 * highest bit), a command, sequence, session and length. An answer to a search (1) has the MAC
 * address; one to the question for the identity (0x30) has a device id of IEEE 1284 behind its own
 * length, which counts itself: "MFG:Canon;CMD:...;MDL:MG5300 series;...". There is no public
 * standard; the layout is that of the free drivers of CUPS and SANE.
 */
#include "observe/shared/device.h"

enum { BJNP_PRINTERS = 8611, BJNP_SCANNERS = 8612, MFNP_SCANNERS = 8610 };
enum { BJNP_ANSWER = 0x80, BJNP_SEARCH = 1, BJNP_IDENTITY = 0x30, BJNP_FIELDS_MAX = 64 };

static const struct keyed bjnp_keys[] = {
	KEYED("MFG", DEVICE_VENDOR), KEYED("MANUFACTURER", DEVICE_VENDOR),
	KEYED("MDL", DEVICE_MODEL),  KEYED("MODEL", DEVICE_MODEL),
	KEYED("SN", DEVICE_SERIAL),  KEYED("SERN", DEVICE_SERIAL),
};

struct bjnp {
	bool is_bjnp, newer;
	uint8_t device, command;
	uint32_t length;
	struct cur mac, id;
};

static void bjnp_search_parse(struct cur body, struct bjnp *b)
{
	cur_skip(&body, 4);
	const uint8_t mac_len = cur_u8(&body);
	cur_skip(&body, 1);
	if (mac_len == 6)
		b->mac = cur_sub(&body, 6);
}

static void bjnp_identity_parse(struct cur body, struct bjnp *b)
{
	if (!b->newer)
		cur_skip(&body, 2);
	b->id = cur_rest(&body);
}

static bool bjnp_parse(struct cur *in, struct bjnp *b)
{
	b->newer = cur_is(in, "MFNP");
	b->is_bjnp = b->newer || cur_is(in, "BJNP");
	b->device = cur_u8(in);
	b->command = cur_u8(in);
	cur_skip(in, 6);
	b->length = cur_be32(in);
	const struct cur body = cur_sub(in, b->length);
	b->mac = cur_sub(in, 0);
	b->id = cur_sub(in, 0);
	if (!b->is_bjnp || !cur_ok(in))
		return false;
	if (b->device >= BJNP_ANSWER && b->command == BJNP_SEARCH)
		bjnp_search_parse(body, b);
	if (b->device >= BJNP_ANSWER && b->command == BJNP_IDENTITY)
		bjnp_identity_parse(body, b);
	return true;
}

/* "KEY:value;KEY:value;" */
static void bjnp_tell_id(struct task *t, const struct packet *p, struct cur id)
{
	for (uint32_t i = 0; i < BJNP_FIELDS_MAX && cur_more(&id); i++) {
		struct cur value = cur_token(&id, ";");
		if (!cur_is(&id, ";"))
			return;
		const struct cur key = cur_token(&value, ":");
		if (cur_is(&value, ":"))
			device_tell_window(t, p, bjnp_keys, COUNT_OF(bjnp_keys), key, value);
	}
}

static enum verdict bjnp_packet(struct task *t, struct packet *p, void *state)
{
	struct bjnp b = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!bjnp_parse(&p->rest, &b))
		return b.is_bjnp ? MALFORMED : NOT_MINE;
	if (cur_left(&b.mac) == 0 && cur_left(&b.id) == 0)
		return NOTHING;
	if (cur_left(&b.mac) > 0)
		device_tell_mac(t, p, b.mac);
	bjnp_tell_id(t, p, b.id);
	return LEARNED;
}

SHOW(bjnp, struct bjnp, FIELD(struct bjnp, device, SHOW_HEX), FIELD(struct bjnp, command, SHOW_HEX),
     FIELD(struct bjnp, length, SHOW_NUMBER))

const struct observer observer_bjnp = {
	.name = "bjnp",
	.about = "Canon's printers and scanners",
	.spec = "BJNP, MFNP (no public standard)",
	.claims = CLAIMS({UDP_PORT, BJNP_PRINTERS, NULL}, {UDP_PORT, BJNP_SCANNERS, NULL},
                         {UDP_PORT, MFNP_SCANNERS, NULL}),
	.tells = TELLS({FACT_DEVICE_MAC, SAYS, 95}, {FACT_DEVICE_VENDOR, SAYS, 95},
                       {FACT_DEVICE_MODEL, SAYS, 95}, {FACT_DEVICE_SERIAL, SAYS, 95}),
	.shows = SHOWS(&bjnp_show),
	.packet = bjnp_packet,
};

PROVE(bjnp_parse, struct bjnp)
