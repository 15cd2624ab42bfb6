/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kerberos.c - hosts of a realm that log in, and the realm's servers.
 *
 * Messages are DER (RFC 4120, 5.4), over UDP one a datagram, over TCP each behind its length
 * (7.2.2). A client asks for its first ticket with its principal and realm; a Windows host that
 * logs in itself is the principal "HOST$", and it lists its NetBIOS name among its addresses (type
 * 20). Users' principals are read over. Whoever answers from port 88 is a key server, of the realm
 * that an error names.
 */
#include "observe/observer.h"

enum { KERBEROS_PORT = 88, KERBEROS_FIELDS_MAX = 16, KERBEROS_ADDRESSES_MAX = 16 };
enum kerberos_type {
	KERBEROS_AS_REQUEST = 0x6a,
	KERBEROS_AS_REPLY = 0x6b,
	KERBEROS_TGS_REQUEST = 0x6c,
	KERBEROS_TGS_REPLY = 0x6d,
	KERBEROS_ERROR = 0x7e
};
enum { BER_INTEGER = 0x02, BER_OCTETS = 0x04, BER_STRING = 0x1b, BER_SEQUENCE = 0x30 };
enum { KERBEROS_NETBIOS = 20 };

struct kerberos {
	bool more;
	uint8_t type;
	struct cur realm;
	struct cur client;  /* the principal's first part, of a request */
	uint32_t parts;     /* of the principal */
	struct cur netbios; /* an address of type 20, 16 bytes */
};

/* ---- parse */

static void kerberos_must(struct cur *in, uint8_t wanted, struct cur *content)
{
	uint8_t tag = 0;

	*content = cur_ber(in, &tag);
	if (tag != wanted)
		cur_fail(in);
}

/* PrincipalName (RFC 4120, 5.2.2): a type, and a list of parts. */
static void kerberos_principal_parse(struct cur value, struct kerberos *k)
{
	struct cur name = cur_sub(&value, 0), type = cur_sub(&value, 0);
	struct cur list = cur_sub(&value, 0), parts = cur_sub(&value, 0);

	kerberos_must(&value, BER_SEQUENCE, &name);
	kerberos_must(&name, 0xa0, &type);
	kerberos_must(&name, 0xa1, &list);
	kerberos_must(&list, BER_SEQUENCE, &parts);
	kerberos_must(&parts, BER_STRING, &k->client);
	k->parts = cur_ok(&parts) ? 1 : 0;
	if (cur_left(&parts) > 0)
		k->parts += 1;
}

/* HostAddresses (5.2.5): of each a type and its bytes. */
static void kerberos_addresses_parse(struct cur value, struct kerberos *k)
{
	struct cur list = cur_sub(&value, 0);

	kerberos_must(&value, BER_SEQUENCE, &list);
	while (cur_more(&list)) {
		struct cur one = cur_sub(&list, 0), type = cur_sub(&list, 0);
		struct cur number = cur_sub(&list, 0), bytes = cur_sub(&list, 0);
		struct cur address = cur_sub(&list, 0);
		kerberos_must(&list, BER_SEQUENCE, &one);
		kerberos_must(&one, 0xa0, &type);
		kerberos_must(&type, BER_INTEGER, &number);
		kerberos_must(&one, 0xa1, &bytes);
		kerberos_must(&bytes, BER_OCTETS, &address);
		if (cur_ok(&one) && cur_u8(&number) == KERBEROS_NETBIOS && cur_left(&address) == 16)
			k->netbios = cur_rest(&address);
	}
}

/* KDC-REQ-BODY (5.4.1): [1] client, [2] realm, [9] addresses. */
static void kerberos_body_parse(struct cur value, struct kerberos *k)
{
	struct cur body = cur_sub(&value, 0);

	kerberos_must(&value, BER_SEQUENCE, &body);
	while (cur_more(&body)) {
		uint8_t tag = 0;
		struct cur field = cur_ber(&body, &tag);
		if (tag == 0xa1)
			kerberos_principal_parse(field, k);
		if (tag == 0xa2)
			kerberos_must(&field, BER_STRING, &k->realm);
		if (tag == 0xa9)
			kerberos_addresses_parse(field, k);
	}
}

static bool kerberos_is_request(const struct kerberos *k)
{
	return k->type == KERBEROS_AS_REQUEST || k->type == KERBEROS_TGS_REQUEST;
}

/* [4] of a request is its body; [9] of an error the server's realm (5.9.1). */
static void kerberos_field_parse(uint8_t tag, struct cur field, struct kerberos *k)
{
	if (kerberos_is_request(k) && tag == 0xa4)
		kerberos_body_parse(field, k);
	if (k->type == KERBEROS_ERROR && tag == 0xa9)
		kerberos_must(&field, BER_STRING, &k->realm);
}

