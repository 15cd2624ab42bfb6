/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.c - see state.h. All of it happens before the sandbox: nothing is written here later.
 */
#include "cli/state.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SMALL = 64 };

static int state_refuse(int error, const char *what, const char *folder, const char *name,
                        char *why, size_t why_len)
{
	snprintf(why, why_len, "cannot %s %s/%s: %s (see --state)", what, folder, name,
	         strerror(-error));
	return error;
}

/* -errno; 0: it is there. */
static int state_open(const char *folder, char *why, size_t why_len)
{
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return state_refuse(-errno, "make", folder, "", why, why_len);
	const int fd = open(folder, O_DIRECTORY | O_CLOEXEC | O_RDONLY);
	return fd < 0 ? state_refuse(-errno, "use", folder, "", why, why_len) : fd;
}

/* The small file's bytes; 0: there is none. */
static ssize_t state_read(int folder, const char *name, char out[SMALL])
{
	const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	const ssize_t got = fd < 0 ? -1 : read(fd, out, SMALL - 1);
	const int error = got < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	if (got >= 0)
		out[got] = '\0';
	return error == -ENOENT ? 0 : error ? error : got;
}

/* Whole or not at all, also when the power fails. */
static int state_write(int folder, const char *name, const char *bytes, size_t len)
{
	char part[SMALL];

	snprintf(part, sizeof part, "%s.new", name);
	const int fd =
		openat(folder, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	const bool written = write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0;
	int error = written ? 0 : errno ? -errno : -EIO;
	close(fd);
	if (error == 0 && renameat(folder, part, folder, name) != 0)
		error = -errno;
	if (error == 0 && fsync(folder) != 0)
		error = -errno;
	return error;
}

/* A number of that base, and `behind` it; nothing else. */
static bool number_read(const char *text, int base, char behind, uint64_t *out)
{
	char *end = NULL;

	if (!isxdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*out = strtoull(text, &end, base);
	return errno == 0 && *end == behind;
}

static int boot_next(int folder, uint64_t *boot)
{
	char text[SMALL] = "";
	const ssize_t got = state_read(folder, "boot", text);
	uint64_t last = 0;

	if (got < 0)
		return (int)got;
	if (got > 0 && !number_read(text, 10, '\n', &last))
		return -EINVAL;
	*boot = last + 1;
	const int len = snprintf(text, sizeof text, "%" PRIu64 "\n", *boot);
	return state_write(folder, "boot", text, (size_t)len);
}

int state_boot(const char *folder, uint64_t *boot, char *why, size_t why_len)
{
	const int fd = state_open(folder, why, why_len);

	if (fd < 0)
		return fd;
	const int error = boot_next(fd, boot);
	close(fd);
	return error ? state_refuse(error, "count the start in", folder, "boot", why, why_len) : 0;
}

static int key_read(int folder, struct hash_key *key)
{
	static const char name[] = "privacy.key";
	char text[SMALL] = "";
	const ssize_t got = state_read(folder, name, text);

	if (got < 0)
		return (int)got;
	if (got > 0) {
		const char *space = strchr(text, ' ');
		const bool ok = space && number_read(text, 16, ' ', &key->k0) &&
		                number_read(space + 1, 16, '\n', &key->k1);
		return ok ? 0 : -EINVAL;
	}
	const int error = hash_key_random(key);
	if (error)
		return error;
	const int len =
		snprintf(text, sizeof text, "%016" PRIx64 " %016" PRIx64 "\n", key->k0, key->k1);
	return state_write(folder, name, text, (size_t)len);
}

int state_privacy_key(const char *folder, struct hash_key *key, char *why, size_t why_len)
{
	const int fd = state_open(folder, why, why_len);

	if (fd < 0)
		return fd;
	const int error = key_read(fd, key);
	close(fd);
	return error ? state_refuse(error, "use the key in", folder, "privacy.key", why, why_len)
	             : 0;
}
