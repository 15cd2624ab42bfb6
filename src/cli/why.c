/* SPDX-License-Identifier: Apache-2.0 */
/*
 * why.c - `havainto why`: what a report concludes of a device, by which rules and from which
 * frames.
 *
 * The reasoning is asset/infer's, over the facts of the report: it is what the reporter itself
 * concluded by.
 */
#include "asset/infer/infer.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/groups.h"
#include "cli/place.h"
#include "cli/report_file.h"
#include "report/facts_read.h"

#include <inttypes.h>
#include <string.h>

enum { REASONS_MAX = 256 };

/* ---- the device ---- */

static bool has_address(const json_t *device, const char *address)
{
	const json_t *fact;
	size_t i;

	if (strcmp(json_text(device, "ip"), address) == 0)
		return true;
	json_array_foreach(json_object_get(device, "facts"), i,
	                   fact) if (strncmp(json_text(fact, "kind"), "address.ipv", 11) == 0 &&
	                             strcmp(json_text(fact, "value"), address) == 0) return true;
	return false;
}

static bool is_called(const json_t *device, const char *who)
{
	char text[IP_TEXT];
	struct mac mac, its;
	struct ip ip;

	if (mac_parse(who, &mac))
		return mac_parse(json_text(device, "mac"), &its) && mac_equal(mac, its);
	if (ip_parse(who, &ip))
		return has_address(device, ip_format(&ip, text));
	return strcasecmp(json_text(device, "name"), who) == 0;
}

static void print_who(FILE *out, const json_t *device)
{
	const char *mac = json_text(device, "mac"), *name = json_text(device, "name");

	escape_print(out, *mac ? mac : json_text(device, "ip"),
	             strlen(*mac ? mac : json_text(device, "ip")));
	if (*name) {
		fputs("  ", out);
		escape_print(out, name, strlen(name));
	}
}

/* ---- the reasons ---- */

static void print_fact(FILE *out, const json_t *fact)
{
	const json_t *value = json_object_get(fact, "value");

	fprintf(out, "%s ", json_text(fact, "kind"));
	if (json_is_integer(value))
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		escape_print(out, json_text(fact, "value"), json_string_length(value));
	fprintf(out, ", told by %s", json_text(fact, "by"));
	if (*json_text(fact, "ip"))
		fprintf(out, " of %s", json_text(fact, "ip"));
}

/* A fact that the reporter concluded itself has no frame. */
static void print_evidence(FILE *out, const json_t *fact)
{
	const uint64_t frame = json_count(fact, "frame");

	fputs("      ", out);
	print_fact(out, fact);
	fprintf(out, "\n      %" PRIu64 " packet%s, first ", json_count(fact, "count"),
	        json_count(fact, "count") == 1 ? "" : "s");
	if (frame > 0)
		fprintf(out,
		        "in frame %" PRIu64 " at %s\n      havainto trace -r CAPTURE -n %" PRIu64
		        "\n",
		        frame, json_text(fact, "first_seen"), frame);
	else
		fprintf(out, "at %s\n", json_text(fact, "first_seen"));
}

static void print_reasons(FILE *out, const struct because *because, size_t count,
                          const struct facts_read *facts)
{
	for (size_t i = 0; i < count; i++) {
		const struct because *const b = &because[i];
		fprintf(out, "  %s %3u  ", b->against ? "against" : "for    ", b->weight);
		if (b->id.len > 0)
			fprintf(out, "%.*s: ", (int)b->id.len, b->id.s);
		fprintf(out, "%.*s\n", (int)b->rule_len, b->rule);
		if (because[i].fact >= 0)
			print_evidence(out, facts->lines[because[i].fact]);
	}
}

/* A kind of fact is its own conclusion: all of that kind are its evidence. */
static size_t print_kind(FILE *out, const json_t *device, const char *kind)
{
	const json_t *fact;
	size_t i, count = 0;

	json_array_foreach(json_object_get(device, "facts"), i, fact)
	{
		if (strcmp(json_text(fact, "kind"), kind) != 0)
			continue;
		fprintf(out, "  for     %3" PRIu64 "  the device told it, or was seen to\n",
		        json_count(fact, "confidence"));
		print_evidence(out, fact);
		count++;
	}
	return count;
}

