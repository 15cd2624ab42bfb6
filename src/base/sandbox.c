/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.c - the order of giving up, and what each class of threads may call.
 *
 * The table below was found by running the whole program with -Dseccomp_log=true, where a forbidden
 * call names itself before it kills. A row gives one system call to the classes it names, under
 * up to two conditions on its arguments; a call in several rows is allowed where any of them
 * holds. What stands in no row kills the process.
 *
 * The filters are made in sandbox_enter, where memory may still be asked for and files opened;
 * sandbox_thread only hands one to the kernel. They stack on the filter of silence, and a filter
 * can only take away.
 */
#include "base/sandbox.h"

#include "base/sandbox_parts.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <unistd.h>

enum {
	MAIN = 1 << SANDBOX_MAIN,
	WORKER = 1 << SANDBOX_WORKER,
	OBSERVER = 1 << SANDBOX_OBSERVER,
	REPORTER = 1 << SANDBOX_REPORTER,
	SINK_NET = 1 << SANDBOX_SINK_NET,
	UI = 1 << SANDBOX_UI,
	SERVER = 1 << SANDBOX_SERVER,
	ALL = MAIN | WORKER | OBSERVER | REPORTER | SINK_NET | UI | SERVER,
	WAITS = MAIN | WORKER | REPORTER | SINK_NET | UI | SERVER, /* on descriptors */
	WRITES = MAIN | REPORTER | SINK_NET | UI | SERVER,
	FILES = MAIN | REPORTER | SINK_NET | SERVER, /* within the paths of the plan */
};

/* Argument `arg`, as far as `mask` goes, is `value`. No mask: no condition. */
struct condition {
	uint64_t mask;
	unsigned arg;
	uint64_t value;
};

struct row {
	int call;
	unsigned classes;
	bool on_sockets; /* only where argument 0 is one of the packet sockets */
	struct condition is[2];
};

/* clang-format off */
#define CALL(name, ...)    {.call = SCMP_SYS(name), .classes = __VA_ARGS__}
#define IF(...)            .is = {__VA_ARGS__}
#define WHERE(arg, value)  {UINT32_MAX, arg, (uint32_t)(value)}
#define WITHOUT(arg, bits) {(uint32_t)(bits), arg, 0}
#define TYPE(arg, value)   {0xf, arg, value}
/* clang-format on */

