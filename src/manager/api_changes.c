/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_changes.c - the timeline, what was seen of it, and the rules for what nobody wants to see.
 *
 *	GET /api/v1/changes?what=new,gone&sensor=a,b&device=3&since=&until=&text=&unseen=1&muted=1
 *	                   &before=ID&limit=100
 *	{"changes":[{"id":17,"device":3,"name":"kitchen","time":"...","sensor":"lab","what":"new","seen":null,
 *	             "muted":false,"line":{...}}],"unseen":4,"next":17}
 *
 * The last first; `next` is the `before` of the next page, null at the end. since and until are times
 * as the API writes them. text: the line holds it. unseen=1: only what nobody acknowledged; muted=1:
 * what a rule mutes, too. `unseen` counts what is neither acknowledged nor muted, UNSEEN_MOST at
 * most. device 0: the device is none of the inventory (any more).
 *
 *	POST   /api/v1/changes/17/ack     {}                    one
 *	POST   /api/v1/changes/ack        {"upto":17,"from":3}  those with these ids; from may be absent
 *	                                  both: {"seen":2,"unseen":0}
 *	GET    /api/v1/mutes              {"mutes":[{"id":1,"what":"gone","query":"type:phone","note":"",
 *	                                             "made":"..."}]}
 *	POST   /api/v1/mutes              {"what":"gone","query":"type:phone","note":"they sleep"}
 *	DELETE /api/v1/mutes/1
 */
#include "manager/api_parts.h"
#include "manager/export.h"

#include "base/clock.h"
#include "report/incoming.h"

#include <string.h>

#define CHANGES 100u
#define UNSEEN_MOST 1000u
#define MUTE_TEXT 256u

/* ---- the timeline ---- */

json_t *api_change_json(const struct store_change *c)
{
	json_t *const line = json_loadb(c->line, c->len, JSON_ALLOW_NUL, NULL);

	return json_pack("{s:I,s:I,s:s,s:o,s:s,s:s,s:o,s:b,s:o*}", "id", (json_int_t)c->id,
	                 "device", (json_int_t)c->device, "name", c->name, "time",
	                 export_time(c->time_ns), "sensor", c->sensor, "what", c->what, "seen",
	                 export_time(c->seen_ns), "muted", c->muted, "line", line);
}

/* As many as were asked for; what comes then says only that there is more. */
struct changes_page {
	json_t *changes;
	uint64_t limit, last;
	bool more;
};

static void add_change(const struct store_change *c, void *self)
{
	struct changes_page *const p = self;

	p->more = json_array_size(p->changes) == p->limit;
	if (p->more)
		return;
	p->last = c->id;
	json_array_append_new(p->changes, api_change_json(c));
}

/* False: it is given, but no time; it was answered so. */
static bool read_time(struct request *r, const char *name, uint64_t *out)
{
	const char *const text = request_argument(r, name);

	*out = *text == '\0' ? 0 : time_parse(text);
	if (*text == '\0' || *out != 0)
		return true;
	answer_error(r, 400, "since, until: want a time as 2026-11-23T05:00:00.000000Z");
	return false;
}

static bool read_flag(const struct request *r, const char *name)
{
	const char *const text = request_argument(r, name);

	return *text != '\0' && strcmp(text, "0") != 0;
}

static bool read_filter(struct request *r, struct store_filter *f, uint64_t *limit)
{
	*f = (struct store_filter){.what = request_argument(r, "what"),
	                           .sensor = request_argument(r, "sensor"),
	                           .text = request_argument(r, "text"),
	                           .unseen = read_flag(r, "unseen"),
	                           .muted = read_flag(r, "muted")};
	if (strlen(f->what) >= QUERY_TEXT || strlen(f->sensor) >= QUERY_TEXT) {
		answer_error(r, 400, "what, sensor: a list of less than 1,024 bytes");
		return false;
	}
	return api_number(r, "before", 0, INT64_MAX, &f->before) &&
	       api_number(r, "device", 0, INT64_MAX, &f->device) &&
	       api_number(r, "limit", CHANGES, API_LIMIT, limit) &&
	       read_time(r, "since", &f->since_ns) && read_time(r, "until", &f->until_ns);
}

