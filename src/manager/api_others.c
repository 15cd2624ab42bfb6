/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_others.c - services, and how the manager itself is.
 */
#include "manager/api_parts.h"
#include "manager/export.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICES 1000u

/* ---- services ---- */

static void add_service(unsigned field, const char *value, uint64_t count, void *services)
{
	(void)field;
	json_array_append_new(
		services, json_pack("{s:s,s:I}", "service", value, "devices", (json_int_t)count));
}

void api_services(struct api *a, struct request *r, uint64_t id)
{
	struct store_facets f = {
		.fields = {"service"}, .field_count = 1, .limit = SERVICES, .each = add_service};
	struct query q;

	(void)id;
	if (!api_query(r, &q))
		return;
	json_t *const services = f.self = json_array();
	if (store_facets(a->store, &q, clock_now_ns(), &f)) {
		answer_json(r, 200, json_pack("{s:o}", "services", services));
		return;
	}
	json_decref(services);
	api_store_failed(a, r);
}

/* ---- the manager itself ---- */

void api_healthy(struct api *a, struct request *r, uint64_t id)
{
	(void)a;
	(void)id;
	answer_bytes(r, 200, "text/plain", "ok\n", 3);
}

void api_ready(struct api *a, struct request *r, uint64_t id)
{
	const struct query all = {0};
	uint64_t count;

	(void)id;
	if (store_count(a->store, &all, &count))
		answer_bytes(r, 200, "text/plain", "ok\n", 3);
	else
		answer_bytes(r, 503, "text/plain", "the inventory cannot be read\n", 29);
}

/* A label of Prometheus' text format: backslash, quote and line end are escaped. */
static void write_label(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '"')
			fputc('\\', out);
		if (*text == '\n')
			fputs("\\n", out);
		else
			fputc(*text, out);
	}
}

static void write_metric(FILE *out, const char *name, const char *type, const char *help,
                         uint64_t value)
{
	fprintf(out, "# HELP havainto_%s %s\n# TYPE havainto_%s %s\nhavainto_%s %" PRIu64 "\n",
	        name, help, name, type, name, value);
}

static void write_sensor(FILE *out, const char *sensor, const json_t *health)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)health, key, value)
	{
		if (!json_is_integer(value) || strcmp(key, "seq") == 0 || strcmp(key, "boot") == 0)
			continue;
		fprintf(out, "havainto_sensor_%s{sensor=\"", key);
		write_label(out, sensor);
		fprintf(out, "\"} %" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
	}
}

static void write_health(const struct store_sensor *x, void *out)
{
	json_t *const health = json_loads(x->health, JSON_ALLOW_NUL, NULL);

	fputs("havainto_sensor_heard_seconds{sensor=\"", out);
	write_label(out, x->name);
	fprintf(out, "\"} %" PRIu64 "\n", x->heard_ns / CLOCK_SECOND);
	if (health != NULL)
		write_sensor(out, x->name, health);
	json_decref(health);
}

void api_metrics(struct api *a, struct request *r, uint64_t id)
{
	const struct intake_counts in = intake_count(a->intake);
	const struct http_counts http = http_count(a->http);
	const struct query all = {0};
	uint64_t devices = 0;
	char *text = NULL;
	size_t len = 0;
	FILE *const out = open_memstream(&text, &len);

	(void)id;
	if (out == NULL || !store_count(a->store, &all, &devices)) {
		if (out != NULL)
			fclose(out);
		free(text);
		api_store_failed(a, r);
		return;
	}
	write_metric(out, "devices", "gauge", "devices in the inventory", devices);
	write_metric(out, "peers", "gauge", "sensors that are connected", in.peers);
	write_metric(out, "lines_taken_total", "counter", "lines that changed the inventory",
	             in.taken);
	write_metric(out, "lines_known_total", "counter", "lines that were known", in.known);
	write_metric(out, "sensors_turned_away_total", "counter",
	             "connections of sensors that are not accepted, or were one too many",
	             in.turned_away);
	write_metric(out, "lines_refused_total", "counter", "lines that could not be taken",
	             in.refused);
	write_metric(out, "commits_total", "counter", "transactions", in.commits);
	write_metric(out, "store_failures_total", "counter", "transactions that failed",
	             in.failures);
	write_metric(out, "http_requests_total", "counter", "requests", http.requests);
	write_metric(out, "http_refused_total", "counter", "connections that were cut",
	             http.refused);
	const bool done = store_sensors(a->store, write_health, out);
	fclose(out);
	if (done)
		answer_bytes(r, 200, "text/plain; version=0.0.4", text, len);
	else
		api_store_failed(a, r);
	free(text);
}
