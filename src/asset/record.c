/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.c - what a report says of one device or one address.
 *
 * Lines are gathered from the places that belong to the record, sorted, and those that are equal in
 * (kind, value, by, ip) become one: the same thing seen in two segments is one line with the sum of
 * its counts.
 */
#include "asset/record.h"

#include "asset/attribute.h"
#include "asset/sort.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

int record_room_init(struct record_room *room, const char *const *by, unsigned by_count)
{
	const size_t line = 2 * sizeof(struct known) + sizeof(struct sort_key) + sizeof(uint32_t);

	*room = (struct record_room){.by = by, .by_count = by_count};
	const int err = arena_init(&room->memory, RECORD_FACTS * line + 4096);
	if (err < 0)
		return err;
	room->lines = arena_take(&room->memory, RECORD_FACTS * sizeof *room->lines, 64);
	room->sorted = arena_take(&room->memory, RECORD_FACTS * sizeof *room->sorted, 64);
	room->keys = arena_take(&room->memory, RECORD_FACTS * sizeof *room->keys, 64);
	room->order = arena_take(&room->memory, RECORD_FACTS * sizeof *room->order, 64);
	assert(room->lines != NULL && room->sorted != NULL && room->keys != NULL &&
	       room->order != NULL);
	return 0;
}

void record_room_fini(struct record_room *room)
{
	arena_free(&room->memory);
}

static const char *by_name(const struct record_room *room, unsigned by)
{
	return by < room->by_count ? room->by[by] : "reporter";
}

static bool is_address(enum fact_kind kind)
{
	return kind == FACT_IPV4 || kind == FACT_IPV6;
}

/* ---- gathering ---- */

static void record_seen(struct record *r, const struct support *s)
{
	if (s->first_ns < r->first_ns)
		r->first_ns = s->first_ns;
	if (s->last_ns > r->last_ns)
		r->last_ns = s->last_ns;
}

/* The next line; NULL: there is no room for it. */
static struct known *room_take(struct record_room *room)
{
	if (room->count == RECORD_FACTS) {
		room->left_out++;
		return NULL;
	}
	return &room->lines[room->count++];
}

static void room_add(struct record_room *room, const struct known *line)
{
	struct known *const to = room_take(room);

	if (to != NULL)
		*to = *line;
}

/* Of an address the one that carried it is the value itself. */
static void room_add_fact(struct record_room *room, const struct place *p, const struct ip *ip,
                          const struct fact *f)
{
	static const struct ip none = {0};
	const uint8_t view = p->view != VIEW_NONE ? p->view : VIEW_LOCAL;
	struct known *const k = room_take(room);

	if (k == NULL)
		return;
	k->kind = f->kind;
	k->cut = f->cut;
	k->view = is_address(f->kind) ? view : VIEW_NONE;
	k->confidence = f->confidence;
	k->by = by_name(room, f->by);
	k->value = f->value;
	k->len = f->len;
	k->ip = is_address(f->kind) ? none : *ip;
	k->support = f->support;
}

/*
 * All facts of a place; SEEN are the record's packets and bytes. Returns the packets from its address:
 * the most that any one observer counted.
 */
static uint64_t record_add_place(const struct assets *a, struct record_room *room, struct record *r,
                                 uint32_t place)
{
	const struct place *const p = &a->places[place];
	const struct ip *const ip = place_ip(a, p);
	struct pack_walk walk = place_facts(a, p);
	uint64_t most = 0;
	struct fact f;

	while (pack_next(&walk, &f)) {
		record_seen(r, &f.support);
		if (is_address(f.kind) && f.support.count > most)
			most = f.support.count;
		if (f.kind != FACT_SEEN) {
			room_add_fact(room, p, ip, &f);
			continue;
		}
		r->packets += f.support.count;
		r->bytes += f.support.bytes;
	}
	return most;
}

/* What was told of the address alone. */
static void record_add_note(const struct assets *a, struct record_room *room, uint32_t place)
{
	const struct place *const p = &a->places[place];
	struct pack_walk walk = place_facts(a, p);
	struct fact f;

	while (pack_next(&walk, &f)) {
		const size_t before = room->count;
		if (f.kind != FACT_SEEN)
			room_add_fact(room, p, place_ip(a, p), &f);
		if (room->count > before && room->lines[before].kind == FACT_ROLE)
			room->lines[before].kind = FACT_ROLE_TOLD;
	}
}

/* Of places of one address, which has one realm. */
static bool same_segment(const struct place *x, const struct place *y)
{
	return x->iface == y->iface && x->vlan == y->vlan;
}

