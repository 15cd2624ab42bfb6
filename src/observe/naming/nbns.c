/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nbns.c - the NetBIOS names that Windows and Samba hosts own (RFC 1001, RFC 1002).
 *
 * A host registers each of its names, to all or to a name server, and refreshes them; asked by all
 * for a name it answers for itself; asked for its status it lists all of them, with its MAC. What
 * is told is told of the sender, and only where the record's address is the sender's own: a name
 * server answers for others, and behind address translation nobody knows whose MAC it is.
 *
 * A name's sixteenth byte says what it names:
 *
 *	00  unique: the host; group: its workgroup or domain
 *	1b  1d  unique: the domain or workgroup whose master browser the sender is
 *	1c  1e  group: the domain whose controller it is, the workgroup it browses in
 *	20  unique: the host's file service; others are programs', and users' (03)
 *
 * IIS takes names of its own, "IS~HOST" and "INet~Services". A name in conflict is nobody's.
 */
#include "observe/observer.h"

enum { NBNS_PORT = 137, NBNS_TYPE_NAME = 0x20, NBNS_TYPE_STATUS = 0x21, NBNS_CLASS_IN = 1 };
enum { NBNS_RESPONSE = 0x8000, NBNS_CODE = 0x000f };
enum { NBNS_GROUP = 0x8000, NBNS_DEREGISTER = 0x1000, NBNS_CONFLICT = 0x0800 };
enum nbns_opcode {
	NBNS_QUERY = 0,
	NBNS_REGISTRATION = 5,
	NBNS_RELEASE = 6,
	NBNS_WAIT = 7,
	NBNS_REFRESH = 8,
	NBNS_REFRESH_OLD = 9, /* RFC 1002's figure and its text differ */
	NBNS_MULTIHOMED = 15
};
enum {
	SUFFIX_HOST = 0x00,
	SUFFIX_USER = 0x03,
	SUFFIX_DOMAIN_MASTER = 0x1b,
	SUFFIX_CONTROLLERS = 0x1c,
	SUFFIX_MASTER = 0x1d,
	SUFFIX_BROWSERS = 0x1e,
	SUFFIX_SERVER = 0x20
};

struct nbns_name {
	struct text text;
	uint8_t suffix;
	uint16_t flags; /* NB_FLAGS and NAME_FLAGS: the same bits where we look */
};

struct nbns {
	uint16_t id, flags;
	uint16_t questions, answers, authorities, additionals;
	struct nbns_name name; /* of the question, or, without one, of the record */
	uint16_t type;         /* of the record; 0: there is none */
	struct ip4 address;    /* the record's */
	struct cur names;      /* of a status, 18 bytes each */
	uint8_t count;         /* of them */
	struct mac unit;
};

/* ---- parse */

static enum nbns_opcode nbns_opcode(const struct nbns *n)
{
	return (enum nbns_opcode)(n->flags >> 11 & 15);
}

static bool nbns_is_plausible(const struct nbns *n)
{
	const enum nbns_opcode op = nbns_opcode(n);

	return (op == NBNS_QUERY || (op >= NBNS_REGISTRATION && op <= NBNS_REFRESH_OLD) ||
	        op == NBNS_MULTIHOMED) &&
	       n->questions <= 1 && n->answers <= 1 && n->additionals <= 1 &&
	       n->questions + n->answers + n->authorities > 0;
}

/* The record's name may be a pointer to the question's. */
static void nbns_record_name(struct cur *in, struct nbns_name *name)
{
	if (cur_peek8(in) >= 0xc0)
		cur_skip(in, 2);
	else
		cur_netbios_name(in, &name->text, &name->suffix);
}

/* One name of a status: 15 characters, filled up, the suffix, flags (RFC 1002, 4.2.18). */
static bool nbns_status_parse(struct cur *in, struct nbns_name *name)
{
	cur_text(in, 15, &name->text);
	text_trim(&name->text);
	name->suffix = cur_u8(in);
	name->flags = cur_be16(in);
	return cur_ok(in);
}

static void nbns_record_parse(struct cur *in, struct nbns *n)
{
	nbns_record_name(in, &n->name);
	n->type = cur_be16(in);
	if (cur_be16(in) != NBNS_CLASS_IN)
		cur_fail(in);
	cur_skip(in, 4);
	struct cur data = cur_sub(in, cur_be16(in));
	if (n->type == NBNS_TYPE_NAME && cur_left(&data) >= 6) {
		n->name.flags = cur_be16(&data);
		cur_ip4(&data, &n->address);
	}
	if (n->type == NBNS_TYPE_STATUS) {
		n->count = cur_u8(&data);
		n->names = cur_sub(&data, n->count * 18u);
		cur_mac(&data, &n->unit);
	}
	if (!cur_ok(&data))
		cur_fail(in);
}

static bool nbns_parse(struct cur *in, struct nbns *n)
{
	n->names = cur_sub(in, 0);
	n->id = cur_be16(in);
	n->flags = cur_be16(in);
	n->questions = cur_be16(in);
	n->answers = cur_be16(in);
	n->authorities = cur_be16(in);
	n->additionals = cur_be16(in);
	if (!cur_ok(in) || !nbns_is_plausible(n))
		return false;
	if (n->questions > 0) {
		cur_netbios_name(in, &n->name.text, &n->name.suffix);
		cur_skip(in, 4);
	}
	if (n->answers + n->additionals > 0)
		nbns_record_parse(in, n);
	return cur_ok(in);
}

/* ---- tell */

static bool nbns_is_program(const struct nbns_name *name)
{
	return name->text.len > 2 && name->text.s[0] == 'I' &&
	       (name->text.s[2] == '~' || text_is(&name->text, "INet~Services"));
}

