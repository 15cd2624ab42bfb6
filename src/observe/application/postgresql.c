/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postgresql.c - PostgreSQL: who asks for which database with which program, and the version that
 * the server names (PostgreSQL documentation, 55 Frontend/Backend Protocol).
 *
 * A client begins with a message that has no type: its length, a version (3.0), and pairs of a
 * parameter and a value. It may ask for TLS first, by a number in the version's place; the server
 * answers with one letter. What follows an S there is TLS and another observer's. The server's
 * messages have a type, and behind the authentication it sends ParameterStatus: server_version is
 * among them.
 *
 * Asked for its password in the clear, a client that gives one is told of.
 */
#include "observe/shared/message.h"

enum { POSTGRESQL_PORT = 5432, POSTGRESQL_LONGEST = 8192, POSTGRESQL_PARAMETERS = 64 };
enum { POSTGRESQL_3 = 0x00030000, POSTGRESQL_ASKS_TLS = 80877103, POSTGRESQL_ASKS_GSS = 80877104 };
enum { POSTGRESQL_AUTHENTICATION = 'R', POSTGRESQL_STATUS = 'S', POSTGRESQL_PASSWORD = 'p' };

struct postgresql_startup {
	uint32_t version;
	bool more;
	struct cur user, database, application;
};

/* An empty name ends the list. */
static void postgresql_pair_parse(struct cur *in, struct postgresql_startup *m)
{
	struct cur name = cur_until(in, 0);

	if (cur_left(&name) == 0 && cur_left(in) > 0)
		cur_fail(in);
	if (cur_left(&name) == 0)
		return;
	struct cur value = cur_until(in, 0);
	if (!cur_ok(in))
		return;
	if (cur_left(&name) == 4 && cur_is(&name, "user"))
		m->user = cur_rest(&value);
	else if (cur_left(&name) == 8 && cur_is(&name, "database"))
		m->database = cur_rest(&value);
	else if (cur_left(&name) == 16 && cur_is(&name, "application_name"))
		m->application = cur_rest(&value);
}

static bool postgresql_startup_parse(struct cur *in, struct postgresql_startup *m)
{
	struct cur head = *in;
	struct message message = {0};

	m->user = cur_sub(in, 0);
	m->database = cur_sub(in, 0);
	m->application = cur_sub(in, 0);
	const uint32_t len = cur_be32(&head);
	m->more = !cur_ok(&head);
	if (m->more || len < 8 || !message_take(in, len, POSTGRESQL_LONGEST, &message)) {
		m->more = m->more || message.more;
		return false;
	}
	cur_skip(&message.body, 4);
	m->version = cur_be32(&message.body);
	if (m->version == POSTGRESQL_ASKS_TLS || m->version == POSTGRESQL_ASKS_GSS)
		return len == 8;
	if (m->version >> 16 != POSTGRESQL_3 >> 16)
		return false;
	for (unsigned i = 0; i < POSTGRESQL_PARAMETERS && cur_more(&message.body); i++)
		postgresql_pair_parse(&message.body, m);
	return cur_ok(&message.body) && cur_left(&m->user) > 0;
}

/* A message with a type, of either side. */
struct postgresql {
	uint8_t type;
	bool more;
	uint32_t wanted;    /* of an authentication: what the server asks for */
	struct cur version; /* of a ParameterStatus */
};

static void postgresql_status_parse(struct cur *in, struct postgresql *m)
{
	struct cur name = cur_until(in, 0);
	struct cur value = cur_until(in, 0);

	if (cur_ok(in) && cur_left(&name) == 14 && cur_is(&name, "server_version"))
		m->version = cur_rest(&value);
}

static bool postgresql_parse(struct cur *in, struct postgresql *m)
{
	struct cur head = *in;
	struct message message = {0};

	m->version = cur_sub(in, 0);
	m->type = cur_u8(&head);
	const uint32_t len = cur_be32(&head);
	m->more = !cur_ok(&head);
	if (m->more || len < 4 || !message_take(in, len + 1, POSTGRESQL_LONGEST, &message)) {
		m->more = m->more || message.more;
		return false;
	}
	cur_skip(&message.body, 5);
	if (m->type == POSTGRESQL_AUTHENTICATION)
		m->wanted = cur_be32(&message.body);
	if (m->type == POSTGRESQL_STATUS)
		postgresql_status_parse(&message.body, m);
	return cur_ok(&message.body) && m->type >= '1' && m->type <= 'z';
}

/* Which side is read first nobody knows: either may find that a password went in the clear. */
struct postgresql_flow {
	bool started, begun;           /* the first message of client, server was read */
	bool client_done, server_done; /* nothing more is of use */
	bool asked, given;             /* the server asked for the password itself; there was one */
};

