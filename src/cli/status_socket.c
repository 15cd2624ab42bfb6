/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status_socket.c - see status_socket.h.
 */
#include "cli/status_socket.h"

#include "base/sandbox.h"
#include "cli/look.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAITING = 8 };

const char *status_default(char out[STATUS_PATH])
{
	const char *own = getenv("XDG_RUNTIME_DIR");

	out[0] = '\0';
	if (geteuid() == 0)
		snprintf(out, STATUS_PATH, "/run/havainto/status.sock");
	else if (own && *own == '/' && strlen(own) < STATUS_PATH - 32)
		snprintf(out, STATUS_PATH, "%s/havainto/status.sock", own);
	return out;
}

static bool status_address(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof out->sun_path)
		return false;
	memcpy(out->sun_path, path, strlen(path));
	return true;
}

int status_connect(const char *path)
{
	struct sockaddr_un address;

	if (!status_address(path, &address))
		return -ENAMETOOLONG;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	const int error = -errno;
	close(fd);
	return error;
}

/* The folder that the socket is in, when its name is ours to make. */
static void make_folder(const char *path)
{
	char folder[STATUS_PATH];
	const char *slash = strrchr(path, '/');
	const size_t len = slash ? (size_t)(slash - path) : 0;

	if (len == 0 || len >= sizeof folder)
		return;
	memcpy(folder, path, len);
	folder[len] = '\0';
	(void)!mkdir(folder, 0755); /* what is wrong with it, bind() says */
}

/* A socket that nobody listens at any more is ours to replace. */
static int replace_dead(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	const int fd = status_connect(path);
	if (fd >= 0)
		close(fd);
	if (fd != -ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(path) == 0 ? 0 : -errno;
}

static int status_bind(const char *path)
{
	struct sockaddr_un address;
	int error = status_address(path, &address) ? replace_dead(path) : -ENAMETOOLONG;

	if (error)
		return error;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
	    chmod(path, 0666) == 0 && listen(fd, WAITING) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int status_open(const char *path, char *why, size_t why_len)
{
	make_folder(path);
	const int fd = status_bind(path);
	if (fd >= 0)
		return fd;
	const char *reason = fd == -EADDRINUSE ? "another sensor answers there"
	                     : fd == -EEXIST   ? "it is there and no socket"
	                                       : strerror(-fd);
	snprintf(why, why_len, "cannot answer at %s: %s (see --status)", path, reason);
	return fd;
}

/* What the sandbox knows of itself; the threads are asked of the kernel by who reads this. */
static size_t put_sandbox(char *out, size_t cap)
{
	const struct sandbox_state s = sandbox_state();
	int len = snprintf(out, cap,
	                   "{\"type\":\"sandbox\",\"sanitized\":%s,\"uid\":%" PRIu32
	                   ",\"capabilities\":%" PRIu64
	                   ",\"no_new_privs\":%s,\"landlock\":%d,\"seccomp\":%d,\"confined\":{",
	                   s.sanitized ? "true" : "false", s.euid, s.capabilities,
	                   s.no_new_privs ? "true" : "false", s.landlock_abi, s.seccomp_mode);

	for (unsigned i = 0; i < SANDBOX_CLASSES; i++)
		len += snprintf(out + len, cap - (size_t)len, "%s\"%s\":%u", i > 0 ? "," : "",
		                sandbox_class_name((enum sandbox_class)i), s.confined[i]);
	len += snprintf(out + len, cap - (size_t)len, "}}\n");
	return (size_t)len;
}

void status_answer(int socket, struct reporter *reporter)
{
	static struct snapshot copy;
	static char answer[sizeof copy.health + 2048];
	/* cppcheck-suppress nullPointer ; who calls need not be known */
	const int fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	(void)look(reporter, &copy);
	size_t len = strnlen(copy.health, sizeof copy.health);

	memcpy(answer, copy.health, len);
	if (len > 0 && answer[len - 1] != '\n')
		answer[len++] = '\n';
	len += put_sandbox(answer + len, sizeof answer - len);
	/* Less than a new socket's buffer: what does not fit was not wanted. */
	(void)!send(fd, answer, len, MSG_NOSIGNAL);
	close(fd);
}
