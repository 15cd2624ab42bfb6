/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change.c - what is different at this mark from the last one.
 *
 * First all devices that changed get their views anew, for a far host's record hangs on the views
 * of those that carry it. Then devices are compared, then addresses, each in the order of records,
 * so that the lines come in one order whatever the facts' was.
 *
 * Who holds an address is judged within a segment, from the claims (ARP, NDP, leases) of real MACs:
 * the windows from first to last claim of two MACs overlap, then it is a duplicate (a flip-flop
 * when each claimed it three times and more); or one ends before the other begins, then the address
 * moved. A virtual MAC is meant to share.
 */
#include "report/change.h"

#include "asset/sort.h"
#include "base/bits.h"

#include <string.h>

#define FLIP_FLOP 3u    /* claims of each side */
#define HOLD_WAYS 8u    /* holds of one set */
#define ADDED_MOST 256u /* addresses of one device that are told at one mark */

/* One change on its way to a line. */
struct change {
	const char *what;
	const struct record *record;
	const struct ip *address; /* NULL: not about one */
	uint16_t iface, vlan;     /* the segment, of a change of who holds an address */
	struct words before, after;
	enum fact_kind kind; /* of before and after, for their privacy; FACT_NONE: they are ours */
	const struct claimant *claimants; /* evidence */
	size_t claimant_count;
	bool flip_flop;
};

/* A MAC that claims an address of a segment. */
struct claimant {
	uint32_t place;
	struct mac mac;
	struct support support;
	uint8_t state; /* enum claim_state */
};

static const struct words nothing = {"", 0};

/* ---- telling ---- */

static bool is_quiet(const struct changes *c, const struct ip *ip)
{
	for (unsigned i = 0; i < c->quiet_count; i++)
		if (ip_equal(&c->quiet[i], ip))
			return true;
	return false;
}

/*
 * Where a change is noted, or may be: its own entry, or that of the set which ends first. A set of
 * several: with one alone, a change told in between would now and then undo another's hold-down,
 * and which one it is depends on the key.
 */
static struct hold *hold_of(struct changes *c, uint64_t what)
{
	struct hold *const set = &c->holds[what % (CHANGE_HOLDS / HOLD_WAYS) * HOLD_WAYS];
	struct hold *first = set;

	for (unsigned i = 0; i < HOLD_WAYS; i++) {
		if (set[i].what == what)
			return &set[i];
		if (set[i].until_ns < first->until_ns)
			first = &set[i];
	}
	return first;
}

/* Was the same told within the hold-down? Notes that it is told now. */
static bool is_held(struct changes *c, const struct change *change)
{
	struct hash h = hash_init(&c->assets->key);

	hash_bytes(&h, change->what, strlen(change->what) + 1);
	hash_u64(&h, mac_number(change->record->mac));
	hash_bytes(&h, change->record->ip.b, sizeof change->record->ip.b);
	hash_bytes(&h, change->record->realm->s, sizeof change->record->realm->s);
	if (change->address != NULL)
		hash_bytes(&h, change->address->b, sizeof change->address->b);
	hash_u64(&h, (uint64_t)change->iface << 16 | change->vlan);
	const uint64_t what = hash_end(&h);
	struct hold *const hold = hold_of(c, what);
	if (hold->what == what && c->context->time_ns < hold->until_ns)
		return true;
	*hold = (struct hold){what, c->context->time_ns + c->hold_ns};
	return false;
}

static void write_words(struct emit *j, const struct line_context *c, const struct change *change,
                        const struct words *w)
{
	if (change->kind == FACT_NONE || w->len == 0)
		emit_text(j, (const uint8_t *)w->s, w->len);
	else
		write_value(j, c, change->kind, (const uint8_t *)w->s, w->len);
}

static void write_claimant(struct emit *j, const struct claimant *claimant)
{
	emit_open(j, '{');
	emit_key(j, "mac");
	emit_mac(j, claimant->mac);
	write_support(j, &claimant->support);
	emit_close(j, '}');
}

