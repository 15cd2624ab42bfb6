/* SPDX-License-Identifier: Apache-2.0 */
/*
 * task.c - the walk of a packet through the observers.
 *
 * forward() is all of it: look the key up, call each observer of the chain with the bytes as they
 * are now, count what it says. An observer forwards in turn, so the call stack is the packet's
 * stack of layers. Where the plan has an edge the packet is handed over instead (hand.c).
 */
#include "observe/task.h"
#include "base/probe.h"
#include "observe/hand.h"

#include <stdlib.h>
#include <string.h>

enum { NOVELTY_BYTES_DEFAULT = 16 << 20, ARENA_SLACK = 1 << 20 };

/* ---- counting ---- */

struct unclaimed *task_unclaimed(struct task *t, enum space space, uint64_t key)
{
	uint64_t at = (key << 4 | (uint64_t)space) * 0x9e3779b97f4a7c15 >> 32;

	for (;; at++) {
		uint16_t *number = &t->unclaimed_at[at % UNCLAIMED_PLACES];
		struct unclaimed *one = &t->unclaimed[*number > 0 ? *number - 1 : 0];

		if (*number > 0 && one->key == key && one->space == (uint32_t)space)
			return one;
		if (*number > 0)
			continue;
		if (t->unclaimed_count == UNCLAIMED_MAX)
			return NULL;
		*number = (uint16_t)++t->unclaimed_count;
		one = &t->unclaimed[*number - 1];
		*one = (struct unclaimed){.key = key, .space = (uint32_t)space};
		return one;
	}
}

void task_count_unclaimed(struct task *t, enum space space, uint64_t key)
{
	struct unclaimed *one = task_unclaimed(t, space, key);

	task_add(t, COUNTER_UNCLAIMED, 1);
	if (one)
		one->packets++;
	if (UNLIKELY(t->watched) && t->watch.unclaimed)
		t->watch.unclaimed(t->watch.to, space, key);
}

NOINLINE void task_count_broken(struct task *t, unsigned observer, const struct packet *p)
{
	struct verdict_counts *c = &t->verdicts[observer];

	if (p->cut)
		c->truncated++;
	else
		c->verdict[MALFORMED]++;
	PROBE2(malformed, PROBE_POINTER(plan_observer(t->plan, observer)->name), p->frame);
}

/* ---- the walk ---- */

static ALWAYS_INLINE enum verdict task_run(struct task *t, struct packet *p, unsigned observer,
                                           enum space space, uint64_t key)
{
	const int edge = t->hands_over[observer];

	if (UNLIKELY(edge >= 0)) {
		hand_packet(t, p, &(struct course){observer, (unsigned)edge, space, key});
		return NOTHING;
	}
	const struct observer *o = t->plan->observers[observer];
	if (!o->packet)
		return NOTHING;
	const unsigned outer = t->current;
	const struct cur rest = p->rest;

	if (UNLIKELY(t->watched) && t->watch.enter)
		t->watch.enter(t->watch.to, p, o, space, key, &p->rest);
	t->current = observer;
	const enum verdict v = o->packet(t, p, t->state[observer]);
	t->current = outer;
	p->rest = rest;
	if (LIKELY(t->kept == 0))
		task_count_verdict(t, observer, v, p);
	if (UNLIKELY(t->glances.noting != NULL))
		glance_note_layer(t->glances.noting, observer, v);
	return v;
}

enum verdict task_call(struct task *t, struct packet *p, unsigned observer, enum space space,
                       uint64_t key)
{
	return task_run(t, p, observer, space, key);
}

bool forward(struct task *t, struct packet *p, enum space space, uint64_t key)
{
	const struct chain *chain = plan_chain(t->plan, space, key);

	if (UNLIKELY(t->glances.noting != NULL) && space == IP_PROTOCOL)
		return glance_forward(t, p, key);
	if (UNLIKELY(t->kept > 0) && space == IP_PROTOCOL) {
		flow_touch(t, p);
		return true;
	}
	if (chain->count == 0) {
		task_count_unclaimed(t, space, key);
		return false;
	}
	if (p->depth >= DEPTH_MAX) {
		task_add(t, COUNTER_TOO_DEEP, 1);
		return true;
	}
	p->depth++;
	for (unsigned i = 0; i < chain->count; i++)
		(void)task_run(t, p, chain->observer[i], space, key);
	p->depth--;
	return true;
}

