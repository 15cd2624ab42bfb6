/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounting.c - see accounting.h. A line of the identity is a row: what came must be the sum of what
 * became of it.
 */
#include "report/accounting.h"

#include "report/incoming.h"

/* A number is "gauges" or "counters" and its name there. */
struct number {
	const char *group, *name, *words;
};

static const struct identity {
	struct number whole;
	struct number part[ACCOUNT_PARTS];
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

static struct account_number number_of(const json_t *health, const struct number *n)
{
	if (n->name == NULL)
		return (struct account_number){0};
	return (struct account_number){.words = n->words,
	                               .n = json_count(json_object_get(health, n->group), n->name)};
}

bool account_next(const json_t *health, unsigned *i, struct account *out)
{
	const json_t *const gauges = json_object_get(health, "gauges");

	while (*i < COUNT_OF(identities) && identities[*i].where != NULL &&
	       json_count(gauges, identities[*i].where) == 0)
		++*i;
	if (*i >= COUNT_OF(identities))
		return false;
	const struct identity *const x = &identities[(*i)++];
	*out = (struct account){.whole = number_of(health, &x->whole)};
	for (unsigned k = 0; k < ACCOUNT_PARTS; k++) {
		out->part[k] = number_of(health, &x->part[k]);
		out->sum += out->part[k].n;
	}
	return true;
}
