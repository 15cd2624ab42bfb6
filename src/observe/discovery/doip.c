/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doip.c - vehicles and their gateways that announce themselves for diagnostics (ISO 13400-2).
 *
 * A message is a version, its inverse, a type and the length of what follows. A vehicle
 * announcement, type 4, which is also the answer to who asks for it, has the vehicle's number
 * (VIN, 17 characters), the gateway's logical address, its entity id (EID, most often a MAC
 * address) and the group's id. A VIN of zeros or ones is one that was not set.
 */
#include "observe/shared/device.h"

enum {
	DOIP_PORT = 13400,
	DOIP_ANNOUNCEMENT = 4,
	DOIP_ANNOUNCEMENT_LEN = 32,
	DOIP_TYPE_MAX = 0x8003
};

struct doip {
	bool is_head;
	uint8_t version;
	uint16_t type, address;
	uint32_t length;
	struct cur vin, eid;
};

static bool doip_parse(struct cur *in, struct doip *d)
{
	d->version = cur_u8(in);
	d->is_head = (d->version ^ cur_u8(in)) == 0xff;
	d->type = cur_be16(in);
	d->length = cur_be32(in);
	d->vin = cur_sub(in, 0);
	d->eid = cur_sub(in, 0);
	d->is_head =
		d->is_head && cur_ok(in) && d->type <= DOIP_TYPE_MAX && cur_left(in) == d->length;
	if (!d->is_head || d->type != DOIP_ANNOUNCEMENT)
		return d->is_head;
	d->vin = cur_sub(in, 17);
	d->address = cur_be16(in);
	d->eid = cur_sub(in, 6);
	cur_skip(in, 7); /* group's id, further action */
	return cur_ok(in) && d->length <= DOIP_ANNOUNCEMENT_LEN + 1;
}

/* A VIN has no other characters (ISO 3779). */
static bool doip_is_vin(struct cur vin)
{
	while (cur_more(&vin)) {
		const uint8_t b = cur_u8(&vin);
		if ((b < '0' || b > '9') && (b < 'A' || b > 'Z'))
			return false;
	}
	return true;
}

static enum verdict doip_packet(struct task *t, struct packet *p, void *state)
{
	struct doip d = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!doip_parse(&p->rest, &d))
		return d.is_head ? MALFORMED : NOT_MINE;
	if (d.type != DOIP_ANNOUNCEMENT)
		return NOTHING;
	if (doip_is_vin(d.vin))
		tell_text(t, p, sender(p), FACT_DOIP_VIN, d.vin);
	device_tell_hex(t, p, FACT_DOIP_ENTITY, d.eid);
	tell_number(t, p, sender(p), FACT_DOIP_ADDRESS, d.address);
	return LEARNED;
}

SHOW(doip, struct doip, FIELD(struct doip, version, SHOW_NUMBER),
     FIELD(struct doip, type, SHOW_NUMBER), FIELD(struct doip, length, SHOW_NUMBER),
     FIELD(struct doip, address, SHOW_NUMBER))

const struct observer observer_doip = {
	.name = "doip",
	.about = "vehicles and their gateways",
	.spec = "ISO 13400-2",
	.claims = CLAIMS({UDP_PORT, DOIP_PORT, NULL}),
	.tells = TELLS({FACT_DOIP_VIN, SAYS, 95}, {FACT_DOIP_ENTITY, SAYS, 95},
                       {FACT_DOIP_ADDRESS, SAYS, 95}),
	.shows = SHOWS(&doip_show),
	.packet = doip_packet,
};

PROVE(doip_parse, struct doip)
