/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.c - from a request to its answer: the table of addresses, who may ask for which, and the life
 * of the task.
 */
#include "manager/api_parts.h"

#include "base/clock.h"
#include "manager/page.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One write of ids is one piece: others cannot come between. */
#define SETTLE_NS (CLOCK_SECOND / 20) /* of changes that come together */
#define WAKE_IDS (PIPE_BUF / sizeof(uint64_t))
static_assert(STORE_TOUCHED <= WAKE_IDS, "a transaction's devices fit a write");

static api_answer login, logout;

/* '#' in a path stands for a number. */
static const struct route {
	const char *method, *path;
	enum role role;
	api_answer *answer;
} routes[] = {
	{"GET", "/api/v1/devices", ROLE_VIEWER, api_devices},
	{"GET", "/api/v1/devices/#", ROLE_VIEWER, api_device},
	{"PATCH", "/api/v1/devices/#", ROLE_OPERATOR, api_annotate},
	{"GET", "/api/v1/devices/#/timeline", ROLE_VIEWER, api_timeline},
	{"GET", "/api/v1/devices/#/activity", ROLE_VIEWER, api_activity},
	{"GET", "/api/v1/facets", ROLE_VIEWER, api_facets},
	{"GET", "/api/v1/values", ROLE_VIEWER, api_values},
	{"GET", "/api/v1/links", ROLE_VIEWER, api_links},
	{"GET", "/api/v1/changes", ROLE_VIEWER, api_changes},
	{"POST", "/api/v1/changes/#/ack", ROLE_OPERATOR, api_change_seen},
	{"POST", "/api/v1/changes/ack", ROLE_OPERATOR, api_changes_seen},
	{"GET", "/api/v1/mutes", ROLE_VIEWER, api_mutes},
	{"POST", "/api/v1/mutes", ROLE_OPERATOR, api_mute},
	{"DELETE", "/api/v1/mutes/#", ROLE_OPERATOR, api_unmute},
	{"GET", "/api/v1/services", ROLE_VIEWER, api_services},
	{"GET", "/api/v1/sensors", ROLE_VIEWER, api_sensors},
	{"GET", "/api/v1/coverage", ROLE_VIEWER, api_coverage},
	{"GET", "/api/v1/fields", ROLE_VIEWER, api_fields},
	{"GET", "/api/v1/export.csv", ROLE_VIEWER, api_export_csv},
	{"GET", "/api/v1/export.ndjson", ROLE_VIEWER, api_export_ndjson},
	{"GET", "/api/v1/export.ocsf", ROLE_VIEWER, api_export_ocsf},
	{"GET", "/api/v1/export.ecs", ROLE_VIEWER, api_export_ecs},
	{"GET", "/api/v1/export.netbox", ROLE_VIEWER, api_export_netbox},
	{"GET", "/api/v1/events", ROLE_VIEWER, api_events},
	{"POST", "/api/v1/logout", ROLE_VIEWER, logout},
	{"GET", "/metrics", ROLE_VIEWER, api_metrics},
	{"GET", "/login", ROLE_NONE, login},
	{"GET", "/healthz", ROLE_NONE, api_healthy},
	{"GET", "/readyz", ROLE_NONE, api_ready},
};

/* ---- what answers are made of ---- */

void api_store_failed(const struct api *a, struct request *r)
{
	answer_error(r, 503, store_error(a->store));
}

bool api_query(struct request *r, struct query *q)
{
	char why[QUERY_WHY];

	if (query_parse(request_argument(r, "q"), clock_now_ns(), q, why))
		return true;
	answer_error(r, 400, why);
	return false;
}

bool api_number(struct request *r, const char *name, uint64_t otherwise, uint64_t most,
                uint64_t *out)
{
	const char *const text = request_argument(r, name);
	char why[96], *end;

	*out = otherwise;
	if (*text == '\0')
		return true;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *out >= 1 && *out <= most)
		return true;
	snprintf(why, sizeof why, "%s: wants a number from 1 to %llu", name,
	         (unsigned long long)most);
	answer_error(r, 400, why);
	return false;
}

