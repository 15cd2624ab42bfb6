/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change.c - what is different at this mark from the last one.
 *
 * First all devices that changed get their views anew, for a far host's record hangs on the views
 * of those that carry it. Then devices are compared, then addresses, each in the order of records,
 * so that the lines come in one order whatever the facts' was. What a difference means is judged in
 * the files of change/, one a question: who is there, which records are one device, who holds an
 * address, who serves.
 */
#include "report/change.h"

#include "asset/sort.h"
#include "base/bits.h"
#include "report/change/claims.h"
#include "report/change/kinship.h"
#include "report/change/presence.h"
#include "report/change/servers.h"
#include "report/change/tell.h"

#include <assert.h>
#include <string.h>

#define ADDED_MOST 256u /* addresses of one device that are told at one mark */

/* ---- life ---- */

int changes_init(struct changes *c)
{
	const size_t devices = (size_t)c->assets->limits.devices + 1;
	const int err = arena_init(&c->memory, devices * sizeof *c->rhythms + 4096);

	if (err < 0)
		return err;
	c->rhythms = arena_take(&c->memory, devices * sizeof *c->rhythms, 64);
	assert(c->rhythms != NULL);
	return kinship_init(c);
}

void changes_fini(struct changes *c)
{
	kinship_fini(c);
	arena_free(&c->memory);
}

/* ---- a record against what it was ---- */

static void compare_name(struct changes *c, struct asset_past *x, const struct record *r, bool tell)
{
	struct values *const values = &c->assets->values;
	struct words name;
	const int fact = infer_name(r->facts, r->count, &name);
	size_t len;
	const uint8_t *const old = values_get(values, x->name, &len);
	uint32_t kept;

	if (fact < 0 || (len == name.len && memcmp(old, name.s, len) == 0))
		return;
	const struct change change = {.what = "name-changed",
	                              .record = r,
	                              .before = {(const char *)old, len},
	                              .after = name,
	                              .kind = r->facts[fact].kind};
	if (tell)
		change_tell(c, &change);
	if (!values_hold(values, (const uint8_t *)name.s, name.len, &kept))
		return; /* no room: it will be told again, after the hold-down */
	values_drop(values, x->name);
	x->name = kept;
}

static bool address_told(const struct assets *a, uint32_t device, const struct ip *ip)
{
	for (uint32_t i = a->devices.at[device].places; i != 0; i = a->places[i].next_of_device)
		if (a->places[i].told != 0 && ip_equal(place_ip(a, &a->places[i]), ip))
			return true;
	return false;
}

static bool place_is_own(const struct place *p)
{
	return p->view == VIEW_OWNER || p->view == VIEW_LOCAL;
}

static bool place_ip_less(const void *assets, uint32_t x, uint32_t y)
{
	const struct assets *const a = assets;

	return ip_compare(place_ip(a, &a->places[x]), place_ip(a, &a->places[y])) < 0;
}

/*
 * The places of the device whose address is its own and was not told, sorted; they count as told
 * from here on.
 */
static uint32_t take_untold(struct changes *c, uint32_t device)
{
	struct assets *const a = c->assets;
	uint32_t *const order = c->attribution->order;
	uint32_t count = 0;

	for (uint32_t i = a->devices.at[device].places; i != 0; i = a->places[i].next_of_device)
		if (place_is_own(&a->places[i]) && a->places[i].told == 0)
			order[count++] = i;
	sort_numbers(order, count, a, place_ip_less);
	return count;
}

/* Another claims it in the same segment: what that is will be told by claims.c. */
static bool address_is_contested(const struct assets *a, const struct place *own)
{
	for (uint32_t i = a->addresses.at[own->address].places; i != 0;
	     i = a->places[i].next_of_address) {
		const struct place *const p = &a->places[i];
		if (p->device != own->device && p->claimed && p->iface == own->iface &&
		    p->vlan == own->vlan && !mac_is_redundancy(place_mac(a, p)))
			return true;
	}
	return false;
}

static void compare_addresses(struct changes *c, uint32_t device, const struct record *r, bool tell)
{
	struct assets *const a = c->assets;
	const uint32_t count = take_untold(c, device);
	const uint32_t *const order = c->attribution->order;

	for (uint32_t i = 0; i < count; i++) {
		struct place *const p = &a->places[order[i]];
		const struct ip address = *place_ip(a, p);
		if (tell && i < ADDED_MOST && !address_told(a, device, &address) &&
		    !address_is_contested(a, p))
			change_tell_plain(c, "address-added", r, &address);
		c->held += tell && i >= ADDED_MOST;
		p->told = 1;
	}
}

