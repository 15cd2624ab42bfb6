/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glance.c - see glance.h.
 *
 * The table of senders is small and its places are chosen by plain multiplication: a sender who
 * makes others fall together with himself makes their packets walk, and no more.
 */
#include "observe/glance.h"

#include "base/bits.h"
#include "observe/hand.h"
#include "observe/plain.h"
#include "observe/task.h"

#include <assert.h>
#include <string.h>

static_assert(offsetof(struct sender, first_ns) == 64 && sizeof(struct sender) % 64 == 0,
              "what is always needed is in one cache line");

/* ---- the plan: these observers, each alone, are what the short way stands for ---- */

static const struct {
	enum space space;
	uint16_t key;
	const char *observer;
} glance_layers[] = {
	{LINKTYPE, PLAIN_ETHERNET, "ethernet"},  {ETHERTYPE, PLAIN_TAG, "vlan"},
	{ETHERTYPE, PLAIN_PROVIDER_TAG, "vlan"}, {ETHERTYPE, PLAIN_IPV4, "ipv4"},
	{ETHERTYPE, PLAIN_IPV6, "ipv6"},         {IP_PROTOCOL, PLAIN_TCP, "tcp"},
	{IP_PROTOCOL, PLAIN_UDP, "udp"},
};

static bool glance_fits(const struct task *t)
{
	for (unsigned i = 0; i < COUNT_OF(glance_layers); i++) {
		const struct chain *chain =
			plan_chain(t->plan, glance_layers[i].space, glance_layers[i].key);

		if (chain->count != 1 || t->hands_over[chain->observer[0]] >= 0 ||
		    strcmp(plan_observer(t->plan, chain->observer[0])->name,
		           glance_layers[i].observer) != 0)
			return false;
	}
	return true;
}

size_t glances_budget(void)
{
	return SENDERS * sizeof(struct sender) + bits_size(SENDERS / SENDER_GROUP) +
	       trails_budget() + 64;
}

bool glances_init(struct task *t)
{
	struct glances *g = &t->glances;

	g->list = arena_take(&t->arena, SENDERS * sizeof *g->list, 64);
	g->used = arena_take(&t->arena, bits_size(SENDERS / SENDER_GROUP), sizeof *g->used);
	g->on = glance_fits(t);
	g->tcp = plan_chain(t->plan, IP_PROTOCOL, PLAIN_TCP)->observer[0];
	g->udp = plan_chain(t->plan, IP_PROTOCOL, PLAIN_UDP)->observer[0];
	return g->list != NULL && g->used != NULL && trails_init(&g->trails, &t->arena);
}

/* ---- senders ---- */

static bool frame_to_group(const struct plain *h)
{
	return (h->destination >> 40 & 1) != 0;
}

static bool glance_to_group(const struct plain *h)
{
	const uint64_t to = h->to[0];

	if (frame_to_group(h))
		return true;
	return h->family == 4 ? to >> 28 == 0xe || to == 0xffffffff : to >> 56 == 0xff;
}

static struct sender_key sender_key(const struct frame *f, const struct plain *h)
{
	return (struct sender_key){
		.mac = h->source << 16 | f->iface,
		.how = (uint64_t)h->tags << 32 | (uint64_t)h->ttl << 16 | (uint64_t)h->family << 8 |
	               glance_to_group(h),
		.from = {h->from[0], h->from[1]},
	};
}

static struct sender *sender_bucket(const struct glances *g, const struct sender_key *key)
{
	const uint64_t spread = hash_spread(key->mac ^ key->from[1],
	                                    key->how ^ (key->from[0] << 32 | key->from[0] >> 32));

	return &g->list[spread % (SENDERS / SENDER_WAYS) * SENDER_WAYS];
}

static struct sender *sender_find(const struct glances *g, const struct sender_key *key)
{
	struct sender *const bucket = sender_bucket(g, key);

	for (unsigned i = 0; i < SENDER_WAYS; i++)
		if (sender_key_equal(&bucket[i].key, key))
			return &bucket[i];
	return NULL;
}

