/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkmk.c - hosts that Checkmk watches, by what their agent says first.
 *
 * An agent writes all that it knows as soon as somebody connects: sections of lines, each behind
 * its name in angles (Checkmk manual, "Monitoring agents"). The first is "<<<check_mk>>>", lines
 * "Key: value": the agent's version, the system, the host's name. It is told when the next section
 * begins, or the agent ends. An agent that encrypts begins with digits, and is passed over.
 *
 * No software here speaks it.
 */
#include "observe/shared/line.h"

enum { CHECKMK_PORT = 6556, CHECKMK_LINES_MAX = 32 };

struct checkmk {
	bool more;
	struct cur version, system, host;
};

static void checkmk_keep(struct cur line, struct checkmk *c)
{
	if (cur_is(&line, "Version: "))
		c->version = cur_rest(&line);
	else if (cur_is(&line, "AgentOS: "))
		c->system = cur_rest(&line);
	else if (cur_is(&line, "Hostname: "))
		c->host = cur_rest(&line);
}

static bool checkmk_parse(struct cur *in, struct checkmk *c)
{
	struct line l = {0};

	c->version = cur_sub(in, 0);
	c->system = cur_sub(in, 0);
	c->host = cur_sub(in, 0);
	if (!line_parse(in, &l)) {
		c->more = l.more;
		return false;
	}
	if (!cur_is(&l.text, "<<<check_mk>>>"))
		return false;
	for (uint32_t i = 0; i < CHECKMK_LINES_MAX && line_parse(in, &l); i++) {
		if (cur_is(&l.text, "<<<"))
			return true;
		checkmk_keep(l.text, c);
	}
	c->more = l.more;
	return true;
}

static void checkmk_tell(struct task *t, const struct packet *p, enum fact_kind kind,
                         struct cur value)
{
	line_trim(&value);
	if (cur_left(&value) > 0)
		tell_text(t, p, sender(p), kind, value);
}

static enum verdict checkmk_stream(struct task *t, struct packet *p, struct cur *in,
                                   const struct stream *s, void *state)
{
	struct line_flow *f = state;
	struct checkmk c = {0};

	if (s->midstream || s->from_client || f->server_done) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	const bool is_agent = checkmk_parse(in, &c);
	if (c.more && !s->end)
		return NEED_MORE;
	if (!is_agent)
		return NOT_MINE;
	f->server_done = true;
	checkmk_tell(t, p, FACT_CHECKMK_VERSION, c.version);
	checkmk_tell(t, p, FACT_CHECKMK_SYSTEM, c.system);
	checkmk_tell(t, p, FACT_CHECKMK_HOST, c.host);
	return LEARNED;
}

SHOW(checkmk, struct checkmk, FIELD(struct checkmk, more, SHOW_BOOL))

const struct observer observer_checkmk = {
	.name = "checkmk",
	.about = "hosts that Checkmk watches: name, system, version of the agent",
	.spec = "Checkmk manual, Monitoring agents",
	.claims = CLAIMS({TCP_PORT, CHECKMK_PORT, NULL}),
	.tells = TELLS({FACT_CHECKMK_VERSION, SAYS, 90}, {FACT_CHECKMK_SYSTEM, SAYS, 90},
                       {FACT_CHECKMK_HOST, SAYS, 90}),
	.shows = SHOWS(&checkmk_show),
	.flow_state_size = sizeof(struct line_flow),
	.stream = checkmk_stream,
};

PROVE(checkmk_parse, struct checkmk)
