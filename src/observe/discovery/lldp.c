/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lldp.c - what a port says of itself and of its device by LLDP (IEEE 802.1AB).
 *
 * The frame never leaves its link, so all of it is about the sender's port. Three TLVs must come
 * first and in order: chassis id, port id, time to live (8.2); any others follow until an end TLV
 * or the end of the frame. Organisations have TLVs of their own: 802.1 and 802.3, TIA for
 * LLDP-MED (ANSI/TIA-1057), IANA for a MUD URL (RFC 8520, 11), PROFINET (IEC 61158-6-10).
 *
 * Ids are told as text: MAC addresses in lower case with colons, network addresses in their usual
 * form, everything else in the device's bytes. A chassis id that is no MAC address is told as the
 * chassis's name: it is a serial number, a component, a host name. A time to live of 0 is a port
 * that says goodbye: what else it says of itself still holds.
 *
 * Not told: what a TLV says of protocols and flow control of the port, and a location in LLDP-MED
 * other than as bytes. A TLV whose content is shorter than its type asks for is passed over
 * alone (9.2.7.7.2): some devices send the odd one wrong, and mean the others.
 */
#include "observe/observer.h"

enum { LLDP_ETHERTYPE = 0x88cc };

enum lldp_type {
	LLDP_END,
	LLDP_CHASSIS,
	LLDP_PORT,
	LLDP_TTL,
	LLDP_PORT_TEXT,
	LLDP_NAME,
	LLDP_TEXT,
	LLDP_CAPABLE,
	LLDP_ADDRESS,
	LLDP_ORGANISATION = 127
};

/* Address families (RFC 3232) of ids and management addresses; others are not told. */
enum { LLDP_FAMILY_IPV4 = 1, LLDP_FAMILY_IPV6 = 2 };

/* Subtypes of ids: MAC addresses, network addresses being the next; all others are text. */
enum { CHASSIS_MAC = 4, PORT_MAC = 3 };

struct lldp_tlv {
	uint8_t type;
	struct cur value;
};

struct lldp {
	struct cur chassis, port; /* subtype and id */
	uint16_t ttl_s;
	struct cur rest; /* the TLVs behind the first three */
	uint32_t count;  /* of them */
	bool ended;
};

/* The organisation's number and subtype: 00-12-bb, 5 is 0x0012bb05. */
struct lldp_own {
	uint32_t number;
	struct cur value;
};

/* An id in the form that its subtype gives it: one of the three. */
struct lldp_id {
	struct mac mac;
	struct ip ip;
	struct cur text;
};

/* LLDP-MED network policy: 1 unknown, 1 tagged, 1 reserved, 12 VLAN, 3 priority, 6 DSCP bits. */
struct lldp_policy {
	uint8_t application;
	bool unknown;
	uint16_t vlan;
	uint8_t priority, dscp;
};

/* ---- parse */

static struct lldp_tlv lldp_tlv_next(struct cur *in)
{
	const uint16_t head = cur_be16(in);
	struct lldp_tlv tlv;

	tlv.type = (uint8_t)(head >> 9);
	tlv.value = cur_sub(in, head & 0x1ff);
	return tlv;
}

/* The value of a TLV that must come next, and be of this type. */
static void lldp_must(struct cur *in, enum lldp_type type, struct cur *value)
{
	const uint16_t head = cur_be16(in);

	if (head >> 9 != type)
		cur_fail(in);
	*value = cur_sub(in, head & 0x1ff);
}

static bool lldp_judge(struct lldp *l)
{
	struct cur rest = l->rest;

	while (cur_more(&rest)) {
		const struct lldp_tlv tlv = lldp_tlv_next(&rest);
		l->count += 1;
		if (tlv.type == LLDP_END) {
			l->ended = true;
			return cur_ok(&rest);
		}
	}
	return cur_ok(&rest);
}

