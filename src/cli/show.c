/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show.c - `havainto show`: reports as a table, as JSON, as comma-separated values.
 *
 * Records that are one device (groups.h) stand together: behind the oldest come the others, marked
 * in the table, with what ties them among their facts, and with their group's id in JSON and CSV.
 */
#include "cli/show.h"

#include "base/csv.h"
#include "base/escape.h"
#include "cli/command.h"
#include "cli/device_json.h"
#include "cli/groups.h"
#include "cli/table.h"
#include "cli/terminal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the table ---- */

void show_rows(const struct snapshot_row *rows, size_t count, FILE *out)
{
	struct table_layout layout;
	static char line[TABLE_LINE];
	const bool colours = terminal_colours(fileno(out));

	table_fit(&layout, rows, count, 0, terminal_width(fileno(out)));
	table_line(&layout, NULL, 0, line);
	fprintf(out, "%s%s%s\n", colours ? "\x1b[1m" : "", line, colours ? "\x1b[0m" : "");
	for (size_t i = 0; i < count; i++) {
		table_line(&layout, &rows[i], 0, line);
		fprintf(out, "%s\n", line);
	}
}

static struct snapshot_row *rows_of(const struct report *report, const struct groups *g)
{
	struct snapshot_row *rows = calloc(report->count + 1, sizeof *rows);

	for (size_t i = 0; rows && i < report->count; i++) {
		device_row(report->devices[g->order[i]].device, &rows[i]);
		rows[i].joined = groups_oldest(g, g->order[i]) != g->order[i];
	}
	return rows;
}

/* The sum, and what was wrong: "8 devices, 4,217 frames, 2 malformed". */
static void show_sum(const struct report *report, const struct groups *g, FILE *out)
{
	static const char *const counts[] = {"malformed", "unclaimed", "refused", "evicted"};
	char number[32];

	fprintf(out, "%s device%s", count_format(g->count, number), g->count == 1 ? "" : "s");
	if (g->count != report->count)
		fprintf(out, " in %s records", count_format(report->count, number));
	if (report->health) {
		const uint64_t frames = json_count(report->health, "captured");
		fprintf(out, ", %s frame%s", count_format(frames, number), frames == 1 ? "" : "s");
	}
	for (size_t i = 0; report->health && i < COUNT_OF(counts); i++) {
		const uint64_t n = json_count(report->health, counts[i]);

		if (n > 0)
			fprintf(out, ", %s %s", count_format(n, number), counts[i]);
	}
	fputc('\n', out);
}

void show_table(const struct report *report, FILE *out)
{
	struct groups g;

	if (!groups_find(&g, report))
		return;
	struct snapshot_row *rows = rows_of(report, &g);
	if (rows && report->count > 0)
		show_rows(rows, report->count, out);
	show_sum(report, &g, out);
	groups_free(&g);
	free(rows);
}

/* ---- with all facts ---- */

static void show_text(FILE *out, const char *what, const char *text)
{
	if (!*text)
		return;
	fprintf(out, "  %s ", what);
	escape_print(out, text, strlen(text));
	fputc('\n', out);
}

/* What its group is called: the MAC, or the address, of the oldest. */
static const char *group_id(const struct report *report, const struct groups *g, size_t device)
{
	const json_t *const oldest = report->devices[groups_oldest(g, device)].device;

	return *json_text(oldest, "mac") ? json_text(oldest, "mac") : json_text(oldest, "ip");
}

/* The oldest stands for its group, and needs no reason. */
static void show_ties(const struct report *report, const struct groups *g, size_t device, FILE *out)
{
	struct identity_key ties[IDENTITY_KEYS];
	const size_t count = groups_ties(g, device, ties);

	if (groups_oldest(g, device) == device)
		return;
	fprintf(out, "  one with %s, by ", group_id(report, g, device));
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", identity_key_text(&ties[i]));
	fputc('\n', out);
}

static void show_device(const struct report *report, const struct groups *g, size_t number_of,
                        FILE *out)
{
	const json_t *const device = report->devices[number_of].device;
	struct snapshot_row row;
	char cell[CELL_MAX], number[32];

	device_row(device, &row);
	fputs(table_cell(&row, COL_DEVICE, 0, cell), out);
	if (mac_is_zero(row.mac))
		fprintf(out, "  %s", table_cell(&row, COL_ADDRESS, 0, cell));
	if (*json_text(device, "name")) {
		fputs("  ", out);
		escape_print(out, json_text(device, "name"), strlen(json_text(device, "name")));
	}
	fputc('\n', out);
	show_ties(report, g, number_of, out);
	show_text(out, "realm ", row.realm);
	show_text(out, "vendor", table_cell(&row, COL_VENDOR, 0, cell));
	show_text(out, "roles ", row.roles);
	fprintf(out, "  seen   %s to %s, %s packets\n", json_text(device, "first_seen"),
	        json_text(device, "last_seen"), count_format(row.packets, number));
	facts_print(device, out);
}

