/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macsec.c - MACsec: frames whose content is protected, and who protects them.
 *
 * The tag may name the sender's secure channel (IEEE 802.1AE, 9.9): a MAC address and a port,
 * where the sending device's own address may be another. Where frames are only signed the
 * content is in the clear behind the tag: a type and what follows, up to a check value at the
 * end, whose length depends on the suite and is 16 bytes in all of the standard's.
 */
#include "observe/link/type_or_length.h"

enum {
	MACSEC_VERSION = 0x80,
	MACSEC_CHANNEL = 0x20,
	MACSEC_ENCRYPTED = 0x08,
	MACSEC_CHANGED = 0x04,
	MACSEC_CHECK_LEN = 16
};

struct macsec {
	uint8_t control;
	bool has_channel, in_clear;
	struct mac channel;
	uint32_t number;
};

static bool macsec_parse(struct cur *in, struct macsec *m)
{
	m->control = cur_u8(in);
	m->has_channel = (m->control & MACSEC_CHANNEL) != 0;
	m->in_clear = (m->control & (MACSEC_ENCRYPTED | MACSEC_CHANGED)) == 0;
	cur_skip(in, 1); /* short length */
	m->number = cur_be32(in);
	if (m->has_channel) {
		cur_mac(in, &m->channel);
		cur_skip(in, 2);
	}
	return cur_ok(in) && (m->control & MACSEC_VERSION) == 0;
}

static void macsec_clear(struct task *t, struct packet *p)
{
	if (p->cut || cur_left(&p->rest) <= MACSEC_CHECK_LEN)
		return;
	cur_cut(&p->rest, cur_left(&p->rest) - MACSEC_CHECK_LEN);
	const uint16_t type = cur_be16(&p->rest);
	if (cur_ok(&p->rest))
		(void)forward_type_or_length(t, p, type);
}

static enum verdict macsec_packet(struct task *t, struct packet *p, void *state)
{
	struct macsec m = {0};
	char text[MAC_TEXT];

	(void)state;
	if (!macsec_parse(&p->rest, &m))
		return MALFORMED;
	if (mac_is_device(m.channel))
		tell_word(t, p, sender_link(p), FACT_MACSEC_CHANNEL, mac_format(m.channel, text));
	if (m.in_clear)
		macsec_clear(t, p);
	return LEARNED;
}

SHOW(macsec, struct macsec, FIELD(struct macsec, control, SHOW_HEX),
     FIELD(struct macsec, has_channel, SHOW_BOOL), FIELD(struct macsec, channel, SHOW_MAC),
     FIELD(struct macsec, number, SHOW_NUMBER), FIELD(struct macsec, in_clear, SHOW_BOOL))

const struct observer observer_macsec = {
	.name = "macsec",
	.about = "who protects frames",
	.spec = "IEEE 802.1AE",
	.claims = CLAIMS({ETHERTYPE, 0x88e5, NULL}),
	.tells = TELLS({FACT_MACSEC_CHANNEL, SAYS, 90}),
	.shows = SHOWS(&macsec_show),
	.packet = macsec_packet,
};

PROVE(macsec_parse, struct macsec)