static void print_conclusion(FILE *out, const json_t *device, const char *what)
{
	const json_t *value = json_object_get(device, what), *role;
	size_t i;

	if (json_is_string(value)) {
		fprintf(out, "  %s: ", what);
		escape_print(out, json_string_value(value), json_string_length(value));
		fputc('\n', out);
	}
	json_array_foreach(value, i, role) fprintf(
		out, "%s%s",
		i ? ", " : "  roles: ", json_string_value(role) ? json_string_value(role) : "");
	if (json_array_size(value) > 0)
		fputc('\n', out);
}

/* How many reasons there were. */
static size_t why_device(FILE *out, struct infer *infer, const json_t *device, const char *what)
{
	static struct because because[REASONS_MAX];
	struct facts_read facts;

	if (!facts_read(device, &facts)) {
		log_line("no memory");
		return 0;
	}
	print_who(out, device);
	fputc('\n', out);
	print_conclusion(out, device, what);
	size_t count = infer_why(infer, facts.known, facts.count, facts_maker(device), what,
	                         because, REASONS_MAX);
	print_reasons(out, because, count, &facts);
	if (count == 0)
		count = print_kind(out, device, what);
	if (count == 0)
		fprintf(out, "  nothing is known of that\n");
	facts_free(&facts);
	return count;
}

/* ---- identity ---- */

/* The other records of its group. */
static void print_group(FILE *out, const struct report *report, const struct groups *g,
                        size_t device)
{
	const size_t oldest = groups_oldest(g, device);

	fputs("\n  identity: one device with", out);
	for (size_t i = 0; i < report->count; i++) {
		const json_t *const other = report->devices[i].device;
		const char *const mac = json_text(other, "mac");
		if (i != device && groups_oldest(g, i) == oldest)
			fprintf(out, " %s", *mac ? mac : json_text(other, "ip"));
	}
	fputc('\n', out);
}

/* The keys that it shows and others of its group show as well. */
static size_t why_identity(FILE *out, const struct report *report, const struct groups *g,
                           size_t device)
{
	const json_t *const d = report->devices[device].device;
	struct identity_key ties[IDENTITY_KEYS];
	const size_t count = groups_ties(g, device, ties);
	struct facts_read facts;

	if (!facts_read(d, &facts)) {
		log_line("no memory");
		return 0;
	}
	print_who(out, d);
	if (count == 0)
		fputs("\n  nothing ties it to another record\n", out);
	else
		print_group(out, report, g, device);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "  for     %3u  %s\n", identity_key_weight(&ties[i]),
		        identity_key_text(&ties[i]));
		if (ties[i].fact < facts.count)
			print_evidence(out, facts.lines[ties[i].fact]);
	}
	facts_free(&facts);
	return count;
}

/* ---- the command ---- */

static bool is_conclusion(const char *what)
{
	static const char *const known[] = {"name", "vendor", "model",    "os",
	                                    "type", "roles",  "software", "identity"};
	struct ip ip;

	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (strcmp(known[i], what) == 0)
			return true;
	return strncmp(what, "role:", 5) == 0 || strncmp(what, "software:", 9) == 0 ||
	       ip_parse(what, &ip) || fact_kind_by_name(what) != FACT_NONE;
}

int command_why(const struct settings *s)
{
	static struct report report;
	static struct infer infer;
	const char *who = s->arguments[0], *what = s->arguments[1];
	size_t found = 0, reasons = 0;

	if (!is_conclusion(what)) {
		log_line(
			"why: \"%s\" is none of: name, vendor, model, os, type, software, roles, role:NAME, identity, "
			"an IP address, a kind of `havainto facts`",
			what);
		return USAGE;
	}
	char data[PLACE_PATH], reason[RULES_WHY] = "";
	if (infer_init(&infer, place_of_data(s, data), reason) < 0) {
		log_line("%s", reason);
		return FAILED_FOR_GOOD;
	}
	if (!report_read_all(&report, s->arguments + 2, s->argument_count - 2)) {
		infer_fini(&infer);
		return FAILED_FOR_GOOD;
	}
	struct groups groups;
	if (!groups_find(&groups, &report))
		return FAILED_FOR_GOOD;
	for (size_t i = 0; i < report.count; i++) {
		if (!is_called(report.devices[i].device, who))
			continue;
		found++;
		reasons += strcmp(what, "identity") == 0
		                   ? why_identity(stdout, &report, &groups, i)
		                   : why_device(stdout, &infer, report.devices[i].device, what);
	}
	groups_free(&groups);
	report_free(&report);
	infer_fini(&infer);
	if (found == 0)
		log_line("no device of the report is \"%s\" (see havainto show)", who);
	return reasons > 0 ? DONE : FAILED_FOR_GOOD;
}
