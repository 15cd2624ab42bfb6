/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mysql.c - the version by which MySQL and MariaDB servers greet.
 *
 * A server begins with a packet of number 0: protocol version 10, its own version ended by a zero,
 * a connection's number, eight bytes of a challenge and a zero (MySQL Internals,
 * Protocol::HandshakeV10). MariaDB puts 5.5.5- before its version, as old replicas read only the
 * first digit. A server that does not want the client begins with an error, which tells no
 * version.
 */
#include "observe/observer.h"

enum { MYSQL_PORT = 3306, MYSQL_PROTOCOL = 10, MYSQL_ERROR = 0xff, MYSQL_LONGEST = 512 };

struct mysql {
	bool more, error;
	struct cur version;
};

/* Digits, and what follows in letters that can be read. */
static bool mysql_is_version(struct cur version)
{
	struct cur first = version;

	if (cur_left(&version) > 100 || cur_decimal(&first) > 99 || cur_u8(&first) != '.')
		return false;
	while (cur_more(&version)) {
		const uint8_t b = cur_u8(&version);
		if (b < ' ' || b > '~')
			return false;
	}
	return true;
}

static bool mysql_greeting_parse(struct cur greeting, struct mysql *m)
{
	const uint8_t protocol = cur_u8(&greeting);

	m->error = protocol == MYSQL_ERROR;
	if (m->error)
		return true;
	m->version = cur_until(&greeting, 0);
	cur_skip(&greeting, 12); /* connection, challenge */
	return protocol == MYSQL_PROTOCOL && cur_u8(&greeting) == 0 && cur_ok(&greeting) &&
	       mysql_is_version(m->version);
}

static bool mysql_parse(struct cur *in, struct mysql *m)
{
	struct cur head = *in;

	m->version = cur_sub(in, 0);
	const uint32_t len = cur_le24(&head);
	const uint8_t number = cur_u8(&head);
	if (cur_ok(&head) && (len > MYSQL_LONGEST || number != 0))
		return false;
	m->more = !cur_ok(&head) || cur_left(&head) < len;
	if (m->more)
		return false;
	cur_skip(in, 4);
	return mysql_greeting_parse(cur_sub(in, len), m);
}

static enum verdict mysql_stream(struct task *t, struct packet *p, struct cur *in,
                                 const struct stream *s, void *state)
{
	bool *greeted = state;
	struct mysql m = {0};

	if (*greeted || s->from_client || (s->midstream && !s->first)) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	if (!mysql_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	*greeted = true;
	if (m.error)
		return NOTHING;
	tell_text(t, p, sender(p), FACT_MYSQL_VERSION, m.version);
	return LEARNED;
}

SHOW(mysql, struct mysql, FIELD(struct mysql, error, SHOW_BOOL),
     FIELD(struct mysql, more, SHOW_BOOL))

const struct observer observer_mysql = {
	.name = "mysql",
	.about = "MySQL and MariaDB servers",
	.spec = "MySQL client/server protocol, HandshakeV10",
	.claims = CLAIMS({TCP_PORT, MYSQL_PORT, NULL}, {TCP_SNIFF, 0, "?? 00 00 00 0a '5.'"},
                         {TCP_SNIFF, 0, "?? 00 00 00 0a '8.'"},
                         {TCP_SNIFF, 0, "?? 00 00 00 0a '10.'"},
                         {TCP_SNIFF, 0, "?? 00 00 00 0a '11.'"}),
	.tells = TELLS({FACT_MYSQL_VERSION, SAYS, 95}),
	.shows = SHOWS(&mysql_show),
	.flow_state_size = sizeof(bool),
	.stream = mysql_stream,
};

PROVE(mysql_parse, struct mysql)
