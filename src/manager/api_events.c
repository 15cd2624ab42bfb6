/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_events.c - live events, server-sent (the EventSource of the HTML standard): each change as it
 * is kept, and, at most once a second, that devices are others now.
 *
 *	id: 17
 *	event: change
 *	data: {"id":17,"device":3,...}
 *
 *	event: devices
 *	data: {"ids":[3,8],"more":false}
 *
 * or, where nothing is new, `still`: who hears nothing for some seconds knows that the line is dead.
 * Devices are told by their ids, STORE_TOUCHED at most; "more" says that others are new too, and a
 * list is best asked for again. The id of an event is the change's own, so a browser that comes back
 * with Last-Event-ID gets what it missed.
 */
#include "manager/api_parts.h"
#include "manager/export.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MISSED 1000u           /* changes that are sent again at most */
#define UNREAD_MOST (1u << 20) /* a browser that does not read is let go */

struct subscriber {
	struct api *api;
	struct subscriber *next;
	struct request request; /* of its own: the answer never ends */
};

static void unsubscribe(struct subscriber *s)
{
	struct subscriber **link = &s->api->subscribers;

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	s->api->subscriber_count--;
	free(s);
}

/*
 * A client that goes is noticed by reading: libevent then takes the unanswered request off its
 * connection, and whoever answers it has to end it.
 */
static void closed(struct evhttp_connection *connection, void *self)
{
	struct subscriber *const s = self;

	(void)connection;
	if (evhttp_request_get_connection(s->request.raw) == NULL)
		answer_end(&s->request);
	unsubscribe(s);
}

void api_unsubscribe_all(struct api *a)
{
	for (struct subscriber *s = a->subscribers, *next; s != NULL; s = next) {
		next = s->next;
		evhttp_connection_set_closecb(evhttp_request_get_connection(s->request.raw), NULL,
		                              NULL);
		answer_end(&s->request);
		unsubscribe(s);
	}
}

/* ---- what is told ---- */

struct news {
	char *text;
	size_t len;
	FILE *out;
	json_t *changes[MISSED];
	unsigned count;
	uint64_t after, last;
};

static void take_change(const struct store_change *c, void *self)
{
	struct news *const n = self;

	if (c->id <= n->after || n->count == MISSED)
		return;
	n->last = c->id > n->last ? c->id : n->last;
	n->changes[n->count++] = api_change_json(c);
}

/* They come the last first, and are told the first first. */
static void write_changes(struct news *n)
{
	while (n->count > 0) {
		json_t *const change = n->changes[--n->count];
		char *const text = json_dumps(change, JSON_COMPACT);

		if (text != NULL)
			fprintf(n->out, "id: %lld\nevent: change\ndata: %s\n\n",
			        (long long)json_integer_value(json_object_get(change, "id")), text);
		free(text);
		json_decref(change);
	}
}

/* The changes behind `after`. False: the store failed. */
static bool news_of(struct api *a, struct news *n, uint64_t after)
{
	*n = (struct news){.after = after, .last = after};
	n->out = open_memstream(&n->text, &n->len);
	if (n->out == NULL)
		return false;
	struct store_filter filter = STORE_ALL_CHANGES;
	filter.after = after;
	filter.limit = MISSED;
	if (store_changes(a->store, &filter, take_change, n)) {
		write_changes(n);
		return true;
	}
	fclose(n->out);
	free(n->text);
	return false;
}

static void news_end(struct news *n)
{
	free(n->text);
}

static void tell(struct subscriber *s, const char *text, size_t len)
{
	struct evhttp_connection *const connection = evhttp_request_get_connection(s->request.raw);
	struct bufferevent *const stream = evhttp_connection_get_bufferevent(connection);

	if (evbuffer_get_length(bufferevent_get_output(stream)) > UNREAD_MOST)
		evhttp_connection_free(connection);
	else
		answer_piece(&s->request, text, len);
}

bool api_has_news(const struct api *a)
{
	return json_object_size(a->changed) > 0 || a->changed_more;
}

/* Which devices are others now; where none is, that the line lives. */
static void write_devices(struct api *a, FILE *out)
{
	const char *key, *comma = "";
	json_t *id;

	if (!api_has_news(a)) {
		fputs("event: still\ndata: {}\n\n", out);
		return;
	}
	fputs("event: devices\ndata: {\"ids\":[", out);
	json_object_foreach(a->changed, key, id)
	{
		fprintf(out, "%s%s", comma, key);
		comma = ",";
	}
	fprintf(out, "],\"more\":%s}\n\n", a->changed_more ? "true" : "false");
	json_object_clear(a->changed);
	a->changed_more = false;
}

void api_tell(struct api *a)
{
	struct subscriber *next;
	struct news news;

	if (a->subscribers == NULL || !news_of(a, &news, a->told_change))
		return;
	write_devices(a, news.out);
	fclose(news.out);
	for (struct subscriber *s = a->subscribers; s != NULL; s = next) {
		next = s->next;
		tell(s, news.text, news.len);
	}
	a->told_change = news.last;
	news_end(&news);
}

/* ---- who listens ---- */

static uint64_t newest_change(struct api *a)
{
	struct news *const n = calloc(1, sizeof *n);
	uint64_t last = 0;

	if (n == NULL)
		return 0;
	struct store_filter filter = STORE_ALL_CHANGES;
	filter.limit = 1;
	if (store_changes(a->store, &filter, take_change, n))
		last = n->last;
	while (n->count > 0)
		json_decref(n->changes[--n->count]);
	free(n);
	return last;
}

void api_events(struct api *a, struct request *r, uint64_t id)
{
	const char *const known = request_header(r, "Last-Event-ID");
	struct subscriber *const s =
		a->subscriber_count >= API_SUBSCRIBERS ? NULL : calloc(1, sizeof *s);
	struct news news;

	(void)id;
	if (s == NULL) {
		answer_error(r, 503, "too many listen already");
		return;
	}
	if (a->subscribers == NULL) { /* what was before is not news */
		a->told_change = newest_change(a);
		json_object_clear(a->changed);
		a->changed_more = false;
	}
	*s = (struct subscriber){.api = a, .next = a->subscribers, .request = *r};
	a->subscribers = s;
	a->subscriber_count++;
	evhttp_connection_set_closecb(evhttp_request_get_connection(r->raw), closed, s);
	answer_stays(r);
	answer_begin(r, "text/event-stream", NULL);
	answer_piece(r, ": havainto\n\n", 12);
	if (*known == '\0' || !news_of(a, &news, strtoull(known, NULL, 10)))
		return;
	fclose(news.out);
	if (news.len > 0)
		answer_piece(r, news.text, news.len);
	news_end(&news);
}
