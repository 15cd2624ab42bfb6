/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selfcheck.c - tries to break the promise of silence, and the sandbox, and prints what happened.
 *
 * A way is one system call with fixed arguments, so it is a row of a table. To make the arguments
 * constants, the descriptors they need are put at fixed numbers before the sandbox is entered:
 * a packet socket, a pipe with a frame in it, a file that holds one. The socket is that of
 * loopback: if a way were open, that is where the frame would go.
 */
#include "cli/selfcheck.h"

#include "base/sandbox.h"
#include "report/format.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors at fixed numbers, above those in use. */
enum { SOCKET = 200, PIPE_OUT, PIPE_IN, FILE_IN, COPY };
enum { LOOPBACK = 1, FRAME = 60, OLD_PACKET = 10 };

#define UPPER_BITS (1L << 32)
#define X32_CALL 0x40000000L

static char frame[FRAME] = {[12] = (char)0x88,
                            (char)0xb5}; /* to and from nobody: IEEE's local test type */
static struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = LOOPBACK, .sll_halen = 6};
static struct iovec part = {frame, FRAME};
static struct mmsghdr message = {
	.msg_hdr = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1}};
static char nothing[256];
static char true_name[] = "true", *arguments[] = {true_name, NULL};

#define P(x) ((long)(x))

/* What is tried: a call and its arguments. */
static const struct way {
	const char *name;
	long call;
	long is[6];
} ways[] = {
	{"write to a packet socket", SYS_write, {SOCKET, P(frame), FRAME}},
	{"write, its number with upper bits", SYS_write, {SOCKET | UPPER_BITS, P(frame), FRAME}},
	{"write, by the x32 interface", X32_CALL | SYS_write, {SOCKET, P(frame), FRAME}},
	{"writev", SYS_writev, {SOCKET, P(&part), 1}},
	{"pwrite", SYS_pwrite64, {SOCKET, P(frame), FRAME, 0}},
	{"pwritev", SYS_pwritev, {SOCKET, P(&part), 1, 0, 0}},
	{"pwritev2", SYS_pwritev2, {SOCKET, P(&part), 1, -1, -1, 0}},
	{"sendto", SYS_sendto, {SOCKET, P(frame), FRAME, 0, P(&to), sizeof to}},
	{"sendmsg", SYS_sendmsg, {SOCKET, P(&message.msg_hdr), 0}},
	{"sendmmsg", SYS_sendmmsg, {SOCKET, P(&message), 1, 0}},
	{"sendfile", SYS_sendfile, {SOCKET, FILE_IN, 0, FRAME}},
	{"splice", SYS_splice, {PIPE_OUT, 0, SOCKET, 0, FRAME, 0}},
	{"tee", SYS_tee, {PIPE_OUT, SOCKET, FRAME, 0}},
	{"vmsplice", SYS_vmsplice, {SOCKET, P(&part), 1, 0}},
	{"copy_file_range", SYS_copy_file_range, {FILE_IN, 0, SOCKET, 0, FRAME, 0}},
	{"a copy by dup", SYS_dup, {SOCKET}},
	{"a copy by dup2", SYS_dup2, {SOCKET, COPY}},
	{"a copy by dup3", SYS_dup3, {SOCKET, COPY, 0}},
	{"a copy by fcntl", SYS_fcntl, {SOCKET, F_DUPFD, COPY}},
	{"a copy by fcntl, close-on-exec", SYS_fcntl, {SOCKET, F_DUPFD_CLOEXEC, COPY}},
	{"a copy by pidfd_getfd", SYS_pidfd_getfd, {SOCKET, SOCKET, 0}},
	{"io_uring", SYS_io_uring_setup, {1, P(nothing)}},
	{"aio", SYS_io_setup, {1, P(nothing)}},
	{"another packet socket", SYS_socket, {AF_PACKET, SOCK_RAW, 0}},
	{"another packet socket, the old way", SYS_socket, {AF_INET, OLD_PACKET, 0}},
	{"a raw IPv4 socket", SYS_socket, {AF_INET, SOCK_RAW, IPPROTO_ICMP}},
	{"a raw IPv6 socket", SYS_socket, {AF_INET6, SOCK_RAW, IPPROTO_ICMPV6}},
	{"a UDP socket over IPv4", SYS_socket, {AF_INET, SOCK_DGRAM, 0}},
	{"a UDP socket over IPv6", SYS_socket, {AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0}},
	{"bpf", SYS_bpf, {0, P(nothing), sizeof nothing}},
	{"ptrace", SYS_ptrace, {16, 1, 0, 0}},
	{"process_vm_writev", SYS_process_vm_writev, {1, P(&part), 1, P(&part), 1, 0}},
	{"reading /etc/shadow", SYS_openat, {AT_FDCWD, P("/etc/shadow"), O_RDONLY}},
	{"reading /etc/passwd", SYS_openat, {AT_FDCWD, P("/etc/passwd"), O_RDONLY}},
	{"writing below /tmp",
         SYS_openat,
         {AT_FDCWD, P("/tmp/havainto-selfcheck"), O_RDWR | O_CREAT, 0600}},
	{"running a program", SYS_execve, {P("/bin/true"), P(arguments), P(arguments + 1)}},
	{"becoming root", SYS_setuid, {0}},
	{"becoming root's group", SYS_setgid, {0}},
};

