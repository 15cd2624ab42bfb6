/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hand.c - edges between tasks: what is handed over, and who has enough of it.
 *
 * Where the plan has an edge the packet's bytes and context are copied into a channel, and the walk
 * goes on in the observer's own task, in task_packet(). Of TCP segments are handed over: the opening
 * and the end of a connection, the bytes that an observer of the edge is offered, and the first
 * segment beyond what any observer is, which tells the receiver that a hole will stay.
 *
 * Most observers have read enough long before: TLS is told by its first few messages. So with a
 * segment goes the place of a word, one for each edge and direction, and the number of the
 * conversation that has it now. Whoever reads there writes the number into the word once its direction
 * has ended for it, and the sender, who looks at the word before he hands over the next segment,
 * leaves that out. It is the one thing that goes against the stream, and nothing waits for it:
 *
 *  - A direction that has ended takes nothing from a segment that neither opens nor resets a
 *    connection, so that it is the same to the receiver whether such a one comes. Whether the word is
 *    seen early, late or never changes no fact.
 *
 *  - The words are the sender's streams': a new connection, or another flow in the same place, has
 *    another number, and what is written for an earlier one says nothing.
 *
 *  - A word stands for itself, nothing is read because of it: so it is written and read relaxed.
 *
 * What the sender knows of a segment goes with it: its flow by the digest, which is the same in all tasks,
 * and its side. The receiver looks for the next item's while it works on one (task_packet_ahead).
 */
#include "observe/hand.h"

#include "observe/task.h"

#include <string.h>

/* ---- which task ---- */

/*
 * Where everything meets that belongs together: both directions and all fragments of a pair of
 * addresses, all that is in one tunnel, else what one sender says. Below IP the pair is looked for,
 * as the reader of a file does.
 */
static uint64_t hand_shard(const struct task *t, const struct packet *p,
                           const struct course *course)
{
	uint64_t shard = 0;

	if (p->tunnel != 0)
		return p->tunnel; /* the outer pair and the realm */
	if (p->from.family != 0)
		return shard_pair(&t->options.key, &p->from, &p->to);
	if (course->space == LINKTYPE && !p->has_mac)
		return shard_frame(&t->options.key, (uint16_t)course->key, p->rest);
	if (course->space == ETHERTYPE)
		shard = shard_ethertype(&t->options.key, (uint16_t)course->key, p->rest);
	return shard != 0 ? shard : hash64(&t->options.key, p->source.b, sizeof p->source.b);
}

static unsigned hand_target(const struct task *t, const struct packet *p,
                            const struct course *course)
{
	const unsigned tasks = t->plan->edges[course->edge].tasks;

	return tasks == 1 ? 0 : (unsigned)(hand_shard(t, p, course) % tasks);
}

/* ---- the copy ---- */

/* Puts a copy into the channel of the edge's task; NULL: it is full, or nobody is there. */
static struct packet_item *hand_put(struct task *t, const struct packet *p,
                                    const struct course *course, unsigned target)
{
	const struct packet_out *out = &t->options.packets;
	const uint32_t len = cur_left(&p->rest);
	const struct frame *whole = t->frame;
	const uint32_t frame_len = UNLIKELY(whole != NULL) ? whole->captured : 0;
	struct packet_item *item = NULL;

	if (out->reserve(out->to, course->edge, target, (uint32_t)sizeof *item + len + frame_len,
	                 &item) != SENT) {
		task_add(t, COUNTER_HAND_OVER_DROPPED, 1);
		return NULL;
	}
	item->packet = *p;
	item->key = course->key;
	item->digest = 0;
	item->done = NULL;
	item->len = len;
	item->frame_len = frame_len;
	item->space = (uint8_t)course->space;
	item->observer = (uint8_t)course->observer;
	item->realm.len = 0;
	if (UNLIKELY(p->realm != 0))
		item->realm = t->realms.list[p->realm];
	if (len > 0)
		memcpy(item + 1, cur_bytes(&p->rest), len);
	if (UNLIKELY(whole != NULL)) {
		item->linktype = whole->linktype;
		memcpy((uint8_t *)(item + 1) + len, whole->bytes, frame_len);
	}
	return item;
}

static void hand_commit(struct task *t, unsigned edge, unsigned target)
{
	t->options.packets.commit(t->options.packets.to, edge, target);
	task_add(t, COUNTER_HANDED_OVER, 1);
}

void hand_packet(struct task *t, const struct packet *p, const struct course *course)
{
	const unsigned target = hand_target(t, p, course);

	if (hand_put(t, p, course, target) != NULL)
		hand_commit(t, course->edge, target);
}

/* ---- segments ---- */

/* Where the task behind the edge says that it has done with a direction. */
static _Atomic(uint32_t) *hand_done(const struct task *t, const struct flow *f, unsigned side,
                                    unsigned edge)
{
	const struct flows *flows = &t->flows;
	const size_t streams = (size_t)edge * flows->room + f->streams - 1;

	return &flows->done[streams * 2 + side];
}

/* Edges behind which there is enough of the direction get no more of it. */
static void hand_ask(const struct task *t, const struct flow *f, unsigned side, struct reading *r)
{
	const uint32_t run = t->flows.streams[f->streams - 1].run;

	for (unsigned left = r->handing; left != 0; left &= left - 1) {
		const unsigned edge = (unsigned)__builtin_ctz(left);

		if (atomic_load_explicit(hand_done(t, f, side, edge), memory_order_relaxed) == run)
			r->handing &= (uint16_t) ~(1u << edge);
	}
}

