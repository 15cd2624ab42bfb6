/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.c - see http.h. The protocol itself is libevent's.
 */
#include "manager/http.h"

#include "base/clock.h"
#include "base/log.h"
#include "manager/listening.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct http {
	struct http *next;
	struct evhttp *server;
	struct event_base *base;
	SSL_CTX *context; /* NULL: plain HTTP */
	struct event *sweep;
	struct tokens *tokens;
	void (*answer)(struct request *r, void *self);
	void *self;
	struct evconnlistener *listener; /* NULL: not yet */
	struct log_limit said;
	struct client *clients;
	unsigned client_count;
	struct http_counts counts;
};

/*
 * A connection. libevent does not say when one is closed: it takes its callbacks off the stream,
 * of which we hold a share, and a sweep finds it so.
 */
struct client {
	struct http *http;
	struct client *next;
	struct bufferevent *stream;
	struct event *admit;
	uint64_t since_ns; /* the next request is awaited, or under way */
	bool stays;
	char address[INET6_ADDRSTRLEN]; /* "": not asked yet */
};

/* ---- connections ---- */

static void client_free(struct client *c)
{
	struct client **link = &c->http->clients;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	c->http->client_count--;
	if (c->admit != NULL)
		event_free(c->admit);
	bufferevent_decref(c->stream);
	free(c);
}

static bool is_closed(const struct client *c)
{
	bufferevent_event_cb event = NULL;

	bufferevent_getcb(c->stream, NULL, NULL, &event, NULL);
	return event == NULL;
}

/* Shut, whatever it was about to say; a sweep finds it closed. */
static void client_cut(struct client *c)
{
	c->http->counts.refused++;
	c->stays = true; /* once */
	shutdown(bufferevent_getfd(c->stream), SHUT_RDWR);
}

/* The closed are forgotten; the slow and the silent are cut off, whatever they were about to say. */
static void sweep(struct http *h)
{
	const uint64_t now = clock_now_ns();
	struct client *next;

	for (struct client *c = h->clients; c != NULL; c = next) {
		next = c->next;
		if (is_closed(c) && c->address[0] != '\0') {
			client_free(c);
		} else if (!c->stays && now - c->since_ns > HTTP_SECONDS * CLOCK_SECOND) {
			client_cut(c);
		}
	}
}

/* Who could not be let in waits in the kernel's queue meanwhile. */
static void sweep_timer(evutil_socket_t fd, short what, void *self)
{
	struct http *const h = self;

	(void)fd;
	(void)what;
	sweep(h);
	if (h->listener != NULL)
		evconnlistener_enable(h->listener);
}

/* Of those that listen: a listener's callbacks are given libevent's server, and not ours. */
static struct http *servers;

/* Out of descriptors: the listener rests until the next sweep instead of asking again at once. */
static void accept_failed(struct evconnlistener *listener, void *server)
{
	struct http *h = servers;

	while (h->server != server)
		h = h->next;
	log_once_a_minute(&h->said, "cannot let a client in: %s", strerror(errno));
	evconnlistener_disable(listener);
}

static struct client *client_of(const struct http *h, const struct bufferevent *stream)
{
	struct client *c = h->clients;

	while (c != NULL && c->stream != stream)
		c = c->next;
	return c;
}

static unsigned clients_at(const struct http *h, const char *address)
{
	unsigned count = 0;

	for (const struct client *c = h->clients; c != NULL; c = c->next)
		count += strcmp(c->address, address) == 0;
	return count;
}

/* Has its address more connections than it may have? */
static bool is_greedy(const struct client *c)
{
	return clients_at(c->http, c->address) > HTTP_PER_ADDRESS;
}

/*
 * There is room for so many: whoever has kept us waiting longest makes place. A thousand slow ones
 * cut each other so, and not the one that asks and goes.
 */
static void make_place(struct http *h)
{
	struct client *oldest = NULL;

	for (struct client *c = h->clients; c != NULL; c = c->next)
		if (!c->stays && (oldest == NULL || c->since_ns < oldest->since_ns))
			oldest = c;
	if (oldest != NULL)
		client_cut(oldest);
}

