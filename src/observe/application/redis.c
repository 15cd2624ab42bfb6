/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redis.c - the version and system of Redis servers and their kin, and what their clients call
 * themselves.
 *
 * Either side sends values: a type byte, then a line, or a length and so many bytes (RESP 3). A
 * command is a list of such strings. An answer to INFO is one text of lines "key:value" that begins
 * with "# Server"; an answer to HELLO is a list of keys and values, of which "server" and "version"
 * come first.
 *
 * CLIENT SETNAME and SETINFO, and HELLO with SETNAME, are the client's words about itself. AUTH,
 * also in HELLO, sends a password in the clear. What else is asked, stored and answered is passed
 * over by its length.
 */
#include "observe/shared/line.h"

enum { REDIS_TEXT_MAX = 12000, REDIS_LINES_MAX = 512 };

/* ---- values ---- */

struct redis {
	uint8_t type;
	bool more;
	bool has_text;  /* value is a whole string */
	uint32_t size;  /* of a string or list */
	uint32_t after; /* bytes of a long string that are still to come, its end included */
	struct cur value;
};

static void redis_string_parse(struct cur *in, struct redis *r)
{
	if (r->size > REDIS_TEXT_MAX) {
		r->after = r->size < INT32_MAX ? r->size + 2 : 0;
		return;
	}
	r->more = cur_left(in) < r->size + 2;
	if (r->more)
		return;
	r->value = cur_sub(in, r->size);
	cur_skip(in, 2);
	r->has_text = true;
}

static bool redis_parse(struct cur *in, struct redis *r)
{
	struct cur line = cur_sub(in, 0);

	r->value = cur_sub(in, 0);
	if (!cur_line(in, &line)) {
		r->more = cur_left(&line) < LINE_LEN_MAX &&
		          (cur_left(in) == 0 || cur_among(cur_peek8(in), "+-:$*%~,#_(=>!|", 15));
		return false;
	}
	r->type = cur_u8(&line);
	if (!cur_among(r->type, "+-:$*%~,#_(=>!|", 15))
		return false;
	if (!cur_among(r->type, "$=!*%~>|", 8) || cur_peek8(&line) == '-')
		return true;
	r->size = cur_decimal(&line);
	if (!cur_ok(&line) || cur_left(&line) > 0)
		return false;
	if (cur_among(r->type, "$=!", 3))
		redis_string_parse(in, r);
	return cur_ok(in) && !r->more;
}

/* An answer to INFO. */
struct redis_info {
	struct cur version, system;
};

static bool redis_info_parse(struct cur *in, struct redis_info *i)
{
	struct cur line = cur_sub(in, 0);

	i->version = cur_sub(in, 0);
	i->system = cur_sub(in, 0);
	if (!cur_line(in, &line) || !cur_is(&line, "# Server") || cur_left(&line) > 0)
		return false;
	for (uint32_t n = 0; n < REDIS_LINES_MAX && cur_line(in, &line); n++) {
		if (cur_is(&line, "redis_version:"))
			i->version = cur_rest(&line);
		else if (cur_is(&line, "os:"))
			i->system = cur_rest(&line);
	}
	return cur_left(&i->version) > 0;
}

/* ---- tell ---- */

/* What the client's next string is. */
enum redis_next {
	REDIS_ANY,
	REDIS_COMMAND,
	REDIS_SUBCOMMAND, /* of CLIENT */
	REDIS_INFO_KEY,   /* of CLIENT SETINFO */
	REDIS_LIBRARY,    /* its value, when the key was LIB-NAME */
	REDIS_NAME,
	REDIS_PASSWORD,
	REDIS_HELLO /* an option of HELLO */
};

struct redis_flow {
	uint32_t client_left, server_left; /* bytes of a long string */
	uint8_t next;                      /* enum redis_next */
	uint8_t hello; /* of the answer to HELLO: strings that came as they must */
	bool client_spoke, server_spoke, client_done, server_done;
};

static enum verdict redis_tell_info(struct task *t, const struct packet *p, struct cur text)
{
	struct redis_info i = {0};

	if (!redis_info_parse(&text, &i))
		return NOTHING;
	tell_text(t, p, sender(p), FACT_REDIS_VERSION, i.version);
	if (cur_left(&i.system) > 0)
		tell_text(t, p, sender(p), FACT_REDIS_SYSTEM, i.system);
	return LEARNED;
}

/* "server", its name, "version": what follows these three is told. */
static enum verdict redis_server(struct task *t, const struct packet *p, const struct redis *r,
                                 struct redis_flow *f)
{
	const uint8_t before = f->hello;
	struct cur word = r->value;

	f->hello = 0;
	if (!r->has_text)
		return NOTHING;
	if (before == 3) {
		tell_text(t, p, sender(p), FACT_REDIS_VERSION, r->value);
		return LEARNED;
	}
	if (before == 1 || (before == 0 && LINE_WORD_IS(word, "server")) ||
	    (before == 2 && LINE_WORD_IS(word, "version")))
		f->hello = (uint8_t)(before + 1);
	return redis_tell_info(t, p, r->value);
}

