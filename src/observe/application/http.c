/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.c - what HTTP/1 clients and servers say of themselves in the heads of their messages.
 *
 * A direction is a row of messages, a head and a body each (RFC 9112, 2). A body is passed over by
 * its length or its chunks (6.3); without either a response's body is all that follows, a request
 * has none. What the request was decides how long its response is: HEAD has no body, and a tunnel
 * that CONNECT opened is no HTTP any more. So the order of the requests is kept, 64 of them.
 *
 * In the middle of a dialogue, and behind SOCKS, heads are looked for at the start of each segment.
 *
 * User-Agent is the client's word, Server, X-Powered-By and a challenge's realm are the server's,
 * Via that of the last proxy. The name in Host is the server's, not the client's: told of the
 * server where the request goes straight to an address that is not from the internet, as no proxy
 * is named so. Credentials are never told, only that they were in the clear. Client hints say what
 * browser, system and model a client is (Sec-CH-UA). Of some bodies the first kilobytes are read, of
 * one in chunks the first chunk: see http_body.h.
 */
#include "observe/shared/http_body.h"
#include "observe/shared/ntlmssp.h"

enum { HTTP_STREAM = 65536, HTTP_REQUESTS_KEPT = 64, HTTP_SOCKS_MAX = 600 };

/* What comes next in a direction. */
enum http_next { HTTP_HEAD, HTTP_BODY, HTTP_CHUNK, HTTP_CHUNK_END, HTTP_REST };

struct http_side {
	uint32_t left;    /* of the body or chunk */
	uint8_t next;     /* enum http_next */
	uint8_t document; /* enum http_document: of the body that comes */
	bool had_head;
	bool behind_socks;
};

struct http_flow {
	struct http_side client, server;
	uint64_t heads, connects; /* a bit each request that was one, by its number */
	uint32_t requests, responses;
};

/* A chunk's length line (RFC 9112, 7.1); extensions behind a semicolon. */
struct http_chunk {
	uint32_t size;
	bool more;
};

static bool http_chunk_parse(struct cur *in, struct http_chunk *c)
{
	struct cur line = cur_sub(in, 0);

	if (!cur_line(in, &line)) {
		c->more = cur_left(&line) < HTTP_LINE_MAX;
		return false;
	}
	c->size = cur_hex(&line);
	const bool good = cur_ok(&line) && c->size < INT32_MAX;
	if (good && c->size == 0)
		(void)cur_line(in, &line);
	return good;
}

/* Passes over what is here of the bytes left of a body or chunk. */
static bool http_body_parse(struct cur *in, uint32_t left, struct http_side *side)
{
	const uint32_t here = cur_left(in) < left ? cur_left(in) : left;

	cur_skip(in, here);
	side->left = left - here;
	return cur_ok(in);
}

/* What of a head's values is a part only. */
struct http {
	struct http_head head;
	struct cur realm, redirect;
};

static bool http_parse(struct cur *in, struct http *h)
{
	h->realm = cur_sub(in, 0);
	h->redirect = cur_sub(in, 0);
	if (!http_head_parse(in, &h->head))
		return false;
	struct cur realm = http_realm(h->head.challenge);
	struct cur host = http_url_host(h->head.location);
	h->realm = cur_rest(&realm);
	h->redirect = cur_rest(&host);
	return true;
}

static void http_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                           struct cur value)
{
	if (cur_left(&value) > 0)
		tell_text(t, p, sender(p), kind, value);
}

static bool http_is_basic(struct cur credentials)
{
	return cur_is_caseless(&credentials, "basic ") && cur_left(&credentials) > 0;
}

/* A name, not an address: a letter is in it, and no colon but a port's. */
static struct cur http_host_name(struct cur host)
{
	struct cur name = cur_token(&host, ":");
	struct cur rest = name;
	bool letter = false;

	while (cur_more(&rest)) {
		const uint8_t b = cur_lower(cur_u8(&rest));
		letter = letter || (b >= 'a' && b <= 'z');
	}
	return letter ? name : cur_sub(&host, 0);
}

static bool http_goes_straight(const struct http_head *h, const struct packet *p)
{
	return cur_peek8(&h->target) == '/' && cur_left(&h->via) == 0 && ip_is_private(&p->to);
}

