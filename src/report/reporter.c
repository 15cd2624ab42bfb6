/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reporter.c - the task that keeps what is known and reports it.
 *
 * What happens at a mark: the views of all devices that changed are computed, changes are found and
 * told, and when the interval is over the device lines of what changed since the last report, or of
 * all. Live, the lines of a few of whom something was learned leave at the mark itself. Of marks that senders give one by one (live) the last to come closes the interval; over
 * files the channel already aligned them.
 *
 * Lines are sorted by (realm, mac, ip): a record without a MAC sorts before those with one, as its
 * missing key would, and addresses are in the order of their numbers, IPv4 first.
 */
#include "report/reporter.h"

#include "asset/attribute.h"
#include "asset/intake.h"
#include "base/bits.h"
#include "base/clock.h"
#include "base/log.h"
#include "report/change.h"
#include "report/change/kinship.h"
#include "report/health.h"
#include "report/outlet.h"
#include "report/publish.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IFACES 256u
#define AHEAD 4u       /* records between two steps of looking ahead */
#define AHEAD_MOST 64u /* records that do not wait for the interval's end, at a mark */
#define GAUGES 128u
#define NAMES 2048u
#define HOLD_NS (60 * CLOCK_SECOND) /* the same change is not told again within it */
#define GONE_NS (5 * 60 * CLOCK_SECOND)

struct reporter {
	struct reporter_options options;
	struct assets assets;
	struct intake intake;
	struct attribution attribution;
	struct record_room room;
	struct health health;
	struct changes changes;
	struct publisher publisher;
	struct outlet outlet;
	struct line_context context;
	struct infer infer;
	struct arena memory;
	const char **names; /* of the observers */
	uint64_t *marks;    /* of each sender: the number of its last mark */
	struct report_iface *ifaces;
	struct gauge *gauges;
	uint64_t closed;  /* number of the last interval that is over */
	uint64_t next_ns; /* when the next report is due */
	uint64_t reports;
};

/* ---- the order of lines ---- */

/* What a report lists of a kind of record, in order: all, or those of a set. */
struct listing {
	const struct asset_list *list;
	uint32_t count, at;
};

static struct listing list_records(struct reporter *r, const struct asset_list *list,
                                   const uint64_t *set)
{
	const uint32_t count = assets_gather_records(list, set);

	assets_sort(&r->assets, list, count);
	return (struct listing){.list = list, .count = count};
}

/* Asks memory for what records further on in the listing will read, a step of each at a time. */
static void listing_foresee(const struct assets *a, const struct listing *l)
{
	for (enum foresight step = FORESEE_ENTRY; step <= FORESEE_FACTS; step++) {
		const uint32_t at = l->at + AHEAD * (FORESEE_FACTS + 1u - step);
		if (at < l->count)
			assets_foresee_record(a, &l->list->at[l->list->order[at]], step);
	}
}

/* Which of two listings has the next record? NULL: both are at their end. */
static struct listing *next_listing(const struct assets *a, struct listing *x, struct listing *y)
{
	if (x->at == x->count || y->at == y->count)
		return x->at < x->count ? x : y->at < y->count ? y : NULL;
	return asset_compare(a, &x->list->at[x->list->order[x->at]],
	                     &y->list->at[y->list->order[y->at]]) < 0
	               ? x
	               : y;
}

/* ---- lines ---- */

static void say_hello(struct reporter *r)
{
	const struct reporter_asks *const asks = &r->options.asks;
	const unsigned count = asks->ifaces == NULL ? 0 : asks->ifaces(asks->to, r->ifaces, IFACES);
	struct emit j = outlet_line(&r->outlet);

	line_begin(&j, &r->context, LINE_HELLO);
	emit_key(&j, "version");
	emit_string(&j, r->options.version);
	emit_key(&j, "live");
	emit_bool(&j, r->options.live);
	emit_key(&j, "interfaces");
	emit_open(&j, '[');
	for (unsigned i = 0; i < count; i++) {
		emit_open(&j, '{');
		emit_key(&j, "name");
		emit_string(&j, r->ifaces[i].name);
		emit_key(&j, "linktype");
		emit_string(&j, r->ifaces[i].linktype);
		emit_close(&j, '}');
	}
	emit_close(&j, ']');
	emit_close(&j, '}');
	outlet_commit(&r->outlet, &j, LINE_HELLO, r->context.seq);
}

