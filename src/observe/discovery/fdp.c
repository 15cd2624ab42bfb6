/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fdp.c - Foundry's and Brocade's discovery: CDP's form under another organisation's number.
 *
 * The types up to 6 mean what they mean in CDP, but capabilities are a text: "Router". What
 * differs, VLAN maps and tags, is not told.
 */
#include "observe/shared/cdp_message.h"

enum { FDP_ADDRESSES = 2 };

static const struct fdp_rule {
	uint16_t type;
	enum fact_kind kind;
} fdp_texts[] = {
	{1, FACT_FDP_DEVICE_ID}, {3, FACT_FDP_PORT_ID},  {4, FACT_FDP_CAPABILITIES},
	{5, FACT_FDP_SOFTWARE},  {6, FACT_FDP_PLATFORM},
};

static bool fdp_parse(struct cur *in, struct cdp_message *m)
{
	return cdp_message_parse(in, m);
}

static void fdp_tell(struct task *t, const struct packet *p, const struct cisco_tlv *v)
{
	struct cur value = v->value;

	if (v->type == FDP_ADDRESSES)
		cdp_tell_addresses(t, p, value);
	for (unsigned i = 0; i < COUNT_OF(fdp_texts); i++)
		if (fdp_texts[i].type == v->type)
			cdp_tell_text(t, p, fdp_texts[i].kind, value);
}

static enum verdict fdp_packet(struct task *t, struct packet *p, void *state)
{
	struct cdp_message m = {0};

	(void)state;
	if (p->cut || !fdp_parse(&p->rest, &m))
		return MALFORMED;
	for (uint32_t i = 0; i < CUR_MAX && i < m.count && cur_more(&m.rest); i++) {
		const struct cisco_tlv v = cisco_tlv_next(&m.rest);
		fdp_tell(t, p, &v);
	}
	return LEARNED;
}

SHOW(fdp, struct cdp_message, FIELD(struct cdp_message, version, SHOW_NUMBER),
     FIELD(struct cdp_message, ttl_s, SHOW_NUMBER), FIELD(struct cdp_message, count, SHOW_NUMBER))

const struct observer observer_fdp = {
	.name = "fdp",
	.about = "what Foundry's switches say to their neighbour",
	.spec = "Foundry Discovery Protocol (no public standard)",
	.claims = CLAIMS({SNAP, 0x00e0522000, NULL}),
	.tells = TELLS({FACT_FDP_DEVICE_ID, SAYS, 95}, {FACT_FDP_PORT_ID, SAYS, 95},
                       {FACT_FDP_CAPABILITIES, SAYS, 95}, {FACT_FDP_SOFTWARE, SAYS, 95},
                       {FACT_FDP_PLATFORM, SAYS, 95}, {FACT_MANAGEMENT, SAYS, 90}),
	.shows = SHOWS(&fdp_show),
	.packet = fdp_packet,
};

PROVE(fdp_parse, struct cdp_message)
