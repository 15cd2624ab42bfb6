/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ldap.c - directory servers and domain controllers, and who logs in to them.
 *
 * Messages are BER (RFC 4511, 4.2), one after another over TCP, one a datagram over UDP (CLDAP).
 *
 *	bind            NTLM's messages, in SASL or in Microsoft's own way ([MS-ADTS], 5.1.1.1);
 *	                a password in the clear, of which only that is told
 *	entry ""        the server of itself (RFC 4512, 5.1): its host name, what it serves
 *	netlogon        an attribute of an entry: how a domain controller answers who looks for
 *	                one ([MS-ADTS], 6.3.1.9): forest, domain, host, site
 *
 * Names in netlogon are DNS's, compressed within the value. Once a connection is signed or
 * encrypted what follows is no message any more, and nothing wrong.
 */
#include "observe/shared/ntlmssp.h"

enum { LDAP_PORT = 389, LDAP_CATALOG_PORT = 3268, LDAP_ATTRIBUTES_MAX = 64 };
enum { BER_INTEGER = 0x02, BER_OCTETS = 0x04, BER_SEQUENCE = 0x30, BER_SET = 0x31 };
enum ldap_op {
	LDAP_BIND = 0x60,
	LDAP_BOUND = 0x61,
	LDAP_ENTRY = 0x64,
	LDAP_LAST = 0x79,
};
enum { LDAP_SIMPLE = 0x80, NETLOGON_EX = 0x17 };

struct ldap {
	bool more; /* the message is not whole yet */
	uint8_t op;
	struct cur body;
};

struct ldap_entry {
	bool root; /* the entry is the server's own */
	struct cur attributes;
};

struct ldap_attribute {
	struct cur name;
	struct cur value;  /* the first */
	struct cur others; /* what follows it */
};

struct netlogon {
	uint16_t opcode;
	uint32_t flags;
	uint32_t start;
	struct cur names; /* forest, domain, host, domain and host of NetBIOS, user, site ... */
};

/* ---- parse */

static void ldap_must(struct cur *in, uint8_t wanted, struct cur *content)
{
	uint8_t tag = 0;

	*content = cur_ber(in, &tag);
	if (tag != wanted)
		cur_fail(in);
}

/* False: it is no message, or, with `more`, not yet one. */
static bool ldap_parse(struct cur *in, struct ldap *l)
{
	struct cur message = cur_sub(in, 0), id = cur_sub(in, 0);

	l->body = cur_sub(in, 0);
	if (cur_peek8(in) != BER_SEQUENCE)
		return false;
	ldap_must(in, BER_SEQUENCE, &message);
	l->more = !cur_ok(in);
	ldap_must(&message, BER_INTEGER, &id);
	l->body = cur_ber(&message, &l->op);
	return cur_ok(in) && cur_ok(&message) && l->op >= 0x42 && l->op <= LDAP_LAST;
}

static bool ldap_entry_parse(struct cur *in, struct ldap_entry *e)
{
	struct cur name = cur_sub(in, 0);

	e->attributes = cur_sub(in, 0);
	ldap_must(in, BER_OCTETS, &name);
	e->root = cur_left(&name) == 0;
	ldap_must(in, BER_SEQUENCE, &e->attributes);
	return cur_ok(in);
}

static bool ldap_attribute_next(struct cur *in, struct ldap_attribute *a)
{
	if (!cur_more(in))
		return false;
	struct cur attribute = cur_sub(in, 0);
	ldap_must(in, BER_SEQUENCE, &attribute);
	ldap_must(&attribute, BER_OCTETS, &a->name);
	ldap_must(&attribute, BER_SET, &a->others);
	a->value = cur_sub(&a->others, 0);
	if (cur_left(&a->others) > 0)
		ldap_must(&a->others, BER_OCTETS, &a->value);
	if (!cur_ok(&attribute) || !cur_ok(&a->others))
		cur_fail(in);
	return cur_ok(in);
}

/* The next of several values. */
static bool ldap_value_next(struct cur *in, struct cur *value)
{
	*value = cur_sub(in, 0);
	if (!cur_more(in))
		return false;
	ldap_must(in, BER_OCTETS, value);
	return cur_ok(in);
}

/* Version, name and choice of a bind; true: it has a name and a password in the clear. */
static bool ldap_bind_parse(struct cur *in, bool *clear)
{
	struct cur version = cur_sub(in, 0), name = cur_sub(in, 0);
	uint8_t tag = 0;

	ldap_must(in, BER_INTEGER, &version);
	ldap_must(in, BER_OCTETS, &name);
	const struct cur secret = cur_ber(in, &tag);
	*clear = tag == LDAP_SIMPLE && cur_left(&name) > 0 && cur_left(&secret) > 0;
	return cur_ok(in);
}

static bool netlogon_parse(struct cur *in, struct netlogon *n)
{
	n->start = cur_pos(in);
	n->opcode = cur_le16(in);
	cur_skip(in, 2);
	n->flags = cur_le32(in);
	cur_skip(in, 16);
	n->names = cur_rest(in);
	return cur_ok(in) && n->opcode == NETLOGON_EX;
}

/* ---- tell */

static void ldap_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                           struct cur value)
{
	if (cur_left(&value) > 0)
		tell_text(t, p, sender(p), kind, value);
}

