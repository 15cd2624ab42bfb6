/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asset.c - the tables of what is known, and how a told fact gets into them.
 *
 * A NEW_FACT finds or makes its place, and with it its device and its address; a MORE finds its
 * place by the hash of the endpoint, and there its fact by the digest. When devices run out, the least supported of a random few is thrown
 * out: one that sent few packets before one that sent many, and none that sent much and lately, so
 * that a flood of MACs displaces itself and not those who were there before.
 *
 * A free entry leads to the next free one. That an entry changed is noted until the next mark, and
 * until the next report; who goes over the changed passes over those that were thrown out since.
 */
#include "asset/asset.h"

#include "base/bits.h"

#include <assert.h>
#include <string.h>

#define EVICT_SAMPLE 16u /* devices that are compared when one has to go */
#define ESTABLISHED_PACKETS 16u
#define ESTABLISHED_SILENCE (UINT64_C(3600) * 1000000000)

static_assert(ASSET_CARRIERS <= UINT16_MAX, "they are counted in 16 bits");
static_assert(sizeof(struct place) == 36 && sizeof(struct asset) == 40,
              "no gaps: there are millions");

/* ---- set-up ---- */

static void limits_fill(struct asset_limits *l)
{
	if (l->devices == 0)
		l->devices = 1u << 20;
	if (l->addresses == 0)
		l->addresses = 1u << 21;
	if (l->places == 0)
		l->places = 1u << 22;
	if (l->facts == 0)
		l->facts = 1u << 24;
	if (l->far == 0)
		l->far = 1u << 16;
	if (l->values == 0)
		l->values = (size_t)1 << 30;
}

static void *take(struct arena *memory, size_t bytes)
{
	void *const taken = arena_take(memory, bytes, 64);

	assert(taken != NULL);
	return taken;
}

/* An array of `limit` entries numbered from 1. */
static void *take_array(struct arena *memory, uint32_t limit, size_t size)
{
	void *const array = take(memory, ((size_t)limit + 1) * size);

	arena_fills(array, ((size_t)limit + 1) * size);
	return array;
}

static uint64_t *take_bits(struct arena *memory, uint32_t limit)
{
	return take(memory, bits_size(limit + 1));
}

static void list_init(struct asset_list *list, struct arena *memory, uint32_t limit)
{
	list->limit = limit;
	list->at = take_array(memory, limit, sizeof *list->at);
	list->past = take_array(memory, limit, sizeof *list->past);
	list->order = take_array(memory, limit, sizeof *list->order);
	list->changed = take_bits(memory, limit);
	list->learned = take_bits(memory, limit);
	list->unreported = take_bits(memory, limit);
	list->fresh = take_bits(memory, limit);
	index_init(&list->index, memory, limit);
}

static size_t memory_needed(const struct asset_limits *l)
{
	const size_t each = sizeof(struct asset) + sizeof(struct asset_past) + sizeof(uint32_t) +
	                    sizeof(struct sort_key) + 1;

	return ((size_t)l->devices + l->addresses) * each +
	       (size_t)l->places * sizeof(struct place) + packs_room(l->facts) +
	       index_room(l->devices) + index_room(l->addresses) + index_room(l->places) +
	       ASSET_REALMS * (sizeof(struct realm) + sizeof(uint16_t)) + 65536;
}

int assets_init(struct assets *a, const struct asset_limits *limits, const struct hash_key *key)
{
	*a = (struct assets){.key = *key, .limits = *limits, .realm_count = 1};
	limits_fill(&a->limits);
	int err = values_init(&a->values, a->limits.values, key);
	if (err < 0)
		return err;
	err = arena_init(&a->memory, memory_needed(&a->limits));
	if (err < 0) {
		values_fini(&a->values);
		return err;
	}
	a->realms = take(&a->memory, ASSET_REALMS * sizeof *a->realms);
	a->realm_ranks = take(&a->memory, ASSET_REALMS * sizeof *a->realm_ranks);
	list_init(&a->devices, &a->memory, a->limits.devices);
	list_init(&a->addresses, &a->memory, a->limits.addresses);
	const uint32_t longest =
		a->limits.devices > a->limits.addresses ? a->limits.devices : a->limits.addresses;
	a->keys = take_array(&a->memory, longest, sizeof *a->keys);
	packs_init(&a->packs, &a->memory, &a->values, a->limits.facts);
	a->places = take_array(&a->memory, a->limits.places, sizeof *a->places);
	index_init(&a->place_index, &a->memory, a->limits.places);
	return 0;
}

