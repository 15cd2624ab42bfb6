/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell.c - how a fact leaves an observer: digest, novelty table, fact channel.
 *
 * Values are copied once, when a fact is new, into the room that the channel gave. A repeat is one
 * look-up and an addition. See novelty.h for what happens when the channel is full.
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

/* At most 8 bytes as a word: no two values of one length have the same. */
static uint64_t tell_word_of(const uint8_t *bytes, uint32_t len)
{
	uint32_t first = 0, last = 0;

	if (len >= sizeof first) {
		memcpy(&first, bytes, sizeof first);
		memcpy(&last, bytes + len - sizeof last, sizeof last);
		return (uint64_t)last << 32 | first;
	}
	return len == 0 ? 0
	                : (uint64_t)bytes[0] << 16 | (uint64_t)bytes[len / 2] << 8 | bytes[len - 1];
}

/*
 * The fact key, and nothing else: equal digests are equal facts in every task of the run. Short
 * values are joined to the endpoint's digest; of longer ones, which a sender may choose freely, a
 * SipHash is.
 */
static uint64_t tell_digest(struct task *t, uint64_t endpoint, const struct told *fact)
{
	const struct hash_key *key = &t->options.key;
	const uint64_t head = (uint64_t)fact->kind << 32 | (uint64_t)t->current << 16 | fact->len;
	const uint64_t value = fact->len <= sizeof value ? tell_word_of(fact->bytes, fact->len)
	                                                 : hash64(key, fact->bytes, fact->len);
	const uint64_t digest = hash_join(key, hash_join(key, endpoint, head), value);

	return digest != 0 ? digest : 1; /* 0 is a free slot */
}

static const struct tells *tell_declared(const struct observer *o, enum fact_kind kind)
{
	for (const struct tells *d = o->tells; d->kind != FACT_NONE; d++)
		if (d->kind == kind)
			return d;
	return NULL;
}

static bool tell_send(struct task *t, const struct fact_item *item, uint32_t head_len,
                      const uint8_t *value)
{
	struct fact_item *room = NULL;

	if (t->options.facts.reserve(t->options.facts.to, head_len + item->value_len, &room) !=
	    SENT)
		return false;
	memcpy(room, item, head_len);
	if (value != NULL)
		memcpy((uint8_t *)room + head_len, value, item->value_len);
	t->options.facts.commit(t->options.facts.to);
	return true;
}

/* Tells what a slot keeps back; true when it keeps nothing any more. */
static bool tell_more(struct task *t, struct slot *slot)
{
	if (slot->more.count == 0)
		return true;
	if (!slot->told)
		return false;
	const struct fact_item item = {.message = MORE,
	                               .endpoint_hash = slot->endpoint_hash,
	                               .digest = slot->digest,
	                               .support = slot->more};
	if (!tell_send(t, &item, FACT_MORE_LEN, NULL)) {
		task_add(t, COUNTER_FACTS_DROPPED, 1);
		return false;
	}
	task_add(t, COUNTER_FACTS_MORE, 1);
	memset(&slot->more, 0, sizeof slot->more);
	return true;
}

/* The fact whole, with all that it says but its digest and its support. */
static struct fact_item tell_item(const struct task *t, const struct packet *p,
                                  const struct subject *who, const struct told *fact)
{
	const struct observer *by = plan_observer(t->plan, t->current);
	const struct tells *declared = tell_declared(by, fact->kind);

	assert(declared); /* an observer tells only what it declares */
	return (struct fact_item){
		.message = NEW_FACT,
		.value_len = (uint16_t)fact->len,
		.endpoint = {.mac = who->mac,
	                     .vlan = p->vlan,
	                     .iface = p->iface,
	                     .ip = who->ip,
	                     .realm = t->realms.list[p->realm]},
		.kind = (uint16_t)fact->kind,
		.by = (uint16_t)t->current,
		.grade = (uint8_t)declared->grade,
		.confidence = declared->confidence,
		.cut = fact->cut,
	};
}

