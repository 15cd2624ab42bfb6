/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loops.c - see loops.h.
 */
#include "cli/loops.h"

#include "base/clock.h"
#include "base/probe.h"
#include "observe/shard.h"
#include "task/thread.h"

static const uint64_t SECOND_NS = 1000000000;
enum {
	BOARD_EVERY = 256, /* batches, or blocks: for the progress bar */
	FOLD_EVERY = 5,    /* seconds: what the kernel kept back is told */
};

/* ---- what is sent ---- */

static enum sent outbox_fact_reserve(void *to, uint32_t len, struct fact_item **room)
{
	struct outbox *o = to;

	return fact_reserve(&o->facts, len, room);
}

static void outbox_fact_commit(void *to)
{
	struct outbox *o = to;

	fact_commit(&o->facts);
}

static enum sent outbox_packet_reserve(void *to, unsigned edge, unsigned target, uint32_t len,
                                       struct packet_item **room)
{
	struct outbox *o = to;

	return packet_reserve(&o->packets[edge][target], len, room);
}

static void outbox_packet_commit(void *to, unsigned edge, unsigned target)
{
	struct outbox *o = to;

	packet_commit(&o->packets[edge][target]);
}

struct fact_out outbox_facts(struct outbox *o)
{
	return (struct fact_out){o, outbox_fact_reserve, outbox_fact_commit};
}

struct packet_out outbox_packets(struct outbox *o)
{
	return (struct packet_out){o, outbox_packet_reserve, outbox_packet_commit};
}

static enum sent outbox_note_reserve(void *to, uint32_t len, struct note_item **room)
{
	struct outbox *o = to;

	return note_reserve(&o->notes, len, room);
}

static void outbox_note_commit(void *to)
{
	struct outbox *o = to;

	note_commit(&o->notes);
}

struct note_out outbox_notes(struct outbox *o)
{
	return (struct note_out){o, outbox_note_reserve, outbox_note_commit};
}

static void outbox_flush(struct outbox *o)
{
	fact_flush(&o->facts);
	if (o->notes.untyped)
		note_flush(&o->notes);
	for (unsigned e = 0; e < o->edge_count; e++)
		for (unsigned i = 0; i < o->targets[e]; i++)
			packet_flush(&o->packets[e][i]);
}

/*
 * A mark: what was kept back goes before it, and packets before facts, so that no task waits for
 * another.
 */
static void outbox_mark(struct outbox *o, struct task *t, const struct mark *mark)
{
	PROBE2(mark, mark->interval, mark->time_ns);
	task_tick(t, mark->time_ns);
	task_tell_all(t);
	task_tell_counters(t);
	for (unsigned e = 0; e < o->edge_count; e++)
		for (unsigned i = 0; i < o->targets[e]; i++)
			packet_mark(&o->packets[e][i], mark);
	fact_mark(&o->facts, mark);
	if (o->notes.untyped)
		note_mark(&o->notes, mark);
}

static void outbox_close(struct outbox *o)
{
	for (unsigned e = 0; e < o->edge_count; e++)
		for (unsigned i = 0; i < o->targets[e]; i++)
			packet_close(&o->packets[e][i]);
	fact_close(&o->facts);
	if (o->notes.untyped)
		note_close(&o->notes);
}

/* ---- workers ---- */

/* Frames between two marks. */
static void worker_observe(struct worker *w, const struct frame *frames, unsigned count)
{
	enum want wanted[SOURCE_BATCH] UNINITIALIZED;

	task_frames(w->task, frames, count, w->source, w->sheds ? wanted : NULL);
	for (unsigned i = 0; w->sheds && i < count; i++)
		if (wanted[i] != WANT_ALL)
			source_want(w->source, &frames[i], wanted[i]);
}

static void worker_batch(struct worker *w, const struct frame *frames, unsigned count)
{
	struct mark mark = {0};
	unsigned from = 0;

	for (unsigned i = 0; w->pace.interval_ns != 0 && i < count; i++) {
		if (!pace_frame(&w->pace, frames[i].time_ns, &mark))
			continue;
		worker_observe(w, frames + from, i - from);
		from = i;
		board_write(w->board, w->number, w->source, w->pace.odd);
		outbox_mark(&w->out, w->task, &mark);
	}
	worker_observe(w, frames + from, count - from);
}

static void worker_kept(void *worker, const struct frame *head, uint64_t packets, uint64_t bytes)
{
	struct worker *w = worker;

	task_kept(w->task, head, packets, bytes);
}

static void worker_fold(struct worker *w, uint64_t now_ns)
{
	const struct fold fold = {.now_ns = now_ns, .to = w, .tell = worker_kept};

	if (w->sheds)
		source_fold(w->source, &fold);
}

/* Live, a mark is struck each second of the clock, with or without frames. */
static int worker_live_mark(struct worker *w, uint64_t *next_ns)
{
	const uint64_t now = clock_now_ns();

	if (now >= *next_ns) {
		const struct mark mark = {.time_ns = now / SECOND_NS * SECOND_NS,
		                          .interval = now / SECOND_NS};

		if (mark.interval % FOLD_EVERY == 0)
			worker_fold(w, now);
		board_write(w->board, w->number, w->source, w->pace.odd);
		outbox_mark(&w->out, w->task, &mark);
		*next_ns = (mark.interval + 1) * SECOND_NS;
	}
	return (int)((*next_ns - now) / 1000000 % 1000) + 1;
}