static void answer_changes(struct api *a, struct request *r, struct store_filter *f, uint64_t limit)
{
	struct changes_page page = {.changes = json_array(), .limit = limit};
	uint64_t unseen;

	f->limit = (unsigned)limit + 1;
	if (!store_changes(a->store, f, add_change, &page) ||
	    !store_unseen(a->store, UNSEEN_MOST, &unseen)) {
		json_decref(page.changes);
		api_store_failed(a, r);
		return;
	}
	answer_json(r, 200,
	            json_pack("{s:o,s:I,s:o}", "changes", page.changes, "unseen",
	                      (json_int_t)unseen, "next",
	                      page.more ? json_integer((json_int_t)page.last) : json_null()));
}

void api_changes(struct api *a, struct request *r, uint64_t id)
{
	struct store_filter filter;
	uint64_t limit;

	(void)id;
	if (read_filter(r, &filter, &limit))
		answer_changes(a, r, &filter, limit);
}

/* ---- seen ---- */

static void see(struct api *a, struct request *r, uint64_t from, uint64_t upto)
{
	uint64_t seen, unseen;

	if (!store_see(a->writer, from, upto, clock_now_ns(), &seen) ||
	    !store_unseen(a->writer, UNSEEN_MOST, &unseen)) {
		answer_error(r, 503, store_error(a->writer));
		return;
	}
	answer_json(r, 200,
	            json_pack("{s:I,s:I}", "seen", (json_int_t)seen, "unseen", (json_int_t)unseen));
}

void api_change_seen(struct api *a, struct request *r, uint64_t id)
{
	if (store_known_change(a->store, id))
		see(a, r, id, id);
	else
		answer_error(r, 404, "no such change");
}

void api_changes_seen(struct api *a, struct request *r, uint64_t id)
{
	json_t *const body = request_json(r);

	(void)id;
	if (body == NULL)
		return;
	const uint64_t upto = json_count(body, "upto"), from = json_count(body, "from");
	json_decref(body);
	if (upto == 0)
		answer_error(r, 400, "upto: the id of the last change that was seen");
	else
		see(a, r, from, upto);
}

/* ---- mutes ---- */

static void add_mute(const struct store_mute *m, void *mutes)
{
	json_array_append_new(mutes, json_pack("{s:I,s:s,s:s,s:s,s:o}", "id", (json_int_t)m->id,
	                                       "what", m->what, "query", m->query, "note", m->note,
	                                       "made", export_time(m->made_ns)));
}

static void answer_mutes(struct api *a, struct request *r, struct store *store, int status)
{
	json_t *const mutes = json_array();

	(void)a;
	if (store_mutes(store, add_mute, mutes)) {
		answer_json(r, status, json_pack("{s:o}", "mutes", mutes));
		return;
	}
	json_decref(mutes);
	answer_error(r, 503, store_error(store));
}

void api_mutes(struct api *a, struct request *r, uint64_t id)
{
	(void)id;
	answer_mutes(a, r, a->store, 200);
}

/* NULL: fits; otherwise what is wrong. */
static const char *wrong_mute(const json_t *body, char why[QUERY_WHY])
{
	static const char *const keys[] = {"what", "query", "note"};
	struct query q;

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		const json_t *const x = json_object_get(body, keys[i]);

		if (x != NULL && (!json_is_string(x) || json_string_length(x) >= MUTE_TEXT))
			return "what, query and note are texts of less than 256 bytes";
	}
	if (strlen(json_text(body, "what")) >= 64)
		return "what: is no kind of change";
	if (*json_text(body, "what") == '\0' && *json_text(body, "query") == '\0')
		return "a rule for everything: say what, or a query, or both";
	return query_parse(json_text(body, "query"), clock_now_ns(), &q, why) ? NULL : why;
}

void api_mute(struct api *a, struct request *r, uint64_t id)
{
	char why[QUERY_WHY];
	json_t *const body = request_json(r);
	uint64_t made;

	(void)id;
	if (body == NULL)
		return;
	const char *const wrong = wrong_mute(body, why);
	if (wrong != NULL)
		answer_error(r, 400, wrong);
	else if (!store_mute(a->writer, json_text(body, "what"), json_text(body, "query"),
	                     json_text(body, "note"), clock_now_ns(), &made))
		answer_error(r, 409, store_error(a->writer));
	else
		answer_mutes(a, r, a->writer, 200);
	json_decref(body);
}

void api_unmute(struct api *a, struct request *r, uint64_t id)
{
	if (store_unmute(a->writer, id))
		answer_mutes(a, r, a->writer, 200);
	else
		answer_error(r, 404, "no such rule");
}
