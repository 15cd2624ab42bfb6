/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink_local.c - sinks of the machine itself: standard output and a file.
 */
#include "report/sink_kind.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static ssize_t local_write(struct sink *s, const char *bytes, size_t len)
{
	const ssize_t n = write(s->fd, bytes, len);

	if (n >= 0)
		return n;
	return errno == EINTR || errno == EAGAIN ? 0 : -errno;
}

/* A file or a pipe takes what it takes: waits for room. */
static int local_poll(struct sink *s, bool room, int timeout_ms)
{
	struct pollfd p = {.fd = s->fd, .events = room ? POLLOUT : 0};

	return poll(&p, 1, timeout_ms) < 0 && errno != EINTR ? -errno : 0;
}

/* A reader that ends shall be an error that we can tell, not a signal. */
static int stdout_open(struct sink *s, const char *rest, char *why, size_t why_len)
{
	if (rest[0] != 0) {
		snprintf(why, why_len,
		         "cannot report to -%s: standard output is -, a file is file:PATH", rest);
		return -EINVAL;
	}
	signal(SIGPIPE, SIG_IGN);
	s->fd = STDOUT_FILENO;
	atomic_store(&s->connected, true);
	return 0;
}

static void stdout_close(struct sink *s)
{
	s->fd = -1;
}

static int file_make(const struct sink *s)
{
	const char *const path = s->spec + strlen(s->kind->prefix);
	const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	if (fd < 0)
		return -errno;
	return fd;
}

/* Where a rotated file is made again. */
static void file_folder(struct sink *s, const char *path)
{
	const char *const slash = strrchr(path, '/');
	const size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (slash == NULL)
		memcpy(s->folder, ".", 2);
	else if (len == 0)
		memcpy(s->folder, "/", 2);
	else
		memcpy(s->folder, path, len);
}

static int file_open(struct sink *s, const char *rest, char *why, size_t why_len)
{
	file_folder(s, rest);
	s->fd = file_make(s);
	if (s->fd < 0) {
		snprintf(why, why_len, "cannot write to %s: %s", rest, strerror(-s->fd));
		return s->fd;
	}
	atomic_store(&s->connected, true);
	atomic_store(&s->connects, 1);
	return 0;
}

/* After a rotation. When the new file cannot be made, the old one is written on. */
static void file_again(struct sink *s)
{
	const int fd = file_make(s);

	if (fd < 0) {
		atomic_fetch_add(&s->errors, 1);
		log_line("cannot open %s anew: %s; writing on to the old file", s->spec,
		         strerror(-fd));
		return;
	}
	close(s->fd);
	s->fd = fd;
	atomic_fetch_add(&s->connects, 1);
}

static ssize_t file_submit(struct sink *s, const char *bytes, size_t len)
{
	if (atomic_exchange(&s->reopen, false))
		file_again(s);
	return local_write(s, bytes, len);
}

static void file_close(struct sink *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

const struct sink_kind sink_stdout = {.prefix = "-",
                                      .open = stdout_open,
                                      .submit = local_write,
                                      .poll = local_poll,
                                      .close = stdout_close};
const struct sink_kind sink_file = {.prefix = "file:",
                                    .open = file_open,
                                    .submit = file_submit,
                                    .poll = local_poll,
                                    .close = file_close};
