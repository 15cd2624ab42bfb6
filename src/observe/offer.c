/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offer.c - who reads a direction of a stream, and what he has read of it.
 *
 * A candidate is called with all that lies without a hole behind what it has consumed, whenever
 * more came. It reads whole messages; on NEED_MORE it comes back to the end of the last one. Each
 * is told once that nothing more will come: at the limit it declared, or where the direction ends.
 *
 * A message that comes byte by byte would be read from its start with every byte, so a candidate
 * that was called in vain for 64 times in a row is called again only when what waits has grown by
 * an eighth, or ends. That bounds the work at about nine times the bytes, whatever a sender does.
 */
#include "observe/task.h"

#include <assert.h>
#include <string.h>

enum { IN_VAIN_MAX = 64, GROWTH = 8 };

/* ---- who wants it ---- */

static bool offer_has(const struct direction *d, unsigned observer)
{
	for (unsigned i = 0; i < d->candidate_count; i++)
		if (d->candidate[i] == observer)
			return true;
	return false;
}

static void offer_add(struct task *t, struct direction *d, unsigned observer)
{
	const int edge = t->hands_over[observer];

	if (t->only != NO_OBSERVER && observer != t->only)
		return;
	if (edge >= 0) {
		d->handing |= (uint16_t)(1u << edge);
		return;
	}
	if (!plan_observer(t->plan, observer)->stream || offer_has(d, observer))
		return;
	if (d->candidate_count == CANDIDATES_MAX)
		task_add(t, COUNTER_STREAM_REFUSED, 1);
	else
		d->candidate[d->candidate_count++] = (uint8_t)observer;
}

static void offer_add_port(struct task *t, struct direction *d, struct port port)
{
	const struct chain *chain = plan_chain(t->plan, TCP_PORT, port.n);

	for (unsigned i = 0; i < chain->count; i++)
		offer_add(t, d, chain->observer[i]);
}

void offer_begin(struct task *t, const struct packet *p, struct flow *f, unsigned side)
{
	struct direction *d = &f->side[side];

	d->begun = true;
	offer_add_port(t, d, p->to_port);
	offer_add_port(t, d, p->from_port);
}

void offer_decide(struct task *t, const struct packet *p, struct flow *f, unsigned side,
                  const uint8_t *bytes, uint32_t len)
{
	const struct patterns *patterns = &t->plan->tcp_sniff;
	struct direction *d = &f->side[side];
	bool maybe = false;

	uint64_t possible = patterns_possible(patterns, bytes, len);

	for (; possible != 0; possible &= possible - 1) {
		const struct pattern *pattern = &patterns->list[__builtin_ctzll(possible)];
		const int match = pattern_match(pattern, bytes, len);

		if (match == MATCH_YES)
			offer_add(t, d, pattern->observer);
		maybe = maybe || match == MATCH_MAYBE;
	}
	d->decided = !maybe;
	f->claimed = f->claimed || d->candidate_count > 0 || d->handing != 0;
	if (d->decided && !f->claimed && !f->counted_unclaimed && t->only == NO_OBSERVER) {
		f->counted_unclaimed = true;
		task_count_unclaimed(t, TCP_PORT, packet_lower_port(p));
	}
}

unsigned offer_edges(const struct task *t, const struct direction *d)
{
	return d->handing | (d->decided ? 0u : t->sniffing);
}

/* ---- what an observer keeps of a flow ---- */

/* The flow's states, zeroed when new. Free ones are linked through `owner`. */
static struct flow_states *flow_states(struct flows *flows, struct flow *f)
{
	if (f->state)
		return &flows->states[f->state - 1];
	f->state = flows->state_free ? flows->state_free : ++flows->state_used;
	struct flow_states *s = &flows->states[f->state - 1];
	if (flows->state_free)
		memcpy(&flows->state_free, s->owner, sizeof flows->state_free);
	memset(s, 0, sizeof *s);
	return s;
}

/* NULL: the two directions have too many different candidates. */
static void *flow_state(struct task *t, struct flow *f, unsigned observer)
{
	struct flow_states *s = flow_states(&t->flows, f);

	for (unsigned i = 0; i < CANDIDATES_MAX; i++) {
		if (s->owner[i] == 0)
			s->owner[i] = (uint8_t)(observer + 1);
		if (s->owner[i] == observer + 1)
			return s->bytes[i];
	}
	return NULL;
}