/*
 * Those of the edges whose observers are offered bytes at this offset; all, as far as anybody is,
 * while it is not known who reads the direction: so the receiver keeps what is kept here.
 */
static unsigned hand_edges_at(const struct task *t, const struct reading *r, uint32_t offset)
{
	const unsigned edges = offer_edges(t, r);
	unsigned at = 0;

	if (!r->decided)
		return (int32_t)offset < (int32_t)t->plan->stream_wants ? edges : 0;

	for (unsigned edge = 0; edge < t->plan->edge_count; edge++) {
		const uint32_t limit = t->plan->stream_limit[t->plan->edge_observer[edge]];

		if (edges >> edge & 1 && (int32_t)offset < (int32_t)limit)
			at |= 1u << edge;
	}
	return at;
}

bool hand_looks(const struct task *t, struct flow *f, unsigned side, uint32_t seq)
{
	struct reading *r = flow_reading_if_any(&t->flows, f, side);
	const uint32_t offset = seq - f->side[side].base;

	if (!r)
		return false;
	hand_ask(t, f, side, r);
	if (r->decided && r->handing == 0) {
		f->side[side].let_go = true;
		return false;
	}
	if (stream_is_past(t, offset))
		return !r->passed;
	return hand_edges_at(t, r, offset) != 0;
}

/* Those of the edges that get a segment of a started direction: beyond all, the first one. */
static unsigned hand_edges_now(const struct task *t, struct reading *r, uint32_t offset)
{
	const unsigned edges = r->passed ? 0 : offer_edges(t, r);

	if (!stream_is_past(t, offset))
		return hand_edges_at(t, r, offset);
	r->passed = r->passed || edges != 0;
	return edges;
}

static void hand_to(struct task *t, const struct packet *p, const struct flow *f, unsigned side,
                    unsigned edge)
{
	const struct course course = {t->plan->edge_observer[edge], edge, TCP_PORT, 0};
	const unsigned target = hand_target(t, p, &course);
	struct packet_item *const item = hand_put(t, p, &course, target);

	if (item == NULL)
		return;
	item->digest = f->digest;
	item->side = (uint8_t)side;
	item->done = hand_done(t, f, side, edge);
	item->run = t->flows.streams[f->streams - 1].run;
	hand_commit(t, edge, target);
}

void hand_segment(struct task *t, const struct packet *p, struct flow *f, unsigned side,
                  uint32_t offset)
{
	struct reading *const sides = flow_streams(&t->flows, f)->side;
	const bool both = p->segment.syn || p->segment.rst;

	hand_ask(t, f, side, &sides[side]);
	unsigned edges =
		offer_edges(t, &sides[side]) | (both ? offer_edges(t, &sides[side ^ 1u]) : 0);
	if (!both && f->side[side].started)
		edges = hand_edges_now(t, &sides[side], offset);
	for (; edges != 0; edges &= edges - 1)
		hand_to(t, p, f, side, (unsigned)__builtin_ctz(edges));
}

/* ---- the task that goes on ---- */

/*
 * A segment: this task puts the stream in order for itself, and says when it has read it. Which flow
 * it is of the sender has found out.
 */
static void hand_take_segment(struct task *t, struct packet *p, const struct packet_item *item)
{
	t->flows.meeting = (struct meeting){
		.open = true, .flow = flow_of(&t->flows, item->digest), .side = item->side};
	t->only = item->observer;
	const struct flow_view view = flow_segment(t, p);
	t->only = NO_OBSERVER;
	t->flows.meeting.open = false;
	if (view.ended)
		atomic_store_explicit(item->done, item->run, memory_order_relaxed);
}

static void hand_take(struct task *t, const struct packet_item *item)
{
	struct packet p = item->packet;
	const int realm = realms_number(&t->realms, &t->options.key, &item->realm);

	if (realm < 0) {
		task_add(t, COUNTER_REALMS_REFUSED, 1);
		return;
	}
	p.realm = (uint16_t)realm;
	p.rest = cur_make((const uint8_t *)(item + 1), item->len);
	if (item->space == TCP_PORT)
		hand_take_segment(t, &p, item);
	else
		(void)task_call(t, &p, item->observer, (enum space)item->space, item->key);
}

void task_packet_ahead(const struct task *t, const struct packet_item *next)
{
	if (next != NULL && next->digest != 0)
		PREFETCH(&t->flows.buckets[next->digest & t->flows.bucket_mask]);
}

void task_packet(struct task *t, const struct packet_item *item)
{
	const struct frame whole = {
		.bytes = (const uint8_t *)(item + 1) + item->len,
		.captured = item->frame_len,
		.wire = item->packet.wire,
		.time_ns = item->packet.time_ns,
		.number = item->packet.frame,
		.iface = item->packet.iface,
		.linktype = item->linktype,
	};

	if (UNLIKELY(item->frame_len > 0))
		task_watch_frame(t, &whole);
	hand_take(t, item);
	tell_settle_all(t);
	if (UNLIKELY(item->frame_len > 0))
		task_watch_frame(t, NULL);
}
