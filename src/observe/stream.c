/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.c - TCP payload put in order.
 *
 * Bytes have offsets from the direction's first byte. A segment is placed: in order and with
 * nothing waiting, it is used where it lies in the packet; else it goes into the direction's buffer
 * at its offset. The direction decides who its candidates are once enough of its first bytes are
 * there, and is offered to them (offer.c).
 *
 * A direction ends, and its candidates are told so, at FIN, RST, what they want at most, and a gap:
 * a hole that will not be filled, for what lies beyond all that is wanted has come, or the capture
 * cut the segment short. Where no packet of the direction is at hand (the other side's RST, a new
 * connection, room needed, the end of the capture) it is told only if bytes wait, with the last
 * packet that brought some, for of nobody else can a fact be told.
 *
 * RFC 9293, 3.10.7.4 is what a receiver does. We only listen, so we take what fits and look neither
 * at windows nor at acknowledgements; what lies absurdly far ahead is no reason to give up.
 */
#include "observe/hand.h"
#include "observe/task.h"

#include <string.h>

enum { WINDOW_MAX = 1 << 20 };

/* Payload of one segment, trimmed to what the direction still wants. */
struct piece {
	struct cur bytes;
	uint32_t offset;
};

/* NULL: nothing waits. */
static struct buffer *stream_buffer(struct task *t, const struct reading *r)
{
	return r && r->buffer ? &t->flows.buffers.list[r->buffer - 1] : NULL;
}

/* ---- the end ---- */

static void stream_close(struct task *t, struct flow *f, unsigned side)
{
	struct direction *d = &f->side[side];
	struct reading *r = flow_reading_if_any(&t->flows, f, side);
	struct buffer *b = stream_buffer(t, r);

	if (r && b) {
		buffer_give(&t->flows.buffers, b);
		r->buffer = 0;
	}
	d->ended = true;
	if (d->started)
		f->over |= (uint8_t)(1u << side);
	if (!f->side[side ^ 1u].ended)
		return;
	offer_forget(t, f);
	if (!t->hands)
		flow_give_streams(&t->flows, f);
}

static void stream_from_buffer(struct task *t, struct packet *p, struct flow *f, unsigned side,
                               bool end)
{
	struct reading *r = flow_reading(&t->flows, f, side);
	const uint32_t have = f->side[side].have;
	const struct buffer *b = stream_buffer(t, r);

	if (!r->decided && (have > 0 || end))
		offer_decide(t, p, f, side, b->bytes, have);
	r->decided = r->decided || end;
	if (!r->decided)
		return;
	const struct cur window = cur_make(b->bytes, have);
	offer(t, p, f, side, &window, 0, end);
}

/* Ends a direction: its candidates are told once. p: a packet of it, NULL: none is at hand. */
static void stream_finish_side(struct task *t, struct packet *p, struct flow *f, unsigned side,
                               bool gap)
{
	const struct direction *d = &f->side[side];
	struct reading *r = flow_reading_if_any(&t->flows, f, side);
	const struct buffer *b = stream_buffer(t, r);

	if (d->ended)
		return;
	if (gap && r) {
		r->gap = true;
		task_add(t, COUNTER_STREAM_GAPS, 1);
	}
	if (b) {
		struct packet last = b->last;
		stream_from_buffer(t, &last, f, side, true);
	} else if (p && d->have > 0) {
		const struct cur nothing = cur_make(NULL, 0);
		offer(t, p, f, side, &nothing, d->have, true);
	}
	stream_close(t, f, side);
}

static bool stream_has_hole(struct task *t, const struct flow *f, unsigned side)
{
	const struct reading *r = flow_reading_if_any(&t->flows, f, side);
	const struct buffer *b = stream_buffer(t, r);

	return (b && b->range_count > 0) || (r && r->fin && f->side[side].have < r->fin_at);
}

void stream_end(struct task *t, struct packet *p, struct flow *f, unsigned side)
{
	stream_finish_side(t, p, f, side, stream_has_hole(t, f, side));
	side ^= 1u;
	stream_finish_side(t, NULL, f, side, stream_has_hole(t, f, side));
}

