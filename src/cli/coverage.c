/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage.c - `havainto coverage`: how much of the network the sensor really sees.
 *
 * The sentences are the health line's own: a report, a running sensor and a capture that is read
 * now say the same.
 */
#include "cli/coverage.h"

#include "base/escape.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/listen.h"
#include "cli/report_file.h"
#include "cli/status.h"
#include "cli/table.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* ---- printing ---- */

static void print_vlan(const json_t *covered, FILE *out)
{
	const uint64_t vlan = json_count(covered, "vlan");
	const json_t *sentence;
	size_t i;

	if (vlan == 0)
		fputs("untagged\n", out);
	else if (vlan < 4096)
		fprintf(out, "VLAN %" PRIu64 "\n", vlan);
	else
		fputs("other VLANs\n", out);
	json_array_foreach(json_object_get(covered, "says"), i, sentence)
	{
		const char *text = json_string_value(sentence);
		fputs("  ", out);
		if (text)
			escape_print(out, text, strlen(text));
		fputc('\n', out);
	}
}

static void print_unclaimed(const json_t *health, FILE *out)
{
	const json_t *keys = json_object_get(health, "unclaimed_keys"), *first;
	char packets[32], most[32];

	if (json_array_size(keys) == 0)
		return;
	first = json_array_get(keys, 0);
	fprintf(out, "  %s packet%s of %zu kind%s that no observer reads; most are ",
	        count_format(json_count(health, "unclaimed"), packets),
	        json_count(health, "unclaimed") == 1 ? "" : "s", json_array_size(keys),
	        json_array_size(keys) == 1 ? "" : "s");
	escape_print(out, json_text(first, "space"), strlen(json_text(first, "space")));
	fprintf(out, " %" PRIu64 " (%s)\n", json_count(first, "key"),
	        count_format(json_count(first, "packets"), most));
}

static const struct {
	const char *gauge, *words;
} lost_frames[] = {
	{"source.shed", "frames counted and kept back by the kernel: their bytes are not judged"},
	{"source.kernel_dropped", "frames dropped by the kernel before they could be read"},
	{"channel.frame.dropped", "frames dropped between the reader and the workers"},
};

static void print_frames(const json_t *health, FILE *out)
{
	const json_t *gauges = json_object_get(health, "gauges");
	char number[32];

	fprintf(out, "  %s frame%s looked at\n",
	        count_format(json_count(health, "captured"), number),
	        json_count(health, "captured") == 1 ? "" : "s");
	for (size_t i = 0; i < COUNT_OF(lost_frames); i++) {
		const uint64_t n = json_count(gauges, lost_frames[i].gauge);
		if (n > 0)
			fprintf(out, "  %s %s\n", count_format(n, number), lost_frames[i].words);
	}
}

void coverage_print(const json_t *health, FILE *out)
{
	const json_t *covered, *all = json_object_get(health, "coverage");
	size_t i;

	json_array_foreach(all, i, covered) print_vlan(covered, out);
	fputs("altogether\n", out);
	if (json_array_size(all) == 0)
		fputs("  0 unicast conversations, and none to groups: no IP at all\n", out);
	print_frames(health, out);
	print_unclaimed(health, out);
}

/* ---- where from ---- */

static bool coverage_as_json;

static void coverage_show(const struct report *report, FILE *out)
{
	const json_t *health = report->health;

	if (!health)
		log_line("there is no health line in it");
	else if (coverage_as_json)
		json_dumpf(json_object_get(health, "coverage"), out, JSON_ENSURE_ASCII);
	else
		coverage_print(health, out);
	if (health && coverage_as_json)
		fputc('\n', out);
}

/* A report begins with the brace of its first line. */
static int is_report(const char *path)
{
	FILE *in = strcmp(path, "-") == 0 ? NULL : fopen(path, "re");
	int first = '{';

	if (strcmp(path, "-") != 0 && !in)
		return -errno;
	if (in)
		first = fgetc(in);
	if (in)
		fclose(in);
	return first == '{';
}

static int coverage_of_report(const char *path)
{
	static struct report report;

	if (!report_read_all(&report, &path, 1))
		return FAILED_FOR_GOOD;
	const bool known = report.health != NULL;
	coverage_show(&report, stdout);
	report_free(&report);
	return known ? DONE : FAILED_FOR_GOOD;
}

static int coverage_of_capture(const struct settings *s, const char *path)
{
	static struct settings run;

	run = *s;
	run.argument_count = 0;
	run.of[OPT_JSON] = (struct setting){0};
	run.of[OPT_READ] = (struct setting){.given = true, .count = 1, .list = {path}};
	return listen_and_show(&run, coverage_show);
}

static int coverage_of_sensor(const struct settings *s)
{
	struct report report = {.health = status_health(s)};

	if (!report.health)
		return FAILED_FOR_GOOD;
	coverage_show(&report, stdout);
	json_decref(report.health);
	return DONE;
}

int command_coverage(const struct settings *s)
{
	coverage_as_json = s->of[OPT_JSON].number != 0;
	if (s->argument_count == 0)
		return coverage_of_sensor(s);
	const int kind = is_report(s->arguments[0]);
	if (kind < 0) {
		log_line("cannot read %s: %s", s->arguments[0], strerror(-kind));
		return FAILED_FOR_GOOD;
	}
	return kind ? coverage_of_report(s->arguments[0]) : coverage_of_capture(s, s->arguments[0]);
}
