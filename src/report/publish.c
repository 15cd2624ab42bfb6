/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish.c - snapshots of what is known, for the live table.
 */
#include "report/publish.h"

#include "asset/sort.h"

#include <assert.h>
#include <string.h>

int publisher_init(struct publisher *p)
{
	const int err = arena_init(&p->memory, 3 * sizeof *p->buffers +
	                                               SNAPSHOT_ROWS * sizeof *p->order + 8192);

	if (err < 0)
		return err;
	p->buffers = arena_take(&p->memory, 3 * sizeof *p->buffers, 64);
	p->order = arena_take(&p->memory, SNAPSHOT_ROWS * sizeof *p->order, 64);
	assert(p->buffers != NULL && p->order != NULL);
	p->writing = 0;
	p->reading = 1;
	atomic_init(&p->between, 2u);
	return -pthread_mutex_init(&p->lock, NULL);
}

void publisher_fini(struct publisher *p)
{
	if (p->buffers == NULL)
		return;
	pthread_mutex_destroy(&p->lock);
	arena_free(&p->memory);
	p->buffers = NULL;
}

/* ---- choosing rows ---- */

/* Seen earlier, or with the greater number: what a heap gives up first. */
static bool seen_before(const struct assets *a, uint32_t x, uint32_t y)
{
	const uint64_t x_ns = a->devices.past[x].last_ns, y_ns = a->devices.past[y].last_ns;

	return x_ns != y_ns ? x_ns < y_ns : x > y;
}

/* order[0..count) is a heap whose first was seen longest ago: `device` takes its place. */
static void replace_oldest(uint32_t *order, uint32_t count, const struct assets *a, uint32_t device)
{
	uint32_t at = 0;

	for (uint32_t below; (below = 2 * at + 1) < count; at = below) {
		if (below + 1 < count && seen_before(a, order[below + 1], order[below]))
			below++;
		if (!seen_before(a, order[below], device))
			break;
		order[at] = order[below];
	}
	order[at] = device;
}

static bool order_less(const void *assets, uint32_t x, uint32_t y)
{
	return seen_before(assets, x, y);
}

/* The devices seen last. A sorted array is a heap already. */
static uint32_t choose_rows(uint32_t *order, const struct assets *a)
{
	uint32_t count = 0;

	for (uint32_t i = 1; i <= a->devices.used; i++) {
		if (!a->devices.at[i].used)
			continue;
		if (count < SNAPSHOT_ROWS) {
			order[count++] = i;
			if (count == SNAPSHOT_ROWS)
				sort_numbers(order, count, a, order_less);
		} else if (seen_before(a, order[0], i)) {
			replace_oldest(order, count, a, i);
		}
	}
	return count;
}

/* ---- a row ---- */

