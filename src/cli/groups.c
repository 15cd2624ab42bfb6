/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.c - see groups.h.
 */
#include "cli/groups.h"

#include "report/facts_read.h"

#include <stdlib.h>
#include <string.h>

enum { GROUPED_MOST = 262144 }; /* records; more are shown as they are */

static bool groups_add(struct groups *g, const struct report *report, size_t device)
{
	const json_t *const d = report->devices[device].device;
	struct identity_id id;
	struct facts_read facts;

	if (!facts_identity(d, &id))
		return true;
	if (!facts_read(d, &facts))
		return false;
	const uint32_t member = identity_add(&g->identity, &id);
	if (member != IDENTITY_NONE) {
		identity_put(&g->identity, member, time_parse(json_text(d, "first_seen")),
		             time_parse(json_text(d, "last_seen")), facts.known, facts.count);
		g->member[device] = member;
		g->device[member] = device;
	}
	facts_free(&facts);
	return true;
}

size_t groups_oldest(const struct groups *g, size_t device)
{
	const uint32_t member = g->member[device];

	return member == IDENTITY_NONE ? device
	                               : g->device[identity_group_of(&g->identity, member)];
}

size_t groups_ties(const struct groups *g, size_t device, struct identity_key out[IDENTITY_KEYS])
{
	const uint32_t member = g->member[device];

	return member == IDENTITY_NONE ? 0 : identity_ties(&g->identity, member, out);
}

/* The oldest of a group, then the others in the report's order. */
static size_t groups_place(const struct groups *g, size_t device, size_t at)
{
	const uint32_t oldest = g->member[device];
	const size_t first = at + 1;

	g->order[at++] = device;
	if (oldest == IDENTITY_NONE)
		return at;
	for (uint32_t m = identity_next(&g->identity, oldest); m != oldest;
	     m = identity_next(&g->identity, m)) {
		size_t to = at++;
		for (; to > first && g->order[to - 1] > g->device[m]; to--)
			g->order[to] = g->order[to - 1];
		g->order[to] = g->device[m];
	}
	return at;
}

bool groups_find(struct groups *g, const struct report *report)
{
	const size_t most = report->count < GROUPED_MOST ? report->count : 0;
	size_t at = 0;
	bool ok = true;

	*g = (struct groups){
		.member = calloc(report->count + 1, sizeof *g->member),
		.device = calloc(most + 2, sizeof *g->device),
		.order = calloc(report->count + 1, sizeof *g->order),
	};
	ok = g->member && g->device && g->order &&
	     identity_init(&g->identity, (uint32_t)most + 1) == 0;
	for (size_t i = 0; ok && i < most; i++)
		ok = groups_add(g, report, i);
	if (!ok) {
		groups_free(g);
		return false;
	}
	identity_find(&g->identity);
	for (size_t i = 0; i < report->count; i++) {
		if (groups_oldest(g, i) != i)
			continue;
		at = groups_place(g, i, at);
		g->count++;
	}
	return true;
}

void groups_free(struct groups *g)
{
	identity_fini(&g->identity);
	free(g->member);
	free(g->device);
	free(g->order);
	*g = (struct groups){0};
}