void assets_fini(struct assets *a)
{
	values_fini(&a->values);
	arena_free(&a->memory);
}

/* ---- devices and addresses ---- */

void asset_mark(struct asset_list *list, uint32_t entry, enum changed how)
{
	bits_add(list->changed, entry);
	bits_add(list->unreported, entry);
	if (how == CHANGED_COUNTS)
		return;
	bits_add(list->learned, entry);
	bits_add(list->fresh, entry);
}

uint32_t assets_gather(const struct asset_list *list, const uint64_t *set)
{
	const uint32_t end = list->used + 1;
	uint32_t count = 0;

	for (uint32_t i = set == NULL ? 1 : bits_next(set, 1, end); i < end;
	     i = set == NULL ? i + 1 : bits_next(set, i + 1, end))
		if (list->at[i].used)
			list->order[count++] = i;
	return count;
}

uint32_t assets_gather_records(const struct asset_list *list, const uint64_t *set)
{
	const uint32_t gathered = assets_gather(list, set);
	uint32_t count = 0;

	for (uint32_t i = 0; i < gathered; i++) {
		const struct asset *const x = &list->at[list->order[i]];
		if (x->ip.family == 0 || x->records > 0)
			list->order[count++] = list->order[i];
	}
	return count;
}

int asset_compare(const struct assets *a, const struct asset *x, const struct asset *y)
{
	int order = (int)a->realm_ranks[x->realm] - (int)a->realm_ranks[y->realm];

	if (order == 0)
		order = mac_compare(x->mac, y->mac);
	return order != 0 ? order : ip_compare(&x->ip, &y->ip);
}

/*
 * As much of what entries are compared by as a key holds: realm, then MAC, or family and the first
 * bytes of the IP.
 */
static uint64_t asset_key(const struct assets *a, const struct asset *x)
{
	uint64_t key = mac_number(x->mac);

	if (x->ip.family != 0)
		for (unsigned i = 0; i < 6; i++)
			key = key << 8 | (i == 0 ? x->ip.family : x->ip.b[i - 1]);
	return (uint64_t)a->realm_ranks[x->realm] << 48 | key;
}

/* A list and its tables, for comparing. */
struct sorting {
	const struct assets *assets;
	const struct asset_list *list;
};

static bool sorting_less(const void *sorting, uint32_t x, uint32_t y)
{
	const struct sorting *const s = sorting;

	return asset_compare(s->assets, &s->list->at[x], &s->list->at[y]) < 0;
}

void assets_sort(struct assets *a, const struct asset_list *list, uint32_t count)
{
	const struct sorting sorting = {a, list};

	for (uint32_t i = 0; i < count; i++) {
		const uint32_t entry = list->order[i];
		a->keys[i] = (struct sort_key){asset_key(a, &list->at[entry]), entry};
	}
	sort_keys(a->keys, count, &sorting, sorting_less);
	for (uint32_t i = 0; i < count; i++)
		list->order[i] = a->keys[i].number;
}

static uint32_t asset_hash(const struct assets *a, uint16_t realm, struct mac mac,
                           const struct ip *ip)
{
	struct hash_chain c = chain_begin(&a->key);

	chain_word(&c, mac_number(mac) << 16 | realm);
	if (ip->family != 0) {
		chain_bytes(&c, ip->b, sizeof ip->b);
		chain_word(&c, ip->family);
	}
	return (uint32_t)c.digest;
}

static uint32_t asset_find(const struct asset_list *list, uint32_t hash, uint16_t realm,
                           struct mac mac, const struct ip *ip)
{
	struct index_walk walk = index_look(&list->index, hash);
	uint32_t i;