static bool lldp_parse(struct cur *in, struct lldp *l)
{
	struct cur ttl = cur_sub(in, 0);

	lldp_must(in, LLDP_CHASSIS, &l->chassis);
	lldp_must(in, LLDP_PORT, &l->port);
	lldp_must(in, LLDP_TTL, &ttl);
	l->ttl_s = cur_be16(&ttl);
	l->rest = cur_rest(in);
	return cur_ok(in) && cur_ok(&ttl) && cur_left(&l->chassis) >= 2 &&
	       cur_left(&l->port) >= 2 && lldp_judge(l);
}

static bool lldp_address_parse(struct cur *in, struct ip *ip)
{
	const uint8_t family = cur_u8(in);

	if (family == LLDP_FAMILY_IPV4 || family == LLDP_FAMILY_IPV6)
		cur_ip(in, family == LLDP_FAMILY_IPV6 ? 6 : 4, ip);
	return cur_ok(in);
}

/* The subtype of MAC addresses is given; that of network addresses is the next. */
static bool lldp_id_parse(struct cur *in, uint8_t mac_subtype, struct lldp_id *id)
{
	const uint32_t subtype = cur_u8(in);

	id->text = cur_sub(in, 0);
	if (subtype == mac_subtype && cur_left(in) == 6)
		cur_mac(in, &id->mac);
	else if (subtype == mac_subtype + 1u)
		return lldp_address_parse(in, &id->ip);
	else
		id->text = cur_token(in, "\0");
	return cur_ok(in);
}

static bool lldp_own_parse(struct cur *in, struct lldp_own *own)
{
	own->number = cur_be32(in);
	own->value = cur_rest(in);
	return cur_ok(in);
}

static bool lldp_policy_parse(struct cur *in, struct lldp_policy *policy)
{
	policy->application = cur_u8(in);
	const uint32_t bits = cur_be24(in);
	policy->unknown = (bits & 0x800000) != 0;
	policy->vlan = (uint16_t)(bits >> 9 & 0x0fff);
	policy->priority = (uint8_t)(bits >> 6 & 7);
	policy->dscp = (uint8_t)(bits & 0x3f);
	return cur_ok(in);
}

/* ---- tell */

static void lldp_tell_ip(struct task *t, const struct packet *p, enum fact_kind kind,
                         const struct ip *ip)
{
	char text[IP_TEXT];

	if (ip_is_host(ip))
		tell_word(t, p, sender_link(p), kind, ip_format(ip, text));
}

static void lldp_tell_mac(struct task *t, const struct packet *p, enum fact_kind kind,
                          struct mac mac)
{
	char text[MAC_TEXT];

	if (!mac_is_zero(mac))
		tell_word(t, p, sender_link(p), kind, mac_format(mac, text));
}

static void lldp_tell_chassis(struct task *t, const struct packet *p, struct cur value)
{
	struct lldp_id id = {0};

	if (!lldp_id_parse(&value, CHASSIS_MAC, &id))
		return;
	lldp_tell_mac(t, p, FACT_LLDP_CHASSIS_ID, id.mac);
	lldp_tell_ip(t, p, FACT_LLDP_CHASSIS_NAME, &id.ip);
	tell_text(t, p, sender_link(p), FACT_LLDP_CHASSIS_NAME, id.text);
}

static void lldp_tell_port(struct task *t, const struct packet *p, struct cur value)
{
	struct lldp_id id = {0};

	if (!lldp_id_parse(&value, PORT_MAC, &id))
		return;
	lldp_tell_mac(t, p, FACT_LLDP_PORT_ID, id.mac);
	lldp_tell_ip(t, p, FACT_LLDP_PORT_ID, &id.ip);
	tell_text(t, p, sender_link(p), FACT_LLDP_PORT_ID, id.text);
}