static bool kerberos_parse(struct cur *in, struct kerberos *k)
{
	struct cur whole = cur_sub(in, 0), fields = cur_sub(in, 0);

	k->realm = cur_sub(in, 0);
	k->client = cur_sub(in, 0);
	k->netbios = cur_sub(in, 0);
	k->type = cur_peek8(in);
	if ((k->type < KERBEROS_AS_REQUEST || k->type > KERBEROS_TGS_REPLY) &&
	    k->type != KERBEROS_ERROR)
		return false;
	uint8_t tag = 0;
	whole = cur_ber(in, &tag);
	kerberos_must(&whole, BER_SEQUENCE, &fields);
	if (!cur_ok(in) || !cur_ok(&whole))
		return false;
	for (uint32_t i = 0; i < KERBEROS_FIELDS_MAX && cur_more(&fields); i++) {
		const struct cur field = cur_ber(&fields, &tag);
		kerberos_field_parse(tag, field, k);
	}
	return cur_ok(&fields);
}

/* A message over TCP, behind four bytes of length. */
static bool kerberos_message_parse(struct cur *in, struct kerberos *k)
{
	const uint32_t len = cur_be32(in);

	k->more = !cur_ok(in) || (len <= CUR_MAX && len > cur_left(in));
	struct cur message = cur_sub(in, len);
	return cur_ok(in) && kerberos_parse(&message, k);
}

/* ---- tell */

/* HOST$: a principal of one part. */
static void kerberos_tell_host(struct task *t, const struct packet *p, const struct kerberos *k)
{
	struct cur client = k->client, netbios = k->netbios;
	struct text name;

	cur_text(&client, cur_left(&client), &name);
	if (k->parts == 1 && name.len > 1 && name.s[name.len - 1] == '$') {
		name.s[name.len - 1] = 0;
		name.len -= 1;
		tell_string(t, p, sender(p), FACT_NAME_HOST, &name);
	}
	if (cur_left(&netbios) != 16)
		return;
	cur_text(&netbios, 15, &name);
	text_trim(&name);
	if (name.len > 0)
		tell_string(t, p, sender(p), FACT_NAME_HOST, &name);
}

static enum verdict kerberos_tell(struct task *t, const struct packet *p, const struct kerberos *k)
{
	if (kerberos_is_request(k)) {
		if (p->to_port.n != KERBEROS_PORT)
			return NOTHING;
		if (k->type == KERBEROS_AS_REQUEST)
			kerberos_tell_host(t, p, k);
	} else if (p->from_port.n != KERBEROS_PORT) {
		return NOTHING;
	} else {
		tell_word(t, p, sender(p), FACT_ROLE, "kerberos-server");
	}
	if (cur_left(&k->realm) > 0)
		tell_text(t, p, sender(p), FACT_KERBEROS_REALM, k->realm);
	return LEARNED;
}

static enum verdict kerberos_packet(struct task *t, struct packet *p, void *state)
{
	struct kerberos k = {0};

	(void)state;
	if (!kerberos_parse(&p->rest, &k))
		return p->cut ? MALFORMED : NOT_MINE;
	return kerberos_tell(t, p, &k);
}

static enum verdict kerberos_stream(struct task *t, struct packet *p, struct cur *in,
                                    const struct stream *s, void *state)
{
	struct kerberos k = {0};

	(void)state;
	if (kerberos_message_parse(in, &k))
		return kerberos_tell(t, p, &k);
	if (k.more)
		return s->end ? NOTHING : NEED_MORE;
	return NOT_MINE;
}

SHOW(kerberos, struct kerberos, FIELD(struct kerberos, type, SHOW_HEX),
     FIELD(struct kerberos, parts, SHOW_NUMBER), FIELD(struct kerberos, more, SHOW_BOOL))

const struct observer observer_kerberos = {
	.name = "kerberos",
	.about = "hosts of a realm that log in, and the servers of the realm",
	.spec = "RFC 4120",
	.claims = CLAIMS({UDP_PORT, KERBEROS_PORT, NULL}, {TCP_PORT, KERBEROS_PORT, NULL}),
	.tells = TELLS({FACT_NAME_HOST, SAYS, 85}, {FACT_KERBEROS_REALM, SAYS, 85},
                       {FACT_ROLE, SAYS, 85}),
	.shows = SHOWS(&kerberos_show),
	.packet = kerberos_packet,
	.stream = kerberos_stream,
};

PROVE(kerberos_parse, struct kerberos)
PROVE(kerberos_message_parse, struct kerberos)
