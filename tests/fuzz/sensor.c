/* SPDX-License-Identifier: Apache-2.0 */
/* sensor.c - see sensor.h. */
#include "sensor.h"

#include "observe/counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET (64u << 10)

void sensor_fails(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

static const struct plan *whole_plan(void)
{
	static struct plan *plan;
	char why[256] = "";

	if (plan == NULL)
		plan = plan_new(NULL, 0, NULL, 0, why, sizeof(why));
	HOLDS(plan != NULL);
	return plan;
}

static bool declared(const struct fact_item *fact)
{
	for (const struct tells *t = observers[fact->by]->tells; t != NULL && t->kind != FACT_NONE;
	     t++)
		if (t->kind == fact->kind && t->grade == fact->grade &&
		    t->confidence == fact->confidence)
			return true;
	return false;
}

static void check_fact(const struct sensor *s, const struct fact_item *fact)
{
	static char text[FACT_TEXT_MAX];
	const uint8_t *value = (const uint8_t *)(fact + 1);

	HOLDS(fact->kind > FACT_NONE && fact->kind < FACT_KINDS);
	HOLDS(fact->by < observer_count);
	HOLDS(fact->value_len <= FACT_VALUE_MAX);
	HOLDS(sizeof(*fact) + fact->value_len <= s->room_len);
	HOLDS(declared(fact));
	HOLDS(fact->support.count >= 1 && fact->support.first_ns <= fact->support.last_ns);
	HOLDS(fact_format((enum fact_kind)fact->kind, value, fact->value_len, text) <
	      FACT_TEXT_MAX);
}

static enum sent sensor_reserve(void *to, uint32_t len, struct fact_item **room)
{
	struct sensor *s = to;

	HOLDS(len <= sizeof(s->room));
	s->room_len = len;
	*room = (struct fact_item *)(void *)s->room;
	return SENT;
}

static void sensor_commit(void *to)
{
	const struct sensor *s = to;
	const struct fact_item *fact = (const struct fact_item *)(const void *)s->room;

	HOLDS(fact->message == NEW_FACT || fact->message == MORE || fact->message == COUNTERS);
	if (fact->message == NEW_FACT)
		check_fact(s, fact);
}

void sensor_begin(struct sensor *s)
{
	const struct task_options options = {
		.name = "fuzz",
		.key = hash_key_fixed(),
		.facts = {s, sensor_reserve, sensor_commit},
		.edge = -1,
		.flow_bytes = BUDGET,
		.stream_bytes = BUDGET,
		.fragment_bytes = BUDGET,
		.novelty_bytes = BUDGET,
	};

	s->given = 0;
	s->task = task_new(whole_plan(), &options);
	HOLDS(s->task != NULL);
}

void sensor_frame(struct sensor *s, uint16_t linktype, const uint8_t *bytes, uint32_t len,
                  uint32_t wire)
{
	uint8_t *const copy = malloc(len);

	HOLDS(copy != NULL || len == 0);
	if (len > 0)
		memcpy(copy, bytes, len);
	s->given++;
	const struct frame f = {
		.bytes = copy,
		.captured = len,
		.wire = wire,
		.time_ns = 1700000000000000000u + s->given * 1000000u,
		.number = s->given,
		.linktype = linktype,
	};
	task_frame(s->task, &f);
	free(copy);
}

void sensor_end(struct sensor *s)
{
	task_finish(s->task);
	HOLDS(task_counter(s->task, COUNTER_FRAMES) == s->given);
	HOLDS(task_counter(s->task, COUNTER_FACTS_LOST) == 0);
	task_free(s->task);
}
