/* SPDX-License-Identifier: Apache-2.0 */
/*
 * radiotap.c - 802.11 behind radiotap, what most drivers put before it.
 *
 * Numbers are little-endian. Bits say which fields follow, in the order of the bits and each
 * aligned from the header's start; bit 31 of a word says that another word of bits follows. Of
 * the fields only the flags are read, before which only the time may stand.
 */
#include "observe/link/radio.h"

#define RADIOTAP_TIME (1u << 0)
#define RADIOTAP_FLAGS (1u << 1)
#define RADIOTAP_MORE (1u << 31)

enum { RADIOTAP_FCS = 0x10, RADIOTAP_DAMAGED = 0x40, RADIOTAP_WORDS_MAX = 32 };

static void radiotap_flags_parse(struct cur *in, uint32_t at, uint32_t present, struct radio *r)
{
	if ((present & RADIOTAP_FLAGS) == 0)
		return;
	if ((present & RADIOTAP_TIME) != 0) /* eight bytes, aligned from the header's start */
		cur_skip(in, (8 - (cur_pos(in) - at) % 8) % 8 + 8);
	const uint8_t flags = cur_u8(in);
	r->fcs = (flags & RADIOTAP_FCS) != 0;
	r->damaged = (flags & RADIOTAP_DAMAGED) != 0;
}

static bool radiotap_parse(struct cur *in, struct radio *r)
{
	const uint32_t at = cur_pos(in);
	const uint8_t version = cur_u8(in);

	cur_skip(in, 1);
	r->length = cur_le16(in);
	r->linktype = LINKTYPE_WLAN;
	const uint32_t present = cur_le32(in);
	uint32_t word = present;
	for (unsigned i = 0; i < RADIOTAP_WORDS_MAX && (word & RADIOTAP_MORE) != 0; i++)
		word = cur_le32(in);
	radiotap_flags_parse(in, at, present, r);
	if (!cur_ok(in) || version != 0 || cur_pos(in) - at > r->length)
		return false;
	cur_seek(in, at);
	cur_skip(in, r->length);
	return cur_ok(in);
}

static enum verdict radiotap_packet(struct task *t, struct packet *p, void *state)
{
	struct radio r = {0};

	(void)state;
	return radiotap_parse(&p->rest, &r) ? radio_forward(t, p, &r) : MALFORMED;
}

SHOW(radiotap, struct radio, FIELD(struct radio, length, SHOW_NUMBER),
     FIELD(struct radio, linktype, SHOW_NUMBER), FIELD(struct radio, fcs, SHOW_BOOL),
     FIELD(struct radio, damaged, SHOW_BOOL))

const struct observer observer_radiotap = {
	.name = "radiotap",
	.about = "802.11 frames behind radiotap",
	.spec = "LINKTYPE_IEEE802_11_RADIOTAP (radiotap.org)",
	.claims = CLAIMS({LINKTYPE, 127, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&radiotap_show),
	.packet = radiotap_packet,
};

PROVE(radiotap_parse, struct radio)
