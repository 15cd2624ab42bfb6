/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace_command.c - `havainto trace`: the walk itself is trace.c's.
 */
#include "cli/command.h"
#include "cli/sensor.h"
#include "cli/trace.h"

int command_trace(const struct settings *s)
{
	static struct wiring_options options;
	char why[OPTIONS_WHY];

	if (!sensor_options(s, &options, why))
		return command_refuse("trace", why);
	if (options.file_count != 1)
		return command_refuse("trace", "wants one capture (-r FILE)");
	return trace_file(options.files[0], options.filter, s->of[OPT_FRAME].number, stdout);
}