/* When he was seen last, as far as that is known without asking all his trails. */
static uint64_t sender_age(const struct glances *g, const struct sender *s)
{
	const uint64_t newest = s->trails != 0 ? g->trails.list[s->trails - 1].last_ns : 0;

	return newest > s->last_ns ? newest : s->last_ns;
}

/* The one to give up for another: a free one, or the one seen longest ago. */
static struct sender *sender_victim(const struct glances *g, struct sender *bucket)
{
	struct sender *victim = bucket;

	for (unsigned i = 1; i < SENDER_WAYS; i++)
		if (sender_age(g, &bucket[i]) < sender_age(g, victim))
			victim = &bucket[i];
	return victim;
}

/* The first since the last fold, or one out of order. */
static NOINLINE void sender_count_odd(struct sender *s, const struct frame *f)
{
	struct support all = {0};
	const struct support one = {f->time_ns, f->time_ns, f->number, 1, f->wire};
	if (s->count > 0)
		all = (struct support){s->first_ns, s->last_ns, s->frame, s->count, s->bytes};
	support_merge(&all, &one);
	s->first_ns = all.first_ns;
	s->last_ns = all.last_ns;
	s->frame = all.frame;
	s->count = all.count;
	s->bytes = all.bytes;
}

static void sender_count(struct sender *s, const struct frame *f)
{
	if (UNLIKELY(s->count == 0 || f->time_ns < s->last_ns)) {
		sender_count_odd(s, f);
		return;
	}
	s->last_ns = f->time_ns;
	s->count++;
	s->bytes += f->wire;
}

/* What observers would have said of the packets that ended on the trail. */
static void trail_tell(struct task *t, const struct trail *trail)
{
	const uint64_t plain = trail->passed[0], enough = trail->passed[1];

	if (trail->protocol == PLAIN_TCP) {
		t->verdicts[t->glances.tcp].verdict[LEARNED] += plain;
		return;
	}
	t->verdicts[t->glances.udp].verdict[LEARNED] += plain + enough;
	t->verdicts[trail->enough.observer].verdict[NOTHING] += enough;
	task_add(t, COUNTER_UNCLAIMED, plain);
	struct unclaimed *const one = plain > 0 ? task_unclaimed(t, UDP_PORT, trail->port) : NULL;
	if (one != NULL)
		one->packets += plain;
}

/* Adds to the sender what his trail has counted. */
static void trail_fold(struct task *t, struct sender *s, struct trail *trail)
{
	const uint64_t passed = trail->passed[0] + trail->passed[1];

	trail->counts = false;
	if (passed == 0)
		return;
	trail_tell(t, trail);
	s->count += passed;
	s->bytes += trail->bytes;
	if (s->last_ns < trail->last_ns)
		s->last_ns = trail->last_ns;
	trail->passed[0] = trail->passed[1] = trail->bytes = 0;
}

static void sender_gather(struct task *t, struct sender *s)
{
	struct trail *const list = t->glances.trails.list;

	for (uint16_t n = s->trails; n != 0; n = list[n - 1].next)
		trail_fold(t, s, &list[n - 1]);
}

static void sender_fold(struct task *t, struct sender *s)
{
	sender_gather(t, s);
	struct support more = {s->first_ns, s->last_ns, s->frame, s->count, 0};
	if (s->count == 0)
		return;
	for (unsigned i = 0; i < s->facts; i++) {
		more.bytes = (s->traffic >> i & 1) != 0 ? s->bytes : 0;
		tell_again(t, s->fact[i], s->endpoint_hash[i], &more);
	}
	for (unsigned i = 0; i < s->layers; i++)
		t->verdicts[s->layer[i]].verdict[LEARNED] += s->count;
	s->count = s->bytes = 0;
}

/* Nothing of him is left: his place is another's. */
static void sender_leave(struct task *t, struct sender *s)
{
	struct trails *const trails = &t->glances.trails;

	sender_fold(t, s);
	for (uint16_t n = s->trails; n != 0;) {
		struct trail *const trail = &trails->list[n - 1];

		n = trail->next;
		trail_free(trails, trail);
	}
	memset(s, 0, sizeof *s);
}