/* Once the stream has its descriptor: one of too many is shut before it said a word. */
static void client_admit(evutil_socket_t fd, short what, void *self)
{
	struct client *const c = self;
	struct http *const h = c->http;

	(void)fd;
	(void)what;
	listening_peer(bufferevent_getfd(c->stream), c->address);
	if (h->client_count > HTTP_CONNECTIONS || is_greedy(c))
		sweep(h);
	if (is_greedy(c) || h->client_count > 2 * HTTP_CONNECTIONS)
		client_cut(c);
	else if (h->client_count > HTTP_CONNECTIONS)
		make_place(h);
}

static struct bufferevent *stream_new(const struct http *h)
{
	if (h->context == NULL)
		return bufferevent_socket_new(h->base, -1, 0);
	SSL *const ssl = SSL_new(h->context);
	struct bufferevent *const stream =
		ssl == NULL ? NULL
			    : bufferevent_openssl_socket_new(h->base, -1, ssl,
	                                                     BUFFEREVENT_SSL_ACCEPTING,
	                                                     BEV_OPT_CLOSE_ON_FREE);
	if (stream != NULL) /* a browser that closes its window says no farewell */
		bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
	return stream;
}

/* libevent asks for the stream of a connection, and gives it its descriptor afterwards. */
static struct bufferevent *connection_stream(struct event_base *base, void *self)
{
	struct http *const h = self;
	struct bufferevent *const stream = stream_new(h);
	struct client *const c = stream == NULL ? NULL : calloc(1, sizeof *c);

	if (c == NULL)
		return stream;
	*c = (struct client){
		.http = h, .next = h->clients, .stream = stream, .since_ns = clock_now_ns()};
	bufferevent_incref(stream);
	h->clients = c;
	h->client_count++;
	h->counts.connections++;
	c->admit = evtimer_new(base, client_admit, c);
	if (c->admit != NULL)
		event_active(c->admit, EV_TIMEOUT, 0);
	return stream;
}

/* The request is answered, or is being: what comes next has its time from here on. */
static void client_rests(const struct request *r, bool stays)
{
	struct evhttp_connection *const connection = evhttp_request_get_connection(r->raw);
	struct client *const c = client_of(r->http, evhttp_connection_get_bufferevent(connection));

	if (c == NULL)
		return;
	c->since_ns = clock_now_ns();
	c->stays = stays;
}

void answer_stays(struct request *r)
{
	client_rests(r, true);
}

/* ---- what is asked ---- */

const char *request_argument(const struct request *r, const char *name)
{
	const char *const value = evhttp_find_header(r->arguments, name);

	return value ? value : "";
}

const char *request_header(const struct request *r, const char *name)
{
	const char *const value =
		evhttp_find_header(evhttp_request_get_input_headers(r->raw), name);

	return value ? value : "";
}

void request_cookie(const struct request *r, const char *name, char *out, size_t cap)
{
	const char *at = request_header(r, "Cookie");
	const size_t len = strlen(name);

	out[0] = '\0';
	for (; *at != '\0'; at += strcspn(at, ";"), at += strspn(at, "; ")) {
		const size_t whole = strcspn(at, ";");

		if (strncmp(at, name, len) != 0 || at[len] != '=' || whole - len - 1 >= cap)
			continue;
		memcpy(out, at + len + 1, whole - len - 1);
		out[whole - len - 1] = '\0';
		return;
	}
}

json_t *request_json(struct request *r)
{
	struct evbuffer *const body = evhttp_request_get_input_buffer(r->raw);
	const size_t len = evbuffer_get_length(body);
	json_error_t error;
	json_t *const value = len == 0 ? NULL
	                               : json_loadb((const char *)evbuffer_pullup(body, -1), len,
	                                            JSON_REJECT_DUPLICATES, &error);

	if (json_is_object(value))
		return value;
	json_decref(value);
	answer_error(r, 400, "the body is no JSON object");
	return NULL;
}

/* ---- who asks ---- */

static enum role role_of(struct request *r)
{
	static const char bearer[] = "Bearer ";
	const char *const by_header = request_header(r, "Authorization");
	char session[TOKEN_TEXT + 1];

