/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.c - TCP payload put in order and offered to the observers of a direction.
 *
 * Bytes have offsets from the direction's first byte. Three things are done with a segment: it is placed (in order and nothing waiting: used where
 * it lies in the packet; else copied into the direction's buffer at its offset, the first copy wins), the direction decides who its candidates are once enough of its first bytes
 * are there, and what lies without a hole is offered to each candidate from where that one stopped.
 *
 * A direction ends, and is offered its rest with `end`, at FIN, RST, its limit, a hole that will not be filled, and
 * at the end of the capture. RFC 9293, 3.10.7.4 is what a receiver does; we only listen, and so
 * take what fits and never look at windows or acknowledgements.
 */
#include "observe/task.h"

#include <string.h>

enum { ROUNDS_MAX = 64, WINDOW_MAX = 1 << 20 };

/* Payload of one segment, trimmed to what the direction still wants. */
struct piece_in {
	struct cur bytes;
	uint32_t offset;
};

/* ---- buffers ---- */

static struct stream_buffer *buffer_of(struct task *t, const struct direction *d)
{
	return d->buffer ? &t->flows.buffers[d->buffer - 1] : NULL;
}

static bool buffer_take(struct task *t, struct direction *d)
{
	struct flows *f = &t->flows;
	uint32_t number = f->buffer_free;

	if (number)
		f->buffer_free = f->buffers[number - 1].next_free;
	else if (f->buffer_used < f->buffer_room)
		number = ++f->buffer_used;
	else
		return false;
	d->buffer = (uint16_t)number;
	f->buffers[number - 1].range_count = 0;
	f->buffers[number - 1].kept_from = d->have;
	return true;
}

static void buffer_give(struct task *t, struct direction *d)
{
	if (!d->buffer)
		return;
	t->flows.buffers[d->buffer - 1].next_free = t->flows.buffer_free;
	t->flows.buffer_free = d->buffer;
	d->buffer = 0;
}

/* ---- who wants it ---- */

static void direction_add(struct task *t, struct direction *d, unsigned observer)
{
	const int edge = plan_hands_over(t->plan, t->options.edge, observer);

	if (t->only != NO_OBSERVER && observer != t->only)
		return;
	if (edge >= 0) {
		d->handing |= (uint16_t)(1u << edge);
		return;
	}
	for (unsigned i = 0; i < d->candidate_count; i++)
		if (d->candidate[i] == observer)
			return;
	if (d->candidate_count == CANDIDATES_MAX || !plan_observer(t->plan, observer)->stream)
		return;
	if (t->plan->stream_limit[observer] > d->limit)
		d->limit = t->plan->stream_limit[observer];
	d->candidate[d->candidate_count++] = (uint8_t)observer;
}

static void direction_claim_port(struct task *t, struct direction *d, struct port port)
{
	const struct chain *chain = plan_chain(t->plan, TCP_PORT, port.n);

	for (unsigned i = 0; i < chain->count; i++)
		direction_add(t, d, chain->observer[i]);
}

/* Until a direction has decided, its segments go to every edge whose observer may yet be chosen. */
static uint16_t edges_that_sniff(const struct task *t)
{
	uint16_t edges = 0;

	for (unsigned i = 0; t->plan->edge_count > 0 && i < t->plan->tcp_sniff.count; i++) {
		const int edge = plan_hands_over(t->plan, t->options.edge,
		                                 t->plan->tcp_sniff.list[i].observer);

		if (edge >= 0)
			edges |= (uint16_t)(1u << edge);
	}
	return edges;
}

/* The candidates that follow from the ports; a limit above 0 says that this was done. */
static void direction_start(struct task *t, const struct packet *p, struct direction *d)
{
	if (d->limit > 0)
		return;
	d->limit = 1;
	direction_claim_port(t, d, p->to_port);
	direction_claim_port(t, d, p->from_port);
}

/* Do the first bytes fit a pattern? Decided once no pattern may still come to fit. */
static void direction_decide(struct task *t, const struct packet *p, struct flow *f,
                             struct direction *d, const uint8_t *bytes, uint32_t len)
{
	const struct patterns *patterns = &t->plan->tcp_sniff;
	bool maybe = false;

	for (unsigned i = 0; i < patterns->count; i++) {
		const int match = pattern_match(&patterns->list[i], bytes, len);

		if (match == MATCH_YES)
			direction_add(t, d, patterns->list[i].observer);
		maybe = maybe || match == MATCH_MAYBE;
	}
	d->decided = !maybe;
	f->claimed = f->claimed || d->candidate_count > 0 || d->handing != 0;
	if (d->decided && !f->claimed && !f->counted_unclaimed && t->only == NO_OBSERVER) {
		f->counted_unclaimed = true;
		task_count_unclaimed(t, p, TCP_PORT, packet_lower_port(p));
	}
}