static void record_add_notes(const struct assets *a, struct record_room *room,
                             const struct place *p)
{
	if (p->address == 0)
		return;
	for (uint32_t i = a->addresses.at[p->address].notes; i != 0;
	     i = a->places[i].next_of_address) {
		const struct place *const other = &a->places[i];
		if (!other->present && same_segment(other, p))
			record_add_note(a, room, i);
	}
}

/* ---- order ---- */

#define KEY_BYTES 6u /* of a value, that a key has whole, with zeros where it has none */

static int bytes_compare(const uint8_t *x, size_t x_len, const uint8_t *y, size_t y_len)
{
	const int order = memcmp(x, y, x_len < y_len ? x_len : y_len);

	return order != 0 ? order : (x_len > y_len) - (x_len < y_len);
}

/* Values of lines with one key: in its bytes they are the same. A long text is mostly kept once. */
static int value_compare(const struct known *x, const struct known *y)
{
	if (x->len <= KEY_BYTES || y->len <= KEY_BYTES || x->value == y->value)
		return (x->len > y->len) - (x->len < y->len);
	return bytes_compare(x->value + KEY_BYTES, x->len - KEY_BYTES, y->value + KEY_BYTES,
	                     y->len - KEY_BYTES);
}

/* Of lines with one key. */
static int known_compare(const struct known *x, const struct known *y)
{
	int order = value_compare(x, y);
	if (order == 0 && x->by != y->by)
		order = strcmp(x->by, y->by);
	return order != 0 ? order : ip_compare(&x->ip, &y->ip);
}

/* The first eight bytes as a number, the first highest; 0 where there are none. */
static uint64_t beginning_of(const uint8_t *value, size_t len)
{
	uint64_t n = 0;

	if (len >= sizeof n) {
		memcpy(&n, value, sizeof n);
		return be64toh(n);
	}
	for (size_t i = 0; i < len; i++)
		n |= (uint64_t)value[i] << (56 - 8 * i);
	return n;
}

/*
 * Kind and beginning of the value: of two lines that differ in it, it tells which is the first.
 * Kinds are declared in the order of their wire names.
 */
static struct sort_key key_of(const struct known *k, uint32_t line)
{
	static_assert(FACT_KINDS <= 1u << 11, "a kind has eleven bits");
	return (struct sort_key){(uint64_t)k->kind << 53 | beginning_of(k->value, k->len) >> 11,
	                         line};
}

static bool line_less(const void *room, uint32_t x, uint32_t y)
{
	const struct known *const lines = ((const struct record_room *)room)->lines;

	return known_compare(&lines[x], &lines[y]) < 0;
}

/* owner before local before via. */
static uint8_t better_view(uint8_t x, uint8_t y)
{
	if (x == VIEW_NONE || y == VIEW_NONE)
		return x > y ? x : y;
	return x < y ? x : y;
}

static void known_merge(struct known *into, const struct known *more)
{
	support_merge(&into->support, &more->support);
	into->view = better_view(into->view, more->view);
	into->cut |= more->cut;
	if (more->confidence > into->confidence)
		into->confidence = more->confidence;
}

static void record_sort(struct record_room *room, struct record *r)
{
	size_t n = 0;

	for (size_t i = 0; i < room->count; i++)
		room->keys[i] = key_of(&room->lines[i], (uint32_t)i);
	sort_keys(room->keys, room->count, room, line_less);
	for (size_t i = 0; i < room->count; i++) {
		const struct known *const line = &room->lines[room->keys[i].number];
		if (i > 0 && room->keys[i - 1].key == room->keys[i].key &&
		    known_compare(&room->sorted[n - 1], line) == 0)
			known_merge(&room->sorted[n - 1], line);
		else
			room->sorted[n++] = *line;
	}
	r->facts = room->sorted;
	r->count = n;
	r->left_out = room->left_out;
}

static void record_begin(const struct assets *a, struct record_room *room, const struct asset *x,
                         struct record *r)
{
	room->count = room->left_out = 0;
	*r = (struct record){.has_mac = !mac_is_zero(x->mac),
	                     .mac = x->mac,
	                     .ip = x->ip,
	                     .first_ns = UINT64_MAX,
	                     .realm = &a->realms[x->realm]};
}

/* ---- devices ---- */

/*
 * The hosts behind a device: those without a record, and those that prove that it routes, as a
 * shared MAC does.
 */
struct behind {
	struct support silent, routed;
	uint32_t silent_count, routed_count;
};

static void place_support(const struct assets *a, const struct place *p, struct support *out)
{
	struct pack_walk walk = place_facts(a, p);
	struct fact f;

	while (pack_next(&walk, &f))
		support_merge(out, &f.support);
}

