/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.c - what all sources have in common: the call through to their kind, their reason for
 * failing, and the request to stop, which is one atomic flag so that a signal handler may set it.
 */
#include "capture/kind.h"

#include <stdarg.h>
#include <stdio.h>

void source_init(struct source *s, const struct source_ops *ops, bool live)
{
	s->ops = ops;
	atomic_init(&s->stop, false);
	s->live = live;
	s->cut = false;
	s->error[0] = 0;
	s->more_errors = NULL;
}

enum pull source_fail(struct source *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->error, sizeof(s->error), format, args);
	va_end(args);
	return FAILED;
}

enum pull source_next(struct source *s, struct frame frames[SOURCE_BATCH], unsigned *count,
                      int timeout_ms)
{
	*count = 0;
	return s->ops->next(s, frames, count, timeout_ms);
}

void source_lend(struct source *s, uint8_t *bytes)
{
	s->ops->lend(s, bytes);
}

const char *source_error(const struct source *s)
{
	return s->more_errors ? s->more_errors : s->error;
}

bool source_cut(const struct source *s)
{
	return s->cut;
}

unsigned source_ifaces(const struct source *s, const struct source_iface **ifaces)
{
	return s->ops->ifaces(s, ifaces);
}

void source_count(const struct source *s, struct source_counts *out)
{
	*out = (struct source_counts){0};
	s->ops->count(s, out);
}

bool source_is_live(const struct source *s)
{
	return s->live;
}

unsigned source_sockets(const struct source *s, int *fds, unsigned cap)
{
	return s->ops->sockets ? s->ops->sockets(s, fds, cap) : 0;
}

void source_ahead(struct source *s)
{
	if (s->ops->ahead)
		s->ops->ahead(s);
}

void source_want(struct source *s, const struct frame *frame, enum want wanted)
{
	if (s->ops->want)
		s->ops->want(s, frame, wanted);
}

void source_fold(struct source *s, const struct fold *fold)
{
	if (s->ops->fold)
		s->ops->fold(s, fold);
}

void source_stop(struct source *s)
{
	atomic_store(&s->stop, true);
}

void source_free(struct source *s)
{
	if (s)
		s->ops->free(s);
}
