/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nntp.c - how news servers greet, and that passwords go to them in the clear.
 *
 * A server begins with 200, posting allowed, or 201, not allowed (RFC 3977, 5.1), and mostly its
 * name and software. AUTHINFO PASS sends the password as it is (RFC 4643, 2.3): that it does is
 * told. After STARTTLS the dialogue is TLS.
 */
#include "observe/shared/line.h"

enum nntp_kind { NNTP_OTHER, NNTP_AUTHINFO, NNTP_NOOP, NNTP_END };

/* The rest of the line is the greeting. */
static bool nntp_greeting_parse(struct cur *in, struct line *l)
{
	if (!line_parse(in, l) || (!cur_is(&l->text, "200 ") && !cur_is(&l->text, "201 ")))
		return false;
	line_trim(&l->text);
	return true;
}

struct nntp_command {
	struct line line;
	uint8_t kind;
	bool password;
};

static uint8_t nntp_kind_of(struct cur word)
{
	if (LINE_WORD_IS(word, "AUTHINFO"))
		return NNTP_AUTHINFO;
	if (LINE_WORD_IS(word, "MODE") || LINE_WORD_IS(word, "CAPABILITIES") ||
	    LINE_WORD_IS(word, "GROUP") || LINE_WORD_IS(word, "LIST") ||
	    LINE_WORD_IS(word, "DATE") || LINE_WORD_IS(word, "XOVER") || LINE_WORD_IS(word, "OVER"))
		return NNTP_NOOP;
	if (LINE_WORD_IS(word, "STARTTLS") || LINE_WORD_IS(word, "QUIT") ||
	    LINE_WORD_IS(word, "POST") || LINE_WORD_IS(word, "IHAVE") ||
	    LINE_WORD_IS(word, "CHECK") || LINE_WORD_IS(word, "TAKETHIS"))
		return NNTP_END;
	return NNTP_OTHER;
}

static bool nntp_command_parse(struct cur *in, struct nntp_command *c)
{
	if (!line_parse(in, &c->line))
		return false;
	struct cur rest = c->line.text;
	c->kind = nntp_kind_of(line_word(&rest));
	struct cur what = line_word(&rest);
	line_trim(&rest);
	c->password = c->kind == NNTP_AUTHINFO && LINE_WORD_IS(what, "PASS") && cur_left(&rest) > 0;
	return true;
}

static enum verdict nntp_tell_command(struct task *t, const struct packet *p,
                                      const struct nntp_command *c)
{
	if (!c->password)
		return NOTHING;
	tell_word(t, p, sender(p), FACT_CLEARTEXT, "nntp");
	return LEARNED;
}

static struct line_said nntp_command_line(struct task *t, const struct packet *p, struct cur *in,
                                          struct line_flow *f)
{
	struct nntp_command c = {0};

	(void)f;
	if (!nntp_command_parse(in, &c))
		return (struct line_said){.more = c.line.more};
	return (struct line_said){
		.read = true,
		.known = c.kind != NNTP_OTHER,
		.last = c.kind == NNTP_END,
		.verdict = nntp_tell_command(t, p, &c),
	};
}

static const struct line_dialogue nntp_dialogue = {FACT_NNTP_BANNER, nntp_greeting_parse,
                                                   nntp_command_line};

static enum verdict nntp_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	return line_stream(&nntp_dialogue, t, p, in, s, state);
}

SHOW(nntp_greeting, struct line, FIELD(struct line, more, SHOW_BOOL))
SHOW(nntp_command, struct nntp_command, FIELD(struct nntp_command, kind, SHOW_NUMBER),
     FIELD(struct nntp_command, password, SHOW_BOOL))

const struct observer observer_nntp = {
	.name = "nntp",
	.about = "news servers, and passwords in the clear",
	.spec = "RFC 3977, RFC 4643",
	.claims = CLAIMS({TCP_PORT, 119, NULL}, {TCP_PORT, 433, NULL}),
	.tells = TELLS({FACT_NNTP_BANNER, SAYS, 90}, {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&nntp_greeting_show, &nntp_command_show),
	.flow_state_size = sizeof(struct line_flow),
	.stream = nntp_stream,
};

PROVE(nntp_greeting_parse, struct line)
PROVE(nntp_command_parse, struct nntp_command)
