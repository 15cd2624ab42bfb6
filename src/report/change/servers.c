/* SPDX-License-Identifier: Apache-2.0 */
/*
 * servers.c - rogue DHCP servers and router advertisements.
 *
 * Who answers leases, or advertises prefixes and routes, is kept by segment with the time when it
 * first did so, and with what it hands out: routers and name servers, prefixes. Leases of IPv4 and of
 * IPv6 are two things, and two hosts may well give them. A neighbour that says it routes (RFC 4861,
 * 4.4) gives nothing to anybody, and neither does an advertisement that is empty. One that begins when
 * another was established, and hands out what no other does, is rogue. Partners hand out the same:
 * two servers that share a network (failover), two routers that back each other up. Those that begin
 * within a few seconds of each other were always two.
 */
#include "report/change/servers.h"

#include "asset/sort.h"
#include "base/clock.h"
#include "report/change/kinship.h"
#include "report/change/tell.h"

#include <string.h>

#define ESTABLISHED_NS (5 * CLOCK_SECOND)
#define SETTLE_NS CLOCK_SECOND /* what it hands out may be told just behind the role */

/*
 * What shows it: the role, told by this observer; without a role, what is handed out. A place that
 * has no such fact says so (its `serves`), and is not looked through.
 */
static const struct serving {
	const char *role, *by;
	enum fact_kind hands_out[2];
	const char *what;
} servings[] = {
	{"dhcp-server", "dhcp", {FACT_DHCP_ROUTER, FACT_DHCP_DNS}, "rogue-dhcp"},
	{"dhcp-server", "dhcp6", {FACT_NONE, FACT_NONE}, "rogue-dhcp"},
	{NULL, "icmpv6", {FACT_NDP_PREFIX, FACT_NDP_ROUTE}, "rogue-ra"},
};

/* ---- noting ---- */

static bool shows_serving(const struct serving *s, enum fact_kind kind, const uint8_t *value,
                          size_t len)
{
	if (s->role == NULL)
		return kind == s->hands_out[0] || kind == s->hands_out[1];
	return kind == FACT_ROLE && len == strlen(s->role) && memcmp(value, s->role, len) == 0;
}

static bool fact_serves(const struct changes *c, const struct fact *f, const struct serving *s)
{
	const char *const by = f->by < c->room->by_count ? c->room->by[f->by] : "";

	return shows_serving(s, f->kind, f->value, f->len) && strcmp(by, s->by) == 0;
}

static struct server *server_of(struct changes *c, const struct server *like)
{
	for (unsigned i = 0; i < c->server_count; i++) {
		struct server *const s = &c->servers[i];
		if (s->serving == like->serving && s->realm == like->realm &&
		    s->iface == like->iface && s->vlan == like->vlan &&
		    mac_equal(s->mac, like->mac))
			return s;
	}
	if (c->server_count == CHANGE_SERVERS)
		return NULL;
	c->servers[c->server_count] = *like;
	return &c->servers[c->server_count++];
}

/* A place's word that it serves: in this segment, since then. */
static void place_note_serving(struct changes *c, const struct place *p, const struct fact *f,
                               unsigned serving)
{
	const struct server like = {.mac = place_mac(c->assets, p),
	                            .ip = *place_ip(c->assets, p),
	                            .device = p->device,
	                            .serving = (uint8_t)serving,
	                            .realm = place_realm(c->assets, p),
	                            .iface = p->iface,
	                            .vlan = p->vlan,
	                            .first_ns = f->support.first_ns,
	                            .count = f->support.count};
	struct server *const s = server_of(c, &like);

	if (s == NULL)
		return;
	s->device = p->device;
	if (like.first_ns < s->first_ns)
		s->first_ns = like.first_ns;
}

static bool record_serves(const struct record *r)
{
	for (size_t i = 0; i < r->count; i++)
		for (size_t s = 0; s < COUNT_OF(servings); s++)
			if (shows_serving(&servings[s], r->facts[i].kind, r->facts[i].value,
			                  r->facts[i].len))
				return true;
	return false;
}

bool servers_has(const struct changes *c, uint32_t device)
{
	const struct assets *const a = c->assets;

	for (uint32_t i = a->devices.at[device].places; i != 0; i = a->places[i].next_of_device) {
		struct pack_walk walk = place_facts(a, &a->places[i]);
		struct fact f;
		while (a->places[i].serves && pack_next(&walk, &f))
			for (size_t s = 0; s < COUNT_OF(servings); s++)
				if (fact_serves(c, &f, &servings[s]))
					return true;
	}
	return false;
}