void offer_forget(struct task *t, struct flow *f)
{
	struct flows *flows = &t->flows;

	if (!f->state)
		return;
	memcpy(flows->states[f->state - 1].owner, &flows->state_free, sizeof flows->state_free);
	flows->state_free = f->state;
	f->state = 0;
}

/* ---- offering ---- */

static enum verdict offer_run(struct task *t, struct packet *p, unsigned observer, struct cur *in,
                              const struct stream *s, void *state)
{
	const struct observer *o = plan_observer(t->plan, observer);
	const unsigned outer = t->current;

	t->enough = 0;
	if (UNLIKELY(t->watched) && t->watch.enter)
		t->watch.enter(t->watch.to, p, o, TCP_PORT, p->to_port.n, in);
	t->current = observer;
	t->message_end = cur_pos(in);
	const enum verdict v = o->stream(t, p, in, s, state);
	t->current = outer;
	task_count_verdict(t, observer, v, p);
	return v;
}

/* One call of candidate i. True: it read something and may want to read on at once. */
static bool offer_call(struct task *t, struct packet *p, struct flow *f, unsigned side, unsigned i,
                       struct cur in, bool end)
{
	struct direction *d = &f->side[side];
	const unsigned observer = d->candidate[i];
	const bool keeps = plan_observer(t->plan, observer)->flow_state_size > 0;
	void *state = keeps ? flow_state(t, f, observer) : NULL;
	const uint32_t start = cur_pos(&in);
	const struct stream s = {
		.from_client = f->initiator_high == (side == 1),
		.first = d->consumed[i] == 0,
		.midstream = d->midstream,
		.gap = d->gap,
		.end = end,
	};

	assert(i < CANDIDATES_MAX);
	if (keeps && !state) {
		task_add(t, COUNTER_STREAM_REFUSED, 1);
		d->done |= (uint8_t)(1u << i);
		return false;
	}
	const enum verdict v = offer_run(t, p, observer, &in, &s, state);
	const uint32_t used = (v == NEED_MORE ? t->message_end : cur_pos(&in)) - start;

	d->consumed[i] += used;
	if (v == MALFORMED || v == NOT_MINE || t->enough > 0)
		d->done |= (uint8_t)(1u << i);
	if (used > 0)
		d->in_vain[i] = 0;
	else if (d->in_vain[i] < IN_VAIN_MAX)
		d->in_vain[i]++;
	return used > 0 && v != NEED_MORE && (d->done & 1u << i) == 0;
}

/* When is a candidate that left bytes unread to be called again? */
static uint32_t offer_next(const struct direction *d, unsigned i)
{
	const uint32_t unread = d->have - d->consumed[i];

	return d->have + 1 + (d->in_vain[i] < IN_VAIN_MAX ? 0 : unread / GROWTH);
}

static void offer_one(struct task *t, struct packet *p, struct flow *f, unsigned side, unsigned i,
                      const struct cur *window, uint32_t from, bool end)
{
	struct direction *d = &f->side[side];
	const uint32_t limit = t->plan->stream_limit[d->candidate[i]];
	const uint32_t to = d->have < limit ? d->have : limit;
	const bool last = end || to == limit;
	bool again = last || d->have >= d->again_at[i];

	while (again && (d->done & 1u << i) == 0 && (d->consumed[i] < to || last)) {
		struct cur in = *window;

		cur_cut(&in, to - from);
		cur_skip(&in, d->consumed[i] - from);
		again = offer_call(t, p, f, side, i, in, last);
		if (last && (!again || d->consumed[i] >= to))
			d->done |= (uint8_t)(1u << i);
	}
	if (!last && d->consumed[i] < to && d->have >= d->again_at[i])
		d->again_at[i] = offer_next(d, i);
}

void offer(struct task *t, struct packet *p, struct flow *f, unsigned side,
           const struct cur *window, uint32_t from, bool end)
{
	for (unsigned i = 0; i < f->side[side].candidate_count; i++)
		if ((f->side[side].done & 1u << i) == 0)
			offer_one(t, p, f, side, i, window, from, end);
}

bool offer_is_read(const struct direction *d)
{
	for (unsigned i = 0; i < d->candidate_count; i++)
		if ((d->done & 1u << i) == 0 && d->consumed[i] < d->have)
			return false;
	return d->decided;
}

bool offer_is_done(const struct direction *d)
{
	return d->decided && d->done == (1u << d->candidate_count) - 1u;
}
