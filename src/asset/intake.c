/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake.c - facts on their way into the tables, a few of them at a time.
 */
#include "asset/intake.h"

#include <assert.h>
#include <string.h>

#define STEP (INTAKE_WAITING / 3) /* facts between two steps of one */

static void intake_apply(struct intake *in, const struct intake_fact *f)
{
	if (f->item.message == NEW_FACT)
		assets_tell(in->assets, &f->item, f->value);
	else
		assets_more(in->assets, f->item.endpoint_hash, f->item.digest, &f->item.support);
}

static void intake_take(struct intake *in)
{
	const unsigned first = in->first;

	in->first = (first + 1) % INTAKE_WAITING;
	in->count--;
	intake_apply(in, &in->waiting[first]);
}

/* The fact that came `before` others; NULL: it is in already. */
static const struct intake_fact *intake_at(const struct intake *in, unsigned before)
{
	if (before >= in->count)
		return NULL;
	return &in->waiting[(in->first + in->count - 1 - before) % INTAKE_WAITING];
}

static void intake_foresee(const struct intake *in, unsigned before, enum foresight what)
{
	const struct intake_fact *const f = intake_at(in, before);

	if (f != NULL && !f->asked)
		assets_foresee(in->assets, f->item.endpoint_hash, what);
}

/* Was the endpoint asked for lately? It is now. */
static bool intake_asked(struct intake *in, uint32_t endpoint_hash)
{
	uint32_t *const asked = &in->asked[endpoint_hash % INTAKE_ASKED];
	const bool was = *asked == endpoint_hash;

	*asked = endpoint_hash;
	return was;
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
	f->asked = intake_asked(in, item->endpoint_hash);
	in->count++;
	intake_foresee(in, 0, FORESEE_INDEX);
	intake_foresee(in, STEP, FORESEE_PLACE);
	intake_foresee(in, 2 * STEP, FORESEE_FACTS);
}

void intake_drain(struct intake *in)
{
	while (in->count > 0)
		intake_take(in);
}
