/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claims.c - who holds an address, judged within a segment from the claims (ARP, NDP, leases) of real
 * MACs. A virtual MAC is meant to share.
 *
 * Each claimant has a window, from its first claim to its last. Of two whose windows overlap, or of
 * which the earlier went on sending from the address after the later claimed it, each is right as
 * far as we see: a duplicate, a flip-flop when each claimed it three times and more. One window that
 * ends before the other begins is a move; of a router's address it is the gateway that changed.
 *
 * Who claims an address of another that is still there, has an address of its own beside it, and
 * says so again, is no misconfigured host and no standby that took over (there the other has an
 * address of its own as well): that is spoofing. IPv6 hosts have many addresses each, so there a
 * duplicate is all that can be said. Two interfaces of one device (identity.h) may take turns.
 *
 * A new claim is judged only once it is SETTLE_NS old: before, a move, a duplicate and spoofing look
 * alike. Until then the address waits in a list. At the end of a run nothing waits.
 */
#include "report/change/claims.h"

#include "asset/sort.h"
#include "base/clock.h"
#include "report/change/kinship.h"
#include "report/change/tell.h"

#include <string.h>

#define FLIP_FLOP 3u /* claims of each side */
#define SPOOF_CLAIMS 2u
#define SETTLE_NS (2 * CLOCK_SECOND + CLOCK_SECOND / 2)
#define AT_ONCE_NS (CLOCK_SECOND / 5) /* so near in time it may be an order of arrival */

static bool claim_of(const struct assets *a, uint32_t place, struct claimant *out)
{
	const struct place *const p = &a->places[place];

	*out = (struct claimant){.place = place, .mac = place_mac(a, p), .state = CLAIM_SOLE};
	if (p->device == 0 || p->view != VIEW_OWNER || mac_is_redundancy(out->mac))
		return false;
	struct pack_walk walk = place_facts(a, p);
	struct fact f;

	while (pack_next(&walk, &f)) {
		if (f.kind != FACT_IPV4 && f.kind != FACT_IPV6)
			continue;
		if (f.support.last_ns > out->used_ns)
			out->used_ns = f.support.last_ns;
		if (f.grade == OWNER)
			support_merge(&out->support, &f.support);
	}
	return out->support.count > 0;
}

static bool claims_before(const struct claimant *x, const struct claimant *y)
{
	if (x->support.first_ns != y->support.first_ns)
		return x->support.first_ns < y->support.first_ns;
	return mac_compare(x->mac, y->mac) < 0;
}

/*
 * Those of a segment's places that claim its address, by first claim, then MAC; the last ones are
 * left out.
 */
static size_t claimants_of(const struct assets *a, const uint32_t *places, size_t place_count,
                           struct claimant out[CLAIMANTS])
{
	struct claimant claimant;
	size_t count = 0;

	for (size_t i = 0; i < place_count; i++) {
		if (!claim_of(a, places[i], &claimant))
			continue;
		if (count == CLAIMANTS && !claims_before(&claimant, &out[CLAIMANTS - 1]))
			continue;
		size_t at = count < CLAIMANTS ? count++ : count - 1;
		for (; at > 0 && claims_before(&claimant, &out[at - 1]); at--)
			out[at] = out[at - 1];
		out[at] = claimant;
	}
	return count;
}

/* ---- judging two ---- */

static const struct place *place_of(const struct changes *c, const struct claimant *x)
{
	return &c->assets->places[x->place];
}

static bool overlap(const struct claimant *x, const struct claimant *y)
{
	const struct claimant *const early = claims_before(x, y) ? x : y;
	const struct claimant *const late = early == x ? y : x;

	return early->support.last_ns >= late->support.first_ns ||
	       early->used_ns > late->support.first_ns + AT_ONCE_NS;
}

static bool is_one_device(const struct changes *c, const struct claimant *x,
                          const struct claimant *y)
{
	return kinship_same(c, place_of(c, x)->device, place_of(c, y)->device);
}

/* Does its MAC claim another address of the family in the segment as well? */
static bool owns_another(const struct changes *c, const struct claimant *x)
{
	const struct assets *const a = c->assets;
	const struct place *const own = place_of(c, x);

	for (uint32_t i = a->devices.at[own->device].places; i != 0;
	     i = a->places[i].next_of_device) {
		const struct place *const p = &a->places[i];
		if (i != x->place && p->claimed && p->iface == own->iface && p->vlan == own->vlan &&
		    place_ip(a, p)->family == place_ip(a, own)->family)
			return true;
	}
	return false;
}

/* When was anything seen of a device? */
static uint64_t seen_last(const struct assets *a, uint32_t device)
{
	uint64_t last_ns = 0;

	for (uint32_t i = a->devices.at[device].places; i != 0; i = a->places[i].next_of_device) {
		struct pack_walk walk = place_facts(a, &a->places[i]);
		struct fact f;
		while (pack_next(&walk, &f))
			if (f.support.last_ns > last_ns)
				last_ns = f.support.last_ns;
	}
	return last_ns;
}