/* Those that are switched on, the second of two bit maps, in the order of their bits. */
static void lldp_tell_capabilities(struct task *t, const struct packet *p, struct cur value)
{
	static const char *const names[] = {"other",  "repeater",  "bridge", "wlan-ap",
	                                    "router", "telephone", "docsis", "station",
	                                    "c-vlan", "s-vlan",    "tpmr"};
	struct text words;

	text_clear(&words);
	cur_skip(&value, 2);
	const uint16_t enabled = cur_be16(&value);
	for (uint32_t i = 0; i < COUNT_OF(names); i++) {
		if ((enabled >> i & 1) == 0)
			continue;
		if (words.len > 0)
			text_put(&words, ',');
		for (uint32_t k = 0; k < TEXT_MAX && names[i][k] != 0; k++)
			text_put(&words, (uint8_t)names[i][k]);
	}
	tell_string(t, p, sender_link(p), FACT_LLDP_CAPABILITIES, &words);
}

/* The length counts the family too; what follows, an interface and an OID, is left. */
static void lldp_tell_management(struct task *t, const struct packet *p, struct cur value)
{
	struct cur address = cur_sub(&value, cur_u8(&value));
	struct ip ip = {0};

	if (lldp_address_parse(&address, &ip))
		lldp_tell_ip(t, p, FACT_MANAGEMENT, &ip);
}

typedef void lldp_teller(struct task *t, const struct packet *p, enum fact_kind kind,
                         struct cur value);

static void lldp_text(struct task *t, const struct packet *p, enum fact_kind kind, struct cur value)
{
	tell_text(t, p, sender_link(p), kind, cur_token(&value, "\0"));
}

static void lldp_bytes(struct task *t, const struct packet *p, enum fact_kind kind,
                       struct cur value)
{
	const uint32_t len = cur_left(&value);
	uint8_t bytes[512];

	if (cur_copy(&value, bytes, sizeof bytes, len))
		tell_bytes(t, p, sender_link(p), kind, bytes, len);
}

static void lldp_number16(struct task *t, const struct packet *p, enum fact_kind kind,
                          struct cur value)
{
	const uint16_t number = cur_be16(&value);

	if (cur_ok(&value) && number != 0)
		tell_number(t, p, sender_link(p), kind, number);
}

/* After what the port is able to negotiate. */
static void lldp_mau(struct task *t, const struct packet *p, enum fact_kind kind, struct cur value)
{
	cur_skip(&value, 3);
	lldp_number16(t, p, kind, value);
}

/* After the port's side and pairs, or after the capabilities of LLDP-MED. */
static void lldp_class(struct task *t, const struct packet *p, enum fact_kind kind,
                       struct cur value)
{
	cur_skip(&value, 2);
	const uint8_t class = cur_u8(&value);
	if (cur_ok(&value))
		tell_number(t, p, sender_link(p), kind, class);
}

/* Bit 1 of the status: the port is in the aggregation that follows. */
static void lldp_aggregation(struct task *t, const struct packet *p, enum fact_kind kind,
                             struct cur value)
{
	const uint8_t status = cur_u8(&value);
	const uint32_t port = cur_be32(&value);

	if (cur_ok(&value) && (status & 2) != 0)
		tell_number(t, p, sender_link(p), kind, port);
}

static void lldp_vlan_name(struct task *t, const struct packet *p, enum fact_kind kind,
                           struct cur value)
{
	const uint16_t vlan = cur_be16(&value);
	struct cur name = cur_sub(&value, cur_u8(&value));
	struct text text;

	if (!cur_ok(&value))
		return;
	text_clear(&text);
	text_decimal(&text, vlan);
	text_put(&text, ' ');
	while (cur_more(&name))
		text_put(&text, cur_u8(&name));
	tell_string(t, p, sender_link(p), kind, &text);
}

/* After who gives it, from where, and how urgently: tenths of a watt. */
static void lldp_med_power(struct task *t, const struct packet *p, enum fact_kind kind,
                           struct cur value)
{
	cur_skip(&value, 1);
	lldp_number16(t, p, kind, value);
}

