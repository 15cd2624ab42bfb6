/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cdp.c - what Cisco's devices, phones and many others' servers say to their neighbour.
 *
 * The frame never leaves its link: all of it is about the sender. It comes in SNAP, and on serial
 * lines and in GRE under an ethertype of its number; in GRE the tunnel's end speaks. Addresses are
 * where the device is managed, or the port's own: both lead to it. A value whose content is too
 * short for its type is passed over alone. Not told: what changes with the neighbour (VLAN queries,
 * duplex, power offered), and prefixes of on-demand routing.
 */
#include "observe/shared/cdp_message.h"

enum cdp_type {
	CDP_DEVICE = 0x01,
	CDP_ADDRESSES = 0x02,
	CDP_PORT = 0x03,
	CDP_CAPABILITIES = 0x04,
	CDP_SOFTWARE = 0x05,
	CDP_PLATFORM = 0x06,
	CDP_DOMAIN = 0x09,
	CDP_NATIVE_VLAN = 0x0a,
	CDP_VOICE_VLAN = 0x0e,
	CDP_SYSTEM = 0x14,
	CDP_MANAGEMENT = 0x16,
};

static const struct cdp_rule {
	uint16_t type;
	enum fact_kind kind;
} cdp_texts[] = {
	{CDP_DEVICE, FACT_CDP_DEVICE_ID},  {CDP_PORT, FACT_CDP_PORT_ID},
	{CDP_SOFTWARE, FACT_CDP_SOFTWARE}, {CDP_PLATFORM, FACT_CDP_PLATFORM},
	{CDP_DOMAIN, FACT_CDP_VTP_DOMAIN}, {CDP_SYSTEM, FACT_CDP_SYSTEM_NAME},
};

static bool cdp_parse(struct cur *in, struct cdp_message *m)
{
	return cdp_message_parse(in, m);
}

/* Words for the bits that are set, the lowest first. */
static void cdp_tell_bits(struct task *t, const struct packet *p, enum fact_kind kind,
                          uint32_t bits)
{
	static const char *const names[] = {"router",
	                                    "transparent-bridge",
	                                    "source-route-bridge",
	                                    "switch",
	                                    "host",
	                                    "igmp",
	                                    "repeater",
	                                    "phone",
	                                    "remote",
	                                    "cvta",
	                                    "mac-relay"};
	struct text words;

	text_clear(&words);
	for (uint32_t i = 0; i < COUNT_OF(names); i++) {
		if ((bits >> i & 1) == 0)
			continue;
		if (words.len > 0)
			text_put(&words, ',');
		for (uint32_t k = 0; k < TEXT_MAX && names[i][k] != 0; k++)
			text_put(&words, (uint8_t)names[i][k]);
	}
	tell_string(t, p, sender(p), kind, &words);
}

static void cdp_tell_number(struct task *t, const struct packet *p, const struct cisco_tlv *v)
{
	struct cur value = v->value;

	if (v->type == CDP_CAPABILITIES && cur_left(&value) == 4)
		cdp_tell_bits(t, p, FACT_CDP_CAPABILITIES, cur_be32(&value));
	if (v->type == CDP_NATIVE_VLAN && cur_left(&value) == 2)
		tell_number(t, p, sender(p), FACT_CDP_NATIVE_VLAN, cur_be16(&value));
	if (v->type == CDP_VOICE_VLAN && cur_left(&value) == 3) {
		cur_skip(&value, 1);
		tell_number(t, p, sender(p), FACT_CDP_VOICE_VLAN, cur_be16(&value));
	}
}

static void cdp_tell(struct task *t, const struct packet *p, const struct cisco_tlv *v)
{
	if (v->type == CDP_ADDRESSES || v->type == CDP_MANAGEMENT)
		cdp_tell_addresses(t, p, v->value);
	for (unsigned i = 0; i < COUNT_OF(cdp_texts); i++)
		if (cdp_texts[i].type == v->type)
			cdp_tell_text(t, p, cdp_texts[i].kind, v->value);
	cdp_tell_number(t, p, v);
}

/* On a line without MACs, and outside of GRE: the first address that the message names. */
static struct ip cdp_own_address(struct cdp_message m)
{
	struct ip ip = {0};

	for (uint32_t i = 0; i < CUR_MAX && i < m.count && cur_more(&m.rest); i++) {
		struct cisco_tlv v = cisco_tlv_next(&m.rest);
		if (v.type != CDP_ADDRESSES || ip.family != 0)
			continue;
		cur_skip(&v.value, 4); /* how many */
		(void)cdp_address_parse(&v.value, &ip);
	}
	return ip;
}

static enum verdict cdp_packet(struct task *t, struct packet *p, void *state)
{
	struct cdp_message m = {0};

	(void)state;
	if (p->cut || !cdp_parse(&p->rest, &m))
		return MALFORMED;
	struct packet from = *p;
	if (mac_is_zero(p->source) && p->from.family == 0)
		from.from = cdp_own_address(m);
	for (uint32_t i = 0; i < CUR_MAX && i < m.count && cur_more(&m.rest); i++) {
		const struct cisco_tlv v = cisco_tlv_next(&m.rest);
		cdp_tell(t, &from, &v);
	}
	return LEARNED;
}

SHOW(cdp, struct cdp_message, FIELD(struct cdp_message, version, SHOW_NUMBER),
     FIELD(struct cdp_message, ttl_s, SHOW_NUMBER), FIELD(struct cdp_message, count, SHOW_NUMBER))

const struct observer observer_cdp = {
	.name = "cdp",
	.about = "what Cisco's devices say to their neighbour",
	.spec = "Cisco Discovery Protocol, versions 1 and 2 (no public standard)",
	.claims = CLAIMS({SNAP, 0x00000c2000, NULL}, {ETHERTYPE, 0x2000, NULL}),
	.tells = TELLS({FACT_CDP_DEVICE_ID, SAYS, 95}, {FACT_CDP_PORT_ID, SAYS, 95},
                       {FACT_CDP_CAPABILITIES, SAYS, 95}, {FACT_CDP_SOFTWARE, SAYS, 95},
                       {FACT_CDP_PLATFORM, SAYS, 95}, {FACT_CDP_VTP_DOMAIN, SAYS, 90},
                       {FACT_CDP_NATIVE_VLAN, SAYS, 90}, {FACT_CDP_VOICE_VLAN, SAYS, 90},
                       {FACT_CDP_SYSTEM_NAME, SAYS, 95}, {FACT_MANAGEMENT, SAYS, 90}),
	.shows = SHOWS(&cdp_show),
	.packet = cdp_packet,
};

PROVE(cdp_parse, struct cdp_message)
PROVE(cdp_address_parse, struct ip)
