/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outlet.c - where the reporter puts its lines.
 */
#include "report/outlet.h"

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define BATCH (4 * (size_t)LINE_MOST)

struct emit outlet_line(struct outlet *o)
{
	struct emit j;

	if (BATCH - o->len < LINE_MOST)
		outlet_flush(o);
	emit_begin(&j, o->batch + o->len, LINE_MOST);
	j.times = &o->times;
	return j;
}

/* A lane that is full counts what it drops; one that is closed has lost its sink. */
static void outlet_offer(struct report_sender *lane, const struct emit *j, enum line type,
                         uint64_t seq)
{
	struct report_item *item;

	if (report_reserve(lane, (uint32_t)(sizeof *item + j->len), &item) != SENT)
		return;
	*item = (struct report_item){.seq = seq, .len = (uint32_t)j->len, .type = type};
	memcpy(item + 1, j->buf, j->len);
	report_commit(lane);
}

void outlet_commit(struct outlet *o, struct emit *j, enum line type, uint64_t seq)
{
	const bool whole = emit_end(j);

	assert(whole && j->buf == o->batch + o->len);
	for (unsigned i = 0; i < o->lane_count; i++)
		outlet_offer(&o->lanes[i], j, type, seq);
	o->len += j->len;
	o->seq = seq;
	o->lines++;
}

static void outlet_fail(struct outlet *o, unsigned i, int err)
{
	o->failed[i] = true;
	if (o->error == 0)
		o->error = err;
	if (err == -EPIPE)
		log_line("cannot write to %s: its reader ended", sink_spec(o->sinks[i]));
	else
		log_line("cannot write to %s: %s", sink_spec(o->sinks[i]), strerror(-err));
}

void outlet_flush(struct outlet *o)
{
	unsigned failed = 0;

	for (unsigned i = 0; i < o->sink_count; i++) {
		const int err = o->failed[i] || o->len == 0
		                        ? 0
		                        : sink_submit(o->sinks[i], o->batch, o->len,
		                                      o->lines - o->flushed, o->seq);
		if (err < 0)
			outlet_fail(o, i, err);
		failed += o->failed[i];
	}
	o->len = 0;
	o->flushed = o->lines;
	for (unsigned i = 0; i < o->lane_count; i++)
		report_flush(&o->lanes[i]);
	o->closed = o->sink_count > 0 && failed == o->sink_count && o->lane_count == 0;
}

void outlet_close(struct outlet *o)
{
	outlet_flush(o);
	for (unsigned i = 0; i < o->lane_count; i++)
		report_close(&o->lanes[i]);
}