	while ((i = index_next(&walk)) != 0) {
		const struct asset *const x = &list->at[i];
		if (x->realm == realm && mac_equal(x->mac, mac) && ip_equal(&x->ip, ip))
			break;
	}
	return i;
}

/* A free entry; 0: there is none. */
static uint32_t asset_take(struct asset_list *list)
{
	const uint32_t freed = list->free;

	if (freed != 0) {
		list->free = list->at[freed].places;
		return freed;
	}
	return list->used < list->limit ? ++list->used : 0;
}

static uint32_t asset_make(struct asset_list *list, uint32_t hash, uint16_t realm, struct mac mac,
                           const struct ip *ip)
{
	const uint32_t i = asset_take(list);

	if (i == 0)
		return 0;
	list->at[i] = (struct asset){.mac = mac, .ip = *ip, .realm = realm, .used = true};
	index_put(&list->index, i, hash);
	return i;
}

/* It stays in the sets of the changed, where an unused entry is passed over. */
static void asset_free(struct assets *a, struct asset_list *list, uint32_t i)
{
	struct asset *const x = &list->at[i];

	values_drop(&a->values, list->past[i].name);
	list->past[i] = (struct asset_past){0};
	index_remove(&list->index, i, asset_hash(a, x->realm, x->mac, &x->ip));
	x->used = false;
	x->places = list->free;
	list->free = i;
}

static bool realm_find(const struct assets *a, const struct realm *realm, uint16_t *number)
{
	for (uint32_t i = 0; i < a->realm_count; i++) {
		if (realm_equal(&a->realms[i], realm)) {
			*number = (uint16_t)i;
			return true;
		}
	}
	return false;
}

/* The rank of a realm that is new, and of those behind it. */
static void realm_rank(struct assets *a, uint16_t fresh)
{
	for (uint32_t i = 0; i < fresh; i++) {
		const bool behind = realm_compare(&a->realms[i], &a->realms[fresh]) > 0;
		a->realm_ranks[i] = (uint16_t)(a->realm_ranks[i] + behind);
		a->realm_ranks[fresh] = (uint16_t)(a->realm_ranks[fresh] + !behind);
	}
}

/* Tunnels are few, and their facts rarer than packets: a walk is enough. */
static bool realm_number(struct assets *a, const struct realm *realm, uint16_t *number)
{
	*number = 0;
	if (realm->len == 0 || realm_find(a, realm, number))
		return true;
	if (a->realm_count == ASSET_REALMS)
		return false;
	*number = (uint16_t)a->realm_count;
	a->realms[a->realm_count++] = *realm;
	realm_rank(a, *number);
	return true;
}

uint32_t assets_device(const struct assets *a, const struct realm *realm, struct mac mac)
{
	const struct ip none = {0};
	uint16_t number;

	if (!realm_find(a, realm, &number))
		return 0;
	return asset_find(&a->devices, asset_hash(a, number, mac, &none), number, mac, &none);
}

bool assets_has_host(const struct assets *a, uint16_t iface, uint16_t vlan, const struct ip *ip)
{
	const struct mac none = {{0}};
	const uint32_t address = asset_find(&a->addresses, asset_hash(a, 0, none, ip), 0, none, ip);

	if (address == 0)
		return false;
	for (uint32_t i = a->addresses.at[address].places; i != 0; i = a->places[i].next_of_address)
		if (a->places[i].present && a->places[i].iface == iface &&
		    a->places[i].vlan == vlan)
			return true;
	return false;
}

/* ---- what a place is ---- */

const struct ip *place_ip(const struct assets *a, const struct place *p)
{
	return &a->addresses.at[p->address].ip;
}

struct mac place_mac(const struct assets *a, const struct place *p)
{
	return a->devices.at[p->device].mac;
}

uint16_t place_realm(const struct assets *a, const struct place *p)
{
	return p->device != 0 ? a->devices.at[p->device].realm : a->addresses.at[p->address].realm;
}

