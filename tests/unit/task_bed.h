/* SPDX-License-Identifier: Apache-2.0 */
/*
 * task_bed.h - a plan and a task of it, made before each test and gone after it.
 */
#pragma once

#include "observe/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct plan *plan;
static struct task *task;

/* Of these observers; NULL: of all of the program. */
static inline void bed_start(const struct observer *const *registry, unsigned count,
                             const struct task_options *options)
{
	char why[200] = "";

	plan = plan_new(registry, count, NULL, 0, why, sizeof why);
	assert_non_null(plan);
	task = task_new(plan, options);
	assert_non_null(task);
}

static int stop(void **state)
{
	(void)state;
	task_free(task);
	plan_free(plan);
	return 0;
}