void stream_reset(struct task *t, struct flow *f)
{
	for (unsigned side = 0; side < 2; side++)
		stream_close(t, f, side);
	flow_give_streams(&t->flows, f);
	f->syn = f->syn_ack = f->answered = false;
	f->over = f->quiet[0] = f->quiet[1] = 0;
	memset(f->side, 0, sizeof f->side);
}

/* ---- placing ---- */

/* A buffer for the direction. When all are held one that nobody added to for long is given up. */
static struct buffer *stream_take_buffer(struct task *t, struct flow *f, unsigned side)
{
	struct buffers *all = &t->flows.buffers;
	const uint32_t have = f->side[side].have;
	struct buffer *b = buffer_take(all, have);

	if (!b) {
		const struct buffer *stale = buffer_stale(all);

		task_add(t, COUNTER_STREAM_REFUSED, 1);
		stream_finish_side(t, NULL, &t->flows.list[stale->flow - 1], stale->side, true);
		b = buffer_take(all, have);
	}
	b->flow = (uint32_t)(f - t->flows.list) + 1;
	b->side = (uint8_t)side;
	flow_reading(&t->flows, f, side)->buffer = (uint16_t)(b - all->list + 1);
	return b;
}

/* The segment's bytes go to the buffer; false: too torn. */
static bool stream_store(struct task *t, const struct packet *p, struct flow *f, unsigned side,
                         const struct piece *in)
{
	struct direction *d = &f->side[side];
	struct buffer *b = stream_buffer(t, flow_reading(&t->flows, f, side));

	if (!b)
		b = stream_take_buffer(t, f, side);
	b->last = *p;
	b->last.rest = cur_make(NULL, 0); /* the frame's bytes are only lent */
	const enum stored stored =
		buffer_store(b, &d->have, in->offset, cur_bytes(&in->bytes), cur_left(&in->bytes));
	if (stored == STORED_BUT_DIFFERS)
		task_add(t, COUNTER_OVERLAPS, 1);
	return stored != TOO_TORN;
}

/* In order, and nothing waits: offered where it lies. What is not read is kept. */
static void stream_direct(struct task *t, struct packet *p, struct flow *f, unsigned side,
                          const struct piece *in)
{
	struct direction *d = &f->side[side];
	struct reading *r = flow_reading(&t->flows, f, side);
	const uint32_t before = d->have;
	const uint32_t len = cur_left(&in->bytes);

	if (!r->decided)
		offer_decide(t, p, f, side, cur_bytes(&in->bytes), len);
	d->have += len;
	if (r->decided)
		offer(t, p, f, side, &in->bytes, in->offset, false);
	if (offer_is_read(r, d->have))
		return;
	d->have = before;
	(void)stream_store(t, p, f, side, in); /* one piece, in order: it is not torn */
}

static void stream_buffered(struct task *t, struct packet *p, struct flow *f, unsigned side,
                            const struct piece *in)
{
	struct reading *r = flow_reading(&t->flows, f, side);

	if (!stream_store(t, p, f, side, in)) {
		stream_finish_side(t, p, f, side, true);
		return;
	}
	stream_from_buffer(t, p, f, side, false);
	struct buffer *b = stream_buffer(t, r);
	if (b && b->range_count == 0 && offer_is_read(r, f->side[side].have)) {
		buffer_give(&t->flows.buffers, b);
		r->buffer = 0;
	}
}

/* Bytes from the start that a candidate is offered; of any observer while they are not known. */
static uint32_t stream_wants(const struct task *t, const struct reading *r)
{
	uint32_t wants = r->decided ? 0 : t->plan->stream_wants;

	for (unsigned i = 0; i < r->candidate_count; i++)
		if (t->plan->stream_limit[r->candidate[i]] > wants)
			wants = t->plan->stream_limit[r->candidate[i]];
	return wants;
}

/*
 * What the direction still wants of the payload; nothing: a repetition, or a keep-alive's single
 * byte.
 */
