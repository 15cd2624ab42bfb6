/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incoming.c - see incoming.h.
 */
#include "report/incoming.h"

#include "base/clock.h"

#include <stdio.h>
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

/* ---- lines ---- */

static enum line type_of(const char *name)
{
	enum line type = 0;

	while (type < LINES && strcmp(line_name(type), name) != 0)
		type++;
	return type;
}

/* A number that orders lines: there, whole, not negative. */
static bool take_number(const json_t *line, const char *key, uint64_t *out, char *why)
{
	const json_t *const n = json_object_get(line, key);

	if (!json_is_integer(n) || json_integer_value(n) < 0) {
		snprintf(why, INCOMING_WHY, "a line whose %s is no whole number", key);
		return false;
	}
	*out = (uint64_t)json_integer_value(n);
	return true;
}

static bool take_envelope(struct incoming *in, char *why)
{
	const json_t *const line = in->whole;

	if (strcmp(json_text(line, "schema"), SCHEMA) != 0) {
		snprintf(why, INCOMING_WHY, "its schema is \"%.60s\", not " SCHEMA,
		         json_text(line, "schema"));
		return false;
	}
	in->type = type_of(json_text(line, "type"));
	in->sensor = json_text(line, "sensor");
	in->time_ns = time_parse(json_text(line, "time"));
	in->device = json_object_get(line, "device");
	if (*in->sensor == '\0') {
		snprintf(why, INCOMING_WHY, "a line without the name of its sensor");
		return false;
	}
	if (in->type == LINE_DEVICE && !json_is_object(in->device)) {
		snprintf(why, INCOMING_WHY, "a device line without its device");
		return false;
	}
	return take_number(line, "boot", &in->boot, why) && take_number(line, "seq", &in->seq, why);
}

bool incoming_parse(const char *bytes, size_t len, struct incoming *out, char why[INCOMING_WHY])
{
	json_error_t error;

	*out = (struct incoming){0};
	if (len > INCOMING_MAX) {
		snprintf(why, INCOMING_WHY, "longer than %u bytes", INCOMING_MAX);
		return false;
	}
	out->whole = json_loadb(bytes, len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(out->whole))
		snprintf(why, INCOMING_WHY, "no report: %.100s",
		         out->whole ? "not an object" : error.text);
	else if (take_envelope(out, why))
		return true;
	incoming_free(out);
	return false;
}

void incoming_free(struct incoming *in)
{
	json_decref(in->whole);
	*in = (struct incoming){0};
}
