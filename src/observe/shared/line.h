/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.h - dialogues in lines of text, as FTP, SMTP, POP and IMAP hold them: a server greets, a
 * client commands.
 *
 * A line ends with CR LF or LF. What is longer than any of these protocols allows for is none of
 * them. Only the first line of a server is its greeting, and only where the stream's first byte
 * was seen. A client's commands are read up to the first that this is no dialogue any more for:
 * what follows is mail, TLS, or says nothing of the client.
 */
#pragma once

#include "observe/observer.h"

enum { LINE_LEN_MAX = 1024 };

struct line {
	struct cur text; /* without its end, and without blanks there */
	bool more;       /* its end has not come yet */
};

/* Takes blanks and control characters off the end, blanks off the start. */
static inline void line_trim(struct cur *in)
{
	for (uint32_t i = 0; i < LINE_LEN_MAX && cur_peek8(in) == ' '; i++)
		cur_skip(in, 1);
	struct cur rest = *in;
	uint32_t kept = 0;
	for (uint32_t i = 0; i < LINE_LEN_MAX && cur_left(&rest) > 0; i++)
		if (cur_u8(&rest) > ' ')
			kept = i + 1;
	cur_cut(in, kept);
}

/* False: there is no line, or, with `more`, not yet a whole one. */
static inline bool line_parse(struct cur *in, struct line *l)
{
	l->text = cur_sub(in, 0);
	if (!cur_line(in, &l->text)) {
		l->more = cur_left(&l->text) < LINE_LEN_MAX;
		return false;
	}
	return cur_left(&l->text) < LINE_LEN_MAX;
}

/* Takes a word; the blank behind it is read too. */
static inline struct cur line_word(struct cur *in)
{
	const struct cur word = cur_token(in, " ");

	(void)cur_is(in, " ");
	return word;
}

/* Is the word this one, in letters of either case? */
#define LINE_WORD_IS(word, literal) \
	(cur_left(&(word)) == sizeof(literal) - 1 && cur_is_caseless(&(word), literal))

/* What a dialogue's observer keeps of a flow. */
struct line_flow {
	bool client_done, server_done, client_spoke;
	bool anonymous; /* the user name that is none */
	bool asked;     /* for a password that goes over in the clear */
};

/* The rest of this direction tells nothing. */
static inline enum verdict line_pass(struct cur *in, bool *done)
{
	*done = true;
	cur_skip(in, cur_left(in));
	return NOTHING;
}

/* Tells the greeting, which the observer has read, once it is there. */
static inline enum verdict line_tell_greeting(struct task *t, const struct packet *p,
                                              const struct stream *s, const struct line *l,
                                              bool is_greeting, enum fact_kind kind)
{
	if (!is_greeting)
		return l->more && !s->end ? NEED_MORE : NOT_MINE;
	if (cur_left(&l->text) == 0)
		return NOTHING;
	tell_text(t, p, sender(p), kind, l->text);
	return LEARNED;
}

/*
 * What stands behind AUTH or AUTHENTICATE: PLAIN (RFC 4616) and LOGIN send the password as it is, PLAIN
 * mostly in the line itself, else when the server asks for it. Others protect it.
 */
struct line_sasl {
	bool clear;    /* it goes over as it is ... */
	bool password; /* ... in this very line */
};

static inline struct line_sasl line_sasl_parse(struct cur argument)
{
	struct cur mechanism = line_word(&argument);
	const bool plain = LINE_WORD_IS(mechanism, "PLAIN");

	return (struct line_sasl){
		.clear = plain || LINE_WORD_IS(mechanism, "LOGIN"),
		.password = plain && cur_left(&argument) > 1,
	};
}

/* Was it a password in the clear: one behind its command, or the answer to a question for it? */
static inline bool line_gives_password(struct line_flow *f, bool password, bool asks, bool answers)
{
	const bool asked = f->asked;

	f->asked = asks && !password;
	return password || (asked && answers);
}

/* What a client's line was, and what came of it. */
struct line_said {
	bool read;  /* there was a whole line */
	bool more;  /* there was not, and its end may still come */
	bool known; /* it was a command of this protocol */
	bool last;  /* what follows is no dialogue any more */
	enum verdict verdict;
};

/* A protocol of this kind: how its server greets, and what becomes of a client's line. */
struct line_dialogue {
	enum fact_kind banner;
	bool (*greeting)(struct cur *in, struct line *l);
	struct line_said (*command)(struct task *t, const struct packet *p, struct cur *in,
	                            struct line_flow *f);
};

/* The client's first line must be a command, or the dialogue is another protocol's. */
static inline enum verdict line_client(const struct line_dialogue *d, struct task *t,
                                       const struct packet *p, struct cur *in, bool end,
                                       struct line_flow *f)
{
	const struct line_said said = d->command(t, p, in, f);

	if (!said.read && said.more && !end)
		return NEED_MORE;
	if (!f->client_spoke && !said.known)
		return NOT_MINE;
	if (!said.read)
		return line_pass(in, &f->client_done);
	f->client_spoke = true;
	f->client_done = said.last;
	return said.verdict;
}

/* The whole of such an observer's stream function: one line of either side a call. */
static inline enum verdict line_stream(const struct line_dialogue *d, struct task *t,
                                       const struct packet *p, struct cur *in,
                                       const struct stream *s, struct line_flow *f)
{
	bool *done = s->from_client ? &f->client_done : &f->server_done;
	struct line greeting = {0};

	if (s->first && !s->midstream)
		*done = false;
	if (s->midstream || *done)
		return line_pass(in, done);
	if (s->from_client)
		return line_client(d, t, p, in, s->end, f);
	f->server_done = d->greeting(in, &greeting);
	return line_tell_greeting(t, p, s, &greeting, f->server_done, d->banner);
}
