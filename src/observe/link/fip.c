/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fip.c - Fibre Channel on Ethernet, as its devices and forwarders find each other (FC-BB-5, 7.7.6).
 *
 * A message has an operation and a list of descriptors, each with its length in words of four bytes. A
 * node's name stands in all discovery, the fabric's in a forwarder's advertisement, VLANs in its
 * answer to who asks for them.
 */
#include "observe/observer.h"

enum { FIP_DISCOVERY = 1, FIP_VLAN_OPERATION = 4, FIP_ANSWER = 2, FIP_DESCRIPTORS = 64 };
enum { FIP_NODE = 4, FIP_FABRIC_NAME = 5, FIP_VLAN_ID = 14 };

struct fip {
	uint16_t operation;
	uint8_t code;
	struct cur list;
	struct cur node, fabric;
};

static bool fip_descriptor_parse(struct cur *in, struct fip *m)
{
	const uint8_t type = cur_u8(in), words = cur_u8(in);
	struct cur value = cur_sub(in, words > 0 ? words * 4u - 2 : CUR_MAX);

	if (type == FIP_NODE) {
		cur_skip(&value, 2);
		m->node = cur_sub(&value, 8);
	}
	if (type == FIP_FABRIC_NAME) {
		cur_skip(&value, 6); /* VFID, reserved, FC-MAP */
		m->fabric = cur_sub(&value, 8);
	}
	return cur_ok(in) && cur_ok(&value);
}

static bool fip_parse(struct cur *in, struct fip *m)
{
	const uint8_t version = cur_u8(in) >> 4;

	m->node = cur_sub(in, 0);
	m->fabric = cur_sub(in, 0);
	cur_skip(in, 1);
	m->operation = cur_be16(in);
	cur_skip(in, 1);
	m->code = cur_u8(in);
	const uint16_t words = cur_be16(in);
	cur_skip(in, 2); /* flags */
	m->list = cur_sub(in, words * 4u);
	struct cur list = m->list;
	for (unsigned i = 0; i < FIP_DESCRIPTORS && cur_more(&list); i++)
		if (!fip_descriptor_parse(&list, m))
			return false;
	return cur_ok(in) && cur_ok(&list) && version == 1;
}

/* One of the list; 0: no VLAN. */
struct fip_vlan {
	uint16_t id;
};

static bool fip_vlan_parse(struct cur *in, struct fip_vlan *v)
{
	const uint8_t type = cur_u8(in), words = cur_u8(in);
	struct cur value = cur_sub(in, words > 0 ? words * 4u - 2 : CUR_MAX);

	if (type == FIP_VLAN_ID)
		v->id = cur_be16(&value) & 0x0fff;
	return cur_ok(in) && cur_ok(&value);
}

static void fip_tell_name(struct task *t, const struct packet *p, enum fact_kind kind,
                          struct cur name)
{
	uint8_t bytes[8] = {0};

	if (cur_left(&name) == 8 && cur_copy(&name, bytes, sizeof bytes, 8))
		tell_bytes(t, p, sender_link(p), kind, bytes, sizeof bytes);
}

static enum verdict fip_tell_vlans(struct task *t, const struct packet *p, struct cur list)
{
	enum verdict v = NOTHING;

	for (unsigned i = 0; i < FIP_DESCRIPTORS && cur_more(&list); i++) {
		struct fip_vlan vlan = {0};
		if (!fip_vlan_parse(&list, &vlan))
			break;
		if (vlan.id == 0)
			continue;
		tell_number(t, p, sender_link(p), FACT_FIP_VLAN, vlan.id);
		v = LEARNED;
	}
	return v;
}

static enum verdict fip_packet(struct task *t, struct packet *p, void *state)
{
	struct fip m = {0};

	(void)state;
	if (!fip_parse(&p->rest, &m))
		return MALFORMED;
	if (m.operation == FIP_VLAN_OPERATION && m.code == FIP_ANSWER)
		return fip_tell_vlans(t, p, m.list);
	if (m.operation != FIP_DISCOVERY)
		return NOTHING;
	fip_tell_name(t, p, FACT_FIP_NAME, m.node);
	fip_tell_name(t, p, FACT_FIP_FABRIC, m.fabric);
	return cur_left(&m.node) + cur_left(&m.fabric) > 0 ? LEARNED : NOTHING;
}

SHOW(fip, struct fip, FIELD(struct fip, operation, SHOW_NUMBER),
     FIELD(struct fip, code, SHOW_NUMBER))

const struct observer observer_fip = {
	.name = "fip",
	.about = "Fibre Channel devices and forwarders on Ethernet",
	.spec = "FC-BB-5 7.7",
	.claims = CLAIMS({ETHERTYPE, 0x8914, NULL}),
	.tells = TELLS({FACT_FIP_NAME, SAYS, 95}, {FACT_FIP_FABRIC, SAYS, 95},
                       {FACT_FIP_VLAN, SAYS, 90}),
	.shows = SHOWS(&fip_show),
	.packet = fip_packet,
};

PROVE(fip_parse, struct fip)
PROVE(fip_vlan_parse, struct fip_vlan)
