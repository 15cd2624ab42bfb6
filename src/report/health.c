/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.c - the counts of all tasks, and the `health` line made of them.
 */
#include "report/health.h"

#include <assert.h>
#include <string.h>

int health_init(struct health *h, const struct plan *plan, unsigned senders)
{
	const unsigned observers_here = plan_observers(plan);
	const size_t verdicts = observers_here * sizeof(struct verdict_counts);

	*h = (struct health){.plan = plan, .observers = observers_here, .senders = senders};
	const int err = arena_init(&h->memory, senders * (sizeof *h->said + verdicts + 64) + 4096);
	if (err < 0)
		return err;
	h->said = arena_take(&h->memory, senders * sizeof *h->said, 64);
	assert(h->said != NULL);
	for (unsigned i = 0; i < senders; i++) {
		h->said[i].verdicts = arena_take(&h->memory, verdicts + 1, 64);
		assert(h->said[i].verdicts != NULL);
	}
	return 0;
}

void health_fini(struct health *h)
{
	arena_free(&h->memory);
}

void health_tell(struct health *h, unsigned sender, const struct counters_item *item, size_t len)
{
	const size_t verdicts = h->observers * sizeof(struct verdict_counts);
	const size_t unclaimed = item->unclaimed * sizeof(struct unclaimed);
	struct said *const said = &h->said[sender];
	const uint8_t *const behind = (const uint8_t *)(item + 1);

	assert(sender < h->senders && item->observers == h->observers &&
	       item->unclaimed <= UNCLAIMED_MAX);
	assert(len == sizeof *item + verdicts + unclaimed);
	memcpy(said->counters, item->counters, sizeof said->counters);
	memcpy(said->verdicts, behind, verdicts);
	memcpy(said->unclaimed, behind + verdicts, unclaimed);
	said->unclaimed_count = item->unclaimed;
}

static struct verdict_counts health_verdicts(const struct health *h, unsigned observer)
{
	struct verdict_counts sum = {{0}, 0};

	for (unsigned s = 0; s < h->senders; s++) {
		for (unsigned v = 0; v < VERDICTS; v++)
			sum.verdict[v] += h->said[s].verdicts[observer].verdict[v];
		sum.truncated += h->said[s].verdicts[observer].truncated;
	}
	return sum;
}

static void unclaimed_add(struct health *h, const struct unclaimed *u)
{
	for (uint32_t i = 0; i < h->all_count; i++) {
		if (h->all[i].space == u->space && h->all[i].key == u->key) {
			h->all[i].packets += u->packets;
			return;
		}
	}
	if (h->all_count < UNCLAIMED_MAX)
		h->all[h->all_count++] = *u;
}

/* Most packets first, then by space and key. */
static bool unclaimed_before(const struct unclaimed *x, const struct unclaimed *y)
{
	if (x->packets != y->packets)
		return x->packets > y->packets;
	return x->space != y->space ? x->space < y->space : x->key < y->key;
}

static void unclaimed_sort(struct unclaimed *all, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		const struct unclaimed u = all[i];
		uint32_t at = i;
		for (; at > 0 && unclaimed_before(&u, &all[at - 1]); at--)
			all[at] = all[at - 1];
		all[at] = u;
	}
}

void health_sum(struct health *h)
{
	memset(h->counters, 0, sizeof h->counters);
	h->all_count = 0;
	h->malformed = 0;
	for (unsigned s = 0; s < h->senders; s++) {
		for (unsigned i = 0; i < COUNTERS_COUNT; i++)
			h->counters[i] += h->said[s].counters[i];
		for (uint32_t i = 0; i < h->said[s].unclaimed_count; i++)
			unclaimed_add(h, &h->said[s].unclaimed[i]);
	}
	for (unsigned o = 0; o < h->observers; o++)
		h->malformed += health_verdicts(h, o).verdict[MALFORMED];
	unclaimed_sort(h->all, h->all_count);
}

static void write_counter(struct emit *j, const char *name, uint64_t n)
{
	emit_key(j, name);
	emit_number(j, n);
}

static void write_counters(struct emit *j, const struct health *h)
{
	emit_key(j, "counters");
	emit_open(j, '{');
	for (unsigned i = 0; i < COUNTERS_COUNT; i++)
		write_counter(j, counter_info((enum counter)i)->wire, h->counters[i]);
	emit_close(j, '}');
}

static void write_verdicts(struct emit *j, const struct verdict_counts *counts)
{
	emit_open(j, '{');
	for (unsigned v = 0; v < VERDICTS; v++)
		write_counter(j, verdict_name((enum verdict)v), counts->verdict[v]);
	write_counter(j, "truncated", counts->truncated);
	emit_close(j, '}');
}

/* Those that were called at all. */
static void write_observers(struct emit *j, const struct health *h)
{
	static const struct verdict_counts none;

	emit_key(j, "observers");
	emit_open(j, '{');
	for (unsigned o = 0; o < h->observers; o++) {
		const struct verdict_counts counts = health_verdicts(h, o);
		if (memcmp(&counts, &none, sizeof none) == 0)
			continue;
		emit_key(j, plan_observer(h->plan, o)->name);
		write_verdicts(j, &counts);
	}
	emit_close(j, '}');
}

static void write_unclaimed(struct emit *j, const struct health *h)
{
	emit_key(j, "unclaimed_keys");
	emit_open(j, '[');
	for (uint32_t i = 0; i < h->all_count; i++) {
		emit_open(j, '{');
		emit_key(j, "space");
		emit_string(j, space_name((enum space)h->all[i].space));
		write_counter(j, "key", h->all[i].key);
		write_counter(j, "packets", h->all[i].packets);
		emit_close(j, '}');
	}
	emit_close(j, ']');
}

static void write_reporter(struct emit *j, const struct health_more *more)
{
	const struct assets *const a = more->assets;

	emit_key(j, "reporter");
	emit_open(j, '{');
	write_counter(j, "devices", a->devices.index.entries);
	write_counter(j, "addresses", a->addresses.index.entries);
	write_counter(j, "places", a->place_index.entries);
	write_counter(j, "facts", a->packs.facts);
	write_counter(j, "facts.new", a->outcomes[TOLD_NEW]);
	write_counter(j, "facts.more", a->outcomes[TOLD_MORE]);
	write_counter(j, "facts.unknown", a->outcomes[TOLD_UNKNOWN]);
	write_counter(j, "facts.ignored", a->outcomes[TOLD_IGNORED]);
	write_counter(j, "lines", more->lines);
	write_counter(j, "changes", more->changes);
	write_counter(j, "changes.held", more->changes_held);
	emit_close(j, '}');
}

void line_health(struct emit *j, const struct health *h, const struct health_more *more)
{
	write_counter(j, "captured", h->counters[COUNTER_FRAMES]);
	write_counter(j, "malformed", h->malformed);
	write_counter(j, "unclaimed", h->counters[COUNTER_UNCLAIMED]);
	write_counter(j, "refused", more->assets->outcomes[TOLD_REFUSED]);
	write_counter(j, "evicted", more->assets->evicted);
	write_counters(j, h);
	write_observers(j, h);
	write_unclaimed(j, h);
	write_reporter(j, more);
	emit_key(j, "gauges");
	emit_open(j, '{');
	for (unsigned i = 0; i < more->gauge_count; i++)
		write_counter(j, more->gauges[i].name, more->gauges[i].n);
	emit_close(j, '}');
}