/* SERVER<20> */
static void nbns_tell_raw(struct task *t, const struct packet *p, const struct nbns_name *name)
{
	struct text text = name->text;

	text_put(&text, '<');
	text_hex(&text, name->suffix);
	text_put(&text, '>');
	tell_string(t, p, sender(p), FACT_NBNS_NAME, &text);
}

static void nbns_tell_group(struct task *t, const struct packet *p, const struct nbns_name *name)
{
	if (name->suffix == SUFFIX_CONTROLLERS)
		tell_word(t, p, sender(p), FACT_ROLE, "domain-controller");
	if (name->suffix == SUFFIX_HOST || name->suffix == SUFFIX_CONTROLLERS ||
	    name->suffix == SUFFIX_BROWSERS)
		tell_string(t, p, sender(p), FACT_NAME_WORKGROUP, &name->text);
}

static void nbns_tell_unique(struct task *t, const struct packet *p, const struct nbns_name *name)
{
	if (name->suffix == SUFFIX_HOST || name->suffix == SUFFIX_SERVER)
		tell_string(t, p, sender(p), FACT_NAME_HOST, &name->text);
	if (name->suffix == SUFFIX_DOMAIN_MASTER || name->suffix == SUFFIX_MASTER)
		tell_string(t, p, sender(p), FACT_NAME_WORKGROUP, &name->text);
}

/* False: the name says nothing of who the sender is. */
static bool nbns_tell_name(struct task *t, const struct packet *p, const struct nbns_name *name)
{
	if ((name->flags & (NBNS_CONFLICT | NBNS_DEREGISTER)) != 0 || name->text.len == 0 ||
	    name->text.s[0] == '*' || name->text.s[0] == 1)
		return false;
	nbns_tell_raw(t, p, name);
	if (nbns_is_program(name))
		return true;
	if ((name->flags & NBNS_GROUP) != 0)
		nbns_tell_group(t, p, name);
	else
		nbns_tell_unique(t, p, name);
	return true;
}

static enum verdict nbns_tell_own(struct task *t, const struct packet *p, const struct nbns *n)
{
	const struct ip own = ip_from4(n->address);

	if (n->type != NBNS_TYPE_NAME || !ip_equal(&own, &p->from))
		return NOTHING;
	return nbns_tell_name(t, p, &n->name) ? LEARNED : NOTHING;
}

/* Some fill the MAC with zeros. */
static enum verdict nbns_tell_status(struct task *t, const struct packet *p, const struct nbns *n)
{
	struct cur names = n->names;
	struct nbns_name name = {0};
	char text[MAC_TEXT];

	while (cur_more(&names) && nbns_status_parse(&names, &name))
		nbns_tell_name(t, p, &name);
	if (!mac_is_zero(n->unit))
		tell_word(t, p, sender(p), FACT_NBNS_MAC, mac_format(n->unit, text));
	return LEARNED;
}

static enum verdict nbns_response(struct task *t, const struct packet *p, const struct nbns *n)
{
	if ((n->flags & NBNS_CODE) != 0 || n->answers == 0 || p->from_port.n != NBNS_PORT)
		return NOTHING;
	if (n->type == NBNS_TYPE_STATUS)
		return nbns_tell_status(t, p, n);
	/* Only a name server grants a registration (RFC 1002, 5.1.4). */
	if (nbns_opcode(n) == NBNS_REGISTRATION || nbns_opcode(n) == NBNS_MULTIHOMED) {
		tell_word(t, p, sender(p), FACT_ROLE, "wins-server");
		return LEARNED;
	}
	return nbns_opcode(n) == NBNS_QUERY ? nbns_tell_own(t, p, n) : NOTHING;
}

static enum verdict nbns_packet(struct task *t, struct packet *p, void *state)
{
	struct nbns n = {0};

	(void)state;
	if (!nbns_parse(&p->rest, &n))
		return nbns_is_plausible(&n) ? MALFORMED : NOT_MINE;
	if ((n.flags & NBNS_RESPONSE) != 0)
		return nbns_response(t, p, &n);
	const enum nbns_opcode op = nbns_opcode(&n);
	return op == NBNS_QUERY || op == NBNS_RELEASE || op == NBNS_WAIT ? NOTHING
	                                                                 : nbns_tell_own(t, p, &n);
}

SHOW(nbns, struct nbns, FIELD(struct nbns, flags, SHOW_HEX),
     FIELD(struct nbns, name.text, SHOW_TEXT), FIELD(struct nbns, name.suffix, SHOW_HEX),
     FIELD(struct nbns, name.flags, SHOW_HEX), FIELD(struct nbns, type, SHOW_HEX),
     FIELD(struct nbns, address, SHOW_IP4), FIELD(struct nbns, count, SHOW_NUMBER),
     FIELD(struct nbns, unit, SHOW_MAC))

const struct observer observer_nbns = {
	.name = "nbns",
	.about = "NetBIOS names that hosts own",
	.spec = "RFC 1001, RFC 1002",
	.claims = CLAIMS({UDP_PORT, NBNS_PORT, NULL}),
	.tells =
		TELLS({FACT_NAME_HOST, SAYS, 85}, {FACT_NAME_WORKGROUP, SAYS, 85},
                      {FACT_NBNS_NAME, SAYS, 90}, {FACT_NBNS_MAC, SAYS, 90}, {FACT_ROLE, SAYS, 80}),
	.shows = SHOWS(&nbns_show),
	.packet = nbns_packet,
};

PROVE(nbns_parse, struct nbns)
PROVE(nbns_status_parse, struct nbns_name)
