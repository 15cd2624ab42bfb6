/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ftp.c - how file servers greet, and that passwords go to them in the clear.
 *
 * A server begins with the reply 220 (RFC 959, 5.4); of several lines the first is told. PASS
 * sends the password as it is (4.1.1): that it does is told, unless the user is anonymous, whose
 * password is none. After AUTH (RFC 4217) the dialogue is TLS.
 */
#include "observe/shared/line.h"

enum ftp_kind { FTP_OTHER, FTP_USER, FTP_PASS, FTP_NOOP, FTP_END };

/* The rest of the line is the greeting. */
static bool ftp_greeting_parse(struct cur *in, struct line *l)
{
	if (!line_parse(in, l) || !cur_is(&l->text, "220"))
		return false;
	const uint8_t after = cur_left(&l->text) > 0 ? cur_u8(&l->text) : ' ';
	line_trim(&l->text);
	return after == ' ' || after == '-';
}

struct ftp_command {
	struct line line;
	uint8_t kind;
	bool anonymous, password;
};

static uint8_t ftp_kind_of(struct cur word)
{
	if (LINE_WORD_IS(word, "USER"))
		return FTP_USER;
	if (LINE_WORD_IS(word, "PASS"))
		return FTP_PASS;
	if (LINE_WORD_IS(word, "SYST") || LINE_WORD_IS(word, "FEAT") ||
	    LINE_WORD_IS(word, "OPTS") || LINE_WORD_IS(word, "NOOP"))
		return FTP_NOOP;
	if (LINE_WORD_IS(word, "AUTH") || LINE_WORD_IS(word, "QUIT"))
		return FTP_END;
	return FTP_OTHER;
}

static bool ftp_command_parse(struct cur *in, struct ftp_command *c)
{
	if (!line_parse(in, &c->line))
		return false;
	struct cur rest = c->line.text;
	c->kind = ftp_kind_of(line_word(&rest));
	line_trim(&rest);
	c->password = c->kind == FTP_PASS && cur_left(&rest) > 0;
	c->anonymous = LINE_WORD_IS(rest, "anonymous") || LINE_WORD_IS(rest, "ftp");
	return true;
}

static enum verdict ftp_tell_command(struct task *t, const struct packet *p,
                                     const struct ftp_command *c, struct line_flow *f)
{
	if (c->kind == FTP_USER)
		f->anonymous = c->anonymous;
	if (!c->password || f->anonymous)
		return NOTHING;
	tell_word(t, p, sender(p), FACT_CLEARTEXT, "ftp");
	return LEARNED;
}

static struct line_said ftp_command_line(struct task *t, const struct packet *p, struct cur *in,
                                         struct line_flow *f)
{
	struct ftp_command c = {0};

	if (!ftp_command_parse(in, &c))
		return (struct line_said){.more = c.line.more};
	return (struct line_said){
		.read = true,
		.known = c.kind != FTP_OTHER,
		.last = c.kind == FTP_END,
		.verdict = ftp_tell_command(t, p, &c, f),
	};
}

static const struct line_dialogue ftp_dialogue = {FACT_FTP_BANNER, ftp_greeting_parse,
                                                  ftp_command_line};

static enum verdict ftp_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	return line_stream(&ftp_dialogue, t, p, in, s, state);
}

SHOW(ftp_greeting, struct line, FIELD(struct line, more, SHOW_BOOL))
SHOW(ftp_command, struct ftp_command, FIELD(struct ftp_command, kind, SHOW_NUMBER),
     FIELD(struct ftp_command, line.more, SHOW_BOOL))

const struct observer observer_ftp = {
	.name = "ftp",
	.about = "file servers, and passwords in the clear",
	.spec = "RFC 959, RFC 4217",
	.claims = CLAIMS({TCP_PORT, 21, NULL}, {TCP_PORT, 2121, NULL}),
	.tells = TELLS({FACT_FTP_BANNER, SAYS, 90}, {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&ftp_greeting_show, &ftp_command_show),
	.flow_state_size = sizeof(struct line_flow),
	.stream = ftp_stream,
};

PROVE(ftp_greeting_parse, struct line)
PROVE(ftp_command_parse, struct ftp_command)
