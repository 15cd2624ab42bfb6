/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pop.c - how POP3 servers greet, and that passwords go to them in the clear.
 *
 * A server begins with +OK and a text (RFC 1939, 3). PASS sends the password as it is (7), and so
 * does AUTH with PLAIN or LOGIN (RFC 5034, 4): that it does is told. APOP sends a digest. After STLS
 * (RFC 2595, 4) the dialogue is TLS.
 *
 * Among its capabilities a server may name its software (RFC 2449, 6.9). They are looked for in what it
 * says before any mail: short answers and lists of capabilities, and nothing behind the first other line.
 */
#include "observe/shared/line.h"

enum pop_kind { POP_OTHER, POP_PASS, POP_AUTH, POP_NOOP, POP_END };

/* The rest of the line is the greeting. */
static bool pop_greeting_parse(struct cur *in, struct line *l)
{
	if (!line_parse(in, l) || !cur_is(&l->text, "+OK"))
		return false;
	const uint8_t after = cur_left(&l->text) > 0 ? cur_u8(&l->text) : ' ';
	line_trim(&l->text);
	return after == ' ';
}

struct pop_command {
	struct line line;
	uint8_t kind;
	bool password;
};

static uint8_t pop_kind_of(struct cur word)
{
	if (LINE_WORD_IS(word, "PASS"))
		return POP_PASS;
	if (LINE_WORD_IS(word, "AUTH"))
		return POP_AUTH;
	if (LINE_WORD_IS(word, "USER") || LINE_WORD_IS(word, "CAPA"))
		return POP_NOOP;
	if (LINE_WORD_IS(word, "STLS") || LINE_WORD_IS(word, "APOP") || LINE_WORD_IS(word, "QUIT"))
		return POP_END;
	return POP_OTHER;
}

static bool pop_command_parse(struct cur *in, struct pop_command *c)
{
	if (!line_parse(in, &c->line))
		return false;
	struct cur rest = c->line.text;
	c->kind = pop_kind_of(line_word(&rest));
	line_trim(&rest);
	c->password = c->kind == POP_PASS && cur_left(&rest) > 0;
	if (c->kind == POP_AUTH) {
		const struct line_sasl sasl = line_sasl_parse(rest);
		c->kind = sasl.clear ? POP_AUTH : POP_NOOP;
		c->password = sasl.password;
	}
	return true;
}

static enum verdict pop_tell_command(struct task *t, const struct packet *p,
                                     const struct pop_command *c, struct line_flow *f)
{
	if (!line_gives_password(f, c->password, c->kind == POP_AUTH, c->kind == POP_OTHER))
		return NOTHING;
	tell_word(t, p, sender(p), FACT_CLEARTEXT, "pop");
	return LEARNED;
}

static struct line_said pop_command_line(struct task *t, const struct packet *p, struct cur *in,
                                         struct line_flow *f)
{
	struct pop_command c = {0};

	if (!pop_command_parse(in, &c))
		return (struct line_said){.more = c.line.more};
	return (struct line_said){
		.read = true,
		.known = c.kind != POP_OTHER,
		.last = c.kind == POP_END,
		.verdict = pop_tell_command(t, p, &c, f),
	};
}

static const struct line_dialogue pop_dialogue = {FACT_POP_BANNER, pop_greeting_parse,
                                                  pop_command_line};

struct pop_flow {
	struct line_flow lines;
	bool server_over; /* no more of its lines are read */
};

/* A line of the server behind its greeting. */
struct pop_answer {
	struct line line;
	bool known; /* an answer, a capability or the end of their list */
	struct cur implementation;
};

static bool pop_is_capability(struct cur word)
{
	return LINE_WORD_IS(word, "TOP") || LINE_WORD_IS(word, "USER") ||
	       LINE_WORD_IS(word, "SASL") || LINE_WORD_IS(word, "RESP-CODES") ||
	       LINE_WORD_IS(word, "AUTH-RESP-CODE") || LINE_WORD_IS(word, "LOGIN-DELAY") ||
	       LINE_WORD_IS(word, "PIPELINING") || LINE_WORD_IS(word, "EXPIRE") ||
	       LINE_WORD_IS(word, "UIDL") || LINE_WORD_IS(word, "STLS") ||
	       LINE_WORD_IS(word, "LANG") || LINE_WORD_IS(word, "UTF8") ||
	       LINE_WORD_IS(word, "CAPA");
}

static bool pop_answer_parse(struct cur *in, struct pop_answer *a)
{
	a->implementation = cur_sub(in, 0);
	if (!line_parse(in, &a->line))
		return false;
	struct cur rest = a->line.text;
	struct cur word = line_word(&rest);
	line_trim(&rest);
	const bool names = LINE_WORD_IS(word, "IMPLEMENTATION");
	if (names)
		a->implementation = cur_rest(&rest);
	a->known = names || LINE_WORD_IS(word, "+OK") || LINE_WORD_IS(word, "-ERR") ||
	           LINE_WORD_IS(word, ".") || pop_is_capability(word);
	return true;
}

static enum verdict pop_server_line(struct task *t, const struct packet *p, struct cur *in,
                                    const struct stream *s, struct pop_flow *f)
{
	struct pop_answer a = {.known = false};
	const bool is_line = pop_answer_parse(in, &a);

	if (!is_line && a.line.more && !s->end)
		return NEED_MORE;
	if (!is_line || !a.known)
		return line_pass(in, &f->server_over);
	if (cur_left(&a.implementation) == 0)
		return NOTHING;
	tell_text(t, p, sender(p), FACT_POP_IMPLEMENTATION, a.implementation);
	return LEARNED;
}

static enum verdict pop_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct pop_flow *f = state;

	if (!s->from_client && !s->first && f->lines.server_done && !f->server_over)
		return pop_server_line(t, p, in, s, f);
	return line_stream(&pop_dialogue, t, p, in, s, &f->lines);
}

SHOW(pop_greeting, struct line, FIELD(struct line, more, SHOW_BOOL))
SHOW(pop_command, struct pop_command, FIELD(struct pop_command, kind, SHOW_NUMBER),
     FIELD(struct pop_command, line.more, SHOW_BOOL))
SHOW(pop_answer, struct pop_answer, FIELD(struct pop_answer, known, SHOW_BOOL),
     FIELD(struct pop_answer, line.more, SHOW_BOOL))

const struct observer observer_pop = {
	.name = "pop",
	.about = "POP3 servers, and passwords in the clear",
	.spec = "RFC 1939, RFC 2449, RFC 2595, RFC 5034",
	.claims = CLAIMS({TCP_PORT, 110, NULL}),
	.tells = TELLS({FACT_POP_BANNER, SAYS, 90}, {FACT_POP_IMPLEMENTATION, SAYS, 90},
                       {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&pop_greeting_show, &pop_command_show, &pop_answer_show),
	.flow_state_size = sizeof(struct pop_flow),
	.stream = pop_stream,
};

PROVE(pop_greeting_parse, struct line)
PROVE(pop_command_parse, struct pop_command)
PROVE(pop_answer_parse, struct pop_answer)