static void change_tell(struct changes *c, const struct change *change)
{
	if ((change->address != NULL && is_quiet(c, change->address)) || is_held(c, change)) {
		c->held++;
		return;
	}
	struct emit j = outlet_line(c->outlet);
	line_begin(&j, c->context, LINE_CHANGE);
	emit_key(&j, "what");
	emit_string(&j, change->what);
	write_key(&j, change->record);
	emit_key(&j, "realm");
	emit_text(&j, (const uint8_t *)change->record->realm->s, change->record->realm->len);
	if (change->address != NULL) {
		emit_key(&j, "address");
		emit_ip(&j, change->address);
	}
	if (change->vlan != 0) {
		emit_key(&j, "vlan");
		emit_number(&j, change->vlan);
	}
	emit_key(&j, "before");
	write_words(&j, c->context, change, &change->before);
	emit_key(&j, "after");
	write_words(&j, c->context, change, &change->after);
	if (change->flip_flop) {
		emit_key(&j, "flip_flop");
		emit_bool(&j, true);
	}
	emit_key(&j, "evidence");
	emit_open(&j, '[');
	for (size_t i = 0; i < change->claimant_count; i++)
		write_claimant(&j, &change->claimants[i]);
	emit_close(&j, ']');
	emit_close(&j, '}');
	outlet_commit(c->outlet, &j, LINE_CHANGE, c->context->seq);
	c->told++;
}

static void tell_plain(struct changes *c, const char *what, const struct record *r,
                       const struct ip *address)
{
	const struct change change = {
		.what = what, .record = r, .address = address, .before = nothing, .after = nothing};

	change_tell(c, &change);
}

/* ---- a record against what it was ---- */

static void compare_name(struct changes *c, struct asset *x, const struct record *r, bool tell)
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

static void note_seen(struct changes *c, struct asset *x, const struct record *r)
{
	x->last_ns = r->last_ns;
	if (x->last_ns + c->gone_ns < c->next_gone_ns)
		c->next_gone_ns = x->last_ns + c->gone_ns;
}

/* Appeared, or back after it was gone. */
static void compare_state(struct changes *c, struct asset *x, const struct record *r)
{
	if (x->state == STATE_UNKNOWN && !c->silent_new)
		tell_plain(c, "new", r, NULL);
	if (x->state == STATE_GONE && r->last_ns > x->last_ns)
		tell_plain(c, "back", r, NULL);
	if (x->state != STATE_GONE || r->last_ns > x->last_ns)
		x->state = STATE_HERE;
	note_seen(c, x, r);
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

static void compare_addresses(struct changes *c, uint32_t device, const struct record *r, bool tell)
{
	struct assets *const a = c->assets;
	const uint32_t count = take_untold(c, device);
	const uint32_t *const order = c->attribution->order;

	for (uint32_t i = 0; i < count; i++) {
		struct place *const p = &a->places[order[i]];
		const struct ip address = *place_ip(a, p);
		if (tell && i < ADDED_MOST && !address_told(a, device, &address))
			tell_plain(c, "address-added", r, &address);
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
		if (place_is_own(&a->places[i]) && is_quiet(c, place_ip(a, &a->places[i])))
			return true;
	return false;
}

static void compare_device(struct changes *c, uint32_t device)
{
	struct asset *const x = &c->assets->devices.at[device];
	const bool known = x->state != STATE_UNKNOWN,
		   only_counts = !bits_has(c->assets->devices.learned, device);
	struct record r;

	record_device(c->assets, c->room, device, &r);
	if (known && only_counts) {
		compare_state(c, x, &r);
		return;
	}
	if (!known && device_is_quiet(c, device)) {
		x->state = STATE_HERE;
		note_seen(c, x, &r);
	} else {
		compare_state(c, x, &r);
	}
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
	struct asset *const x = &c->assets->addresses.at[address];
	const bool known = x->state != STATE_UNKNOWN;
	struct record r;

	if (!address_makes_changes(c->assets, address) || is_quiet(c, &x->ip) ||
	    !record_address(c->assets, c->room, address, &r))
		return;
	compare_state(c, x, &r);
	compare_name(c, x, &r, known);
}

/* ---- who holds an address ---- */

static bool claim_of(const struct assets *a, uint32_t place, struct claimant *out)
{
	const struct place *const p = &a->places[place];

	*out = (struct claimant){.place = place, .mac = place_mac(a, p), .state = CLAIM_SOLE};
	if (p->device == 0 || p->view != VIEW_OWNER || mac_is_redundancy(out->mac))
		return false;
	struct pack_walk walk = place_facts(a, p);
	struct fact f;

	while (pack_next(&walk, &f))
		if ((f.kind == FACT_IPV4 || f.kind == FACT_IPV6) && f.grade == OWNER)
			support_merge(&out->support, &f.support);
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

static bool overlap(const struct support *x, const struct support *y)
{
	return x->first_ns <= y->last_ns && y->first_ns <= x->last_ns;
}

/* Sets each one's state; true: two overlap, and *flip_flop when two such claimed it often. */
static bool judge_claims(struct claimant *claimants, size_t count, bool *flip_flop)
{
	bool duplicate = false;

	*flip_flop = false;
	for (size_t i = 0; i < count; i++)
		claimants[i].state = count == 1       ? CLAIM_SOLE
		                     : i + 1 == count ? CLAIM_LATEST
		                                      : CLAIM_FORMER;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = i + 1; k < count; k++) {
			if (!overlap(&claimants[i].support, &claimants[k].support))
				continue;
			claimants[i].state = claimants[k].state = CLAIM_DUPLICATE;
			duplicate = true;
			*flip_flop |= claimants[i].support.count >= FLIP_FLOP &&
			              claimants[k].support.count >= FLIP_FLOP;
		}
	}
	return duplicate;
}

static struct words mac_words(struct mac mac, char text[MAC_TEXT])
{
	return (struct words){mac_format(mac, text), MAC_TEXT - 1};
}

/* The record of a change of address is that of the MAC which has it last. */
static void tell_claim(struct changes *c, const char *what, const struct claimant *claimants,
                       size_t count, size_t former, bool flip_flop)
{
	const struct claimant *const latest = &claimants[count - 1];
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

static void compare_segment(struct changes *c, const uint32_t *places, size_t place_count)
{
	struct claimant claimants[CLAIMANTS];
	const size_t count = claimants_of(c->assets, places, place_count, claimants);
	bool flip_flop, fresh = false, moved = false;

	const bool duplicate = judge_claims(claimants, count, &flip_flop);
	for (size_t i = 0; i < count; i++) {
		struct place *const p = &c->assets->places[claimants[i].place];
		fresh |= claimants[i].state == CLAIM_DUPLICATE && p->claim != CLAIM_DUPLICATE;
		moved |= claimants[i].state == CLAIM_LATEST && p->claim != CLAIM_LATEST;
		p->claim = claimants[i].state & 7u;
	}
	if (duplicate && fresh)
		tell_claim(c, "address-duplicate", claimants, count, 0, flip_flop);
	else if (!duplicate && moved)
		tell_claim(c, "address-moved", claimants, count, count - 2, false);
}

static bool segment_less(const void *assets, uint32_t x, uint32_t y)
{
	const struct assets *const a = assets;
	const struct place *const p = &a->places[x], *const q = &a->places[y];

	return p->iface != q->iface ? p->iface < q->iface : p->vlan < q->vlan;
}

/* Each segment once, in their order. An address has one realm. */
static void compare_claims(struct changes *c, uint32_t address)
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
		compare_segment(c, places + from, to - from);
	}
}

