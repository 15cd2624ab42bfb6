/* SPDX-License-Identifier: Apache-2.0 */
/*
 * miio.c - Xiaomi's appliances, as they answer a greeting on port 54321 (miIO).
 *
 * Every message begins with 21 31, its length, four bytes, the device's number, the seconds since
 * it started and a checksum of 16 bytes. A greeting is 32 bytes of which all behind the length are
 * ones; its answer has the number, and, before the appliance is set up, its key in the place of
 * the checksum. What follows in longer messages is sealed.
 */
#include "observe/shared/device.h"

enum { MIIO_PORT = 54321 };

struct miio {
	bool is_miio;
	uint16_t length;
	uint32_t unknown, number, up_s;
};

static bool miio_parse(struct cur *in, struct miio *m)
{
	const uint32_t whole = cur_left(in);

	m->is_miio = cur_be16(in) == 0x2131;
	m->length = cur_be16(in);
	m->unknown = cur_be32(in);
	m->number = cur_be32(in);
	m->up_s = cur_be32(in);
	cur_skip(in, 16);
	m->is_miio = m->is_miio && cur_ok(in) && m->length == whole;
	return m->is_miio;
}

static enum verdict miio_packet(struct task *t, struct packet *p, void *state)
{
	struct miio m = {0};
	struct text text;

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!miio_parse(&p->rest, &m))
		return NOT_MINE;
	/* Who asks names the appliance as well: only what comes from its port is its own. */
	if (p->from_port.n != MIIO_PORT || m.unknown != 0 || m.number == 0 ||
	    m.number == UINT32_MAX)
		return NOTHING;
	text_clear(&text);
	text_decimal(&text, m.number);
	tell_string(t, p, sender(p), FACT_DEVICE_ID, &text);
	return LEARNED;
}

SHOW(miio, struct miio, FIELD(struct miio, length, SHOW_NUMBER),
     FIELD(struct miio, number, SHOW_NUMBER), FIELD(struct miio, up_s, SHOW_NUMBER))

const struct observer observer_miio = {
	.name = "miio",
	.about = "Xiaomi's appliances",
	.spec = "miIO (no public standard)",
	.claims = CLAIMS({UDP_PORT, MIIO_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_ID, SAYS, 95}),
	.shows = SHOWS(&miio_show),
	.packet = miio_packet,
};

PROVE(miio_parse, struct miio)