	if (strncmp(by_header, bearer, sizeof bearer - 1) == 0)
		return tokens_role(r->http->tokens, by_header + sizeof bearer - 1);
	request_cookie(r, "havainto", session, sizeof session);
	r->by_cookie = session[0] != '\0';
	return r->by_cookie ? tokens_session(r->http->tokens, session, clock_now_ns()) : ROLE_NONE;
}

static const struct {
	enum evhttp_cmd_type type;
	const char *name;
} methods[] = {{EVHTTP_REQ_GET, "GET"}, {EVHTTP_REQ_HEAD, "HEAD"},   {EVHTTP_REQ_POST, "POST"},
               {EVHTTP_REQ_PUT, "PUT"}, {EVHTTP_REQ_PATCH, "PATCH"}, {EVHTTP_REQ_DELETE, "DELETE"}};

static const char *method_name(enum evhttp_cmd_type type)
{
	for (size_t i = 0; i < COUNT_OF(methods); i++)
		if (methods[i].type == type)
			return methods[i].name;
	return "";
}

/* The path without its query, decoded, into out. False: it is none, or holds a NUL. */
static bool decode_path(const struct evhttp_uri *uri, char out[HTTP_HEADERS])
{
	size_t len = 0;
	char *const path = uri == NULL ? NULL : evhttp_uridecode(evhttp_uri_get_path(uri), 0, &len);
	const bool good = path != NULL && strlen(path) == len && len < HTTP_HEADERS;

	memcpy(out, good ? path : "", good ? len + 1 : 1);
	free(path);
	return good;
}

/* The first line and the headers, with what stands between their parts. */
static size_t header_bytes(const struct evhttp_request *raw)
{
	const char *const uri = evhttp_request_get_uri(raw);
	size_t len = uri == NULL ? 0 : strlen(uri) + 16;

	for (const struct evkeyval *h = raw->input_headers->tqh_first; h != NULL;
	     h = h->next.tqe_next)
		len += strlen(h->key) + strlen(h->value) + 4;
	return len;
}

static void request_came(struct evhttp_request *raw, void *self)
{
	struct http *const h = self;
	const struct evhttp_uri *const uri = evhttp_request_get_evhttp_uri(raw);
	const char *const query = uri == NULL ? NULL : evhttp_uri_get_query(uri);
	struct evkeyvalq arguments = {.tqh_last = &arguments.tqh_first};
	char path[HTTP_HEADERS];
	struct request r = {.http = h,
	                    .raw = raw,
	                    .method = method_name(evhttp_request_get_command(raw)),
	                    .path = path,
	                    .arguments = &arguments};

	h->counts.requests++;
	client_rests(&r, false);
	if (header_bytes(raw) > HTTP_HEADERS) {
		answer_error(&r, 431, "the headers are too long");
	} else if (!decode_path(uri, path) ||
	           (query != NULL && evhttp_parse_query_str(query, &arguments) != 0)) {
		answer_error(&r, 400, "the address is none that can be understood");
	} else {
		r.role = role_of(&r);
		h->answer(&r, h->self);
	}
	evhttp_clear_headers(&arguments);
}

/* ---- answers ---- */

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {{200, "OK"},
	               {204, "No Content"},
	               {303, "See Other"},
	               {304, "Not Modified"},
	               {400, "Bad Request"},
	               {401, "Unauthorized"},
	               {403, "Forbidden"},
	               {404, "Not Found"},
	               {405, "Method Not Allowed"},
	               {409, "Conflict"},
	               {431, "Request Header Fields Too Large"},
	               {503, "Service Unavailable"}};

	for (size_t i = 0; i < COUNT_OF(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Internal Server Error";
}

void answer_header(struct request *r, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(r->raw), name, value);
}

