/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.c - the flow table, and what it says of TCP segments and UDP datagrams. See flow.h.
 */
#include "observe/task.h"

#include <assert.h>
#include <string.h>

enum { FLOW_BYTES_DEFAULT = 24 << 20, HAND_MAX = 64 };

static_assert(sizeof(struct flow) == 64, "a flow is a cache line");

static uint32_t flows_room(size_t bytes)
{
	const size_t each = sizeof(struct flow) + sizeof(struct streams) + 2 * sizeof(uint32_t);

	return (uint32_t)((bytes ? bytes : FLOW_BYTES_DEFAULT) / each) + 1;
}

/* A power of two, above the flows and at most twice as many. */
static uint32_t flows_buckets(uint32_t room)
{
	uint32_t buckets = 1;

	while (buckets <= room)
		buckets *= 2;
	return buckets;
}

size_t flows_budget(size_t flow_bytes, size_t stream_bytes, unsigned edges)
{
	const uint32_t room = flows_room(flow_bytes);

	return flows_buckets(room) * sizeof(uint32_t) +
	       room * (sizeof(struct flow) + sizeof(struct streams) + sizeof(struct missing[2]) +
	               sizeof(struct flow_states) + edges * 2 * sizeof(uint32_t)) +
	       KNOWN_FLOWS * sizeof(struct known_flow) + buffers_budget(stream_bytes);
}

bool flows_init(struct flows *f, struct arena *arena, size_t flow_bytes, size_t stream_bytes,
                unsigned edges)
{
	f->room = flows_room(flow_bytes);
	f->bucket_mask = flows_buckets(f->room) - 1;
	f->list = arena_take(arena, f->room * sizeof *f->list, 64);
	f->buckets = arena_take(arena, (f->bucket_mask + 1) * sizeof *f->buckets, 64);
	f->streams = arena_take(arena, f->room * sizeof *f->streams, 64);
	f->missing = arena_take(arena, f->room * sizeof *f->missing, 64);
	f->states = arena_take(arena, f->room * sizeof *f->states, 64);
	f->known = arena_take(arena, KNOWN_FLOWS * sizeof *f->known, 64);
	f->done = arena_take(arena, (size_t)edges * f->room * 2 * sizeof *f->done, 64);
	return f->list && f->buckets && f->streams && f->missing && f->states && f->known &&
	       f->done && buffers_init(&f->buffers, arena, stream_bytes);
}

/* ---- streams ---- */

struct streams *flow_streams(struct flows *f, struct flow *flow)
{
	if (flow->streams != 0)
		return &f->streams[flow->streams - 1];
	flow->streams = f->streams_free != 0 ? f->streams_free : ++f->streams_used;
	struct streams *const s = &f->streams[flow->streams - 1];
	if (f->streams_free != 0)
		f->streams_free = s->next_free;
	*s = (struct streams){.run = s->run + 1};
	return s;
}

void flow_give_streams(struct flows *f, struct flow *flow)
{
	if (flow->streams == 0)
		return;
	f->streams[flow->streams - 1].next_free = f->streams_free;
	f->streams_free = flow->streams;
	flow->streams = 0;
}

/* ---- the table ---- */

/* An address as a number; of IPv4 the first half is all of it. */
static void flow_words(uint64_t words[2], const struct ip *ip)
{
	words[0] = cur_word_be(ip->b);
	words[1] = 0;
	if (ip->family == 4)
		return;
	words[0] = words[0] << 32 | cur_word_be(ip->b + 4);
	words[1] = (uint64_t)cur_word_be(ip->b + 8) << 32 | cur_word_be(ip->b + 12);
}

/* The sender's endpoint sorts second, or first. */
static bool flow_key_of(const struct packet *p, struct flow_key *key)
{
	uint64_t from[2], to[2];

	flow_words(from, &p->from);
	flow_words(to, &p->to);
	const bool from_high = flow_key_set(key, from, to, p->from_port.n, p->to_port.n);
	key->ports |= flow_kind(p->protocol, from_high ? p->to.family : p->from.family,
	                        from_high ? p->from.family : p->to.family);
	key->tunnel = p->tunnel;
	return from_high;
}

static uint64_t flow_digest(const struct task *t, const struct flow_key *key)
{
	const uint64_t words[] = {key->low[0],  key->low[1], key->high[0],
	                          key->high[1], key->ports,  key->tunnel};
	const uint64_t digest = hash_words(&t->options.key, words, COUNT_OF(words));

	return digest != 0 ? digest : 1;
}

static void flow_unlink(struct flows *f, const struct flow *flow)
{
	const uint32_t number = (uint32_t)(flow - f->list) + 1;
	uint32_t *at = &f->buckets[flow->digest & f->bucket_mask];

	while (*at != number)
		at = &f->list[*at - 1].next;
	*at = flow->next;
}