void glance_fold_all(struct task *t)
{
	const struct glances *g = &t->glances;
	const uint32_t groups = SENDERS / SENDER_GROUP;

	for (uint32_t i = bits_next(g->used, 0, groups); i < groups;
	     i = bits_next(g->used, i + 1, groups))
		for (unsigned k = 0; k < SENDER_GROUP; k++)
			sender_fold(t, &g->list[i * SENDER_GROUP + k]);
}

/* ---- the first packet of a sender ---- */

#define DOOR_SALT \
	UINT64_C(0x646f6f72) /* no other digest of the run is one of a sender at the door */

void glance_note_fact(struct sender *s, uint64_t digest, uint32_t endpoint_hash, bool traffic)
{
	s->waiting++;
	if (s->facts == SENDER_FACTS) {
		s->spoilt = true;
		return;
	}
	s->traffic |= (uint8_t)(traffic << s->facts);
	s->endpoint_hash[s->facts] = endpoint_hash;
	s->fact[s->facts++] = digest;
}

/* Until all its facts were told its packets walk: no key that is looked for is like this one. */
#define SENDER_WAITS (UINT64_C(1) << 24)

void glance_settled(struct sender *s, bool told)
{
	s->waiting--;
	s->spoilt = s->spoilt || !told;
	if (s->spoilt)
		s->key = (struct sender_key){0};
	else if (s->waiting == 0)
		s->key.how &= ~SENDER_WAITS;
}

void glance_note_layer(struct sender *s, unsigned observer, enum verdict v)
{
	if (s->layers == SENDER_LAYERS || v != LEARNED)
		s->spoilt = true;
	else
		s->layer[s->layers++] = (uint8_t)observer;
}

/* What is told and counted from here on is not the sender's, but this packet's. */
bool glance_forward(struct task *t, struct packet *p, uint64_t protocol)
{
	struct sender *s = t->glances.noting;

	s->spoilt = s->spoilt || s->reached;
	s->reached = true;
	s->vlan = p->vlan;
	s->depth = p->depth;
	t->glances.noting = NULL;
	const bool claimed = forward(t, p, IP_PROTOCOL, protocol);
	t->glances.noting = s;
	return claimed;
}

/*
 * `to_group`: by the frame's MAC, for a flood of random addresses has those of IP groups in it, each
 * to one receiver.
 */
static NOINLINE void sender_learn(struct task *t, const struct frame *f,
                                  const struct sender_key *key, bool to_group)
{
	if (!door_admits(&t->door, hash_join(&t->options.key, DOOR_SALT, key->mac), to_group)) {
		task_add(t, COUNTER_STRANGERS, 1);
		return;
	}
	struct sender *const s = sender_victim(&t->glances, sender_bucket(&t->glances, key));
	bits_add(t->glances.used, (uint32_t)(s - t->glances.list) / SENDER_GROUP);
	if (UNLIKELY(s->waiting > 0))
		tell_settle_all(t);
	sender_leave(t, s);
	t->glances.noting = s;
	task_walk(t, f);
	t->glances.noting = NULL;
	s->last_ns = f->time_ns;
	if (!s->reached || s->spoilt)
		return;
	s->key = *key;
	s->key.how |= s->waiting > 0 ? SENDER_WAITS : 0;
}

/* ---- trails ---- */

/* The trail is no longer one of the sender's. */
static void trail_leave(struct glances *g, const struct trail *trail)
{
	struct trail *const list = g->trails.list;

	if (trail->before != 0)
		list[trail->before - 1].next = trail->next;
	else
		g->list[trail->sender].trails = trail->next;
	if (trail->next != 0)
		list[trail->next - 1].before = trail->before;
}

/* A trail for packets of the sender with this key, which has none. */
static struct trail *trail_take(struct task *t, const struct plain_key *key, struct sender *s)
{
	struct glances *const g = &t->glances;
	struct trail *const trail = trail_place(&g->trails, key);
	const uint16_t number = (uint16_t)(trail - g->trails.list + 1);

