/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ntp.c - who serves the time, and what NTP daemons say of themselves.
 *
 * A server's answer (mode 4) and broadcast (mode 5) come from port 123 (RFC 5905, 7.3); a stratum
 * of 0 is a refusal, and whoever sends it is a server too, but of no use. At stratum 1 the
 * reference id is the kind of clock, below it the server's own server or a hash of it.
 *
 * Answers to control messages (mode 6; RFC 9327, 2) hold variables as text: the daemon's version,
 * the processor and the system are told. A client's request tells nothing of it.
 */
#include "observe/observer.h"

enum { NTP_PORT = 123, NTP_LEN = 48 };
enum { NTP_SERVER = 4, NTP_BROADCAST = 5, NTP_CONTROL = 6 };
enum { NTP_RESPONSE = 0x80, NTP_ERROR = 0x40, NTP_READ_VARIABLES = 2 };
enum { NTP_VARIABLES_MAX = 64 };

struct ntp {
	uint8_t version, mode;
	uint8_t stratum;
	struct cur reference;
	uint8_t operation; /* of a control message, with its bits */
	uint16_t offset;   /* of its data among all that it answers */
	struct cur variables;
};

struct ntp_variable {
	struct cur name, value;
};

/* ---- parse */

static bool ntp_control_parse(struct cur *in, struct ntp *n)
{
	n->operation = cur_u8(in);
	cur_skip(in, 6);
	n->offset = cur_be16(in);
	n->variables = cur_sub(in, cur_be16(in));
	return cur_ok(in);
}

static bool ntp_parse(struct cur *in, struct ntp *n)
{
	const uint32_t len = cur_left(in);
	const uint8_t first = cur_u8(in);

	n->reference = cur_sub(in, 0);
	n->variables = cur_sub(in, 0);
	n->version = first >> 3 & 7;
	n->mode = first & 7;
	if (n->version == 0 || n->version > 4 || n->mode == 0)
		return false;
	if (n->mode == NTP_CONTROL)
		return ntp_control_parse(in, n);
	if (n->mode > NTP_CONTROL)
		return cur_ok(in);
	n->stratum = cur_u8(in);
	cur_skip(in, 10);
	n->reference = cur_sub(in, 4);
	return len >= NTP_LEN && n->stratum <= 16;
}

/* name=value, the value in quotes or not; commas between them. */
static bool ntp_variable_next(struct cur *in, struct ntp_variable *v)
{
	if (!cur_more(in))
		return false;
	for (uint32_t i = 0; i < CUR_MAX && cur_among(cur_peek8(in), ", \r\n", 4); i++)
		cur_skip(in, 1);
	v->name = cur_token(in, "=,");
	v->value = cur_sub(in, 0);
	if (cur_is(in, "=\""))
		v->value = cur_until(in, '"');
	else if (cur_is(in, "="))
		v->value = cur_token(in, ",\r\n");
	return cur_ok(in);
}

/* ---- tell */

static void ntp_tell_reference(struct task *t, const struct packet *p, const struct ntp *n)
{
	struct cur reference = n->reference;
	struct text name;

	if (n->stratum != 1)
		return;
	cur_text(&reference, 4, &name);
	text_trim(&name);
	if (name.len > 0)
		tell_string(t, p, sender(p), FACT_NTP_CLOCK, &name);
}

static enum verdict ntp_tell_server(struct task *t, const struct packet *p, const struct ntp *n)
{
	if (n->stratum == 0)
		return NOTHING;
	tell_word(t, p, sender(p), FACT_ROLE, "ntp-server");
	tell_number(t, p, sender(p), FACT_NTP_STRATUM, n->stratum);
	ntp_tell_reference(t, p, n);
	return LEARNED;
}

static void ntp_tell_variable(struct task *t, const struct packet *p, struct ntp_variable *v)
{
	static const struct {
		const char name[10];
		uint8_t len;
		enum fact_kind kind;
	} rules[] = {{"version", 7, FACT_NTP_VERSION},
	             {"processor", 9, FACT_NTP_PROCESSOR},
	             {"system", 6, FACT_NTP_SYSTEM}};

	for (uint32_t i = 0; i < COUNT_OF(rules); i++)
		if (cur_left(&v->name) == rules[i].len &&
		    cur_is_bytes(&v->name, rules[i].name, rules[i].len) && cur_left(&v->value) > 0)
			tell_text(t, p, sender(p), rules[i].kind, v->value);
}

/* What comes in several pieces may be cut within a value: only the first is whole at its start. */
static enum verdict ntp_tell_control(struct task *t, const struct packet *p, const struct ntp *n)
{
	struct cur rest = n->variables;
	struct ntp_variable v = {0};

	if ((n->operation & (NTP_RESPONSE | NTP_ERROR)) != NTP_RESPONSE ||
	    (n->operation & 0x3f) != NTP_READ_VARIABLES || n->offset != 0)
		return NOTHING;
	for (uint32_t i = 0; i < NTP_VARIABLES_MAX && ntp_variable_next(&rest, &v); i++)
		ntp_tell_variable(t, p, &v);
	return LEARNED;
}

static enum verdict ntp_packet(struct task *t, struct packet *p, void *state)
{
	struct ntp n = {0};

	(void)state;
	if (!ntp_parse(&p->rest, &n))
		return p->cut ? MALFORMED : NOT_MINE;
	if (p->from_port.n != NTP_PORT)
		return NOTHING;
	if (n.mode == NTP_CONTROL)
		return ntp_tell_control(t, p, &n);
	return n.mode == NTP_SERVER || n.mode == NTP_BROADCAST ? ntp_tell_server(t, p, &n)
	                                                       : NOTHING;
}

SHOW(ntp, struct ntp, FIELD(struct ntp, version, SHOW_NUMBER), FIELD(struct ntp, mode, SHOW_NUMBER),
     FIELD(struct ntp, stratum, SHOW_NUMBER), FIELD(struct ntp, operation, SHOW_HEX),
     FIELD(struct ntp, offset, SHOW_NUMBER))

const struct observer observer_ntp = {
	.name = "ntp",
	.about = "time servers",
	.spec = "RFC 5905, RFC 9327",
	.claims = CLAIMS({UDP_PORT, NTP_PORT, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 90}, {FACT_NTP_STRATUM, SAYS, 90},
                       {FACT_NTP_CLOCK, SAYS, 80}, {FACT_NTP_VERSION, SAYS, 85},
                       {FACT_NTP_PROCESSOR, SAYS, 85}, {FACT_NTP_SYSTEM, SAYS, 85}),
	.shows = SHOWS(&ntp_show),
	.packet = ntp_packet,
};

PROVE(ntp_parse, struct ntp)
PROVE(ntp_variable_next, struct ntp_variable)
