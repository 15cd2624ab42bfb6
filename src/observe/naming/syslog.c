/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syslog.c - the hosts and programs whose messages go to a log server.
 *
 * A datagram begins with a priority in angle brackets. Two formats follow: version 1 (RFC 5424, 6)
 * with a time, a host and a program between single blanks, and the old one (RFC 3164, 4.1), "Oct
 * 11 22:14:15 host program: text". Relays pass messages of others on, so the host that is named
 * is the message's, not surely the sender; it is told as such. Of the text nothing is told.
 */
#include "observe/observer.h"

enum { SYSLOG_PORT = 514, SYSLOG_PRIORITY_MAX = 191 };

struct syslog {
	uint32_t priority;
	bool modern;
	struct cur host, program; /* empty: not said */
};

/* ---- parse */

/* "-" is nothing (RFC 5424, 6). */
static void syslog_field(struct cur *in, struct cur *field)
{
	*field = cur_until(in, ' ');
	struct cur nil = *field;
	if (cur_left(field) == 1 && cur_is(&nil, "-"))
		*field = cur_sub(&nil, 0);
}

static void syslog_modern_parse(struct cur *in, struct syslog *s)
{
	struct cur time = cur_sub(in, 0);

	syslog_field(in, &time);
	syslog_field(in, &s->host);
	syslog_field(in, &s->program);
}

/* "Oct 11 22:14:15 ": a fixed form, the day filled up with a blank. */
static bool syslog_is_time(struct cur *in)
{
	struct cur at = cur_sub(in, 16);

	cur_skip(&at, 3);
	if (!cur_is(&at, " "))
		return false;
	cur_skip(&at, 2);
	if (!cur_is(&at, " "))
		return false;
	cur_skip(&at, 2);
	if (!cur_is(&at, ":"))
		return false;
	cur_skip(&at, 2);
	if (!cur_is(&at, ":"))
		return false;
	cur_skip(&at, 2);
	return cur_is(&at, " ");
}

static void syslog_old_parse(struct cur *in, struct syslog *s)
{
	if (!syslog_is_time(in)) {
		cur_fail(in);
		return;
	}
	s->host = cur_until(in, ' ');
	struct cur program = cur_token(in, ":[ ");
	/* Without a colon or a bracket behind it, it is the text's first word. */
	if (cur_among(cur_peek8(in), ":[", 2))
		s->program = cur_rest(&program);
	/* Some leave the host out: the program is in its place. */
	struct cur host = s->host;
	(void)cur_token(&host, ":[");
	if (cur_left(&host) > 0)
		cur_fail(in);
}

static bool syslog_parse(struct cur *in, struct syslog *s)
{
	s->host = cur_sub(in, 0);
	s->program = cur_sub(in, 0);
	if (!cur_is(in, "<"))
		return false;
	s->priority = cur_decimal(in);
	if (!cur_is(in, ">") || s->priority > SYSLOG_PRIORITY_MAX)
		return false;
	s->modern = cur_is(in, "1 ");
	if (s->modern)
		syslog_modern_parse(in, s);
	else
		syslog_old_parse(in, s);
	return cur_ok(in);
}

/* ---- tell */

static enum verdict syslog_packet(struct task *t, struct packet *p, void *state)
{
	struct syslog s = {0};

	(void)state;
	if (p->to_port.n != SYSLOG_PORT || !syslog_parse(&p->rest, &s))
		return NOT_MINE;
	if (cur_left(&s.host) > 0)
		tell_text(t, p, sender(p), FACT_SYSLOG_HOST, s.host);
	if (cur_left(&s.program) > 0)
		tell_text(t, p, sender(p), FACT_SYSLOG_PROGRAM, s.program);
	return cur_left(&s.host) + cur_left(&s.program) > 0 ? LEARNED : NOTHING;
}

SHOW(syslog, struct syslog, FIELD(struct syslog, priority, SHOW_NUMBER),
     FIELD(struct syslog, modern, SHOW_BOOL))

const struct observer observer_syslog = {
	.name = "syslog",
	.about = "hosts and programs that write to a log server",
	.spec = "RFC 5424, RFC 3164, RFC 5426",
	.claims = CLAIMS({UDP_PORT, SYSLOG_PORT, NULL}),
	.tells = TELLS({FACT_SYSLOG_HOST, SAYS, 70}, {FACT_SYSLOG_PROGRAM, SAYS, 80}),
	.shows = SHOWS(&syslog_show),
	.packet = syslog_packet,
};

PROVE(syslog_parse, struct syslog)