static struct piece stream_trim(const struct task *t, const struct direction *d,
                                const struct reading *r, const struct packet *p, uint32_t offset)
{
	struct piece in = {p->rest, offset};
	const uint32_t wants = stream_wants(t, r);

	if (cur_left(&in.bytes) == 1 && offset + 1 == d->have)
		cur_skip(&in.bytes, 1);
	if ((int32_t)in.offset < 0) { /* from before the start */
		cur_skip(&in.bytes, -in.offset);
		in.offset = 0;
	}
	if (r->buffer == 0 && in.offset < d->have) {
		cur_skip(&in.bytes, d->have - in.offset);
		in.offset = d->have;
	}
	cur_cut(&in.bytes, in.offset < wants ? wants - in.offset : 0);
	return in;
}

static void stream_payload(struct task *t, struct packet *p, struct flow *f, unsigned side,
                           uint32_t offset)
{
	const struct direction *d = &f->side[side];
	const struct reading *r = flow_reading(&t->flows, f, side);
	const struct piece in = stream_trim(t, d, r, p, offset);

	if (cur_left(&in.bytes) == 0)
		return;
	task_add(t, COUNTER_STREAM_BYTES, cur_left(&in.bytes));
	if (r->buffer == 0 && in.offset == d->have)
		stream_direct(t, p, f, side, &in);
	else
		stream_buffered(t, p, f, side, &in);
}

/* ---- segments ---- */

/*
 * No bare acknowledgement: it carries bytes, seen or cut off, or a flag that begins or ends
 * something.
 */
static bool stream_is_news(const struct packet *p)
{
	const struct segment *s = &p->segment;

	return cur_left(&p->rest) > 0 || p->cut || s->syn || s->fin || s->rst;
}

bool stream_is_past(const struct task *t, uint32_t offset)
{
	return offset >= t->plan->stream_wants && offset - t->plan->stream_wants < WINDOW_MAX;
}

/* A segment that brings something: for other tasks, and for who watches. */
static NOINLINE void stream_news(struct task *t, const struct packet *p, struct flow *f,
                                 unsigned side, uint32_t offset)
{
	const bool over = f->side[side].ended && !p->segment.syn;

	if (t->watched && t->watch.keeps && !over)
		t->watch.keeps(t->watch.to, p);
	if (t->hands)
		hand_segment(t, p, f, side, offset);
}

static void stream_take(struct task *t, struct packet *p, struct flow *f, unsigned side,
                        uint32_t offset)
{
	const struct direction *d = &f->side[side];
	struct reading *r = flow_reading(&t->flows, f, side);
	const uint32_t len = cur_left(&p->rest);

	if (stream_is_past(t, offset)) {
		if (d->have < t->plan->stream_wants && stream_is_news(p))
			stream_finish_side(t, p, f, side, true);
		return;
	}
	if (len > 0)
		stream_payload(t, p, f, side, offset);
	if (d->ended)
		return;
	if (p->segment.fin && !r->fin && (int32_t)offset >= 0) {
		r->fin = true;
		r->fin_at = offset + len;
	}
	if (p->cut && offset + len == d->have)
		stream_finish_side(t, p, f, side, true);
	else if (r->fin && d->have >= r->fin_at)
		stream_finish_side(t, p, f, side, false);
	else if (offer_is_done(r))
		stream_close(t, f, side);
}

static void stream_begin(struct task *t, const struct packet *p, struct flow *f, unsigned side)
{
	if (!flow_streams(&t->flows, f)->side[side].begun)
		offer_begin(t, p, f, side);
}

/*
 * A reset's payload, if any, is a text for humans (RFC 9293, 3.5.3), no part of the stream. A lone
 * byte starts no direction in mid-dialogue: it may be a keep-alive's, which repeats a byte as
 * rubbish.
 */
void stream_segment(struct task *t, struct packet *p, struct flow *f, unsigned side)
{
	struct direction *d = &f->side[side];
	const struct segment *s = &p->segment;
	const uint32_t len = cur_left(&p->rest);

	if (!d->started && len > 1 && !s->rst) {
		d->started = d->midstream = true;
		d->base = s->seq;
	}
	if (!d->ended || t->hands)
		stream_begin(t, p, f, side);
	const uint32_t offset = s->seq + (s->syn ? 1u : 0u) - d->base;
	if (t->looks_at_news && stream_is_news(p))
		stream_news(t, p, f, side, offset);
	if (s->rst)
		stream_end(t, p, f, side);
	else if (d->started && !d->ended)
		stream_take(t, p, f, side, offset);
}
