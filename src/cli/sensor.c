/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor.c - see sensor.h.
 */
#include "cli/sensor.h"

#include "capture/filter.h"
#include "cli/command.h"
#include "cli/filter_words.h"
#include "report/format.h"
#include "report/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { END_S = 4 /* for remote sinks: with the rest `listen` ends within 5 */ };

static unsigned copy_list(const struct setting *from, const char **to, unsigned cap)
{
	const unsigned count = from->count < cap ? from->count : cap;

	memcpy(to, from->list, count * sizeof *to);
	return count;
}

static bool sensor_inputs(const struct settings *s, struct wiring_options *out, char *why)
{
	unsigned pipes = 0;

	out->file_count = copy_list(&s->of[OPT_READ], out->files, INPUTS_MAX);
	out->iface_count = copy_list(&s->of[OPT_INTERFACE], out->ifaces, INPUTS_MAX);
	out->notes.inputs = s->of[OPT_READ].list;
	for (unsigned i = 0; i < out->file_count; i++)
		pipes += strcmp(out->files[i], "-") == 0;
	if (out->file_count > 0 && out->iface_count > 0)
		snprintf(why, OPTIONS_WHY, "either captures (-r) or interfaces (-i), not both");
	else if (pipes > 1)
		snprintf(why, OPTIONS_WHY, "standard input (-r -) can be read only once");
	return !why[0];
}

static bool sensor_filter(const struct settings *s, struct wiring_options *out, char *why)
{
	char word[128];

	out->filter = s->of[OPT_FILTER].text;
	if (!out->filter)
		return true;
	if (!filter_is_silent(out->filter, word, sizeof word)) {
		snprintf(why, OPTIONS_WHY,
		         "filter: \"%.100s\" is no word of the filter language; names of hosts are "
		         "not looked up, for that would send: give the address",
		         word);
		return false;
	}
	struct filter *filter = filter_compile(out->filter, why, OPTIONS_WHY);
	filter_free(filter);
	return filter != NULL;
}

/* "tls=2" */
static bool sensor_edge(const char *text, struct edge_choice *edge, char *why)
{
	const size_t len = strcspn(text, "=");
	char name[64], *end = NULL;

	snprintf(name, sizeof name, "%.*s", (int)len, text);
	const int observer = observer_index(name);
	if (observer < 0) {
		snprintf(why, OPTIONS_WHY,
		         "task: there is no observer \"%s\" (see havainto observers)", name);
		return false;
	}
	*edge = (struct edge_choice){.observer = observers[observer]->name, .tasks = 1};
	if (text[len] == '\0')
		return true;
	const unsigned long n = strtoul(text + len + 1, &end, 10);
	edge->tasks = (unsigned)n;
	if (text[len + 1] >= '1' && text[len + 1] <= '9' && !*end && n <= 32)
		return true;
	snprintf(why, OPTIONS_WHY, "task: \"%.60s\" is not NAME or NAME=N, with N from 1 to 32",
	         text);
	return false;
}

static bool sensor_edges(const struct settings *s, struct wiring_options *out, char *why)
{
	const struct setting *tasks = &s->of[OPT_TASK];

	for (unsigned i = 0; i < tasks->count && i < COUNT_OF(out->edges); i++) {
		if (!sensor_edge(tasks->list[i], &out->edges[out->edge_count], why))
			return false;
		out->edge_count++;
	}
	if (out->edge_count == 0)
		return true;
	struct plan *plan = plan_new(NULL, 0, out->edges, out->edge_count, why, OPTIONS_WHY);
	plan_free(plan);
	return plan != NULL;
}

/* What stands behind the prefix; NULL: another, or nothing. */
static const char *sensor_behind(const char *text, const char *prefix)
{
	const size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 && text[len] != '\0' ? text + len : NULL;
}

static bool sensor_sinks(const struct settings *s, struct wiring_options *out, char *why)
{
	static const char *const kinds[] = {"file:", "unix:", "tcp:", "tls:"};

	for (unsigned i = 0; i < s->of[OPT_OUTPUT].count; i++) {
		const char *text = s->of[OPT_OUTPUT].list[i];
		const char *evidence = sensor_behind(text, "evidence:");
		const char *sink = format_behind(text);
		bool known = strcmp(sink, "-") == 0 || evidence;

		for (unsigned k = 0; k < COUNT_OF(kinds); k++)
			known = known || sensor_behind(sink, kinds[k]);
		if (evidence && out->notes.evidence)
			snprintf(why, OPTIONS_WHY, "output: only one evidence:FILE");
		else if (!known)
			snprintf(why, OPTIONS_WHY,
			         "output: \"%.100s\" is none of: " SINK_KINDS
			         " (ocsf: or ecs: before it), or evidence:FILE",
			         text);
		if (*why)
			return false;
		if (evidence)
			out->notes.evidence = evidence;
		else if (out->sink_count < SINKS_MAX)
			out->sinks[out->sink_count++] = text;
	}
	if (out->notes.evidence && out->edge_count > 0) {
		snprintf(why, OPTIONS_WHY,
		         "output: evidence:FILE wants the whole walk of a frame in one task: leave "
		         "--task out (--workers may be)");
		return false;
	}
	return true;
}

