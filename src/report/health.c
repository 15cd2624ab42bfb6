/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.c - the counts of all tasks, and the `health` line made of them.
 */
#include "report/health.h"

#include "asset/sort.h"
#include "report/coverage_words.h"

#include <assert.h>
#include <string.h>

int health_init(struct health *h, const struct plan *plan, unsigned senders)
{
	const unsigned observers_here = plan_observers(plan);
	const size_t verdicts = observers_here * sizeof(struct verdict_counts);

	*h = (struct health){.plan = plan, .observers = observers_here, .senders = senders};
	const size_t askers = (size_t)senders * ASKED_MAX;
	const int err =
		arena_init(&h->memory, senders * (sizeof *h->said + verdicts + 64) +
	                                       askers * (sizeof *h->asked + sizeof *h->order) +
	                                       COVERED_MAX * sizeof *h->covered + 8192);
	if (err < 0)
		return err;
	h->said = arena_take(&h->memory, senders * sizeof *h->said, 64);
	h->asked = arena_take(&h->memory, askers * sizeof *h->asked, 64);
	h->order = arena_take(&h->memory, askers * sizeof *h->order, 64);
	h->covered = arena_take(&h->memory, COVERED_MAX * sizeof *h->covered, 64);
	assert(h->said != NULL && h->asked != NULL && h->order != NULL && h->covered != NULL);
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
	const size_t rows = item->rows * sizeof(struct coverage_row);
	const size_t asked = item->asked * sizeof(struct asked);
	struct said *const said = &h->said[sender];
	const uint8_t *const behind = (const uint8_t *)(item + 1);

	assert(sender < h->senders && item->observers == h->observers &&
	       item->unclaimed <= UNCLAIMED_MAX && item->rows <= COVERAGE_ROWS &&
	       item->asked <= ASKED_MAX);
	assert(len == sizeof *item + verdicts + unclaimed + rows + asked);
	memcpy(said->counters, item->counters, sizeof said->counters);
	memcpy(said->verdicts, behind, verdicts);
	memcpy(said->unclaimed, behind + verdicts, unclaimed);
	memcpy(said->rows, behind + verdicts + unclaimed, rows);
	memcpy(said->asked, behind + verdicts + unclaimed + rows, asked);
	said->unclaimed_count = item->unclaimed;
	said->row_count = item->rows;
	said->asked_count = item->asked;
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

/* ---- coverage ---- */

/* The VLAN's place in the list, which is sorted; a new one if need be, NULL: there is no room. */
static struct covered *covered_of(struct health *h, uint32_t vlan)
{
	uint32_t at = h->covered_count;

	while (at > 0 && h->covered[at - 1].row.vlan > vlan)
		at--;
	if (at > 0 && h->covered[at - 1].row.vlan == vlan)
		return &h->covered[at - 1];
	if (h->covered_count == COVERED_MAX)
		return NULL;
	memmove(&h->covered[at + 1], &h->covered[at], (h->covered_count - at) * sizeof *h->covered);
	h->covered_count++;
	h->covered[at] = (struct covered){.row.vlan = vlan};
	return &h->covered[at];
}

static void covered_add(struct health *h, const struct coverage_row *row)
{
	struct covered *const c = covered_of(h, row->vlan);

	if (c == NULL)
		return;
	c->row.tcp += row->tcp;
	c->row.tcp_both += row->tcp_both;
	c->row.udp += row->udp;
	c->row.udp_both += row->udp_both;
	c->row.groups += row->groups;
	c->row.bytes += row->bytes;
	c->row.lost += row->lost;
}

static int asked_compare(const struct asked *x, const struct asked *y)
{
	if (x->vlan != y->vlan)
		return x->vlan < y->vlan ? -1 : 1;
	if (x->iface != y->iface)
		return x->iface < y->iface ? -1 : 1;
	return ip_compare(&x->ip, &y->ip);
}

static bool asked_less(const void *health, uint32_t x, uint32_t y)
{
	const struct health *const h = health;

	return asked_compare(&h->asked[x], &h->asked[y]) < 0;
}

static bool asked_is_silent(const struct assets *a, const struct asked *asked)
{
	return !assets_has_host(a, asked->iface, asked->vlan, &asked->ip);
}

/* Several tasks may have met the same question. */
static void sum_asked(struct health *h, const struct assets *a)
{
	uint32_t count = 0;

	for (unsigned s = 0; s < h->senders; s++)
		for (uint32_t i = 0; i < h->said[s].asked_count; i++) {
			h->asked[count] = h->said[s].asked[i];
			h->order[count] = count;
			count++;
		}
	sort_numbers(h->order, count, h, asked_less);
	for (uint32_t i = 0; i < count; i++) {
		const struct asked *const asked = &h->asked[h->order[i]];
		struct covered *const c = covered_of(h, asked->vlan);
		if (c == NULL || (i > 0 && asked_compare(asked, &h->asked[h->order[i - 1]]) == 0))
			continue;
		c->asked++;
		c->silent += asked_is_silent(a, asked);
	}
}

static void sum_coverage(struct health *h, const struct assets *a)
{
	h->covered_count = 0;
	for (unsigned s = 0; s < h->senders; s++)
		for (uint32_t i = 0; i < h->said[s].row_count; i++)
			covered_add(h, &h->said[s].rows[i]);
	sum_asked(h, a);
}

void health_sum(struct health *h, const struct assets *a)
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
	sum_coverage(h, a);
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

static void write_sentences(struct emit *j, const struct covered *c)
{
	char sentence[COVERAGE_SENTENCE];

	emit_key(j, "says");
	emit_open(j, '[');
	for (unsigned i = 0; coverage_sentence(c, i, sentence); i++)
		emit_string(j, sentence);
	emit_close(j, ']');
}

static void write_coverage(struct emit *j, const struct health *h)
{
	emit_key(j, "coverage");
	emit_open(j, '[');
	for (uint32_t i = 0; i < h->covered_count; i++) {
		const struct covered *const c = &h->covered[i];
		emit_open(j, '{');
		write_counter(j, "vlan", c->row.vlan);
		write_counter(j, "tcp", c->row.tcp);
		write_counter(j, "tcp_one_way", c->row.tcp - c->row.tcp_both);
		write_counter(j, "udp", c->row.udp);
		write_counter(j, "udp_one_way", c->row.udp - c->row.udp_both);
		write_counter(j, "to_groups", c->row.groups);
		write_counter(j, "tcp_bytes", c->row.bytes);
		write_counter(j, "tcp_bytes_lost", c->row.lost);
		write_counter(j, "asked", c->asked);
		write_counter(j, "asked_silent", c->silent);
		write_sentences(j, c);
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
	write_counter(j, "identity.refused", more->identity_refused);
	emit_close(j, '}');
}

uint64_t health_refused(const struct health *h, const struct assets *a)
{
	return a->outcomes[TOLD_REFUSED] + h->counters[COUNTER_STRANGERS];
}

void line_health(struct emit *j, const struct health *h, const struct health_more *more)
{
	write_counter(j, "captured", h->counters[COUNTER_FRAMES]);
	write_counter(j, "malformed", h->malformed);
	write_counter(j, "unclaimed", h->counters[COUNTER_UNCLAIMED]);
	write_counter(j, "refused", health_refused(h, more->assets));
	write_counter(j, "evicted", more->assets->evicted);
	write_counters(j, h);
	write_observers(j, h);
	write_unclaimed(j, h);
	write_coverage(j, h);
	write_reporter(j, more);
	emit_key(j, "gauges");
	emit_open(j, '{');
	for (unsigned i = 0; i < more->gauge_count; i++)
		write_counter(j, more->gauges[i].name, more->gauges[i].n);
	emit_close(j, '}');
}
