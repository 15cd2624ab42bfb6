/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.h - a run of `listen` whose report is not written but shown.
 */
#pragma once

#include "base/attr.h"
#include "cli/options.h"
#include "cli/report_file.h"

#include <stdio.h>

/* Runs as `listen` would; at its end `show` gets the report, and standard output. */
int listen_and_show(const struct settings *settings,
                    void (*show)(const struct report *report, FILE *out)) NONNULL;