static bool say_record(struct reporter *r, const struct asset_list *list, uint32_t entry, bool full)
{
	struct record record;

	if (list == &r->assets.devices)
		record_device(&r->assets, &r->room, entry, &record);
	else if (!record_address(&r->assets, &r->room, entry, &record))
		return false;
	struct emit j = outlet_line(&r->outlet);
	line_begin(&j, &r->context, LINE_DEVICE);
	line_device(&j, &r->context, &record, full);
	emit_close(&j, '}');
	outlet_commit(&r->outlet, &j, LINE_DEVICE, r->context.seq);
	return true;
}

static void say_end(struct reporter *r, uint64_t devices)
{
	struct emit j = outlet_line(&r->outlet);

	line_begin(&j, &r->context, LINE_END);
	emit_key(&j, "devices");
	emit_number(&j, devices);
	emit_close(&j, '}');
	outlet_commit(&r->outlet, &j, LINE_END, r->context.seq);
}

/* Health is what the live table shows too, so the snapshot goes out with it. */
static void say_health(struct reporter *r, bool write)
{
	const struct reporter_asks *const asks = &r->options.asks;
	struct emit j = outlet_line(&r->outlet);
	const struct health_more more = {
		.assets = &r->assets,
		.lines = r->outlet.lines,
		.changes = r->changes.told,
		.changes_held = r->changes.held,
		.identity_refused = kinship_refused(&r->changes),
		.gauges = r->gauges,
		.gauge_count = asks->gauges == NULL ? 0 : asks->gauges(asks->to, r->gauges, GAUGES),
	};

	health_sum(&r->health, &r->assets);
	line_begin(&j, &r->context, LINE_HEALTH);
	line_health(&j, &r->health, &more);
	emit_close(&j, '}');
	if (r->options.snapshots)
		publish(&r->publisher, &r->assets, &r->room, &r->context, &r->health, &more, j.buf,
		        j.len);
	if (write)
		outlet_commit(&r->outlet, &j, LINE_HEALTH, r->context.seq);
	else
		r->context.seq--; /* a line that only the snapshot has */
}

static void say_bye(struct reporter *r)
{
	struct emit j = outlet_line(&r->outlet);

	line_begin(&j, &r->context, LINE_BYE);
	emit_key(&j, "lines");
	emit_number(&j, r->outlet.lines + 1);
	emit_close(&j, '}');
	outlet_commit(&r->outlet, &j, LINE_BYE, r->context.seq);
}

/* The records of both listings; how many lines that were. */
static uint64_t say_records(struct reporter *r, struct listing *devices, struct listing *addresses,
                            bool full)
{
	struct listing *from;
	uint64_t said = 0;

	while ((from = next_listing(&r->assets, devices, addresses)) != NULL) {
		const uint32_t entry = from->list->order[from->at++];
		listing_foresee(&r->assets, from);
		said += say_record(r, from->list, entry, full);
	}
	return said;
}

static void list_said(const struct asset_list *list)
{
	bits_clear(list->unreported, list->used + 1);
	bits_clear(list->fresh, list->used + 1);
}

static void say_report(struct reporter *r, bool full)
{
	const struct asset_list *const devices = &r->assets.devices, *const addresses =
									     &r->assets.addresses;
	struct listing x = list_records(r, devices, full ? NULL : devices->unreported);
	struct listing y = list_records(r, addresses, full ? NULL : addresses->unreported);
	const uint64_t said = say_records(r, &x, &y, full);

	list_said(devices);
	list_said(addresses);
	if (full)
		say_end(r, said);
	r->reports++;
}

/* How many a report ahead would list, as far as it matters: at most one more than may be. */
static uint32_t count_fresh(const struct asset_list *list)
{
	const uint32_t end = list->used + 1;
	uint32_t count = 0;

	for (uint32_t i = bits_next(list->fresh, 1, end); i < end && count <= AHEAD_MOST;
	     i = bits_next(list->fresh, i + 1, end))
		count += list->at[i].used;
	return count;
}

/*
 * Live, somebody may be looking: of whom something was learned, as long as these are few, the
 * record leaves at this mark, and again, with all its counts, at the interval's end.
 */
