/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openvpn.c - who makes an OpenVPN tunnel with whom: the first message of either side.
 *
 * A reset opens the session (OpenVPN's network protocol, "Wire format"): an opcode and the number
 * of a key, the sender's session, how many messages are acknowledged and which, and the message's
 * own number, which is 0. The client acknowledges none, the server the client's one. Around that may
 * lie a code and a counter with the time:
 *
 *	plain        opcode session                      acknowledged number
 *	tls-auth     opcode session code counter time    acknowledged number
 *	tls-crypt    opcode session counter time code    the same, encrypted
 *	tls-crypt-v2 as tls-crypt, and of the client a wrapped key that ends with its own length
 *
 * So the length says which it is. Where all but a counter and a time looks like anything, the counter
 * must be the session's first, or that of a repeat, and the time one at which the protocol existed.
 * Over TCP a length stands before each message. There, where nothing is encrypted, what follows the
 * resets is read as far as the hellos of TLS: control messages, each with a piece of the stream of
 * records behind what it acknowledges and its number. All else is encrypted.
 */
#include "observe/shared/tls_tell.h"

enum { OPENVPN_PORT = 1194, OPENVPN_LONGEST = 2048 };
enum { OPENVPN_OLDEST = 1000000000 }; /* 2001 */
enum openvpn_opcode { OPENVPN_CLIENT = 0x38, OPENVPN_SERVER = 0x40, OPENVPN_CLIENT_WRAPPED = 0x50 };
enum {
	OPENVPN_SESSION = 8,
	OPENVPN_COUNTED = 8,    /* counter and time */
	OPENVPN_CODE = 32,      /* of tls-crypt */
	OPENVPN_CLIENT_END = 5, /* nothing acknowledged, number 0 */
	OPENVPN_SERVER_END = 17 /* one acknowledged, its session, number 0 */
};
enum { OPENVPN_CONTROL = 0x20, OPENVPN_ACK = 0x28, OPENVPN_ACKS_MAX = 8, OPENVPN_PIECES_MAX = 64 };
enum { OPENVPN_COUNTER_MAX = 64, OPENVPN_EARLY = 0x0f000000 };

struct openvpn {
	uint8_t opcode;
	bool timed;
	uint32_t time_s;
	bool clear;       /* not encrypted */
	uint32_t between; /* in the clear: bytes of code, counter and time behind the session */
};

/* What stands at the end of a reset that is not encrypted. */
static bool openvpn_end_parse(struct cur *in, uint8_t opcode)
{
	const uint8_t acknowledged = cur_u8(in);

	if (acknowledged != (opcode == OPENVPN_SERVER ? 1 : 0))
		return false;
	if (acknowledged == 1 && cur_be32(in) != 0)
		return false;
	if (acknowledged == 1)
		cur_skip(in, OPENVPN_SESSION);
	return cur_be32(in) == 0 && cur_ok(in) && cur_left(in) == 0;
}

/* Four bits that are set tell of tls-crypt-v2. */
static bool openvpn_counted_parse(struct cur *in, struct openvpn *o)
{
	const uint32_t counter = cur_be32(in);

	o->timed = true;
	o->time_s = cur_be32(in);
	return cur_ok(in) && o->time_s >= OPENVPN_OLDEST &&
	       ((counter > 0 && counter <= OPENVPN_COUNTER_MAX) ||
	        (counter > OPENVPN_EARLY && counter <= OPENVPN_EARLY + OPENVPN_COUNTER_MAX));
}

/* The code of tls-auth is as long as its hash: MD5, SHA-1, SHA-2. */
static bool openvpn_is_hash(uint32_t len)
{
	return len == 16 || len == 20 || len == 28 || len == 32 || len == 48 || len == 64;
}

static bool openvpn_auth_parse(struct cur in, uint32_t end, struct openvpn *o)
{
	const uint32_t left = cur_left(&in);

	if (left < end + OPENVPN_COUNTED || !openvpn_is_hash(left - end - OPENVPN_COUNTED))
		return false;
	cur_skip(&in, left - end - OPENVPN_COUNTED);
	o->between = left - end;
	o->clear = openvpn_counted_parse(&in, o) && openvpn_end_parse(&in, o->opcode);
	return o->clear;
}

static bool openvpn_crypt_parse(struct cur in, uint32_t end, struct openvpn *o)
{
	if (!openvpn_counted_parse(&in, o))
		return false;
	cur_skip(&in, OPENVPN_CODE + end);
	if (o->opcode != OPENVPN_CLIENT_WRAPPED)
		return cur_ok(&in) && cur_left(&in) == 0;
	const uint32_t wrapped = cur_left(&in);
	if (wrapped < 2)
		return false;
	cur_skip(&in, wrapped - 2);
	return cur_be16(&in) == wrapped && cur_ok(&in);
}

static bool openvpn_parse(struct cur *in, struct openvpn *o)
{
	o->opcode = cur_u8(in);
	const uint64_t session = cur_be64(in);
	const uint32_t end = o->opcode == OPENVPN_SERVER ? OPENVPN_SERVER_END : OPENVPN_CLIENT_END;
	if (!cur_ok(in) || session == 0)
		return false;
	if (o->opcode == OPENVPN_CLIENT_WRAPPED)
		return openvpn_crypt_parse(*in, end, o);
	if (o->opcode != OPENVPN_CLIENT && o->opcode != OPENVPN_SERVER)
		return false;
	o->clear = cur_left(in) == end;
	if (o->clear)
		return openvpn_end_parse(in, o->opcode);
	return openvpn_auth_parse(*in, end, o) || openvpn_crypt_parse(*in, end, o);
}

static void openvpn_tell(struct task *t, const struct packet *p, const struct openvpn *o)
{
	char text[IP_TEXT];

	tell_word(t, p, sender(p), FACT_VPN_ROLE,
	          o->opcode == OPENVPN_SERVER ? "server" : "client");
	if (ip_is_host(&p->to))
		tell_word(t, p, sender(p), FACT_VPN_PEER, ip_format(&p->to, text));
}

static enum verdict openvpn_packet(struct task *t, struct packet *p, void *state)
{
	struct openvpn o = {0};

	(void)state;
	if (p->cut || !openvpn_parse(&p->rest, &o))
		return NOT_MINE;
	openvpn_tell(t, p, &o);
	return LEARNED;
}

/* Over TCP: the length, the message. */
struct openvpn_message {
	struct openvpn reset;
	bool more;
};

static bool openvpn_message_parse(struct cur *in, struct openvpn_message *m)
{
	struct cur head = *in;
	const uint16_t len = cur_be16(&head);
	const uint8_t opcode = cur_peek8(&head);

	m->more = cur_left(in) < 3;
	if (m->more || len > OPENVPN_LONGEST ||
	    (opcode != OPENVPN_CLIENT && opcode != OPENVPN_SERVER &&
	     opcode != OPENVPN_CLIENT_WRAPPED))
		return false;
	m->more = cur_left(&head) < len;
	if (m->more)
		return false;
	struct cur message = cur_sub(&head, len);
	cur_skip(in, len + 2u);
	return openvpn_parse(&message, &m->reset);
}

/* What follows a reset in the clear. */
struct openvpn_control {
	uint8_t opcode;
	struct cur piece; /* of the stream of records; an acknowledgement has none */
};

static bool openvpn_control_parse(struct cur *in, uint32_t between, struct openvpn_control *c)
{
	c->piece = cur_sub(in, 0);
	c->opcode = cur_u8(in) & 0xf8; /* without the number of a key */
	cur_skip(in, OPENVPN_SESSION);
	cur_skip(in, between);
	const uint8_t acknowledged = cur_u8(in);
	if (!cur_ok(in) || acknowledged > OPENVPN_ACKS_MAX)
		return false;
	cur_skip(in, 4u * acknowledged);
	cur_skip(in, acknowledged > 0 ? OPENVPN_SESSION : 0);
	if (c->opcode == OPENVPN_ACK)
		return cur_ok(in);
	cur_skip(in, 4); /* its number */
	c->piece = cur_rest(in);
	return cur_ok(in) && c->opcode == OPENVPN_CONTROL;
}

/* What is known of a direction. */
struct openvpn_side {
	bool begun; /* its reset was read */
	uint8_t between;
};

struct openvpn_flow {
	struct openvpn_side client, server;
};

static enum verdict openvpn_reset(struct task *t, const struct packet *p, struct cur *in,
                                  const struct stream *s, struct openvpn_side *side)
{
	struct openvpn_message m = {0};

	if (s->midstream)
		return NOT_MINE;
	if (!openvpn_message_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	if (s->from_client == (m.reset.opcode == OPENVPN_SERVER))
		return NOT_MINE;
	if (!m.reset.clear)
		had_enough(t);
	side->begun = true;
	side->between = (uint8_t)(m.reset.between & 0xff);
	openvpn_tell(t, p, &m.reset);
	return LEARNED;
}

/* Joins the pieces that are here, from the first; NEED_MORE until the hello is whole. */
static enum verdict openvpn_hello(struct task *t, const struct packet *p, struct cur in,
                                  const struct openvpn_side *side)
{
	struct scratch *scratch = task_scratch(t);

	scratch_reset(scratch);
	for (unsigned i = 0; i < OPENVPN_PIECES_MAX && cur_left(&in) > 0; i++) {
		struct openvpn_control c = {0};
		struct tls_hello h = {0};
		struct cur message = cur_sub(&in, cur_be16(&in));
		if (!cur_ok(&in))
			return NEED_MORE;
		if (!openvpn_control_parse(&message, side->between, &c) ||
		    !scratch_add(scratch, &c.piece))
			return NOT_MINE;
		struct cur records = scratch_cursor(scratch);
		if (!tls_first_hello_parse(&records, &h))
			continue;
		if (h.type == TLS_CLIENT_HELLO)
			tls_tell_client(t, p, &h, 't');
		else
			tls_tell_server(t, p, &h);
		return LEARNED;
	}
	return NEED_MORE;
}

static enum verdict openvpn_stream(struct task *t, struct packet *p, struct cur *in,
                                   const struct stream *s, void *state)
{
	struct openvpn_flow *f = state;
	struct openvpn_side *side = s->from_client ? &f->client : &f->server;

	if (!side->begun)
		return openvpn_reset(t, p, in, s, side);
	const enum verdict v = openvpn_hello(t, p, *in, side);
	if (v == NEED_MORE && s->end)
		return NOTHING;
	if (v == LEARNED) {
		cur_skip(in, cur_left(in));
		had_enough(t);
	}
	return v;
}

SHOW(openvpn, struct openvpn, FIELD(struct openvpn, opcode, SHOW_HEX),
     FIELD(struct openvpn, timed, SHOW_BOOL), FIELD(struct openvpn, time_s, SHOW_NUMBER))

const struct observer observer_openvpn = {
	.name = "openvpn",
	.about = "who makes an OpenVPN tunnel with whom",
	.spec = "OpenVPN network protocol, tls-crypt-v2",
	.claims = CLAIMS({UDP_PORT, OPENVPN_PORT, NULL}, {TCP_PORT, OPENVPN_PORT, NULL},
                         {UDP_SNIFF, 0, "38 ?? ?? ?? ?? ?? ?? ?? ?? 00 00 00 00 00"},
                         {UDP_SNIFF, 0, "38 ?? ?? ?? ?? ?? ?? ?? ?? 00 00 00 01"},
                         {UDP_SNIFF, 0, "40 ?? ?? ?? ?? ?? ?? ?? ?? 01 00 00 00 00"},
                         {UDP_SNIFF, 0, "40 ?? ?? ?? ?? ?? ?? ?? ?? 00 00 00 01"},
                         {TCP_SNIFF, 0, "00 0e 38 ?? ?? ?? ?? ?? ?? ?? ?? 00 00 00 00 00"},
                         {TCP_SNIFF, 0, "00 36 38 ?? ?? ?? ?? ?? ?? ?? ?? 00 00 00 01"},
                         {TCP_SNIFF, 0, "00 1a 40 ?? ?? ?? ?? ?? ?? ?? ?? 01 00 00 00 00"},
                         {TCP_SNIFF, 0, "00 42 40 ?? ?? ?? ?? ?? ?? ?? ?? 00 00 00 01"}),
	.tells = TELLS({FACT_VPN_ROLE, SAYS, 90}, {FACT_VPN_PEER, SAYS, 90}, TLS_CLIENT_TELLS,
                       TLS_SERVER_TELLS),
	.shows = SHOWS(&openvpn_show),
	.flow_state_size = sizeof(struct openvpn_flow),
	.packet = openvpn_packet,
	.stream = openvpn_stream,
};

PROVE(openvpn_parse, struct openvpn)
PROVE(openvpn_message_parse, struct openvpn_message)
PROVE_WITH(openvpn_control_parse, struct openvpn_control, uint32_t)