/* Does the device have an address of the sensor's own sinks? */
static bool device_is_quiet(const struct changes *c, uint32_t device)
{
	const struct assets *const a = c->assets;

	if (c->quiet_count == 0)
		return false;
	for (uint32_t i = a->devices.at[device].places; i != 0; i = a->places[i].next_of_device)
		if (place_is_own(&a->places[i]) && change_is_quiet(c, place_ip(a, &a->places[i])))
			return true;
	return false;
}

static void compare_device(struct changes *c, uint32_t device)
{
	struct asset_past *const x = &c->assets->devices.past[device];
	const bool known = x->state != STATE_UNKNOWN,
		   only_counts = !bits_has(c->assets->devices.learned, device);
	struct record r;

	record_device(c->assets, c->room, device, &r);
	struct rhythm *const rhythm = &c->rhythms[device];
	if (known && only_counts) {
		presence_compare(c, x, rhythm, &r);
		return;
	}
	if (!known && device_is_quiet(c, device)) {
		x->state = STATE_HERE;
		presence_note(c, x, rhythm, &r);
	} else {
		presence_compare(c, x, rhythm, &r);
	}
	servers_note(c, device, &r);
	kinship_note(c, device, &r);
	compare_addresses(c, device, &r, known);
	compare_name(c, x, &r, known);
}

/* ---- addresses: records of their own ---- */

/* On a link without MACs, or behind a router with a private address. */
static bool address_makes_changes(const struct assets *a, uint32_t address)
{
	const struct asset *const x = &a->addresses.at[address];

	return x->places == 0 || ip_is_private(&x->ip);
}

static void compare_record(struct changes *c, uint32_t address)
{
	const struct ip *const ip = &c->assets->addresses.at[address].ip;
	struct asset_past *const x = &c->assets->addresses.past[address];
	const bool known = x->state != STATE_UNKNOWN;
	struct record r;

	if (!address_makes_changes(c->assets, address) || change_is_quiet(c, ip) ||
	    !record_address(c->assets, c->room, address, &r))
		return;
	presence_compare(c, x, NULL, &r);
	compare_name(c, x, &r, known);
}

/* ---- at a mark ---- */

/* Can anything be told of one that is new, where it is not told that it is? */
static bool is_worth_judging(const struct changes *c, const struct asset_list *list, uint32_t entry)
{
	const struct asset *const x = &list->at[entry];

	if (list == &c->assets->devices)
		return servers_has(c, entry);
	return x->ip.family != 0 && x->place_count > 1;
}

/*
 * Those that changed, in the order of records; without those of which, as `idle` says, nothing can
 * be told: of servers, and of addresses that several MACs carry, there can.
 */
static uint32_t list_changed(struct changes *c, const struct asset_list *list, bool idle)
{
	const uint32_t count = assets_gather(list, list->changed);
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++) {
		const uint32_t entry = list->order[i];
		if (!idle || list->past[entry].state != STATE_UNKNOWN ||
		    is_worth_judging(c, list, entry))
			list->order[n++] = entry;
	}
	assets_sort(c->assets, list, n);
	return n;
}

static void list_settle(const struct asset_list *list)
{
	bits_clear(list->changed, list->used + 1);
	bits_clear(list->learned, list->used + 1);
}

void changes_find(struct changes *c, uint64_t now_ns)
{
	struct asset_list *const devices = &c->assets->devices, *const addresses =
									&c->assets->addresses;
	const bool idle = c->ends && c->silent_new;
	uint32_t count = assets_gather(devices, devices->learned);

	for (uint32_t i = 0; i < count; i++)
		assets_attribute(c->assets, c->attribution, devices->order[i]);
	count = list_changed(c, devices, idle);
	for (uint32_t i = 0; i < count; i++)
		compare_device(c, devices->order[i]);
	kinship_compare(c);
	count = list_changed(c, addresses, idle);
	for (uint32_t i = 0; i < count; i++) {
		compare_record(c, addresses->order[i]);
		claims_compare(c, addresses->order[i]);
	}
	list_settle(devices);
	list_settle(addresses);
	claims_compare_due(c);
	servers_compare(c);
	if (c->gone_ns != 0)
		presence_find_gone(c, now_ns);
}
