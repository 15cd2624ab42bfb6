/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imap.c - how IMAP servers greet, and that passwords go to them in the clear.
 *
 * A server begins with "* OK" or "* PREAUTH" (RFC 9051, 7.1): its capabilities and, mostly, its
 * software. A command stands behind a tag; LOGIN sends the password as it is (6.2.3), and so does
 * AUTHENTICATE with PLAIN or LOGIN (6.2.2), in its line or in the next: that it does is told. After
 * STARTTLS the dialogue is TLS, and after other ways of AUTHENTICATE come lines that are no commands.
 *
 * Either side may say what program it is: ID, a list of names and values (RFC 2971, 3). A server's is
 * looked for in its lines up to the first that announces a literal, as letters do, of which
 * any line may look like anything.
 */
#include "observe/shared/line.h"

enum imap_kind { IMAP_OTHER, IMAP_LOGIN, IMAP_AUTH, IMAP_NOOP, IMAP_ID, IMAP_END };
enum { IMAP_PAIRS = 30 }; /* RFC 2971, 3.3 */

/* ---- ID */

struct imap_id {
	struct text program, version, os;
};

/* A quoted string, or NIL, which is an empty one here; a literal is refused. */
static bool imap_string_parse(struct cur *in, struct text *out)
{
	text_clear(out);
	if (cur_is_caseless(in, "NIL"))
		return true;
	if (!cur_is(in, "\""))
		return false;
	while (cur_more(in)) {
		uint8_t b = cur_u8(in);
		if (b == '"')
			return true;
		if (b == '\\')
			b = cur_u8(in);
		text_put(out, b);
	}
	return false;
}

static void imap_id_keep(const struct text *name, const struct text *value, struct imap_id *d)
{
	if (text_is(name, "name"))
		d->program = *value;
	else if (text_is(name, "version"))
		d->version = *value;
	else if (text_is(name, "os"))
		d->os = *value;
}

/* NIL says nothing, and is refused like anything that is no list. */
static bool imap_id_parse(struct cur *in, struct imap_id *d)
{
	struct text name = {.len = 0}, value = {.len = 0};

	text_clear(&d->program);
	text_clear(&d->version);
	text_clear(&d->os);
	if (!cur_is(in, "("))
		return false;
	for (unsigned i = 0; i < IMAP_PAIRS && cur_left(in) > 0 && cur_peek8(in) != ')'; i++) {
		if (!imap_string_parse(in, &name) || !cur_is(in, " ") ||
		    !imap_string_parse(in, &value))
			return false;
		(void)cur_is(in, " ");
		imap_id_keep(&name, &value, d);
	}
	return cur_is(in, ")") && cur_ok(in);
}

static enum verdict imap_tell_id(struct task *t, const struct packet *p, const struct imap_id *d)
{
	struct text program = d->program;

	if (program.len > 0 && d->version.len > 0) {
		text_put(&program, ' ');
		text_add_bytes(&program, d->version.s, d->version.len);
	}
	tell_string(t, p, sender(p), FACT_IMAP_PROGRAM, &program);
	tell_string(t, p, sender(p), FACT_IMAP_OS, &d->os);
	return program.len > 0 || d->os.len > 0 ? LEARNED : NOTHING;
}

/* ---- the lines of both sides */

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
	struct cur id; /* of IMAP_ID: its list */
};

static uint8_t imap_kind_of(struct cur word)
{
	if (LINE_WORD_IS(word, "LOGIN"))
		return IMAP_LOGIN;
	if (LINE_WORD_IS(word, "CAPABILITY") || LINE_WORD_IS(word, "NOOP") ||
	    LINE_WORD_IS(word, "NAMESPACE"))
		return IMAP_NOOP;
	if (LINE_WORD_IS(word, "AUTHENTICATE"))
		return IMAP_AUTH;
	if (LINE_WORD_IS(word, "ID"))
		return IMAP_ID;
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
	struct cur list = rest;
	c->id = cur_rest(&list);
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
	struct imap_id d = {.program.len = 0};
	struct cur list = c->id;

	if (c->kind == IMAP_ID)
		return imap_id_parse(&list, &d) ? imap_tell_id(t, p, &d) : NOTHING;
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

struct imap_flow {
	struct line_flow lines;
	bool server_over; /* no more of its lines are read */
};

/* A line of the server behind its greeting. */
struct imap_answer {
	struct line line;
	bool is_id, is_literal;
	struct cur id; /* its list */
};

static bool imap_answer_parse(struct cur *in, struct imap_answer *a)
{
	a->id = cur_sub(in, 0);
	if (!line_parse(in, &a->line))
		return false;
	struct cur rest = a->line.text;
	a->is_id = cur_is_caseless(&rest, "* ID ");
	struct cur list = rest;
	a->id = cur_rest(&list);
	while (cur_more(&rest))
		a->is_literal = cur_u8(&rest) == '}';
	return true;
}

static enum verdict imap_server_line(struct task *t, const struct packet *p, struct cur *in,
                                     const struct stream *s, struct imap_flow *f)
{
	struct imap_id d = {.program.len = 0};
	struct imap_answer a = {.is_id = false};
	const bool is_line = imap_answer_parse(in, &a);

	if (!is_line && a.line.more && !s->end)
		return NEED_MORE;
	if (!is_line || a.is_literal)
		return line_pass(in, &f->server_over);
	return a.is_id && imap_id_parse(&a.id, &d) ? imap_tell_id(t, p, &d) : NOTHING;
}

static enum verdict imap_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	struct imap_flow *f = state;

	if (!s->from_client && !s->first && f->lines.server_done && !f->server_over)
		return imap_server_line(t, p, in, s, f);
	return line_stream(&imap_dialogue, t, p, in, s, &f->lines);
}

SHOW(imap_greeting, struct line, FIELD(struct line, more, SHOW_BOOL))
SHOW(imap_command, struct imap_command, FIELD(struct imap_command, kind, SHOW_NUMBER),
     FIELD(struct imap_command, line.more, SHOW_BOOL))
SHOW(imap_id, struct imap_id, FIELD(struct imap_id, program, SHOW_TEXT),
     FIELD(struct imap_id, version, SHOW_TEXT), FIELD(struct imap_id, os, SHOW_TEXT))
SHOW(imap_answer, struct imap_answer, FIELD(struct imap_answer, is_id, SHOW_BOOL),
     FIELD(struct imap_answer, is_literal, SHOW_BOOL))

const struct observer observer_imap = {
	.name = "imap",
	.about = "IMAP servers and clients, and passwords in the clear",
	.spec = "RFC 9051, RFC 2971",
	.claims = CLAIMS({TCP_PORT, 143, NULL}),
	.tells = TELLS({FACT_IMAP_BANNER, SAYS, 90}, {FACT_IMAP_PROGRAM, SAYS, 90},
                       {FACT_IMAP_OS, SAYS, 90}, {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&imap_greeting_show, &imap_command_show, &imap_id_show, &imap_answer_show),
	.flow_state_size = sizeof(struct imap_flow),
	.stream = imap_stream,
};

PROVE(imap_greeting_parse, struct line)
PROVE(imap_command_parse, struct imap_command)
PROVE(imap_string_parse, struct text)
PROVE(imap_id_parse, struct imap_id)
PROVE(imap_answer_parse, struct imap_answer)
