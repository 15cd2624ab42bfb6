/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imap.c - how IMAP servers greet, and that passwords go to them in the clear.
 *
 * A server begins with "* OK" or "* PREAUTH" (RFC 9051, 7.1): its capabilities and, mostly, its
 * software. A command stands behind a tag; LOGIN sends the password as it is (6.2.3), and so does
 * AUTHENTICATE with PLAIN or LOGIN (6.2.2), in its line or in the next: that it does is told. After
 * STARTTLS the dialogue is TLS, and after other ways of AUTHENTICATE come lines that are no commands.
 */
#include "observe/shared/line.h"

enum imap_kind { IMAP_OTHER, IMAP_LOGIN, IMAP_AUTH, IMAP_NOOP, IMAP_END };

/* The rest of the line is the greeting. */
static bool imap_greeting_parse(struct cur *in, struct line *l)
{
	if (!line_parse(in, l) || !cur_is(&l->text, "* "))
		return false;
	struct cur word = line_word(&l->text);
	line_trim(&l->text);
	return LINE_WORD_IS(word, "OK") || LINE_WORD_IS(word, "PREAUTH");
}

struct imap_command {
	struct line line;
	uint8_t kind;
	bool password;
};

static uint8_t imap_kind_of(struct cur word)
{
	if (LINE_WORD_IS(word, "LOGIN"))
		return IMAP_LOGIN;
	if (LINE_WORD_IS(word, "CAPABILITY") || LINE_WORD_IS(word, "NOOP") ||
	    LINE_WORD_IS(word, "ID"))
		return IMAP_NOOP;
	if (LINE_WORD_IS(word, "AUTHENTICATE"))
		return IMAP_AUTH;
	if (LINE_WORD_IS(word, "STARTTLS") || LINE_WORD_IS(word, "LOGOUT"))
		return IMAP_END;
	return IMAP_OTHER;
}

/* A password behind a user name; a literal's braces (4.3) announce one. */
static bool imap_command_parse(struct cur *in, struct imap_command *c)
{
	if (!line_parse(in, &c->line))
		return false;
	struct cur rest = c->line.text;
	const struct cur tag = line_word(&rest);
	c->kind = cur_left(&tag) > 0 ? imap_kind_of(line_word(&rest)) : IMAP_OTHER;
	line_trim(&rest);
	if (c->kind == IMAP_AUTH) {
		const struct line_sasl sasl = line_sasl_parse(rest);
		c->kind = sasl.clear ? IMAP_AUTH : IMAP_END;
		c->password = sasl.password;
		return true;
	}
	(void)line_word(&rest);
	line_trim(&rest);
	c->password = c->kind == IMAP_LOGIN && cur_left(&rest) > 0;
	return true;
}

static enum verdict imap_tell_command(struct task *t, const struct packet *p,
                                      const struct imap_command *c, struct line_flow *f)
{
	if (!line_gives_password(f, c->password, c->kind == IMAP_AUTH, c->kind == IMAP_OTHER))
		return NOTHING;
	tell_word(t, p, sender(p), FACT_CLEARTEXT, "imap");
	return LEARNED;
}

static struct line_said imap_command_line(struct task *t, const struct packet *p, struct cur *in,
                                          struct line_flow *f)
{
	struct imap_command c = {0};

	if (!imap_command_parse(in, &c))
		return (struct line_said){.more = c.line.more};
	return (struct line_said){
		.read = true,
		.known = c.kind != IMAP_OTHER,
		.last = c.kind == IMAP_END,
		.verdict = imap_tell_command(t, p, &c, f),
	};
}

static const struct line_dialogue imap_dialogue = {FACT_IMAP_BANNER, imap_greeting_parse,
                                                   imap_command_line};

static enum verdict imap_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	return line_stream(&imap_dialogue, t, p, in, s, state);
}

SHOW(imap_greeting, struct line, FIELD(struct line, more, SHOW_BOOL))
SHOW(imap_command, struct imap_command, FIELD(struct imap_command, kind, SHOW_NUMBER),
     FIELD(struct imap_command, line.more, SHOW_BOOL))

const struct observer observer_imap = {
	.name = "imap",
	.about = "IMAP servers, and passwords in the clear",
	.spec = "RFC 9051",
	.claims = CLAIMS({TCP_PORT, 143, NULL}),
	.tells = TELLS({FACT_IMAP_BANNER, SAYS, 90}, {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&imap_greeting_show, &imap_command_show),
	.flow_state_size = sizeof(struct line_flow),
	.stream = imap_stream,
};

PROVE(imap_greeting_parse, struct line)
PROVE(imap_command_parse, struct imap_command)