/* ---- logging in ---- */

/* To a browser the page says it, or, where it is logged in from before, goes on. */
static void refuse_link(struct request *r)
{
	if (!page_is_wanted(r)) {
		answer_error(r, 401,
		             "the link was used already, or is too old: each start of the manager "
		             "prints another");
	} else if (r->role == ROLE_NONE) {
		page_show(r, 401);
	} else {
		answer_header(r, "Location", "/");
		answer_bytes(r, 303, "text/plain", "", 0);
	}
}

static void login(struct api *a, struct request *r, uint64_t id)
{
	char session[TOKEN_TEXT], cookie[160];

	(void)id;
	if (!tokens_use_link(a->tokens, request_argument(r, "token"), clock_now_ns(), session)) {
		refuse_link(r);
		return;
	}
	snprintf(cookie, sizeof cookie,
	         "havainto=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200%s", session,
	         http_is_secure(r->http) ? "; Secure" : "");
	answer_header(r, "Set-Cookie", cookie);
	answer_header(r, "Location", "/");
	answer_bytes(r, 303, "text/plain", "", 0);
}

static void logout(struct api *a, struct request *r, uint64_t id)
{
	char session[TOKEN_TEXT + 1];

	(void)id;
	request_cookie(r, "havainto", session, sizeof session);
	tokens_end_session(a->tokens, session);
	answer_header(r, "Set-Cookie", "havainto=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
	answer_bytes(r, 204, "text/plain", "", 0);
}

/* ---- routes ---- */

static bool path_matches(const char *pattern, const char *path, uint64_t *id)
{
	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '#') {
			if (*pattern != *path++)
				return false;
			continue;
		}
		const size_t digits = strspn(path, "0123456789");
		if (digits == 0 || digits > 18)
			return false;
		*id = strtoull(path, NULL, 10);
		path += digits;
	}
	return *path == '\0';
}

/* NULL: no such path; *known: it exists by another method. */
static const struct route *find_route(const struct request *r, uint64_t *id, bool *known)
{
	for (size_t i = 0; i < COUNT_OF(routes); i++) {
		if (!path_matches(routes[i].path, r->path, id))
			continue;
		*known = true;
		if (strcmp(routes[i].method, r->method) == 0)
			return &routes[i];
	}
	return NULL;
}

/* A page of somebody else's could make a browser send a request, but not with a header of ours. */
static bool is_forged(const struct request *r)
{
	return r->by_cookie && strcmp(r->method, "GET") != 0 &&
	       *request_header(r, "X-Havainto") == '\0';
}

static void answer(struct request *r, void *self)
{
	uint64_t id = 0;
	bool known = false;
	const struct route *const route = find_route(r, &id, &known);

	if (route != NULL && r->role >= route->role) {
		if (is_forged(r))
			answer_error(r, 403, "a browser's change wants the header X-Havainto");
		else
			route->answer(self, r, id);
	} else if (route == NULL && !known && page_answer(r)) {
		return;
	} else if (r->role == ROLE_NONE) {
		answer_header(r, "WWW-Authenticate", "Bearer realm=\"havainto\"");
		answer_error(r, 401, "wants a token: Authorization: Bearer TOKEN");
	} else if (route != NULL) {
		answer_error(r, 403, "this token's role may not do that");
	} else if (known) {
		answer_error(r, 405, "this address does not take that method");
	} else {
		answer_error(r, 404, "no such address");
	}
}

/* ---- the task ---- */

/* Words in place of an id: nothing but to wake; more devices than can be named. */
#define WAKE UINT64_MAX
#define MORE UINT64_C(0)

/* A device is told once, however often it changed since the last telling. */
static void note_changed(struct api *a, uint64_t id)
{
	char key[24];

	snprintf(key, sizeof key, "%llu", (unsigned long long)id);
	if (id == WAKE)
		return;
	if (id == MORE || json_object_size(a->changed) >= STORE_TOUCHED)
		a->changed_more = true;
	else
		json_object_set_new(a->changed, key, json_integer((json_int_t)id));
}

