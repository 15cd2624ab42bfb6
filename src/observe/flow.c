/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.c - the flow table, and what it says of TCP segments and UDP datagrams. See flow.h.
 */
#include "observe/task.h"

#include <string.h>

enum { FLOW_BYTES_DEFAULT = 24 << 20 };

static uint32_t flows_room(size_t bytes)
{
	const size_t each = sizeof(struct flow) + 2 * sizeof(uint32_t);

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

size_t flows_budget(size_t flow_bytes, size_t stream_bytes)
{
	const uint32_t room = flows_room(flow_bytes);

	return room * sizeof(struct flow) + flows_buckets(room) * sizeof(uint32_t) +
	       room * sizeof(struct flow_states) + KNOWN_FLOWS * sizeof(struct known_flow) +
	       buffers_budget(stream_bytes);
}

bool flows_init(struct flows *f, struct arena *arena, size_t flow_bytes, size_t stream_bytes)
{
	f->room = flows_room(flow_bytes);
	f->bucket_mask = flows_buckets(f->room) - 1;
	f->list = arena_take(arena, f->room * sizeof *f->list, 64);
	f->buckets = arena_take(arena, (f->bucket_mask + 1) * sizeof *f->buckets, 64);
	f->states = arena_take(arena, f->room * sizeof *f->states, 64);
	f->known = arena_take(arena, KNOWN_FLOWS * sizeof *f->known, 64);
	return f->list && f->buckets && f->states && f->known &&
	       buffers_init(&f->buffers, arena, stream_bytes);
}

/* ---- the table ---- */

/* Two addresses as words: of IPv4 one, of all else two each. */
static unsigned flow_words(uint64_t words[4], const struct ip *low, const struct ip *high)
{
	if (low->family == 4 && high->family == 4) {
		memcpy(&words[0], low->b, 4);
		memcpy((uint8_t *)&words[0] + 4, high->b, 4);
		return 1;
	}
	memcpy(&words[0], low->b, sizeof low->b);
	memcpy(&words[2], high->b, sizeof high->b);
	return 4;
}

static NOINLINE uint64_t flow_digest_any(const struct task *t, const struct packet *p,
                                         bool *from_high)
{
	const int order = ip_compare(&p->from, &p->to);
	uint64_t words[6] = {0};

	*from_high = order > 0 || (order == 0 && p->from_port.n > p->to_port.n);
	const struct ip *low = *from_high ? &p->to : &p->from;
	const struct ip *high = *from_high ? &p->from : &p->to;
	const uint64_t low_port = *from_high ? p->to_port.n : p->from_port.n;
	const uint64_t high_port = *from_high ? p->from_port.n : p->to_port.n;
	const uint64_t families = (uint64_t)low->family << 8 | high->family;

	words[0] = low_port << 48 | high_port << 32 | (uint64_t)p->protocol << 16 | families;
	unsigned count = 1 + flow_words(&words[1], low, high);
	if (p->tunnel != 0)
		words[count++] = p->tunnel;
	const uint64_t digest = hash_words(&t->options.key, words, count);

	return digest != 0 ? digest : 1;
}

static NOINLINE uint64_t flow_learn(const struct task *t, struct known_flow *place, uint64_t low,
                                    uint64_t high)
{
	const uint64_t words[2] = {low, high};
	const uint64_t digest = hash_words(&t->options.key, words, 2);

	*place = (struct known_flow){low, high, digest != 0 ? digest : 1};
	return place->digest;
}

/*
 * The usual packet's: IPv4, outside of tunnels. A conversation pays for one SipHash, not each of
 * its packets.
 */
static uint64_t flow_digest4(struct task *t, const struct packet *p, bool *from_high)
{
	const uint64_t from = (uint64_t)cur_word_be(p->from.b) << 16 | p->from_port.n;
	const uint64_t to = (uint64_t)cur_word_be(p->to.b) << 16 | p->to_port.n;
	const uint64_t low = (from < to ? from : to) | (uint64_t)p->protocol << 48;
	const uint64_t high = (from < to ? to : from) | (uint64_t)4 << 48;
	const uint64_t mixed = low * 0x9e3779b97f4a7c15 + high * 0xc2b2ae3d27d4eb4f;
	struct known_flow *known = &t->flows.known[(mixed >> 40) % KNOWN_FLOWS];

	*from_high = from > to;
	if (LIKELY(known->low == low && known->high == high))
		return known->digest;
	return flow_learn(t, known, low, high);
}

/* The sender's endpoint sorts second (*from_high) or first. */
static uint64_t flow_digest(struct task *t, const struct packet *p, bool *from_high)
{
	if (LIKELY(p->from.family == 4 && p->to.family == 4 && p->tunnel == 0))
		return flow_digest4(t, p, from_high);
	return flow_digest_any(t, p, from_high);
}

static void flow_unlink_age(struct flows *f, struct flow *flow)
{
	if (flow->newer)
		f->list[flow->newer - 1].older = flow->older;
	else
		f->newest = flow->older;
	if (flow->older)
		f->list[flow->older - 1].newer = flow->newer;
	else
		f->oldest = flow->newer;
}

static void flow_link_newest(struct flows *f, struct flow *flow)
{
	const uint32_t number = (uint32_t)(flow - f->list) + 1;

	flow->newer = 0;
	flow->older = f->newest;
	if (f->newest)
		f->list[f->newest - 1].newer = number;
	f->newest = number;
	if (!f->oldest)
		f->oldest = number;
}

static void flow_unlink_bucket(struct flows *f, const struct flow *flow)
{
	const uint32_t number = (uint32_t)(flow - f->list) + 1;
	uint32_t *at = &f->buckets[flow->digest & f->bucket_mask];

	while (*at != number)
		at = &f->list[*at - 1].next;
	*at = flow->next;
}

/* A free flow: never used, or the one seen longest ago. */
static struct flow *flow_room(struct task *t)
{
	struct flows *f = &t->flows;

	if (f->used < f->room)
		return &f->list[f->used++];
	struct flow *flow = &f->list[f->oldest - 1];
	task_add(t, COUNTER_FLOWS_EVICTED, 1);
	stream_end(t, NULL, flow, 0);
	flow_unlink_bucket(f, flow);
	flow_unlink_age(f, flow);
	memset(flow, 0, sizeof *flow);
	return flow;
}

/* The flow, now the newest; NULL: there is none. */
static struct flow *flow_known(struct flows *f, uint64_t digest)
{
	for (uint32_t n = f->buckets[digest & f->bucket_mask]; n != 0; n = f->list[n - 1].next) {
		struct flow *flow = &f->list[n - 1];

		if (flow->digest != digest)
			continue;
		if (f->newest != n) {
			flow_unlink_age(f, flow);
			flow_link_newest(f, flow);
		}
		return flow;
	}
	return NULL;
}

/* p begins with the ports. */
void flow_touch(struct task *t, const struct packet *p)
{
	struct packet seen = *p;
	bool from_high = false;

	seen.from_port.n = cur_be16(&seen.rest);
	seen.to_port.n = cur_be16(&seen.rest);
	(void)flow_known(&t->flows, flow_digest(t, &seen, &from_high));
}

struct flow *flow_find(struct task *t, const struct packet *p, unsigned *side, bool *fresh)
{
	struct flows *f = &t->flows;
	bool from_high = false;
	const uint64_t digest = flow_digest(t, p, &from_high);
	struct flow *flow = flow_known(f, digest);

	*side = from_high;
	*fresh = flow == NULL;
	if (flow)
		return flow;
	flow = flow_room(t);
	uint32_t *bucket = &f->buckets[digest & f->bucket_mask];

	flow->digest = digest;
	flow->next = *bucket;
	*bucket = (uint32_t)(flow - f->list) + 1;
	flow_link_newest(f, flow);
	task_add(t, COUNTER_FLOWS, 1);
	return flow;
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

	if (own->started && own->base != base && !anew)
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

/* The packet taught nothing, and those like it will not. Kept back only after a few of them. */
static enum want direction_quiet(struct direction *d, enum want then)
{
	if (d->quiet == QUIET_ENOUGH)
		return then;
	d->quiet++;
	return WANT_ALL;
}

static enum want direction_wanted(struct direction *d, const struct packet *p)
{
	const struct segment *s = &p->segment;
	const bool read = d->ended && (d->handing == 0 || d->passed);

	if (s->syn || s->fin || s->rst) {
		d->quiet = 0;
		return s->syn ? WANT_BEGIN : WANT_END;
	}
	if (read)
		return direction_quiet(d, WANT_ENDS);
	if (cur_left(&p->rest) == 0 && !p->cut)
		return direction_quiet(d, WANT_PAYLOAD);
	d->quiet = 0;
	return WANT_ALL;
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
	stream_segment(t, p, f, side);
	flow_want(t, p, direction_wanted(&f->side[side], p));
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
	t->enough = 0;
	p->depth++;
	for (unsigned i = 0; i < calls.count; i++)
		task_call(t, p, calls.observer[i], UDP_PORT, packet_lower_port(p));
	p->depth--;
	const bool enough = t->enough == calls.count;
	t->enough = outer;
	if (calls.count == 0)
		return WANT_PATTERNS;
	return enough ? WANT_OTHERS : WANT_ALL;
}

struct flow_view flow_datagram(struct task *t, struct packet *p)
{
	struct flow_view view = {0};
	unsigned side = 0;
	struct flow *f = flow_find(t, p, &side, &view.first);

	if (view.first)
		flow_opened_by(f, side);
	view.from_initiator = f->initiator_high == (side == 1);
	view.answered = flow_answers(f, side);
	const enum want wanted = flow_forward_datagram(t, p);
	struct direction *d = &f->side[side];

	if (wanted == WANT_ALL)
		d->quiet = 0;
	flow_want(t, p, wanted == WANT_ALL ? WANT_ALL : direction_quiet(d, wanted));
	return view;
}
