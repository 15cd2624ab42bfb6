/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lpd.c - who prints where, over the line printer daemon protocol (RFC 1179).
 *
 * A client's first line is a byte that says what it wants and the name of a queue (5): to have what waits
 * printed, to hand in a job, to ask after jobs or to take them away. Handing in goes on with files, each
 * behind a line with its size and name (6); of these the control file has a line for each thing
 * that is to be known of the job, its first letter saying what (7): the host it is from, the user. A job
 * may be passed on by another server, so that this host need not be the client, which it is told of.
 *
 * Answers are single bytes, or a text for people. That a queue exists is the client's word.
 */
#include "observe/shared/line.h"

enum { LPD_PORT = 515, LPD_CONTROL_MAX = 4096, LPD_LINES = 64, LPD_NAME_MAX = 131 };
enum lpd_code { LPD_PRINT = 1, LPD_RECEIVE = 2, LPD_REMOVE = 5 };
enum lpd_file_code { LPD_CONTROL = 2, LPD_DATA = 3 };

/* ---- parse */

/* A name that is one: it has letters, and nothing that is no text. */
static bool lpd_is_name(struct cur name)
{
	if (cur_left(&name) == 0 || cur_left(&name) > LPD_NAME_MAX)
		return false;
	while (cur_more(&name)) {
		const uint8_t b = cur_u8(&name);
		if (b <= ' ' || b == 0x7f)
			return false;
	}
	return true;
}

struct lpd {
	bool more;
	uint8_t code;
	struct cur queue;
};

static bool lpd_parse(struct cur *in, struct lpd *c)
{
	struct line l = {0};

	c->code = cur_u8(in);
	c->queue = cur_sub(in, 0);
	if (!cur_ok(in) || c->code < LPD_PRINT || c->code > LPD_REMOVE)
		return false;
	if (!line_parse(in, &l)) {
		c->more = l.more;
		return false;
	}
	c->queue = cur_token(&l.text, " ");
	return lpd_is_name(c->queue);
}

struct lpd_file {
	bool more;
	uint8_t code;
	uint32_t size;
	struct cur name;
};

/* The names begin with what the file is, a letter and three digits; then comes a host. */
static bool lpd_file_parse(struct cur *in, struct lpd_file *f)
{
	struct line l = {0};

	f->code = cur_u8(in);
	f->name = cur_sub(in, 0);
	if (!cur_ok(in) || f->code < LPD_CONTROL || f->code > LPD_DATA)
		return false;
	if (!line_parse(in, &l)) {
		f->more = l.more;
		return false;
	}
	f->size = cur_decimal(&l.text);
	if (!cur_is(&l.text, " "))
		return false;
	f->name = cur_rest(&l.text);
	struct cur begin = f->name;
	return lpd_is_name(f->name) &&
	       (f->code == LPD_CONTROL ? cur_is(&begin, "cf") : cur_is(&begin, "df"));
}

struct lpd_control {
	struct cur host, user;
};

static bool lpd_control_parse(struct cur *in, struct lpd_control *c)
{
	struct line l = {0};

	c->host = cur_sub(in, 0);
	c->user = cur_sub(in, 0);
	for (unsigned i = 0; i < LPD_LINES && line_parse(in, &l); i++) {
		if (cur_is(&l.text, "H"))
			c->host = cur_rest(&l.text);
		else if (cur_is(&l.text, "P"))
			c->user = cur_rest(&l.text);
	}
	return cur_left(in) == 0 && lpd_is_name(c->host);
}

/* ---- tell */

struct lpd_flow {
	uint32_t left; /* of a file that is passed over */
	bool began, over;
};

static enum verdict lpd_over(struct task *t, struct cur *in, struct lpd_flow *f, enum verdict v)
{
	f->over = true;
	cur_skip(in, cur_left(in));
	had_enough(t);
	return v;
}

static enum verdict lpd_begin(struct task *t, const struct packet *p, struct cur *in,
                              const struct stream *s, struct lpd_flow *f)
{
	struct lpd c = {0};

	if (!lpd_parse(in, &c))
		return c.more && !s->end ? NEED_MORE : NOT_MINE;
	f->began = true;
	tell_text(t, p, receiver(p), FACT_LPD_QUEUE, c.queue);
	return c.code == LPD_RECEIVE ? LEARNED : lpd_over(t, in, f, LEARNED);
}

static enum verdict lpd_tell_control(struct task *t, const struct packet *p,
                                     const struct lpd_control *c)
{
	tell_text(t, p, sender(p), FACT_LPD_HOST, c->host);
	if (lpd_is_name(c->user))
		tell_text(t, p, sender(p), FACT_LPD_USER, c->user);
	return LEARNED;
}

/* A file; the control file once all of it is here. Behind each comes a zero. */
static enum verdict lpd_file(struct task *t, const struct packet *p, struct cur *in,
                             const struct stream *s, struct lpd_flow *f)
{
	struct lpd_control c = {.host = *in};
	struct lpd_file file = {0};

	if (!lpd_file_parse(in, &file)) {
		if (file.more && !s->end)
			return NEED_MORE;
		return lpd_over(t, in, f, s->end ? NOTHING : MALFORMED);
	}
	if (file.size == 0 || file.size >= UINT32_MAX / 2)
		return lpd_over(t, in, f, NOTHING); /* all that follows */
	if (file.code == LPD_DATA || file.size > LPD_CONTROL_MAX) {
		f->left = file.size + 1;
		return NOTHING;
	}
	if (cur_left(in) < file.size)
		return s->end ? lpd_over(t, in, f, NOTHING) : NEED_MORE;
	struct cur control = cur_sub(in, file.size);
	f->left = 1;
	return lpd_control_parse(&control, &c) ? lpd_tell_control(t, p, &c) : NOTHING;
}

static enum verdict lpd_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct lpd_flow *f = state;

	if (s->midstream)
		return NOT_MINE;
	if (!s->from_client || f->over) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	if (f->left > 0) {
		const uint32_t here = cur_left(in) < f->left ? cur_left(in) : f->left;
		cur_skip(in, here);
		f->left -= here;
		return NOTHING;
	}
	if (cur_left(in) == 0)
		return NOTHING;
	return f->began ? lpd_file(t, p, in, s, f) : lpd_begin(t, p, in, s, f);
}

SHOW(lpd, struct lpd, FIELD(struct lpd, code, SHOW_NUMBER), FIELD(struct lpd, more, SHOW_BOOL))
SHOW(lpd_file, struct lpd_file, FIELD(struct lpd_file, code, SHOW_NUMBER),
     FIELD(struct lpd_file, size, SHOW_NUMBER), FIELD(struct lpd_file, more, SHOW_BOOL))

const struct observer observer_lpd = {
	.name = "lpd",
	.about = "who prints where, over the line printer protocol",
	.spec = "RFC 1179",
	.claims = CLAIMS({TCP_PORT, LPD_PORT, NULL}),
	.tells = TELLS({FACT_LPD_QUEUE, SAYS, 70}, {FACT_LPD_HOST, SAYS, 70},
                       {FACT_LPD_USER, SAYS, 80}),
	.shows = SHOWS(&lpd_show, &lpd_file_show),
	.flow_state_size = sizeof(struct lpd_flow),
	.stream = lpd_stream,
};

PROVE(lpd_parse, struct lpd)
PROVE(lpd_file_parse, struct lpd_file)
PROVE(lpd_control_parse, struct lpd_control)