	if (trail->flow != NULL) {
		trail_fold(t, &g->list[trail->sender], trail);
		trail_leave(g, trail);
	}
	*trail = (struct trail){.key = *key, .sender = (uint16_t)(s - g->list), .next = s->trails};
	if (s->trails != 0)
		g->trails.list[s->trails - 1].before = number;
	s->trails = number;
	return trail;
}

/*
 * Where the trail is that the frame may be on, if it is there. Asks for it and for its flow, and reads
 * neither.
 */
static ALWAYS_INLINE void glance_look(const struct task *t, const struct frame *f,
                                      struct glimpse *look)
{
	const struct trails *const trails = &t->glances.trails;
	struct cur in = cur_make(f->bytes, f->captured);

	look->trail = NULL;
	if (f->linktype != PLAIN_ETHERNET || !plain_head_parse(&in, f->iface, &look->head))
		return;
	const uint64_t hash = trail_hash(&look->head.fold);
	const uint32_t bucket = trail_bucket_of(hash);
	const unsigned way = trail_way(&trails->buckets[bucket], hash);
	look->trail = &trails->list[bucket * TRAIL_WAYS + way];
	PREFETCH(look->trail);
	PREFETCH(&look->trail->last_ns);
	PREFETCH(&t->flows.list[trails->buckets[bucket].flow[way]]);
}

void glance_ahead(struct task *t, const struct frame *frames, unsigned count)
{
	struct glances *const g = &t->glances;

	assert(count <= GLANCE_AHEAD);
	for (unsigned i = 0; i < count; i++)
		glance_look(t, &frames[i], &g->ahead[i]);
	g->taken = g->trails.taken;
}

static struct flow *glance_flow(const struct trail *trail)
{
	return trail->flow->digest == trail->digest ? trail->flow : NULL;
}

static bool glance_is_claimed(const struct task *t, const struct plain *h)
{
	return plan_chain(t->plan, UDP_PORT, h->ports >> 16)->count > 0 ||
	       plan_chain(t->plan, UDP_PORT, h->ports & 0xffff)->count > 0;
}

/* The walk has met the packet's flow: the next packet will find it on its trail. */
static NOINLINE void glance_learn(struct task *t, const struct plain_key *key,
                                  const struct plain *h, struct sender *s)
{
	const struct meeting *m = &t->flows.meeting;
	struct trails *const trails = &t->glances.trails;
	struct trail *trail = trail_find(trails, key);
	const uint32_t from = h->ports >> 16, to = h->ports & 0xffff;

	if (trail == NULL)
		trail = trail_take(t, key, s);
	trail->digest = m->digest;
	trail->flow = &t->flows.list[m->number - 1];
	trail->side = (uint8_t)m->side;
	trail->protocol = h->protocol;
	trail->port = (uint16_t)(from < to ? from : to);
	trail->claimed = glance_is_claimed(t, h);
	trail_put(trails, trail, m->number - 1);
}

/* What is said of such datagrams from now on; those before were not counted so. */
static void glance_enough(struct task *t, struct trail *trail, struct enough enough)
{
	trail_fold(t, &t->glances.list[trail->sender], trail);
	trail->enough = enough;
}

/* ---- what lies above ---- */

/* The first of the trail since the last fold, or one out of order: it is counted with the sender. */
static NOINLINE void glance_count_odd(struct task *t, const struct frame *f, struct trail *trail,
                                      bool enough)
{
	struct trail one = {.protocol = trail->protocol,
	                    .port = trail->port,
	                    .enough = trail->enough,
	                    .passed = {!enough, enough}};

	sender_count(&t->glances.list[trail->sender], f);
	trail_tell(t, &one);
	trail->counts = true;
	if (trail->last_ns < f->time_ns)
		trail->last_ns = f->time_ns;
}

