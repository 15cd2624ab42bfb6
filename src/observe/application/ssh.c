/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh.c - the identification strings of SSH servers and clients.
 *
 * Each side begins with a line "SSH-protocol-software comments", at most 255 bytes with its
 * CR LF (RFC 4253, 4.2). A server may send other lines before it; old implementations end lines with LF
 * alone. What follows the line is the key exchange, which is read over.
 */
#include "observe/observer.h"

enum { SSH_PORT = 22, SSH_LINE_MAX = 255, SSH_LINES_MAX = 64 };

struct ssh {
	struct text banner; /* the identification string without its line end */
	uint32_t lines;     /* before it */
	bool more;          /* the line's end has not come yet */
};

/* "SSH-", a version, "-", a software version: the least an identification must have. */
static bool ssh_is_banner(struct cur line)
{
	if (!cur_is(&line, "SSH-"))
		return false;
	const struct cur protocol = cur_until(&line, '-');
	return cur_ok(&line) && cur_left(&protocol) > 0 && cur_left(&line) > 0;
}

/* False: no identification among these bytes, or, with `more`, not yet. */
static bool ssh_parse(struct cur *in, struct ssh *s)
{
	for (uint32_t i = 0; i < SSH_LINES_MAX && cur_more(in); i++) {
		struct cur line = cur_sub(in, 0);
		if (!cur_line(in, &line)) {
			s->more = cur_left(&line) < SSH_LINE_MAX;
			return false;
		}
		if (cur_left(&line) > SSH_LINE_MAX - 1)
			return false;
		if (ssh_is_banner(line)) {
			cur_text(&line, cur_left(&line), &s->banner);
			return true;
		}
		s->lines += 1;
	}
	s->more = s->lines < SSH_LINES_MAX && cur_ok(in);
	return false;
}

/* Only a server speaks before it identifies itself. */
static bool ssh_may_be(const struct ssh *s, const struct stream *stream)
{
	return s->lines == 0 || !stream->from_client;
}

static enum verdict ssh_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct ssh ssh = {0};

	(void)state;
	if (!s->first) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	const bool whole = ssh_parse(in, &ssh);
	if (!ssh_may_be(&ssh, s))
		return NOT_MINE;
	if (!whole)
		return ssh.more && !s->end ? NEED_MORE : NOT_MINE;
	tell_string(t, p, sender(p), FACT_SSH_BANNER, &ssh.banner);
	cur_skip(in, cur_left(in));
	return LEARNED;
}

SHOW(ssh, struct ssh, FIELD(struct ssh, banner, SHOW_TEXT), FIELD(struct ssh, lines, SHOW_NUMBER),
     FIELD(struct ssh, more, SHOW_BOOL))

const struct observer observer_ssh = {
	.name = "ssh",
	.about = "SSH servers and clients by their identification strings",
	.spec = "RFC 4253",
	.claims = CLAIMS({TCP_PORT, SSH_PORT, NULL}, {TCP_SNIFF, 0, "'SSH-'"}),
	.tells = TELLS({FACT_SSH_BANNER, SAYS, 95}),
	.shows = SHOWS(&ssh_show),
	.stream = ssh_stream,
};

PROVE(ssh_parse, struct ssh)
