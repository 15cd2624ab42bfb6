/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask.c - `havainto ask`: the inventory from the shell, as a table, JSON, CSV, counts, or in the words
 * of other inventories.
 *
 * It reads the file that a manager keeps, running or not: what was committed is seen.
 */
#include "cli/command.h"
#include "cli/place.h"
#include "cli/show.h"
#include "cli/table.h"
#include "manager/export.h"
#include "manager/sighting.h"
#include "manager/store.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "net/ip.h"
#include "net/mac.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASK_PAGE 1000u
#define COUNTS_MOST 100000u

struct asking {
	struct store *store;
	struct query query;
	struct snapshot_row *rows;
	size_t count, room;
	bool broke;
	struct export_to to; /* of --as */
};

/* ---- as rows ---- */

static void copy(char *out, size_t cap, const char *text)
{
	snprintf(out, cap, "%s", text);
}

static void add_row(const struct store_device *d, void *self)
{
	struct asking *const a = self;

	if (a->count == a->room) {
		const size_t room = a->room == 0 ? 256 : 2 * a->room;
		struct snapshot_row *const rows = realloc(a->rows, room * sizeof *rows);

		if (rows == NULL) {
			a->broke = true;
			return;
		}
		a->rows = rows;
		a->room = room;
	}
	struct snapshot_row *const row = &a->rows[a->count++];
	*row = (struct snapshot_row){.packets = d->packets,
	                             .bytes = d->bytes,
	                             .first_ns = d->first_ns,
	                             .last_ns = d->last_ns};
	if (mac_parse(d->mac, &row->mac))
		row->mac_kind = (uint8_t)mac_kind(row->mac);
	row->addresses = ip_parse(d->ip, &row->ip);
	(void)!mac_parse(d->via, &row->via);
	copy(row->realm, sizeof row->realm, d->realm);
	copy(row->name, sizeof row->name, d->name);
	copy(row->vendor, sizeof row->vendor, d->vendor);
	copy(row->roles, sizeof row->roles, d->roles);
}

/* ---- the answers ---- */

static void print_csv(const struct store_device *d, void *self)
{
	(void)self;
	export_csv(stdout, d, NULL);
}

/* Only ASCII: a terminal may show it. */
static void print_json(const struct store_device *d, void *self)
{
	struct asking *const a = self;
	json_t *const device = export_device(d);
	char *const text = json_dumps(device, JSON_COMPACT | JSON_ENSURE_ASCII);

	printf("%s%s", a->count++ > 0 ? ",\n" : "[\n", text == NULL ? "{}" : text);
	free(text);
	json_decref(device);
}

/* Every page of the answer. False: the store failed. */
static bool ask_all(struct asking *a, void (*each)(const struct store_device *d, void *self))
{
	struct store_page page = {.sort = SORT_LAST_SEEN, .descending = true, .limit = ASK_PAGE};

	do {
		char next[STORE_CURSOR];

		if (!store_devices(a->store, &a->query, &page, each, a, next))
			return false;
		memcpy(page.after, next, sizeof next);
	} while (page.after[0] != '\0' && !a->broke);
	return !a->broke;
}

static bool ask_table(struct asking *a)
{
	char number[32];

	if (!ask_all(a, add_row))
		return false;
	if (a->count > 0)
		show_rows(a->rows, a->count, stdout);
	printf("%s device%s\n", count_format(a->count, number), a->count == 1 ? "" : "s");
	return true;
}

/* ---- counts ---- */

static void print_count(unsigned field, const char *value, uint64_t count, void *self)
{
	(void)field;
	(void)self;
	printf("%10" PRIu64 "  ", count);
	escape_print(stdout, value, strlen(value));
	putchar('\n');
}

static bool ask_count(const struct asking *a, const char *field)
{
	struct store_facets f = {.fields = {sighting_field(field)},
	                         .field_count = 1,
	                         .limit = COUNTS_MOST,
	                         .each = print_count};

	return store_facets(a->store, &a->query, clock_now_ns(), &f);
}