static enum verdict postgresql_tell_clear(struct task *t, const struct packet *p,
                                          struct subject client, struct postgresql_flow *f)
{
	if (!f->asked || !f->given)
		return NOTHING;
	f->asked = false;
	tell_word(t, p, client, FACT_CLEARTEXT, "postgresql");
	return LEARNED;
}

static enum verdict postgresql_client(struct task *t, const struct packet *p, struct cur *in,
                                      const struct stream *s, struct postgresql_flow *f)
{
	struct postgresql_startup m = {0};
	struct postgresql said = {0};

	if (f->started) {
		if (!postgresql_parse(in, &said))
			return said.more && !s->end ? NEED_MORE : NOT_MINE;
		f->client_done = true;
		f->given = said.type == POSTGRESQL_PASSWORD;
		return postgresql_tell_clear(t, p, sender(p), f);
	}
	if (!postgresql_startup_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	f->started = m.version >> 16 == POSTGRESQL_3 >> 16;
	if (!f->started)
		return NOTHING;
	tell_readable(t, p, FACT_POSTGRESQL_USER, m.user);
	tell_readable(t, p, FACT_POSTGRESQL_DATABASE, m.database);
	tell_readable(t, p, FACT_POSTGRESQL_APPLICATION, m.application);
	return LEARNED;
}

/*
 * The letter that answers to a wish for TLS: no, or yes, and what follows is not ours. None of them
 * is the type of a server's first message.
 */
struct postgresql_letter {
	uint8_t letter;
};

static bool postgresql_letter_parse(struct cur *in, struct postgresql_letter *m)
{
	m->letter = cur_peek8(in);
	if (m->letter != 'N' && m->letter != 'S' && m->letter != 'G')
		return false;
	cur_skip(in, 1);
	return cur_ok(in);
}

static enum verdict postgresql_server(struct task *t, const struct packet *p, struct cur *in,
                                      const struct stream *s, struct postgresql_flow *f)
{
	struct postgresql_letter answer = {0};
	struct postgresql m = {0};

	if (!f->begun && postgresql_letter_parse(in, &answer)) {
		f->server_done = answer.letter != 'N';
		return NOTHING;
	}
	if (!postgresql_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	if (!f->begun && m.type != POSTGRESQL_AUTHENTICATION && m.type != 'E' && m.type != 'v')
		return NOT_MINE;
	f->begun = true;
	f->asked = f->asked || (m.type == POSTGRESQL_AUTHENTICATION && m.wanted == 3);
	if (!is_readable(m.version))
		return postgresql_tell_clear(t, p, receiver(p), f);
	f->server_done = true;
	tell_text(t, p, sender(p), FACT_POSTGRESQL_VERSION, m.version);
	return LEARNED;
}

static enum verdict postgresql_stream(struct task *t, struct packet *p, struct cur *in,
                                      const struct stream *s, void *state)
{
	struct postgresql_flow *f = state;

	if (s->midstream || (s->from_client ? f->client_done : f->server_done))
		return message_pass(in);
	if (cur_left(in) == 0)
		return NOTHING;
	return s->from_client ? postgresql_client(t, p, in, s, f)
	                      : postgresql_server(t, p, in, s, f);
}

SHOW(postgresql_startup, struct postgresql_startup,
     FIELD(struct postgresql_startup, version, SHOW_HEX),
     FIELD(struct postgresql_startup, more, SHOW_BOOL))
SHOW(postgresql, struct postgresql, FIELD(struct postgresql, type, SHOW_NUMBER),
     FIELD(struct postgresql, wanted, SHOW_NUMBER), FIELD(struct postgresql, more, SHOW_BOOL))

const struct observer observer_postgresql = {
	.name = "postgresql",
	.about = "PostgreSQL servers and their clients",
	.spec = "PostgreSQL Frontend/Backend Protocol 3.0",
	.claims = CLAIMS({TCP_PORT, POSTGRESQL_PORT, NULL},
                         {TCP_SNIFF, 0, "00 00 ?? ?? 00 03 00 00 'user' 00"}),
	.tells = TELLS({FACT_POSTGRESQL_VERSION, SAYS, 95}, {FACT_POSTGRESQL_USER, SAYS, 90},
                       {FACT_POSTGRESQL_DATABASE, SAYS, 90},
                       {FACT_POSTGRESQL_APPLICATION, SAYS, 80}, {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&postgresql_startup_show, &postgresql_show),
	.flow_state_size = sizeof(struct postgresql_flow),
	.stream = postgresql_stream,
};

PROVE(postgresql_startup_parse, struct postgresql_startup)
PROVE(postgresql_parse, struct postgresql)
PROVE(postgresql_letter_parse, struct postgresql_letter)
