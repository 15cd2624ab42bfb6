/* SPDX-License-Identifier: Apache-2.0 */
/*
 * irc.c - servers of Internet Relay Chat by name and software, and what their users run.
 *
 * A message is a line: a prefix that names who it is from, a command or number, parameters; the
 * last of these may begin with a colon and hold blanks (RFC 2812, 2.3). The server's reply 004 to
 * a client that has registered names the server and its software (5.1).
 *
 * A client that is asked for its software over CTCP answers with a NOTICE of "\1VERSION ...\1".
 * Only those that the client itself sends are told of it: what a server passes on is of others.
 * PASS sends a password in the clear.
 */
#include "observe/shared/line.h"

struct irc {
	struct line line;
	struct cur prefix, command, target, second, third, trailing;
};

/* Behind the blanks that follow it. */
static struct cur irc_word(struct cur *in)
{
	const struct cur word = cur_token(in, " ");

	for (uint32_t i = 0; i < LINE_LEN_MAX && cur_peek8(in) == ' '; i++)
		cur_skip(in, 1);
	return word;
}

/* One parameter; the one behind a colon is all the rest. */
static struct cur irc_parameter(struct cur *in, struct irc *m)
{
	if (cur_peek8(in) != ':')
		return irc_word(in);
	cur_skip(in, 1);
	struct cur rest = cur_rest(in);
	m->trailing = cur_sub(&rest, cur_left(&rest));
	return m->trailing;
}

static bool irc_is_command(struct cur command)
{
	const uint32_t len = cur_left(&command);

	while (cur_more(&command)) {
		const uint8_t b = cur_lower(cur_u8(&command));
		if ((b < 'a' || b > 'z') && (b < '0' || b > '9'))
			return false;
	}
	return len >= 3 && len <= 16;
}

static void irc_keep(struct cur *field, struct cur value)
{
	*field = cur_rest(&value);
}

static bool irc_parse(struct cur *in, struct irc *m)
{
	m->prefix = cur_sub(in, 0);
	m->trailing = cur_sub(in, 0);
	if (!line_parse(in, &m->line))
		return false;
	struct cur rest = m->line.text;
	if (cur_peek8(&rest) == '@') /* tags of IRCv3 */
		(void)irc_word(&rest);
	if (cur_is(&rest, ":"))
		irc_keep(&m->prefix, irc_word(&rest));
	irc_keep(&m->command, irc_word(&rest));
	irc_keep(&m->target, irc_parameter(&rest, m));
	irc_keep(&m->second, irc_parameter(&rest, m));
	irc_keep(&m->third, irc_parameter(&rest, m));
	return irc_is_command(m->command);
}

/* Is the command this one, in letters of either case? */
static bool irc_is_bytes(struct cur command, const char *what, uint32_t len)
{
	return cur_left(&command) == len && cur_is_caseless_bytes(&command, what, len);
}
#define IRC_IS(command, literal) irc_is_bytes((command), "" literal, (uint32_t)sizeof(literal) - 1)

/* The software in a CTCP answer; empty where it is none. */
static struct cur irc_software(const struct irc *m)
{
	struct cur text = m->trailing;

	if (!IRC_IS(m->command, "NOTICE") || !cur_is(&text, "\1VERSION "))
		return cur_sub(&text, 0);
	return cur_token(&text, "\1");
}

/* What a client begins with. */
static bool irc_is_opening(struct cur command)
{
	return IRC_IS(command, "NICK") || IRC_IS(command, "USER") || IRC_IS(command, "PASS") ||
	       IRC_IS(command, "CAP");
}

static enum verdict irc_tell_client(struct task *t, const struct packet *p, const struct irc *m)
{
	const struct cur software = irc_software(m);

	if (IRC_IS(m->command, "PASS") && cur_left(&m->target) > 0)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "irc");
	else if (IRC_IS(m->command, "NICK") && cur_left(&m->target) > 0)
		tell_text(t, p, sender(p), FACT_IRC_NICK, m->target);
	else if (cur_left(&software) > 0)
		tell_text(t, p, sender(p), FACT_IRC_CLIENT, software);
	else
		return NOTHING;
	return LEARNED;
}

/* "004 nick irc.example.net ngircd-26.1 modes": the server names itself as the message's prefix. */
static enum verdict irc_tell_server(struct task *t, const struct packet *p, const struct irc *m)
{
	if (!IRC_IS(m->command, "004") || cur_left(&m->prefix) == 0 || cur_left(&m->second) == 0 ||
	    cur_left(&m->third) == 0)
		return NOTHING;
	tell_text(t, p, sender(p), FACT_IRC_SERVER, m->second);
	tell_text(t, p, sender(p), FACT_IRC_VERSION, m->third);
	return LEARNED;
}

/* A server's first word to a client that has said nothing but its name. */
static bool irc_is_greeting(const struct irc *m)
{
	return cur_left(&m->prefix) > 0 || IRC_IS(m->command, "NOTICE") ||
	       IRC_IS(m->command, "PING") || IRC_IS(m->command, "ERROR");
}

static enum verdict irc_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct line_flow *f = state;
	bool *done = s->from_client ? &f->client_done : &f->server_done;
	struct irc m = {0};

	if (s->midstream || *done)
		return line_pass(in, done);
	const uint32_t from = cur_pos(in);
	const bool is_message = irc_parse(in, &m);
	if (!is_message && m.line.more && !s->end)
		return NEED_MORE;
	if (s->first &&
	    (!is_message || !(s->from_client ? irc_is_opening(m.command) : irc_is_greeting(&m))))
		return NOT_MINE;
	if (!is_message)
		return cur_pos(in) == from ? line_pass(in, done) : NOTHING;
	return s->from_client ? irc_tell_client(t, p, &m) : irc_tell_server(t, p, &m);
}

SHOW(irc, struct irc, FIELD(struct irc, line.more, SHOW_BOOL))

const struct observer observer_irc = {
	.name = "irc",
	.about = "chat servers by name and software, and the software of their users",
	.spec = "RFC 2812, CTCP",
	.claims = CLAIMS({TCP_PORT, 6667, NULL}, {TCP_PORT, 6665, NULL}, {TCP_PORT, 6666, NULL},
                         {TCP_PORT, 6668, NULL}, {TCP_PORT, 6669, NULL}),
	.tells = TELLS({FACT_IRC_SERVER, SAYS, 85}, {FACT_IRC_VERSION, SAYS, 85},
                       {FACT_IRC_CLIENT, SAYS, 85}, {FACT_IRC_NICK, SAYS, 80},
                       {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&irc_show),
	.flow_state_size = sizeof(struct line_flow),
	.stream = irc_stream,
};

PROVE(irc_parse, struct irc)