/* ---- the words of others ---- */

static void print_as(const struct store_device *d, void *self)
{
	const struct asking *const a = self;

	a->to.write(stdout, d, &a->to);
}

static bool ask_as(struct asking *a, const char *format)
{
	static const struct {
		const char *word, *netbox; /* netbox: its kind of object */
		enum format format;
	} formats[] = {{"ocsf", NULL, FORMAT_OCSF},
	               {"ecs", NULL, FORMAT_ECS},
	               {"netbox-devices", "devices", FORMATS},
	               {"netbox-interfaces", "interfaces", FORMATS},
	               {"netbox-addresses", "ip-addresses", FORMATS}};
	size_t i = 0;

	while (strcmp(formats[i].word, format) != 0)
		i++;
	a->to = (struct export_to){.head = "",
	                           .store = a->store,
	                           .write = export_format,
	                           .format = formats[i].format,
	                           .now_ns = clock_now_ns(),
	                           .site = "Default",
	                           .names = json_object()};
	bool done = formats[i].netbox == NULL || export_netbox(formats[i].netbox, &a->to);
	fputs(a->to.head, stdout);
	done = done && ask_all(a, print_as);
	json_decref(a->to.names);
	return done;
}

static bool ask(struct asking *a, const struct settings *s)
{
	if (s->of[OPT_COUNT].given)
		return ask_count(a, s->of[OPT_COUNT].text);
	if (s->of[OPT_AS].given)
		return ask_as(a, s->of[OPT_AS].text);
	if (s->of[OPT_CSV].number) {
		fputs(EXPORT_CSV_HEAD, stdout);
		return ask_all(a, print_csv);
	}
	if (!s->of[OPT_JSON].number)
		return ask_table(a);
	const bool done = ask_all(a, print_json);
	fputs(a->count > 0 ? "\n]\n" : "[]\n", stdout);
	return done;
}

/* The words of the command line are one query. */
static bool join_words(const struct settings *s, char out[QUERY_TEXT])
{
	size_t len = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < s->argument_count; i++)
		len += (size_t)snprintf(out + len, len < QUERY_TEXT ? QUERY_TEXT - len : 0, "%s%s",
		                        i > 0 ? " " : "", s->arguments[i]);
	return len < QUERY_TEXT;
}

static bool parse_words(const struct settings *s, struct query *out)
{
	char text[QUERY_TEXT], why[QUERY_WHY] = "the query is too long";

	if (join_words(s, text) && query_parse(text, clock_now_ns(), out, why))
		return true;
	log_line("%s", why);
	return false;
}

int command_ask(const struct settings *s)
{
	static struct asking a;
	char folder[PLACE_PATH], path[PLACE_PATH + 16], why[STORE_WHY];

	if (s->of[OPT_JSON].number + s->of[OPT_CSV].number + s->of[OPT_COUNT].given +
	            s->of[OPT_AS].given >
	    1)
		return command_refuse("ask", "one of --json, --csv, --count and --as");
	if (s->of[OPT_COUNT].given && !query_is_field(s->of[OPT_COUNT].text))
		return command_refuse("ask", "--count: no field whose values are texts");
	if (!parse_words(s, &a.query))
		return USAGE;
	if (place_of(s, folder) == NULL)
		return command_refuse("ask", "no home folder: say --state FOLDER");
	snprintf(path, sizeof path, "%s/inventory.db", folder);
	a.store = store_open(path, false, why, sizeof why);
	if (a.store == NULL) {
		log_line("%s (a manager keeps it: havainto run, havainto manager; see --state)",
		         why);
		return FAILED_FOR_GOOD;
	}
	const bool done = ask(&a, s);
	if (!done)
		log_line("cannot read %s: %s", path, store_error(a.store));
	store_close(a.store);
	free(a.rows);
	return done ? DONE : FAILED_FOR_GOOD;
}
