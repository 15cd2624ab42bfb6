/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell.c - how a fact leaves an observer: digest, a short wait (tell.h), novelty table, fact channel.
 *
 * A repeat is one look-up and an addition. See novelty.h for what happens when the channel is full.
 */
#include "base/probe.h"
#include "observe/task.h"

#include <assert.h>
#include <string.h>

PROBE_SEMAPHORE(told);

/* A value on its way: borrowed bytes. */
struct told {
	enum fact_kind kind;
	const uint8_t *bytes;
	uint32_t len;
	bool cut;
	uint64_t traffic; /* wire bytes, SEEN only */
};

/*
 * The fact key, and nothing else: equal digests are equal facts in every task of the run. All of it is
 * joined to the endpoint's digest, which is a SipHash.
 */
static uint64_t tell_digest(struct task *t, uint64_t endpoint, const struct told *fact)
{
	struct hash_chain c = {t->options.key, endpoint};

	chain_word(&c, (uint64_t)fact->kind << 32 | (uint64_t)t->current << 16 | fact->len);
	chain_bytes(&c, fact->bytes, fact->len);
	return c.digest != 0 ? c.digest : 1; /* 0 is a free slot */
}

static const struct tells *tell_declared(const struct observer *o, enum fact_kind kind)
{
	for (const struct tells *d = o->tells; d->kind != FACT_NONE; d++)
		if (d->kind == kind)
			return d;
	return NULL;
}

/* ---- out ---- */

/* Room for an item; NULL: it was refused, and that is counted. */
static struct fact_item *tell_reserve(struct task *t, uint32_t len)
{
	struct fact_item *room = NULL;

	if (LIKELY(t->options.facts.reserve(t->options.facts.to, len, &room) == SENT))
		return room;
	task_add(t, COUNTER_FACTS_DROPPED, 1);
	return NULL;
}

/* Tells what a slot keeps back; true when it keeps nothing any more. */
static bool tell_more(struct task *t, struct slot *slot)
{
	if (slot->kept == 0)
		return true;
	if (!slot->told)
		return false;
	struct fact_item *const item = tell_reserve(t, FACT_MORE_LEN);
	if (item == NULL)
		return false;
	item->message = MORE;
	item->value_len = 0;
	item->endpoint_hash = slot->endpoint_hash;
	item->digest = slot->digest;
	item->support = *novelty_kept(&t->novelty, slot);
	t->options.facts.commit(t->options.facts.to);
	task_add(t, COUNTER_FACTS_MORE, 1);
	novelty_give(&t->novelty, slot);
	return true;
}

/* The fact whole: all of the item's head. */
static ALWAYS_INLINE void tell_write(const struct task *t, const struct waiting_fact *w,
                                     const struct support *support, struct fact_item *item)
{
	const struct tells *declared = tell_declared(plan_observer(t->plan, w->by), w->kind);

	assert(declared); /* an observer tells only what it declares */
	item->message = NEW_FACT;
	item->value_len = w->len;
	item->endpoint_hash = w->endpoint_hash;
	item->digest = w->digest;
	item->support = *support;
	item->endpoint.mac = w->who.mac;
	item->endpoint.vlan = w->vlan;
	item->endpoint.iface = w->iface;
	item->endpoint.ip = w->who.ip;
	item->endpoint.realm = t->realms.list[w->realm];
	item->kind = w->kind;
	item->by = w->by;
	item->grade = (uint8_t)declared->grade;
	item->confidence = declared->confidence;
	item->cut = w->cut;
}

static COLD void tell_probe(const struct task *t, const struct waiting_fact *w,
                            const uint8_t *value)
{
	PROBE5(told, PROBE_POINTER(fact_info(w->kind)->wire),
	       PROBE_POINTER(plan_observer(t->plan, w->by)->name), PROBE_POINTER(value), w->len,
	       w->frame);
}

static bool tell_whole(struct task *t, const struct waiting_fact *w, const uint8_t *value,
                       const struct support *support)
{
	struct fact_item *const item = tell_reserve(t, (uint32_t)sizeof *item + w->len);

	if (item == NULL)
		return false;
	tell_write(t, w, support, item);
	memcpy(item + 1, value, w->len);
	t->options.facts.commit(t->options.facts.to);
	task_add(t, COUNTER_FACTS_NEW, 1);
	if (UNLIKELY(PROBE_IS_ON(told)))
		tell_probe(t, w, value);
	return true;
}

/* ---- the novelty table ---- */

/* Of a slot that something else needs: tells what it keeps, or counts it as lost. */
static void tell_empty(struct task *t, struct slot *slot)
{
	if (tell_more(t, slot))
		return;
	task_add(t, COUNTER_FACTS_LOST, novelty_kept(&t->novelty, slot)->count);
	novelty_give(&t->novelty, slot);
}

/* A slot for a fact that has none. */
static struct slot *tell_take(struct task *t, uint64_t digest, uint32_t endpoint_hash)
{
	struct slot *const slot = novelty_room(&t->novelty, digest);

