/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.c - facts on their way into the tables, a few of them at a time.
 */
#include "asset/intake.h"

#include <assert.h>
#include <string.h>

#define STEP (INTAKE_WAITING / 3) /* facts between two steps of one */

static_assert(2 * STEP < INTAKE_AHEAD, "none is forgotten before its last step");

static struct intake_endpoint *intake_endpoint(struct intake *in, uint32_t hash)
{
	return &in->endpoints[hash % INTAKE_ENDPOINTS];
}

/* Bytes that facts of the endpoint want which wait behind this one. */
static uint32_t intake_coming(struct intake *in, const struct fact_item *item)
{
	struct intake_endpoint *const e = intake_endpoint(in, item->endpoint_hash);
	const uint32_t own = pack_wants(item->value_len);

	if (e->hash != item->endpoint_hash)
		return 0;
	e->coming = e->coming > own ? e->coming - own : 0;
	return e->coming;
}

static void intake_take(struct intake *in)
{
	const struct intake_fact *const f = &in->waiting[in->first];
	const struct fact_item *const item = &f->item;

	in->first = (in->first + 1) % INTAKE_WAITING;
	in->count--;
	if (item->message == NEW_FACT)
		assets_tell(in->assets, item, f->value, intake_coming(in, item));
	else
		assets_more(in->assets, item->endpoint_hash, item->digest, &item->support);
}

/* What is asked for of an endpoint of which others wait is asked for already. */
static void intake_ask(struct intake *in, const struct fact_item *item)
{
	struct intake_endpoint *const e = intake_endpoint(in, item->endpoint_hash);

	if (e->hash != item->endpoint_hash) {
		*e = (struct intake_endpoint){.hash = item->endpoint_hash};
		in->ahead[in->asked++ % INTAKE_AHEAD] =
			(struct intake_ahead){.hash = item->endpoint_hash, .since = in->came};
		assets_foresee_index(in->assets, item->endpoint_hash);
	}
	if (item->message == NEW_FACT)
		e->coming += pack_wants(item->value_len);
}

/* Is it time for the next step of the one that is first for it? `done` of them took it. */
static bool intake_due(const struct intake *in, uint32_t done, uint32_t after)
{
	return done != in->asked && in->came - in->ahead[done % INTAKE_AHEAD].since >= after;
}

/* With each fact comes at most one endpoint: one of each step is enough. */
static void intake_foresee(struct intake *in)
{
	if (intake_due(in, in->placed, STEP)) {
		struct intake_ahead *const next = &in->ahead[in->placed++ % INTAKE_AHEAD];
		next->place = assets_foresee_place(in->assets, next->hash);
	}
	if (intake_due(in, in->read, 2 * STEP))
		assets_foresee_facts(in->assets, in->ahead[in->read++ % INTAKE_AHEAD].place);
}

void intake_put(struct intake *in, const struct fact_item *item)
{
	if (in->count == INTAKE_WAITING)
		intake_take(in);
	struct intake_fact *const f = &in->waiting[(in->first + in->count) % INTAKE_WAITING];

	assert(item->value_len <= FACT_VALUE_MAX);
	if (item->message == NEW_FACT) {
		f->item = *item;
		memcpy(f->value, item + 1, item->value_len);
	} else {
		memcpy(&f->item, item, FACT_MORE_LEN);
	}
	in->count++;
	intake_ask(in, item);
	in->came++;
	intake_foresee(in);
}

void intake_drain(struct intake *in)
{
	while (in->count > 0)
		intake_take(in);
}
