/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_sensors.c - who reports, how it is, and how much of its network it sees: all by its last
 * health line.
 *
 *	GET /api/v1/sensors
 *	{"sensors":[{"name":"lab","version":"0.1.0","boot":17,"seq":42,"time":"...","heard":"...",
 *	  "behind":0.4,"records":51,
 *	  "frames":{"captured":..,"received":..,"kernel_dropped":..,"kernel_kept_back":..,"malformed":..,
 *	            "unclaimed":..,"refused":..,"evicted":..},
 *	  "queues":[{"name":"fact","sent":..,"received":..,"dropped":..,"waiting":..}],
 *	  "delivery":{"lines":..,"spooled":..,"coalesced":..,"expired":..,"refused":..,"errors":..,
 *	              "connects":..},
 *	  "accounts":[{"whole":{"words":"frames received","n":7},"parts":[{"words":"observed","n":7}],
 *	               "difference":0}],
 *	  "health":{...}}]}
 *
 * behind: seconds between a line's own time and its coming in: the sensor's clock, its way, and what
 * it kept while the manager was away. Without a health line frames, queues, delivery, accounts and
 * health are absent. An account's difference is what the parts leave: a little of it is on its way
 * while the sensor runs.
 *
 *	GET /api/v1/coverage
 *	{"sensors":[{"sensor":"lab","time":"...","vlans":[{"vlan":0,"tcp":..,...,"says":["..."]}],
 *	             "unclaimed":[{"space":"udp_port","key":8801,"packets":310}],
 *	             "lost":[{"says":"frames dropped by the kernel ...","n":12}]}]}
 *
 * `vlans` has the numbers of the health line (doc/report.md) and what they say in sentences.
 */
#include "manager/api_parts.h"
#include "manager/export.h"

#include "base/clock.h"
#include "report/accounting.h"

#include <stdio.h>
#include <string.h>

/* A number of a health line under the name that the API gives it. */
struct shown {
	const char *name, *group, *key; /* group NULL: of the line itself */
};

static const struct shown frames[] = {
	{"captured", NULL, "captured"},
	{"received", "gauges", "source.received"},
	{"kernel_dropped", "gauges", "source.kernel_dropped"},
	{"kernel_kept_back", "gauges", "source.shed"},
	{"malformed", NULL, "malformed"},
	{"unclaimed", NULL, "unclaimed"},
	{"refused", NULL, "refused"},
	{"evicted", NULL, "evicted"},
};

static const struct shown delivery[] = {
	{"lines", "gauges", "sink.lines"},         {"spooled", "gauges", "sink.spooled"},
	{"coalesced", "gauges", "sink.coalesced"}, {"expired", "gauges", "sink.expired"},
	{"refused", "gauges", "sink.refused"},     {"errors", "gauges", "sink.errors"},
	{"connects", "gauges", "sink.connects"},
};

static json_t *numbers_json(const json_t *health, const struct shown *list, size_t count)
{
	json_t *const out = json_object();

	for (size_t i = 0; i < count; i++) {
		const json_t *const group =
			list[i].group == NULL ? health : json_object_get(health, list[i].group);

		json_object_set_new(out, list[i].name,
		                    json_integer((json_int_t)json_count(group, list[i].key)));
	}
	return out;
}

static uint64_t gauge(const json_t *health, const char *queue, const char *what)
{
	char name[64];

	snprintf(name, sizeof name, "channel.%s.%s", queue, what);
	return json_count(json_object_get(health, "gauges"), name);
}

static json_t *queues_json(const json_t *health)
{
	static const char *const queues[] = {"frame", "packet", "fact", "note"};
	json_t *const out = json_array();

	for (size_t i = 0; i < COUNT_OF(queues); i++) {
		const uint64_t sent = gauge(health, queues[i], "sent");
		const uint64_t received = gauge(health, queues[i], "received");
		const uint64_t dropped = gauge(health, queues[i], "dropped");
		const uint64_t gone = received + dropped;

		if (sent + gone == 0)
			continue;
		json_array_append_new(out,
		                      json_pack("{s:s,s:I,s:I,s:I,s:I}", "name", queues[i], "sent",
		                                (json_int_t)sent, "received", (json_int_t)received,
		                                "dropped", (json_int_t)dropped, "waiting",
		                                (json_int_t)(sent > gone ? sent - gone : 0)));
	}
	return out;
}