/* The next in the table that was not seen since the hand passed by, of a few. */
static struct flow *flow_unseen(struct flows *f)
{
	struct flow *flow = &f->list[f->hand];

	for (unsigned i = 0; i < HAND_MAX && flow->seen; i++) {
		flow->seen = false;
		f->hand = (f->hand + 1) % f->used;
		flow = &f->list[f->hand];
	}
	f->hand = (f->hand + 1) % f->used;
	return flow;
}

/* A free flow: never used, or taken from another. */
static struct flow *flow_room(struct task *t)
{
	struct flows *f = &t->flows;

	if (f->used < f->room)
		return &f->list[f->used++];
	struct flow *flow = flow_unseen(f);
	task_add(t, COUNTER_FLOWS_EVICTED, 1);
	stream_end(t, NULL, flow, 0);
	flow_give_streams(f, flow);
	flow_unlink(f, flow);
	memset(flow, 0, sizeof *flow);
	return flow;
}

static struct flow *flow_make(struct task *t, uint64_t digest)
{
	struct flow *flow = flow_room(t);
	uint32_t *bucket = &t->flows.buckets[digest & t->flows.bucket_mask];

	flow->digest = digest;
	flow->next = *bucket;
	*bucket = (uint32_t)(flow - t->flows.list) + 1;
	task_add(t, COUNTER_FLOWS, 1);
	return flow;
}

/* Number + 1 of the flow with this digest; 0: there is none. */
static uint32_t flow_number(const struct flows *f, uint64_t digest)
{
	uint32_t n = f->buckets[digest & f->bucket_mask];

	while (n != 0 && f->list[n - 1].digest != digest)
		n = f->list[n - 1].next;
	return n;
}

struct flow *flow_of(const struct flows *f, uint64_t digest)
{
	const uint32_t n = flow_number(f, digest);

	return n != 0 ? &f->list[n - 1] : NULL;
}

/* Of a flow that is not at its place among those met lately. */
static NOINLINE struct flow *flow_learn(struct task *t, const struct flow_key *key, bool *fresh)
{
	struct flows *f = &t->flows;
	const uint64_t digest = flow_digest(t, key);
	const uint32_t n = flow_number(f, digest);
	struct flow *flow = n != 0 ? &f->list[n - 1] : flow_make(t, digest);

	*fresh = n == 0;
	struct known_flow *place = flow_bucket(f, key);
	place[1] = place[0]; /* two that share a bucket stay, whoever comes between them */
	place[0] = (struct known_flow){*key, digest, (uint32_t)(flow - f->list) + 1};
	return flow;
}

static struct flow *flow_look_up(struct task *t, const struct packet *p, unsigned *side,
                                 bool *fresh)
{
	struct flow_key key;

	*side = flow_key_of(p, &key);
	struct flow *flow = flow_known(&t->flows, &key);
	return flow != NULL ? flow : flow_learn(t, &key, fresh);
}

/* The flow of the packet that a glance sent on: known to it, or of interest. */
static struct flow *flow_meet(struct task *t, const struct packet *p, unsigned *side, bool *fresh)
{
	struct meeting *m = &t->flows.meeting;

	m->open = false;
	*side = m->side;
	if (m->flow != NULL)
		return m->flow;
	struct flow *flow = flow_look_up(t, p, side, fresh);
	m->digest = flow->digest;
	m->number = (uint32_t)(flow - t->flows.list) + 1;
	m->side = *side;
	m->fresh = *fresh;
	return flow;
}

struct flow *flow_find(struct task *t, const struct packet *p, unsigned *side, bool *fresh)
{
	*fresh = false;
	struct flow *flow = t->flows.meeting.open && p->tunnel == 0
	                            ? flow_meet(t, p, side, fresh)
	                            : flow_look_up(t, p, side, fresh);
	flow->seen = !*fresh; /* so a flood of single packets pushes out no conversation */
	return flow;
}

/* p begins with the ports. */
void flow_touch(struct task *t, const struct packet *p)
{
	struct packet seen = *p;
	struct flow_key key;

	seen.from_port.n = cur_be16(&seen.rest);
	seen.to_port.n = cur_be16(&seen.rest);
	(void)flow_key_of(&seen, &key);
	const uint32_t n = flow_number(&t->flows, flow_digest(t, &key));
	if (n != 0)
		t->flows.list[n - 1].seen = true;
}

/* ---- TCP ---- */

static bool port_is_claimed(const struct task *t, struct port port)
{
	return plan_chain(t->plan, TCP_PORT, port.n)->count > 0;
}

/*
 * A capture that starts in mid-dialogue: who opened it? The claimed port, else the lower one, is
 * the server's; of equal ones any rule will do that does not depend on who is seen first.
 */