/* An endpoint whose realm is a number, with no address where it has none of its own. */
struct place_key {
	bool claimed; /* not part of the key: the MAC claims the address, which no flood of others shall prevent */
	uint32_t hash;
	struct mac mac;
	struct ip ip;
	uint16_t iface, vlan, realm;
};

/* Facts of an endpoint come together: where its place was noted when it was last told of. */
static struct asset_lately *place_lately(struct assets *a, uint32_t hash)
{
	return &a->lately[hash % ASSETS_LATELY];
}

/* Padding may tell one endpoint from itself: then it is looked up as any other. */
static bool lately_is(const struct asset_lately *l, const struct fact_item *item)
{
	return l->place != 0 && l->hash == item->endpoint_hash &&
	       memcmp((const uint8_t *)&l->endpoint, (const uint8_t *)&item->endpoint,
	              sizeof l->endpoint) == 0;
}

struct pack_walk place_facts(const struct assets *a, const struct place *p)
{
	return pack_look(&a->packs, p->facts, place_ip(a, p));
}

/* ---- throwing out ---- */

/* Which list of its address a place is in. */
static uint32_t *address_list(struct asset *address, const struct place *p)
{
	return p->device != 0 ? &address->places : &address->notes;
}

static void place_join_address(struct assets *a, uint32_t i)
{
	struct place *const p = &a->places[i];
	struct asset *const address = &a->addresses.at[p->address];
	uint32_t *const list = address_list(address, p);

	p->next_of_address = *list;
	if (*list != 0)
		a->places[*list].prev_of_address = i;
	*list = i;
	address->place_count++;
}

static void place_leave_address(struct assets *a, uint32_t i)
{
	const struct place *const p = &a->places[i];
	struct asset *const address = &a->addresses.at[p->address];
	uint32_t *const list = address_list(address, p);

	*(p->prev_of_address != 0 ? &a->places[p->prev_of_address].next_of_address : list) =
		p->next_of_address;
	if (p->next_of_address != 0)
		a->places[p->next_of_address].prev_of_address = p->prev_of_address;
	address->records = (uint16_t)(address->records - p->recorded);
	asset_mark(&a->addresses, a->places[i].address, CHANGED_FACTS);
	if (--address->place_count == 0)
		asset_free(a, &a->addresses, a->places[i].address);
}

static void place_free(struct assets *a, uint32_t i)
{
	struct asset_lately *const lately = place_lately(a, a->places[i].hash);

	if (lately->place == i)
		lately->place = 0;
	pack_free(&a->packs, &a->places[i].facts);
	index_remove(&a->place_index, i, a->places[i].hash);
	if (a->places[i].address != 0)
		place_leave_address(a, i);
	a->places[i].next_of_device = a->places_free;
	a->places_free = i;
}

static void device_evict(struct assets *a, uint32_t device)
{
	for (uint32_t i = a->devices.at[device].places, next; i != 0; i = next) {
		next = a->places[i].next_of_device;
		place_free(a, i);
	}
	asset_free(a, &a->devices, device);
	a->evicted++;
}

/* How much speaks for keeping it: its packets, then how lately it was seen. */
struct support_sum {
	uint64_t packets, last_ns;
};

static struct support_sum device_sum(const struct assets *a, uint32_t device)
{
	struct support_sum sum = {0};

	for (uint32_t i = a->devices.at[device].places; i != 0; i = a->places[i].next_of_device) {
		struct pack_walk walk = place_facts(a, &a->places[i]);
		struct fact f;
		while (pack_next(&walk, &f)) {
			if (f.kind == FACT_SEEN)
				sum.packets += f.support.count;
			if (f.support.last_ns > sum.last_ns)
				sum.last_ns = f.support.last_ns;
		}
		if (sum.packets > UINT32_MAX)
			break;
	}
	return sum;
}

static bool sum_less(const struct support_sum *x, const struct support_sum *y)
{
	return x->packets != y->packets ? x->packets < y->packets : x->last_ns < y->last_ns;
}