/* What every answer says to a browser: take it for what it is, show it in nobody's frame. */
static void answer_guard(struct request *r)
{
	answer_header(r, "X-Content-Type-Options", "nosniff");
	answer_header(r, "X-Frame-Options", "DENY");
	answer_header(r, "Referrer-Policy", "no-referrer");
	answer_header(
		r, "Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
		"img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
	if (evhttp_find_header(evhttp_request_get_output_headers(r->raw), "Cache-Control") == NULL)
		answer_header(r, "Cache-Control", "no-store");
}

void answer_bytes(struct request *r, int status, const char *type, const char *bytes, size_t len)
{
	struct evbuffer *const out = evbuffer_new();

	r->http->counts.errors += status >= 400;
	answer_header(r, "Content-Type", type);
	answer_guard(r);
	if (out != NULL)
		evbuffer_add(out, bytes, len);
	evhttp_send_reply(r->raw, status, reason(status), out);
	if (out != NULL)
		evbuffer_free(out);
}

void answer_json(struct request *r, int status, json_t *value)
{
	char *const text = json_dumps(value, JSON_COMPACT);

	json_decref(value);
	if (text != NULL)
		answer_bytes(r, status, "application/json", text, strlen(text));
	else
		evhttp_send_error(r->raw, 500, NULL);
	free(text);
}

void answer_error(struct request *r, int status, const char *why)
{
	answer_json(r, status, json_pack("{s:s}", "error", why));
}

void answer_begin(struct request *r, const char *type, const char *file_name)
{
	char disposition[128];

	answer_header(r, "Content-Type", type);
	if (file_name != NULL) {
		snprintf(disposition, sizeof disposition, "attachment; filename=\"%s\"", file_name);
		answer_header(r, "Content-Disposition", disposition);
	}
	answer_guard(r);
	evhttp_send_reply_start(r->raw, 200, "OK");
}

void answer_piece(struct request *r, const char *bytes, size_t len)
{
	struct evbuffer *const out = evbuffer_new();

	if (out == NULL)
		return;
	evbuffer_add(out, bytes, len);
	evhttp_send_reply_chunk(r->raw, out);
	evbuffer_free(out);
}

void answer_end(struct request *r)
{
	evhttp_send_reply_end(r->raw);
}

/* ---- the server ---- */

struct http *http_new(struct event_base *base, struct tokens *tokens,
                      void (*answer)(struct request *r, void *self), void *self)
{
	const struct timeval second = {.tv_sec = 1};
	struct http *const h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	*h = (struct http){.server = evhttp_new(base),
	                   .base = base,
	                   .tokens = tokens,
	                   .answer = answer,
	                   .self = self};
	h->sweep = event_new(base, -1, EV_PERSIST, sweep_timer, h);
	if (h->server == NULL || h->sweep == NULL || event_add(h->sweep, &second) != 0) {
		http_free(h);
		return NULL;
	}
	/* libevent would say 400: what is too much by less than this is told so by us */
	evhttp_set_max_headers_size(h->server, 4 * HTTP_HEADERS);
	evhttp_set_max_body_size(h->server, HTTP_BODY);
	evhttp_set_timeout(h->server, HTTP_SECONDS);
	evhttp_set_allowed_methods(h->server, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
	                                              EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH |
	                                              EVHTTP_REQ_DELETE);
	evhttp_set_bevcb(h->server, connection_stream, h);
	evhttp_set_gencb(h->server, request_came, h);
	return h;
}

void http_free(struct http *h)
{
	if (h == NULL)
		return;
	for (struct http **link = &servers; *link != NULL; link = &(*link)->next) {
		if (*link != h)
			continue;
		*link = h->next;
		break;
	}
	if (h->server != NULL)
		evhttp_free(h->server);
	if (h->sweep != NULL)
		event_free(h->sweep);
	for (struct client *c = h->clients, *next; c != NULL; c = next) {
		next = c->next;
		client_free(c);
	}
	free(h);
}

void http_secure(struct http *h, SSL_CTX *context)
{
	h->context = context;
}

bool http_is_secure(const struct http *h)
{
	return h->context != NULL;
}

bool http_listen(struct http *h, const char *address, uint16_t *port, char *why, size_t why_len)
{
	const int fd = listening_open(address, "requests", port, why, why_len);

	if (fd < 0)
		return false;
	struct evhttp_bound_socket *const bound = evhttp_accept_socket_with_handle(h->server, fd);
	if (bound != NULL) {
		h->listener = evhttp_bound_socket_get_listener(bound);
		h->next = servers;
		servers = h;
		evconnlistener_set_error_cb(h->listener, accept_failed);
		return true;
	}
	snprintf(why, why_len, "cannot listen for requests at %s: %s", address, strerror(errno));
	close(fd);
	return false;
}

struct http_counts http_count(const struct http *h)
{
	return h->counts;
}