static void say_ahead(struct reporter *r)
{
	const struct asset_list *const devices = &r->assets.devices, *const addresses =
									     &r->assets.addresses;

	if (count_fresh(devices) + count_fresh(addresses) > AHEAD_MOST)
		return;
	struct listing x = list_records(r, devices, devices->fresh);
	struct listing y = list_records(r, addresses, addresses->fresh);
	(void)say_records(r, &x, &y, false);
	bits_clear(devices->fresh, devices->used + 1);
	bits_clear(addresses->fresh, addresses->used + 1);
}

/* ---- the task ---- */

/* All that a mark asks for. last: the run is over. */
static void reporter_close(struct reporter *r, uint64_t time_ns, bool last)
{
	const bool due = last || (r->options.interval_ns != 0 && time_ns >= r->next_ns);

	if (time_ns > r->context.time_ns)
		r->context.time_ns = time_ns;
	r->changes.silent_new = !r->options.live && r->reports == 0;
	r->changes.ends = last && !r->options.snapshots;
	if (r->context.seq == 0)
		say_hello(r);
	changes_find(&r->changes, r->context.time_ns);
	if (due) {
		say_report(r, last || r->reports % r->options.full_every == 0);
		r->next_ns = time_ns + r->options.interval_ns;
	} else if (r->options.live) {
		say_ahead(r);
	}
	if (due || r->options.snapshots)
		say_health(r, due);
	if (last)
		say_bye(r);
	outlet_flush(&r->outlet);
}

/* Has the interval of this mark now ended for all senders? */
static bool reporter_mark(struct reporter *r, const struct item *item)
{
	uint64_t least = UINT64_MAX;

	r->marks[item->sender] = item->mark.interval;
	if (!r->options.live)
		return true; /* the channel gives it once it came from all */
	for (unsigned i = 0; i < r->options.senders; i++)
		if (r->marks[i] < least)
			least = r->marks[i];
	if (least <= r->closed)
		return false;
	r->closed = least;
	return true;
}

static void reporter_take(struct reporter *r, const struct item *item)
{
	const struct fact_item *const fact = item->bytes;

	switch ((enum fact_message)fact->message) {
	case NEW_FACT:
	case MORE:
		intake_put(&r->intake, fact);
		break;
	case COUNTERS:
		health_tell(&r->health, item->sender, (const struct counters_item *)(fact + 1),
		            fact->value_len);
		break;
	}
}

/* Nothing waits for the tables while the inbox is empty, nor at a mark or the end. */
static enum received reporter_receive(struct reporter *r, struct item *item)
{
	const int timeout_ms = r->intake.count > 0 ? 0 : -1;
	enum received got = channel_receive(r->options.facts, item, timeout_ms);

	if (got == ITEM)
		return got;
	intake_drain(&r->intake);
	return got != NO_ITEM ? got : channel_receive(r->options.facts, item, -1);
}

int reporter_run(struct reporter *r)
{
	struct item item;
	enum received got;

	if (r->options.live) {
		r->context.time_ns = clock_now_ns();
		r->next_ns = r->context.time_ns + r->options.interval_ns;
		say_hello(r);
		outlet_flush(&r->outlet);
	}
	while (!r->outlet.closed && (got = reporter_receive(r, &item)) != ENDED) {
		if (got == ITEM)
			reporter_take(r, &item);
		else if (got == MARK && reporter_mark(r, &item))
			reporter_close(r, item.mark.time_ns, false);
	}
	channel_leave(r->options.facts);
	if (!r->outlet.closed)
		reporter_close(r, r->assets.last_ns, true);
	outlet_close(&r->outlet);
	return r->outlet.error;
}

/* ---- life ---- */

static void reporter_names(struct reporter *r)
{
	for (unsigned i = 0; i < plan_observers(r->options.plan) && i < NAMES; i++)
		r->names[i] = plan_observer(r->options.plan, i)->name;
}

static void *take(struct reporter *r, size_t bytes)
{
	void *const taken = arena_take(&r->memory, bytes, 64);

	assert(taken != NULL);
	return taken;
}

