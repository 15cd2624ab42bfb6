/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage.c - how much of the network this sensor really sees. See coverage.h.
 */
#include "observe/coverage.h"

#include "observe/task.h"

#include <string.h>

/* Further than this no window reaches that one meets: another connection, or rubbish. */
enum { JUMP_MAX = 64 << 20 };

/* ---- rows ---- */

static uint8_t coverage_row(struct task *t, struct vlan_id vlan)
{
	struct coverage *const c = t->coverage;
	const unsigned n = vlan.n % VLANS;

	if (c->row_of[n] > 0)
		return (uint8_t)(c->row_of[n] - 1);
	if (c->row_count >= COVERAGE_ROWS - 1) {
		task_add(t, COUNTER_COVERAGE_REFUSED, 1);
		c->row_count = COVERAGE_ROWS;
		c->rows[COVERAGE_ROWS - 1].vlan = COVERAGE_OTHERS;
		return COVERAGE_ROWS - 1;
	}
	c->rows[c->row_count].vlan = n;
	c->row_of[n] = (uint8_t)++c->row_count;
	return (uint8_t)(c->row_count - 1);
}

static bool goes_to_group(const struct packet *p)
{
	return (p->has_mac && mac_is_group(p->destination)) || !ip_is_host(&p->to);
}

/* ---- datagrams ---- */

void coverage_datagram(struct task *t, const struct packet *p, struct flow *f,
                       const struct flow_view *view)
{
	if (view->first) {
		f->track.row = coverage_row(t, p->vlan);
		f->track.counted = !goes_to_group(p);
		struct coverage_row *const row = &t->coverage->rows[f->track.row];
		row->udp += f->track.counted;
		row->groups += !f->track.counted;
	}
	if (view->answered && f->track.counted)
		t->coverage->rows[f->track.row].udp_both++;
}

/* ---- what is missing ---- */

/* Does the kernel keep back what this side sends? */
static bool is_kept_back(const struct task *t, const struct flow *f, unsigned side)
{
	return t->coverage->sheds && f->side[side].ended && f->quiet[side] >= QUIET_ENOUGH;
}

/* Of a side that has holes. */
static struct missing *missing_of(const struct task *t, const struct flow *f, unsigned side)
{
	return &t->flows.missing[f - t->flows.list][side];
}

static bool has_holes(const struct flow *f, unsigned side)
{
	return (f->track.holes >> side & 1) != 0;
}

/* What is missing lies apart from the flow, and is looked at only where something is. */
static void missing_add(struct task *t, struct flow *f, unsigned side, uint32_t bytes, uint32_t end)
{
	struct missing *const m = missing_of(t, f, side);

	if (!has_holes(f, side))
		*m = (struct missing){0};
	f->track.holes |= (uint8_t)(1u << side);
	const unsigned generation = m->bytes[0] > 0;

	m->bytes[generation] += bytes;
	m->end[generation] = end;
}

static void missing_close(const struct missing *m, struct flow *f, unsigned side)
{
	if (m->bytes[0] == 0)
		f->track.holes &= (uint8_t) ~(1u << side);
}

/* Bytes that came late; returns how many of them were missing. */
static uint32_t missing_fill(struct task *t, struct flow *f, unsigned side, uint32_t seq,
                             uint32_t len)
{
	struct missing *const m = missing_of(t, f, side);

	if (!has_holes(f, side))
		return 0;
	const unsigned generation = m->bytes[0] == 0 || (int32_t)(seq - m->end[0]) >= 0;
	const uint32_t fill = len < m->bytes[generation] ? len : m->bytes[generation];

	m->bytes[generation] -= fill;
	if (m->bytes[0] == 0)
		*m = (struct missing){{m->bytes[1]}, {m->end[1]}};
	missing_close(m, f, side);
	return fill;
}

/*
 * All before `ack` came to the other side; returns how much of it was never seen. What ends just
 * there waits for the next acknowledgement: its segment may come behind this one.
 */
static uint32_t missing_settle(struct task *t, struct flow *f, unsigned side, uint32_t ack)
{
	struct missing *const m = missing_of(t, f, side);
	uint32_t lost = 0;

	if (!has_holes(f, side))
		return 0;
	while (m->bytes[0] > 0 && (int32_t)(ack - m->end[0]) > 0) {
		lost += m->bytes[0];
		*m = (struct missing){{m->bytes[1]}, {m->end[1]}};
	}
	missing_close(m, f, side);
	return lost;
}

static void track_anew(struct flow *f, unsigned side, uint32_t next)
{
	f->track.next[side] = next;
	f->track.known |= (uint8_t)(1u << side);
	f->track.holes &= (uint8_t) ~(1u << side);
}

static bool track_is_known(const struct flow *f, unsigned side)
{
	return (f->track.known >> side & 1) != 0;
}

