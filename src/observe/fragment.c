/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fragment.c - puts datagrams together. See fragment.h for the rules.
 */
#include "observe/task.h"

#include <string.h>

enum { FRAGMENT_BYTES_DEFAULT = 16 << 20, WAYS = 8 };
static const uint64_t PATIENCE_NS = 30ull * 1000 * 1000 * 1000;

static size_t fragments_room(size_t bytes)
{
	const size_t one = sizeof(struct datagram) + DATAGRAM_MAX;
	const size_t sets = (bytes ? bytes : FRAGMENT_BYTES_DEFAULT) / (one * WAYS);

	return (sets ? sets : 1) * WAYS;
}

size_t fragments_budget(size_t bytes)
{
	return fragments_room(bytes) * (sizeof(struct datagram) + DATAGRAM_MAX);
}

bool fragments_init(struct fragments *f, struct arena *arena, size_t bytes)
{
	f->room = (unsigned)fragments_room(bytes);
	f->list = arena_take(arena, f->room * sizeof *f->list, 64);
	f->bytes = arena_take(arena, (size_t)f->room * DATAGRAM_MAX, 64);
	return f->list && f->bytes;
}

static uint8_t *datagram_bytes(const struct fragments *f, const struct datagram *d)
{
	return f->bytes + (size_t)(d - f->list) * DATAGRAM_MAX;
}

static uint64_t fragment_digest(const struct task *t, const struct packet *p,
                                const struct fragment *f)
{
	struct hash h = hash_init(&t->options.key);
	/* RFC 791: the protocol is part of the key; RFC 8200, 4.5: it is not */
	const uint64_t protocol = p->from.family == 4 ? f->protocol : 0;

	hash_bytes(&h, p->from.b, sizeof p->from.b);
	hash_bytes(&h, p->to.b, sizeof p->to.b);
	hash_u64(&h, (uint64_t)f->id << 16 | protocol << 8 | p->from.family);
	hash_u64(&h, p->tunnel);
	const uint64_t digest = hash_end(&h);

	return digest != 0 ? digest : 1;
}

static void datagram_start(struct datagram *d, uint64_t digest, const struct packet *p)
{
	memset(d, 0, offsetof(struct datagram, pieces));
	d->digest = digest;
	d->first_ns = p->time_ns;
}

static bool datagram_is_late(const struct datagram *d, const struct packet *p)
{
	return p->time_ns > d->first_ns && p->time_ns - d->first_ns > PATIENCE_NS;
}

/*
 * Bytes lent in this very frame stay: a tunnel's inner fragments come while the outer datagram is
 * read.
 */
static bool datagram_is_lent(const struct datagram *d, const struct packet *p)
{
	return d->lent_frame == p->frame && d->lent;
}

static struct datagram *datagram_find(struct task *t, const struct packet *p, uint64_t digest)
{
	struct datagram *set = &t->fragments.list[digest % (t->fragments.room / WAYS) * WAYS];
	struct datagram *oldest = NULL;

	for (unsigned i = 0; i < WAYS; i++) {
		struct datagram *d = &set[i];

		if (d->digest == digest && !d->lent) {
			if (datagram_is_late(d, p)) {
				task_add(t, COUNTER_FRAGMENTS_REFUSED, d->piece_count);
				datagram_start(d, digest, p);
			}
			return d;
		}
		if (!datagram_is_lent(d, p) &&
		    (!oldest || d->digest == 0 || d->lent ||
		     (oldest->digest != 0 && !oldest->lent && d->first_ns < oldest->first_ns)))
			oldest = d;
	}
	if (!oldest)
		return NULL;
	if (oldest->digest != 0 && !oldest->lent)
		task_add(t, COUNTER_FRAGMENTS_REFUSED, oldest->piece_count);
	datagram_start(oldest, digest, p);
	return oldest;
}

/*
 * Puts [from, to) down. False: it overlaps what is there in part, or with other bytes. The very
 * same piece again is a duplicate, and fine.
 */
static bool datagram_put(struct datagram *d, uint8_t *bytes, uint32_t from, uint32_t to,
                         const uint8_t *src)
{
	for (unsigned i = 0; i < d->piece_count; i++) {
		if (from >= d->pieces[i].to || to <= d->pieces[i].from)
			continue;
		return from == d->pieces[i].from && to == d->pieces[i].to &&
		       memcmp(bytes + from, src, to - from) == 0;
	}
	if (d->piece_count == PIECES_MAX)
		return false;
	d->pieces[d->piece_count++] = (struct span){from, to};
	memcpy(bytes + from, src, to - from);
	d->have += to - from;
	return true;
}

/* The last fragment says where the datagram ends: none may lie beyond. */
static bool datagram_ends(struct datagram *d, uint32_t total)
{
	if (d->total != 0 && d->total != total)
		return false;
	for (unsigned i = 0; i < d->piece_count; i++)
		if (d->pieces[i].to > total)
			return false;
	d->total = total;
	return true;
}

/* Takes one fragment in; false: it contradicts the others, and the datagram is given up. */
static bool datagram_take(struct task *t, struct datagram *d, const struct packet *p,
                          const struct fragment *f)
{
	const uint32_t from = f->offset;
	const uint32_t to = from + cur_left(&p->rest);

	if (p->cut || to > DATAGRAM_MAX || to == from || (f->more && to % 8 != 0))
		return false;
	if (!f->more && !datagram_ends(d, to))
		return false;
	if (d->total != 0 && to > d->total)
		return false;
	if (from == 0)
		d->protocol = f->protocol;
	return datagram_put(d, datagram_bytes(&t->fragments, d), from, to, cur_bytes(&p->rest));
}

/* Counts what was kept of it as given up, once. Its later fragments find it refused. */
static void datagram_refuse(struct task *t, struct datagram *d)
{
	task_add(t, COUNTER_FRAGMENTS_REFUSED, d->piece_count);
	d->piece_count = 0;
	d->refused = true;
}

bool fragment_whole(struct task *t, struct packet *p, const struct fragment *f)
{
	const uint64_t digest = fragment_digest(t, p, f);
	struct datagram *d = datagram_find(t, p, digest);

	task_add(t, COUNTER_FRAGMENTS, 1);
	if (UNLIKELY(t->watched) && t->watch.fragment)
		t->watch.fragment(t->watch.to, digest);
	if (!d || d->refused || !datagram_take(t, d, p, f)) {
		task_add(t, COUNTER_FRAGMENTS_REFUSED, 1);
		if (d)
			datagram_refuse(t, d);
		return false;
	}
	if (d->total == 0 || d->have < d->total)
		return false;
	task_add(t, COUNTER_DATAGRAMS, 1);
	d->lent = true;
	d->lent_frame = p->frame;
	p->rest = cur_make(datagram_bytes(&t->fragments, d), d->total);
	p->protocol = d->protocol;
	return true;
}
