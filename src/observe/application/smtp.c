/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smtp.c - how mail servers greet, and the names by which their clients greet back.
 *
 * A server begins with the reply 220: its domain and, mostly, its software (RFC 5321, 4.2); where
 * that takes several lines, the first names both. EHLO, HELO or LHLO is the client's name for
 * itself (4.1.1.1). AUTH PLAIN and LOGIN send the password in the clear: that they do is told,
 * nothing of what they send (RFC 4954). From MAIL or STARTTLS on nothing is read.
 *
 * A stream whose beginning was missed may have its greeting all the same. The answer to STARTTLS has
 * the same number, but no domain (RFC 3207, 4): there a greeting is what has one, and says "SMTP".
 */
#include "observe/shared/line.h"

enum smtp_kind { SMTP_OTHER, SMTP_NAME, SMTP_AUTH, SMTP_NOOP, SMTP_END };

/* The rest of the line is the greeting. */
static bool smtp_greeting_parse(struct cur *in, struct line *l)
{
	if (!line_parse(in, l) || !cur_is(&l->text, "220"))
		return false;
	const uint8_t after = cur_left(&l->text) > 0 ? cur_u8(&l->text) : ' ';
	line_trim(&l->text);
	return after == ' ' || after == '-';
}

struct smtp_command {
	struct line line;
	struct cur argument;
	uint8_t kind;
	bool password; /* is in this line */
};

static uint8_t smtp_kind_of(struct cur word)
{
	if (LINE_WORD_IS(word, "EHLO") || LINE_WORD_IS(word, "HELO") || LINE_WORD_IS(word, "LHLO"))
		return SMTP_NAME;
	if (LINE_WORD_IS(word, "AUTH"))
		return SMTP_AUTH;
	if (LINE_WORD_IS(word, "NOOP") || LINE_WORD_IS(word, "RSET") || LINE_WORD_IS(word, "HELP"))
		return SMTP_NOOP;
	if (LINE_WORD_IS(word, "MAIL") || LINE_WORD_IS(word, "STARTTLS") ||
	    LINE_WORD_IS(word, "DATA") || LINE_WORD_IS(word, "QUIT"))
		return SMTP_END;
	return SMTP_OTHER;
}

static bool smtp_command_parse(struct cur *in, struct smtp_command *c)
{
	c->argument = cur_sub(in, 0);
	if (!line_parse(in, &c->line))
		return false;
	struct cur rest = c->line.text;
	c->kind = smtp_kind_of(line_word(&rest));
	line_trim(&rest);
	c->argument = cur_rest(&rest);
	if (c->kind == SMTP_AUTH) {
		const struct line_sasl sasl = line_sasl_parse(c->argument);
		c->kind = sasl.clear ? SMTP_AUTH : SMTP_NOOP;
		c->password = sasl.password;
	}
	return true;
}

static enum verdict smtp_tell_command(struct task *t, const struct packet *p,
                                      const struct smtp_command *c, struct line_flow *f)
{
	if (c->kind == SMTP_NAME && cur_left(&c->argument) > 0) {
		tell_text(t, p, sender(p), FACT_SMTP_HELO, c->argument);
		return LEARNED;
	}
	if (!line_gives_password(f, c->password, c->kind == SMTP_AUTH, c->kind == SMTP_OTHER))
		return NOTHING;
	tell_word(t, p, sender(p), FACT_CLEARTEXT, "smtp");
	return LEARNED;
}

static struct line_said smtp_command_line(struct task *t, const struct packet *p, struct cur *in,
                                          struct line_flow *f)
{
	struct smtp_command c = {0};

	if (!smtp_command_parse(in, &c))
		return (struct line_said){.more = c.line.more};
	return (struct line_said){
		.read = true,
		.known = c.kind != SMTP_OTHER,
		.last = c.kind == SMTP_END,
		.verdict = smtp_tell_command(t, p, &c, f),
	};
}

static const struct line_dialogue smtp_dialogue = {FACT_SMTP_BANNER, smtp_greeting_parse,
                                                   smtp_command_line};

static bool smtp_names_itself(struct cur text)
{
	struct cur domain = line_word(&text);
	bool says = false;

	while (cur_more(&text) && !says) {
		struct cur word = line_word(&text);
		says = LINE_WORD_IS(word, "ESMTP") || LINE_WORD_IS(word, "SMTP");
	}
	return says && cur_find(&domain, '.') < cur_pos(&domain) + cur_left(&domain) &&
	       !LINE_WORD_IS(domain, "2.0.0");
}

static enum verdict smtp_late_greeting(struct task *t, const struct packet *p, struct cur *in,
                                       const struct stream *s, struct line_flow *f)
{
	struct line l = {0};
	const bool greets = smtp_greeting_parse(in, &l);

	if (!greets && l.more && !s->end)
		return NEED_MORE;
	if (!greets || !smtp_names_itself(l.text))
		return line_pass(in, &f->server_done);
	f->server_done = true;
	return line_tell_greeting(t, p, s, &l, true, FACT_SMTP_BANNER);
}

static enum verdict smtp_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	struct line_flow *f = state;

	if (s->midstream && !s->from_client && !f->server_done)
		return smtp_late_greeting(t, p, in, s, f);
	return line_stream(&smtp_dialogue, t, p, in, s, f);
}

SHOW(smtp_greeting, struct line, FIELD(struct line, more, SHOW_BOOL))
SHOW(smtp_command, struct smtp_command, FIELD(struct smtp_command, kind, SHOW_NUMBER),
     FIELD(struct smtp_command, line.more, SHOW_BOOL))

const struct observer observer_smtp = {
	.name = "smtp",
	.about = "mail servers, and those who send through them",
	.spec = "RFC 5321, RFC 4954",
	.claims = CLAIMS({TCP_PORT, 25, NULL}, {TCP_PORT, 587, NULL}, {TCP_PORT, 2525, NULL},
                         {TCP_PORT, 24, NULL}),
	.tells = TELLS({FACT_SMTP_BANNER, SAYS, 90}, {FACT_SMTP_HELO, SAYS, 80},
                       {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&smtp_greeting_show, &smtp_command_show),
	.flow_state_size = sizeof(struct line_flow),
	.stream = smtp_stream,
};

PROVE(smtp_greeting_parse, struct line)
PROVE(smtp_command_parse, struct smtp_command)