static void lldp_med_policy(struct task *t, const struct packet *p, enum fact_kind kind,
                            struct cur value)
{
	struct lldp_policy policy = {0};
	struct text text;

	if (!lldp_policy_parse(&value, &policy) || policy.unknown)
		return;
	text_clear(&text);
	text_add(&text, "application ");
	text_decimal(&text, policy.application);
	text_add(&text, " vlan ");
	text_decimal(&text, policy.vlan);
	text_add(&text, " priority ");
	text_decimal(&text, policy.priority);
	text_add(&text, " dscp ");
	text_decimal(&text, policy.dscp);
	tell_string(t, p, sender_link(p), kind, &text);
}

static void lldp_mac(struct task *t, const struct packet *p, enum fact_kind kind, struct cur value)
{
	struct mac mac;

	cur_mac(&value, &mac);
	if (cur_ok(&value))
		lldp_tell_mac(t, p, kind, mac);
}

/* The organisations' TLVs that say who or what a device is. */
static const struct lldp_rule {
	uint32_t number;
	enum fact_kind kind;
	lldp_teller *tell;
} lldp_rules[] = {
	{0x0080c201, FACT_LLDP_PVID, lldp_number16}, /* 802.1 */
	{0x0080c203, FACT_LLDP_VLAN_NAME, lldp_vlan_name},
	{0x0080c207, FACT_LLDP_AGGREGATION, lldp_aggregation},
	{0x00120f01, FACT_LLDP_MAU, lldp_mau}, /* 802.3 */
	{0x00120f02, FACT_LLDP_POWER_CLASS, lldp_class},
	{0x00120f03, FACT_LLDP_AGGREGATION, lldp_aggregation},
	{0x00120f04, FACT_LLDP_MAX_FRAME, lldp_number16},
	{0x0012bb01, FACT_LLDP_MED_CLASS, lldp_class}, /* LLDP-MED */
	{0x0012bb02, FACT_LLDP_POLICY, lldp_med_policy},
	{0x0012bb03, FACT_LLDP_LOCATION, lldp_bytes},
	{0x0012bb04, FACT_LLDP_POWER, lldp_med_power},
	{0x0012bb05, FACT_LLDP_HARDWARE, lldp_text},
	{0x0012bb06, FACT_LLDP_FIRMWARE, lldp_text},
	{0x0012bb07, FACT_LLDP_SOFTWARE, lldp_text},
	{0x0012bb08, FACT_LLDP_SERIAL, lldp_text},
	{0x0012bb09, FACT_LLDP_MANUFACTURER, lldp_text},
	{0x0012bb0a, FACT_LLDP_MODEL, lldp_text},
	{0x0012bb0b, FACT_LLDP_ASSET_ID, lldp_text},
	{0x00005e01, FACT_LLDP_MUD_URL, lldp_text},     /* IANA */
	{0x000ecf05, FACT_LLDP_PROFINET_MAC, lldp_mac}, /* PROFINET */
};

static void lldp_tell_own(struct task *t, const struct packet *p, struct cur value)
{
	struct lldp_own own = {0};

	if (!lldp_own_parse(&value, &own))
		return;
	for (uint32_t i = 0; i < COUNT_OF(lldp_rules); i++)
		if (lldp_rules[i].number == own.number)
			lldp_rules[i].tell(t, p, lldp_rules[i].kind, own.value);
}

static void lldp_tell_tlv(struct task *t, const struct packet *p, const struct lldp_tlv *tlv)
{
	switch (tlv->type) {
	case LLDP_PORT_TEXT:
		lldp_text(t, p, FACT_LLDP_PORT_DESCRIPTION, tlv->value);
		break;
	case LLDP_NAME:
		lldp_text(t, p, FACT_LLDP_SYSTEM_NAME, tlv->value);
		break;
	case LLDP_TEXT:
		lldp_text(t, p, FACT_LLDP_SYSTEM_DESCRIPTION, tlv->value);
		break;
	case LLDP_CAPABLE:
		lldp_tell_capabilities(t, p, tlv->value);
		break;
	case LLDP_ADDRESS:
		lldp_tell_management(t, p, tlv->value);
		break;
	case LLDP_ORGANISATION:
		lldp_tell_own(t, p, tlv->value);
		break;
	default:
		break;
	}
}

