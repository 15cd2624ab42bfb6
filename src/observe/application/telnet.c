/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telnet.c - what a Telnet server shows before anybody has logged in, and that passwords go over
 * in the clear.
 *
 * Commands lie between the text, each behind a byte 255 (RFC 854): WILL, WONT, DO and DONT with an
 * option, SB ... SE with an option's parameters, others alone. Of either side is told with what
 * options it begins, up to its first text or parameters: stacks differ in these. A stream that does
 * not begin with such a command may be anything, and nothing is told of it.
 *
 * The server's lines up to the first prompt are its banner; the prompt is the text up to the colon
 * behind "login", "Username" or "Password". What comes later, and what is typed, is not told: only
 * that something was typed after the server had asked for a password. A client names its terminal
 * (RFC 1091).
 */
#include "observe/shared/line.h"

enum { TELNET_SE = 240, TELNET_SB = 250, TELNET_WILL = 251, TELNET_DONT = 254, TELNET_IAC = 255 };
enum { TELNET_OPTIONS_MAX = 24, TELNET_PART_MAX = 1024, TELNET_BANNER_LINES = 8 };
enum { TELNET_TERMINAL = 24, TELNET_IS = 0 };

/* ---- commands ---- */

/* The commands with which a side begins: "DO 24, WILL 3". */
struct telnet_opening {
	bool more; /* another may follow */
	uint32_t count;
	struct text options;
};

static void telnet_add_option(struct text *t, uint8_t command, uint8_t option)
{
	if (t->len > 0)
		text_add(t, ", ");
	if (command == TELNET_WILL)
		text_add(t, "WILL ");
	else if (command == TELNET_WILL + 1)
		text_add(t, "WONT ");
	else if (command == TELNET_WILL + 2)
		text_add(t, "DO ");
	else
		text_add(t, "DONT ");
	text_decimal(t, option);
}

static bool telnet_opening_parse(struct cur *in, struct telnet_opening *o)
{
	text_clear(&o->options);
	for (uint32_t i = 0; i < TELNET_OPTIONS_MAX && !o->more; i++) {
		struct cur look = *in;
		const uint8_t iac = cur_u8(&look);
		const uint8_t command = cur_u8(&look);
		const uint8_t option = cur_u8(&look);
		const uint32_t left = cur_left(in);
		o->more = left == 0 || (iac == TELNET_IAC && left == 1) ||
		          (iac == TELNET_IAC && command >= TELNET_WILL && command <= TELNET_DONT &&
		           left == 2);
		if (o->more || iac != TELNET_IAC || command < TELNET_WILL || command > TELNET_DONT)
			break;
		telnet_add_option(&o->options, command, option);
		o->count += 1;
		cur_skip(in, 3);
	}
	return o->count > 0;
}

/* One command behind its byte 255; of parameters the option and what they are. */
struct telnet_command {
	bool more;
	uint8_t command;
	struct cur terminal;
};

/* Up to IAC SE; a doubled IAC stands for itself, and in no name of a terminal. */
static bool telnet_part_parse(struct cur *in, struct telnet_command *c)
{
	const uint8_t option = cur_u8(in);
	const uint8_t how = cur_u8(in);
	struct cur rest = *in;
	uint32_t len = 0;
	bool plain = true;

	while (cur_more(in)) {
		if (cur_u8(in) != TELNET_IAC) {
			len += 1;
			continue;
		}
		const uint8_t next = cur_u8(in);
		if (!cur_ok(in))
			break;
		if (next != TELNET_IAC) {
			if (option == TELNET_TERMINAL && how == TELNET_IS && plain)
				c->terminal = cur_sub(&rest, len);
			return next == TELNET_SE;
		}
		len += 2;
		plain = false;
	}
	c->more = len < TELNET_PART_MAX;
	return false;
}

static bool telnet_command_parse(struct cur *in, struct telnet_command *c)
{
	c->terminal = cur_sub(in, 0);
	if (!cur_is(in, "\377"))
		return false;
	c->command = cur_u8(in);
	if (c->command == TELNET_SB)
		return telnet_part_parse(in, c);
	if (c->command >= TELNET_WILL && c->command <= TELNET_DONT)
		cur_skip(in, 1);
	c->more = !cur_ok(in);
	return cur_ok(in);
}

/* ---- text ---- */

/* A line without the commands in it, up to its end or to the colon of a prompt. */
struct telnet_line {
	bool more;
	bool prompt;
	bool password; /* is what the prompt asks for */
	struct text text;
};

static bool telnet_ends_with(struct cur line, uint32_t colon, const char *word, uint32_t len)
{
	if (colon < cur_pos(&line) + len)
		return false;
	cur_seek(&line, colon - len);
	return cur_is_caseless_bytes(&line, word, len);
}
#define TELNET_ENDS_WITH(line, colon, word) \
	telnet_ends_with((line), (colon), "" word, (uint32_t)sizeof(word) - 1)

/* line: from its first byte on; colon: where its colon is. */
static void telnet_prompt_parse(struct cur line, uint32_t colon, struct telnet_line *l)
{
	l->password = TELNET_ENDS_WITH(line, colon, "password");
	l->prompt = l->password || TELNET_ENDS_WITH(line, colon, "login") ||
	            TELNET_ENDS_WITH(line, colon, "username");
}

