/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ppi.c - frames behind PPI, which names the link type of what follows: it is not always 802.11.
 *
 * Numbers are little-endian. Fields have a type and a length; the one of 802.11 says whether a
 * frame check sequence stands at the end.
 */
#include "observe/link/radio.h"

enum { PPI_WLAN = 2, PPI_ALIGNED = 1, PPI_FCS = 1, PPI_DAMAGED = 8 };

static void ppi_fields_parse(struct cur fields, bool aligned, struct radio *r)
{
	while (cur_more(&fields)) {
		const uint16_t type = cur_le16(&fields);
		const uint16_t len = cur_le16(&fields);
		struct cur field = cur_sub(&fields, len);
		if (aligned && len % 4 != 0)
			cur_skip(&fields, 4u - len % 4u);
		if (type != PPI_WLAN)
			continue;
		cur_skip(&field, 8);
		const uint16_t flags = cur_le16(&field);
		r->fcs = (flags & PPI_FCS) != 0;
		r->damaged = (flags & PPI_DAMAGED) != 0;
	}
}

static bool ppi_parse(struct cur *in, struct radio *r)
{
	const uint8_t version = cur_u8(in);
	const uint8_t flags = cur_u8(in);

	r->length = cur_le16(in);
	r->linktype = cur_le32(in);
	if (!cur_ok(in) || version != 0 || r->length < 8)
		return false;
	ppi_fields_parse(cur_sub(in, r->length - 8), (flags & PPI_ALIGNED) != 0, r);
	return cur_ok(in);
}

static enum verdict ppi_packet(struct task *t, struct packet *p, void *state)
{
	struct radio r = {0};

	(void)state;
	return ppi_parse(&p->rest, &r) ? radio_forward(t, p, &r) : MALFORMED;
}

SHOW(ppi, struct radio, FIELD(struct radio, length, SHOW_NUMBER),
     FIELD(struct radio, linktype, SHOW_NUMBER), FIELD(struct radio, fcs, SHOW_BOOL),
     FIELD(struct radio, damaged, SHOW_BOOL))

const struct observer observer_ppi = {
	.name = "ppi",
	.about = "frames behind the Per-Packet Information header",
	.spec = "LINKTYPE_PPI (CACE Technologies)",
	.claims = CLAIMS({LINKTYPE, 192, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&ppi_show),
	.packet = ppi_packet,
};

PROVE(ppi_parse, struct radio)
