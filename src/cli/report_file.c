/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_file.c - see report_file.h.
 */
#include "cli/report_file.h"

#include "asset/sort.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static bool take_device(struct report *r, const struct incoming *in, char *why)
{
	const char *const mac = json_text(in->device, "mac");
	char key[512];

	snprintf(key, sizeof key, "%.200s\n%.100s\n%.32s\n%.64s", in->sensor,
	         json_text(in->device, "realm"), mac, *mac ? "" : json_text(in->device, "ip"));
	struct report_device *d = report_find(r, key);
	if (!d)
		d = report_add(r, key);
	if (!d) {
		snprintf(why, REPORT_WHY, "no memory");
		return false;
	}
	if (is_older(d, in->boot, in->seq, r->files))
		return true;
	json_decref(d->line);
	*d = (struct report_device){
		.sensor = in->sensor,
		.line = json_incref(in->whole),
		.device = json_object_get(in->whole, "device"),
		.boot = in->boot,
		.seq = in->seq,
		.file = r->files,
		.listed = json_is_true(json_object_get(in->whole, "full")),
	};
	return true;
}

/* The end of a full report: what it did not list is no longer known. */
static void take_end(struct report *r, const struct incoming *in)
{
	for (size_t i = 0; i < r->count; i++) {
		struct report_device *d = &r->devices[i];

		if (!d->line || strcmp(d->sensor, in->sensor) != 0 ||
		    (in->boot == 0 && d->file != r->files))
			continue;
		d->gone = !d->listed;
		d->listed = false;
	}
}

static bool take_line(struct report *r, const struct incoming *in, char *why)
{
	if (in->type == LINE_DEVICE)
		return take_device(r, in, why);
	r->ended = in->type == LINE_BYE;
	if (in->type == LINE_END)
		take_end(r, in);
	if (in->type == LINE_HEALTH) {
		json_decref(r->health);
		r->health = json_incref(in->whole);
	}
	return true;
}

/* ---- lines ---- */

/*
 * One line without its end into buf; -1: there is no more; more than INCOMING_MAX: it is too long.
 * *whole: it had an end.
 */
static ssize_t next_line(FILE *in, char *buf, bool *whole)
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(in)) != EOF && c != '\n' && len <= INCOMING_MAX)
		buf[len++] = (char)c;
	*whole = c == '\n';
	return c == EOF && len == 0 ? -1 : (ssize_t)len;
}

static bool read_line(struct report *r, const char *buf, size_t len, char *why)
{
	struct incoming in;

	if (!incoming_parse(buf, len, &in, why))
		return false;
	const bool ok = take_line(r, &in, why);
	incoming_free(&in);
	return ok;
}

static bool read_lines(struct report *r, FILE *in, char *buf, unsigned *number, char *why)
{
	bool whole = true;
	ssize_t len;

	while ((len = next_line(in, buf, &whole)) >= 0) {
		++*number;
		if (len == 0)
			continue;
		if (!read_line(r, buf, (size_t)len, why)) {
			if (whole || *number == 1 || len > INCOMING_MAX)
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
	char *buf = malloc(INCOMING_MAX + 1), reason[REPORT_WHY] = "no memory";
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
