/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - the front door of the program.
 */
#include "base/clock.h"
#include "base/log.h"
#include "cli/wiring.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct wiring_options o = {.sensor = "sensor", .version = "0.1.0"};
	char why[512] = "";
	int c;

	argv++, argc--;
	while ((c = getopt(argc, argv, "r:i:o:f:w:t:n:k")) != -1) {
		switch (c) {
		case 'r':
			o.files[o.file_count++] = optarg;
			break;
		case 'i':
			o.ifaces[o.iface_count++] = optarg;
			break;
		case 'o':
			o.sinks[o.sink_count++] = optarg;
			break;
		case 'f':
			o.filter = optarg;
			break;
		case 'w':
			o.workers = (unsigned)atoi(optarg);
			break;
		case 'n':
			o.interval_s = atof(optarg);
			break;
		case 'k':
			o.fixed_key = true;
			break;
		case 't': {
			char *eq = strchr(optarg, '=');
			o.edges[o.edge_count].tasks = eq ? (unsigned)atoi(eq + 1) : 1;
			if (eq)
				*eq = 0;
			o.edges[o.edge_count++].observer = optarg;
			break;
		}
		default:
			return 2;
		}
	}
	if (o.sink_count == 0)
		o.sinks[o.sink_count++] = "-";
	struct wiring *w = wiring_new(&o, why, sizeof why);
	if (!w) {
		log_line("%s", why);
		return 1;
	}
	if (wiring_start(w) < 0)
		return 1;
	while (!wiring_wait(w, 1000)) {
	}
	const int status = wiring_status(w);
	wiring_free(w);
	return status;
}