/* ---- state of a flow's observers ---- */

static void *flow_state(struct task *t, struct flow *f, unsigned observer)
{
	struct flows *flows = &t->flows;

	if (plan_observer(t->plan, observer)->flow_state_size == 0)
		return NULL;
	if (!f->state) {
		if (flows->state_free) {
			f->state = flows->state_free;
			memcpy(&flows->state_free, flows->states[f->state - 1].bytes,
			       sizeof flows->state_free);
		} else if (flows->state_used < flows->state_room) {
			f->state = ++flows->state_used;
		} else {
			return NULL;
		}
		memset(&flows->states[f->state - 1], 0, sizeof *flows->states);
	}
	struct flow_states *s = &flows->states[f->state - 1];
	for (unsigned i = 0; i < CANDIDATES_MAX; i++) {
		if (s->owner[i] == 0)
			s->owner[i] = (uint8_t)(observer + 1);
		if (s->owner[i] == observer + 1)
			return s->bytes[i];
	}
	return NULL;
}

static void flow_state_give(struct task *t, struct flow *f)
{
	struct flows *flows = &t->flows;

	if (!f->state)
		return;
	memcpy(flows->states[f->state - 1].bytes, &flows->state_free, sizeof flows->state_free);
	flows->state_free = f->state;
	f->state = 0;
}

/* ---- offering ---- */

/* One call of one candidate: how much it has read, and whether it wants more calls. */
static uint32_t stream_call(struct task *t, struct packet *p, struct flow *f, unsigned side,
                            unsigned i, struct cur in, bool end, bool *again)
{
	struct direction *d = &f->side[side];
	const unsigned observer = d->candidate[i];
	const struct observer *o = plan_observer(t->plan, observer);
	void *state = flow_state(t, f, observer);
	const unsigned outer = t->current;
	const uint32_t start = cur_pos(&in);
	const struct stream s = {
		.from_client = f->initiator_high == (side == 1),
		.first = d->consumed[i] == 0,
		.midstream = d->midstream,
		.gap = d->gap,
		.end = end,
	};

	if (o->flow_state_size > 0 && !state) {
		task_add(t, COUNTER_STREAM_REFUSED, 1);
		d->done |= (uint8_t)(1u << i);
		*again = false;
		return 0;
	}
	t->current = observer;
	t->message_end = start;
	if (UNLIKELY(t->watched) && t->watch.enter)
		t->watch.enter(t->watch.to, p, o, TCP_PORT, p->to_port.n, cur_left(&in));
	const enum verdict v = o->stream(t, p, &in, &s, state);
	task_count_verdict(t, observer, v, p->cut);
	t->current = outer;
	if (v == MALFORMED || v == NOT_MINE)
		d->done |= (uint8_t)(1u << i);
	const uint32_t used = (v == NEED_MORE ? t->message_end : cur_pos(&in)) - start;
	*again = used > 0 && v != NEED_MORE && !(d->done & 1u << i);
	return used;
}

/* Offers `window`, whose first byte has the offset `from`, to candidate i. */
static void stream_offer(struct task *t, struct packet *p, struct flow *f, unsigned side,
                         unsigned i, const struct cur *window, uint32_t from, bool end)
{
	struct direction *d = &f->side[side];
	bool again = true;

	for (unsigned round = 0; again && round < ROUNDS_MAX && !(d->done & 1u << i); round++) {
		const uint32_t limit = t->plan->stream_limit[d->candidate[i]];
		const uint32_t to = d->have < limit ? d->have : limit;
		struct cur in = *window;

		if (d->consumed[i] >= to && !end)
			return;
		cur_cut(&in, to > from ? to - from : 0);
		cur_skip(&in, d->consumed[i] - from);
		const bool last = end || to == limit;
		const uint32_t used = stream_call(t, p, f, side, i, in, last, &again);

		d->consumed[i] += used;
		if (last && (!again || d->consumed[i] >= to)) {
			d->done |= (uint8_t)(1u << i);
			return;
		}
	}
}

static void stream_offer_all(struct task *t, struct packet *p, struct flow *f, unsigned side,
                             const struct cur *window, uint32_t from, bool end)
{
	for (unsigned i = 0; i < f->side[side].candidate_count; i++)
		stream_offer(t, p, f, side, i, window, from, end);
}

/* Has every candidate read all, or enough? Then nothing needs to be kept. */
static bool direction_is_read(const struct direction *d)
{
	for (unsigned i = 0; i < d->candidate_count; i++)
		if (!(d->done & 1u << i) && d->consumed[i] < d->have)
			return false;
	return d->decided;
}

