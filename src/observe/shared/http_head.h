/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_head.h - the head of an HTTP/1 message: its first line, and the fields that tell something
 * of who sent it (RFC 9112, 2 to 6).
 *
 * The first line alone decides whether this is HTTP; it is the same in the protocols that borrow
 * the form. Of the fields only whole lines count, each the first time it stands there. Lines may
 * end with LF alone (2.2). A line that goes on with the next (obsolete, 5.2) is taken without that;
 * one that has no colon is passed over, as servers do.
 */
#pragma once

#include "observe/observer.h"

enum { HTTP_LINES_MAX = 128, HTTP_LINE_MAX = 16384, HTTP_METHOD_MAX = 20 };

struct http_head {
	bool more;     /* the head's end has not come yet */
	bool response; /* else a request */
	bool chunked, has_length, is_upgrade;
	bool is_coded; /* its body is packed */
	uint32_t status;
	uint32_t length; /* of the body */
	struct cur method, target;
	struct cur user_agent, server, powered_by, via, location, challenge, host, credentials;
	struct cur content_type, brands, platform, model; /* the last three: client hints */
};

static inline bool http_is_blank(const struct cur *in)
{
	return cur_peek8(in) == ' ' || cur_peek8(in) == '\t';
}

/* Takes the blanks off both ends. */
static inline struct cur http_trim(struct cur in)
{
	for (uint32_t i = 0; i < HTTP_LINE_MAX && http_is_blank(&in); i++)
		cur_skip(&in, 1);
	struct cur rest = in;
	uint32_t kept = 0;
	for (uint32_t i = 1; i < HTTP_LINE_MAX && cur_left(&rest) > 0; i++) {
		const uint8_t b = cur_u8(&rest);
		if (b != ' ' && b != '\t' && b != 0)
			kept = i;
	}
	return cur_sub(&in, kept);
}

/* Letters, and the hyphen of M-SEARCH: a method is any token, but nobody uses others. */
static inline bool http_is_word(struct cur method)
{
	if (cur_left(&method) > HTTP_METHOD_MAX)
		return false;
	while (cur_more(&method)) {
		const uint8_t b = cur_u8(&method);
		if ((b < 'A' || b > 'Z') && b != '-' && b != '_')
			return false;
	}
	return true;
}

/* May a first line begin so? */
static inline bool http_may_begin(struct cur line)
{
	return cur_left(&line) < HTTP_LINE_MAX && http_is_word(cur_token(&line, " /"));
}

/* "HTTP/1.1 200 OK"; the reason may be missing. */
static inline bool http_status_parse(struct cur line, struct http_head *h)
{
	if (!cur_is(&line, "HTTP/1.") || cur_u8(&line) > '9' || cur_u8(&line) != ' ')
		return false;
	struct cur digits = cur_token(&line, " ");
	if (cur_left(&digits) != 3)
		return false;
	h->status = cur_decimal(&digits);
	h->response = true;
	return cur_ok(&digits) && cur_left(&digits) == 0 && h->status >= 100 && h->status < 700;
}

/* "GET /index.html HTTP/1.1": the version is the last word, for there are targets with blanks. */
static inline bool http_request_parse(struct cur line, struct http_head *h)
{
	h->method = cur_until(&line, ' ');
	if (!cur_ok(&line) || cur_left(&h->method) < 3 || !http_is_word(h->method) ||
	    cur_left(&line) < 10)
		return false;
	h->target = cur_sub(&line, cur_left(&line) - 9);
	return cur_is(&line, " HTTP/1.");
}

static inline void http_keep(struct cur *field, struct cur value)
{
	struct cur trimmed = http_trim(value);

	if (cur_left(field) == 0)
		*field = cur_rest(&trimmed);
}

static inline void http_length_parse(struct cur value, struct http_head *h)
{
	struct cur digits = http_trim(value);

	h->length = cur_decimal(&digits);
	h->has_length = cur_ok(&digits);
}

