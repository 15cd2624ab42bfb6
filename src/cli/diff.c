/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff.c - `havainto diff`: devices and facts that came, went or changed between two reports.
 *
 * What is compared is what a device is, not how much was seen of it: times, counts and traffic are
 * left out. Devices are the same by (realm, MAC or address) whatever the sensor was called.
 */
#include "base/escape.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/report_file.h"

#include <stdlib.h>
#include <string.h>

enum { SAME = 0, DIFFERENT = 1, TROUBLE = 2 };

static int device_order(const json_t *a, const json_t *b)
{
	static const char *const keys[] = {"realm", "mac", "ip"};
	int order = 0;

	for (size_t i = 0; i < COUNT_OF(keys) && order == 0; i++)
		order = strcmp(json_text(a, keys[i]), json_text(b, keys[i]));
	return order;
}

static int devices_order(const void *x, const void *y)
{
	const struct report_device *a = x, *b = y;

	return device_order(a->device, b->device);
}

/* ---- facts ---- */

static int fact_order(const json_t *a, const json_t *b)
{
	static const char *const keys[] = {"kind", "value", "by", "ip", "grade"};
	int order = 0;

	for (size_t i = 0; i < COUNT_OF(keys) && order == 0; i++) {
		const json_t *x = json_object_get(a, keys[i]), *y = json_object_get(b, keys[i]);

		if (json_is_integer(x) && json_is_integer(y))
			order = (json_integer_value(x) > json_integer_value(y)) -
			        (json_integer_value(x) < json_integer_value(y));
		else
			order = strcmp(json_text(a, keys[i]), json_text(b, keys[i]));
	}
	return order;
}

static int facts_order(const void *x, const void *y)
{
	return fact_order(*(const json_t *const *)x, *(const json_t *const *)y);
}

static const json_t **facts_sorted(const json_t *device, size_t *count)
{
	const json_t *facts = json_object_get(device, "facts");
	const json_t **sorted = calloc(json_array_size(facts) + 1, sizeof(json_t *));

	*count = sorted ? json_array_size(facts) : 0;
	for (size_t i = 0; i < *count; i++)
		sorted[i] = json_array_get(facts, i);
	if (*count > 0)
		qsort(sorted, *count, sizeof(json_t *), facts_order);
	return sorted;
}

/* ---- what is printed ---- */

static void put_text(const char *text)
{
	escape_print(stdout, text, strlen(text));
}

static void put_device(char sign, const json_t *device)
{
	const char *mac = json_text(device, "mac"), *realm = json_text(device, "realm");

	printf("%c ", sign);
	put_text(*mac ? mac : json_text(device, "ip"));
	if (*realm) {
		fputs(" in ", stdout);
		put_text(realm);
	}
	if (*json_text(device, "name")) {
		fputs("  ", stdout);
		put_text(json_text(device, "name"));
	}
	putchar('\n');
}

static void put_fact(char sign, const json_t *fact)
{
	const json_t *value = json_object_get(fact, "value");

	printf("    %c %s ", sign, json_text(fact, "kind"));
	if (json_is_integer(value))
		printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		escape_print(stdout, json_text(fact, "value"), json_string_length(value));
	printf("  (%s%s%s)\n", json_text(fact, "by"), *json_text(fact, "grade") ? ", " : "",
	       json_text(fact, "grade"));
}

/* The device's line stands once, above its first difference. */
struct difference {
	const json_t *device;
	bool said;
};

static void say(struct difference *d)
{
	if (!d->said)
		put_device('~', d->device);
	d->said = true;
}

static char *roles_text(const json_t *device)
{
	return json_dumps(json_object_get(device, "roles"), JSON_ENCODE_ANY | JSON_COMPACT);
}

static void compare_conclusions(struct difference *d, const json_t *old, const json_t *new)
{
	static const char *const keys[] = {"name", "vendor", "os", "model", "type", "via"};
	char *was = roles_text(old), *is = roles_text(new);

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		if (strcmp(json_text(old, keys[i]), json_text(new, keys[i])) == 0)
			continue;
		say(d);
		printf("    ~ %s \"", keys[i]);
		put_text(json_text(old, keys[i]));
		fputs("\" \u2192 \"", stdout);
		put_text(json_text(new, keys[i]));
		puts("\"");
	}
	if (was && is && strcmp(was, is) != 0) {
		say(d);
		fputs("    ~ roles ", stdout);
		put_text(was);
		fputs(" \u2192 ", stdout);
		put_text(is);
		putchar('\n');
	}
	free(was);
	free(is);
}

static void compare_facts(struct difference *d, const json_t *old, const json_t *new)
{
	size_t was_count, is_count, i = 0, k = 0;
	const json_t **was = facts_sorted(old, &was_count), **is = facts_sorted(new, &is_count);

	while (i < was_count || k < is_count) {
		const int order = i == was_count  ? 1
		                  : k == is_count ? -1
		                                  : fact_order(was[i], is[k]);
		if (order != 0)
			say(d);
		if (order < 0)
			put_fact('-', was[i]);
		if (order > 0)
			put_fact('+', is[k]);
		i += order <= 0;
		k += order >= 0;
	}
	free(was);
	free(is);
}

static bool compare_devices(const json_t *old, const json_t *new)
{
	struct difference d = {new, false};

	compare_conclusions(&d, old, new);
	compare_facts(&d, old, new);
	return d.said;
}

static bool compare_reports(const struct report *old, const struct report *new)
{
	bool different = false;

	for (size_t i = 0, k = 0; i < old->count || k < new->count;) {
		const int order = i == old->count ? 1
		                  : k == new->count
		                          ? -1
		                          : devices_order(&old->devices[i], &new->devices[k]);
		if (order < 0)
			put_device('-', old->devices[i].device);
		else if (order > 0)
			put_device('+', new->devices[k].device);
		different |= order != 0 ||
		             compare_devices(old->devices[i].device, new->devices[k].device);
		i += order <= 0;
		k += order >= 0;
	}
	return different;
}

int command_diff(const struct settings *s)
{
	static struct report old, new;

	if (!report_read_all(&old, &s->arguments[0], 1) ||
	    !report_read_all(&new, &s->arguments[1], 1))
		return TROUBLE;
	if (old.count > 0)
		qsort(old.devices, old.count, sizeof *old.devices, devices_order);
	if (new.count > 0)
		qsort(new.devices, new.count, sizeof *new.devices, devices_order);
	const bool different = compare_reports(&old, &new);
	report_free(&old);
	report_free(&new);
	return different ? DIFFERENT : SAME;
}