static COLD void tell_probe(const struct task *t, const struct packet *p, const struct told *fact)
{
	PROBE5(told, PROBE_POINTER(fact_info(fact->kind)->wire),
	       PROBE_POINTER(plan_observer(t->plan, t->current)->name), PROBE_POINTER(fact->bytes),
	       fact->len, p->frame);
}

static NOINLINE void tell_new(struct task *t, const struct packet *p, const struct subject *who,
                              const struct told *fact, struct slot *slot)
{
	struct fact_item item = tell_item(t, p, who, fact);

	item.endpoint_hash = slot->endpoint_hash;
	item.digest = slot->digest;
	item.support = slot->more;
	if (!tell_send(t, &item, sizeof item, fact->bytes)) {
		task_add(t, COUNTER_FACTS_DROPPED, 1);
		return;
	}
	task_add(t, COUNTER_FACTS_NEW, 1);
	if (UNLIKELY(PROBE_IS_ON(told)))
		tell_probe(t, p, fact);
	slot->told = true;
	memset(&slot->more, 0, sizeof slot->more);
}

static NOINLINE void tell_watch(struct task *t, const struct packet *p, const struct subject *who,
                                const struct told *fact, bool known)
{
	struct fact_item item = tell_item(t, p, who, fact);

	item.support = (struct support){p->time_ns, p->time_ns, p->frame, 1, fact->traffic};
	t->watch.told(t->watch.to, p, &item, fact->bytes, known);
}

/* The slot of a fact that has none. */
static NOINLINE void tell_take(struct task *t, struct slot *slot, uint64_t digest,
                               uint32_t endpoint_hash)
{
	if (slot->digest != 0 && !tell_more(t, slot))
		task_add(t, COUNTER_FACTS_LOST, slot->more.count);
	novelty_take(&t->novelty, slot, digest, endpoint_hash);
}

/* A group or nobody is no endpoint. */
static bool tell_names(const struct subject *who)
{
	return !mac_is_group(who->mac) && (who->ip.family != 0 || !mac_is_zero(who->mac));
}

static void tell(struct task *t, const struct packet *p, const struct subject *who,
                 const struct told *fact)
{
	bool known = false;

	if (!tell_names(who))
		return;
	const uint64_t endpoint =
		endpoint_digest(&t->endpoints, &t->realms, &t->options.key, p, who);
	const uint64_t digest = tell_digest(t, endpoint, fact);
	struct slot *slot = novelty_find(&t->novelty, digest, &known);

	if (!known)
		tell_take(t, slot, digest, (uint32_t)(endpoint >> 32));
	novelty_add(slot, p->time_ns, p->frame, fact->traffic);
	if (UNLIKELY(t->kept > 1)) {
		slot->more.count += t->kept - 1;
		task_add(t, COUNTER_FACTS, t->kept - 1);
	}
	if (UNLIKELY(!slot->told))
		tell_new(t, p, who, fact, slot);
	task_add(t, COUNTER_FACTS, 1);
	if (UNLIKELY(t->glances.noting != NULL))
		glance_note_fact(t->glances.noting, slot, fact->kind == FACT_SEEN);
	if (UNLIKELY(t->watched) && t->watch.told)
		tell_watch(t, p, who, fact, known);
}

void tell_again(struct task *t, uint64_t digest, uint32_t endpoint_hash, const struct support *more)
{
	bool known = false;
	struct slot *slot = novelty_find(&t->novelty, digest, &known);

	if (!known)
		tell_take(t, slot, digest, endpoint_hash);
	slot->told = true;
	if (slot->last_ns < more->last_ns)
		slot->last_ns = more->last_ns;
	support_merge(&slot->more, more);
	task_add(t, COUNTER_FACTS, more->count);
}

static void tell_visited(void *task, struct slot *slot)
{
	(void)tell_more(task, slot);
}

void task_tell_all(struct task *t)
{
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