static bool sender_is_client(const struct task *t, const struct packet *p)
{
	const bool from = port_is_claimed(t, p->from_port);
	const bool to = port_is_claimed(t, p->to_port);

	if (from != to)
		return to;
	if (p->to_port.n != p->from_port.n)
		return p->to_port.n < p->from_port.n;
	return ip_compare(&p->to, &p->from) < 0;
}

static void flow_opened_by(struct flow *f, unsigned side)
{
	f->initiator_high = side == 1;
}

static void flow_restart(struct task *t, struct flow *f)
{
	stream_end(t, NULL, f, 0);
	stream_reset(t, f);
	coverage_restart(f);
	task_add(t, COUNTER_FLOWS, 1);
}

static void direction_start(struct direction *d, uint32_t base)
{
	d->started = true;
	d->base = base;
}

/*
 * Does the direction begin here already? A SYN may come again, or be overtaken by its answer, which
 * acknowledges it (and the data in it, RFC 7413), or by the first data.
 */
static bool direction_begins(const struct direction *d, uint32_t base, uint32_t len)
{
	return d->started && d->base - base <= len;
}

/*
 * A SYN opens a connection, unless it is the one already known. Two that cross each other open one
 * together (RFC 9293, 3.5): nobody serves then.
 */
static void flow_syn(struct task *t, const struct packet *p, struct flow *f, unsigned side,
                     bool fresh)
{
	const uint32_t base = p->segment.seq + 1;
	const bool again = direction_begins(&f->side[side], base, cur_left(&p->rest));
	const bool crosses = f->syn && !f->syn_ack && !f->side[side].started;

	if (crosses)
		f->syn_ack = true;
	else if (!again && !fresh)
		flow_restart(t, f);
	if (!f->syn)
		flow_opened_by(f, side);
	f->syn = true;
	if (!f->side[side].started)
		direction_start(&f->side[side], base);
	else if (f->side[side].base == base)
		f->side[side].midstream = false;
}

/* True for the first SYN-ACK of a connection, of the side that did not open it. */
static bool flow_syn_ack(struct task *t, const struct packet *p, struct flow *f, unsigned side)
{
	const uint32_t base = p->segment.seq + 1;
	struct direction *own = &f->side[side], *other = &f->side[side ^ 1u];
	/*
	 * a server that keeps nothing of a SYN answers the next with another number (RFC 4987, 3.6)
	 */
	const bool anew = own->have == 0 && other->started && !other->midstream &&
	                  direction_begins(other, p->segment.ack, 0);
	const bool other_number = !own->started || own->base != base;
	/* a reset that the client took for nobody's (RFC 7323, 5.2): it goes on with this server */
	const bool survived = own->ended && own->have == 0 && other->have == 0;

	if (other_number && (survived || (own->started && !anew)))
		flow_restart(t, f); /* another connection, whose SYN was not seen */
	const bool opener = f->syn && f->initiator_high == (side == 1);
	const bool first = !f->syn_ack && !opener;
	f->syn_ack = true;
	if (!f->syn)
		flow_opened_by(f, side ^ 1u);
	direction_start(own, base);
	own->midstream = false;
	if (!other->started)
		direction_start(other, p->segment.ack);
	return first;
}

/*
 * Of segments with SYN only these open anything: with FIN or RST they are a scanner's, or rubbish.
 */
static bool flow_handshake(struct task *t, const struct packet *p, struct flow *f, unsigned side,
                           bool fresh)
{
	const struct segment *s = &p->segment;

	if (!s->syn || s->fin || s->rst)
		return false;
	if (s->ack_set)
		return flow_syn_ack(t, p, f, side);
	flow_syn(t, p, f, side, fresh);
	return false;
}

/* ---- what is still wanted ---- */

static enum want flow_segment_wanted(const struct task *t, struct flow *f, unsigned side,
                                     const struct packet *p)
{
	const struct direction *d = &f->side[side];
	const struct segment *s = &p->segment;
	const struct reading *r = flow_reading_if_any(&t->flows, f, side);
	const bool read = d->ended && (r == NULL || r->handing == 0 || r->passed);

	if (s->syn || s->fin || s->rst) {
		f->quiet[side] = 0;
		return s->syn ? WANT_BEGIN : WANT_END;
	}
	if (!read && (cur_left(&p->rest) > 0 || p->cut))
		return WANT_ALL;
	return flow_quiet(f, side, read ? WANT_ENDS : WANT_PAYLOAD);
}

/* Of what a tunnel encloses nothing is said: its frames look alike from outside. */
static void flow_want(struct task *t, const struct packet *p, enum want wanted)
{
	if (p->tunnel == 0)
		t->wanted = wanted;
}

/* Is the packet the first from the side that did not begin? */
static bool flow_answers(struct flow *f, unsigned side)
{
	const bool answers = f->initiator_high != (side == 1) && !f->answered;

	f->answered = f->answered || answers;
	return answers;
}

