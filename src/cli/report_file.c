/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_file.c - see report_file.h.
 */
#include "cli/report_file.h"

#include "asset/sort.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "havainto/1"

/* ---- values ---- */

const char *json_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

uint64_t json_count(const json_t *object, const char *key)
{
	const json_int_t n = json_integer_value(json_object_get(object, key));

	return n > 0 ? (uint64_t)n : 0;
}

/*
 * Days since 1970 of a day of the Gregorian calendar (March begins the year: the leap day is its
 * last).
 */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	const int64_t y = month <= 2 ? year - 1 : year, m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* `count` digits and what stands behind them. */
static bool take_digits(const char **at, unsigned count, char behind, int64_t *out)
{
	*out = 0;
	for (; count > 0; count--, ++*at) {
		if (**at < '0' || **at > '9')
			return false;
		*out = *out * 10 + (**at - '0');
	}
	if (**at != behind)
		return false;
	*at += behind != '\0';
	return true;
}

uint64_t time_parse(const char *text)
{
	int64_t year, month, day, hour, minute, second, micro;

	if (!take_digits(&text, 4, '-', &year) || !take_digits(&text, 2, '-', &month) ||
	    !take_digits(&text, 2, 'T', &day) || !take_digits(&text, 2, ':', &hour) ||
	    !take_digits(&text, 2, ':', &minute) || !take_digits(&text, 2, '.', &second) ||
	    !take_digits(&text, 6, 'Z', &micro) || *text || year < 1970 || month < 1 || month > 12)
		return 0;
	const int64_t s = ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
	return (uint64_t)s * CLOCK_SECOND + (uint64_t)micro * 1000;
}

/* ---- devices ---- */

static struct report_device *report_find(struct report *r, const char *key)
{
	const json_t *at = json_object_get(r->index, key);

	return at && r->devices ? &r->devices[json_integer_value(at)] : NULL;
}

static struct report_device *report_add(struct report *r, const char *key)
{
	if (r->devices == NULL || r->count == r->room) {
		const size_t room = r->room ? 2 * r->room : 256;
		struct report_device *devices = realloc(r->devices, room * sizeof *devices);

		if (!devices)
			return NULL;
		r->devices = devices;
		r->room = room;
	}
	if (json_object_set_new_nocheck(r->index, key, json_integer((json_int_t)r->count)) != 0)
		return NULL;
	r->devices[r->count] = (struct report_device){0};
	return &r->devices[r->count++];
}

/*
 * Is the line older than what is known? Reports of captures (boot 0) are not ordered between files.
 */
static bool is_older(const struct report_device *d, uint64_t boot, uint64_t seq, unsigned file)
{
	if (!d->line || (boot == 0 && d->file != file))
		return false;
	return boot != d->boot ? boot < d->boot : seq < d->seq;
}

static bool take_device(struct report *r, json_t *line, char *why)
{
	json_t *device = json_object_get(line, "device");
	const char *sensor = json_text(line, "sensor");
	char key[512];

	if (!json_is_object(device) || !*sensor) {
		snprintf(why, REPORT_WHY, "a device line without its device or sensor");
		return false;
	}
	snprintf(key, sizeof key, "%.200s\n%.100s\n%.32s\n%.64s", sensor,
	         json_text(device, "realm"), json_text(device, "mac"),
	         json_text(device, "mac")[0] ? "" : json_text(device, "ip"));
	struct report_device *d = report_find(r, key);
	if (!d)
		d = report_add(r, key);
	if (!d) {
		snprintf(why, REPORT_WHY, "no memory");
		return false;
	}
	const uint64_t boot = json_count(line, "boot"), seq = json_count(line, "seq");
	if (is_older(d, boot, seq, r->files))
		return true;
	json_decref(d->line);
	*d = (struct report_device){
		.sensor = sensor,
		.line = json_incref(line),
		.device = device,
		.boot = boot,
		.seq = seq,
		.file = r->files,
		.listed = json_is_true(json_object_get(line, "full")),
	};
	return true;
}

/* The end of a full report: what it did not list is no longer known. */
static void take_end(struct report *r, const json_t *line)
{
	const char *sensor = json_text(line, "sensor");
	const uint64_t boot = json_count(line, "boot");

	for (size_t i = 0; i < r->count; i++) {
		struct report_device *d = &r->devices[i];

		if (!d->line || strcmp(d->sensor, sensor) != 0 ||
		    (boot == 0 && d->file != r->files))
			continue;
		d->gone = !d->listed;
		d->listed = false;
	}
}

static bool take_line(struct report *r, json_t *line, char *why)
{
	const char *type = json_text(line, "type");

	if (strcmp(json_text(line, "schema"), SCHEMA) != 0) {
		snprintf(why, REPORT_WHY, "its schema is \"%.60s\", not " SCHEMA,
		         json_text(line, "schema"));
		return false;
	}
	if (strcmp(type, "device") == 0)
		return take_device(r, line, why);
	r->ended = strcmp(type, "bye") == 0;
	if (strcmp(type, "end") == 0)
		take_end(r, line);
	if (strcmp(type, "health") == 0) {
		json_decref(r->health);
		r->health = json_incref(line);
	}
	return true;
}