/* What a word of a command says of the one behind it. */
static enum redis_next redis_after(enum redis_next is, struct cur word)
{
	if (is == REDIS_COMMAND && LINE_WORD_IS(word, "CLIENT"))
		return REDIS_SUBCOMMAND;
	if (is == REDIS_COMMAND && LINE_WORD_IS(word, "AUTH"))
		return REDIS_PASSWORD;
	if (is == REDIS_COMMAND && LINE_WORD_IS(word, "HELLO"))
		return REDIS_HELLO;
	if (is == REDIS_SUBCOMMAND && LINE_WORD_IS(word, "SETNAME"))
		return REDIS_NAME;
	if (is == REDIS_SUBCOMMAND && LINE_WORD_IS(word, "SETINFO"))
		return REDIS_INFO_KEY;
	if (is == REDIS_INFO_KEY && LINE_WORD_IS(word, "LIB-NAME"))
		return REDIS_LIBRARY;
	if (is == REDIS_HELLO && LINE_WORD_IS(word, "SETNAME"))
		return REDIS_NAME;
	if (is == REDIS_HELLO && LINE_WORD_IS(word, "AUTH"))
		return REDIS_PASSWORD;
	return is == REDIS_HELLO ? REDIS_HELLO : REDIS_ANY;
}

static enum verdict redis_client(struct task *t, const struct packet *p, const struct redis *r,
                                 struct redis_flow *f)
{
	const enum redis_next is = (enum redis_next)f->next;

	if (r->type == '*') {
		f->next = REDIS_COMMAND;
		return NOTHING;
	}
	f->next = (uint8_t)(r->has_text ? redis_after(is, r->value) : REDIS_ANY);
	if (!r->has_text || cur_left(&r->value) == 0)
		return NOTHING;
	if (is == REDIS_NAME)
		tell_text(t, p, sender(p), FACT_REDIS_CLIENT_NAME, r->value);
	else if (is == REDIS_LIBRARY)
		tell_text(t, p, sender(p), FACT_REDIS_LIBRARY, r->value);
	else if (is == REDIS_PASSWORD)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "redis");
	else
		return NOTHING;
	return LEARNED;
}

/* A client's command is a list; a server may begin with any value. */
static enum verdict redis_read(struct task *t, const struct packet *p, struct cur *in,
                               const struct stream *s, struct redis_flow *f)
{
	bool *spoke = s->from_client ? &f->client_spoke : &f->server_spoke;
	struct redis r = {0};

	if (!redis_parse(in, &r)) {
		if (r.more && !s->end)
			return NEED_MORE;
		*(s->from_client ? &f->client_done : &f->server_done) = true;
		cur_skip(in, *spoke ? cur_left(in) : 0);
		return *spoke ? NOTHING : NOT_MINE;
	}
	if (s->from_client && !*spoke && r.type != '*')
		return NOT_MINE;
	*spoke = true;
	if (s->from_client)
		f->client_left = r.after;
	else
		f->server_left = r.after;
	return s->from_client ? redis_client(t, p, &r, f) : redis_server(t, p, &r, f);
}

static enum verdict redis_stream(struct task *t, struct packet *p, struct cur *in,
                                 const struct stream *s, void *state)
{
	struct redis_flow *f = state;
	uint32_t *left = s->from_client ? &f->client_left : &f->server_left;

	if (s->midstream || (s->from_client ? f->client_done : f->server_done)) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	if (*left == 0)
		return redis_read(t, p, in, s, f);
	const uint32_t here = cur_left(in) < *left ? cur_left(in) : *left;
	cur_skip(in, here);
	*left -= here;
	return NOTHING;
}

SHOW(redis, struct redis, FIELD(struct redis, type, SHOW_NUMBER),
     FIELD(struct redis, size, SHOW_NUMBER), FIELD(struct redis, has_text, SHOW_BOOL),
     FIELD(struct redis, after, SHOW_NUMBER), FIELD(struct redis, more, SHOW_BOOL))

const struct observer observer_redis = {
	.name = "redis",
	.about = "Redis servers by version and system, and the names of their clients",
	.spec = "RESP 2, RESP 3",
	.claims = CLAIMS({TCP_PORT, 6379, NULL}),
	.tells = TELLS({FACT_REDIS_VERSION, SAYS, 90}, {FACT_REDIS_SYSTEM, SAYS, 90},
                       {FACT_REDIS_CLIENT_NAME, SAYS, 85}, {FACT_REDIS_LIBRARY, SAYS, 90},
                       {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&redis_show),
	.flow_state_size = sizeof(struct redis_flow),
	.stream = redis_stream,
};

PROVE(redis_parse, struct redis)
PROVE(redis_info_parse, struct redis_info)