bool packet_enter(struct task *t, const struct packet *p, const char *name, bool has_id,
                  uint32_t id, struct packet *inner)
{
	struct realm realm = {0};
	const int number = realm_enter(&t->realms.list[p->realm], name, has_id, id, &realm)
	                           ? realms_number(&t->realms, &t->options.key, &realm)
	                           : -1;

	if (number < 0) {
		task_add(t, COUNTER_REALMS_REFUSED, 1);
		return false;
	}
	struct hash h = hash_init(&t->options.key);
	hash_u64(&h, p->tunnel);
	hash_u64(&h, t->realms.digest[number]);
	hash_u64(&h, shard_pair(&t->options.key, &p->from, &p->to));

	*inner = (struct packet){
		.rest = p->rest,
		.time_ns = p->time_ns,
		.frame = p->frame,
		.wire = p->wire,
		.iface = p->iface,
		.cut = p->cut,
		.depth = p->depth,
		.realm = (uint16_t)number,
		.tunnel = hash_end(&h),
	};
	return true;
}

struct scratch *task_scratch(struct task *t)
{
	return t->scratch;
}

struct hash_chain wording_of(const struct task *t, enum fact_kind kind)
{
	struct hash_chain c = chain_begin(&t->options.key);

	chain_word(&c, (uint64_t)kind);
	return c;
}

bool wording_known(const struct task *t, uint64_t of, struct text *out)
{
	return wordings_find(&t->wordings, of, out);
}

void wording_keep(struct task *t, uint64_t of, const struct text *text)
{
	wordings_keep(&t->wordings, of, text);
}

void stream_message(struct task *t, const struct cur *in)
{
	t->message_end = cur_pos(in);
}

void task_watch_frame(struct task *t, const struct frame *f)
{
	if (!t->watch.frame)
		return;
	t->frame = f;
	t->watch.frame(t->watch.to, f);
}

/* ---- frames ---- */

void task_walk(struct task *t, const struct frame *f)
{
	struct packet p = {
		.rest = cur_make(f->bytes, f->captured),
		.time_ns = f->time_ns,
		.frame = f->number,
		.wire = f->wire,
		.iface = f->iface,
		.cut = f->captured < f->wire || f->captured > CUR_MAX,
	};

	if (UNLIKELY(t->watched))
		task_watch_frame(t, f);
	if (!forward(t, &p, LINKTYPE, f->linktype))
		task_add(t, COUNTER_UNSUPPORTED, 1);
	if (UNLIKELY(t->watched))
		task_watch_frame(t, NULL);
}

/* Counts frames, and asks for their first bytes. */
static ALWAYS_INLINE void task_count_frames(struct task *t, const struct frame *frames,
                                            unsigned count)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < count; i++) {
		PREFETCH(frames[i].bytes);
		bytes += frames[i].wire;
		if (UNLIKELY(frames[i].captured < frames[i].wire || frames[i].captured > CUR_MAX))
			task_add(t, COUNTER_CUT, 1);
	}
	task_add(t, COUNTER_FRAMES, count);
	task_add(t, COUNTER_BYTES, bytes);
}

/* At most GLANCE_AHEAD frames. */
static ALWAYS_INLINE void task_some(struct task *t, const struct frame *frames, unsigned count,
                                    struct source *live, enum want *wanted)
{
	const bool on = t->glances.on;

	task_count_frames(t, frames, count);
	if (LIKELY(on))
		glance_ahead(t, frames, count);
	for (unsigned i = 0; i < count; i++) {
		const struct frame *const f = &frames[i];

		if (UNLIKELY(live != NULL))
			source_ahead(live);
		t->wanted = WANT_ALL;
		if (UNLIKELY(!on) || !glance_frame(t, f, i))
			task_walk(t, f);
		if (UNLIKELY(wanted != NULL))
			wanted[i] = t->wanted;
	}
}