/* Cut at a whole character of UTF-8. */
static void put_words(char *out, size_t cap, const char *s, size_t len)
{
	if (len > cap - 1) {
		len = cap - 1;
		while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(out, s, len);
	out[len] = 0;
}

static void put_hashed(char *out, size_t cap, const struct line_context *c, const struct known *k)
{
	struct emit j;

	emit_begin(&j, out, cap);
	write_value(&j, c, k->kind, k->value, k->len);
	memmove(out, out + 1, j.len - 2); /* without the quotes */
	out[j.len - 2] = 0;
}

static void row_name(struct snapshot_row *row, const struct line_context *c, const struct record *r)
{
	struct words name;
	const int fact = infer_name(r->facts, r->count, &name);

	if (fact >= 0 && c->hashed && fact_info(r->facts[fact].kind)->privacy == PERSONAL)
		put_hashed(row->name, sizeof row->name, c, &r->facts[fact]);
	else
		put_words(row->name, sizeof row->name, name.s, name.len);
}

static void row_roles(struct snapshot_row *row, const struct conclusions *all)
{
	size_t at = 0;

	for (unsigned i = 0; i < all->count && at + 2 < sizeof row->roles; i++) {
		if (all->list[i].about != ROLE)
			continue;
		if (at > 0)
			row->roles[at++] = ',';
		put_words(row->roles + at, sizeof row->roles - at, all->list[i].value.s,
		          all->list[i].value.len);
		at += strlen(row->roles + at);
	}
}

/* A vendor is no personal thing, whatever told it. */
static void row_vendor(struct snapshot_row *row, const struct conclusions *all)
{
	const struct conclusion *const vendor = conclusion_of(all, VENDOR);

	if (vendor != NULL)
		put_words(row->vendor, sizeof row->vendor, vendor->value.s, vendor->value.len);
}

/*
 * The address that speaks best for the device: claimed before merely used, IPv4 before IPv6, then
 * the least.
 */
static void row_addresses(struct snapshot_row *row, const struct record *r)
{
	uint8_t best = UINT8_MAX;
	const uint8_t *last = NULL;

	for (size_t i = 0; i < r->count; i++) {
		const struct known *const k = &r->facts[i];
		if (k->kind != FACT_IPV4 && k->kind != FACT_IPV6)
			continue;
		if (last == NULL || memcmp(last, k->value, k->len) != 0)
			row->addresses++;
		last = k->value;
		if (k->view >= best)
			continue;
		best = k->view;
		row->ip = (struct ip){.family = k->kind == FACT_IPV4 ? 4 : 6};
		memcpy(row->ip.b, k->value, k->len);
	}
}

static void row_fill(struct snapshot_row *row, const struct line_context *c, const struct record *r)
{
	struct conclusions all UNINITIALIZED;

	*row = (struct snapshot_row){.mac = r->mac,
	                             .ip = r->ip,
	                             .via = r->via,
	                             .packets = r->packets,
	                             .bytes = r->bytes,
	                             .first_ns = r->first_ns,
	                             .last_ns = r->last_ns};
	row->mac_kind = r->has_mac ? (uint8_t)mac_kind(r->mac) : 0;
	put_words(row->realm, sizeof row->realm, r->realm->s, r->realm->len);
	if (r->has_mac)
		row_addresses(row, r);
	row_name(row, c, r);
	record_conclude(c, r, &all);
	row_vendor(row, &all);
	row_roles(row, &all);
}

/* ---- the snapshot ---- */

static bool is_wanted(const struct snapshot_row *wanted, const struct snapshot_row *row)
{
	return mac_equal(wanted->mac, row->mac) && strcmp(wanted->realm, row->realm) == 0 &&
	       (!mac_is_zero(row->mac) || ip_equal(&wanted->ip, &row->ip));
}

static void snapshot_detail(struct snapshot *s, const struct line_context *c,
                            const struct record *r)
{
	struct emit j;

	emit_begin(&j, s->detail, sizeof s->detail);
	write_record(&j, c, r);
	s->detail_len = j.full ? 0 : (uint32_t)j.len;
}

/* The record that somebody looks at, if there is one. */
struct wanted {
	struct snapshot_row row;
	bool wants;
};

static struct wanted publisher_wanted(struct publisher *p)
{
	struct wanted w;

	pthread_mutex_lock(&p->lock);
	w = (struct wanted){p->wanted, p->wants};
	pthread_mutex_unlock(&p->lock);
	return w;
}

static void snapshot_add(struct snapshot *s, const struct wanted *w, const struct line_context *c,
                         const struct record *r)
{
	struct snapshot_row *const row = &s->rows[s->row_count++];

	row_fill(row, c, r);
	if (w->wants && is_wanted(&w->row, row))
		snapshot_detail(s, c, r);
}

/* Devices first; then, as far as there is room, hosts that are known by their address alone. */
static void snapshot_rows(struct publisher *p, struct snapshot *s, const struct assets *a,
                          struct record_room *room, const struct line_context *c)
{
	const struct wanted w = publisher_wanted(p);
	const uint32_t devices = choose_rows(p->order, a);
	struct record r;

	s->row_count = 0;
	s->detail_len = 0;
	for (uint32_t i = 0; i < devices; i++) {
		record_device(a, room, p->order[i], &r);
		snapshot_add(s, &w, c, &r);
	}
	for (uint32_t i = 1; i <= a->addresses.used && s->row_count < SNAPSHOT_ROWS; i++)
		if (a->addresses.at[i].used && record_address(a, room, i, &r))
			snapshot_add(s, &w, c, &r);
	s->devices = a->devices.index.entries + (s->row_count - devices);
}

/* What the kernel and the channels dropped: the gauges whose names say so. */
static uint64_t dropped_by_all(const struct health_more *more)
{
	static const char word[] = "dropped";
	uint64_t sum = 0;

	for (unsigned i = 0; i < more->gauge_count; i++) {
		const size_t len = strlen(more->gauges[i].name);
		if (len >= sizeof word - 1 &&
		    strcmp(more->gauges[i].name + len - (sizeof word - 1), word) == 0)
			sum += more->gauges[i].n;
	}
	return sum;
}

void publish(struct publisher *p, const struct assets *a, struct record_room *room,
             const struct line_context *c, const struct health *h, const struct health_more *more,
             const char *health, size_t health_len)
{
	struct snapshot *const s = &p->buffers[p->writing];

	s->number = ++p->number;
	s->time_ns = c->time_ns;
	s->frames = h->counters[COUNTER_FRAMES];
	s->malformed = h->malformed;
	s->dropped = dropped_by_all(more);
	s->unclaimed = h->counters[COUNTER_UNCLAIMED];
	s->refused = health_refused(h, a);
	s->evicted = a->evicted;
	snapshot_rows(p, s, a, room, c);
	put_words(s->health, sizeof s->health, health, health_len);
	p->writing = atomic_exchange(&p->between, p->writing | PUBLISH_FRESH) & 3u;
}

const struct snapshot *publisher_look(struct publisher *p)
{
	if ((atomic_load(&p->between) & PUBLISH_FRESH) != 0)
		p->reading = atomic_exchange(&p->between, p->reading) & 3u;
	return &p->buffers[p->reading];
}

void publisher_want(struct publisher *p, const struct snapshot_row *row)
{
	pthread_mutex_lock(&p->lock);
	p->wants = row != NULL;
	if (row != NULL)
		p->wanted = *row;
	pthread_mutex_unlock(&p->lock);
}
