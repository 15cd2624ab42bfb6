/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace.c - see pace.h.
 */
#include "observe/pace.h"

static const uint64_t DAY_NS = 86400ull * 1000 * 1000 * 1000;

static bool within_a_day(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= DAY_NS;
}

/* False: the stamp is odd, and time stays. */
static bool pace_move(struct pace *p, uint64_t time_ns)
{
	const bool near = p->now_ns == 0 || within_a_day(time_ns, p->now_ns);
	const bool agreed = p->odd_ns != 0 && within_a_day(time_ns, p->odd_ns);

	if (!near && !agreed) {
		p->odd_ns = time_ns;
		p->odd++;
		return false;
	}
	if (!near || time_ns > p->now_ns)
		p->now_ns = time_ns;
	p->odd_ns = 0;
	return true;
}

bool pace_frame(struct pace *p, uint64_t time_ns, struct mark *mark)
{
	const uint64_t before = p->now_ns;

	if (!pace_move(p, time_ns) || p->interval_ns == 0 || before == 0)
		return false;
	const uint64_t boundary = p->now_ns / p->interval_ns;
	if (boundary <= before / p->interval_ns)
		return false;
	*mark = (struct mark){.time_ns = boundary * p->interval_ns, .interval = ++p->struck};
	return true;
}