void task_frames(struct task *t, const struct frame *frames, unsigned count, struct source *live,
                 enum want *wanted)
{
	t->asked = wanted != NULL;
	for (unsigned done = 0, some = 0; done < count; done += some) {
		some = count - done < GLANCE_AHEAD ? count - done : GLANCE_AHEAD;
		task_some(t, frames + done, some, live, wanted != NULL ? wanted + done : NULL);
	}
	tell_settle_all(t);
}

void task_frame(struct task *t, const struct frame *f)
{
	enum want wanted;

	task_frames(t, f, 1, NULL, &wanted);
}

enum want task_wanted(const struct task *t)
{
	return t->wanted;
}

void had_enough(struct task *t)
{
	t->enough++;
}

void task_kept(struct task *t, const struct frame *head, uint64_t packets, uint64_t bytes)
{
	struct packet p = {
		.rest = cur_make(head->bytes, head->captured),
		.time_ns = head->time_ns,
		.frame = head->number,
		.wire = head->wire,
		.iface = head->iface,
	};

	t->kept = packets;
	t->kept_bytes = bytes;
	(void)forward(t, &p, LINKTYPE, head->linktype);
	t->kept = t->kept_bytes = 0;
}

void task_sheds(struct task *t, bool sheds)
{
	t->coverage->sheds = sheds;
}

void task_tick(struct task *t, uint64_t now_ns)
{
	for (unsigned i = 0; i < plan_observers(t->plan); i++) {
		const struct observer *o = plan_observer(t->plan, i);

		t->current = i;
		if (o->tick)
			o->tick(t, now_ns, t->state[i]);
	}
	t->current = NO_OBSERVER;
}

void task_finish(struct task *t)
{
	for (uint32_t i = 0; i < t->flows.used; i++)
		stream_end(t, NULL, &t->flows.list[i], 0);
	for (unsigned i = 0; i < plan_observers(t->plan); i++) {
		const struct observer *o = plan_observer(t->plan, i);

		t->current = i;
		if (o->finish)
			o->finish(t, t->state[i]);
	}
	t->current = NO_OBSERVER;
	task_tell_all(t);
	task_tell_counters(t);
}

static_assert(sizeof(struct counters_item) + OBSERVERS_MAX * sizeof(struct verdict_counts) +
                              UNCLAIMED_MAX * sizeof(struct unclaimed) +
                              COVERAGE_ROWS * sizeof(struct coverage_row) +
                              ASKED_MAX * sizeof(struct asked) <=
                      UINT16_MAX,
              "the length of an item says it");

static uint8_t *append(uint8_t *to, const void *bytes, size_t len)
{
	memcpy(to, bytes, len);
	return to + len;
}

/* Sends the totals so far: a COUNTERS item. */
void task_tell_counters(struct task *t)
{
	const unsigned observers_here = plan_observers(t->plan);
	const size_t verdict_bytes = observers_here * sizeof *t->verdicts;
	const size_t unclaimed_bytes = t->unclaimed_count * sizeof *t->unclaimed;
	const struct coverage *const c = t->coverage;
	const size_t row_bytes = c->row_count * sizeof *c->rows;
	const size_t asked_bytes = c->asked_count * sizeof *c->asked;
	const size_t len = sizeof(struct counters_item) + verdict_bytes + unclaimed_bytes +
	                   row_bytes + asked_bytes;
	struct fact_item *room = NULL;

	if (t->options.facts.reserve(t->options.facts.to, (uint32_t)(sizeof *room + len), &room) !=
	    SENT)
		return; /* totals: the next ones say it too */
	memset(room, 0, sizeof *room);
	room->message = COUNTERS;
	room->value_len = (uint16_t)len;
	struct counters_item *head = (struct counters_item *)(room + 1);
	memcpy(head->counters, t->counters, sizeof head->counters);
	head->observers = observers_here;
	head->unclaimed = t->unclaimed_count;
	head->rows = c->row_count;
	head->asked = c->asked_count;
	uint8_t *behind = (uint8_t *)(head + 1);
	behind = append(behind, t->verdicts, verdict_bytes);
	behind = append(behind, t->unclaimed, unclaimed_bytes);
	behind = append(behind, c->rows, row_bytes);
	(void)append(behind, c->asked, asked_bytes);
	t->options.facts.commit(t->options.facts.to);
}

