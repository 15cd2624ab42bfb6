/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.c - runs a fuzz target without a fuzzer over the files of the folders that are named: its
 * seeds, and the inputs that once broke something. One TAP line a folder.
 */
#include "sensor.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX (1u << 20)

static void replay_file(const char *folder, const char *name)
{
	static uint8_t buffer[INPUT_MAX];
	char path[4096];

	HOLDS(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
	FILE *const file = fopen(path, "rb");
	HOLDS(file != NULL);
	const size_t len = fread(buffer, 1, sizeof(buffer), file);
	(void)fclose(file);
	(void)fprintf(stderr, "# %s\n", path);
	HOLDS(LLVMFuzzerTestOneInput(buffer, len) == 0);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		DIR *const folder = opendir(argv[i]);
		const struct dirent *entry;
		unsigned count = 0;

		while (folder != NULL && (entry = readdir(folder)) != NULL) {
			if (entry->d_name[0] == '.')
				continue;
			replay_file(argv[i], entry->d_name);
			count++;
		}
		if (folder != NULL)
			(void)closedir(folder);
		(void)printf("ok %d - %u inputs of %s%s\n", i, count, argv[i],
		             count == 0 ? " # skip none yet" : "");
	}
	return 0;
}