/* Sent much, and lately: such a device is not thrown out for one that nobody knows. */
static bool is_established(const struct assets *a, const struct support_sum *sum)
{
	return sum->packets >= ESTABLISHED_PACKETS &&
	       sum->last_ns + ESTABLISHED_SILENCE > a->last_ns;
}

/* Devices are looked at in no order that a sender could know. */
static uint32_t next_sample(struct assets *a)
{
	struct hash h = hash_init(&a->key);

	hash_u64(&h, a->samples++);
	return (uint32_t)(hash_end(&h) % a->devices.used) + 1;
}

/* Throws out the least supported of a few devices; false: all of them are established. */
static bool assets_make_room(struct assets *a, uint32_t spare)
{
	struct support_sum least = {UINT64_MAX, UINT64_MAX};
	uint32_t victim = 0;

	for (uint32_t tried = 0; tried < EVICT_SAMPLE && a->devices.used > 0; tried++) {
		const uint32_t i = next_sample(a);
		if (!a->devices.at[i].used || i == spare)
			continue;
		const struct support_sum sum = device_sum(a, i);
		if (sum_less(&sum, &least) && !is_established(a, &sum)) {
			least = sum;
			victim = i;
		}
	}
	if (victim == 0)
		return false;
	device_evict(a, victim);
	return true;
}

/* ---- places ---- */

/* Whose is it: a device, an address on a link without MACs, or nobody's (false). */
static bool key_is_asset(const struct endpoint *e)
{
	return mac_is_zero(e->mac) ? endpoint_has_ip(e->mac, &e->ip) : !mac_is_group(e->mac);
}

static bool place_is(const struct assets *a, const struct place *p, const struct place_key *key)
{
	return p->hash == key->hash && p->iface == key->iface && p->vlan == key->vlan &&
	       place_realm(a, p) == key->realm && mac_equal(place_mac(a, p), key->mac) &&
	       ip_equal(place_ip(a, p), &key->ip);
}

static uint32_t place_find(const struct assets *a, const struct place_key *key)
{
	struct index_walk walk = index_look(&a->place_index, key->hash);
	uint32_t i;

	while ((i = index_next(&walk)) != 0 && !place_is(a, &a->places[i], key))
		continue;
	return i;
}

/* Its device, made if need be; 0: it may have no more places. */
static uint32_t place_device(struct assets *a, const struct place_key *key)
{
	const struct ip none = {0};
	const uint32_t hash = asset_hash(a, key->realm, key->mac, &none);
	uint32_t device = asset_find(&a->devices, hash, key->realm, key->mac, &none);

	if (device == 0)
		device = asset_make(&a->devices, hash, key->realm, key->mac, &none);
	if (device == 0 && assets_make_room(a, 0))
		device = asset_make(&a->devices, hash, key->realm, key->mac, &none);
	const uint32_t most = key->claimed ? a->limits.far : a->limits.far - a->limits.far / 16;
	if (device != 0 && a->devices.at[device].place_count >= most)
		return 0;
	return device;
}

static uint32_t place_address(struct assets *a, const struct place_key *key, uint32_t device)
{
	const struct mac none = {{0}};
	const uint32_t hash = asset_hash(a, key->realm, none, &key->ip);
	uint32_t address = asset_find(&a->addresses, hash, key->realm, none, &key->ip);

	if (address == 0)
		address = asset_make(&a->addresses, hash, key->realm, none, &key->ip);
	if (address == 0 && assets_make_room(a, device))
		address = asset_make(&a->addresses, hash, key->realm, none, &key->ip);
	if (address != 0 && a->addresses.at[address].place_count >= ASSET_CARRIERS)
		return 0;
	return address;
}

/* An entry for a place; 0: there is none. */
static uint32_t place_take(struct assets *a, uint32_t device)
{
	if (a->places_free == 0 && a->places_used == a->limits.places &&
	    !assets_make_room(a, device))
		return 0;
	const uint32_t freed = a->places_free;
	if (freed != 0) {
		a->places_free = a->places[freed].next_of_device;
		return freed;
	}
	return a->places_used < a->limits.places ? ++a->places_used : 0;
}