/*
 * What changed is told once all that came with it is there; in a swarm of changes once a second.
 */
static void tell_soon(struct api *a)
{
	const uint64_t now = clock_now_ns(), next = a->told_ns + CLOCK_SECOND;
	const uint64_t wait = now + SETTLE_NS > next ? SETTLE_NS : next - now;
	const struct timeval due = {.tv_usec = (suseconds_t)(wait / 1000 % 1000000)};

	if (a->telling || !api_has_news(a))
		return;
	a->telling = true;
	event_add(a->tick, &due);
}

static void woken(evutil_socket_t fd, short what, void *self)
{
	struct api *const a = self;
	uint64_t ids[WAKE_IDS];
	ssize_t len;

	(void)what;
	while ((len = read(fd, ids, sizeof ids)) > 0)
		for (size_t i = 0; i < (size_t)len / sizeof *ids; i++)
			note_changed(a, ids[i]);
	if (atomic_load(&a->stopping))
		event_base_loopbreak(a->base);
	tell_soon(a);
}

static void ticked(evutil_socket_t fd, short what, void *self)
{
	struct api *const a = self;
	const struct timeval second = {.tv_sec = 1};

	(void)fd;
	(void)what;
	a->told_ns = api_has_news(a) ? clock_now_ns() : a->told_ns;
	a->telling = false;
	api_tell(a);
	event_add(a->tick, &second);
}

struct api *api_new(struct store *store, struct store *writer, struct tokens *tokens,
                    const struct intake *intake, struct infer *infer)
{
	const struct timeval second = {.tv_sec = 1};
	struct api *const a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	*a = (struct api){.store = store,
	                  .writer = writer,
	                  .tokens = tokens,
	                  .intake = intake,
	                  .infer = infer,
	                  .changed = json_object(),
	                  .base = event_base_new(),
	                  .wake_fds = {-1, -1}};
	if (a->base != NULL && a->changed != NULL &&
	    pipe2(a->wake_fds, O_CLOEXEC | O_NONBLOCK) == 0) {
		a->wake = event_new(a->base, a->wake_fds[0], EV_READ | EV_PERSIST, woken, a);
		a->tick = event_new(a->base, -1, 0, ticked, a);
		a->http = http_new(a->base, tokens, answer, a);
	}
	if (a->http != NULL && a->wake != NULL && a->tick != NULL &&
	    event_add(a->wake, NULL) == 0 && event_add(a->tick, &second) == 0)
		return a;
	api_free(a);
	return NULL;
}

void api_free(struct api *a)
{
	if (a == NULL)
		return;
	api_unsubscribe_all(a);
	http_free(a->http);
	if (a->wake != NULL)
		event_free(a->wake);
	if (a->tick != NULL)
		event_free(a->tick);
	if (a->base != NULL)
		event_base_free(a->base);
	json_decref(a->changed);
	for (size_t i = 0; i < COUNT_OF(a->wake_fds); i++)
		if (a->wake_fds[i] >= 0)
			close(a->wake_fds[i]);
	free(a);
}

bool api_listen(struct api *a, const char *address, SSL_CTX *context, uint16_t *port, char *why,
                size_t why_len)
{
	http_secure(a->http, context);
	return http_listen(a->http, address, port, why, why_len);
}

void api_run(struct api *a)
{
	event_base_dispatch(a->base);
}

/* A pipe that is full has ids enough to wake for; what it could not take is told as "more". */
void api_changed(void *api, const uint64_t *ids, size_t count)
{
	struct api *const a = api;
	const uint64_t wake = WAKE, more = MORE;

	if (count == 0)
		(void)!write(a->wake_fds[1], &wake, sizeof wake);
	else if (count > STORE_TOUCHED || write(a->wake_fds[1], ids, count * sizeof *ids) < 0)
		(void)!write(a->wake_fds[1], &more, sizeof more);
}

void api_stop(struct api *a)
{
	atomic_store(&a->stopping, true);
	api_changed(a, NULL, 0);
}
