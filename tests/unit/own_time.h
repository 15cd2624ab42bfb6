/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own_time.h - a clock for limits that are promised: it stands still while this thread would run
 * and has no processor, so that a busy machine breaks no limit.
 */
#pragma once

#include "base/clock.h"

#include <stdio.h>

static uint64_t own_time_ns(void)
{
	FILE *const in = fopen("/proc/thread-self/schedstat", "re");
	unsigned long long ran, waited = 0;

	if (in != NULL && fscanf(in, "%llu %llu", &ran, &waited) != 2)
		waited = 0;
	if (in != NULL)
		fclose(in);
	return clock_now_ns() - waited;
}
