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

static bool offer_has(const struct reading *r, unsigned observer)
{
	for (unsigned i = 0; i < r->candidate_count; i++)
		if (r->candidate[i] == observer)
			return true;
	return false;
}

static void offer_add(struct task *t, struct reading *r, unsigned observer)
{
	const int edge = t->hands_over[observer];

	if (t->only != NO_OBSERVER && observer != t->only)
		return;
	if (edge >= 0) {
		r->handing |= (uint16_t)(1u << edge);
		return;
	}
	if (!plan_observer(t->plan, observer)->stream || offer_has(r, observer))
		return;
	if (r->candidate_count == CANDIDATES_MAX)
		task_add(t, COUNTER_STREAM_REFUSED, 1);
	else
		r->candidate[r->candidate_count++] = (uint8_t)observer;
}

static void offer_add_port(struct task *t, struct reading *r, struct port port)
{
	const struct chain *chain = plan_chain(t->plan, TCP_PORT, port.n);

	for (unsigned i = 0; i < chain->count; i++)
		offer_add(t, r, chain->observer[i]);
}

void offer_begin(struct task *t, const struct packet *p, struct flow *f, unsigned side)
{
	struct reading *r = &flow_streams(&t->flows, f)->side[side];

	r->begun = true;
	offer_add_port(t, r, p->to_port);
	offer_add_port(t, r, p->from_port);
}

void offer_decide(struct task *t, const struct packet *p, struct flow *f, unsigned side,
                  const uint8_t *bytes, uint32_t len)
{
	const struct patterns *patterns = &t->plan->tcp_sniff;
	struct streams *both = flow_streams(&t->flows, f);
	struct reading *r = &both->side[side];
	bool maybe = false;

	uint64_t possible = patterns_possible(patterns, bytes, len);

	for (; possible != 0; possible &= possible - 1) {
		const struct pattern *pattern = &patterns->list[__builtin_ctzll(possible)];
		const int match = pattern_match(pattern, bytes, len);

		if (match == MATCH_YES)
			offer_add(t, r, pattern->observer);
		maybe = maybe || match == MATCH_MAYBE;
	}
	r->decided = !maybe;
	both->claimed = both->claimed || r->candidate_count > 0 || r->handing != 0;
	if (r->decided && !both->claimed && !both->counted_unclaimed && t->only == NO_OBSERVER) {
		both->counted_unclaimed = true;
		task_count_unclaimed(t, TCP_PORT, packet_lower_port(p));
	}
}

unsigned offer_edges(const struct task *t, const struct reading *r)
{
	return r->handing | (r->decided ? 0u : t->sniffing);
}

/* ---- what an observer keeps of a flow ---- */

/* The flow's states, zeroed when new. Free ones are linked through `owner`. */
static struct flow_states *flow_states(struct flows *flows, struct streams *of)
{
	if (of->state)
		return &flows->states[of->state - 1];
	of->state = flows->state_free ? flows->state_free : ++flows->state_used;
	struct flow_states *s = &flows->states[of->state - 1];
	if (flows->state_free)
		memcpy(&flows->state_free, s->owner, sizeof flows->state_free);
	memset(s, 0, sizeof *s);
	return s;
}

/* NULL: the two directions have too many different candidates. */
static void *flow_state(struct task *t, struct flow *f, unsigned observer)
{
	struct flow_states *s = flow_states(&t->flows, flow_streams(&t->flows, f));

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
	struct streams *s = f->streams != 0 ? &flows->streams[f->streams - 1] : NULL;

	if (!s || !s->state)
		return;
	memcpy(flows->states[s->state - 1].owner, &flows->state_free, sizeof flows->state_free);
	flows->state_free = s->state;
	s->state = 0;
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
	struct reading *r = flow_reading(&t->flows, f, side);
	const unsigned observer = r->candidate[i];
	const bool keeps = plan_observer(t->plan, observer)->flow_state_size > 0;
	void *state = keeps ? flow_state(t, f, observer) : NULL;
	const uint32_t start = cur_pos(&in);
	const struct stream s = {
		.from_client = f->initiator_high == (side == 1),
		.first = r->consumed[i] == 0,
		.midstream = f->side[side].midstream,
		.gap = r->gap,
		.end = end,
	};

	assert(i < CANDIDATES_MAX);
	if (keeps && !state) {
		task_add(t, COUNTER_STREAM_REFUSED, 1);
		r->done |= (uint8_t)(1u << i);
		return false;
	}
	const enum verdict v = offer_run(t, p, observer, &in, &s, state);
	const uint32_t used = (v == NEED_MORE ? t->message_end : cur_pos(&in)) - start;

	r->consumed[i] += used;
	if (v == MALFORMED || v == NOT_MINE || t->enough > 0)
		r->done |= (uint8_t)(1u << i);
	if (used > 0)
		r->in_vain[i] = 0;
	else if (r->in_vain[i] < IN_VAIN_MAX)
		r->in_vain[i]++;
	return used > 0 && v != NEED_MORE && (r->done & 1u << i) == 0;
}

/* When is a candidate that left bytes unread to be called again? */
static uint32_t offer_next(const struct reading *r, uint32_t have, unsigned i)
{
	const uint32_t unread = have - r->consumed[i];

	return have + 1 + (r->in_vain[i] < IN_VAIN_MAX ? 0 : unread / GROWTH);
}

static void offer_one(struct task *t, struct packet *p, struct flow *f, unsigned side, unsigned i,
                      const struct cur *window, uint32_t from, bool end)
{
	struct reading *r = flow_reading(&t->flows, f, side);
	const uint32_t have = f->side[side].have;
	const uint32_t limit = t->plan->stream_limit[r->candidate[i]];
	const uint32_t to = have < limit ? have : limit;
	const bool last = end || to == limit;
	bool again = last || have >= r->again_at[i];

	while (again && (r->done & 1u << i) == 0 && (r->consumed[i] < to || last)) {
		struct cur in = *window;

		cur_cut(&in, to - from);
		cur_skip(&in, r->consumed[i] - from);
		again = offer_call(t, p, f, side, i, in, last);
		if (last && (!again || r->consumed[i] >= to))
			r->done |= (uint8_t)(1u << i);
	}
	if (!last && r->consumed[i] < to && have >= r->again_at[i])
		r->again_at[i] = offer_next(r, have, i);
}

void offer(struct task *t, struct packet *p, struct flow *f, unsigned side,
           const struct cur *window, uint32_t from, bool end)
{
	const struct reading *r = flow_reading(&t->flows, f, side);

	for (unsigned i = 0; i < r->candidate_count; i++)
		if ((r->done & 1u << i) == 0)
			offer_one(t, p, f, side, i, window, from, end);
}

bool offer_is_read(const struct reading *r, uint32_t have)
{
	for (unsigned i = 0; i < r->candidate_count; i++)
		if ((r->done & 1u << i) == 0 && r->consumed[i] < have)
			return false;
	return r->decided;
}

bool offer_is_done(const struct reading *r)
{
	return r->decided && r->done == (1u << r->candidate_count) - 1u;
}
