/* SPDX-License-Identifier: Apache-2.0 */
/*
 * join.c - several interfaces, read by one task.
 *
 * They are asked in turn, so that a busy one does not keep the others waiting, and waited for
 * together. Frames are given in the order of arrival here, which between interfaces is not quite
 * that of time. An interface that fails is told and left; the others go on; the whole fails when
 * no interface is left.
 */
#include "capture/live.h"

#include "base/clock.h"
#include "base/log.h"

#include <poll.h>
#include <stdlib.h>

struct join {
	struct source source;
	struct source **parts;
	struct source_iface *ifaces; /* of all parts, in their order */
	struct pollfd *waits;        /* the first socket of each; more (XDP) are seen in slices */
	unsigned count, turn, left;  /* left: parts that have not ended */
	bool failed;
	uint64_t number;
};

static struct join *join_of(struct source *s)
{
	return (struct join *)s;
}

static const struct join *join_read(const struct source *s)
{
	return (const struct join *)s;
}

/* A part that has ended is asked no more; its place in `waits` is passed over by poll(). */
static void part_end(struct join *j, unsigned i, enum pull how)
{
	j->waits[i].fd = -1;
	j->left--;
	if (how == FINISHED)
		return;
	j->failed = true;
	log_line("%s", source_error(j->parts[i]));
	if (j->source.error[0] == 0)
		(void)!source_fail(&j->source, "%s", source_error(j->parts[i]));
}

static bool part_pull(struct join *j, unsigned i, struct frame *frames, unsigned *count)
{
	if (j->waits[i].fd < 0)
		return false;
	const enum pull pull = source_next(j->parts[i], frames, count, 0);

	if (pull == FINISHED || pull == FAILED)
		part_end(j, i, pull);
	if (pull != FRAMES)
		return false;
	for (unsigned f = 0; f < *count; f++) {
		frames[f].iface = (uint16_t)i;
		frames[f].number = ++j->number;
	}
	return true;
}

/* Frames of the next part that has some. */
static bool join_pull(struct join *j, struct frame *frames, unsigned *count)
{
	for (unsigned asked = 0; asked < j->count; asked++) {
		j->turn = (j->turn + 1) % j->count;
		if (part_pull(j, j->turn, frames, count))
			return true;
	}
	return false;
}

static void join_stop(struct join *j)
{
	for (unsigned i = 0; i < j->count; i++)
		source_stop(j->parts[i]);
}

static enum pull join_end(struct join *j)
{
	const bool failed = j->failed && !atomic_load(&j->source.stop);

	j->failed = false; /* told once; then FINISHED */
	return failed ? FAILED : FINISHED;
}

static enum pull join_next(struct source *s, struct frame *frames, unsigned *count, int timeout_ms)
{
	struct join *j = join_of(s);
	uint64_t until = 0;

	for (;;) {
		const bool stop = atomic_load(&s->stop);

		if (stop)
			join_stop(j);
		if (join_pull(j, frames, count))
			return FRAMES;
		if (j->left == 0)
			return join_end(j);
		const uint64_t now = clock_now_ns();

		if (until == 0)
			until = timeout_ms < 0 ? UINT64_MAX : now + (uint64_t)timeout_ms * 1000000;
		if (now >= until)
			return IDLE;
		const uint64_t ms = (until - now + 999999) / 1000000;
		const uint64_t most = stop ? 1 : LIVE_SLICE_MS;

		poll(j->waits, j->count, (int)(ms < most ? ms : most));
	}
}

static unsigned join_ifaces(const struct source *s, const struct source_iface **ifaces)
{
	*ifaces = join_read(s)->ifaces;
	return join_read(s)->count;
}

static void join_count(const struct source *s, struct source_counts *out)
{
	const struct join *j = join_read(s);

	for (unsigned i = 0; i < j->count; i++) {
		struct source_counts part;

		source_count(j->parts[i], &part);
		out->received += part.received;
		out->bytes += part.bytes;
		out->kernel_seen += part.kernel_seen;
		out->kernel_dropped += part.kernel_dropped;
		out->cut += part.cut;
		out->restarts += part.restarts;
		out->shedding += part.shedding;
		out->looked_at += part.looked_at;
		out->shed += part.shed;
		out->shed_bytes += part.shed_bytes;
		out->xdp_copy += part.xdp_copy;
		out->xdp_zero_copy += part.xdp_zero_copy;
	}
}

static void join_ahead(struct source *s)
{
	source_ahead(join_of(s)->parts[join_of(s)->turn]);
}

static void join_want(struct source *s, const struct frame *frame, enum want wanted)
{
	source_want(join_of(s)->parts[frame->iface], frame, wanted);
}

static void join_fold(struct source *s, const struct fold *fold)
{
	struct fold part = *fold;

	for (unsigned i = 0; i < join_of(s)->count; i++) {
		part.iface = (uint16_t)i;
		source_fold(join_of(s)->parts[i], &part);
	}
}

static unsigned join_sockets(const struct source *s, int *fds, unsigned cap)
{
	const struct join *j = join_read(s);

	unsigned sockets = 0;

	for (unsigned i = 0; i < j->count; i++) {
		const unsigned used = sockets < cap ? sockets : cap;

		sockets += source_sockets(j->parts[i], fds + used, cap - used);
	}
	return sockets;
}

static void join_free(struct source *s)
{
	struct join *j = join_of(s);

	for (unsigned i = 0; i < j->count; i++)
		source_free(j->parts[i]);
	free(j->parts);
	free(j->ifaces);
	free(j->waits);
	free(j);
}

static const struct source_ops join_ops = {
	.next = join_next,
	.ifaces = join_ifaces,
	.count = join_count,
	.sockets = join_sockets,
	.ahead = join_ahead,
	.want = join_want,
	.fold = join_fold,
	.free = join_free,
};

static void join_add(struct join *j, struct source *part)
{
	const struct source_iface *iface;
	int fd = -1;

	(void)!source_ifaces(part, &iface);
	(void)!source_sockets(part, &fd, 1);
	j->parts[j->count] = part;
	j->ifaces[j->count] = *iface;
	j->waits[j->count] = (struct pollfd){.fd = fd, .events = POLLIN};
	j->count++;
	j->left++;
}

struct source *source_join_live(struct source **sources, unsigned count)
{
	struct join *j = calloc(1, sizeof *j);

	if (j) {
		j->parts = calloc(count, sizeof(struct source *));
		j->ifaces = calloc(count, sizeof *j->ifaces);
		j->waits = calloc(count, sizeof *j->waits);
	}
	if (!j || !j->parts || !j->ifaces || !j->waits) {
		if (j)
			join_free(&j->source);
		return NULL;
	}
	source_init(&j->source, &join_ops, true);
	for (unsigned i = 0; i < count; i++)
		join_add(j, sources[i]);
	return &j->source;
}
