/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ike.c - who would protect traffic with whom (IKE versions 1 and 2), and with what software.
 *
 * The first messages are in the clear (RFC 2408, 3; RFC 7296, 3): a chain of payloads, of which a
 * vendor id says whose implementation it is, or just what it can: so only some name a product.
 * Most are the MD5 of a published text, with a version behind it. In version 1's aggressive mode
 * the identity stands beside them (RFC 2407, 4.6.2). On port 4500 four zeros tell IKE from ESP (RFC
 * 3948, 2.2); a keep-alive there is one byte.
 *
 * Who began: in version 1 the responder's number is zero in the first message alone (RFC 2408, 3.1),
 * and what begins with a security association else is the answer (RFC 2409, 5); later messages do
 * not say it. In version 2 a flag does (RFC 7296, 3.1).
 *
 * Strictly judged: the length is that of the datagram, the exchange is one that exists, the chain
 * ends where the message does.
 */
#include "observe/observer.h"

enum { IKE_PORT = 500, IKE_NAT_PORT = 4500, IKE_HEAD = 28, IKE_PAYLOAD_HEAD = 4 };
enum {
	IKE_1 = 1,
	IKE_2 = 2,
	IKE_1_ENCRYPTED = 0x01,
	IKE_2_INITIATOR = 0x08,
	IKE_2_RESPONSE = 0x20
};
enum ike_payload {
	IKE_NONE = 0,
	IKE_1_SA = 1,
	IKE_1_ID = 5,
	IKE_1_VENDOR = 13,
	IKE_2_FIRST = 33,
	IKE_2_VENDOR = 43,
	IKE_2_ENCRYPTED = 46,
	IKE_2_FRAGMENT = 53
};
enum ike_exchange {
	IKE_1_MAIN = 2,
	IKE_1_AGGRESSIVE = 4,
	IKE_1_INFORMATIONAL = 5,
	IKE_1_TRANSACTION = 6,
	IKE_1_QUICK = 32,
	IKE_1_NEW_GROUP = 33,
	IKE_2_INIT = 34,
	IKE_2_FOLLOWUP = 44
};
/* Kinds of identities that are texts (RFC 2407, 4.6.2.1). */
enum { IKE_ID_NAME = 2, IKE_ID_USER = 3, IKE_ID_KEY = 11 };

struct ike {
	uint8_t version, exchange, flags;
	bool begins; /* the responder has no number yet */
	uint32_t count;
	uint8_t first;       /* kind of the first payload */
	struct cur payloads; /* of these `count` are in the clear */
};

/* ---- parse */

struct ike_payload_head {
	uint8_t next;
	struct cur body;
};

static bool ike_payload_parse(struct cur *in, struct ike_payload_head *h)
{
	h->next = cur_u8(in);
	cur_skip(in, 1);
	const uint16_t len = cur_be16(in);
	h->body = cur_sub(in,
	                  len < IKE_PAYLOAD_HEAD ? CUR_MAX + 1 : len - (uint32_t)IKE_PAYLOAD_HEAD);
	return cur_ok(in);
}

static bool ike_is_encrypted(uint8_t kind)
{
	return kind == IKE_2_ENCRYPTED || kind == IKE_2_FRAGMENT;
}

/* The chain is whole: each names the next, up to the last, or to one that is encrypted. */
static bool ike_judge(struct cur payloads, struct ike *m)
{
	struct ike_payload_head h = {0};
	uint8_t kind = m->first;

	while (cur_more(&payloads) && kind != IKE_NONE && !ike_is_encrypted(kind)) {
		if (!ike_payload_parse(&payloads, &h))
			return false;
		kind = h.next;
		m->count += 1;
	}
	return ike_is_encrypted(kind) || (kind == IKE_NONE && cur_left(&payloads) == 0);
}

static bool ike_is_exchange(const struct ike *m)
{
	if (m->version == IKE_2)
		return m->exchange >= IKE_2_INIT && m->exchange <= IKE_2_FOLLOWUP &&
		       (m->first == IKE_NONE || m->first >= IKE_2_FIRST);
	return m->exchange == IKE_1_MAIN || m->exchange == IKE_1_AGGRESSIVE ||
	       m->exchange == IKE_1_INFORMATIONAL || m->exchange == IKE_1_TRANSACTION ||
	       m->exchange == IKE_1_QUICK || m->exchange == IKE_1_NEW_GROUP;
}

