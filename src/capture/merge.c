/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.c - several sources as one, in the order of time.
 *
 * Each source is held at the first frame that it has not given yet, and the earliest of these is
 * next; equal times go by the order of the sources. A source whose own frames are out of order
 * is not sorted: its frames come as early as their turn allows. Frames are numbered anew.
 *
 * A batch ends when one source has given all of its own batch, because asking it for more takes
 * back the bytes that it lent. The interfaces of all are one list, each source's in its own order;
 * one that a source finds later (pcapng) is added at the end, so that no index changes.
 *
 * A lent buffer gets copies: the bytes of several files in one order can lie in it no other way.
 *
 * A source that fails is left out from there on and the others go on. At the end all reasons are
 * told together, a line each; it was a cut if none of them was worse.
 */
#include "capture/kind.h"

#include <stdlib.h>
#include <string.h>

#define IFACES_MAX 65536u /* what a frame's index can name */
#define REASON_MAX sizeof(((struct source *)0)->error)

struct part {
	struct source *source;
	struct frame frames[SOURCE_BATCH];
	unsigned at, count; /* frames not given yet: [at,count) */
	bool ended;
	unsigned placed;                    /* interfaces that have a place ... */
	uint16_t places[SOURCE_IFACES_MAX]; /* ... in the list of all */
};

struct merge {
	struct source head;
	struct part *parts;
	unsigned count;
	unsigned failed, cut;
	uint64_t number;
	uint8_t *lent; /* NULL: none */
	size_t lent_used;
	uint64_t lent_at; /* frames given before it was lent */
	struct source_iface *ifaces;
	unsigned iface_count, iface_room;
};

static void merge_reason(struct merge *m, const struct part *p)
{
	char *const text = m->head.more_errors;
	const size_t at = strlen(text);
	const char *const reason = source_error(p->source);
	const size_t len = strlen(reason);

	m->failed++;
	m->cut += source_cut(p->source);
	if (at + len + 2 > REASON_MAX * m->count)
		return; /* cannot be: there is room for the longest of each */
	if (at > 0)
		text[at] = '\n';
	memcpy(text + at + (at > 0), reason, len + 1);
}

/*
 * Gives the interfaces that a source has found by now their places; false when there are too many.
 */
static bool merge_places(struct merge *m, struct part *p)
{
	const struct source_iface *ifaces;
	const unsigned count = source_ifaces(p->source, &ifaces);

	while (p->placed < count) {
		if (m->iface_count == m->iface_room || p->placed == SOURCE_IFACES_MAX)
			return false;
		m->ifaces[m->iface_count] = ifaces[p->placed];
		p->places[p->placed++] = (uint16_t)m->iface_count++;
	}
	return true;
}

/* One source's next batch. Only an idle source holds the others up: its next frame may be first. */
static enum pull merge_refill(struct merge *m, struct part *p, int timeout_ms)
{
	p->at = p->count = 0;
	const enum pull said = source_next(p->source, p->frames, &p->count, timeout_ms);
	if (said == FAILED)
		merge_reason(m, p);
	p->ended = said == FAILED || said == FINISHED;
	if (said != FRAMES || merge_places(m, p))
		return said;
	source_fail(p->source, "more than %u interfaces in all: one source is left out",
	            m->iface_room);
	merge_reason(m, p);
	p->ended = true;
	p->count = 0;
	return FAILED;
}

/* Every source that has not ended has a frame ready, or the answer is IDLE. */
static enum pull merge_ready(struct merge *m, int timeout_ms)
{
	for (unsigned i = 0; i < m->count; i++) {
		struct part *const p = &m->parts[i];
		if (!p->ended && p->at == p->count && merge_refill(m, p, timeout_ms) == IDLE)
			return IDLE;
	}
	return FRAMES;
}

static bool part_before(const struct part *a, const struct part *b)
{
	return !b || a->frames[a->at].time_ns < b->frames[b->at].time_ns;
}

/* The source whose turn it is, and in *rival the one whose turn would be next; or NULL. */
static struct part *merge_first(const struct merge *m, struct part **rival)
{
	struct part *first = NULL, *second = NULL;

	for (unsigned i = 0; i < m->count; i++) {
		struct part *const p = &m->parts[i];
		if (p->at == p->count)
			continue;
		if (part_before(p, first)) {
			second = first;
			first = p;
		} else if (part_before(p, second)) {
			second = p;
		}
	}
	*rival = second;
	return first;
}

static void merge_give(struct merge *m, struct part *p, struct frame *frame)
{
	*frame = p->frames[p->at++];
	frame->number = ++m->number;
	frame->iface = p->places[frame->iface];
	if (!m->lent)
		return;
	memcpy(m->lent + m->lent_used, frame->bytes, frame->captured);
	frame->bytes = m->lent + m->lent_used;
	m->lent_used += frame->captured;
}

/* Does the frame fit into the lent buffer? */
static bool merge_fits(const struct merge *m, const struct part *p)
{
	return !m->lent || p->frames[p->at].captured <= SOURCE_LEND - m->lent_used;
}