static void http_tell_request(struct task *t, const struct packet *p, const struct http_head *h)
{
	const struct cur host = http_host_name(h->host);

	http_tell_text(t, p, FACT_HTTP_USER_AGENT, h->user_agent);
	http_tell_text(t, p, FACT_HTTP_BRANDS, h->brands);
	http_tell_text(t, p, FACT_HTTP_PLATFORM, http_quoted(h->platform));
	http_tell_text(t, p, FACT_HTTP_MODEL, http_quoted(h->model));
	if (http_is_basic(h->credentials))
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "http");
	if (cur_left(&host) > 0 && http_goes_straight(h, p))
		tell_text(t, p, receiver(p), FACT_HTTP_HOST, host);
}

static void http_tell_response(struct task *t, const struct packet *p, const struct http *h)
{
	http_tell_text(t, p, FACT_HTTP_SERVER, h->head.server);
	http_tell_text(t, p, FACT_HTTP_POWERED_BY, h->head.powered_by);
	http_tell_text(t, p, FACT_HTTP_REALM, h->realm);
	if (h->head.status >= 300 && h->head.status < 400)
		http_tell_text(t, p, FACT_HTTP_REDIRECT, h->redirect);
}

/* NTLM's messages, in base64, alone or in SPNEGO (RFC 4559). A proxy passes on those of others. */
static void http_tell_ntlm(struct task *t, const struct packet *p, const struct http_head *h)
{
	struct cur value = h->response ? h->challenge : h->credentials;
	struct scratch *message = task_scratch(t);

	if (cur_left(&h->via) > 0 ||
	    (!cur_is_caseless(&value, "ntlm ") && !cur_is_caseless(&value, "negotiate ")))
		return;
	scratch_reset(message);
	if (scratch_base64(message, &value))
		ntlmssp_tell(t, p, scratch_cursor(message));
}

static void http_tell(struct task *t, const struct packet *p, const struct http *h)
{
	http_tell_ntlm(t, p, &h->head);
	http_tell_text(t, p, FACT_HTTP_VIA, h->head.via);
	if (h->head.response)
		http_tell_response(t, p, h);
	else
		http_tell_request(t, p, &h->head);
}

static void http_note_request(const struct http_head *h, struct http_flow *f)
{
	const uint64_t bit = 1ull << f->requests % HTTP_REQUESTS_KEPT;
	struct cur is_head = h->method, is_connect = h->method;

	f->requests += 1;
	f->heads = (f->heads & ~bit) | (cur_is(&is_head, "HEAD") ? bit : 0);
	f->connects = (f->connects & ~bit) | (cur_is(&is_connect, "CONNECT") ? bit : 0);
}

/* What follows a response's head, known before its length counts. */
static enum http_next http_after_status(const struct http_head *h, struct http_flow *f)
{
	const uint64_t bit = 1ull << f->responses % HTTP_REQUESTS_KEPT;
	const bool asked = f->requests > f->responses;

	if (h->status == 101)
		return HTTP_REST;
	if (h->status < 200)
		return HTTP_HEAD;
	f->responses += 1;
	if (asked && (f->connects & bit) != 0 && h->status < 300)
		return HTTP_REST;
	if (h->status == 204 || h->status == 304 || (asked && (f->heads & bit) != 0))
		return HTTP_HEAD;
	return HTTP_BODY;
}

static void http_after_head(const struct http_head *h, struct http_flow *f, struct http_side *side)
{
	side->had_head = true;
	side->left = h->length;
	side->next = HTTP_BODY;
	side->document = HTTP_NO_DOCUMENT;
	if (h->response)
		side->next = (uint8_t)http_after_status(h, f);
	else
		http_note_request(h, f);
	if (side->next != HTTP_BODY)
		return;
	side->document = (uint8_t)http_document_of(h);
	if (h->chunked)
		side->next = HTTP_CHUNK;
	else if (!h->has_length)
		side->next = h->response ? HTTP_REST : HTTP_HEAD;
	else if (h->length == 0)
		side->next = HTTP_HEAD;
	else if (h->length >= HTTP_STREAM)
		side->next = HTTP_REST; /* no more than that is offered: no head will follow */
}

/*
 * A request or a greeting of SOCKS 4 or 5, or an answer to one (RFC 1928): HTTP begins behind it.
 */
