/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place.c - see place.h.
 */
#include "cli/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All folders above the last one; what fails here fails again, with words, where it is used. */
static void make_parents(const char *path)
{
	char part[PLACE_PATH];

	for (const char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		memcpy(part, path, (size_t)(slash - path));
		part[slash - path] = '\0';
		mkdir(part, 0755);
	}
}

const char *place_of(const struct settings *settings, char out[PLACE_PATH])
{
	const char *const state = getenv("XDG_STATE_HOME"), *const home = getenv("HOME");

	if (settings->of[OPT_STATE].given)
		snprintf(out, PLACE_PATH, "%s", settings->of[OPT_STATE].text);
	else if (geteuid() == 0)
		snprintf(out, PLACE_PATH, "/var/lib/havainto");
	else if (state != NULL && *state == '/')
		snprintf(out, PLACE_PATH, "%s/havainto", state);
	else if (home != NULL && *home == '/')
		snprintf(out, PLACE_PATH, "%s/.local/state/havainto", home);
	else
		return NULL;
	make_parents(out);
	return out;
}

const char *place_of_data(const struct settings *settings, char out[PLACE_PATH])
{
	char place[PLACE_PATH];

	if (settings->of[OPT_DATA].given)
		snprintf(out, PLACE_PATH, "%s", settings->of[OPT_DATA].text);
	else if (place_of(settings, place) != NULL)
		snprintf(out, PLACE_PATH, "%.4090s/data", place);
	else
		return NULL;
	return out;
}