/* ---- at a mark ---- */

/*
 * Those that changed, in the order of records; without those of which, as `idle` says, nothing can
 * be told: of addresses that several MACs carry there can.
 */
static uint32_t list_changed(struct changes *c, const struct asset_list *list, bool idle)
{
	const uint32_t count = assets_gather(list, list->changed);
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++) {
		const struct asset *const x = &list->at[list->order[i]];
		if (!idle || x->state != STATE_UNKNOWN || (x->ip.family != 0 && x->place_count > 1))
			list->order[n++] = list->order[i];
	}
	assets_sort(c->assets, list, n);
	return n;
}

static void list_settle(const struct asset_list *list)
{
	bits_clear(list->changed, list->used + 1);
	bits_clear(list->learned, list->used + 1);
}

/* Walks all devices, but only when one of them may be gone. */
static void find_gone(struct changes *c, uint64_t now_ns)
{
	struct assets *const a = c->assets;
	struct record r;

	if (now_ns < c->next_gone_ns)
		return;
	c->next_gone_ns = UINT64_MAX;
	for (uint32_t i = 1; i <= a->devices.used; i++) {
		struct asset *const x = &a->devices.at[i];
		const uint64_t gone_ns = x->last_ns + c->gone_ns;
		if (!x->used || x->state != STATE_HERE)
			continue;
		if (gone_ns > now_ns) {
			c->next_gone_ns = gone_ns < c->next_gone_ns ? gone_ns : c->next_gone_ns;
			continue;
		}
		record_device(a, c->room, i, &r);
		tell_plain(c, "gone", &r, NULL);
		x->state = STATE_GONE;
	}
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
	count = list_changed(c, addresses, idle);
	for (uint32_t i = 0; i < count; i++) {
		compare_record(c, addresses->order[i]);
		compare_claims(c, addresses->order[i]);
	}
	list_settle(devices);
	list_settle(addresses);
	if (c->gone_ns != 0)
		find_gone(c, now_ns);
}
