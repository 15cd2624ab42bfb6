/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attribute.c - whose an address is.
 *
 * The order of the signs is their strength. A claim is the owner's own word. A link-local address
 * passes no router, and the address of a router is a neighbour's. A lowered TTL proves a router in
 * between. Only then come the signs that merely make it likely: the MAC is a router's; it claims
 * another address of the family and never this one; it sent from several that nobody claimed. What
 * none of them touches is the MAC's own: most hosts have one address, and a short capture may have
 * missed its ARP. Addresses that are certainly far do not count among the several: a gateway whose
 * own ARP was missed keeps its one address, however many hosts are behind it.
 *
 * A redundancy group's MAC is shared by routers that announce themselves from it, each with its own
 * address: of what it carries only a lowered TTL is far.
 *
 * Two departures for IPv6, both because a host has several addresses there: a claim of a link-local
 * address says nothing of its global ones; and a hop limit as hosts begin with shows that no router
 * was passed, so that temporary addresses (RFC 8981) stay with their host.
 */
#include "asset/attribute.h"

#include "asset/sort.h"

#include <assert.h>
#include <string.h>

#define UNCLAIMED4 1u /* so many addresses that nobody claimed may be one host's */
#define UNCLAIMED6 3u

const char *reason_text(enum reason reason)
{
	static const char *const texts[] = {
		[REASON_NONE] = "it has no address",
		[CLAIMED] = "the MAC claimed it (ARP, NDP or a lease)",
		[LINK_LOCAL] = "a link-local address passes no router",
		[NAMED_ROUTER] = "it is the address of a router, and routers are neighbours",
		[SHARED_MAC] = "the MAC is a router redundancy group's, whose members speak by it",
		[HOPS_WHOLE] = "its hop limit is one that hosts begin with: no router was passed",
		[NOTHING_AGAINST] = "it is the MAC's only address, and nothing speaks against it",
		[HOPS_LOWERED] = "its TTL is below all that hosts begin with: a router was passed",
		[CLAIMS_OTHER] =
			"the MAC claimed another address of this family, but never this one",
		[SEVERAL] =
			"the MAC sent from more addresses that nobody claimed than one host has",
		[BEHIND_ROUTER] = "the MAC is a router's",
	};

	static_assert(COUNT_OF(texts) == REASONS && REASONS <= 16, "a text each, and four bits");
	assert(reason < REASONS);
	return texts[reason];
}

/*
 * What hosts begin with: 60 is old AIX and HP-UX (IPv4 only), 64 Unix, 128 Windows, 255 routers. At
 * most 32 may be meant so (traceroute, discovery).
 */
static bool hops_begin(uint8_t family, uint8_t hops)
{
	return hops == 64 || hops == 128 || hops == 255 || (hops == 60 && family == 4);
}

static bool hops_lowered(uint8_t family, uint8_t hops)
{
	return hops > 32 && !hops_begin(family, hops);
}

/* What is certain of one address by itself; REASON_NONE: nothing. */
static enum reason reason_by_itself(const struct candidate *c)
{
	if (c->claimed)
		return CLAIMED;
	if (ip_is_link_local(&c->ip))
		return LINK_LOCAL;
	if (c->named_router)
		return NAMED_ROUTER;
	if (hops_lowered(c->ip.family, c->hops))
		return HOPS_LOWERED;
	if (c->ip.family == 6 && hops_begin(6, c->hops))
		return HOPS_WHOLE;
	return REASON_NONE;
}

/* What the segment as a whole says of a family. */
struct family {
	unsigned unclaimed;
	bool claims;
};

static enum reason reason_by_segment(const struct family *family, unsigned most,
                                     enum carrier carrier)
{
	if (carrier == CARRIER_SHARED)
		return SHARED_MAC;
	if (carrier == CARRIER_ROUTER)
		return BEHIND_ROUTER;
	if (family->claims)
		return CLAIMS_OTHER;
	return family->unclaimed > most ? SEVERAL : NOTHING_AGAINST;
}

static enum view view_of(enum reason reason)
{
	static const uint8_t views[REASONS] = {
		[CLAIMED] = VIEW_OWNER,    [LINK_LOCAL] = VIEW_LOCAL,
		[SHARED_MAC] = VIEW_LOCAL, [NAMED_ROUTER] = VIEW_LOCAL,
		[HOPS_WHOLE] = VIEW_LOCAL, [NOTHING_AGAINST] = VIEW_LOCAL,
		[HOPS_LOWERED] = VIEW_VIA, [CLAIMS_OTHER] = VIEW_VIA,
		[SEVERAL] = VIEW_VIA,      [BEHIND_ROUTER] = VIEW_VIA,
	};