	if (slot->kept != 0)
		tell_empty(t, slot);
	novelty_take(&t->novelty, slot, digest, endpoint_hash);
	return slot;
}

/* Where the slot keeps what is not told yet. */
static struct support *tell_kept(struct task *t, struct slot *slot)
{
	while (slot->kept == 0 && !novelty_keep(&t->novelty, slot))
		tell_empty(t, novelty_keeper(&t->novelty));
	return novelty_kept(&t->novelty, slot);
}

static struct support tell_support(const struct waiting_fact *w)
{
	return (struct support){w->time_ns, w->time_ns, w->frame, w->count, w->traffic};
}

/* The fact is not known to be told: tells it with all that was seen of it, or keeps that. */
static void tell_new(struct task *t, struct slot *slot, const struct waiting_fact *w,
                     const uint8_t *value)
{
	struct support all = tell_support(w);

	if (slot->kept != 0)
		support_merge(&all, novelty_kept(&t->novelty, slot));
	slot->told = tell_whole(t, w, value, &all);
	if (UNLIKELY(!slot->told))
		*tell_kept(t, slot) = all;
	else if (slot->kept != 0)
		novelty_give(&t->novelty, slot);
}

/* One packet more that shows a fact that was told. */
static void tell_add(struct task *t, struct slot *slot, const struct waiting_fact *w)
{
	struct support *const kept = tell_kept(t, slot);

	slot->again = true;
	if (LIKELY(kept->count > 0 && w->time_ns > kept->first_ns && w->time_ns >= kept->last_ns)) {
		kept->last_ns = w->time_ns; /* the common case of support_merge */
		kept->count += w->count;
		kept->bytes += w->traffic;
		return;
	}
	const struct support more = tell_support(w);
	support_merge(kept, &more);
}

/* True: the fact had been met before. */
static bool tell_settle(struct task *t, const struct waiting_fact *w, const uint8_t *value)
{
	struct slot *slot = w->slot != NULL && w->slot->digest == w->digest
	                            ? w->slot
	                            : novelty_find(&t->novelty, w->digest);
	const bool known = slot != NULL;

	if (LIKELY(known && slot->told)) {
		tell_add(t, slot, w);
	} else {
		slot = known ? slot : tell_take(t, w->digest, w->endpoint_hash);
		tell_new(t, slot, w, value);
	}
	if (w->sender != NULL)
		glance_settled(w->sender, slot->told);
	return known;
}

/* ---- in between ---- */

static struct waiting_fact *tell_waiting(struct telling *q, unsigned i)
{
	return &q->waiting[(q->first + i) % TELL_WAITING];
}

static void tell_settle_first(struct task *t)
{
	struct telling *const q = &t->telling;
	const struct waiting_fact *const w = tell_waiting(q, 0);

	(void)tell_settle(t, w, w->value);
	q->first = (q->first + 1) % TELL_WAITING;
	q->count--;
}

void tell_settle_all(struct task *t)
{
	while (t->telling.count > 0)
		tell_settle_first(t);
}

static void tell_watch(struct task *t, const struct packet *p, const struct waiting_fact *w,
                       const uint8_t *value, bool known)
{
	const struct support support = tell_support(w);
	struct fact_item item = {0};

	tell_write(t, w, &support, &item);
	t->watch.told(t->watch.to, p, &item, value, known);
}

/* A fact that cannot wait: somebody watches, or its value is too long to be written down. */
static NOINLINE void tell_at_once(struct task *t, const struct packet *p,
                                  const struct waiting_fact *w, const uint8_t *value)
{
	tell_settle_all(t);
	const bool known = tell_settle(t, w, value);
	if (t->watched && t->watch.told)
		tell_watch(t, p, w, value, known);
}

/* The fact's slot should be here by now: what it keeps is asked for. */
static ALWAYS_INLINE void tell_look(struct task *t, struct waiting_fact *w)
{
	w->slot = novelty_find(&t->novelty, w->digest);
	if (w->slot != NULL && w->slot->kept != 0)
		PREFETCH(novelty_kept(&t->novelty, w->slot));
}

/* The last one waits. */
static ALWAYS_INLINE void tell_wait(struct task *t, uint64_t digest)
{
	struct telling *const q = &t->telling;

	novelty_foresee(&t->novelty, digest);
	q->count++;
	if (q->count > TELL_HALFWAY)
		tell_look(t, tell_waiting(q, q->count - 1 - TELL_HALFWAY));
}

/* A group or nobody is no endpoint. */
static bool tell_names(const struct subject *who)
{
	return !mac_is_group(who->mac) && (who->ip.family != 0 || !mac_is_zero(who->mac));
}