static void place_join_device(struct assets *a, uint32_t i)
{
	struct place *const p = &a->places[i];
	struct asset *const device = &a->devices.at[p->device];

	p->next_of_device = device->places;
	device->places = i;
	device->place_count++;
}

/* A device or an address that was made for a place which then found no room. */
static void asset_free_empty(struct assets *a, struct asset_list *list, uint32_t i)
{
	if (i != 0 && list->at[i].place_count == 0)
		asset_free(a, list, i);
}

static uint32_t place_make(struct assets *a, const struct place_key *key)
{
	const bool has_mac = !mac_is_zero(key->mac), has_ip = key->ip.family != 0;
	const uint32_t device = has_mac ? place_device(a, key) : 0;
	const uint32_t address =
		has_ip && (device != 0 || !has_mac) ? place_address(a, key, device) : 0;
	const bool whole = (device != 0 || !has_mac) && (address != 0 || !has_ip);
	const uint32_t i = whole ? place_take(a, device) : 0;

	if (i == 0) {
		asset_free_empty(a, &a->addresses, address);
		asset_free_empty(a, &a->devices, device);
		return 0;
	}
	a->places[i] = (struct place){.iface = key->iface,
	                              .vlan = key->vlan,
	                              .hash = key->hash,
	                              .device = device,
	                              .address = address};
	if (device != 0)
		place_join_device(a, i);
	if (address != 0)
		place_join_address(a, i);
	index_put(&a->place_index, i, key->hash);
	return i;
}

/* The place of an item's endpoint, made if need be; 0: refused. */
static uint32_t place_look(struct assets *a, const struct fact_item *item)
{
	const struct endpoint *const e = &item->endpoint;
	struct place_key key = {.claimed = item->grade == OWNER,
	                        .hash = item->endpoint_hash,
	                        .mac = e->mac,
	                        .iface = e->iface,
	                        .vlan = e->vlan.n};

	if (!realm_number(a, &e->realm, &key.realm))
		return 0;
	if (endpoint_has_ip(e->mac, &e->ip))
		key.ip = e->ip;
	const uint32_t found = place_find(a, &key);
	return found != 0 ? found : place_make(a, &key);
}

static uint32_t place_of(struct assets *a, const struct fact_item *item)
{
	struct asset_lately *const lately = place_lately(a, item->endpoint_hash);

	if (lately_is(lately, item))
		return lately->place;
	const uint32_t place = place_look(a, item);
	*lately = (struct asset_lately){place, item->endpoint_hash, item->endpoint};
	return place;
}

/* ---- what makes an address a record ---- */

/*
 * A host behind a router: a private address, or one that told who it is. On a link without MACs:
 * packets came from it. The address counts such places, so that nobody needs to walk them.
 */
static void place_settle(struct assets *a, struct place *p)
{
	const bool behind = p->view == VIEW_VIA && (ip_is_private(place_ip(a, p)) || p->speaks);
	const bool recorded = p->device == 0 ? p->present : behind;

	if (p->address != 0 && recorded != p->recorded) {
		uint16_t *const records = &a->addresses.at[p->address].records;
		*records = (uint16_t)(recorded ? *records + 1 : *records - 1);
		p->recorded = recorded;
	}
}

bool place_view(struct assets *a, uint32_t place, enum view view, uint8_t reason)
{
	struct place *const p = &a->places[place];

	if (p->view == view && p->reason == reason)
		return false;
	p->view = view & 3u;
	p->reason = reason & 15u;
	place_settle(a, p);
	return true;
}

static bool fact_is_router(const struct fact *f)
{
	static const char router[] = "router";

	return f->len == sizeof router - 1 && memcmp(f->value, router, sizeof router - 1) == 0;
}

/*
 * What a place notes of facts of a kind: what attribution will ask, and who looks for servers
 * (change/servers.c).
 */