/* Enough: an observer had enough of datagrams like this one. */
static ALWAYS_INLINE void glance_count(struct task *t, const struct frame *f, struct trail *trail,
                                       bool enough)
{
	if (UNLIKELY(!trail->counts || f->time_ns < trail->last_ns)) {
		glance_count_odd(t, f, trail, enough);
		return;
	}
	trail->last_ns = f->time_ns;
	trail->bytes += f->wire;
	trail->passed[enough]++;
}

/* What is wanted of more like it, where that is asked. */
static ALWAYS_INLINE void glance_want(struct task *t, struct flow *f, const struct trail *trail,
                                      enum want then)
{
	if (UNLIKELY(t->asked))
		t->wanted = flow_quiet(f, trail->side, then);
}

static ALWAYS_INLINE struct cur glance_transport(const struct frame *f,
                                                 const struct plain_above *above)
{
	return cur_make(f->bytes + above->at, above->left);
}

/* A segment of the flow that neither begins nor ends anything, and brings what nobody wants. */
static ALWAYS_INLINE bool glance_tcp_passes(struct task *t, const struct frame *frame,
                                            const struct plain_above *above, struct trail *trail)
{
	const uint32_t length = above->length;
	struct cur in = glance_transport(frame, above);
	const uint32_t have = above->left < length ? above->left : length;
	struct flow *const f = glance_flow(trail);
	struct plain_segment s;

	if (f == NULL || !plain_segment_parse(&in, &s) || s.header < 20 || s.header > have ||
	    (s.flags & 0x17) != 0x10) /* of ACK, SYN, RST, FIN */
		return false;
	const struct direction *d = &f->side[trail->side];
	const bool over = (f->over >> trail->side & 1) != 0;
	const bool read = over && !hand_wants(t, f, trail->side, s.seq);
	if (!read && (have > s.header || length > have || (d->ended && !over)))
		return false;
	f->seen = true;
	coverage_next(t, f, trail->side, s.seq, s.ack, length - s.header);
	glance_want(t, f, trail, read ? WANT_ENDS : WANT_PAYLOAD);
	glance_count(t, frame, trail, false);
	return true;
}

/* No pattern fits the datagram's payload, and its flow's first question and answer were seen. */
static ALWAYS_INLINE bool glance_is_quiet(const struct task *t, const struct flow *f,
                                          const struct trail *trail, const struct cur *in)
{
	return (f->answered || f->initiator_high == (trail->side == 1)) &&
	       !patterns_match(&t->plan->udp_sniff, cur_bytes(in), cur_left(in));
}

/* A datagram that no observer claims, or such as its only one had enough of. */
static ALWAYS_INLINE bool glance_udp_passes(struct task *t, const struct frame *frame,
                                            const struct plain_above *above, struct trail *trail)
{
	struct cur in = glance_transport(frame, above);
	struct flow *const f = glance_flow(trail);
	struct plain_datagram d;

	if (f == NULL || !plain_datagram_parse(&in, &d) || d.length <= 8 ||
	    d.length != above->length)
		return false;
	cur_cut(&in, d.length - 8);
	const bool enough = trail->enough.said && d.first >> 5 == trail->enough.bits;
	if ((trail->claimed && !enough) || !glance_is_quiet(t, f, trail, &in))
		return false;
	f->seen = true;
	glance_want(t, f, trail, enough ? WANT_OTHERS : WANT_PATTERNS);
	glance_count(t, frame, trail, enough);
	return true;
}

/* Is all that the packet is for to be counted? Then it is. */
static ALWAYS_INLINE bool glance_passes(struct task *t, const struct frame *f,
                                        const struct plain_above *above, struct trail *trail)
{
	if (trail->protocol == PLAIN_UDP)
		return glance_udp_passes(t, f, above, trail);
	return glance_tcp_passes(t, f, above, trail);
}

static void glance_put(uint8_t b[8], uint64_t n)
{
	b[0] = (uint8_t)(n >> 56);
	b[1] = (uint8_t)(n >> 48 & 0xff);
	b[2] = (uint8_t)(n >> 40 & 0xff);
	b[3] = (uint8_t)(n >> 32 & 0xff);
	b[4] = (uint8_t)(n >> 24 & 0xff);
	b[5] = (uint8_t)(n >> 16 & 0xff);
	b[6] = (uint8_t)(n >> 8 & 0xff);
	b[7] = (uint8_t)(n & 0xff);
}