/* Was the one device seen when the other had claimed the address? */
static bool is_still_there(const struct changes *c, const struct claimant *x,
                           const struct claimant *after)
{
	return seen_last(c->assets, place_of(c, x)->device) > after->support.first_ns + AT_ONCE_NS;
}

/* An interface identifier out of a MAC (RFC 4291, appendix A). */
static bool is_made_of(const struct ip *ip, struct mac mac)
{
	const uint8_t id[8] = {mac.b[0] ^ 2, mac.b[1], mac.b[2], 0xff,
	                       0xfe,         mac.b[3], mac.b[4], mac.b[5]};

	return memcmp(ip->b + 8, id, sizeof id) == 0;
}

/* Is the address more one's than another's ever can be? */
static bool is_surely_of(const struct changes *c, const struct claimant *early,
                         const struct claimant *late)
{
	const struct place *const p = place_of(c, early);

	if (place_ip(c->assets, p)->family == 4)
		return !owns_another(c, early);
	return is_made_of(place_ip(c->assets, p), early->mac) ||
	       (p->router && early->support.last_ns > late->support.first_ns);
}

static bool is_spoofed(const struct changes *c, const struct claimant *early,
                       const struct claimant *late)
{
	return late->support.count >= SPOOF_CLAIMS && owns_another(c, late) &&
	       is_surely_of(c, early, late) && is_still_there(c, early, late);
}

/* ---- judging all of a segment ---- */

/* What became of an address: by whom, and who had it before. */
struct judgement {
	bool duplicate, spoofed, flip_flop;
	size_t former, latter; /* of spoofed */
};

static void judge_pair(const struct changes *c, struct claimant *claimants, size_t i, size_t k,
                       struct judgement *j)
{
	struct claimant *const x = &claimants[i], *const y = &claimants[k];
	const bool spoofed = is_spoofed(c, x, y);

	if ((!spoofed && !overlap(x, y)) || is_one_device(c, x, y))
		return;
	x->state = y->state = CLAIM_DUPLICATE;
	j->duplicate = true;
	if (spoofed && !j->spoofed) {
		j->spoofed = true;
		j->former = i;
		j->latter = k;
	}
	j->flip_flop |= x->support.count >= FLIP_FLOP && y->support.count >= FLIP_FLOP;
}

/* Sets each one's state. */
static struct judgement judge_claims(const struct changes *c, struct claimant *claimants,
                                     size_t count)
{
	struct judgement j = {.latter = count - 1};

	for (size_t i = 0; i < count; i++)
		claimants[i].state = count == 1       ? CLAIM_SOLE
		                     : i + 1 == count ? CLAIM_LATEST
		                                      : CLAIM_FORMER;
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++)
			judge_pair(c, claimants, i, k, &j);
	return j;
}

/* ---- telling ---- */

/* The record of a change of address is that of the MAC which has it last. */
static void tell_claim(struct changes *c, const char *what, const struct claimant *claimants,
                       size_t count, size_t former, size_t latter, bool flip_flop)
{
	const struct claimant *const latest = &claimants[latter];
	const struct place *const p = &c->assets->places[latest->place];
	const struct record r = {.has_mac = true,
	                         .mac = latest->mac,
	                         .realm = &c->assets->realms[place_realm(c->assets, p)]};
	char before[MAC_TEXT], after[MAC_TEXT];
	const struct ip address = *place_ip(c->assets, p);
	const struct change change = {.what = what,
	                              .record = &r,
	                              .address = &address,
	                              .iface = p->iface,
	                              .vlan = p->vlan,
	                              .before = mac_words(claimants[former].mac, before),
	                              .after = mac_words(latest->mac, after),
	                              .claimants = claimants,
	                              .claimant_count = count,
	                              .flip_flop = flip_flop};

	change_tell(c, &change);
}

/* Is the address a router's: by its own word, by a lease, or by the hosts behind the MAC that had it? */
static bool is_gateway(const struct changes *c, const struct claimant *former)
{
	const struct assets *const a = c->assets;
	const struct place *const own = place_of(c, former);

	if (own->router)
		return true;
	for (uint32_t i = a->addresses.at[own->address].notes; i != 0;
	     i = a->places[i].next_of_address)
		if (a->places[i].router && a->places[i].iface == own->iface &&
		    a->places[i].vlan == own->vlan)
			return true;
	for (uint32_t i = a->devices.at[own->device].places; i != 0;
	     i = a->places[i].next_of_device)
		if (a->places[i].view == VIEW_VIA)
			return true;
	return false;
}

