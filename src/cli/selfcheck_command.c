/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selfcheck_command.c - `havainto selfcheck`: the trying itself is selfcheck.c's.
 */
#include "cli/command.h"
#include "cli/selfcheck.h"

int command_selfcheck(const struct settings *s)
{
	const struct setting *sinks = &s->of[OPT_OUTPUT], *ifaces = &s->of[OPT_INTERFACE];
	const char *sink_list[LIST_MAX + 1] = {0}, *iface_list[LIST_MAX + 1] = {0};

	for (unsigned i = 0; i < sinks->count; i++)
		sink_list[i] = sinks->list[i];
	for (unsigned i = 0; i < ifaces->count; i++)
		iface_list[i] = ifaces->list[i];
	(void)selfcheck_sinks(sink_list, iface_list, stdout);
	return selfcheck_run(s->of[OPT_USER].text, stdout) == 0 ? DONE : FAILED_FOR_GOOD;
}
