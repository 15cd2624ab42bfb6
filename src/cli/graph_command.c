/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_command.c - `havainto graph`: the drawing itself is graph.c's.
 *
 * Reading a capture here is reading foreign bytes: it is confined as `listen` is.
 */
#include "base/log.h"
#include "base/sandbox.h"
#include "cli/command.h"
#include "cli/sensor.h"
#include "cli/wiring.h"
#include "task/thread.h"

#include <fcntl.h>
#include <unistd.h>

static int graph_run(struct wiring *w, const struct settings *s)
{
	struct sandbox_plan plan = {0};
	char why[SANDBOX_WHY];

	wiring_sandbox(w, &plan);
	if (sandbox_enter(&plan, why) != 0) {
		log_line("%s", why);
		return FAILED_FOR_GOOD;
	}
	thread_sandbox = sandbox_thread;
	if (wiring_start(w) < 0 || sandbox_thread(SANDBOX_MAIN) != 0)
		_exit(FAILED_FOR_GOOD);
	while (!wiring_wait(w, 1000)) {
	}
	wiring_graph(w, stdout, s->of[OPT_DOT].number);
	return wiring_status(w);
}

int command_graph(const struct settings *s)
{
	static struct wiring_options options;
	char why[OPTIONS_WHY];
	int status = DONE;

	if (!sensor_options(s, &options, why))
		return command_refuse("graph", why);
	const bool reads = options.file_count > 0;
	if (!reads && options.iface_count == 0)
		options.files[options.file_count++] = "/dev/null"; /* is not read */
	options.sinks[options.sink_count++] = "file:/dev/null";
	struct wiring *w = wiring_new(&options, why, sizeof why);
	if (!w) {
		log_line("%s", why);
		return FAILED_FOR_GOOD;
	}
	if (reads)
		status = graph_run(w, s);
	else
		wiring_graph(w, stdout, s->of[OPT_DOT].number);
	wiring_free(w);
	return status;
}
