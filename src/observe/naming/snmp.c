/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snmp.c - what managed devices say of themselves by SNMP, versions 1, 2c and 3.
 *
 * A message is BER (RFC 1157, 4; RFC 3416, 3; RFC 3412, 6). Only an agent's own words are told:
 * answers from port 161, and what it sends to port 162 by itself. A manager's request names
 * objects and has no values. Of the objects, the system group (RFC 3418, 2) and a physical
 * entity's serial number and model (RFC 6933) say who the device is.
 *
 * An agent of version 3 is also known by its engine's id (RFC 3411, 5), which stands before what
 * may be encrypted. Communities are passwords: that one was in the clear is all that is told.
 */
#include "observe/observer.h"

enum { SNMP_PORT = 161, SNMP_TRAP_PORT = 162, SNMP_BINDINGS_MAX = 256 };
enum { BER_INTEGER = 0x02, BER_OCTETS = 0x04, BER_OID = 0x06, BER_SEQUENCE = 0x30 };
enum { SNMP_V1 = 0, SNMP_V2C = 1, SNMP_V3 = 3 };
enum { SNMP_REPORTABLE = 0x04, SNMP_USM = 3 };
enum snmp_pdu { SNMP_RESPONSE = 0xa2, SNMP_TRAP_V1 = 0xa4, SNMP_INFORM = 0xa6, SNMP_TRAP = 0xa7 };

struct snmp {
	uint32_t version;
	uint8_t pdu;         /* its tag; 0: encrypted */
	uint8_t flags;       /* version 3 */
	struct cur engine;   /* version 3: the id of the engine that answers for the message */
	struct cur bindings; /* each a sequence of an object and its value */
	uint32_t count;      /* of them */
};

struct snmp_binding {
	struct cur object;
	uint8_t tag;
	struct cur value;
};

/* ---- parse */

/* The content of an element that must have this tag. */
static void snmp_must(struct cur *in, uint8_t wanted, struct cur *content)
{
	uint8_t tag = 0;

	*content = cur_ber(in, &tag);
	if (tag != wanted)
		cur_fail(in);
}

/* A small number: all that stand before a PDU are. */
static uint32_t snmp_number(struct cur *in)
{
	struct cur content = cur_sub(in, 0);
	uint32_t number = 0;

	snmp_must(in, BER_INTEGER, &content);
	for (uint32_t i = 0; i < 5 && cur_left(&content) > 0; i++)
		number = number << 8 | cur_u8(&content);
	return number;
}

static bool snmp_binding_next(struct cur *in, struct snmp_binding *b)
{
	if (!cur_more(in))
		return false;
	struct cur pair = cur_sub(in, 0);
	snmp_must(in, BER_SEQUENCE, &pair);
	snmp_must(&pair, BER_OID, &b->object);
	b->value = cur_ber(&pair, &b->tag);
	if (!cur_ok(&pair))
		cur_fail(in);
	return cur_ok(in);
}

static bool snmp_judge(struct snmp *s)
{
	struct cur rest = s->bindings;
	struct snmp_binding b = {0};

	b.object = cur_sub(&rest, 0);
	b.value = cur_sub(&rest, 0);
	while (snmp_binding_next(&rest, &b))
		s->count += 1;
	return cur_ok(&rest) && s->count <= SNMP_BINDINGS_MAX;
}

/* A trap of version 1 has five fields before its list, all others three. */
static void snmp_pdu_parse(struct cur *in, struct snmp *s)
{
	struct cur pdu = cur_ber(in, &s->pdu);
	const uint32_t fields = s->pdu == SNMP_TRAP_V1 ? 5 : 3;
	uint8_t tag = 0;

	if (s->pdu < 0xa0 || s->pdu > 0xa8)
		cur_fail(in);
	for (uint32_t i = 0; i < 5 && i < fields; i++)
		(void)cur_ber(&pdu, &tag);
	snmp_must(&pdu, BER_SEQUENCE, &s->bindings);
	if (!cur_ok(&pdu))
		cur_fail(in);
}

