/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prism.c - 802.11 behind the headers of older drivers: Prism and AVS.
 *
 * Prism's numbers are in the byte order of the machine that wrote them; AVS's are big-endian. A
 * driver asked for Prism may give AVS instead, so both link types are read alike. Neither says
 * whether a frame check sequence follows.
 */
#include "observe/link/radio.h"

#define AVS_MAGIC 0x80211000u

enum { PRISM_FIRST = 0x41, PRISM_SECOND = 0x44, PRISM_LEN = 144 };

static bool avs_parse(struct cur *in, struct radio *r)
{
	const uint32_t magic = cur_be32(in);

	r->length = cur_be32(in);
	r->linktype = LINKTYPE_WLAN;
	if ((magic & 0xfffff000) != AVS_MAGIC || r->length < 8)
		return false;
	cur_skip(in, r->length - 8);
	return cur_ok(in);
}

/* In either byte order, whose own length is believed; or AVS. */
static bool prism_parse(struct cur *in, struct radio *r)
{
	const uint32_t at = cur_pos(in);
	const uint32_t code = cur_le32(in);

	cur_seek(in, at);
	const uint32_t swapped = cur_be32(in);
	if ((swapped & 0xfffff000) == AVS_MAGIC) {
		cur_seek(in, at);
		return avs_parse(in, r);
	}
	const bool little = code == PRISM_FIRST || code == PRISM_SECOND;
	if (!little && swapped != PRISM_FIRST && swapped != PRISM_SECOND)
		return false;
	r->length = little ? cur_le32(in) : cur_be32(in);
	r->linktype = LINKTYPE_WLAN;
	if (r->length < 8 || r->length > PRISM_LEN)
		return false;
	cur_skip(in, r->length - 8);
	return cur_ok(in);
}

static enum verdict prism_packet(struct task *t, struct packet *p, void *state)
{
	struct radio r = {0};

	(void)state;
	return prism_parse(&p->rest, &r) ? radio_forward(t, p, &r) : MALFORMED;
}

SHOW(prism, struct radio, FIELD(struct radio, length, SHOW_NUMBER),
     FIELD(struct radio, linktype, SHOW_NUMBER), FIELD(struct radio, fcs, SHOW_BOOL),
     FIELD(struct radio, damaged, SHOW_BOOL))

const struct observer observer_prism = {
	.name = "prism",
	.about = "802.11 frames behind Prism and AVS headers",
	.spec = "LINKTYPE_IEEE802_11_PRISM, LINKTYPE_IEEE802_11_AVS",
	.claims = CLAIMS({LINKTYPE, 119, NULL}, {LINKTYPE, 163, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&prism_show),
	.packet = prism_packet,
};

PROVE(prism_parse, struct radio)