static bool direction_is_done(const struct direction *d)
{
	if (!d->decided)
		return false;
	return d->done == (1u << d->candidate_count) - 1u || d->have >= d->limit;
}

static void direction_close(struct task *t, struct direction *d)
{
	d->ended = true;
	buffer_give(t, d);
}

/* ---- placing ---- */

/* Adds [from, to) to the ranges that wait; false when there are too many. Ranges stay sorted and apart. */
static bool ranges_add(struct stream_buffer *b, uint32_t from, uint32_t to)
{
	unsigned at = 0;

	while (at < b->range_count && b->ranges[at].to < from)
		at++;
	unsigned last = at;
	while (last < b->range_count && b->ranges[last].from <= to) {
		from = b->ranges[last].from < from ? b->ranges[last].from : from;
		to = b->ranges[last].to > to ? b->ranges[last].to : to;
		last++;
	}
	if (last == at && b->range_count == RANGES_MAX)
		return false;
	memmove(&b->ranges[at + 1], &b->ranges[last],
	        (b->range_count - last) * sizeof b->ranges[0]);
	b->range_count = b->range_count - (last - at) + 1;
	b->ranges[at] = (struct range){from, to};
	return true;
}

static bool range_holds(const struct stream_buffer *b, uint32_t have, uint32_t offset)
{
	if (offset >= b->kept_from && offset < have)
		return true;
	for (unsigned i = 0; i < b->range_count; i++)
		if (offset >= b->ranges[i].from && offset < b->ranges[i].to)
			return true;
	return false;
}

/* Copies what is not there yet; the first copy wins. True when a second one differs. */
static bool buffer_write(struct stream_buffer *b, uint32_t have, uint32_t offset,
                         const uint8_t *bytes, uint32_t len)
{
	bool differs = false;

	for (uint32_t i = 0; i < len; i++) {
		if (!range_holds(b, have, offset + i))
			b->bytes[offset + i] = bytes[i];
		else if (b->bytes[offset + i] != bytes[i])
			differs = true;
	}
	return differs;
}

/* Lets `have` grow over the ranges that now join it. */
static void direction_join(struct direction *d, struct stream_buffer *b)
{
	while (b->range_count > 0 && b->ranges[0].from <= d->have) {
		if (b->ranges[0].to > d->have)
			d->have = b->ranges[0].to;
		b->range_count--;
		memmove(&b->ranges[0], &b->ranges[1], b->range_count * sizeof b->ranges[0]);
	}
}

/* The segment's bytes go to the buffer; false: no room, or too torn. */
static bool stream_store(struct task *t, const struct packet *p, struct direction *d,
                         const struct piece_in *in)
{
	if (!d->buffer && !buffer_take(t, d)) {
		task_add(t, COUNTER_STREAM_REFUSED, 1);
		return false;
	}
	struct stream_buffer *b = buffer_of(t, d);
	const uint32_t len = cur_left(&in->bytes);

	if (buffer_write(b, d->have, in->offset, cur_bytes(&in->bytes), len))
		task_add(t, COUNTER_OVERLAPS, 1);
	b->last = *p;
	if (in->offset + len <= d->have)
		return true;
	if (!ranges_add(b, in->offset, in->offset + len))
		return false;
	direction_join(d, b);
	return true;
}

static void stream_from_buffer(struct task *t, struct packet *p, struct flow *f, unsigned side,
                               bool end)
{
	struct direction *d = &f->side[side];
	struct stream_buffer *b = buffer_of(t, d);

	if (!d->decided && (d->have > 0 || end))
		direction_decide(t, p, f, d, b->bytes, d->have);
	if (end)
		d->decided = true;
	if (!d->decided)
		return;
	const struct cur window = cur_make(b->bytes, d->have);
	stream_offer_all(t, p, f, side, &window, 0, end);
}

/* In order, and nothing waits: offered where it lies. What is not read is kept. */
static bool stream_direct(struct task *t, struct packet *p, struct flow *f, unsigned side,
                          const struct piece_in *in)
{
	struct direction *d = &f->side[side];
	const uint32_t len = cur_left(&in->bytes);

	if (!d->decided)
		direction_decide(t, p, f, d, cur_bytes(&in->bytes), len);
	d->have += len;
	if (d->decided)
		stream_offer_all(t, p, f, side, &in->bytes, in->offset, false);
	if (direction_is_read(d))
		return true;
	d->have -= len;
	return stream_store(t, p, d, in);
}

/* The limit of what is wanted: while undecided, all that any observer may want. */
static uint32_t direction_wants(const struct direction *d)
{
	return d->decided ? d->limit : STREAM_UNDECIDED;
}

