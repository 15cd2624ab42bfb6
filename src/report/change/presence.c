/* SPDX-License-Identifier: Apache-2.0 */
/*
 * presence.c - who is there, who is gone.
 *
 * Everybody has a rhythm: a server is never silent for long, a lamp speaks once in ten minutes. So
 * the longest silence of a device that it came back from is kept (of this span of six hours and the
 * one before), and it is gone when it is silent for GONE_TIMES as long. Until it was watched for a
 * while the same time goes for all (gone_ns).
 *
 * Who has a lease may sleep for as long as it lasts: it is not gone before. Who says goodbye (mDNS
 * takes its addresses back, SSDP byebye, DHCP RELEASE) and is then silent is gone at once: a goodbye
 * followed by more was that of a service.
 */
#include "report/change/presence.h"

#include "base/clock.h"
#include "report/change/tell.h"

#define GONE_TIMES 3u
#define GONE_LEAST_NS (60 * CLOCK_SECOND)
#define WATCHED_NS (60 * CLOCK_SECOND)
#define WATCHED_GAPS 3u
#define SPAN_NS (6 * 3600 * CLOCK_SECOND)
#define GOODBYE_NS (5 * CLOCK_SECOND)

/* ---- the rhythm ---- */

static void rhythm_gap(struct rhythm *y, uint64_t from_ns, uint64_t to_ns)
{
	const uint64_t gap_s = (to_ns - from_ns + CLOCK_SECOND - 1) / CLOCK_SECOND;
	const uint16_t span = (uint16_t)(to_ns / SPAN_NS & 0xffff);

	if (span != y->span) {
		y->longest_s[1] = (uint16_t)(y->span + 1) == span ? y->longest_s[0] : 0;
		y->longest_s[0] = 0;
		y->span = span;
	}
	if (gap_s > y->longest_s[0])
		y->longest_s[0] = (uint16_t)(gap_s < UINT16_MAX ? gap_s : UINT16_MAX);
	y->gaps = (uint8_t)(y->gaps + (y->gaps < WATCHED_GAPS));
}

/* What its facts say of when it may be silent. */
static void rhythm_learn(struct rhythm *y, const struct record *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct known *const k = &r->facts[i];
		const uint64_t last_ns = k->support.last_ns;
		if (k->kind == FACT_DHCP_LEASE) {
			const uint64_t s = (uint64_t)k->value[0] << 24 |
			                   (uint64_t)k->value[1] << 16 |
			                   (uint64_t)k->value[2] << 8 | k->value[3];
			if (last_ns + s * CLOCK_SECOND > y->lease_ns)
				y->lease_ns = last_ns + s * CLOCK_SECOND;
		}
		if (k->kind == FACT_LEAVES && last_ns > y->goodbye_ns)
			y->goodbye_ns = last_ns;
	}
	y->watched = r->last_ns - r->first_ns >= WATCHED_NS;
}

static bool rhythm_leaves(const struct rhythm *y, uint64_t last_ns)
{
	return y->goodbye_ns != 0 && y->goodbye_ns + CLOCK_SECOND >= last_ns;
}

/* When a device that was seen last at last_ns is gone. */
static uint64_t gone_at(const struct changes *c, const struct rhythm *y, uint64_t last_ns)
{
	uint64_t limit_ns = c->gone_ns;

	if (rhythm_leaves(y, last_ns))
		return last_ns + GOODBYE_NS;
	if (y->watched && y->gaps >= WATCHED_GAPS) {
		const uint64_t longest_s =
			y->longest_s[0] > y->longest_s[1] ? y->longest_s[0] : y->longest_s[1];
		limit_ns = GONE_TIMES * longest_s * CLOCK_SECOND;
		limit_ns = limit_ns > GONE_LEAST_NS ? limit_ns : GONE_LEAST_NS;
	}
	return last_ns + limit_ns > y->lease_ns ? last_ns + limit_ns : y->lease_ns;
}

/* ---- records ---- */

void presence_note(struct changes *c, struct asset_past *x, struct rhythm *rhythm,
                   const struct record *r)
{
	if (rhythm != NULL && c->gone_ns != 0) {
		if (x->last_ns != 0 && r->last_ns > x->last_ns)
			rhythm_gap(rhythm, x->last_ns, r->last_ns);
		rhythm_learn(rhythm, r);
		const uint64_t gone_ns = gone_at(c, rhythm, r->last_ns);
		if (gone_ns < c->next_gone_ns)
			c->next_gone_ns = gone_ns;
	}
	x->last_ns = r->last_ns;
}

/* Appeared, or back after it was gone. */
void presence_compare(struct changes *c, struct asset_past *x, struct rhythm *rhythm,
                      const struct record *r)
{
	if (x->state == STATE_UNKNOWN && rhythm != NULL && c->gone_ns != 0)
		*rhythm = (struct rhythm){0}; /* of whoever had this entry before */
	if (x->state == STATE_UNKNOWN && !c->silent_new)
		change_tell_plain(c, "new", r, NULL);
	if (x->state == STATE_GONE && r->last_ns > x->last_ns)
		change_tell_plain(c, "back", r, NULL);
	if (x->state != STATE_GONE || r->last_ns > x->last_ns)
		x->state = STATE_HERE;
	presence_note(c, x, rhythm, r);
}

/* Walks all devices, but only when one of them may be gone. */
void presence_find_gone(struct changes *c, uint64_t now_ns)
{
	struct assets *const a = c->assets;
	struct record r;

	if (now_ns < c->next_gone_ns)
		return;
	c->next_gone_ns = UINT64_MAX;
	for (uint32_t i = 1; i <= a->devices.used; i++) {
		struct asset_past *const x = &a->devices.past[i];
		if (x->state != STATE_HERE)
			continue;
		const uint64_t gone_ns = gone_at(c, &c->rhythms[i], x->last_ns);
		if (gone_ns > now_ns) {
			c->next_gone_ns = gone_ns < c->next_gone_ns ? gone_ns : c->next_gone_ns;
			continue;
		}
		record_device(a, c->room, i, &r);
		change_tell_plain(c, "gone", &r, NULL);
		x->state = STATE_GONE;
	}
}
