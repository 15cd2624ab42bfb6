/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults.c - loaded before libc (LD_PRELOAD), it makes calls of the program fail as its environment says; fault.py has
 * the words for it. A debugger cannot: the way in which it suppresses a call is one that seccomp kills for.
 *
 *	FAULTS=fdatasync:EIO:3+2:-wal;recv:SHORT:1+1:
 *	       call : what : first[+step] : what the file's path must contain, "" for any descriptor
 *
 * The first-th matching call fails, and then every step-th; each is counted in the file FAULTS_LOG. SHORT does the call with one
 * byte, where more were asked for. What it interposes is what SQLite, libevent and our own code use for disks and sockets.
 */
#undef _FILE_OFFSET_BITS /* or open is open64: libraries ask for either */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define RULES 8
#define DESCRIPTORS 4096
#define SHORT (-1)

struct rule {
	char call[16], path[64];
	int what; /* an errno, or SHORT */
	unsigned long first, step;
	atomic_ulong calls;
};

static struct rule rules[RULES];
static unsigned rule_count;
static _Atomic(uint64_t) *times; /* in a file that the test looks at: not every thread may write */
static _Atomic(unsigned char) opened[DESCRIPTORS]; /* bits: the rules whose path matches */

static const struct {
	const char *name;
	int error;
} errors[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EINTR", EINTR},
              {"EAGAIN", EAGAIN}, {"EMFILE", EMFILE}, {"ECONNABORTED", ECONNABORTED},
              {"SHORT", SHORT}};

/* ---- the rules ---- */

static void rule_add(const char *text)
{
	struct rule *const r = &rules[rule_count];
	char what[16] = "";

	if (rule_count == RULES ||
	    sscanf(text, "%15[^:]:%15[^:]:%lu+%lu", r->call, what, &r->first, &r->step) < 3)
		abort();
	const char *const path = strrchr(text, ':') + 1;
	snprintf(r->path, sizeof r->path, "%s", path);
	for (unsigned i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].name, what) == 0)
			r->what = errors[i].error;
	if (r->what == 0)
		abort();
	rule_count++;
}