/* No initiator has the number that begins with the four zeros of port 4500. */
static bool ike_parse(struct cur *in, struct ike *m)
{
	(void)cur_is(in, "\0\0\0\0");
	const uint32_t left = cur_left(in);
	const uint64_t initiator = cur_be64(in);

	m->begins = cur_be64(in) == 0;
	m->first = cur_u8(in);
	m->version = cur_u8(in) >> 4;
	m->exchange = cur_u8(in);
	m->flags = cur_u8(in);
	cur_skip(in, 4); /* message id */
	const uint32_t len = cur_be32(in);
	m->payloads = cur_rest(in);
	if (!cur_ok(in) || initiator == 0 || len != left || !ike_is_exchange(m) ||
	    (m->version != IKE_1 && m->version != IKE_2))
		return false;
	if (m->version == IKE_1 && (m->flags & IKE_1_ENCRYPTED) != 0)
		return true;
	return ike_judge(m->payloads, m);
}

/* Kind of identity, protocol and port, data. */
struct ike_identity {
	uint8_t kind;
	struct cur data;
};

static bool ike_identity_parse(struct cur *in, struct ike_identity *d)
{
	d->kind = cur_u8(in);
	cur_skip(in, 3);
	d->data = cur_rest(in);
	return cur_ok(in) &&
	       (d->kind == IKE_ID_NAME || d->kind == IKE_ID_USER || d->kind == IKE_ID_KEY) &&
	       cur_left(&d->data) > 0;
}

/* ---- vendors */

struct ike_vendor {
	const char *id; /* its first bytes */
	uint8_t len;
	const char *product;
};

#define VENDOR(id, product)                 \
	{                                   \
		id, sizeof(id) - 1, product \
	}

/* "MS NT5 ISAKMPOAKLEY" as MD5, and a version ([MS-IKEE], appendix of product behaviour). */
#define MICROSOFT "\x1e\x2b\x51\x69\x05\x99\x1c\x7d\x7c\x96\xfc\xbf\xb5\x87\xe4\x61\x00\x00\x00"

static const struct ike_vendor ike_vendors[] = {
	VENDOR(MICROSOFT "\x02", "Windows 2000"),
	VENDOR(MICROSOFT "\x03", "Windows XP"),
	VENDOR(MICROSOFT "\x04", "Windows XP SP2 or Server 2003"),
	VENDOR(MICROSOFT "\x05", "Windows Vista"),
	VENDOR(MICROSOFT "\x06", "Windows Server 2008"),
	VENDOR(MICROSOFT "\x07", "Windows 7"),
	VENDOR(MICROSOFT "\x08", "Windows Server 2008 R2"),
	VENDOR(MICROSOFT "\x09", "Windows 8 or later"),
	/* MD5 of "strongSwan" */
	VENDOR("\x88\x2f\xe5\x6d\x6f\xd2\x0d\xbc\x22\x51\x61\x3b\x2e\xbe\x5b\xeb", "strongSwan"),
	/* MD5 of "KAME/racoon" */
	VENDOR("\x70\x03\xcb\xc1\x09\x7d\xbe\x9c\x26\x00\xba\x69\x83\xbc\x8b\x35", "racoon"),
	/* MD5 of "ALTIGA GATEWAY", its last bytes a version */
	VENDOR("\x1f\x07\xf7\x0e\xaa\x65\x14\xd3\xb0\xfa\x96\x54\x2a", "Cisco VPN 3000"),
	/* 20 bytes; product, version, time and features follow */
	VENDOR("\xf4\xed\x19\xe0\xc1\x14\xeb\x51\x6f\xaa\xac\x0e\xe3\x7d\xaf\x28\x07\xb4\x38\x1f",
               "Check Point"),
	VENDOR("\x82\x99\x03\x17\x57\xa3\x60\x82\xc6\xa6\x21\xde", "Fortinet FortiGate"),
	VENDOR("\x40\x4b\xf4\x39\x52\x2c\xa3\xf6", "SonicWall"),
	VENDOR("\x5b\x36\x2b\xc8\x20\xf6", "SonicWall"),
	VENDOR("\x62\x50\x27\x74\x9d\x5a\xb9\x7f\x56\x16\xc1\x60\x27\x65\xcf\x48\x0a\x3b\x7d\x0b",
               "ZyXEL ZyWALL"),
	VENDOR("BNES", "Nortel Contivity"),
	VENDOR("CISCO(COPYRIGHT)", "Cisco"),
	VENDOR("CISCO-DELETE-REASON", "Cisco"),
	VENDOR("CISCO-DYNAMIC-ROUTE", "Cisco"),
	VENDOR("FLEXVPN-SUPPORTED", "Cisco"),
	VENDOR("Mac OS 10.x", "Mac OS X"),
	VENDOR("OE-Libreswan-", "Libreswan"),
};

