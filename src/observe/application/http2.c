/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http2.c - clients and servers that speak HTTP/2 in the clear, by the first head of each side.
 *
 * A client begins with a preface of 24 bytes (RFC 9113, 3.4), both sides then send frames of nine
 * bytes and a payload, of which the first is SETTINGS. A head is a frame HEADERS whose block ends
 * in it; padding and a priority may stand before the block (6.2). Only the first of either side is
 * read: later ones name fields that earlier ones put into a table. See hpack.h.
 *
 * A client that asked in HTTP/1.1 (Upgrade: h2c, RFC 7540, 3.2) is answered 101 and then in HTTP/2, on the
 * same stream: behind that head the server's frames are read as any. What the client says of itself stands
 * in its question, which http.c reads.
 *
 * The facts are those of HTTP/1, for they mean the same. What a proxy's Via passes on is not told.
 */
#include "observe/shared/hpack.h"

enum { HTTP2_FRAME_MAX = 16384, HTTP2_STATUS = 12, HTTP2_LINES = 64, HTTP2_LINE_MAX = 1024 };
enum { HTTP2_HEADERS = 1, HTTP2_SETTINGS = 4, HTTP2_TYPES = 10 };
enum { HTTP2_END_HEADERS = 0x04, HTTP2_PADDED = 0x08, HTTP2_PRIORITY = 0x20 };
enum { HPACK_SERVER = 54, HPACK_USER_AGENT = 58, HPACK_VIA = 60 };

/* ---- parse */

struct http2_frame {
	bool more;
	uint8_t type, flags;
	uint32_t length, stream;
	uint32_t after; /* bytes that are still to come, of a frame that is not read */
	struct cur payload;
};