/* What of the claimants is new since they were judged last; notes how they stand now. */
struct fresh {
	bool duplicate, moved;
};

static struct fresh note_states(const struct changes *c, const struct claimant *claimants,
                                size_t count)
{
	struct fresh fresh = {false, false};

	for (size_t i = 0; i < count; i++) {
		struct place *const p = &c->assets->places[claimants[i].place];
		fresh.duplicate |=
			claimants[i].state == CLAIM_DUPLICATE && p->claim != CLAIM_DUPLICATE;
		fresh.moved |= claimants[i].state == CLAIM_LATEST && p->claim != CLAIM_LATEST;
		p->claim = claimants[i].state & 7u;
	}
	return fresh;
}

static void tell_judgement(struct changes *c, const struct claimant *claimants, size_t count,
                           const struct judgement *j, const struct fresh *fresh)
{
	if (j->duplicate && fresh->duplicate)
		tell_claim(c, j->spoofed ? "arp-spoofing" : "address-duplicate", claimants, count,
		           j->former, j->latter, j->flip_flop);
	else if (!j->duplicate && fresh->moved)
		tell_claim(c,
		           is_gateway(c, &claimants[count - 2]) ? "gateway-changed"
		                                                : "address-moved",
		           claimants, count, count - 2, count - 1, false);
}

/* ---- waiting ---- */

/* When the last of the new claims may be judged; 0: now. */
static uint64_t settles_at(const struct changes *c, const struct claimant *claimants, size_t count)
{
	uint64_t at_ns = 0;

	for (size_t i = 1; i < count && !c->ends; i++) {
		const uint64_t settled_ns = claimants[i].support.first_ns + SETTLE_NS;
		if (place_of(c, &claimants[i])->claim == CLAIM_NONE && settled_ns > at_ns)
			at_ns = settled_ns;
	}
	return at_ns > c->context->time_ns ? at_ns : 0;
}

/* False: the list is full, and it is judged as it is. */
static bool claims_wait(struct changes *c, uint32_t address, uint64_t at_ns)
{
	struct waiting *const w = &c->waiting;

	for (unsigned i = 0; i < w->count; i++)
		if (w->addresses[i] == address)
			return true;
	if (w->count == CLAIMS_WAITING)
		return false;
	w->addresses[w->count] = address;
	w->at_ns[w->count++] = at_ns;
	return true;
}

static void compare_segment(struct changes *c, uint32_t address, const uint32_t *places,
                            size_t place_count)
{
	struct claimant claimants[CLAIMANTS] = {0};
	const size_t count = claimants_of(c->assets, places, place_count, claimants);

	if (count == 0)
		return;
	const uint64_t at_ns = settles_at(c, claimants, count);
	if (at_ns != 0 && claims_wait(c, address, at_ns))
		return;
	const struct judgement j = judge_claims(c, claimants, count);
	const struct fresh fresh = note_states(c, claimants, count);
	tell_judgement(c, claimants, count, &j, &fresh);
}

static bool segment_less(const void *assets, uint32_t x, uint32_t y)
{
	const struct assets *const a = assets;
	const struct place *const p = &a->places[x], *const q = &a->places[y];

	return p->iface != q->iface ? p->iface < q->iface : p->vlan < q->vlan;
}

/* Each segment once, in their order. An address has one realm. */
void claims_compare(struct changes *c, uint32_t address)
{
	const struct asset *const x = &c->assets->addresses.at[address];
	uint32_t places[ASSET_CARRIERS], count = 0;

	if (x->place_count < 2)
		return;
	for (uint32_t i = x->places; i != 0; i = c->assets->places[i].next_of_address)
		places[count++] = i;
	sort_numbers(places, count, c->assets, segment_less);
	for (uint32_t from = 0, to; from < count; from = to) {
		for (to = from + 1;
		     to < count && !segment_less(c->assets, places[from], places[to]);)
			to++;
		compare_segment(c, address, places + from, to - from);
	}
}

/* Of addresses, in the order of records. */
static bool address_less(const void *assets, uint32_t x, uint32_t y)
{
	const struct assets *const a = assets;

	return asset_compare(a, &a->addresses.at[x], &a->addresses.at[y]) < 0;
}

void claims_compare_due(struct changes *c)
{
	struct waiting *const w = &c->waiting;
	uint32_t due[CLAIMS_WAITING], count = 0, left = 0;

	for (unsigned i = 0; i < w->count; i++) {
		if (w->at_ns[i] <= c->context->time_ns || c->ends) {
			due[count++] = w->addresses[i];
			continue;
		}
		w->addresses[left] = w->addresses[i];
		w->at_ns[left++] = w->at_ns[i];
	}
	w->count = left;
	sort_numbers(due, count, c->assets, address_less);
	for (uint32_t i = 0; i < count; i++)
		claims_compare(c, due[i]);
}