static void show_facts(const struct report *report, const struct groups *g, FILE *out)
{
	for (size_t i = 0; i < report->count; i++) {
		show_device(report, g, g->order[i], out);
		fputc('\n', out);
	}
	show_sum(report, g, out);
}

/* ---- comma-separated values (RFC 4180) ---- */

static void csv_addresses(FILE *out, const json_t *device)
{
	const json_t *fact;
	const char *last = "";
	char *all = NULL;
	size_t i, len = 0;
	FILE *text = open_memstream(&all, &len);

	if (!text)
		return;
	fputs(json_text(device, "ip"), text);
	json_array_foreach(json_object_get(device, "facts"), i, fact)
	{
		const char *value = json_text(fact, "value");

		if (strncmp(json_text(fact, "kind"), "address.ipv", 11) != 0 ||
		    strcmp(value, last) == 0)
			continue;
		fprintf(text, "%s%s", *last || *json_text(device, "ip") ? " " : "", value);
		last = value;
	}
	fclose(text);
	csv_cell(out, all, false);
	free(all);
}

static void csv_device(FILE *out, const struct report_device *d, const char *group)
{
	static const char *const texts[] = {"via",  "realm", "vendor", "mac_kind",
	                                    "name", "os",    "model",  "type"};
	struct snapshot_row row;
	char number[32];

	device_row(d->device, &row);
	csv_cell(out, d->sensor, false);
	csv_cell(out, json_text(d->device, "mac"), false);
	csv_addresses(out, d->device);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		csv_cell(out, json_text(d->device, texts[i]), false);
	csv_cell(out, row.roles, false);
	csv_cell(out, json_text(d->device, "first_seen"), false);
	csv_cell(out, json_text(d->device, "last_seen"), false);
	snprintf(number, sizeof number, "%" PRIu64, row.packets);
	csv_cell(out, number, false);
	snprintf(number, sizeof number, "%" PRIu64, row.bytes);
	csv_cell(out, number, false);
	csv_cell(out, group, true);
}

static void show_csv(const struct report *report, const struct groups *g, FILE *out)
{
	fputs("\"sensor\",\"mac\",\"addresses\",\"via\",\"realm\",\"vendor\",\"mac_kind\",\"name\","
	      "\"os\",\"model\",\"type\",\"roles\",\"first_seen\",\"last_seen\",\"packets\",\"bytes\",\"group\"\r\n",
	      out);
	for (size_t i = 0; i < report->count; i++)
		csv_device(out, &report->devices[g->order[i]], group_id(report, g, g->order[i]));
}

/* ---- JSON ---- */

/* All but ASCII is escaped, and what jansson leaves, so that a terminal may show it. */
static void json_line(const json_t *value, FILE *out)
{
	char *text = json_dumps(value, JSON_ENSURE_ASCII);

	for (const char *c = text; c && *c; c++) {
		if (*c == 0x7f)
			fputs("\\u007f", out);
		else
			fputc(*c, out);
	}
	free(text);
}

/* One array. */
static void show_json(const struct report *report, const struct groups *g, FILE *out)
{
	fputs("[", out);
	for (size_t i = 0; i < report->count; i++) {
		const size_t n = g->order[i];
		json_t *device = json_copy(report->devices[n].device);

		json_object_set_new(device, "sensor", json_string(report->devices[n].sensor));
		json_object_set_new(device, "group", json_string(group_id(report, g, n)));
		fputs(i > 0 ? ",\n" : "\n", out);
		json_line(device, out);
		json_decref(device);
	}
	fputs("\n]\n", out);
}

/* ---- the command ---- */

int command_show(const struct settings *s)
{
	static struct report report;
	const struct setting *of = s->of;
	struct groups g;

	if (of[OPT_JSON].number + of[OPT_CSV].number + of[OPT_FACTS].number > 1)
		return command_refuse("show", "one of --json, --csv and --facts");
	if (!report_read_all(&report, s->arguments, s->argument_count))
		return FAILED_FOR_GOOD;
	if (!groups_find(&g, &report))
		return FAILED_FOR_GOOD;
	if (of[OPT_JSON].number)
		show_json(&report, &g, stdout);
	else if (of[OPT_CSV].number)
		show_csv(&report, &g, stdout);
	else if (of[OPT_FACTS].number)
		show_facts(&report, &g, stdout);
	else
		show_table(&report, stdout);
	groups_free(&g);
	report_free(&report);
	return DONE;
}