static void glance_ip(struct ip *ip, uint8_t family, const uint64_t address[2])
{
	ip->family = family;
	glance_put(ip->b, family == 4 ? address[0] << 32 : address[0]);
	glance_put(ip->b + 8, address[1]);
}

/* The rest of the walk, as the network layer would have sent it on. */
static void glance_go_on(struct task *t, const struct frame *f, const struct plain *h,
                         const struct sender *s, struct cur rest)
{
	struct packet p = {
		.rest = rest,
		.time_ns = f->time_ns,
		.frame = f->number,
		.wire = f->wire,
		.iface = f->iface,
		.cut = cur_left(&rest) < h->length,
		.has_mac = true,
		.source = mac_from_number(h->source),
		.destination = mac_from_number(h->destination),
		.vlan = s->vlan,
		.depth = s->depth,
		.head = h->head,
		.ttl = h->ttl,
		.protocol = h->protocol,
	};

	cur_cut(&p.rest, h->length);
	glance_ip(&p.from, h->family, h->from);
	glance_ip(&p.to, h->family, h->to);
	forward(t, &p, IP_PROTOCOL, p.protocol);
}

/* The packet goes on, to the flow that its trail knows. */
static NOINLINE void glance_above(struct task *t, const struct frame *f, struct trail *trail)
{
	struct meeting *const m = &t->flows.meeting;
	struct sender *const s = &t->glances.list[trail->sender];
	struct cur in = cur_make(f->bytes, f->captured);
	struct plain h;

	const bool plain = plain_parse(&in, &h);
	assert(plain); /* only such packets have a trail */
	sender_count(s, f);
	*m = (struct meeting){.open = true, .flow = glance_flow(trail), .side = trail->side};
	glance_go_on(t, f, &h, s, in);
	m->open = false;
	if (m->flow == NULL && m->number != 0)
		glance_learn(t, &trail->key, &h, s);
	else if (m->enough.said)
		glance_enough(t, trail, m->enough);
}

/* A packet on no trail. It may be on one from now on: not the first of a flow, for most have one. */
static NOINLINE bool glance_untrailed(struct task *t, const struct frame *f,
                                      const struct glimpse *look)
{
	struct meeting *const m = &t->flows.meeting;
	struct cur in = cur_make(f->bytes, f->captured);
	struct plain h;

	if (f->linktype != PLAIN_ETHERNET || f->captured > CUR_MAX || !plain_parse(&in, &h))
		return false;
	const struct sender_key key = sender_key(f, &h);
	struct sender *const s = sender_find(&t->glances, &key);
	if (s == NULL) {
		sender_learn(t, f, &key, frame_to_group(&h));
		return true;
	}
	sender_count(s, f);
	*m = (struct meeting){.open = true};
	glance_go_on(t, f, &h, s, in);
	m->open = false;
	if (look->trail != NULL && m->number != 0 && !m->fresh)
		glance_learn(t, &look->head.key, &h, s);
	return true;
}

/* Since the look ahead it may have got a trail. */
static struct trail *glance_trail(const struct glances *g, const struct glimpse *look)
{
	if (look->trail == NULL || g->trails.taken == g->taken)
		return NULL;
	return trail_find(&g->trails, &look->head.key);
}

bool glance_frame(struct task *t, const struct frame *f, unsigned i)
{
	const struct glimpse *const look = &t->glances.ahead[i];
	struct trail *trail = look->trail;

	if (UNLIKELY(trail == NULL || !trail_is(trail, &look->head.key))) {
		trail = glance_trail(&t->glances, look);
		if (trail == NULL)
			return glance_untrailed(t, f, look);
	}
	if (!glance_passes(t, f, &look->head.above, trail))
		glance_above(t, f, trail);
	return true;
}