struct flow_view flow_segment(struct task *t, struct packet *p)
{
	struct flow_view view = {0};
	unsigned side = 0;
	struct flow *f = flow_find(t, p, &side, &view.first);

	if (view.first)
		flow_opened_by(f, sender_is_client(t, p) ? side : side ^ 1u);
	view.syn_ack_first = flow_handshake(t, p, f, side, view.first);
	view.from_initiator = f->initiator_high == (side == 1);
	view.answered = flow_answers(f, side);
	coverage_segment(t, p, f, side);
	const bool over = f->side[side].ended;
	stream_segment(t, p, f, side);
	view.ended = f->side[side].ended;
	if (view.ended != over)
		flow_unquiet(f, side);
	flow_want(t, p, flow_segment_wanted(t, f, side, p));
	return view;
}

/* ---- UDP ---- */

/* Calls each observer once: by either port, then by pattern. */
struct calls {
	unsigned count;
	uint8_t observer[3 * CHAIN_MAX];
};

static void calls_add(struct calls *c, unsigned observer)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->observer[i] == observer)
			return;
	if (c->count < COUNT_OF(c->observer))
		c->observer[c->count++] = (uint8_t)observer;
}

static void calls_add_chain(struct calls *c, const struct chain *chain)
{
	for (unsigned i = 0; i < chain->count; i++)
		calls_add(c, chain->observer[i]);
}

static void calls_add_sniffed(struct calls *c, const struct patterns *patterns,
                              const struct cur *rest)
{
	const uint8_t *bytes = cur_bytes(rest);
	const uint32_t len = cur_left(rest);
	uint64_t possible = patterns_possible(patterns, bytes, len);

	for (; possible != 0; possible &= possible - 1) {
		const struct pattern *pattern = &patterns->list[__builtin_ctzll(possible)];

		if (pattern_match(pattern, bytes, len) == MATCH_YES)
			calls_add(c, pattern->observer);
	}
}

/* Of a datagram whose only observer had enough of such ones, and said that this one told nothing. */
static void flow_enough(struct task *t, const struct packet *p, const struct calls *calls,
                        enum verdict v)
{
	if (p->tunnel == 0 && calls->count == 1 && v == NOTHING && cur_left(&p->rest) > 0)
		t->flows.meeting.enough = (struct enough){true, (uint8_t)(cur_peek8(&p->rest) >> 5),
		                                          calls->observer[0]};
}

/* Gives what is wanted of more like it: nothing, once nobody claims it or all who do had enough. */
static enum want flow_forward_datagram(struct task *t, struct packet *p)
{
	struct calls calls = {0};
	const unsigned outer = t->enough;

	if (p->depth >= DEPTH_MAX) {
		task_add(t, COUNTER_TOO_DEEP, 1);
		return WANT_ALL;
	}
	calls_add_chain(&calls, plan_chain(t->plan, UDP_PORT, p->to_port.n));
	calls_add_chain(&calls, plan_chain(t->plan, UDP_PORT, p->from_port.n));
	calls_add_sniffed(&calls, &t->plan->udp_sniff, &p->rest);
	if (calls.count == 0)
		task_count_unclaimed(t, UDP_PORT, packet_lower_port(p));
	enum verdict v = NOTHING;
	t->enough = 0;
	p->depth++;
	for (unsigned i = 0; i < calls.count; i++)
		v = task_call(t, p, calls.observer[i], UDP_PORT, packet_lower_port(p));
	p->depth--;
	const bool enough = t->enough == calls.count;
	t->enough = outer;
	if (calls.count == 0)
		return WANT_PATTERNS;
	if (enough)
		flow_enough(t, p, &calls, v);
	return enough ? WANT_OTHERS : WANT_ALL;
}

/* The first datagram of a conversation says who asks. */
static void flow_begins(struct task *t, const struct packet *p, struct flow *f, unsigned side)
{
	flow_opened_by(f, side);
	if (UNLIKELY(t->watched) && t->watch.keeps)
		t->watch.keeps(t->watch.to, p);
}

struct flow_view flow_datagram(struct task *t, struct packet *p)
{
	struct flow_view view = {0};
	unsigned side = 0;
	struct flow *f = flow_find(t, p, &side, &view.first);

	if (view.first)
		flow_begins(t, p, f, side);
	view.from_initiator = f->initiator_high == (side == 1);
	view.answered = flow_answers(f, side);
	if (view.first || view.answered)
		coverage_datagram(t, p, f, &view);
	const enum want wanted = flow_forward_datagram(t, p);

	if (wanted == WANT_ALL)
		f->quiet[side] = 0;
	flow_want(t, p, wanted == WANT_ALL ? WANT_ALL : flow_quiet(f, side, wanted));
	return view;
}