static int reporter_take_memory(struct reporter *r)
{
	const size_t sizes = NAMES * sizeof *r->names + r->options.senders * sizeof *r->marks +
	                     IFACES * sizeof *r->ifaces + GAUGES * sizeof *r->gauges +
	                     4 * (size_t)LINE_MOST;
	const int err = arena_init(&r->memory, sizes + 4096);

	if (err < 0)
		return err;
	r->names = take(r, NAMES * sizeof *r->names);
	r->marks = take(r, r->options.senders * sizeof *r->marks);
	r->ifaces = take(r, IFACES * sizeof *r->ifaces);
	r->gauges = take(r, GAUGES * sizeof *r->gauges);
	r->outlet.batch = take(r, 4 * (size_t)LINE_MOST);
	return 0;
}

static int reporter_init(struct reporter *r)
{
	const struct reporter_options *const o = &r->options;
	int err = assets_init(&r->assets, &o->limits, &o->key);

	if (err == 0)
		err = reporter_take_memory(r);
	if (err == 0)
		err = attribution_init(&r->attribution, &r->assets);
	if (err == 0)
		err = record_room_init(&r->room, r->names, plan_observers(o->plan));
	r->changes.assets = &r->assets;
	if (err == 0)
		err = changes_init(&r->changes);
	if (err == 0)
		err = health_init(&r->health, o->plan, o->senders);
	if (err == 0)
		err = phrases_init(&r->context.phrases);
	if (err == 0 && o->snapshots)
		err = publisher_init(&r->publisher);
	return err;
}

static void reporter_wire(struct reporter *r)
{
	const struct reporter_options *const o = &r->options;

	r->outlet.sinks = o->sinks;
	r->outlet.sink_count = o->sink_count;
	for (unsigned i = 0; i < o->lane_count; i++)
		r->outlet.lanes[r->outlet.lane_count++].untyped = o->lanes[i];
	r->context = (struct line_context){.sensor = o->sensor,
	                                   .boot = o->boot,
	                                   .hashed = o->hashed,
	                                   .privacy_key = o->privacy_key,
	                                   .infer = &r->infer,
	                                   .phrases = r->context.phrases};
	r->intake.assets = &r->assets;
	r->changes.attribution = &r->attribution;
	r->changes.room = &r->room;
	r->changes.outlet = &r->outlet;
	r->changes.context = &r->context;
	r->changes.quiet = o->quiet;
	r->changes.quiet_count = o->quiet_count;
	r->changes.gone_ns = o->live ? o->gone_ns : 0;
	r->changes.hold_ns = HOLD_NS;
	reporter_names(r);
}

struct reporter *reporter_new(const struct reporter_options *options, char *why, size_t why_len)
{
	struct reporter *const r = calloc(1, sizeof *r);

	assert(options->sink_count + options->lane_count <= OUTLET_SINKS);
	if (r == NULL) {
		snprintf(why, why_len, "cannot start the reporter: out of memory");
		return NULL;
	}
	r->options = *options;
	if (r->options.full_every == 0)
		r->options.full_every = 60;
	if (r->options.gone_ns == 0)
		r->options.gone_ns = GONE_NS;
	char reason[RULES_WHY] = "";
	int err = reporter_init(r);
	if (err < 0)
		snprintf(why, why_len,
		         "cannot take memory for what is known: %s (lower the limits)",
		         strerror(-err));
	else if ((err = infer_init(&r->infer, options->data, reason)) < 0)
		snprintf(why, why_len, "%s (see havainto update-data)", reason);
	if (err < 0) {
		reporter_free(r);
		return NULL;
	}
	reporter_wire(r);
	return r;
}

void reporter_free(struct reporter *r)
{
	if (r == NULL)
		return;
	publisher_fini(&r->publisher);
	health_fini(&r->health);
	changes_fini(&r->changes);
	infer_fini(&r->infer);
	phrases_fini(&r->context.phrases);
	record_room_fini(&r->room);
	attribution_fini(&r->attribution);
	assets_fini(&r->assets);
	arena_free(&r->memory);
	free(r);
}

const struct snapshot *reporter_snapshot(struct reporter *r)
{
	return publisher_look(&r->publisher);
}

void reporter_want(struct reporter *r, const struct snapshot_row *row)
{
	publisher_want(&r->publisher, row);
}