/* ---- the stage ---- */

static bool put_at(int fd, int number)
{
	if (fd < 0)
		return false;
	const bool put = dup3(fd, number, O_CLOEXEC) == number;

	close(fd);
	return put;
}

static bool stage_set(void)
{
	int ends[2];
	const int file = memfd_create("frame", MFD_CLOEXEC);

	if (file < 0 || pipe2(ends, O_CLOEXEC))
		return false;
	return write(file, frame, FRAME) == FRAME && lseek(file, 0, SEEK_SET) == 0 &&
	       write(ends[1], frame, FRAME) == FRAME && put_at(ends[0], PIPE_OUT) &&
	       put_at(ends[1], PIPE_IN) && put_at(file, FILE_IN);
}

static bool socket_open(void)
{
	const struct sockaddr_ll loopback = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = LOOPBACK};
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const void *)&loopback, sizeof loopback))
		return false;
	return put_at(fd, SOCKET);
}

/* ---- trying ---- */

enum { OPEN_WAY = 0, KILLED = 255 }; /* or the errno with which it was refused */
enum { WHOLE_PROCESS = SANDBOX_CLASSES };

static void try_in_child(const struct way *w, unsigned class)
{
	if (class != WHOLE_PROCESS && sandbox_thread((enum sandbox_class) class))
		_exit(OPEN_WAY); /* not confined: as bad */
	const long result =
		syscall(w->call, w->is[0], w->is[1], w->is[2], w->is[3], w->is[4], w->is[5]);

	_exit(result < 0 ? errno : OPEN_WAY);
}

static int try_way(const struct way *w, unsigned class)
{
	const pid_t child = fork();
	int status = 0;

	if (child == 0)
		try_in_child(w, class);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return OPEN_WAY; /* nothing is known: not denied */
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : OPEN_WAY;
	return WEXITSTATUS(status) == 128 + SIGSYS ? KILLED : WEXITSTATUS(status);
}

/* Where it is open: "" nowhere, or the first place found. */
static const char *try_everywhere(const struct way *w, int *how)
{
	*how = try_way(w, WHOLE_PROCESS);
	if (*how == OPEN_WAY)
		return "the process";
	for (unsigned class = 0; class < SANDBOX_CLASSES; class ++) {
		if (try_way(w, class) == OPEN_WAY)
			return sandbox_class_name((enum sandbox_class) class);
	}
	return "";
}

static bool way_report(const struct way *w, FILE *out)
{
	int how;
	const char *where = try_everywhere(w, &how);

	if (*where) {
		fprintf(out, "%-36s ALLOWED (in %s)\n", w->name, where);
		return false;
	}
	fprintf(out, "%-36s denied (%s)\n", w->name,
	        how == KILLED ? "killed by the kernel" : strerror(how));
	return true;
}

static int ways_report(FILE *out)
{
	const struct sandbox_state s = sandbox_state();
	unsigned denied = 0;

	for (unsigned i = 0; i < COUNT_OF(ways); i++)
		denied += way_report(&ways[i], out);
	fprintf(out, "%u of %zu ways denied, as uid %u with capabilities %llx, Landlock ABI %d\n",
	        denied, COUNT_OF(ways), s.uid, (unsigned long long)s.capabilities, s.landlock_abi);
	return denied == COUNT_OF(ways) ? 0 : 1;
}

