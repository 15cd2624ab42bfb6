/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pins.c - see pins.h.
 */
#include "report/pins.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_ROOM = 512 + FINGERPRINT_TEXT };

static FILE *pins_open(const char *folder, const char *mode, char path[4096 + 16])
{
	snprintf(path, 4096 + 16, "%.4000s/managers", folder);
	return fopen(path, mode);
}

/* "HOST:PORT FINGERPRINT"; *same: it is of that address. False: it is no such line. */
static bool read_pin(char *line, const char *at, bool *same, struct fingerprint *out)
{
	char *const space = strchr(line, ' ');

	line[strcspn(line, "\n")] = '\0';
	if (space == NULL)
		return false;
	*space = '\0';
	*same = strcmp(line, at) == 0;
	struct fingerprint f;
	const bool good = fingerprint_parse(space + 1, &f);
	if (good && *same)
		*out = f;
	return good;
}

enum pin pins_find(const char *folder, const char *at, struct fingerprint *out, char *why,
                   size_t why_len)
{
	char path[4096 + 16], line[LINE_ROOM];
	FILE *const in = pins_open(folder, "re", path);
	enum pin found = PIN_NONE;
	bool same = false;

	if (in == NULL) {
		snprintf(why, why_len, "cannot read %s: %s", path, strerror(errno));
		return errno == ENOENT ? PIN_NONE : PIN_BROKEN;
	}
	for (unsigned number = 1; found == PIN_NONE && fgets(line, sizeof line, in) != NULL;
	     number++) {
		if (!read_pin(line, at, &same, out)) {
			snprintf(why, why_len, "%s:%u: is no \"HOST:PORT FINGERPRINT\"", path,
			         number);
			found = PIN_BROKEN;
		} else if (same) {
			found = PIN_KNOWN;
		}
	}
	fclose(in);
	return found;
}

bool pins_add(const char *folder, const char *at, const struct fingerprint *f, char *why,
              size_t why_len)
{
	char path[4096 + 16], text[FINGERPRINT_TEXT];
	FILE *const out = pins_open(folder, "ae", path);
	bool written = out != NULL &&
	               fprintf(out, "%s %s\n", at, fingerprint_format(f, text)) > 0 &&
	               fflush(out) == 0 && fsync(fileno(out)) == 0;

	if (out != NULL)
		written = fclose(out) == 0 && written;
	if (!written)
		snprintf(why, why_len, "cannot write %s: %s", path, strerror(errno));
	return written;
}