static void worker_source(struct worker *w)
{
	const bool live = source_is_live(w->source);
	struct frame frames[SOURCE_BATCH];
	struct source_counts counts;
	uint64_t next_ns = 0;
	unsigned known = 0;
	int wait_ms = 0;

	source_count(w->source, &counts);
	w->sheds = counts.shedding > 0;
	task_sheds(w->task, w->sheds);

	for (unsigned round = 0;; round++) {
		unsigned count = 0;
		const struct source_iface *ifaces = NULL;
		if (live)
			wait_ms = worker_live_mark(w, &next_ns);
		const enum pull got = source_next(w->source, frames, &count, wait_ms);

		if (got == FRAMES)
			worker_batch(w, frames, count);
		if (live || got == IDLE)
			outbox_flush(&w->out); /* nobody shall wait for what we hold */
		wait_ms = got == IDLE ? -1 : 0;
		if (source_ifaces(w->source, &ifaces) != known ||
		    (!live && round % BOARD_EVERY == 0)) {
			known = source_ifaces(w->source, &ifaces);
			board_write(w->board, w->number, w->source, w->pace.odd);
		}
		if (got == FAILED || got == FINISHED)
			board_end(w->board, w->source, got);
		if (got == FINISHED)
			break;
	}
	worker_fold(w, clock_now_ns());
	board_write(w->board, w->number, w->source, w->pace.odd);
}

/* ---- workers that read one file ---- */

static void reader_batch(struct reader *r, struct block *b, const struct frame *frames,
                         unsigned count)
{
	struct mark mark = {0};

	for (unsigned i = 0; i < count; i++) {
		const struct frame *const f = &frames[i];

		if (pace_frame(&r->pace, f->time_ns, &mark)) {
			board_write(r->board, 0, r->source, r->pace.odd);
			block_mark(b, &mark);
		}
		const struct cur bytes = cur_make(f->bytes, f->captured);
		block_add(b, shard_choose(&r->key, f->linktype, bytes, r->workers), f);
	}
}

/* Fills a block with the file's next frames; false at the end of the file. */
static bool reader_fill(struct reader *r, struct block *b)
{
	struct frame frames[SOURCE_BATCH];
	enum pull got = FRAMES;

	block_empty(b);
	source_lend(r->source, b->bytes);
	while (got != USED_UP && got != FINISHED && block_has_room(b)) {
		unsigned count = 0;

		got = source_next(r->source, frames, &count, -1);
		if (got == FRAMES)
			reader_batch(r, b, frames, count);
		if (got == FAILED || got == FINISHED)
			board_end(r->board, r->source, got);
	}
	return got != FINISHED;
}

static void reader_turn(struct reader *r, struct block *b)
{
	const bool more = reader_fill(r, b);

	if (!more || ++r->filled % BOARD_EVERY == 0)
		board_write(r->board, 0, r->source, r->pace.odd);
	lending_publish(r->lending, !more);
}

/* The worker's frames of a block, and the marks between them. */
static void worker_block(struct worker *w, const struct block *b)
{
	const struct frame *const list = b->list[w->number];
	const unsigned count = b->count[w->number];
	unsigned from = 0;

	for (unsigned i = 0; i < count; i++) {
		if (!block_is_mark(&list[i]))
			continue;
		const struct mark mark = block_mark_of(&list[i]);
		task_frames(w->task, list + from, i - from, NULL, NULL);
		from = i + 1;
		outbox_mark(&w->out, w->task, &mark);
	}
	task_frames(w->task, list + from, count - from, NULL, NULL);
}

static void worker_blocks(struct worker *w)
{
	struct reader *const r = w->reader;
	enum lent next = LENT_READ;
	bool wait = false;

	while (next != LENT_ENDED) {
		unsigned block = 0;

		next = lending_next(r->lending, w->number, wait, &block);
		if (next == LENT_FILL)
			reader_turn(r, &r->blocks[block]);
		if (next == LENT_READ) {
			worker_block(w, &r->blocks[block]);
			lending_give_back(r->lending, w->number);
		}
		if (next == LENT_NOTHING)
			outbox_flush(&w->out); /* nobody shall wait for what we hold */
		wait = next == LENT_NOTHING;
	}
}

void worker_run(void *worker)
{
	struct worker *w = worker;

	if (w->source)
		worker_source(w);
	else
		worker_blocks(w);
	task_finish(w->task);
	outbox_close(&w->out);
}

/* ---- tasks of an edge ---- */

void edge_task_run(void *edge_task)
{
	struct edge_task *e = edge_task;
	struct packet_received r = {0};
	enum received got = NO_ITEM;
	int wait_ms = 0;

	thread_inbox(e->inbox.untyped);
	while (got != ENDED) {
		got = packet_receive(&e->inbox, &r, wait_ms);
		if (got == ITEM) {
			task_packet_ahead(e->task, packet_ahead(&e->inbox));
			task_packet(e->task, r.item);
		} else if (got == MARK && r.mark.interval > e->passed) {
			e->passed =
				r.mark.interval; /* live, each sender's comes: the first one counts */
			outbox_mark(&e->out, e->task, &r.mark);
		} else if (got == NO_ITEM)
			outbox_flush(&e->out);
		wait_ms = got == NO_ITEM ? -1 : 0;
	}
	task_finish(e->task);
	outbox_close(&e->out);
}