static const struct row rows[] = {
	/* running and ending */
	CALL(futex, ALL),
	CALL(clock_gettime, ALL),
	CALL(gettimeofday, ALL),
	CALL(clock_nanosleep, ALL),
	CALL(nanosleep, ALL),
	CALL(restart_syscall, ALL),
	CALL(sched_yield, ALL),
	CALL(sched_getaffinity, ALL),
	CALL(getrandom, ALL),
	CALL(rt_sigreturn, ALL),
	CALL(rt_sigprocmask, ALL),
	CALL(exit, ALL),
	CALL(exit_group, ALL),
	/* memory, never to be run */
	CALL(brk, ALL),
	CALL(munmap, ALL),
	CALL(mremap, ALL),
	CALL(madvise, ALL),
	CALL(mmap, ALL, IF(WITHOUT(2, PROT_EXEC))),
	CALL(mprotect, ALL, IF(WITHOUT(2, PROT_EXEC))),
	/* the last words of an assertion */
	CALL(write, ALL, IF(WHERE(0, STDERR_FILENO))),
	CALL(writev, ALL, IF(WHERE(0, STDERR_FILENO))),
	CALL(getpid, ALL),
	CALL(gettid, ALL),
	CALL(tgkill, ALL, IF(WHERE(2, SIGABRT))),
	/* sandbox_state */
	CALL(getuid, ALL),
	CALL(geteuid, ALL),
	CALL(getgid, ALL),
	CALL(capget, ALL),
	CALL(prctl, ALL, IF(WHERE(0, PR_GET_SECCOMP))),
	CALL(prctl, ALL, IF(WHERE(0, PR_GET_NO_NEW_PRIVS))),

	/* descriptors that are there */
	CALL(read, MAIN | WORKER | REPORTER | SINK_NET | UI | SERVER),
	CALL(readv, SERVER),
	CALL(close, WAITS),
	CALL(poll, WAITS),
	CALL(ppoll, WAITS),
	CALL(write, WRITES),
	CALL(writev, WRITES),
	CALL(lseek, MAIN | WORKER | REPORTER | SINK_NET | SERVER),
	CALL(fstat, MAIN | WORKER | REPORTER | SINK_NET | UI | SERVER),
	CALL(newfstatat, MAIN | WORKER | REPORTER | SINK_NET | UI | SERVER),

	/* packet sockets: wait, count, look after the interface, stop listening */
	CALL(getsockopt, WORKER, .on_sockets = true),
	CALL(getsockname, WORKER, .on_sockets = true),
	CALL(bind, WORKER, .on_sockets = true),
	CALL(recvfrom, WORKER, .on_sockets = true),
	CALL(ioctl, WORKER, .on_sockets = true, IF(WHERE(1, SIOCGIFINDEX))),
	CALL(ioctl, WORKER, .on_sockets = true, IF(WHERE(1, SIOCGIFNAME))),
	CALL(ioctl, WORKER, .on_sockets = true, IF(WHERE(1, SIOCGIFFLAGS))),
	CALL(setsockopt, WORKER, .on_sockets = true,
             IF(WHERE(1, SOL_PACKET), WHERE(2, PACKET_ADD_MEMBERSHIP))),
	CALL(setsockopt, MAIN | WORKER, .on_sockets = true,
             IF(WHERE(1, SOL_PACKET), WHERE(2, PACKET_RX_RING))), /* libpcap at its end */
	CALL(setsockopt, WORKER, .on_sockets = true,
             IF(WHERE(1, SOL_SOCKET), WHERE(2, SO_ATTACH_FILTER))),

	/* files */
	CALL(openat, FILES),
	CALL(access, FILES),
	CALL(faccessat2, FILES),
	CALL(pread64, REPORTER | SINK_NET | SERVER),
	CALL(pwrite64, REPORTER | SINK_NET | SERVER),
	CALL(ftruncate, REPORTER | SINK_NET | SERVER),
	CALL(fsync, REPORTER | SINK_NET | SERVER),
	CALL(fdatasync, REPORTER | SINK_NET | SERVER),
	CALL(rename, REPORTER | SERVER),
	CALL(renameat, REPORTER),
	CALL(unlink, FILES),
	CALL(unlinkat, FILES),
	CALL(fcntl, FILES | UI, IF(WHERE(1, F_GETFL))),
	CALL(fcntl, FILES | UI, IF(WHERE(1, F_SETFL))),
	CALL(fcntl, FILES, IF(WHERE(1, F_SETFD))),
	CALL(fcntl, SERVER, IF(WHERE(1, F_GETFD))),
	CALL(fcntl, REPORTER | SINK_NET | SERVER, IF(WHERE(1, F_SETLK))),
	CALL(fcntl, REPORTER | SINK_NET | SERVER, IF(WHERE(1, F_GETLK))),

	/* connections: streams alone */
	CALL(socket, SINK_NET, IF(WHERE(0, AF_UNIX), TYPE(1, SOCK_STREAM))),
	CALL(socket, SINK_NET, IF(WHERE(0, AF_INET), TYPE(1, SOCK_STREAM))),
	CALL(socket, SINK_NET, IF(WHERE(0, AF_INET6), TYPE(1, SOCK_STREAM))),
	CALL(connect, SINK_NET),
	CALL(shutdown, SINK_NET | MAIN),
	CALL(accept4, MAIN),
	CALL(sendto, SINK_NET | MAIN),
	CALL(recvfrom, SINK_NET | MAIN),
	CALL(getsockopt, SINK_NET | MAIN),
	CALL(setsockopt, SINK_NET, IF(WHERE(1, SOL_SOCKET))),
	CALL(setsockopt, SINK_NET, IF(WHERE(1, IPPROTO_TCP))),
	CALL(getsockname, SINK_NET),
	CALL(getpeername, SINK_NET),

	/* those who connect to the manager */
	CALL(epoll_ctl, MAIN | SERVER), /* main: as it clears up */
	CALL(epoll_wait, SERVER),
	CALL(epoll_pwait, SERVER),
	CALL(epoll_pwait2, SERVER),
	CALL(accept4, SERVER),
	CALL(shutdown, SERVER),
	CALL(getsockopt, SERVER),
	CALL(setsockopt, SERVER, IF(WHERE(1, SOL_SOCKET))),
	CALL(setsockopt, SERVER, IF(WHERE(1, IPPROTO_TCP))),
	CALL(getpeername, SERVER),
	CALL(ioctl, SERVER, IF(WHERE(1, FIONREAD))),

	/* signals and the terminal */
	CALL(rt_sigaction, MAIN | UI),
	CALL(rt_sigtimedwait, MAIN),
	CALL(wait4, MAIN),
	CALL(sigaltstack, MAIN),
	CALL(getrusage, MAIN | REPORTER),
	CALL(ioctl, MAIN | REPORTER | UI, IF(WHERE(1, TCGETS))),
	CALL(ioctl, MAIN | UI, IF(WHERE(1, TIOCGWINSZ))),
	CALL(ioctl, MAIN | UI, IF(WHERE(1, TCSETS))),
	CALL(ioctl, MAIN | UI, IF(WHERE(1, TCSETSW))),
	CALL(ioctl, MAIN | UI, IF(WHERE(1, TCSETSF))),
};