/* RFC 3412, 6: header, the security model's parameters, and a scoped PDU, or it encrypted. */
static void snmp_v3_parse(struct cur *in, struct snmp *s)
{
	struct cur head = cur_sub(in, 0), flags = cur_sub(in, 0), security = cur_sub(in, 0);
	struct cur model = cur_sub(in, 0), scoped = cur_sub(in, 0), skipped = cur_sub(in, 0);

	snmp_must(in, BER_SEQUENCE, &head);
	(void)snmp_number(&head);
	(void)snmp_number(&head);
	snmp_must(&head, BER_OCTETS, &flags);
	s->flags = cur_u8(&flags);
	const uint32_t kind = snmp_number(&head);
	snmp_must(in, BER_OCTETS, &security);
	if (kind == SNMP_USM) {
		snmp_must(&security, BER_SEQUENCE, &model);
		snmp_must(&model, BER_OCTETS, &s->engine);
	}
	if (!cur_ok(&head) || !cur_ok(&flags) || !cur_ok(&security) || !cur_ok(&model))
		cur_fail(in);
	if (cur_peek8(in) == BER_OCTETS) {
		snmp_must(in, BER_OCTETS, &scoped);
		return;
	}
	snmp_must(in, BER_SEQUENCE, &scoped);
	snmp_must(&scoped, BER_OCTETS, &skipped);
	snmp_must(&scoped, BER_OCTETS, &skipped);
	snmp_pdu_parse(&scoped, s);
	if (!cur_ok(&scoped))
		cur_fail(in);
}

static bool snmp_parse(struct cur *in, struct snmp *s)
{
	struct cur message = cur_sub(in, 0), community = cur_sub(in, 0);

	s->engine = cur_sub(in, 0);
	s->bindings = cur_sub(in, 0);
	s->version = SNMP_V2C + 1; /* nobody's */
	snmp_must(in, BER_SEQUENCE, &message);
	if (!cur_ok(in))
		return false;
	s->version = snmp_number(&message);
	if (s->version == SNMP_V3) {
		snmp_v3_parse(&message, s);
	} else {
		snmp_must(&message, BER_OCTETS, &community);
		snmp_pdu_parse(&message, s);
	}
	return s->version <= SNMP_V3 && s->version != 2 && cur_ok(&message) && snmp_judge(s);
}

/* 1.3.6.1.4.1.9: the first two numbers share the first byte (X.690, 8.19). */
static bool snmp_oid_parse(struct cur *in, struct text *oid)
{
	uint32_t number = 0;
	bool first = true;

	while (cur_more(in)) {
		const uint8_t b = cur_u8(in);
		number = number << 7 | (b & 0x7f);
		if ((b & 0x80) != 0)
			continue;
		if (first) {
			const uint32_t root = number < 80 ? number / 40 : 2;
			text_decimal(oid, root);
			number -= root * 40;
		}
		text_put(oid, '.');
		text_decimal(oid, number);
		first = false;
		number = 0;
	}
	return !first;
}

/* ---- tell */

static void snmp_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                           struct cur value)
{
	struct text text;

	cur_text(&value, cur_left(&value), &text);
	text_trim(&text);
	if (text.len > 0)
		tell_string(t, p, sender(p), kind, &text);
}

static void snmp_tell_oid(struct task *t, const struct packet *p, struct cur value)
{
	struct text oid;

	text_clear(&oid);
	if (snmp_oid_parse(&value, &oid))
		tell_string(t, p, sender(p), FACT_SNMP_SYSOBJECTID, &oid);
}

/* 1.3.6.1.2.1.1.N.0 */
static void snmp_tell_system(struct task *t, const struct packet *p, const struct snmp_binding *b,
                             uint8_t number)
{
	if (number == 2 && b->tag == BER_OID)
		snmp_tell_oid(t, p, b->value);
	if (b->tag != BER_OCTETS)
		return;
	if (number == 1)
		snmp_tell_text(t, p, FACT_SNMP_SYSDESCR, b->value);
	if (number == 4)
		snmp_tell_text(t, p, FACT_SNMP_SYSCONTACT, b->value);
	if (number == 5)
		snmp_tell_text(t, p, FACT_SNMP_SYSNAME, b->value);
	if (number == 6)
		snmp_tell_text(t, p, FACT_SNMP_SYSLOCATION, b->value);
}