static enum verdict lldp_packet(struct task *t, struct packet *p, void *state)
{
	struct lldp l = {0};

	(void)state;
	if (!lldp_parse(&p->rest, &l) || (p->cut && !l.ended))
		return MALFORMED;
	lldp_tell_chassis(t, p, l.chassis);
	lldp_tell_port(t, p, l.port);
	struct cur rest = l.rest;
	for (uint32_t i = 0; i < CUR_MAX && i < l.count && cur_more(&rest); i++) {
		const struct lldp_tlv tlv = lldp_tlv_next(&rest);
		lldp_tell_tlv(t, p, &tlv);
	}
	return LEARNED;
}

SHOW(lldp, struct lldp, FIELD(struct lldp, ttl_s, SHOW_NUMBER),
     FIELD(struct lldp, count, SHOW_NUMBER), FIELD(struct lldp, ended, SHOW_BOOL))

const struct observer observer_lldp = {
	.name = "lldp",
	.about = "what a port and its device say to their neighbour",
	.spec = "IEEE 802.1AB, ANSI/TIA-1057, RFC 8520, IEC 61158-6-10",
	.claims = CLAIMS({ETHERTYPE, LLDP_ETHERTYPE, NULL}),
	.tells = TELLS({FACT_LLDP_CHASSIS_ID, SAYS, 95}, {FACT_LLDP_CHASSIS_NAME, SAYS, 90},
                       {FACT_LLDP_PORT_ID, SAYS, 95}, {FACT_LLDP_PORT_DESCRIPTION, SAYS, 95},
                       {FACT_LLDP_SYSTEM_NAME, SAYS, 95}, {FACT_LLDP_SYSTEM_DESCRIPTION, SAYS, 95},
                       {FACT_LLDP_CAPABILITIES, SAYS, 95}, {FACT_MANAGEMENT, SAYS, 90},
                       {FACT_LLDP_PVID, SAYS, 90}, {FACT_LLDP_VLAN_NAME, SAYS, 90},
                       {FACT_LLDP_AGGREGATION, SAYS, 90}, {FACT_LLDP_MAU, SAYS, 90},
                       {FACT_LLDP_POWER_CLASS, SAYS, 90}, {FACT_LLDP_MAX_FRAME, SAYS, 90},
                       {FACT_LLDP_MED_CLASS, SAYS, 95}, {FACT_LLDP_POLICY, SAYS, 90},
                       {FACT_LLDP_LOCATION, SAYS, 80}, {FACT_LLDP_POWER, SAYS, 90},
                       {FACT_LLDP_HARDWARE, SAYS, 95}, {FACT_LLDP_FIRMWARE, SAYS, 95},
                       {FACT_LLDP_SOFTWARE, SAYS, 95}, {FACT_LLDP_SERIAL, SAYS, 95},
                       {FACT_LLDP_MANUFACTURER, SAYS, 95}, {FACT_LLDP_MODEL, SAYS, 95},
                       {FACT_LLDP_ASSET_ID, SAYS, 95}, {FACT_LLDP_MUD_URL, SAYS, 95},
                       {FACT_LLDP_PROFINET_MAC, SAYS, 95}),
	.shows = SHOWS(&lldp_show),
	.packet = lldp_packet,
};

PROVE(lldp_parse, struct lldp)
PROVE_WITH(lldp_id_parse, struct lldp_id, uint8_t)
PROVE(lldp_address_parse, struct ip)
PROVE(lldp_own_parse, struct lldp_own)
PROVE(lldp_policy_parse, struct lldp_policy)