/* ---- life ---- */

static size_t or_default(size_t bytes, size_t otherwise)
{
	return bytes ? bytes : otherwise;
}

static bool task_init_state(struct task *t)
{
	const unsigned count = plan_observers(t->plan);

	t->state = arena_take(&t->arena, (count + 1) * sizeof *t->state, 8);
	t->verdicts = arena_take(&t->arena, (count + 1) * sizeof *t->verdicts, 64);
	t->scratch = arena_take(&t->arena, sizeof *t->scratch, 64);
	t->coverage = arena_take(&t->arena, sizeof *t->coverage, 64);
	if (!t->state || !t->verdicts || !t->scratch || !t->coverage)
		return false;
	for (unsigned i = 0; i < count; i++) {
		const size_t size = plan_observer(t->plan, i)->state_size;

		t->state[i] = size ? arena_take(&t->arena, size, 64) : NULL;
		if (size && !t->state[i])
			return false;
	}
	return true;
}

static size_t task_state_bytes(const struct plan *plan)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < plan_observers(plan); i++)
		bytes += plan_observer(plan, i)->state_size + 64;
	return bytes;
}

/* Which observers' packets leave the task. */
static void task_init_edges(struct task *t)
{
	const struct patterns *sniff = &t->plan->tcp_sniff;

	for (unsigned i = 0; i < plan_observers(t->plan); i++) {
		t->hands_over[i] = (int8_t)plan_hands_over(t->plan, t->options.edge, i);
		t->hands = t->hands || t->hands_over[i] >= 0;
	}
	for (unsigned i = 0; i < sniff->count; i++) {
		const int edge = t->hands_over[sniff->list[i].observer];

		if (edge >= 0)
			t->sniffing |= 1u << edge;
	}
	t->looks_at_news = t->hands;
}

struct task *task_new(const struct plan *plan, const struct task_options *options)
{
	struct task *t = calloc(1, sizeof *t);
	const size_t novelty = or_default(options->novelty_bytes, NOVELTY_BYTES_DEFAULT);
	const size_t budget =
		ARENA_SLACK + task_state_bytes(plan) + novelty + sizeof(struct scratch) +
		sizeof(struct coverage) + glances_budget() + door_budget() +
		REALMS_MAX * (sizeof(struct realm) + 8) + REALM_BUCKETS * 2 +
		ENDPOINTS * sizeof(struct known_endpoint) + WORDINGS * sizeof(struct wording) +
		flows_budget(options->flow_bytes, options->stream_bytes, plan->edge_count) +
		fragments_budget(options->fragment_bytes);

	if (!t)
		return NULL;
	t->plan = plan;
	t->options = *options;
	t->current = t->only = NO_OBSERVER;
	task_init_edges(t);
	if (arena_init(&t->arena, budget) == 0 && task_init_state(t) &&
	    realms_init(&t->realms, &t->arena) && endpoints_init(&t->endpoints, &t->arena) &&
	    wordings_init(&t->wordings, &t->arena) &&
	    novelty_init(&t->novelty, &t->arena, novelty) && glances_init(t) &&
	    door_init(&t->door, &t->arena) &&
	    flows_init(&t->flows, &t->arena, options->flow_bytes, options->stream_bytes,
	               plan->edge_count) &&
	    fragments_init(&t->fragments, &t->arena, options->fragment_bytes))
		return t;
	task_free(t);
	return NULL;
}

void task_free(struct task *t)
{
	if (!t)
		return;
	arena_free(&t->arena);
	free(t);
}

const struct verdict_counts *task_verdicts(const struct task *t, unsigned observer)
{
	return &t->verdicts[observer];
}

uint64_t task_counter(const struct task *t, enum counter counter)
{
	return t->counters[counter];
}

void task_watch(struct task *t, const struct watch *watch)
{
	t->watch = *watch;
	t->watched = true;
	t->glances.on = false;
	t->looks_at_news = true;
}