static void behind_add(const struct assets *a, struct behind *b, const struct place *p)
{
	if (!address_is_record(a, p->address)) {
		b->silent_count++;
		place_support(a, p, &b->silent);
	}
	if (p->reason == HOPS_LOWERED) {
		b->routed_count++;
		place_support(a, p, &b->routed);
	}
}

/* What the reporter itself concludes, as facts, so that a reader of the report can ask why. */
static void record_add_behind(struct record_room *room, const struct behind *b)
{
	static const char router[] = "router";
	struct known hosts = {.kind = FACT_REMOTE_HOSTS,
	                      .confidence = 100,
	                      .by = "reporter",
	                      .value = room->number,
	                      .len = sizeof room->number,
	                      .support = b->silent};
	struct known role = {.kind = FACT_ROLE_TOLD,
	                     .confidence = 70,
	                     .by = "reporter",
	                     .value = (const uint8_t *)router,
	                     .len = sizeof router - 1,
	                     .support = b->routed};

	for (unsigned i = 0; i < 4; i++)
		room->number[i] = (uint8_t)(b->silent_count >> (24 - 8 * i) & 0xff);
	if (b->silent_count > 0)
		room_add(room, &hosts);
	if (b->routed_count > 0)
		room_add(room, &role);
}

void record_device(const struct assets *a, struct record_room *room, uint32_t device,
                   struct record *out)
{
	const struct asset *const x = &a->devices.at[device];
	struct behind behind = {0};

	record_begin(a, room, x, out);
	for (uint32_t i = x->places; i != 0; i = a->places[i].next_of_device) {
		const struct place *const p = &a->places[i];
		if (p->view == VIEW_VIA) {
			behind_add(a, &behind, p);
			continue;
		}
		(void)record_add_place(a, room, out, i);
		record_add_notes(a, room, p);
		if (mac_is_redundancy(place_mac(a, p))) {
			behind.routed_count++;
			place_support(a, p, &behind.routed);
		}
	}
	record_add_behind(room, &behind);
	record_sort(room, out);
}

/* ---- addresses ---- */

bool address_is_record(const struct assets *a, uint32_t address)
{
	return a->addresses.at[address].records > 0;
}

/* Packets from this address by way of the MAC: the most that any one observer counted. */
static uint64_t place_packets(const struct assets *a, const struct place *p)
{
	struct pack_walk walk = place_facts(a, p);
	uint64_t most = 0;
	struct fact f;

	while (pack_next(&walk, &f))
		if (is_address(f.kind) && f.support.count > most)
			most = f.support.count;
	return most;
}

static bool device_less(const void *assets, uint32_t x, uint32_t y)
{
	const struct assets *const a = assets;

	return a->places[x].device < a->places[y].device;
}

/* Who carried most of its packets, in whatever segment: where it is one, nothing is counted. */
static void record_set_via(const struct assets *a, struct record_room *room, const struct asset *x,
                           struct record *r)
{
	uint32_t *const order = room->order;
	uint64_t most = 0;
	size_t count = 0;

	for (uint32_t i = x->places; i != 0; i = a->places[i].next_of_address)
		if (a->places[i].view == VIEW_VIA)
			order[count++] = i;
	sort_numbers(order, count, a, device_less);
	const bool is_one =
		count > 0 && a->places[order[0]].device == a->places[order[count - 1]].device;
	for (size_t from = 0, to; from < count; from = to) {
		const struct place *const p = &a->places[order[from]];
		uint64_t packets = 0;
		for (to = from; to < count && a->places[order[to]].device == p->device; to++)
			packets += is_one ? 0 : place_packets(a, &a->places[order[to]]);
		if (!r->has_via || packets > most ||
		    (packets == most && mac_compare(place_mac(a, p), r->via) < 0)) {
			r->has_via = true;
			r->via = place_mac(a, p);
			most = packets;
		}
	}
}

bool record_address(const struct assets *a, struct record_room *room, uint32_t address,
                    struct record *out)
{
	const struct asset *const x = &a->addresses.at[address];
	uint64_t packets = 0;

	if (!address_is_record(a, address))
		return false;
	record_begin(a, room, x, out);
	for (uint32_t i = x->places; i != 0; i = a->places[i].next_of_address) {
		if (a->places[i].view != VIEW_VIA)
			continue;
		packets += record_add_place(a, room, out, i);
	}
	for (uint32_t i = x->notes; i != 0; i = a->places[i].next_of_address) {
		if (!a->places[i].present) {
			record_add_note(a, room, i);
			continue;
		}
		packets += record_add_place(a, room, out, i);
	}
	if (out->packets == 0)
		out->packets =
			packets; /* frames are counted of MACs; of a far host its IP packets are known */
	record_set_via(a, room, x, out);
	record_sort(room, out);
	return true;
}
