/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtp.c - VTP: the VLANs that Cisco's switches share, and who changed them last.
 *
 * A summary names the domain and the switch that changed the list; a subset has the list: number
 * and name of each VLAN, filled up to four bytes. Nothing public specifies it. What is in it is
 * the domain's, and told of whoever sends it on, for it holds there. The digest is not told.
 */
#include "observe/observer.h"

enum { VTP_SUMMARY = 1, VTP_SUBSET = 2, VTP_REQUEST = 3, VTP_JOIN = 4, VTP_DOMAIN_MAX = 32 };

struct vtp {
	uint8_t version, code;
	struct cur domain;
	struct ip4 updater; /* summary */
	struct cur vlans;   /* subset */
	uint32_t count;
};

struct vtp_vlan {
	uint16_t id;
	struct cur name;
};

static struct vtp_vlan vtp_vlan_next(struct cur *in)
{
	const uint8_t len = cur_u8(in);
	struct cur info = cur_sub(in, len == 0 ? 0 : len - 1u);
	struct vtp_vlan v;

	cur_skip(&info, 2); /* status, type */
	const uint8_t name_len = cur_u8(&info);
	v.id = cur_be16(&info);
	cur_skip(&info, 6); /* MTU, 802.10 */
	v.name = cur_sub(&info, name_len);
	if (!cur_ok(&info))
		cur_fail(in);
	return v;
}

static bool vtp_vlans_parse(struct cur *in, struct vtp *v)
{
	cur_skip(in, 4); /* revision */
	v->vlans = cur_rest(in);
	struct cur rest = v->vlans;
	while (cur_more(&rest)) {
		const struct vtp_vlan vlan = vtp_vlan_next(&rest);
		(void)vlan;
		v->count += 1;
	}
	return cur_ok(in) && cur_ok(&rest);
}

static bool vtp_parse(struct cur *in, struct vtp *v)
{
	v->version = cur_u8(in);
	v->code = cur_u8(in);
	cur_skip(in, 1); /* followers, or sequence */
	const uint8_t len = cur_u8(in);
	struct cur domain = cur_sub(in, VTP_DOMAIN_MAX);
	v->domain = cur_sub(&domain, len);
	v->vlans = cur_sub(in, 0);
	if (!cur_ok(in) || !cur_ok(&domain) || v->version == 0 || v->version > 3)
		return false;
	if (v->code == VTP_SUBSET && v->version < 3)
		return vtp_vlans_parse(in, v);
	if (v->code == VTP_SUMMARY && v->version < 3) {
		cur_skip(in, 4);
		cur_ip4(in, &v->updater);
	}
	return cur_ok(in) && v->code >= VTP_SUMMARY && v->code <= VTP_JOIN;
}

static void vtp_tell_vlan(struct task *t, const struct packet *p, struct vtp_vlan *v)
{
	struct text text;

	text_clear(&text);
	text_decimal(&text, v->id);
	text_put(&text, ' ');
	while (cur_more(&v->name))
		text_put(&text, cur_u8(&v->name));
	text_trim(&text);
	tell_string(t, p, sender_link(p), FACT_VTP_VLAN, &text);
}

static enum verdict vtp_packet(struct task *t, struct packet *p, void *state)
{
	struct vtp v = {0};
	char text[IP_TEXT];

	(void)state;
	if (p->cut || !vtp_parse(&p->rest, &v))
		return MALFORMED;
	tell_text(t, p, sender_link(p), FACT_VTP_DOMAIN, v.domain);
	const struct ip updater = ip_from4(v.updater);
	if (ip_is_host(&updater))
		tell_word(t, p, sender_link(p), FACT_VTP_UPDATER, ip_format(&updater, text));
	for (uint32_t i = 0; i < CUR_MAX && i < v.count && cur_more(&v.vlans); i++) {
		struct vtp_vlan vlan = vtp_vlan_next(&v.vlans);
		vtp_tell_vlan(t, p, &vlan);
	}
	return LEARNED;
}

SHOW(vtp, struct vtp, FIELD(struct vtp, version, SHOW_NUMBER), FIELD(struct vtp, code, SHOW_NUMBER),
     FIELD(struct vtp, updater, SHOW_IP4), FIELD(struct vtp, count, SHOW_NUMBER))

const struct observer observer_vtp = {
	.name = "vtp",
	.about = "VLANs that switches share",
	.spec = "VLAN Trunking Protocol (Cisco; no public standard)",
	.claims = CLAIMS({SNAP, 0x00000c2003, NULL}),
	.tells = TELLS({FACT_VTP_DOMAIN, SAYS, 90}, {FACT_VTP_UPDATER, SAYS, 80},
                       {FACT_VTP_VLAN, SAYS, 90}),
	.shows = SHOWS(&vtp_show),
	.packet = vtp_packet,
};

PROVE(vtp_parse, struct vtp)