/* "dhcp=x.pcapng" */
static bool sensor_taps(const struct settings *s, struct wiring_options *out, char *why)
{
	const struct setting *taps = &s->of[OPT_TAP];

	for (unsigned i = 0; i < taps->count && i < TAPS_MAX; i++) {
		const char *text = taps->list[i], *path = strchr(text, '=');
		char name[64] = "";

		if (path)
			snprintf(name, sizeof name, "%.*s", (int)(path - text), text);
		const int observer = observer_index(name);
		if (!path || path == text || path[1] == '\0')
			snprintf(why, OPTIONS_WHY, "tap: \"%.100s\" is not NAME=FILE", text);
		else if (observer < 0)
			snprintf(why, OPTIONS_WHY,
			         "tap: there is no observer \"%s\" (see havainto observers)", name);
		if (*why)
			return false;
		out->notes.taps[out->notes.tap_count++] =
			(struct notes_tap){observers[observer], path + 1};
	}
	return true;
}

/* "malformed:16", "malformed:16=x.pcapng" */
static bool sensor_keep(const struct settings *s, struct wiring_options *out, char *why)
{
	const char *text = s->of[OPT_KEEP].text;
	const char *number = text ? sensor_behind(text, "malformed:") : NULL;
	char *end = NULL;

	if (!text)
		return true;
	const unsigned long n =
		number && *number >= '1' && *number <= '9' ? strtoul(number, &end, 10) : 0;
	if (n >= 1 && n <= KEEP_MAX && (*end == '\0' || (*end == '=' && end[1] != '\0'))) {
		out->notes.keep = (unsigned)n;
		out->notes.malformed = *end ? end + 1 : "malformed.pcapng";
		return true;
	}
	snprintf(why, OPTIONS_WHY,
	         "keep: \"%.100s\" is not malformed:N or malformed:N=FILE, with N from 1 to %d",
	         text, KEEP_MAX);
	return false;
}

static void sensor_limits(const struct settings *s, struct wiring_options *out)
{
	out->memory.flow_bytes = s->of[OPT_FLOW_MEMORY].number;
	out->memory.stream_bytes = s->of[OPT_STREAM_MEMORY].number;
	out->memory.fragment_bytes = s->of[OPT_FRAGMENT_MEMORY].number;
	out->memory.novelty_bytes = s->of[OPT_NOVELTY_MEMORY].number;
	out->notes.held_bytes = s->of[OPT_EVIDENCE_MEMORY].number;
	out->limits = (struct asset_limits){
		.devices = (uint32_t)s->of[OPT_DEVICES].number,
		.addresses = (uint32_t)s->of[OPT_ADDRESSES].number,
		.places = (uint32_t)s->of[OPT_PLACES].number,
		.facts = (uint32_t)s->of[OPT_FACT_LIMIT].number,
		.far = (uint32_t)s->of[OPT_FAR].number,
		.values = s->of[OPT_VALUE_MEMORY].number,
	};
}

static const char *sensor_name(const struct settings *s)
{
	static char host[256];

	if (s->of[OPT_SENSOR].given)
		return s->of[OPT_SENSOR].text;
	if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0')
		snprintf(host, sizeof host, "sensor");
	return host;
}

bool sensor_options(const struct settings *s, struct wiring_options *out, char why[OPTIONS_WHY])
{
	const char *privacy = s->of[OPT_PRIVACY].text;

	*out = (struct wiring_options){
		.ring_bytes = s->of[OPT_RING].number,
		.no_promiscuous = s->of[OPT_NO_PROMISCUOUS].number,
		.use_libpcap = s->of[OPT_LIBPCAP].number,
		.no_shed = s->of[OPT_NO_SHED].number,
		.workers = (unsigned)s->of[OPT_WORKERS].number,
		.sensor = sensor_name(s),
		.version = HAVAINTO_VERSION,
		.interval_s = s->of[OPT_INTERVAL].seconds,
		.full_every = (unsigned)s->of[OPT_FULL_EVERY].number,
		.hashed = privacy && strcmp(privacy, "hashed") == 0,
		.fixed_key = s->of[OPT_FIXED_KEY].number,
		.end_s = END_S,
	};
	*why = '\0';
	sensor_limits(s, out);
	return sensor_inputs(s, out, why) && sensor_filter(s, out, why) &&
	       sensor_edges(s, out, why) && sensor_sinks(s, out, why) && sensor_taps(s, out, why) &&
	       sensor_keep(s, out, why);
}
