/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memcached.c - the version of memcached servers.
 *
 * A server answers in lines: "VERSION 1.6.18" to the command version, and "STAT version 1.6.18"
 * among others to stats. A line VALUE counts the bytes of the value behind it, which are passed
 * over: they are anybody's. A stream that begins with none of a server's words is another
 * protocol's.
 */
#include "observe/shared/line.h"

enum memcached_kind { MEMCACHED_NONE, MEMCACHED_OTHER, MEMCACHED_VERSION, MEMCACHED_VALUE };

struct memcached {
	struct line line;
	uint8_t kind;
	uint32_t size; /* of a value */
	struct cur version;
};

static bool memcached_is_word(struct cur word)
{
	return LINE_WORD_IS(word, "STAT") || LINE_WORD_IS(word, "END") ||
	       LINE_WORD_IS(word, "STORED") || LINE_WORD_IS(word, "NOT_STORED") ||
	       LINE_WORD_IS(word, "EXISTS") || LINE_WORD_IS(word, "NOT_FOUND") ||
	       LINE_WORD_IS(word, "DELETED") || LINE_WORD_IS(word, "TOUCHED") ||
	       LINE_WORD_IS(word, "ERROR") || LINE_WORD_IS(word, "CLIENT_ERROR") ||
	       LINE_WORD_IS(word, "SERVER_ERROR");
}

/* "VALUE key flags bytes" */
static void memcached_value_parse(struct cur rest, struct memcached *m)
{
	(void)line_word(&rest);
	(void)line_word(&rest);
	m->size = cur_decimal(&rest);
	m->kind = cur_ok(&rest) && m->size < INT32_MAX ? MEMCACHED_VALUE : MEMCACHED_NONE;
}

static bool memcached_parse(struct cur *in, struct memcached *m)
{
	m->version = cur_sub(in, 0);
	if (!line_parse(in, &m->line))
		return false;
	struct cur rest = m->line.text;
	struct cur word = line_word(&rest);
	if (LINE_WORD_IS(word, "VALUE")) {
		memcached_value_parse(rest, m);
	} else if (LINE_WORD_IS(word, "VERSION")) {
		m->kind = MEMCACHED_VERSION;
	} else if (memcached_is_word(word)) {
		m->kind = LINE_WORD_IS(word, "STAT") && cur_is(&rest, "version ")
		                  ? MEMCACHED_VERSION
		                  : MEMCACHED_OTHER;
	}
	if (m->kind == MEMCACHED_VERSION)
		m->version = cur_rest(&rest);
	return m->kind != MEMCACHED_NONE;
}

struct memcached_flow {
	uint32_t left; /* of a value, and the end of its line */
	bool spoke, done;
};

static enum verdict memcached_stream(struct task *t, struct packet *p, struct cur *in,
                                     const struct stream *s, void *state)
{
	struct memcached_flow *f = state;
	struct memcached m = {0};

	if (s->from_client || s->midstream || f->done) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	if (f->left > 0) {
		const uint32_t here = cur_left(in) < f->left ? cur_left(in) : f->left;
		cur_skip(in, here);
		f->left -= here;
		return NOTHING;
	}
	if (!memcached_parse(in, &m)) {
		if (m.line.more && !s->end)
			return NEED_MORE;
		f->done = true;
		cur_skip(in, f->spoke ? cur_left(in) : 0);
		return f->spoke ? NOTHING : NOT_MINE;
	}
	f->spoke = true;
	f->left = m.kind == MEMCACHED_VALUE ? m.size + 2 : 0;
	if (cur_left(&m.version) == 0)
		return NOTHING;
	tell_text(t, p, sender(p), FACT_MEMCACHED_VERSION, m.version);
	return LEARNED;
}

SHOW(memcached, struct memcached, FIELD(struct memcached, kind, SHOW_NUMBER),
     FIELD(struct memcached, size, SHOW_NUMBER), FIELD(struct memcached, line.more, SHOW_BOOL))

const struct observer observer_memcached = {
	.name = "memcached",
	.about = "memcached servers and their version",
	.spec = "memcached's doc/protocol.txt",
	.claims = CLAIMS({TCP_PORT, 11211, NULL}),
	.tells = TELLS({FACT_MEMCACHED_VERSION, SAYS, 90}),
	.shows = SHOWS(&memcached_show),
	.flow_state_size = sizeof(struct memcached_flow),
	.stream = memcached_stream,
};

PROVE(memcached_parse, struct memcached)