static void stream_payload(struct task *t, struct packet *p, struct flow *f, unsigned side,
                           uint32_t offset)
{
	struct direction *d = &f->side[side];
	struct piece_in in = {p->rest, offset};
	const uint32_t wants = direction_wants(d);

	if ((int32_t)in.offset < 0) { /* a retransmission from before the start */
		cur_skip(&in.bytes, -in.offset);
		in.offset = 0;
	}
	if (!d->buffer && in.offset < d->have) {
		cur_skip(&in.bytes, d->have - in.offset);
		in.offset = d->have;
	}
	if (!cur_ok(&in.bytes) || cur_left(&in.bytes) == 0)
		return;
	if (in.offset >=
	    wants) { /* past what is wanted, with a hole before it: it will not be filled */
		if (d->have < wants && in.offset - wants < WINDOW_MAX)
			stream_finish_side(t, p, f, side, true);
		return;
	}
	cur_cut(&in.bytes, wants - in.offset);
	task_add(t, COUNTER_STREAM_BYTES, cur_left(&in.bytes));
	if (!d->buffer && in.offset == d->have) {
		if (!stream_direct(t, p, f, side, &in))
			stream_finish_side(t, p, f, side, true);
		return;
	}
	if (!stream_store(t, p, d, &in))
		stream_finish_side(t, p, f, side, true);
	else
		stream_from_buffer(t, p, f, side, false);
	if (d->buffer && direction_is_read(d) && buffer_of(t, d)->range_count == 0)
		buffer_give(t, d);
}

/* Ends a direction: its candidates are told once. */
void stream_finish_side(struct task *t, struct packet *p, struct flow *f, unsigned side, bool gap)
{
	struct direction *d = &f->side[side];

	if (d->ended)
		return;
	if (gap) {
		d->gap = true;
		task_add(t, COUNTER_STREAM_GAPS, 1);
	}
	const struct stream_buffer *b = buffer_of(t, d);
	if (b) {
		struct packet last = b->last;
		stream_from_buffer(t, &last, f, side, true);
	} else if (p && d->have > 0) {
		const struct cur nothing = cur_make(NULL, 0);
		stream_offer_all(t, p, f, side, &nothing, d->have, true);
	}
	direction_close(t, d);
}

/* ---- the three things flow.c asks for ---- */

void stream_reset(struct task *t, struct flow *f)
{
	flow_state_give(t, f);
	f->syn = f->syn_ack = f->answered = f->claimed = f->counted_unclaimed = false;
	for (unsigned side = 0; side < 2; side++) {
		buffer_give(t, &f->side[side]);
		memset(&f->side[side], 0, sizeof f->side[side]);
	}
}

void stream_end(struct task *t, struct flow *f)
{
	for (unsigned side = 0; side < 2; side++) {
		const struct stream_buffer *b = buffer_of(t, &f->side[side]);

		stream_finish_side(t, NULL, f, side, b && b->range_count > 0);
	}
	flow_state_give(t, f);
}

/* Copies of the segment for the edges whose observers are, or may become, candidates. */
static void stream_hand_over(struct task *t, const struct packet *p, const struct direction *d,
                             uint32_t offset)
{
	const unsigned edges = d->handing | (d->decided ? 0u : edges_that_sniff(t));

	for (unsigned edge = 0; edge < t->plan->edge_count; edge++) {
		const unsigned observer = t->plan->edge_observer[edge];

		if ((edges & 1u << edge) &&
		    (int32_t)offset < (int32_t)t->plan->stream_limit[observer])
			task_hand_over(t, p, observer, (int)edge, TCP_PORT, 0);
	}
}

void stream_segment(struct task *t, struct packet *p, struct flow *f, unsigned side)
{
	struct direction *d = &f->side[side];
	const struct segment *s = &p->segment;
	const uint32_t len = cur_left(&p->rest);

	if (!d->started && len > 0) {
		d->started = d->midstream = true;
		d->base = s->seq;
	}
	direction_start(t, p, d);
	const uint32_t offset = s->seq + (s->syn ? 1u : 0u) - d->base;
	if (t->plan->edge_count > 0 && (len > 0 || s->syn || s->fin || s->rst))
		stream_hand_over(t, p, d, d->started ? offset : 0);
	if (!d->started || d->ended)
		return;
	if (len > 0)
		stream_payload(t, p, f, side, offset);
	if (s->fin) {
		d->fin = true;
		d->fin_at = offset + len;
	}
	if (!d->ended && d->fin && (d->have >= d->fin_at || p->cut))
		stream_finish_side(t, p, f, side, d->have < d->fin_at);
	if (!d->ended && direction_is_done(d))
		direction_close(t, d);
}