int selfcheck_run(const char *user, FILE *out)
{
	static const int sockets[] = {SOCKET};
	const struct sandbox_plan plan = {.user = user, .sockets = sockets, .socket_count = 1};
	char why[SANDBOX_WHY];

	if (sandbox_state().sanitized) {
		fprintf(out, "selfcheck: a sanitizer build has no sandbox to check\n");
		return 1;
	}
	if (!socket_open() || !stage_set()) {
		fprintf(out, "selfcheck: cannot open a packet socket to try: %s (run as root)\n",
		        strerror(errno));
		return 1;
	}
	fflush(out);
	if (sandbox_enter(&plan, why)) {
		fprintf(out, "selfcheck: %s\n", why);
		return 1;
	}
	return ways_report(out);
}

/* ---- sinks ---- */

/*
 * The address from which this machine would speak to `there`: asked of the routes, nothing is sent.
 */
static bool address_towards(const struct addrinfo *there, struct sockaddr_storage *here)
{
	const int fd = socket(there->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof *here;

	if (fd < 0)
		return false;
	const bool known = connect(fd, there->ai_addr, there->ai_addrlen) == 0 &&
	                   getsockname(fd, (void *)here, &len) == 0;

	close(fd);
	return known;
}

static bool same_address(const struct sockaddr *a, const struct sockaddr_storage *b)
{
	if (!a || a->sa_family != b->ss_family)
		return false;
	if (a->sa_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)(const void *)b)->sin_addr.s_addr;
	return a->sa_family == AF_INET6 &&
	       memcmp(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr,
	              &((const struct sockaddr_in6 *)(const void *)b)->sin6_addr,
	              sizeof(struct in6_addr)) == 0;
}

/* The interface that has the address; "" for none. */
static void iface_of(const struct sockaddr_storage *address, char *out, size_t len)
{
	struct ifaddrs *all = NULL;

	*out = 0;
	if (getifaddrs(&all))
		return;
	for (const struct ifaddrs *i = all; i && !*out; i = i->ifa_next) {
		if (same_address(i->ifa_addr, address))
			snprintf(out, len, "%s", i->ifa_name);
	}
	freeifaddrs(all);
}

static bool is_network(const char *sink)
{
	return strncmp(sink, "tcp:", 4) == 0 || strncmp(sink, "tls:", 4) == 0;
}

/*
 * "tcp:HOST:PORT" or tls:, HOST perhaps in brackets, to the interface its packets leave by; "" when
 * unknown.
 */
static void sink_iface(const char *sink, char *out, size_t len)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	struct sockaddr_storage here = {0};
	char host[256];
	const char *start = sink + strlen("tcp:") + (sink[strlen("tcp:")] == '[');
	const char *port = strrchr(start, ':');

	*out = 0;
	if (!port)
		return;
	const int host_len = (int)(port - start) - (port > start && port[-1] == ']');

	snprintf(host, sizeof host, "%.*s", host_len, start);
	if (getaddrinfo(host, port + 1, &hints, &found))
		return;
	if (address_towards(found, &here))
		iface_of(&here, out, len);
	freeaddrinfo(found);
}

static bool is_listed(const char *name, const char *const *list)
{
	for (; *list; list++) {
		if (strcmp(name, *list) == 0)
			return true;
	}
	return false;
}

unsigned selfcheck_sinks(const char *const *sinks, const char *const *ifaces, FILE *out)
{
	unsigned shared = 0;

	for (; *sinks; sinks++) {
		char iface[64];

		if (!is_network(format_behind(*sinks)))
			continue;
		sink_iface(format_behind(*sinks), iface, sizeof iface);
		if (!*iface)
			fprintf(out, "%s: it is not known by which interface reports leave\n",
			        *sinks);
		else if (is_listed(iface, ifaces))
			fprintf(out,
			        "%s: reports leave by %s, which is also watched: not silent there\n",
			        *sinks, iface);
		else
			fprintf(out, "%s: reports leave by %s, which is not watched\n", *sinks,
			        iface);
		shared += *iface && is_listed(iface, ifaces);
	}
	return shared;
}