/* In the order of the names; 0: is not told. */
static void netlogon_tell(struct task *t, const struct packet *p, struct cur value)
{
	static const enum fact_kind kinds[] = {
		FACT_LDAP_FOREST, FACT_LDAP_DOMAIN, FACT_LDAP_HOST, FACT_NAME_WORKGROUP,
		FACT_NONE,        FACT_NONE,        FACT_LDAP_SITE};
	struct netlogon n = {0};
	struct text name;

	if (!netlogon_parse(&value, &n))
		return;
	tell_word(t, p, sender(p), FACT_ROLE, "domain-controller");
	for (uint32_t i = 0; i < COUNT_OF(kinds); i++) {
		cur_dns_name(&n.names, n.start, &name);
		if (!cur_ok(&n.names))
			return;
		if (kinds[i] != FACT_NONE && name.len > 0)
			tell_string(t, p, sender(p), kinds[i], &name);
	}
}

static bool ldap_is(struct cur name, const char *what, uint32_t len)
{
	return cur_left(&name) == len && cur_is_caseless_bytes(&name, what, len);
}
#define LDAP_IS(name, literal) ldap_is((name), "" literal, (uint32_t)sizeof(literal) - 1)

static void ldap_tell_contexts(struct task *t, const struct packet *p, struct ldap_attribute a)
{
	ldap_tell_text(t, p, FACT_LDAP_CONTEXT, a.value);
	for (uint32_t i = 0; i < LDAP_ATTRIBUTES_MAX && ldap_value_next(&a.others, &a.value); i++)
		ldap_tell_text(t, p, FACT_LDAP_CONTEXT, a.value);
}

static void ldap_tell_attribute(struct task *t, const struct packet *p,
                                const struct ldap_attribute *a)
{
	if (LDAP_IS(a->name, "netlogon"))
		netlogon_tell(t, p, a->value);
	if (LDAP_IS(a->name, "dnshostname"))
		ldap_tell_text(t, p, FACT_LDAP_HOST, a->value);
	if (LDAP_IS(a->name, "defaultnamingcontext"))
		ldap_tell_text(t, p, FACT_LDAP_CONTEXT, a->value);
	if (LDAP_IS(a->name, "namingcontexts"))
		ldap_tell_contexts(t, p, *a);
}

/* Other entries tell of others. */
static enum verdict ldap_tell_entry(struct task *t, const struct packet *p, struct cur body)
{
	struct ldap_entry e = {0};
	struct ldap_attribute a = {0};

	if (!ldap_entry_parse(&body, &e))
		return MALFORMED;
	if (!e.root)
		return NOTHING;
	tell_word(t, p, sender(p), FACT_ROLE, "ldap-server");
	for (uint32_t i = 0; i < LDAP_ATTRIBUTES_MAX && ldap_attribute_next(&e.attributes, &a); i++)
		ldap_tell_attribute(t, p, &a);
	return LEARNED;
}

static enum verdict ldap_tell_bind(struct task *t, const struct packet *p, struct cur body)
{
	const bool told = ntlmssp_tell(t, p, body);
	bool clear = false;

	if (!ldap_bind_parse(&body, &clear))
		return MALFORMED;
	if (clear)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "ldap");
	return told || clear ? LEARNED : NOTHING;
}

static enum verdict ldap_message(struct task *t, const struct packet *p, const struct ldap *l)
{
	switch (l->op) {
	case LDAP_BIND:
		return ldap_tell_bind(t, p, l->body);
	case LDAP_BOUND:
		tell_word(t, p, sender(p), FACT_ROLE, "ldap-server");
		ntlmssp_tell(t, p, l->body);
		return LEARNED;
	case LDAP_ENTRY:
		return ldap_tell_entry(t, p, l->body);
	default:
		return NOTHING;
	}
}

static enum verdict ldap_packet(struct task *t, struct packet *p, void *state)
{
	struct ldap l = {0};

	(void)state;
	if (!ldap_parse(&p->rest, &l))
		return l.more && p->cut ? MALFORMED : NOT_MINE;
	return ldap_message(t, p, &l);
}

static enum verdict ldap_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	struct ldap l = {0};

	(void)state;
	if (ldap_parse(in, &l))
		return ldap_message(t, p, &l);
	if (l.more)
		return s->end ? NOTHING : NEED_MORE;
	if (s->first)
		return NOT_MINE;
	cur_skip(in, cur_left(in));
	return NOTHING;
}

SHOW(ldap, struct ldap, FIELD(struct ldap, op, SHOW_HEX), FIELD(struct ldap, more, SHOW_BOOL))

const struct observer observer_ldap = {
	.name = "ldap",
	.about = "directory servers, domain controllers, and who logs in to them",
	.spec = "RFC 4511, RFC 4512, [MS-ADTS]",
	.claims = CLAIMS({TCP_PORT, LDAP_PORT, NULL}, {TCP_PORT, LDAP_CATALOG_PORT, NULL},
                         {UDP_PORT, LDAP_PORT, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 85}, {FACT_CLEARTEXT, SAYS, 90},
                       {FACT_LDAP_HOST, SAYS, 90}, {FACT_LDAP_CONTEXT, SAYS, 90},
                       {FACT_LDAP_DOMAIN, SAYS, 90}, {FACT_LDAP_FOREST, SAYS, 90},
                       {FACT_LDAP_SITE, SAYS, 90}, {FACT_NAME_WORKGROUP, SAYS, 85}, NTLMSSP_TELLS),
	.shows = SHOWS(&ldap_show),
	.packet = ldap_packet,
	.stream = ldap_stream,
};

PROVE(ldap_parse, struct ldap)
PROVE(ldap_entry_parse, struct ldap_entry)
PROVE(ldap_attribute_next, struct ldap_attribute)
PROVE(ldap_value_next, struct cur)
PROVE(ldap_bind_parse, bool)
PROVE(netlogon_parse, struct netlogon)
PROVE(ntlmssp_parse, struct ntlmssp)
