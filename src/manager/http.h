/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - the manager's server of HTTP: limits, who is asking, and how answers are written. What
 * is answered is the API's business (api.h).
 *
 * A client is foreign. It has so much room for its headers and its body, so long for a whole
 * request, and so many connections from its address; more is 431, 413, closed, refused. An error
 * is JSON too: {"error":"..."}; its text is ours.
 */
#pragma once

#include "base/attr.h"
#include "manager/token.h"

#include <jansson.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evhttp_request;
struct event_base;
struct http;

#define HTTP_HEADERS 16384u /* with the path */
#define HTTP_BODY 65536
#define HTTP_SECONDS 15 /* for a whole request */
#define HTTP_CONNECTIONS 512u
#define HTTP_PER_ADDRESS 64u

/* A request that came in whole. */
struct request {
	struct http *http;
	struct evhttp_request *raw;
	const char *method, *path; /* the path decoded, without its query */
	enum role role;            /* of who asks */
	bool by_cookie;            /* a browser: what changes something must show our header */
	struct evkeyvalq *arguments;
};

struct http_counts {
	uint64_t connections, requests, refused, errors;
};

/* answer: called for every request. NULL: memory is out. */
struct http *http_new(struct event_base *base, struct tokens *tokens,
                      void (*answer)(struct request *r, void *self), void *self) MUST_CHECK NONNULL;
void http_free(struct http *h);
/* HTTPS and nothing else, from before it listens on; the context stays the caller's. NULL: plain HTTP. */
void http_secure(struct http *h, SSL_CTX *context) __attribute__((nonnull(1)));
bool http_is_secure(const struct http *h) NONNULL;
/* "127.0.0.1:8710", "[::1]:8710"; port 0: any, *port says which. False: why. */
bool http_listen(struct http *h, const char *address, uint16_t *port, char *why,
                 size_t why_len) MUST_CHECK NONNULL;
struct http_counts http_count(const struct http *h) NONNULL;

/* "" when it was not given. */
const char *request_argument(const struct request *r, const char *name) NONNULL;
const char *request_header(const struct request *r, const char *name) NONNULL;
/* A cookie's value into out; "": it has none. */
void request_cookie(const struct request *r, const char *name, char *out, size_t cap) NONNULL;
/* The body as JSON, an object; NULL: it is none, and was answered so. */
json_t *request_json(struct request *r) MUST_CHECK NONNULL;

void answer_header(struct request *r, const char *name, const char *value) NONNULL;
/* Takes the value. */
void answer_json(struct request *r, int status, json_t *value) NONNULL;
void answer_error(struct request *r, int status, const char *why) NONNULL;
void answer_bytes(struct request *r, int status, const char *type, const char *bytes,
                  size_t len) NONNULL;
/* A long answer in pieces: begin, pieces, end. */
void answer_begin(struct request *r, const char *type, const char *file_name)
	__attribute__((nonnull(1, 2)));
void answer_piece(struct request *r, const char *bytes, size_t len) NONNULL;
void answer_end(struct request *r) NONNULL;
/* The answer under way has no end in time, as live events have none: it is not cut as late. */
void answer_stays(struct request *r) NONNULL;