static bool http_is_socks(struct cur in)
{
	const uint8_t first = cur_peek8(&in);

	return first == 0 || first == 4 || first == 5;
}

/* No head here: in the middle of a dialogue one may begin with the next segment, and behind SOCKS with the
 * next byte. How much is to be passed over; 0: none will come. */
static uint32_t http_pass(const struct stream *s, struct http_side *side, uint32_t here)
{
	if (side->had_head || s->midstream)
		return here;
	if (!side->behind_socks || here == 0 || side->left >= HTTP_SOCKS_MAX)
		return 0;
	side->left += 1;
	return 1;
}

static enum verdict http_read_head(struct task *t, struct packet *p, struct cur *in,
                                   const struct stream *s, struct http_flow *f)
{
	struct http_side *side = s->from_client ? &f->client : &f->server;
	struct http h = {0};
	side->behind_socks = side->behind_socks || (s->first && http_is_socks(*in));
	struct cur rest = *in;
	const bool is_head = http_parse(&rest, &h);

	if (h.head.more && !s->end)
		return NEED_MORE;
	if (!is_head) {
		const uint32_t pass = http_pass(s, side, cur_left(in));
		cur_skip(in, pass);
		return pass > 0 || side->had_head ? NOTHING : NOT_MINE;
	}
	cur_seek(in, cur_pos(&rest));
	http_tell(t, p, &h);
	http_after_head(&h.head, f, side);
	return LEARNED;
}

/* A chunk and its line's end are passed over as one. The last is empty, and fields may follow. */
static enum verdict http_read_chunk(struct packet *p, struct cur *in, const struct stream *s,
                                    struct http_side *side)
{
	struct http_chunk c = {0};

	if (http_chunk_parse(in, &c)) {
		side->next = c.size == 0 ? HTTP_HEAD : HTTP_CHUNK_END;
		side->left = c.size + 2;
		return NOTHING;
	}
	if (c.more && !s->end)
		return NEED_MORE;
	side->next = HTTP_HEAD;
	cur_skip(in, cur_left(in));
	return p->cut ? NOTHING : MALFORMED;
}

/* Tells what the body's beginning says, once it is here. True: it is not yet. */
static bool http_wait_document(struct task *t, const struct packet *p, const struct cur *in,
                               const struct stream *s, struct http_side *side)
{
	const enum http_document document = (enum http_document)side->document;
	uint32_t wanted = http_document_max(document);

	if (document == HTTP_NO_DOCUMENT || side->next == HTTP_CHUNK || side->next == HTTP_HEAD)
		return false;
	if (side->next != HTTP_REST && side->left < wanted)
		wanted = side->left;
	if (cur_left(in) < wanted && !s->end)
		return true;
	struct cur look = *in;
	const uint32_t here = cur_left(in) < wanted ? cur_left(in) : wanted;
	http_tell_document(t, p, document, cur_sub(&look, here));
	side->document = HTTP_NO_DOCUMENT;
	return false;
}

static enum verdict http_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	struct http_flow *f = state;
	struct http_side *side = s->from_client ? &f->client : &f->server;

	if (http_wait_document(t, p, in, s, side))
		return NEED_MORE;
	switch ((enum http_next)side->next) {
	case HTTP_BODY:
	case HTTP_CHUNK_END:
		(void)http_body_parse(in, side->left, side);
		if (side->left == 0)
			side->next = side->next == HTTP_BODY ? HTTP_HEAD : HTTP_CHUNK;
		return NOTHING;
	case HTTP_CHUNK:
		return http_read_chunk(p, in, s, side);
	case HTTP_REST:
		had_enough(t);
		return NOTHING;
	case HTTP_HEAD:
	default:
		return http_read_head(t, p, in, s, f);
	}
}

SHOW(http, struct http, FIELD(struct http, head.response, SHOW_BOOL),
     FIELD(struct http, head.status, SHOW_NUMBER), FIELD(struct http, head.length, SHOW_NUMBER),
     FIELD(struct http, head.chunked, SHOW_BOOL), FIELD(struct http, head.is_upgrade, SHOW_BOOL),
     FIELD(struct http, head.more, SHOW_BOOL))