/* ---- lines ---- */

/*
 * One line without its end into buf; -1: there is no more; REPORT_LINE: it is too long. *whole: it
 * had an end.
 */
static ssize_t next_line(FILE *in, char *buf, bool *whole)
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(in)) != EOF && c != '\n' && len < REPORT_LINE)
		buf[len++] = (char)c;
	*whole = c == '\n';
	return c == EOF && len == 0 ? -1 : (ssize_t)len;
}

static bool read_line(struct report *r, const char *buf, size_t len, char *why)
{
	json_error_t error;
	json_t *line = json_loadb(buf, len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);

	if (!line || !json_is_object(line)) {
		snprintf(why, REPORT_WHY, "no report: %.100s", line ? "not an object" : error.text);
		json_decref(line);
		return false;
	}
	const bool ok = take_line(r, line, why);
	json_decref(line);
	return ok;
}

static bool read_lines(struct report *r, FILE *in, char *buf, unsigned *number, char *why)
{
	bool whole = true;
	ssize_t len;

	while ((len = next_line(in, buf, &whole)) >= 0) {
		++*number;
		if (len == REPORT_LINE) {
			snprintf(why, REPORT_WHY, "longer than %u bytes", REPORT_LINE - 1);
			return false;
		}
		if (len == 0)
			continue;
		if (!read_line(r, buf, (size_t)len, why)) {
			if (whole || *number == 1)
				return false;
			log_line("the last line (%u) is not whole: left out", *number);
		}
	}
	if (ferror(in))
		snprintf(why, REPORT_WHY, "cannot be read: %s", strerror(errno));
	return !ferror(in);
}

bool report_read_stream(struct report *r, FILE *in, const char *name, char why[REPORT_WHY])
{
	char *buf = malloc(REPORT_LINE), reason[REPORT_WHY] = "no memory";
	unsigned number = 0;

	if (!r->index)
		r->index = json_object();
	r->files++;
	const bool ok = buf && r->index && read_lines(r, in, buf, &number, reason);
	free(buf);
	if (!ok)
		snprintf(why, REPORT_WHY, "%.150s:%u: %.300s", name, number, reason);
	return ok;
}

bool report_read(struct report *r, const char *path, char why[REPORT_WHY])
{
	if (strcmp(path, "-") == 0)
		return report_read_stream(r, stdin, "standard input", why);
	FILE *in = fopen(path, "re");

	if (!in) {
		snprintf(why, REPORT_WHY, "cannot read %.200s: %s", path, strerror(errno));
		return false;
	}
	const bool ok = report_read_stream(r, in, path, why);
	fclose(in);
	return ok;
}

/* ---- all ---- */

static bool device_less(const void *devices, uint32_t x, uint32_t y)
{
	static const char *const keys[] = {"realm", "mac", "ip"};
	const struct report_device *a = (const struct report_device *)devices + x;
	const struct report_device *b = (const struct report_device *)devices + y;
	int order = strcmp(a->sensor, b->sensor);

	for (size_t i = 0; i < COUNT_OF(keys) && order == 0; i++)
		order = strcmp(json_text(a->device, keys[i]), json_text(b->device, keys[i]));
	return order < 0;
}

/*
 * Not by qsort(): it asks how much memory the machine has, which the sandbox of `listen` forbids.
 */
static void devices_sort(struct report *r)
{
	uint32_t *order = calloc(r->count + 1, sizeof *order);
	struct report_device *sorted = calloc(r->count + 1, sizeof *sorted);

	for (uint32_t i = 0; order && i < r->count; i++)
		order[i] = i;
	if (order && sorted) {
		sort_numbers(order, r->count, r->devices, device_less);
		for (size_t i = 0; i < r->count; i++)
			sorted[i] = r->devices[order[i]];
		free(r->devices);
		r->devices = sorted;
		sorted = NULL;
	}
	free(order);
	free(sorted);
}

void report_finish(struct report *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->count; i++) {
		if (r->devices[i].gone || !r->devices[i].line)
			json_decref(r->devices[i].line);
		else
			r->devices[kept++] = r->devices[i];
	}
	r->count = kept;
	json_object_clear(r->index); /* the numbers are others now */
	devices_sort(r);
}

bool report_read_all(struct report *r, const char *const *paths, unsigned count)
{
	static const char *const standard[] = {"-"};
	char why[REPORT_WHY];

	if (count == 0) {
		paths = standard;
		count = 1;
	}
	for (unsigned i = 0; i < count; i++) {
		if (report_read(r, paths[i], why))
			continue;
		log_line("%s", why);
		return false;
	}
	report_finish(r);
	return true;
}

void report_free(struct report *r)
{
	for (size_t i = 0; i < r->count; i++)
		json_decref(r->devices[i].line);
	free(r->devices);
	json_decref(r->index);
	json_decref(r->health);
	*r = (struct report){0};
}
