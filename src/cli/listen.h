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
/*
 * `listen` as the sensor of `run`: a table at the end of a capture, and the reports to that sink.
 * It ends when the other end of the pipe `leash` is closed.
 */
int listen_beside(const struct settings *settings, const char *sink, int leash) NONNULL;
