/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update_data.c - `havainto update-data`: takes a folder of fingerprints into use, or refuses it.
 *
 * All files are read as a sensor reads them, and every pattern is compiled, before anything is
 * written. Then they are copied into a folder of their own beside the one in use, and the two
 * change places by renaming: a sensor that starts meanwhile reads the old ones or the new ones.
 */
#include "asset/infer/match.h"
#include "asset/infer/recog.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_xml(const struct dirent *entry)
{
	const size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 4 && strcmp(entry->d_name + len - 4, ".xml") == 0;
}

/* Are they whole, and do all patterns compile? */
static bool folder_check(const char *folder, unsigned *files, unsigned *added)
{
	static struct rules rules;
	char why[RULES_WHY] = "";

	if (rules_init(&rules) < 0) {
		log_line("no memory");
		return false;
	}
	bool good = recog_read_folder(&rules, folder, files, added, why) == 0;
	if (good && *added == 0) {
		snprintf(why, sizeof why, "%.200s holds no fingerprints", folder);
		good = false;
	}
	if (good && match_compile_all(&rules, why) > 0)
		good = false;
	if (!good)
		log_line("%s", why);
	rules_fini(&rules);
	return good;
}

/* ---- copying ---- */

static bool bytes_copy(int from, int to)
{
	char bytes[65536];
	ssize_t got;

	while ((got = read(from, bytes, sizeof bytes)) > 0)
		if (write(to, bytes, (size_t)got) != got)
			return false;
	return got == 0 && fsync(to) == 0;
}

static bool file_copy(const char *from_folder, const char *to_folder, const char *name)
{
	char from[2 * PLACE_PATH], to[2 * PLACE_PATH];

	snprintf(from, sizeof from, "%s/%s", from_folder, name);
	snprintf(to, sizeof to, "%s/%s", to_folder, name);
	const int in = open(from, O_RDONLY | O_CLOEXEC);
	const int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	const bool good = out >= 0 && bytes_copy(in, out);
	if (!good)
		log_line("cannot copy %s to %s: %s", from, to, strerror(errno));
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return good;
}

/* Files NAME.xml alone: what else somebody put there stays, and the folder with it. */
static void folder_remove(const char *folder)
{
	struct dirent **names = NULL;
	const int count = scandir(folder, &names, is_xml, alphasort);
	char path[2 * PLACE_PATH];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		unlink(path);
		free(names[i]);
	}
	free(names);
	rmdir(folder);
}

static bool folder_copy(const char *from, const char *to)
{
	struct dirent **names = NULL;
	const int count = scandir(from, &names, is_xml, alphasort);
	bool good = count > 0;

	folder_remove(to);
	if (mkdir(to, 0755) != 0) {
		log_line("cannot make %s: %s", to, strerror(errno));
		good = false;
	}
	for (int i = 0; i < count; i++) {
		good = good && file_copy(from, to, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return good;
}

static bool folder_install(const char *from, const char *data)
{
	char new[PLACE_PATH + 8], old[PLACE_PATH + 8];

	snprintf(new, sizeof new, "%s.new", data);
	snprintf(old, sizeof old, "%s.old", data);
	if (!folder_copy(from, new)) {
		folder_remove(new);
		return false;
	}
	folder_remove(old);
	if ((rename(data, old) != 0 && errno != ENOENT) || rename(new, data) != 0) {
		log_line("cannot put %s in its place: %s", data, strerror(errno));
		return false;
	}
	folder_remove(old);
	return true;
}

int command_update_data(const struct settings *s)
{
	char data[PLACE_PATH];
	unsigned files, added;

	if (place_of_data(s, data) == NULL) {
		log_line("where to? Give --data FOLDER");
		return USAGE;
	}
	if (access(s->arguments[0], R_OK | X_OK) != 0) {
		log_line("cannot read %s: %s", s->arguments[0], strerror(errno));
		return FAILED_FOR_GOOD;
	}
	if (!folder_check(s->arguments[0], &files, &added) ||
	    !folder_install(s->arguments[0], data))
		return FAILED_FOR_GOOD;
	printf("%u fingerprints of %u files are in use from the next start on: %s\n", added, files,
	       data);
	return DONE;
}
