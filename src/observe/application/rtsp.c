/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtsp.c - cameras and other servers of sound and pictures, and who watches them.
 *
 * A message is a head like one of HTTP, with the version RTSP/1.0 or 2.0, and a body by its length
 * (RFC 2326, 4; RFC 7826, 5). User-Agent names the program that watches, Server the one that
 * serves, and the realm of a challenge often is the camera's model. Between the messages of a
 * connection lie the media, each piece with four bytes before it: '$', a channel, a length (RFC
 * 2326, 10.12). A server may ask as well; then its User-Agent is that of a server, and not told.
 */
#include "observe/shared/http_head.h"

struct rtsp {
	struct http_head head;
	struct cur realm;
	bool media;
	uint32_t length; /* of what follows the head, or of the piece of media */
};

struct rtsp_side {
	uint32_t left; /* of a body or piece of media */
	bool had_head, done;
};

struct rtsp_flow {
	struct rtsp_side client, server;
};

static bool rtsp_is_version(struct cur *line)
{
	return cur_is(line, "RTSP/1.0") || cur_is(line, "RTSP/2.0");
}

/* "RTSP/1.0 200 OK", or "DESCRIBE rtsp://192.0.2.1/test RTSP/1.0" */
static bool rtsp_first_parse(struct cur line, struct http_head *h)
{
	if (rtsp_is_version(&line)) {
		h->response = true;
		if (cur_u8(&line) != ' ')
			return false;
		h->status = cur_decimal(&line);
		return cur_ok(&line) && h->status >= 100 && h->status < 600;
	}
	h->method = cur_until(&line, ' ');
	if (!cur_ok(&line) || cur_left(&h->method) < 3 || !http_is_word(h->method) ||
	    cur_left(&line) < 10)
		return false;
	h->target = cur_sub(&line, cur_left(&line) - 9);
	return cur_is(&line, " ") && rtsp_is_version(&line);
}

static bool rtsp_head_parse(struct cur *in, struct http_head *h)
{
	struct cur line = cur_sub(in, 0);

	http_head_clear(in, h);
	if (!cur_line(in, &line)) {
		h->more = http_may_begin(line);
		return false;
	}
	if (!rtsp_first_parse(line, h))
		return false;
	http_fields_parse(in, h);
	return true;
}

static bool rtsp_media_parse(struct cur *in, struct rtsp *r)
{
	r->media = true;
	if (cur_left(in) < 4) {
		r->head.more = true;
		return false;
	}
	cur_skip(in, 2);
	r->length = cur_be16(in);
	return cur_ok(in);
}

static bool rtsp_parse(struct cur *in, struct rtsp *r)
{
	http_head_clear(in, &r->head);
	r->realm = cur_sub(in, 0);
	if (cur_peek8(in) == '$')
		return rtsp_media_parse(in, r);
	if (!rtsp_head_parse(in, &r->head))
		return false;
	struct cur realm = http_realm(r->head.challenge);
	r->realm = cur_rest(&realm);
	r->length = r->head.has_length ? r->head.length : 0;
	return true;
}

static void rtsp_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                           struct cur value)
{
	if (cur_left(&value) > 0)
		tell_text(t, p, sender(p), kind, value);
}

static bool rtsp_is_basic(struct cur credentials)
{
	return cur_is_caseless(&credentials, "basic ") && cur_left(&credentials) > 0;
}

/* A proxy's Via says that the message is of another. */
static enum verdict rtsp_tell(struct task *t, const struct packet *p, const struct rtsp *r,
                              bool from_client)
{
	if (r->media || cur_left(&r->head.via) > 0)
		return NOTHING;
	if (r->head.response && !from_client) {
		rtsp_tell_text(t, p, FACT_RTSP_SERVER, r->head.server);
		rtsp_tell_text(t, p, FACT_RTSP_REALM, r->realm);
	} else if (!r->head.response && from_client) {
		rtsp_tell_text(t, p, FACT_RTSP_USER_AGENT, r->head.user_agent);
		if (rtsp_is_basic(r->head.credentials))
			tell_word(t, p, sender(p), FACT_CLEARTEXT, "rtsp");
	}
	return LEARNED;
}

static enum verdict rtsp_read(struct task *t, struct packet *p, struct cur *in,
                              const struct stream *s, struct rtsp_side *side)
{
	struct rtsp r = {0};
	const bool is_rtsp = rtsp_parse(in, &r);

	if (r.head.more && !s->end)
		return NEED_MORE;
	if (!is_rtsp) {
		side->done = true;
		cur_skip(in, side->had_head ? cur_left(in) : 0);
		return side->had_head ? NOTHING : NOT_MINE;
	}
	if (r.media && !side->had_head)
		return NOT_MINE;
	side->had_head = true;
	side->left = r.length;
	return rtsp_tell(t, p, &r, s->from_client);
}

static enum verdict rtsp_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	struct rtsp_flow *f = state;
	struct rtsp_side *side = s->from_client ? &f->client : &f->server;

	if (s->midstream && !side->had_head && cur_peek8(in) == '$')
		return NOT_MINE;
	if (side->left == 0 && !side->done)
		return rtsp_read(t, p, in, s, side);
	const bool all = side->done || cur_left(in) < side->left;
	const uint32_t here = all ? cur_left(in) : side->left;
	cur_skip(in, here);
	side->left -= side->done ? 0 : here;
	return NOTHING;
}

SHOW(rtsp, struct rtsp, FIELD(struct rtsp, head.response, SHOW_BOOL),
     FIELD(struct rtsp, head.status, SHOW_NUMBER), FIELD(struct rtsp, length, SHOW_NUMBER),
     FIELD(struct rtsp, media, SHOW_BOOL), FIELD(struct rtsp, head.more, SHOW_BOOL))

const struct observer observer_rtsp = {
	.name = "rtsp",
	.about = "cameras and media servers, and the programs that watch them",
	.spec = "RFC 2326, RFC 7826",
	.claims =
		CLAIMS({TCP_PORT, 554, NULL}, {TCP_PORT, 8554, NULL}, {TCP_SNIFF, 0, "'RTSP/1.0 '"},
                       {TCP_SNIFF, 0, "'OPTIONS rtsp'"}, {TCP_SNIFF, 0, "'DESCRIBE rts'"}),
	.tells = TELLS({FACT_RTSP_SERVER, SAYS, 90}, {FACT_RTSP_USER_AGENT, SAYS, 90},
                       {FACT_RTSP_REALM, SAYS, 90}, {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&rtsp_show),
	.flow_state_size = sizeof(struct rtsp_flow),
	.stream = rtsp_stream,
};

PROVE(rtsp_parse, struct rtsp)