enum noted { PRESENT = 1, ADDRESS = 2, HOPS = 4, ROUTES = 8, SERVES = 16 };
static const uint8_t noted[FACT_KINDS] = {
	[FACT_SEEN] = PRESENT,           [FACT_TTL] = PRESENT | HOPS,
	[FACT_IPV4] = PRESENT | ADDRESS, [FACT_IPV6] = PRESENT | ADDRESS,
	[FACT_TCP_SYN] = PRESENT,        [FACT_TCP_SYN_ACK] = PRESENT,
	[FACT_TCP_MTU] = PRESENT,        [FACT_BITTORRENT_DHT] = PRESENT,
	[FACT_ROLE] = ROUTES | SERVES,   [FACT_ROLE_TOLD] = ROUTES,
	[FACT_NDP_PREFIX] = SERVES,      [FACT_NDP_ROUTE] = SERVES,
};

static void place_note(struct place *p, const struct fact *f)
{
	const uint8_t of = noted[f->kind];

	p->claimed |= (of & ADDRESS) != 0 && f->grade == OWNER;
	p->router |= (of & ROUTES) != 0 && fact_is_router(f);
	p->serves |= (of & SERVES) != 0;
	if ((of & HOPS) != 0 && f->value[3] > p->hops)
		p->hops = f->value[3];
}

/* After a fact left, that may have been the only one of which something was noted. */
static void place_note_again(struct assets *a, struct place *p)
{
	struct pack_walk walk = place_facts(a, p);
	struct fact f;

	p->claimed = p->router = p->serves = false;
	p->hops = 0;
	while (pack_next(&walk, &f))
		place_note(p, &f);
}

/* A fact joined. It never leaves again but for another of its kind. */
static void place_learn(struct assets *a, uint32_t place, const struct fact *f)
{
	struct place *const p = &a->places[place];
	const bool present = (noted[f->kind] & PRESENT) != 0;

	if (noted[f->kind] != 0)
		place_note(p, f);
	if (present ? p->present : p->speaks)
		return;
	p->present |= present;
	p->speaks |= !present;
	place_settle(a, p);
}

/* ---- facts ---- */

/*
 * May the fact stand among those of its kind? Where these are full, the last in rank goes, or is
 * this. `end` is where it would stand.
 */
static bool place_keeps(struct assets *a, uint32_t place, const struct fact *f,
                        struct pack_spot *end)
{
	struct place *const p = &a->places[place];
	uint64_t rank;

	if (end->count < fact_info(f->kind)->keep)
		return true;
	if (end->count == 0)
		return false;
	const uint64_t last = pack_last(&a->packs, p->facts, f->kind, place_ip(a, p), &rank);
	if (pack_rank(f->by, f->value, f->len) > rank)
		return false;
	a->outcomes[TOLD_REFUSED]++;
	pack_remove(&a->packs, &p->facts, last);
	place_note_again(a, p);
	*end = pack_find(&a->packs, p->facts, f->digest, f->kind);
	return true;
}

static bool fact_make(struct assets *a, uint32_t place, const struct fact *f,
                      const struct pack_spot *end)
{
	struct place *const p = &a->places[place];

	if (a->packs.facts == a->limits.facts)
		(void)assets_make_room(a, p->device);
	if (a->packs.facts == a->limits.facts ||
	    !pack_add(&a->packs, &p->facts, end, f, place_ip(a, p)))
		return false;
	place_learn(a, place, f);
	return true;
}

/* Who is to be looked at again. What is told of an address alone may concern all that use it. */
static void place_mark(struct assets *a, uint32_t place, enum changed how)
{
	const struct place *const p = &a->places[place];

	if (p->device != 0)
		asset_mark(&a->devices, p->device, how);
	if (p->address == 0)
		return;
	asset_mark(&a->addresses, p->address, how);
	if (p->device != 0 || how != CHANGED_FACTS)
		return;
	for (uint32_t i = a->addresses.at[p->address].places; i != 0;
	     i = a->places[i].next_of_address)
		asset_mark(&a->devices, a->places[i].device, how);
}

static enum told assets_count(struct assets *a, enum told told)
{
	a->outcomes[told]++;
	return told;
}

static void assets_seen(struct assets *a, const struct support *s)
{
	if (s->last_ns > a->last_ns)
		a->last_ns = s->last_ns;
}