static const char *const class_names[] = {
	[SANDBOX_MAIN] = "main",         [SANDBOX_WORKER] = "worker",
	[SANDBOX_OBSERVER] = "observer", [SANDBOX_REPORTER] = "reporter",
	[SANDBOX_SINK_NET] = "sink-net", [SANDBOX_UI] = "ui",
	[SANDBOX_SERVER] = "server",
};
static_assert(COUNT_OF(class_names) == SANDBOX_CLASSES, "a name for each class");

/* Made once by sandbox_enter, before there are threads; then only read. */
static struct sock_fprog programs[SANDBOX_CLASSES];
static int landlock_abi;
static bool entered;
static atomic_uint confined[SANDBOX_CLASSES];

const char *sandbox_class_name(enum sandbox_class class)
{
	return class_names[class];
}

int sandbox_refuse(char why[SANDBOX_WHY], int error, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(why, SANDBOX_WHY, format, args);
	va_end(args);
	len = strlen(why);
	snprintf(why + len, SANDBOX_WHY - len, ": %s", strerror(-error));
	return error;
}

/* ---- the filters of the classes ---- */

static unsigned row_conditions(const struct row *r, struct scmp_arg_cmp out[2])
{
	unsigned count = 0;

	for (; count < COUNT_OF(r->is) && r->is[count].mask; count++)
		out[count] = SCMP_CMP(r->is[count].arg, SCMP_CMP_MASKED_EQ, r->is[count].mask,
		                      r->is[count].value);
	return count;
}

/* A row for the packet sockets is one rule for each of them. */
static int row_allow(scmp_filter_ctx f, const struct row *r, const struct sandbox_plan *plan)
{
	struct scmp_arg_cmp is[3];
	const unsigned count = row_conditions(r, is);
	int error = 0;

	if (!r->on_sockets)
		return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, r->call, count, is);
	for (unsigned i = 0; i < plan->socket_count && error == 0; i++) {
		is[count] = SANDBOX_IS(0, plan->sockets[i]);
		error = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, r->call, count + 1, is);
	}
	return error;
}

/* libseccomp gives a program only through a descriptor. */
static int program_read(int fd, struct sock_fprog *out)
{
	const off_t bytes = lseek(fd, 0, SEEK_END);
	const size_t size = bytes > 0 ? (size_t)bytes : 0;

	if (size == 0 || size / sizeof *out->filter > BPF_MAXINSNS)
		return -E2BIG;
	out->len = (unsigned short)(size / sizeof *out->filter);
	out->filter = malloc(size);
	if (!out->filter)
		return -ENOMEM;
	return pread(fd, out->filter, size, 0) == bytes ? 0 : -EIO;
}