static const char *ike_product(struct cur id)
{
	for (unsigned i = 0; i < COUNT_OF(ike_vendors); i++) {
		struct cur here = id;
		if (cur_is_bytes(&here, ike_vendors[i].id, ike_vendors[i].len))
			return ike_vendors[i].product;
	}
	return NULL;
}

/* ---- tell */

static void ike_tell_vendor(struct task *t, const struct packet *p, struct cur id)
{
	const char *const product = ike_product(id);

	if (cur_left(&id) == 0)
		return;
	tell_text(t, p, sender(p), FACT_IKE_VENDOR_ID, id);
	if (product != NULL)
		tell_word(t, p, sender(p), FACT_IKE_PRODUCT, product);
}

static void ike_tell_payloads(struct task *t, const struct packet *p, struct ike *m)
{
	struct ike_payload_head h = {0};
	struct ike_identity d = {0};
	uint8_t kind = m->first;

	for (uint32_t i = 0; i < CUR_MAX && i < m->count && cur_more(&m->payloads); i++) {
		if (!ike_payload_parse(&m->payloads, &h))
			return;
		if (kind == (m->version == IKE_1 ? IKE_1_VENDOR : IKE_2_VENDOR))
			ike_tell_vendor(t, p, h.body);
		if (m->version == IKE_1 && kind == IKE_1_ID && ike_identity_parse(&h.body, &d))
			tell_text(t, p, sender(p), FACT_IKE_ID, d.data);
		kind = h.next;
	}
}

/* NULL: it cannot be known. */
static const char *ike_role(const struct ike *m)
{
	if (m->version == IKE_2)
		return (m->flags & IKE_2_INITIATOR) != 0 ? "initiator" : "responder";
	if ((m->flags & IKE_1_ENCRYPTED) != 0 || m->first != IKE_1_SA)
		return NULL;
	return m->begins ? "initiator" : "responder";
}

static void ike_tell(struct task *t, const struct packet *p, struct ike *m)
{
	const char *const role = ike_role(m);
	char text[IP_TEXT];

	tell_number(t, p, sender(p), FACT_IKE_VERSION, m->version);
	if (role != NULL)
		tell_word(t, p, sender(p), FACT_VPN_ROLE, role);
	if (ip_is_host(&p->to))
		tell_word(t, p, sender(p), FACT_VPN_PEER, ip_format(&p->to, text));
	ike_tell_payloads(t, p, m);
}

static enum verdict ike_packet(struct task *t, struct packet *p, void *state)
{
	struct ike m = {0};

	(void)state;
	if (!ike_parse(&p->rest, &m))
		return p->cut ? MALFORMED : NOT_MINE;
	ike_tell(t, p, &m);
	return LEARNED;
}

SHOW(ike, struct ike, FIELD(struct ike, version, SHOW_NUMBER),
     FIELD(struct ike, exchange, SHOW_NUMBER), FIELD(struct ike, flags, SHOW_HEX),
     FIELD(struct ike, begins, SHOW_BOOL), FIELD(struct ike, count, SHOW_NUMBER))

const struct observer observer_ike = {
	.name = "ike",
	.about = "who negotiates IPsec with whom, and with what software",
	.spec = "RFC 7296, RFC 2408, RFC 2407, RFC 3948",
	.claims = CLAIMS({UDP_PORT, IKE_PORT, NULL}, {UDP_PORT, IKE_NAT_PORT, NULL}),
	.tells = TELLS({FACT_IKE_VERSION, SAYS, 90}, {FACT_IKE_VENDOR_ID, SAYS, 90},
                       {FACT_IKE_PRODUCT, SAYS, 80}, {FACT_IKE_ID, SAYS, 85},
                       {FACT_VPN_ROLE, SAYS, 90}, {FACT_VPN_PEER, SAYS, 85}),
	.shows = SHOWS(&ike_show),
	.packet = ike_packet,
};

PROVE(ike_parse, struct ike)
PROVE(ike_payload_parse, struct ike_payload_head)
PROVE(ike_identity_parse, struct ike_identity)
