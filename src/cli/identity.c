/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity.c - see identity.h. A line of the identity is a row: what came must be the sum of what
 * became of it.
 */
#include "cli/identity.h"

#include "cli/report_file.h"

#include <inttypes.h>

enum { PARTS = 2 };

/* A number is "gauges" or "counters" and its name there. */
struct number {
	const char *group, *name, *words;
};

static const struct identity {
	struct number whole;
	struct number part[PARTS];
	const char *where; /* only where this gauge is not 0; NULL: always */
} identities[] = {
	{{"gauges", "source.looked_at", "frames came to the filter"},
         {{"gauges", "source.shed", "counted and kept back"},
          {"gauges", "source.kernel_seen", "passed on"}},
         "source.shedding"},
	{{"gauges", "source.kernel_seen", "frames the kernel saw"},
         {{"gauges", "source.received", "received"},
          {"gauges", "source.kernel_dropped", "dropped"}},
         "source.kernel_seen"}, /* captures have no kernel */
	{{"gauges", "source.received", "frames received"},
         {{"counters", "frames", "observed"}, {0}},
         NULL},
	{{"gauges", "channel.packet.sent", "packets sent to observers' tasks"},
         {{"gauges", "channel.packet.received", "received"},
          {"gauges", "channel.packet.dropped", "dropped"}},
         NULL},
	{{"gauges", "channel.packet.sent", "packets sent to observers' tasks"},
         {{"counters", "handed.over", "handed over"}, {"counters", "handed.dropped", "refused"}},
         NULL},
	{{"gauges", "channel.fact.sent", "messages sent to the reporter"},
         {{"gauges", "channel.fact.received", "received"},
          {"gauges", "channel.fact.dropped", "dropped"}},
         NULL},
};

static uint64_t number_of(const json_t *health, const struct number *n)
{
	return json_count(json_object_get(health, n->group), n->name);
}

/* " 12 observed + 3 refused" */
static void parts_print(const struct identity *i, const json_t *health, FILE *out)
{
	for (unsigned k = 0; k < PARTS && i->part[k].name; k++)
		fprintf(out, "%s %" PRIu64 " %s", k > 0 ? " +" : "", number_of(health, &i->part[k]),
		        i->part[k].words);
}

static uint64_t parts_sum(const struct identity *i, const json_t *health)
{
	uint64_t sum = 0;

	for (unsigned k = 0; k < PARTS && i->part[k].name; k++)
		sum += number_of(health, &i->part[k]);
	return sum;
}

static bool identity_line(const struct identity *i, const json_t *health, bool final, FILE *out)
{
	const uint64_t whole = number_of(health, &i->whole), sum = parts_sum(i, health);
	const bool ok = whole == sum || !final;

	fprintf(out, "  %-6s  %" PRIu64 " %s =", ok ? "OK" : "BROKEN", whole, i->whole.words);
	parts_print(i, health, out);
	/* The numbers are read one after the other while the program runs: a few lie between. */
	if (whole != sum && !final)
		fprintf(out, ", %" PRIu64 " on the way", whole > sum ? whole - sum : sum - whole);
	fputc('\n', out);
	return ok;
}

bool identity_print(const json_t *health, bool final, FILE *out)
{
	const json_t *gauges = json_object_get(health, "gauges");
	bool ok = true;

	for (size_t i = 0; i < COUNT_OF(identities); i++)
		if (!identities[i].where || json_count(gauges, identities[i].where) > 0)
			ok = identity_line(&identities[i], health, final, out) && ok;
	return ok;
}