static int program_export(scmp_filter_ctx f, struct sock_fprog *out)
{
	const int fd = memfd_create("seccomp", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	int error = seccomp_export_bpf(f, fd);

	error = error ? error : program_read(fd, out);
	close(fd);
	return error;
}

static int class_rules(scmp_filter_ctx f, unsigned class, const struct sandbox_plan *plan)
{
	int error = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (error == 0)
		error = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (unsigned i = 0; i < COUNT_OF(rows) && error == 0; i++) {
		if (rows[i].classes & 1u << class)
			error = row_allow(f, &rows[i], plan);
	}
	return error;
}

static int class_make(unsigned class, const struct sandbox_plan *plan, char why[SANDBOX_WHY])
{
	const scmp_filter_ctx f = seccomp_init(SANDBOX_FORBID);
	int error = f ? class_rules(f, class, plan) : -ENOMEM;

	if (error == 0)
		error = program_export(f, &programs[class]);
	seccomp_release(f);
	return error ? sandbox_refuse(why, error, "cannot make the filter of class %s",
	                              class_names[class])
	             : 0;
}

static int classes_make(const struct sandbox_plan *plan, char why[SANDBOX_WHY])
{
	int error = 0;

	for (unsigned class = 0; class < SANDBOX_CLASSES && error == 0; class ++)
		error = class_make(class, plan, why);
	return error;
}

/* ---- a mistake names itself ---- */

#ifdef HAVAINTO_SECCOMP_LOG
static _Thread_local const char *thread_class = "none yet";

static void forbidden(int signal, siginfo_t *info, void *context)
{
	char line[160];
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, info->si_syscall);
	const int len =
		snprintf(line, sizeof line, "havainto: seccomp: class %s may not call %s (%d)\n",
	                 thread_class, name ? name : "?", info->si_syscall);

	(void)signal;
	(void)context;
	(void)!write(STDERR_FILENO, line, (size_t)len);
	_exit(128 + SIGSYS);
}

static void forbidden_names_itself(void)
{
	const struct sigaction action = {.sa_sigaction = forbidden, .sa_flags = SA_SIGINFO};

	sigaction(SIGSYS, &action, NULL);
}

static void thread_names_itself(enum sandbox_class class)
{
	sigset_t set;

	thread_class = class_names[class];
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
#else
static void forbidden_names_itself(void)
{
}

static void thread_names_itself(enum sandbox_class class)
{
	(void)class;
}
#endif

/* ---- entering ---- */

#ifdef HAVAINTO_SANITIZED
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

int sandbox_enter(const struct sandbox_plan *plan, char why[SANDBOX_WHY])
{
	struct sandbox_user user;
	int error = sandbox_find_user(plan->user, &user, why);

	assert(!entered);
	if (error || sanitized)
		return error;
	if (plan->socket_count > SANDBOX_SOCKETS)
		return sandbox_refuse(
			why, -E2BIG,
			"cannot keep %u packet sockets silent, only %d (fewer workers or "
			"interfaces)",
			plan->socket_count, SANDBOX_SOCKETS);
	forbidden_names_itself();
	error = classes_make(plan, why);
	error = error ? error : privilege_drop(&user, why);
	error = error ? error : landlock_restrict(plan, &landlock_abi, why);
	error = error ? error : silence_enforce(plan->sockets, plan->socket_count, why);
	entered = error == 0;
	return error;
}

int sandbox_thread(enum sandbox_class class)
{
	if (sanitized)
		return 0;
	assert(entered);
	thread_names_itself(class);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &programs[class]))
		return -errno;
	atomic_fetch_add(&confined[class], 1);
	return 0;
}

struct sandbox_state sandbox_state(void)
{
	struct sandbox_state s = {
		.uid = getuid(),
		.euid = geteuid(),
		.gid = getgid(),
		.capabilities = privilege_capabilities(),
		.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
		.landlock_abi = landlock_abi,
		.seccomp_mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0),
		.sanitized = sanitized,
	};

	for (unsigned class = 0; class < SANDBOX_CLASSES; class ++)
		s.confined[class] = atomic_load(&confined[class]);
	return s;
}