static void tell(struct task *t, const struct packet *p, const struct subject *who,
                 const struct told *fact)
{
	if (!tell_names(who))
		return;
	if (t->telling.count == TELL_WAITING)
		tell_settle_first(t);
	const uint64_t endpoint =
		endpoint_digest(&t->endpoints, &t->realms, &t->options.key, p, who);
	struct waiting_fact *const w = tell_waiting(&t->telling, t->telling.count);

	w->digest = tell_digest(t, endpoint, fact);
	w->slot = NULL;
	w->time_ns = p->time_ns;
	w->frame = p->frame;
	w->count = UNLIKELY(t->kept > 1) ? t->kept : 1;
	w->traffic = fact->traffic;
	w->sender = t->glances.noting;
	w->endpoint_hash = (uint32_t)(endpoint >> 32);
	w->kind = (uint16_t)fact->kind;
	w->by = (uint16_t)t->current;
	w->iface = p->iface;
	w->realm = p->realm;
	w->vlan = p->vlan;
	w->len = (uint16_t)fact->len;
	w->cut = fact->cut;
	w->who = *who;
	task_add(t, COUNTER_FACTS, w->count);
	if (UNLIKELY(w->sender != NULL))
		glance_note_fact(w->sender, w->digest, w->endpoint_hash, fact->kind == FACT_SEEN);
	if (UNLIKELY(fact->len > sizeof w->value || t->watched)) {
		tell_at_once(t, p, w, fact->bytes);
		return;
	}
	memcpy(w->value, fact->bytes, fact->len);
	tell_wait(t, w->digest);
}

void tell_again(struct task *t, uint64_t digest, uint32_t endpoint_hash, const struct support *more)
{
	tell_settle_all(t);
	struct slot *slot = novelty_find(&t->novelty, digest);

	if (slot == NULL)
		slot = tell_take(t, digest, endpoint_hash);
	slot->told = slot->again = true;
	support_merge(tell_kept(t, slot), more);
	task_add(t, COUNTER_FACTS, more->count);
}

static void tell_visited(void *task, struct slot *slot)
{
	(void)tell_more(task, slot);
}

void task_tell_all(struct task *t)
{
	tell_settle_all(t);
	door_rest(&t->door);
	glance_fold_all(t);
	novelty_each(&t->novelty, tell_visited, t);
}

/* ---- what observers call ---- */

static void tell_plain(struct task *t, const struct packet *p, struct subject who,
                       enum fact_kind kind, const uint8_t *bytes, uint32_t len)
{
	const struct told fact = {
		.kind = kind,
		.bytes = bytes,
		.len = len < FACT_VALUE_MAX ? len : FACT_VALUE_MAX,
		.cut = len > FACT_VALUE_MAX,
	};

	tell(t, p, &who, &fact);
}

void tell_text(struct task *t, const struct packet *p, struct subject who, enum fact_kind kind,
               struct cur value)
{
	if (cur_left(&value) > 0)
		tell_plain(t, p, who, kind, cur_bytes(&value), cur_left(&value));
}

void tell_string(struct task *t, const struct packet *p, struct subject who, enum fact_kind kind,
                 const struct text *value)
{
	if (value->len > 0)
		tell_plain(t, p, who, kind, (const uint8_t *)value->s, value->len);
}

void tell_word(struct task *t, const struct packet *p, struct subject who, enum fact_kind kind,
               const char *word)
{
	tell_plain(t, p, who, kind, (const uint8_t *)word, (uint32_t)strlen(word));
}

void tell_bytes(struct task *t, const struct packet *p, struct subject who, enum fact_kind kind,
                const uint8_t *bytes, uint32_t len)
{
	if (len > 0)
		tell_plain(t, p, who, kind, bytes, len);
}

void tell_number(struct task *t, const struct packet *p, struct subject who, enum fact_kind kind,
                 uint32_t number)
{
	const uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16 & 0xff),
	                          (uint8_t)(number >> 8 & 0xff), (uint8_t)(number & 0xff)};

	tell_plain(t, p, who, kind, bytes, sizeof bytes);
}

void tell_address(struct task *t, const struct packet *p, struct mac mac, struct ip ip)
{
	if (ip_is_host(&ip))
		tell_plain(t, p, subject_of(mac, ip), ip.family == 4 ? FACT_IPV4 : FACT_IPV6, ip.b,
		           ip.family == 4 ? 4 : 16);
}

static void tell_talks(struct task *t, const struct packet *p)
{
	const bool is4 = p->to.family == 4;

	if (ip_is_private(&p->from) && ip_is_private(&p->to))
		tell_plain(t, p, sender(p), is4 ? FACT_TALKS_IPV4 : FACT_TALKS_IPV6, p->to.b,
		           is4 ? 4 : 16);
}

void tell_answer(struct task *t, const struct packet *p, uint8_t protocol)
{
	const struct port port = p->from_port;
	const uint8_t bytes[3] = {protocol, (uint8_t)(port.n >> 8), (uint8_t)(port.n & 0xff)};

	tell_plain(t, p, sender(p), FACT_SERVICE, bytes, sizeof bytes);
	tell_talks(t, p);
}

void tell_seen(struct task *t, const struct packet *p, struct subject who)
{
	const uint64_t bytes = UNLIKELY(t->kept > 0) ? t->kept_bytes : p->wire;
	const struct told fact = {.kind = FACT_SEEN, .bytes = who.mac.b, .traffic = bytes};

	tell(t, p, &who, &fact);
}