	return (enum view)views[reason];
}

void attribute(struct candidate *candidates, size_t count, enum carrier carrier)
{
	struct family families[2] = {{0, false}, {0, false}}; /* IPv4, IPv6 */

	for (size_t i = 0; i < count; i++) {
		struct candidate *const c = &candidates[i];
		struct family *const family = &families[c->ip.family == 6];
		c->reason = (uint8_t)reason_by_itself(c);
		family->claims |= c->claimed && !ip_is_link_local(&c->ip);
		family->unclaimed += c->reason == REASON_NONE;
	}
	for (size_t i = 0; i < count; i++) {
		struct candidate *const c = &candidates[i];
		const bool is6 = c->ip.family == 6;
		if (c->reason == REASON_NONE)
			c->reason = (uint8_t)reason_by_segment(
				&families[is6], is6 ? UNCLAIMED6 : UNCLAIMED4, carrier);
		c->view = (uint8_t)view_of((enum reason)c->reason);
	}
}

/* ---- over the tables ---- */

int attribution_init(struct attribution *t, const struct assets *a)
{
	const size_t far = a->limits.far;
	const int err =
		arena_init(&t->memory, far * (sizeof *t->order + sizeof *t->candidates) + 128);

	if (err < 0)
		return err;
	t->order = arena_take(&t->memory, far * sizeof *t->order, 64);
	t->candidates = arena_take(&t->memory, far * sizeof *t->candidates, 64);
	assert(t->order != NULL && t->candidates != NULL);
	return 0;
}

void attribution_fini(struct attribution *t)
{
	arena_free(&t->memory);
}

/* Of places of one address, which has one realm. */
static bool same_segment(const struct place *x, const struct place *y)
{
	return x->iface == y->iface && x->vlan == y->vlan;
}

/*
 * Is the address a router's by its own word, or by what was told of the address alone in this
 * segment?
 */
static bool place_names_router(const struct assets *a, const struct place *p)
{
	if (p->router)
		return true;
	if (p->address == 0)
		return false;
	for (uint32_t i = a->addresses.at[p->address].notes; i != 0;
	     i = a->places[i].next_of_address)
		if (a->places[i].router && same_segment(&a->places[i], p))
			return true;
	return false;
}

static struct candidate candidate_of(const struct assets *a, uint32_t place)
{
	const struct place *const p = &a->places[place];

	return (struct candidate){.ip = *place_ip(a, p),
	                          .claimed = p->claimed,
	                          .named_router = place_names_router(a, p),
	                          .hops = p->hops};
}

static bool segment_less(const void *assets, uint32_t x, uint32_t y)
{
	const struct assets *const a = assets;
	const struct place *const p = &a->places[x], *const q = &a->places[y];

	return p->iface != q->iface ? p->iface < q->iface : p->vlan < q->vlan;
}

static void place_set_view(struct assets *a, uint32_t place, const struct candidate *c)
{
	if (place_view(a, place, (enum view)c->view, c->reason))
		asset_mark(&a->addresses, a->places[place].address, CHANGED_FACTS);
}

/* order[0..count) are the places of one segment. */
static void attribute_segment(struct assets *a, struct attribution *t, const uint32_t *order,
                              size_t count)
{
	enum carrier carrier = CARRIER_PLAIN;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const bool has_ip = a->places[order[i]].address != 0;
		struct candidate c = candidate_of(a, order[i]);
		if (c.named_router)
			carrier = CARRIER_ROUTER;
		if (has_ip)
			t->candidates[n++] = c;
	}
	if (mac_is_redundancy(place_mac(a, &a->places[order[0]])))
		carrier = CARRIER_SHARED;
	attribute(t->candidates, n, carrier);
	n = 0;
	for (size_t i = 0; i < count; i++)
		if (a->places[order[i]].address != 0)
			place_set_view(a, order[i], &t->candidates[n++]);
}

void assets_attribute(struct assets *a, struct attribution *t, uint32_t device)
{
	uint32_t count = 0;

	for (uint32_t i = a->devices.at[device].places; i != 0; i = a->places[i].next_of_device)
		t->order[count++] = i;
	sort_numbers(t->order, count, a, segment_less);
	for (uint32_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && !segment_less(a, t->order[from], t->order[to]);)
			to++;
		attribute_segment(a, t, t->order + from, to - from);
	}
}