static void snmp_tell_binding(struct task *t, const struct packet *p, const struct snmp_binding *b)
{
	struct cur object = b->object;

	if (cur_is(&object, "\x2b\x06\x01\x02\x01\x01")) {
		const uint8_t number = cur_u8(&object);
		if (cur_u8(&object) == 0 && cur_ok(&object) && cur_left(&object) == 0)
			snmp_tell_system(t, p, b, number);
	} else if (cur_is(&object, "\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01") &&
	           b->tag == BER_OCTETS) {
		const uint8_t number = cur_u8(&object);
		if (number == 11)
			snmp_tell_text(t, p, FACT_SNMP_SERIAL, b->value);
		if (number == 13)
			snmp_tell_text(t, p, FACT_SNMP_MODEL, b->value);
	}
}

/* The agent's own engine answers for its answers and traps; a manager's for an INFORM. */
static void snmp_tell_engine(struct task *t, const struct packet *p, const struct snmp *s)
{
	struct cur engine = s->engine;
	const uint32_t len = cur_left(&engine);
	uint8_t bytes[32] = {0};

	if (p->from_port.n != SNMP_PORT &&
	    (p->to_port.n != SNMP_TRAP_PORT || (s->flags & SNMP_REPORTABLE) != 0))
		return;
	if (len >= 5 && cur_copy(&engine, bytes, sizeof bytes, len))
		tell_bytes(t, p, sender(p), FACT_SNMP_ENGINE_ID, bytes, len);
}

static bool snmp_is_agent(const struct packet *p, const struct snmp *s)
{
	if (s->pdu == SNMP_RESPONSE)
		return p->from_port.n == SNMP_PORT;
	return (s->pdu == SNMP_TRAP_V1 || s->pdu == SNMP_TRAP || s->pdu == SNMP_INFORM) &&
	       p->to_port.n == SNMP_TRAP_PORT;
}

static enum verdict snmp_packet(struct task *t, struct packet *p, void *state)
{
	struct snmp s = {0};
	struct snmp_binding b = {0};

	(void)state;
	if (!snmp_parse(&p->rest, &s))
		return s.version <= SNMP_V3 && s.version != 2 ? MALFORMED : NOT_MINE;
	snmp_tell_engine(t, p, &s);
	if (!snmp_is_agent(p, &s))
		return cur_left(&s.engine) > 0 ? LEARNED : NOTHING;
	if (s.version != SNMP_V3)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "snmp");
	struct cur rest = s.bindings;
	while (snmp_binding_next(&rest, &b))
		snmp_tell_binding(t, p, &b);
	return LEARNED;
}

SHOW(snmp, struct snmp, FIELD(struct snmp, version, SHOW_NUMBER), FIELD(struct snmp, pdu, SHOW_HEX),
     FIELD(struct snmp, flags, SHOW_HEX), FIELD(struct snmp, count, SHOW_NUMBER))

const struct observer observer_snmp = {
	.name = "snmp",
	.about = "what managed devices say of themselves",
	.spec = "RFC 1157, RFC 3416, RFC 3412, RFC 3418",
	.claims = CLAIMS({UDP_PORT, SNMP_PORT, NULL}, {UDP_PORT, SNMP_TRAP_PORT, NULL}),
	.tells = TELLS({FACT_SNMP_SYSDESCR, SAYS, 90}, {FACT_SNMP_SYSNAME, SAYS, 90},
                       {FACT_SNMP_SYSOBJECTID, SAYS, 90}, {FACT_SNMP_SYSCONTACT, SAYS, 90},
                       {FACT_SNMP_SYSLOCATION, SAYS, 90}, {FACT_SNMP_SERIAL, SAYS, 85},
                       {FACT_SNMP_MODEL, SAYS, 85}, {FACT_SNMP_ENGINE_ID, SAYS, 90},
                       {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&snmp_show),
	.packet = snmp_packet,
};

PROVE(snmp_parse, struct snmp)
PROVE(snmp_oid_parse, struct text)