static bool telnet_line_parse(struct cur *in, struct telnet_line *l)
{
	const struct cur line = *in;

	text_clear(&l->text);
	while (cur_more(in)) {
		const uint32_t at = cur_pos(in);
		const uint8_t b = cur_peek8(in);
		if (b == TELNET_IAC) {
			struct telnet_command c = {0};
			if (telnet_command_parse(in, &c))
				continue;
			l->more = c.more;
			return false;
		}
		cur_skip(in, 1);
		if (b == '\n')
			return true;
		if (b == '\r' || b == 0)
			continue;
		text_put(&l->text, b);
		if (b == ':')
			telnet_prompt_parse(line, at, l);
		if (l->prompt)
			return true;
	}
	l->more = l->text.len < TEXT_MAX;
	return false;
}

/* ---- tell ---- */

struct telnet_side {
	bool opened, done;
};

struct telnet_flow {
	struct telnet_side client, server;
	uint8_t lines;   /* of the banner, told so far */
	bool prompted;   /* the banner is over */
	bool wants_word; /* the server asked for a password */
};

static enum verdict telnet_open(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, struct telnet_side *side)
{
	struct telnet_opening o = {0};
	const bool is_telnet = telnet_opening_parse(in, &o);

	if (o.more && !s->end)
		return NEED_MORE;
	if (!is_telnet)
		return NOT_MINE;
	side->opened = true;
	if (o.more) /* perhaps not all of them */
		return NOTHING;
	tell_string(t, p, sender(p), FACT_TELNET_OPTIONS, &o.options);
	return LEARNED;
}

static enum verdict telnet_server(struct task *t, struct packet *p, struct cur *in,
                                  const struct stream *s, struct telnet_flow *f)
{
	struct telnet_line l = {0};

	if (!telnet_line_parse(in, &l)) {
		if (l.more && !s->end)
			return NEED_MORE;
		return line_pass(in, &f->server.done);
	}
	f->wants_word = f->wants_word || l.password;
	text_trim(&l.text);
	if (f->prompted || l.text.len == 0)
		return NOTHING;
	f->prompted = l.prompt;
	if (!l.prompt && f->lines >= TELNET_BANNER_LINES)
		return NOTHING;
	f->lines = (uint8_t)(f->lines + (l.prompt ? 0 : 1));
	tell_string(t, p, sender(p), l.prompt ? FACT_TELNET_PROMPT : FACT_TELNET_BANNER, &l.text);
	return LEARNED;
}

static enum verdict telnet_client(struct task *t, struct packet *p, struct cur *in,
                                  const struct stream *s, struct telnet_flow *f)
{
	struct telnet_command c = {0};

	if (cur_peek8(in) != TELNET_IAC) {
		const uint8_t typed = cur_u8(in);
		if (!f->wants_word || typed <= ' ')
			return NOTHING;
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "telnet");
		(void)line_pass(in, &f->client.done);
		return LEARNED;
	}
	if (!telnet_command_parse(in, &c)) {
		if (c.more && !s->end)
			return NEED_MORE;
		return line_pass(in, &f->client.done);
	}
	if (cur_left(&c.terminal) == 0)
		return NOTHING;
	tell_text(t, p, sender(p), FACT_TELNET_TERMINAL, c.terminal);
	return LEARNED;
}

static enum verdict telnet_stream(struct task *t, struct packet *p, struct cur *in,
                                  const struct stream *s, void *state)
{
	struct telnet_flow *f = state;
	struct telnet_side *side = s->from_client ? &f->client : &f->server;

	if (s->midstream || side->done)
		return line_pass(in, &side->done);
	if (!side->opened)
		return telnet_open(t, p, in, s, side);
	if (cur_left(in) == 0)
		return NOTHING;
	return s->from_client ? telnet_client(t, p, in, s, f) : telnet_server(t, p, in, s, f);
}

SHOW(telnet_opening, struct telnet_opening, FIELD(struct telnet_opening, count, SHOW_NUMBER),
     FIELD(struct telnet_opening, more, SHOW_BOOL),
     FIELD(struct telnet_opening, options, SHOW_TEXT))
SHOW(telnet_command, struct telnet_command, FIELD(struct telnet_command, command, SHOW_NUMBER),
     FIELD(struct telnet_command, more, SHOW_BOOL))
SHOW(telnet_line, struct telnet_line, FIELD(struct telnet_line, prompt, SHOW_BOOL),
     FIELD(struct telnet_line, password, SHOW_BOOL), FIELD(struct telnet_line, more, SHOW_BOOL),
     FIELD(struct telnet_line, text, SHOW_TEXT))

const struct observer observer_telnet = {
	.name = "telnet",
	.about = "what Telnet servers show before a login, and passwords in the clear",
	.spec = "RFC 854, RFC 1091",
	.claims = CLAIMS({TCP_PORT, 23, NULL}, {TCP_PORT, 2323, NULL}),
	.tells = TELLS({FACT_TELNET_BANNER, SAYS, 85}, {FACT_TELNET_PROMPT, SAYS, 85},
                       {FACT_TELNET_OPTIONS, SAYS, 80}, {FACT_TELNET_TERMINAL, SAYS, 85},
                       {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&telnet_opening_show, &telnet_command_show, &telnet_line_show),
	.flow_state_size = sizeof(struct telnet_flow),
	.stream = telnet_stream,
};

PROVE(telnet_opening_parse, struct telnet_opening)
PROVE(telnet_command_parse, struct telnet_command)
PROVE(telnet_line_parse, struct telnet_line)