__attribute__((constructor)) static void begin(void)
{
	const char *const log = getenv("FAULTS_LOG"), *const given = getenv("FAULTS");
	char *const text = strdup(given == NULL ? "" : given);
	char *rest = text;

	const int fd = log == NULL ? -1
	                           : (int)syscall(SYS_openat, AT_FDCWD, log,
	                                          O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && ftruncate(fd, sizeof *times) == 0)
		times = mmap(NULL, sizeof *times, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (times == MAP_FAILED)
		abort();
	if (fd >= 0)
		close(fd);
	for (char *one; (one = strsep(&rest, ";")) != NULL;)
		if (*one != '\0')
			rule_add(one);
	free(text);
}

/* 0: the call is to be done as it is. */
static int fault(const char *call, int fd)
{
	for (unsigned i = 0; i < rule_count; i++) {
		struct rule *const r = &rules[i];

		if (strcmp(r->call, call) != 0)
			continue;
		if (r->path[0] != '\0' &&
		    (fd < 0 || fd >= DESCRIPTORS || (opened[fd] & 1u << i) == 0))
			continue;
		const unsigned long n = atomic_fetch_add(&r->calls, 1) + 1;
		if (n != r->first &&
		    (r->step == 0 || n < r->first || (n - r->first) % r->step != 0))
			continue;
		if (times != NULL)
			atomic_fetch_add(times, 1);
		return r->what;
	}
	return 0;
}

static void note_path(int fd, const char *path)
{
	unsigned char bits = 0;

	if (fd < 0 || fd >= DESCRIPTORS)
		return;
	for (unsigned i = 0; i < rule_count; i++)
		if (path != NULL && rules[i].path[0] != '\0' && strstr(path, rules[i].path) != NULL)
			bits |= (unsigned char)(1u << i);
	opened[fd] = bits;
}

/* ---- the calls ---- */

/* The function of libc behind ours. */
static void *next(const char *name)
{
	void *const f = dlsym(RTLD_NEXT, name);

	if (f == NULL)
		abort();
	return f;
}

#define REAL(type, name, ...)             \
	static type (*real)(__VA_ARGS__); \
	if (real == NULL)                 \
	*(void **)(&real) = next(#name)

/* The return value of a call that is made to fail, or what is left to be done of `len`. */
#define FAIL_OR_SHORTEN(name, fd, len)    \
	const int what = fault(name, fd); \
	if (what > 0) {                   \
		errno = what;             \
		return -1;                \
	}                                 \
	const size_t n = what == SHORT && (len) > 1 ? 1 : (len)

#define FAIL(name, fd)                    \
	const int what = fault(name, fd); \
	if (what > 0) {                   \
		errno = what;             \
		return -1;                \
	}

static int opening(const char *path, int flags, va_list more)
{
	const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
	const int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);

	note_path(fd, path);
	return fd;
}

int open(const char *path, int flags, ...)
{
	va_list more;

	va_start(more, flags);
	const int fd = opening(path, flags, more);
	va_end(more);
	return fd;
}

int open64(const char *path, int flags, ...)
{
	va_list more;

	va_start(more, flags);
	const int fd = opening(path, flags, more);
	va_end(more);
	return fd;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
	FAIL_OR_SHORTEN("pwrite", fd, len);
	return real(fd, bytes, n, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return pwrite64(fd, bytes, len, at);
}

ssize_t pread64(int fd, void *bytes, size_t len, off64_t at)
{
	REAL(ssize_t, pread64, int, void *, size_t, off64_t);
	FAIL_OR_SHORTEN("pread", fd, len);
	return real(fd, bytes, n, at);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t at)
{
	return pread64(fd, bytes, len, at);
}

int fdatasync(int fd)
{
	REAL(int, fdatasync, int);
	FAIL("fdatasync", fd)
	return real(fd);
}

ssize_t read(int fd, void *bytes, size_t len)
{
	REAL(ssize_t, read, int, void *, size_t);
	FAIL_OR_SHORTEN("read", fd, len);
	return real(fd, bytes, n);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	REAL(ssize_t, write, int, const void *, size_t);
	FAIL_OR_SHORTEN("write", fd, len);
	return real(fd, bytes, n);
}

ssize_t recv(int fd, void *bytes, size_t len, int flags)
{
	REAL(ssize_t, recv, int, void *, size_t, int);
	FAIL_OR_SHORTEN("recv", fd, len);
	return real(fd, bytes, n, flags);
}

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
	REAL(ssize_t, send, int, const void *, size_t, int);
	FAIL_OR_SHORTEN("send", fd, len);
	return real(fd, bytes, n, flags);
}

/* One byte of the first piece, where it is to be short. */
ssize_t readv(int fd, const struct iovec *pieces, int count)
{
	REAL(ssize_t, readv, int, const struct iovec *, int);
	FAIL_OR_SHORTEN("readv", fd, (size_t)count + 1);
	const struct iovec one = {pieces[0].iov_base, 1};
	return n == 1 ? real(fd, &one, 1) : real(fd, pieces, count);
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
	REAL(ssize_t, writev, int, const struct iovec *, int);
	FAIL_OR_SHORTEN("writev", fd, (size_t)count + 1);
	const struct iovec one = {pieces[0].iov_base, 1};
	return n == 1 ? real(fd, &one, 1) : real(fd, pieces, count);
}

int socket(int family, int type, int protocol)
{
	REAL(int, socket, int, int, int);
	FAIL("socket", -1)
	const int fd = real(family, type, protocol);
	note_path(fd, NULL);
	return fd;
}

int accept4(int fd, __SOCKADDR_ARG from, socklen_t *restrict len, int flags)
{
	REAL(int, accept4, int, struct sockaddr *, socklen_t *, int);
	FAIL("accept4", fd)
	const int got = real(fd, from.__sockaddr__, len, flags);
	note_path(got, NULL);
	return got;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	REAL(int, poll, struct pollfd *, nfds_t, int);
	FAIL("poll", -1)
	return real(fds, count, timeout_ms);
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout_ms)
{
	REAL(int, epoll_wait, int, struct epoll_event *, int, int);
	FAIL("epoll_wait", fd)
	return real(fd, events, count, timeout_ms);
}