static json_t *number_json(const struct account_number *n)
{
	return json_pack("{s:s,s:I}", "words", n->words, "n", (json_int_t)n->n);
}

static json_t *accounts_json(const json_t *health)
{
	json_t *const out = json_array();
	struct account x;
	unsigned i = 0;

	while (account_next(health, &i, &x)) {
		json_t *const parts = json_array();

		for (unsigned k = 0; k < ACCOUNT_PARTS && x.part[k].words != NULL; k++)
			json_array_append_new(parts, number_json(&x.part[k]));
		json_array_append_new(
			out, json_pack("{s:o,s:o,s:I}", "whole", number_json(&x.whole), "parts",
		                       parts, "difference", (json_int_t)(x.whole.n - x.sum)));
	}
	return out;
}

static void add_health(json_t *sensor, json_t *health)
{
	json_object_set_new(sensor, "frames", numbers_json(health, frames, COUNT_OF(frames)));
	json_object_set_new(sensor, "queues", queues_json(health));
	json_object_set_new(sensor, "delivery", numbers_json(health, delivery, COUNT_OF(delivery)));
	json_object_set_new(sensor, "accounts", accounts_json(health));
	json_object_set(sensor, "health", health);
}

static void add_sensor(const struct store_sensor *x, void *sensors)
{
	json_t *const health = json_loads(x->health, JSON_ALLOW_NUL, NULL);
	const int64_t behind = x->time_ns == 0 ? 0 : (int64_t)(x->heard_ns - x->time_ns);
	json_t *const sensor = json_pack(
		"{s:s,s:s,s:I,s:I,s:o,s:o,s:f,s:I}", "name", x->name, "version", x->version, "boot",
		(json_int_t)x->boot, "seq", (json_int_t)x->seq, "time", export_time(x->time_ns),
		"heard", export_time(x->heard_ns), "behind", (double)behind / (double)CLOCK_SECOND,
		"records", (json_int_t)x->records);

	if (health != NULL)
		add_health(sensor, health);
	json_decref(health);
	json_array_append_new(sensors, sensor);
}

/* ---- coverage ---- */

static const struct {
	const char *gauge, *says;
} lost[] = {
	{"source.shed", "frames counted and kept back by the kernel: their bytes are not judged"},
	{"source.kernel_dropped", "frames dropped by the kernel before they could be read"},
	{"channel.frame.dropped", "frames dropped between the reader and the workers"},
};

static json_t *lost_json(const json_t *health)
{
	json_t *const out = json_array();

	for (size_t i = 0; i < COUNT_OF(lost); i++) {
		const uint64_t n = json_count(json_object_get(health, "gauges"), lost[i].gauge);

		if (n > 0)
			json_array_append_new(out, json_pack("{s:s,s:I}", "says", lost[i].says, "n",
			                                     (json_int_t)n));
	}
	return out;
}

/* The list under the key; an empty one, where there is none. */
static json_t *list_of(const json_t *health, const char *key)
{
	json_t *const list = json_object_get(health, key);

	return json_is_array(list) ? json_incref(list) : json_array();
}

static void add_coverage(const struct store_sensor *x, void *sensors)
{
	json_t *const health = json_loads(x->health, JSON_ALLOW_NUL, NULL);

	if (health == NULL)
		return;
	json_array_append_new(sensors, json_pack("{s:s,s:s,s:o,s:o,s:o}", "sensor", x->name, "time",
	                                         json_text(health, "time"), "vlans",
	                                         list_of(health, "coverage"), "unclaimed",
	                                         list_of(health, "unclaimed_keys"), "lost",
	                                         lost_json(health)));
	json_decref(health);
}

/* ---- the answers ---- */

static void answer_each(struct api *a, struct request *r,
                        void (*each)(const struct store_sensor *x, void *self))
{
	json_t *const sensors = json_array();

	if (store_sensors(a->store, each, sensors)) {
		answer_json(r, 200, json_pack("{s:o}", "sensors", sensors));
		return;
	}
	json_decref(sensors);
	api_store_failed(a, r);
}

void api_sensors(struct api *a, struct request *r, uint64_t id)
{
	(void)id;
	answer_each(a, r, add_sensor);
}

void api_coverage(struct api *a, struct request *r, uint64_t id)
{
	(void)id;
	answer_each(a, r, add_coverage);
}
