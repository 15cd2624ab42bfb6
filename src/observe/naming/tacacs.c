/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tacacs.c - devices that ask a TACACS+ server who may come in, and the servers.
 *
 * All but the header is hidden by a shared secret (RFC 8907, 4.1, 4.5), so that two sides are known
 * and no more: odd numbers come from who asks, even ones from who answers. Where a flag says that
 * nothing is hidden, who may come in is in the clear (5.1), as is the password that follows: both are
 * told.
 *
 * Judged by version, type, flags, and the least length that a body of this type and side has.
 */
#include "observe/observer.h"

enum { TACACS_PORT = 49, TACACS_HEAD = 12, TACACS_LONGEST = 8192, TACACS_VERSION = 0xc };
enum { TACACS_CLEAR = 0x01, TACACS_SINGLE = 0x04, TACACS_LEAST = 5, TACACS_START_HEAD = 8 };
enum { TACACS_AUTHENTICATION = 1, TACACS_ACCOUNTING = 3 };
enum { TACACS_LOGIN = 1, TACACS_SENDAUTH = 4 };

struct tacacs {
	uint8_t version, type, number, flags;
	uint32_t session, length;
	struct cur user; /* where it is in the clear */
	bool more;
};

/* What, how privileged, by which method, for what; the lengths of what follows (5.1). */
static void tacacs_start_parse(struct cur *in, struct tacacs *m)
{
	const uint32_t left = cur_left(in);
	const uint8_t action = cur_u8(in);

	cur_skip(in, 3);
	const uint8_t user = cur_u8(in);
	const uint8_t port = cur_u8(in);
	const uint8_t address = cur_u8(in);
	const uint8_t data = cur_u8(in);
	if (!cur_ok(in) || action < TACACS_LOGIN || action > TACACS_SENDAUTH ||
	    left != TACACS_START_HEAD + (uint32_t)user + port + address + data)
		return;
	m->user = cur_sub(in, user);
}

static bool tacacs_is_header(const struct tacacs *m)
{
	return m->version >> 4 == TACACS_VERSION && (m->version & 0x0f) <= 1 &&
	       m->type >= TACACS_AUTHENTICATION && m->type <= TACACS_ACCOUNTING && m->number > 0 &&
	       (m->flags & ~(TACACS_CLEAR | TACACS_SINGLE)) == 0 && m->length >= TACACS_LEAST &&
	       m->length <= TACACS_LONGEST;
}

static bool tacacs_parse(struct cur *in, struct tacacs *m)
{
	struct cur head = *in;

	m->user = cur_sub(in, 0);
	m->version = cur_u8(&head);
	m->type = cur_u8(&head);
	m->number = cur_u8(&head);
	m->flags = cur_u8(&head);
	m->session = cur_be32(&head);
	m->length = cur_be32(&head);
	m->more = cur_left(in) < TACACS_HEAD;
	if (m->more || !tacacs_is_header(m))
		return false;
	m->more = cur_left(&head) < m->length;
	if (m->more)
		return false;
	struct cur body = cur_sub(&head, m->length);
	cur_skip(in, TACACS_HEAD + m->length);
	if ((m->flags & TACACS_CLEAR) != 0 && m->type == TACACS_AUTHENTICATION && m->number == 1)
		tacacs_start_parse(&body, m);
	return cur_ok(in);
}

static void tacacs_tell(struct task *t, const struct packet *p, const struct tacacs *m)
{
	tell_word(t, p, sender(p), FACT_ROLE,
	          m->number % 2 == 1 ? "tacacs-client" : "tacacs-server");
	if ((m->flags & TACACS_CLEAR) != 0 && m->number == 1)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "tacacs");
	if (cur_left(&m->user) > 0)
		tell_text(t, p, sender(p), FACT_TACACS_USER, m->user);
}

/* The first message of a side is number 1 or 2, for the flow is new: each session begins with 1. */
static enum verdict tacacs_stream(struct task *t, struct packet *p, struct cur *in,
                                  const struct stream *s, void *state)
{
	enum verdict said = NOTHING;

	(void)state;
	while (cur_more(in)) {
		struct tacacs m = {0};
		if (!tacacs_parse(in, &m))
			return m.more && !s->end ? NEED_MORE : NOT_MINE;
		if (s->from_client != (m.number % 2 == 1) ||
		    (said == NOTHING && s->first && m.number > 2))
			return NOT_MINE;
		stream_message(t, in);
		tacacs_tell(t, p, &m);
		said = LEARNED;
	}
	return said;
}

SHOW(tacacs, struct tacacs, FIELD(struct tacacs, version, SHOW_HEX),
     FIELD(struct tacacs, type, SHOW_NUMBER), FIELD(struct tacacs, number, SHOW_NUMBER),
     FIELD(struct tacacs, flags, SHOW_HEX), FIELD(struct tacacs, session, SHOW_HEX),
     FIELD(struct tacacs, length, SHOW_NUMBER), FIELD(struct tacacs, more, SHOW_BOOL))

const struct observer observer_tacacs = {
	.name = "tacacs",
	.about = "who asks a TACACS+ server, and the server",
	.spec = "RFC 8907",
	.claims = CLAIMS({TCP_PORT, TACACS_PORT, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 90}, {FACT_TACACS_USER, SAYS, 85},
                       {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&tacacs_show),
	.stream = tacacs_stream,
};

PROVE(tacacs_parse, struct tacacs)