/* Are the bytes a preface, or may they become one? */
static bool http2_preface_parse(struct cur *in, struct http2_frame *f)
{
	struct cur look = *in;

	f->payload = cur_sub(in, 0);
	if (cur_is(in, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
		return true;
	f->more = cur_left(in) < 24 && (cur_left(in) < 3 || cur_is(&look, "PRI"));
	return false;
}

/* A server goes over to HTTP/2: the head that says so, all of it. */
struct http2_upgrade {
	bool more, is;
};

static bool http2_upgrade_parse(struct cur *in, struct http2_upgrade *u)
{
	struct cur line = cur_sub(in, 0);

	if (!cur_is(in, "HTTP/1.1 101")) {
		u->more = cur_left(in) < HTTP2_STATUS;
		return false;
	}
	for (unsigned i = 0; i < HTTP2_LINES && cur_line(in, &line); i++) {
		if (cur_left(&line) == 0)
			return i > 0 && u->is;
		if (!cur_is_caseless(&line, "upgrade:"))
			continue;
		(void)cur_is(&line, " ");
		u->is = cur_left(&line) == 3 && cur_is_caseless(&line, "h2c");
	}
	u->more = cur_left(in) < HTTP2_LINE_MAX;
	return false;
}

/* Frames that carry no head are passed over by their length. */
static bool http2_frame_parse(struct cur *in, struct http2_frame *f)
{
	struct cur head = *in;

	f->payload = cur_sub(in, 0);
	f->length = cur_be24(&head);
	f->type = cur_u8(&head);
	f->flags = cur_u8(&head);
	f->stream = cur_be32(&head) & 0x7fffffff;
	f->more = !cur_ok(&head);
	if (f->more || f->length > HTTP2_FRAME_MAX || f->type >= HTTP2_TYPES)
		return false;
	const bool is_head = f->type == HTTP2_HEADERS;
	f->more = is_head && cur_left(&head) < f->length;
	if (f->more)
		return false;
	const uint32_t here = cur_left(&head) < f->length ? cur_left(&head) : f->length;
	cur_skip(in, 9);
	f->payload = cur_sub(in, here);
	f->after = f->length - here;
	return cur_ok(in);
}

struct http2_head {
	uint32_t fields;
	bool is_passed_on;
	struct text user_agent, server;
};

/* The block of a frame HEADERS, without what may stand before and behind it. */
struct http2_block {
	struct cur fields;
};

static bool http2_block_parse(struct cur *in, uint8_t flags, struct http2_block *b)
{
	const uint32_t padding = (flags & HTTP2_PADDED) != 0 ? cur_u8(in) : 0;

	if ((flags & HTTP2_PRIORITY) != 0)
		cur_skip(in, 5);
	const uint32_t left = cur_left(in);
	b->fields = cur_sub(in, padding <= left ? left - padding : CUR_MAX + 1);
	return cur_ok(in);
}

static bool http2_is(const struct hpack_field *f, uint32_t number, const char *name, uint32_t len)
{
	return f->number == number || (f->number == 0 && text_is_bytes(&f->name, name, len));
}
#define HTTP2_IS(field, number, name) \
	http2_is((field), (number), "" name, (uint32_t)sizeof(name) - 1)

static void http2_keep(const struct hpack_field *f, struct http2_head *h)
{
	if (!f->has_value)
		return;
	if (HTTP2_IS(f, HPACK_USER_AGENT, "user-agent"))
		h->user_agent = f->value;
	else if (HTTP2_IS(f, HPACK_SERVER, "server"))
		h->server = f->value;
	else if (HTTP2_IS(f, HPACK_VIA, "via"))
		h->is_passed_on = true;
}

static bool http2_head_parse(struct cur *in, struct http2_head *h)
{
	struct hpack_field f = {0};

	text_clear(&h->user_agent);
	text_clear(&h->server);
	while (cur_more(in) && hpack_next(in, &f)) {
		h->fields += 1;
		http2_keep(&f, h);
	}
	return cur_ok(in) && h->fields > 0;
}

/* ---- tell */

struct http2_side {
	uint32_t left; /* of a frame that is passed over */
	bool began, greeted, done;
};

struct http2_flow {
	struct http2_side client, server;
};

static enum verdict http2_tell(struct task *t, const struct packet *p, const struct http2_head *h,
                               bool from_client)
{
	const struct text *text = from_client ? &h->user_agent : &h->server;

	if (h->is_passed_on || text->len == 0)
		return NOTHING;
	tell_string(t, p, sender(p), from_client ? FACT_HTTP_USER_AGENT : FACT_HTTP_SERVER, text);
	return LEARNED;
}

static enum verdict http2_headers(struct task *t, const struct packet *p,
                                  const struct http2_frame *f, bool from_client)
{
	struct http2_block b = {0};
	struct http2_head h = {0};

	if ((f->flags & HTTP2_END_HEADERS) == 0 || f->stream == 0)
		return NOTHING;
	struct cur payload = f->payload;
	if (!http2_block_parse(&payload, f->flags, &b) || !http2_head_parse(&b.fields, &h))
		return p->cut ? NOTHING : MALFORMED;
	return http2_tell(t, p, &h, from_client);
}

/* The first frame must be SETTINGS of stream 0, whole pairs of two and four bytes (6.5). */
static bool http2_is_greeting(const struct http2_frame *f)
{
	return f->type == HTTP2_SETTINGS && f->stream == 0 && f->length % 6 == 0 &&
	       (f->flags & 1) == 0;
}

static enum verdict http2_frame(struct task *t, const struct packet *p, struct cur *in,
                                const struct stream *s, struct http2_side *side)
{
	struct http2_frame f = {0};

	if (!http2_frame_parse(in, &f))
		return f.more && !s->end ? NEED_MORE : NOT_MINE;
	if (!side->greeted && !http2_is_greeting(&f))
		return NOT_MINE;
	side->greeted = true;
	side->left = f.after;
	if (f.type != HTTP2_HEADERS)
		return NOTHING;
	side->done = true;
	return http2_headers(t, p, &f, s->from_client);
}

/* What a side begins with, before its frames: the client's preface, a server's 101. */
static enum verdict http2_begin(struct task *t, struct cur *in, const struct stream *s,
                                struct http2_side *side)
{
	struct http2_upgrade u = {0};
	struct http2_frame f = {0};

	stream_message(t, in);
	side->began = s->from_client ? http2_preface_parse(in, &f) : http2_upgrade_parse(in, &u);
	if (side->began)
		return NOTHING;
	return (f.more || u.more) && !s->end ? NEED_MORE : NOT_MINE;
}

static enum verdict http2_stream(struct task *t, struct packet *p, struct cur *in,
                                 const struct stream *s, void *state)
{
	struct http2_flow *flow = state;
	struct http2_side *side = s->from_client ? &flow->client : &flow->server;

	if (s->midstream)
		return NOT_MINE;
	if (side->done || side->left > 0) {
		const bool all = side->done || cur_left(in) < side->left;
		const uint32_t here = all ? cur_left(in) : side->left;
		cur_skip(in, here);
		side->left -= side->done ? 0 : here;
		return NOTHING;
	}
	if (side->began || (!s->from_client && cur_peek8(in) != 'H'))
		return http2_frame(t, p, in, s, side);
	return http2_begin(t, in, s, side);
}

SHOW(http2_frame, struct http2_frame, FIELD(struct http2_frame, type, SHOW_NUMBER),
     FIELD(struct http2_frame, flags, SHOW_HEX), FIELD(struct http2_frame, length, SHOW_NUMBER),
     FIELD(struct http2_frame, stream, SHOW_NUMBER), FIELD(struct http2_frame, more, SHOW_BOOL))
SHOW(http2_upgrade, struct http2_upgrade, FIELD(struct http2_upgrade, is, SHOW_BOOL),
     FIELD(struct http2_upgrade, more, SHOW_BOOL))
SHOW(http2_head, struct http2_head, FIELD(struct http2_head, fields, SHOW_NUMBER),
     FIELD(struct http2_head, is_passed_on, SHOW_BOOL),
     FIELD(struct http2_head, user_agent, SHOW_TEXT), FIELD(struct http2_head, server, SHOW_TEXT))

const struct observer observer_http2 = {
	.name = "http2",
	.about = "clients and servers of HTTP/2 in the clear",
	.spec = "RFC 9113, RFC 7541, RFC 7540",
	.claims = CLAIMS({TCP_SNIFF, 0, "'PRI * HTTP/2'"},
                         {TCP_SNIFF, 0, "00 00 ?? 04 00 00 00 00 00"},
                         {TCP_SNIFF, 0, "'HTTP/1.1 101'"}),
	.tells = TELLS({FACT_HTTP_USER_AGENT, SAYS, 90}, {FACT_HTTP_SERVER, SAYS, 90}),
	.shows = SHOWS(&http2_frame_show, &http2_head_show, &http2_upgrade_show),
	.flow_state_size = sizeof(struct http2_flow),
	.stream = http2_stream,
};

PROVE(http2_preface_parse, struct http2_frame)
PROVE(http2_upgrade_parse, struct http2_upgrade)
PROVE(http2_frame_parse, struct http2_frame)
PROVE(http2_head_parse, struct http2_head)
PROVE_WITH(http2_block_parse, struct http2_block, uint8_t)