/* `side` sent the bytes [seq, seq + len). */
static void track_sends(struct task *t, struct flow *f, unsigned side, uint32_t seq, uint32_t len)
{
	const int32_t ahead = (int32_t)(seq - f->track.next[side]);
	struct coverage_row *const row = &t->coverage->rows[f->track.row];

	if (!track_is_known(f, side) || ahead > JUMP_MAX || ahead < -JUMP_MAX)
		track_anew(f, side, seq);
	else if (ahead > 0 && is_kept_back(t, f, side))
		f->track.next[side] = seq;
	else if (ahead > 0)
		missing_add(t, f, side, (uint32_t)ahead, seq);
	const uint32_t end = seq + len, next = f->track.next[side];
	const bool whole = (int32_t)(seq - next) >= 0;
	if ((int32_t)(end - next) > 0) {
		row->bytes += whole ? len : end - next;
		f->track.next[side] = end;
	} else if (len > 0) {
		row->bytes += missing_fill(t, f, side, seq, len);
	} else if (whole) {
		f->track.next[side] = end;
	}
}

/* The other side acknowledged what `side` sent before `ack`. */
static void track_acknowledged(struct task *t, struct flow *f, unsigned side, uint32_t ack)
{
	const int32_t ahead = (int32_t)(ack - f->track.next[side]);
	struct coverage_row *const row = &t->coverage->rows[f->track.row];

	if (!track_is_known(f, side) || ahead > JUMP_MAX || ahead < -JUMP_MAX) {
		track_anew(f, side, ack);
		return;
	}
	row->lost += missing_settle(t, f, side, ack);
	if (ahead > 0 && is_kept_back(t, f, side)) {
		f->track.next[side] = ack;
	} else if (ahead > 0) {
		missing_add(t, f, side, (uint32_t)ahead, ack);
		f->track.next[side] = ack;
	}
}

/* ---- conversations ---- */

static void track_plain(struct flow *f)
{
	struct track *const k = &f->track;

	k->plain = 0;
	for (unsigned side = 0; side < 2; side++)
		if (k->counted && k->known == 3 && (k->spoke >> side & 1) != 0 &&
		    !has_holes(f, side ^ 1u))
			k->plain |= (uint8_t)(1u << side);
}

static void track_count(struct task *t, struct flow *f, unsigned side, bool acknowledges)
{
	struct track *const k = &f->track;
	struct coverage_row *const row = &t->coverage->rows[k->row];

	k->spoke |= (uint8_t)(1u << side);
	if (acknowledges && !k->counted) {
		k->counted = true;
		row->tcp++;
	}
	if (k->counted && !k->both && k->spoke == 3) {
		k->both = true;
		row->tcp_both++;
	}
}

void coverage_odd(struct task *t, struct flow *f, unsigned side, uint32_t seq, uint32_t ack,
                  uint32_t len)
{
	track_count(t, f, side, true);
	track_sends(t, f, side, seq, len);
	track_acknowledged(t, f, side ^ 1u, ack);
	track_plain(f);
}

void coverage_restart(struct flow *f)
{
	f->track = (struct track){.row = f->track.row};
}

/* Payload on the wire: what a short capture cut off was seen by whoever captured. */
static uint32_t payload_of(const struct packet *p)
{
	const uint32_t pos = cur_pos(&p->rest), left = cur_left(&p->rest);

	return p->cut && p->wire > pos + left ? p->wire - pos : left;
}

/*
 * A reset's numbers may be anything. A stream that an observer's own task puts in order for itself
 * was counted where it came from.
 */
void coverage_segment(struct task *t, const struct packet *p, struct flow *f, unsigned side)
{
	const struct segment *const s = &p->segment;

	if (t->only != NO_OBSERVER || s->rst)
		return;
	if (f->track.known == 0 && f->track.spoke == 0)
		f->track.row = coverage_row(t, p->vlan);
	const uint32_t len = payload_of(p);
	if (!s->syn && !s->fin && s->ack_set) {
		coverage_next(t, f, side, s->seq, s->ack, len);
		return;
	}
	track_count(t, f, side, !s->syn && s->ack_set);
	track_sends(t, f, side, s->seq + s->syn, len + s->fin);
	if (s->ack_set)
		track_acknowledged(t, f, side ^ 1u, s->ack);
	track_plain(f);
}

/* ---- who is asked for ---- */

static bool asked_is(const struct asked *a, const struct packet *p, const struct ip *ip)
{
	return a->vlan == p->vlan.n && a->iface == p->iface && ip_equal(&a->ip, ip);
}

void asks_for(struct task *t, const struct packet *p, struct ip ip)
{
	struct coverage *const c = t->coverage;
	uint64_t at = hash_spread(cur_word_be(ip.b) ^ (uint64_t)cur_word_be(ip.b + 12) << 32,
	                          (uint64_t)p->iface << 16 | p->vlan.n);

	if (p->tunnel != 0 || !ip_is_host(&ip))
		return;
	for (;; at++) {
		uint16_t *const number = &c->asked_at[at % ASKED_PLACES];

		if (*number > 0 && asked_is(&c->asked[*number - 1], p, &ip))
			return;
		if (*number > 0)
			continue;
		if (c->asked_count == ASKED_MAX) {
			task_add(t, COUNTER_COVERAGE_REFUSED, 1);
			return;
		}
		*number = (uint16_t)++c->asked_count;
		c->asked[c->asked_count - 1] =
			(struct asked){.ip = ip, .iface = p->iface, .vlan = p->vlan.n};
		return;
	}
}