/* Support of the fact at the spot. */
static enum told place_add(struct assets *a, uint32_t place, const struct pack_spot *spot,
                           const struct support *more)
{
	const bool done = pack_more(&a->packs, &a->places[place].facts, spot, more);

	place_mark(a, place, CHANGED_COUNTS);
	return done ? TOLD_MORE : TOLD_REFUSED;
}

/* Adds to the fact where it is: of places that share the hash no two have the same digest. */
static enum told assets_add(struct assets *a, uint32_t endpoint_hash, uint64_t digest,
                            const struct support *more)
{
	struct index_walk walk = index_look(&a->place_index, endpoint_hash);
	uint32_t i;

	while ((i = index_next(&walk)) != 0) {
		if (a->places[i].hash != endpoint_hash)
			continue;
		const struct pack_spot spot =
			pack_find(&a->packs, a->places[i].facts, digest, FACT_NONE);
		if (spot.found)
			return place_add(a, i, &spot, more);
	}
	return TOLD_UNKNOWN;
}

enum told assets_more(struct assets *a, uint32_t endpoint_hash, uint64_t digest,
                      const struct support *more)
{
	assets_seen(a, more);
	return assets_count(a, assets_add(a, endpoint_hash, digest, more));
}

/*
 * One look at the facts of its place says whether it is there, how many its kind has, and where it
 * would stand.
 */
static enum told assets_learn(struct assets *a, const struct fact_item *item, const uint8_t *value,
                              uint32_t coming)
{
	const struct fact fact = {.kind = (enum fact_kind)item->kind,
	                          .by = item->by,
	                          .grade = item->grade,
	                          .confidence = item->confidence,
	                          .cut = item->cut,
	                          .digest = item->digest,
	                          .support = item->support,
	                          .value = value,
	                          .len = item->value_len};

	if (!key_is_asset(&item->endpoint))
		return TOLD_IGNORED;
	const uint32_t place = place_of(a, item);
	if (place == 0)
		return TOLD_REFUSED;
	struct pack_spot spot =
		pack_find(&a->packs, a->places[place].facts, fact.digest, fact.kind);
	if (spot.found)
		return place_add(a, place, &spot, &item->support);
	spot.coming = coming;
	if (!place_keeps(a, place, &fact, &spot) || !fact_make(a, place, &fact, &spot))
		return TOLD_REFUSED;
	place_mark(a, place, CHANGED_FACTS);
	return TOLD_NEW;
}

enum told assets_tell(struct assets *a, const struct fact_item *item, const uint8_t *value,
                      uint32_t coming)
{
	assert(fact_fits((enum fact_kind)item->kind, item->value_len));
	assets_seen(a, &item->support);
	return assets_count(a, assets_learn(a, item, value, coming));
}

static void place_foresee(const struct assets *a, const struct place *p)
{
	const uint8_t *const facts = units_at(&a->packs.units, p->facts);

	PREFETCH(facts);
	PREFETCH(facts + 64);
	PREFETCH(facts + 128);
	PREFETCH(&a->devices.at[p->device].mac);
	PREFETCH(&a->addresses.at[p->address].ip);
}

void assets_foresee_index(const struct assets *a, uint32_t endpoint_hash)
{
	const struct index_walk walk = index_look(&a->place_index, endpoint_hash);

	PREFETCH(walk.line);
}

uint32_t assets_foresee_place(const struct assets *a, uint32_t endpoint_hash)
{
	struct index_walk walk = index_look(&a->place_index, endpoint_hash);
	const uint32_t place = index_next(&walk);

	PREFETCH(&a->places[place]);
	return place;
}

void assets_foresee_facts(const struct assets *a, uint32_t place)
{
	if (place != 0)
		place_foresee(a, &a->places[place]);
}

void assets_foresee_record(const struct assets *a, const struct asset *x, enum foresight what)
{
	if (what == FORESEE_ENTRY) {
		PREFETCH(x);
		return;
	}
	const struct place *const p = &a->places[x->places];
	if (what == FORESEE_PLACE)
		PREFETCH(p);
	else
		place_foresee(a, p);
}
