/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pjl.c - printers that are asked for their name on the port to which jobs go.
 *
 * What a program asks in the printer job language is answered in lines: the question comes back,
 * "@PJL INFO ID", then its answer, and a form feed ends it (PJL Technical Reference Manual, Status
 * Readback Commands). Behind INFO ID the answer is the model in quotes. A print server passes the
 * questions on, so that it is told as a printer which the device offers. Jobs are not read.
 *
 * No software here speaks it.
 */
#include "observe/shared/line.h"

enum { PJL_PORT = 9100 };

struct pjl {
	bool more;
	bool is_answer; /* the line names a question */
	bool is_id;     /* model may be empty all the same */
	struct cur model;
};

/* The form feed that ended the answer before is the first byte of the line. */
static void pjl_feed(struct cur *line)
{
	(void)cur_is(line, "\f");
}

/* A line, and of the answer to INFO ID the second as well. */
static bool pjl_parse(struct cur *in, struct pjl *p)
{
	struct line l = {0};

	p->model = cur_sub(in, 0);
	if (!line_parse(in, &l)) {
		p->more = l.more;
		return false;
	}
	pjl_feed(&l.text);
	p->is_answer = cur_is(&l.text, "@PJL ");
	line_trim(&l.text);
	p->is_id = p->is_answer && LINE_WORD_IS(l.text, "INFO ID");
	if (!p->is_id)
		return true;
	if (!line_parse(in, &l)) {
		p->more = l.more;
		return false;
	}
	line_trim(&l.text);
	if (cur_is(&l.text, "\""))
		p->model = cur_token(&l.text, "\"");
	line_trim(&p->model);
	return true;
}

static enum verdict pjl_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct line_flow *f = state;
	struct pjl answer = {0};

	if (s->midstream || s->from_client || f->server_done)
		return line_pass(in, s->from_client ? &f->client_done : &f->server_done);
	const bool is_line = pjl_parse(in, &answer);
	if (answer.more && !s->end)
		return NEED_MORE;
	if (s->first && !answer.is_answer)
		return NOT_MINE;
	if (!is_line)
		return line_pass(in, &f->server_done);
	if (cur_left(&answer.model) == 0)
		return NOTHING;
	tell_text(t, p, sender(p), FACT_PRINTER_MODEL, answer.model);
	return LEARNED;
}

SHOW(pjl, struct pjl, FIELD(struct pjl, is_id, SHOW_BOOL), FIELD(struct pjl, is_answer, SHOW_BOOL),
     FIELD(struct pjl, more, SHOW_BOOL))

const struct observer observer_pjl = {
	.name = "pjl",
	.about = "printers that are asked where jobs go",
	.spec = "PJL Technical Reference Manual",
	.claims = CLAIMS({TCP_PORT, PJL_PORT, NULL}),
	.tells = TELLS({FACT_PRINTER_MODEL, SAYS, 90}),
	.shows = SHOWS(&pjl_show),
	.flow_state_size = sizeof(struct line_flow),
	.stream = pjl_stream,
};

PROVE(pjl_parse, struct pjl)