void servers_note(struct changes *c, uint32_t device, const struct record *r)
{
	const struct assets *const a = c->assets;

	if (!record_serves(r))
		return;
	for (uint32_t i = a->devices.at[device].places; i != 0; i = a->places[i].next_of_device) {
		struct pack_walk walk = place_facts(a, &a->places[i]);
		struct fact f;
		while (a->places[i].serves && pack_next(&walk, &f))
			for (unsigned s = 0; s < COUNT_OF(servings); s++)
				if (fact_serves(c, &f, &servings[s]))
					place_note_serving(c, &a->places[i], &f, s);
	}
}

/* ---- judging ---- */

static bool is_rival(const struct server *s, const struct server *other)
{
	return s->serving == other->serving && s->realm == other->realm &&
	       s->iface == other->iface && s->vlan == other->vlan &&
	       !mac_equal(s->mac, other->mac) && !mac_is_redundancy(s->mac) &&
	       other->first_ns + ESTABLISHED_NS <= s->first_ns;
}

/* The facts of a device of one kind, as one sum: of the same values in any order the same. */
static uint64_t sum_of_kind(const struct changes *c, uint32_t device, enum fact_kind kind)
{
	const struct assets *const a = c->assets;
	uint64_t sum = 0;

	for (uint32_t i = a->devices.at[device].places; i != 0; i = a->places[i].next_of_device) {
		struct pack_walk walk = place_facts(a, &a->places[i]);
		struct fact f;
		while (pack_next(&walk, &f))
			if (f.kind == kind)
				sum += hash64(&a->key, f.value, f.len);
	}
	return sum;
}

/* Do both hand out the very same, and anything at all? */
static bool is_partner(const struct changes *c, const struct server *s, const struct server *other)
{
	const struct serving *const serving = &servings[s->serving];
	bool same = true, any = false;

	for (size_t i = 0; i < COUNT_OF(serving->hands_out); i++) {
		const uint64_t x = sum_of_kind(c, s->device, serving->hands_out[i]);
		same = same && x == sum_of_kind(c, other->device, serving->hands_out[i]);
		any = any || x != 0;
	}
	return same && any;
}

/* The one that was there first; NULL: none, or a partner of this one is. */
static const struct server *established(const struct changes *c, const struct server *s)
{
	const struct server *first = NULL;

	for (unsigned i = 0; i < c->server_count; i++) {
		const struct server *const other = &c->servers[i];
		if (!is_rival(s, other))
			continue;
		if (is_partner(c, s, other) || kinship_same(c, s->device, other->device))
			return NULL;
		if (first == NULL || other->first_ns < first->first_ns)
			first = other;
	}
	return first;
}

static void tell_rogue(struct changes *c, const struct server *s, const struct server *first)
{
	const struct record r = {
		.has_mac = true, .mac = s->mac, .realm = &c->assets->realms[s->realm]};
	char before[MAC_TEXT], after[MAC_TEXT];
	const struct claimant claimants[] = {
		{.mac = first->mac,
	         .support = {first->first_ns, first->first_ns, 0, first->count, 0}},
		{.mac = s->mac, .support = {s->first_ns, s->first_ns, 0, s->count, 0}},
	};
	const struct change change = {.what = servings[s->serving].what,
	                              .record = &r,
	                              .address = s->ip.family != 0 ? &s->ip : NULL,
	                              .iface = s->iface,
	                              .vlan = s->vlan,
	                              .before = mac_words(first->mac, before),
	                              .after = mac_words(s->mac, after),
	                              .claimants = claimants,
	                              .claimant_count = COUNT_OF(claimants)};

	change_tell(c, &change);
}

static bool server_less(const void *changes, uint32_t x, uint32_t y)
{
	const struct changes *const c = changes;
	const struct server *const a = &c->servers[x], *const b = &c->servers[y];

	if (a->first_ns != b->first_ns)
		return a->first_ns < b->first_ns;
	const int order = mac_compare(a->mac, b->mac);
	if (order != 0)
		return order < 0;
	if (a->vlan != b->vlan)
		return a->vlan < b->vlan;
	return a->iface != b->iface ? a->iface < b->iface : a->serving < b->serving;
}

void servers_compare(struct changes *c)
{
	uint32_t order[CHANGE_SERVERS], count = 0;

	for (unsigned i = 0; i < c->server_count; i++)
		if (!c->servers[i].judged &&
		    (c->ends || c->servers[i].first_ns + SETTLE_NS <= c->context->time_ns))
			order[count++] = i;
	sort_numbers(order, count, c, server_less);
	for (uint32_t i = 0; i < count; i++) {
		struct server *const s = &c->servers[order[i]];
		const struct server *const first = established(c, s);
		s->judged = true;
		if (first != NULL)
			tell_rogue(c, s, first);
	}
}