SHOW(http_page, struct http_page, FIELD(struct http_page, title, SHOW_TEXT))
SHOW(http_upnp, struct http_upnp, FIELD(struct http_upnp, is_device, SHOW_BOOL))
SHOW(http_metadata, struct http_metadata, FIELD(struct http_metadata, is_metadata, SHOW_BOOL))
SHOW(http_computer, struct http_computer, FIELD(struct http_computer, is_domain, SHOW_BOOL))
SHOW(http_ipp, struct http_ipp, FIELD(struct http_ipp, is_answer, SHOW_BOOL))
SHOW(http_chunk, struct http_chunk, FIELD(struct http_chunk, size, SHOW_NUMBER),
     FIELD(struct http_chunk, more, SHOW_BOOL))

const struct observer observer_http = {
	.name = "http",
	.about = "HTTP/1 clients and servers by the heads of their messages",
	.spec = "RFC 9110, RFC 9112, RFC 4559, RFC 8010, UPnP Device Architecture 2.0",
	.claims = CLAIMS({TCP_PORT, 80, NULL}, {TCP_PORT, 1080, NULL}, {TCP_PORT, 3128, NULL},
                         {TCP_PORT, 8080, NULL}, {TCP_PORT, 8008, NULL}, {TCP_PORT, 8081, NULL},
                         {TCP_PORT, 8888, NULL}, {TCP_SNIFF, 0, "'HTTP/1.'"},
                         {TCP_SNIFF, 0, "'GET '"}, {TCP_SNIFF, 0, "'POST '"},
                         {TCP_SNIFF, 0, "'HEAD '"}, {TCP_SNIFF, 0, "'PUT '"},
                         {TCP_SNIFF, 0, "'DELETE '"}, {TCP_SNIFF, 0, "'OPTIONS '"},
                         {TCP_SNIFF, 0, "'CONNECT '"}, {TCP_SNIFF, 0, "'PATCH '"},
                         {TCP_SNIFF, 0, "'TRACE '"}, {TCP_SNIFF, 0, "'PROPFIND '"},
                         {TCP_SNIFF, 0, "'REPORT '"}, {TCP_SNIFF, 0, "'SUBSCRIBE '"},
                         {TCP_SNIFF, 0, "'NOTIFY '"}, {TCP_SNIFF, 0, "'RPC_IN_DATA '"},
                         {TCP_SNIFF, 0, "'RPC_OUT_DATA '"}, {TCP_SNIFF, 0, "05 01 00 05 01 00"},
                         {TCP_SNIFF, 0, "05 00 05 00 00 01"}),
	.tells = TELLS({FACT_HTTP_USER_AGENT, SAYS, 90}, {FACT_HTTP_SERVER, SAYS, 90},
                       {FACT_HTTP_POWERED_BY, SAYS, 90}, {FACT_HTTP_REALM, SAYS, 90},
                       {FACT_HTTP_REDIRECT, SAYS, 60}, {FACT_HTTP_VIA, SAYS, 80},
                       {FACT_HTTP_BRANDS, SAYS, 90}, {FACT_HTTP_PLATFORM, SAYS, 90},
                       {FACT_HTTP_MODEL, SAYS, 90}, HTTP_BODY_TELLS, {FACT_HTTP_HOST, SAYS, 60},
                       {FACT_CLEARTEXT, SAYS, 95}, NTLMSSP_TELLS),
	.shows = SHOWS(&http_show, &http_chunk_show, &http_page_show, &http_upnp_show,
                       &http_metadata_show, &http_computer_show, &http_ipp_show),
	.flow_state_size = sizeof(struct http_flow),
	.stream_bytes = HTTP_STREAM,
	.stream = http_stream,
};

PROVE(http_parse, struct http)
PROVE(http_chunk_parse, struct http_chunk)
PROVE(http_page_parse, struct http_page)
PROVE(http_upnp_parse, struct http_upnp)
PROVE(http_metadata_parse, struct http_metadata)
PROVE(http_computer_parse, struct http_computer)
PROVE(http_ipp_parse, struct http_ipp)
PROVE(http_ipp_attribute_next, struct http_ipp_attribute)
PROVE(ntlmssp_parse, struct ntlmssp)
PROVE_WITH(http_body_parse, struct http_side, uint32_t)