/* One line of the head, its name and colon in any case. */
static inline void http_field_parse(struct cur line, struct http_head *h)
{
	if (cur_is_caseless(&line, "user-agent:"))
		http_keep(&h->user_agent, line);
	else if (cur_is_caseless(&line, "server:"))
		http_keep(&h->server, line);
	else if (cur_is_caseless(&line, "x-powered-by:"))
		http_keep(&h->powered_by, line);
	else if (cur_is_caseless(&line, "via:"))
		http_keep(&h->via, line);
	else if (cur_is_caseless(&line, "location:"))
		http_keep(&h->location, line);
	else if (cur_is_caseless(&line, "www-authenticate:") ||
	         cur_is_caseless(&line, "proxy-authenticate:"))
		http_keep(&h->challenge, line);
	else if (cur_is_caseless(&line, "authorization:") ||
	         cur_is_caseless(&line, "proxy-authorization:"))
		http_keep(&h->credentials, line);
	else if (cur_is_caseless(&line, "host:"))
		http_keep(&h->host, line);
	else if (cur_is_caseless(&line, "content-type:"))
		http_keep(&h->content_type, line);
	else if (cur_is_caseless(&line, "content-encoding:"))
		h->is_coded = true;
	else if (cur_is_caseless(&line, "sec-ch-ua:"))
		http_keep(&h->brands, line);
	else if (cur_is_caseless(&line, "sec-ch-ua-platform:"))
		http_keep(&h->platform, line);
	else if (cur_is_caseless(&line, "sec-ch-ua-model:"))
		http_keep(&h->model, line);
	else if (cur_is_caseless(&line, "content-length:"))
		http_length_parse(line, h);
	else if (cur_is_caseless(&line, "transfer-encoding:"))
		h->chunked = true;
	else if (cur_is_caseless(&line, "upgrade:"))
		h->is_upgrade = true;
}

static inline void http_head_clear(struct cur *in, struct http_head *h)
{
	h->method = cur_sub(in, 0);
	h->target = cur_sub(in, 0);
	h->user_agent = cur_sub(in, 0);
	h->server = cur_sub(in, 0);
	h->powered_by = cur_sub(in, 0);
	h->via = cur_sub(in, 0);
	h->location = cur_sub(in, 0);
	h->challenge = cur_sub(in, 0);
	h->host = cur_sub(in, 0);
	h->credentials = cur_sub(in, 0);
	h->content_type = cur_sub(in, 0);
	h->brands = cur_sub(in, 0);
	h->platform = cur_sub(in, 0);
	h->model = cur_sub(in, 0);
}

/* The fields behind the first line; `more`: the head's end is not here. */
static inline void http_fields_parse(struct cur *in, struct http_head *h)
{
	struct cur line = cur_sub(in, 0);

	for (uint32_t i = 0; i < HTTP_LINES_MAX && cur_more(in); i++) {
		h->more = !cur_line(in, &line);
		if (h->more || cur_left(&line) == 0)
			return;
		http_field_parse(line, h);
	}
	h->more = cur_left(in) == 0;
}

/* False: these bytes begin no head, or, with `more`, may begin one. With `more` and true the first line is
 * whole, and the fields of all lines that are. */
static inline bool http_head_parse(struct cur *in, struct http_head *h)
{
	struct cur line = cur_sub(in, 0);

	http_head_clear(in, h);
	if (!cur_line(in, &line)) {
		h->more = http_may_begin(line);
		return false;
	}
	if (!http_status_parse(line, h) && !http_request_parse(line, h))
		return false;
	http_fields_parse(in, h);
	return true;
}

/* A string in quotes (RFC 8941, 3.3.3) without them; empty where it is none. */
static inline struct cur http_quoted(struct cur value)
{
	if (!cur_is(&value, "\""))
		return cur_sub(&value, 0);
	return cur_until(&value, '"');
}

/* realm="..." of a challenge (RFC 9110, 11.5); empty where there is none. */
static inline struct cur http_realm(struct cur challenge)
{
	while (cur_more(&challenge)) {
		if (cur_is_caseless(&challenge, "realm=\""))
			return cur_until(&challenge, '"');
		cur_skip(&challenge, 1);
	}
	return cur_sub(&challenge, 0);
}

/* The host of an absolute URL, without user and port; empty where it is none. */
static inline struct cur http_url_host(struct cur url)
{
	if (!cur_is_caseless(&url, "http://") && !cur_is_caseless(&url, "https://"))
		return cur_sub(&url, 0);
	struct cur authority = cur_token(&url, "/?#");
	struct cur user = cur_token(&authority, "@");
	if (cur_left(&authority) == 0)
		return cur_token(&user, ":");
	cur_skip(&authority, 1);
	return cur_token(&authority, ":");
}
