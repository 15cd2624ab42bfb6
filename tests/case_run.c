/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_run.c - frames through a task of the program's own plan, with everything kept that comes
 * out.
 *
 * Each frame lies in a heap block of exactly its size that is spoiled and freed after the call: an
 * observer that reads past the end, or keeps a view of the bytes, faults under a sanitizer and
 * tells rubbish without one.
 */
#include "case.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BUDGET = 256 << 10,
	STEPS_MAX = 65536,
	STEP_NS = 1000000,
	CALLS_A_BYTE = 4,
	CALLS_A_FRAME = 64
};

static const struct plan *whole_plan(void)
{
	static struct plan *plan;
	char why[256] = "";

	if (!plan)
		plan = plan_new(NULL, 0, NULL, 0, why, sizeof why);
	if (!plan) {
		fprintf(stderr, "no plan: %s\n", why);
		exit(2);
	}
	return plan;
}

/* ---- what comes out ---- */

static enum sent run_reserve(void *to, uint32_t len, struct fact_item **room)
{
	struct run *r = to;

	if (len > r->room_len) {
		free(r->room);
		r->room = malloc(len);
		r->room_len = len;
	}
	*room = r->room;
	return SENT;
}

static void run_add_fact(struct run *r)
{
	if (r->fact_count == r->fact_room) {
		r->fact_room = r->fact_room * 2 + 32;
		r->facts = realloc(r->facts, r->fact_room * sizeof *r->facts);
	}
	struct fact *f = &r->facts[r->fact_count++];
	f->item = *r->room;
	f->value = malloc(r->room->value_len + 1u);
	memcpy(f->value, r->room + 1, r->room->value_len);
}

static void run_commit(void *to)
{
	struct run *r = to;

	if (r->room->message == COUNTERS)
		return;
	r->supported += r->room->support.count;
	if (r->room->message == NEW_FACT)
		run_add_fact(r);
}

/* ---- what is watched ---- */

static void run_add_step(struct run *r, const struct step *s)
{
	if (!r->keep_steps || r->step_count == STEPS_MAX)
		return;
	if (r->step_count == r->step_room) {
		r->step_room = r->step_room * 2 + 32;
		r->steps = realloc(r->steps, r->step_room * sizeof *r->steps);
	}
	r->steps[r->step_count++] = *s;
}

static void run_enter(void *to, const struct packet *p, const struct observer *o, enum space space,
                      uint64_t key, const struct cur *in)
{
	const struct step s = {
		.observer = o, .space = space, .key = key, .left = cur_left(in), .packet = *p};
	struct run *r = to;

	r->entered++;
	run_add_step(r, &s);
}

static void run_leave(void *to, const struct observer *o, enum verdict v)
{
	struct run *r = to;

	(void)o;
	(void)v;
	r->left++;
}

static void run_told(void *to, const struct packet *p, const struct fact_item *fact,
                     const uint8_t *value, bool known)
{
	struct run *r = to;

	(void)p;
	(void)fact;
	(void)value;
	(void)known;
	r->told++;
}

static void run_unclaimed(void *to, enum space space, uint64_t key)
{
	const struct step s = {.space = space, .key = key};

	run_add_step(to, &s);
}

/* ---- a run ---- */

void run_begin(struct run *r, bool keep_steps)
{
	*r = (struct run){.keep_steps = keep_steps, .now_ns = UINT64_C(1700000000) * 1000000000};
	const struct task_options options = {
		.name = "case",
		.key = hash_key_fixed(),
		.facts = {r, run_reserve, run_commit},
		.edge = -1,
		.flow_bytes = BUDGET,
		.stream_bytes = BUDGET,
		.fragment_bytes = BUDGET,
		.novelty_bytes = BUDGET,
	};
	const struct watch watch = {.to = r,
	                            .enter = run_enter,
	                            .leave = run_leave,
	                            .told = run_told,
	                            .unclaimed = run_unclaimed};

	r->task = task_new(whole_plan(), &options);
	if (!r->task) {
		fprintf(stderr, "no memory for a task\n");
		exit(2);
	}
	task_watch(r->task, &watch);
}

void run_frame(struct run *r, const struct case_frame *f, uint32_t captured)
{
	uint8_t *bytes = malloc(captured > 0 ? captured : 1);

	if (captured > 0)
		memcpy(bytes, f->bytes.at, captured);
	const struct frame frame = {
		.bytes = bytes,
		.captured = captured,
		.wire = f->wire,
		.time_ns = r->now_ns += STEP_NS,
		.number = ++r->fed,
		.linktype = f->linktype,
	};
	task_frame(r->task, &frame);
	r->fed_bytes += captured;
	memset(bytes, 0xa5, captured);
	free(bytes);
}

void run_frames(struct run *r, const struct frames *f)
{
	for (unsigned i = 0; i < f->count; i++)
		run_frame(r, &f->list[i], (uint32_t)f->list[i].bytes.len);
}

static uint64_t verdicts_of(const struct run *r)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < observer_count; i++) {
		const struct verdict_counts *c = task_verdicts(r->task, i);
		sum += c->truncated;
		for (unsigned v = 0; v < VERDICTS; v++)
			sum += c->verdict[v];
	}
	return sum;
}

static void run_equal(const struct case_file *c, const char *variant, const char *what, uint64_t a,
                      uint64_t b)
{
	if (a != b)
		case_fails(c, 0, "%s: %s: %" PRIu64 " is not %" PRIu64, variant, what, a, b);
}

void run_finish(struct run *r, const struct case_file *c, const char *variant)
{
	task_finish(r->task);
	run_equal(c, variant, "frames fed and counted", r->fed,
	          task_counter(r->task, COUNTER_FRAMES));
	run_equal(c, variant, "observers called and returned", r->entered, r->left);
	run_equal(c, variant, "observers called and verdicts counted", r->entered, verdicts_of(r));
	run_equal(c, variant, "facts told and counted", r->told,
	          task_counter(r->task, COUNTER_FACTS));
	run_equal(c, variant, "facts told and supported", r->told,
	          r->supported + task_counter(r->task, COUNTER_FACTS_LOST));
	if (r->entered + r->told > CALLS_A_FRAME * r->fed + CALLS_A_BYTE * r->fed_bytes)
		case_fails(c, 0, "%s: %" PRIu64 " calls for %" PRIu64 " bytes", variant,
		           r->entered + r->told, r->fed_bytes);
}

void run_free(struct run *r)
{
	for (unsigned i = 0; i < r->fact_count; i++)
		free(r->facts[i].value);
	free(r->facts);
	free(r->steps);
	free(r->room);
	task_free(r->task);
	*r = (struct run){0};
}