/* Frames of p while it is its turn: before the rival, or together with it and named earlier. */
static void merge_run(struct merge *m, struct part *p, const struct part *rival,
                      struct frame *frames, unsigned *count)
{
	const uint64_t limit = rival ? rival->frames[rival->at].time_ns : UINT64_MAX;
	const bool ties = !rival || p < rival;

	do {
		merge_give(m, p, &frames[(*count)++]);
	} while (*count < SOURCE_BATCH && p->at < p->count && merge_fits(m, p) &&
	         (p->frames[p->at].time_ns < limit || (ties && p->frames[p->at].time_ns == limit)));
}

static enum pull merge_end(struct merge *m)
{
	if (m->failed == 0)
		return FINISHED;
	m->head.cut = m->cut == m->failed;
	m->failed = 0;
	return FAILED;
}

/* Whoever stops the merged source stops them all; each then says FINISHED for itself. */
static bool merge_stopped(struct merge *m)
{
	if (!atomic_load(&m->head.stop))
		return false;
	for (unsigned i = 0; i < m->count; i++)
		source_stop(m->parts[i].source);
	return true;
}

static enum pull merge_next(struct source *s, struct frame *frames, unsigned *count, int timeout_ms)
{
	struct merge *const m = (struct merge *)s;
	struct part *rival;
	enum pull ready;

	if (m->lent && m->number != m->lent_at)
		timeout_ms = 0; /* frames of the lent buffer are out */
	do {
		if (merge_stopped(m))
			return FINISHED;
		ready = merge_ready(m, timeout_ms < 0 ? SOURCE_SLICE_MS : timeout_ms);
	} while (ready == IDLE && timeout_ms < 0);
	if (ready == IDLE)
		return m->lent && m->number != m->lent_at ? USED_UP : IDLE;
	struct part *p = merge_first(m, &rival);
	if (!p)
		return merge_end(m);
	if (!merge_fits(m, p))
		return USED_UP;
	while (p && *count < SOURCE_BATCH && merge_fits(m, p)) {
		merge_run(m, p, rival, frames, count);
		p = p->at < p->count ? merge_first(m, &rival) : NULL;
	}
	return FRAMES;
}

static void merge_lend(struct source *s, uint8_t *bytes)
{
	struct merge *const m = (struct merge *)s;

	m->lent = bytes;
	m->lent_used = 0;
	m->lent_at = m->number;
}

static unsigned merge_ifaces(const struct source *s, const struct source_iface **ifaces)
{
	const struct merge *const m = (const struct merge *)s;

	*ifaces = m->ifaces;
	return m->iface_count;
}

static void merge_count(const struct source *s, struct source_counts *out)
{
	const struct merge *const m = (const struct merge *)s;
	bool sized = true;

	for (unsigned i = 0; i < m->count; i++) {
		struct source_counts c;
		source_count(m->parts[i].source, &c);
		out->received += c.received;
		out->bytes += c.bytes;
		out->kernel_seen += c.kernel_seen;
		out->kernel_dropped += c.kernel_dropped;
		out->filtered += c.filtered;
		out->cut += c.cut;
		out->file_read += c.file_read;
		out->file_size += c.file_size;
		out->restarts += c.restarts;
		sized = sized && (c.file_size > 0 || c.file_read == 0);
	}
	if (!sized)
		out->file_size = 0;
}

static void merge_free(struct source *s)
{
	struct merge *const m = (struct merge *)s;

	for (unsigned i = 0; m->parts && i < m->count; i++)
		source_free(m->parts[i].source);
	free(m->parts);
	free(m->ifaces);
	free(m->head.more_errors);
	free(m);
}

static const struct source_ops merge_ops = {
	.next = merge_next,
	.lend = merge_lend,
	.ifaces = merge_ifaces,
	.count = merge_count,
	.free = merge_free,
};

static bool merge_init(struct merge *m, struct source **sources, unsigned count)
{
	source_init(&m->head, &merge_ops, false);
	m->count = count;
	m->iface_room =
		count < IFACES_MAX / SOURCE_IFACES_MAX ? count * SOURCE_IFACES_MAX : IFACES_MAX;
	m->parts = calloc(count, sizeof(*m->parts));
	m->ifaces = calloc(m->iface_room, sizeof(*m->ifaces));
	m->head.more_errors = calloc(count, REASON_MAX);
	if (!m->parts || !m->ifaces || !m->head.more_errors)
		return false;
	for (unsigned i = 0; i < count; i++)
		m->parts[i].source = sources[i];
	return true;
}

/* Without memory the sources are freed as well: they were handed over. */
struct source *source_merge(struct source **sources, unsigned count)
{
	struct merge *const m = calloc(1, sizeof(*m));

	if (m && merge_init(m, sources, count))
		return &m->head;
	for (unsigned i = 0; i < count; i++)
		source_free(sources[i]);
	if (m) {
		m->count = 0;
		merge_free(&m->head);
	}
	return NULL;
}
