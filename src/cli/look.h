/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look.h - the reporter's snapshots for more than one thread: the table that moves, and who answers
 * `havainto status`.
 */
#pragma once

#include "base/attr.h"
#include "report/reporter.h"

#include <stdbool.h>

/* The newest snapshot into *copy. False: it is that which is there already. */
bool look(struct reporter *reporter, struct snapshot *copy) NONNULL;
